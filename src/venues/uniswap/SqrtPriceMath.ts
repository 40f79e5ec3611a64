/**
 * How amounts move the price of a pool, and what moving it takes: `SqrtPriceMath` of Uniswap v3-core 1.0.1.
 *
 * Amounts in the smallest unit of their token, square roots of prices times 2^96. All rounding is in the pool's favour.
 *
 * @since 0.1.0
 */
import * as FullMath from "./FullMath.js"

const resolution = 96n
const q96 = 1n << resolution
const word = 1n << 256n

/**
 * The price after token0 went in. Up, so that the pool never gives more than the amount pays for. Where the contract's
 * product overflows its word it divides in another order, and so does this.
 */
const afterInput0 = (sqrtPriceX96: bigint, liquidity: bigint, amount: bigint): bigint => {
  if (amount === 0n) return sqrtPriceX96
  const numerator = liquidity << resolution
  const product = amount * sqrtPriceX96
  return product < word && numerator + product < word
    ? FullMath.mulDivRoundingUp(numerator, sqrtPriceX96, numerator + product)
    : FullMath.divRoundingUp(numerator, numerator / sqrtPriceX96 + amount)
}

/** The price after token0 went out, up. */
const afterOutput0 = (sqrtPriceX96: bigint, liquidity: bigint, amount: bigint): bigint => {
  if (amount === 0n) return sqrtPriceX96
  const numerator = liquidity << resolution
  return FullMath.mulDivRoundingUp(numerator, sqrtPriceX96, numerator - amount * sqrtPriceX96)
}

/**
 * The price after `amount` of token0 (`zeroForOne`) or of token1 went into a range of some liquidity.
 *
 * @category combinators
 * @since 0.1.0
 */
export const getNextSqrtPriceFromInput = (
  sqrtPriceX96: bigint,
  liquidity: bigint,
  amount: bigint,
  zeroForOne: boolean
): bigint =>
  zeroForOne
    ? afterInput0(sqrtPriceX96, liquidity, amount)
    : sqrtPriceX96 + FullMath.mulDiv(amount, q96, liquidity)

/**
 * The price after `amount` of token1 (`zeroForOne`) or of token0 came out of a range that holds more than that. The
 * contract reverts where the range does not, which a swap never asks it: see `SwapMath`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const getNextSqrtPriceFromOutput = (
  sqrtPriceX96: bigint,
  liquidity: bigint,
  amount: bigint,
  zeroForOne: boolean
): bigint =>
  zeroForOne
    ? sqrtPriceX96 - FullMath.mulDivRoundingUp(amount, q96, liquidity)
    : afterOutput0(sqrtPriceX96, liquidity, amount)

/** Token0 between two prices, in either order. @category combinators @since 0.1.0 */
export const getAmount0Delta = (a: bigint, b: bigint, liquidity: bigint, roundUp: boolean): bigint => {
  const [low, high] = a > b ? [b, a] : [a, b]
  const numerator = liquidity << resolution
  return roundUp
    ? FullMath.divRoundingUp(FullMath.mulDivRoundingUp(numerator, high - low, high), low)
    : FullMath.mulDiv(numerator, high - low, high) / low
}

/** Token1 between two prices, in either order. @category combinators @since 0.1.0 */
export const getAmount1Delta = (a: bigint, b: bigint, liquidity: bigint, roundUp: boolean): bigint => {
  const distance = a > b ? a - b : b - a
  return roundUp ? FullMath.mulDivRoundingUp(liquidity, distance, q96) : FullMath.mulDiv(liquidity, distance, q96)
}
