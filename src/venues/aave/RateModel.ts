/**
 * The interest rates of a reserve: a curve over the share of its tokens that is lent, with a kink at the optimal one.
 *
 * Follows `DefaultReserveInterestRateStrategy` of aave-v3-core 3.0.2 without stable debt, and
 * `DefaultReserveInterestRateStrategyV2` of aave-v3-origin 3.5.0. Rates are by the year, in rays.
 *
 * @since 0.1.0
 */
import * as RayMath from "./RayMath.js"

/**
 * The curve of one reserve, all in rays.
 *
 * @category models
 * @since 0.1.0
 */
export interface Curve {
  /** Usage up to which the first slope holds; above 0 and below one. */
  readonly optimalUsage: bigint
  /** Borrow rate while nothing is lent. */
  readonly base: bigint
  /** What the rate grows by up to the optimal usage. */
  readonly slope1: bigint
  /** What it grows by from there to full usage. */
  readonly slope2: bigint
}

/**
 * What a reserve has and has lent, in the smallest unit of its token.
 *
 * @category models
 * @since 0.1.0
 */
export interface Usage {
  readonly liquidity: bigint
  readonly debt: bigint
  /** Debt that was written off: suppliers are still owed it. */
  readonly deficit: bigint
}

/** What borrowers pay and suppliers receive, by the year and in rays. @category models @since 0.1.0 */
export interface Rates {
  readonly borrow: bigint
  readonly supply: bigint
}

const borrowRate = ({ base, optimalUsage, slope1, slope2 }: Curve, usage: bigint): bigint =>
  usage > optimalUsage
    ? base + slope1 +
      RayMath.rayMul(slope2, RayMath.rayDiv(usage - optimalUsage, RayMath.ray - optimalUsage, "half_up"), "half_up")
    : base + RayMath.rayDiv(RayMath.rayMul(slope1, usage, "half_up"), optimalUsage, "half_up")

const toRay = (wads: bigint): bigint => wads * 10n ** 9n

/** v3.0 averages the rates of all debts, which can be off by a unit where there is only one kind. */
const overall = (rate: bigint, debt: bigint, version: RayMath.Version): bigint =>
  version === "v3.5" ? rate : RayMath.rayDiv(RayMath.rayMul(toRay(debt), rate, "half_up"), toRay(debt), "half_up")

/**
 * Rates at a usage: `usage = debt / (liquidity + debt)`, `borrow = base + slope1 * usage / optimal` up to the optimal
 * usage and `base + slope1 + slope2 * (usage - optimal) / (1 - optimal)` above it,
 * `supply = borrow * debt / (liquidity + debt + deficit) * (1 - reserve factor)`. Every step is rounded half up.
 *
 * @category combinators
 * @since 0.1.0
 */
export const rates = (
  curve: Curve,
  { debt, deficit, liquidity }: Usage,
  reserveFactor: bigint,
  version: RayMath.Version
): Rates => {
  if (debt === 0n) return { borrow: curve.base, supply: 0n }
  const borrow = borrowRate(curve, RayMath.rayDiv(debt, liquidity + debt, "half_up"))
  const lent = RayMath.rayDiv(debt, liquidity + debt + deficit, "half_up")
  return {
    borrow,
    supply: RayMath.percentMul(
      RayMath.rayMul(overall(borrow, debt, version), lent, "half_up"),
      RayMath.percent - reserveFactor
    )
  }
}
