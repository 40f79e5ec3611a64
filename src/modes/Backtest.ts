/**
 * The backtest: historical data, simulated venues, simulated time.
 *
 * @since 0.1.0
 */
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as DataProvider from "../data/DataProvider.js"
import * as Horizon from "../data/Horizon.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import * as Json from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as EventLogger from "../events/EventLogger.js"
import * as EventsMemory from "../events/EventLogger/Memory.js"
import * as HealthManager from "../health/HealthManager.js"
import type * as Journal from "../journal/Journal.js"
import * as JournalMemory from "../journal/Journal/Memory.js"
import * as Config from "../manager/Config.js"
import * as ExecutionInterfaceManager from "../manager/ExecutionInterfaceManager.js"
import type * as Assumption from "../sim/Assumption.js"
import * as Gas from "../sim/Gas.js"
import * as Simulation from "../sim/Simulation.js"
import * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Balances from "./Backtest/Balances.js"
import * as Loop from "./Backtest/Loop.js"
import * as Result from "./Backtest/Result.js"
import type * as Script from "./Backtest/Script.js"
import * as SimulatedClock from "./Backtest/SimulatedClock.js"
import * as SimulatedVenues from "./SimulatedVenues.js"

/**
 * How a backtest is set up.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Defaults to `Config.defaults`. */
  readonly config?: Config.Config | undefined
  /** What is held at the beginning. Defaults to nothing. */
  readonly balances?: Balances.Balances | undefined
  /** Instant of the beginning. Defaults to the first one that is asked for. */
  readonly at?: Timestamp.Timestamp | undefined
  /** Where events go. Defaults to nowhere. */
  readonly events?: Layer.Layer<EventLogger.EventLogger, EventLogger.EventError> | undefined
  /** Venues in place of the simulated ones of the same name, or beside them. */
  readonly venues?: { readonly [id: string]: SimulatedVenues.VenueLayer } | undefined
}

/** What the layer provides. @category models @since 0.1.0 */
export type Services =
  | ExecutionInterfaceManager.ExecutionInterfaceManager
  | VenueRegistry.VenueRegistry
  | Simulation.Simulation
  | Journal.Journal
  | EventLogger.EventLogger
  | HealthManager.HealthManager

/**
 * The settings as a hash: sha256 of their canonical JSON. They hold no secret.
 *
 * @category combinators
 * @since 0.1.0
 */
export const hash = (value: Json.Json): string => bytesToHex(sha256(utf8ToBytes(Json.canonical(value))))

const configHash = (config: Config.Config): string =>
  hash(JSON.parse(JSON.stringify(config, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value))))

/**
 * The manager over simulated venues and one fresh world. It needs market data and nothing more: no secret, no network.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<
  Services,
  Config.ConfigError | VenueRegistry.DuplicateVenue | EventLogger.EventError,
  DataProvider.DataProvider
> =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const data = Horizon.source(yield* DataProvider.DataProvider)
    const config = options.config ?? Config.defaults
    const [[venues, gas], opening] = yield* Config.zip(
      Config.zip(SimulatedVenues.fromConfig(config), SimulatedVenues.gasOf(config)),
      Balances.holdings(options.balances ?? {}, SimulatedVenues.accountsOf(config))
    )
    const chosen = new Map(venues.map((venue) => [venue.id, venue.layer]))
    for (const [id, replacement] of Object.entries(options.venues ?? {})) chosen.set(id, replacement)
    const world = Layer.mergeAll(
      VenueRegistry.layer,
      Simulation.layer({ at: options.at, opening }),
      Gas.layer(gas)
    )
    const populated = [...chosen.values()].reduce<SimulatedVenues.VenueLayer>(
      (merged, venue) => Layer.merge(merged, venue),
      Layer.empty
    ).pipe(Layer.provideMerge(world))
    return ExecutionInterfaceManager.layer({
      config,
      requireIds: false,
      program: { executionMode: "backtest", configHash: configHash(config) }
    }).pipe(
      Layer.provideMerge(Layer.mergeAll(
        populated,
        JournalMemory.layer,
        HealthManager.layer,
        options.events ?? EventsMemory.layerNoop
      )),
      Layer.provide(Layer.succeed(DataProvider.DataProvider, data))
    )
  }))

/**
 * What a run takes for granted: fees, slippage, delays, gas, stand-ins.
 *
 * @category combinators
 * @since 0.1.0
 */
export const assumptions = (config: Config.Config): Either.Either<ReadonlyArray<Assumption.Assumption>, Config.ConfigError> =>
  Either.map(Config.zip(SimulatedVenues.fromConfig(config), SimulatedVenues.gasOf(config)), ([venues, gas]) => [
    ...venues.flatMap((venue) => venue.assumptions),
    ...SimulatedVenues.staleFills(venues, config.staleFills),
    ...Gas.assumptions(gas)
  ])

/**
 * How a script is run.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions extends Omit<Options, "at"> {
  /** Beginning of the run. Defaults to the first data timestamp, or to the first block of a scheduled script. */
  readonly from?: Timestamp.Timestamp | undefined
  /** End of the run, included. Defaults to the last data timestamp, or to the last block of a scheduled script. */
  readonly to?: Timestamp.Timestamp | undefined
  readonly id: string
  readonly onProgress?: ((progress: Loop.Progress) => Effect.Effect<void>) | undefined
  readonly onReport?: ((report: ExecutionReport.ExecutionReport) => Effect.Effect<void>) | undefined
}

const opening = <E>(
  script: Script.Script<E> | ReadonlyArray<Script.Scheduled>,
  options: RunOptions,
  config: Config.Config
): Either.Either<Balances.Balances, Config.ConfigError> => {
  if (options.balances !== undefined) return Either.right(options.balances)
  const own = "decide" in script ? script.initialBalances : undefined
  return own === undefined
    ? Either.right({ wallet: { [Config.shareToken(config.shareClass)]: config.initialCapital } })
    : Balances.decode(own)
}

/**
 * The period of a run: what is asked for, as far as there are data or blocks. Refused where it lies outside of them.
 */
const window = Effect.fnUntraced(function*<E>(
  script: Script.Script<E> | ReadonlyArray<Script.Scheduled>,
  options: RunOptions
) {
  const data = yield* DataProvider.DataProvider
  const series = yield* data.series
  const blocks = "decide" in script ? [] : script.map(({ timestamp }) => timestamp)
  const observed = series.flatMap((one) => [one.from, one.to])
  const known = [...observed, ...blocks]
  if (known.length === 0) {
    return yield* Config.fromFault({ path: "data", expected: "at least one series with an observation", actual: undefined })
  }
  const least = (instants: ReadonlyArray<Timestamp.Timestamp>) => instants.reduce((a, b) => Math.min(a, b))
  const most = (instants: ReadonlyArray<Timestamp.Timestamp>) => instants.reduce((a, b) => Math.max(a, b))
  const [first, last] = [least(known), most(known)]
  const span = `the data, ${Timestamp.format(first)} to ${Timestamp.format(last)}`
  if (options.from !== undefined && options.from > last) {
    return yield* Config.fromFault({ path: "from", expected: `an instant within ${span}`, actual: Timestamp.format(options.from) })
  }
  if (options.to !== undefined && options.to < first) {
    return yield* Config.fromFault({ path: "to", expected: `an instant within ${span}`, actual: Timestamp.format(options.to) })
  }
  const own = blocks.length > 0 ? blocks : observed
  const from = Math.max(options.from ?? least(own), first)
  const to = Math.min(options.to ?? most(own), last)
  if (from > to) {
    return yield* Config.fromFault({
      path: "from",
      expected: `an instant not after to, which is ${Timestamp.format(to)}`,
      actual: Timestamp.format(from)
    })
  }
  return { from, to }
})

/**
 * Runs a script over a fresh world, with time simulated.
 *
 * An instruction that fails stops the run and stands in the result's `error`. Fails with what keeps the run from
 * happening at all: settings, data, the event log, and what the script itself fails with.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run: <E = never>(
  script: Script.Script<E> | ReadonlyArray<Script.Scheduled>,
  options: RunOptions
) => Effect.Effect<
  Result.Result,
  Config.ConfigError | VenueRegistry.DuplicateVenue | DataProvider.DataError | EventLogger.EventError | E,
  DataProvider.DataProvider
> = Effect.fnUntraced(function*<E = never>(
  script: Script.Script<E> | ReadonlyArray<Script.Scheduled>,
  options: RunOptions
) {
  const config = options.config ?? Config.defaults
  const { from, to } = yield* window(script, options)
  const [balances, inForce] = yield* Config.zip(opening(script, options, config), assumptions(config))
  const clock = SimulatedClock.make(from)
  const program = Effect.gen(function*() {
    const outcome = yield* Loop.run({
      from,
      to,
      clock,
      shareClass: config.shareClass,
      script,
      onProgress: options.onProgress,
      onReport: options.onReport
    })
    const simulation = yield* Simulation.Simulation
    const { interest, slippage, touches, ...rest } = outcome
    return {
      ...rest,
      backtestId: options.id,
      from,
      to,
      requested: { from: options.from, to: options.to },
      shareClass: config.shareClass,
      valueToken: Config.shareToken(config.shareClass),
      costs: Result.costsOf(yield* simulation.world, interest, slippage),
      assumptions: inForce.map((assumption) => ({ ...assumption, touched: touches(assumption) }))
    }
  })
  return yield* program.pipe(
    Effect.provide(layer({ ...options, config, balances, at: from })),
    Effect.withClock(clock.clock)
  )
})

