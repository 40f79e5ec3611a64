/**
 * What series cover, as a table with a bar of time for each.
 *
 * @since 0.1.0
 */
import * as Coverage from "../data/Coverage.js"
import type { Json } from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Style from "./Style.js"
import * as Table from "./Table.js"

const units: ReadonlyArray<readonly [unit: string, milliseconds: number]> = [
  ["d", Timestamp.day],
  ["h", Timestamp.hour],
  ["min", 60_000],
  ["s", 1000]
]

/** A step as people say it: `8 h`, `1 min`. */
const stepText = (step: number | undefined): string => {
  if (step === undefined) return "-"
  const unit = units.find(([, length]) => step % length === 0)
  return unit === undefined ? `${step} ms` : `${step / unit[1]} ${unit[0]}`
}

/** The steps of a series in the order in which they come, `8 h, 4 h`; of a series that has many its most frequent one. */
const stepsText = ({ step, stretches }: Coverage.Coverage): string => {
  const steps = [...new Set(stretches.map(({ step }) => stepText(step)))]
  return steps.length >= 2 && steps.length <= 3 ? steps.join(", ") : stepText(step)
}

/** An instant to the minute, as charts show it. @category combinators @since 0.1.0 */
export const minuteText = (at: Timestamp.Timestamp): string => Timestamp.format(at).slice(0, 16)

const shades = ["·", "░", "▒", "▓", "█"]

/** None, up to a third, up to two thirds, not quite, whole. */
const shade = (part: number): string =>
  shades[part <= 0 ? 0 : part >= 1 - 1e-9 ? 4 : part < 1 / 3 ? 1 : part < 2 / 3 ? 2 : 3]!

const leastCells = 12

/**
 * The lines: a row for each series with its extent, count, step and gaps, and how full each part of the whole time is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lines = (style: Style.Style, all: ReadonlyArray<Coverage.Coverage>): ReadonlyArray<string> => {
  if (all.length === 0) return ["  none"]
  const from = all.reduce((least, coverage) => Math.min(least, coverage.from), Number.POSITIVE_INFINITY)
  const to = all.reduce((most, coverage) => Math.max(most, coverage.to), 0)
  const rows = all.map((coverage) => [
    coverage.name,
    String(coverage.count),
    minuteText(coverage.from),
    minuteText(coverage.to),
    stepsText(coverage),
    coverage.gaps.length === 0 ? "-" : String(coverage.gaps.length),
    coverage.gaps.length === 0 ? "-" : String(coverage.gaps.reduce((sum, gap) => sum + gap.missing, 0))
  ])
  const heads = ["series", "count", "from", "to", "step", "gaps", "missing"]
  const taken = heads.reduce((sum, head, i) => sum + 2 + Math.max(head.length, ...rows.map((row) => Style.columnsOf(row[i]!))), 2)
  const cells = Math.max(style.width - taken - 2, leastCells)
  return Table.lines(
    style,
    [
      ...heads.map((head, i): Table.Column => ({ head, align: i === 1 || i >= 4 ? "right" : "left" })),
      { head: "coverage" }
    ],
    all.map((coverage, i) => [...rows[i]!, Coverage.density(coverage, from, to, cells).map(shade).join("")])
  )
}

/** Coverage as JSON; steps are seconds. @category combinators @since 0.1.0 */
export const json = (all: ReadonlyArray<Coverage.Coverage>): Json =>
  all.map(({ count, from, gaps, name, step, stretches, to }) => ({
    series: name,
    count,
    from: Timestamp.format(from),
    to: Timestamp.format(to),
    step_seconds: step === undefined ? null : step / 1000,
    steps: stretches.map(({ from, step }) => ({ from: Timestamp.format(from), step_seconds: step / 1000 })),
    gaps: gaps.map(({ after, before, missing }) => ({
      after: Timestamp.format(after),
      before: Timestamp.format(before),
      missing
    }))
  }))
