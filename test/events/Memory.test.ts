import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as Memory from "../../src/events/EventLogger/Memory.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const event = (n: number): EventLogger.Event => ({
  timestamp: Timestamp.unsafe("2024-06-01T00:00:00Z") + n,
  eventType: "operation",
  component: "ExecutionInterfaceManager",
  data: { n }
})

describe("EventLogger/Memory", () => {
  it.effect.prop("holds the newest events up to its capacity, numbered from 1 without a gap", [
    FastCheck.integer({ min: 0, max: 40 }),
    FastCheck.option(FastCheck.integer({ min: 1, max: 12 }), { nil: undefined })
  ], ([count, capacity]) =>
    Effect.gen(function*() {
      const { logger, recording } = yield* Memory.make({ capacity })
      for (let n = 1; n <= count; n++) {
        yield* logger.log(event(n))
        const first = capacity === undefined ? 1 : Math.max(n - capacity + 1, 1)
        const expected = Array.from({ length: n - first + 1 }, (_, i) => ({ ...event(first + i), order: first + i }))
        assert.deepStrictEqual(yield* recording.events, expected)
        assert.strictEqual(yield* recording.dropped, first - 1)
      }
    }))

  it.effect("counts for itself, whatever number an event comes with", () =>
    Effect.gen(function*() {
      const logger = yield* EventLogger.EventLogger
      const recorded: EventLogger.Recorded = { ...event(1), order: 99 }
      yield* logger.log(recorded)
      yield* logger.flush
      const { events } = yield* Memory.Recording
      assert.deepStrictEqual((yield* events).map(({ order }) => order), [1])
    }).pipe(Effect.provide(Memory.layer())))

  it.effect("is empty for every build of the layer", () =>
    Effect.gen(function*() {
      const layer = Memory.layer()
      const once = Effect.gen(function*() {
        const logger = yield* EventLogger.EventLogger
        const { events } = yield* Memory.Recording
        yield* logger.log(event(1))
        return (yield* events).length
      })
      assert.strictEqual(yield* Effect.provide(once, layer), 1)
      assert.strictEqual(yield* Effect.provide(once, layer), 1)
    }))

  it.effect("can be no log at all", () =>
    Effect.gen(function*() {
      const logger = yield* EventLogger.EventLogger
      yield* logger.log(event(1))
      yield* logger.flush
    }).pipe(Effect.provide(Memory.layerNoop)))
})
