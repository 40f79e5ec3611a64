/**
 * `eim data`: files turned into series, series looked at, series loaded into a database.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Iterable from "effect/Iterable"
import * as Option from "effect/Option"
import * as Coverage from "../data/Coverage.js"
import type * as DataProvider from "../data/DataProvider.js"
import * as Csv from "../data/DataProvider/Csv.js"
import * as Derived from "../data/Derived.js"
import * as StaleSpans from "../data/StaleSpans.js"
import * as Import from "../data/Import.js"
import type * as Finding from "../data/Import/Finding.js"
import * as Format from "../data/Import/Format.js"
import type * as Merge from "../data/Import/Merge.js"
import type * as Names from "../data/Import/Names.js"
import * as Parquet from "../data/Parquet.js"
import type * as Union from "../data/DataProvider/Union.js"
import type * as Table from "../data/Table.js"
import type { Json } from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as CoverageChart from "./CoverageChart.js"
import * as Database from "./Database.js"
import * as DataSource from "./DataSource.js"
import * as Directory from "../internal/Directory.js"
import * as Environment from "./Environment.js"
import * as Failure from "./Failure.js"
import * as Inputs from "./Inputs.js"
import * as Misunderstanding from "./Misunderstanding.js"
import * as Pretty from "./Pretty.js"
import * as Progress from "./Progress.js"
import * as Screen from "./Screen.js"
import type * as Style from "./Style.js"
import * as Tables from "./Table.js"
import * as WholeFile from "../internal/WholeFile.js"

const coverageOf = (series: ReadonlyArray<Table.Series>): ReadonlyArray<Coverage.Coverage> =>
  series.flatMap(({ name, observations }) => Coverage.make(name, observations.map(({ at }) => at)) ?? [])

const oneOf = <A extends string>(
  flag: string,
  values: ReadonlyArray<A>,
  text: Option.Option<string>
): Either.Either<A | undefined, Failure.Failure> =>
  Option.match(text, {
    onNone: () => Either.right(undefined),
    onSome: (text) => {
      const value = values.find((value) => value === text)
      return value === undefined
        ? Either.left(Misunderstanding.ofFault("arguments", "arguments", {
          path: `--${flag}`,
          expected: values.join(", "),
          actual: text
        }, "Write one of them."))
        : Either.right(value)
    }
  })

const candleOf = (text: Option.Option<string>): Either.Either<number | undefined, Failure.Failure> =>
  Option.match(text, {
    onNone: () => Either.right(undefined),
    onSome: (text) => {
      const length = Option.map(Duration.decodeUnknown(text), Duration.toMillis)
      return Option.isSome(length) && Number.isInteger(length.value) && length.value > 0
        ? Either.right(length.value)
        : Either.left(Misunderstanding.ofFault("arguments", "arguments", {
          path: "--candle",
          expected: "a length of time, as \"1 hour\" or \"5 minutes\"",
          actual: text
        }, "Write a number, a space and a unit."))
    }
  })

/** `time=when,open=o`: what each column is read as. */
const columnsOf = (text: Option.Option<string>): Either.Either<Names.Naming["columns"], Failure.Failure> =>
  Option.match(text, {
    onNone: () => Either.right(undefined),
    onSome: (text) => {
      const pairs = text.split(",").map((pair) => {
        const at = pair.indexOf("=")
        return { field: Format.fields.find((field) => field === pair.slice(0, at).trim()), column: pair.slice(at + 1).trim(), pair }
      })
      const wrong = pairs.find(({ column, field }, i) =>
        field === undefined || column === "" || pairs.findIndex((other) => other.field === field) < i)
      return wrong === undefined
        ? Either.right(Object.fromEntries(pairs.map(({ column, field }) => [field, column])))
        : Either.left(Misunderstanding.ofFault("arguments", "arguments", {
          path: "--columns",
          expected: `FIELD=COLUMN, each field once, with a comma between them; fields are ${Format.fields.join(", ")}`,
          actual: wrong.pair
        }, "Write them as time=when,open=o,high=h,low=l."))
    }
  })

/** The options of `eim data import`. @category models @since 0.1.0 */
export interface ImportOptions {
  readonly files: ReadonlyArray<string>
  readonly kind: Option.Option<string>
  readonly series: Option.Option<string>
  readonly venue: Option.Option<string>
  readonly token: Option.Option<string>
  readonly market: Option.Option<string>
  readonly only: Option.Option<string>
  readonly columns: Option.Option<string>
  readonly candle: Option.Option<string>
  readonly onConflict: Option.Option<string>
  readonly out: Option.Option<string>
  readonly json: boolean
}

const ofImportError = (error: Finding.ImportError): Failure.Failure =>
  new Failure.Failure({
    kind: "input",
    reason: error.message,
    resolution: "Mend the files there, or say what they do not: --token, --venue, --market, --kind, --series, --columns, --candle. Values that differ are settled by --on-conflict first or last.",
    cause: error
  })

const most = 10

/** A title with its count, and the first of what there is. */
const found = (title: string, all: ReadonlyArray<string>): ReadonlyArray<string> =>
  all.length === 0 ? [] : [
    `  ${title}: ${all.length}`,
    ...all.slice(0, most).map((line) => `    ${line}`),
    ...(all.length > most ? [`    and ${all.length - most} more`] : [])
  ]

const placed = ({ file, line }: Finding.Place, what = ""): string => `${file} line ${line}${what === "" ? "" : `: ${what}`}`

const gapText = (gap: Merge.Gap): string =>
  placed(gap, `${gap.series} is silent from ${CoverageChart.minuteText(gap.after)} to ${CoverageChart.minuteText(gap.before)}, ${gap.missing} missing`)

/** What the files are, those of one sort together. */
const recognisedLines = ({ recognised }: Import.Imported): ReadonlyArray<string> => {
  const sorts = new Map<string, Array<string>>()
  for (const one of recognised) {
    const sort = Import.describe(one)
    sorts.set(sort, [...sorts.get(sort) ?? [], one.file])
  }
  return [...sorts].map(([sort, [file, ...more]]) => `  ${file}${more.length === 0 ? "" : ` and ${more.length} more`}: ${sort}`)
}

const importLines = (style: Style.Style, imported: Import.Imported): ReadonlyArray<string> => {
  const findings = [
    ...(imported.others === 0 ? [] : [`  rows of other markets, left out: ${imported.others}`]),
    ...found("candles that were not over, dropped", imported.unconfirmed.map((place) => placed(place))),
    ...found("repeated rows, dropped", imported.duplicates.map((place) => placed(place))),
    ...found("values that differ, settled", imported.conflicts.map((finding) => placed(finding, finding.what))),
    ...found("rows out of order, sorted", imported.disorder.map((finding) => placed(finding, finding.what))),
    ...found("last rows without the end of their line, taken as they stand", imported.unended.map((place) => placed(place))),
    ...found("gaps, left as they are", imported.gaps.map(gapText))
  ]
  return [
    style.bold("Recognised"),
    ...recognisedLines(imported),
    "",
    style.bold("Series"),
    ...CoverageChart.lines(style, coverageOf(imported.series)),
    "",
    style.bold("Found"),
    ...(findings.length === 0 ? ["  nothing amiss"] : findings)
  ]
}

const placeJson = ({ file, line }: Finding.Place) => ({ file, line })

const importJson = (imported: Import.Imported, out: string | undefined): Json => ({
  out: out ?? null,
  recognised: imported.recognised.map(({ candle, file, format, kind, market, newestFirst, symbol, unit, venue }) => ({
    file,
    format,
    kind,
    venue: venue ?? null,
    market: market ?? null,
    symbol: symbol ?? null,
    time_unit: unit,
    candle_seconds: candle === undefined ? null : candle / 1000,
    newest_first: newestFirst
  })),
  rows: imported.rows,
  unconfirmed: imported.unconfirmed.map(placeJson),
  other_markets: imported.others,
  series: CoverageChart.json(coverageOf(imported.series)),
  duplicates: imported.duplicates.map(placeJson),
  conflicts: imported.conflicts.map((finding) => ({ ...placeJson(finding), what: finding.what })),
  disorder: imported.disorder.map((finding) => ({ ...placeJson(finding), what: finding.what })),
  unended: imported.unended.map(placeJson),
  gaps: imported.gaps.map((gap) => ({
    ...placeJson(gap),
    series: gap.series,
    after: Timestamp.format(gap.after),
    before: Timestamp.format(gap.before),
    missing: gap.missing
  })),
  error: null
})

/**
 * `eim data import`: reads the files, writes the series as CSV to `--out` or standard output, and tells what was found.
 * With `--json` and no `--out` nothing is written but the report.
 *
 * @category constructors
 * @since 0.1.0
 */
export const runImport = (
  options: ImportOptions
): Effect.Effect<number, Failure.Failure, Screen.Screen | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const screen = yield* Screen.Screen
    const path = yield* Path.Path
    const out = Option.getOrUndefined(options.out)
    for (const file of out === undefined ? [] : options.files) {
      if (yield* Inputs.isSameFile(file, out!)) {
        return yield* Misunderstanding.ofFault("arguments", "arguments", {
          path: "--out",
          expected: "a file that is not imported",
          actual: out
        }, "The series would take the place of what they are made of; choose another file.")
      }
    }
    const progress = Progress.reading(screen)
    const imported = yield* Import.fromFiles(options.files, {
      kind: yield* oneOf("kind", Format.kinds, options.kind),
      series: Option.getOrUndefined(options.series),
      venue: Option.getOrUndefined(options.venue),
      token: Option.getOrUndefined(options.token),
      market: yield* oneOf("market", Format.markets, options.market),
      only: Option.getOrUndefined(options.only),
      columns: yield* columnsOf(options.columns),
      candle: yield* candleOf(options.candle),
      onConflict: yield* oneOf("on-conflict", ["refuse", "first", "last"] as const, options.onConflict)
    }, progress.show).pipe(
      Effect.ensuring(progress.clear),
      Effect.catchTags({
        ImportError: (error) => Effect.fail(ofImportError(error)),
        DataError: (error) => Effect.fail(DataSource.ofDataError(error))
      })
    )
    if (out !== undefined) {
      const encoder = new TextEncoder()
      const pieces: Iterable<Uint8Array> = isParquet(out)
        ? [yield* Parquet.write(imported.series)]
        : Iterable.map(Csv.pieces(imported.series), (text) => encoder.encode(text))
      yield* Effect.mapError(
        Effect.zipRight(
          Directory.make(path.dirname(out)),
          WholeFile.writeWith(out, (handle) => Effect.forEach(pieces, (piece) => handle.writeAll(piece), { discard: true }))
        ),
        (cause) => Failure.io(`file ${out} cannot be written`, cause)
      )
    }
    if (options.json) yield* screen.out(`${Pretty.json(importJson(imported, out))}\n`)
    else if (out === undefined) {
      yield* Effect.forEach(Csv.pieces(imported.series), screen.out, { discard: true })
      yield* screen.err(`${importLines(screen.errStyle, imported).join("\n")}\n`)
    } else {
      yield* screen.out(`${[...importLines(screen.style, imported), "", `written to ${out}`].join("\n")}\n`)
    }
    return Failure.exit.done
  })

const isParquet = (file: string): boolean => /\.parquet$/i.test(file)

/** The options of `eim data check`. @category models @since 0.1.0 */
export interface CheckOptions {
  readonly sources: ReadonlyArray<string>
  readonly onConflict: Option.Option<string>
  readonly json: boolean
}

/** Every instant of a series, oldest first, out of a provider. */
const coverages = Effect.fnUntraced(function*(named: ReadonlyArray<string>, overlap: Union.Overlap) {
  const data = yield* DataSource.provider(named, overlap)
  const series = yield* Effect.mapError(data.series, DataSource.ofDataError)
  const last = series.reduce((latest, { to }) => Math.max(latest, to), 0)
  const snapshot = yield* Effect.mapError(data.getData(last), DataSource.ofDataError)
  const instants = series.map(({ name }) => ({ name, times: snapshot.since(name, -1).map(({ at }) => at) }))
  return {
    derived: Derived.make(series),
    coverages: instants.flatMap(({ name, times }) => Coverage.make(name, times) ?? []),
    stale: instants.map(({ name, times }) => ({ name, spans: StaleSpans.make(name, times, last) }))
      .filter(({ spans }) => spans.length > 0)
  }
})

interface Stale {
  readonly name: string
  readonly spans: ReadonlyArray<StaleSpans.Span>
}

/** Part of a series that no order fills at, rounded to a tenth of a percent. */
const partText = (spans: ReadonlyArray<StaleSpans.Span>, { from, to }: Coverage.Coverage, end: number): string => {
  const missed = spans.reduce((sum, span) => sum + span.to - span.from, 0)
  const whole = Math.max(end, to) - from
  return whole === 0 ? "" : `${(Math.round((1000 * missed) / whole) / 10).toFixed(1)} %`
}

const staleRows = (
  all: ReadonlyArray<Stale>,
  coverages: ReadonlyArray<Coverage.Coverage>
): ReadonlyArray<ReadonlyArray<string>> => {
  const end = coverages.reduce((latest, { to }) => Math.max(latest, to), 0)
  return all.map(({ name, spans }) => {
    const longest = spans.reduce((most, span) => (span.to - span.from > most.to - most.from ? span : most))
    return [
      name,
      String(spans.length),
      partText(spans, coverages.find((coverage) => coverage.name === name)!, end),
      `${CoverageChart.minuteText(longest.from)} to ${CoverageChart.minuteText(longest.to)}`
    ]
  })
}

const gapLines = (all: ReadonlyArray<Coverage.Coverage>): ReadonlyArray<string> =>
  // The extremes of a price are silent when it is.
  all.filter(({ name }) => !/\.(high|low)$/.test(name)).flatMap(({ gaps, name }) =>
    gaps.map(({ after, before, missing }) =>
      `${name} is silent from ${CoverageChart.minuteText(after)} to ${CoverageChart.minuteText(before)}, ${missing} missing`))

/**
 * `eim data check`: what the series of a directory cover, where they are silent, and what is derived of them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const runCheck = (
  options: CheckOptions
): Effect.Effect<number, Failure.Failure, Screen.Screen | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const screen = yield* Screen.Screen
    const checked = yield* coverages(options.sources, yield* DataSource.overlapOf(options.onConflict))
    if (options.json) {
      yield* screen.out(`${Pretty.json({
        series: CoverageChart.json(checked.coverages),
        derived: checked.derived.map(({ from, missing, name, rule, series }) => ({
          name,
          rule,
          series,
          missing,
          from: from === undefined ? null : Timestamp.format(from)
        })),
        stale: checked.stale.map(({ name, spans }) => ({
          series: name,
          spans: spans.map(({ from, step, to }) => ({
            from: Timestamp.format(from),
            to: Timestamp.format(to),
            step_seconds: step / 1000
          }))
        })),
        error: null
      })}\n`)
      return Failure.exit.done
    }
    const { style } = screen
    const stale = staleRows(checked.stale, checked.coverages)
    const gaps = found("gaps", gapLines(checked.coverages))
    const derived = checked.derived.map(({ from, missing, name, rule }) => [
      name,
      rule,
      missing.length > 0 ? `lacks ${missing.join(", ")}` : from === undefined ? "" : minuteText(from)
    ])
    yield* screen.out(`${
      [
        style.bold("Series"),
        ...CoverageChart.lines(style, checked.coverages),
        ...(gaps.length === 0 ? [] : ["", style.bold("Silent for longer than their step"), ...gaps]),
        ...(stale.length === 0 ? [] : [
          "",
          style.bold("No order that adds risk fills, as the newest price is older than its step (stale_fills allows it)"),
          ...Tables.lines(style, [
            { head: "series" },
            { head: "times", align: "right" },
            { head: "of it", align: "right" },
            { head: "longest" }
          ], stale)
        ]),
        ...(derived.length === 0 ? [] : [
          "",
          style.bold("Derived"),
          ...Tables.lines(style, [{ head: "what" }, { head: "rule" }, { head: "from" }], derived)
        ])
      ].join("\n")
    }\n`)
    return Failure.exit.done
  })

const { minuteText } = CoverageChart

/** The options of `eim data load`. @category models @since 0.1.0 */
export interface LoadOptions {
  readonly sources: ReadonlyArray<string>
  readonly onConflict: Option.Option<string>
  readonly db: Option.Option<string>
  readonly json: boolean
}

/** Loading stands outside of the provider: all of the files are in memory once. */
const seriesOf = Effect.fnUntraced(function*(named: ReadonlyArray<string>, overlap: Union.Overlap) {
  const data = yield* DataSource.provider(named, overlap)
  const info = yield* Effect.mapError(data.series, DataSource.ofDataError)
  const snapshot = yield* Effect.mapError(
    data.getData(info.reduce((latest, { to }) => Math.max(latest, to), 0)),
    DataSource.ofDataError
  )
  return info.map(({ name }): Table.Series => ({ name, observations: snapshot.since(name, -1) }))
})

/**
 * `eim data load`: writes the series of a directory into a database, all or nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const runLoad = (
  options: LoadOptions
): Effect.Effect<number, Failure.Failure, Screen.Screen | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const screen = yield* Screen.Screen
    const { databaseUrl } = yield* Effect.flatMap(Environment.load, Either.mapLeft((misread) => Misunderstanding.ofAll([misread])))
    const url = Option.getOrElse(options.db, () => databaseUrl)
    const series = yield* seriesOf(options.sources, yield* DataSource.overlapOf(options.onConflict))
    const client = yield* Database.client(url)
    const Sql = yield* Effect.promise(() => import("../data/DataProvider/Sql.js"))
    const loaded = yield* Sql.load(series).pipe(
      Effect.provide(client),
      Effect.mapError((error: DataProvider.DataError) => DataSource.ofDatabaseError(error))
    )
    yield* screen.out(
      options.json
        ? `${Pretty.json({ database: Database.shown(url), ...loaded, error: null })}\n`
        : `${loaded.series} series: ${loaded.inserted} observations loaded into ${Database.shown(url)}, ${loaded.known} were there\n`
    )
    return Failure.exit.done
  })
