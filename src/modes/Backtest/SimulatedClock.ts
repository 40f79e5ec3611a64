/**
 * A clock that stands at the timestamp in hand.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Timestamp from "../../domain/Timestamp.js"

/**
 * The clock, and the hand that sets it. A sleep moves it on and returns at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedClock {
  readonly clock: Clock.Clock
  readonly set: (at: Timestamp.Timestamp) => void
}

/**
 * A clock that stands at `start` until it is set. Sleeping moves it by the time slept, and takes none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (start: Timestamp.Timestamp): SimulatedClock => {
  let at = start
  const nanos = () => BigInt(at) * 1_000_000n
  const real = Clock.make()
  return {
    set: (next) => {
      at = next
    },
    clock: {
      ...real,
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: () => at,
      unsafeCurrentTimeNanos: nanos,
      currentTimeMillis: Effect.sync(() => at),
      currentTimeNanos: Effect.sync(nanos),
      sleep: (duration) =>
        Effect.sync(() => {
          at += Duration.toMillis(duration)
        })
    }
  }
}
