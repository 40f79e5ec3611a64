/**
 * One file, read row by row: what it is, the figures of its series, and what is wrong with it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Decimal from "../../domain/Decimal.js"
import * as Instants from "../../domain/Instants.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Csv from "../DataProvider/Csv.js"
import * as Candles from "./Candles.js"
import * as Finding from "./Finding.js"
import type * as Format from "./Format.js"
import * as Identity from "./Identity.js"
import * as Times from "./Times.js"
import * as Names from "./Names.js"
import * as Recognition from "./Recognition.js"
import type * as Trades from "./Trades.js"

/**
 * How a file is read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Names.Naming {
  /**
   * Length of a candle in milliseconds. Of candles it is what their rows say, and is refused where they contradict it; of
   * trades it is a minute where it is left out.
   */
  readonly candle?: number | undefined
}

/**
 * What a file was recognised as.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recognised {
  readonly file: string
  readonly format: string
  readonly kind: Format.Kind
  readonly venue: string | undefined
  readonly market: Format.Market | undefined
  /** The publisher's word for the market, else the market. */
  readonly marketName: string | undefined
  readonly unit: Times.Unit
  /** The token, or the symbol as the file writes it. */
  readonly symbol: string | undefined
  /** Length of its candles in milliseconds; `undefined` where there are none or they differ. */
  readonly candle: number | undefined
  readonly newestFirst: boolean
}

/** A file that was read. @category models @since 0.1.0 */
export interface Read extends Finding.Rows {
  readonly recognised: Recognised
  /** Rows that were read, those left out included. */
  readonly count: number
  /** What keeps the file from being imported. */
  readonly bad: ReadonlyArray<Finding.Finding>
  readonly disorder: ReadonlyArray<Finding.Finding>
  readonly unconfirmed: ReadonlyArray<Finding.Place>
  /** Rows of other markets that were left out as was asked. */
  readonly others: number
  readonly unended: Finding.Place | undefined
}

/** Takes the rows of a file. @category models @since 0.1.0 */
export interface Reader {
  /** Whether more rows are wanted: none are where the file is refused. */
  readonly row: (row: Csv.Row) => boolean
  /** `unended`: the last row has no end of its line. */
  readonly end: (unended: boolean) => Either.Either<Read, Finding.ImportError>
}

const expectations = {
  positive: "a number above zero",
  zero: "a number, zero or more",
  any: "a number"
}

const meets = (value: Decimal.Decimal, least: Names.Column["least"]): boolean =>
  least === "any" || value.value > 0n || (least === "zero" && value.value === 0n)

/** A line before the header that is an address, as CryptoDataDownload has it. */
const isAddress = (cells: ReadonlyArray<string>): boolean => cells.length === 1 && /^(?:https?:\/\/|www\.)\S+$/i.test(cells[0]!)

/** Length of a candle that is made of trades, where none is stated. @category constants @since 0.1.0 */
export const tradeStep = 60_000

/** Wrong cells that are named one by one; a file that has more of them has said enough. */
const mostBad = 200_000

/**
 * Where the trades of a market are collected, which several files may have, by the series that they become.
 *
 * @category models
 * @since 0.1.0
 */
export type MarketTrades = (columns: ReadonlyArray<Names.Column>) => Trades.Trades

/** What one column of identity says. */
interface Said {
  readonly column: number
  readonly name: string
  /** Whether it names a market. */
  readonly market: boolean
  text: string | undefined
  line: number
}

/** A file of a format that was recognised, while its rows are read. */
const body = (
  file: string,
  options: Options,
  tradesOf: MarketTrades,
  recognised: Recognition.Recognised,
  headerLine: number
): Reader => {
  const { format, header, index, names } = recognised
  const time = index.get("time")!
  const symbolColumn = index.get("symbol")
  const identities: Array<Said> = header.flatMap((name, column) =>
    Identity.columns.has(name) || column === symbolColumn
      ? [{ column, name, market: column === symbolColumn || Identity.namesMarket(name), text: undefined, line: 0 }]
      : [])
  const figureColumns = new Set(index.values())
  let looked = false
  const source = header.indexOf("source")
  const confirm = index.get("confirm")
  const ends = index.get("ends")
  const blockAt = index.get("block")
  const volume = index.get("volume")
  const bad: Array<Finding.Finding> = []
  const disorder: Array<Finding.Finding> = []
  const unconfirmed: Array<Finding.Place> = []
  const times: Array<Timestamp.Timestamp> = []
  const lines: Array<number> = []
  const overs: Array<Timestamp.Timestamp> = []
  const ticks = format.kind === "trades"
  let trades: Trades.Trades | undefined
  const collected: Array<{ readonly column: Names.Column; readonly at: number; rows: Array<number>; times: Array<number>; values: Array<Decimal.Decimal> }> = []
  let fatal: Finding.Finding | undefined
  let named: Names.Named | undefined
  let unit: Times.Unit | undefined
  let market: Format.Market | undefined
  let claims: ReadonlyArray<Identity.Claim> = []
  let count = 0
  let left = 0
  let ordered = 0
  let previous = -1
  let lastLine = headerLine
  let silent = true

  const fail = (line: number, what: string): boolean => {
    fatal = { file, line, what }
    return false
  }

  /** Once the first row is there, what the series are is known, and what of it contradicts the caller. */
  const begin = (cells: ReadonlyArray<string>): boolean => {
    const formatMarket = typeof format.market === "function" ? format.market({ header, unit: unit! }) : format.market
    const columnClaims = identities.flatMap(({ market, name, text }) => (text === undefined || !market ? [] : Identity.ofColumn(name, text, options.venue ?? format.venue) ?? []))
    const fileClaim = Identity.ofFileName(file)
    claims = fileClaim === undefined ? columnClaims : [...columnClaims, fileClaim]
    market = formatMarket ?? claims.find((claim) => claim.market !== undefined)?.market ??
      header.map((name, i) => Identity.marketOf(name, cells[i] ?? "")).find((one) => one !== undefined)
    const venue = header.map((name, i) => Identity.exchangeOf(name, cells[i] ?? "")).find((one) => one !== undefined)
    const chain = header.indexOf("chain")
    const made = Names.make({
      format,
      has: (field) => index.has(field),
      claims,
      market,
      venue,
      chain: chain < 0 || cells[chain] === "" ? undefined : cells[chain]
    }, options)
    if (Either.isLeft(made)) return fail(headerLine, made.left)
    named = made.right
    if (ticks) trades = tradesOf(named.columns)
    for (const column of named.columns) {
      const at = index.get(ticks ? "price" : column.field)
      if (at !== undefined) collected.push({ column, at, rows: [], times: [], values: [] })
    }
    return true
  }

  /** Whether the row is of the file's market. Several of them are no series, unless one is asked for. */
  const identify = (row: Csv.Row): "one" | "other" | "mixed" => {
    if (!looked) {
      looked = true
      // A column of symbols is one whatever its name.
      for (const [column, cell] of row.cells.entries()) {
        if (figureColumns.has(column) || identities.some((said) => said.column === column)) continue
        if (Identity.isSymbol(header[column]!, cell)) identities.push({ column, name: header[column]!, market: true, text: undefined, line: 0 })
      }
    }
    if (options.only !== undefined) {
      const wanted = identities.filter(({ market }) => market).some(({ column, name }) => {
        const cell = row.cells[column] ?? ""
        const claim = cell === options.only ? undefined : Identity.ofColumn(name, cell, options.venue ?? format.venue)
        return cell === options.only || (claim !== undefined && Identity.isOf(claim, options.only!))
      })
      if (!wanted) return "other"
    }
    for (const said of identities) {
      const cell = row.cells[said.column] ?? ""
      if (cell === "") continue
      if (said.text === undefined) {
        said.text = cell
        said.line = row.line
      } else if (said.text !== cell) {
        fail(
          row.line,
          `column ${names[said.column]}: ${cell}, and ${said.text} in line ${said.line}: a file is of one${
            said.market ? `; --only ${said.text} takes the rows of that one` : ""
          }`
        )
        return "mixed"
      }
    }
    return "one"
  }

  const badCell = (line: number, column: number, what: string) => {
    bad.push({ file, line, what: `column ${names[column]}: ${what}` })
  }

  const trade = (cells: ReadonlyArray<string>, line: number, at: number) => {
    const column = index.get("price")!
    const value = Csv.parseNumber(cells[column]!)
    if (value === undefined || value.value <= 0n) badCell(line, column, `expected ${expectations.positive}, and got ${JSON.stringify(cells[column])}`)
    else trades!.add({ at, price: value, file, line })
  }

  const figures = (cells: ReadonlyArray<string>, line: number, at: number) => {
    let over = at
    if (ends !== undefined && cells[ends] !== "") {
      const end = Times.parse(cells[ends]!, format.utc)
      if (end === undefined) badCell(line, ends, Times.reason(cells[ends]!))
      else if (end.at < at) badCell(line, ends, `expected an instant after the row's, and got ${JSON.stringify(cells[ends])}`)
      // A candle's last millisecond or microsecond is written, and it is over after that.
      else over = end.unit === "milliseconds" ? end.at + 1 : end.at
    }
    const row = times.length
    times.push(at)
    lines.push(line)
    if (ends !== undefined) overs.push(over)
    const prices: Array<Decimal.Decimal> = []
    for (const column of collected) {
      const cell = cells[column.at]!
      const { known, least } = column.column
      if (cell === "" || (known === "hour" && at % Timestamp.hour !== 0)) continue
      const value = Csv.parseNumber(cell)
      if (value === undefined || !meets(value, least)) {
        badCell(line, column.at, `expected ${expectations[least]}, and got ${JSON.stringify(cell)}`)
        continue
      }
      const block = known === "block" && blockAt !== undefined ? Times.parse(cells[blockAt]!, format.utc) : undefined
      if (block === undefined && known === "block" && blockAt !== undefined) {
        badCell(line, blockAt, Times.reason(cells[blockAt]!))
        continue
      }
      prices.push(value)
      column.rows.push(row)
      // Whatever a file says, nothing is known before its row. The ends of candles are set when all rows are read.
      column.times.push(Math.max(at, block?.at ?? at))
      column.values.push(value)
    }
    if (format.kind === "candles" && prices.length === 3) {
      const [open, high, low] = prices
      if (Decimal.compare(low!, open!) > 0 || Decimal.compare(open!, high!) > 0) {
        bad.push({
          file,
          line,
          what: `columns ${names[index.get("open")!]}, ${names[index.get("high")!]}, ${names[index.get("low")!]}: expected low <= open <= high, and got ${
            prices.map(Decimal.format).join(", ")
          }`
        })
      }
      if (silent && Decimal.compare(low!, high!) < 0) silent = volume !== undefined && /^0(?:\.0*)?$/.test(cells[volume]!)
    }
  }

  const row = (row: Csv.Row): boolean => {
    const { cells, line } = row
    count++
    lastLine = line
    if (cells.length !== header.length) {
      bad.push({ file, line, what: `expected ${header.length} columns and got ${cells.length}` })
      return bad.length < mostBad
    }
    const identity = identify(row)
    if (identity === "mixed") return false
    if (identity === "other") {
      left++
      return true
    }
    const instant = Times.parse(cells[time]!, format.utc)
    if (instant === undefined) {
      badCell(line, time, Times.reason(cells[time]!))
      return bad.length < mostBad
    }
    // Settlements and candles stand on a schedule; what was observed stands where it was.
    const at = format.kind === "funding" || format.kind === "candles" ? Instants.scheduled(instant.at) : instant.at
    unit ??= instant.unit
    if (named === undefined && !begin(cells)) return false
    if (source >= 0 && !sourced(cells[source]!, line)) return false
    if (confirm !== undefined && /^(?:0|false)$/i.test(cells[confirm]!)) {
      unconfirmed.push({ file, line })
      return true
    }
    if (ticks) {
      trade(cells, line, at)
      return bad.length < mostBad
    }
    if (previous >= 0 && at > previous) ordered++
    if (at < previous) disorder.push({ file, line, what: `${Timestamp.format(at)} comes after ${Timestamp.format(previous)}` })
    previous = at
    figures(cells, line, at)
    return bad.length < mostBad
  }

  /** A file whose rows tell of an exchange may not tell of another one than the caller. */
  const sourced = (cell: string, line: number): boolean => {
    const exchange = Identity.exchangeOf("source", cell)
    return exchange === undefined || named!.venue === undefined || exchange === named!.venue
      ? true
      : fail(line, `column ${names[source]}: the row is of ${exchange}, and not of ${named!.venue}`)
  }

  const refuse = (findings: ReadonlyArray<Finding.Finding>) => Either.left(new Finding.ImportError({ findings }))

  const tell = (candle: number | undefined, newestFirst: boolean): Recognised => ({
    file,
    format: format.name,
    kind: format.kind,
    venue: named?.venue,
    market: named?.market,
    marketName: named?.market === undefined ? undefined : format.marketName?.(named.market) ?? named.market,
    unit: unit ?? "text",
    symbol: claims[0]?.text ?? named?.token,
    candle,
    newestFirst
  })

  return {
    row,
    end: (unended) => {
      if (fatal !== undefined) return refuse([fatal, ...bad])
      if (count === 0) {
        // What would be asked of the rows can be said without them.
        if (!begin([])) return refuse([fatal!])
        return refuse([{ file, line: headerLine, what: "there is a header and no row below it" }])
      }
      if (options.only !== undefined && left > 0 && left === count) {
        return refuse([{ file, line: headerLine, what: `no row is of ${options.only}` }])
      }
      const newestFirst = ordered === 0 && disorder.length > 0
      const base = {
        count,
        bad,
        disorder: newestFirst ? [] : disorder,
        unconfirmed,
        others: left,
        unended: unended ? { file, line: lastLine } : undefined
      }
      const place = (row: number): Finding.Place => ({ file, line: lines[row]! })
      if (ticks) return Either.right({ ...base, times, place, figures: [], recognised: tell(options.candle ?? tradeStep, false) })
      if (format.kind === "candles" && bad.length === 0 && silent && volume !== undefined && times.length > 0 && options.series === undefined &&
        collected[1]!.values.some((high, i) => Decimal.compare(high, collected[2]!.values[i]!) > 0)) {
        return refuse([{
          file,
          line: headerLine,
          what: "no row has a volume, as in mark price, index and premium klines, which are no prices of trades: name the series, as perp.VENUE.TOKEN"
        }])
      }
      const measured = format.kind === "candles" ? Candles.measure(times, overs, options.candle) : { length: 0, ends: undefined }
      if (typeof measured === "string") {
        // Of rows that could not be read nothing is known of their distances.
        return refuse(bad.length > 0 ? bad : [{ file, line: headerLine, what: measured }])
      }
      for (const { column, rows, times: known } of collected) {
        if (column.known !== "end") continue
        for (let i = 0; i < rows.length; i++) known[i] = measured.ends?.[rows[i]!] ?? known[i]! + measured.length!
      }
      return Either.right({
        ...base,
        recognised: tell(format.kind === "candles" ? measured.length : undefined, newestFirst),
        figures: collected.map(({ column, rows, times, values }) => ({
          series: column.series,
          leading: column.known !== "end",
          rows,
          times,
          values
        })),
        times,
        place
      })
    }
  }
}

/**
 * A reader of a file by its name, which errors tell.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (file: string, options: Options, tradesOf: MarketTrades): Reader => {
  let reader: Reader | undefined
  let refused: Finding.Finding | undefined
  return {
    row: (row) => {
      if (reader !== undefined) return reader.row(row)
      if (isAddress(row.cells)) return true
      const recognised = Recognition.recognise(row.cells, options)
      if (Either.isLeft(recognised)) {
        refused = { file, line: row.line, what: recognised.left }
        return false
      }
      reader = body(file, options, tradesOf, recognised.right, row.line)
      return recognised.right.bare ? reader.row(row) : true
    },
    end: (unended) =>
      reader !== undefined
        ? reader.end(unended)
        : Either.left(new Finding.ImportError({ findings: [refused ?? { file, line: 1, what: "the file is empty" }] }))
  }
}
