/**
 * Candles out of trades, with nothing known before it happened.
 *
 * A candle of the step that ends at `T` is of the trades after the end before it, up to and with `T`. Its price is the last
 * of them, known at `T`, as are its extremes. The first trade of all stands at its own instant, so that the first step has
 * a price. A step without trades has none.
 *
 * @since 0.1.0
 */
import * as Decimal from "../../domain/Decimal.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Finding from "./Finding.js"

/** A trade and where it stands. @category models @since 0.1.0 */
export interface Trade extends Finding.Place {
  readonly at: Timestamp.Timestamp
  readonly price: Decimal.Decimal
}

/** What the trades of a step came to. @category models @since 0.1.0 */
export interface Bar {
  readonly end: Timestamp.Timestamp
  readonly last: Trade
  readonly high: Decimal.Decimal
  readonly low: Decimal.Decimal
}

/**
 * Collects trades of one market in any order, also of several files. Of trades of one instant the one that comes later in the file is the later one; in a file
 * whose newest rows come first it is the earlier one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trades {
  readonly add: (trade: Trade) => void
  readonly isEmpty: () => boolean
  /** The first trade and the bars, oldest first. */
  readonly end: () => { readonly first: Trade | undefined; readonly bars: ReadonlyArray<Bar> }
}

interface Open {
  /** Of the trades of the newest instant the one read first, and the one read last. */
  upper: Trade
  lower: Trade
  high: Decimal.Decimal
  low: Decimal.Decimal
}

/**
 * No trade, for steps of a length in milliseconds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (step: number): Trades => {
  const open = new Map<Timestamp.Timestamp, Open>()
  let oldest: Open | undefined
  let ups = 0
  let downs = 0
  let before = -1
  return {
    add: (trade) => {
      const { at, price } = trade
      if (before >= 0 && at !== before) {
        if (at > before) ups++
        else downs++
      }
      before = at
      if (oldest === undefined || at < oldest.upper.at) oldest = { upper: trade, lower: trade, high: price, low: price }
      else if (at === oldest.upper.at) oldest.lower = trade
      const end = Math.ceil(at / step) * step
      const bar = open.get(end)
      if (bar === undefined) {
        open.set(end, { upper: trade, lower: trade, high: price, low: price })
        return
      }
      if (at > bar.upper.at) bar.upper = bar.lower = trade
      else if (at === bar.upper.at) bar.lower = trade
      if (Decimal.compare(price, bar.high) > 0) bar.high = price
      if (Decimal.compare(price, bar.low) < 0) bar.low = price
    },
    isEmpty: () => open.size === 0,
    end: () => {
      const newestFirst = downs > ups
      return {
        first: newestFirst ? oldest?.lower : oldest?.upper,
        bars: [...open].sort(([a], [b]) => a - b).map(([end, { high, low, lower, upper }]) => {
          return { end, last: newestFirst ? upper : lower, high, low }
        })
      }
    }
  }
}
