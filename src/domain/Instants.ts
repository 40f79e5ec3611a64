/**
 * Instants of schedules: what a venue settles at a whole minute is often recorded some milliseconds beside it.
 *
 * A settlement of funding, and the end of a candle, stand at an instant of the venue's schedule, which is a whole minute
 * everywhere. The clock that wrote the record is late by milliseconds (`08:00:00.003`), and two files of the same
 * settlement may disagree by as much. The record means the instant of the schedule.
 *
 * @since 0.1.0
 */
import * as Timestamp from "./Timestamp.js"

/**
 * How far from a whole minute the record of a scheduled instant may stand, in milliseconds: below a second. Records of
 * exchanges are late by some milliseconds to some tens of them. An instant that is a whole second is taken as it stands.
 *
 * @category constants
 * @since 0.1.0
 */
export const tolerance = 999

/**
 * The instant of the schedule that a record means: the whole minute that it is less than a second away from, or the
 * record itself where there is none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const scheduled = (at: Timestamp.Timestamp): Timestamp.Timestamp => {
  const beside = (at + tolerance) % Timestamp.minute
  return beside <= 2 * tolerance ? at + tolerance - beside : at
}

/**
 * The last record that means an instant up to `at`: `scheduled(record) <= at` for it and for no later one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lastRecord = (at: Timestamp.Timestamp): Timestamp.Timestamp => {
  const past = at % Timestamp.minute
  return past <= tolerance ? at - past + tolerance : Math.min(at, at - past + Timestamp.minute - tolerance - 1)
}

/**
 * Whether the observations of a series stand on a schedule: settlements of funding, and what is said of a step when it
 * ends, the extremes of a price and the volume. A price is an observation, known when it says, and keeps its instant.
 *
 * @category guards
 * @since 0.1.0
 */
export const isScheduled = (series: string): boolean =>
  series.startsWith("funding.") || series.endsWith(".high") || series.endsWith(".low") || series.endsWith(".volume")
