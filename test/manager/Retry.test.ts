import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Either, Fiber, Schedule, TestClock } from "effect"
import * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Retry from "execution-interface-manager/manager/Retry"

const notSent = (retry: "never" | "after", message = "refused") => new Outcome.NotSent({ reason: "unavailable", message, retry })

/** Fails with each of the errors in turn, then succeeds; counts its runs. */
const failing = (errors: ReadonlyArray<Outcome.Failure>) => {
  const state = { runs: 0 }
  const effect = Effect.suspend((): Effect.Effect<string, Outcome.Failure> => {
    const error = errors[state.runs++]
    return error === undefined ? Effect.succeed("done") : Effect.fail(error)
  })
  return { state, effect }
}

const times = (n: number) => Schedule.recurs(n)

/** A call whose first attempt is made here, as the manager does it. */
const attempted = (effect: Effect.Effect<string, Outcome.Failure>, policy: Retry.Policy) =>
  Effect.flatMap(Effect.either(effect), (first) =>
    Either.isLeft(first) && Retry.isRepeatable(first.left) ? Retry.further(effect, policy, first.left) : Effect.succeed(first))

describe("Retry", () => {
  it.effect("does not repeat what succeeds", () =>
    Effect.gen(function*() {
      const { effect, state } = failing([])
      assert.deepStrictEqual(yield* attempted(effect, times(5)), Either.right("done"))
      assert.strictEqual(state.runs, 1)
    }))

  it.effect("repeats until it succeeds", () =>
    Effect.gen(function*() {
      const { effect, state } = failing([notSent("after"), notSent("after")])
      assert.deepStrictEqual(yield* attempted(effect, times(5)), Either.right("done"))
      assert.strictEqual(state.runs, 3)
    }))

  it.effect("gives the last error when the schedule ends", () =>
    Effect.gen(function*() {
      const { effect, state } = failing([notSent("after", "1"), notSent("after", "2"), notSent("after", "3")])
      const last = yield* Effect.flip(Effect.flatten(attempted(effect, times(2))))
      assert.deepStrictEqual([last.message, state.runs], ["3", 3])
    }))

  it.effect("stops at once where a repetition cannot do better", () =>
    Effect.gen(function*() {
      for (const [errors, attempts] of [
        [[notSent("never")], 1],
        [[notSent("after"), notSent("never"), notSent("after")], 2]
      ] as const) {
        const { effect, state } = failing(errors)
        const last = yield* Effect.flip(Effect.flatten(attempted(effect, times(5))))
        assert.deepInclude({ ...last }, { _tag: "NotSent", retry: "never" })
        assert.strictEqual(state.runs, attempts)
      }
    }))

  it.effect("never repeats what was rejected, and what nobody knows the outcome of", () =>
    Effect.gen(function*() {
      const rejected = new Outcome.Rejected({ reason: "rejected", message: "closed" })
      const unknown = new Outcome.Unknown({ handle: { venue: "desk", operationId: "op", reference: {} }, message: "cut off" })
      for (const end of [rejected, unknown]) {
        const { effect, state } = failing([notSent("after"), end, notSent("after")])
        assert.strictEqual(yield* Effect.flip(Effect.flatten(attempted(effect, times(5)))), end)
        assert.strictEqual(state.runs, 2)
      }
    }))

  it.effect("waits twice as long before each further attempt, and counts the first one", () =>
    Effect.gen(function*() {
      const { effect, state } = failing(Array.from({ length: 9 }, () => notSent("after")))
      const fiber = yield* Effect.fork(attempted(effect, Retry.exponential(1000, 3)))
      const runs: Array<number> = []
      for (const wait of [0, 999, 1, 1999, 1, 60_000]) {
        yield* TestClock.adjust(Duration.millis(wait))
        runs.push(state.runs)
      }
      assert.deepStrictEqual(runs, [1, 1, 2, 2, 3, 3])
      assert.isTrue(Either.isLeft(yield* Fiber.join(fiber)))
    }))

  it.effect("follows a schedule of the user's own, begun after the first failure", () =>
    Effect.gen(function*() {
      const { effect, state } = failing(Array.from({ length: 9 }, () => notSent("after")))
      const fiber = yield* Effect.fork(attempted(effect, Schedule.spaced("10 seconds").pipe(Schedule.intersect(Schedule.recurs(1)))))
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(state.runs, 1)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(state.runs, 2)
      yield* Fiber.join(fiber)
    }))
})
