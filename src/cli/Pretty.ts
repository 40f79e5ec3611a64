/**
 * JSON and numbers as people read them.
 *
 * @since 0.1.0
 */
import * as Amount from "../domain/Amount.js"
import * as Decimal from "../domain/Decimal.js"
import type { Json } from "../domain/Json.js"
import * as Style from "./Style.js"

const isScalar = (value: Json): boolean => value === null || typeof value !== "object"

/** A plain value or a key; what a terminal would obey is escaped, as JSON allows. */
const scalar = (value: Json): string => Style.inert(JSON.stringify(value))

/**
 * JSON with an indent of two, and lists of plain values on one line. Control characters and marks of direction are
 * escaped.
 *
 * @category combinators
 * @since 0.1.0
 */
export const json = (value: Json, indent = ""): string => {
  if (value === null || typeof value !== "object") return scalar(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]"
    return value.every(isScalar)
      ? `[${value.map(scalar).join(", ")}]`
      : `[\n${value.map((member: Json) => inner + json(member, inner)).join(",\n")}\n${indent}]`
  }
  const entries = Object.entries(value as { readonly [key: string]: Json }).filter(([, member]) => member !== undefined)
  if (entries.length === 0) return "{}"
  return `{\n${entries.map(([key, member]) => `${inner}${scalar(key)}: ${json(member, inner)}`).join(",\n")}\n${indent}}`
}

/** Digits of the whole part in groups of three. */
const grouped = (text: string): string => {
  const [whole, fraction] = text.split(".")
  const groups = whole!.replace(/\B(?=(\d{3})+$)/g, ",")
  return fraction === undefined ? groups : `${groups}.${fraction}`
}

/** Every digit, the whole part in groups of three. @category combinators @since 0.1.0 */
export const exact = (amount: Amount.Amount): string => grouped(Amount.format(amount))

/** The same of a decimal. @category combinators @since 0.1.0 */
export const exactDecimal = (decimal: Decimal.Decimal): string => grouped(Decimal.format(decimal))

/**
 * Rounded half up to a number of decimals, all of them written: `10,510.26`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fixed = (decimal: Decimal.Decimal, decimals: number): string => {
  const scaled = Decimal.toScale(decimal, decimals, "half_up")
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(decimals + 1, "0")
  const whole = digits.slice(0, digits.length - decimals)
  const text = grouped(decimals === 0 ? whole : `${whole}.${digits.slice(digits.length - decimals)}`)
  return scaled < 0n ? `-${text}` : text
}

/**
 * Rounded half up to at most 8 decimals, or to as many as show that it is not zero.
 *
 * @category combinators
 * @since 0.1.0
 */
export const short = (decimal: Decimal.Decimal): string => {
  for (let scale = 8; scale < decimal.scale; scale++) {
    const scaled = Decimal.toScale(decimal, scale, "half_up")
    if (scaled !== 0n) return grouped(Decimal.formatScaled(scaled, scale))
  }
  return exactDecimal(decimal)
}

/** The text with a plus sign where it is neither negative nor zero. @category combinators @since 0.1.0 */
export const signed = (text: string): string => (text.startsWith("-") || /^[0.,]*$/.test(text) ? text : `+${text}`)

/**
 * The texts with spaces after them so that, set to the right, their decimal points stand in one column.
 *
 * @category combinators
 * @since 0.1.0
 */
export const alignPoints = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const tail = (text: string) => (text.includes(".") ? text.length - text.indexOf(".") : 0)
  const longest = Math.max(0, ...texts.map(tail))
  return texts.map((text) => text + " ".repeat(longest - tail(text)))
}
