/**
 * Series of observations in memory, and what of them was known at an instant.
 *
 * A snapshot finds the newest observation that is not later than its instant and can reach nothing beyond it: an
 * observation of the future is not filtered out, it is never addressed.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Decimal from "../domain/Decimal.js"
import * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as DataProvider from "./DataProvider.js"
import * as Instants from "../domain/Instants.js"

/**
 * Observations of one series, oldest first. Several parts may carry the same name: they are merged.
 *
 * @category models
 * @since 0.1.0
 */
export interface Series {
  readonly name: string
  readonly observations: ReadonlyArray<MarketSnapshot.Observation>
  /** Where the part comes from, for errors: the name of a file. */
  readonly source?: string | undefined
  /** The line of each observation in it, for errors. */
  readonly lines?: ReadonlyArray<number> | undefined
}

/**
 * Why series make no table. `time`: an instant is not a whole number of milliseconds since 1970. `disorder`: an
 * observation is older than the one before it. `conflict`: two observations of one series and instant differ.
 *
 * @category errors
 * @since 0.1.0
 */
export class SeriesError extends Data.TaggedError("SeriesError")<{
  readonly reason: "time" | "disorder" | "conflict"
  readonly series: string
  readonly at: Timestamp.Timestamp
  /** Where the parts come from that disagree, as far as they say so. */
  readonly sources: ReadonlyArray<string>
  readonly detail: string
}> {
  override get message(): string {
    const sources = this.sources.length === 0 ? "" : ` (${this.sources.join(", ")})`
    return `series ${this.series}: ${this.detail}${sources}`
  }
}

interface Column {
  readonly times: Float64Array
  readonly observations: ReadonlyArray<MarketSnapshot.Observation>
  /** Index that the last search ended at. Only a hint: where it is wrong the search is binary. */
  cursor: number
}

/**
 * Series by name, each sorted by time, with one observation at most an instant. A series without observations is left
 * out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Table {
  readonly columns: ReadonlyMap<string, Column>
}

interface Sourced {
  readonly observation: MarketSnapshot.Observation
  /** As it was recorded. */
  readonly recorded: Timestamp.Timestamp
  readonly part: Series
  readonly index: number
}

const placeOf = ({ index, part: { lines, source } }: Sourced): string | undefined =>
  source === undefined || lines?.[index] === undefined ? source : `${source} line ${lines[index]}`

/** A value, with the instant that it is recorded at where that is not the instant it stands for. */
const valueOf = ({ observation: { at, value }, recorded }: Sourced): string =>
  recorded === at ? Decimal.format(value) : `${Decimal.format(value)} (recorded at ${Timestamp.format(recorded)})`

const sourcesOf = (...sources: ReadonlyArray<string | undefined>): ReadonlyArray<string> => [
  ...new Set(sources.filter((source) => source !== undefined))
]

const checkOrder = (part: Series): SeriesError | undefined => {
  let previous = -1
  for (const { at } of part.observations) {
    if (!Number.isSafeInteger(at) || at < 0) {
      return new SeriesError({
        reason: "time",
        series: part.name,
        at,
        sources: sourcesOf(part.source),
        detail: `${at} is not a whole number of milliseconds since 1970`
      })
    }
    if (at < previous) {
      return new SeriesError({
        reason: "disorder",
        series: part.name,
        at,
        sources: sourcesOf(part.source),
        detail: `${Timestamp.format(at)} comes after ${Timestamp.format(previous)}`
      })
    }
    previous = at
  }
  return undefined
}

const merge = (name: string, parts: ReadonlyArray<Series>): Either.Either<Column | undefined, SeriesError> => {
  for (const part of parts) {
    const disorder = checkOrder(part)
    if (disorder !== undefined) return Either.left(disorder)
  }
  const scheduled = Instants.isScheduled(name)
  const all: Array<Sourced> = parts.flatMap((part) =>
    part.observations.map((observation, index): Sourced => {
      const recorded = observation.at
      const at = scheduled ? Instants.scheduled(recorded) : recorded
      return { observation: at === recorded ? observation : { ...observation, at }, recorded, part, index }
    })
  )
  if (all.length === 0) return Either.right(undefined)
  all.sort((a, b) => a.observation.at - b.observation.at)
  const observations: Array<MarketSnapshot.Observation> = []
  let kept: Sourced | undefined = undefined
  for (const next of all) {
    if (kept === undefined || next.observation.at !== kept.observation.at) {
      observations.push(next.observation)
      kept = next
    } else if (Decimal.compare(next.observation.value, kept.observation.value) !== 0) {
      return Either.left(
        new SeriesError({
          reason: "conflict",
          series: name,
          at: next.observation.at,
          sources: sourcesOf(placeOf(kept), placeOf(next)),
          detail: `two values at ${Timestamp.format(next.observation.at)}, ${valueOf(kept)} and ${valueOf(next)}`
        })
      )
    }
  }
  return Either.right({
    times: Float64Array.from(observations, (observation) => observation.at),
    observations,
    cursor: 0
  })
}

/**
 * The table of series. Parts of one name are merged; a repeated observation counts once, one that differs is refused.
 * An observation of a series that stands on a schedule ({@link Instants.isScheduled}) counts for the instant of the
 * schedule that it means.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSeries = (series: ReadonlyArray<Series>): Either.Either<Table, SeriesError> => {
  const parts = new Map<string, Array<Series>>()
  for (const part of series) {
    const others = parts.get(part.name)
    if (others === undefined) parts.set(part.name, [part])
    else others.push(part)
  }
  const columns = new Map<string, Column>()
  for (const [name, named] of parts) {
    const column = merge(name, named)
    if (Either.isLeft(column)) return Either.left(column.left)
    if (column.right !== undefined) columns.set(name, column.right)
  }
  return Either.right({ columns })
}

/** Index of the first time after `at`, found by halving. */
const firstAfter = (times: Float64Array, at: Timestamp.Timestamp): number => {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the newest observation not later than `at`, -1 where there is none. Runs mostly ask forwards in time. */
const newest = (column: Column, at: Timestamp.Timestamp): number => {
  const { cursor, times } = column
  if (times[cursor]! <= at) {
    if (cursor + 1 === times.length || times[cursor + 1]! > at) return cursor
    if (cursor + 2 === times.length || times[cursor + 2]! > at) return (column.cursor = cursor + 1)
  }
  const index = firstAfter(times, at) - 1
  column.cursor = index < 0 ? 0 : index
  return index
}

const none: ReadonlyArray<MarketSnapshot.Observation> = []

/**
 * Everything of the table as of `at`, with the longest age that an observation of a series may have, in milliseconds, and
 * the series whose observations orders may fill at beyond their step; none by default. Nothing is read before it is
 * asked for.
 *
 * @category combinators
 * @since 0.1.0
 */
export const snapshot = (
  table: Table,
  at: Timestamp.Timestamp,
  maxAge: (series: string) => number,
  staleFills: (series: string) => boolean = () => false
): MarketSnapshot.MarketSnapshot => ({
  at,
  observe: (series) => {
    const column = table.columns.get(series)
    if (column === undefined) return undefined
    const index = newest(column, at)
    return index < 0 ? undefined : column.observations[index]
  },
  since: (series, after) => {
    const column = table.columns.get(series)
    if (column === undefined || after >= at) return none
    const end = newest(column, at) + 1
    // The common question is for the few that came since a moment ago.
    if (end === 0 || column.times[end - 1]! <= after) return none
    return column.observations.slice(firstAfter(column.times, after), end)
  },
  has: (series) => table.columns.has(series),
  maxAge,
  step: (series) => {
    const column = table.columns.get(series)
    if (column === undefined) return undefined
    return MarketSnapshot.stepOf(column.times, newest(column, at))
  },
  staleFills
})

/**
 * The instants in `[from, to]` at which any series has an observation, in order.
 *
 * @category combinators
 * @since 0.1.0
 */
export const timestamps = (
  table: Table,
  from: Timestamp.Timestamp,
  to: Timestamp.Timestamp
): ReadonlyArray<Timestamp.Timestamp> => {
  const instants = new Set<Timestamp.Timestamp>()
  for (const { times } of table.columns.values()) {
    for (let i = firstAfter(times, from - 1); i < times.length && times[i]! <= to; i++) instants.add(times[i]!)
  }
  return [...instants].sort((a, b) => a - b)
}

/**
 * The extent of every series that has an observation by `at`, as it was known then, in the order of their names. Without
 * an instant the whole extent of all of them.
 *
 * @category combinators
 * @since 0.1.0
 */
export const info = (table: Table, at: Timestamp.Timestamp = Number.POSITIVE_INFINITY): ReadonlyArray<DataProvider.SeriesInfo> =>
  [...table.columns.keys()].sort().flatMap((name) => {
    const { times } = table.columns.get(name)!
    const count = firstAfter(times, at)
    return count === 0 ? [] : [{ name, count, from: times[0]!, to: times[count - 1]! }]
  })
