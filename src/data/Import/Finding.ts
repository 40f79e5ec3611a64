/**
 * What files hold, what is wrong with it, and where it stands.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Decimal from "../../domain/Decimal.js"
import type * as Timestamp from "../../domain/Timestamp.js"

/** Where something stands. `line` counts from 1; in a file without lines it is the row. @category models @since 0.1.0 */
export interface Place {
  readonly file: string
  readonly line: number
}

/** Something that stands in a file, said in words. @category models @since 0.1.0 */
export interface Finding extends Place {
  readonly what: string
}

/** Observations of one series. `rows` tells of each the index of its row. @category models @since 0.1.0 */
export interface Figures {
  readonly series: string
  /** Whether the values stand at the times of rows, so that a silence of theirs is one of the file. */
  readonly leading: boolean
  readonly rows: ReadonlyArray<number>
  readonly times: ReadonlyArray<Timestamp.Timestamp>
  readonly values: ReadonlyArray<Decimal.Decimal>
}

/** Rows that were read, by their index, and the figures of them. @category models @since 0.1.0 */
export interface Rows {
  readonly times: ReadonlyArray<Timestamp.Timestamp>
  readonly place: (row: number) => Place
  readonly figures: ReadonlyArray<Figures>
}

const shown = 10

/**
 * Files that are not imported, with everything that stands in the way.
 *
 * @category errors
 * @since 0.1.0
 */
export class ImportError extends Data.TaggedError("ImportError")<{
  readonly findings: ReadonlyArray<Finding>
}> {
  override get message(): string {
    const lines = this.findings.slice(0, shown).map(({ file, line, what }) => `${file} line ${line}: ${what}`)
    const more = this.findings.length - lines.length
    return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n")
  }
}
