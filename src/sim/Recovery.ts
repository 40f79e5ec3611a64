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

/**
 * What own swaps have put into a pool of two coins, and it has not recovered from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Flow {
  /** The coin that was put in, by index. */
  readonly coin: number
  /** Units put in by instant, oldest first, and what came out for them; `undefined` where some of it was swapped back. */
  readonly parts: ReadonlyArray<{ readonly at: Timestamp.Timestamp; readonly units: bigint; readonly out: bigint | undefined }>
}

/** A pool that no own swap has moved. @category constants @since 0.1.0 */
export const still: Flow = { coin: 0, parts: [] }

/** The flow that is remembered at an instant. @category combinators @since 0.1.0 */
export const flowAt = (flow: Flow, at: Timestamp.Timestamp, recovery: number): Flow => {
  const parts = remembered(flow.parts, at, recovery)
  return parts.length === flow.parts.length ? flow : { coin: flow.coin, parts }
}

/** Units that a flow has put in. @category combinators @since 0.1.0 */
export const unitsOf = ({ parts }: Flow): bigint => parts.reduce((sum, { units }) => sum + units, 0n)

/**
 * A swap between the two coins of a pool: the coin that goes in by index, its units, and those that come out of the other.
 *
 * @category models
 * @since 0.1.0
 */
export interface Swapped {
  readonly coin: number
  readonly units: bigint
  readonly out: bigint
}

/**
 * The flow after a swap. One in the other direction takes back what was put in, the oldest first, and only what goes
 * beyond that is a flow of its own: so a pool never recovers past the price of the data.
 *
 * @category combinators
 * @since 0.1.0
 */
export const swapped = (flow: Flow, at: Timestamp.Timestamp, { coin, out, units }: Swapped): Flow => {
  if (flow.parts.length === 0) return { coin, parts: [{ at, units, out }] }
  if (flow.coin === coin) {
    const last = flow.parts.at(-1)!
    return last.at === at
      ? {
        coin,
        parts: [...flow.parts.slice(0, -1), { at, units: last.units + units, out: last.out === undefined ? undefined : last.out + out }]
      }
      : { coin, parts: [...flow.parts, { at, units, out }] }
  }
  let back = out
  const parts: Array<Flow["parts"][number]> = []
  for (const part of flow.parts) {
    const taken = back < part.units ? back : part.units
    back -= taken
    if (taken < part.units) parts.push({ at: part.at, units: part.units - taken, out: undefined })
  }
  if (back === 0n) return { coin: flow.coin, parts }
  // Up, so that no rounding forgets a part of it.
  return { coin, parts: [{ at, units: (units * back + out - 1n) / out, out: undefined }] }
}
