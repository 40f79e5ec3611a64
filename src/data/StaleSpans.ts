/**
 * Where the newest observation of a series is of an earlier step, so that no order that adds risk fills at it.
 *
 * @since 0.1.0
 */
import * as MarketSnapshot from "../domain/MarketSnapshot.js"
import type * as Timestamp from "../domain/Timestamp.js"

/**
 * A time without an observation of its own step: from where the newest one is as old as its step, until the next one or the
 * end of the data.
 *
 * @category models
 * @since 0.1.0
 */
export interface Span {
  readonly from: Timestamp.Timestamp
  readonly to: Timestamp.Timestamp
  /** The step that is missed, in milliseconds. */
  readonly step: number
}

/** Whether orders fill at the prices of a series: it is no extreme, no volume, no rate of funding or interest. */
const isFilledAt = (name: string): boolean => /^(?:price|spot|perp|dex|oracle)\./.test(name) && !/\.(?:high|low|volume)$/.test(name)

/**
 * The spans of a series by its instants, oldest first, up to the end of the data; none for a series that no order fills at.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  name: string,
  times: ReadonlyArray<Timestamp.Timestamp>,
  end: Timestamp.Timestamp
): ReadonlyArray<Span> => {
  if (!isFilledAt(name)) return []
  const spans: Array<Span> = []
  for (let i = 1; i < times.length; i++) {
    const step = MarketSnapshot.stepOf(times, i)!
    const from = times[i]! + step
    const to = times[i + 1] ?? end
    if (from < to) spans.push({ from, to, step })
  }
  return spans
}
