/**
 * Market data from a database: SQLite and libsql, PostgreSQL, or another that `@effect/sql` speaks to.
 *
 * A run reads forwards in time, so a window of every series is held in memory: what it may look back to, and a page of
 * what comes next. The table itself never is. Answers are those of the same data as CSV.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlError from "@effect/sql/SqlError"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as DataProvider from "../DataProvider.js"
import * as Horizon from "../Horizon.js"
import * as Instants from "../../domain/Instants.js"
import * as Table from "../Table.js"
import * as Memory from "./Memory.js"

/**
 * How data is read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Memory.Options {
  /**
   * Hours before the instant of a snapshot that `since` reaches back to, zero or more. Defaults to 168, and is at least
   * the longest age of the series. A question that reaches further is a defect, not a short answer. `Infinity` holds
   * every series from its beginning.
   */
  readonly lookback?: number | undefined
  /** Observations of a series that are read ahead at once, 1 or more. Defaults to 4096. */
  readonly page?: number | undefined
}

/**
 * The table: `series` text, `observed_at` milliseconds since 1970, `value` plain decimal text, one row for each series
 * and instant.
 *
 * @category constants
 * @since 0.1.0
 */
export const tableName = "eim_observations"

/** As the drivers give whole numbers. */
type Integer = number | string | bigint

const describe = (error: SqlError.SqlError): string => {
  const { cause } = error
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message
}

const ofSqlError = (error: SqlError.SqlError): DataProvider.DataError =>
  new DataProvider.DataError({ message: `the database refuses: ${describe(error)}`, cause: error })

/**
 * Lets SQLite wait, up to half a minute, for who writes the file meanwhile: without it a run that reads beside a load
 * fails at once. A server has ways of its own, and one that does not know the question is asked without it.
 */
const patient = (sql: SqlClient.SqlClient): Effect.Effect<void> =>
  sql.onDialectOrElse({
    sqlite: () => Effect.ignore(sql`PRAGMA busy_timeout = 30000`),
    orElse: () => Effect.void
  })

/** Makes the table where there is none. @category constructors @since 0.1.0 */
export const create: Effect.Effect<void, DataProvider.DataError, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    Effect.zipRight(
      Effect.zipRight(
        patient(sql),
        sql`CREATE TABLE IF NOT EXISTS eim_observations (
          series TEXT NOT NULL, observed_at BIGINT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (series, observed_at))`
      ),
      sql`CREATE INDEX IF NOT EXISTS eim_observations_by_time ON eim_observations (observed_at)`
    ).pipe(Effect.asVoid, Effect.mapError(ofSqlError))
)

interface Stored {
  readonly observed_at: number | string | bigint
  readonly value: string
}

// Drivers give integers of 64 bits as numbers, as text or as bigints; instants fit into all of them.
const instantOf = (column: number | string | bigint): number => Number.parseInt(String(column), 10)

/** The last row of a series that counts for an instant up to `at`. */
const lastRow = (series: string, at: number): number =>
  Instants.isScheduled(series) && Number.isFinite(at) && at >= 0 ? Instants.lastRecord(at) : at

const decode = (
  series: string,
  rows: ReadonlyArray<Stored>
): Either.Either<Array<MarketSnapshot.Observation>, DataProvider.DataError> => {
  const observations: Array<MarketSnapshot.Observation> = []
  const scheduled = Instants.isScheduled(series)
  for (const row of rows) {
    const recorded = instantOf(row.observed_at)
    const at = scheduled ? Instants.scheduled(recorded) : recorded
    const value = Decimal.parse(row.value)
    if (value === undefined) {
      return Either.left(
        new DataProvider.DataError({
          message: `the database: series ${series} at ${Timestamp.format(at)}: expected a decimal, and got ${JSON.stringify(row.value)}`
        })
      )
    }
    observations.push({ at, value })
  }
  return Either.right(observations)
}

/** What a load came to. @category models @since 0.1.0 */
export interface Loaded {
  readonly series: number
  readonly inserted: number
  /** Observations that the table already had. */
  readonly known: number
}

const chunk = 1000

/** {@link Instants.scheduled} of a row, in SQL. */
const meant = `CASE WHEN (observed_at + ${Instants.tolerance}) % ${Timestamp.minute} <= ${2 * Instants.tolerance}
  THEN observed_at + ${Instants.tolerance} - (observed_at + ${Instants.tolerance}) % ${Timestamp.minute} ELSE observed_at END`

/**
 * Writes series into the table, all or nothing. What it already has counts as known; a value that differs from the one
 * it has is refused.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = Effect.fnUntraced(function*(
  series: ReadonlyArray<Table.Series>
): Effect.fn.Return<Loaded, DataProvider.DataError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const merged = yield* Either.mapLeft(
    Table.fromSeries(series),
    (error) => new DataProvider.DataError({ message: error.message, cause: error })
  )
  yield* create
  const write = Effect.gen(function*() {
    let inserted = 0
    let known = 0
    for (const [name, { observations }] of merged.columns) {
      for (let i = 0; i < observations.length; i += chunk) {
        const part = observations.slice(i, i + chunk)
        const rows = yield* sql<Stored>`SELECT observed_at, value FROM eim_observations
          WHERE series = ${name} AND observed_at > ${lastRow(name, part[0]!.at - 1)}
            AND observed_at <= ${lastRow(name, part.at(-1)!.at)}`
        const there = new Map((yield* decode(name, rows)).map(({ at, value }) => [at, value]))
        const fresh: Array<{ readonly series: string; readonly observed_at: number; readonly value: string }> = []
        for (const { at, value } of part) {
          const before = there.get(at)
          if (before === undefined) fresh.push({ series: name, observed_at: at, value: Decimal.format(value) })
          else if (Decimal.compare(before, value) === 0) known++
          else {
            return yield* new DataProvider.DataError({
              message: `series ${name}: two values at ${Timestamp.format(at)}, ${Decimal.format(before)} in the database and ${
                Decimal.format(value)
              } to be loaded`
            })
          }
        }
        if (fresh.length > 0) yield* sql`INSERT INTO eim_observations ${sql.insert(fresh)}`
        inserted += fresh.length
      }
    }
    return { series: merged.columns.size, inserted, known }
  })
  return yield* Effect.mapError(
    sql.withTransaction(write),
    (error) => (error._tag === "SqlError" ? ofSqlError(error) : error)
  )
})

/** The part of a series that is in memory. */
interface Window {
  readonly observations: ReadonlyArray<MarketSnapshot.Observation>
  /** Instant from which on nothing is missing, the newest observations before it that tell the step included. */
  readonly start: number
  /** `since` is whole for instants from this one on. */
  readonly floor: number
  /** Nothing up to this instant is missing. */
  readonly until: number
}

interface State {
  readonly windows: ReadonlyMap<string, Window>
  readonly table: Table.Table
  /** The instants that all windows answer for. */
  readonly oldest: number
  readonly until: number
}

const isCovered = ({ oldest, until }: State, at: Timestamp.Timestamp): boolean => oldest <= at && at <= until

const beyond = (series: string, after: number, floor: number) => () =>
  new DataProvider.DataError({
    message: `series ${series} is in memory from ${Timestamp.format(floor + 1)} on, and observations since ${
      after < 0 ? "ever" : Timestamp.format(after)
    } are asked for: set a longer lookback`
  })

const snapshotOf = (
  { table, windows }: State,
  at: Timestamp.Timestamp,
  maxAge: (series: string) => number,
  staleFills: (series: string) => boolean
): MarketSnapshot.MarketSnapshot => {
  const snapshot = Table.snapshot(table, at, maxAge, staleFills)
  return {
    ...snapshot,
    since: (series, after) => {
      const floor = windows.get(series)?.floor ?? Number.NEGATIVE_INFINITY
      // A short answer would be a wrong one: who asks must set what is held. A defect, as nothing can be done at run time.
      return after >= floor || after >= at
        ? snapshot.since(series, after)
        : Either.getOrThrowWith(Either.left(undefined), beyond(series, after, floor))
    }
  }
}

/**
 * Reads the extent of every series, and what snapshots need when they are asked for. What is written to the table
 * afterwards may not be seen.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<Context.Tag.Service<DataProvider.DataProvider>, DataProvider.DataError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const maxAge = yield* Memory.maxAges(options)
  const staleFills = Memory.staleFills(options)
  const { lookback = 168, page = 4096 } = options
  if (!(lookback >= 0) || !Number.isInteger(page) || page < 1) {
    return yield* new DataProvider.DataError({
      message: `expected a lookback of hours, zero or more, and a page of 1 or more, and got ${lookback} and ${page}`
    })
  }
  const reach = (series: string) => Math.max(lookback * Timestamp.hour, maxAge(series))
  yield* patient(sql)

  type Extent = { readonly series: string; readonly n: Integer; readonly a: Integer; readonly b: Integer }
  const known = yield* Effect.mapError(sql<Pick<Extent, "series">>`SELECT DISTINCT series FROM eim_observations`, ofSqlError)
  const scheduled = known.map(({ series }) => series).filter(Instants.isScheduled)
  const seriesAt = (at: Timestamp.Timestamp) =>
    Effect.map(
      Effect.mapError(
        Effect.all([
          sql<Extent>`SELECT series, COUNT(*) AS n, MIN(observed_at) AS a, MAX(observed_at) AS b FROM eim_observations
            WHERE observed_at <= ${at} GROUP BY series`,
          // Two rows of one settlement are one observation.
          scheduled.length === 0 ? Effect.succeed([]) : sql<Extent>`
            SELECT series, COUNT(DISTINCT ${sql.literal(meant)}) AS n, MIN(${sql.literal(meant)}) AS a, MAX(${sql.literal(meant)}) AS b
              FROM eim_observations WHERE ${sql.in("series", scheduled)} AND ${sql.literal(meant)} <= ${at} GROUP BY series`
        ]),
        ofSqlError
      ),
      ([plain, settled]) =>
        [...plain.filter(({ series }) => !Instants.isScheduled(series)), ...settled]
          .map(({ a, b, n, series }) => ({ name: series, count: instantOf(n), from: instantOf(a), to: instantOf(b) }))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
    )
  const info = yield* seriesAt(Number.MAX_SAFE_INTEGER)
  if (info.length === 0) return yield* new DataProvider.DataError({ message: "the database holds no observations" })

  const rowsOf = (series: string, query: Effect.Effect<ReadonlyArray<Stored>, SqlError.SqlError>) =>
    Effect.flatMap(Effect.mapError(query, ofSqlError), (rows) => decode(series, rows))

  /** A page of what comes after an instant, and up to where nothing is missing then. */
  const ahead = Effect.fnUntraced(function*(series: string, after: number) {
    const next = yield* rowsOf(series, sql<Stored>`SELECT observed_at, value FROM eim_observations
      WHERE series = ${series} AND observed_at > ${lastRow(series, after)} ORDER BY observed_at LIMIT ${page}`)
    if (next.length < page) return { next, until: Number.POSITIVE_INFINITY }
    const until = next.at(-1)!.at
    if (!Instants.isScheduled(series)) return { next, until }
    // All rows of the last settlement, so that none that contradicts is left beyond the page.
    const last = yield* rowsOf(series, sql<Stored>`SELECT observed_at, value FROM eim_observations
      WHERE series = ${series} AND observed_at > ${lastRow(series, until - 1)} AND observed_at <= ${lastRow(series, until)}
      ORDER BY observed_at`)
    return { next: [...next.filter(({ at }) => at < until), ...last], until }
  })

  const open = Effect.fnUntraced(function*({ from, name }: DataProvider.SeriesInfo, at: number) {
    const start = Math.max(at - reach(name), -1)
    const known = yield* rowsOf(name, sql<Stored>`SELECT observed_at, value FROM eim_observations
      WHERE series = ${name} AND observed_at <= ${lastRow(name, at)} AND observed_at >= COALESCE(
        (SELECT observed_at FROM eim_observations WHERE series = ${name} AND observed_at <= ${lastRow(name, start)}
          ORDER BY observed_at DESC LIMIT 1 OFFSET ${MarketSnapshot.stepSpan}), -1)
      ORDER BY observed_at`)
    const { next, until } = yield* ahead(name, at)
    const whole = known.length === 0 || known[0]!.at === from
    return {
      observations: [...known, ...next],
      start,
      floor: whole ? Number.NEGATIVE_INFINITY : known[0]!.at - 1,
      until
    }
  })

  /** Reads on to where `at` is covered, and lets go of what is out of reach. */
  const advance = Effect.fnUntraced(function*(series: string, window: Window, at: number) {
    const added: Array<MarketSnapshot.Observation> = []
    let until = window.until
    do {
      const read = yield* ahead(series, until)
      for (const observation of read.next) added.push(observation)
      until = read.until
    } while (until < at)
    const all = [...window.observations, ...added]
    const start = Math.max(at - reach(series), window.start)
    const first = Math.max(all.findLastIndex((observation) => observation.at <= start) - MarketSnapshot.stepSpan, 0)
    return {
      observations: all.slice(first),
      start,
      floor: first === 0 ? window.floor : all[first]!.at - 1,
      until
    }
  })

  const answers = (name: string, { floor, start, until }: Window, at: number): boolean =>
    at <= until && (floor === Number.NEGATIVE_INFINITY || at - reach(name) >= start)

  /** Less than half a page left: read on together with the others, so that windows do not move one by one. */
  const isShort = ({ observations, until }: Window, at: number): boolean => {
    if (until === Number.POSITIVE_INFINITY) return false
    const half = observations[observations.length - Math.ceil(page / 2)]
    return half === undefined || half.at <= at
  }

  const move = Effect.fnUntraced(function*(state: State, at: number) {
    const windows = new Map(state.windows)
    const columns = new Map(state.table.columns)
    for (const extent of info) {
      const { name } = extent
      const window = windows.get(name)
      if (window !== undefined && answers(name, window, at) && !isShort(window, at)) continue
      const near = window !== undefined && at - reach(name) >= window.start && at - window.until <= reach(name)
      const moved = yield* near ? advance(name, window, at) : open(extent, at)
      windows.set(name, moved)
      const table = yield* Either.mapLeft(
        Table.fromSeries([{ name, observations: moved.observations }]),
        (error) => new DataProvider.DataError({ message: error.message, cause: error })
      )
      for (const [name, column] of table.columns) columns.set(name, column)
    }
    let oldest = Number.NEGATIVE_INFINITY
    let until = Number.POSITIVE_INFINITY
    for (const [name, window] of windows) {
      until = Math.min(until, window.until)
      if (window.floor !== Number.NEGATIVE_INFINITY) oldest = Math.max(oldest, window.start + reach(name))
    }
    return { windows, table: { columns }, oldest, until }
  })

  let state: State = { windows: new Map(), table: { columns: new Map() }, oldest: 0, until: -1 }
  const one = Effect.unsafeMakeSemaphore(1)
  const seek = (at: number) =>
    one.withPermits(1)(
      Effect.suspend(() =>
        isCovered(state, at) ? Effect.succeed(state) : Effect.tap(move(state, at), (moved) => {
          state = moved
        })
      )
    )

  return Horizon.guard({
    getData: (at) =>
      Effect.suspend(() =>
        isCovered(state, at)
          ? Effect.succeed(snapshotOf(state, at, maxAge, staleFills))
          : Effect.map(seek(at), (state) => snapshotOf(state, at, maxAge, staleFills))
      ),
    timestamps: (from, to) =>
      Effect.mapError(
        Effect.gen(function*() {
          const last = Instants.lastRecord(Math.max(to, 0))
          const observed = yield* sql<Pick<Stored, "observed_at">>`SELECT DISTINCT observed_at FROM eim_observations
            WHERE observed_at BETWEEN ${from} AND ${to}${
            scheduled.length === 0 ? sql`` : sql` AND NOT ${sql.in("series", scheduled)}`
          } ORDER BY observed_at`
          const settled = scheduled.length === 0 ? [] : yield* sql<Pick<Stored, "observed_at">>`
            SELECT DISTINCT observed_at FROM eim_observations
              WHERE observed_at BETWEEN ${Math.max(from - Instants.tolerance, 0)} AND ${last}
                AND ${sql.in("series", scheduled)} ORDER BY observed_at`
          if (settled.length === 0) return observed.map(({ observed_at }) => instantOf(observed_at))
          const instants = new Set(observed.map(({ observed_at }) => instantOf(observed_at)))
          for (const { observed_at } of settled) {
            const at = Instants.scheduled(instantOf(observed_at))
            if (at >= from && at <= to) instants.add(at)
          }
          return [...instants].sort((a, b) => a - b)
        }),
        ofSqlError
      ),
    series: Effect.succeed(info),
    seriesAt
  })
})

/**
 * Market data from the table of a database. The table is made and filled by {@link load}.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<DataProvider.DataProvider, DataProvider.DataError, SqlClient.SqlClient> =>
  Layer.effect(DataProvider.DataProvider, make(options))
