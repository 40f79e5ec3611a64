/**
 * `eim events`: the event log as a table, and its newest lines.
 *
 * @since 0.1.0
 */
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Json from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Csv from "../events/EventLogger/Csv.js"
import * as LogFiles from "../events/EventLogger/LogFiles.js"
import * as Directory from "../internal/Directory.js"
import * as Failure from "./Failure.js"
import * as Inputs from "./Inputs.js"
import * as Misunderstanding from "./Misunderstanding.js"
import * as Pretty from "./Pretty.js"
import * as ResultFiles from "./ResultFiles.js"
import * as Screen from "./Screen.js"
import * as Style from "./Style.js"

const fileOf = (file: Option.Option<string>): string => Option.getOrElse(file, () => LogFiles.defaultFile)

const unreadable = (file: string) => (cause: PlatformError.PlatformError): Failure.Failure => {
  const failure = Failure.io(`event log ${file} cannot be read`, cause)
  return cause._tag === "SystemError" && cause.reason === "NotFound"
    ? new Failure.Failure({ ...failure, resolution: "Name it with --file; a backtest writes results/<id>/events.jsonl." })
    : failure
}

/** @category models @since 0.1.0 */
export interface ExportOptions {
  readonly out: string
  readonly from: Option.Option<string>
  readonly to: Option.Option<string>
  readonly file: Option.Option<string>
  readonly json: boolean
}

/** Writes the table. Answers the exit code. @category constructors @since 0.1.0 */
export const runExport = (
  options: ExportOptions
): Effect.Effect<number, Failure.Failure, Screen.Screen | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const screen = yield* Screen.Screen
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const since = yield* Inputs.optionalTimestamp("from", options.from)
    const until = yield* Inputs.optionalTimestamp("to", options.to)
    if (since !== undefined && until !== undefined && since > until) {
      return yield* Misunderstanding.ofFault("arguments", "arguments", {
        path: "--from",
        expected: `an instant not after --to, ${Timestamp.format(until)}`,
        actual: Timestamp.format(since)
      }, "Swap them, or leave one out.")
    }
    const file = fileOf(options.file)
    const files = yield* Effect.mapError(LogFiles.all(file), unreadable(file))
    yield* Effect.mapError(Effect.forEach(files, (name) => fileSystem.access(name, { readable: true })), unreadable(file))
    for (const name of files) {
      if (yield* Inputs.isSameFile(name, options.out)) {
        return yield* Misunderstanding.ofFault("arguments", "arguments", {
          path: "--out",
          expected: "a file that is not of the log",
          actual: options.out
        }, "The table would take the place of the log; choose another file.")
      }
    }
    yield* Effect.mapError(Directory.make(path.dirname(options.out)), (cause) => Failure.io(`table ${options.out} cannot be written`, cause))
    const count = yield* Csv.write({ from: files, to: options.out, since, until, growing: true }).pipe(
      Effect.mapError(ResultFiles.ofEventError)
    )
    yield* screen.out(
      options.json
        ? `${Pretty.json({ out: options.out, files, events: count, error: null })}\n`
        : `${count} events of ${files.length === 1 ? files[0] : `${files.length} files`} written to ${options.out}\n`
    )
    return Failure.exit.done
  })

/** @category models @since 0.1.0 */
export interface TailOptions {
  readonly file: Option.Option<string>
  readonly lines: Option.Option<string>
  readonly follow: boolean
  readonly json: boolean
}

const linesOf = (text: Option.Option<string>): Either.Either<number, Failure.Failure> =>
  Option.match(text, {
    onNone: () => Either.right(10),
    onSome: (text) =>
      /^\d{1,6}$/.test(text)
        ? Either.right(Number.parseInt(text, 10))
        : Either.left(Misunderstanding.ofFault("arguments", "arguments", {
          path: "--lines",
          expected: "a whole number from 0 to 999999",
          actual: text
        }, "Write one."))
  })

const decode = Schema.decodeUnknownOption(
  Json.fromText(Schema.Struct({
    order: Schema.Int,
    timestamp: Schema.String,
    event_type: Schema.String,
    data: Schema.Record({ key: Schema.String, value: Schema.Unknown })
  }))
)

/** What of the data tells most in one line. */
const gist = (data: { readonly [key: string]: unknown }): string =>
  ["status", "code", "error_code", "venue", "operation_id", "id", "trigger_source", "message", "error_message"]
    .flatMap((key) => (typeof data[key] === "string" ? [data[key]] : []))
    .join("  ")

/**
 * An event as people read it. What is no event is shown as it is, its control characters as escapes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lineOf = (style: Style.Style, line: string): string =>
  Option.match(decode(line), {
    onNone: () => style.yellow(Style.inertLine(line)),
    onSome: ({ data, event_type, order, timestamp }) => {
      const colour = event_type === "error" || event_type.includes("failed") || event_type.endsWith("unavailable") ? style.red : style.cyan
      return `${style.dim(String(order).padStart(6))}  ${Style.inertLine(timestamp)}  ${colour(Style.inertLine(event_type))}  ${Style.inertLine(gist(data))}`.trimEnd()
    }
  })

interface Place {
  readonly file: number | undefined
  readonly offset: number
}

/** How often the file is looked at, while it is followed. */
const interval = "250 millis"

/** The lines since `from`, also those at the end of a file that was moved since, and the place after them. */
const since = (file: string, from: Place) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const found = yield* Effect.option(fileSystem.stat(file))
    if (Option.isNone(found)) return { lines: [], place: from }
    const id = Option.getOrUndefined(found.value.ino)
    if (id === from.file && Number(found.value.size) >= from.offset) {
      const { lines, whole } = yield* LogFiles.linesFrom(file, from.offset)
      return { lines, place: { file: id, offset: whole } }
    }
    const before: Array<string> = []
    for (const { file: moved } of yield* LogFiles.rotated(file)) {
      if (from.file !== undefined && Option.getOrUndefined((yield* fileSystem.stat(moved)).ino) === from.file) {
        before.push(...(yield* LogFiles.linesFrom(moved, from.offset)).lines)
      }
    }
    const { lines, whole } = yield* LogFiles.linesFrom(file, 0)
    return { lines: [...before, ...lines], place: { file: id, offset: whole } }
  })

/** Shows the newest events. With `follow` it ends by interruption alone. @category constructors @since 0.1.0 */
export const runTail = (
  options: TailOptions
): Effect.Effect<number, Failure.Failure, Screen.Screen | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const screen = yield* Screen.Screen
    const fileSystem = yield* FileSystem.FileSystem
    const count = yield* linesOf(options.lines)
    const file = fileOf(options.file)
    /** What is no event is told of, and with `json` left out: who reads lines of JSON gets nothing else. */
    const show = (lines: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        const events = lines.filter((line) => Option.isSome(decode(line)))
        const others = lines.length - events.length
        // Spaces of any kind may stand between values of JSON.
        const shown = options.json ? events.map((line) => line.replace(/[\t\r]/g, " ")) : lines.map((line) => lineOf(screen.style, line))
        if (shown.length > 0) yield* screen.out(`${shown.join("\n")}\n`)
        const what = others === 1 ? `a line of ${file} is no event` : `${others} lines of ${file} are no events`
        if (others > 0) yield* screen.err(`eim: ${what}${options.json ? ", left out" : ""}\n`)
      })

    let place: Place = { file: undefined, offset: 0 }
    let newest: ReadonlyArray<string> = []
    for (const name of [...(yield* LogFiles.all(file))].reverse()) {
      if (name !== file && newest.length >= count) break
      const found = yield* options.follow && name === file ? Effect.option(fileSystem.stat(name)) : Effect.asSome(fileSystem.stat(name))
      if (Option.isNone(found)) continue
      const { lines, whole } = yield* LogFiles.lastLines(name, Number(found.value.size), count - newest.length)
      newest = [...lines, ...newest]
      if (name === file) place = { file: Option.getOrUndefined(found.value.ino), offset: whole }
    }
    if (!options.follow && count > 0) {
      if (newest.length === 0) yield* screen.err(`eim: event log ${file} holds no event\n`)
      else if (!newest.some((line) => Option.isSome(decode(line)))) {
        return yield* new Failure.Failure({
          kind: "input",
          reason: `${file} is no event log: the last ${newest.length === 1 ? "line is no event" : `${newest.length} lines are no events`}`,
          expected: "a log that eim or the library wrote, one event a line",
          actual: newest.at(-1)!.slice(0, 120),
          resolution: "Name the log with --file; a backtest writes results/<id>/events.jsonl."
        })
      }
    }
    yield* show(newest)
    while (options.follow) {
      yield* Effect.sleep(interval)
      const next = yield* since(file, place)
      yield* show(next.lines)
      place = next.place
    }
    return Failure.exit.done
  }).pipe(Effect.mapError((error) => (error._tag === "Failure" ? error : unreadable(fileOf(options.file))(error))))
