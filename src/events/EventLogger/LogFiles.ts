/**
 * The files of a log that is begun anew each day: the current one, and those of the days before.
 *
 * @since 0.1.0
 */
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Json from "../../domain/Json.js"
import * as Utf8 from "../../domain/Utf8.js"

/** Where the manager's log is, unless it is told otherwise. @category constants @since 0.1.0 */
export const defaultFile = "logs/events/execution_interface_manager_events.jsonl"

/**
 * A file of a day that is over: `events.2026-11-21.jsonl` beside `events.jsonl`, and `events.2026-11-21.2.jsonl` where
 * the day has more than one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rotated {
  readonly file: string
  /** As `2026-11-21`, in UTC. */
  readonly day: string
  /** From 1. */
  readonly number: number
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The name of a day's file. @category combinators @since 0.1.0 */
export const rotatedName = (path: Path.Path, file: string, day: string, number: number): string => {
  const { dir, ext, name } = path.parse(file)
  return path.join(dir, `${name}.${day}${number === 1 ? "" : `.${number}`}${ext}`)
}

/** Where the torn ends of a log are put. @category combinators @since 0.1.0 */
export const tornName = (path: Path.Path, file: string): string => {
  const { dir, name } = path.parse(file)
  return path.join(dir, `${name}.torn`)
}

/** The sign of the program that writes a log; empty. @category combinators @since 0.1.0 */
export const ownerName = (path: Path.Path, file: string): string => {
  const { dir, name } = path.parse(file)
  return path.join(dir, `${name}.owner`)
}

/** What has the name of a day's file, oldest first, whatever it is; none where there is no directory. @category constructors @since 0.1.0 */
export const taken = (
  file: string
): Effect.Effect<ReadonlyArray<Rotated>, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { dir, ext, name } = path.parse(file)
    const pattern = new RegExp(`^${escaped(name)}\\.(\\d{4}-\\d{2}-\\d{2})(?:\\.(\\d+))?${escaped(ext)}$`)
    const directory = dir === "" ? "." : dir
    if (!(yield* fileSystem.exists(directory))) return []
    return (yield* fileSystem.readDirectory(directory))
      .flatMap((entry) => {
        const match = pattern.exec(entry)
        return match === null
          ? []
          : [{ file: path.join(dir, entry), day: match[1]!, number: Number.parseInt(match[2] ?? "1", 10) }]
      })
      .sort((a, b) => (a.day === b.day ? a.number - b.number : a.day < b.day ? -1 : 1))
  })

/** The files of the days before, oldest first. A directory of such a name is none. @category constructors @since 0.1.0 */
export const rotated = (
  file: string
): Effect.Effect<ReadonlyArray<Rotated>, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.flatMap(FileSystem.FileSystem, (fileSystem) =>
    Effect.flatMap(taken(file), (all) =>
      Effect.filter(all, (entry) =>
        Effect.match(fileSystem.stat(entry.file), {
          onSuccess: (info) => info.type === "File",
          // Removed meanwhile, or a link to nothing.
          onFailure: () => false
        }))))

/**
 * All files of a log that there are, oldest first. Where there is none it is the current one, for an error to name.
 *
 * @category constructors
 * @since 0.1.0
 */
export const all = (
  file: string
): Effect.Effect<ReadonlyArray<string>, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const before = (yield* rotated(file)).map((entry) => entry.file)
    const current = before.length === 0 || (yield* (yield* FileSystem.FileSystem).exists(file))
    return current ? [...before, file] : before
  })

/**
 * How a file of lines ends.
 *
 * @category models
 * @since 0.1.0
 */
export interface End {
  /** Bytes up to and with the last newline. */
  readonly whole: number
  /** The last line that has a newline, without it; absent where there is none. */
  readonly last: string | undefined
  /** What stands after the last newline. */
  readonly torn: Uint8Array
}

const newline = 10

/** The bytes from a place on up to the end of the file, which is `size` where it is known. */
const bytesFrom = (file: string, offset: number, size?: number) =>
  Effect.flatMap(FileSystem.FileSystem, (fileSystem) =>
    // A device has no end.
    fileSystem.stream(file, size === undefined ? { offset } : { offset, bytesToRead: Math.max(0, size - offset) }).pipe(
      Stream.runCollect,
      Effect.map((chunks) => {
        let length = 0
        for (const chunk of chunks) length += chunk.length
        const all = new Uint8Array(length)
        let at = 0
        for (const chunk of chunks) {
          all.set(chunk, at)
          at += chunk.length
        }
        return all
      })
    ))

/**
 * The text of a line. One that is not UTF-8 is told as it can be, with a remark that makes it no event.
 *
 * @category constructors
 * @since 0.1.0
 */
export const textOf = (line: Uint8Array): string =>
  Either.getOrElse(Utf8.decode(line), (position) => `${new TextDecoder().decode(line)} (not UTF-8 at byte ${position} of the line)`)

const linesOf = (bytes: Uint8Array): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let begin = 0
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, begin)) {
    lines.push(textOf(bytes.subarray(begin, end)))
    begin = end + 1
  }
  lines.push(textOf(bytes.subarray(begin)))
  return lines
}

/** How a file of `size` bytes ends. Reads from the end, as much as the last two lines need. @category constructors @since 0.1.0 */
export const end = (
  file: string,
  size: number,
  window = 65_536
): Effect.Effect<End, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.suspend(() => {
    const offset = Math.max(0, size - window)
    return Effect.flatMap(bytesFrom(file, offset, size), (bytes) => {
      const last = bytes.lastIndexOf(newline)
      const before = last <= 0 ? -1 : bytes.lastIndexOf(newline, last - 1)
      if (offset > 0 && before < 0) return end(file, size, window * 4)
      return Effect.succeed({
        whole: offset + last + 1,
        last: last < 0 ? undefined : textOf(bytes.subarray(before + 1, last)),
        torn: bytes.slice(last + 1)
      })
    })
  })

/**
 * The last `count` whole lines of a file of `size` bytes, and where they end. Reads from the end, as much as they need.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lastLines = (
  file: string,
  size: number,
  count: number,
  window = 65_536
): Effect.Effect<{ readonly lines: ReadonlyArray<string>; readonly whole: number }, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.suspend(() => {
    const offset = Math.max(0, size - window)
    return Effect.flatMap(bytesFrom(file, offset, size), (bytes) => {
      const last = bytes.lastIndexOf(newline)
      const lines = last < 0 ? [] : linesOf(bytes.subarray(0, last))
      // The first of them may have begun before the window.
      if (offset > 0 && lines.length <= count) return lastLines(file, size, count, window * 4)
      return Effect.succeed({ lines: count === 0 ? [] : lines.slice(-count), whole: offset + last + 1 })
    })
  })

/** The whole lines from a place in a file on, and where they end. @category constructors @since 0.1.0 */
export const linesFrom = (
  file: string,
  offset: number
): Effect.Effect<{ readonly lines: ReadonlyArray<string>; readonly whole: number }, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.map(bytesFrom(file, offset), (bytes) => {
    const last = bytes.lastIndexOf(newline)
    return {
      lines: last < 0 ? [] : linesOf(bytes.subarray(0, last)),
      whole: offset + last + 1
    }
  })

/** The number of an event from its line; absent where the line is none. @category combinators @since 0.1.0 */
export const orderOf = (line: string): number | undefined => {
  const decoded = decodeOrder(line)
  return decoded._tag === "None" ? undefined : decoded.value.order
}

const decodeOrder = Schema.decodeUnknownOption(
  Json.fromText(Schema.Struct({ order: Schema.Int, timestamp: Schema.String, event_type: Schema.String }))
)
