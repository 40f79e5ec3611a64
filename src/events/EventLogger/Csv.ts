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
import * as Json from "../../domain/Json.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Utf8 from "../../domain/Utf8.js"
import * as WholeFile from "../../internal/WholeFile.js"
import * as EventLogger from "../EventLogger.js"
import * as CsvColumns from "./CsvColumns.js"

/**
 * From which file to which.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** A log, or the files of one in their order. */
  readonly from: string | ReadonlyArray<string>
  /** Is replaced once the whole table is written. What is no file, as `/dev/stdout`, is written to. */
  readonly to: string
  /** Leaves out events before it. */
  readonly since?: Timestamp.Timestamp | undefined
  /** Leaves out events after it. */
  readonly until?: Timestamp.Timestamp | undefined
  /** Whether a line without its end is left out, as one that is being written, instead of refused. Defaults to false. */
  readonly growing?: boolean | undefined
}

const Line = Json.fromText(
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

/** What is wrong with a line first, in a few words: the line itself can be anything. */
const whyNot = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  return issue === undefined || issue.path.length === 0 ? "it is no JSON object" : `${issue.path.join(".")} ${issue.message}`
}

/** Whether the event is asked for; absent where it cannot be told. */
const isWithin = (line: Line, { since, until }: Options): boolean | undefined => {
  if (since === undefined && until === undefined) return true
  const at = Timestamp.parse(line.timestamp)
  return at === undefined ? undefined : at >= (since ?? -Infinity) && at <= (until ?? Infinity)
}

/** Parts of a file as text; a byte that is not UTF-8 is refused with its place. */
const textOf = (file: string, growing: boolean) => <E>(bytes: Stream.Stream<Uint8Array, E>): Stream.Stream<string, E | EventLogger.EventError> =>
  Stream.suspend(() => {
    const parts = Utf8.parts()
    const refused = (position: number) =>
      new EventLogger.EventError({ message: `event log ${file} is not UTF-8 text: byte ${position} begins no character` })
    return Stream.concat(
      Stream.mapEffect(bytes, (part) => Either.mapLeft(parts.push(part), refused)),
      // A line that is being written may end within a character.
      growing ? Stream.empty : Stream.fromEffect(Effect.suspend(() => Either.mapLeft(parts.end(), refused)))
    )
  })

const csvOf = (rows: Iterable<ReadonlyArray<string>>): string =>
  CsvStringify.stringify([...rows].map((row) => [...row]), { record_delimiter: "\n" })

/**
 * Writes the log as a table, its columns those of {@link CsvColumns.columns}, and gives its number of rows. Memory is that of some thousand events, whatever the length
 * of the log; the same log makes the same bytes. A line that is no event is refused by its number, and `to` is then as
 * it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const write = (options: Options): Effect.Effect<number, EventLogger.EventError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fileSystem) => {
    const { from, to } = options
    const failed = (doing: string) => (cause: PlatformError.PlatformError) =>
      new EventLogger.EventError({ message: `${doing}: ${cause.message}`, cause })
    const toWrite = failed(`table ${to} cannot be written`)
    let count = 0
    const rowsOf = (file: string): Stream.Stream<string, EventLogger.EventError> => {
      let number = 0
      let ended = true
      /** A line that is no event, until it shows whether others follow it. */
      let bad: EventLogger.EventError | undefined
      const refused = (why: string, cause: unknown) =>
        new EventLogger.EventError({ message: `event log ${file} line ${number} is no event: ${why}`, cause })
      const rows = fileSystem.stream(file, { chunkSize: FileSystem.KiB(256) }).pipe(
        Stream.mapError(failed(`event log ${file} cannot be read`)),
        textOf(file, options.growing === true),
        Stream.map((text) => {
          if (text !== "") ended = text.endsWith("\n")
          return text
        }),
        Stream.splitLines,
        Stream.mapChunksEffect((lines) =>
          Effect.suspend(() => {
            const table: Array<ReadonlyArray<string>> = []
            for (const line of lines) {
              if (bad !== undefined) return bad
              number++
              const decoded = decode(line)
              if (Either.isLeft(decoded)) {
                bad = refused(whyNot(decoded.left), decoded.left)
                continue
              }
              const within = isWithin(decoded.right, options)
              if (within === undefined) bad = refused(`timestamp ${decoded.right.timestamp}`, undefined)
              else if (within) {
                count++
                table.push(CsvColumns.row(decoded.right))
              }
            }
            return Effect.succeed(table.length === 0 ? Chunk.empty<string>() : Chunk.of(csvOf(table)))
          })
        )
      )
      const last = Stream.execute(Effect.suspend(() =>
        bad === undefined || (options.growing === true && !ended) ? Effect.void : bad))
      return Stream.concat(rows, last)
    }
    const rows = Stream.flatMap(Stream.fromIterable(typeof from === "string" ? [from] : from), rowsOf)
    const table = Stream.encodeText(Stream.concat(Stream.make(csvOf([CsvColumns.columns])), rows))
    return WholeFile.writeWith(to, (file) =>
      Stream.runForEach(table, (bytes) => Effect.mapError(file.writeAll(bytes), toWrite))).pipe(
      Effect.mapError((error) => (error._tag === "EventError" ? error : toWrite(error))),
      Effect.map(() => count)
    )
  })
