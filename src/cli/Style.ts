/**
 * How text is set on a screen: colours, where there are any, and the width of a line.
 *
 * @since 0.1.0
 */
import * as crypto from "node:crypto"
import picocolors from "picocolors"
import * as Inert from "../internal/Inert.js"

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

/**
 * What tells the colours of this program from escape sequences that a text brings along: a number that nobody outside
 * of this process knows, as a second parameter of the sequence.
 */
const key = crypto.randomInt(1e8, 1e9)

/** How an escape sequence begins, in a pattern. */
const introducer = "\\u001b\\["

/** A colour of this program. */
const own = `${introducer}\\d{1,2};${key}m`

/** The same as a terminal understands it. */
const bare = new RegExp(`${introducer}(\\d{1,2})m`, "g")

const marked = new RegExp(`${introducer}(\\d{1,2});${key}m`, "g")

const unmark = (text: string): string => text.replace(marked, "\u001b[$1m")

/**
 * A text that is {@link inert}, after a function that knows colours in their usual form only.
 *
 * @category combinators
 * @since 0.1.0
 */
export const painted = (text: string, paint: Paint): string => paint(unmark(text)).replace(bare, `\u001b[$1;${key}m`)

const foreign = new RegExp(`${own}|${Inert.obeyed}`, "gu")

/**
 * The text with nothing in it that a terminal obeys: control characters but the newline, escape sequences but the
 * colours of a {@link Style}, and marks of direction are written as `\\uXXXX`. In a text of JSON this is an escape of
 * the same value.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inert = (text: string): string =>
  text.replace(foreign, (found) => (found === "\n" || (found.length > 2 && found.startsWith("\u001b")) ? found : Inert.escape(found)))

/** {@link inert} on one line: newlines are escaped too. @category combinators @since 0.1.0 */
export const inertLine = (text: string): string => inert(text).replaceAll("\n", "\\u000a")

/**
 * The text as it leaves the program: {@link inert}, and its colours as a terminal understands them.
 *
 * @category combinators
 * @since 0.1.0
 */
export const render = (text: string): string => unmark(inert(text))

/** @category constructors @since 0.1.0 */
export const make = (options: { readonly color: boolean; readonly columns?: number | undefined }): Style => {
  const colours = picocolors.createColors(options.color)
  const paint = (colour: Paint): Paint => (options.color ? (text) => painted(inert(text), colour) : (text) => text)
  const width = Math.min(Math.max(options.columns ?? defaultWidth, minWidth), maxWidth)
  return {
    width,
    bold: paint(colours.bold),
    dim: paint(colours.dim),
    red: paint(colours.red),
    green: paint(colours.green),
    yellow: paint(colours.yellow),
    cyan: paint(colours.cyan)
  }
}

/** No colours, default width. @category constants @since 0.1.0 */
export const plain: Style = make({ color: false })

// The escape sequences that colours are made of.
const escapes = new RegExp(`${introducer}[0-9;]*m`, "g")

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
