/**
 * Integer arithmetic of the Aave v3 contracts: rays (1e27), wads (1e18), percentages in basis points, and the rounding
 * of scaled balances.
 *
 * Sources: `WadRayMath`, `PercentageMath`, `MathUtils` and `TokenMath` of aave-v3-origin 3.5.0, and of aave-v3-core
 * 3.0.2 for what came before.
 *
 * @since 0.1.0
 */
import * as Decimal from "../../domain/Decimal.js"

/** One, in rays. @category constants @since 0.1.0 */
export const ray = 10n ** 27n

/** One, in wads. @category constants @since 0.1.0 */
export const wad = 10n ** 18n

/** The whole, in basis points. @category constants @since 0.1.0 */
export const percent = 10_000n

/** `a * b / 1e27`. @category combinators @since 0.1.0 */
export const rayMul = (a: bigint, b: bigint, rounding: Decimal.Rounding): bigint => Decimal.divide(a * b, ray, rounding)

/** `a * 1e27 / b`. @category combinators @since 0.1.0 */
export const rayDiv = (a: bigint, b: bigint, rounding: Decimal.Rounding): bigint => Decimal.divide(a * ray, b, rounding)

/** `a * 1e18 / b`, half up. @category combinators @since 0.1.0 */
export const wadDiv = (a: bigint, b: bigint): bigint => Decimal.divide(a * wad, b, "half_up")

/** `value * points / 1e4`, half up where nothing else is said. @category combinators @since 0.1.0 */
export const percentMul = (value: bigint, points: bigint, rounding: Decimal.Rounding = "half_up"): bigint =>
  Decimal.divide(value * points, percent, rounding)

/** `value * 1e4 / points`. @category combinators @since 0.1.0 */
export const percentDiv = (value: bigint, points: bigint, rounding: Decimal.Rounding): bigint =>
  Decimal.divide(value * percent, points, rounding)

/**
 * Which contracts' rounding holds. `v3.5`: in the protocol's favour, since 2025. `v3.0`: half up everywhere, before it.
 *
 * @category models
 * @since 0.1.0
 */
export type Version = "v3.5" | "v3.0"

/**
 * Between amounts of a token and the scaled amounts that its aToken and its debt token store. All in the smallest unit
 * of the token; indices in rays.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scaling {
  /** Scaled aTokens that a supply of `amount` mints. */
  readonly supplyMint: (amount: bigint, index: bigint) => bigint
  /** Scaled aTokens that a withdrawal of `amount` burns. */
  readonly supplyBurn: (amount: bigint, index: bigint) => bigint
  /** aTokens that a scaled balance shows as. */
  readonly supplyBalance: (scaled: bigint, index: bigint) => bigint
  /** Scaled debt that borrowing `amount` mints. */
  readonly debtMint: (amount: bigint, index: bigint) => bigint
  /** Scaled debt that a repayment of `amount` burns. */
  readonly debtBurn: (amount: bigint, index: bigint) => bigint
  /** Debt that a scaled debt shows as. */
  readonly debtBalance: (scaled: bigint, index: bigint) => bigint
}

const divide = (rounding: Decimal.Rounding) => (amount: bigint, index: bigint): bigint =>
  rayDiv(amount, index, rounding)

const multiply = (rounding: Decimal.Rounding) => (scaled: bigint, index: bigint): bigint =>
  rayMul(scaled, index, rounding)

const favouringProtocol: Scaling = {
  supplyMint: divide("down"),
  supplyBurn: divide("up"),
  supplyBalance: multiply("down"),
  debtMint: divide("up"),
  debtBurn: divide("down"),
  debtBalance: multiply("up")
}

const halfUp: Scaling = {
  supplyMint: divide("half_up"),
  supplyBurn: divide("half_up"),
  supplyBalance: multiply("half_up"),
  debtMint: divide("half_up"),
  debtBurn: divide("half_up"),
  debtBalance: multiply("half_up")
}

/**
 * The rounding of scaled amounts in a version: in the protocol's favour from v3.5 on, half up before.
 *
 * @category constructors
 * @since 0.1.0
 */
export const scaling = (version: Version): Scaling => (version === "v3.5" ? favouringProtocol : halfUp)

/**
 * An index of the data (1.0 is one ray) in rays; decimals beyond the 27th are dropped.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromDecimal = (index: Decimal.Decimal): bigint => Decimal.toScale(index, 27, "down")

const year = 31_536_000n

/**
 * Growth of a supply index over `seconds` at a yearly `rate` in rays: `1e27 + rate * seconds / 31536000`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const linearInterest = (rate: bigint, seconds: bigint): bigint => ray + (rate * seconds) / year

/**
 * Growth of a borrow index over `seconds` at a yearly `rate` in rays, the first terms of the exponential. `v3.5`:
 * `1e27 + x + x * (x/2 + x * x/6)` with `x = rate * seconds / 31536000`. `v3.0`: three terms of the binomial of the
 * rate by the second.
 *
 * @category combinators
 * @since 0.1.0
 */
export const compoundedInterest = (rate: bigint, seconds: bigint, version: Version): bigint => {
  if (seconds === 0n) return ray
  const first = (rate * seconds) / year
  if (version === "v3.5") {
    const inner = first / 2n + rayMul(first, first / 6n, "half_up")
    return ray + first + rayMul(first, inner, "half_up")
  }
  const squared = rayMul(rate, rate, "half_up") / (year * year)
  const cubed = rayMul(squared, rate, "half_up") / year
  const pairs = seconds * (seconds - 1n)
  const second = (pairs * squared) / 2n
  const third = (pairs * (seconds > 2n ? seconds - 2n : 0n) * cubed) / 6n
  return ray + first + second + third
}
