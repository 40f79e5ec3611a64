/**
 * What one liquidation takes and repays. Follows `LiquidationLogic` of aave-v3-core 3.0.2, and of aave-v3-origin 3.5.0
 * for the rules since v3.3: small positions in full, no dust left behind, bad debt written off.
 *
 * Amounts in the smallest unit of their token, values in the base currency (8 decimals), shares in basis points.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Decimal from "../../domain/Decimal.js"
import * as RayMath from "./RayMath.js"

/** Health factor above which no more than half of a debt is liquidated at once: 0.95. @category constants @since 0.1.0 */
export const closeFactorThreshold = 95n * 10n ** 16n

/** Share that is liquidated at once above it. @category constants @since 0.1.0 */
export const closeFactor = 5_000n

/** Value below which a debt or a collateral is liquidated in full, from v3.3 on. @category constants @since 0.1.0 */
export const smallPosition = 2_000n * 10n ** 8n

/** Value that a partial liquidation has to leave of either, from v3.3 on. @category constants @since 0.1.0 */
export const leastLeftover = smallPosition / 2n

/**
 * One side of a liquidation: all that is owed in a reserve, or all that is supplied to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Side {
  readonly units: bigint
  /** Dollars per whole token, 8 decimals. */
  readonly price: bigint
  readonly decimals: number
}

/**
 * An account below a health factor of one, and the two reserves that a liquidator chose.
 *
 * @category models
 * @since 0.1.0
 */
export interface Case {
  readonly version: RayMath.Version
  readonly debt: Side
  readonly collateral: Side
  /** 10500 is 5 % more than what is repaid. */
  readonly bonus: bigint
  /** Of the bonus, to the treasury. */
  readonly fee: bigint
  readonly healthFactor: bigint
  /** Of the whole account. */
  readonly totalDebt: bigint
  /** Of the whole account. */
  readonly totalCollateral: bigint
}

/**
 * What a liquidation comes to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Taken {
  readonly repaid: bigint
  /** To the liquidator. */
  readonly seized: bigint
  /** To the treasury. */
  readonly fee: bigint
  /** Whether that was all of the collateral in this reserve. */
  readonly emptied: boolean
  /** Whether that was all of the account's collateral: what is owed beyond is written off, from v3.3 on. */
  readonly exhausted: boolean
}

const valueOf = ({ decimals, price }: Side, units: bigint, rounding: Decimal.Rounding): bigint =>
  Decimal.divide(units * price, Decimal.pow10(decimals), rounding)

/** The most that may be repaid at once. @category combinators @since 0.1.0 */
export const most = ({ collateral, debt, healthFactor, totalDebt, version }: Case): bigint => {
  if (version === "v3.0") {
    return healthFactor > closeFactorThreshold ? RayMath.percentMul(debt.units, closeFactor) : debt.units
  }
  const owed = valueOf(debt, debt.units, "up")
  const half = RayMath.percentMul(totalDebt, closeFactor)
  const isLarge = valueOf(collateral, collateral.units, "down") >= smallPosition && owed >= smallPosition
  return isLarge && healthFactor > closeFactorThreshold && owed > half
    ? (half * Decimal.pow10(debt.decimals)) / debt.price
    : debt.units
}

const leavesDust = ({ collateral, debt }: Case, repaid: bigint, taken: bigint): boolean =>
  repaid < debt.units && taken < collateral.units &&
  (valueOf(debt, debt.units - repaid, "up") < leastLeftover || valueOf(collateral, collateral.units - taken, "down") < leastLeftover)

/**
 * Liquidates up to `cover` of the debt. `taken = cover * debt price / collateral price * bonus`, at most what there is;
 * the fee is a share of what was taken beyond the value repaid. Refused where it would leave dust, from v3.3 on.
 *
 * @category combinators
 * @since 0.1.0
 */
export const call = (asked: Case, cover: bigint): Either.Either<Taken, "MustNotLeaveDust"> => {
  const { bonus, collateral, debt, fee: share, totalCollateral, version } = asked
  const limit = most(asked)
  const covered = cover < limit ? cover : limit
  const debtUnit = Decimal.pow10(debt.decimals)
  const collateralUnit = Decimal.pow10(collateral.decimals)
  const base = (debt.price * covered * collateralUnit) / (collateral.price * debtUnit)
  const wanted = RayMath.percentMul(base, bonus)
  const short = wanted > collateral.units
  const taken = short ? collateral.units : wanted
  const repaid = short
    ? RayMath.percentDiv(
      (collateral.price * taken * debtUnit) / (debt.price * collateralUnit),
      bonus,
      version === "v3.5" ? "up" : "half_up"
    )
    : covered
  const fee = RayMath.percentMul(taken - RayMath.percentDiv(taken, bonus, "half_up"), share)
  if (version === "v3.5" && leavesDust(asked, repaid, taken)) return Either.left("MustNotLeaveDust")
  return Either.right({
    repaid,
    seized: taken - fee,
    fee,
    emptied: taken === collateral.units,
    exhausted: valueOf(collateral, taken, "down") === totalCollateral
  })
}

/**
 * The most that a liquidator can do: all that is allowed, or where that would leave dust, what leaves just enough.
 * `undefined` where nothing can be done.
 *
 * @category combinators
 * @since 0.1.0
 */
export const full = (asked: Case): Taken | undefined => {
  const whole = call(asked, asked.debt.units)
  if (Either.isRight(whole)) return whole.right.repaid > 0n ? whole.right : undefined
  const { bonus, collateral, debt } = asked
  const spare = valueOf(collateral, collateral.units, "down") - leastLeftover - 1n
  const byCollateral = (RayMath.percentDiv(spare, bonus, "down") * Decimal.pow10(debt.decimals)) / debt.price
  const byDebt = debt.units - Decimal.divide(leastLeftover * Decimal.pow10(debt.decimals), debt.price, "up")
  const less = byCollateral < byDebt ? byCollateral : byDebt
  const partly = less > 0n ? call(asked, less) : whole
  return Either.getOrUndefined(partly)
}
