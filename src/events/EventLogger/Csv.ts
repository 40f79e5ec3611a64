/**
 * A log of JSON Lines as a CSV table.
 *
 * @since 0.1.0
 */
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as CsvStringify from "csv-stringify/sync"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Json } from "../../domain/Json.js"
import * as EventLogger from "../EventLogger.js"

/**
 * The columns. `operation_id`, `venue` and `status` are those of the event's data, blank where it has none;
 * `error_code` is that of the error that the event is of or carries; `data` is the whole of the data as JSON.
 *
 * @category constants
 * @since 0.1.0
 */
export const columns = [
  "order",
  "timestamp",
  "event_type",
  "component",
  "operation_id",
  "venue",
  "status",
  "error_code",
  "data"
] as const

/**
 * From which file to which.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly from: string
  /** Is replaced once the whole table is written. */
  readonly to: string
}

const Line = Schema.parseJson(
  Schema.Struct({
    order: Schema.Int,
    timestamp: Schema.String,
    event_type: Schema.String,
    component: Schema.String,
    data: Schema.Record({ key: Schema.String, value: Schema.Unknown })
  })
)

type Line = typeof Line.Type

const decode = Schema.decodeUnknownEither(Line)

const text = (value: unknown): string => (typeof value === "string" ? value : "")

const errorCode = (data: Line["data"]): string => {
  const { error } = data
  return text(data["error_code"]) || text(data["code"]) ||
    (typeof error === "object" && error !== null && "code" in error ? text(error.code) : "")
}

const rowOf = (line: Line): ReadonlyArray<string> => [
  line.order.toString(),
  line.timestamp,
  line.event_type,
  line.component,
  text(line.data["operation_id"]),
  text(line.data["venue"]),
  text(line.data["status"]),
  errorCode(line.data),
  JSON.stringify(line.data as Json)
]

const csvOf = (rows: Iterable<ReadonlyArray<string>>): string =>
  CsvStringify.stringify([...rows].map((row) => [...row]), { record_delimiter: "\n" })

/**
 * Writes the log as a table and gives its number of events. Memory is that of some thousand events, whatever the length
 * of the log; the same log makes the same bytes. A line that is no event is refused by its number, and `to` is then as
 * it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const write = (options: Options): Effect.Effect<number, EventLogger.EventError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fileSystem) => {
    const { from, to } = options
    const unfinished = `${to}.part`
    const failed = (doing: string) => (cause: PlatformError.PlatformError) =>
      new EventLogger.EventError({ message: `${doing}: ${cause.message}`, cause })
    const toWrite = failed(`table ${to} cannot be written`)
    let count = 0
    const rows = fileSystem.stream(from, { chunkSize: FileSystem.KiB(256) }).pipe(
      Stream.mapError(failed(`event log ${from} cannot be read`)),
      Stream.decodeText(),
      Stream.splitLines,
      Stream.mapChunksEffect((lines) =>
        Effect.suspend(() => {
          const table: Array<ReadonlyArray<string>> = []
          for (const line of lines) {
            count++
            const decoded = decode(line)
            if (Either.isLeft(decoded)) {
              return new EventLogger.EventError({
                message: `event log ${from} line ${count} is no event: ${
                  ParseResult.TreeFormatter.formatErrorSync(decoded.left)
                }`,
                cause: decoded.left
              })
            }
            table.push(rowOf(decoded.right))
          }
          return Effect.succeed(table.length === 0 ? Chunk.empty<string>() : Chunk.of(csvOf(table)))
        })
      )
    )
    const table = Stream.encodeText(Stream.concat(Stream.make(csvOf([columns])), rows))
    return fileSystem.open(unfinished, { flag: "w" }).pipe(
      Effect.mapError(toWrite),
      Effect.flatMap((file) => Stream.runForEach(table, (bytes) => Effect.mapError(file.writeAll(bytes), toWrite))),
      Effect.scoped,
      Effect.zipRight(Effect.mapError(fileSystem.rename(unfinished, to), toWrite)),
      // The error that is told is why the table could not be written, not that its rest could not be removed.
      Effect.onError(() => Effect.ignore(fileSystem.remove(unfinished, { force: true }))),
      Effect.map(() => count)
    )
  })
