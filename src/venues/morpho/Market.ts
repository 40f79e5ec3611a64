/**
 * One market of Morpho Blue and one account in it, and how supply, withdrawal, loan, repayment and collateral change
 * them. Follows `Morpho.sol` of morpho-blue 1.0.0 line by line; assets in the smallest unit of the token.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as AdaptiveCurve from "./AdaptiveCurve.js"
import * as SharesMath from "./SharesMath.js"

/**
 * What the contract stores of a market.
 *
 * @category models
 * @since 0.1.0
 */
export interface Market {
  readonly supply: SharesMath.Totals
  readonly borrow: SharesMath.Totals
  /** Unix time of the newest interest, in seconds. */
  readonly lastUpdate: bigint
  /** What the interest rate model remembers: by the second, in wads. */
  readonly rateAtTarget: bigint
}

/**
 * What the contract stores of an account in a market.
 *
 * @category models
 * @since 0.1.0
 */
export interface Position {
  readonly supplyShares: bigint
  readonly borrowShares: bigint
  readonly collateral: bigint
}

/** A position without shares and collateral. @category constants @since 0.1.0 */
export const nothing: Position = { supplyShares: 0n, borrowShares: 0n, collateral: 0n }

/** How the borrow rate comes about: the adaptive curve, or one rate by the second in wads. @category models @since 0.1.0 */
export type Irm = "adaptive_curve" | { readonly borrowRate: bigint }

/**
 * What a market is made with and does not change.
 *
 * @category models
 * @since 0.1.0
 */
export interface Terms {
  readonly irm: Irm
  /** Loan to value at which a position is liquidated, in wads. */
  readonly lltv: bigint
  /** Share of the interest that goes to the protocol, in wads. */
  readonly fee: bigint
}

/** Exactly one of both, as the contract asks for it. @category models @since 0.1.0 */
export type Quantity = { readonly assets: bigint } | { readonly shares: bigint }

/**
 * Why the contract refuses, in its own words. A panic 0x11 is its check of subtraction: more than there is.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault =
  | "inconsistent input"
  | "zero assets"
  | "insufficient collateral"
  | "insufficient liquidity"
  | "position is healthy"
  | "max uint128 exceeded"
  | "panic 0x11"

/**
 * A market and an account after an action, with what changed hands.
 *
 * @category models
 * @since 0.1.0
 */
export interface Changed {
  readonly market: Market
  readonly position: Position
  readonly assets: bigint
  readonly shares: bigint
}

type Result<A> = Either.Either<A, Fault>

const refuse = (fault: Fault): Result<never> => Either.left(fault)

const isStorable = (...values: ReadonlyArray<bigint>): boolean => values.every((value) => value <= SharesMath.maxUint128)

/** What accrues from one update to the next. @category models @since 0.1.0 */
export interface Accrued {
  readonly market: Market
  readonly interest: bigint
  readonly feeShares: bigint
  /** By the second, in wads. */
  readonly borrowRate: bigint
}

/**
 * Interest up to `now`: it grows the debts and the supply alike; the fee is paid in new shares of the supply. Nothing
 * within one second.
 *
 * @category combinators
 * @since 0.1.0
 */
export const accrue = (terms: Terms, market: Market, now: bigint): Result<Accrued> => {
  const elapsed = now - market.lastUpdate
  if (elapsed <= 0n) return Either.right({ market, interest: 0n, feeShares: 0n, borrowRate: 0n })
  const { borrow, supply } = market
  const { borrowRate, rateAtTarget } = terms.irm === "adaptive_curve"
    ? AdaptiveCurve.rates(market.rateAtTarget, AdaptiveCurve.utilization(supply.assets, borrow.assets), elapsed)
    : { borrowRate: terms.irm.borrowRate, rateAtTarget: market.rateAtTarget }
  const interest = SharesMath.wMulDown(borrow.assets, SharesMath.wTaylorCompounded(borrowRate, elapsed))
  const assets = supply.assets + interest
  const feeAmount = SharesMath.wMulDown(interest, terms.fee)
  const feeShares = SharesMath.toSharesDown(feeAmount, { assets: assets - feeAmount, shares: supply.shares })
  const next: Market = {
    supply: { assets, shares: supply.shares + feeShares },
    borrow: { ...borrow, assets: borrow.assets + interest },
    lastUpdate: now,
    rateAtTarget
  }
  return isStorable(next.supply.assets, next.supply.shares, next.borrow.assets)
    ? Either.right({ market: next, interest, feeShares, borrowRate })
    : refuse("max uint128 exceeded")
}

/** Scale of an oracle price: units of the loan token for one unit of the collateral, times this. @category constants @since 0.1.0 */
export const oraclePriceScale = 10n ** 36n

/** What an account may owe at an oracle price, rounded down. @category combinators @since 0.1.0 */
export const maxBorrow = (terms: Terms, position: Position, price: bigint): bigint =>
  SharesMath.wMulDown(SharesMath.mulDivDown(position.collateral, price, oraclePriceScale), terms.lltv)

/** What an account owes, rounded up. @category combinators @since 0.1.0 */
export const borrowed = (market: Market, position: Position): bigint => SharesMath.toAssetsUp(position.borrowShares, market.borrow)

/** What an account supplied has become, rounded down. @category combinators @since 0.1.0 */
export const supplied = (market: Market, position: Position): bigint => SharesMath.toAssetsDown(position.supplyShares, market.supply)

/**
 * Whether the collateral covers the debt. Without a debt the price does not matter. Refused where the value of the
 * collateral is more than the contract can count to.
 *
 * @category combinators
 * @since 0.1.0
 */
export const health = (terms: Terms, market: Market, position: Position, price: bigint): Result<boolean> =>
  position.borrowShares === 0n
    ? Either.right(true)
    : position.collateral * price > SharesMath.maxUint256
      ? refuse("panic 0x11")
      : Either.right(maxBorrow(terms, position, price) >= borrowed(market, position))

/**
 * What the collateral allows to owe by what is owed, in wads, down: below one the position is liquidated. The account
 * owes something.
 *
 * @category combinators
 * @since 0.1.0
 */
export const healthFactor = (terms: Terms, market: Market, position: Position, price: bigint): bigint =>
  SharesMath.mulDivDown(maxBorrow(terms, position, price), SharesMath.wad, borrowed(market, position))

const healthy = (terms: Terms, market: Market, position: Position, price: bigint): Result<void> =>
  Either.flatMap(health(terms, market, position, price), (covered) => (covered ? Either.void : refuse("insufficient collateral")))

const isLiquid = (market: Market): boolean => market.borrow.assets <= market.supply.assets

const sized = (
  quantity: Quantity,
  toShares: (assets: bigint) => bigint,
  toAssets: (shares: bigint) => bigint
): Result<{ readonly assets: bigint; readonly shares: bigint }> => {
  if ("assets" in quantity) {
    return quantity.assets === 0n
      ? refuse("inconsistent input")
      : Either.right({ assets: quantity.assets, shares: toShares(quantity.assets) })
  }
  return quantity.shares === 0n
    ? refuse("inconsistent input")
    : Either.right({ assets: toAssets(quantity.shares), shares: quantity.shares })
}

/** Supplies the loan token: shares are rounded down, assets up. @category combinators @since 0.1.0 */
export const supply = (market: Market, position: Position, quantity: Quantity): Result<Changed> =>
  Either.flatMap(
    sized(
      quantity,
      (assets) => SharesMath.toSharesDown(assets, market.supply),
      (shares) => SharesMath.toAssetsUp(shares, market.supply)
    ),
    ({ assets, shares }) => {
      const totals = { assets: market.supply.assets + assets, shares: market.supply.shares + shares }
      return isStorable(totals.assets, totals.shares)
        ? Either.right({
            market: { ...market, supply: totals },
            position: { ...position, supplyShares: position.supplyShares + shares },
            assets,
            shares
          })
        : refuse("max uint128 exceeded")
    }
  )

/**
 * Withdraws the loan token: shares are rounded up, assets down. Refused for more than was supplied, and for what is
 * lent to others.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withdraw = (market: Market, position: Position, quantity: Quantity): Result<Changed> =>
  Either.flatMap(
    sized(
      quantity,
      (assets) => SharesMath.toSharesUp(assets, market.supply),
      (shares) => SharesMath.toAssetsDown(shares, market.supply)
    ),
    ({ assets, shares }) => {
      if (shares > position.supplyShares || shares > market.supply.shares || assets > market.supply.assets) return refuse("panic 0x11")
      const after: Market = {
        ...market,
        supply: { assets: market.supply.assets - assets, shares: market.supply.shares - shares }
      }
      return isLiquid(after)
        ? Either.right({ market: after, position: { ...position, supplyShares: position.supplyShares - shares }, assets, shares })
        : refuse("insufficient liquidity")
    }
  )

/** A debt grown by a loan, whatever the collateral says: shares are rounded up, assets down. @category combinators @since 0.1.0 */
export const owe = (market: Market, position: Position, quantity: Quantity): Result<Changed> =>
  Either.flatMap(
    sized(
      quantity,
      (assets) => SharesMath.toSharesUp(assets, market.borrow),
      (shares) => SharesMath.toAssetsDown(shares, market.borrow)
    ),
    ({ assets, shares }) => {
      const totals = { assets: market.borrow.assets + assets, shares: market.borrow.shares + shares }
      return isStorable(totals.assets, totals.shares)
        ? Either.right({
            market: { ...market, borrow: totals },
            position: { ...position, borrowShares: position.borrowShares + shares },
            assets,
            shares
          })
        : refuse("max uint128 exceeded")
    }
  )

/**
 * Borrows the loan token. Refused where the collateral at the oracle price does not cover the debt, and for more than
 * the market has.
 *
 * @category combinators
 * @since 0.1.0
 */
export const borrow = (
  terms: Terms,
  market: Market,
  position: Position,
  quantity: Quantity,
  price: bigint
): Result<Changed> =>
  Either.flatMap(owe(market, position, quantity), (changed) =>
    Either.flatMap(healthy(terms, changed.market, changed.position, price), () =>
      isLiquid(changed.market) ? Either.right(changed) : refuse("insufficient liquidity")))

/**
 * Repays the loan token: shares are rounded down, assets up. Refused for more shares than are owed: all of a debt is
 * repaid by its shares.
 *
 * @category combinators
 * @since 0.1.0
 */
export const repay = (market: Market, position: Position, quantity: Quantity): Result<Changed> =>
  Either.flatMap(
    sized(
      quantity,
      (assets) => SharesMath.toSharesDown(assets, market.borrow),
      (shares) => SharesMath.toAssetsUp(shares, market.borrow)
    ),
    ({ assets, shares }) =>
      shares > position.borrowShares || shares > market.borrow.shares
        ? refuse("panic 0x11")
        : Either.right({
            market: {
              ...market,
              borrow: { assets: SharesMath.zeroFloorSub(market.borrow.assets, assets), shares: market.borrow.shares - shares }
            },
            position: { ...position, borrowShares: position.borrowShares - shares },
            assets,
            shares
          })
  )

/** Brings collateral, which earns nothing and is lent to nobody. @category combinators @since 0.1.0 */
export const supplyCollateral = (position: Position, assets: bigint): Result<Position> =>
  assets === 0n
    ? refuse("zero assets")
    : isStorable(position.collateral + assets)
      ? Either.right({ ...position, collateral: position.collateral + assets })
      : refuse("max uint128 exceeded")

/**
 * Takes collateral back. Refused for more than there is, and where what stays does not cover the debt.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withdrawCollateral = (
  terms: Terms,
  market: Market,
  position: Position,
  assets: bigint,
  price: bigint
): Result<Position> => {
  if (assets === 0n) return refuse("zero assets")
  if (assets > position.collateral) return refuse("panic 0x11")
  const after = { ...position, collateral: position.collateral - assets }
  return Either.map(healthy(terms, market, after, price), () => after)
}
