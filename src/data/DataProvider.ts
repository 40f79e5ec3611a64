/**
 * The port to market data.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Timestamp from "../domain/Timestamp.js"

/**
 * The data cannot be given: a file is missing or malformed, a query failed, or a script asked for what is later than its
 * own instant. The message names it.
 *
 * @category errors
 * @since 0.1.0
 */
export class DataError extends Data.TaggedError("DataError")<{
  readonly message: string
  /** Present where later data was asked for than the instant allows: see {@link endingAt}. */
  readonly future?: Future | undefined
  readonly cause?: unknown
}> {}

/**
 * A question about the future: the instant that was asked for, and the last one that may be: the script's own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Future {
  readonly asked: Timestamp.Timestamp
  readonly instant: Timestamp.Timestamp
}

/**
 * Extent of one series.
 *
 * @category models
 * @since 0.1.0
 */
export interface SeriesInfo {
  readonly name: string
  readonly count: number
  readonly from: Timestamp.Timestamp
  readonly to: Timestamp.Timestamp
}

/**
 * Market data, as it was known at any instant.
 *
 * @category services
 * @since 0.1.0
 */
export class DataProvider extends Context.Tag("execution-interface-manager/data/DataProvider")<
  DataProvider,
  {
    /** Everything known at `at`, and nothing later. Reads are cheap; nothing is computed before it is asked for. */
    readonly getData: (at: Timestamp.Timestamp) => Effect.Effect<MarketSnapshot.MarketSnapshot, DataError>
    /** The instants in `[from, to]` at which any series has an observation, in order. */
    readonly timestamps: (
      from: Timestamp.Timestamp,
      to: Timestamp.Timestamp
    ) => Effect.Effect<ReadonlyArray<Timestamp.Timestamp>, DataError>
    /** The series there are, by name, each with its whole extent. */
    readonly series: Effect.Effect<ReadonlyArray<SeriesInfo>, DataError>
    /** The series that have an observation by `at`, by name, with their extents as they were known then. */
    readonly seriesAt: (at: Timestamp.Timestamp) => Effect.Effect<ReadonlyArray<SeriesInfo>, DataError>
  }
>() {}

/** An instant as it is told; a script can ask for what is none. */
const told = (at: unknown): string => (typeof at === "number" && Timestamp.isValid(at) ? Timestamp.format(at) : String(typeof at === "number" ? at : typeof at))

const later = (asked: unknown, instant: Timestamp.Timestamp): DataError =>
  typeof asked === "number" && asked > instant
    ? new DataError({
      message: `data of ${told(asked)} was asked for at ${told(instant)}: a script sees nothing later than its own instant`,
      future: { asked, instant }
    })
    : new DataError({ message: `expected an instant (milliseconds since 1970) to read data at, and got ${told(asked)}` })

/** A snapshot that does not tell of series which begin later. */
const asKnown = (snapshot: MarketSnapshot.MarketSnapshot): MarketSnapshot.MarketSnapshot => ({
  ...snapshot,
  has: (series) => snapshot.observe(series) !== undefined
})

/**
 * The same data up to the instant that `now` answers when a question is put, and nothing that depends on later data. A
 * question beyond it fails with a {@link DataError} that has `future`. Series that begin later are not there yet, and
 * the extent of the others ends at the instant.
 *
 * @category combinators
 * @since 0.1.0
 */
export const endingAt = (
  data: Context.Tag.Service<DataProvider>,
  now: () => Timestamp.Timestamp
): Context.Tag.Service<DataProvider> => {
  // Of a value that is no number two questions could get two answers; what is NaN is not later than anything.
  const upTo = <A>(at: Timestamp.Timestamp, read: () => Effect.Effect<A, DataError>): Effect.Effect<A, DataError> =>
    Effect.suspend(() => {
      const instant = now()
      return typeof at === "number" && at <= instant ? read() : Effect.fail(later(at, instant))
    })
  const seriesAt = (at: Timestamp.Timestamp) => upTo(at, () => data.seriesAt(at))
  return {
    getData: (at) => upTo(at, () => Effect.map(data.getData(at), asKnown)),
    timestamps: (from, to) => upTo(from, () => upTo(to, () => data.timestamps(from, to))),
    series: Effect.suspend(() => seriesAt(now())),
    seriesAt
  }
}
