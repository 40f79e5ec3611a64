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
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as DataProvider from "../data/DataProvider.js"
import * as Csv from "../data/DataProvider/Csv.js"
import * as Embedded from "../data/Embedded.js"
import type { Json } from "../domain/Json.js"
import type * as Config from "../manager/Config.js"
import type * as Environment from "./Environment.js"
import * as Failure from "./Failure.js"

/**
 * A directory of series.
 *
 * @category models
 * @since 0.1.0
 */
export interface DataSource {
  readonly directory: string
  readonly layer: Layer.Layer<
    DataProvider.DataProvider,
    DataProvider.DataError,
    FileSystem.FileSystem | Path.Path
  >
}

/** Data that cannot be read is `io`, data that makes no sense is `input`. @category constructors @since 0.1.0 */
export const ofDataError = (error: DataProvider.DataError): Failure.Failure =>
  PlatformError.isPlatformError(error.cause)
    ? Failure.io(error.message.slice(0, error.message.indexOf(" cannot be read")) + " cannot be read", error.cause)
    : new Failure.Failure({
      kind: "input",
      reason: `market data: ${error.message}`,
      resolution: "A directory of data holds *.csv files with a column timestamp, oldest first, and a column for each series.",
      cause: error
    })

/**
 * The named directory, or the table of the package.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  directory: Option.Option<string>,
  config: Config.Config,
  environment: Environment.Environment
): Effect.Effect<DataSource, Failure.Failure, Path.Path> =>
  Effect.gen(function*() {
    if (environment.dataMode === "db") {
      return yield* new Failure.Failure({
        kind: "config",
        reason: "the environment: BASIS_DATA_MODE is db, and eim reads market data from CSV files only",
        path: "BASIS_DATA_MODE",
        expected: "csv",
        actual: "db",
        resolution: "Set BASIS_DATA_MODE to csv, and name the directory with --data."
      })
    }
    const named = yield* Option.match(directory, {
      onNone: () => Effect.mapError(Embedded.directory, ofDataError),
      onSome: Effect.succeed
    })
    return { directory: named, layer: Csv.layer({ directory: named, maxAge: config.maxAgeHours }) }
  })

/**
 * Name and sha256 of every file of series, in the order of names: the same data has the same, wherever it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fingerprint = (
  source: DataSource
): Effect.Effect<Json, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const names = yield* fileSystem.readDirectory(source.directory)
    const files: Array<Json> = []
    for (const name of names.filter((name) => name.endsWith(".csv") && !name.startsWith(".")).sort()) {
      files.push([name, bytesToHex(sha256(yield* fileSystem.readFile(path.join(source.directory, name))))])
    }
    return files
  }).pipe(Effect.mapError((cause) => Failure.io(`directory ${source.directory} cannot be read`, cause)))
