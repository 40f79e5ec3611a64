/**
 * How time passes for perpetual positions: funding, and the watch over maintenance margin.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Instruments from "./Instruments.js"
import * as Margin from "./Margin.js"
import * as Market from "./Market.js"
import type * as Position from "./Position.js"

/**
 * Funding of a position at one settlement, in the settlement coin: −size × mark × rate, down to 1e-18. A short
 * receives where the rate is above zero.
 *
 * @category combinators
 * @since 0.1.0
 */
export const payment = (size: Amount.Amount, mark: Decimal.Decimal, rate: Decimal.Decimal): Amount.Amount =>
  Amount.times(-size, Decimal.multiply(mark, rate), 1n, "down")

/**
 * What of a payment reaches the account in steps of 1e-8, with what earlier ones left over; the rest is left for the
 * next. So all that was credited differs from the exact sum by less than 1e-8 at any time.
 *
 * @category combinators
 * @since 0.1.0
 */
export const credit = (
  remainder: Amount.Amount,
  exact: Amount.Amount
): { readonly credited: Amount.Amount; readonly remainder: Amount.Amount } => {
  const total = remainder + exact
  const credited = Amount.quantize(total, Instruments.quantum, "down")
  return { credited, remainder: total - credited }
}

/** Instants at which a mark or a funding rate of an open position is observed. @category combinators @since 0.1.0 */
export const due = (
  { markets, slot }: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): ReadonlyArray<Timestamp.Timestamp> => {
  const { positions } = slot.get(world)
  if (positions.size === 0) return []
  const instants: Array<Timestamp.Timestamp> = []
  for (const position of positions.values()) {
    const market = markets.perp(position.instrument)
    if (Either.isLeft(market)) continue
    for (const { at } of snapshot.since(market.right.price.series, world.at)) instants.push(at)
    for (const { at } of snapshot.since(market.right.funding.series, world.at)) instants.push(at)
  }
  // Now too, so that marks or rates that have ended are noticed.
  if (snapshot.at > world.at) instants.push(snapshot.at)
  return instants
}

const unpaid = (
  market: Market.Perpetual,
  held: Amount.Amount,
  credited: Amount.Amount,
  at: Timestamp.Timestamp
): Refusal.Refusal =>
  Refusal.make(
    "insufficient_margin",
    `${market.venue} (${market.sub}) holds ${Amount.format(held)} ${market.quote} at ${
      Timestamp.format(at)
    }, and funding of ${market.symbol} takes ${Amount.format(-credited)}`,
    { expected: `at least ${Amount.format(-credited)} ${market.quote}`, actual: Amount.format(held) }
  )

/** A position is not held on figures that have ended: no mark hides a loss, no rate makes it free. */
const fresh = (
  market: Market.Perpetual,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<void, Refusal.Refusal> => {
  const mark = Market.arrival(market, snapshot)
  if (Either.isLeft(mark)) return Either.left(mark.left)
  if (snapshot.observe(market.funding.series) === undefined) return Either.void
  return Either.mapBoth(MarketSnapshot.value(snapshot, market.funding.series), {
    onLeft: Refusal.missingData,
    onRight: () => undefined
  })
}

interface Settled {
  readonly world: World.World
  readonly position: Position.Position
  readonly accrual: Outcome.Accrual
}

const settleOne = (
  market: Market.Perpetual,
  world: World.World,
  position: Position.Position,
  rate: MarketSnapshot.Observation,
  mark: Decimal.Decimal
): Either.Either<Settled, Refusal.Refusal> => {
  const { account, quote, rounding, symbol, venue } = market
  const exact = payment(position.size, mark, rate.value)
  const { credited, remainder } = credit(position.fundingRemainder, exact)
  const held = World.balance(world, account, quote)
  if (held + credited < 0n) return Either.left(unpaid(market, held, credited, rate.at))
  const entries = [
    ...Entry.move(market.fundingContra, account, quote, exact, "funding"),
    ...Entry.move(account, rounding, quote, exact - credited, "rounding")
  ]
  return Either.map(World.post(world, entries), (next) => ({
    world: next,
    position: { ...position, fundingRemainder: remainder },
    accrual: {
      id: `funding:${venue}:${symbol}:${Timestamp.format(rate.at)}`,
      kind: "funding",
      venue,
      account,
      at: rate.at,
      entries,
      detail: {
        symbol,
        rate: Decimal.format(rate.value),
        mark: Decimal.format(mark),
        size: Amount.format(position.size),
        amount: Amount.format(exact)
      }
    }
  }))
}

/**
 * Settles the funding rates observed in `(world.at, snapshot.at]` for the positions open before, each by the mark as of
 * the snapshot, and then checks the maintenance margin of every coin whose positions saw a new rate or mark. Refused
 * where there is no mark, where the balance does not cover a payment, and on a breach.
 *
 * @category combinators
 * @since 0.1.0
 */
export const settle = (
  { markets, slot }: Margin.Context,
  before: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal> => {
  const state = slot.get(before)
  if (state.positions.size === 0) return Either.right({ world: before, value: [] })
  let world = before
  let positions: Map<string, Position.Position> | undefined
  const accruals: Array<Outcome.Accrual> = []
  const touched = new Map<string, Account.Account>()
  for (const [symbol, open] of state.positions) {
    const found = markets.perp(open.instrument)
    if (Either.isLeft(found)) return Either.left(found.left)
    const market = found.right
    const known = fresh(market, snapshot)
    if (Either.isLeft(known)) return Either.left(known.left)
    const rates = snapshot.since(market.funding.series, before.at)
    if (rates.length === 0 && snapshot.since(market.price.series, before.at).length === 0) continue
    touched.set(market.quote, market.account)
    let position = open
    for (const rate of rates) {
      const mark = Market.arrival(market, snapshot)
      if (Either.isLeft(mark)) return Either.left(mark.left)
      const settled = settleOne(market, world, position, rate, mark.right.price)
      if (Either.isLeft(settled)) return Either.left(settled.left)
      world = settled.right.world
      position = settled.right.position
      accruals.push(settled.right.accrual)
    }
    if (position !== open) (positions ??= new Map(state.positions)).set(symbol, position)
  }
  if (positions !== undefined) world = slot.set(world, { positions })
  for (const [coin, account] of touched) {
    const stands = Margin.standing(markets, slot.get(world), coin, World.balance(world, account, coin), snapshot)
    if (Either.isLeft(stands)) return Either.left(stands.left)
    const breach = Margin.breach(account, coin, stands.right, snapshot.at)
    if (breach !== undefined) return Either.left(breach)
  }
  return Either.right({ world, value: accruals })
}
