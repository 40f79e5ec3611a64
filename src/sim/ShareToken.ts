/**
 * Share tokens: a pool of ether of which every holder owns shares, and balances that are those shares at the rate of
 * the pool. So do stETH of Lido and eETH of ether.fi; their wrapped tokens count the shares themselves.
 *
 * Integer arithmetic of the contracts, rounded down both ways. A transfer moves the shares of its amount, and so up to
 * two units less than it says arrive.
 *
 * Sources: `StETH.getSharesByPooledEth`, `getPooledEthByShares` and `_transfer` of lidofinance/core;
 * `LiquidityPool.sharesForAmount`, `amountForShare` and `EETH._transfer` of etherfi-protocol/smart-contracts.
 *
 * @since 0.1.0
 */
import type * as Amount from "../domain/Amount.js"
import * as Decimal from "../domain/Decimal.js"

/**
 * A pool: all its ether and all its shares, both positive, in 1e-18. Only their ratio matters.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pool {
  readonly pooled: bigint
  readonly shares: bigint
}

/** The pool at a positive rate, in ether per share, exactly. @category constructors @since 0.1.0 */
export const ofRate = (rate: Decimal.Decimal): Pool => {
  const scale = Math.max(rate.scale, 0)
  return { pooled: Decimal.toScale(rate, scale, "down"), shares: Decimal.pow10(scale) }
}

/** Shares of an amount, rounded down. @category combinators @since 0.1.0 */
export const toShares = (pool: Pool, amount: Amount.Amount): bigint => (amount * pool.shares) / pool.pooled

/** Amount of shares, rounded down. @category combinators @since 0.1.0 */
export const toAmount = (pool: Pool, shares: bigint): Amount.Amount => (shares * pool.pooled) / pool.shares

/** Ether per share with 27 decimals, rounded down. @category combinators @since 0.1.0 */
export const rate27 = (pool: Pool): bigint => (pool.pooled * Decimal.pow10(27)) / pool.shares

/**
 * What one account holds of a rebasing token.
 *
 * @category models
 * @since 0.1.0
 */
export interface Holding {
  readonly shares: bigint
  /** The balance that the shares show as. */
  readonly shown: Amount.Amount
}

/** A holder without shares. @category constructors @since 0.1.0 */
export const nothing: Holding = { shares: 0n, shown: 0n }

/** Shares at the rate of a pool. @category constructors @since 0.1.0 */
export const holding = (pool: Pool, shares: bigint): Holding => ({ shares, shown: toAmount(pool, shares) })

/** The same shares at the rate of a pool. @category combinators @since 0.1.0 */
export const revalued = (pool: Pool, held: Holding): Holding => holding(pool, held.shares)

/** After shares were minted to the account. @category combinators @since 0.1.0 */
export const minted = (pool: Pool, held: Holding, shares: bigint): Holding => holding(pool, held.shares + shares)

/** After a transfer of `amount` to the account. @category combinators @since 0.1.0 */
export const received = (pool: Pool, held: Holding, amount: Amount.Amount): Holding =>
  minted(pool, held, toShares(pool, amount))

/**
 * After a transfer of `amount` from the account; `undefined` where it has less shares than that takes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sent = (pool: Pool, held: Holding, amount: Amount.Amount): Holding | undefined => {
  const shares = toShares(pool, amount)
  return shares > held.shares ? undefined : holding(pool, held.shares - shares)
}

/**
 * After others moved the balance that a ledger keeps from what was shown to `balance`, zero or more. The balance that
 * is shown then can be a unit above it, or up to two below.
 *
 * @category combinators
 * @since 0.1.0
 */
export const reconciled = (pool: Pool, held: Holding, balance: Amount.Amount): Holding => {
  const moved = balance - held.shown
  return moved === 0n
    ? held
    : moved > 0n
      ? received(pool, held, moved)
      : holding(pool, held.shares - toShares(pool, -moved))
}
