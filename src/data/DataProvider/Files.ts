/**
 * Market data from files of series, read once when the layer is built.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DataProvider from "../DataProvider.js"
import * as Parquet from "../Parquet.js"
import type * as Table from "../Table.js"
import * as Csv from "./Csv.js"
import * as Memory from "./Memory.js"

/**
 * Where the files are, and how they are read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Memory.Options {
  /**
   * A file of series, or a directory, of which every `*.csv` and `*.parquet` is read; directories in it are not. The files
   * are one data set: they may carry the same series, and where two of them have an observation of one instant it must be
   * the same.
   */
  readonly path: string
}

const ofPlatform = (what: string) => (cause: Error) =>
  new DataProvider.DataError({ message: `${what} cannot be read: ${cause.message}`, cause })

/** Whether a file of a directory is one of series, by its name. @category guards @since 0.1.0 */
export const isSeriesFile = (name: string): boolean => /\.(?:csv|parquet)$/.test(name) && !name.startsWith(".")

/**
 * The files of a path: itself where it is one, else those of the directory in the order of their names.
 *
 * @category constructors
 * @since 0.1.0
 */
export const list = Effect.fnUntraced(function*(
  root: string
): Effect.fn.Return<ReadonlyArray<string>, DataProvider.DataError, FileSystem.FileSystem | Path.Path> {
  const fileSystem = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { type } = yield* Effect.mapError(fileSystem.stat(root), ofPlatform(isSeriesFile(root) ? `file ${root}` : `directory ${root}`))
  if (type !== "Directory") return [root]
  const names = yield* Effect.mapError(fileSystem.readDirectory(root), ofPlatform(`directory ${root}`))
  const files = names.filter(isSeriesFile).sort()
  if (files.length === 0) {
    return yield* new DataProvider.DataError({ message: `directory ${root} holds no *.csv and no *.parquet` })
  }
  return files.map((name) => path.join(root, name))
})

/**
 * The series of a file, which is CSV as {@link Csv.parse} reads it, or Parquet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (
  file: string,
  bytes: Uint8Array
): Effect.Effect<ReadonlyArray<Table.Series>, DataProvider.DataError> =>
  Parquet.isParquet(bytes) ? Parquet.parse(file, bytes) : Effect.flatMap(Csv.decodeText(file, bytes), (text) => Csv.parse(file, text))

/**
 * Reads the files. The service answers from memory from then on, synchronously.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<
  Context.Tag.Service<DataProvider.DataProvider>,
  DataProvider.DataError,
  FileSystem.FileSystem | Path.Path
> {
  const fileSystem = yield* FileSystem.FileSystem
  const series: Array<Table.Series> = []
  for (const file of yield* list(options.path)) {
    const bytes = yield* Effect.mapError(fileSystem.readFile(file), ofPlatform(`file ${file}`))
    for (const part of yield* parse(file, bytes)) series.push(part)
  }
  return yield* Memory.make(series, options)
})

/**
 * Market data from files of series.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<DataProvider.DataProvider, DataProvider.DataError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(DataProvider.DataProvider, make(options))
