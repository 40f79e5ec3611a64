import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe } from "vitest"
import * as Usage from "../../src/cli/Usage.js"
import { app, build, colours, contents, directory, eim, root } from "./eim.js"

const keys = [
  "backtest_id", "from", "to", "requested_from", "requested_to", "stopped_at", "stop_reason", "routed", "failed", "replayed",
  "liquidated", "liquidations", "balances", "in_transit", "positions", "value", "costs", "assumptions", "files", "error"
]

const lending = (action: string, amount: string) => ({
  instruction_type: "smart_contract_action",
  protocol: "aave",
  action,
  token: "USDT",
  amount
})

const lines = (...all: ReadonlyArray<unknown>): string => all.map((line) => `${JSON.stringify(line)}\n`).join("")

const year = lines(
  { timestamp: "2024-06-01T00:00:00Z", instruction_block: { block_id: "in", instructions: [lending("supply", "10000")] } },
  { timestamp: "2024-12-01T00:00:00Z" },
  { timestamp: "2025-06-01T00:00:00Z", trigger_source: "manual", instruction_block: lending("withdraw", "max") }
)

const days = lines(
  { timestamp: "2024-06-01T00:00:00Z", instruction_block: lending("supply", "100") },
  { timestamp: "2024-06-02T12:34:56Z", instruction_block: lending("withdraw", "max") }
)

const moduleScript = `
import * as Effect from "effect/Effect"
import { Amount, ExecutionInterfaceManager } from "execution-interface-manager"
import * as DataProvider from "execution-interface-manager/data/DataProvider"
import * as Script from "execution-interface-manager/modes/Backtest/Script"
import { supply } from "./lib/blocks.js"

export const seen = { Effect, Manager: ExecutionInterfaceManager.ExecutionInterfaceManager, DataProvider: DataProvider.DataProvider }

let entered: boolean = false

export default Script.make({
  initialBalances: { wallet: { USDT: "500", ETH: "1" } },
  every: "1 day",
  decide: (time, positions) =>
    Effect.gen(function*() {
      const data = yield* DataProvider.DataProvider
      const snapshot = yield* Effect.orDie(data.getData(time))
      if (entered || snapshot.observe("price.ETH") === undefined) return []
      entered = true
      return [supply(Amount.format(positions.balance("wallet", "USDT")))]
    })
})
`

const blocksModule = `
export interface Supply { readonly instruction_type: string; readonly [field: string]: string }
export const supply = (amount: string): Supply =>
  ({ instruction_type: "smart_contract_action", protocol: "aave", action: "supply", token: "USDT", amount })
`

const modules: { readonly [name: string]: string } = {
  "nothing.ts": "export const script = 1\n",
  "syntax.ts": "export default {\n",
  "throwing.ts": "throw new Error(\"no such luck\")\n",
  "missing.ts": "import { x } from \"./not-there.js\"\nexport default { decide: () => [x] }\n",
  "private.ts": "import * as App from \"execution-interface-manager/cli/App\"\nexport default { decide: () => [App] }\n",
  "dies.ts": "export default { decide: () => { throw new Error(\"out of ideas\") } }\n",
  "plain.js": "import { Effect } from \"effect\"\nexport default { every: \"8 hours\", decide: () => Effect.succeed([]) }\n",
  "minutes.ts": "export default { every: \"1 minute\", decide: () => [] }\n"
}

const window = ["--from", "2024-06-01T00:00Z", "--to", "2024-06-03T00:00Z"]

let cwd: string

/** In this process; `@name` stands for a file of the directory. Results go to a directory of their own. */
const backtest = (args: ReadonlyArray<string>, env?: { readonly [name: string]: string }) =>
  app(
    ["backtest", ...args.map((arg) => (arg.startsWith("@") ? path.join(cwd, arg.slice(1)) : arg)), "--out", path.join(cwd, "inside"), "--force"],
    env === undefined ? {} : { env }
  )

/** In a process of its own, in the directory. */
const spawned = (args: ReadonlyArray<string>, env?: { readonly [name: string]: string }) =>
  eim(["backtest", ...args], { cwd, ...(env === undefined ? {} : { env }) })

beforeAll(() => {
  build()
  cwd = directory({
    "year.jsonl": year,
    "days.jsonl": days,
    "elsewhere/other-name.jsonl": days,
    "script.ts": moduleScript,
    "lib/blocks.ts": blocksModule,
    ...modules,
    "rich.json": { wallet: { USDT: "20000" } },
    "kraken.json": { kraken: { USDT: "1" } },
    "ether.json": { share_class: "eth_directional", initial_capital: "5" },
    "odd.json": { venues: { aave: { interest: "lots" } } },
    "script.txt": "",
    "file": ""
  })
}, 180_000)

afterAll(() => fs.rmSync(cwd, { recursive: true, force: true }))

describe("a script of blocks", () => {
  it.effect("lends 10,000 USDT for a year and has 10,510.256954", () => Effect.gen(function*() {
    const { code, err, out } = yield* backtest(["@year.jsonl", "--json"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 0, err)
    assert.deepStrictEqual(Object.keys(report), keys)
    assert.match(report.backtest_id, /^[0-9a-f]{16}$/)
    assert.deepStrictEqual(report.balances, { wallet: { USDT: "10510.256954" } })
    assert.deepStrictEqual([report.routed, report.failed, report.error], [2, 0, null])
    assert.deepStrictEqual([report.from, report.to], ["2024-06-01T00:00:00Z", "2025-06-01T00:00:00Z"])
    // Gas is paid at the first instant, and what was held before it is the initial value.
    assert.strictEqual(report.value.initial, "10000")
    assert.deepStrictEqual(report.value.series[0], ["2024-06-01T00:00:00Z", "9992.42584494"])
    assert.strictEqual(report.costs.interest.USDT, "-510.256955")
    assert.isAbove(report.assumptions.length, 0)
  }), 60_000)

  it.effect("takes all options at once", () => Effect.gen(function*() {
    const { code, err, out } = yield* backtest([
      "@days.jsonl", ...window, "--balances", "@rich.json", "--config", "@ether.json", "--id", "named-1",
      "--data", path.join(root, "docs", "examples", "data"), "--json"
    ])
    const report = JSON.parse(out)
    assert.strictEqual(code, 0, err)
    assert.strictEqual(report.backtest_id, "named-1")
    assert.strictEqual(report.value.token, "ETH")
    assert.strictEqual(report.files.report, path.join(cwd, "inside", "named-1", "report.json"))
  }))

  it.effect("starts from the initial capital of the share class", () => Effect.gen(function*() {
    const { code, out } = yield* backtest(["@days.jsonl", "--config", "@ether.json", "--json"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 1)
    assert.deepStrictEqual(report.balances, { wallet: { ETH: "5" } })
    assert.strictEqual(report.error.code, "EIM-006")
    assert.deepStrictEqual([report.routed, report.failed], [0, 1])
  }))

  it.effect("has the same id for the same inputs, and another for others", () => Effect.gen(function*() {
    const id = (args: ReadonlyArray<string>) =>
      Effect.map(backtest([...args, "--json"]), ({ out }) => JSON.parse(out).backtest_id as string)
    const base = yield* id(["@days.jsonl"])
    assert.strictEqual(yield* id(["@elsewhere/other-name.jsonl"]), base)
    assert.strictEqual(yield* id(["@days.jsonl", "--data", path.join(root, "docs", "examples", "data")]), base)
    const others = [
      yield* id(["@days.jsonl", "--balances", "@rich.json"]),
      yield* id(["@days.jsonl", "--config", "@ether.json"]),
      yield* id(["@days.jsonl", "--to", "2024-06-03T00:00Z"]),
      yield* id(["@days.jsonl", "--from", "2024-05-30T00:00Z"])
    ]
    assert.strictEqual(new Set([base, ...others]).size, 5)
  }), 60_000)

  it.effect("says how many blocks lie outside of the run", () => Effect.gen(function*() {
    const { code, err, out } = yield* backtest(["@days.jsonl", "--to", "2024-06-02T00:00Z", "--json"])
    assert.strictEqual(code, 0)
    assert.include(err, "1 of the script's blocks lies outside of the run and is left out")
    assert.strictEqual(JSON.parse(out).routed, 1)
  }))
})

describe("what went wrong", () => {
  const perp = (amount: string) => ({
    block_id: "open",
    instructions: [{ instruction_type: "cex_trade", venue: "binance", trade_type: "perp", side: "buy", symbol: "ETHUSDT", amount }]
  })
  const margin = { binance_perp: { USDT: "4000" } }
  const files = {
    "liquidated.jsonl": lines({ timestamp: "2024-06-01T00:00:00Z", instruction_block: perp("10") }, { timestamp: "2024-09-01T00:00:00Z" }),
    "both.jsonl": lines(
      { timestamp: "2024-06-01T00:00:00Z", instruction_block: perp("10") },
      { timestamp: "2024-09-01T00:00:00Z", instruction_block: { ...perp("10"), block_id: "again" } }
    ),
    "again.jsonl": lines(...[1, 2, 3].map((day) => ({ timestamp: `2024-06-0${day}T00:00:00Z`, instruction_block: perp("0.1") }))),
    "margin.json": margin
  }
  const run = (name: string, ...more: ReadonlyArray<string>) => {
    const folder = directory(files)
    const at = (file: string) => path.join(folder, file)
    return Effect.ensuring(
      app(["backtest", at(name), "--balances", at("margin.json"), "--out", at("out"), "--id", "x", ...more]),
      Effect.sync(() => fs.rmSync(folder, { recursive: true }))
    )
  }

  it.effect("a liquidation stands first, has a cost of its own, and the exit code 4", () => Effect.gen(function*() {
    const told = yield* run("liquidated.jsonl")
    assert.strictEqual(told.code, 4)
    const text = told.out.replace(/\s+/g, " ")
    assert.include(text, "1 instruction executed, none failed, 1 liquidation")
    assert.include(text, "2024-06-15T00:00Z binance:perp ETHUSDT-PERP closed, 10 long at 3,398.93 USDT, margin ratio 0.9995")
    assert.include(text, "liquidation fee USDT 135.8935972 paid")
    assert.isBelow(text.indexOf("Liquidations"), text.indexOf("Value in"))
    const { code, out } = yield* run("liquidated.jsonl", "--json")
    assert.strictEqual(code, 4)
    const { costs, liquidated, liquidations, stopped_at } = JSON.parse(out)
    assert.strictEqual(liquidated, 1)
    assert.isNull(stopped_at)
    assert.deepInclude(liquidations[0], { timestamp: "2024-06-15T00:00:00Z", symbol: "ETHUSDT-PERP", size: "10", token: "USDT", fee: "135.8935972", penalty: "0" })
    assert.deepInclude(costs.liquidation_fee, { USDT: "135.8935972" })
    assert.notInclude(JSON.stringify(costs.fees), "135")
  }))

  it.effect("a run that fails after a liquidation says when and why it stopped, and has the exit code 1", () => Effect.gen(function*() {
    const { code, out } = yield* run("both.jsonl", "--json")
    assert.strictEqual(code, 1)
    const { error, liquidated, stop_reason, stopped_at } = JSON.parse(out)
    assert.deepStrictEqual([liquidated, stopped_at, stop_reason], [1, "2024-09-01T00:00:00Z", error.message])
    const told = yield* run("both.jsonl")
    assert.include(told.out, "stopped at 2024-09-01T00:00Z, after 92 days: EIM-006")
    assert.isBelow(told.out.indexOf("EIM-006 balance, margin or limit insufficient "), told.out.indexOf("Value in"))
  }))

  it.effect("replays are counted", () => Effect.gen(function*() {
    const { code, out } = yield* run("again.jsonl", "--json")
    assert.strictEqual(code, 0)
    const { failed, replayed, routed } = JSON.parse(out)
    assert.deepStrictEqual([routed, failed, replayed], [1, 0, 2])
    assert.include((yield* run("again.jsonl")).out, "1 instruction executed, none failed, 2 replayed")
  }))

  it.effect("a period outside of the data is refused with their span, and one that they end in is cut", () => Effect.gen(function*() {
    const refused = yield* run("again.jsonl", "--from", "2026-01-01T00:00Z")
    assert.strictEqual(refused.code, 2)
    assert.include(refused.err.replace(/\s+/g, " "), "within the data, 2024-05-13T08:00:00Z to 2025-09-18T00:00:00Z")
    assert.strictEqual((yield* run("again.jsonl", "--to", "2020-01-01T00:00Z")).code, 2)
    const cut = yield* run("again.jsonl", "--from", "2024-01-01T00:00Z", "--json")
    assert.deepInclude(JSON.parse(cut.out), { from: "2024-05-13T08:00:00Z", requested_from: "2024-01-01T00:00:00Z", requested_to: null })
    assert.include((yield* run("again.jsonl", "--from", "2024-01-01T00:00Z")).out, "from 2024-01-01T00:00Z was asked for, and the data begin at 2024-05-13T08:00Z")
  }))
})

describe("files", () => {
  it("are the same bytes when the same is run again, and report.json is what --json prints", async () => {
    const first = await spawned(["days.jsonl", "--json", "--out", "files"])
    const before = contents(path.join(cwd, "files"))
    const { backtest_id: id, files } = JSON.parse(first.out)
    assert.strictEqual(first.code, 0, first.err)
    assert.deepStrictEqual(Object.keys(before), ["events.csv", "events.jsonl", "operations.jsonl", "report.json", "value.csv"].map((file) => path.join(id, file)))
    assert.strictEqual(before[path.join(id, "report.json")], first.out)
    assert.deepStrictEqual(Object.values<string>(files).map((file) => fs.existsSync(path.join(cwd, file))), [true, true, true, true, true])
    const second = await spawned(["days.jsonl", "--out", "files", "--force"])
    assert.strictEqual(second.code, 0, second.err)
    assert.deepStrictEqual(contents(path.join(cwd, "files")), before)
  }, 60_000)

  it("hold every event, every report and every value", () => {
    const [id] = fs.readdirSync(path.join(cwd, "files"))
    const read = (name: string) => fs.readFileSync(path.join(cwd, "files", id!, name), "utf8").trimEnd().split("\n")
    const events = read("events.jsonl").map((line) => JSON.parse(line))
    assert.deepStrictEqual(events.map(({ order }) => order), events.map((_, i) => i + 1))
    assert.strictEqual(events[0].event_type, "component_initialization")
    assert.strictEqual(read("events.csv").length, events.length + 1)
    assert.deepStrictEqual(read("operations.jsonl").map((line) => JSON.parse(line).timestamp), ["2024-06-01T00:00:00Z", "2024-06-02T12:34:56Z"])
    const report = JSON.parse(read("report.json").join("\n"))
    assert.deepStrictEqual(read("value.csv"), ["timestamp,value", ...report.value.series.map((row: ReadonlyArray<string>) => row.join(","))])
  })

  it("cannot go where a file stands", async () => {
    const { code, err, out } = await spawned(["days.jsonl", "--out", "file", "--json"])
    assert.strictEqual(code, 3)
    assert.include(err, "file")
    assert.strictEqual(JSON.parse(out).error.code, "IO")
  }, 60_000)
})

describe("a script as a program", () => {
  it("runs outside of any package, on the Effect and the package that run it", async () => {
    const { code, err, out } = await spawned(["script.ts", ...window, "--json"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 0, err)
    assert.strictEqual(report.routed, 1)
    assert.match(report.balances.aave.aUSDT, /^500\.\d+$/)

    const probe = path.join(cwd, "probe.mjs")
    const dist = (name: string) => pathToFileURL(path.join(root, "dist", name)).href
    fs.writeFileSync(probe, `
      import * as ScriptModule from ${JSON.stringify(dist("cli/ScriptModule.js"))}
      import * as DataProvider from ${JSON.stringify(dist("data/DataProvider.js"))}
      import * as Manager from ${JSON.stringify(dist("manager/ExecutionInterfaceManager.js"))}
      import * as Effect from ${JSON.stringify(pathToFileURL(path.join(root, "node_modules", "effect", "dist", "esm", "Effect.js")).href)}
      const file = ${JSON.stringify(path.join(cwd, "script.ts"))}
      await Effect.runPromise(ScriptModule.load("script", file))
      const { seen } = await import(${JSON.stringify(pathToFileURL(path.join(cwd, "script.ts")).href)})
      console.log(JSON.stringify([
        seen.Effect === Effect,
        seen.Manager === Manager.ExecutionInterfaceManager,
        seen.DataProvider === DataProvider.DataProvider
      ]))
    `)
    const probed = spawnSync(process.execPath, [probe], { cwd, encoding: "utf8" })
    assert.strictEqual(probed.stdout, "[true,true,true]\n", probed.stderr)
  }, 60_000)

  it("runs as the help shows it", async () => {
    const { lines } = Usage.commands.backtest.notes.find(({ title }) => title === "A SCRIPT AS A PROGRAM")!
    fs.writeFileSync(path.join(cwd, "lend.ts"), lines.slice(0, lines.indexOf("})") + 1).join("\n"))
    const { code, err, out } = await spawned(["lend.ts", "--to", "2024-06-10T00:00Z", "--json"])
    const report = JSON.parse(out)
    assert.strictEqual(code, 0, err)
    assert.strictEqual(report.routed, 1)
    assert.match(report.balances.aave.aUSDT, /^100\d\d\.\d+$/)
  }, 60_000)

  it("gives the same bytes when it is run again", async () => {
    const first = await spawned(["script.ts", ...window, "--out", "run-a", "--json"])
    const second = await spawned(["script.ts", ...window, "--out", "run-b", "--json"])
    const [before, after] = ["run-a", "run-b"].map((out) => contents(path.join(cwd, out)))
    assert.strictEqual(second.out.replaceAll("run-b", "run-a"), first.out)
    for (const name of Object.keys(before!)) assert.strictEqual(after![name]!.replaceAll("run-b", "run-a"), before![name], name)
  }, 60_000)

  it("may be JavaScript", async () => {
    const { code, err, out } = await spawned(["plain.js", ...window, "--json"])
    assert.strictEqual(code, 0, err)
    assert.strictEqual(JSON.parse(out).routed, 0)
  }, 60_000)

  const refused: ReadonlyArray<readonly [file: string, code: number, says: string]> = [
    ["nothing.ts", 2, "export default: expected a script (an object with a function decide), got nothing"],
    ["syntax.ts", 2, "cannot be loaded"],
    ["throwing.ts", 2, "no such luck"],
    ["missing.ts", 2, "not-there"],
    ["private.ts", 2, "execution-interface-manager/cli/App is no public module"],
    ["dies.ts", 1, "failed at 2024-06-01T00:00:00Z: out of ideas"]
  ]
  for (const [file, expected, says] of refused) {
    it(`is refused where it is not one: ${file}`, async () => {
      const { code, err, out } = await spawned([file, ...window])
      assert.strictEqual(code, expected, err)
      assert.include(err, says)
      assert.strictEqual(out, "")
    }, 60_000)
  }
})

describe("what cannot be run", () => {
  const refusals: ReadonlyArray<readonly [what: string, code: number, says: string, args: ReadonlyArray<string>]> = [
    ["a script that is not there", 3, "none.jsonl cannot be read: there is no such file", ["@none.jsonl"]],
    ["a module that is not there", 3, "none.ts cannot be read", ["@none.ts"]],
    ["a file that is no script", 2, ".jsonl, .ts, .mts, .js or .mjs", ["@script.txt"]],
    ["data that is not there", 3, "nowhere", ["@days.jsonl", "--data", "@nowhere"]],
    ["an instant that is none", 2, "--from: expected an RFC 3339", ["@days.jsonl", "--from", "June"]],
    ["an end before the beginning", 2, "not after --to", ["@days.jsonl", "--from", "2024-06-02T00:00Z", "--to", "2024-06-01T00:00Z"]],
    ["a name that is no directory's", 2, "--id", ["@days.jsonl", "--id", "../up"]],
    ["a venue that there is not", 2, "kraken.json: balances.kraken", ["@days.jsonl", "--balances", "@kraken.json"]],
    ["a setting that there is not", 2, "odd.json: venues.aave.interest", ["@days.jsonl", "--config", "@odd.json"]]
  ]
  for (const [what, expected, says, args] of refusals) {
    it.effect(what, () => Effect.gen(function*() {
      const { code, err, out } = yield* backtest(args)
      assert.strictEqual(code, expected, err)
      assert.include(err, says)
      assert.strictEqual(out, "")
      const json = JSON.parse((yield* backtest([...args, "--json"])).out)
      assert.deepStrictEqual(Object.keys(json), keys)
      assert.isNull(json.backtest_id)
      assert.isString(json.error.code)
    }))
  }

  it.effect("refuses a database that is not there", () => Effect.gen(function*() {
    const { code, err } = yield* backtest(["@days.jsonl"], { BASIS_DATA_MODE: "db", BASIS_DATABASE_URL: "file:none.db" })
    assert.strictEqual(code, 3)
    assert.include(err, "the database file:none.db cannot be read: there is no such file")
  }))
})

describe("as a process", () => {
  it("has a summary without colours in a pipe, and nothing on standard error", async () => {
    const { code, err, out } = await spawned(["year.jsonl"])
    assert.strictEqual(code, 0, err)
    assert.strictEqual(err, "")
    assert.notMatch(out, colours)
    for (const title of ["Value in USDT", "Balances", "Costs", "Assumptions that mattered", "Files"]) assert.include(out, title)
    assert.include(out, "10,510.256954")
    for (const line of out.split("\n")) assert.isAtMost([...line].length, 110, line)
  }, 60_000)

  it("stops at Ctrl-C with 130, its files flushed and whole to the last line", async () => {
    const events = path.join(cwd, "stopped", "run.part", "events.jsonl")
    const { code, err, out } = await eim(["backtest", "minutes.ts", "--id", "run", "--out", "stopped", "--json"], {
      cwd,
      interruptWhen: () => (fs.statSync(events, { throwIfNoEntry: false })?.size ?? 0) > 100_000
    })
    assert.strictEqual(code, 130, err)
    assert.include(err, "stopped")
    assert.strictEqual(out, "")
    const text = fs.readFileSync(events, "utf8")
    assert.isTrue(text.endsWith("\n"))
    const orders = text.trimEnd().split("\n").map((line) => JSON.parse(line).order)
    assert.deepStrictEqual(orders, orders.map((_, i) => i + 1))
    assert.deepStrictEqual(fs.readdirSync(path.join(cwd, "stopped")), ["run.part"])
    assert.notInclude(fs.readdirSync(path.join(cwd, "stopped", "run.part")), "report.json")
  }, 60_000)
})
