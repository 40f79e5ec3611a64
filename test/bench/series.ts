/**
 * Series of minutes that are calculated, written to a database and read back as of instants.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Either } from "effect"
import { DataProvider, Decimal, type MarketSnapshot, Timestamp } from "execution-interface-manager"
import * as Sql from "execution-interface-manager/data/DataProvider/Sql"
import * as Table from "execution-interface-manager/data/Table"
import * as v8 from "node:v8"
import * as vm from "node:vm"

const minute = 60_000
const minutesOfDay = 1440
const start = Timestamp.unsafe("2024-01-01T00:00:00Z")
const names = ["ETH", "BTC", "SOL", "XRP", "ADA", "DOT", "UNI", "LTC", "BCH", "XLM"].map((token) => `price.${token}`)

/** The n-th observation of a series. Each series has a second of its own in the minute. */
const observation = (series: number, n: number): MarketSnapshot.Observation => ({
  at: start + n * minute + series * 5_000,
  value: Decimal.make(BigInt(1_000_000 + ((n * 7919 + series * 104_729) % 900_001)), 4)
})

/** The newest observation that is not later than the instant, calculated and not looked up. */
const asOf = (series: number, at: number, count: number): MarketSnapshot.Observation | undefined => {
  const n = Math.min(Math.floor((at - start - series * 5_000) / minute), count - 1)
  return n < 0 ? undefined : observation(series, n)
}

export interface Options {
  readonly days: number
  /** Instants drawn at random, after those in order. */
  readonly draws: number
  /** Hours that windows reach back to. */
  readonly lookback: number
  /** Observations read ahead. */
  readonly page: number
}

/**
 * MB that the heap may grow by: a quarter of a kilobyte for each observation that windows may hold, two pages ahead included,
 * and 8 MB for everything else. How many days there are does not matter.
 */
export const bound = ({ lookback, page }: Options): number =>
  Math.ceil((names.length * (lookback * 60 + 2 * page) * 256) / 2 ** 20) + 8

export interface Figures {
  readonly observations: number
  readonly load_s: number
  readonly in_order_s: number
  readonly reads_in_order: number
  readonly at_random_ms: number
  readonly reads_at_random: number
  readonly heap_growth_mb: number
  readonly heap_bound_mb: number
  readonly wrong: ReadonlyArray<string>
}

const collect: () => void = (() => {
  v8.setFlagsFromString("--expose-gc")
  return vm.runInNewContext("gc") as () => void
})()

const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

/** What is wrong with a snapshot, in words. */
const faultsOf = (snapshot: MarketSnapshot.MarketSnapshot, count: number): ReadonlyArray<string> =>
  names.flatMap((name, series) => {
    const expected = asOf(series, snapshot.at, count)
    const actual = snapshot.observe(name)
    if (expected?.at === actual?.at && (expected === undefined || Decimal.compare(expected.value, actual!.value) === 0)) return []
    const text = (one: MarketSnapshot.Observation | undefined) => one === undefined ? "nothing" : `${Decimal.format(one.value)} of ${Timestamp.format(one.at)}`
    return [`${name} at ${Timestamp.format(snapshot.at)}: expected ${text(expected)}, and got ${text(actual)}`]
  })

const rounded = (value: number): number => Math.round(value * 10) / 10

const day = (number: number): ReadonlyArray<Table.Series> =>
  names.map((name, series) => ({
    name,
    observations: Array.from({ length: minutesOfDay }, (_, n) => observation(series, number * minutesOfDay + n))
  }))

const numbers = (days: number): ReadonlyArray<number> => Array.from({ length: days }, (_, number) => number)

/** MB of the heap that the same observations take as a table in memory. */
export const inMemory = (days: number): number => {
  const before = heap()
  const table = Either.getOrThrow(Table.fromSeries(numbers(days).flatMap(day)))
  const growth = heap() - before
  return table.columns.size === names.length ? growth : 0
}

const load = (days: number): Effect.Effect<void, DataProvider.DataError, SqlClient.SqlClient> =>
  Effect.forEach(numbers(days), (number) => Sql.load(day(number)), { discard: true })

/** Loads, reads every minute in order, then instants at random, and compares every answer. */
export const measure = Effect.fnUntraced(function*(options: Options) {
  const { days, draws, lookback, page } = options
  const count = days * minutesOfDay
  const wrong: Array<string> = []
  const before = heap()
  let most = before
  const sample = () => {
    most = Math.max(most, heap())
  }
  const clock = performance.now()
  yield* load(days)
  const loaded = performance.now()
  sample()

  const data = yield* Sql.make({ lookback, page, maxAge: { price: lookback } })
  const [first] = yield* data.series
  if (first?.count !== count) wrong.push(`expected ${count} observations a series, and got ${first?.count}`)
  const reading = performance.now()
  for (let n = 0; n < count; n++) {
    wrong.push(...faultsOf(yield* data.getData(start + n * minute + (n % 60) * 1000), count))
    if (n % Math.ceil(count / 20) === 0) sample()
  }
  const read = performance.now()

  let seed = 20_240_601
  const drawn = performance.now()
  for (let n = 0; n < draws; n++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    wrong.push(...faultsOf(yield* data.getData(start + Math.floor((seed / 2 ** 32) * count * minute)), count))
    if (n % 10 === 0) sample()
  }
  const done = performance.now()
  sample()
  const figures: Figures = {
    observations: count * names.length,
    load_s: rounded((loaded - clock) / 1000),
    in_order_s: rounded((read - reading) / 1000),
    reads_in_order: count,
    at_random_ms: rounded((done - drawn) / Math.max(draws, 1)),
    reads_at_random: draws,
    heap_growth_mb: rounded(most - before),
    heap_bound_mb: bound(options),
    wrong: wrong.slice(0, 10)
  }
  return figures
})
