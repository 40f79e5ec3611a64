/**
 * What of time a series covers: its extent, its step, and where it is silent for longer than its step.
 *
 * @since 0.1.0
 */
import type * as Timestamp from "../domain/Timestamp.js"

/**
 * A silence: nothing between two observations that are further apart than one and a half steps.
 *
 * @category models
 * @since 0.1.0
 */
export interface Gap {
  /** The last observation before it. */
  readonly after: Timestamp.Timestamp
  /** The first one after it. */
  readonly before: Timestamp.Timestamp
  /** Observations that a series without the gap would have had: the steps between the two, to the nearest, less one. */
  readonly missing: number
}

/**
 * What a series covers. `step` is how far apart, in milliseconds, two observations that follow each other mostly are;
 * `undefined` where there are fewer than two observations.
 *
 * @category models
 * @since 0.1.0
 */
export interface Coverage {
  readonly name: string
  readonly count: number
  readonly from: Timestamp.Timestamp
  readonly to: Timestamp.Timestamp
  readonly step: number | undefined
  readonly gaps: ReadonlyArray<Gap>
}

const minute = 60_000

/**
 * The step of instants that are in order: their most frequent distance, the shorter of two that are equally frequent.
 * Where fewer than half of the distances are that long the instants are irregular, and it is the median, to the minute.
 *
 * @category combinators
 * @since 0.1.0
 */
export const stepOf = (times: ReadonlyArray<Timestamp.Timestamp>): number | undefined => {
  const counts = new Map<number, number>()
  for (let i = 1; i < times.length; i++) {
    const distance = times[i]! - times[i - 1]!
    if (distance > 0) counts.set(distance, (counts.get(distance) ?? 0) + 1)
  }
  const distances = [...counts].sort(([a], [b]) => a - b)
  const total = distances.reduce((sum, [, count]) => sum + count, 0)
  let most: readonly [distance: number, count: number] | undefined
  for (const entry of distances) if (most === undefined || entry[1] > most[1]) most = entry
  if (most === undefined || 2 * most[1] >= total) return most?.[0]
  let passed = 0
  const median = distances.find(([, count]) => 2 * (passed += count) >= total)![0]
  return Math.max(Math.round(median / minute) * minute, Math.min(median, minute))
}

/**
 * The gaps between instants that are in order, for a step.
 *
 * @category combinators
 * @since 0.1.0
 */
export const gapsOf = (times: ReadonlyArray<Timestamp.Timestamp>, step: number): ReadonlyArray<Gap> => {
  const gaps: Array<Gap> = []
  for (let i = 1; i < times.length; i++) {
    const [after, before] = [times[i - 1]!, times[i]!]
    if (before - after > 1.5 * step) gaps.push({ after, before, missing: Math.round((before - after) / step) - 1 })
  }
  return gaps
}

/**
 * The coverage of a series by its instants, oldest first; `undefined` where there are none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (name: string, times: ReadonlyArray<Timestamp.Timestamp>): Coverage | undefined => {
  if (times.length === 0) return undefined
  const step = stepOf(times)
  return {
    name,
    count: times.length,
    from: times[0]!,
    to: times[times.length - 1]!,
    step,
    gaps: step === undefined ? [] : gapsOf(times, step)
  }
}

/**
 * How full each of `cells` equal parts of `[from, to]` is, from 0 to 1: the part of it that lies between observations
 * and in no gap. An observation holds for a step.
 *
 * @category combinators
 * @since 0.1.0
 */
export const density = (
  coverage: Coverage,
  from: Timestamp.Timestamp,
  to: Timestamp.Timestamp,
  cells: number
): ReadonlyArray<number> => {
  const step = coverage.step ?? 0
  const width = Math.max((to - from) / cells, 1)
  const spans: Array<readonly [from: number, to: number]> = []
  let start = coverage.from
  for (const gap of coverage.gaps) {
    spans.push([start, gap.after + step])
    start = gap.before
  }
  spans.push([start, coverage.to + step])
  return Array.from({ length: cells }, (_, i) => {
    const [left, right] = [from + i * width, from + (i + 1) * width]
    let covered = 0
    for (const [begin, end] of spans) covered += Math.max(0, Math.min(end, right) - Math.max(begin, left))
    // One observation alone covers no time, and is there all the same.
    if (covered === 0 && spans.some(([begin]) => begin >= left && (begin < right || i === cells - 1))) return Number.EPSILON
    return Math.min(covered / width, 1)
  })
}
