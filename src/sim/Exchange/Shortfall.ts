/**
 * What an account pays that its balance of a coin does not cover: gains are realised, collateral is sold.
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
}

/** Nothing was missing. @category constructors @since 0.1.0 */
export const none = (state: Margin.State): Covered => ({ entries: [], state, missing: 0n, sold: new Map() })

/** Realises gains of positions at their marks, the largest first, without a trade. */
const drawn = (
  account: Account.Account,
  state: Margin.State,
  exposures: ReadonlyArray<Margin.Exposure>,
  coin: Asset.Asset,
  missing: Amount.Amount
): Covered => {
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
  return { entries, state: { positions }, missing: left, sold: new Map() }
}

/** A coin that can be sold: what is held of it, and the gains that are drawn first where that is not enough. */
interface Offer {
  readonly coin: Asset.Asset
  readonly wallet: Amount.Amount
  readonly amount: Amount.Amount
  /** Dollars per coin. */
  readonly price: Decimal.Decimal
  readonly value: Amount.Amount
}

const offers = (
  { ratios }: Haircuts.Collateral,
  held: Margin.Held,
  exposures: ReadonlyArray<Margin.Exposure>,
  into: Asset.Asset,
  marks: Margin.Marks
): ReadonlyArray<Offer> =>
  [...ratios.keys()].flatMap((coin) => {
    const wallet = held.balance(coin) - Margin.locked(held.state, coin)
    const amount = exposures.reduce(
      (sum, { mark, position }) => (position.instrument.quote === coin ? sum + Position.gains(position, mark) : sum),
      wallet
    )
    const price = marks.coin(coin)
    return coin === into || amount <= 0n || Either.isLeft(price)
      ? []
      : [{ coin, wallet, amount, price: price.right, value: Amount.times(amount, price.right, 1n, "down") }]
  }).sort((a, b) => (a.value < b.value ? 1 : -1))

/** Sells other coins, the most valuable first, and of gains that settle in them as much as is not held. */
const sold = (
  account: Account.Account,
  collateral: Haircuts.Collateral,
  held: Margin.Held,
  exposures: ReadonlyArray<Margin.Exposure>,
  into: Asset.Asset,
  marks: Margin.Marks,
  before: Covered
): Covered => {
  const venue = Account.venue(account)
  const [market, fees, rounding] = [Account.contra("market", venue), Account.contra("fees", venue), Account.contra("rounding", venue)]
  const price = marks.coin(into)
  if (Either.isLeft(price)) return before
  const entries = [...before.entries]
  const sold = new Map(before.sold)
  let { missing, state } = before
  for (const offer of offers(collateral, held, exposures, into, marks)) {
    if (missing <= 0n) break
    const sale = Haircuts.sell(offer.amount, missing, offer.price, price.right, collateral.fee)
    const gained = drawn(account, state, exposures, offer.coin, sale.amount > offer.wallet ? sale.amount - offer.wallet : 0n)
    state = gained.state
    entries.push(
      ...gained.entries,
      ...Entry.move(account, market, offer.coin, sale.amount, "liquidation"),
      ...Entry.move(market, account, into, sale.gross, "liquidation"),
      ...Entry.move(account, fees, into, sale.fee, "fee"),
      ...Entry.move(account, rounding, into, sale.gross - sale.fee - sale.net, "rounding")
    )
    sold.set(offer.coin, sale.amount)
    missing -= sale.net
  }
  return { entries, state, sold, missing: missing < 0n ? 0n : missing }
}

/**
 * Makes up `missing` of a coin in the backing account, a multiple of 1e-8: first gains that are not realised, of
 * positions in cross margin that settle in the coin, the largest first; then, where coins back together, the sale of
 * the others and of gains in them, the most valuable first. What neither brings stays missing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const cover = (
  context: Margin.Context,
  held: Margin.Held,
  exposures: ReadonlyArray<Margin.Exposure>,
  coin: Asset.Asset,
  missing: Amount.Amount,
  marks: Margin.Marks
): Covered => {
  if (missing <= 0n) return none(held.state)
  const { backing, collateral } = context
  const first = drawn(backing, held.state, exposures, coin, missing)
  return first.missing === 0n || collateral === undefined
    ? first
    : sold(backing, collateral, held, exposures, coin, marks, first)
}

/** Detail of the collateral sold: amounts by coin. @category combinators @since 0.1.0 */
export const detail = ({ sold }: Covered): { readonly sold?: { readonly [coin: string]: string } } =>
  sold.size === 0 ? {} : { sold: Object.fromEntries([...sold].map(([coin, amount]) => [coin, Amount.format(amount)])) }

/** A ratio as text, for the detail of an accrual. @category combinators @since 0.1.0 */
export const ratioText = (standing: Margin.Standing): string => {
  const ratio = Margin.ratio(standing)
  return ratio === undefined ? "none" : Decimal.format(ratio)
}
