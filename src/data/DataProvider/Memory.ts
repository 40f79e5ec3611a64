/**
 * Market data from series that are already in memory. Every answer is synchronous.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Context from "effect/Context"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as DataProvider from "../DataProvider.js"
import * as Horizon from "../Horizon.js"
import * as Table from "../Table.js"

/**
 * How data is read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * Hours that the newest observation may be old, by the beginning of the series' name: `{ "price": 12 }` holds for
   * `price.ETH`, `{ "price.ETH": 8 }` before it. The longest beginning counts. Series that no beginning fits keep
   * {@link MarketSnapshot.defaultMaxAge}. `Infinity` sets no limit.
   */
  readonly maxAge?: { readonly [beginning: string]: number } | undefined
  /**
   * Whether orders that add risk may fill at an observation that is older than the step of its series: for every series
   * (`true`), or for those with one of these beginnings. By default for none; then such an order is refused (EIM-007).
   * The limits of `maxAge` hold in any case.
   */
  readonly staleFills?: boolean | ReadonlyArray<string> | undefined
}

/**
 * Which series orders may fill at beyond their step, under the options.
 *
 * @category constructors
 * @since 0.1.0
 */
export const staleFills = ({ staleFills = false }: Options = {}): (series: string) => boolean =>
  typeof staleFills === "boolean"
    ? () => staleFills
    : (series) => staleFills.some((beginning) => fits(series, beginning))

const fits = (series: string, beginning: string): boolean => {
  if (!series.startsWith(beginning)) return false
  if (series.length === beginning.length || beginning.endsWith(".")) return true
  const next = series[beginning.length]
  return next === "." || next === "/"
}

/**
 * The age limit of every series under the options, in milliseconds. A limit that is no number of hours, zero or more,
 * is refused.
 *
 * @category constructors
 * @since 0.1.0
 */
export const maxAges = (options: Options = {}): Either.Either<(series: string) => number, DataProvider.DataError> => {
  const limits = Object.entries(options.maxAge ?? {}).sort(([a], [b]) => b.length - a.length)
  for (const [beginning, hours] of limits) {
    if (!(hours >= 0)) {
      return Either.left(
        new DataProvider.DataError({
          message: `maxAge of ${beginning}: expected hours, zero or more, and got ${hours}`
        })
      )
    }
  }
  const known = new Map<string, number>()
  return Either.right((series) => {
    const before = known.get(series)
    if (before !== undefined) return before
    const limit = limits.find(([beginning]) => fits(series, beginning))
    const age = limit === undefined ? MarketSnapshot.defaultMaxAge(series) : limit[1] * Timestamp.hour
    known.set(series, age)
    return age
  })
}

/**
 * The service over a table.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromTable = (
  table: Table.Table,
  options: Options = {}
): Either.Either<Context.Tag.Service<DataProvider.DataProvider>, DataProvider.DataError> =>
  Either.map(maxAges(options), (maxAge) => {
    const mayBeStale = staleFills(options)
    return Horizon.guard({
      getData: (at) => Effect.sync(() => Table.snapshot(table, at, maxAge, mayBeStale)),
      timestamps: (from, to) => Effect.sync(() => Table.timestamps(table, from, to)),
      series: Effect.sync(() => Table.info(table)),
      seriesAt: (at) => Effect.sync(() => Table.info(table, at))
    })
  })

/**
 * The service over series. Refused where they are out of order or disagree.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  series: ReadonlyArray<Table.Series>,
  options: Options = {}
): Either.Either<Context.Tag.Service<DataProvider.DataProvider>, DataProvider.DataError> =>
  Either.flatMap(
    Either.mapLeft(
      Table.fromSeries(series),
      (error) => new DataProvider.DataError({ message: error.message, cause: error })
    ),
    (table) => fromTable(table, options)
  )

/**
 * Market data from series.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  series: ReadonlyArray<Table.Series>,
  options: Options = {}
): Layer.Layer<DataProvider.DataProvider, DataProvider.DataError> =>
  Layer.effect(DataProvider.DataProvider, Effect.suspend(() => make(series, options)))
