/**
 * How time passes for perpetual positions: the extremes of the step that is over, funding, and the marks.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Instants from "../../domain/Instants.js"
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Borrowing from "./Borrowing.js"
import * as Extremes from "./Extremes.js"
import * as Instruments from "./Instruments.js"
import * as Interest from "./Interest.js"
import * as Liquidation from "./Liquidation.js"
import * as Margin from "./Margin.js"
import * as Market from "./Market.js"
import * as Position from "./Position.js"
import * as Shortfall from "./Shortfall.js"

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

/**
 * Instants at which a mark, an extreme of a mark or a funding rate of an open position is observed, or the price of
 * collateral; and every full hour while something is owed.
 *
 * @category combinators
 * @since 0.1.0
 */
export const due = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): ReadonlyArray<Timestamp.Timestamp> => {
  const { backing, collateral, markets, slot } = context
  const { positions } = slot.get(world)
  const owes = Borrowing.owes(context, world)
  if (positions.size === 0 && !owes) return []
  const series = new Set<string>()
  for (const position of positions.values()) {
    const market = markets.perp(position.instrument)
    if (Either.isLeft(market)) continue
    const { funding, price } = market.right
    for (const name of [price.series, funding.series, ...Extremes.series(price.series)]) series.add(name)
  }
  for (const coin of collateral?.ratios.keys() ?? []) {
    if (World.balance(world, backing, coin) !== 0n) series.add(`price.${coin}`)
  }
  const instants: Array<Timestamp.Timestamp> = owes ? [...Interest.hours(world.at, snapshot.at)] : []
  for (const name of series) {
    for (const { at } of snapshot.since(name, world.at)) instants.push(at)
  }
  // Now too, so that marks or rates that have ended are noticed.
  if (snapshot.at > world.at) instants.push(snapshot.at)
  return instants
}

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

/** What a payment comes to where the margin that it is taken of does not cover it. */
interface Paid {
  readonly position: Position.Position
  readonly covered: Shortfall.Covered
}

/** Out of the margin of the position itself, which gains at the mark add to. */
const payIsolated = (
  position: Position.Position,
  margin: Amount.Amount,
  credited: Amount.Amount,
  market: Market.Perpetual,
  state: Margin.State,
  mark: Decimal.Decimal
): Paid => {
  const short = -credited - margin
  const drawn = short > 0n ? Amount.min(short, Position.gains(position, mark)) : 0n
  const missing = short > drawn ? short - drawn : 0n
  return {
    position: { ...Position.draw(position, drawn), margin: margin + credited + drawn + missing },
    covered: {
      entries: Entry.move(market.contra, market.account, market.quote, drawn, "realised"),
      state,
      missing,
      sold: new Map(),
      fee: 0n
    }
  }
}

/** Out of the account: its balance, then what it borrows, or else gains that are not realised. */
const payCross = (
  context: Margin.Context,
  held: Margin.Held,
  position: Position.Position,
  credited: Amount.Amount,
  market: Market.Perpetual,
  marks: Margin.Marks
): Either.Either<Paid, Refusal.Refusal> => {
  const short = -credited - (held.balance(market.quote) - Margin.locked(held.state, market.quote))
  if (short <= 0n || context.collateral !== undefined) return Either.right({ position, covered: Shortfall.none(held.state) })
  return Either.map(Margin.cross(context, held, market.quote, marks), ({ exposures }) => {
    const covered = Shortfall.draw(context.backing, held.state, exposures, market.quote, short)
    return { position: covered.state.positions.get(market.symbol) ?? position, covered }
  })
}

const settleOne = (
  context: Margin.Context,
  market: Market.Perpetual,
  before: World.World,
  position: Position.Position,
  rate: MarketSnapshot.Observation,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Simulation.Stepped<Outcome.Accrual>, Refusal.Refusal> => {
  const { account, contra, fundingContra, quote, rounding, symbol, venue } = market
  const marks = Margin.marks(snapshot)
  const mark = marks.perp(market)
  if (Either.isLeft(mark)) return Either.left(mark.left)
  const exact = payment(position.size, mark.right, rate.value)
  const { credited, remainder } = credit(position.fundingRemainder, exact)
  const held = Margin.held(context, before)
  const paid = position.margin === undefined
    ? payCross(context, held, position, credited, market, marks)
    : Either.right(payIsolated(position, position.margin, credited, market, held.state, mark.right))
  if (Either.isLeft(paid)) return Either.left(paid.left)
  const { covered, position: after } = paid.right
  const entries = [
    ...covered.entries,
    ...Entry.move(contra, account, quote, covered.missing, "liquidation"),
    ...Entry.move(fundingContra, account, quote, exact, "funding"),
    ...Entry.move(account, rounding, quote, exact - credited, "rounding")
  ]
  const positions = new Map(covered.state.positions).set(symbol, { ...after, fundingRemainder: remainder })
  return Either.flatMap(World.post(before, entries, Borrowing.mayOwe(context)), (posted) => {
    const world = context.slot.set(posted, { positions })
    return Either.map(Margin.of(context, Margin.held(context, world), positions.get(symbol)!, marks), (stands) => ({
      world,
      value: {
        id: `funding:${venue}:${symbol}:${Timestamp.format(rate.at)}`,
        kind: "funding" as const,
        venue,
        account,
        at: rate.at,
        entries,
        detail: {
          symbol,
          rate: Decimal.format(rate.value),
          mark: Decimal.format(mark.right),
          size: Amount.format(position.size),
          amount: Amount.format(exact),
          margin_balance: Amount.format(stands.marginBalance),
          maintenance_margin: Amount.format(stands.maintenance),
          margin_ratio: Shortfall.ratioText(stands),
          ...(covered.missing === 0n ? {} : { insurance_fund: Amount.format(covered.missing) }),
          ...Shortfall.detail(covered)
        }
      }
    }))
  })
}

/** A rate whose provider does not say of which settlement it is: who held the position then is not known any more. */
const unscheduled = (series: string, at: Timestamp.Timestamp): Refusal.Refusal =>
  Refusal.make("market_data", `series ${series}: the settlement recorded at ${Timestamp.format(at)} stands at no instant of a schedule`, {
    field: series,
    expected: Timestamp.format(Instants.scheduled(at)),
    actual: Timestamp.format(at)
  })

/** Settles the rates observed since the world was settled, for the positions that are open. */
const payAll = (
  context: Margin.Context,
  before: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal> => {
  let world = before
  const accruals: Array<Outcome.Accrual> = []
  for (const [symbol, { instrument }] of context.slot.get(before).positions) {
    const market = context.markets.perp(instrument)
    if (Either.isLeft(market)) return Either.left(market.left)
    for (const rate of snapshot.since(market.right.funding.series, before.at)) {
      if (Instants.scheduled(rate.at) !== rate.at) return Either.left(unscheduled(market.right.funding.series, rate.at))
      const position = context.slot.get(world).positions.get(symbol)!
      const settled = settleOne(context, market.right, world, position, rate, snapshot)
      if (Either.isLeft(settled)) return Either.left(settled.left)
      world = settled.right.world
      accruals.push(settled.right.value)
    }
  }
  return Either.right({ world, value: accruals })
}

/**
 * What an instant brings the open positions, in the order in which it happened: interest on what is owed; the extremes
 * of the step that ends there, at which whatever is not maintained is liquidated; then the funding rates observed in
 * `(world.at, snapshot.at]`, for the positions that are left, each by the mark as of the snapshot; then the marks.
 * Refused where there is no mark, or where marks or rates have ended.
 *
 * @category combinators
 * @since 0.1.0
 */
export const settle = (
  context: Margin.Context,
  before: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal> => {
  const { positions } = context.slot.get(before)
  if (positions.size === 0 && !Borrowing.owes(context, before)) return Either.right({ world: before, value: [] })
  for (const { instrument } of positions.values()) {
    const known = Either.flatMap(context.markets.perp(instrument), (market) => fresh(market, snapshot))
    if (Either.isLeft(known)) return Either.left(known.left)
  }
  const charged = Interest.settle(context, before, snapshot)
  if (Either.isLeft(charged)) return Either.left(charged.left)
  const owing = charged.right.world
  const step = Liquidation.checkStep(context, owing, snapshot.at, Extremes.paths(context, owing, snapshot))
  if (Either.isLeft(step)) return Either.left(step.left)
  const paid = payAll(context, step.right.world, snapshot)
  if (Either.isLeft(paid)) return Either.left(paid.left)
  const checked = Liquidation.check(context, paid.right.world, snapshot.at, Extremes.still(snapshot))
  return Either.map(checked, ({ value, world }) => ({
    world,
    value: [...charged.right.value, ...step.right.value, ...paid.right.value, ...value]
  }))
}
