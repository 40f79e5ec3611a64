import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe } from "vitest"
import { app, build, colours, directory, eim, root } from "./eim.js"

const supply = {
  instruction_type: "smart_contract_action",
  protocol: "aave",
  action: "supply",
  token: "USDT",
  amount: 1000.0,
  estimated_deltas: { aave: { aUSDT: 1000.0, USDT: -1000.0 } }
}

const transfer = {
  instruction_type: "wallet_transfer",
  from_venue: "binance",
  to_venue: "wallet",
  token: "USDT",
  amount: 1000.0,
  estimated_deltas: { binance: { USDT: -1000.0 }, wallet: { USDT: 1000.0 } }
}

const sale = {
  instruction_type: "cex_trade",
  venue: "binance",
  trade_type: "spot",
  side: "sell",
  symbol: "ETHUSDT",
  amount: 1.0,
  estimated_deltas: { binance: { ETH: -1.0, USDT: 3300.0 } }
}

const keys = [
  "timestamp", "trigger_source", "block_id", "liquidations", "deltas", "operations", "accruals", "positions", "degraded", "replayed", "error"
]

const at = "2024-07-03T16:00:00Z"

let cwd: string

type Env = { readonly [name: string]: string }

const optionsOf = (input: string | undefined, env: Env | undefined) => ({
  ...(input === undefined ? {} : { input }),
  ...(env === undefined ? {} : { env })
})

/** In this process; `@name` stands for a file of the directory. */
const route = (args: ReadonlyArray<string>, input?: string, env?: Env) =>
  app(["route", ...args.map((arg) => (arg.startsWith("@") ? path.join(cwd, arg.slice(1)) : arg))], optionsOf(input, env))

/** In a process of its own, in the directory. */
const spawned = (args: ReadonlyArray<string>, input?: string, env?: Env) => eim(["route", ...args], { cwd, ...optionsOf(input, env) })

beforeAll(() => {
  build()
  cwd = directory({
    "supply.json": supply,
    "transfer.json": transfer,
    "sale.json": sale,
    "start.json": { wallet: { USDT: "1000", ETH: "1" }, binance: { USDT: "1000", ETH: "1" } },
    "half.json": "{\"instruction_type\": \"cex_trade\",",
    "latin.json": new Uint8Array([0x7b, 0xff, 0x7d]),
    "costless.json": { gas: { price_gwei: "0" }, venues: { binance: { fees: { spot: { taker: "0" } }, slippage: { spot: "0" } } } },
    "typo.json": { initial_captial: 1 },
    "market/prices.csv": "timestamp,price.ETH\n2024-07-03T16:00:00Z,2000\n",
    "broken/prices.csv": "timestamp,price.ETH\n2024-07-03T16:00:00Z,dear\n"
  })
}, 180_000)

afterAll(() => fs.rmSync(cwd, { recursive: true, force: true }))

describe("the examples of the specification", () => {
  it.effect("supplies 1000 USDT to aave", () => Effect.gen(function*() {
    const { code, err, out } = yield* route(["@supply.json", "--at", at, "--balances", "@start.json", "--json"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 0)
    assert.strictEqual(err, "")
    assert.deepStrictEqual(Object.keys(report), keys)
    // Gas of the approval and the supply at 18.46 gwei; the contract rounds a claim by a unit at most.
    assert.deepStrictEqual(report.deltas, { aave: { aUSDT: "999.999999" }, wallet: { ETH: "-0.0056303", USDT: "-1000" } })
    assert.strictEqual(report.operations[0].status, "settled")
    assert.isNull(report.error)
  }))

  it.effect("transfers 1000 USDT from binance to the wallet, and waits until they are there", () => Effect.gen(function*() {
    const { code, out } = yield* route(["@transfer.json", "--at", at, "--balances", "@start.json", "--json"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 0)
    // The withdrawal fee of 4 USDT is taken out of what is sent.
    assert.deepStrictEqual(report.deltas, { binance: { USDT: "-1000" }, wallet: { USDT: "996" } })
    assert.deepStrictEqual(report.operations[0].fees, [{ kind: "fee", venue: "binance", token: "USDT", amount: "4" }])
    assert.strictEqual(report.operations[0].status, "settled")
    assert.deepStrictEqual(report.operations[0].deviation, { USDT: "-4" })
    assert.strictEqual(report.accruals.length, 1)
    assert.strictEqual(report.accruals[0].kind, "credit")
    assert.isAbove(Date.parse(report.accruals[0].timestamp), Date.parse(at))
  }))

  it.effect("leaves the transfer pending with --no-wait", () => Effect.gen(function*() {
    const { code, out } = yield* route(["@transfer.json", "--at", at, "--balances", "@start.json", "--json", "--no-wait"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(report.deltas, { binance: { USDT: "-1000" } })
    assert.strictEqual(report.operations[0].status, "pending")
    assert.deepStrictEqual(report.accruals, [])
  }))

  it.effect("sells 1 ETH at 3304.02 less slippage and fee", () => Effect.gen(function*() {
    const { code, out } = yield* route(["@sale.json", "--at", at, "--balances", "@start.json", "--json"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(report.deltas, { binance: { ETH: "-1", USDT: "3299.05764" } })
    assert.strictEqual(report.operations[0].fills[0].price, "3302.36")
  }))

  it.effect("refuses the same sale when ETH is at 3762.62", () => Effect.gen(function*() {
    const { code, out } = yield* route(["@sale.json", "--at", "2024-06-01T00:00Z", "--balances", "@start.json", "--json"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 1)
    assert.deepStrictEqual(Object.keys(report), keys)
    assert.deepStrictEqual(report.deltas, {})
    assert.strictEqual(report.error.code, "EIM-005")
    assert.include(report.error.message, "3762.62")
    assert.isAbove(report.error.resolution.length, 0)
  }))

  it.effect("starts from nothing without --balances", () => Effect.gen(function*() {
    const { code, out } = yield* route(["@supply.json", "--at", at, "--json"])
    assert.strictEqual(code, 1)
    assert.strictEqual(JSON.parse(out).error.code, "EIM-006")
  }))
})

describe("options", () => {
  it.effect("takes all of them at once", () => Effect.gen(function*() {
    const { code, out } = yield* route([
      "@sale.json", "--at", at, "--mode", "backtest", "--data", "@market", "--balances", "@start.json", "--config", "@costless.json", "--no-wait", "--json"
    ])
    assert.strictEqual(code, 1)
    assert.include(JSON.parse(out).error.message, "2000")
  }))

  it.effect("takes costs from --config", () => Effect.gen(function*() {
    const { code, out } = yield* route(["@sale.json", "--at", at, "--balances", "@start.json", "--config", "@costless.json", "--json"])
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(JSON.parse(out).deltas, { binance: { ETH: "-1", USDT: "3304.02" } })
  }))

  it.effect("has the mode of the environment, and --mode before it", () => Effect.gen(function*() {
    const live = yield* route(["@sale.json", "--at", at], undefined, { BASIS_EXECUTION_MODE: "live" })
    assert.strictEqual(live.code, 2)
    assert.include(live.err, "mode live is not available")
    assert.strictEqual(live.out, "")
    const named = yield* route(["@sale.json", "--at", at, "--balances", "@start.json", "--mode", "backtest"], undefined, { BASIS_EXECUTION_MODE: "live" })
    assert.strictEqual(named.code, 0)
    const paper = yield* route(["@sale.json", "--at", at, "--mode", "paper", "--json"])
    assert.strictEqual(paper.code, 2)
    assert.strictEqual(JSON.parse(paper.out).error.code, "ARGUMENTS")
  }))

  it.effect("refuses an environment that it does not understand, and a database that is not there", () => Effect.gen(function*() {
    const unknown = yield* route(["@sale.json", "--at", at], undefined, { BASIS_ENVIRONMENT: "moon" })
    assert.strictEqual(unknown.code, 2)
    assert.include(unknown.err, "BASIS_ENVIRONMENT: expected dev or staging or production, got \"moon\"")
    const db = yield* route(["@sale.json", "--at", at], undefined, { BASIS_DATA_MODE: "db", BASIS_DATABASE_URL: "file:none.db" })
    assert.strictEqual(db.code, 3)
    assert.include(db.err, "the database file:none.db cannot be read: there is no such file")
  }))
})

describe("what cannot be done", () => {
  const refusals: ReadonlyArray<readonly [what: string, code: number, says: string, args: ReadonlyArray<string>, input?: string]> = [
    ["a file that is not there", 3, "none.json", ["@none.json", "--at", at]],
    ["a directory in place of a file", 3, "market", ["@market", "--at", at]],
    ["balances that are not there", 3, "none.json", ["@sale.json", "--at", at, "--balances", "@none.json"]],
    ["data that is not there", 3, "nowhere", ["@sale.json", "--at", at, "--data", "@nowhere"]],
    ["data that makes no sense", 2, "prices.csv line 2", ["@sale.json", "--at", at, "--data", "@broken"]],
    ["half a JSON", 2, "is not JSON", ["@half.json", "--at", at]],
    ["an empty input", 2, "is empty", ["-", "--at", at], ""],
    ["text that is not UTF-8", 2, "UTF-8", ["@latin.json", "--at", at]],
    ["JSON that is no block", 2, "EIM-001", ["-", "--at", at], "[]"],
    ["an instruction that is not understood", 2, "side", ["-", "--at", at], JSON.stringify({ ...sale, side: "sideways" })],
    ["a field that nobody knows", 2, "slipage", ["-", "--at", at], JSON.stringify({ ...sale, slipage: 1 })],
    ["an instant that is none", 2, "RFC 3339", ["@sale.json", "--at", "yesterday"]],
    ["an instant without a zone", 2, "RFC 3339", ["@sale.json", "--at", "2024-07-03T16:00"]],
    ["settings with a slip of the pen", 2, "initial_captial", ["@sale.json", "--at", at, "--config", "@typo.json"]],
    ["balances that are none", 2, "balances.instruction_type", ["@sale.json", "--at", at, "--balances", "@sale.json"]],
    ["no instant", 2, "--at T", ["@sale.json"]],
    ["no block", 2, "BLOCK", ["--at", at]],
    ["an option that there is not", 2, "did you mean --json?", ["@sale.json", "--at", at, "--jsn"]]
  ]
  for (const [what, expected, says, args, input] of refusals) {
    it.effect(what, () => Effect.gen(function*() {
      const { code, err, out } = yield* route(args, input)
      assert.strictEqual(code, expected, err)
      assert.include(err, says)
      assert.strictEqual(out, "")
    }))
  }

  it.effect("is told in JSON too, with every key", () => Effect.gen(function*() {
    for (const [args, code, input] of [
      [["@none.json", "--at", at, "--json"], "IO"],
      [["@sale.json", "--at", "yesterday", "--json"], "ARGUMENTS"],
      [["@sale.json", "--at", at, "--jsn", "--json"], "ARGUMENTS"],
      [["-", "--at", at, "--json"], "EIM-001", "{\"instruction_type\":\"prayer\"}"]
    ] as const) {
      const ran = yield* route(args, input)
      const report = JSON.parse(ran.out)
      assert.deepStrictEqual(Object.keys(report), keys)
      assert.deepStrictEqual([report.deltas, report.operations, report.accruals, report.positions], [{}, [], [], []])
      assert.strictEqual(report.error.code, code)
      assert.isString(report.error.severity)
      assert.isString(report.error.message)
      assert.isString(report.error.resolution)
    }
  }))

  it.effect("is 1 for a venue that there is not, and for data that is missing", () => Effect.gen(function*() {
    const kraken = yield* route(["-", "--at", at, "--json"], JSON.stringify({ ...sale, venue: "kraken" }))
    assert.strictEqual(kraken.code, 1)
    assert.strictEqual(JSON.parse(kraken.out).error.code, "EIM-002")
    const early = yield* route(["@sale.json", "--at", "2023-01-01T00:00Z", "--balances", "@start.json", "--json"])
    assert.strictEqual(early.code, 1)
    assert.strictEqual(JSON.parse(early.out).error.code, "EIM-007")
  }))

  it.effect("names what was done before the operation that failed", () => Effect.gen(function*() {
    const block = { block_id: "b", instructions: [{ ...sale, amount: "0.5", estimated_deltas: undefined }, sale, supply] }
    const { code, out } = yield* route(["-", "--at", at, "--balances", "@start.json", "--json"], JSON.stringify(block))
    const report = JSON.parse(out)
    assert.strictEqual(code, 1)
    assert.deepStrictEqual(report.operations.map((operation: { status: string }) => operation.status), ["settled", "rejected", "skipped"])
    assert.strictEqual(report.deltas.binance.ETH, "-0.5")
    assert.strictEqual(report.error.code, "EIM-006")
  }))
})

describe("as a process", () => {
  it("exits with 0, 1, 2 or 3, and says why on standard error alone", async () => {
    const done = await spawned(["supply.json", "--at", at, "--balances", "start.json", "--json"])
    assert.deepStrictEqual([done.code, done.err], [0, ""])
    assert.deepStrictEqual(Object.keys(JSON.parse(done.out)), keys)
    const refused = await spawned(["supply.json", "--at", at, "--json"])
    assert.deepStrictEqual([refused.code, refused.err], [1, ""])
    const misunderstood = await spawned(["half.json", "--at", at])
    assert.deepStrictEqual([misunderstood.code, misunderstood.out], [2, ""])
    assert.include(misunderstood.err, "eim: file half.json is not JSON")
    const unread = await spawned(["none.json", "--at", at])
    assert.deepStrictEqual([unread.code, unread.out], [3, ""])
    assert.include(unread.err, "eim: file none.json cannot be read: there is no such file or directory")
  }, 60_000)

  it("reads the block from standard input, with options on either side of it", async () => {
    const before = await spawned(["--json", "--balances=start.json", "--at", at, "-"], JSON.stringify(sale))
    const after = await spawned(["-", "--at", at, "--balances", "start.json", "--json"], JSON.stringify(sale))
    assert.strictEqual(before.code, 0, before.err)
    assert.strictEqual(before.out, after.out)
  }, 60_000)

  it("prints the same when npm runs it, from wherever it is called", async () => {
    const direct = await spawned(["sale.json", "--at", at, "--balances", "start.json", "--json"])
    const npm = spawnSync("npm", ["--prefix", root, "run", "-s", "eim", "--", "route", "sale.json", "--at", at, "--balances", "start.json", "--json"], {
      cwd,
      encoding: "utf8"
    })
    assert.strictEqual(npm.status, 0, npm.stderr)
    assert.strictEqual(npm.stdout, direct.out)
  }, 60_000)
})

describe("what people read", () => {
  it("has no colours in a pipe, and has them where they are asked for", async () => {
    const args = ["sale.json", "--at", at, "--balances", "start.json"]
    const plain = await spawned(args)
    assert.notMatch(plain.out + plain.err, colours)
    assert.include(plain.out, "sell 1 ETHUSDT spot")
    assert.include(plain.out, "+3,299.05764")
    const forced = await spawned(args, undefined, { FORCE_COLOR: "1" })
    assert.match(forced.out, colours)
    assert.strictEqual(forced.out.replace(/\u001b\[[0-9;]*m/g, ""), plain.out)
    const never = await spawned(args, undefined, { FORCE_COLOR: "1", NO_COLOR: "1" })
    assert.strictEqual(never.out, plain.out)
  })

  it("has the error in a box with what to do", async () => {
    const { code, err, out } = await spawned(["sale.json", "--at", "2024-06-01T00:00Z", "--balances", "start.json"])
    assert.strictEqual(code, 1)
    assert.strictEqual(err, "")
    assert.include(out, "EIM-005 price check failed")
    assert.include(out, "not sent")
    assert.include(out, "→ Recompute the estimate")
  })
})
