/**
 * Instants: epoch milliseconds in the program, RFC 3339 with a zone on the wire.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Pattern from "./Pattern.js"

/**
 * Milliseconds since 1970-01-01T00:00:00Z.
 *
 * @category models
 * @since 0.1.0
 */
export type Timestamp = number

const pattern = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+-]\d{2}:\d{2})$/

/**
 * Reads RFC 3339 with a zone; the seconds may be left out. Answers `undefined` for anything else, for days and hours
 * that no calendar has, and for years before 1970.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Timestamp | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const day = DateTime.make(`${match[1]}T00:00:00Z`)
  if (day._tag === "None" || DateTime.formatIsoDateUtc(day.value) !== match[1]) return undefined
  const [hours, minutes, seconds] = [match[2], match[3], match[4] ?? "0"].map((part) => Number.parseInt(part!, 10))
  if (hours! > 23 || minutes! > 59 || seconds! > 59) return undefined
  const zone = match[6]!
  let offset = 0
  if (zone !== "Z" && zone !== "z") {
    const [zoneHours, zoneMinutes] = [zone.slice(1, 3), zone.slice(4, 6)].map((part) => Number.parseInt(part, 10))
    if (zoneHours! > 23 || zoneMinutes! > 59) return undefined
    offset = (zone.startsWith("-") ? -1 : 1) * (zoneHours! * 60 + zoneMinutes!) * 60_000
  }
  const milliseconds = Number.parseInt((match[5] ?? "").padEnd(3, "0").slice(0, 3), 10)
  const at = DateTime.toEpochMillis(day.value) + ((hours! * 60 + minutes!) * 60 + seconds!) * 1000 + milliseconds - offset
  return isValid(at) ? at : undefined
}

/**
 * Reads an instant that the program itself wrote down; a text that is not one is a defect.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unsafe = (text: string): Timestamp => parse(text) ?? DateTime.toEpochMillis(DateTime.unsafeMake(text))

/** A minute in milliseconds. @category constants @since 0.1.0 */
export const minute = 60_000

/** An hour in milliseconds. @category constants @since 0.1.0 */
export const hour = 3_600_000

/** A day in milliseconds. @category constants @since 0.1.0 */
export const day = 86_400_000

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`)

// Instants come in order, each several times and many of one day: their texts are made once.
let lastDay = NaN
let lastDayText = ""
let lastAt = NaN
let lastText = ""

/** `2024-06-01T00:00:00Z`, with milliseconds only where there are any. @category combinators @since 0.1.0 */
export const format = (at: Timestamp): string => {
  if (at !== lastAt) {
    lastText = write(at)
    lastAt = at
  }
  return lastText
}

const write = (at: Timestamp): string => {
  const dayNumber = Math.floor(at / day)
  if (dayNumber !== lastDay) {
    lastDayText = DateTime.formatIsoDateUtc(DateTime.unsafeMake(at))
    lastDay = dayNumber
  }
  const rest = at - dayNumber * day
  const seconds = Math.floor(rest / 1000)
  const milliseconds = rest - seconds * 1000
  return `${lastDayText}T${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${
    milliseconds === 0 ? "" : `.${String(milliseconds).padStart(3, "0")}`
  }Z`
}

/** The last instant of the year 9999. */
const last = 253_402_300_799_999

/** Whether the number is an instant from 1970 to 9999. @category guards @since 0.1.0 */
export const isValid = (at: number): at is Timestamp => Number.isInteger(at) && at >= 0 && at <= last

const expectation = "an RFC 3339 timestamp with zone (\"2024-06-01T00:00:00Z\")"

/** Codec between RFC 3339 text and epoch milliseconds. @category schemas @since 0.1.0 */
export const Timestamp: Schema.Schema<Timestamp, string> = Schema.transformOrFail(
  Schema.String.annotations({ description: expectation }),
  Schema.Number.pipe(Schema.int(), Schema.between(0, last)),
  {
    strict: true,
    decode: (text, _options, ast) => {
      const at = parse(text)
      return at === undefined
        ? Either.left(new ParseResult.Type(ast, text, `expected ${expectation}`))
        : Either.right(at)
    },
    encode: (at) => Either.right(format(at))
  }
).annotations({ identifier: "Timestamp", description: expectation, jsonSchema: { ...Pattern.timestamp, description: expectation } })
