/**
 * The files of a run.
 *
 * A run writes into `<out>/<id>.part` and takes its place, `<out>/<id>`, when it is complete: what stands there is
 * always the whole of one run.
 *
 * @since 0.1.0
 */
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Json } from "../domain/Json.js"
import type * as EventLogger from "../events/EventLogger.js"
import * as EventsCsv from "../events/EventLogger/Csv.js"
import * as EventsJsonl from "../events/EventLogger/Jsonl.js"
import * as Directory from "../internal/Directory.js"
import * as WholeFile from "../internal/WholeFile.js"
import * as Failure from "./Failure.js"
import * as LineFile from "./LineFile.js"
import * as Misunderstanding from "./Misunderstanding.js"
import * as Pretty from "./Pretty.js"
import * as RunLock from "./RunLock.js"

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
  /** Where they stand once the run is complete. */
  readonly paths: Paths
  /** What an unfinished run of the id had left, and was removed; absent where there was nothing. */
  readonly removed: string | undefined
  /** Takes the report of every block. */
  readonly operations: LineFile.LineFile
  /** The log of events. Each use of it begins the file anew. */
  readonly events: Layer.Layer<EventLogger.EventLogger, EventLogger.EventError>
  /** The files that there are of a run that does not get to its end, by kind; those that are empty left out. */
  readonly unfinished: Effect.Effect<{ readonly [kind: string]: string }>
  /** Writes what is only known at the end, and takes the place of the run. */
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

/** The names of files by kind. */
const names = {
  report: "report.json",
  events: "events.jsonl",
  events_csv: "events.csv",
  value: "value.csv",
  operations: "operations.jsonl"
} as const

const pathsIn = (path: Path.Path, directory: string): Paths => ({
  report: path.join(directory, names.report),
  events: path.join(directory, names.events),
  events_csv: path.join(directory, names.events_csv),
  value: path.join(directory, names.value),
  operations: path.join(directory, names.operations)
})

/** Endings of what stands beside a run: its unfinished files, its lock, and the run that it replaces. */
const endings = { part: ".part", lock: ".lock", old: ".old" } as const

/**
 * The id of a run as it was given: the name of a directory, and of none that belongs to another run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const checkId = (id: string): Either.Either<string, Failure.Failure> =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id) && !/\.(?:part|lock|old)(?:\.[0-9a-f]+)?$/i.test(id)
    ? Either.right(id)
    : Either.left(Misunderstanding.ofFault("arguments", "arguments", {
      path: "--id",
      expected: "letters, digits, '.', '_' and '-', at most 128, the first a letter or digit, and no ending .part, .lock or .old",
      actual: id
    }, "The id names a directory; choose one that can."))

/** What stands at the place of a run. */
type Place = "nothing" | "unfinished" | "finished" | "other"

const own: ReadonlyArray<string> = Object.values(names)

/** A run is a directory with nothing but the files of one, and a finished one has a report. */
const lookAt = (directory: string): Effect.Effect<Place, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    if (Option.isSome(yield* Effect.option(fileSystem.readLink(directory)))) return "other"
    if (!(yield* fileSystem.exists(directory))) return "nothing"
    if ((yield* fileSystem.stat(directory)).type !== "Directory") return "other"
    const files = yield* fileSystem.readDirectory(directory)
    // Beside its files stand those that were being written when it ended.
    const isOwn = (file: string) => own.some((name) => file === name || (file.startsWith(`${name}.`) && file.endsWith(".part")))
    if (!files.every(isOwn)) return "other"
    return files.includes(names.report) ? "finished" : "unfinished"
  })

const refused = (directory: string, id: string, place: Place): Failure.Failure =>
  new Failure.Failure({
    kind: "arguments",
    reason: place === "finished"
      ? `${directory} holds a finished run of the id ${id}`
      : `${directory} is no run: a link, a file, or a directory with other files in it`,
    path: "--id",
    expected: place === "finished" ? "an id without a finished run, or --force" : "an id whose directory is free",
    actual: id,
    resolution: place === "finished"
      ? "Replace it with --force, or name this run otherwise with --id."
      : "Name this run otherwise with --id, or its results with --out. Nothing was changed there."
  })

/**
 * Makes the directory of an unfinished run of the id and opens the files in it, for as long as the scope lasts. Refused
 * while another run of the id is in progress, and, without `force`, where a finished one stands. What an unfinished run
 * left is removed. A run that does not come to its end leaves what it wrote, and a finished one of the id as it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (
  out: string,
  id: string,
  force: boolean
): Effect.Effect<ResultFiles, Failure.Failure, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const directory = path.join(out, id)
    const part = directory + endings.part
    const old = directory + endings.old
    const paths = pathsIn(path, directory)
    const unfinished = pathsIn(path, part)
    const fail = (cause: unknown) => Failure.io(`directory ${directory} cannot be written`, cause)
    const failing = <A, R>(effect: Effect.Effect<A, PlatformError.PlatformError, R>) => Effect.mapError(effect, fail)

    yield* failing(Directory.make(out))
    const lock = yield* RunLock.hold(directory + endings.lock, id)

    // A run that was ended while it replaced another one: between two names, or after them.
    if ((yield* failing(lookAt(old))) === "finished") {
      const isReplaced = (yield* failing(lookAt(directory))) !== "nothing"
      yield* failing(isReplaced ? fileSystem.remove(old, { recursive: true }) : fileSystem.rename(old, directory))
    }

    const before = yield* failing(lookAt(directory))
    if (before === "other" || (before === "finished" && !force)) return yield* refused(directory, id, before)
    const left = yield* failing(lookAt(part))
    if (left === "other") return yield* refused(part, id, left)
    if (left !== "nothing") yield* failing(fileSystem.remove(part, { recursive: true }))
    yield* failing(fileSystem.makeDirectory(part))

    const isFilled = (file: string) =>
      Effect.map(Effect.option(fileSystem.stat(file)), (info) => Option.isSome(info) && Number(info.value.size) > 0)
    const filled = Effect.map(
      Effect.forEach(Object.entries(unfinished), (entry) => Effect.map(isFilled(entry[1]), (is) => (is ? [entry] : []))),
      (all) => Object.fromEntries(all.flat())
    )
    // A run that ends before it wrote anything leaves nothing.
    yield* Effect.addFinalizer(() =>
      Effect.flatMap(filled, (files) =>
        Object.keys(files).length > 0 ? Effect.void : Effect.ignore(fileSystem.remove(part, { recursive: true, force: true }))))

    // Closed before the directory gets its name: some systems move no directory with an open file in it.
    const writing = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const operations = yield* Scope.extend(LineFile.make(unfinished.operations), writing)
    const write = (file: string, text: string) =>
      Effect.mapError(WholeFile.write(file, text), (cause) => Failure.io(`file ${file} cannot be written`, cause))

    const take = Effect.gen(function*() {
      yield* lock.check
      const there = yield* failing(lookAt(directory))
      if (there === "other" || (there === "finished" && !force)) return yield* refused(directory, id, there)
      if (there === "unfinished") yield* failing(fileSystem.remove(directory, { recursive: true }))
      if (there !== "finished") return yield* failing(fileSystem.rename(part, directory))
      yield* failing(fileSystem.rename(directory, old))
      yield* failing(Effect.onError(fileSystem.rename(part, directory), () => Effect.ignore(fileSystem.rename(old, directory))))
      // The new one stands. Where the old one cannot be removed, the next run of the id does it.
      yield* Effect.ignore(fileSystem.remove(old, { recursive: true }))
    }).pipe(Effect.uninterruptible)

    return {
      paths,
      removed: left === "unfinished" || left === "finished" ? part : undefined,
      operations,
      unfinished: filled,
      events: Layer.provide(EventsJsonl.layer({ file: unfinished.events }), Layer.succeed(FileSystem.FileSystem, fileSystem)),
      finish: (report, series) =>
        Effect.gen(function*() {
          yield* operations.flush
          yield* Scope.close(writing, Exit.void)
          yield* Effect.mapError(EventsCsv.write({ from: unfinished.events, to: unfinished.events_csv }), ofEventError)
          yield* write(unfinished.value, ["timestamp,value", ...series.map((row) => row.join(",")), ""].join("\n"))
          yield* write(unfinished.report, `${Pretty.json(report)}\n`)
          yield* take
        }).pipe(Effect.provideService(FileSystem.FileSystem, fileSystem))
    }
  })
