/**
 * Files as exchanges and indexers give them away, turned into series.
 *
 * No series can look ahead: every value stands at an instant at which it was known, which is that of its row or later,
 * and nothing is interpolated, filled or averaged. So what is imported of the rows up to an instant is what is imported
 * of all rows up to that instant.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Decimal from "../domain/Decimal.js"
import type * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Coverage from "./Coverage.js"
import * as DataProvider from "./DataProvider.js"
import * as Csv from "./DataProvider/Csv.js"
import * as Instants from "../domain/Instants.js"
import * as Shape from "./Import/Shape.js"
import type * as Table from "./Table.js"

/**
 * What is done where two rows tell different values of one series and instant: nothing is imported (`refuse`), or the
 * one that is read `first` or `last` holds. Files are read in the order in which they are named.
 *
 * @category models
 * @since 0.1.0
 */
export type OnConflict = "refuse" | "first" | "last"

/**
 * How files are read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Shape.Naming {
  /** Defaults to `refuse`. */
  readonly onConflict?: OnConflict | undefined
  /** Length of a candle in milliseconds. Defaults to what the distances of the rows say without doubt. */
  readonly candle?: number | undefined
}

/** A file by its name, for errors, and its text. @category models @since 0.1.0 */
export interface Source {
  readonly name: string
  readonly text: string
}

/** Where something stands. `line` counts from 1. @category models @since 0.1.0 */
export interface Place {
  readonly file: string
  readonly line: number
}

/** Something that stands in a file, said in words. @category models @since 0.1.0 */
export interface Finding extends Place {
  readonly what: string
}

/** A silence of a series; `line` is of the row after it. @category models @since 0.1.0 */
export interface Gap extends Coverage.Gap, Place {
  readonly series: string
}

/**
 * What files came to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Imported {
  /** In the order of their names, each oldest first with one observation an instant. */
  readonly series: ReadonlyArray<Table.Series>
  /** Rows that were read, those dropped included. */
  readonly rows: number
  /** Rows that repeat what another one said; dropped. */
  readonly duplicates: ReadonlyArray<Place>
  /** Values that differ from another of the same series and instant, settled as was asked. */
  readonly conflicts: ReadonlyArray<Finding>
  /** Rows older than the row before them; put in order. */
  readonly disorder: ReadonlyArray<Finding>
  /** Last rows without the end of a line, as a download leaves them that broke off: their last number may be half of one. */
  readonly unended: ReadonlyArray<Place>
  /** By the times of rows; those of extremes are those of their candles and not repeated. */
  readonly gaps: ReadonlyArray<Gap>
}

const shown = 10

/**
 * Files that are not imported, with everything that stands in the way.
 *
 * @category errors
 * @since 0.1.0
 */
export class ImportError extends Data.TaggedError("ImportError")<{
  readonly findings: ReadonlyArray<Finding>
}> {
  override get message(): string {
    const lines = this.findings.slice(0, shown).map(({ file, line, what }) => `${file} line ${line}: ${what}`)
    const more = this.findings.length - lines.length
    return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n")
  }
}

const fail = (place: Place, what: string) => Either.left(new ImportError({ findings: [{ ...place, what }] }))

/** An instant as such files write it: RFC 3339 with a zone, or seconds or milliseconds since 1970. */
const parseTime = (text: string): Timestamp.Timestamp | undefined => {
  // Of 11 digits it cannot be told whether they are seconds or milliseconds of any year that markets are of.
  if (!/^(\d{9,10}|\d{12,13})$/.test(text)) return Csv.parseInstant(text)
  const number = Number.parseInt(text, 10)
  return text.length >= 12 ? number : number * 1000
}

const blockColumn = "block_timestamp"

/** A row that was read: its instant, and an observation for each column of the shape that is not blank. */
interface Reading extends Place {
  readonly at: Timestamp.Timestamp
  readonly observations: ReadonlyArray<{ readonly series: string; readonly observation: MarketSnapshot.Observation }>
}

interface Read {
  readonly shape: Shape.Shape
  readonly readings: ReadonlyArray<Reading>
  readonly rows: number
  readonly bad: ReadonlyArray<Finding>
  readonly disorder: ReadonlyArray<Finding>
  readonly unended: Place | undefined
}

/**
 * The length of candles by the instants that they begin at: the smallest distance, if most have it and all others are
 * multiples of it. `undefined` where that is in doubt. It is never less than the candles are apart.
 *
 * @category combinators
 * @since 0.1.0
 */
export const candleOf = (times: ReadonlyArray<Timestamp.Timestamp>): number | undefined => {
  const instants = [...new Set(times)].sort((a, b) => a - b)
  const distances = instants.slice(1).map((at, i) => at - instants[i]!)
  const least = distances.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const whole = distances.every((distance) => distance % least === 0)
  return whole && 2 * distances.filter((distance) => distance === least).length > distances.length ? least : undefined
}

/** Settlements and candles stand on a schedule; what was observed stands where it was. */
const onSchedule = ({ kind }: Shape.Shape, at: Timestamp.Timestamp): Timestamp.Timestamp =>
  kind === "funding" || kind === "candles" ? Instants.scheduled(at) : at

const notAnInstant = (column: string, cell: string | undefined): string =>
  `column ${column}: expected an instant, RFC 3339 with zone or seconds since 1970, and got ${JSON.stringify(cell)}`

/** Where the rows of a file are not of one market, by the columns that say of which they are. */
const mixed = (file: string, names: ReadonlyArray<string>, rows: ReadonlyArray<Csv.Row>): Finding | undefined => {
  for (const column of Shape.identities) {
    const index = names.indexOf(column)
    const said = index < 0 ? [] : rows.filter(({ cells }) => (cells[index] ?? "") !== "")
    const other = said.find(({ cells }) => cells[index] !== said[0]!.cells[index])
    if (other !== undefined) {
      const { cells, line } = said[0]!
      return { file, line: other.line, what: `column ${column}: ${other.cells[index]}, and ${cells[index]} in line ${line}: a file is of one` }
    }
  }
  return undefined
}

const expectations = {
  positive: "a number above zero",
  zero: "a number, zero or more",
  any: "a number"
}

const meets = (value: Decimal.Decimal, least: Shape.Column["least"]): boolean =>
  least === "any" || value.value > 0n || (least === "zero" && value.value === 0n)

const readSource = (source: Source, options: Options): Either.Either<Read, ImportError> =>
  Either.gen(function*() {
    const file = source.name
    const [header, ...rows] = yield* Either.mapLeft(Csv.rows(source.text, { comment: "#" }), ({ line, what }) =>
      new ImportError({ findings: [{ file, line, what }] }))
    if (header === undefined) return yield* fail({ file, line: 1 }, "the file is empty")
    const names = header.cells
    const says = (column: string): string | undefined => {
      const index = names.indexOf(column)
      const values = new Set(index < 0 ? [] : rows.map(({ cells }) => cells[index]))
      const [value] = values
      return values.size === 1 && value !== "" ? value : undefined
    }
    const shape = yield* Either.mapLeft(Shape.make(names, options, says), (what) =>
      new ImportError({ findings: [{ file, line: header.line, what }] }))
    const block = names.indexOf(blockColumn)
    const read = [shape.time, ...shape.columns.map(({ column }) => column), ...(block < 0 ? [] : [blockColumn])]
    const twice = read.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
    if (twice !== undefined) return yield* fail({ file, line: header.line }, `two columns named ${twice}`)
    if (rows.length === 0) return yield* fail({ file, line: header.line }, "there is a header and no row below it")
    const others = mixed(file, names, rows)
    if (others !== undefined) return yield* fail(others, others.what)
    const time = names.indexOf(shape.time)

    const bad: Array<Finding> = []
    const disorder: Array<Finding> = []
    const timed: Array<Csv.Row & { readonly at: Timestamp.Timestamp }> = []
    let previous = -1
    for (const row of rows) {
      const { cells, line } = row
      const at = parseTime(cells[time] ?? "")
      if (cells.length !== names.length) {
        bad.push({ file, line, what: `expected ${names.length} columns and got ${cells.length}` })
      } else if (at === undefined || !Timestamp.isValid(at)) {
        bad.push({ file, line, what: notAnInstant(shape.time, cells[time]) })
      } else {
        if (at < previous) {
          disorder.push({ file, line, what: `${Timestamp.format(at)} comes after ${Timestamp.format(previous)}` })
        }
        previous = at
        timed.push({ ...row, at: onSchedule(shape, at) })
      }
    }

    const candle = shape.kind !== "candles" ? 0 : options.candle ?? candleOf(timed.map(({ at }) => at))
    if (candle === undefined) {
      const what = "the distances of the rows do not tell how long a candle is: state it"
      return yield* Either.left(new ImportError({ findings: [...bad, { file, line: header.line, what }] }))
    }

    const readings: Array<Reading> = []
    for (const { at, cells, line } of timed) {
      const observations: Array<Reading["observations"][number]> = []
      for (const { column, known, least, series } of shape.columns) {
        const cell = cells[names.indexOf(column)]!
        if (cell === "") continue
        const value = Csv.parseNumber(cell)
        if (value === undefined || !meets(value, least)) {
          bad.push({ file, line, what: `column ${column}: expected ${expectations[least]}, and got ${JSON.stringify(cell)}` })
          continue
        }
        const mined = known === "block" && block >= 0 ? parseTime(cells[block]!) : at
        if (mined === undefined) {
          bad.push({ file, line, what: notAnInstant(blockColumn, cells[block]) })
          continue
        }
        // Whatever a file says, nothing is known before its row.
        const knownAt = known === "end" ? at + candle : Math.max(at, mined)
        observations.push({ series, observation: { at: knownAt, value } })
      }
      if (shape.kind === "candles" && observations.length === 3) {
        const [open, high, low] = observations.map(({ observation }) => observation.value)
        if (Decimal.compare(low!, open!) > 0 || Decimal.compare(open!, high!) > 0) {
          bad.push({
            file,
            line,
            what: `columns open, high, low: expected low <= open <= high, and got ${
              [open, high, low].map((value) => Decimal.format(value!)).join(", ")
            }`
          })
        }
      }
      readings.push({ file, line, at, observations })
    }
    const unended = /[\r\n][ \t]*$/.test(source.text) ? undefined : { file, line: rows.at(-1)!.line }
    return { shape, readings, rows: rows.length, bad, disorder, unended }
  })

interface Kept extends Place {
  readonly value: Decimal.Decimal
  /** The instant of the row. */
  readonly row: Timestamp.Timestamp
}

/**
 * The series of files. Identical rows count once. Refused with everything that is wrong: cells that are no number or no
 * instant, rows of another width, values that differ and of which none was told to hold.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSources = (
  sources: ReadonlyArray<Source>,
  options: Options = {}
): Either.Either<Imported, ImportError> =>
  Either.gen(function*() {
    const rule = options.onConflict ?? "refuse"
    const bad: Array<Finding> = []
    const disorder: Array<Finding> = []
    const conflicts: Array<Finding> = []
    const duplicates: Array<Place> = []
    const unended: Array<Place> = []
    const kept = new Map<string, Map<Timestamp.Timestamp, Kept>>()
    const leading = new Set<string>()
    let rows = 0
    for (const source of sources) {
      const read = yield* readSource(source, options)
      // One by one: so many arguments as a file has rows are more than a call takes.
      for (const finding of read.bad) bad.push(finding)
      for (const finding of read.disorder) disorder.push(finding)
      rows += read.rows
      if (read.unended !== undefined) unended.push(read.unended)
      for (const { known, series } of read.shape.columns) {
        if (!kept.has(series)) kept.set(series, new Map())
        if (known !== "end") leading.add(series)
      }
      for (const { at: row, file, line, observations } of read.readings) {
        let same = 0
        for (const { observation: { at, value }, series } of observations) {
          const column = kept.get(series)!
          const before = column.get(at)
          if (before === undefined) column.set(at, { file, line, value, row })
          else if (Decimal.compare(before.value, value) === 0) same++
          else {
            conflicts.push({
              file,
              line,
              what: `series ${series}: ${Decimal.format(value)} at ${Timestamp.format(at)}, and ${
                Decimal.format(before.value)
              } in ${before.file === file ? "" : `${before.file} `}line ${before.line}`
            })
            if (rule === "last") column.set(at, { file, line, value, row })
          }
        }
        if (observations.length > 0 && same === observations.length) duplicates.push({ file, line })
      }
    }
    const refused = rule === "refuse" ? [...bad, ...conflicts] : bad
    if (refused.length > 0) return yield* Either.left(new ImportError({ findings: refused }))
    const series: Array<Table.Series> = []
    const gaps: Array<Gap> = []
    for (const name of [...kept.keys()].sort()) {
      const column = [...kept.get(name)!].sort(([a], [b]) => a - b)
      if (column.length === 0) continue
      series.push({ name, observations: column.map(([at, { value }]) => ({ at, value })) })
      if (!leading.has(name)) continue
      const times = column.map(([, { row }]) => row)
      const places = new Map(column.map(([, { file, line, row }]) => [row, { file, line }]))
      for (const gap of Coverage.gapsOf(times)) {
        gaps.push({ ...gap, series: name, ...places.get(gap.before)! })
      }
    }
    return { series, rows, duplicates, conflicts, disorder, unended, gaps }
  })

/**
 * Reads files and imports them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromFiles = Effect.fnUntraced(function*(
  files: ReadonlyArray<string>,
  options: Options = {}
): Effect.fn.Return<Imported, ImportError | DataProvider.DataError, FileSystem.FileSystem> {
  const fileSystem = yield* FileSystem.FileSystem
  const sources = yield* Effect.forEach(files, (name) =>
    Effect.flatMap(
      Effect.mapError(
        fileSystem.readFile(name),
        (cause) => new DataProvider.DataError({ message: `file ${name} cannot be read: ${cause.message}`, cause })
      ),
      (bytes) =>
        Either.mapBoth(Csv.decodeText(name, bytes), {
          onLeft: () => new ImportError({ findings: [{ file: name, line: 1, what: "not UTF-8 text" }] }),
          onRight: (text): Source => ({ name, text })
        })
    ))
  return yield* fromSources(sources, options)
})

/**
 * Series as the CSV that {@link Csv.parse} reads: a column `timestamp`, a column a series in the order given, a row for
 * every instant at which any of them was observed, oldest first. Values are exact.
 *
 * @category combinators
 * @since 0.1.0
 */
export const toCsv = (series: ReadonlyArray<Table.Series>): string => {
  const rows = new Map<Timestamp.Timestamp, Array<string>>()
  for (const [index, { observations }] of series.entries()) {
    for (const { at, value } of observations) {
      const row = rows.get(at) ?? series.map(() => "")
      row[index] = Decimal.format(value)
      rows.set(at, row)
    }
  }
  const lines = [...rows].sort(([a], [b]) => a - b).map(([at, cells]) => [Timestamp.format(at), ...cells].join(","))
  return `${[[Csv.timeColumn, ...series.map(({ name }) => name)].join(","), ...lines].join("\n")}\n`
}
