/**
 * How time passes at the simulated Aave: balances that are shown grow with the indices, and a position below a health
 * factor of 1 is liquidated.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as Simulation from "../../sim/Simulation.js"
import * as World from "../../sim/World.js"
import * as AccountData from "./AccountData.js"
import type * as Config from "./Config.js"
import * as LiquidationAccruals from "./LiquidationAccruals.js"
import * as Liquidator from "./Liquidator.js"
import * as Opening from "./Opening.js"
import * as Pool from "./Pool.js"
import * as Position from "./Position.js"
import type * as Reserves from "./Reserves.js"

type Accruals = Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal>

interface Side {
  readonly asset: Asset.Asset
  readonly reserve: Reserves.Reserve
  readonly side: Pool.Side
  readonly scaled: bigint
  readonly shown: (scaled: bigint, index: bigint) => bigint
}

const sides = (settings: Config.Settings, { holdings }: Position.Position): ReadonlyArray<Side> => {
  const { debtBalance, supplyBalance } = settings.scaling
  const all: Array<Side> = []
  for (const [token, { debt, supply }] of holdings) {
    const reserve = settings.reserves.get(token)
    if (reserve === undefined) continue
    if (supply > 0n) all.push({ asset: Asset.claimOn(token), reserve, side: "supply", scaled: supply, shown: supplyBalance })
    if (debt > 0n) all.push({ asset: Asset.debtOf(token), reserve, side: "borrow", scaled: debt, shown: debtBalance })
  }
  return all
}

/** The series that decide over what is held and owed: indices of the data, and prices while anything is owed. */
const watched = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): ReadonlySet<string> => {
  const series = new Set<string>()
  const priced = Position.owes(position)
  for (const { reserve, side } of sides(settings, position)) {
    if (reserve.interest === "data") series.add(Pool.series(reserve, side))
    if (priced) for (const name of AccountData.oracleSeries(snapshot, reserve.token)) series.add(name)
  }
  return series
}

const isModelled = (settings: Config.Settings, position: Position.Position): boolean =>
  sides(settings, position).some(({ reserve }) => reserve.interest !== "data")

/** The position, or what it will become of opening balances: enough to tell what to watch. */
const expected = (settings: Config.Settings, world: World.World): Position.Position => {
  let position = Position.slot.get(world)
  if (position.opened || !World.holds(world, Opening.account)) return position
  for (const token of settings.reserves.keys()) {
    const supply = World.balance(world, Opening.account, Asset.claimOn(token))
    const debt = World.balance(world, Opening.account, Asset.debtOf(token))
    if (supply !== 0n || debt !== 0n) {
      position = Position.withHolding(position, token, { supply, debt, collateral: true })
    }
  }
  return position
}

const none: ReadonlyArray<never> = []

/** An index of the data is checked once more: it may not fall. */
const indexNow = (
  settings: Config.Settings,
  { position, world }: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  { asset, reserve, scaled, shown, side }: Side
): Either.Either<{ readonly index: bigint; readonly growth: Amount.Amount }, Refusal.Refusal> =>
  Either.flatMap(Pool.index(settings, position, snapshot, reserve, side), (index) => {
    const target = Amount.fromUnits(shown(scaled, index), Asset.decimals(reserve.token))
    const growth = target - World.balance(world, Opening.account, asset)
    if (growth >= 0n) return Either.right({ index, growth })
    const series = Pool.series(reserve, side)
    const { at, value } = snapshot.observe(series)!
    return Either.left(
      Refusal.make("market_data", `series ${series} falls to ${Decimal.format(value)} at ${Timestamp.format(at)}: an index never does`)
    )
  })

const accrue = (settings: Config.Settings, opened: Opening.Opened, snapshot: MarketSnapshot.MarketSnapshot): Accruals => {
  const accruals: Array<Outcome.Accrual> = []
  const lines: Array<Entry.Entry> = []
  for (const side of sides(settings, opened.position)) {
    const now = indexNow(settings, opened, snapshot, side)
    if (Either.isLeft(now)) return Either.left(now.left)
    const { growth, index } = now.right
    if (growth === 0n) continue
    const entries = Entry.move(Opening.issuer, Opening.account, side.asset, growth, "interest")
    lines.push(...entries)
    accruals.push({
      id: `interest:aave:${side.asset}:${Timestamp.format(snapshot.at)}`,
      kind: "interest",
      venue: "aave",
      account: Opening.account,
      at: snapshot.at,
      entries,
      detail: { index: index.toString(), scaled: side.scaled.toString(), growth: Amount.format(growth) }
    })
  }
  return Either.map(World.post(opened.world, lines), (world) => ({ world, value: accruals }))
}

/** The rounding of opening balances, as something that happened. */
const openingRebase = (opened: Opening.Opened, at: Timestamp.Timestamp): ReadonlyArray<Outcome.Accrual> =>
  opened.entries.length === 0
    ? none
    : [
        {
          id: `rebase:aave:opening:${Timestamp.format(at)}`,
          kind: "rebase",
          venue: "aave",
          account: Opening.account,
          at,
          entries: opened.entries,
          detail: { reason: "opening balances that no scaled amount shows" }
        }
      ]

const hoursBetween = (after: Timestamp.Timestamp, until: Timestamp.Timestamp): ReadonlyArray<Timestamp.Timestamp> => {
  const hours: Array<Timestamp.Timestamp> = []
  for (let at = (Math.floor(after / Timestamp.hour) + 1) * Timestamp.hour; at <= until; at += Timestamp.hour) hours.push(at)
  return hours
}

/** Whether the health factor may have changed since it was looked at. */
const isStale = (settings: Config.Settings, position: Position.Position, snapshot: MarketSnapshot.MarketSnapshot): boolean => {
  const { judged } = position
  if (judged < 0) return true
  if (isModelled(settings, position) && Math.floor(snapshot.at / Timestamp.hour) > Math.floor(judged / Timestamp.hour)) return true
  for (const series of watched(settings, position, snapshot)) {
    const observation = snapshot.observe(series)
    if (observation !== undefined && observation.at > judged) return true
  }
  return false
}

/** Liquidations of an account that has its interest, as far as they are due. */
const judge = (settings: Config.Settings, world: World.World, snapshot: MarketSnapshot.MarketSnapshot): Accruals => {
  const position = Position.slot.get(world)
  if (!Position.owes(position) || !isStale(settings, position, snapshot)) return Either.right({ world, value: none })
  return Either.gen(function*() {
    const all = yield* Liquidator.run(settings, position, snapshot)
    const accruals = yield* LiquidationAccruals.make(settings, position, snapshot, all)
    const posted = yield* World.post(world, accruals.flatMap(({ entries }) => entries))
    const left = all.length === 0 ? position : all[all.length - 1]!.position
    return { world: Position.slot.set(posted, { ...left, judged: snapshot.at }), value: accruals }
  })
}

/**
 * Interest and liquidation. One accrual for each balance and instant at which its index moved, for a rate model at
 * every full hour and whenever the venue is asked; and one for each liquidation, at the first instant at which a price
 * or an index was observed with a health factor below 1. A position that is so from the beginning is treated alike.
 *
 * @category constructors
 * @since 0.1.0
 */
export const model = (settings: Config.Settings): Simulation.Model => ({
  venue: "aave",
  due: (world, snapshot) => {
    const position = expected(settings, world)
    if (position.holdings.size === 0 || snapshot.at <= world.at) return none
    const due: Array<Timestamp.Timestamp> = []
    for (const series of watched(settings, position, snapshot)) {
      for (const { at } of snapshot.since(series, world.at)) due.push(at)
    }
    if (isModelled(settings, position)) due.push(...hoursBetween(world.at, snapshot.at))
    // Now too, so that an index that has ended is noticed.
    due.push(snapshot.at)
    return due
  },
  settle: (world, snapshot) =>
    Either.gen(function*() {
      const opened = yield* Opening.open(settings, world, snapshot)
      const rebase = openingRebase(opened, snapshot.at)
      if (opened.position.holdings.size === 0) return { world: opened.world, value: rebase }
      const accrued = yield* accrue(settings, opened, snapshot)
      const judged = yield* judge(settings, accrued.world, snapshot)
      return { world: judged.world, value: [...rebase, ...accrued.value, ...judged.value] }
    })
})
