/**
 * What an account pays that its balance of a coin does not cover: gains are realised, and collateral is sold.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import * as Haircuts from "./Haircuts.js"
import * as Margin from "./Margin.js"
import * as Position from "./Position.js"

/**
 * How a shortfall was made up.
 *
 * @category models
 * @since 0.1.0
 */
export interface Covered {
  readonly entries: ReadonlyArray<Entry.Entry>
  /** With the gains drawn. */
  readonly state: Margin.State
  /** What is still missing. */
  readonly missing: Amount.Amount
  /** Amounts of collateral sold, by coin. */
  readonly sold: ReadonlyMap<Asset.Asset, Amount.Amount>
  /** Fees of the sales, in the coin that was missing. */
  readonly fee: Amount.Amount
}

/** Nothing was missing. @category constructors @since 0.1.0 */
export const none = (state: Margin.State): Covered => ({ entries: [], state, missing: 0n, sold: new Map(), fee: 0n })

/**
 * Makes up `missing` of a coin, a multiple of 1e-8, with gains that are not realised: of positions in cross margin that
 * settle in the coin, the largest first, at their marks and without a trade. What they do not bring stays missing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const draw = (
  account: Account.Account,
  state: Margin.State,
  exposures: ReadonlyArray<Margin.Exposure>,
  coin: Asset.Asset,
  missing: Amount.Amount
): Covered => {
  if (missing <= 0n) return none(state)
  const gaining = exposures
    .filter(({ position, unrealised }) => position.instrument.quote === coin && unrealised > 0n)
    .sort((a, b) => (a.unrealised < b.unrealised ? 1 : -1))
  const positions = new Map(state.positions)
  const entries: Array<Entry.Entry> = []
  let left = missing
  for (const { mark, position, symbol } of gaining) {
    const amount = Amount.min(left, Position.gains(position, mark))
    if (amount === 0n) continue
    positions.set(symbol, Position.draw(position, amount))
    entries.push(...Entry.move(Account.contra("market", Account.venue(account)), account, coin, amount, "realised"))
    left -= amount
  }
  return { entries, state: { positions }, missing: left, sold: new Map(), fee: 0n }
}

/** A coin that can be sold. */
interface Offer {
  readonly coin: Asset.Asset
  readonly amount: Amount.Amount
  /** Dollars per coin. */
  readonly price: Decimal.Decimal
  readonly value: Amount.Amount
}

const offers = (
  { ratios }: Haircuts.Collateral,
  held: Margin.Held,
  into: Asset.Asset,
  marks: Margin.Marks
): ReadonlyArray<Offer> =>
  [...ratios.keys()].flatMap((coin) => {
    const amount = held.balance(coin) - Margin.locked(held.state, coin)
    const price = marks.coin(coin)
    return coin === into || amount <= 0n || Either.isLeft(price)
      ? []
      : [{ coin, amount, price: price.right, value: Amount.times(amount, price.right, 1n, "down") }]
  }).sort((a, b) => (a.value < b.value ? 1 : -1))

/**
 * A sale of collateral.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sold extends Haircuts.Sale {
  readonly coin: Asset.Asset
  /** Dollars per coin. */
  readonly price: Decimal.Decimal
  readonly entries: ReadonlyArray<Entry.Entry>
}

/**
 * The sales that bring `needed` of a coin, a multiple of 1e-8: of coins that back positions together, the most valuable
 * first, at their price less the fee, until nothing is missing or nothing is left.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sales = (
  { backing, collateral }: Pick<Margin.Context, "backing" | "collateral">,
  held: Margin.Held,
  into: Asset.Asset,
  needed: Amount.Amount,
  marks: Margin.Marks
): ReadonlyArray<Sold> => {
  const price = marks.coin(into)
  if (collateral === undefined || Either.isLeft(price)) return []
  const venue = Account.venue(backing)
  const [market, fees, rounding] = [Account.contra("market", venue), Account.contra("liquidation_fee", venue), Account.contra("rounding", venue)]
  const all: Array<Sold> = []
  let missing = needed
  for (const offer of offers(collateral, held, into, marks)) {
    if (missing <= 0n) break
    const sale = Haircuts.sell(offer.amount, missing, offer.price, price.right, collateral.fee)
    all.push({
      ...sale,
      coin: offer.coin,
      price: offer.price,
      entries: [
        ...Entry.move(backing, market, offer.coin, sale.amount, "liquidation"),
        ...Entry.move(market, backing, into, sale.gross, "liquidation"),
        ...Entry.move(backing, fees, into, sale.fee, "liquidation_fee"),
        ...Entry.move(backing, rounding, into, sale.gross - sale.fee - sale.net, "rounding")
      ]
    })
    missing -= sale.net
  }
  return all
}

/** What of `needed` the sales do not bring. @category combinators @since 0.1.0 */
export const missingAfter = (needed: Amount.Amount, sales: ReadonlyArray<Sold>): Amount.Amount => {
  const missing = sales.reduce((left, { net }) => left - net, needed)
  return missing < 0n ? 0n : missing
}

/** {@link sales} as what covers the amount needed. @category combinators @since 0.1.0 */
export const sell = (
  context: Pick<Margin.Context, "backing" | "collateral">,
  held: Margin.Held,
  into: Asset.Asset,
  needed: Amount.Amount,
  marks: Margin.Marks
): Covered => {
  const all = sales(context, held, into, needed, marks)
  return {
    entries: all.flatMap(({ entries }) => entries),
    state: held.state,
    sold: new Map(all.map(({ amount, coin }) => [coin, amount])),
    fee: all.reduce((sum, { fee }) => sum + fee, 0n),
    missing: missingAfter(needed, all)
  }
}

/** Detail of the collateral sold: amounts by coin. @category combinators @since 0.1.0 */
export const detail = ({ sold }: Covered): { readonly sold?: { readonly [coin: string]: string } } =>
  sold.size === 0 ? {} : { sold: Object.fromEntries([...sold].map(([coin, amount]) => [coin, Amount.format(amount)])) }

/** A ratio as text, for the detail of an accrual. @category combinators @since 0.1.0 */
export const ratioText = (standing: Margin.Standing): string => {
  const ratio = Margin.ratio(standing)
  return ratio === undefined ? "none" : Decimal.format(ratio)
}
