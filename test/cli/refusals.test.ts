import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import * as Database from "../../src/cli/Database.js"
import * as SchemaCommand from "../../src/cli/SchemaCommand.js"
import * as Fault from "../../src/domain/Fault.js"
import * as SimulatedVenues from "../../src/modes/SimulatedVenues.js"
import { app, directory, root } from "./eim.js"

const at = "2024-06-01T00:00Z"

const supply = { instruction_type: "smart_contract_action", protocol: "aave", action: "supply", token: "USDT", amount: "1" }

const folder = directory({
  "supply.json": supply,
  "much.json": { ...supply, amount: "9999999" },
  "nowhere.json": { ...supply, protocol: "nowhere" },
  "typo.json": { ...supply, tokn: "USDT" },
  "half.json": "{\"a\": ",
  "empty.json": "",
  "wrong.json": { venue_timeout: 500, max_retry_attempts: 0, venues: { binance: { fees: { spot: { taker: 2 } } } } },
  "one.json": { venue_timeout: 500 },
  "poor.json": { wallet: { USDT: "-1" } },
  "held.json": { wallet: { USDT: "10", ETH: "1" } },
  "days.jsonl": JSON.stringify({ timestamp: at, instruction_block: supply }),
  "much.jsonl": JSON.stringify({ timestamp: at, instruction_block: { ...supply, amount: "9999999" } }),
  "typo.jsonl": JSON.stringify({ timestamp: at, instruction_block: { ...supply, tokn: "USDT" } }),
  "market/price.csv": "timestamp,price.ETH\n2024-06-01T00:00Z,3762\n",
  "amiss.csv": "timestamp,open,high,low\n2024-06-01 00:00,1,2,1\n2024-06-01 01:00,1,2,1\n",
  "raw/eth.csv": "timestamp,open,high,low\n1717200000000,1,2,1\n",
  "amiss/price.csv": "timestamp,price.ETH\n2024-06-01T00:00Z,cheap\n"
})

const file = (name: string) => path.join(folder, name)

/** The words, `@name` standing for a file of the folder. */
const words = (text: string): ReadonlyArray<string> => text.split(" ").map((word) => word.replace(/^@(.+)$/, (_, name: string) => file(name)))

/** Commands that do not get to their result, by the schema of what they print, with code of the error and exit code. */
const refusals: ReadonlyArray<readonly [schema: string, command: string, code: string, exit: number]> = [
  ["report", "route @supply.json", "ARGUMENTS", 2],
  ["report", `route @supply.json --at ${at} --nothing`, "ARGUMENTS", 2],
  ["report", "route @supply.json --at yesterday", "ARGUMENTS", 2],
  ["report", `route @supply.json --at ${at} --mode live`, "ARGUMENTS", 2],
  ["report", `route @supply.json --at ${at} --config @wrong.json`, "CONFIG", 2],
  ["report", `route @supply.json --at ${at} --config @wrong.json --balances @poor.json`, "CONFIG", 2],
  ["report", `route @supply.json --at ${at} --config @one.json`, "CONFIG", 2],
  ["report", `route @supply.json --at ${at} --balances @poor.json`, "CONFIG", 2],
  ["report", `route @supply.json --at ${at} --config @half.json`, "INPUT", 2],
  ["report", `route @half.json --at ${at}`, "INPUT", 2],
  ["report", `route @empty.json --at ${at}`, "INPUT", 2],
  ["report", `route @typo.json --at ${at}`, "EIM-001", 2],
  ["report", `route @nowhere.json --at ${at}`, "EIM-002", 1],
  ["report", `route @much.json --at ${at} --balances @held.json`, "EIM-006", 1],
  ["report", `route @none.json --at ${at}`, "IO", 3],
  ["report", `route @supply.json --at ${at} --data @none`, "IO", 3],
  ["report", `route @supply.json --at ${at} --data @amiss`, "INPUT", 2],
  ["report", `route @supply.json --at 1999-01-01T00:00Z --balances @held.json`, "EIM-007", 1],
  ["result", "backtest", "ARGUMENTS", 2],
  ["result", "backtest @days.jsonl --from never", "ARGUMENTS", 2],
  ["result", "backtest @days.jsonl --id a/b", "ARGUMENTS", 2],
  ["result", "backtest @supply.json", "ARGUMENTS", 2],
  ["result", "backtest @days.jsonl --config @wrong.json", "CONFIG", 2],
  ["result", "backtest @days.jsonl --balances @poor.json", "CONFIG", 2],
  ["result", "backtest @typo.jsonl", "EIM-001", 2],
  ["result", "backtest @none.jsonl", "IO", 3],
  ["result", "backtest @days.jsonl --data @none", "IO", 3],
  ["result", "backtest @days.jsonl --data @amiss", "INPUT", 2],
  ["result", "backtest @days.jsonl --out @supply.json", "IO", 3],
  ["result", "backtest @much.jsonl --balances @held.json --out @results", "EIM-006", 1],
  ["refusal", "errors EIM-001", "ARGUMENTS", 2],
  ["refusal", "data import @none.csv", "IO", 3],
  ["refusal", "data import @market/price.csv --kind nothing", "ARGUMENTS", 2],
  ["refusal", "data import @market/price.csv", "INPUT", 2],
  ["refusal", "data check @none", "IO", 3],
  ["refusal", "data check @amiss", "INPUT", 2],
  ["refusal", "data load @none --db file:none.db", "IO", 3],
  ["refusal", "data load @market --db mongo://host", "ARGUMENTS", 2],
  ["refusal", "events export", "ARGUMENTS", 2],
  ["refusal", "events export --out @out.csv --file @none.jsonl", "IO", 3],
  ["refusal", "events export --out @out.csv --from never", "ARGUMENTS", 2],
  ["refusal", "events tail --file @none.jsonl", "IO", 3],
  ["refusal", "events tail --lines many", "ARGUMENTS", 2],
  ["refusal", "events", "ARGUMENTS", 2],
  ["refusal", "rout", "ARGUMENTS", 2],
  ["refusal", "schema nothing", "ARGUMENTS", 2]
]

describe("what a command refuses with --json", () => {
  it.effect.each(refusals)("%s: %s", ([schema, command, code, exit]) =>
    Effect.gen(function*() {
      const ran = yield* app([...words(command), "--json"])
      const json: { readonly error: { readonly code: string } } = JSON.parse(ran.out)
      const decoded = Schema.decodeUnknownEither(SchemaCommand.schemas[schema]!, Fault.strict)(json)
      assert.isTrue(Either.isRight(decoded), `${ran.out}${String(decoded)}`)
      assert.deepStrictEqual([json.error.code, ran.code], [code, exit], ran.out)
      assert.notMatch(ran.out + ran.err, /\bE(NOENT|ISDIR|NOTDIR|ACCES|PERM|EXIST)\b|FileSystem\.|    at /)
    }))

  it.effect("has every fault of settings under the schema, each with its place", () =>
    Effect.gen(function*() {
      const ran = yield* app([...words(`route @supply.json --at ${at} --config @wrong.json --balances @poor.json`), "--json"])
      const { error } = JSON.parse(ran.out)
      assert.lengthOf(error.faults, 4)
      const decode = Schema.decodeUnknownEither(SchemaCommand.schemas["report"]!, Fault.strict)
      const changed = (faults: unknown) => decode({ ...JSON.parse(ran.out), error: { ...error, faults } })
      assert.isTrue(Either.isRight(changed(error.faults)))
      for (const faults of [[], [{ ...error.faults[0], more: 1 }], [{ path: "a" }], "none"]) assert.isTrue(Either.isLeft(changed(faults)))
    }))

  it.effect("indents every fault of a file", () =>
    Effect.gen(function*() {
      const ran = yield* app(words("data import @amiss.csv --token ETH"))
      assert.match(ran.err, /^eim: .* line 2: .*\n     .* line 3: .*\n     Mend /)
    }))

  it.effect("says of a directory of files of exchanges what makes series of them", () =>
    Effect.gen(function*() {
      assert.match((yield* app(words("data check @raw"))).err, /`eim data import`/)
    }))

  it.effect("is described by the JSON Schema that is printed", () =>
    Effect.gen(function*() {
      for (const what of ["report", "result", "refusal"]) {
        const { code, out } = yield* app(["schema", what])
        assert.strictEqual(code, 0)
        const { Fault: fault, Misunderstood: misunderstood } = JSON.parse(out).$defs
        assert.deepStrictEqual(fault.required, ["source", "path", "expected", "actual"])
        assert.strictEqual(misunderstood.properties.faults.type, "array")
      }
    }))
})

describe("a package that is missing", () => {
  it("is to be installed in the version that this one works with: the newest may be of another Effect", () => {
    const { peerDependencies } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"))
    for (const name of ["@effect/sql-pg", "@effect/sql-libsql"]) {
      assert.strictEqual(Database.missing(name)(undefined).resolution, `Install it: npm install "${name}@${peerDependencies[name]}"`)
    }
  })
})

describe("the JSON Schema", () => {
  const printed = (what: string) => Effect.map(app(["schema", what]), ({ out }) => JSON.parse(out))

  it.effect.each(Object.keys(SchemaCommand.schemas))("of %s names nothing twice, as validators demand", (what) =>
    Effect.gen(function*() {
      assert.notInclude(JSON.stringify(yield* printed(what)), "\"$id\"")
    }))

  it.effect("of config has the settings of every venue and of gas", () =>
    Effect.gen(function*() {
      const { $defs: defs, additionalProperties, properties } = yield* printed("config")
      assert.isFalse(additionalProperties)
      const { cex, dex, onchain, ...flat } = properties.venues.properties
      assert.sameMembers(Object.keys(flat), [...SimulatedVenues.accounts.keys()])
      assert.sameMembers([cex, dex, onchain].flatMap(({ anyOf: [names] }) => names.items.enum), Object.keys(flat))
      assert.deepStrictEqual(cex.anyOf[1].properties.okx, flat.okx)
      assert.isFalse(properties.venues.additionalProperties)
      assert.deepStrictEqual(properties.venue_configs, properties.venues)
      for (const venue of Object.values<{ readonly properties: object }>(flat)) assert.property(venue.properties, "enabled")
      assert.property(properties.venues.properties.aave.properties, "rounding")
      assert.property(properties.gas.properties, "price_gwei")
      for (const [, name] of JSON.stringify(properties).matchAll(/"#\/\$defs\/([^"]*)"/g)) assert.property(defs, name!)
    }))
})
