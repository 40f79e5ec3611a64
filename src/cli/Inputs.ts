/**
 * Files and options that a command reads.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Json from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Utf8 from "../domain/Utf8.js"
import * as Failure from "./Failure.js"
import * as Misunderstanding from "./Misunderstanding.js"

/** The bytes of a file. @category constructors @since 0.1.0 */
export const readBytes = (path: string): Effect.Effect<Uint8Array, Failure.Failure, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fileSystem) =>
    Effect.mapError(fileSystem.readFile(path), (cause) => Failure.io(`file ${path} cannot be read`, cause)))

/** Whether two paths lead to one file that is there. @category guards @since 0.1.0 */
export const isSameFile = (one: string, other: string): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fileSystem) =>
    Effect.match(Effect.all([fileSystem.realPath(one), fileSystem.realPath(other)]), {
      onFailure: () => false,
      onSuccess: ([real, realOther]) => real === realOther
    }))

/** Bytes as text; what is not UTF-8 is not understood. @category constructors @since 0.1.0 */
export const decodeText = (source: string, bytes: Uint8Array): Either.Either<string, Failure.Failure> =>
  Either.mapLeft(Utf8.decode(bytes), (position) =>
    new Failure.Failure({
      kind: "input",
      reason: `${source} is not UTF-8 text: byte ${position} begins no character`,
      resolution: "Save it as UTF-8."
    }))

/** ` at line 3, column 7`; of one line of a file only the column. */
const place = (text: string, position: number, oneLine: boolean): string => {
  const before = text.slice(0, position).split("\n")
  return ` at ${oneLine ? "" : `line ${before.length}, `}column ${before.at(-1)!.length + 1}`
}

/**
 * Text as JSON, read as `Json.parse` does. `oneLine` says that it is a line whose number `source` tells already.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parseJson = (source: string, text: string, oneLine = false): Either.Either<unknown, Failure.Failure> =>
  Either.mapLeft(Json.parse(text), ({ path, position, reason }) =>
    new Failure.Failure({
      kind: "input",
      reason: text.trim() === ""
        ? `${source} is empty, and JSON is expected`
        : `${source} is not JSON: ${reason}${position === undefined ? "" : place(text, position, oneLine)}${path === "" ? "" : ` (${path})`}`,
      ...(path === "" ? {} : { path }),
      resolution: "Mend it there; JSON has double quotes, each key once, no comments and no comma before a closing bracket."
    }))

/** The JSON of a file. @category constructors @since 0.1.0 */
export const readJson = (path: string): Effect.Effect<unknown, Failure.Failure, FileSystem.FileSystem> =>
  Effect.flatMap(readBytes(path), (bytes) =>
    Either.flatMap(decodeText(`file ${path}`, bytes), (text) => parseJson(`file ${path}`, text)))

/** An instant from an option. @category constructors @since 0.1.0 */
export const timestamp = (flag: string, text: string): Either.Either<Timestamp.Timestamp, Failure.Failure> => {
  const at = Timestamp.parse(text)
  return at === undefined
    ? Either.left(Misunderstanding.ofFault(
      "arguments",
      "arguments",
      { path: `--${flag}`, expected: "an RFC 3339 timestamp with zone, as 2024-06-01T00:00Z", actual: text },
      "Write date, T, time and zone; Z is UTC."
    ))
    : Either.right(at)
}

/** An instant from an option that may be left out. @category constructors @since 0.1.0 */
export const optionalTimestamp = (
  flag: string,
  text: Option.Option<string>
): Either.Either<Timestamp.Timestamp | undefined, Failure.Failure> =>
  Option.match(text, { onNone: () => Either.right(undefined), onSome: (text) => timestamp(flag, text) })
