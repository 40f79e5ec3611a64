/**
 * How text is set on a screen: colours, where there are any, and the width of a line.
 *
 * @since 0.1.0
 */
import picocolors from "picocolors"

/** Sets a text in a colour. @category models @since 0.1.0 */
export type Paint = (text: string) => string

/**
 * Colours and width. Without colours every function gives back what it takes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Style {
  /** Columns of a line. */
  readonly width: number
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly cyan: Paint
}

/** Lines longer than this are hard to read, on however wide a screen. */
const maxWidth = 110

/** Columns where the screen does not tell. */
const defaultWidth = 100

const minWidth = 60

/** @category constructors @since 0.1.0 */
export const make = (options: { readonly color: boolean; readonly columns?: number | undefined }): Style => {
  const { bold, cyan, dim, green, red, yellow } = picocolors.createColors(options.color)
  const width = Math.min(Math.max(options.columns ?? defaultWidth, minWidth), maxWidth)
  return { width, bold, cyan, dim, green, red, yellow }
}

/** No colours, default width. @category constants @since 0.1.0 */
export const plain: Style = make({ color: false })

// The escape sequences that colours are made of.
// eslint-disable-next-line no-control-regex
const escapes = /\u001b\[[0-9;]*m/g

/** The text without colours. @category combinators @since 0.1.0 */
export const strip = (text: string): string => text.replace(escapes, "")

/** Columns that a text without line breaks takes. @category combinators @since 0.1.0 */
export const columnsOf = (text: string): number => [...strip(text)].length

/** The text painted, but not the spaces after it. @category combinators @since 0.1.0 */
export const paint = (colour: Paint, text: string): string => {
  const inked = text.trimEnd()
  return colour(inked) + text.slice(inked.length)
}

/** The text with spaces after it, up to a width. @category combinators @since 0.1.0 */
export const padEnd = (text: string, width: number): string => text + " ".repeat(Math.max(width - columnsOf(text), 0))

/**
 * Lines of at most `width` columns, broken between words; a word that is longer is cut.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const paragraph of text.split("\n")) {
    let line = ""
    for (let word of paragraph.split(" ")) {
      if (line !== "" && columnsOf(line) + 1 + columnsOf(word) > width) {
        lines.push(line)
        line = ""
      }
      while (columnsOf(word) > width) {
        const characters = [...word]
        lines.push(characters.slice(0, width).join(""))
        word = characters.slice(width).join("")
      }
      line = line === "" ? word : `${line} ${word}`
    }
    lines.push(line)
  }
  return lines
}
