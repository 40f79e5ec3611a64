/**
 * The market data that comes with the package: the table that runs use where no other is named.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DataProvider from "./DataProvider.js"
import * as Files from "./DataProvider/Files.js"
import type * as Memory from "./DataProvider/Memory.js"

/**
 * Where the table is: `docs/examples/data` of the package, two levels above this module both in the sources and as
 * built.
 *
 * @category constants
 * @since 0.1.0
 */
export const url: URL = new URL("../../docs/examples/data/", import.meta.url)

/** The directory of the table, as a path of the platform. @category constructors @since 0.1.0 */
export const directory: Effect.Effect<string, DataProvider.DataError, Path.Path> = Effect.flatMap(Path.Path, (path) =>
  Effect.mapError(
    path.fromFileUrl(url),
    (cause) => new DataProvider.DataError({ message: `the embedded data is not at a file: ${url.href}`, cause })
  ))

/**
 * Figures of every 8 hours from 2024-05-13T08:00Z to 2025-09-18T00:00Z. The README beside them says where they are
 * from.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Memory.Options = {}
): Layer.Layer<DataProvider.DataProvider, DataProvider.DataError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    DataProvider.DataProvider,
    Effect.flatMap(directory, (directory) => Files.make({ ...options, path: directory }))
  )
