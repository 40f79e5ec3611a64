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
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as DataProvider from "../data/DataProvider.js"
import * as Files from "../data/DataProvider/Files.js"
import type * as Sql from "../data/DataProvider/Sql.js"
import * as Union from "../data/DataProvider/Union.js"
import * as Embedded from "../data/Embedded.js"
import * as Decimal from "../domain/Decimal.js"
import type { Json } from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Config from "../manager/Config.js"
import * as Database from "./Database.js"
import type * as Environment from "./Environment.js"
import * as Failure from "./Failure.js"
import * as Misunderstanding from "./Misunderstanding.js"

/**
 * Where data is from: files of series, by their path; the table of the package; a database.
 *
 * @category models
 * @since 0.1.0
 */
export type Source =
  | { readonly _tag: "Files"; readonly path: string }
  | { readonly _tag: "Database"; readonly url: string }

/**
 * The sources of a run, in the order in which they are named, and their data as one.
 *
 * @category models
 * @since 0.1.0
 */
export interface DataSource {
  readonly sources: ReadonlyArray<Source>
  readonly overlap: Union.Overlap
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
      resolution: error.message.includes("say which holds")
        ? "Say --on-conflict first or last, in the order of --data, or leave one of the two out."
        : "Data is *.csv or *.parquet with a column timestamp, oldest first, and a column for each series; `eim data import` makes it of files of exchanges.",
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
): Effect.fn.Return<DataSource["layer"], Failure.Failure, FileSystem.FileSystem | Path.Path> {
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
  return Layer.provide(layer(options), client)
})

/** What names the table of the package and the database where a path of files could stand. */
const words = { embedded: "embedded", database: "database" }

const named = (
  name: string,
  databaseUrl: string
): Effect.Effect<Source, Failure.Failure, Path.Path> =>
  name === words.embedded
    ? Effect.mapBoth(Embedded.directory, { onFailure: ofDataError, onSuccess: (path) => ({ _tag: "Files", path }) })
    : Effect.succeed(name === words.database ? { _tag: "Database", url: databaseUrl } : { _tag: "Files", path: name })

const shown = (source: Source): string => (source._tag === "Files" ? source.path : Database.shown(source.url))

const layerOf = (
  source: Source,
  options: Sql.Options
): Effect.Effect<DataSource["layer"], Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  source._tag === "Files" ? Effect.succeed(Files.layer({ path: source.path, ...options })) : database(source.url, options)

const joined = Effect.fnUntraced(function*(
  sources: ReadonlyArray<Source>,
  overlap: Union.Overlap,
  options: Sql.Options
): Effect.fn.Return<DataSource, Failure.Failure, FileSystem.FileSystem | Path.Path> {
  const layers = yield* Effect.forEach(sources, (source) =>
    Effect.map(layerOf(source, options), (layer) => [shown(source), layer] as const))
  const [first] = layers
  return {
    sources,
    overlap,
    layer: layers.length === 1 ? first![1] : Union.layer(Object.fromEntries(layers), { overlap })
  }
})

/** The rule of `--on-conflict` for series that stand in several sources. @category constructors @since 0.1.0 */
export const overlapOf = (text: Option.Option<string>): Either.Either<Union.Overlap, Failure.Failure> => {
  if (Option.isNone(text)) return Either.right("refuse")
  const rule = Union.overlaps.find((rule) => rule === text.value)
  return rule === undefined
    ? Either.left(Misunderstanding.ofFault("arguments", "arguments", {
      path: "--on-conflict",
      expected: Union.overlaps.join(", "),
      actual: text.value
    }, "Write one of them."))
    : Either.right(rule)
}

/**
 * The sources that are named; else the database, where the environment says so; else the table of the package.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  names: ReadonlyArray<string>,
  onConflict: Option.Option<string>,
  config: Config.Config,
  environment: Environment.Environment
): Effect.Effect<DataSource, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fallback = environment.dataMode === "db" ? words.database : words.embedded
    const sources = yield* Effect.forEach(names.length === 0 ? [fallback] : names, (name) => named(name, environment.databaseUrl))
    return yield* joined(sources, yield* overlapOf(onConflict), { maxAge: config.maxAgeHours, staleFills: config.staleFills })
  })

/**
 * The data of files alone, without a run: as `eim data` looks at it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const provider = Effect.fnUntraced(function*(
  names: ReadonlyArray<string>,
  overlap: Union.Overlap
) {
  const sources = yield* Effect.forEach(names, (name) => named(name, ""))
  const { layer } = yield* joined(sources.filter(({ _tag }) => _tag === "Files"), overlap, {})
  return yield* Effect.mapError(Effect.provide(DataProvider.DataProvider, layer), ofDataError)
})

const ofFiles = (root: string): Effect.Effect<Json, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const files: Array<Json> = []
    for (const file of yield* Effect.mapError(Files.list(root), ofDataError)) {
      const bytes = yield* Effect.mapError(fileSystem.readFile(file), (cause) => Failure.io(`file ${file} cannot be read`, cause))
      files.push([path.basename(file), bytesToHex(sha256(bytes))])
    }
    return files
  })

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

const ofSource = (source: Source): Effect.Effect<Json, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  source._tag === "Files"
    ? ofFiles(source.path)
    : Effect.flatMap(database(source.url, { lookback: stride / Timestamp.hour }), (layer) =>
      Effect.mapError(Effect.provide(ofSeries, layer), ofDatabaseError))

/**
 * What identifies the data: of files, name and sha256 of every one, of a database those of every series, in the order of
 * names. The same data has the same, wherever it is. Of several sources it is that of each, and which holds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fingerprint = (
  { overlap, sources }: DataSource
): Effect.Effect<Json, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  Effect.map(Effect.forEach(sources, ofSource), (all): Json => (all.length === 1 ? all[0]! : { overlap, sources: all }))
