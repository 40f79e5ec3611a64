/**
 * How long candles are, by what their rows say, and candles that are made of trades.
 *
 * @since 0.1.0
 */
import type * as Decimal from "../../domain/Decimal.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Finding from "./Finding.js"
import type * as Format from "./Format.js"
import * as Times from "./Times.js"
import type * as Names from "./Names.js"
import type * as Trades from "./Trades.js"

/**
 * The distances of instants that differ, in the order of time.
 */
const distancesOf = (times: ReadonlyArray<Timestamp.Timestamp>): ReadonlyArray<number> => {
  const instants = Float64Array.from(times).sort()
  const distances: Array<number> = []
  for (let i = 1; i < instants.length; i++) {
    const distance = instants[i]! - instants[i - 1]!
    if (distance > 0) distances.push(distance)
  }
  return distances
}

const leastOf = (distances: ReadonlyArray<number>): number => distances.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)

const lengthOf = (distances: ReadonlyArray<number>): number | undefined => {
  const least = leastOf(distances)
  const whole = distances.every((distance) => distance % least === 0)
  return whole && 2 * distances.filter((distance) => distance === least).length > distances.length ? least : undefined
}

/**
 * The length of candles by the instants that they begin at: the smallest distance, if most have it and all others are
 * multiples of it. `undefined` where that is in doubt. It is never less than the candles are apart.
 *
 * @category combinators
 * @since 0.1.0
 */
export const candleOf = (times: ReadonlyArray<Timestamp.Timestamp>): number | undefined => lengthOf(distancesOf(times))

/** The length of all candles, where it is one, and the end of each, where the rows tell it. @category models @since 0.1.0 */
export interface Measured {
  readonly length: number | undefined
  readonly ends: ReadonlyArray<Timestamp.Timestamp> | undefined
}

/**
 * How long candles are: what their rows say of their ends, else what the caller says, else what their distances tell. A
 * sentence where these contradict each other or tell nothing. A length that was stated too short would make extremes known
 * before they happened, one too long would let candles overlap.
 *
 * @category combinators
 * @since 0.1.0
 */
export const measure = (
  times: ReadonlyArray<Timestamp.Timestamp>,
  ends: ReadonlyArray<Timestamp.Timestamp>,
  stated: number | undefined
): Measured | string => {
  const distances = distancesOf(times)
  const spaced = lengthOf(distances)
  const least = leastOf(distances)
  const text = Times.lengthText
  if (ends.length > 0 && ends.every((end, i) => end > times[i]!)) {
    const lengths = new Set(ends.map((end, i) => end - times[i]!))
    const length = lengths.size === 1 ? [...lengths][0] : undefined
    if (stated !== undefined && length !== stated) {
      return `the rows are candles of ${length === undefined ? "several lengths" : text(length)} by their ends, and ${text(stated)} was stated`
    }
    if (length !== undefined && spaced !== undefined && spaced !== length) {
      return `the rows are ${text(spaced)} apart, and their candles ${text(length)} long by their ends`
    }
    return { length, ends }
  }
  if (stated === undefined) {
    return spaced === undefined
      ? "the distances of the rows do not tell how long a candle is: state it, as --candle \"1 hour\""
      : { length: spaced, ends: undefined }
  }
  if (spaced !== undefined && spaced !== stated) {
    return `the rows are ${text(spaced)} apart, and a candle of ${text(stated)} was stated`
  }
  if (least < stated) return `rows are ${text(least)} apart, and candles of ${text(stated)}, as was stated, would overlap`
  const odd = distances.find((distance) => distance % stated !== 0)
  return odd === undefined
    ? { length: stated, ends: undefined }
    : `rows are ${text(odd)} apart, which is no multiple of the ${text(stated)} that was stated`
}

/**
 * What trades come to as rows of a file: one for the first trade, and one for every bar.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofTrades = (columns: ReadonlyArray<Names.Column>, trades: Trades.Trades): Finding.Rows => {
  const { bars, first } = trades.end()
  const lead = first === undefined || first.at === bars[0]!.end ? [] : [first]
  const places: ReadonlyArray<Finding.Place> = [...lead, ...bars.map(({ last }) => last)]
  const ends = bars.map(({ end }) => end)
  const times = [...lead.map(({ at }) => at), ...ends]
  const own = times.map((_, i) => i)
  const values: { readonly [field in Format.Field]?: ReadonlyArray<Decimal.Decimal> } = {
    open: [...lead, ...bars.map(({ last }) => last)].map(({ price }) => price),
    high: bars.map(({ high }) => high),
    low: bars.map(({ low }) => low)
  }
  return {
    times,
    place: (row) => places[row]!,
    figures: columns.map(({ field, series }) => ({
      series,
      leading: field === "open",
      rows: field === "open" ? own : own.slice(lead.length),
      times: field === "open" ? times : ends,
      values: values[field]!
    }))
  }
}
