/**
 * What a venue does with positions whose margin balance falls below their maintenance margin.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Borrowing from "./Borrowing.js"
import type * as Extremes from "./Extremes.js"
import * as Instruments from "./Instruments.js"
import * as Margin from "./Margin.js"
import type * as Market from "./Market.js"
import * as Position from "./Position.js"
import * as Repayment from "./Repayment.js"
import * as Shortfall from "./Shortfall.js"
import * as Tiers from "./Tiers.js"

/** The standing of a position if its own mark were another. */
type Standing = (mark: Decimal.Decimal) => Either.Either<Margin.Standing, Refusal.Refusal>

const standingOf = (
  context: Margin.Context,
  held: Margin.Held,
  { market, position }: Margin.Exposure,
  marks: Margin.Marks
): Standing =>
(mark) =>
  Margin.of(context, held, position, {
    ...marks,
    perp: (other) => (other.symbol === market.symbol ? Either.right(mark) : marks.perp(other))
  })

const breached = (standing: Standing, mark: Decimal.Decimal): boolean => {
  const stands = standing(mark)
  return Either.isRight(stands) && !Margin.maintained(stands.right)
}

/**
 * The price at which a position is taken over: the first tick on the way from one end of the step to the other at which
 * the margin balance is below the maintenance margin, while everything else stands at the end of the way. The end
 * itself where nothing is known of the way, or where all of it is beyond.
 */
const takeover = (
  market: Market.Perpetual,
  size: Amount.Amount,
  standing: Standing,
  from: Decimal.Decimal,
  to: Decimal.Decimal
): Decimal.Decimal => {
  const { tick } = market.rule
  const long = size > 0n
  const index = (price: Decimal.Decimal, rounding: Decimal.Rounding) =>
    Instruments.roundPrice({ ...market.rule, significantFigures: undefined }, price, rounding).value / tick.value
  const price = (steps: bigint) => Decimal.make(steps * tick.value, tick.scale)
  if (Decimal.compare(from, to) === 0 || breached(standing, from)) return to
  let beyond = index(to, long ? "up" : "down")
  let safe = index(from, long ? "up" : "down")
  if (beyond === safe || !breached(standing, price(beyond))) return to
  while (beyond - safe > 1n || safe - beyond > 1n) {
    const middle = (beyond + safe) / 2n
    if (breached(standing, price(middle))) beyond = middle
    else safe = middle
  }
  return price(beyond)
}

interface Result {
  /** Negative for a loss. */
  readonly realised: Amount.Amount
  /** What the venue keeps of the margin where it takes positions over at their bankruptcy price. */
  readonly penalty: Amount.Amount
  /** What it charges otherwise. */
  readonly fee: Amount.Amount
  /** Paid by the insurance fund. */
  readonly insured: Amount.Amount
  readonly entries: ReadonlyArray<Entry.Entry>
  readonly covered: Shortfall.Covered
}

const without = ({ positions: all }: Margin.State, symbol: string): Margin.State => {
  const positions = new Map(all)
  positions.delete(symbol)
  return { positions }
}

/** What coins that back together are worth in one of them, without haircuts; 0 where that is less than nothing. */
const worthIn = ({ funds }: Margin.Standing, coin: Asset.Asset): Amount.Amount => {
  const price = funds.find((fund) => fund.coin === coin)?.price
  const worth = funds.reduce((sum, { price, unrealised, wallet }) => sum + Amount.times(wallet + unrealised, price, 1n, "down"), 0n)
  return price === undefined || worth <= 0n ? 0n : Amount.over(worth, price, 1n, "down")
}

/**
 * What pays the debit of a position that is closed. Elsewhere than where coins back together it is its own margin, or the
 * balance and the gains of the account. There the account borrows; with its last position gone, and worth less than it
 * owes, its collateral is sold.
 */
const covering = (
  context: Margin.Context,
  held: Margin.Held,
  { market: { quote }, position, symbol }: Margin.Exposure,
  standing: Margin.Standing,
  due: Amount.Amount,
  debit: Amount.Amount,
  marks: Margin.Marks
): Shortfall.Covered => {
  const state = without(held.state, symbol)
  const own = position.margin ?? held.balance(quote) - Margin.locked(held.state, quote)
  const others = position.margin === undefined ? standing.exposures.filter((other) => other.symbol !== symbol) : []
  if (position.margin !== undefined || context.collateral === undefined) {
    return Shortfall.draw(context.backing, state, others, quote, debit - own)
  }
  const balance = (coin: Asset.Asset) => (coin === quote ? held.balance(coin) - debit : held.balance(coin))
  const stands = Margin.cross(context, { state, balance }, quote, marks)
  if (others.length === 0 && Either.isRight(stands) && !Margin.maintained(stands.right)) {
    return Shortfall.sell(context, { ...held, state }, quote, debit - own, marks)
  }
  // A fee that nothing is left of is not taken: the debt for it would be the venue's own.
  const left = worthIn(standing, quote)
  return { ...Shortfall.none(state), missing: left < due ? due - left : 0n }
}

/** Charges a position that is closed; what nobody can pay the insurance fund does. */
const charge = (
  context: Margin.Context,
  held: Margin.Held,
  exposure: Margin.Exposure,
  standing: Margin.Standing,
  price: Decimal.Decimal,
  marks: Margin.Marks
): Result => {
  const { market, position } = exposure
  const { account, contra, margin, quote, rounding, venue } = market
  const notional = Position.notional(position, price)
  const due = margin.liquidation === "maintenance"
    ? Tiers.maintenance(margin, notional)
    : Amount.times(notional, margin.liquidation, 1n, "up")
  const realised = Position.unrealised(position, price)
  const debit = Amount.quantize(due - realised, Instruments.quantum, "up")
  const covered = covering(context, held, exposure, standing, due, debit, marks)
  // The charge is taken of what is left, and only a loss beyond all of it is made good.
  const charged = covered.missing < due ? due - covered.missing : 0n
  const [penalty, fee] = margin.liquidation === "maintenance" ? [charged, 0n] : [0n, charged]
  const insured = covered.missing > due ? covered.missing - due : 0n
  const net = realised - charged + insured
  return {
    realised,
    penalty,
    fee,
    insured,
    covered,
    entries: [
      ...covered.entries,
      ...Entry.move(contra, account, quote, realised, "realised"),
      ...Entry.move(account, Account.contra("liquidation_penalty", venue), quote, penalty, "liquidation_penalty"),
      ...Entry.move(account, Account.contra("liquidation_fee", venue), quote, fee, "liquidation_fee"),
      ...Entry.move(contra, account, quote, insured, "liquidation"),
      ...Entry.move(account, rounding, quote, net - Amount.quantize(net, Instruments.quantum, "down"), "rounding")
    ]
  }
}

const close = (
  context: Margin.Context,
  world: World.World,
  at: Timestamp.Timestamp,
  exposure: Margin.Exposure,
  path: Extremes.Path
): Either.Either<Simulation.Stepped<Outcome.Accrual>, Refusal.Refusal> => {
  const { market, mark, position, symbol } = exposure
  const held = Margin.held(context, world)
  const standing = standingOf(context, held, exposure, path)
  const price = Either.map(path.from(market), (from) => takeover(market, position.size, standing, from, mark))
  if (Either.isLeft(price)) return Either.left(price.left)
  const stands = standing(price.right)
  if (Either.isLeft(stands)) return Either.left(stands.left)
  const { covered, entries, fee, insured, penalty, realised } = charge(context, held, exposure, stands.right, price.right, path)
  return Either.map(World.post(world, entries, Borrowing.mayOwe(context)), (next) => ({
    world: context.slot.set(next, covered.state),
    value: {
      id: `liquidation:${market.venue}:${symbol}:${Timestamp.format(at)}`,
      kind: "liquidation",
      venue: market.venue,
      account: market.account,
      at,
      entries,
      liquidation: {
        symbol,
        size: position.size,
        price: price.right,
        priceIn: market.quote,
        marginRatio: Margin.ratio(stands.right),
        asset: market.quote,
        loss: penalty + fee + covered.fee - insured - realised,
        penalty,
        fee: fee + covered.fee
      },
      detail: {
        symbol,
        margin_mode: position.margin === undefined ? "cross" : "isolated",
        size: Amount.format(position.size),
        entry_price: Decimal.format(Position.entryPrice(position)),
        mark: Decimal.format(price.right),
        extreme: Decimal.format(mark),
        margin_balance: Amount.format(stands.right.marginBalance),
        maintenance_margin: Amount.format(stands.right.maintenance),
        margin_ratio: Shortfall.ratioText(stands.right),
        unit: stands.right.unit,
        realised: Amount.format(realised),
        penalty: Amount.format(penalty),
        fee: Amount.format(fee),
        insurance_fund: Amount.format(insured),
        ...Shortfall.detail(covered)
      }
    }
  }))
}

const worst = (exposures: ReadonlyArray<Margin.Exposure>): Margin.Exposure =>
  exposures.reduce((least, one) => (one.unrealised < least.unrealised ? one : least))

/**
 * Closes positions that share margin, the largest loss first, until the rest is maintained; once all are closed, an
 * account that is worth less than it owes repays with its collateral.
 */
const untilMaintained = (
  context: Margin.Context,
  before: World.World,
  at: Timestamp.Timestamp,
  stand: (world: World.World) => Either.Either<Margin.Standing, Refusal.Refusal>,
  path: Extremes.Path,
  accruals: Array<Outcome.Accrual>
): Either.Either<World.World, Refusal.Refusal> => {
  let world = before
  for (;;) {
    const stands = stand(world)
    if (Either.isLeft(stands)) return Either.left(stands.left)
    if (Margin.maintained(stands.right)) return Either.right(world)
    if (stands.right.exposures.length === 0) {
      const repaid = Repayment.enforce(context, world, at, stands.right, path)
      if (Either.isLeft(repaid)) return Either.left(repaid.left)
      accruals.push(...repaid.right.value)
      return Either.right(repaid.right.world)
    }
    const closed = close(context, world, at, worst(stands.right.exposures), path)
    if (Either.isLeft(closed)) return Either.left(closed.left)
    world = closed.right.world
    accruals.push(closed.right.value)
  }
}

/** Coins each of which stands for what shares margin: one where coins back together and anything is held or owed by it. */
const pools = (context: Margin.Context, world: World.World): ReadonlyArray<Asset.Asset> => {
  const coins = new Set<Asset.Asset>()
  for (const { instrument, margin } of context.slot.get(world).positions.values()) {
    if (margin === undefined) coins.add(instrument.quote)
  }
  if (context.collateral === undefined) return [...coins]
  for (const [coin] of Borrowing.owed(context, world)) coins.add(coin)
  return [...coins].slice(0, 1)
}

/**
 * Liquidates at the marks of a path whatever is not maintained there: every isolated position by itself, then those in
 * cross margin, the largest loss first, until the rest is maintained. An isolated position never costs more than its
 * margin, and no account is left worth less than nothing: what is lost beyond is a ledger line from the insurance fund
 * of the venue.
 *
 * @category combinators
 * @since 0.1.0
 */
export const check = (
  context: Margin.Context,
  before: World.World,
  at: Timestamp.Timestamp,
  path: Extremes.Path
): Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal> => {
  const accruals: Array<Outcome.Accrual> = []
  let world = before
  for (const [symbol, position] of context.slot.get(before).positions) {
    if (position.margin === undefined) continue
    const stand = (now: World.World): Either.Either<Margin.Standing, Refusal.Refusal> =>
      context.slot.get(now).positions.has(symbol)
        ? Margin.isolated(context, position, path)
        : Either.right({ unit: position.instrument.quote, funds: [], exposures: [], marginBalance: 0n, initial: 0n, maintenance: 0n })
    const next = untilMaintained(context, world, at, stand, path, accruals)
    if (Either.isLeft(next)) return Either.left(next.left)
    world = next.right
  }
  for (const coin of pools(context, world)) {
    const stand = (now: World.World) => Margin.cross(context, Margin.held(context, now), coin, path)
    const next = untilMaintained(context, world, at, stand, path, accruals)
    if (Either.isLeft(next)) return Either.left(next.left)
    world = next.right
  }
  return Either.right({ world, value: accruals })
}

/**
 * How everything that is open stands: each isolated position by itself, and what shares margin together. What has no
 * mark is left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const standings = (
  context: Margin.Context,
  world: World.World,
  marks: Margin.Marks
): ReadonlyArray<Margin.Standing> => {
  const held = Margin.held(context, world)
  const alone = [...held.state.positions.values()].filter(({ margin }) => margin !== undefined)
  return [
    ...alone.map((position) => Margin.isolated(context, position, marks)),
    ...pools(context, world).map((coin) => Margin.cross(context, held, coin, marks))
  ].flatMap((stands) => (Either.isRight(stands) ? [stands.right] : []))
}

/** The least that anything is above its maintenance margin at the marks of a path. */
const slack = (context: Margin.Context, world: World.World, path: Extremes.Path): Amount.Amount =>
  standings(context, world, path)
    .map(({ maintenance, marginBalance }) => marginBalance - maintenance)
    .reduce<Amount.Amount | undefined>((least, one) => (least === undefined ? one : Amount.min(least, one)), undefined) ?? 0n

/**
 * Checks both ends of a step, the one that is worse for the account first.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checkStep = (
  context: Margin.Context,
  before: World.World,
  at: Timestamp.Timestamp,
  paths: ReadonlyArray<Extremes.Path>
): Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal> => {
  const order = paths.length < 2
    ? paths
    : [...paths].map((path) => ({ path, above: slack(context, before, path) }))
      .sort((a, b) => (a.above < b.above ? -1 : a.above > b.above ? 1 : 0))
      .map(({ path }) => path)
  let world = before
  const accruals: Array<Outcome.Accrual> = []
  for (const path of order) {
    const checked = check(context, world, at, path)
    if (Either.isLeft(checked)) return Either.left(checked.left)
    world = checked.right.world
    accruals.push(...checked.right.value)
  }
  return Either.right({ world, value: accruals })
}
