import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Schedule, TestClock } from "effect"
import * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Retry from "execution-interface-manager/manager/Retry"

const notSent = (retry: "never" | "after", message = "refused") => new Outcome.NotSent({ reason: "unavailable", message, retry })

/** Fails with each of the errors in turn, then succeeds; counts its runs. */
const failing = (errors: ReadonlyArray<Outcome.NotSent>) => {
  const state = { runs: 0 }
  const effect = Effect.suspend(() => {
    const error = errors[state.runs++]
    return error === undefined ? Effect.succeed("done") : Effect.fail(error)
  })
  return { state, effect }
}

const times = (n: number) => Schedule.recurs(n)

describe("Retry", () => {
  it.effect("does not repeat what succeeds", () =>
    Effect.gen(function*() {
      const { effect, state } = failing([])
      assert.deepStrictEqual(yield* Retry.notSent(effect, times(5)), { value: "done", attempts: 1 })
      assert.strictEqual(state.runs, 1)
    }))

  it.effect("repeats until it succeeds, and counts the attempts", () =>
    Effect.gen(function*() {
      const { effect, state } = failing([notSent("after"), notSent("after")])
      assert.deepStrictEqual(yield* Retry.notSent(effect, times(5)), { value: "done", attempts: 3 })
      assert.strictEqual(state.runs, 3)
    }))

  it.effect("gives the last error when the schedule ends", () =>
    Effect.gen(function*() {
      const { effect, state } = failing([notSent("after", "1"), notSent("after", "2"), notSent("after", "3")])
      const { attempts, error } = yield* Effect.flip(Retry.notSent(effect, times(2)))
      assert.deepStrictEqual([attempts, error.message, state.runs], [3, "3", 3])
    }))

  it.effect("stops at once where a repetition cannot do better", () =>
    Effect.gen(function*() {
      for (const [errors, attempts] of [
        [[notSent("never")], 1],
        [[notSent("after"), notSent("never"), notSent("after")], 2]
      ] as const) {
        const { effect, state } = failing(errors)
        const exhausted = yield* Effect.flip(Retry.notSent(effect, times(5)))
        assert.deepStrictEqual([exhausted.attempts, exhausted.error.retry, state.runs], [attempts, "never", attempts])
      }
    }))

  it.effect("waits twice as long before each further attempt, and counts the first one", () =>
    Effect.gen(function*() {
      const { effect, state } = failing(Array.from({ length: 9 }, () => notSent("after")))
      const fiber = yield* Effect.fork(Effect.flip(Retry.notSent(effect, Retry.exponential("1 second", 3))))
      const runs: Array<number> = []
      for (const wait of [0, 999, 1, 1999, 1, 60_000]) {
        yield* TestClock.adjust(Duration.millis(wait))
        runs.push(state.runs)
      }
      assert.deepStrictEqual(runs, [1, 1, 2, 2, 3, 3])
      assert.strictEqual((yield* Fiber.join(fiber)).attempts, 3)
    }))
})
