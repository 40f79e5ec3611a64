/**
 * Several sources of market data as one: own series beside the table of the package, a directory beside a database.
 *
 * Every series is answered as by the source that has it. A series that stands in two is refused unless both say the same
 * where both speak, or the caller says which holds; then it is that source's alone, and none of the other's observations
 * come between.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Decimal from "../../domain/Decimal.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as MarketData from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as DataProvider from "../DataProvider.js"
import * as Horizon from "../Horizon.js"

type Service = Context.Tag.Service<DataProvider.DataProvider>

/**
 * A source and its name, for errors.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly name: string
  readonly data: Service
}

/**
 * What is done with a series that stands in several sources: `refuse` it unless they agree, or take it whole from the
 * `first` or the `last` of them in the order in which they are named.
 *
 * @category models
 * @since 0.1.0
 */
export type Overlap = "refuse" | "first" | "last"

/** Every answer to `overlap`. @category constants @since 0.1.0 */
export const overlaps: ReadonlyArray<Overlap> = ["refuse", "first", "last"]

/**
 * How sources are joined.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Defaults to `refuse`. */
  readonly overlap?: Overlap | undefined
}

interface Held {
  readonly source: number
  readonly info: DataProvider.SeriesInfo
}

/** What of a series is compared at once; a database holds no more of the past. */
const stride = 5 * Timestamp.day

/** The observations of a series in `(after, to]`, a stride at a time, as long as `go` says so. */
const walk = Effect.fnUntraced(function*(
  sources: ReadonlyArray<Service>,
  name: string,
  after: Timestamp.Timestamp,
  to: Timestamp.Timestamp,
  take: (observations: ReadonlyArray<ReadonlyArray<MarketSnapshot.Observation>>) => DataProvider.DataError | undefined
) {
  for (let from = after; from < to; from += stride) {
    const until = Math.min(from + stride, to)
    const parts: Array<ReadonlyArray<MarketSnapshot.Observation>> = []
    for (const source of sources) parts.push((yield* source.getData(until)).since(name, from))
    const wrong = take(parts)
    if (wrong !== undefined) return yield* wrong
  }
})

const disagreement = (
  name: string,
  first: Source,
  second: Source,
  one: MarketSnapshot.Observation | undefined,
  other: MarketSnapshot.Observation | undefined
): DataProvider.DataError => {
  const at = Timestamp.format((one ?? other)!.at)
  const text = (observation: MarketSnapshot.Observation | undefined) =>
    observation === undefined ? "nothing" : Decimal.format(observation.value)
  return new DataProvider.DataError({
    message: `series ${name} stands in ${first.name} and in ${second.name}, and they differ: ${text(one)} and ${text(other)} at ${at}; say which holds, first or last`
  })
}

/**
 * Whether two sources agree on a series: in the time that both cover, all observations of the one that has fewer there are
 * of the other too. Left is where they do not.
 */
const agree = Effect.fnUntraced(function*(a: Source, b: Source, one: DataProvider.SeriesInfo, other: DataProvider.SeriesInfo) {
  const from = Math.max(one.from, other.from)
  const to = Math.min(one.to, other.to)
  if (from > to) return
  let onlyFirst: MarketSnapshot.Observation | undefined
  let onlySecond: MarketSnapshot.Observation | undefined
  yield* walk([a.data, b.data], one.name, from - 1, to, ([left = [], right = []]) => {
    let j = 0
    for (const observation of left) {
      for (; j < right.length && right[j]!.at < observation.at; j++) onlySecond ??= right[j]
      const same = right[j]
      if (same?.at !== observation.at) onlyFirst ??= observation
      else {
        if (Decimal.compare(same.value, observation.value) !== 0) return disagreement(one.name, a, b, observation, same)
        j++
      }
    }
    if (j < right.length) onlySecond ??= right[j]
    return onlyFirst !== undefined && onlySecond !== undefined
      ? onlyFirst.at <= onlySecond.at
        ? disagreement(one.name, a, b, onlyFirst, undefined)
        : disagreement(one.name, a, b, undefined, onlySecond)
      : undefined
  })
})

/** Observations of two lists in order, of one instant one. */
const mergeObservations = (
  lists: ReadonlyArray<ReadonlyArray<MarketSnapshot.Observation>>
): ReadonlyArray<MarketSnapshot.Observation> => {
  const all = lists.flat().sort((a, b) => a.at - b.at)
  return all.filter(({ at }, i) => i === 0 || all[i - 1]!.at !== at)
}

/** The instants of a series that stands in several sources. */
const joinedTimes = Effect.fnUntraced(function*(name: string, held: ReadonlyArray<Held>, sources: ReadonlyArray<Source>) {
  const from = Math.min(...held.map(({ info }) => info.from))
  const to = Math.max(...held.map(({ info }) => info.to))
  const times: Array<Timestamp.Timestamp> = []
  yield* walk(held.map(({ source }) => sources[source]!.data), name, from - 1, to, (parts) => {
    for (const { at } of mergeObservations(parts)) times.push(at)
    return undefined
  })
  return Float64Array.from(times)
})

/** How many of the instants are not later than `at`. */
const countBy = (times: Float64Array, at: Timestamp.Timestamp): number => {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** The extent of a joined series as it is known at an instant. */
const extent = (name: string, times: Float64Array, at: Timestamp.Timestamp): ReadonlyArray<DataProvider.SeriesInfo> => {
  const count = countBy(times, at)
  return count === 0 ? [] : [{ name, count, from: times[0]!, to: times[count - 1]! }]
}

/** The sources of each series, in the order in which they are asked. */
type Owners = ReadonlyMap<string, ReadonlyArray<number>>

const joined = (
  owners: Owners,
  times: ReadonlyMap<string, Float64Array>,
  snapshots: ReadonlyArray<MarketSnapshot.MarketSnapshot>,
  at: Timestamp.Timestamp
): MarketSnapshot.MarketSnapshot => {
  const of = (series: string): ReadonlyArray<MarketSnapshot.MarketSnapshot> => (owners.get(series) ?? []).map((source) => snapshots[source]!)
  const first = (series: string): MarketSnapshot.MarketSnapshot => of(series)[0] ?? snapshots[0]!
  return {
    at,
    observe: (series) => {
      let newest: MarketSnapshot.Observation | undefined
      for (const snapshot of of(series)) {
        const observation = snapshot.observe(series)
        if (observation !== undefined && (newest === undefined || observation.at > newest.at)) newest = observation
      }
      return newest
    },
    since: (series, after) => {
      const all = of(series)
      return all.length === 1 ? all[0]!.since(series, after) : mergeObservations(all.map((snapshot) => snapshot.since(series, after)))
    },
    has: (series) => owners.has(series),
    maxAge: (series) => first(series).maxAge(series),
    step: (series) => {
      const all = times.get(series)
      if (all === undefined) return owners.has(series) ? first(series).step(series) : undefined
      const count = countBy(all, at)
      return count === 0 ? undefined : MarketData.stepOf(all, count - 1)
    },
    staleFills: (series) => first(series).staleFills(series)
  }
}

/** The instants of some of a source's series. */
const ownInstants = Effect.fnUntraced(function*(
  data: Service,
  names: ReadonlyArray<string>,
  from: Timestamp.Timestamp,
  to: Timestamp.Timestamp
) {
  const instants = new Set<Timestamp.Timestamp>()
  const extents = (yield* data.series).filter(({ name }) => names.includes(name))
  for (const { name, ...extent } of extents) {
    yield* walk([data], name, Math.max(from, extent.from) - 1, Math.min(to, extent.to), ([observations = []]) => {
      for (const { at } of observations) instants.add(at)
      return undefined
    })
  }
  return [...instants]
})

/**
 * Joins sources. Fails where a series stands in several of them, they do not agree on it, and none was told to hold.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  named: ReadonlyArray<Source>,
  options: Options = {}
): Effect.fn.Return<Service, DataProvider.DataError> {
  const sources = named.map(({ data, name }) => ({ name, data: Horizon.source(data) }))
  const overlap = options.overlap ?? "refuse"
  const held = new Map<string, Array<Held>>()
  for (const [source, { data }] of sources.entries()) {
    for (const info of yield* data.series) held.set(info.name, [...held.get(info.name) ?? [], { source, info }])
  }
  if (held.size === 0) return yield* new DataProvider.DataError({ message: "no source of market data holds a series" })
  const owners = new Map<string, ReadonlyArray<number>>()
  const infos: Array<DataProvider.SeriesInfo> = []
  /** Instants of the series that stand in several sources. */
  const times = new Map<string, Float64Array>()
  for (const name of [...held.keys()].sort()) {
    const all = held.get(name)!
    const kept = overlap === "first" ? [all[0]!] : overlap === "last" ? [all.at(-1)!] : all
    for (const [i, one] of kept.entries()) {
      for (const other of kept.slice(i + 1)) yield* agree(sources[one.source]!, sources[other.source]!, one.info, other.info)
    }
    owners.set(name, kept.map(({ source }) => source))
    if (kept.length === 1) infos.push(kept[0]!.info)
    else {
      const instants = yield* joinedTimes(name, kept, sources)
      times.set(name, instants)
      infos.push(...extent(name, instants, Number.POSITIVE_INFINITY))
    }
  }
  const owned = (source: number): ReadonlyArray<string> =>
    [...owners].flatMap(([name, by]) => (by.includes(source) ? [name] : []))
  /** Sources of which no series is left out. */
  const whole = new Set(sources.flatMap((_, source) =>
    [...held].every(([name, all]) => all.every((one) => one.source !== source) || owners.get(name)!.includes(source)) ? [source] : []))
  /** What of the extents of each source is of a series that it is asked for, by the names of series. */
  const ownedBy = (all: ReadonlyArray<ReadonlyArray<DataProvider.SeriesInfo>>): ReadonlyArray<readonly [string, ReadonlyArray<Held>]> => {
    const by = new Map<string, Array<Held>>()
    for (const [source, series] of all.entries()) {
      for (const info of series) {
        if (owners.get(info.name)?.includes(source) === true) by.set(info.name, [...by.get(info.name) ?? [], { source, info }])
      }
    }
    return [...by].sort(([a], [b]) => (a < b ? -1 : 1))
  }
  return Horizon.guard({
    getData: (at) =>
      Effect.map(Effect.forEach(sources, ({ data }) => data.getData(at)), (snapshots) => joined(owners, times, snapshots, at)),
    timestamps: (from, to) =>
      Effect.map(
        Effect.forEach(sources, ({ data }, source) =>
          whole.has(source) ? data.timestamps(from, to) : ownInstants(data, owned(source), from, to)),
        (all) => [...new Set(all.flat())].sort((a, b) => a - b)
      ),
    series: Effect.succeed(infos),
    seriesAt: (at) =>
      Effect.map(Effect.forEach(sources, ({ data }) => data.seriesAt(at)), (all) =>
        ownedBy(all).flatMap(([name, [first]]) => {
          const joined = times.get(name)
          return joined === undefined ? [first!.info] : extent(name, joined, at)
        }))
  })
})

/**
 * Market data from the layers of several sources, each by a name for errors.
 *
 * @example
 * ```ts
 * import { NodeContext } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import * as Files from "execution-interface-manager/data/DataProvider/Files"
 * import * as Union from "execution-interface-manager/data/DataProvider/Union"
 * import * as Embedded from "execution-interface-manager/data/Embedded"
 *
 * export const data = Union.layer({
 *   own: Files.layer({ path: "market" }),
 *   package: Embedded.layer()
 * }, { overlap: "first" }).pipe(Layer.provide(NodeContext.layer))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E, R>(
  sources: { readonly [name: string]: Layer.Layer<DataProvider.DataProvider, E, R> },
  options: Options = {}
): Layer.Layer<DataProvider.DataProvider, DataProvider.DataError | E, R> =>
  Layer.scoped(
    DataProvider.DataProvider,
    Effect.flatMap(
      Effect.forEach(Object.entries(sources), ([name, source]) =>
        Effect.map(Layer.build(source), (context): Source => ({ name, data: Context.get(context, DataProvider.DataProvider) }))),
      (built) => make(built, options)
    )
  )
