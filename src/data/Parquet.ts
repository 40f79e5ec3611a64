/**
 * Tables in the columnar format Apache Parquet, as programs of data analysis write them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { type FileMetaData, parquetMetadata, parquetRead, type SchemaElement } from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { parquetWriteBuffer } from "hyparquet-writer"
import * as Decimal from "../domain/Decimal.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as DataProvider from "./DataProvider.js"
import * as Csv from "./DataProvider/Csv.js"
import type * as Table from "./Table.js"

/**
 * Takes the rows of a table as texts, the names of the columns first. Rows count from 1.
 *
 * @category models
 * @since 0.1.0
 */
export type Take = (row: Csv.Row) => boolean

/** The first four bytes, and the last. */
const magic = [0x50, 0x41, 0x52, 0x31]

/** Whether bytes begin as a Parquet file does. @category guards @since 0.1.0 */
export const isParquet = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte)

type Cell = (value: unknown) => string

const plain: Cell = (value) => {
  switch (typeof value) {
    case "number":
      return Number.isNaN(value) ? "" : Object.is(value, -0) ? "0" : `${value}`
    case "string":
      return value.trim()
    case "bigint":
    case "boolean":
      return `${value}`
    default:
      return value === undefined || value === null ? "" : "a nested value"
  }
}

/** The shortest decimal that is this number of 32 bits. */
const single: Cell = (value) => {
  if (typeof value !== "number" || !Number.isFinite(value)) return plain(value)
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number.parseFloat(text)) === value) return `${Number.parseFloat(text)}`
  }
  return `${Number.parseFloat(value.toPrecision(9))}`
}

const integerOf = (value: unknown): bigint | undefined => {
  if (typeof value === "bigint") return value
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value)
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > 64) return undefined
  const magnitude = value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return value[0]! < 128 ? magnitude : magnitude - (1n << BigInt(8 * value.length))
}

const decimal = (scale: number): Cell => (value) => {
  const integer = integerOf(value)
  return integer === undefined ? plain(value) : Decimal.formatScaled(integer, scale)
}

const nanoseconds = { MILLIS: 1_000_000n, MICROS: 1000n, NANOS: 1n }

/** An instant with all its digits; without a zone where the column has none. */
const instant = (unit: bigint, zone: string): Cell => (value) => {
  const count = integerOf(value)
  if (count === undefined) return plain(value)
  const total = count * unit
  const at = Number(total / 1_000_000n)
  if (total < 0n || !Timestamp.isValid(at)) return `${count}`
  const text = Timestamp.format(at).slice(0, 19)
  const fraction = `${total % 1_000_000_000n}`.padStart(9, "0").replace(/0+$/, "")
  return `${text}${fraction === "" ? "" : `.${fraction}`}${zone}`
}

const day: Cell = (value) => {
  const days = integerOf(value)
  const at = days === undefined ? -1 : Number(days) * Timestamp.day
  return Timestamp.isValid(at) ? Timestamp.format(at) : plain(value)
}

/** How a column's values become texts, and the column without the conversions that would lose digits. */
const cellOf = (element: SchemaElement): readonly [cell: Cell, element: SchemaElement] => {
  const { converted_type: converted, logical_type: logical, ...raw } = element
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") return [decimal(element.scale ?? 0), raw]
  if (logical?.type === "TIMESTAMP") return [instant(nanoseconds[logical.unit], logical.isAdjustedToUTC ? "Z" : ""), raw]
  if (converted === "TIMESTAMP_MILLIS") return [instant(nanoseconds.MILLIS, "Z"), raw]
  if (converted === "TIMESTAMP_MICROS") return [instant(nanoseconds.MICROS, "Z"), raw]
  if (element.type === "INT96") return [instant(1n, "Z"), element]
  if (converted === "DATE") return [day, raw]
  if (element.type === "FLOAT") return [single, element]
  return [plain, element]
}

const ofCause = (file: string) => (cause: unknown): DataProvider.DataError =>
  new DataProvider.DataError({
    message: `${file}: not a Parquet file that can be read: ${cause instanceof Error ? cause.message.slice(0, 200) : String(cause).slice(0, 200)}`,
    cause
  })

/** Rows of a group that are read at once, where a file lets them be. */
const most = 1 << 20

/**
 * Reads the rows of a table, group by group. Numbers keep all their digits; what is not a number is a blank text.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(
  file: string,
  bytes: Uint8Array,
  take: Take
): Effect.fn.Return<void, DataProvider.DataError> {
  const fail = ofCause(file)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const metadata = yield* Effect.try({ try: () => parquetMetadata(buffer), catch: fail })
  const [root, ...elements] = metadata.schema
  const nested = elements.find(({ num_children, repetition_type }) => (num_children ?? 0) > 0 || repetition_type === "REPEATED")
  if (root === undefined || nested !== undefined) {
    return yield* fail(new Error(root === undefined ? "it has no schema" : `column ${nested!.name} is nested`))
  }
  const cells = elements.map(cellOf)
  const flat: FileMetaData = { ...metadata, schema: [root, ...cells.map(([, element]) => element)] }
  if (!take({ line: 1, cells: elements.map(({ name }) => name) })) return
  let line = 0
  let from = 0
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows)
    for (let start = from; start < from + count; start += most) {
      const rows = yield* Effect.tryPromise({
        try: () =>
          new Promise<ReadonlyArray<ReadonlyArray<unknown>>>((resolve, reject) => {
            parquetRead({
              file: { byteLength: buffer.byteLength, slice: (a, b) => buffer.slice(a, b) },
              metadata: flat,
              rowStart: start,
              rowEnd: Math.min(start + most, from + count),
              compressors,
              parsers: { timestampFromNanoseconds: (nanos: bigint) => nanos },
              onComplete: resolve
            }).then(() => resolve([]), reject)
          }),
        catch: fail
      })
      for (const row of rows) {
        if (!take({ line: ++line, cells: cells.map(([cell], i) => cell(row[i])) })) return
      }
    }
    from += count
  }
})

/**
 * The series of a table: a column `timestamp` and every other column a series, as {@link Csv.parse} reads them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = Effect.fnUntraced(function*(
  file: string,
  bytes: Uint8Array
): Effect.fn.Return<ReadonlyArray<Table.Series>, DataProvider.DataError> {
  const rows: Array<Csv.Row> = []
  yield* read(file, bytes, (row) => {
    rows.push(row)
    return true
  })
  return yield* Csv.fromRows(file, rows)
})

/** The number that a value is, where the shortest text of that number is the value again. */
const exact = (value: Decimal.Decimal): number | undefined => {
  const number = Number.parseFloat(Decimal.format(value))
  const back = Csv.parseNumber(`${number}`)
  return back !== undefined && Decimal.compare(back, value) === 0 ? number : undefined
}

/**
 * Series as a Parquet file that {@link parse} reads: a column `timestamp` of UTC milliseconds, a column a series, a row for
 * every instant at which any of them was observed. Values are exact: numbers of 64 bits where all of a series are such
 * numbers, else decimal texts.
 *
 * @category combinators
 * @since 0.1.0
 */
export const write = (series: ReadonlyArray<Table.Series>): Effect.Effect<Uint8Array> => Effect.sync(() => {
  const instants = [...new Set(series.flatMap(({ observations }) => observations.map(({ at }) => at)))].sort((a, b) => a - b)
  const index = new Map(instants.map((at, i) => [at, i]))
  const columns = series.map(({ name, observations }) => {
    const numbers = observations.map(({ value }) => exact(value))
    const data = Array.from({ length: instants.length }, (): number | string | null => null)
    const textual = numbers.includes(undefined)
    for (const [i, { at, value }] of observations.entries()) data[index.get(at)!] = textual ? Decimal.format(value) : numbers[i]!
    return { name, data, type: textual ? "STRING" as const : "DOUBLE" as const, nullable: true }
  })
  return new Uint8Array(parquetWriteBuffer({
    columnData: [{ name: Csv.timeColumn, data: instants.map(BigInt), type: "TIMESTAMP", nullable: false }, ...columns],
    createdBy: "execution-interface-manager"
  }))
})
