/**
 * Rows of several files as one set of series: repeated rows count once, values that differ are settled or refused.
 *
 * @since 0.1.0
 */
import * as Decimal from "../../domain/Decimal.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Coverage from "../Coverage.js"
import type * as Table from "../Table.js"
import type * as Finding from "./Finding.js"

/**
 * What is done where two rows tell different values of one series and instant: nothing is imported (`refuse`), or the
 * one that is read `first` or `last` holds. Files are read in the order in which they are named.
 *
 * @category models
 * @since 0.1.0
 */
export type OnConflict = "refuse" | "first" | "last"

/** A silence of a series; `line` is of the row after it. @category models @since 0.1.0 */
export interface Gap extends Coverage.Gap, Finding.Place {
  readonly series: string
}

/** Series of rows, and what was found between them. @category models @since 0.1.0 */
export interface Merged {
  readonly series: ReadonlyArray<Table.Series>
  readonly duplicates: ReadonlyArray<Finding.Place>
  readonly conflicts: ReadonlyArray<Finding.Finding>
  readonly gaps: ReadonlyArray<Gap>
}

/** An observation, by the part it is of and its index there. */
interface Entries {
  readonly parts: ReadonlyArray<{ readonly rows: Finding.Rows; readonly source: number; readonly figures: Finding.Figures }>
  /** Part and index of each, in the order of instants and, of one instant, in that in which they are read. */
  readonly part: Uint32Array
  readonly index: Uint32Array
}

const sorted = (parts: Entries["parts"]): Entries => {
  const total = parts.reduce((sum, { figures }) => sum + figures.times.length, 0)
  const at = new Float64Array(total)
  const part = new Uint32Array(total)
  const index = new Uint32Array(total)
  let n = 0
  let inOrder = true
  for (const [p, { figures: { times } }] of parts.entries()) {
    for (let i = 0; i < times.length; i++, n++) {
      at[n] = times[i]!
      part[n] = p
      index[n] = i
      if (n > 0 && at[n]! < at[n - 1]!) inOrder = false
    }
  }
  if (inOrder) return { parts, part, index }
  const order = Uint32Array.from(at, (_, i) => i).sort((a, b) => at[a]! - at[b]! || a - b)
  return { parts, part: part.map((_, i) => part[order[i]!]!), index: index.map((_, i) => index[order[i]!]!) }
}

/**
 * Merges the rows of files in the order in which they are read.
 *
 * @category constructors
 * @since 0.1.0
 */
export const merge = (sources: ReadonlyArray<Finding.Rows>, rule: OnConflict): Merged => {
  const named = new Map<string, Array<Entries["parts"][number]>>()
  /** Observations of each row, and those of them that another row had. */
  const observed = sources.map(({ times }) => new Uint8Array(times.length))
  const repeated = sources.map(({ times }) => new Uint8Array(times.length))
  for (const [source, rows] of sources.entries()) {
    for (const figures of rows.figures) {
      for (const row of figures.rows) observed[source]![row]!++
      const parts = named.get(figures.series)
      if (parts === undefined) named.set(figures.series, [{ rows, source, figures }])
      else parts.push({ rows, source, figures })
    }
  }
  const conflicts: Array<readonly [source: number, Finding.Finding]> = []
  const series: Array<Table.Series> = []
  const gaps: Array<Gap> = []
  for (const name of [...named.keys()].sort()) {
    const { index, part, parts } = sorted(named.get(name)!)
    const observations: Array<MarketSnapshot.Observation> = []
    const kept: Array<number> = []
    const placeOf = (n: number): Finding.Place => {
      const { figures, rows } = parts[part[n]!]!
      return rows.place(figures.rows[index[n]!]!)
    }
    for (let n = 0; n < part.length; n++) {
      const { figures, source } = parts[part[n]!]!
      const at = figures.times[index[n]!]!
      const value = figures.values[index[n]!]!
      const before = observations.at(-1)
      if (before === undefined || before.at !== at) {
        observations.push({ at, value })
        kept.push(n)
      } else if (Decimal.compare(before.value, value) === 0) {
        repeated[source]![figures.rows[index[n]!]!]!++
      } else {
        const [place, other] = [placeOf(n), placeOf(kept.at(-1)!)]
        conflicts.push([source, {
          ...place,
          what: `series ${name}: ${Decimal.format(value)} at ${Timestamp.format(at)}, and ${Decimal.format(before.value)} in ${
            other.file === place.file ? "" : `${other.file} `
          }line ${other.line}`
        }])
        if (rule === "last") {
          observations[observations.length - 1] = { at, value }
          kept[kept.length - 1] = n
        }
      }
    }
    if (observations.length === 0) continue
    series.push({ name, observations })
    if (!parts.some(({ figures }) => figures.leading)) continue
    const rowTime = (n: number): Timestamp.Timestamp => {
      const { figures, rows } = parts[part[n]!]!
      return rows.times[figures.rows[index[n]!]!]!
    }
    const times = kept.map(rowTime)
    const found = Coverage.make(name, times)?.gaps ?? []
    let i = 0
    for (const gap of found) {
      while (times[i]! < gap.before) i++
      gaps.push({ ...gap, series: name, ...placeOf(kept[i]!) })
    }
  }
  const duplicates: Array<Finding.Place> = []
  for (const [source, rows] of sources.entries()) {
    for (let row = 0; row < rows.times.length; row++) {
      if (observed[source]![row]! > 0 && observed[source]![row] === repeated[source]![row]) duplicates.push(rows.place(row))
    }
  }
  return {
    series,
    duplicates,
    conflicts: conflicts.sort(([a, x], [b, y]) => a - b || x.line - y.line).map(([, finding]) => finding),
    gaps
  }
}
