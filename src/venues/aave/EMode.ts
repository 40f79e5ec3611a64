/**
 * Efficiency modes: categories of tokens that move together, in which more may be borrowed on what is held.
 *
 * @since 0.1.0
 */
import type * as Asset from "../../domain/Asset.js"
import type * as RayMath from "./RayMath.js"
import type * as Reserves from "./Reserves.js"

/**
 * One category, parameters in basis points.
 *
 * @category models
 * @since 0.1.0
 */
export interface Category {
  /** From 1 on: 0 is no category. */
  readonly id: number
  readonly ltv: bigint
  readonly liquidationThreshold: bigint
  /** What is seized for what is repaid: 10100 is 1 % more. */
  readonly liquidationBonus: bigint
  /** Tokens whose supply the parameters hold for. */
  readonly collateral: ReadonlySet<Asset.Asset>
  /** Tokens that may be borrowed while the category is on. */
  readonly borrowable: ReadonlySet<Asset.Asset>
  /** Where the parameters come from, or `config`. */
  readonly source: string
}

/** The categories that are known: ETH-correlated of Ethereum Core. @category constants @since 0.1.0 */
export const defaults: ReadonlyArray<Category> = [
  {
    id: 1,
    ltv: 9300n,
    liquidationThreshold: 9500n,
    liquidationBonus: 10100n,
    collateral: new Set(["WETH", "wstETH", "weETH"]),
    borrowable: new Set(["WETH"]),
    source: "aave-address-book 4.44.22"
  }
]

/**
 * Whether a token's supply has the parameters of the category. Before v3.2 a token was in a category as a whole:
 * `v3.0` counts what is listed as collateral or as borrowable for both.
 *
 * @category guards
 * @since 0.1.0
 */
export const isCollateral = (category: Category | undefined, token: Asset.Asset, version: RayMath.Version): boolean =>
  category !== undefined &&
  (category.collateral.has(token) || (version === "v3.0" && category.borrowable.has(token)))

/** Whether a token may be borrowed in a category; any may be in none. @category guards @since 0.1.0 */
export const isBorrowable = (category: Category | undefined, token: Asset.Asset, version: RayMath.Version): boolean =>
  category === undefined ||
  category.borrowable.has(token) || (version === "v3.0" && category.collateral.has(token))

/** What a category changes of a reserve, in basis points. @category models @since 0.1.0 */
export type Terms = Pick<Reserves.Reserve, "ltv" | "liquidationThreshold" | "liquidationBonus">

/**
 * What holds for a reserve's supply in a category. A reserve with a loan to value of 0 carries no loan in a category
 * either.
 *
 * @category combinators
 * @since 0.1.0
 */
export const terms = (category: Category | undefined, reserve: Reserves.Reserve, version: RayMath.Version): Terms =>
  category !== undefined && isCollateral(category, reserve.token, version)
    ? { ...category, ltv: reserve.ltv === 0n ? 0n : category.ltv }
    : reserve
