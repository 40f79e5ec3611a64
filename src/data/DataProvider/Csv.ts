/**
 * Series as CSV: a column of instants, and a column a series.
 *
 * @since 0.1.0
 */
import * as Csv from "csv-parse/sync"
import * as Either from "effect/Either"
import * as Decimal from "../../domain/Decimal.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Utf8 from "../../domain/Utf8.js"
import * as DataProvider from "../DataProvider.js"
import type * as Table from "../Table.js"

/** The column of the instants. @category constants @since 0.1.0 */
export const timeColumn = "timestamp"

/** How lines may end, also each of a file in another way, as where files of several systems were joined. */
const lineEnds = ["\r\n", "\n", "\r"]

const scientific = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * The exact value of a cell: plain notation, or the scientific notation that programs write small rates in
 * (`8.469e-05`). `-0.0` is zero. Answers `undefined` for anything else, and for more than 78 digits in plain notation.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parseNumber = (text: string): Decimal.Decimal | undefined => {
  const plain = Decimal.parse(text)
  if (plain !== undefined) return plain
  const match = scientific.exec(text)
  if (match === null) return undefined
  const fraction = match[3] ?? ""
  const scale = fraction.length - Number.parseInt(match[4] ?? "0", 10)
  const value = BigInt(match[1]! + match[2]! + fraction)
  return Decimal.parse(
    scale < 0 ? (value * Decimal.pow10(-scale)).toString() : Decimal.formatScaled(value, scale)
  )
}

const finer = /\.\d{3}\d*[1-9]/

/**
 * The instant of a row: RFC 3339 with a zone. A part of a millisecond counts as a whole one, as nothing is known before it
 * was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parseInstant = (text: string): Timestamp.Timestamp | undefined => {
  const at = Timestamp.parse(text)
  return at !== undefined && finer.test(text) ? at + 1 : at
}

/** A row of cells without blanks around them; `line` counts from 1. @category models @since 0.1.0 */
export interface Row {
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

/**
 * The rows of a text that are not empty. Left is the line at fault, what is wrong there, and the rows before it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const rows = (
  text: string,
  options: { readonly comment?: string | undefined; readonly bom?: boolean | undefined } = {}
): Either.Either<
  ReadonlyArray<Row>,
  { readonly line: number; readonly what: string; readonly rows: ReadonlyArray<Row> }
> => {
  const rows: Array<Row> = []
  return Either.try({
    try: () => {
      Csv.parse(text, {
        bom: options.bom ?? true,
        ...(options.comment === undefined ? {} : { comment: options.comment, comment_no_infix: true }),
        record_delimiter: lineEnds,
        relax_column_count: true,
        skip_empty_lines: true,
        trim: true,
        on_record: (cells: ReadonlyArray<string>, { lines }) => {
          rows.push({ line: lines, cells })
          return null
        }
      })
      return rows
    },
    catch: (cause) => {
      const message = cause instanceof Error ? cause.message : String(cause)
      return cause instanceof Csv.CsvError && cause.code === "CSV_QUOTE_NOT_CLOSED"
        // The parser tells where the text ends, however far that is from the quote.
        ? { rows, line: (rows.at(-1)?.line ?? 0) + 1, what: "not CSV: a quote is opened that does not close" }
        : { rows, line: Number.parseInt(/at line (\d+)/.exec(message)?.[1] ?? "1", 10), what: `not CSV: ${message}` }
    }
  })
}

/**
 * The text of a file's bytes, without the byte order mark that spreadsheets put before it. Refused where they are not
 * UTF-8: a number in another encoding would be another number.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decodeText = (source: string, bytes: Uint8Array): Either.Either<string, DataProvider.DataError> =>
  Either.mapBoth(Utf8.decode(bytes), {
    onLeft: (position) => new DataProvider.DataError({ message: `${source}: not UTF-8 text: byte ${position} begins no character` }),
    onRight: (text) => text.replace(/^\ufeff/, "")
  })

const checkHeader = (source: string, header: Row | undefined): DataProvider.DataError | undefined => {
  const names = header?.cells ?? []
  if (!names.includes(timeColumn)) {
    return new DataProvider.DataError({
      message: `${source} line ${header?.line ?? 1}: no column named ${timeColumn}: ${
        names.length === 0 ? "the file is empty" : `got ${names.map((name) => JSON.stringify(name)).join(", ")}`
      }`
    })
  }
  const seen = new Set<string>()
  for (const [index, name] of names.entries()) {
    if (name === "" || seen.has(name)) {
      return new DataProvider.DataError({
        message: `${source} line ${header!.line}: ${
          name === "" ? `column ${index + 1} has no name` : `two columns named ${name}`
        }`
      })
    }
    seen.add(name)
  }
  return undefined
}

/**
 * The series of one file: a column `timestamp` (RFC 3339 with zone, oldest first), and every other column a series. A
 * blank cell is no observation. The error names file, line and column, and what stood there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (
  source: string,
  text: string
): Either.Either<ReadonlyArray<Table.Series>, DataProvider.DataError> => {
  const parsed = rows(text)
  if (Either.isLeft(parsed)) {
    const { line, what } = parsed.left
    return Either.left(new DataProvider.DataError({ message: `${source} line ${line}: ${what}` }))
  }
  return fromRows(source, parsed.right)
}

/**
 * The series of the rows of a file, the names of its columns first.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromRows = (
  source: string,
  rows: ReadonlyArray<Row>
): Either.Either<ReadonlyArray<Table.Series>, DataProvider.DataError> => {
  const [header, ...body] = rows
  const invalid = checkHeader(source, header)
  if (invalid !== undefined) return Either.left(invalid)
  const names = header!.cells
  const time = names.indexOf(timeColumn)
  const columns = names.map(() => ({ observations: new Array<MarketSnapshot.Observation>(), lines: new Array<number>() }))
  let previous = -1
  for (const { cells, line } of body) {
    const fail = (what: string) =>
      Either.left(new DataProvider.DataError({ message: `${source} line ${line}${what}` }))
    if (cells.length !== names.length) return fail(`: expected ${names.length} columns and got ${cells.length}`)
    const at = parseInstant(cells[time]!)
    if (at === undefined) {
      return fail(
        `, column ${timeColumn}: expected an RFC 3339 timestamp with zone, and got ${JSON.stringify(cells[time])}`
      )
    }
    if (at < previous) {
      return fail(`, column ${timeColumn}: ${cells[time]} comes after ${Timestamp.format(previous)}`)
    }
    previous = at
    for (let c = 0; c < names.length; c++) {
      const cell = cells[c]!
      if (c === time || cell === "") continue
      const value = parseNumber(cell)
      if (value === undefined) {
        return fail(
          `, column ${names[c]}: expected a number of at most ${Decimal.maxDigits} digits, and got ${
            JSON.stringify(cell)
          }`
        )
      }
      columns[c]!.observations.push({ at, value })
      columns[c]!.lines.push(line)
    }
  }
  return Either.right(
    columns.flatMap((column, c) => (c === time ? [] : [{ name: names[c]!, ...column, source }]))
  )
}

/** Lines that are made into one text. */
const linesAtOnce = 4096

/**
 * Series as the text that {@link parse} reads, in pieces: a column `timestamp`, a column a series in the order given, a row
 * for every instant at which any of them was observed, oldest first. Values are exact.
 *
 * @category combinators
 * @since 0.1.0
 */
export function* pieces(series: ReadonlyArray<Table.Series>): Generator<string, void, undefined> {
  yield `${[timeColumn, ...series.map(({ name }) => name)].join(",")}\n`
  const next = series.map(() => 0)
  let lines: Array<string> = []
  for (;;) {
    let at = Number.POSITIVE_INFINITY
    for (const [i, { observations }] of series.entries()) {
      const observation = observations[next[i]!]
      if (observation !== undefined && observation.at < at) at = observation.at
    }
    if (at === Number.POSITIVE_INFINITY) break
    let line = Timestamp.format(at)
    for (const [i, { observations }] of series.entries()) {
      const observation = observations[next[i]!]
      if (observation?.at === at) {
        line += `,${Decimal.format(observation.value)}`
        next[i]!++
      } else line += ","
    }
    if (lines.push(line) === linesAtOnce) {
      yield `${lines.join("\n")}\n`
      lines = []
    }
  }
  if (lines.length > 0) yield `${lines.join("\n")}\n`
}

/** Series as one text, of {@link pieces}. @category combinators @since 0.1.0 */
export const format = (series: ReadonlyArray<Table.Series>): string => [...pieces(series)].join("")
