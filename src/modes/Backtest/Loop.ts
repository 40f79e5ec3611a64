/**
 * Lets a script run through time.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as DataProvider from "../../data/DataProvider.js"
import * as Horizon from "../../data/Horizon.js"
import type * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as EimError from "../../domain/EimError.js"
import type * as ExecutionReport from "../../domain/ExecutionReport.js"
import type * as InstructionBlock from "../../domain/InstructionBlock.js"
import * as Outcome from "../../domain/Outcome.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as EventLogger from "../../events/EventLogger.js"
import * as Config from "../../manager/Config.js"
import * as ExecutionInterfaceManager from "../../manager/ExecutionInterfaceManager.js"
import * as Simulation from "../../sim/Simulation.js"
import type * as World from "../../sim/World.js"
import * as VenueRegistry from "../../venue/VenueRegistry.js"
import * as Evidence from "./Evidence.js"
import * as Positions from "./Positions.js"
import type * as Result from "./Result.js"
import * as Script from "./Script.js"
import type * as SimulatedClock from "./SimulatedClock.js"
import * as ValueSeries from "./ValueSeries.js"

/**
 * How far a run has come.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly done: number
  readonly total: number
  readonly at: Timestamp.Timestamp
}

/**
 * The span of a run, both ends included, its clock, its script, and what is called on its way.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<out E = never> {
  readonly from: Timestamp.Timestamp
  readonly to: Timestamp.Timestamp
  readonly clock: SimulatedClock.SimulatedClock
  readonly shareClass: Config.ShareClass
  readonly script: Script.Script<E> | ReadonlyArray<Script.Scheduled>
  /** Called about every `chunk` instants, and at the end. Where it yields, others run. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
  /** Called with every report that executed something. */
  readonly onReport?: ((report: ExecutionReport.ExecutionReport) => Effect.Effect<void>) | undefined
}

/** What the loop itself knows of the result. @category models @since 0.1.0 */
export type Ran = Pick<
  Result.Result,
  | "routed"
  | "failed"
  | "replayed"
  | "liquidations"
  | "balances"
  | "inTransit"
  | "positions"
  | "initial"
  | "value"
  | "unpriced"
  | "error"
  | "stoppedAt"
  | "stoppedBy"
> & {
  readonly interest: ReadonlyMap<Asset.Asset, Amount.Amount>
  readonly slippage: ReadonlyMap<Asset.Asset, Amount.Amount>
  readonly touches: Evidence.Evidence["touches"]
}

const chunk = 100

interface Instant {
  readonly at: Timestamp.Timestamp
  readonly scheduled: ReadonlyArray<Script.Scheduled>
  /** Whether the script is asked. */
  readonly decide: boolean
  /** Whether the data say something new, so that values change. */
  readonly observed: boolean
}

const isScheduled = <E>(script: Options<E>["script"]): script is ReadonlyArray<Script.Scheduled> => Array.isArray(script)

interface Timeline {
  readonly total: number
  readonly instants: Iterable<Instant>
}

/**
 * The instants of a run in order: those of the data, of the schedule, and of the script's own step. They are made as
 * time passes, because a step of a second has millions.
 */
const timeline = <E>(options: Options<E>, data: ReadonlyArray<Timestamp.Timestamp>): Timeline => {
  const { from, script, to } = options
  const observed = new Set(data)
  const schedule = new Map<Timestamp.Timestamp, Array<Script.Scheduled>>()
  for (const entry of isScheduled(script) ? script : []) {
    if (entry.timestamp < from || entry.timestamp > to) continue
    const at = schedule.get(entry.timestamp)
    if (at === undefined) schedule.set(entry.timestamp, [entry])
    else at.push(entry)
  }
  const step = isScheduled(script) || script.every === undefined
    ? undefined
    : Math.max(1, Math.round(Duration.toMillis(script.every)))
  const onStep = (at: Timestamp.Timestamp) => step !== undefined && (at - from) % step === 0
  const fixed = [...new Set([...data, ...schedule.keys(), to])].sort((a, b) => a - b)
  const steps = step === undefined ? 0 : Math.floor((to - from) / step) + 1
  const instant = (at: Timestamp.Timestamp): Instant => ({
    at,
    scheduled: schedule.get(at) ?? [],
    decide: !isScheduled(script) && (step === undefined ? observed.has(at) : onStep(at)),
    observed: observed.has(at) || schedule.has(at) || at === to
  })
  return {
    total: steps + fixed.filter((at) => !onStep(at)).length,
    instants: {
      *[Symbol.iterator]() {
        let next = 0
        for (let n = 0; n < steps; n++) {
          const at = from + n * step!
          while (next < fixed.length && fixed[next]! < at) yield instant(fixed[next++]!)
          if (fixed[next] === at) next++
          yield instant(at)
        }
        while (next < fixed.length) yield instant(fixed[next++]!)
      }
    }
  }
}

const ofLookup = ({ actual, expected, message, path }: Positions.LookupError): EimError.RoutingFailed =>
  new EimError.RoutingFailed({ reason: message, path, expected, actual })

const loop = Effect.fnUntraced(function*<E>(options: Options<E>, instant: { now: Timestamp.Timestamp }) {
  const data = Horizon.source(yield* DataProvider.DataProvider)
  const manager = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
  const simulation = yield* Simulation.Simulation
  const registry = yield* VenueRegistry.VenueRegistry
  const events = yield* EventLogger.EventLogger
  const { clock, script, shareClass } = options

  const interest = new Map<Asset.Asset, Amount.Amount>()
  const slippage = new Map<Asset.Asset, Amount.Amount>()
  const liquidations: Array<Outcome.LiquidationAccrual> = []
  const series = ValueSeries.make(Config.shareToken(shareClass))
  const evidence = Evidence.make()
  let replayed = 0
  let error: EimError.Info | undefined
  let stoppedAt: Timestamp.Timestamp | undefined
  let stoppedBy: ExecutionReport.ExecutionReport | undefined

  const venues = (yield* registry.entries).flatMap((entry) => (Either.isRight(entry.state) ? [entry.state.right] : []))

  // Perpetual positions are at venues that trade. Where nothing has happened since, they are looked at once an instant.
  const traders = venues.filter(({ trade }) => trade !== undefined)
  let seen: { readonly at: Timestamp.Timestamp; readonly world: World.World; readonly perpetuals: ReadonlyArray<Outcome.Position> } | undefined
  const look = Effect.fnUntraced(function*(at: Timestamp.Timestamp) {
    const world = yield* simulation.world
    if (seen?.at === at && seen.world === world) return seen
    const perpetuals: Array<Outcome.Position> = []
    for (const venue of traders) {
      const held = yield* Effect.either(venue.portfolio(at))
      if (Either.isRight(held)) perpetuals.push(...held.right.positions)
    }
    return seen = { at, world, perpetuals }
  })

  const sample = (at: Timestamp.Timestamp) =>
    Effect.flatMap(data.getData(at), (snapshot) =>
      Effect.map(look(at), ({ perpetuals, world }) => series.add(at, Positions.value(world, perpetuals, snapshot), snapshot)))

  const observe = (report: ExecutionReport.ExecutionReport) => {
    evidence.observe(report)
    liquidations.push(...Outcome.liquidations(report.accruals))
    for (const accrual of report.accruals) {
      if (accrual.kind !== "interest" && accrual.kind !== "rebase") continue
      for (const entry of accrual.entries) {
        if (!entry.account.startsWith("issuer:")) continue
        const asset = Asset.underlying(entry.asset)
        const paid = Asset.kind(entry.asset) === "debt" ? -entry.amount : entry.amount
        interest.set(asset, (interest.get(asset) ?? 0n) + paid)
      }
    }
    for (const operation of report.operations) {
      if (operation.replayed) replayed++
      if (operation.slippage === undefined) continue
      const { amount, asset } = operation.slippage
      slippage.set(asset, (slippage.get(asset) ?? 0n) + amount)
    }
  }

  const step = Effect.fnUntraced(function*(
    at: Timestamp.Timestamp,
    block: InstructionBlock.Input | undefined,
    triggerSource: ExecutionReport.TriggerSource
  ) {
    const executed = yield* Effect.either(manager.execute(at, block, { triggerSource }))
    const report = Either.isRight(executed) ? executed.right : undefined
    if (report !== undefined) {
      observe(report)
      if (options.onReport !== undefined && (report.operations.length > 0 || report.error !== undefined)) yield* options.onReport(report)
    }
    const failure = Either.isLeft(executed) ? EimError.info(executed.left) : executed.right.error
    if (failure !== undefined && (failure.severity === "CRITICAL" || failure.severity === "HIGH")) {
      error = failure
      stoppedBy = report
    }
  })

  const visible = DataProvider.endingAt(data, () => instant.now)
  const listed = yield* data.series
  const names: Positions.Names = {
    venues: new Map(venues.map((venue) => [venue.id, { ...venue, trades: venue.trade !== undefined }])),
    hasAsset: (asset) => listed.some(({ from, name }) => from <= instant.now && name.split(/[./]/).includes(asset))
  }

  const { instants, total } = timeline(options, yield* data.timestamps(options.from, options.to))
  clock.set(options.from)
  yield* sample(options.from)
  let done = 0
  for (const next of instants) {
    clock.set(next.at)
    yield* step(next.at, undefined, "execution_manager")
    if (error === undefined) {
      for (const scheduled of next.scheduled) {
        yield* step(next.at, scheduled.block, scheduled.triggerSource)
        if (error !== undefined) break
      }
    }
    if (error === undefined && next.decide && !isScheduled(script)) {
      const { perpetuals, world } = yield* look(next.at)
      instant.now = next.at
      const decided = yield* Script.decide(script, next.at, Positions.make(world, perpetuals, names), visible)
      if (Either.isLeft(decided)) error = EimError.info(ofLookup(decided.left))
      for (const block of Either.getOrElse(decided, (): Script.Blocks => [])) {
        // A script that answers nothing where a block should be has lost one: that is refused, not skipped.
        yield* step(next.at, block ?? null, "execution_manager")
        if (error !== undefined) break
      }
    }
    if (next.observed || error !== undefined) yield* sample(next.at)
    done++
    if (done % chunk === 0 || done === total || error !== undefined) {
      yield* events.flush
      if (options.onProgress !== undefined) yield* options.onProgress({ done, total, at: next.at })
    }
    if (error !== undefined) {
      stoppedAt = next.at
      break
    }
  }

  const { perpetuals, world } = yield* look(stoppedAt ?? options.to)
  const held = Positions.make(world, perpetuals, names)
  const status = yield* manager.getRoutingStatus
  return {
    routed: status.instructionsRouted,
    failed: status.instructionsFailed,
    replayed,
    liquidations,
    balances: held.balances,
    inTransit: held.inTransit,
    positions: perpetuals,
    ...series.result(),
    error,
    stoppedAt,
    stoppedBy,
    interest,
    slippage,
    touches: evidence.touches
  }
})

/**
 * Runs a script over `[from, to]`. The first error of severity CRITICAL or HIGH stops it and stands in the outcome.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run: <E>(options: Options<E>) => Effect.Effect<
  Ran,
  DataProvider.DataError | EventLogger.EventError | E,
  | DataProvider.DataProvider
  | ExecutionInterfaceManager.ExecutionInterfaceManager
  | Simulation.Simulation
  | VenueRegistry.VenueRegistry
  | EventLogger.EventLogger
> = (options) =>
  Effect.suspend(() => {
    // The script's own hand on the clock moves the clock alone: a sleep is no look ahead.
    const instant = { now: options.from }
    return Effect.locally(loop(options, instant), Horizon.horizon, () => instant.now)
  })
