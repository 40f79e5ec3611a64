/**
 * Oracle prices of the simulated markets: units of the loan token for one unit of the collateral, times 1e36.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../../sim/Refusal.js"
import * as SharesMath from "./SharesMath.js"

/**
 * Where a market's oracle looks: at what the protocol of a liquid staking token redeems it for, at what the market pays
 * for it, or at one price that stays, in loan tokens per collateral token.
 *
 * @category models
 * @since 0.1.0
 */
export type Rule = MarketSnapshot.ShareRate | { readonly price: Decimal.Decimal }

/**
 * A pair whose price an oracle gives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pair {
  readonly loan: Asset.Asset
  readonly collateral: Asset.Asset
  readonly oracle: Rule
}

/** A token as a number of units of what its price comes from: 1.04 ETH for a weETH. */
interface Valued {
  readonly rate: ReadonlyArray<string>
  readonly base: Asset.Asset
}

const valued = (asset: Asset.Asset, rate: MarketSnapshot.ShareRate): Valued => {
  const token = Asset.token(asset)
  if (token?.shareOf === undefined) return { rate: [], base: token?.pricedAs ?? asset }
  const whole = valued(token.shareOf, rate)
  return { rate: [MarketSnapshot.rateSeries(token, rate), ...whole.rate], base: whole.base }
}

/** The base cancels where both sides share it, and no price of it is needed. */
const read = (
  snapshot: MarketSnapshot.MarketSnapshot,
  side: Valued,
  cancels: boolean
): Either.Either<Decimal.Decimal, MarketSnapshot.Missing> => {
  let product: Either.Either<Decimal.Decimal, MarketSnapshot.Missing> = cancels
    ? Either.right(Decimal.one)
    : MarketSnapshot.price(snapshot, side.base)
  for (const series of side.rate) {
    product = Either.flatMap(product, (so) => Either.map(MarketSnapshot.value(snapshot, series), (rate) => Decimal.multiply(so, rate)))
  }
  return product
}

/**
 * The oracle's price, rounded down: `collateral / loan * 10^(36 + loan decimals - collateral decimals)`. Refused where
 * a series is missing or too old, where a price is not positive, and where it is more than the contracts can count to.
 *
 * @category combinators
 * @since 0.1.0
 */
export const price = (snapshot: MarketSnapshot.MarketSnapshot, pair: Pair): Either.Either<bigint, Refusal.Refusal> => {
  const scale = 36 + Asset.decimals(pair.loan) - Asset.decimals(pair.collateral)
  const { oracle } = pair
  if (typeof oracle === "object") return checked(pair, Decimal.toScale(oracle.price, scale, "down"))
  const collateral = valued(pair.collateral, oracle)
  const loan = valued(pair.loan, oracle)
  const cancels = collateral.base === loan.base
  const above = read(snapshot, collateral, cancels)
  if (Either.isLeft(above)) return Either.left(Refusal.missingData(above.left))
  const below = read(snapshot, loan, cancels)
  if (Either.isLeft(below)) return Either.left(Refusal.missingData(below.left))
  return below.right.value > 0n
    ? checked(pair, Decimal.quotient(above.right, below.right, scale, "down").value)
    : checked(pair, 0n)
}

const checked = ({ collateral, loan }: Pair, price: bigint): Either.Either<bigint, Refusal.Refusal> =>
  price > 0n && price <= SharesMath.maxUint256
    ? Either.right(price)
    : Either.left(
      Refusal.make("market_data", `the oracle price of ${collateral} in ${loan} is ${price} (times 1e36, in units of the tokens)`, {
        expected: "a price above 0 and below 2^256",
        actual: price.toString()
      })
    )

/** The series that {@link price} reads. @category combinators @since 0.1.0 */
export const series = (snapshot: MarketSnapshot.MarketSnapshot, { collateral, loan, oracle }: Pair): ReadonlyArray<string> => {
  if (typeof oracle === "object") return []
  const sides = [valued(collateral, oracle), valued(loan, oracle)] as const
  const bases = sides[0].base === sides[1].base ? [] : sides.map(({ base }) => `price.${base}`).filter((name) => snapshot.has(name))
  return [...sides[0].rate, ...sides[1].rate, ...bases]
}
