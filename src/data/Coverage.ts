/**
 * What of time a series covers: its extent, its step, and where it is silent for longer than its step.
 *
 * @since 0.1.0
 */
import * as Timestamp from "../domain/Timestamp.js"

/**
 * A silence: nothing between two observations that are further apart than one and a half steps of the series around
 * there.
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
  /** The step of the series around there, in milliseconds. */
  readonly step: number
}

/**
 * A part of a series with one step.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stretch {
  readonly from: Timestamp.Timestamp
  /** Milliseconds. */
  readonly step: number
}

/**
 * What a series covers. `step` is how far apart, in milliseconds, two observations that follow each other mostly are;
 * `undefined` where there are fewer than two observations. `stretches` are the parts of a series whose step changes, as
 * where a venue settles funding every 8 hours and then every 4; empty where one step holds throughout.
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
  readonly stretches: ReadonlyArray<Stretch>
  readonly gaps: ReadonlyArray<Gap>
}

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
  return Math.max(Math.round(median / Timestamp.minute) * Timestamp.minute, Math.min(median, Timestamp.minute))
}

/** Equal distances that follow each other: those of the observations `first` to `first + count`. */
interface Run {
  readonly first: number
  readonly count: number
  readonly step: number
}

/** Distances that differ by no more than records of a schedule do, and by little of themselves, are of one step. */
const alike = (a: number, b: number): boolean => Math.abs(a - b) <= Math.min(2000, Math.min(a, b) / 10)

/** Equal distances that make a step: three, or two where the series begins or ends with them. */
const least = 3

/** The runs of a series that are long enough to be its step there, in order. */
const runsOf = (times: ReadonlyArray<Timestamp.Timestamp>): ReadonlyArray<Run> => {
  const runs: Array<Run> = []
  let first = 0
  while (first < times.length - 1) {
    const step = times[first + 1]! - times[first]!
    let end = first + 1
    while (end < times.length - 1 && alike(times[end + 1]! - times[end]!, step)) end++
    const count = end - first
    const atEnd = first === 0 || end === times.length - 1
    if (step > 0 && (count >= least || (atEnd && count === least - 1))) runs.push({ first, count, step })
    first = end
  }
  return runs
}

/** Whether runs say what the step is: where they are not most of a series, its instants are irregular. */
const tell = (runs: ReadonlyArray<Run>, times: ReadonlyArray<Timestamp.Timestamp>): boolean =>
  2 * runs.reduce((sum, { count }) => sum + count, 0) >= times.length - 1

/** The step of each distance: of its run, else the longer one of the runs before and after it; `whole` for irregular instants. */
const localSteps = (times: ReadonlyArray<Timestamp.Timestamp>, whole: number): ReadonlyArray<number> => {
  const steps = Array.from({ length: Math.max(times.length - 1, 0) }, () => whole)
  const runs = runsOf(times)
  if (!tell(runs, times)) return steps
  let from = 0
  let before: number | undefined
  for (const { count, first, step } of runs) {
    steps.fill(Math.max(before ?? step, step), from, first)
    steps.fill(step, first, first + count)
    from = first + count
    before = step
  }
  if (before !== undefined) steps.fill(before, from)
  return steps
}

const gapsBy = (times: ReadonlyArray<Timestamp.Timestamp>, steps: ReadonlyArray<number>): ReadonlyArray<Gap> => {
  const gaps: Array<Gap> = []
  for (let i = 1; i < times.length; i++) {
    const [after, before, step] = [times[i - 1]!, times[i]!, steps[i - 1]!]
    if (before - after > 1.5 * step) gaps.push({ after, before, missing: Math.round((before - after) / step) - 1, step })
  }
  return gaps
}

/**
 * The gaps between instants that are in order. They are measured against the step around there: that of three equal
 * distances or more, so that a series that goes from 8 hours to 4 and to 1 has none. Between two steps the longer one
 * counts. Irregular instants are measured against {@link stepOf} all of them.
 *
 * @category combinators
 * @since 0.1.0
 */
export const gapsOf = (times: ReadonlyArray<Timestamp.Timestamp>): ReadonlyArray<Gap> => {
  const step = stepOf(times)
  return step === undefined ? [] : gapsBy(times, localSteps(times, step))
}

/** The parts of one step each, where there are several. */
const stretchesOf = (times: ReadonlyArray<Timestamp.Timestamp>): ReadonlyArray<Stretch> => {
  const runs = runsOf(times)
  if (!tell(runs, times)) return []
  const stretches: Array<Stretch> = []
  for (const { first, step } of runs) {
    const last = stretches.at(-1)
    if (last === undefined || !alike(last.step, step)) stretches.push({ from: times[first]!, step })
  }
  return stretches.length < 2 ? [] : stretches
}

/**
 * The coverage of a series by its instants, oldest first; `undefined` where there are none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (name: string, times: ReadonlyArray<Timestamp.Timestamp>): Coverage | undefined => {
  if (times.length === 0) return undefined
  return {
    name,
    count: times.length,
    from: times[0]!,
    to: times[times.length - 1]!,
    step: stepOf(times),
    stretches: stretchesOf(times),
    gaps: gapsOf(times)
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
  const step = coverage.stretches.at(-1)?.step ?? coverage.step ?? 0
  const width = Math.max((to - from) / cells, 1)
  const spans: Array<readonly [from: number, to: number]> = []
  let start = coverage.from
  for (const gap of coverage.gaps) {
    spans.push([start, gap.after + gap.step])
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
