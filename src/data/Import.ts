/**
 * Files as exchanges and indexers give them away, turned into series.
 *
 * No series can look ahead: every value stands at an instant at which it was known, which is that of its row or later,
 * and nothing is interpolated, filled or averaged. So what is imported of the rows up to an instant is what is imported
 * of all rows up to that instant.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as DataProvider from "./DataProvider.js"
import * as Finding from "./Import/Finding.js"
import * as Merge from "./Import/Merge.js"
import type * as Names from "./Import/Names.js"
import * as Candles from "./Import/Candles.js"
import * as Reader from "./Import/Reader.js"
import * as Rows from "./Import/Rows.js"
import * as Times from "./Import/Times.js"
import * as Trades from "./Import/Trades.js"
import * as Unpack from "./Import/Unpack.js"
import type * as Table from "./Table.js"

/**
 * How files are read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Reader.Options {
  /** Defaults to `refuse`. */
  readonly onConflict?: Merge.OnConflict | undefined
}

/** A file by its name, for errors, and its text. @category models @since 0.1.0 */
export interface Source {
  readonly name: string
  readonly text: string
}

/**
 * What files came to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Imported {
  /** What each file was recognised as. */
  readonly recognised: ReadonlyArray<Reader.Recognised>
  /** In the order of their names, each oldest first with one observation an instant. */
  readonly series: ReadonlyArray<Table.Series>
  /** Rows that were read, those dropped included. */
  readonly rows: number
  /** Rows that repeat what another one said; dropped. */
  readonly duplicates: ReadonlyArray<Finding.Place>
  /** Values that differ from another of the same series and instant, settled as was asked. */
  readonly conflicts: ReadonlyArray<Finding.Finding>
  /** Rows older than the row before them; put in order. Of a file that has its newest rows first there are none. */
  readonly disorder: ReadonlyArray<Finding.Finding>
  /** Rows of candles that were not over when the file was made; dropped. */
  readonly unconfirmed: ReadonlyArray<Finding.Place>
  /** Rows of other markets, left out as was asked. */
  readonly others: number
  /** Last rows without the end of a line, as a download leaves them that broke off: their last number may be half of one. */
  readonly unended: ReadonlyArray<Finding.Place>
  /** By the times of rows; those of extremes are those of their candles and not repeated. */
  readonly gaps: ReadonlyArray<Merge.Gap>
}

/**
 * What a file was recognised as, in words: `Binance Vision klines, USD-M, 1 hour, milliseconds, ETHUSDT`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const describe = ({ candle, format, kind, market, marketName, newestFirst, symbol, unit }: Reader.Recognised): string =>
  [
    format,
    ...(marketName === undefined || (kind === "funding" && marketName === market) ? [] : [marketName]),
    ...(candle === undefined ? [] : [kind === "trades" ? `candles of ${Times.lengthText(candle)}` : Times.lengthText(candle)]),
    unit === "text" ? "times as text" : unit,
    ...(symbol === undefined ? [] : [symbol]),
    ...(newestFirst ? ["newest first"] : [])
  ].join(", ")

/** Files that are read one after another, until all are merged. */
interface Session {
  readonly reader: (file: string) => Reader.Reader
  readonly add: (read: Reader.Read) => void
  readonly end: () => Either.Either<Imported, Finding.ImportError>
}

const makeSession = (options: Options): Session => {
  const rule = options.onConflict ?? "refuse"
  const reads: Array<Reader.Read> = []
  const markets = new Map<string, { readonly columns: ReadonlyArray<Names.Column>; readonly trades: Trades.Trades }>()
  return {
    reader: (file) =>
      Reader.make(file, options, (columns) => {
        const key = columns[0]!.series
        const market = markets.get(key) ?? { columns, trades: Trades.make(options.candle ?? Reader.tradeStep) }
        markets.set(key, market)
        return market.trades
      }),
    add: (read) => {
      reads.push(read)
    },
    end: () => {
      // One by one: so many arguments as a file has rows are more than a call takes.
      const gather = <A>(of: (read: Reader.Read) => ReadonlyArray<A>): Array<A> => {
        const all: Array<A> = []
        for (const read of reads) for (const one of of(read)) all.push(one)
        return all
      }
      const bad = gather((read) => read.bad)
      const traded = [...markets.values()].flatMap(({ columns, trades }) =>
        trades.isEmpty() ? [] : [Candles.ofTrades(columns, trades)])
      const merged = Merge.merge([...reads, ...traded], rule)
      if (rule === "refuse") for (const conflict of merged.conflicts) bad.push(conflict)
      if (bad.length > 0) return Either.left(new Finding.ImportError({ findings: bad }))
      return Either.right({
        recognised: reads.map(({ recognised }) => recognised),
        ...merged,
        rows: reads.reduce((sum, { count }) => sum + count, 0),
        disorder: gather((read) => read.disorder),
        unconfirmed: gather((read) => read.unconfirmed),
        others: reads.reduce((sum, { others }) => sum + others, 0),
        unended: gather((read) => (read.unended === undefined ? [] : [read.unended]))
      })
    }
  }
}

/** One text that is taken piece by piece. */
const textReader = (session: Session, file: string): {
  readonly push: (text: string) => boolean
  readonly end: () => Either.Either<Reader.Read, Finding.ImportError>
} => {
  const reader = session.reader(file)
  const rows = Rows.make(reader.row)
  let tail = ""
  return {
    push: (text) => {
      if (text !== "") tail = (tail + text).slice(-256)
      return rows.push(text) === undefined
    },
    end: () => {
      const malformed = rows.end()
      return malformed === undefined
        ? reader.end(!/[\r\n][ \t]*$/.test(tail))
        : Either.left(new Finding.ImportError({ findings: [{ file, ...malformed }] }))
    }
  }
}

/**
 * The series of files. Identical rows count once. Refused with everything that is wrong: cells that are no number or no
 * instant, rows of another width, values that differ and of which none was told to hold, and what a file says that the
 * caller contradicts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSources = (
  sources: ReadonlyArray<Source>,
  options: Options = {}
): Either.Either<Imported, Finding.ImportError> =>
  Either.gen(function*() {
    const session = makeSession(options)
    for (const { name, text } of sources) {
      const reader = textReader(session, name)
      reader.push(text)
      session.add(yield* reader.end())
    }
    return yield* session.end()
  })

/**
 * Reads files and imports them. What is packed is unpacked: gzip, every table in a zip archive, and Parquet. A file is read
 * in pieces, and no more than its figures stays in memory. `progress` is told now and then how far the reading has come.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromFiles = Effect.fnUntraced(function*(
  files: ReadonlyArray<string>,
  options: Options = {},
  progress: Unpack.Progress = () => Effect.void
): Effect.fn.Return<Imported, Finding.ImportError | DataProvider.DataError, FileSystem.FileSystem> {
  const session = makeSession(options)
  for (const file of files) {
    yield* Unpack.read(file, {
      text: (name) => {
        const reader = textReader(session, name)
        return { push: reader.push, end: () => Either.map(reader.end(), session.add) }
      },
      rows: (name) => {
        const reader = session.reader(name)
        return { push: reader.row, end: () => Either.map(reader.end(false), session.add) }
      }
    }, progress)
  }
  return yield* session.end()
})
