import * as fs from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import { render } from "../../.config/events.js"
import * as Embedded from "../../src/data/Embedded.js"
import * as Amount from "../../src/domain/Amount.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as Jsonl from "../../src/events/EventLogger/Jsonl.js"
import * as EventsMemory from "../../src/events/EventLogger/Memory.js"
import * as EventSchema from "../../src/events/EventSchema.js"
import { ExecutionInterfaceManager } from "../../src/manager/ExecutionInterfaceManager.js"
import * as Backtest from "../../src/modes/Backtest.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import { desk, manager, notSent, ports, rejected, sale, settled, unknown } from "../manager/fixtures.js"

const check = (events: ReadonlyArray<EventLogger.Recorded>): void => {
  for (const event of events) {
    const line = Jsonl.line(event)
    const decoded = EventSchema.decode(line)
    assert.isTrue(Either.isRight(decoded), `${JSON.stringify(Either.isLeft(decoded) ? decoded.left : "")} in ${line}`)
    if (Either.isRight(decoded)) assert.deepStrictEqual(JSON.parse(JSON.stringify(decoded.right)), JSON.parse(line))
  }
}

const types = (events: ReadonlyArray<EventLogger.Recorded>) => [...new Set(events.map(({ eventType }) => eventType))].sort()

const recorded = Effect.flatMap(EventsMemory.Recording, ({ events }) => events)

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const events = EventsMemory.layer()

const simulated = Backtest.layer({
  at,
  events,
  balances: {
    wallet: { USDT: Amount.unsafe("5000"), ETH: Amount.unsafe("5") },
    binance: { USDT: Amount.unsafe("2000") },
    binance_perp: { USDT: Amount.unsafe("2000") }
  }
}).pipe(Layer.provideMerge(events), Layer.provide(Embedded.layer()), Layer.provide(NodeContext.layer))

describe("EventSchema", () => {
  it.effect("reads every event of a manager whose operations end in every way", () => {
    const behaviour = desk()
    behaviour.submits.push(
      (intent) => Effect.succeed(settled(intent)),
      () => Effect.fail(rejected),
      (intent) => Effect.fail(unknown(intent)),
      (intent) => Effect.succeed(settled(intent, 1n)),
      () => Effect.fail(notSent("never"))
    )
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const registry = yield* VenueRegistry.VenueRegistry
      yield* Effect.scoped(Effect.ignore(registry.contribute({ id: "okx", family: "cex", make: Effect.fail("refused") })))
      yield* eim.execute(1, { block_id: "entry", instructions: [sale("a"), sale("b"), sale("c")] })
      yield* eim.execute(2, sale("d"))
      yield* eim.execute(2, sale("d"))
      yield* Effect.ignore(eim.resolve("d", 2))
      yield* eim.execute(3, sale("e"))
      yield* eim.execute(4, sale("f"))
      yield* eim.execute(5, sale("h", "1", { estimated_deltas: { desk: { ETH: "-1", USDT: "2000" } } }))
      yield* Effect.ignore(eim.execute(6, { ...sale("g"), venue: "nowhere" }))
      yield* Effect.ignore(eim.execute(6, { nonsense: true } as any))
      yield* eim.updateState(7, "manual")
      const events = yield* recorded
      check(events)
      assert.deepStrictEqual(types(events), [
        "component_initialization",
        "error",
        "execution_delta_aggregation_failed",
        "instruction_routing_failed",
        "operation",
        "state_update",
        "venue_interface_unavailable"
      ])
    }).pipe(Effect.provide(manager(behaviour).pipe(Layer.provideMerge(Layer.provideMerge(EventsMemory.layer(), ports)))))
  })

  it.effect.prop("reads every event of a backtest, whatever is asked of it", [
    FastCheck.array(
      FastCheck.record({
        hours: FastCheck.integer({ min: 0, max: 30 }),
        instruction: FastCheck.constantFrom<any>(
          { instruction_type: "smart_contract_action", protocol: "aave", action: "supply", token: "USDT", amount: "1000" },
          { instruction_type: "smart_contract_action", protocol: "aave", action: "borrow", token: "ETH", amount: "5000" },
          { instruction_type: "smart_contract_action", protocol: "aave", action: "withdraw", token: "USDT", amount: "max" },
          { instruction_type: "wallet_transfer", from_venue: "wallet", to_venue: "binance", token: "USDT", amount: "500" },
          { instruction_type: "wallet_transfer", from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "100" },
          { instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "0.1" },
          { instruction_type: "cex_trade", venue: "binance", trade_type: "perp", side: "sell", symbol: "ETHUSDT-PERP", amount: "0.1" },
          { instruction_type: "cex_trade", venue: "kraken", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "0.1" }
        )
      }),
      { minLength: 1, maxLength: 12 }
    )
  ], ([steps]) =>
    Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      let now = at
      for (const { hours, instruction } of steps) {
        now += hours * Timestamp.hour
        yield* Effect.either(eim.execute(now, instruction))
      }
      check(yield* recorded)
    }).pipe(
      Effect.provide(simulated)
    ), { fastCheck: { numRuns: 30 } })

  it("refuses what is no event, and names the field", () => {
    const good = JSON.parse(Jsonl.line({
      order: 1,
      timestamp: at,
      eventType: "state_update",
      component: "x",
      data: { trigger_source: "manual", instructions_routed: 1, instructions_failed: 0, current_instruction_type: null, processing_time_ms: 0 }
    }))
    assert.isTrue(Either.isRight(EventSchema.decode(JSON.stringify(good))))
    const fault = (change: object) => {
      const decoded = EventSchema.decode(JSON.stringify({ ...good, ...change }))
      return Either.isLeft(decoded) ? decoded.left.path : "none"
    }
    assert.strictEqual(fault({ order: 0 }), "order")
    assert.strictEqual(fault({ timestamp: "2024-06-01" }), "timestamp")
    assert.strictEqual(fault({ event_type: "other" }), "event_type")
    assert.strictEqual(fault({ more: 1 }), "more")
    assert.strictEqual(fault({ data: { ...good.data, instructions_routed: -1 } }), "data.instructions_routed")
    assert.strictEqual(fault({ data: { ...good.data, more: 1 } }), "data.more")
    for (const text of ["", "[]", "null", "{", "{\"order\":1}"]) assert.isTrue(Either.isLeft(EventSchema.decode(text)), text)
  })
})

describe("docs/events.md", () => {
  const page = fs.readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8")

  it("is what the schemas say, with every type and every link", () => {
    assert.strictEqual(page, render(EventSchema.data))
    for (const type of EventSchema.types) assert.include(page, `\n## ${type}\n`)
    for (const [, type] of page.matchAll(/\[([A-Z]\w+)\]\(#type-/g)) assert.include(page, `\n## Type ${type}\n`)
    assert.notMatch(page, /undefined|TypeLiteral|Keyword|Transformation|Declaration/)
  })
})
