/**
 * Liquidation in a market of Morpho Blue: collateral is seized for debt that is repaid, at a premium; debt that no
 * collateral is left for is borne by the suppliers. Follows `Morpho.liquidate` of morpho-blue 1.0.0.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Market from "./Market.js"
import * as SharesMath from "./SharesMath.js"

const { wad } = SharesMath

/** Share of the distance from the lltv to 1 that the premium takes: 30 %. @category constants @since 0.1.0 */
export const cursor = (3n * wad) / 10n

/** Greatest incentive factor: 1.15. @category constants @since 0.1.0 */
export const maxIncentiveFactor = (115n * wad) / 100n

/**
 * Value seized for value repaid: `min(1.15, 1 / (1 - 0.3 * (1 - lltv)))` in wads, rounded down.
 *
 * @category combinators
 * @since 0.1.0
 */
export const incentiveFactor = (lltv: bigint): bigint => {
  const factor = SharesMath.wDivDown(wad, wad - SharesMath.wMulDown(cursor, wad - lltv))
  return factor < maxIncentiveFactor ? factor : maxIncentiveFactor
}

/** Exactly one of both, as the contract asks for it. @category models @since 0.1.0 */
export type Quantity = { readonly seized: bigint } | { readonly repaidShares: bigint }

/**
 * A market and its borrower after a liquidation. Assets in the smallest unit of their token.
 *
 * @category models
 * @since 0.1.0
 */
export interface Liquidated {
  readonly market: Market.Market
  readonly position: Market.Position
  readonly seized: bigint
  readonly repaid: bigint
  readonly repaidShares: bigint
  /** What was written off, and the suppliers lost. */
  readonly badDebt: bigint
  readonly badDebtShares: bigint
}

type Result = Either.Either<Liquidated, Market.Fault>

interface Sizes {
  readonly seized: bigint
  readonly repaidShares: bigint
}

const sizes = (terms: Market.Terms, market: Market.Market, quantity: Quantity, price: bigint): Sizes => {
  const factor = incentiveFactor(terms.lltv)
  if ("seized" in quantity) {
    const quoted = SharesMath.mulDivUp(quantity.seized, price, Market.oraclePriceScale)
    return { ...quantity, repaidShares: SharesMath.toSharesUp(SharesMath.wDivUp(quoted, factor), market.borrow) }
  }
  const repaid = SharesMath.toAssetsDown(quantity.repaidShares, market.borrow)
  return { ...quantity, seized: SharesMath.mulDivDown(SharesMath.wMulDown(repaid, factor), Market.oraclePriceScale, price) }
}

/** Debt without collateral: written off, down to nothing. */
const writeOff = (market: Market.Market, position: Market.Position): Pick<Liquidated, "market" | "position" | "badDebt" | "badDebtShares"> => {
  const badDebtShares = position.collateral === 0n ? position.borrowShares : 0n
  const owed = SharesMath.toAssetsUp(badDebtShares, market.borrow)
  const badDebt = owed < market.borrow.assets ? owed : market.borrow.assets
  return {
    market: {
      ...market,
      borrow: { assets: market.borrow.assets - badDebt, shares: market.borrow.shares - badDebtShares },
      supply: { ...market.supply, assets: market.supply.assets - badDebt }
    },
    position: { ...position, borrowShares: position.borrowShares - badDebtShares },
    badDebt,
    badDebtShares
  }
}

/**
 * Liquidates up to `quantity` of an account whose interest is accrued. The price is positive. Refused where the account
 * is healthy, and for more than it has or owes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const liquidate = (
  terms: Market.Terms,
  market: Market.Market,
  position: Market.Position,
  quantity: Quantity,
  price: bigint
): Result => {
  if (("seized" in quantity ? quantity.seized : quantity.repaidShares) === 0n) return Either.left("inconsistent input")
  const health = Market.health(terms, market, position, price)
  if (Either.isLeft(health)) return Either.left(health.left)
  if (health.right) return Either.left("position is healthy")
  const { repaidShares, seized } = sizes(terms, market, quantity, price)
  const repaid = SharesMath.toAssetsUp(repaidShares, market.borrow)
  if (repaidShares > position.borrowShares || seized > position.collateral) return Either.left("panic 0x11")
  const paid: Market.Market = {
    ...market,
    borrow: {
      assets: SharesMath.zeroFloorSub(market.borrow.assets, repaid),
      shares: market.borrow.shares - repaidShares
    }
  }
  const left: Market.Position = {
    ...position,
    borrowShares: position.borrowShares - repaidShares,
    collateral: position.collateral - seized
  }
  return Either.right({ ...writeOff(paid, left), seized, repaid, repaidShares })
}

/**
 * The most that a liquidator may do: all of the debt repaid where the collateral suffices for it, else all of the
 * collateral seized and the rest of the debt written off.
 *
 * @category combinators
 * @since 0.1.0
 */
export const full = (terms: Market.Terms, market: Market.Market, position: Market.Position, price: bigint): Result => {
  const whole: Quantity = { repaidShares: position.borrowShares }
  return liquidate(
    terms,
    market,
    position,
    sizes(terms, market, whole, price).seized <= position.collateral ? whole : { seized: position.collateral },
    price
  )
}
