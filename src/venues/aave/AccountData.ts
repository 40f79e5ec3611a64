/**
 * What a position is worth to the pool: collateral, debt, loan to value and health factor.
 *
 * Follows `GenericLogic.calculateUserAccountData` and `ValidationLogic` of the contracts, rounding included. Values in
 * the base currency: dollars with 8 decimals.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as Config from "./Config.js"
import * as EMode from "./EMode.js"
import * as Pool from "./Pool.js"
import type * as Position from "./Position.js"
import * as RayMath from "./RayMath.js"
import type * as Reserves from "./Reserves.js"

/** Decimals of the base currency. @category constants @since 0.1.0 */
export const baseScale = 8

/**
 * The account as the pool sees it.
 *
 * @category models
 * @since 0.1.0
 */
export interface AccountData {
  readonly collateral: bigint
  readonly debt: bigint
  /** Average of the collateral, in basis points, rounded down. */
  readonly ltv: bigint
  /** Average of the collateral, in basis points, rounded down. */
  readonly liquidationThreshold: bigint
  /** In wads; below one the position is liquidated. `undefined` without debt. */
  readonly healthFactor: bigint | undefined
}

/**
 * One reserve of the account, with the amounts that are shown.
 *
 * @category models
 * @since 0.1.0
 */
export interface Leg {
  readonly reserve: Reserves.Reserve
  /** What holds for the collateral: of the reserve, or of the efficiency mode. */
  readonly terms: EMode.Terms
  /** aTokens that back debt, in the smallest unit of the token. */
  readonly collateral: bigint
  /** In the smallest unit of the token. */
  readonly debt: bigint
  /** Dollars per whole token, 8 decimals. */
  readonly price: bigint
  readonly decimals: number
}

/**
 * The sums over the reserves. Collateral is rounded down; debt up from v3.5 on, and down before.
 *
 * `healthFactor = sum(collateral * threshold) * 1e18 / debt / 1e4` from v3.5 on, and before it
 * `collateral * average threshold / 1e4 * 1e18 / debt`, each division as the contracts round it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const make = (legs: ReadonlyArray<Leg>, version: RayMath.Version): AccountData => {
  let collateral = 0n
  let debt = 0n
  let weightedLtv = 0n
  let weightedThreshold = 0n
  for (const leg of legs) {
    if (leg.reserve.liquidationThreshold > 0n) {
      const value = (leg.collateral * leg.price) / Decimal.pow10(leg.decimals)
      collateral += value
      weightedLtv += value * leg.terms.ltv
      weightedThreshold += value * leg.terms.liquidationThreshold
    }
    debt += debtValue(leg.debt, leg.price, leg.decimals, version)
  }
  const liquidationThreshold = collateral === 0n ? 0n : weightedThreshold / collateral
  return {
    collateral,
    debt,
    ltv: collateral === 0n ? 0n : weightedLtv / collateral,
    liquidationThreshold,
    healthFactor: debt === 0n
      ? undefined
      : version === "v3.5"
        ? RayMath.wadDiv(weightedThreshold, debt) / RayMath.percent
        : RayMath.wadDiv(RayMath.percentMul(collateral, liquidationThreshold), debt)
  }
}

/** Value of a debt: rounded up from v3.5 on, and down before. @category combinators @since 0.1.0 */
export const debtValue = (debt: bigint, price: bigint, decimals: number, version: RayMath.Version): bigint =>
  Decimal.divide(debt * price, Decimal.pow10(decimals), version === "v3.5" ? "up" : "down")

/** Whether the position would be liquidated. @category guards @since 0.1.0 */
export const isUnhealthy = (data: AccountData): boolean =>
  data.healthFactor !== undefined && data.healthFactor < RayMath.wad

/** A value in the base currency as text. @category combinators @since 0.1.0 */
export const formatValue = (value: bigint): string => Decimal.formatScaled(value, baseScale)

/** The health factor as text, `none` without debt. @category combinators @since 0.1.0 */
export const formatHealthFactor = (data: AccountData): string =>
  data.healthFactor === undefined ? "none" : Decimal.formatScaled(data.healthFactor, 18)

/**
 * Why a loan is refused, by the name of the contracts' error.
 *
 * @category models
 * @since 0.1.0
 */
export type Uncovered =
  | "CollateralBalanceIsZero"
  | "LtvValidationFailed"
  | "HealthFactorLowerThanLiquidationThreshold"
  | "CollateralCannotCoverNewBorrow"

/**
 * Whether the collateral covers a loan. From v3.5 on the account after the loan is judged; before it, the account
 * before the loan with the value of the loan added.
 *
 * @category combinators
 * @since 0.1.0
 */
export const uncovered = (
  before: AccountData,
  after: AccountData,
  loan: bigint,
  version: RayMath.Version
): Uncovered | undefined => {
  if (version === "v3.5") {
    if (after.ltv === 0n) return "LtvValidationFailed"
    if (isUnhealthy(after)) return "HealthFactorLowerThanLiquidationThreshold"
    const needed = RayMath.percentDiv(after.debt, after.ltv, "up")
    return after.collateral < needed ? "CollateralCannotCoverNewBorrow" : undefined
  }
  if (before.collateral === 0n) return "CollateralBalanceIsZero"
  if (before.ltv === 0n) return "LtvValidationFailed"
  if (before.healthFactor !== undefined && before.healthFactor <= RayMath.wad) {
    return "HealthFactorLowerThanLiquidationThreshold"
  }
  return RayMath.percentDiv(before.debt + loan, before.ltv, "half_up") > before.collateral
    ? "CollateralCannotCoverNewBorrow"
    : undefined
}

/**
 * Dollars per whole token as Aave's oracle gives them: 8 decimals, rounded down, a liquid staking token at its
 * protocol's rate.
 *
 * @category combinators
 * @since 0.1.0
 */
export const oraclePrice = (
  snapshot: MarketSnapshot.MarketSnapshot,
  token: Asset.Asset
): Either.Either<bigint, MarketSnapshot.Missing> =>
  Either.map(MarketSnapshot.price(snapshot, token, "protocol"), (price) => Decimal.toScale(price, baseScale, "down"))

/** The series that {@link oraclePrice} reads. @category combinators @since 0.1.0 */
export const oracleSeries = (snapshot: MarketSnapshot.MarketSnapshot, asset: Asset.Asset): ReadonlyArray<string> => {
  const token = Asset.token(asset)
  if (token?.shareOf !== undefined) {
    return [MarketSnapshot.rateSeries(token, "protocol"), ...oracleSeries(snapshot, token.shareOf)]
  }
  const series = `price.${token?.pricedAs ?? asset}`
  return snapshot.has(series) ? [series] : []
}

/**
 * The reserves of a position that back debt or are owed, priced as of a snapshot.
 *
 * @category constructors
 * @since 0.1.0
 */
export const legs = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<ReadonlyArray<Leg>, Refusal.Refusal> => {
  const all: Array<Leg> = []
  const category = settings.categories.get(position.emode)
  for (const [token, held] of position.holdings) {
    const reserve = settings.reserves.get(token)
    const backs = held.collateral && held.supply > 0n
    if (reserve === undefined || (!backs && held.debt === 0n)) continue
    const price = oraclePrice(snapshot, token)
    if (Either.isLeft(price)) return Either.left(Refusal.missingData(price.left))
    let collateral = 0n
    if (backs) {
      const supplyIndex = Pool.index(settings, position, snapshot, reserve, "supply")
      if (Either.isLeft(supplyIndex)) return Either.left(supplyIndex.left)
      collateral = settings.scaling.supplyBalance(held.supply, supplyIndex.right)
    }
    let debt = 0n
    if (held.debt > 0n) {
      const borrowIndex = Pool.index(settings, position, snapshot, reserve, "borrow")
      if (Either.isLeft(borrowIndex)) return Either.left(borrowIndex.left)
      debt = settings.scaling.debtBalance(held.debt, borrowIndex.right)
    }
    const terms = EMode.terms(category, reserve, settings.version)
    all.push({ reserve, terms, collateral, debt, price: price.right, decimals: Asset.decimals(token) })
  }
  return Either.right(all)
}

/** The account of a position as of a snapshot. @category constructors @since 0.1.0 */
export const of = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<AccountData, Refusal.Refusal> =>
  Either.map(legs(settings, position, snapshot), (all) => make(all, settings.version))

/**
 * The health factor as a fact beside an outcome: left out without debt, and where prices are missing that the action
 * did not need.
 *
 * @category combinators
 * @since 0.1.0
 */
export const detail = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): { readonly health_factor?: string } => {
  const data = of(settings, position, snapshot)
  return Either.isLeft(data) || data.right.debt === 0n ? {} : { health_factor: formatHealthFactor(data.right) }
}
