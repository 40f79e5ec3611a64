import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as zlib from "node:zlib"
import * as Zip from "@zip.js/zip.js"
import * as Csv from "../../src/data/DataProvider/Csv.js"
import * as Import from "../../src/data/Import.js"
import * as Rows from "../../src/data/Import/Rows.js"
import * as Parquet from "../../src/data/Parquet.js"
import type * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eim-formats-"))

const shown = (series: ReadonlyArray<Table.Series>) =>
  Object.fromEntries(series.map(({ name, observations }) => [
    name,
    observations.map(({ at, value }) => `${Timestamp.format(at).slice(5, -1)} ${Decimal.format(value)}`)
  ]))

const read = (text: string, options: Import.Options = {}, name = "f.csv") => Import.fromSources([{ name, text }], options)

const imported = (text: string, options: Import.Options = {}, name = "f.csv"): Import.Imported => {
  const result = read(text, options, name)
  assert(Either.isRight(result), Either.isLeft(result) ? result.left.message : "")
  return result.right
}

const refused = (text: string, options: Import.Options = {}, name = "f.csv"): string => {
  const result = read(text, options, name)
  assert(Either.isLeft(result), "was imported")
  return result.left.message
}

const microseconds = [
  "1735689600000000,3336.10,3340.00,3330.00,3338.00,10.5,1735693199999999,35000,100,5,17500,0",
  "1735693200000000,3338.00,3345.00,3335.00,3341.00,10.5,1735696799999999,35000,100,5,17500,0",
  ""
].join("\n")

const klineNames = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n"

const milliseconds = microseconds.replaceAll("000000,", "000,").replaceAll("999999,", "999,")

/** The candles of two hours from an instant, as each format has them. */
const candles = (base: string, day: string, hours: readonly [string, string, string], [first, second]: readonly [string, string], high = "3770", low = "3750") => ({
  [base]: [`${day}T${hours[0]} ${first}`, `${day}T${hours[1]} ${second}`],
  [`${base}.high`]: [`${day}T${hours[1]} ${high}`, `${day}T${hours[2]} ${high}`],
  [`${base}.low`]: [`${day}T${hours[1]} ${low}`, `${day}T${hours[2]} ${low}`]
})

const june = (base: string) => candles(base, "06-01", ["00:00:00", "01:00:00", "02:00:00"], ["3762.6", "3765"])

const january = (base: string) => ({
  [base]: ["01-01T00:00:00 3336.1", "01-01T01:00:00 3338"],
  [`${base}.high`]: ["01-01T01:00:00 3340", "01-01T02:00:00 3345"],
  [`${base}.low`]: ["01-01T01:00:00 3330", "01-01T02:00:00 3335"]
})

interface Case {
  readonly what: string
  readonly text: string
  readonly name?: string
  readonly options?: Import.Options
  readonly says: string
  readonly series: Record<string, ReadonlyArray<string>>
}

const cases: ReadonlyArray<Case> = [
  {
    what: "Binance Vision spot without a header, in microseconds",
    text: microseconds,
    name: "ETHUSDT-1h-2025-01.csv",
    says: "Binance Vision klines, spot, 1 hour, microseconds, ETHUSDT",
    series: january("price.ETH")
  },
  {
    what: "Binance Vision spot with names",
    text: klineNames.replace("open_time", "timestamp") + microseconds,
    options: { token: "ETH", venue: "binance" },
    says: "Binance Vision klines, spot, 1 hour, microseconds, ETH",
    series: january("price.ETH")
  },
  {
    what: "Binance Vision USD-M",
    text: klineNames + milliseconds,
    options: { token: "ETH" },
    says: "Binance Vision klines, USD-M, 1 hour, milliseconds, ETH",
    series: january("perp.binance.ETH")
  },
  {
    what: "one Binance kline, whose length its end tells",
    text: klineNames + milliseconds.split("\n")[0]! + "\n",
    options: { token: "ETH" },
    says: "Binance Vision klines, USD-M, 1 hour, milliseconds, ETH",
    series: {
      "perp.binance.ETH": ["01-01T00:00:00 3336.1"],
      "perp.binance.ETH.high": ["01-01T01:00:00 3340"],
      "perp.binance.ETH.low": ["01-01T01:00:00 3330"]
    }
  },
  {
    what: "Binance Vision funding, some milliseconds late",
    text: "calc_time,funding_interval_hours,last_funding_rate\n1717200000003,8,0.00010000\n1717228800000,8,-0.00012345\n",
    options: { token: "ETH" },
    says: "Binance Vision funding rates, USD-M, milliseconds, ETH",
    series: { "funding.binance.ETH": ["06-01T00:00:00 0.0001", "06-01T08:00:00 -0.00012345"] }
  },
  {
    what: "Bybit klines for MetaTrader 4",
    text: "2024.06.01 00:00,3762.6,3770,3750,3765,100\n2024.06.01 01:00,3765,3770,3750,3765,100\n",
    options: { token: "ETH" },
    says: "Bybit klines for MetaTrader 4, perpetual, 1 hour, times as text, ETH",
    series: june("perp.bybit.ETH")
  },
  {
    what: "OKX candles of a swap",
    text: "instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\n" +
      "ETH-USDT-SWAP,3762.6,3770,3750,3765,1,1,1,1717200000000,1\nETH-USDT-SWAP,3765,3770,3750,3765,1,1,1,1717203600000,1\n",
    says: "OKX candles, perpetual, 1 hour, milliseconds, ETH-USDT-SWAP",
    series: june("perp.okx.ETH")
  },
  {
    what: "OKX candles of a spot pair",
    text: "instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\n" +
      "ETH-USDT,3762.6,3770,3750,3765,1,1,1,1717200000000,1\nETH-USDT,3765,3770,3750,3765,1,1,1,1717203600000,1\n",
    says: "OKX candles, spot, 1 hour, milliseconds, ETH-USDT",
    series: june("price.ETH")
  },
  {
    what: "OKX funding",
    text: "instrument_name,funding_rate,funding_time\nETH-USDT-SWAP,0.0001,1717200000000\nETH-USDT-SWAP,0.0002,1717228800000\n",
    says: "OKX funding rates, milliseconds, ETH-USDT-SWAP",
    series: { "funding.okx.ETH": ["06-01T00:00:00 0.0001", "06-01T08:00:00 0.0002"] }
  },
  {
    what: "Hyperliquid asset contexts, whose funding counts at full hours",
    text: "time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px\n" +
      "2024-06-01T00:00:00Z,ETH,0.0000125,1,3760,1,0,3762,3762.6,3762.5,3762,3763\n" +
      "2024-06-01T00:01:00Z,ETH,0.0000130,1,3760,1,0,3763,3763.6,3763.5,3763,3764\n",
    says: "Hyperliquid asset contexts, perpetual, times as text, ETH",
    series: {
      "funding.hyperliquid.ETH": ["06-01T00:00:00 0.0000125"],
      "perp.hyperliquid.ETH": ["06-01T00:00:00 3762.6", "06-01T00:01:00 3763.6"],
      "price.ETH": ["06-01T00:00:00 3762", "06-01T00:01:00 3763"]
    }
  },
  {
    what: "CryptoDataDownload, newest first under an address",
    text: "https://www.CryptoDataDownload.com\nUnix,Date,Symbol,Open,High,Low,Close,Volume ETH,Volume USDT,tradecount\n" +
      "1717203600000,2024-06-01 01:00:00,ETHUSDT,3765,3770,3750,3765,1,1,1\n1717200000000,2024-06-01 00:00:00,ETHUSDT,3762.6,3770,3750,3765,1,1,1\n",
    says: "CryptoDataDownload candles, spot, 1 hour, milliseconds, ETHUSDT, newest first",
    series: june("price.ETH")
  },
  {
    what: "TradingView, its pair in the name of the file",
    text: "time,open,high,low,close,Volume\n1717200000,3762.6,3770,3750,3765,1\n1717203600,3765,3770,3750,3765,1\n",
    name: "BINANCE_ETHUSDT, 60.csv",
    says: "TradingView candles, spot, 1 hour, seconds, ETHUSDT",
    series: june("price.ETH")
  },
  {
    what: "freqtrade",
    text: "date,open,high,low,close,volume\n2024-06-01 00:00:00+00:00,3762.6,3770,3750,3765,1\n2024-06-01 01:00:00+00:00,3765,3770,3750,3765,1\n",
    name: "ETH_USDT-1h.csv",
    options: { market: "spot" },
    says: "freqtrade candles, spot, 1 hour, times as text, ETH_USDT",
    series: june("price.ETH")
  },
  {
    what: "columns that are named",
    text: "when;,o,h,l\n1717200000000000000,3762.6,3770,3750\n1717203600000000000,3765,3770,3750\n",
    options: { token: "ETH", columns: { time: "when;", open: "o", high: "h", low: "l" } },
    says: "candles by the columns named, spot, 1 hour, nanoseconds, ETH",
    series: june("price.ETH")
  },
  {
    what: "columns that are numbered, without a header",
    text: "3762.6,3770,3750,1717200000\n3765,3770,3750,1717203600\n",
    options: { token: "ETH", columns: { time: "4", open: "1", high: "2", low: "3" } },
    says: "candles by the columns named, spot, 1 hour, seconds, ETH",
    series: june("price.ETH")
  },
  {
    what: "a figure of a series that is named",
    text: "block,at,gwei\n1,1717200000,12.5\n",
    options: { series: "gas.ethereum.gwei", columns: { time: "at", value: "gwei" } },
    says: "values by the columns named, seconds",
    series: { "gas.ethereum.gwei": ["06-01T00:00:00 12.5"] }
  },
  {
    what: "a multiplied contract",
    text: "timestamp,symbol,open,high,low\n1717200000,1000PEPEUSDT,0.0146,0.015,0.014\n1717203600,1000PEPEUSDT,0.0147,0.015,0.014\n",
    options: { token: "kPEPE", venue: "bybit" },
    says: "candles, perpetual, 1 hour, seconds, 1000PEPEUSDT",
    series: candles("perp.bybit.1000PEPE", "06-01", ["00:00:00", "01:00:00", "02:00:00"], ["0.0146", "0.0147"], "0.015", "0.014")
  }
]

describe("formats", () => {
  for (const { name, options, says, series, text, what } of cases) {
    it(`are read: ${what}`, () => {
      const found = imported(text, options, name)
      assert.deepStrictEqual(found.recognised.map(Import.describe), [says])
      assert.deepStrictEqual(shown(found.series), series)
      assert.deepStrictEqual([found.disorder, found.conflicts, found.unended], [[], [], []])
    })
  }

  it("candles that are not over are left out and counted", () => {
    const text = "instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\n" +
      ["1717200000000,1", "1717203600000,1", "1717207200000,0"].map((row) => `ETH-USDT-SWAP,3762.6,3770,3750,3765,1,1,1,${row}\n`).join("")
    const found = imported(text)
    assert.deepStrictEqual(found.unconfirmed, [{ file: "f.csv", line: 4 }])
    assert.strictEqual(found.series[0]!.observations.length, 2)
  })

  it("rows of one market are taken of several where they are asked for", () => {
    const text = "timestamp,coin,open,high,low\n1717200000,ETH,1,2,1\n1717200000,BTC,9,9,9\n1717203600,ETH,1,2,1\n"
    const found = imported(text, { venue: "hyperliquid", only: "ETH" })
    assert.strictEqual(found.others, 1)
    assert.deepStrictEqual(shown(found.series)["perp.hyperliquid.ETH"], ["06-01T00:00:00 1", "06-01T01:00:00 1"])
    assert.match(refused(text, { venue: "hyperliquid", only: "SOL" }), /no row is of SOL/)
  })
})

describe("trades", () => {
  const header = "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional\n"
  const row = (time: string, price: string) => `${time},ETHUSDT,Buy,0.5,${price},PlusTick,a,1,0.5,1\n`

  it("are candles of a step, and nothing of them is known before it happened", () => {
    const text = header + row("1717200000.1234", "3762.6") + row("1717200030", "3770") + row("1717200060.000", "3750") + row("1717200060.001", "3751") +
      row("1717200185", "3760")
    const found = imported(text)
    assert.deepStrictEqual(shown(found.series), {
      "perp.bybit.ETH": ["06-01T00:00:00.124 3762.6", "06-01T00:01:00 3750", "06-01T00:02:00 3751", "06-01T00:04:00 3760"],
      "perp.bybit.ETH.high": ["06-01T00:01:00 3770", "06-01T00:02:00 3751", "06-01T00:04:00 3760"],
      "perp.bybit.ETH.low": ["06-01T00:01:00 3750", "06-01T00:02:00 3751", "06-01T00:04:00 3760"]
    })
    assert.strictEqual(Import.describe(found.recognised[0]!), "Bybit trades, perpetual, candles of 1 minute, seconds, ETHUSDT")
  })

  const ticks = FastCheck.array(FastCheck.record({ after: FastCheck.nat(90_000), price: FastCheck.integer({ min: 1, max: 9999 }) }), { minLength: 1, maxLength: 60 })
    .map((rows) => {
      let at = 1_717_200_000_000
      return rows.map(({ after, price }) => ({ at: (at += after), price }))
    })

  it.prop("come to the same whatever their order, and in however many files", [ticks, FastCheck.integer({ min: 1, max: 59 })], ([all, cut]) => {
    // Of trades of one instant the order in the file counts.
    const once = all.filter(({ at }, i) => i === 0 || all[i - 1]!.at !== at)
    const text = (rows: typeof all) => header + rows.map(({ at, price }) => row(`${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, "0")}`, String(price))).join("")
    const whole = shown(imported(text(once)).series)
    assert.deepStrictEqual(shown(imported(text(once.toReversed())).series), whole)
    const parts = [once.slice(0, cut), once.slice(cut)].filter((part) => part.length > 0).map((part, i) => ({ name: `${i}.csv`, text: text(part) }))
    assert.deepStrictEqual(shown(Either.getOrThrow(Import.fromSources(parts)).series), whole)
  })

  it.prop("up to an instant come to what all of them come to, up to that instant", [ticks, FastCheck.nat(3_600_000)], ([all, offset]) => {
    const until = 1_717_200_000_000 + offset
    const text = (rows: typeof all) => header + rows.map(({ at, price }) => row(`${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, "0")}`, String(price))).join("")
    const known = all.filter(({ at }) => at <= until)
    const upTo = (series: ReadonlyArray<Table.Series>) =>
      shown(series.map((one) => ({ ...one, observations: one.observations.filter(({ at }) => at <= until) })).filter(({ observations }) => observations.length > 0))
    assert.deepStrictEqual(known.length === 0 ? {} : upTo(imported(text(known)).series), upTo(imported(text(all)).series))
  })
})

describe("what contradicts a file", () => {
  const rows = (symbol: string, header = "symbol") => `timestamp,${header},open,high,low,close,volume\n1717200000000,${symbol},67500,67600,67400,67550,1\n1717203600000,${symbol},67550,67600,67400,67500,1\n`

  it("is a token that any column, or the name of the file, says otherwise", () => {
    for (const column of ["symbol", "coin", "instrument_name", "instId", "pair", "ticker", "market", "Symbol", "product_id", "what it is"]) {
      assert.match(refused(rows("BTCUSDT", column), { token: "ETH" }), /the file says that it is of BTCUSDT \(column .*\), and not of ETH/, column)
    }
    for (const symbol of ["BTC", "BTC-USDT", "BTC/USDT", "BTC-USDT-SWAP", "BTC/USDT:USDT", "XBTUSD"]) {
      assert.match(refused(rows(symbol), { token: "ETH" }), /and not of ETH/, symbol)
      assert.isTrue(Either.isRight(read(rows(symbol), { token: "BTC", venue: "okx" })), symbol)
    }
    const bare = rows("").replace(",symbol", "").replaceAll(",,", ",")
    for (const name of ["BTCUSDT-1h-2024-06.csv", "x/BINANCE_BTCUSDT, 60.csv", "BTC_USDT-1h.csv", "BTCUSDT2024-06-01.csv.gz"]) {
      assert.match(refused(bare, { token: "ETH" }, name), /the name of the file\), and not of ETH/, name)
      assert.isTrue(Either.isRight(read(bare, { token: "BTC" }, name)), name)
    }
    for (const name of ["hours.csv", "eth.csv", "2024.csv", "weETH_ETH_oracle.csv", "USDT.csv"]) assert.isTrue(Either.isRight(read(bare, { token: "ETH" }, name)), name)
    assert.match(refused(rows("BTCUSDT"), { series: "price.ETH" }), /and not of ETH/)
  })

  it("are rows of two markets, in a column of any name", () => {
    for (const column of ["symbol", "coin", "instId", "pair", "crypto", "Sym", "exchange"]) {
      const text = rows("ETHUSDT", column).replace("1717203600000,ETHUSDT", "1717203600000,BTCUSDT")
      assert.match(refused(text, { token: "ETH" }), /line 3: column .*: BTCUSDT, and ETHUSDT in line 2: a file is of one/, column)
    }
  })

  it("is a venue, a kind or a market of another format", () => {
    const swap = "instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\nETH-USDT-SWAP,1,2,1,1,1,1,1,1717200000000,1\n"
    assert.match(refused(swap, { venue: "binance" }), /the file is of okx \(OKX candles\), and not of binance/)
    assert.match(refused(swap, { market: "spot" }), /of the perpetual market \(ETH-USDT-SWAP\), and not of spot/)
    assert.match(refused(swap, { kind: "funding" }), /not funding: the file is candles by its columns \(OKX candles\)/)
    assert.match(refused(rows("ETHUSDT").replace(",volume", ",source").replaceAll(",1\n", ",bybit\n"), { venue: "okx" }), /is of bybit \(its rows say so\), and not of okx/)
  })

  it("is a price that is not in dollars", () => {
    assert.match(refused(rows("ETHBTC"), { token: "ETH" }), /prices of ETHBTC are in BTC, and those of tokens in dollars/)
    assert.isTrue(Either.isRight(read(rows("ETHBTC"), { series: "dex.pool.ETH/BTC" })))
  })

  it("is a candle that the rows are not", () => {
    const hours = (...at: ReadonlyArray<number>) => `timestamp,open,high,low\n${at.map((hour) => `${1_717_200_000 + hour * 3600},1,2,1\n`).join("")}`
    const stated = (minutes: number) => ({ token: "ETH", candle: minutes * 60_000 })
    assert.match(refused(hours(0, 1, 2, 3), stated(1)), /the rows are 1 hour apart, and a candle of 1 minute was stated/)
    assert.match(refused(hours(0, 1, 2, 3), stated(240)), /the rows are 1 hour apart, and a candle of 4 hours was stated/)
    assert.match(refused(hours(0, 1, 5, 9), stated(240)), /rows are 1 hour apart, and candles of 4 hours, as was stated, would overlap/)
    assert.match(refused(hours(0, 1.5, 4), stated(60)), /rows are 90 minutes apart, which is no multiple of the 1 hour that was stated/)
    assert.match(refused(klineNames + milliseconds, { token: "ETH", candle: 60_000 }), /candles of 1 hour by their ends, and 1 minute was stated/)
    assert.isTrue(Either.isRight(read(hours(0, 2, 5, 9), stated(60))))
  })

  it("is told once, and for what it is", () => {
    assert.strictEqual(
      refused("timestamp,open,high,low\n17356896000000000,1,2,1\n2024-06-01 00:00,1,2,1\n", { token: "ETH" }).split("\n").length,
      2
    )
    assert.match(refused("timestamp,open,high,low\n2024-06-01 00:00,1,2,1\n", { token: "ETH" }), /which has no zone$/)
    assert.match(refused("1,2\n3,4\n"), /no format that is known, and no header/)
    assert.match(refused(klineNames + milliseconds.replaceAll(",10.5,", ",0,"), { token: "ETH" }), /no row has a volume, as in mark price/)
    assert.match(refused("o,t\n1,2\n", { columns: { time: "t", open: "x" } }), /no column x to be read as open: got o, t/)
  })
})

const file = (name: string, bytes: Uint8Array | string) => {
  const at = path.join(folder, name)
  fs.writeFileSync(at, bytes)
  return at
}

const zipped = (entries: Record<string, string>) =>
  Effect.promise(async () => {
    const writer = new Zip.ZipWriter(new Zip.Uint8ArrayWriter(), { useWebWorkers: false })
    for (const [name, text] of Object.entries(entries)) await writer.add(name, new Zip.TextReader(text))
    return writer.close()
  })

const fromFile = (at: string, options: Import.Options = {}) => Effect.provide(Import.fromFiles([at], options), NodeContext.layer)

describe("files as they are downloaded", () => {
  it.effect("a zip of one or of several, and gzip, are what their texts are", () =>
    Effect.gen(function*() {
      const text = klineNames + milliseconds
      const [first, second] = milliseconds.split("\n")
      const expected = shown(imported(text, { token: "ETH" }).series)
      assert.deepStrictEqual(shown((yield* fromFile(file("ETHUSDT-1h.zip", yield* zipped({ "ETHUSDT-1h.csv": text })))).series), expected)
      const several = yield* zipped({ "b.csv": `${klineNames}${second}\n`, "a.csv": `${klineNames}${first}\n`, "README.md": "x" })
      const found = yield* fromFile(file("several.zip", several), { token: "ETH" })
      assert.deepStrictEqual(shown(found.series), expected)
      assert.deepStrictEqual(found.recognised.map(({ file }) => path.basename(file)), ["several.zip:a.csv", "several.zip:b.csv"])
      assert.deepStrictEqual(shown((yield* fromFile(file("x.csv.gz", zlib.gzipSync(text)), { token: "ETH" })).series), expected)
      assert.match((yield* Effect.flip(fromFile(file("none.zip", yield* zipped({ "a.txt.bin": "" }))))).message, /the archive holds no \*\.csv/)
    }))

  it.effect("what is cut off, damaged or of another format is refused with its name", () =>
    Effect.gen(function*() {
      const zip = yield* zipped({ "a.csv": klineNames + milliseconds.repeat(50) })
      const damaged = zip.slice()
      damaged[90] = damaged[90]! ^ 255
      const gzip = zlib.gzipSync(klineNames + milliseconds)
      for (const [name, bytes] of [
        ["cut.zip", zip.slice(0, -30)],
        ["damaged.zip", damaged],
        ["cut.csv.gz", gzip.subarray(0, gzip.length - 9)],
        ["a.lz4", Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0])],
        ["a.feather", Buffer.from("ARROW1\0\0")],
        ["latin.csv", Uint8Array.from([0x74, 0xe9, 0x0a])],
        ["empty.csv", ""]
      ] as const) {
        const error = yield* Effect.flip(fromFile(file(name, bytes), { token: "ETH" }))
        assert.strictEqual(error._tag, "ImportError")
        assert.include(error.message, `${name}`)
        assert.match(error.message, / line 1: /)
      }
    }))

  it.effect("Parquet is read as its columns say", () =>
    Effect.gen(function*() {
      const { parquetWriteBuffer } = yield* Effect.promise(() => import("hyparquet-writer"))
      const bytes = new Uint8Array(parquetWriteBuffer({
        columnData: [
          { name: "date", data: [1717200000000n, 1717203600000n], type: "TIMESTAMP" },
          { name: "open", data: [3762.6, 3765], type: "DOUBLE" },
          { name: "high", data: ["3770", "3770"], type: "STRING" },
          { name: "low", data: Float32Array.from([3750.1, 3750.1]), type: "FLOAT" },
          { name: "close", data: [1, 2], type: "INT32" },
          { name: "volume", data: [1, 2], type: "DOUBLE" }
        ]
      }))
      const found = yield* fromFile(file("ETH_USDT-1h.parquet", bytes), { market: "spot" })
      assert.deepStrictEqual(shown(found.series), candles("price.ETH", "06-01", ["00:00:00", "01:00:00", "02:00:00"], ["3762.6", "3765"], "3770", "3750.1"))
    }))

  it.effect.prop("series are read back from Parquet as they were written", [
    FastCheck.array(FastCheck.tuple(FastCheck.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), FastCheck.integer({ min: 0, max: 30 })), { minLength: 1, maxLength: 30 })
  ], ([values]) =>
    Effect.gen(function*() {
      const observations = values.map(([value, scale], i) => ({ at: 1_717_200_000_000 + i, value: Decimal.make(value, scale) }))
      const series = [{ name: "a", observations }, { name: "b", observations: observations.slice(1).map(({ at }) => ({ at, value: Decimal.unsafe("0.1") })) }]
      const back = yield* Parquet.parse("x.parquet", yield* Parquet.write(series))
      assert.deepStrictEqual(shown(back.filter(({ observations }) => observations.length > 0)), shown(series.filter(({ observations }) => observations.length > 0)))
    }), { fastCheck: { numRuns: 30 } })
})

describe("rows in pieces", () => {
  const cell = FastCheck.constantFrom("1", "a b", "\"x\"", "\"a,b\"", "\"two\nlines\"", "\"q\"\"q\"", "", "#", " 3 ")
  const text = FastCheck.array(FastCheck.tuple(FastCheck.array(cell, { minLength: 1, maxLength: 4 }), FastCheck.constantFrom("\n", "\r\n", "\r", "\n\n")), { maxLength: 30 })
    .map((rows) => rows.map(([cells, end]) => cells.join(",") + end).join(""))

  it.prop("are those of the whole text, with the same lines", [text, FastCheck.integer({ min: 1, max: 50 }), FastCheck.nat(20_000)], ([text, size, filler]) => {
    // More than one block, so that it is cut in its midst.
    const whole = `${"f,".repeat(5)}\n`.repeat(filler) + text
    const expected = Csv.rows(whole, { comment: "#" })
    const rows: Array<Csv.Row> = []
    const reader = Rows.make((row) => rows.push(row) > 0)
    const tail = Math.max(whole.length - 4000, 0)
    reader.push(whole.slice(0, tail))
    for (let i = tail; i < whole.length; i += size) reader.push(whole.slice(i, i + size))
    const malformed = reader.end()
    assert.strictEqual(malformed === undefined, Either.isRight(expected))
    if (Either.isRight(expected)) assert.deepStrictEqual(rows, expected.right)
    else assert.strictEqual(malformed?.line, expected.left.line)
  }, { fastCheck: { numRuns: 30 } })
})

describe("any bytes", () => {
  const seeds: ReadonlyArray<Uint8Array> = [
    Buffer.from(klineNames + milliseconds),
    Buffer.from(microseconds),
    zlib.gzipSync(klineNames + milliseconds),
    Buffer.from("PK\u0003\u0004"),
    Buffer.from("PAR1PAR1")
  ]

  const mutated = (seed: Uint8Array, edits: ReadonlyArray<readonly [at: number, byte: number]>, cut: number) => {
    const bytes = Uint8Array.from(seed)
    for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte
    return cut % 3 === 0 ? bytes.slice(0, cut % (bytes.length + 1)) : bytes
  }

  it.effect.prop("are series or a typed error with file and line", [
    FastCheck.oneof(FastCheck.uint8Array({ maxLength: 300 }), FastCheck.nat(6).chain((n) => FastCheck.constant(n))),
    FastCheck.array(FastCheck.tuple(FastCheck.nat(5000), FastCheck.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    FastCheck.nat(5000)
  ], ([start, edits, cut]) =>
    Effect.gen(function*() {
      const parquet = yield* Parquet.write([{ name: "price.ETH", observations: [{ at: 1, value: Decimal.unsafe("1.5") }, { at: 2, value: Decimal.unsafe("2.5") }] }])
      const all = [...seeds, yield* zipped({ "ETHUSDT-1h.csv": klineNames + milliseconds }), parquet]
      const bytes = typeof start === "number" ? mutated(all[start]!, edits, cut) : start
      const result = yield* Effect.either(fromFile(file("any", bytes), { token: "ETH" }))
      if (Either.isLeft(result)) {
        assert.strictEqual(result.left._tag, "ImportError")
        assert.match(result.left.message, /any(?::\S+)? line \d+: /)
      }
    }), { fastCheck: { numRuns: 150 } })
})
