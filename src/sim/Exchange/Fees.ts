/**
 * What an exchange takes of a trade, and in which asset.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../Refusal.js"
import * as Instruments from "./Instruments.js"
import * as Market from "./Market.js"

/**
 * Fee rates as fractions of what they are taken of. Orders of type market, IOC and FOK always take liquidity, so that
 * only `taker` is charged for them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schedule {
  readonly taker: Decimal.Decimal
  readonly maker: Decimal.Decimal
}

/**
 * A token of the venue that fees are paid in as long as the account holds enough of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Token {
  readonly asset: Asset.Asset
  /** Taker rate after the discount. */
  readonly rate: Decimal.Decimal
  /** Dollars of one token, where they are fixed. */
  readonly fixed: Decimal.Decimal | undefined
  readonly price: Market.Source
}

/**
 * A fee in the asset that it is paid in.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fee {
  readonly asset: Asset.Asset
  readonly amount: Amount.Amount
}

/**
 * The fee on `amount`: amount × rate, up to 1e-18.
 *
 * @category combinators
 * @since 0.1.0
 */
export const on = (amount: Amount.Amount, rate: Decimal.Decimal): Amount.Amount =>
  rate.value === 0n ? 0n : Amount.times(amount, rate, 1n, "up")

/** What a fee takes out of an account that moves in steps of 1e-8. @category combinators @since 0.1.0 */
export const debit = (amount: Amount.Amount): Amount.Amount => Amount.quantize(amount, Instruments.quantum, "up")

/**
 * The fee of a trade in the token of the venue: its worth in the quote × rate × dollars per quote / dollars per token,
 * up to 1e-18. `undefined` where `held` of the token does not pay it: then the fee is the one without the token.
 * Refused where the token has no price.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inToken = (
  market: Market.Market,
  { asset, fixed, price, rate }: Token,
  worth: Amount.Amount,
  held: Amount.Amount,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Fee | undefined, Refusal.Refusal> => {
  const per = fixed === undefined ? Market.read(market.venue, price, snapshot) : Either.right(fixed)
  if (Either.isLeft(per)) return Either.left(per.left)
  if (per.right.value <= 0n) {
    return Either.left(Refusal.make("market_data", `the price of ${asset} at ${market.venue} is not above 0`))
  }
  const quote = MarketSnapshot.price(snapshot, market.quote)
  if (Either.isLeft(quote)) return Either.left(Refusal.missingData(quote.left))
  const factor = Decimal.multiply(rate, quote.right)
  const divisor = Decimal.make(per.right.value * Decimal.pow10(factor.scale), per.right.scale)
  const amount = Amount.over(worth * factor.value, divisor, 1n, "up")
  return Either.right(debit(amount) <= held ? { asset, amount } : undefined)
}
