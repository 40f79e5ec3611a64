import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber } from "effect"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as HealthManager from "../../src/health/HealthManager.js"
import * as Journal from "../../src/journal/Journal.js"
import * as JournalMemory from "../../src/journal/Journal/Memory.js"
import * as ExecutionInterfaceManager from "../../src/manager/ExecutionInterfaceManager.js"
import * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import { bare, recording, registryOf, swap } from "./parts.js"

const pause = (n: number): Effect.Effect<void> =>
  Effect.whileLoop({ while: () => n-- > 0, body: () => Effect.yieldNow(), step: () => undefined })

const ids = ["a", "b", "c"]

const group = {
  blockId: "g",
  executionMode: "atomic" as const,
  instructions: ids.map((operationId) => ({ ...swap, operationId }))
}

describe("an atomic group", () => {
  it.effect("that is interrupted anywhere is sent whole or not at all, after all its intents and before all its outcomes", () =>
    Effect.gen(function*() {
      const ends = new Set<string>()
      for (let after = 0; after < 80; after++) {
        const trace: Array<string> = []
        const late = <A, E>(name: string, act: Effect.Effect<A, E>): Effect.Effect<A, E> =>
          Effect.zipRight(pause(2), Effect.zipRight(Effect.sync(() => void trace.push(name)), act))
        const kept = yield* JournalMemory.make
        const priced: Venue.Venue = {
          ...bare("pool"),
          swap: {
            ...recording("swap", []),
            arrival: () => late("arrival", Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero }))
          }
        }
        const wallet: Venue.Venue = {
          ...bare("wallet"),
          atomic: Venue.capability<any, null>({
            prepare: () => late("prepare", Effect.succeed({ wire: { operations: ids }, payload: null })),
            submit: (_, { at }) => late("submit", Effect.succeed(new Outcome.Settled({ receipt: Outcome.emptyReceipt(at) }))),
            resolve: () => Effect.die("not asked")
          })
        }
        const context = Context.empty().pipe(
          Context.add(VenueRegistry.VenueRegistry, registryOf({ pool: priced, wallet })),
          Context.add(Journal.Journal, {
            ...kept,
            find: (id) => late("find", kept.find(id)),
            intent: (intent) => late("intent", kept.intent(intent)),
            outcome: (id, report) => late("outcome", kept.outcome(id, report))
          }),
          Context.add(HealthManager.HealthManager, yield* HealthManager.make),
          Context.add(EventLogger.EventLogger, {
            log: () => Effect.void,
            flush: Effect.void
          })
        )
        const eim = yield* Effect.provide(ExecutionInterfaceManager.make(), context)
        const fiber = yield* Effect.fork(eim.execute(1000, group))
        yield* pause(after)
        const exit = yield* Fiber.interrupt(fiber)
        const sent = trace.indexOf("submit")
        const count = (name: string) => trace.filter((one) => one === name).length
        if (sent < 0) {
          assert.deepStrictEqual([count("intent"), count("outcome")], [0, 0])
        } else {
          assert.strictEqual(count("submit"), 1)
          assert.deepStrictEqual(trace.slice(0, sent).filter((one) => one === "intent"), ["intent", "intent", "intent"])
          assert.deepStrictEqual(trace.slice(sent + 1), ["outcome", "outcome", "outcome"])
          for (const id of ids) assert.strictEqual((yield* kept.find(id))?.report?.status, "settled")
        }
        ends.add(`${sent >= 0} ${Exit.isSuccess(exit)}`)
        const again = yield* eim.execute(1000, group)
        assert.strictEqual(again.replayed, sent >= 0)
        assert.strictEqual(count("submit"), 1)
      }
      assert.deepStrictEqual([...ends].sort(), ["false false", "true false", "true true"])
    }))
})
