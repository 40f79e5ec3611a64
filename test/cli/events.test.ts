import * as fs from "node:fs"
import * as path from "node:path"
import { spawn } from "node:child_process"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as CsvParse from "csv-parse/sync"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as EimError from "../../src/domain/EimError.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import * as CsvColumns from "../../src/events/EventLogger/CsvColumns.js"
import * as Jsonl from "../../src/events/EventLogger/Jsonl.js"
import * as EventsCommand from "../../src/cli/EventsCommand.js"
import * as Failure from "../../src/cli/Failure.js"
import * as Style from "../../src/cli/Style.js"
import { app, build, directory, main } from "./eim.js"

const start = Timestamp.unsafe("2024-06-01T12:00:00Z")

/** Event `n` happens `n` days after the first. */
const line = (n: number): string =>
  Jsonl.line({
    order: n,
    timestamp: start + n * Timestamp.day,
    eventType: n % 2 === 0 ? "operation" : "error",
    component: "ExecutionInterfaceManager",
    data: n % 2 === 0 ? { operation_id: `op-${n}`, venue: "okx", status: "settled" } : { error_code: "EIM-013", venue: "okx" }
  })

const lines = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, i) => line(from + i)).join("")

/** Three files of one log: events 1 to 4, 5 to 8, 9 to 12. */
const log = (): { readonly folder: string; readonly file: string } => {
  const folder = directory({
    "events.2024-06-05.jsonl": lines(1, 4),
    "events.2024-06-09.jsonl": lines(5, 8),
    "events.jsonl": lines(9, 12),
    "others.jsonl": line(99)
  })
  return { folder, file: path.join(folder, "events.jsonl") }
}

const orders = (csv: string): ReadonlyArray<string> => CsvParse.parse(csv).slice(1).map((row: ReadonlyArray<string>) => row[0]!)

describe("eim events export", () => {
  it.effect("writes all files of a log as one table", () =>
    Effect.gen(function*() {
      const { file, folder } = log()
      const out = path.join(folder, "events.csv")
      const ran = yield* app(["events", "export", "--file", file, "--out", out])
      assert.strictEqual(ran.code, 0, ran.err)
      assert.include(ran.out, "12 events of 3 files")
      const csv = fs.readFileSync(out, "utf8")
      assert.strictEqual(csv.split("\n")[0], CsvColumns.columns.join(","))
      assert.deepStrictEqual(orders(csv), Array.from({ length: 12 }, (_, i) => `${i + 1}`))
    }))

  it.effect.each([
    ["2024-06-04T12:00Z", "2024-06-10T12:00Z", 3, 9],
    ["2024-06-04T12:00:00.001Z", "2024-06-10T11:59:59.999Z", 4, 8],
    ["2024-06-10T14:00+02:00", undefined, 9, 12],
    [undefined, "2024-06-02T12:00Z", 1, 1]
  ] as const)("from %s to %s, both included", ([from, to, first, last]) =>
    Effect.gen(function*() {
      const { file, folder } = log()
      const out = path.join(folder, "part.csv")
      const ran = yield* app([
        "events", "export", "--file", file, "--out", out, "--json",
        ...(from === undefined ? [] : ["--from", from]),
        ...(to === undefined ? [] : ["--to", to])
      ])
      assert.strictEqual(JSON.parse(ran.out).events, last - first + 1)
      assert.deepStrictEqual(orders(fs.readFileSync(out, "utf8")), Array.from({ length: last - first + 1 }, (_, i) => `${first + i}`))
    }))

  it.effect("leaves out the line that is being written, and refuses one that is broken", () =>
    Effect.gen(function*() {
      const { file, folder } = log()
      const out = path.join(folder, "events.csv")
      fs.appendFileSync(file, line(13).slice(0, 40))
      assert.strictEqual((yield* app(["events", "export", "--file", file, "--out", out])).code, 0)
      assert.lengthOf(orders(fs.readFileSync(out, "utf8")), 12)
      fs.appendFileSync(file, `\n${line(14)}`)
      const ran = yield* app(["events", "export", "--file", file, "--out", out])
      assert.strictEqual(ran.code, 2)
      assert.include(ran.err, "line 5 is no event: it is no JSON object")
      assert.lengthOf(orders(fs.readFileSync(out, "utf8")), 12, "the table is as it was")
    }))

  it.effect("says what is wrong with arguments and files", () =>
    Effect.gen(function*() {
      const { file, folder } = log()
      const out = path.join(folder, "events.csv")
      const swapped = yield* app(["events", "export", "--file", file, "--out", out, "--from", "2024-06-02T00:00Z", "--to", "2024-06-01T00:00Z"])
      assert.strictEqual(swapped.code, 2)
      assert.include(swapped.err, "--from")
      assert.strictEqual((yield* app(["events", "export", "--file", file])).code, 2)
      const missing = yield* app(["events", "export", "--file", path.join(folder, "no.jsonl"), "--out", out])
      assert.strictEqual(missing.code, 3)
      assert.include(missing.err, "no.jsonl")
      assert.isFalse(fs.existsSync(out))
      assert.strictEqual((yield* app(["events", "export", "--file", file, "--out", path.join(folder, "made", "x.csv")])).code, 0)
      assert.isTrue(fs.existsSync(path.join(folder, "made", "x.csv")))
    }))

  it.effect("does not write the table over the log", () =>
    Effect.gen(function*() {
      const { file, folder } = log()
      const before = fs.readFileSync(file, "utf8")
      fs.symlinkSync(file, path.join(folder, "link.csv"))
      for (const out of [file, path.join(folder, ".", "events.2024-06-05.jsonl"), path.join(folder, "link.csv")]) {
        const ran = yield* app(["events", "export", "--file", file, "--out", out])
        assert.strictEqual(ran.code, 2, out)
        assert.include(ran.err, "--out: expected a file that is not of the log")
      }
      assert.strictEqual(fs.readFileSync(file, "utf8"), before)
    }))
})

describe("eim events tail", () => {
  it.effect("shows the newest events, over as many files as it takes", () =>
    Effect.gen(function*() {
      const { file } = log()
      const all = (yield* app(["events", "tail", "--file", file, "--json"])).out
      assert.strictEqual(all, lines(3, 12))
      assert.strictEqual((yield* app(["events", "tail", "--file", file, "--json", "--lines", "1"])).out, line(12))
      assert.strictEqual((yield* app(["events", "tail", "--file", file, "--json", "--lines", "100"])).out, lines(1, 12))
      assert.strictEqual((yield* app(["events", "tail", "--file", file, "--lines", "0"])).out, "")
      assert.strictEqual(
        (yield* app(["events", "tail", "--file", file, "--lines", "2"])).out,
        "    11  2024-06-12T12:00:00Z  error  EIM-013  okx\n    12  2024-06-13T12:00:00Z  operation  settled  okx  op-12\n"
      )
      assert.strictEqual((yield* app(["events", "tail", "--file", file, "--lines", "many"])).code, 2)
      assert.strictEqual((yield* app(["events", "tail", "--file", `${file}.no`])).code, 3)
    }))

  it("shows what is no event as it is, and nothing that a terminal would obey", () => {
    assert.strictEqual(EventsCommand.lineOf(Style.plain, "{\"order\":"), "{\"order\":")
    assert.strictEqual(EventsCommand.lineOf(Style.plain, "\u001b[2Jä\u0007\u009b"), "\\u001b[2Jä\\u0007\\u009b")
    const event = Jsonl.line({ order: 1, timestamp: start, eventType: "error", component: "x", data: { error_message: "a\u001b[2J" } })
    assert.include(EventsCommand.lineOf(Style.plain, event.trimEnd()), "a\\u001b[2J")
  })

  it.effect("tells of lines that are no events, and with --json leaves them out", () =>
    Effect.gen(function*() {
      const file = path.join(directory({ "events.jsonl": `${line(1)}garbage\n${line(2)}{"order": 3}\n` }), "events.jsonl")
      const ran = yield* app(["events", "tail", "--file", file, "--json"])
      assert.deepStrictEqual([ran.code, ran.out], [0, line(1) + line(2)])
      assert.include(ran.err, "2 lines of ")
      const people = yield* app(["events", "tail", "--file", file])
      assert.lengthOf(people.out.trimEnd().split("\n"), 4)
      assert.include(people.err, "are no events")
    }))

  it.effect("refuses what is no event log, and says when there is no event", () =>
    Effect.gen(function*() {
      const folder = directory({ "prices.csv": "timestamp,price\n2024,1\n", "empty.jsonl": "", "begun.jsonl": line(1).slice(0, 20) })
      const other = yield* app(["events", "tail", "--file", path.join(folder, "prices.csv"), "--json"])
      assert.strictEqual(other.code, 2)
      assert.include(other.err, "is no event log")
      assert.deepInclude(JSON.parse(other.out).error, { code: "INPUT", actual: "2024,1" })
      assert.lengthOf(other.out.trimEnd().split("\n"), 1)
      for (const name of ["empty.jsonl", "begun.jsonl"]) {
        const ran = yield* app(["events", "tail", "--file", path.join(folder, name)])
        assert.deepStrictEqual([ran.code, ran.out], [0, ""])
        assert.include(ran.err, "holds no event")
      }
    }))

  it.effect("reads a last line however long it is", () =>
    Effect.gen(function*() {
      const long = Jsonl.line({ order: 1, timestamp: start, eventType: "operation", component: "x", data: { note: "ä".repeat(200_000) } })
      const file = path.join(directory({ "events.jsonl": long + line(2) }), "events.jsonl")
      assert.strictEqual((yield* app(["events", "tail", "--file", file, "--json"])).out, long + line(2))
      assert.strictEqual((yield* app(["events", "tail", "--file", file, "--json", "--lines", "1"])).out, line(2))
    }))
})

describe("eim events tail --follow", () => {
  beforeAll(build, 240_000)

  it("shows every event once, also over the beginning of a day, until Ctrl-C", async () => {
    const { file, folder } = log()
    const child = spawn(process.execPath, [main, "events", "tail", "--file", file, "--follow", "--json", "--lines", "1"], { cwd: folder })
    let out = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
    const seen = async (text: string) => {
      const shown = () => out === text
      for (let i = 0; i < 200 && !shown(); i++) await new Promise((resolve) => setTimeout(resolve, 50))
      assert.strictEqual(out, text)
    }
    await seen(line(12))
    fs.appendFileSync(file, line(13) + line(14).slice(0, 30))
    await seen(lines(12, 13))
    // The end of the old file and the beginning of the new one come between two looks.
    fs.appendFileSync(file, line(14).slice(30) + line(15))
    fs.renameSync(file, path.join(folder, "events.2024-06-16.jsonl"))
    fs.writeFileSync(file, line(16))
    await seen(lines(12, 16))
    fs.appendFileSync(file, line(17))
    await seen(lines(12, 17))
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
    child.kill("SIGINT")
    assert.strictEqual(await ended, 130)
  }, 60_000)

  it.effect("waits for a log that is not there yet", () =>
    Effect.gen(function*() {
      const file = path.join(directory({}), "events.jsonl")
      const fiber = yield* Effect.fork(app(["events", "tail", "--file", file, "--follow"]))
      yield* TestClock.adjust("1 second")
      assert.isNull(fiber.unsafePoll())
      yield* Fiber.interrupt(fiber)
    }))
})

describe("the exit status", () => {
  const critical = EimError.info(new EimError.OutcomeUnknown({ reason: "op-1 was sent" }))
  const high = EimError.info(new EimError.VenueRejected({ reason: "the market is closed" }))

  it("is one of its own for a CRITICAL error, which supervisors are told not to restart", () => {
    assert.strictEqual(Failure.exit.critical, 78)
    for (const liquidated of [false, true]) {
      assert.strictEqual(Failure.codeOfOutcome({ error: critical, complete: false, liquidated }), 78)
      assert.strictEqual(Failure.codeOfOutcome({ error: high, complete: false, liquidated }), 1)
      assert.strictEqual(Failure.codeOfOutcome({ error: undefined, complete: false, liquidated }), 1)
      assert.strictEqual(Failure.codeOfOutcome({ error: undefined, complete: true, liquidated }), liquidated ? 4 : 0)
    }
    assert.strictEqual(Failure.codeOf(new Failure.Failure({ kind: "input", reason: "x", resolution: "y", error: critical })), 78)
    assert.strictEqual(Failure.codeOf(new Failure.Failure({ kind: "input", reason: "x", resolution: "y", error: high })), 2)
    assert.strictEqual(new Set(Object.values(Failure.exit)).size, Object.values(Failure.exit).length)
  })
})
