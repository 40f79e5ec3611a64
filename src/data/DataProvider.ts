/**
 * The port to market data.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as MarketSnapshot from "../domain/MarketSnapshot.js"
import type * as Timestamp from "../domain/Timestamp.js"

/**
 * The source of the data cannot be read: a file is missing or malformed, a query failed. The message names it.
 *
 * @category errors
 * @since 0.1.0
 */
export class DataError extends Data.TaggedError("DataError")<{
  readonly message: string
  readonly cause?: unknown
}> {}

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
    /** The series there are, by name. */
    readonly series: Effect.Effect<ReadonlyArray<SeriesInfo>, DataError>
  }
>() {}
