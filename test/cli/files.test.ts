import { it } from "@effect/vitest"
import * as PlatformError from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import * as Failure from "../../src/cli/Failure.js"
import { app, directory } from "./eim.js"

const at = "2024-06-01T00:00Z"

const supply = { instruction_type: "smart_contract_action", protocol: "aave", action: "supply", token: "USDT", amount: "1" }

const garbage = Uint8Array.from({ length: 200 }, (_, i) => (i * 151 + 128) % 256)

const event = JSON.stringify({ order: 1, timestamp: "2024-06-01T00:00:00Z", event_type: "error", component: "x", data: {} })

const folder = directory({
  "block.json": supply,
  "days.jsonl": JSON.stringify({ timestamp: at, instruction_block: supply }),
  "prices.csv": "timestamp,open,high,low\n2024-06-01T00:00Z,3762,3770,3750\n2024-06-01T01:00Z,3755,3790,3750\n",
  "market/eth.csv": "timestamp,price.ETH\n2024-06-01T00:00Z,3762\n",
  "log.jsonl": `${event}\n`,
  ...Object.fromEntries(["json", "jsonl", "csv", "ts"].flatMap((type) => [[`empty.${type}`, ""], [`garbage.${type}`, garbage]])),
  "torn.json": "{\"wallet\": {\"USDT",
  "torn.jsonl": `${JSON.stringify({ timestamp: at, instruction_block: supply })}\n{"timestamp": "2024-06-02`,
  "torn.csv": "timestamp,open,high,low\n2024-06-01T00:00Z,3762,3770,3750\n2024-06-01T01:00Z,37",
  "torn.ts": "export default { decide: () => [",
  "of-garbage/x.csv": garbage,
  "of-nothing/readme.txt": "no series"
})

for (const type of ["json", "jsonl", "csv", "ts"]) fs.mkdirSync(path.join(folder, `folder.${type}`))
fs.mkdirSync(path.join(folder, "of-folders", "x.csv"), { recursive: true })

const words = (text: string): ReadonlyArray<string> => text.split(" ").map((word) => word.replace(/@/, () => `${folder}/`))

/** A command, its exit code, and what it says. */
type Told = readonly [command: string, code: number, says: string]

const missing = "there is no such file or directory"
const isFolder = "it is a directory, and a file is expected"
const isFile = "a file stands where a directory is expected"

const read = (command: string, type: string): ReadonlyArray<Told> => [
  [command.replace("%", `@none.${type}`), 3, missing],
  [command.replace("%", `@folder.${type}`), 3, isFolder],
  [command.replace("%", `@garbage.${type}`), 2, "not UTF-8 text"]
]

const told: ReadonlyArray<Told> = [
  ...[`route % --at ${at}`, `route @block.json --at ${at} --balances %`, `route @block.json --at ${at} --config %`, "backtest @days.jsonl --balances %", "backtest @days.jsonl --config %"]
    .flatMap((command): ReadonlyArray<Told> => [
      ...read(command, "json"),
      [command.replace("%", "@empty.json"), 2, "is empty, and JSON is expected"],
      [command.replace("%", "@torn.json"), 2, "torn.json is not JSON: Unterminated string at line 1, column 18"]
    ]),
  ...read("backtest %", "jsonl"),
  ["backtest @empty.jsonl", 2, "expected a line for each block, got \"no line\""],
  ["backtest @torn.jsonl", 2, "torn.jsonl line 2 is not JSON: Unterminated string at column 26"],
  ...read("backtest %", "ts"),
  ...read("data import % --token ETH", "csv"),
  ["data import @empty.csv --token ETH", 2, "empty.csv line 1: the file is empty"],
  ["data import @torn.csv --token ETH", 2, "torn.csv line 3: expected 4 columns and got 2"],
  ["data import @prices.csv --token ETH --out @folder.csv", 3, isFolder],
  ["data import @prices.csv --token ETH --out @block.json/x.csv", 3, isFile],
  ["data import @prices.csv --token ETH --out @prices.csv", 2, "--out: expected a file that is not imported"],
  ...["data check %", "data load % --db file::memory:", `route @block.json --at ${at} --data %`, "backtest @days.jsonl --id x --data % --out @results"].flatMap((command): ReadonlyArray<Told> => [
    [command.replace("%", "@none"), 3, missing],
    [command.replace("%", "@block.json"), 2, "block.json line 1: not CSV"],
    [command.replace("%", "@of-garbage"), 2, "x.csv: not UTF-8 text"],
    [command.replace("%", "@of-nothing"), 2, "holds no *.csv"],
    [command.replace("%", "@of-folders"), 3, isFolder]
  ]),
  ["data load @market --db file:@folder.json", 3, isFolder],
  ["data load @market --db file:@none/x.db", 3, missing],
  ["data load @market --db file:@block.json/x.db", 3, isFile],
  ["data load @market --db file:@garbage.csv", 2, "is no database"],
  ["data load @market --db file:", 2, "expected file: with the path of a file"],
  ["events tail --file @none.jsonl", 3, missing],
  ["events tail --file @folder.jsonl", 3, isFolder],
  ["events tail --file @days.jsonl --lines 0", 0, ""],
  ["events export --out @out.csv --file @none.jsonl", 3, missing],
  ["events export --out @out.csv --file @folder.jsonl", 3, isFolder],
  ["events export --out @out.csv --file @prices.csv", 2, "prices.csv line 1 is no event: it is no JSON object"],
  ["events export --out @folder.csv --file @log.jsonl", 3, isFolder],
  ["events export --out @block.json/x.csv --file @log.jsonl", 3, isFile],
  ["backtest @days.jsonl --out @block.json", 3, isFile]
]

describe("files that are not what they should be", () => {
  it.effect.each(told)("%s", ([command, code, says]) =>
    Effect.gen(function*() {
      for (const more of [[], ["--json"]]) {
        const ran = yield* app([...words(command), ...more])
        assert.strictEqual(ran.code, code, ran.err)
        assert.include(ran.err, says)
        if (code !== 0 && more.length > 0) assert.include(JSON.parse(ran.out).error.message, says.split(": expected")[0]!)
        if (code !== 0 && more.length === 0) assert.strictEqual(ran.out, "")
        assert.notMatch(ran.out + ran.err, /\bE(NOENT|ISDIR|NOTDIR|ACCES|PERM|EXIST)\b|FileSystem\.|SQLITE_|Encoded side|\n +at /)
      }
    }))

  it.effect("leave the results of an earlier run of the id where they are", () =>
    Effect.gen(function*() {
      const run = (more: string) => app(words(`backtest @days.jsonl --id kept --out @kept --balances @held.json${more}`))
      fs.writeFileSync(path.join(folder, "held.json"), JSON.stringify({ wallet: { USDT: "10", ETH: "1" } }))
      assert.strictEqual((yield* run("")).code, 0)
      const report = path.join(folder, "kept", "kept", "report.json")
      const before = fs.readFileSync(report, "utf8")
      for (const more of [" --data @none", " --data @of-garbage", " --config @torn.json"]) {
        assert.notStrictEqual((yield* run(more)).code, 0)
        assert.strictEqual(fs.readFileSync(report, "utf8"), before, more)
      }
    }))

  it("are told in words, whatever the system calls it", () => {
    const system = (code: string, text: string, reason: PlatformError.SystemErrorReason = "Unknown") =>
      new PlatformError.SystemError({
        reason,
        module: "FileSystem",
        method: "open",
        pathOrDescriptor: "x",
        description: `${code}: ${text}, open 'x'`,
        cause: Object.assign(new Error(`${code}: ${text}, open 'x'`), { code })
      })
    const reason = (cause: unknown) => Failure.io("file x cannot be read", cause).reason
    assert.strictEqual(reason(system("EACCES", "permission denied", "PermissionDenied")), "file x cannot be read: access is denied")
    assert.strictEqual(reason(system("ENOSPC", "no space left on device")), "file x cannot be read: there is no space left")
    assert.strictEqual(reason(system("EXDEV", "cross-device link not permitted")), "file x cannot be read: cross-device link not permitted")
    assert.strictEqual(reason(new Error("the disk is on fire")), "file x cannot be read: the disk is on fire")
    assert.strictEqual(reason("no error at all"), "file x cannot be read: no error at all")
  })
})
