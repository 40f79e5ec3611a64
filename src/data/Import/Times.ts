/**
 * Instants as files of exchanges write them, whose unit their digits tell.
 *
 * @since 0.1.0
 */
import * as Timestamp from "../../domain/Timestamp.js"
import * as Csv from "../DataProvider/Csv.js"

/**
 * How an instant is written: as a text, or as a number since 1970 of these units.
 *
 * @category models
 * @since 0.1.0
 */
export type Unit = "text" | "seconds" | "milliseconds" | "microseconds" | "nanoseconds"

/** An instant and how it was written. @category models @since 0.1.0 */
export interface Instant {
  readonly at: Timestamp.Timestamp
  readonly unit: Unit
}

/** Numbers of 9 or 10 digits are seconds of the years 1973 to 2286, three more digits are a finer unit. */
const number = /^(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.(\d{1,18}))?$/

const units: ReadonlyArray<readonly [unit: Unit, digits: number]> = [
  ["seconds", 10],
  ["milliseconds", 13],
  ["microseconds", 16],
  ["nanoseconds", 19]
]

/** Dates with or without a time, as `2024.06.01 00:00` and `2024-06-01`. */
const zoneless = /^(\d{4})[-.](\d{2})[-.](\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?$/

/**
 * Reads RFC 3339 with a zone, or seconds, milliseconds, microseconds or nanoseconds since 1970, told by their digits; with
 * `utc` also dates and times that have no zone. A part of a millisecond counts as a whole one, as nothing is known before
 * it was. `undefined` for anything else, and for numbers whose digits fit two units.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string, utc = false): Instant | undefined => {
  const match = number.exec(text)
  if (match === null) {
    const date = utc ? zoneless.exec(text) : null
    const at = Csv.parseInstant(date === null ? text : `${date[1]}-${date[2]}-${date[3]}T${date[4] ?? "00:00"}Z`)
    return at === undefined ? undefined : { at, unit: "text" }
  }
  const [, whole, fraction = ""] = match
  const [unit] = units.find(([, digits]) => whole!.length <= digits)!
  const length = whole!.length
  const [milliseconds, rest] = unit === "seconds"
    ? [`${whole}${fraction.slice(0, 3).padEnd(3, "0")}`, fraction.slice(3)]
    : unit === "milliseconds"
    ? [whole!, fraction]
    : [whole!.slice(0, length - (unit === "microseconds" ? 3 : 6)), whole!.slice(length - (unit === "microseconds" ? 3 : 6)) + fraction]
  const at = Number.parseInt(milliseconds, 10) + (/[1-9]/.test(rest) ? 1 : 0)
  return Timestamp.isValid(at) ? { at, unit } : undefined
}

/** What {@link parse} reads, for messages. @category constants @since 0.1.0 */
export const expectation = "an instant, RFC 3339 with zone, or seconds, milliseconds, microseconds or nanoseconds since 1970"

/** Why a text is no instant, as far as that can be told. @category combinators @since 0.1.0 */
export const reason = (text: string): string =>
  zoneless.test(text)
    ? `expected ${expectation}, and got ${JSON.stringify(text)}, which has no zone`
    : /^\d+$/.test(text)
    ? `expected ${expectation}, and got ${JSON.stringify(text)}, whose ${text.length} digits are none of them`
    : `expected ${expectation}, and got ${JSON.stringify(text)}`

const lengths: ReadonlyArray<readonly [name: string, milliseconds: number]> = [
  ["day", Timestamp.day],
  ["hour", Timestamp.hour],
  ["minute", 60_000],
  ["second", 1000],
  ["millisecond", 1]
]

/** A length of time in the longest unit that it is a whole number of: `1 hour`, `15 minutes`. @category combinators @since 0.1.0 */
export const lengthText = (milliseconds: number): string => {
  const [name, length] = lengths.find(([, length]) => milliseconds % length === 0) ?? ["millisecond", 1]
  const count = milliseconds / length
  return `${count} ${name}${count === 1 ? "" : "s"}`
}
