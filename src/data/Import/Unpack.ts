/**
 * Files as they were downloaded: texts, texts packed by gzip, archives of several, and Parquet.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import { type FileEntry, Uint8ArrayReader, ZipReader } from "@zip.js/zip.js"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as DataProvider from "../DataProvider.js"
import type * as Csv from "../DataProvider/Csv.js"
import * as Parquet from "../Parquet.js"
import * as Finding from "./Finding.js"

/** Is told how many bytes of a file have been read, and of how many where that is known. @category models @since 0.1.0 */
export type Progress = (at: {
  readonly file: string
  readonly bytes: number
  readonly total: number | undefined
}) => Effect.Effect<void>

/** Takes a table piece by piece, until it wants no more. @category models @since 0.1.0 */
export interface Sink<A> {
  readonly push: (piece: A) => boolean
  readonly end: () => Either.Either<void, Finding.ImportError>
}

/** What takes the tables of a file: such as are texts, and such as are rows. @category models @since 0.1.0 */
export interface Sinks {
  readonly text: (name: string) => Sink<string>
  readonly rows: (name: string) => Sink<Csv.Row>
}

const refuse = (file: string, what: string) => new Finding.ImportError({ findings: [{ file, line: 1, what }] })

const unreadable = (file: string) => (cause: Error) =>
  new DataProvider.DataError({ message: `file ${file} cannot be read: ${cause.message}`, cause })

/** Beginnings of files that are of another format, and what to do with them. */
const foreign: ReadonlyArray<readonly [bytes: ReadonlyArray<number>, what: string]> = [
  [[0x04, 0x22, 0x4d, 0x18], "packed by LZ4: unpack it first, as with lz4 -d"],
  [[0x28, 0xb5, 0x2f, 0xfd], "packed by Zstandard: unpack it first, as with zstd -d"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "packed by xz: unpack it first, as with xz -d"],
  [[0x42, 0x5a, 0x68], "packed by bzip2: unpack it first, as with bzip2 -d"],
  [[0x37, 0x7a, 0xbc, 0xaf], "a 7z archive: unpack it first"],
  [[0x52, 0x61, 0x72, 0x21], "a RAR archive: unpack it first"],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], "an Arrow (Feather) file: write it as Parquet or CSV"],
  [[0x46, 0x45, 0x41, 0x31], "an Arrow (Feather) file: write it as Parquet or CSV"],
  [[0xd0, 0xcf, 0x11, 0xe0], "a spreadsheet: save it as CSV"],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], "an SQLite database, and no table"]
]

const begins = (bytes: Uint8Array, ...magic: ReadonlyArray<number>): boolean => magic.every((byte, i) => bytes[i] === byte)

/** Pushes the text of bytes into a sink. Refused where they are not UTF-8: a number in another encoding would be another number. */
const decoded = Effect.fnUntraced(function*<R>(
  file: string,
  name: string,
  bytes: Stream.Stream<Uint8Array, Finding.ImportError | DataProvider.DataError, R>,
  total: number | undefined,
  sink: Sink<string>,
  progress: Progress
) {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let read = 0
  const push = (piece: Uint8Array | undefined) =>
    Either.try({
      try: () => (piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true })),
      catch: () => refuse(name, "not UTF-8 text")
    }).pipe(Either.map(sink.push))
  yield* Stream.runForEachWhile(bytes, (piece) => {
    read += piece.length
    return Effect.zipLeft(push(piece), progress({ file, bytes: read, total }))
  })
  yield* push(undefined)
  yield* sink.end()
})

/** What a broken archive is told as. */
const broken = (name: string, what: string) => (cause: unknown): Finding.ImportError =>
  refuse(name, `${what}: ${cause instanceof Error ? cause.message.slice(0, 200) : "it is damaged"}`)

/** The bytes of an entry, made as they are asked for. */
const entryBytes = (entry: FileEntry): ReadableStream<Uint8Array> => {
  let resume: (() => void) | undefined
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const writable = new WritableStream<Uint8Array>({
        write: (piece) => {
          controller.enqueue(piece)
          return (controller.desiredSize ?? 0) > 0 ? undefined : new Promise<void>((resolve) => {
            resume = resolve
          })
        }
      })
      entry.getData(writable, { checkSignature: true, useWebWorkers: false }).then(
        () => controller.close(),
        (cause: unknown) => controller.error(cause)
      )
    },
    pull: () => resume?.()
  })
}

const isTable = (name: string): boolean => /\.(?:csv|txt|tsv)$/i.test(name) && !/(?:^|\/)(?:\.|__MACOSX\/)/.test(name)

const archive = Effect.fnUntraced(function*(
  file: string,
  bytes: Uint8Array,
  sinks: Sinks,
  progress: Progress
): Effect.fn.Return<void, Finding.ImportError | DataProvider.DataError> {
  const entries = yield* Effect.tryPromise({
    try: () => new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false }).getEntries(),
    catch: broken(file, "not a zip archive that can be unpacked")
  })
  const tables = entries.filter((entry): entry is FileEntry => !entry.directory && isTable(entry.filename))
    .sort((a, b) => (a.filename < b.filename ? -1 : 1))
  if (tables.length === 0) return yield* refuse(file, "the archive holds no *.csv")
  for (const entry of tables) {
    const name = `${file}:${entry.filename}`
    if (entry.encrypted) return yield* refuse(name, "the archive is locked by a password")
    const stream = Stream.fromReadableStream(() => entryBytes(entry), broken(name, "cannot be unpacked"))
    yield* decoded(file, name, stream, entry.uncompressedSize, sinks.text(name), progress)
  }
})

const inflated = (file: string, bytes: Uint8Array): Stream.Stream<Uint8Array, Finding.ImportError> =>
  Stream.fromReadableStream(
    () => {
      const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()
      return packed.pipeThrough(new DecompressionStream("gzip")) as ReadableStream<Uint8Array>
    },
    broken(file, "cannot be unpacked, it is cut off or damaged")
  )

/**
 * Reads the tables of a file, each into a sink of its own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(
  file: string,
  sinks: Sinks,
  progress: Progress
): Effect.fn.Return<void, Finding.ImportError | DataProvider.DataError, FileSystem.FileSystem> {
  const fileSystem = yield* FileSystem.FileSystem
  const first = yield* Effect.scoped(Effect.gen(function*() {
    const handle = yield* fileSystem.open(file, { flag: "r" })
    const start = new Uint8Array(8)
    const count = yield* handle.read(start)
    return { start: start.slice(0, Number(count)), size: Number((yield* handle.stat).size) }
  })).pipe(Effect.mapError(unreadable(file)))
  const packed = begins(first.start, 0x50, 0x4b) ? "zip" : begins(first.start, 0x1f, 0x8b) ? "gzip" : Parquet.isParquet(first.start) ? "parquet" : "text"
  const other = foreign.find(([magic]) => begins(first.start, ...magic))
  if (other !== undefined) return yield* refuse(file, other[1])
  if (packed === "text") {
    const stream = Stream.mapError(fileSystem.stream(file, { chunkSize: 1 << 18 }), unreadable(file))
    return yield* decoded(file, file, stream, first.size, sinks.text(file), progress)
  }
  const bytes = yield* Effect.mapError(fileSystem.readFile(file), unreadable(file))
  if (packed === "zip") return yield* archive(file, bytes, sinks, progress)
  if (packed === "gzip") return yield* decoded(file, file, inflated(file, bytes), undefined, sinks.text(file), progress)
  const sink = sinks.rows(file)
  yield* Effect.mapError(Parquet.read(file, bytes, sink.push), ({ message }) => refuse(file, message.slice(file.length + 2)))
  yield* sink.end()
})
