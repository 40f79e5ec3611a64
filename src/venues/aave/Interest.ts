/**
 * How time passes at the simulated Aave: balances that are shown grow with the indices, and the health factor is
 * watched.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as Simulation from "../../sim/Simulation.js"
import * as World from "../../sim/World.js"
import * as AccountData from "./AccountData.js"
import type * as Config from "./Config.js"
import * as Indices from "./Indices.js"
import * as Opening from "./Opening.js"
import * as Position from "./Position.js"
import * as Reserves from "./Reserves.js"

type Accruals = Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal>

interface Side {
  readonly asset: Asset.Asset
  readonly series: string
  readonly scaled: bigint
  readonly shown: (scaled: bigint, index: bigint) => bigint
}

const sides = (settings: Config.Settings, token: Asset.Asset, held: Position.Holding): ReadonlyArray<Side> => {
  const { debtBalance, supplyBalance } = settings.scaling
  const all: Array<Side> = []
  if (held.supply > 0n) {
    const series = Reserves.supplyIndex(token)
    all.push({ asset: Asset.claimOn(token), series, scaled: held.supply, shown: supplyBalance })
  }
  if (held.debt > 0n) {
    const series = Reserves.borrowIndex(token)
    all.push({ asset: Asset.debtOf(token), series, scaled: held.debt, shown: debtBalance })
  }
  return all
}

/** The series that decide over what is held and owed: indices, and prices while anything is owed. */
const watched = (
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): ReadonlySet<string> => {
  const series = new Set<string>()
  const priced = Position.owes(position)
  for (const [token, held] of position.holdings) {
    if (held.supply > 0n) series.add(Reserves.supplyIndex(token))
    if (held.debt > 0n) series.add(Reserves.borrowIndex(token))
    if (priced) for (const name of AccountData.oracleSeries(snapshot, token)) series.add(name)
  }
  return series
}

/** The position, or what it will become of opening balances: enough to tell what to watch. */
const expected = (settings: Config.Settings, world: World.World): Position.Position => {
  let position = Position.slot.get(world)
  if (position.opened) return position
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

const breach = (data: AccountData.AccountData, at: Timestamp.Timestamp): Refusal.Refusal =>
  Refusal.make(
    "health_factor",
    `the health factor at aave is ${AccountData.formatHealthFactor(data)} at ${Timestamp.format(at)}, below 1: ` +
      `collateral worth ${AccountData.formatValue(data.collateral)} dollars at a liquidation threshold of ` +
      `${Decimal.formatScaled(data.liquidationThreshold, 4)}, debt worth ${AccountData.formatValue(data.debt)} ` +
      "dollars. Such a position is liquidated, which is not simulated",
    { field: "health_factor", expected: "at least 1", actual: AccountData.formatHealthFactor(data) }
  )

const accrue = (
  settings: Config.Settings,
  opened: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot
): Accruals => {
  const accruals: Array<Outcome.Accrual> = []
  const lines: Array<Entry.Entry> = []
  for (const [token, held] of opened.position.holdings) {
    for (const { asset, scaled, series, shown } of sides(settings, token, held)) {
      const current = MarketSnapshot.value(snapshot, series)
      if (Either.isLeft(current)) return Either.left(Refusal.missingData(current.left))
      const observation = snapshot.observe(series)!
      const index = Indices.fromObservation(series, observation)
      if (Either.isLeft(index)) return Either.left(index.left)
      const target = Amount.fromUnits(shown(scaled, index.right), Asset.decimals(token))
      const growth = target - World.balance(opened.world, Opening.account, asset)
      if (growth === 0n) continue
      if (growth < 0n) {
        return Either.left(
          Refusal.make(
            "market_data",
            `series ${series} falls to ${Decimal.format(observation.value)} at ${
              Timestamp.format(observation.at)
            }: an index never does`
          )
        )
      }
      const entries = Entry.move(Opening.issuer, Opening.account, asset, growth, "interest")
      lines.push(...entries)
      accruals.push({
        id: `interest:aave:${asset}:${Timestamp.format(snapshot.at)}`,
        kind: "interest",
        venue: "aave",
        account: Opening.account,
        at: snapshot.at,
        entries,
        detail: { index: index.right.toString(), scaled: scaled.toString(), growth: Amount.format(growth) }
      })
    }
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

/**
 * Interest and the watch over the health factor. One accrual for each balance and instant at which its index moved; a
 * health factor below 1 at any instant at which a price or an index was observed stops the run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const model = (settings: Config.Settings): Simulation.Model => ({
  venue: "aave",
  due: (world, snapshot) => {
    const position = expected(settings, world)
    if (position.holdings.size === 0) return none
    const due: Array<Timestamp.Timestamp> = []
    for (const series of watched(position, snapshot)) {
      for (const { at } of snapshot.since(series, world.at)) due.push(at)
    }
    // Now too, so that an index that has ended is noticed.
    if (snapshot.at > world.at) due.push(snapshot.at)
    return due
  },
  settle: (world, snapshot) =>
    Either.flatMap(Opening.open(settings, world, snapshot), (opened): Accruals => {
      if (opened.position.holdings.size === 0) {
        return Either.right({ world: opened.world, value: openingRebase(opened, snapshot.at) })
      }
      const accrued = accrue(settings, opened, snapshot)
      if (Either.isLeft(accrued)) return accrued
      if (Position.owes(opened.position) && moved(opened.position, world.at, snapshot)) {
        const data = AccountData.of(settings, opened.position, snapshot)
        if (Either.isLeft(data)) return Either.left(data.left)
        if (AccountData.isUnhealthy(data.right)) return Either.left(breach(data.right, snapshot.at))
      }
      return Either.right({
        world: accrued.right.world,
        value: [...openingRebase(opened, snapshot.at), ...accrued.right.value]
      })
    })
})

const moved = (
  position: Position.Position,
  since: Timestamp.Timestamp,
  snapshot: MarketSnapshot.MarketSnapshot
): boolean => {
  for (const series of watched(position, snapshot)) {
    const observation = snapshot.observe(series)
    if (observation !== undefined && observation.at > since) return true
  }
  return false
}
