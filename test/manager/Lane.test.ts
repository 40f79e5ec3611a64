import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, FastCheck, Fiber, Option } from "effect"
import * as Lane from "../../src/manager/Lane.js"

describe("Lane", () => {
  it.effect("is held by one call at a time, in the order in which they were asked for", () =>
    Effect.gen(function*() {
      const lane = Lane.make()
      const trace: Array<string> = []
      const call = (name: string) =>
        lane(() =>
          Effect.sync(() => void trace.push(`${name} begins`)).pipe(
            Effect.zipRight(Effect.yieldNow()),
            Effect.zipRight(Effect.sync(() => void trace.push(`${name} ends`)))
          ))
      yield* Effect.all(["a", "b", "c"].map(call), { concurrency: "unbounded" })
      assert.deepStrictEqual(trace, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"])
    }))

  it("needs nobody to wait where everything answers at once", () => {
    const lane = Lane.make()
    assert.strictEqual(Effect.runSync(lane(() => Effect.succeed(1))), 1)
    assert.deepStrictEqual(Effect.runSyncExit(lane(() => Effect.fail("no"))), Exit.fail("no"))
    assert.strictEqual(Effect.runSync(lane(() => Effect.succeed(2))), 2)
  })

  it.effect("is over however it ends", () =>
    Effect.gen(function*() {
      const lane = Lane.make()
      const bug = new Error("bug")
      assert.deepStrictEqual(yield* Effect.exit(lane(() => Effect.fail("no"))), Exit.fail("no"))
      assert.deepStrictEqual(yield* Effect.exit(lane(() => Effect.die(bug))), Exit.die(bug))
      assert.deepStrictEqual(
        yield* Effect.exit(lane((): Effect.Effect<void> => {
          throw bug
        })),
        Exit.die(bug)
      )
      const waiting = yield* Effect.fork(lane((restore) => restore(Effect.never)))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(waiting)))
      assert.strictEqual(yield* lane(() => Effect.succeed(1)), 1)
    }))

  it.effect("runs what is sent to its end when the call is interrupted, and stops at the next checkpoint", () =>
    Effect.gen(function*() {
      const lane = Lane.make()
      const answer = yield* Deferred.make<void>()
      const trace: Array<string> = []
      const fiber = yield* Effect.fork(lane((restore) =>
        Effect.forEach(["first", "second"], (name) =>
          restore(Effect.void).pipe(
            Effect.zipRight(Effect.sync(() => void trace.push(`${name} sent`))),
            Effect.zipRight(Deferred.await(answer)),
            Effect.map(() => void trace.push(`${name} recorded`))
          ), { discard: true })))
      yield* Effect.yieldNow()
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(trace, ["first sent"])
      yield* Deferred.succeed(answer, undefined)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(interrupting)))
      assert.deepStrictEqual(trace, ["first sent", "first recorded"])
      assert.strictEqual(yield* lane(() => Effect.succeed("next")), "next")
    }))

  it.effect("is handed on also where the run loop yields between the asking for it and the waiting for it", () =>
    Effect.gen(function*() {
      const pause = (n: number) => Effect.forEach(Array.from({ length: n }), () => Effect.yieldNow(), { discard: true })
      const hanging: Array<number> = []
      // The run loop yields after so many steps: with every count of steps before, somewhere else on the way to the lane.
      for (let steps = 1980; steps < 2060; steps++) {
        const lane = Lane.make()
        let [asked, left] = [false, steps]
        yield* Effect.fork(lane(() =>
          Effect.whileLoop({ while: () => !asked, body: () => Effect.yieldNow(), step: () => undefined })))
        const second = yield* Effect.fork(
          Effect.whileLoop({ while: () => left-- > 0, body: () => Effect.void, step: () => undefined }).pipe(
            Effect.zipRight(Effect.sync(() => asked = true)),
            Effect.zipRight(lane(() => Effect.void))
          )
        )
        yield* pause(8)
        if (Option.isNone(yield* Fiber.poll(second))) hanging.push(steps)
      }
      assert.deepStrictEqual(hanging, [])
    }))

  it.effect.prop(
    "whoever gives up while waiting, the others hold the lane in their order",
    [FastCheck.array(FastCheck.record({ yields: FastCheck.nat(3), gone: FastCheck.boolean(), after: FastCheck.nat(6) }), { minLength: 1, maxLength: 8 })],
    ([calls]) =>
      Effect.gen(function*() {
        const lane = Lane.make()
        const begun: Array<number> = []
        let within = 0
        const pause = (n: number) => Effect.forEach(Array.from({ length: n }), () => Effect.yieldNow(), { discard: true })
        const fibers = yield* Effect.forEach(calls, ({ yields }, index) =>
          Effect.fork(lane(() =>
            Effect.suspend(() => {
              begun.push(index)
              assert.strictEqual(++within, 1)
              return Effect.map(pause(yields), () => {
                within--
                return index
              })
            })
          )))
        yield* Effect.all(
          calls.map(({ after, gone }, index) => gone ? Effect.zipRight(pause(after), Fiber.interrupt(fibers[index]!)) : Effect.void),
          { concurrency: "unbounded" }
        )
        const exits = yield* Effect.forEach(fibers, Fiber.await)
        assert.deepStrictEqual(begun, begun.toSorted((a, b) => a - b))
        for (const [index, { gone }] of calls.entries()) if (!gone) assert.deepStrictEqual(exits[index], Exit.succeed(index))
        assert.strictEqual(yield* lane(() => Effect.succeed("free")), "free")
      }),
    { fastCheck: { numRuns: 300 } }
  )
})
