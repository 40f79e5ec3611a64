/**
 * What a script failed with, in words, and where in its files.
 *
 * @since 0.1.0
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as DataProvider from "../data/DataProvider.js"
import * as Fault from "../domain/Fault.js"
import * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Closest from "./Closest.js"
import type * as Failure from "./Failure.js"

/** What a script gets for an attempt to end the process. @category errors @since 0.1.0 */
export class Exit extends Error {}

/** Where the modules of this program are, which no script is at fault in. */
const program = fileURLToPath(new URL("../", import.meta.url))

/** `/path/file.ts:16:27`, in parentheses or not, as a URL or not; also without a column. */
const frame = /(?:^|[\s(])((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^\n()]*?):(\d+)(?::(\d+))?\)?$/

const placeIn = (line: string): Failure.Place | undefined => {
  const found = frame.exec(line)
  if (found === null) return undefined
  const [, where = "", row = "", column] = found
  const url = where.replace(/\?.*$/, "")
  const file = url.startsWith("file:") ? fileURLToPath(url) : url
  if (file.startsWith(program) || file.includes(`${path.sep}node_modules${path.sep}`)) return undefined
  return { file, line: Number(row), ...(column === undefined ? {} : { column: Number(column) }) }
}

/** The innermost of the places of a stack that is of the script. */
const placeOfStack = (stack: string): Failure.Place | undefined => {
  for (const line of stack.split("\n")) {
    const place = /^\s+at /.test(line) ? placeIn(line.trim()) : undefined
    if (place !== undefined) return place
  }
  return undefined
}

/** What a compiler counts up, each in a line with its place. */
const compiled = /^Transform failed with \d+ errors?:\n/

const compiledAt = /^(.+?):(\d+):(\d+): ERROR: /m

/** A module that is not found is told with the file that asks for it. */
const importedFrom = /^Cannot find (?:module|package) '([^']+)' imported from (.+)$/

/** The line of a file that asks for a module. */
const placeOfImport = (file: string, module: string): Failure.Place => {
  const name = path.basename(module)
  const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : []
  const at = lines.findIndex((line) => /\b(?:import|from|require)\b/.test(line) && line.includes(name))
  return at < 0 ? { file } : { file, line: at + 1, column: lines[at]!.indexOf(name) + 1 }
}

/**
 * Where a file of JavaScript is no program, as Node tells who asks it to check one: of a module it tells no more than
 * that, and not where. Absent where it is a program.
 *
 * @category constructors
 * @since 0.1.0
 */
export const placeOfSyntax = (file: string): Failure.Place | undefined => {
  const input = fs.existsSync(file) ? fs.readFileSync(file) : ""
  const { stderr } = spawnSync(process.execPath, ["--check", "--input-type=module", "-"], { input, encoding: "utf8", timeout: 10_000 })
  const found = /^\[stdin\]:(\d+)\n.*\n( *)\^/.exec(stderr)
  return found === null ? undefined : { file, line: Number(found[1]), column: found[2]!.length + 1 }
}

const placeOfError = (error: Error): Failure.Place | undefined => {
  const compiler = compiledAt.exec(error.message)
  // Its columns count from 0.
  if (compiler !== null) return { file: compiler[1]!, line: Number(compiler[2]), column: Number(compiler[3]) + 1 }
  const missing = importedFrom.exec(error.message)
  if (missing !== null) return placeOfImport(missing[2]!.startsWith("file:") ? fileURLToPath(missing[2]!) : missing[2]!, missing[1]!)
  const stack = typeof error.stack === "string" ? error.stack : ""
  // A text that is no program is told by Node above its stack, with the line that it could not read.
  const head = error instanceof SyntaxError ? placeIn(stack.split("\n", 1)[0]!) : undefined
  return head ?? placeOfStack(stack)
}

/** What an error knows beside its message. */
const fieldsOf = (error: Error): string => {
  const fields = Object.fromEntries(
    Object.entries(error).filter(([key]) => !["_tag", "name", "message", "stack", "cause", "code"].includes(key))
  )
  return Object.keys(fields).length === 0 ? "" : ` ${Fault.show(fields)}`
}

const isSeries = (value: unknown): value is MarketSnapshot.Missing & { readonly step?: number | undefined } =>
  Fault.isRecord(value) && typeof value["series"] === "string" && typeof value["at"] === "number" && !(value instanceof Error)

const textOf = (cause: unknown, depth = 0): string => {
  if (cause instanceof Error) {
    if (compiled.test(cause.message)) return cause.message.replace(compiled, "").replace(/: ERROR: /g, ": ").trimEnd()
    const name = "_tag" in cause && typeof cause._tag === "string" ? cause._tag : cause.name
    const message = cause.message === "" || cause.message === "An error has occurred" ? fieldsOf(cause) : cause.message
    const why = cause.cause === undefined || cause.cause === null || depth > 3 ? "" : textOf(cause.cause, depth + 1)
    const head = name === "Error" ? message.trim() || "an error without a message" : message.trim() === "" ? name : `${name}: ${message.trim()}`
    return why === "" || head.includes(why) ? head : `${head} (${why})`
  }
  if (isSeries(cause)) {
    return cause.step !== undefined && cause.observedAt !== undefined
      ? MarketSnapshot.describeStale({ ...cause, observedAt: cause.observedAt, step: cause.step })
      : MarketSnapshot.describeMissing(cause)
  }
  return typeof cause === "string" ? cause : cause === null ? "null" : Fault.show(cause)
}

/**
 * Where this program was last asked for what it could not give, by the failure that came of it: a value that a script
 * lets fail has no stack of its own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trace {
  /** Calls that failed, by what they failed with. */
  readonly failed: WeakMap<object, Error>
  /** The last look at a series that had no value, by series. */
  readonly missed: Map<string, Error>
}

/** @category constructors @since 0.1.0 */
export const trace = (): Trace => ({ failed: new WeakMap(), missed: new Map() })

/**
 * The data as a script sees it, which notes in a trace where in the script it was asked in vain.
 *
 * @category combinators
 * @since 0.1.0
 */
export const traced = (data: DataProvider.DataProvider["Type"], trace: Trace): DataProvider.DataProvider["Type"] => {
  const noting = <A, E>(effect: Effect.Effect<A, E>, called: Error): Effect.Effect<A, E> =>
    Effect.tapError(effect, (error) =>
      Effect.sync(() => void (typeof error === "object" && error !== null && trace.failed.set(error, called))))
  const observing = (snapshot: MarketSnapshot.MarketSnapshot): MarketSnapshot.MarketSnapshot => ({
    ...snapshot,
    observe: (series) => {
      const observation = snapshot.observe(series)
      if (observation === undefined || snapshot.at - observation.at > snapshot.maxAge(series)) trace.missed.set(series, new Error())
      return observation
    }
  })
  return {
    getData: (at) => Effect.map(noting(data.getData(at), new Error()), observing),
    timestamps: (from, to) => noting(data.timestamps(from, to), new Error()),
    series: data.series,
    seriesAt: (at) => noting(data.seriesAt(at), new Error())
  }
}

/**
 * What is known of a failure: what it is in words, where in the script, and the series that it is about.
 *
 * @category models
 * @since 0.1.0
 */
export interface Told {
  readonly text: string
  readonly place: Failure.Place | undefined
  readonly series: string | undefined
  /** Whether the series has a value, and one that is too old. */
  readonly isOld: boolean
}

/**
 * Tells of anything that a script may fail with: errors, typed or not, plain values, and values that cannot be looked
 * at.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tell = (cause: unknown, seen: Trace = trace()): Told => {
  const told = Either.try((): Told => {
    const series = isSeries(cause)
      ? cause.series
      : cause instanceof Error && "series" in cause && typeof cause.series === "string" ? cause.series : undefined
    const call = typeof cause === "object" && cause !== null ? seen.failed.get(cause) : undefined
    const miss = series === undefined ? undefined : seen.missed.get(series)
    const asked = call ?? (cause instanceof Error ? undefined : miss)
    const place = (cause instanceof Error ? placeOfError(cause) : undefined) ?? (asked === undefined ? undefined : placeOfError(asked))
    return { text: textOf(cause), place, series, isOld: isSeries(cause) && cause.observedAt !== undefined }
  })
  return Either.getOrElse(told, () => ({ text: "a value that cannot be looked at", place: undefined, series: undefined, isOld: false }))
}

/** A place as it is written: relative to the working directory where it lies in it. @category combinators @since 0.1.0 */
export const formatPlace = ({ column, file, line }: Failure.Place): string => {
  const near = path.relative(process.cwd(), file)
  const name = near.startsWith("..") || path.isAbsolute(near) ? file : near
  return [name, ...(line === undefined ? [] : [line]), ...(column === undefined ? [] : [column])].join(":")
}

/** What to do about a series without a value, by those that there are. @category combinators @since 0.1.0 */
export const suggest = (told: Told, names: ReadonlyArray<string>): string => {
  if (told.series === undefined) return ""
  if (told.isOld) return `The data are silent there; look at the value with Either.isLeft first, or allow more with max_age_hours. `
  if (names.includes(told.series)) return `The series begins later; look at the value with Either.isLeft first. `
  const close = Closest.of(told.series, names)
  return close === undefined
    ? `There are ${names.length} series${names.length === 0 ? "" : `, as ${names.slice(0, 3).join(", ")}`}; \`eim data check\` lists those of a directory. `
    : `Did you mean ${close}? `
}
