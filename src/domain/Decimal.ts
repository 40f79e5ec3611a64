/**
 * Exact decimal numbers for prices, rates and everything that is not a ledger amount.
 *
 * A `Decimal` is effect's `BigDecimal`. Its own text codec turns exponential at scale 16 and reads the empty string as
 * zero, so the text form is defined here: plain notation, at most 78 digits.
 *
 * @since 0.1.0
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Pattern from "./Pattern.js"

/**
 * An exact decimal: `value / 10^scale`.
 *
 * @category models
 * @since 0.1.0
 */
export type Decimal = BigDecimal.BigDecimal

/**
 * Where the remainder of a division goes. `down` is towards minus infinity, `up` towards plus infinity, `half_up` to
 * the nearest with ties away from zero.
 *
 * @category models
 * @since 0.1.0
 */
export type Rounding = "down" | "up" | "half_up"

/** Most digits that a decimal may be written with: those of 2^256. @category constants @since 0.1.0 */
export const maxDigits = 78

const pattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

const powers: Array<bigint> = [1n]

const keptPowers = 512

/**
 * `10^exponent` as a bigint; the exponent is a non-negative integer.
 *
 * @category combinators
 * @since 0.1.0
 */
export const pow10 = (exponent: number): bigint => {
  // A list of the powers is kept as far as decimals reach: of all up to 10^100000 it would fill the memory.
  if (exponent > keptPowers) return 10n ** BigInt(exponent)
  for (let i = powers.length; i <= exponent; i++) powers.push(powers[i - 1]! * 10n)
  return powers[exponent]!
}

/**
 * `numerator / denominator` rounded to an integer in the named direction. The denominator is positive.
 *
 * @category combinators
 * @since 0.1.0
 */
export const divide = (numerator: bigint, denominator: bigint, rounding: Rounding): bigint => {
  const quotient = numerator / denominator
  const remainder = numerator - quotient * denominator
  if (remainder === 0n) return quotient
  switch (rounding) {
    case "down":
      return numerator < 0n ? quotient - 1n : quotient
    case "up":
      return numerator < 0n ? quotient : quotient + 1n
    case "half_up": {
      const twice = 2n * (remainder < 0n ? -remainder : remainder)
      return twice >= denominator ? (numerator < 0n ? quotient - 1n : quotient + 1n) : quotient
    }
  }
}

/**
 * Reads plain notation: an optional minus, no exponent, no sign on zero, no leading zeros, at most 78 digits as written.
 * Trailing zeros of the fraction are read and dropped. Answers `undefined` for anything else.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Decimal | undefined => {
  if (text.length > maxDigits + 2 || !pattern.test(text)) return undefined
  const point = text.indexOf(".")
  if (text.length - (point < 0 ? 0 : 1) - (text.startsWith("-") ? 1 : 0) > maxDigits) return undefined
  let end = text.length
  if (point >= 0) {
    while (text.charCodeAt(end - 1) === 48) end--
    if (end - 1 === point) end = point
  }
  const scale = point >= 0 && end > point ? end - point - 1 : 0
  const digits = scale === 0 ? text.slice(0, end) : text.slice(0, point) + text.slice(point + 1, end)
  const value = BigInt(digits)
  if (value === 0n && text.startsWith("-")) return undefined
  return BigDecimal.make(value, scale)
}

/**
 * Reads a decimal that the program itself wrote; a text that is not one is a defect.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unsafe = (text: string): Decimal => {
  const decimal = parse(text)
  if (decimal === undefined) {
    return BigDecimal.unsafeFromString(`not a decimal: ${text}`)
  }
  return decimal
}

/** The decimal `value × 10^-scale`, exactly. @category constructors @since 0.1.0 */
export const make = (value: bigint, scale: number): Decimal => BigDecimal.make(value, scale)

/** The decimal 0, of scale 0. @category constructors @since 0.1.0 */
export const zero: Decimal = BigDecimal.make(0n, 0)

/** The decimal 1, of scale 0. @category constructors @since 0.1.0 */
export const one: Decimal = BigDecimal.make(1n, 0)

/**
 * Plain notation without trailing zeros: what {@link parse} reads back to the same value.
 *
 * @category combinators
 * @since 0.1.0
 */
export const format = (decimal: Decimal): string =>
  decimal.scale <= 0
    ? (decimal.value * pow10(-decimal.scale)).toString()
    : formatScaled(decimal.value, decimal.scale)

/**
 * Plain notation of `value / 10^scale`, without trailing zeros.
 *
 * @category combinators
 * @since 0.1.0
 */
export const formatScaled = (value: bigint, scale: number): string => {
  const negative = value < 0n
  const unsigned = (negative ? -value : value).toString()
  const digits = unsigned.length > scale ? unsigned : unsigned.padStart(scale + 1, "0")
  const whole = digits.slice(0, digits.length - scale)
  let end = digits.length
  while (end > digits.length - scale && digits.charCodeAt(end - 1) === 48) end--
  const fraction = digits.slice(digits.length - scale, end)
  const text = fraction.length === 0 ? whole : `${whole}.${fraction}`
  return negative ? `-${text}` : text
}

/**
 * The integer `decimal * 10^scale`, rounded in the named direction.
 *
 * @category combinators
 * @since 0.1.0
 */
export const toScale = (decimal: Decimal, scale: number, rounding: Rounding): bigint => {
  if (decimal.scale === scale) return decimal.value
  return decimal.scale < scale
    ? decimal.value * pow10(scale - decimal.scale)
    : divide(decimal.value, pow10(decimal.scale - scale), rounding)
}

/** The exact product: the scales add up, and nothing is rounded. @category combinators @since 0.1.0 */
export const multiply = (a: Decimal, b: Decimal): Decimal => BigDecimal.make(a.value * b.value, a.scale + b.scale)

/** The exact sum, at the larger of the two scales. @category combinators @since 0.1.0 */
export const add = (a: Decimal, b: Decimal): Decimal => {
  const scale = Math.max(a.scale, b.scale)
  return BigDecimal.make(toScale(a, scale, "down") + toScale(b, scale, "down"), scale)
}

/** The exact difference `a - b`, at the larger of the two scales. @category combinators @since 0.1.0 */
export const subtract = (a: Decimal, b: Decimal): Decimal => {
  const scale = Math.max(a.scale, b.scale)
  return BigDecimal.make(toScale(a, scale, "down") - toScale(b, scale, "down"), scale)
}

/** The same decimal with the other sign. @category combinators @since 0.1.0 */
export const negate = (a: Decimal): Decimal => BigDecimal.make(-a.value, a.scale)

/** The size of a decimal without its sign. @category combinators @since 0.1.0 */
export const abs = (a: Decimal): Decimal => (a.value < 0n ? negate(a) : a)

/**
 * `a / b` to `scale` decimals, rounded in the named direction. `b` is not zero.
 *
 * @category combinators
 * @since 0.1.0
 */
export const quotient = (a: Decimal, b: Decimal, scale: number, rounding: Rounding): Decimal => {
  const sign = b.value < 0n ? -1n : 1n
  const up = scale + b.scale - a.scale
  return BigDecimal.make(
    up >= 0
      ? divide(sign * a.value * pow10(up), sign * b.value, rounding)
      : divide(sign * a.value, sign * b.value * pow10(-up), rounding),
    scale
  )
}

/** Sign of `a - b`. @category combinators @since 0.1.0 */
export const compare = (a: Decimal, b: Decimal): -1 | 0 | 1 => {
  const scale = Math.max(a.scale, b.scale)
  const left = toScale(a, scale, "down")
  const right = toScale(b, scale, "down")
  return left < right ? -1 : left > right ? 1 : 0
}

/** The smaller of two decimals by value, the first where they are equal. @category combinators @since 0.1.0 */
export const min = (a: Decimal, b: Decimal): Decimal => (compare(a, b) <= 0 ? a : b)

/** The larger of two decimals by value, the first where they are equal. @category combinators @since 0.1.0 */
export const max = (a: Decimal, b: Decimal): Decimal => (compare(a, b) >= 0 ? a : b)

/** Whether a decimal is above zero. @category guards @since 0.1.0 */
export const isPositive = (a: Decimal): boolean => a.value > 0n

/**
 * The plain notation of a finite JSON number: `1e-7` becomes `0.0000001`. Answers `undefined` where there is none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const textOfNumber = (n: number): string | undefined => {
  if (!Number.isFinite(n)) return undefined
  const text = Object.is(n, -0) ? "0" : String(n)
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)
  if (match === null) return undefined
  const exponent = match[4] === undefined ? 0 : Number.parseInt(match[4], 10)
  if (exponent === 0) return text
  const fraction = match[3] ?? ""
  const digits = match[2]! + fraction
  const scale = fraction.length - exponent
  return match[1]! + formatScaled(BigInt(digits) * (scale < 0 ? pow10(-scale) : 1n), Math.max(scale, 0))
}

const bound = 10n ** BigInt(maxDigits)

/**
 * Whether a decimal can be written so that {@link parse} reads it: it has at most 78 digits.
 *
 * @category guards
 * @since 0.1.0
 */
export const isWritable = ({ scale, value }: Decimal): boolean => {
  if (!Number.isInteger(scale) || scale > 1000 || scale < -maxDigits) return false
  if (scale >= 0 && scale < maxDigits) {
    if (-bound < value && value < bound) return true
  }
  // Of zeros at its end it can have more.
  const limit = pow10(1000)
  return -limit < value && value < limit && parse(format(BigDecimal.make(value, scale))) !== undefined
}

const expectation = "a decimal in plain notation (\"1000.5\"), without exponent, at most 78 digits"

/**
 * Codec: plain decimal text, or a JSON number, to a `Decimal`; written as text.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Decimal: Schema.Schema<Decimal, string | number> = Schema.transformOrFail(
  Schema.Union(Schema.String, Schema.Number).annotations({ description: expectation }),
  Schema.BigDecimalFromSelf.pipe(Schema.filter((decimal) => isWritable(decimal) || `expected ${expectation}`)),
  {
    strict: true,
    decode: (input, _options, ast) => {
      const text = typeof input === "number" ? textOfNumber(input) : input
      const decimal = text === undefined ? undefined : parse(text)
      return decimal === undefined
        ? Either.left(new ParseResult.Type(ast, input, `expected ${expectation}`))
        : Either.right(decimal)
    },
    encode: (decimal) => Either.right(format(decimal))
  }
).annotations({ identifier: "Decimal", description: expectation, jsonSchema: { ...Pattern.decimal, description: expectation } })
