/**
 * Trying again, where that is safe.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Outcome from "../domain/Outcome.js"
import * as Sync from "../internal/Sync.js"

/**
 * Waits `delay`, then twice as long before each further attempt; `attempts` counts the first one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const exponential = (delay: Duration.DurationInput, attempts: number): Schedule.Schedule<unknown> =>
  Schedule.intersect(Schedule.exponential(delay), Schedule.recurs(attempts - 1))

/**
 * What an attempt came to, with how many there were.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attempted<out A> {
  readonly value: A
  readonly attempts: number
}

/** The last attempt's error, with how many there were. @category models @since 0.1.0 */
export interface Exhausted {
  readonly error: Outcome.NotSent
  readonly attempts: number
}

/**
 * Repeats an effect that is certain not to have sent anything. Its error can be `NotSent` and nothing else: an effect
 * that may fail with `Unknown` or `Rejected` does not type-check here, so that neither is ever sent again.
 *
 * No schedule is started before the first failure.
 *
 * @category combinators
 * @since 0.1.0
 */
export const notSent = <A, R>(
  self: Effect.Effect<A, Outcome.NotSent, R>,
  schedule: Schedule.Schedule<unknown>
): Effect.Effect<Attempted<A>, Exhausted, R> =>
  Sync.matchEffect(self, {
    onSuccess: (value) => Sync.succeed({ value, attempts: 1 }),
    onFailure: (error) => again(self, schedule, error)
  })

/**
 * What {@link notSent} does after the first attempt has failed with `first`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const again = Effect.fnUntraced(function*<A, R>(
  self: Effect.Effect<A, Outcome.NotSent, R>,
  schedule: Schedule.Schedule<unknown>,
  first: Outcome.NotSent
): Effect.fn.Return<Attempted<A>, Exhausted, R> {
  const driver = yield* Schedule.driver(schedule)
  let error = first
  let attempts = 1
  while (error.retry === "after") {
    const more = yield* Effect.option(driver.next(error))
    if (more._tag === "None") break
    attempts++
    const tried = yield* Effect.either(self)
    if (tried._tag === "Right") return { value: tried.right, attempts }
    error = tried.left
  }
  return yield* Effect.fail<Exhausted>({ error, attempts })
})
