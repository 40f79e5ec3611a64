/**
 * How long venues are waited for, so that the time of routing can be told apart from theirs.
 *
 * @since 0.1.0
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Sync from "../internal/Sync.js"
import * as Statistics from "./Statistics.js"

/**
 * The same effect, the time of which counts as that of the venue. An effect that answers at once takes no time.
 *
 * @category models
 * @since 0.1.0
 */
export type VenueTime = <A, E, R>(venue: string, self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Counts nothing. @category constructors @since 0.1.0 */
export const none: VenueTime = (_, self) => self

/** Counts the milliseconds of the clock into the counts of the manager. @category constructors @since 0.1.0 */
export const make = (clock: Clock.Clock, statistics: Statistics.Statistics): VenueTime => (venue, self) =>
  Sync.waiting(self, (rest) =>
    Effect.suspend(() => {
      const began = clock.unsafeCurrentTimeMillis()
      return Effect.onExit(rest, () =>
        Effect.sync(() => Statistics.addWaited(statistics, venue, clock.unsafeCurrentTimeMillis() - began)))
    }))
