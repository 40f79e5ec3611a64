/**
 * The files of a run.
 *
 * @since 0.1.0
 */
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Json } from "../domain/Json.js"
import type * as EventLogger from "../events/EventLogger.js"
import * as EventsCsv from "../events/EventLogger/Csv.js"
import * as EventsJsonl from "../events/EventLogger/Jsonl.js"
import * as Directory from "../internal/Directory.js"
import * as Failure from "./Failure.js"
import * as LineFile from "./LineFile.js"
import * as Pretty from "./Pretty.js"
import * as WholeFile from "./WholeFile.js"

/**
 * Paths by kind.
 *
 * @category models
 * @since 0.1.0
 */
export interface Paths {
  readonly report: string
  readonly events: string
  readonly events_csv: string
  readonly value: string
  readonly operations: string
  readonly [kind: string]: string
}

/**
 * The files of one run, open.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResultFiles {
  readonly paths: Paths
  /** Takes the report of every block. */
  readonly operations: LineFile.LineFile
  /** The log of events. Each use of it begins the file anew. */
  readonly events: Layer.Layer<EventLogger.EventLogger, EventLogger.EventError>
  /** Writes what is only known at the end. */
  readonly finish: (
    report: { readonly [key: string]: Json },
    series: ReadonlyArray<readonly [string, string]>
  ) => Effect.Effect<void, Failure.Failure>
}

/**
 * The event log or its table cannot be read or written, or, which is `input`, a line of it is no event.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofEventError = (error: EventLogger.EventError): Failure.Failure => {
  const { cause, message } = error
  if (PlatformError.isPlatformError(cause)) return Failure.io(message.replace(`: ${cause.message}`, ""), cause)
  return new Failure.Failure({
    kind: "input",
    reason: message,
    resolution: "Name a log that eim or the library wrote, one event a line, or take that line out.",
    cause
  })
}

/**
 * Makes the directory `<out>/<id>` and opens the files in it. What an earlier run of the same id left there goes first,
 * so that the files of two runs never stand side by side.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (
  out: string,
  id: string
): Effect.Effect<ResultFiles, Failure.Failure, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const directory = path.join(out, id)
    const paths: Paths = {
      report: path.join(directory, "report.json"),
      events: path.join(directory, "events.jsonl"),
      events_csv: path.join(directory, "events.csv"),
      value: path.join(directory, "value.csv"),
      operations: path.join(directory, "operations.jsonl")
    }
    const fail = (cause: unknown) => Failure.io(`directory ${directory} cannot be written`, cause)
    yield* Effect.mapError(Directory.make(directory), fail)
    yield* Effect.mapError(Effect.forEach(Object.values(paths), (file) => fileSystem.remove(file, { force: true })), fail)
    const operations = yield* LineFile.make(paths.operations)
    const write = (file: string, text: string) =>
      Effect.mapError(WholeFile.write(file, text), (cause) => Failure.io(`file ${file} cannot be written`, cause))
    return {
      paths,
      operations,
      events: Layer.provide(EventsJsonl.layer({ file: paths.events }), Layer.succeed(FileSystem.FileSystem, fileSystem)),
      finish: (report, series) =>
        Effect.gen(function*() {
          yield* operations.flush
          yield* Effect.mapError(EventsCsv.write({ from: paths.events, to: paths.events_csv }), ofEventError)
          yield* write(paths.value, ["timestamp,value", ...series.map((row) => row.join(",")), ""].join("\n"))
          // Last: where it stands, the others are complete.
          yield* write(paths.report, `${Pretty.json(report)}\n`)
        }).pipe(Effect.provideService(FileSystem.FileSystem, fileSystem))
    }
  })
