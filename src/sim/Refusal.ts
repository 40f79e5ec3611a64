/**
 * Why a simulated venue does not do it.
 *
 * @since 0.1.0
 */
import * as Account from "../domain/Account.js"
import * as Amount from "../domain/Amount.js"
import type * as Asset from "../domain/Asset.js"
import * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Outcome from "../domain/Outcome.js"

/**
 * A refusal is a value, not an exception: steps are plain functions.
 *
 * @category models
 * @since 0.1.0
 */
export interface Refusal {
  readonly reason: Outcome.Reason
  readonly message: string
  readonly field?: string | undefined
  readonly expected?: string | undefined
  readonly actual?: string | undefined
  /** Whose refusal it is, where it is not the venue that was asked. */
  readonly venue?: Account.VenueId | undefined
  /** Whose call it was, where several are one transaction. */
  readonly operationId?: string | undefined
}

/**
 * A refusal for a reason, with the field at fault, what was expected and what came where that is known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  reason: Outcome.Reason,
  message: string,
  rest: { readonly field?: string; readonly expected?: string; readonly actual?: string } = {}
): Refusal => ({ reason, message, ...rest })

/**
 * The refusal where an account holds less than is needed, both amounts told in whole units.
 *
 * @category constructors
 * @since 0.1.0
 */
export const insufficientBalance = (
  account: Account.Account,
  asset: Asset.Asset,
  held: Amount.Amount,
  needed: Amount.Amount
): Refusal => ({
  reason: "insufficient_balance",
  message: `${Account.venue(account)} (${Account.sub(account)}) holds ${Amount.format(held)} ${asset}, and ${Amount.format(needed)} are needed`,
  field: "amount",
  expected: `at most ${Amount.format(held)} ${asset}`,
  actual: Amount.format(needed)
})

/** The refusal where a price or rate that the step needs is missing or too old. @category constructors @since 0.1.0 */
export const missingData = (missing: MarketSnapshot.Missing): Refusal => ({
  reason: "market_data",
  message: MarketSnapshot.describeMissing(missing)
})

/**
 * The refusal of a fill at an observation that is older than the step of its series: the series, the age and the step.
 *
 * @category constructors
 * @since 0.1.0
 */
export const staleData = (stale: MarketSnapshot.Stale): Refusal => ({
  reason: "market_data",
  message: `${MarketSnapshot.describeStale(stale)}; an order that adds risk fills at an observation of its own step, unless stale_fills allows others`,
  expected: `an observation of ${stale.series} less than ${MarketSnapshot.span(stale.step)} old`,
  actual: `${MarketSnapshot.span(stale.at - stale.observedAt)} old`
})

/** A refusal as the error of a submit: the simulated venue decided against it. @category combinators @since 0.1.0 */
export const toRejected = (refusal: Refusal): Outcome.Rejected => new Outcome.Rejected(refusal)

/** A refusal as the error of a prepare: nothing was sent. @category combinators @since 0.1.0 */
export const toNotSent = (refusal: Refusal): Outcome.NotSent => new Outcome.NotSent({ ...refusal, retry: "never" })
