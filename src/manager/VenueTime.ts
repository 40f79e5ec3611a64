/**
 * How long venues are waited for, so that the time of routing can be told apart from theirs.
 *
 * @since 0.1.0
 */
import type * as Clock from "effect/Clock"
import * as Statistics from "./Statistics.js"

/**
 * A stopwatch for calls of venues.
 *
 * @category models
 * @since 0.1.0
 */
export interface VenueTime {
  /** Milliseconds of the clock. */
  readonly now: () => number
  /** Counts what passed since as time of the venue. A call that answered at once took no time. */
  readonly add: (venue: string, since: number) => void
}

/** Counts the milliseconds of the clock into the counts of the manager. @category constructors @since 0.1.0 */
export const make = (clock: Clock.Clock, statistics: Statistics.Statistics): VenueTime => ({
  now: () => clock.unsafeCurrentTimeMillis(),
  add: (venue, since) => {
    const passed = clock.unsafeCurrentTimeMillis() - since
    if (passed > 0) Statistics.addWaited(statistics, venue, passed)
  }
})
