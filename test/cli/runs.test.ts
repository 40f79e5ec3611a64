import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as TestClock from "effect/TestClock"
import * as ResultFiles from "../../src/cli/ResultFiles.js"
import { app, contents, directory } from "./eim.js"

const supply = (amount: string) => ({ instruction_type: "smart_contract_action", protocol: "aave", action: "supply", token: "USDT", amount })

const days = (amount: string): string => JSON.stringify({ timestamp: "2024-06-01T00:00Z", instruction_block: supply(amount) })

const names = ["events.csv", "events.jsonl", "operations.jsonl", "report.json", "value.csv"]

/** A folder with two scripts, and how they are run in it under the id `r`. */
const place = () => {
  const folder = directory({
    "one.jsonl": days("1"),
    "two.jsonl": days("2"),
    "refused.jsonl": days("1000000"),
    "held.json": { wallet: { USDT: "10", ETH: "1" } }
  })
  const out = path.join(folder, "results")
  const at = (name: string) => path.join(out, name)
  const run = (script: string, ...more: ReadonlyArray<string>) =>
    app(["backtest", path.join(folder, script), "--balances", path.join(folder, "held.json"), "--out", out, "--id", "r", ...more])
  return { folder, out, at, run }
}

const owner = (pid: number, more: { readonly [key: string]: string } = {}) => JSON.stringify({ host: os.hostname(), pid, began: "", ...more })

/** Beyond what any system gives to a process. */
const nobody = 2 ** 30

describe("runs of one id", () => {
  it.effect("do not replace a finished one, unless they are told to", () =>
    Effect.gen(function*() {
      const { at, out, run } = place()
      assert.strictEqual((yield* run("one.jsonl")).code, 0)
      const before = contents(out)
      const second = yield* run("two.jsonl", "--json")
      assert.strictEqual(second.code, 2)
      assert.include(second.err, "r holds a finished run of the id r")
      assert.include(second.err, "--force")
      assert.deepInclude(JSON.parse(second.out).error, { code: "ARGUMENTS", path: "--id", actual: "r" })
      assert.deepStrictEqual(contents(out), before)
      assert.strictEqual((yield* run("two.jsonl", "--force")).code, 0)
      assert.deepStrictEqual(fs.readdirSync(out), ["r"])
      assert.deepStrictEqual(fs.readdirSync(at("r")).sort(), names)
      assert.notStrictEqual(contents(out)["r/operations.jsonl"], before["r/operations.jsonl"])
    }))

  it.effect("are refused while another one is in progress, with --force too", () =>
    Effect.gen(function*() {
      const { out, run } = place()
      const ran = yield* Effect.all([run("one.jsonl"), run("two.jsonl"), run("one.jsonl", "--force")], { concurrency: "unbounded" })
      assert.deepStrictEqual(ran.map(({ code }) => code).sort(), [0, 2, 2])
      for (const { code, err } of ran) if (code === 2) assert.match(err, /is in progress: process \d+ writes it|begins at this moment|holds a finished run/)
      assert.deepStrictEqual(fs.readdirSync(out), ["r"])
    }))

  it.effect("tell a run in progress from one whose process has ended", () =>
    Effect.gen(function*() {
      const { at, out, run } = place()
      fs.mkdirSync(out)
      const lock = at("r.lock")
      const refused: ReadonlyArray<string> = [owner(process.pid), owner(nobody, { host: "elsewhere" }), "a file of somebody", ""]
      for (const held of refused) {
        fs.writeFileSync(lock, held)
        const ran = yield* run("one.jsonl", "--force")
        assert.strictEqual(ran.code, 2, held)
        assert.include(ran.err, lock)
        assert.strictEqual(fs.readFileSync(lock, "utf8"), held)
      }
      const taken: ReadonlyArray<string> = [owner(nobody), ...(fs.existsSync("/proc/self/stat") ? [owner(process.pid, { began: "1 other" })] : [])]
      for (const held of taken) {
        fs.writeFileSync(lock, held)
        const ran = yield* run("one.jsonl", "--force")
        assert.strictEqual(ran.code, 0, ran.err)
        assert.deepStrictEqual(fs.readdirSync(out), ["r"])
      }
      fs.writeFileSync(lock, "")
      fs.utimesSync(lock, 1, 1)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* run("one.jsonl", "--force")).code, 0)
    }))

  it.effect("begin anew where one was not finished, and say so", () =>
    Effect.gen(function*() {
      const { at, out, run } = place()
      fs.mkdirSync(at("r.part"), { recursive: true })
      fs.writeFileSync(at("r.part/events.jsonl"), "{\"torn")
      fs.writeFileSync(at("r.part/report.json.0000abcd.part"), "{")
      const ran = yield* run("one.jsonl")
      assert.strictEqual(ran.code, 0, ran.err)
      assert.include(ran.err, `${at("r.part")}, which was removed`)
      assert.deepStrictEqual(fs.readdirSync(out), ["r"])
      assert.deepStrictEqual(fs.readdirSync(at("r")).sort(), names)
    }))

  it.effect("go on after one that was ended between two names", () =>
    Effect.gen(function*() {
      const { at, out, run } = place()
      assert.strictEqual((yield* run("one.jsonl")).code, 0)
      const before = contents(at("r"))
      fs.renameSync(at("r"), at("r.old"))
      assert.strictEqual((yield* run("two.jsonl")).code, 2)
      assert.deepStrictEqual(contents(at("r")), before)
      fs.cpSync(at("r"), at("r.old"), { recursive: true })
      assert.strictEqual((yield* run("two.jsonl")).code, 2)
      assert.deepStrictEqual(fs.readdirSync(out), ["r"])
    }))

  it.effect("touch nothing that is no run, with --force neither", () =>
    Effect.gen(function*() {
      const { at, folder, out, run } = place()
      fs.mkdirSync(path.join(folder, "mine/deep"), { recursive: true })
      fs.writeFileSync(path.join(folder, "mine/report.json"), "mine")
      fs.mkdirSync(out)
      const there: ReadonlyArray<readonly [string, () => void]> = [
        ["r", () => fs.symlinkSync(path.join(folder, "mine"), at("r"))],
        ["r", () => fs.symlinkSync(path.join(folder, "nowhere"), at("r"))],
        ["r", () => fs.cpSync(path.join(folder, "mine"), at("r"), { recursive: true })],
        ["r", () => fs.writeFileSync(at("r"), "mine")],
        ["r.part", () => fs.symlinkSync(path.join(folder, "mine"), at("r.part"))],
        ["r.part", () => fs.cpSync(path.join(folder, "mine"), at("r.part"), { recursive: true })]
      ]
      for (const [name, make] of there) {
        make()
        const ran = yield* run("one.jsonl", "--force")
        assert.strictEqual(ran.code, 2, ran.err)
        assert.include(ran.err, "is no run")
        assert.deepStrictEqual(fs.readdirSync(out), [name])
        assert.deepStrictEqual(contents(path.join(folder, "mine")), { "report.json": "mine" })
        fs.rmSync(at(name), { recursive: true })
      }
    }))

  it.effect("leave nothing where they cannot begin", () =>
    Effect.gen(function*() {
      const { folder, out, run } = place()
      fs.writeFileSync(path.join(folder, "held.json"), JSON.stringify({ wallet: { USDT: "1" }, kraken: { USDT: "1" } }))
      assert.strictEqual((yield* run("one.jsonl")).code, 2)
      assert.deepStrictEqual(fs.existsSync(out) ? fs.readdirSync(out) : [], [])
    }))

  it.effect("are finished where an instruction was refused: the report says so", () =>
    Effect.gen(function*() {
      const { at, out, run } = place()
      assert.strictEqual((yield* run("refused.jsonl")).code, 1)
      assert.deepStrictEqual(fs.readdirSync(out), ["r"])
      assert.isNotNull(JSON.parse(fs.readFileSync(at("r/report.json"), "utf8")).error)
    }))
})

describe("the id of a run", () => {
  it("names a directory of its own inside of the results", () => {
    const text = FastCheck.oneof(
      FastCheck.fullUnicodeString({ maxLength: 10 }),
      FastCheck.array(FastCheck.constantFrom("..", ".", "/", "\\", "a", "A", "-", "_", ".part", ".lock", ".old", "\0", "~", "%2e"), { maxLength: 6 })
        .map((parts) => parts.join(""))
    )
    const seen = { taken: 0, refused: 0 }
    FastCheck.assert(
      FastCheck.property(text, (id) => {
        if (Either.isLeft(ResultFiles.checkId(id))) return void seen.refused++
        seen.taken++
        assert.strictEqual(path.dirname(path.resolve("/results", id)), "/results")
        assert.notMatch(id, /\.(part|lock|old)$/i)
      }),
      { numRuns: 2000 }
    )
    assert.isAbove(seen.taken, 0)
    assert.isAbove(seen.refused, 0)
    for (const id of ["a", "2024-06.v1_b", "x".repeat(128)]) assert.isTrue(Either.isRight(ResultFiles.checkId(id)), id)
    for (const id of ["", ".", "..", "../up", "a/b", "-a", ".hidden", "a b", "a.part", "a.LOCK", "a.old", "x".repeat(129), "é", "a\n"]) {
      assert.isTrue(Either.isLeft(ResultFiles.checkId(id)), id)
    }
  })
})
