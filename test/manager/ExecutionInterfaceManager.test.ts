import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Either, Exit, FastCheck as fc, Fiber, Layer, TestClock } from "effect"
import * as EimError from "execution-interface-manager/domain/EimError"
import * as Outcome from "execution-interface-manager/domain/Outcome"
import * as EventLogger from "execution-interface-manager/events/EventLogger"
import * as HealthManager from "execution-interface-manager/health/HealthManager"
import * as Journal from "execution-interface-manager/journal/Journal"
import { ExecutionInterfaceManager } from "execution-interface-manager/manager/ExecutionInterfaceManager"
import { desk, type Desk, manager, notSent, ports, rejected, sale, settled, unknown } from "./fixtures.js"

const run = <A, E>(
  behaviour: Desk,
  effect: Effect.Effect<A, E, ExecutionInterfaceManager | Journal.Journal | HealthManager.HealthManager | EventLogger.EventLogger>
) => effect.pipe(Effect.provide(manager(behaviour).pipe(Layer.provideMerge(ports))))

const unit = 10n ** 18n

describe("ExecutionInterfaceManager", () => {
  it.effect("stops a block at the operation that fails, and reports what happened before", () => {
    const behaviour = desk()
    behaviour.submits.push((intent) => Effect.succeed(settled(intent)), () => Effect.fail(rejected))
    const block = { block_id: "entry", instructions: [sale("a"), sale("b", "2"), sale("c", "3")] }
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const error = yield* Effect.flip(eim.updateState(1000, "execution_manager", block))
      assert.strictEqual(error._tag, "VenueRejected")
      assert.strictEqual(error.code, "EIM-013")
      assert.strictEqual(error.operationId, "b")
      assert.deepStrictEqual(error.report?.operations.map(({ status }) => status), ["settled", "rejected", "skipped"])
      assert.deepStrictEqual(error.report?.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })

      const again = yield* eim.execute(2000, block, { triggerSource: "retry" })
      assert.deepStrictEqual(behaviour.sent, ["a", "b", "b", "c"])
      assert.deepStrictEqual(again.operations.map(({ replayed, status }) => [status, replayed]), [
        ["settled", true],
        ["settled", false],
        ["settled", false]
      ])
      assert.deepStrictEqual(again.deltas, { desk: { ETH: -5n * unit, USDT: 10_000n * unit } })
      assert.deepStrictEqual(again.operations[0]?.deltas, {})
      assert.deepStrictEqual(again.operations[0]?.recorded?.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })
    }))
  })

  it.effect("interrupted while it sends, records what comes of it, sends no more, and is there for the next call", () => {
    const behaviour = desk()
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const answer = yield* Deferred.make<void>()
      behaviour.submits.push((intent) => Effect.as(Deferred.await(answer), settled(intent)))
      const block = { block_id: "entry", instructions: [sale("a"), sale("b")] }
      const fiber = yield* Effect.fork(eim.execute(1000, block))
      const next = yield* Effect.fork(eim.execute(1000, sale("c")))
      yield* Effect.yieldNow()
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(behaviour.sent, ["a"])
      yield* Deferred.succeed(answer, undefined)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(interrupting)))
      assert.strictEqual((yield* Fiber.join(next)).operations[0]?.status, "settled")
      assert.deepStrictEqual(behaviour.sent, ["a", "c"])
      const { operations } = yield* eim.execute(1000, block, { triggerSource: "retry" })
      assert.deepStrictEqual(operations.map(({ replayed, status }) => [status, replayed]), [["settled", true], ["settled", false]])
      assert.deepStrictEqual(behaviour.sent, ["a", "c", "b"])
    }))
  })

  it.effect("executes an intent once, and refuses its id for another one", () => {
    const behaviour = desk()
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      yield* eim.routeInstruction(1000, sale("a"))
      const again = yield* eim.execute(1000, sale("a"))
      assert.isTrue(again.replayed)
      assert.deepStrictEqual(again.deltas, {})
      const error = yield* Effect.flip(eim.routeInstruction(1000, sale("a", "2")))
      assert.strictEqual(error.code, "EIM-009")
      assert.deepStrictEqual(behaviour.sent, ["a"])
    }))
  })

  it.effect("refuses a block with an id that stands for something else before anything of it is executed", () => {
    const behaviour = desk()
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      yield* eim.routeInstruction(1000, sale("k"))
      const error = yield* Effect.flip(eim.execute(1000, { instructions: [sale("a"), sale("k", "2")] }))
      assert.strictEqual(error.code, "EIM-009")
      assert.strictEqual(error.path, "instructions[1].operation_id")
      assert.deepStrictEqual(behaviour.sent, ["k"])
      yield* eim.execute(1000, sale("k", "1", { order_type: "market", reduce_only: false }))
      assert.deepStrictEqual(behaviour.sent, ["k"])
    }))
  })

  it.effect("does not send again after the deadline", () => {
    const behaviour = desk()
    behaviour.submits.push(() => Effect.fail(rejected))
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const late = sale("a", "1", { deadline: "1970-01-01T00:00:02Z" })
      yield* eim.execute(1000, late)
      const report = yield* eim.execute(3000, late, { triggerSource: "retry" })
      assert.strictEqual(report.error?.path, "instructions[0].deadline")
      assert.deepStrictEqual(behaviour.sent, ["a"])
    }))
  })

  it.effect("is as it was after a call that it refuses", () =>
    run(desk(), Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      yield* Effect.flip(eim.execute(9_000_000, { hello: 1 }))
      const report = yield* eim.execute(1000, sale("a"))
      assert.strictEqual(report.operations[0]?.status, "settled")
    })))

  it.effect("tries again what was not sent, after 0.1 s and 0.2 s, three times in all", () => {
    const behaviour = desk()
    behaviour.submits.push(() => Effect.fail(notSent("after")), () => Effect.fail(notSent("after")), () => Effect.fail(notSent("after")))
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const fiber = yield* Effect.fork(eim.execute(1000, sale("a")))
      yield* TestClock.adjust("99 millis")
      assert.strictEqual(behaviour.sent.length, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(behaviour.sent.length, 2)
      yield* TestClock.adjust("199 millis")
      assert.strictEqual(behaviour.sent.length, 2)
      yield* TestClock.adjust("1 millis")
      const report = yield* Fiber.join(fiber)
      assert.strictEqual(behaviour.sent.length, 3)
      assert.strictEqual(report.operations[0]?.status, "not_sent")
      assert.strictEqual(report.operations[0]?.attempts, 3)
      assert.strictEqual(report.error?.code, "EIM-002")
      const status = yield* eim.getRoutingStatus
      assert.strictEqual(status.status, "unhealthy")
    }))
  })

  it.effect("goes on when a retry succeeds, and is degraded for that", () => {
    const behaviour = desk()
    behaviour.submits.push(() => Effect.fail(notSent("after")))
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const fiber = yield* Effect.fork(eim.execute(1000, sale("a")))
      yield* TestClock.adjust("100 millis")
      const report = yield* Fiber.join(fiber)
      assert.strictEqual(report.operations[0]?.status, "settled")
      assert.strictEqual(report.operations[0]?.attempts, 2)
      assert.strictEqual((yield* eim.getRoutingStatus).status, "degraded")
    }))
  })

  it.effect.each([
    ["what may not be retried", () => Effect.fail(notSent("never")), "not_sent", "EIM-002"],
    ["a rejection", () => Effect.fail(rejected), "rejected", "EIM-013"],
    ["an unknown outcome", (intent: any) => Effect.fail(unknown(intent)), "unknown", "EIM-008"]
  ] as const)("never sends %s again", ([, submit, status, code]) => {
    const behaviour = desk()
    behaviour.submits.push(submit)
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const report = yield* eim.execute(1000, sale("a"))
      assert.strictEqual(report.operations[0]?.status, status)
      assert.strictEqual(report.error?.code, code)
      assert.strictEqual(behaviour.sent.length, 1)
    }))
  })

  it.effect("keeps an unknown outcome unknown until it is resolved, and then once", () => {
    const behaviour = desk()
    behaviour.submits.push((intent) => Effect.fail(unknown(intent)))
    behaviour.resolves.push(
      (handle) => Effect.fail(new Outcome.Unknown({ handle, message: "still no answer" })),
      (handle) => Effect.succeed(settled({ operationId: handle.operationId, at: 5, instruction: { symbol: { base: "ETH", quote: "USDT" }, amount: unit } }))
    )
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const health = yield* HealthManager.HealthManager
      const signal = yield* Effect.fork(health.critical)
      const first = yield* eim.execute(1000, sale("a"))
      assert.strictEqual(first.operations[0]?.status, "unknown")
      assert.deepStrictEqual(first.deltas, {})
      assert.strictEqual((yield* Fiber.join(signal)).code, "EIM-008")

      const again = yield* eim.execute(1000, sale("a"))
      assert.strictEqual(again.error?.code, "EIM-008")
      assert.strictEqual((yield* Effect.flip(eim.resolve("a", 1000))).code, "EIM-008")
      const resolved = yield* eim.resolve("a", 1000)
      assert.strictEqual(resolved.status, "settled")
      assert.deepStrictEqual(resolved.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })
      const twice = yield* eim.resolve("a", 1000)
      assert.deepStrictEqual(twice.deltas, {})
      const replay = yield* eim.execute(1000, sale("a"))
      assert.isTrue(replay.replayed)
      assert.deepStrictEqual(behaviour.sent, ["a"])
    }))
  })

  it.effect("gives empty deltas, degraded, for lines that do not balance, and goes on", () => {
    const behaviour = desk()
    behaviour.submits.push((intent) => Effect.succeed(settled(intent, 1n)))
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const report = yield* eim.execute(1000, { instructions: [sale("a"), sale("b")] })
      assert.isTrue(report.degraded)
      assert.deepStrictEqual(report.deltas, {})
      assert.strictEqual(report.operations[0]?.error?.code, "EIM-003")
      assert.strictEqual(report.operations[1]?.status, "settled")
      assert.isDefined(report.operations[0]?.deltas["desk"])
      assert.isUndefined(report.error)
    }))
  })

  it.effect("reports an execution whose event could not be written as degraded, never as failed", () => {
    const behaviour = desk()
    const full = Layer.succeed(EventLogger.EventLogger, {
      log: () => Effect.fail(new EventLogger.EventError({ message: "no space left" })),
      flush: Effect.void
    })
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const report = yield* eim.execute(1000, sale("a"))
      assert.isTrue(report.degraded)
      assert.strictEqual(report.operations[0]?.status, "settled")
      assert.deepStrictEqual(report.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })
    }).pipe(Effect.provide(manager(behaviour).pipe(Layer.provide(Layer.merge(ports, full)))))
  })

  it.effect("sends nothing that the journal does not take", () => {
    const behaviour = desk()
    const closed = Effect.fail(new Journal.JournalError({ message: "read-only file system" }))
    const readOnly = Layer.succeed(Journal.Journal, {
      find: () => Effect.succeed(undefined),
      intent: () => closed,
      outcome: () => closed,
      open: Effect.succeed([]),
      completeBlock: () => closed,
      isBlockComplete: () => Effect.succeed(true)
    })
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const report = yield* eim.execute(1000, sale("a"))
      assert.strictEqual(report.error?.code, "EIM-012")
      assert.strictEqual(report.operations[0]?.status, "not_sent")
      assert.deepStrictEqual(behaviour.sent, [])
    }).pipe(Effect.provide(manager(behaviour).pipe(Layer.provide(Layer.merge(ports, readOnly)))))
  })

  it.effect("tells an outcome once, also where the journal did not take it", () => {
    const behaviour = desk()
    let broken = true
    return Effect.gen(function*() {
      const memory = yield* Journal.Journal
      const flaky = Layer.succeed(Journal.Journal, {
        ...memory,
        outcome: (id, report) => broken ? Effect.fail(new Journal.JournalError({ message: "no space left" })) : memory.outcome(id, report)
      })
      yield* Effect.gen(function*() {
        const eim = yield* ExecutionInterfaceManager
        const first = yield* eim.execute(1000, sale("a"))
        assert.isTrue(first.degraded)
        assert.deepStrictEqual(first.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })
        const again = yield* Effect.flip(eim.execute(1000, sale("a")))
        assert.strictEqual(again.code, "EIM-012")
        broken = false
        assert.isTrue((yield* eim.execute(1000, sale("a"))).replayed)
        const resolved = yield* eim.resolve("a", 1000)
        assert.isTrue(resolved.replayed)
        assert.deepStrictEqual(resolved.deltas, {})
        assert.strictEqual((yield* memory.find("a"))?.report?.status, "settled")
        assert.deepStrictEqual(behaviour.sent, ["a"])
      }).pipe(Effect.provide(manager(behaviour).pipe(Layer.provide(Layer.merge(ports, flaky)))))
    }).pipe(Effect.provide(ports))
  })

  it.effect.each([
    ["an intent without id", { ...sale("a"), operation_id: undefined }, "EIM-001"],
    ["a venue that is not there", { instructions: [sale("a"), { ...sale("b"), venue: "bourse" }] }, "EIM-002"],
    ["an atomic group", { block_id: "g", execution_mode: "atomic", instructions: [{ instruction_type: "smart_contract_action", protocol: "desk", action: "supply", token: "USDT", amount: 1 }] }, "EIM-001"],
    ["a trade inside an atomic group", { block_id: "g", execution_mode: "atomic", instructions: [sale("a")] }, "EIM-010"],
    ["a block whose dependency is missing", { block_id: "x", dependencies: ["entry"], instructions: [sale("a")] }, "EIM-001"],
    ["one id twice in a block", { instructions: [sale("a"), sale("a", "2")] }, "EIM-009"],
    ["what is no instruction", { hello: 1 }, "EIM-001"]
  ] as const)("refuses %s before anything is sent", ([, block, code]) => {
    const behaviour = desk()
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const error = yield* Effect.flip(eim.execute(1000, block as any))
      assert.strictEqual(error.code, code)
      assert.isUndefined(error.report)
      assert.deepStrictEqual(behaviour.sent, [])
      const status = yield* eim.getRoutingStatus
      assert.strictEqual(status.instructionsFailed, 1)
    }))
  })

  it.effect("executes a block once those it depends on are executed", () => {
    const behaviour = desk()
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      yield* eim.routeInstruction(1000, { block_id: "entry", instructions: [sale("a")] })
      yield* eim.routeInstruction(1000, { block_id: "hedge", dependencies: ["entry"], instructions: [sale("b")] })
      assert.deepStrictEqual(behaviour.sent, ["a", "b"])
    }))
  })

  it.effect("takes nothing while halted, and only what reduces while reducing", () => {
    const behaviour = desk()
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      yield* eim.setTradingState("reducing")
      assert.strictEqual((yield* Effect.flip(eim.execute(1000, sale("a")))).code, "EIM-011")
      yield* eim.execute(1000, sale("b", "1", { trade_type: "perp", reduce_only: true }))
      yield* eim.setTradingState("halted")
      assert.strictEqual((yield* Effect.flip(eim.execute(1000, sale("c", "1", { trade_type: "perp", reduce_only: true })))).code, "EIM-011")
      assert.deepStrictEqual(behaviour.sent, ["b"])
    }))
  })

  it.effect("holds back what is priced off the market, at either side", () => {
    const behaviour = desk()
    return run(behaviour, Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      for (const quote of [1959, 2041]) {
        const report = yield* eim.execute(1000, sale(`a${quote}`, "1", { estimated_deltas: { desk: { ETH: -1, USDT: quote } } }))
        assert.strictEqual(report.error?.code, "EIM-005")
        assert.strictEqual(report.error?.path, "instructions[0].estimated_deltas")
      }
      yield* eim.execute(1000, sale("b", "1", { estimated_deltas: { desk: { ETH: -1, USDT: 1961 } } }))
      assert.deepStrictEqual(behaviour.sent, ["b"])
    }))
  })

  it.effect("does not go back in time", () =>
    run(desk(), Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      yield* eim.routeInstruction(2000, sale("a"))
      for (const at of [1999, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.strictEqual((yield* Effect.flip(eim.execute(at, sale("b")))).path, "timestamp")
      }
    })))

  it.effect("answers any JSON with a report or a typed error", () =>
    run(desk(), Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      for (const json of fc.sample(fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...Object.keys(sale("a"))), fc.jsonValue())), { numRuns: 500, seed: 7 })) {
        const executed = yield* Effect.either(eim.execute(1000, json as any))
        if (Either.isLeft(executed)) assert.match(executed.left.code, /^EIM-0\d\d$/)
      }
    })))

  it.effect("keeps a bounded history", () =>
    run(desk(), Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      for (let n = 0; n < 2500; n++) yield* eim.routeInstruction(n, sale(`a${n}`))
      const snapshot = yield* eim.getStateSnapshot
      assert.strictEqual(snapshot.routingHistory.length, 1000)
      assert.strictEqual(snapshot.routingHistory.at(-1)?.operationId, "a2499")
      assert.strictEqual(snapshot.instructionsRouted, 2500)
      assert.strictEqual(snapshot.routingCount, 2500)
      assert.deepStrictEqual(snapshot.availableVenues, { cex: ["desk"], dex: [], onchain: [] })
      assert.strictEqual(snapshot.status, "healthy")
    })))

  it("has an error class for every code", () => {
    for (const code of ["EIM-001", "EIM-008", "EIM-013"] as const) {
      const error = EimError.of(code, { reason: "because" })
      assert.strictEqual(error.code, code)
      assert.include(error.message, "because")
    }
  })
})
