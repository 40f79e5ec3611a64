import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as CsvParse from "csv-parse/sync"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type * as EventLogger from "../../src/events/EventLogger.js"
import * as Csv from "../../src/events/EventLogger/Csv.js"
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
  it.scoped.prop("every event is one row that reads back to it", [
    FastCheck.array(
      FastCheck.record({
        component: FastCheck.string({ unit: "grapheme" }),
        id: FastCheck.option(FastCheck.string({ unit: "grapheme" }), { nil: undefined }),
        rest: FastCheck.dictionary(FastCheck.string(), json)
      }),
      { maxLength: 10 }
    )
  ], ([made]) =>
    Effect.gen(function*() {
      const events = made.map(({ component, id, rest }) => ({
        ...event("operation", { ...rest, ...(id === undefined ? {} : { operation_id: id }) }),
        component
      }))
      const { count, csv } = yield* convert(logOf(events))
      assert.strictEqual(count, events.length)
      const [header, ...rows] = CsvParse.parse(csv, { relax_quotes: false })
      assert.deepStrictEqual(header, [...Csv.columns])
      assert.strictEqual(rows.length, events.length)
      for (const [i, row] of rows.entries()) {
        const { component, data } = events[i]!
        const id = data["operation_id"]
        assert.deepStrictEqual(row.slice(0, 5), [
          `${i + 1}`,
          "2024-06-01T00:00:00Z",
          "operation",
          component,
          typeof id === "string" ? id : ""
        ])
        assert.deepStrictEqual(JSON.parse(row[8]!), JSON.parse(JSON.stringify(data)))
      }
    }).pipe(Effect.provide(NodeFileSystem.layer)), { fastCheck: { numRuns: 40 } })

  it.scoped("takes the columns from where the events have them", () =>
    Effect.gen(function*() {
      const { csv, files } = yield* convert(logOf([
        event("operation", { operation_id: "supply-1", venue: "aave", status: "settled", error: null }),
        event("operation", {
          operation_id: "sell, \"all\"",
          venue: "binance",
          status: "rejected",
          error: { code: "EIM-005", severity: "HIGH" }
        }),
        event("error", { error_code: "EIM-005", operation_id: null, venue: "binance" }),
        event("venue_interface_unavailable", { code: "EIM-002", venue: "okx" }),
        event("accrual", { id: "funding:1", venue: "binance" })
      ]))
      assert.deepStrictEqual(csv.split("\n"), [
        "order,timestamp,event_type,component,operation_id,venue,status,error_code,data",
        `1,2024-06-01T00:00:00Z,operation,ExecutionInterfaceManager,supply-1,aave,settled,,"{""operation_id"":""supply-1"",""venue"":""aave"",""status"":""settled"",""error"":null}"`,
        `2,2024-06-01T00:00:00Z,operation,ExecutionInterfaceManager,"sell, ""all""",binance,rejected,EIM-005,"{""operation_id"":""sell, \\""all\\"""",""venue"":""binance"",""status"":""rejected"",""error"":{""code"":""EIM-005"",""severity"":""HIGH""}}"`,
        `3,2024-06-01T00:00:00Z,error,ExecutionInterfaceManager,,binance,,EIM-005,"{""error_code"":""EIM-005"",""operation_id"":null,""venue"":""binance""}"`,
        `4,2024-06-01T00:00:00Z,venue_interface_unavailable,ExecutionInterfaceManager,,okx,,EIM-002,"{""code"":""EIM-002"",""venue"":""okx""}"`,
        `5,2024-06-01T00:00:00Z,accrual,ExecutionInterfaceManager,,binance,,,"{""id"":""funding:1"",""venue"":""binance""}"`,
        ""
      ])
      assert.deepStrictEqual([...files].sort(), ["events.csv", "events.jsonl"])
    }).pipe(Effect.provide(NodeFileSystem.layer)))

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
        CsvParse.parse(first.csv).slice(1).map((row) => row[4]),
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
