import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as CsvParse from "csv-parse/sync"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type * as EventLogger from "../../src/events/EventLogger.js"
import * as EventSchema from "../../src/events/EventSchema.js"
import * as Csv from "../../src/events/EventLogger/Csv.js"
import * as CsvColumns from "../../src/events/EventLogger/CsvColumns.js"
import * as Jsonl from "../../src/events/EventLogger/Jsonl.js"
import type { Json } from "../../src/domain/Json.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const event = (eventType: EventLogger.EventType, data: EventLogger.Event["data"]): EventLogger.Event => ({
  timestamp: at,
  eventType,
  component: "ExecutionInterfaceManager",
  data
})

const convert = (text: string) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const directory = yield* fileSystem.makeTempDirectoryScoped()
    const options = { from: `${directory}/events.jsonl`, to: `${directory}/events.csv` }
    yield* fileSystem.writeFileString(options.from, text)
    const count = yield* Csv.write(options)
    const csv = yield* fileSystem.readFileString(options.to)
    return { count, csv, files: yield* fileSystem.readDirectory(directory) }
  })

const logOf = (events: ReadonlyArray<EventLogger.Event>): string =>
  events.map((event, i) => Jsonl.line({ ...event, order: i + 1 })).join("")

const json: FastCheck.Arbitrary<Json> = FastCheck.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json)

describe("EventLogger/Csv", () => {
  it.scoped.prop("every event is one row that has all of its data", [
    FastCheck.array(
      FastCheck.record({
        component: FastCheck.string({ unit: "grapheme" }),
        known: FastCheck.dictionary(FastCheck.constantFrom("operation_id", "venue", "deltas", "index", "detail", "rollback_triggered"), json),
        rest: FastCheck.dictionary(FastCheck.string({ minLength: 1 }).filter((key) => !CsvColumns.columns.includes(key)), json)
      }),
      { maxLength: 10 }
    )
  ], ([made]) =>
    Effect.gen(function*() {
      const events = made.map(({ component, known, rest }) => ({ ...event("operation", { ...rest, ...known }), component }))
      const { count, csv } = yield* convert(logOf(events))
      assert.strictEqual(count, events.length)
      const [header = [], ...rows] = CsvParse.parse(csv, { relax_quotes: false })
      assert.deepStrictEqual(header, [...CsvColumns.columns])
      assert.strictEqual(rows.length, events.length)
      for (const [i, row] of rows.entries()) {
        const { component, known, rest } = made[i]!
        const cells = new Map(header.map((name: string, at: number) => [name, row[at]]))
        assert.deepStrictEqual(row.slice(0, 4), [`${i + 1}`, "2024-06-01T00:00:00Z", "operation", CsvColumns.cell(component)])
        for (const [name, value] of Object.entries(known)) {
          const text = typeof value === "string" ? value : value === null ? "" : JSON.stringify(value)
          assert.strictEqual(cells.get(name), CsvColumns.cell(text))
        }
        // Keys that stand for fields with fields of their own, as error, are not among these.
        const others = Object.fromEntries(Object.entries(rest).filter(([key]) => !["error", "slippage"].includes(key)))
        const other = cells.get("other") === "" ? {} : JSON.parse(cells.get("other")!)
        for (const [key, value] of Object.entries(others)) assert.deepStrictEqual(other[key], JSON.parse(JSON.stringify(value)))
      }
    }).pipe(Effect.provide(NodeFileSystem.layer)), { fastCheck: { numRuns: 40 } })

  it.scoped("has a column for each field", () =>
    Effect.gen(function*() {
      const { csv, files } = yield* convert(logOf([
        event("operation", { operation_id: "supply-1", venue: "aave", status: "settled", error: null, deltas: { aave: { aUSDT: "1" } } }),
        event("operation", { operation_id: "sell, \"all\"", error: { code: "EIM-005", severity: "HIGH", more: [1] }, note: "=1" }),
        event("error", { error_code: "EIM-005", operation_id: null, venue: "binance", stack_trace: ["a", "b"] }),
        event("venue_interface_unavailable", { code: "EIM-002", venue: "okx" }),
        event("accrual", { id: "funding:1", timestamp: "2024-06-02T00:00:00Z" }),
        event("component_initialization", { venue_interfaces: [], execution_mode: "backtest" })
      ]))
      const rows: ReadonlyArray<{ readonly [column: string]: string }> = CsvParse.parse(csv, { columns: true })
      const filled = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name, cell]) => cell !== "" && !["order", "timestamp", "event_type", "component"].includes(name))))
      assert.deepStrictEqual(filled, [
        { operation_id: "supply-1", venue: "aave", status: "settled", deltas: "{\"aave\":{\"aUSDT\":\"1\"}}" },
        { operation_id: "sell, \"all\"", "error.code": "EIM-005", "error.severity": "HIGH", other: "{\"error\":{\"more\":[1]},\"note\":\"=1\"}" },
        { error_code: "EIM-005", venue: "binance", stack_trace: "[\"a\",\"b\"]" },
        { code: "EIM-002", venue: "okx" },
        { id: "funding:1", "data.timestamp": "2024-06-02T00:00:00Z" },
        { venue_interfaces: "[]", execution_mode: "backtest" }
      ])
      assert.strictEqual(new Set(CsvColumns.columns).size, CsvColumns.columns.length)
      for (const fields of Object.values(EventSchema.data)) {
        for (const name of Object.keys("fields" in fields ? fields.fields : {})) {
          assert.isTrue(CsvColumns.columns.some((column) => column === name || column === `data.${name}` || column.startsWith(`${name}.`)), name)
        }
      }
      assert.deepStrictEqual([...files].sort(), ["events.csv", "events.jsonl"])
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  const starts = FastCheck.constantFrom("=", "+", "-", "@", "\t=", "\r", " =", "\n+", "\uff1d", "-1+", "+1", "-0.5", "1e5", "--1")

  it.scoped.prop("holds no formula of a foreign log, and its numbers as they are", [
    FastCheck.array(FastCheck.tuple(starts, FastCheck.constantFrom("", "1", "2.5", "cmd|' /C calc'!A0", "HYPERLINK(\"x\")", "\u001b[2J\u202e")), { minLength: 1, maxLength: 8 })
  ], ([parts]) =>
    Effect.gen(function*() {
      const texts = parts.map(([start, rest]) => start + rest)
      const foreign = texts.map((text, i) => JSON.stringify({ order: i + 1, timestamp: text, event_type: text, component: text, data: { venue: text, error: { message: text }, [text]: text } }))
      const { csv } = yield* convert(`${foreign.join("\n")}\n`)
      const rows: ReadonlyArray<{ readonly [column: string]: string }> = CsvParse.parse(csv, { columns: true })
      for (const [i, row] of rows.entries()) {
        const isNumber = texts[i]!.trim() === texts[i] && Number.isFinite(Number(texts[i])) && texts[i] !== ""
        for (const name of ["timestamp", "event_type", "component", "venue", "error.message"]) {
          const cell = row[name]!
          if (isNumber) assert.strictEqual(cell, texts[i])
          else assert.notMatch(cell, /^\s*[=+\-@\uff1d]|^[\t\r]/)
          assert.notMatch(cell, /[\u0000-\u0009\u000b-\u001f\u202e]/)
        }
        assert.isTrue(row["other"]!.startsWith("{"))
      }
    }).pipe(Effect.provide(NodeFileSystem.layer)), { fastCheck: { numRuns: 60 } })

  it.scoped("makes the same bytes of the same log, also of one longer than a read", () =>
    Effect.gen(function*() {
      const log = logOf(
        Array.from({ length: 3000 }, (_, n) =>
          event("operation", { operation_id: `op-${n}`, note: "größer, \n\"so\"" }))
      )
      const first = yield* convert(log)
      const second = yield* convert(log)
      assert.strictEqual(first.count, 3000)
      assert.strictEqual(first.csv, second.csv)
      assert.deepStrictEqual(
        CsvParse.parse(first.csv).slice(1).map((row) => row[CsvColumns.columns.indexOf("operation_id")]),
        Array.from({ length: 3000 }, (_, n) => `op-${n}`)
      )
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("refuses a line that is no event by its number, and leaves the table that was", () =>
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      const directory = yield* fileSystem.makeTempDirectoryScoped()
      const options = { from: `${directory}/events.jsonl`, to: `${directory}/events.csv` }
      yield* fileSystem.writeFileString(options.to, "before")
      for (const bad of ["{\"order\":2,", "{\"order\":2}", "[]"]) {
        yield* fileSystem.writeFileString(options.from, `${logOf([event("operation", {})])}${bad}\n`)
        const error = yield* Effect.flip(Csv.write(options))
        assert.strictEqual(error._tag, "EventError")
        assert.include(error.message, `event log ${options.from} line 2 is no event`)
        assert.strictEqual(yield* fileSystem.readFileString(options.to), "before")
        assert.deepStrictEqual([...(yield* fileSystem.readDirectory(directory))].sort(), ["events.csv", "events.jsonl"])
      }
      const missing = yield* Effect.flip(Csv.write({ ...options, from: `${directory}/none.jsonl` }))
      assert.include(missing.message, `event log ${directory}/none.jsonl cannot be read`)
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})
