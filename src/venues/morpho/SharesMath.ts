/**
 * Integer arithmetic of Morpho Blue: wads (1e18), and shares against assets with virtual shares and a virtual asset.
 *
 * Sources: `MathLib`, `SharesMathLib` and `UtilsLib` of morpho-blue 1.0.0. Assets in the smallest unit of the token.
 *
 * @since 0.1.0
 */
import * as Decimal from "../../domain/Decimal.js"

/** One, in wads. @category constants @since 0.1.0 */
export const wad = 10n ** 18n

/** Shares that exist from the start: an empty market counts a million shares for an asset. @category constants @since 0.1.0 */
export const virtualShares = 10n ** 6n

/** Assets that exist from the start. @category constants @since 0.1.0 */
export const virtualAssets = 1n

/** Most that a total, a debt or a collateral is stored as. @category constants @since 0.1.0 */
export const maxUint128 = 2n ** 128n - 1n

/** Most that the contracts can count to. @category constants @since 0.1.0 */
export const maxUint256 = 2n ** 256n - 1n

/** `x * y / d`, rounded down. @category combinators @since 0.1.0 */
export const mulDivDown = (x: bigint, y: bigint, d: bigint): bigint => (x * y) / d

/** `x * y / d`, rounded up. @category combinators @since 0.1.0 */
export const mulDivUp = (x: bigint, y: bigint, d: bigint): bigint => Decimal.divide(x * y, d, "up")

/** `x * y / 1e18`, rounded down. @category combinators @since 0.1.0 */
export const wMulDown = (x: bigint, y: bigint): bigint => mulDivDown(x, y, wad)

/** `x * 1e18 / y`, rounded down. @category combinators @since 0.1.0 */
export const wDivDown = (x: bigint, y: bigint): bigint => mulDivDown(x, wad, y)

/** `x * 1e18 / y`, rounded up. @category combinators @since 0.1.0 */
export const wDivUp = (x: bigint, y: bigint): bigint => mulDivUp(x, wad, y)

/** `x - y`, and nothing where that is below nothing. @category combinators @since 0.1.0 */
export const zeroFloorSub = (x: bigint, y: bigint): bigint => (x > y ? x - y : 0n)

/**
 * Growth by continuous interest, the first three terms of `exp(rate * seconds) - 1`, in wads. `rate` is by the second,
 * in wads.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wTaylorCompounded = (rate: bigint, seconds: bigint): bigint => {
  const first = rate * seconds
  const second = mulDivDown(first, first, 2n * wad)
  const third = mulDivDown(second, first, 3n * wad)
  return first + second + third
}

/**
 * All assets and all shares of one side of a market.
 *
 * @category models
 * @since 0.1.0
 */
export interface Totals {
  readonly assets: bigint
  readonly shares: bigint
}

/** Shares that `assets` are, rounded down. @category combinators @since 0.1.0 */
export const toSharesDown = (assets: bigint, totals: Totals): bigint =>
  mulDivDown(assets, totals.shares + virtualShares, totals.assets + virtualAssets)

/** Shares that `assets` are, rounded up. @category combinators @since 0.1.0 */
export const toSharesUp = (assets: bigint, totals: Totals): bigint =>
  mulDivUp(assets, totals.shares + virtualShares, totals.assets + virtualAssets)

/** Assets that `shares` are, rounded down. @category combinators @since 0.1.0 */
export const toAssetsDown = (shares: bigint, totals: Totals): bigint =>
  mulDivDown(shares, totals.assets + virtualAssets, totals.shares + virtualShares)

/** Assets that `shares` are, rounded up. @category combinators @since 0.1.0 */
export const toAssetsUp = (shares: bigint, totals: Totals): bigint =>
  mulDivUp(shares, totals.assets + virtualAssets, totals.shares + virtualShares)
