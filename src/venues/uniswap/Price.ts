/**
 * Between prices as data has them and prices as pools hold them.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"

const q192 = 1n << 192n

/** The square root of a non-negative integer, down. @category combinators @since 0.1.0 */
export const sqrt = (n: bigint): bigint => {
  if (n < 2n) return n
  let root = 1n << BigInt(n.toString(16).length * 2)
  let better = (root + n / root) >> 1n
  while (better < root) {
    root = better
    better = (root + n / root) >> 1n
  }
  return root
}

/**
 * Decimals of the two tokens of a pool.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scales {
  readonly token0: number
  readonly token1: number
}

/**
 * The `sqrtPriceX96` of a price greater than zero, down: of token1 for one token0, or the other way round
 * (`inverted`), in whole tokens.
 *
 * @category constructors
 * @since 0.1.0
 */
export const toSqrtX96 = (price: Decimal.Decimal, { token0, token1 }: Scales, inverted: boolean): bigint => {
  const [value, unit] = price.scale < 0
    ? [price.value * Decimal.pow10(-price.scale), 1n]
    : [price.value, Decimal.pow10(price.scale)]
  const [numerator, denominator] = inverted ? [unit, value] : [value, unit]
  return sqrt((numerator * Decimal.pow10(token1) * q192) / (denominator * Decimal.pow10(token0)))
}

/**
 * What `units` of the token sold are worth at the pool's price in the token bought, as an amount, in the named
 * direction.
 *
 * @category combinators
 * @since 0.1.0
 */
export const worth = (
  sqrtPriceX96: bigint,
  zeroForOne: boolean,
  units: bigint,
  { token0, token1 }: Scales,
  rounding: Decimal.Rounding
): Amount.Amount => {
  const price = sqrtPriceX96 * sqrtPriceX96
  return zeroForOne
    ? Decimal.divide(Amount.fromUnits(units * price, token1), q192, rounding)
    : Decimal.divide(Amount.fromUnits(units * q192, token0), price, rounding)
}

/** The pool's price in whole tokens, bought for one sold, to 1e-18, half up. @category combinators @since 0.1.0 */
export const of = (sqrtPriceX96: bigint, zeroForOne: boolean, scales: Scales): Decimal.Decimal =>
  Amount.toDecimal(
    worth(sqrtPriceX96, zeroForOne, Decimal.pow10(zeroForOne ? scales.token0 : scales.token1), scales, "half_up")
  )
