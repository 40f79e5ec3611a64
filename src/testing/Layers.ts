/**
 * Layers for tests: the manager with everything around it in memory, data from a literal, the clock set.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import * as Memory from "../data/DataProvider/Memory.js"
import type * as DataProvider from "../data/DataProvider.js"
import type * as Table from "../data/Table.js"
import type * as Account from "../domain/Account.js"
import * as Amount from "../domain/Amount.js"
import type * as Asset from "../domain/Asset.js"
import * as Decimal from "../domain/Decimal.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as EventLogger from "../events/EventLogger.js"
import * as EventsMemory from "../events/EventLogger/Memory.js"
import * as HealthManager from "../health/HealthManager.js"
import * as JournalMemory from "../journal/Journal/Memory.js"
import type * as Journal from "../journal/Journal.js"
import * as ExecutionInterfaceManager from "../manager/ExecutionInterfaceManager.js"
import * as SimulatedClock from "../modes/Backtest/SimulatedClock.js"
import * as Gas from "../sim/Gas.js"
import * as Simulation from "../sim/Simulation.js"
import * as VenueRegistry from "../venue/VenueRegistry.js"

/**
 * Series by name: one decimal that holds at any time, or decimals by RFC 3339 instant in their order.
 *
 * @category models
 * @since 0.1.0
 */
export type Literal = { readonly [series: string]: string | { readonly [instant: string]: string } }

/**
 * The series of a literal. What is no decimal or no instant is a defect: the literal stands in the test itself.
 *
 * @category constructors
 * @since 0.1.0
 */
export const series = (literal: Literal): ReadonlyArray<Table.Series> =>
  Object.entries(literal).map(([name, values]) => ({
    name,
    observations: typeof values === "string"
      ? [{ at: 0, value: Decimal.unsafe(values) }]
      : Object.entries(values).map(([instant, value]) => ({ at: Timestamp.unsafe(instant), value: Decimal.unsafe(value) }))
  }))

/**
 * Market data of a literal. A single decimal never grows old, and orders fill at it whenever they come; for the others the
 * usual limits of age hold unless `options` sets them.
 *
 * @category layers
 * @since 0.1.0
 */
export const data = (
  literal: Literal,
  options: Memory.Options = {}
): Layer.Layer<DataProvider.DataProvider, DataProvider.DataError> => {
  const ageless = Object.keys(literal).filter((name) => typeof literal[name] === "string")
  const { maxAge, staleFills = [] } = options
  return Memory.layer(series(literal), {
    maxAge: { ...Object.fromEntries(ageless.map((name) => [name, Infinity])), ...maxAge },
    staleFills: typeof staleFills !== "boolean" ? [...ageless, ...staleFills] : staleFills || ageless
  })
}

/** A clock that stands at `at`: a sleep moves it on and is over at once. @category layers @since 0.1.0 */
export const clock = (at: Timestamp.Timestamp): Layer.Layer<never> => Layer.setClock(SimulatedClock.make(at).clock)

/**
 * What is held at the beginning, by ledger account and asset: `{ "binance:spot": { USDT: "1000" } }`.
 *
 * @category models
 * @since 0.1.0
 */
export type Balances = { readonly [account: Account.Account]: { readonly [asset: Asset.Asset]: string } }

/** The opening of a simulated world. Zeros are left out. @category constructors @since 0.1.0 */
export const opening = (balances: Balances): NonNullable<Simulation.Options["opening"]> =>
  (Object.keys(balances) as Array<Account.Account>).flatMap((account) =>
    Object.entries(balances[account]!).map(([asset, text]) => ({ account, asset, amount: Amount.unsafe(text) })))

/** Services that a simulated venue may ask for. @category models @since 0.1.0 */
export type WorldServices = VenueRegistry.VenueRegistry | Simulation.Simulation | DataProvider.DataProvider | Gas.Gas

/**
 * A simulated world and its venues.
 *
 * @category models
 * @since 0.1.0
 */
export interface World<out E = never> {
  /** Instant at which the world begins. Defaults to the first that is asked for. */
  readonly at?: Timestamp.Timestamp | undefined
  readonly data?: Literal | undefined
  readonly balances?: Balances | undefined
  /** Defaults to gas that costs nothing. */
  readonly gas?: Gas.Config | undefined
  readonly venues: ReadonlyArray<Layer.Layer<never, E, WorldServices>>
}

/** The registry with the venues of one fresh simulated world. @category layers @since 0.1.0 */
export const world = <E = never>(options: World<E>): Layer.Layer<WorldServices, E | DataProvider.DataError> =>
  options.venues.reduce<Layer.Layer<never, E, WorldServices>>((merged, venue) => Layer.merge(merged, venue), Layer.empty).pipe(
    Layer.provideMerge(Layer.mergeAll(
      VenueRegistry.layer,
      Simulation.layer({ at: options.at, opening: opening(options.balances ?? {}) }),
      Gas.layer(options.gas ?? { priceGwei: Decimal.zero })
    )),
    Layer.provideMerge(data(options.data ?? {}))
  )

/** Services around the manager, all in memory. @category models @since 0.1.0 */
export type Ports =
  | Journal.Journal
  | HealthManager.HealthManager
  | EventLogger.EventLogger
  | EventsMemory.Recording

/** Journal, events and health in memory. @category layers @since 0.1.0 */
export const ports: Layer.Layer<Ports> = Layer.mergeAll(
  JournalMemory.layer,
  HealthManager.layer,
  EventsMemory.layer()
)

/**
 * The manager over the venues of a registry, everything else in memory. Instructions need an `operation_id`, as they
 * do live, unless `requireIds` is false.
 *
 * @category layers
 * @since 0.1.0
 */
export const manager = (
  options: ExecutionInterfaceManager.Options = {}
): Layer.Layer<ExecutionInterfaceManager.ExecutionInterfaceManager | Ports, never, VenueRegistry.VenueRegistry> =>
  ExecutionInterfaceManager.layer(options).pipe(Layer.provideMerge(ports))

/**
 * The manager over a simulated world, everything in memory, the clock at the beginning of the world.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E = never>(
  options: World<E> & { readonly manager?: ExecutionInterfaceManager.Options | undefined }
): Layer.Layer<
  ExecutionInterfaceManager.ExecutionInterfaceManager | Ports | WorldServices,
  E | DataProvider.DataError
> =>
  manager(options.manager).pipe(
    Layer.provideMerge(world(options)),
    Layer.provideMerge(clock(options.at ?? 0))
  )
