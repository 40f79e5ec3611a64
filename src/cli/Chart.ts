/**
 * Value over time as a small chart of characters.
 *
 * @since 0.1.0
 */
import { createRequire } from "node:module"
import * as Decimal from "../domain/Decimal.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Result from "../modes/Backtest/Result.js"
import * as Pretty from "./Pretty.js"
import type * as Style from "./Style.js"

/** What of the package is used; it comes without types. */
const { plot } = createRequire(import.meta.url)("asciichart") as {
  readonly plot: (
    series: ReadonlyArray<number>,
    options: {
      readonly height: number
      readonly min: number
      readonly max: number
      readonly symbols: ReadonlyArray<string>
      readonly format: (y: number) => string
    }
  ) => string
}

/** Rows between the least and the greatest value. */
const height = 8

const least = 24

/** Those of the package, but for the first: it marks the first value and, for no reason, the uppermost row. */
const symbols = ["┤", "┤", "╶", "╴", "─", "╰", "╭", "╮", "╯", "│"]

/** Index of the least or the greatest value, the first where there are several. */
const extreme = (points: ReadonlyArray<Result.ValuePoint>, sign: 1 | -1): number => {
  let found = 0
  for (let i = 1; i < points.length; i++) {
    if (Decimal.compare(points[i]!.value, points[found]!.value) === sign) found = i
  }
  return found
}

/**
 * The newest value at each of `count` instants, four or more, spread evenly over the time of the points, which are
 * oldest first. A peak and a trough between two of the instants are moved to one of them, so that none is overlooked.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sample = (points: ReadonlyArray<Result.ValuePoint>, count: number): ReadonlyArray<Decimal.Decimal> => {
  const from = points[0]!.at
  const span = points.at(-1)!.at - from
  const picked: Array<number> = []
  let next = 0
  for (let i = 0; i < count; i++) {
    const at = from + (span * i) / (count - 1)
    while (next + 1 < points.length && points[next + 1]!.at <= at) next++
    picked.push(next)
  }
  picked[0] = 0
  picked[count - 1] = points.length - 1
  const extremes = [extreme(points, -1), extreme(points, 1)].sort((a, b) => a - b)
    .filter((index) => index !== 0 && index !== points.length - 1)
  const columns = extremes.map((index) => Math.min(Math.max(picked.findIndex((other) => other >= index), 1), count - 2))
  // The two in one column: the earlier goes one to the left, or the later one to the right.
  if (columns.length === 2 && columns[0] === columns[1]) {
    if (columns[0]! > 1) columns[0]!--
    else columns[1]!++
  }
  extremes.forEach((index, k) => void (picked[columns[k]!] = index))
  return picked.map((index) => points[index]!.value)
}

const dayOf = (at: Timestamp.Timestamp): string => Timestamp.format(at).slice(0, 10)

const minuteOf = (at: Timestamp.Timestamp): string => Timestamp.format(at).slice(5, 16).replace("T", " ")

/**
 * Lines of the chart with its two axes, as wide as the style says. Nothing for fewer than two instants.
 *
 * The values are drawn as fractions of their range, so that no amount loses a digit to the drawing: what stands at the
 * axis is exact, rounded to `decimals`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lines = (
  style: Style.Style,
  points: ReadonlyArray<Result.ValuePoint>,
  decimals: number
): ReadonlyArray<string> => {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined || first.at === last.at) return []
  const all = points.map(({ value }) => value)
  const min = all.reduce(Decimal.min)
  const max = all.reduce(Decimal.max)
  const range = Decimal.subtract(max, min)
  const rows = Decimal.make(BigInt(height), 0)
  const atRow = (y: number) =>
    Decimal.add(min, Decimal.quotient(Decimal.multiply(range, Decimal.make(BigInt(y), 0)), rows, 18, "down"))
  const rowOf = (value: Decimal.Decimal) =>
    Decimal.quotient(Decimal.multiply(Decimal.subtract(value, min), rows), range, 6, "half_up")
  const labels = range.value === 0n
    ? [Pretty.fixed(min, decimals)]
    : Array.from({ length: height + 1 }, (_, y) => Pretty.fixed(atRow(y), decimals))
  const left = Math.max(...labels.map((label) => label.length))
  const columns = Math.max(style.width - left - 5, least)
  const drawn = sample(points, columns).map((value) =>
    range.value === 0n ? 0 : Number.parseFloat(Decimal.format(rowOf(value))))
  const chart = plot(drawn, {
    height: range.value === 0n ? 1 : height,
    min: 0,
    max: range.value === 0n ? 0 : height,
    symbols,
    format: (y) => labels[Math.round(y)]!.padStart(left)
  })
  const picture = chart.split("\n").map((line) => {
    const axis = left + 2
    return `  ${style.dim(line.slice(0, axis))}${style.cyan(line.slice(axis))}`.trimEnd()
  })
  const short = last.at - first.at < 3 * Timestamp.day
  const text = short ? minuteOf : dayOf
  const begin = text(first.at)
  const middle = text(first.at + Math.round((last.at - first.at) / 2))
  const end = text(last.at)
  const gap = columns + 1 - begin.length - middle.length - end.length
  const before = Math.round(gap / 2)
  const times = gap < 4
    ? begin + end.padStart(columns + 1 - begin.length)
    : begin + " ".repeat(before) + middle + " ".repeat(gap - before) + end
  return [...picture, `  ${" ".repeat(left + 2)}${style.dim(times)}`]
}
