import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { app, contents, directory } from "./eim.js"

const candles = [
  "# made up",
  "timestamp,open,high,low,close,volume",
  "2024-06-01T00:00:00Z,3762.62,3770,3750.5,3765,1",
  "2024-06-01T01:00:00Z,3765,3790,3760,3785,1",
  "2024-06-01T01:00:00Z,3765,3790,3760,3785,1",
  "2024-06-01T02:00:00Z,3785,3786,3700,3710,1",
  "2024-06-01T05:00:00Z,3710,3720,3705,3715,1",
  ""
].join("\n")

const aave = [
  "targetDate,timestamp,symbol,liquidityIndex,variableBorrowIndex",
  "2024-06-01T00:00:00Z,1717200000,USDT,1.070100426290384,1.09",
  "2024-06-02T00:00:00Z,1717286400,USDT,1.0703,1.0904",
  ""
].join("\n")

const wide = [
  "timestamp,price.ETH,price.ETH.high,price.ETH.low",
  "2024-06-01T00:00:00Z,3762.62,,",
  "2024-06-01T01:00:00Z,3765,3770,3750.5",
  "2024-06-01T02:00:00Z,3785,3790,3760",
  "2024-06-01T03:00:00Z,,3786,3700",
  "2024-06-01T05:00:00Z,3710,,",
  "2024-06-01T06:00:00Z,,3720,3705",
  ""
].join("\n")

const made = () => {
  const folder = directory({
    "candles.csv": candles,
    "aave.csv": aave,
    "bad.csv": candles.replace("3785,3786", "x,3786"),
    "differs.csv": candles.replaceAll("01:00:00Z,3765,3790", "01:00:00Z,3766,3790"),
    "market/.keep": "",
    "start.json": { wallet: { USDT: "10000", ETH: "1" } },
    "lend.jsonl": [
      { timestamp: "2024-06-01T00:00:00Z", instruction_block: { instruction_type: "smart_contract_action", protocol: "aave", action: "supply", token: "USDT", amount: "10000" } },
      { timestamp: "2024-06-02T00:00:00Z", instruction_block: { instruction_type: "smart_contract_action", protocol: "aave", action: "withdraw", token: "USDT", amount: "max" } }
    ].map((line) => JSON.stringify(line)).join("\n"),
    "config.json": { gas: { price_gwei: "10" } }
  })
  return { at: (name: string) => path.join(folder, name), folder }
}

describe("eim data import", () => {
  it.effect("writes series to standard output, and what it found to standard error", () => Effect.gen(function*() {
    const { at, folder } = made()
    const before = contents(folder)
    const { code, err, out } = yield* app(["data", "import", at("candles.csv"), "--token", "ETH"])
    assert.strictEqual(code, 0, err)
    assert.strictEqual(out, wide)
    assert.include(err, "repeated rows, dropped: 1")
    assert.include(err, `${at("candles.csv")} line 5`)
    assert.include(err, "line 7: price.ETH is silent from 2024-06-01T02:00 to 2024-06-01T05:00, 2 missing")
    assert.deepStrictEqual(contents(folder), before)
  }))

  it.effect("writes to a file, several files at once, and reports as JSON", () => Effect.gen(function*() {
    const { at } = made()
    const { code, out } = yield* app(["data", "import", at("candles.csv"), at("aave.csv"), "--token=USDT", "--out", at("market/all.csv"), "--json"])
    assert.strictEqual(code, 0)
    const report = JSON.parse(out)
    assert.deepStrictEqual(report.series.map(({ series }: { readonly series: string }) => series), [
      "aave.borrow_index.USDT",
      "aave.supply_index.USDT",
      "price.USDT",
      "price.USDT.high",
      "price.USDT.low"
    ])
    assert.strictEqual(report.rows, 7)
    assert.deepStrictEqual(report.duplicates, [{ file: at("candles.csv"), line: 5 }])
    assert.deepStrictEqual(report.gaps.map(({ line, missing }: { readonly line: number; readonly missing: number }) => [line, missing]), [[7, 2]])
    assert.match(fs.readFileSync(at("market/all.csv"), "utf8"), /^timestamp,aave\.borrow_index\.USDT,/)
  }))

  it.effect("names a row that may have been cut off", () => Effect.gen(function*() {
    const { at } = made()
    fs.writeFileSync(at("candles.csv"), candles.trimEnd().slice(0, -2))
    const { code, err } = yield* app(["data", "import", at("candles.csv"), "--token", "ETH"])
    assert.strictEqual(code, 2, "of another width")
    assert.include(err, "candles.csv line 7: expected 6 columns and got 5")
    fs.writeFileSync(at("candles.csv"), candles.trimEnd())
    const args = ["data", "import", at("candles.csv"), "--token", "ETH", "--out", at("market/eth.csv")]
    assert.include((yield* app(args)).out, `last rows without the end of their line, taken as they stand: 1\n    ${at("candles.csv")} line 7`)
    assert.deepStrictEqual(JSON.parse((yield* app([...args, "--json"])).out).unended, [{ file: at("candles.csv"), line: 7 }])
  }))

  it.effect("settles values that differ as it is told, and not otherwise", () => Effect.gen(function*() {
    const { at } = made()
    const args = ["data", "import", at("candles.csv"), at("differs.csv"), "--token", "ETH"]
    const refused = yield* app(args)
    assert.strictEqual(refused.code, 2)
    assert.strictEqual(refused.out, "")
    assert.include(refused.err, `series price.ETH: 3766 at 2024-06-01T01:00:00Z, and 3765 in ${at("candles.csv")} line 4`)
    const last = yield* app([...args, "--on-conflict", "last", "--out", at("market/last.csv")])
    assert.strictEqual(last.code, 0, last.err)
    assert.include(last.out, "values that differ, settled")
    assert.include(fs.readFileSync(at("market/last.csv"), "utf8"), "2024-06-01T01:00:00Z,3766,")
  }))

  it.effect("refuses what it does not understand, and writes nothing", () => Effect.gen(function*() {
    const { at } = made()
    const refusals: ReadonlyArray<readonly [code: number, says: string, args: ReadonlyArray<string>]> = [
      [2, "bad.csv line 6: column open: expected a number above zero, and got \"x\"", [at("bad.csv"), "--token", "ETH"]],
      [2, "candles need the token", [at("candles.csv")]],
      [2, "--kind: expected candles, trades, funding, contexts, aave, rate, gas, values, got \"ticks\"", [at("candles.csv"), "--kind", "ticks"]],
      [2, "--on-conflict: expected refuse, first, last, got \"newest\"", [at("candles.csv"), "--on-conflict", "newest"]],
      [2, "--candle: expected a length of time", [at("candles.csv"), "--candle", "soon"]],
      [3, "none.csv cannot be read: there is no such file", [at("none.csv")]],
      [2, "data import needs FILE", []],
      [3, "cannot be written", [at("candles.csv"), "--token", "ETH", "--out", at("market")]]
    ]
    for (const [code, says, args] of refusals) {
      const ran = yield* app(["data", "import", ...args, ...(args.includes("--out") ? [] : ["--out", at("out.csv")])])
      assert.strictEqual(ran.code, code, ran.err)
      assert.include(ran.err.replace(/\s+/g, " "), says)
      assert.isFalse(fs.existsSync(at("out.csv")))
    }
  }))
})

describe("eim data check", () => {
  it.effect("shows what series cover, where they are silent, and what is derived", () => Effect.gen(function*() {
    const { at } = made()
    fs.writeFileSync(at("market/eth.csv"), wide)
    fs.writeFileSync(at("market/dex.csv"), "timestamp,dex.weETH/ETH,perp.bybit.ETH\n2024-06-01T01:00:00Z,1.04,3766\n")
    const { code, out } = yield* app(["data", "check", at("market")])
    assert.strictEqual(code, 0)
    assert.match(out, /price\.ETH +4 +2024-06-01T00:00 +2024-06-01T05:00 +1 h +1 +2 +[█▓▒░·]+/)
    assert.include(out, "price.ETH is silent from 2024-06-01T02:00 to 2024-06-01T05:00, 2 missing")
    assert.match(out, /USD price of weETH, market +dex\.weETH\/ETH × price\.ETH +2024-06-01T01:00/)
    assert.match(out, /mark of ETH on bybit +perp\.bybit\.ETH, the newest/)
    // Of six hours two have no price of their own: the newest one is of an earlier step from 03:00 until 05:00.
    assert.match(out, /No order that adds risk fills[^\n]*\n.*\n +price\.ETH +1 +33.3 % +2024-06-01T03:00 to 2024-06-01T05:00/)
    const json = JSON.parse((yield* app(["data", "check", at("market"), "--json"])).out)
    assert.deepStrictEqual(json.stale, [{
      series: "price.ETH",
      spans: [{ from: "2024-06-01T03:00:00Z", to: "2024-06-01T05:00:00Z", step_seconds: 3600 }]
    }])
    assert.deepStrictEqual(json.series.find((series: { readonly series: string }) => series.series === "price.ETH"), {
      series: "price.ETH",
      count: 4,
      from: "2024-06-01T00:00:00Z",
      to: "2024-06-01T05:00:00Z",
      step_seconds: 3600,
      steps: [],
      gaps: [{ after: "2024-06-01T02:00:00Z", before: "2024-06-01T05:00:00Z", missing: 2 }]
    })
    assert.strictEqual((yield* app(["data", "check", at("none")])).code, 3)
  }))

  it.effect("says what a derived price lacks", () => Effect.gen(function*() {
    const { at } = made()
    fs.writeFileSync(at("market/dex.csv"), "timestamp,dex.weETH/ETH\n2024-06-01T01:00:00Z,1.04\n")
    assert.match((yield* app(["data", "check", at("market")])).out, /USD price of weETH, market .* lacks price\.ETH/)
  }))
})

describe("eim data load", () => {
  it.effect("a run on a database has the result, to the byte, that it has on the files", () => Effect.gen(function*() {
    const { at } = made()
    fs.writeFileSync(at("market/eth.csv"), wide)
    yield* app(["data", "import", at("aave.csv"), "--out", at("market/aave.csv")])
    const url = `file:${at("market.db")}`
    const loaded = yield* app(["data", "load", at("market"), "--db", url])
    assert.strictEqual(loaded.code, 0, loaded.err)
    assert.include(loaded.out, "5 series: 16 observations loaded")
    const again = JSON.parse((yield* app(["data", "load", at("market"), "--json"], { env: { BASIS_DATABASE_URL: url } })).out)
    assert.deepStrictEqual([again.inserted, again.known], [0, 16])

    const backtest = (args: ReadonlyArray<string>, env: { readonly [name: string]: string }) =>
      app(["backtest", at("lend.jsonl"), "--balances", at("start.json"), "--config", at("config.json"), "--out", at("results"), "--json", ...args], { env })
    const db = { BASIS_DATA_MODE: "db", BASIS_DATABASE_URL: url }
    const onFiles = yield* backtest(["--id", "same", "--data", at("market")], db)
    const files = contents(at("results/same"))
    const onDatabase = yield* backtest(["--id", "same", "--force"], db)
    assert.strictEqual(onFiles.code, 0, onFiles.err)
    assert.strictEqual(onDatabase.out, onFiles.out)
    assert.deepStrictEqual(contents(at("results/same")), files)
    assert.strictEqual(JSON.parse(onDatabase.out).routed, 2)

    const id = () => Effect.map(backtest([], db), ({ out }) => JSON.parse(out).backtest_id)
    const before = yield* id()
    assert.strictEqual(yield* id(), before)
    fs.writeFileSync(at("market/later.csv"), "timestamp,price.ETH\n2024-06-03T00:00:00Z,4000\n")
    yield* app(["data", "load", at("market"), "--db", url])
    assert.notStrictEqual(yield* id(), before)
  }))

  it.effect("shows no password, and leaves nothing where a value differs", () => Effect.gen(function*() {
    const { at } = made()
    fs.writeFileSync(at("market/eth.csv"), wide)
    const url = `file:${at("market.db")}`
    yield* app(["data", "load", at("market"), "--db", url])
    fs.writeFileSync(at("market/eth.csv"), wide.replace("3762.62", "3762.63"))
    const differs = yield* app(["data", "load", at("market"), "--db", url])
    assert.strictEqual(differs.code, 2)
    assert.include(differs.err, "3762.62 in the database and 3762.63 to be loaded")
    fs.writeFileSync(at("market/eth.csv"), wide)
    const unreachable = yield* app(["data", "load", at("market"), "--db", "postgres://me:secret@127.0.0.1:1/market"])
    assert.strictEqual(unreachable.code, 3)
    assert.include(unreachable.err, "postgres://127.0.0.1:1/market cannot be opened")
    assert.notInclude(unreachable.err, "secret")
    assert.strictEqual((yield* app(["data", "load", at("market"), "--db", "mysql://x"])).code, 2)
  }))
})

describe("a database behind eim route", () => {
  const buy = { instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "0.1" }
  const route = (folder: string, url: string) =>
    app(["route", path.join(folder, "buy.json"), "--at", "2024-06-01T01:30Z", "--balances", path.join(folder, "held.json"), "--json"], {
      env: { BASIS_DATA_MODE: "db", BASIS_DATABASE_URL: url }
    })
  const inputs = () => directory({ "buy.json": buy, "held.json": { binance: { USDT: "1000" } }, "market/eth.csv": wide })

  // In simulated time a limit of seconds is over at once, and told as the reason.
  it.effect("is waited for in real time: what is told is why it does not answer", () => Effect.gen(function*() {
    const { code, err } = yield* route(inputs(), "postgres://me:secret@127.0.0.1:1/market")
    assert.strictEqual(code, 3)
    assert.include(err, "cannot be opened: nothing answers at 127.0.0.1:1")
  }))

  const server = process.env["EIM_TEST_POSTGRES"]
  it.effect.skipIf(server === undefined || server === "")("may be a PostgreSQL server", () => Effect.gen(function*() {
    const folder = inputs()
    // One of its own: other tests use the one that the address names.
    const name = `eim_route_${process.pid}`
    yield* Effect.provide(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`CREATE DATABASE ${name}`)),
      PgClient.layer({ url: Redacted.make(server!) })
    )
    const url = server!.replace(/[^/]*$/, name)
    assert.strictEqual((yield* app(["data", "load", path.join(folder, "market"), "--db", url])).code, 0)
    const { code, err, out } = yield* route(folder, url)
    assert.strictEqual(code, 0, err)
    assert.strictEqual(JSON.parse(out).deltas.binance.ETH, "0.0999")
  }))
})

describe("commands of two words", () => {
  it.effect("are told apart and explained", () => Effect.gen(function*() {
    assert.include((yield* app(["data"])).err, "data needs one of import, check, load")
    assert.include((yield* app(["data", "chek"])).err, "did you mean data check?")
    for (const args of [["data", "import", "--help"], ["help", "data", "import"]]) {
      assert.include((yield* app(args)).out, "eim data import FILE...")
    }
    assert.include((yield* app(["data", "--help"])).out, "data load")
  }))
})
