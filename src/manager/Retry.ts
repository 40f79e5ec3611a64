/**
 * Trying again, where that is safe.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import type * as Outcome from "../domain/Outcome.js"
import type * as Config from "./Config.js"

/**
 * When a call that was not sent is sent again.
 *
 * @category models
 * @since 0.1.0
 */
export type Policy = Schedule.Schedule<unknown, Outcome.NotSent>

/**
 * Waits `delay` milliseconds, then twice as long before each further attempt; `attempts` counts the first one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const exponential = (delay: number, attempts: number): Policy =>
  Schedule.intersect(Schedule.exponential(delay), Schedule.recurs(attempts - 1))

/**
 * The policy of the settings: `retry_delay_seconds`, doubling, for the lesser of `max_retry_attempts` and one more than
 * `max_retries_per_venue`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofConfig = (config: Config.Config): Policy =>
  exponential(config.retryDelaySeconds * 1000, Math.min(config.maxRetryAttempts, 1 + config.maxRetriesPerVenue))

/**
 * Repeats an effect that is certain not to have sent anything, after its first attempt failed with `first`. Its error
 * can be `NotSent` and nothing else: an effect that may fail with `Unknown` or `Rejected` does not type-check here, so
 * that neither is ever sent again. It ends with the last failure where the schedule does, and at once where a
 * repetition cannot do better.
 *
 * @category combinators
 * @since 0.1.0
 */
export const again = <A, R>(
  self: Effect.Effect<A, Outcome.NotSent, R>,
  policy: Policy,
  first: Outcome.NotSent
): Effect.Effect<A, Outcome.NotSent, R> => {
  // The schedule begins with the failure that there was, so that it delays the second attempt and not the third.
  let failed: Outcome.NotSent | undefined = first
  const attempt = Effect.suspend(() => {
    if (failed === undefined) return self
    const error = failed
    failed = undefined
    return Effect.fail(error)
  })
  return Effect.retry(attempt, { schedule: policy, while: (error) => error.retry === "after" })
}

/** Whether a failure says that the call was not sent, and that a repetition can do better. @category guards @since 0.1.0 */
export const isRepeatable = (failure: Outcome.Failure): failure is Outcome.NotSent =>
  failure._tag === "NotSent" && failure.retry === "after"

/** `Rejected` and `Unknown` become values, so that only `NotSent` is left to be repeated. */
const onlyNotSent = <A>(
  self: Effect.Effect<A, Outcome.Failure>
): Effect.Effect<Either.Either<A, Outcome.Rejected | Outcome.Unknown>, Outcome.NotSent> =>
  Effect.matchEffect(self, {
    onFailure: (failure) => failure._tag === "NotSent" ? Effect.fail(failure) : Effect.succeed(Either.left(failure)),
    onSuccess: (value) => Effect.succeed(Either.right(value))
  })

/**
 * What the further attempts of a call come to, after its first one failed with `first`: the first success, the first
 * failure that must not be repeated, or the last failure.
 *
 * @category combinators
 * @since 0.1.0
 */
export const further = <A>(
  self: Effect.Effect<A, Outcome.Failure>,
  policy: Policy,
  first: Outcome.NotSent
): Effect.Effect<Either.Either<A, Outcome.Failure>> =>
  Effect.map(
    Effect.either(again(onlyNotSent(self), policy, first)),
    Either.flatMap((value): Either.Either<A, Outcome.Failure> => value)
  )
