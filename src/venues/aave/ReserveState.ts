/**
 * A reserve as the pool stores it, and how time and actions change it. Follows `ReserveLogic` of aave-v3-core 3.0.2
 * and of aave-v3-origin 3.5.0.
 *
 * Amounts in the smallest unit of the token, indices and rates in rays.
 *
 * @since 0.1.0
 */
import * as RateModel from "./RateModel.js"
import * as RayMath from "./RayMath.js"

/**
 * Everybody's together: of others, and of the trader.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly supplyIndex: bigint
  readonly borrowIndex: bigint
  /** By the year, since the newest update. */
  readonly supplyRate: bigint
  readonly borrowRate: bigint
  /** Unix time of the newest update, in seconds. */
  readonly updated: bigint
  /** Scaled aTokens. */
  readonly supply: bigint
  /** Scaled debt. */
  readonly debt: bigint
  /** Scaled aTokens that the treasury has earned and not minted yet. */
  readonly treasury: bigint
  /** Tokens that are not lent. */
  readonly liquidity: bigint
  /** Debt that was written off. */
  readonly deficit: bigint
}

/**
 * What the changes of a reserve depend on and do not change.
 *
 * @category models
 * @since 0.1.0
 */
export interface Terms {
  readonly version: RayMath.Version
  readonly scaling: RayMath.Scaling
  readonly curve: RateModel.Curve
  /** Share of the interest that goes to the treasury, in basis points. */
  readonly factor: bigint
}

const withRates = ({ curve, factor, scaling, version }: Terms, state: State): State => {
  const { borrow, supply } = RateModel.rates(curve, {
    liquidity: state.liquidity,
    debt: scaling.debtBalance(state.debt, state.borrowIndex),
    deficit: state.deficit
  }, factor, version)
  return { ...state, borrowRate: borrow, supplyRate: supply }
}

/**
 * A reserve in which others supply and owe so much, at indices of one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (
  terms: Terms,
  others: { readonly supply: bigint; readonly debt: bigint },
  now: bigint
): State =>
  withRates(terms, {
    supplyIndex: RayMath.ray,
    borrowIndex: RayMath.ray,
    supplyRate: 0n,
    borrowRate: 0n,
    updated: now,
    supply: others.supply,
    debt: others.debt,
    treasury: 0n,
    liquidity: others.supply - others.debt,
    deficit: 0n
  })

const earned = ({ factor, scaling, version }: Terms, before: State, borrowIndex: bigint, supplyIndex: bigint): bigint => {
  const grown = version === "v3.5"
    ? RayMath.rayMul(before.debt, borrowIndex - before.borrowIndex, "down")
    : scaling.debtBalance(before.debt, borrowIndex) - scaling.debtBalance(before.debt, before.borrowIndex)
  return scaling.supplyMint(RayMath.percentMul(grown, factor), supplyIndex)
}

/**
 * Interest up to `now`: supply grows linearly, debt compounds, and the treasury gets its share. Nothing within one
 * second.
 *
 * @category combinators
 * @since 0.1.0
 */
export const accrue = (terms: Terms, state: State, now: bigint): State => {
  const elapsed = now - state.updated
  if (elapsed <= 0n) return state
  const supplyIndex = state.supplyRate === 0n
    ? state.supplyIndex
    : RayMath.rayMul(RayMath.linearInterest(state.supplyRate, elapsed), state.supplyIndex, "half_up")
  const borrowIndex = state.debt === 0n
    ? state.borrowIndex
    : RayMath.rayMul(RayMath.compoundedInterest(state.borrowRate, elapsed, terms.version), state.borrowIndex, "half_up")
  return {
    ...state,
    supplyIndex,
    borrowIndex,
    updated: now,
    treasury: state.treasury + earned(terms, state, borrowIndex, supplyIndex)
  }
}

/**
 * What an action does to a reserve, signed: scaled aTokens, scaled debt, tokens, and debt written off.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change {
  readonly supply?: bigint
  readonly debt?: bigint
  readonly liquidity?: bigint
  readonly deficit?: bigint
}

/** The reserve after an action, with the rates that hold from then on. @category combinators @since 0.1.0 */
export const change = (terms: Terms, state: State, by: Change): State =>
  withRates(terms, {
    ...state,
    supply: state.supply + (by.supply ?? 0n),
    debt: state.debt + (by.debt ?? 0n),
    liquidity: state.liquidity + (by.liquidity ?? 0n),
    deficit: state.deficit + (by.deficit ?? 0n)
  })

/** Tokens come or go, and the rates stay: a flash loan, until it is given back. @category combinators @since 0.1.0 */
export const lend = (state: State, units: bigint): State => ({ ...state, liquidity: state.liquidity - units })

/** All aTokens, with those that the treasury has earned. @category combinators @since 0.1.0 */
export const supplied = (scaling: RayMath.Scaling, state: State): bigint =>
  scaling.supplyBalance(state.supply, state.supplyIndex) + scaling.supplyBalance(state.treasury, state.supplyIndex)

const wads = 10n ** 9n

/**
 * A flash loan comes back with its premium. From v3.5 on the treasury gets the premium; before it all suppliers do,
 * through the index.
 *
 * @category combinators
 * @since 0.1.0
 */
export const giveBack = (terms: Terms, state: State, principal: bigint, premium: bigint): State => {
  const { scaling, version } = terms
  const paid = version === "v3.5"
    ? { ...state, treasury: state.treasury + scaling.supplyMint(premium, state.supplyIndex) }
    : {
        ...state,
        supplyIndex: RayMath.rayMul(
          RayMath.rayDiv(premium * wads, supplied(scaling, state) * wads, "half_up") + RayMath.ray,
          state.supplyIndex,
          "half_up"
        )
      }
  return change(terms, paid, { liquidity: principal + premium })
}
