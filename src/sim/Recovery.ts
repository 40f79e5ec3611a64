/**
 * How long a market remembers what was traded in it.
 *
 * @since 0.1.0
 */
import type * as Timestamp from "../domain/Timestamp.js"

/**
 * Seconds until the market is where it would be without an own trade, where nothing else is set: half an hour, the time
 * after the last execution at which a large study of equity orders takes temporary impact to be over.
 *
 * @category constants
 * @since 0.1.0
 */
export const seconds = 1800

/** Where {@link seconds} comes from. @category constants @since 0.1.0 */
export const source =
  "Almgren, Thum, Hauptmann, Li: Direct Estimation of Equity Market Impact (2005), which measures what lasts half an hour after the last execution; an estimate for these markets"

/**
 * What of traded parts, oldest first, a market still remembers at an instant: those younger than `recovery`, in
 * milliseconds.
 *
 * @category combinators
 * @since 0.1.0
 */
export const remembered = <A extends { readonly at: Timestamp.Timestamp }>(
  parts: ReadonlyArray<A>,
  at: Timestamp.Timestamp,
  recovery: number
): ReadonlyArray<A> => {
  let first = 0
  while (first < parts.length && at - parts[first]!.at >= recovery) first++
  return first === 0 ? parts : parts.slice(first)
}
