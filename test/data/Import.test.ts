import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Csv from "../../src/data/DataProvider/Csv.js"
import * as Import from "../../src/data/Import.js"
import * as Candles from "../../src/data/Import/Candles.js"
import type * as Finding from "../../src/data/Import/Finding.js"
import * as Instants from "../../src/domain/Instants.js"
import type * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const at = Timestamp.unsafe

const imported = (text: string, options: Import.Options = {}): Import.Imported =>
  Either.getOrThrow(Import.fromSources([{ name: "f.csv", text }], options))

const refused = (text: string, options: Import.Options = {}): Finding.ImportError => {
  const result = Import.fromSources([{ name: "f.csv", text }], options)
  assert(Either.isLeft(result), "was imported")
  return result.left
}

const shown = (series: ReadonlyArray<Table.Series>, until = Number.POSITIVE_INFINITY) =>
  Object.fromEntries(series.map(({ name, observations }) => [
    name,
    observations.filter(({ at }) => at <= until).map(({ at, value }) => `${Timestamp.format(at)} ${Decimal.format(value)}`)
  ] as const).filter(([, observations]) => observations.length > 0))

interface Candle {
  readonly at: number
  readonly open: number
  readonly up: number
  readonly down: number
  readonly close: number
}

const candleText = (candles: ReadonlyArray<Candle>): string =>
  [
    "timestamp,open,high,low,close,volume,source",
    ...candles.map(({ at, close, down, open, up }) => `${Timestamp.format(at)},${open},${open + up},${open - down},${close},1.5,made`)
  ].join("\n")

const start = at("2024-06-01T00:00:00Z")

const figures = FastCheck.record({
  skip: FastCheck.integer({ min: 1, max: 3 }),
  open: FastCheck.integer({ min: 2000, max: 4000 }),
  up: FastCheck.integer({ min: 0, max: 500 }),
  down: FastCheck.integer({ min: 0, max: 500 }),
  close: FastCheck.integer({ min: 2000, max: 4000 })
})

/** Candles of an hour, with holes of one or two. */
const candles = FastCheck.array(figures, { minLength: 1, maxLength: 30 }).map((rows) => {
  let time = start - Timestamp.hour
  // The first two stand side by side: of rows that are all further apart, candles of an hour would be contradicted.
  return rows.map(({ skip, ...row }, i): Candle => ({ ...row, at: (time += (i < 2 ? 1 : skip) * Timestamp.hour) }))
})

const hourly = { token: "ETH", candle: Timestamp.hour }

describe("Import", () => {
  describe("laws", () => {
    it.prop("rows up to an instant are imported as all rows are, up to that instant", [
      candles,
      FastCheck.integer({ min: -1, max: 95 })
    ], ([rows, halves]) => {
      const until = start + halves * (Timestamp.hour / 2)
      const known = rows.filter((row) => row.at <= until)
      const before = known.length === 0 ? {} : shown(imported(candleText(known), hourly).series, until)
      assert.deepStrictEqual(before, shown(imported(candleText(rows), hourly).series, until))
    })

    it.prop("nothing that happens after an instant changes what is imported up to it", [
      candles,
      FastCheck.array(figures, { minLength: 30, maxLength: 30 }),
      FastCheck.integer({ min: -1, max: 95 })
    ], ([rows, others, halves]) => {
      const until = start + halves * (Timestamp.hour / 2)
      const otherwise = rows.map((row, i): Candle => {
        const { close, down, open, up } = others[i]!
        if (row.at > until) return { at: row.at, open, up, down, close }
        // The candle has begun, and is not over: its open is known and nothing else of it.
        return row.at + Timestamp.hour > until ? { ...row, up, down, close } : { ...row, close }
      })
      assert.deepStrictEqual(
        shown(imported(candleText(otherwise), hourly).series, until),
        shown(imported(candleText(rows), hourly).series, until)
      )
    })

    it.prop("no order of rows and no repetition changes the series", [
      candles,
      FastCheck.infiniteStream(FastCheck.nat())
    ], ([rows, random]) => {
      const keyed = rows.flatMap((row) => (random.next().value % 3 === 0 ? [row, row] : [row]))
        .map((row) => ({ row, key: random.next().value }))
        .sort((a, b) => a.key - b.key)
      const shuffled = imported(candleText(keyed.map(({ row }) => row)), hourly)
      assert.deepStrictEqual(shown(shuffled.series), shown(imported(candleText(rows), hourly).series))
      assert.strictEqual(shuffled.rows - shuffled.duplicates.length, rows.length)
    })

    it.prop("what is written is read back as it was imported", [candles], ([rows]) => {
      const { series } = imported(candleText(rows), hourly)
      assert.deepStrictEqual(shown(Either.getOrThrow(Csv.parse("out.csv", Csv.format(series)))), shown(series))
    })

    it.prop("records some milliseconds beside their instant are imported as those that stand there", [
      candles,
      FastCheck.array(FastCheck.integer({ min: -Instants.tolerance, max: Instants.tolerance }), { minLength: 30, maxLength: 30 })
    ], ([rows, beside]) => {
      const late = rows.map((row, i) => ({ ...row, at: row.at + beside[i]! }))
      assert.deepStrictEqual(shown(imported(candleText(late), hourly).series), shown(imported(candleText(rows), hourly).series))
      const funding = (rows: ReadonlyArray<Candle>) =>
        imported(["timestamp,funding_rate", ...rows.map(({ at, open }) => `${at},${open}`)].join("\n"), { token: "ETH", venue: "okx" })
      assert.deepStrictEqual(shown(funding(late).series), shown(funding(rows).series))
      assert.deepStrictEqual(funding(late).gaps, funding(rows).gaps)
    })

    it.prop("the length of a candle is never told to be less than it is", [candles], ([rows]) => {
      const told = Candles.candleOf(rows.map(({ at }) => at))
      assert(told === undefined || (told >= Timestamp.hour && told % Timestamp.hour === 0))
    })
  })

  describe("shapes", () => {
    it("a candle gives its open when it begins and its extremes when it has ended", () => {
      const text = [
        "timestamp,open,high,low,close,volume,source,symbol,data_type,turnover",
        "2024-08-05T00:00:00Z,2684.99,2695.68,2530.82,2550.00,1.0,bybit,ETHUSDT,futures,1",
        "2024-08-05T01:00:00Z,2550.00,2560.5,2086.92,2300.10,1.0,bybit,ETHUSDT,futures,1",
        "2024-08-05T02:00:00Z,2300.10,2400,2290,2380,1.0,bybit,ETHUSDT,futures,1"
      ].join("\n")
      const { gaps, series } = imported(text, { venue: "bybit", token: "ETH" })
      assert.deepStrictEqual(shown(series), {
        "perp.bybit.ETH": ["2024-08-05T00:00:00Z 2684.99", "2024-08-05T01:00:00Z 2550", "2024-08-05T02:00:00Z 2300.1"],
        "perp.bybit.ETH.high": ["2024-08-05T01:00:00Z 2695.68", "2024-08-05T02:00:00Z 2560.5", "2024-08-05T03:00:00Z 2400"],
        "perp.bybit.ETH.low": ["2024-08-05T01:00:00Z 2530.82", "2024-08-05T02:00:00Z 2086.92", "2024-08-05T03:00:00Z 2290"]
      })
      assert.deepStrictEqual(gaps, [])
    })

    it("times since 1970 are read, and a column of dates that are none is not", () => {
      const text = [
        "timestamp,date_utc,open,high,low,close,fee_tier",
        "1704067200,2024-01-01T00:00:00+00:00Z,2277.21,2289.33,2277.21,2289.29,0.3%",
        "1704070800000,2024-01-01T01:00:00+00:00Z,2289.29,2299.27,2289.29,2299.27,0.3%"
      ].join("\n")
      assert.deepStrictEqual(shown(imported(text, { series: "dex.uniswap.WETH/USDT" }).series)["dex.uniswap.WETH/USDT"], [
        "2024-01-01T00:00:00Z 2277.21",
        "2024-01-01T01:00:00Z 2289.29"
      ])
    })

    it("funding stands at its time, in scientific notation too", () => {
      const text = "funding_timestamp,funding_rate,symbol,source\n2024-05-01T00:00:00Z,0.0001521422572668,BTCUSDT,okx\n" +
        "2024-05-01T08:00:00Z,-7.52886032957e-05,BTCUSDT,okx\n"
      assert.deepStrictEqual(shown(imported(text, { venue: "okx", token: "BTC" }).series), {
        "funding.okx.BTC": ["2024-05-01T00:00:00Z 0.0001521422572668", "2024-05-01T08:00:00Z -0.0000752886032957"]
      })
    })

    it("an Aave file gives both indices, named by the token that it says itself", () => {
      const text = "targetDate,timestamp,symbol,liquidityIndex,variableBorrowIndex,date\n" +
        "2024-06-01T00:00:00Z,1717200000,USDT,1.070100426290384,1.0929,2024-06-01\n"
      assert.deepStrictEqual(shown(imported(text).series), {
        "aave.borrow_index.USDT": ["2024-06-01T00:00:00Z 1.0929"],
        "aave.supply_index.USDT": ["2024-06-01T00:00:00Z 1.070100426290384"]
      })
    })

    it("rates of a protocol and of a market, under comments", () => {
      const oracle = "# Source: oracle\n# Records: 1\ntimestamp,oracle_price_eth,asset,source,quote_currency\n" +
        "2024-05-12 01:00:00+00:00,1.0381626525752412,weETH,oracle,ETH\n"
      assert.deepStrictEqual(shown(imported(oracle).series), { "oracle.weETH/ETH": ["2024-05-12T01:00:00Z 1.0381626525752412"] })
      const market = "timestamp,protocol_rate,market_rate,dex\n2024-05-13T04:00:00Z,1.0381,1.0375,curve\n"
      assert.deepStrictEqual(shown(imported(market, { token: "weETH" }).series), {
        "dex.weETH/ETH": ["2024-05-13T04:00:00Z 1.0375"],
        "oracle.weETH/ETH": ["2024-05-13T04:00:00Z 1.0381"]
      })
    })

    it("gas is known with its block, where that came after the hour it is filed under", () => {
      const text = "timestamp,chain,block_timestamp,gas_price_gwei\n2024-01-01T00:00:00Z,ethereum,1704067139,12.07\n" +
        "2024-01-01T01:00:00Z,ethereum,1704070811,12.39\n"
      assert.deepStrictEqual(shown(imported(text).series), {
        "gas.ethereum.gwei": ["2024-01-01T00:00:00Z 12.07", "2024-01-01T01:00:11Z 12.39"]
      })
    })

    it("is refused where it is not known or not named", () => {
      assert.match(refused("timestamp,value\n").message, /^f\.csv line 1: no format that is known: columns timestamp, value; --columns names them/)
      assert.match(refused("timestamp,value\n", { kind: "gas" }).message, /not gas: expected columns gas_price_gwei, and got timestamp, value/)
      assert.match(refused("timestamp,open,high,low\n").message, /candles need the token/)
      assert.match(refused("timestamp,funding_rate\n", { token: "ETH" }).message, /funding needs the venue and the token/)
      assert.match(refused("when,open,high,low\n", { token: "ETH" }).message, /no column of time: expected timestamp, open_time, /)
      assert.match(refused("timestamp,open,high,low\n", { series: "a,b" }).message, /"a,b" is no name of a series/)
      assert.match(refused("timestamp,open,high,low\n2024-01-01T00:00Z,1,1,1\n", { token: "ETH" }).message, /how long a candle is/)
      assert.match(refused("").message, /f\.csv line 1: the file is empty/)
    })
  })

  describe("faults", () => {
    const funding = (...rows: ReadonlyArray<string>) => ["timestamp,funding_rate", ...rows].join("\n")
    const options = { venue: "okx", token: "ETH" }

    it("every bad cell is named with file, line and column", () => {
      const error = refused([
        "# made up",
        "timestamp,open,high,low,close",
        "2024-01-01T00:00:00Z,1,2,1,1",
        "2024-01-01T01:00:00,1,2,1,1",
        "2024-01-01T02:00:00Z,x,2,1,1",
        "2024-01-01T03:00:00Z,-1,2,1,1",
        "2024-01-01T04:00:00Z,1,2,1",
        "2024-01-01T05:00:00Z,3,2,1,1"
      ].join("\n"), { token: "ETH", candle: Timestamp.hour })
      assert.deepStrictEqual(error.findings.map(({ file, line }) => `${file}:${line}`).sort(), [
        "f.csv:4",
        "f.csv:5",
        "f.csv:6",
        "f.csv:7",
        "f.csv:8"
      ])
      assert.include(error.message, "f.csv line 5: column open: expected a number above zero, and got \"x\"")
      assert.include(error.message, "f.csv line 8: columns open, high, low: expected low <= open <= high, and got 3, 2, 1")
    })

    it("a file of many rows is read, newest first and with as many faults as rows", () => {
      const minutes = Array.from({ length: 150_000 }, (_, i) => 1_700_000_000 + 60 * i)
      const text = (times: ReadonlyArray<number>, rate: string) => funding(times.map((time) => `${time},${rate}`).join("\n"))
      const newestFirst = imported(text(minutes.toReversed(), "0.0001"), options)
      assert.strictEqual(newestFirst.series[0]!.observations.length, minutes.length)
      assert.strictEqual(newestFirst.disorder.length, 0)
      assert.isTrue(newestFirst.recognised[0]!.newestFirst)
      assert.strictEqual(refused(text(minutes, "x"), options).findings.length, minutes.length)
    })

    it("lines may end as on any system, also each in another way", () => {
      const lines = ["timestamp,funding_rate", "2024-01-01T00:00:00Z,1", "", "2024-01-01T08:00:00Z,2", "2024-01-01T16:00:00Z,x"]
      for (const ends of [["\n"], ["\r\n"], ["\r"], ["\r\n", "\n", "\n"], ["\n", "\r\n"]]) {
        const text = lines.map((line, i) => `${line}${ends[i % ends.length]}`).join("")
        assert.strictEqual(refused(`\ufeff${text}`, options).message, "f.csv line 5: column funding_rate: expected a number, and got \"x\"")
      }
    })

    it("a quote that does not close is named with its line", () => {
      const text = funding("2024-01-01T00:00:00Z,1", "2024-01-01T08:00:00Z,\"2", "2024-01-01T16:00:00Z,3")
      assert.strictEqual(refused(text, options).message, "f.csv line 3: not CSV: a quote is opened that does not close")
      assert.match(refused(text.replace("\"2", "2\"2"), options).message, /^f\.csv line 3: not CSV: Invalid Opening Quote/)
    })

    it("what is no text is told in few and harmless characters", () => {
      const archive = `\u001f\ufffd\u0008\u001b[2J\u009b${"\ufffdx".repeat(5000)}\n`
      const { message } = refused(archive)
      assert.match(message, /^f\.csv line 1: no format that is known[^\p{Cc}]{1,350}…; --columns[^\p{Cc}]*$/u)
    })

    it("a header without rows is no series", () => {
      assert.strictEqual(refused(funding(), options).message, "f.csv line 1: there is a header and no row below it")
    })

    it("a last row without the end of its line is taken, and named", () => {
      const text = funding("2024-01-01T00:00:00Z,1", "2024-01-01T08:00:00Z,0.00")
      assert.deepStrictEqual(imported(text, options).unended, [{ file: "f.csv", line: 3 }])
      for (const end of ["\n", "\r\n", "\r", "\n\n", "\n "]) assert.deepStrictEqual(imported(`${text}${end}`, options).unended, [])
    })

    it("a column that is read may stand there once", () => {
      const twice = "timestamp,funding_rate,funding_rate,note,note\n2024-01-01T00:00:00Z,1,2,a,b\n"
      assert.strictEqual(refused(twice, options).message, "f.csv line 1: two columns named funding_rate")
      const notRead = "timestamp,funding_rate,note,note\n2024-01-01T00:00:00Z,1,a,b\n"
      assert.deepStrictEqual(shown(imported(notRead, options).series), { "funding.okx.ETH": ["2024-01-01T00:00:00Z 1"] })
    })

    it("rows of several markets are not one series", () => {
      const mixed = "timestamp,funding_rate,symbol\n2024-01-01T00:00:00Z,1,ETHUSDT\n2024-01-01T08:00:00Z,1,BTCUSDT\n"
      assert.strictEqual(
        refused(mixed, options).message,
        "f.csv line 3: column symbol: BTCUSDT, and ETHUSDT in line 2: a file is of one; --only ETHUSDT takes the rows of that one"
      )
      const chains = "timestamp,chain,gas_price_gwei\n2024-01-01T00:00:00Z,ethereum,12\n2024-01-01T01:00:00Z,base,1\n"
      assert.strictEqual(refused(chains).message, "f.csv line 3: column chain: base, and ethereum in line 2: a file is of one")
    })

    it("a token that the file contradicts is refused", () => {
      const aave = "timestamp,symbol,liquidityIndex,variableBorrowIndex\n1717200000,USDT,1.07,1.09\n"
      assert.strictEqual(refused(aave, { token: "WETH" }).message, "f.csv line 1: the file says that it is of USDT (column symbol), and not of WETH")
      const rate = "timestamp,oracle_price_eth,asset\n2024-05-12T01:00:00Z,1.03,weETH\n"
      assert.strictEqual(refused(rate, { token: "wstETH" }).message, "f.csv line 1: the file says that it is of weETH (column asset), and not of wstETH")
      assert.strictEqual(imported(rate, { token: "weETH" }).series.length, 1)
    })

    it("gas of a block whose time is none is not known at an earlier one", () => {
      const gas = "timestamp,block_timestamp,gas_price_gwei\n2024-01-01T00:00:00Z,,12\n2024-01-01T01:00:00Z,soon,12\n2024-01-01T02:00:00Z,,\n"
      assert.deepStrictEqual(refused(gas).message.split("\n"), [
        "f.csv line 2: column block_timestamp: expected an instant, RFC 3339 with zone, or seconds, milliseconds, microseconds or nanoseconds since 1970, and got \"\"",
        "f.csv line 3: column block_timestamp: expected an instant, RFC 3339 with zone, or seconds, milliseconds, microseconds or nanoseconds since 1970, and got \"soon\""
      ])
    })

    it("times are seconds or parts of them by their digits, and nothing that is none", () => {
      const at = (time: string) => funding(`${time},1`)
      for (const time of [
        "1717200000", "1717200000.000", "1717200000000", "1717200000000000", "1717200000000000000", "2024-06-01T02:00:00+02:00", "2024-06-01T00:00Z"
      ]) {
        assert.deepStrictEqual(shown(imported(at(time), options).series)["funding.okx.ETH"], ["2024-06-01T00:00:00Z 1"])
      }
      const none = [
        "17172000000", "17172000000000", "17172000000000000", "171720000000000000000", "1.7172e9", "-1", "2024-06-01T00:00:00",
        "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z", "2016-12-31T23:59:60Z", "2024-06-01T24:00:00Z", "1969-12-31T23:59:59Z", ""
      ]
      for (const time of none) assert.include(refused(at(time), options).message, "f.csv line 2: column timestamp: expected an instant", time)
    })

    it("a part of a millisecond is not known before it", () => {
      for (const [time, known] of [["00.0009", "00.001"], ["00.999000001", "01"], ["00.001000", "00.001"], ["00.1", "00.100"], ["00.000", "00"]] as const) {
        const text = `2024-01-01T00:00:3${time.slice(1)}Z`
        assert.deepStrictEqual(shown(imported(funding(`${text},1`), options).series)["funding.okx.ETH"], [`2024-01-01T00:00:3${known.slice(1)}Z 1`])
        assert.deepStrictEqual(shown(Either.getOrThrow(Csv.parse("f.csv", `timestamp,a\n${text},1\n`))), { a: [`2024-01-01T00:00:3${known.slice(1)}Z 1`] })
      }
    })

    it("gaps and disorder are named and do no harm", () => {
      const found = imported(funding(
        "2024-01-01T00:00:00Z,1",
        "2024-01-01T08:00:00Z,1",
        "2024-01-02T08:00:00Z,2",
        "2024-01-01T16:00:00Z,3",
        "2024-01-03T16:00:00Z,4"
      ), options)
      assert.deepStrictEqual(found.disorder, [
        { file: "f.csv", line: 5, what: "2024-01-01T16:00:00Z comes after 2024-01-02T08:00:00Z" }
      ])
      assert.deepStrictEqual(found.gaps.map(({ line, missing, series }) => [series, line, missing]), [
        ["funding.okx.ETH", 4, 1],
        ["funding.okx.ETH", 6, 3]
      ])
    })

    it("rows that say the same count once; rows that differ are refused, or settled as told", () => {
      const text = funding("2024-01-01T00:00:00Z,1", "2024-01-01T00:00:00Z,1.0", "2024-01-01T00:00:00Z,2")
      assert.strictEqual(
        refused(text, options).message,
        "f.csv line 4: series funding.okx.ETH: 2 at 2024-01-01T00:00:00Z, and 1 in line 2"
      )
      for (const [onConflict, value] of [["first", "1"], ["last", "2"]] as const) {
        const settled = imported(text, { ...options, onConflict })
        assert.deepStrictEqual(shown(settled.series)["funding.okx.ETH"], [`2024-01-01T00:00:00Z ${value}`])
        assert.deepStrictEqual(settled.duplicates, [{ file: "f.csv", line: 3 }])
        assert.strictEqual(settled.conflicts.length, 1)
      }
    })

    it("one settlement in two files, some milliseconds apart, is one where they agree", () => {
      const file = (name: string, rows: string) => ({ name, text: `timestamp,funding_rate\n${rows}\n` })
      const first = file("a.csv", "1717200000000,0.0001\n1717228800000,0.01")
      const options = { token: "ETH", venue: "binance" }
      const agreed = Either.getOrThrow(Import.fromSources([first, file("b.csv", "1717228800003,0.01")], options))
      assert.deepStrictEqual(shown(agreed.series)["funding.binance.ETH"], ["2024-06-01T00:00:00Z 0.0001", "2024-06-01T08:00:00Z 0.01"])
      assert.deepStrictEqual(agreed.duplicates, [{ file: "b.csv", line: 2 }])
      const contradicted = Import.fromSources([first, file("b.csv", "1717228800003,0.02")], options)
      assert(Either.isLeft(contradicted))
      assert.strictEqual(
        contradicted.left.message,
        "b.csv line 2: series funding.binance.ETH: 0.02 at 2024-06-01T08:00:00Z, and 0.01 in a.csv line 3"
      )
    })

    it("an interval that changes is no gap", () => {
      const times = [0, 8, 16, 24, 28, 32, 36, 37, 38, 39, 40].map((hours) => start + hours * Timestamp.hour)
      const text = ["timestamp,funding_rate", ...times.map((time) => `${time},0.0001`)].join("\n")
      assert.deepStrictEqual(imported(`${text}\n`, { token: "ETH", venue: "binance" }).gaps, [])
    })

    it("files that overlap are one series, and name each other where they differ", () => {
      const a = { name: "a.csv", text: funding("2024-01-01T00:00:00Z,1", "2024-01-01T08:00:00Z,2") }
      const b = { name: "b.csv", text: funding("2024-01-01T08:00:00Z,2", "2024-01-01T16:00:00Z,3") }
      const both = Either.getOrThrow(Import.fromSources([b, a], options))
      assert.deepStrictEqual(both.series[0]!.observations.map(({ value }) => Decimal.format(value)), ["1", "2", "3"])
      assert.deepStrictEqual(both.disorder, [])
      const c = Import.fromSources([a, { name: "c.csv", text: funding("2024-01-01T08:00:00Z,7") }], options)
      assert(Either.isLeft(c))
      assert.match(c.left.message, /^c\.csv line 2: .* and 2 in a\.csv line 3$/)
    })
  })
})
