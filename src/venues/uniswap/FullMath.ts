/**
 * Products divided without loss: `FullMath` and `UnsafeMath` of Uniswap v3-core 1.0.1. The integers here are unbounded,
 * so that only the rounding is left of them; where a contract's word would overflow is said where it can happen.
 *
 * @since 0.1.0
 */

/** `a * b / denominator`, down. All are non-negative, the denominator is positive. @category combinators @since 0.1.0 */
export const mulDiv = (a: bigint, b: bigint, denominator: bigint): bigint => (a * b) / denominator

/** `a * b / denominator`, up. @category combinators @since 0.1.0 */
export const mulDivRoundingUp = (a: bigint, b: bigint, denominator: bigint): bigint =>
  divRoundingUp(a * b, denominator)

/** `a / denominator`, up. @category combinators @since 0.1.0 */
export const divRoundingUp = (a: bigint, denominator: bigint): bigint => {
  const quotient = a / denominator
  return quotient * denominator === a ? quotient : quotient + 1n
}
