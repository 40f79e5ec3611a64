/**
 * The market data of a run, and what identifies it.
 *
 * @since 0.1.0
 */
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as DataProvider from "../data/DataProvider.js"
import * as Csv from "../data/DataProvider/Csv.js"
import type * as Sql from "../data/DataProvider/Sql.js"
import * as Embedded from "../data/Embedded.js"
import * as Decimal from "../domain/Decimal.js"
import type { Json } from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Config from "../manager/Config.js"
import * as Database from "./Database.js"
import type * as Environment from "./Environment.js"
import * as Failure from "./Failure.js"

/**
 * A directory of series, or a database.
 *
 * @category models
 * @since 0.1.0
 */
export interface DataSource {
  readonly source: { readonly _tag: "Directory"; readonly path: string } | { readonly _tag: "Database"; readonly url: string }
  readonly layer: Layer.Layer<
    DataProvider.DataProvider,
    DataProvider.DataError,
    FileSystem.FileSystem | Path.Path
  >
}

/** Data that cannot be read is `io`, data that makes no sense is `input`. @category constructors @since 0.1.0 */
export const ofDataError = (error: DataProvider.DataError): Failure.Failure =>
  error.message.startsWith("the database") ? ofDatabaseError(error) : PlatformError.isPlatformError(error.cause)
    ? Failure.io(error.message.slice(0, error.message.indexOf(" cannot be read")) + " cannot be read", error.cause)
    : new Failure.Failure({
      kind: "input",
      reason: `market data: ${error.message}`,
      resolution: "A directory of data holds *.csv files with a column timestamp, oldest first, and a column for each series; `eim data import` makes one of files of exchanges.",
      cause: error
    })

/** What drivers of databases say, without the codes that they have for it. */
const plain = (message: string): string =>
  message
    .replace(/the database refuses: SQLITE_NOTADB: .*/, "the file is no database")
    .replace(/the database refuses: (?:SQLITE_ERROR: )?.*no such table.*/, "the database holds no series yet")
    .replace(/the database refuses: fetch failed/, "the database cannot be opened: nothing answers at its address")
    .replace(/SQLITE_[A-Z_]+: /, "")
    .replace(/connect ECONNREFUSED (\S+)/, "nothing answers at $1")
    .replace(/getaddrinfo E[A-Z_]+ (\S+)/, "there is no host $1")

/** The same of a database. @category constructors @since 0.1.0 */
export const ofDatabaseError = (error: DataProvider.DataError): Failure.Failure => {
  const message = plain(error.message)
  return new Failure.Failure({
    kind: message.includes("cannot be opened") ? "io" : "input",
    reason: `market data: ${message}`,
    resolution: "Check the address of the database, and load series into it with `eim data load`.",
    cause: error
  })
}

const database = Effect.fnUntraced(function*(
  url: string,
  options: Sql.Options
): Effect.fn.Return<DataSource, Failure.Failure, FileSystem.FileSystem | Path.Path> {
  const file = Database.fileOf(url)
  const fileSystem = yield* FileSystem.FileSystem
  // Opening a file that is not there would make an empty one.
  if (file !== undefined && !(yield* Effect.orElseSucceed(fileSystem.exists(file), () => true))) {
    return yield* new Failure.Failure({
      kind: "io",
      reason: `the database ${Database.shown(url)} cannot be read: there is no such file`,
      resolution: "Name it in BASIS_DATABASE_URL, or make it with `eim data load`."
    })
  }
  const client = yield* Database.client(url)
  const { layer } = yield* Effect.promise(() => import("../data/DataProvider/Sql.js"))
  return { source: { _tag: "Database", url }, layer: Layer.provide(layer(options), client) }
})

/**
 * The named directory; else the database, where the environment says so; else the table of the package.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  directory: Option.Option<string>,
  config: Config.Config,
  environment: Environment.Environment
): Effect.Effect<DataSource, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const options = { maxAge: config.maxAgeHours, staleFills: config.staleFills }
    if (Option.isNone(directory) && environment.dataMode === "db") return yield* database(environment.databaseUrl, options)
    const named = yield* Option.match(directory, {
      onNone: () => Effect.mapError(Embedded.directory, ofDataError),
      onSome: Effect.succeed
    })
    return { source: { _tag: "Directory", path: named }, layer: Csv.layer({ directory: named, ...options }) }
  })

const ofDirectory = (directory: string): Effect.Effect<Json, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const names = yield* fileSystem.readDirectory(directory)
    const files: Array<Json> = []
    for (const name of names.filter((name) => name.endsWith(".csv") && !name.startsWith(".")).sort()) {
      files.push([name, bytesToHex(sha256(yield* fileSystem.readFile(path.join(directory, name))))])
    }
    return files
  }).pipe(Effect.mapError((cause) => Failure.io(`directory ${directory} cannot be read`, cause)))

/** What was known at the end of a month; no more than that is in memory at once. */
const stride = 30 * Timestamp.day

/** Name and sha256 of every series, by its observations. */
const ofSeries: Effect.Effect<Json, DataProvider.DataError, DataProvider.DataProvider> = Effect.gen(function*() {
  const data = yield* DataProvider.DataProvider
  const series = yield* data.series
  const hashes = series.map(() => sha256.create())
  const from = series.reduce((least, info) => Math.min(least, info.from), Number.POSITIVE_INFINITY)
  const to = series.reduce((most, info) => Math.max(most, info.to), 0)
  for (let after = from - 1; after < to; after += stride) {
    const snapshot = yield* data.getData(Math.min(after + stride, to))
    for (const [i, { name }] of series.entries()) {
      for (const { at, value } of snapshot.since(name, after)) hashes[i]!.update(`${at} ${Decimal.format(value)}\n`)
    }
  }
  return series.map(({ name }, i): Json => [name, bytesToHex(hashes[i]!.digest())])
})

/**
 * What identifies the data: of a directory, name and sha256 of every file of series, of a database those of every
 * series, in the order of names. The same data has the same, wherever it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fingerprint = (
  { source }: DataSource
): Effect.Effect<Json, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  source._tag === "Directory"
    ? ofDirectory(source.path)
    : Effect.flatMap(database(source.url, { lookback: stride / Timestamp.hour }), ({ layer }) =>
      Effect.mapError(Effect.provide(ofSeries, layer), ofDatabaseError))
