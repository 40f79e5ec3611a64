/**
 * The rows of a CSV text that comes in pieces: no more than a piece and an unfinished line are in memory.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Csv from "../DataProvider/Csv.js"

/** Where a text is no CSV, and what is wrong there. @category models @since 0.1.0 */
export interface Malformed {
  readonly line: number
  readonly what: string
}

/**
 * Takes a text piece by piece. Either answers what is wrong with it as far as it is known, and goes on answering that.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rows {
  readonly push: (text: string) => Malformed | undefined
  readonly end: () => Malformed | undefined
}

/** Characters that one row may have. Longer ones are no rows of figures. */
const longest = 1 << 20

/** Characters of whole lines that are parsed at once. */
const block = 1 << 16

const countLines = (text: string): number => {
  let lines = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) lines++
  }
  return lines
}

/**
 * Index after the last line of the text that has ended outside of quotes, 0 where none has. A carriage return at the very
 * end may be the first half of a line's end.
 */
const endOfLines = (text: string): number => {
  const last = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r", text.length - 2))
  if (!text.includes("\"")) return last + 1
  let end = 0
  let quoted = false
  let comment = text.startsWith("#")
  for (let i = 0; i <= last; i++) {
    const code = text.charCodeAt(i)
    if (code === 34 && !comment) quoted = !quoted
    else if ((code === 10 || code === 13) && !quoted) {
      if (code === 13 && text.charCodeAt(i + 1) === 10) i++
      end = i + 1
      comment = text.charCodeAt(i + 1) === 35
    }
  }
  return end
}

/**
 * Reads rows and hands each to `take`, until that answers `false`. Lines that begin with `#`, and empty ones, are none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (take: (row: Csv.Row) => boolean): Rows => {
  let pending = ""
  let lines = 0
  let first = true
  let done = false
  let malformed: Malformed | undefined

  const parse = (text: string) => {
    const parsed = Csv.rows(text, { comment: "#", bom: first })
    first = false
    if (Either.isLeft(parsed)) {
      const { line, rows, what } = parsed.left
      for (const row of rows) if (!done) done = !take({ line: row.line + lines, cells: row.cells })
      if (!done) malformed = { line: line + lines, what }
      return
    }
    for (const { cells, line } of parsed.right) {
      if (done) return
      done = !take({ line: line + lines, cells })
    }
    lines += countLines(text)
  }

  return {
    push: (text) => {
      if (done || malformed !== undefined) return malformed
      pending += text
      if (pending.length < block) return undefined
      const end = endOfLines(pending)
      if (end > 0) {
        parse(pending.slice(0, end))
        pending = pending.slice(end)
      }
      if (!done && malformed === undefined && pending.length > longest) {
        malformed = { line: lines + 1, what: `not CSV: a row of more than ${longest} characters, or a quote is opened that does not close` }
      }
      return malformed
    },
    end: () => {
      if (!done && malformed === undefined && pending !== "") parse(pending)
      pending = ""
      return malformed
    }
  }
}
