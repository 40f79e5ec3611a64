import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as HealthManager from "../../src/health/HealthManager.js"
import * as Journal from "../../src/journal/Journal.js"
import { ExecutionInterfaceManager } from "../../src/manager/ExecutionInterfaceManager.js"
import { desk, manager, ports, rejected, sale, settled } from "./fixtures.js"

interface Log {
  readonly events: Array<EventLogger.Event>
  /** Answers whether the next event fits. */
  takes: (event: EventLogger.Event) => boolean
}

const log = (immediate: boolean): Log & { readonly layer: Layer.Layer<EventLogger.EventLogger> } => {
  const state: Log = { events: [], takes: () => true }
  const layer = Layer.succeed(EventLogger.EventLogger, {
    log: (event) =>
      Effect.suspend(() => {
        if (!state.takes(event)) return Effect.fail(new EventLogger.EventError({ message: "no space left on device" }))
        state.events.push(event)
        return Effect.void
      }),
    flush: Effect.void,
    immediate
  })
  return Object.assign(state, { layer })
}

const typesOf = (state: Log) => state.events.map(({ eventType }) => eventType)

describe("a log that is durable at once", () => {
  it.effect("has what is about to be sent before it is", () => {
    const behaviour = desk()
    const state = log(true)
    behaviour.submits.push((intent) =>
      Effect.sync(() => {
        assert.deepStrictEqual(state.events.at(-1), {
          timestamp: 1000,
          eventType: "intent",
          component: "ExecutionInterfaceManager",
          data: { block_id: "entry", index: 0, operation_id: "a", instruction_type: "cex_trade", venue: "desk", capability: "trade" }
        })
        return settled(intent)
      }))
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const block = { block_id: "entry", instructions: [sale("a")] }
      yield* eim.execute(1000, block)
      assert.deepStrictEqual(typesOf(state), ["component_initialization", "intent", "operation", "state_update"])
      // What is only replayed is not announced.
      yield* eim.execute(1000, block)
      assert.deepStrictEqual(typesOf(state).slice(4), ["operation", "state_update"])
    }).pipe(Effect.provide(manager(behaviour).pipe(Layer.provide(Layer.merge(ports, state.layer)))))
  })

  it.effect("that takes nothing lets nothing be sent, and the block may be sent again once it does", () => {
    const behaviour = desk()
    const state = log(true)
    state.takes = () => false
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const health = yield* HealthManager.HealthManager
      const signal = yield* Effect.fork(health.critical)
      const block = { block_id: "entry", instructions: [sale("a"), sale("b")] }
      const report = yield* eim.execute(1000, block)
      assert.strictEqual(report.error?.code, "EIM-012")
      assert.include(report.error?.message, "no space left on device")
      assert.deepStrictEqual(report.operations.map(({ status }) => status), ["not_sent", "skipped"])
      assert.deepStrictEqual(behaviour.sent, [])
      assert.strictEqual((yield* Fiber.join(signal)).code, "EIM-012")
      assert.deepStrictEqual(yield* (yield* Journal.Journal).open, [])
      state.takes = () => true
      const again = yield* eim.execute(2000, block)
      assert.deepStrictEqual(again.operations.map(({ status }) => status), ["settled", "settled"])
      assert.deepStrictEqual(behaviour.sent, ["a", "b"])
    }).pipe(Effect.provide(manager(behaviour).pipe(Layer.provideMerge(Layer.provideMerge(state.layer, ports)))))
  })

  it.effect("that is full after the execution makes the report degraded, and stops the block before the next", () => {
    const behaviour = desk()
    const state = log(true)
    state.takes = (event) => event.eventType !== "operation" && event.data["operation_id"] !== "b"
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const report = yield* eim.execute(1000, { instructions: [sale("a"), sale("b")] })
      assert.isTrue(report.degraded)
      assert.deepStrictEqual(report.operations.map(({ status }) => status), ["settled", "not_sent"])
      assert.isDefined(report.deltas["desk"])
      assert.deepStrictEqual(behaviour.sent, ["a"])
    }).pipe(Effect.provide(manager(behaviour).pipe(Layer.provide(Layer.merge(ports, state.layer)))))
  })

  it.effect.prop("announces whatever is sent, and nothing is lost without the report saying so, wherever the disk is full", [
    FastCheck.array(FastCheck.boolean(), { minLength: 30, maxLength: 30 }),
    FastCheck.array(FastCheck.boolean(), { minLength: 1, maxLength: 4 })
  ], ([full, succeeds]) => {
    const behaviour = desk()
    const state = log(true)
    let n = 0
    let refused = 0
    state.takes = () => {
      const takes = full[n++ % full.length] === true
      if (!takes) refused++
      return takes
    }
    behaviour.submits.push(...succeeds.map((one) => (intent: any) => (one ? Effect.succeed(settled(intent)) : Effect.fail(rejected))))
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const before = refused
      const report = yield* eim.execute(1000, { instructions: succeeds.map((_, i) => sale(`op-${i}`)) })
      const announced = state.events.filter(({ eventType }) => eventType === "intent").map(({ data }) => data["operation_id"])
      assert.deepStrictEqual(announced, [...behaviour.sent])
      const intentRefused = report.error?.code === "EIM-012" ? 1 : 0
      assert.strictEqual(report.degraded, refused - before > intentRefused)
      for (const operation of report.operations) {
        const sent = behaviour.sent.includes(operation.operationId)
        assert.strictEqual(sent, operation.status === "settled" || operation.status === "rejected")
      }
    }).pipe(Effect.provide(manager(behaviour).pipe(Layer.provide(Layer.merge(ports, state.layer)))))
  })
})

describe("a log that is written in blocks", () => {
  it.effect("holds no intents", () => {
    const state = log(false)
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      yield* eim.execute(1000, sale("a"))
      assert.deepStrictEqual(typesOf(state), ["component_initialization", "operation", "state_update"])
    }).pipe(Effect.provide(manager(desk()).pipe(Layer.provide(Layer.merge(ports, state.layer)))))
  })
})
