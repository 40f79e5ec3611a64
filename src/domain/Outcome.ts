/**
 * What can become of an operation, told apart by what the caller may do next.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Account from "./Account.js"
import type * as Amount from "./Amount.js"
import type * as Asset from "./Asset.js"
import type * as Decimal from "./Decimal.js"
import type * as Entry from "./Entry.js"
import type { Json } from "./Json.js"
import type * as Timestamp from "./Timestamp.js"

/**
 * One execution of a trade at a price.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fill {
  readonly symbol: string
  readonly side: "buy" | "sell"
  /** Quote per base. */
  readonly price: Decimal.Decimal
  /** In units of the base token. */
  readonly amount: Amount.Amount
  readonly liquidity: "maker" | "taker"
}

/**
 * A cost that was taken in an asset: a trading fee, a withdrawal fee, gas.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cost {
  readonly kind: "fee" | "gas"
  readonly venue: Account.VenueId
  readonly asset: Asset.Asset
  readonly amount: Amount.Amount
}

/**
 * A perpetual position after a change. `size` is signed, negative for a short.
 *
 * @category models
 * @since 0.1.0
 */
export interface Position {
  readonly venue: Account.VenueId
  /** `ETHUSDT-PERP`. */
  readonly symbol: string
  readonly size: Amount.Amount
  /** Quote per base; zero for a closed position. */
  readonly entryPrice: Decimal.Decimal
  /** Price at which the venue values it now; stated where positions are asked for, not in changes. */
  readonly mark?: Decimal.Decimal | undefined
  /** Asset that results are settled in. Defaults to USDT. */
  readonly quote?: Asset.Asset | undefined
}

/**
 * A change of a perpetual position.
 *
 * @category models
 * @since 0.1.0
 */
export interface PositionChange extends Position {
  /** Signed change of size. */
  readonly change: Amount.Amount
  /** Realised result in the settlement asset, before fees. */
  readonly realised: Amount.Amount
}

/**
 * The slippage that is already inside a fill, against the price on arrival.
 *
 * @category models
 * @since 0.1.0
 */
export interface Slippage {
  readonly arrivalPrice: Decimal.Decimal
  /** In the quote asset; positive where it cost. */
  readonly amount: Amount.Amount
  readonly asset: Asset.Asset
}

/**
 * What happened, in full: balanced ledger lines, and what explains them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Receipt {
  readonly at: Timestamp.Timestamp
  readonly entries: ReadonlyArray<Entry.Entry>
  readonly fills: ReadonlyArray<Fill>
  readonly costs: ReadonlyArray<Cost>
  readonly positions: ReadonlyArray<PositionChange>
  readonly slippage?: Slippage | undefined
  /** The venue's own facts: ids, indices, scaled amounts, transaction hash. */
  readonly detail: { readonly [key: string]: Json }
  /** Of several calls that were sent as one, what each of them did, in their order; together they are the receipt. */
  readonly parts?: ReadonlyArray<Receipt> | undefined
}

/** A receipt of nothing. @category constructors @since 0.1.0 */
export const emptyReceipt = (at: Timestamp.Timestamp): Receipt => ({
  at,
  entries: [],
  fills: [],
  costs: [],
  positions: [],
  detail: {}
})

/**
 * What a venue needs to find an operation again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Handle {
  readonly venue: Account.VenueId
  readonly operationId: string
  /** The venue's own reference: order id, transaction hash. */
  readonly reference: { readonly [key: string]: Json }
}

/** It happened. An order that found nothing to trade with is settled with nothing. @category models @since 0.1.0 */
export class Settled extends Data.TaggedClass("Settled")<{ readonly receipt: Receipt; readonly partial?: boolean | undefined }> {}

/** It was accepted and is under way: a transfer in transit, an unstaking queue. @category models @since 0.1.0 */
export class Pending extends Data.TaggedClass("Pending")<{ readonly handle: Handle; readonly receipt: Receipt }> {}

/**
 * Why a venue did not do it.
 *
 * @category models
 * @since 0.1.0
 */
export type Reason =
  | "invalid"
  | "unsupported"
  | "insufficient_balance"
  | "insufficient_margin"
  | "health_factor"
  | "limit"
  | "price"
  | "market_data"
  | "unavailable"
  | "rate_limited"
  | "credentials"
  | "atomic"
  | "rejected"
  | "reverted"

/** The venue decided against it, and may have taken costs for that. @category errors @since 0.1.0 */
export class Rejected extends Data.TaggedError("Rejected")<{
  readonly reason: Reason
  readonly message: string
  /** Costs that were taken all the same: the gas of a reverted transaction. */
  readonly receipt?: Receipt | undefined
  /** Whose decision it is, where it is not the venue that was asked. */
  readonly venue?: Account.VenueId | undefined
  /** The operation that failed, where several were sent as one. */
  readonly operationId?: string | undefined
  /** What had been settled before, and was not given yet. */
  readonly accruals?: ReadonlyArray<Accrual> | undefined
  readonly field?: string | undefined
  readonly expected?: string | undefined
  readonly actual?: string | undefined
  readonly cause?: unknown
}> {}

/**
 * Nothing left this program, or the venue is certain not to have acted. The only error that may be retried.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotSent extends Data.TaggedError("NotSent")<{
  readonly reason: Reason
  readonly message: string
  /** Whether the same request can do better later. */
  readonly retry: "never" | "after"
  /** The operation that failed, where several were to be sent as one. */
  readonly operationId?: string | undefined
  readonly field?: string | undefined
  readonly expected?: string | undefined
  readonly actual?: string | undefined
  readonly cause?: unknown
}> {}

/** It may or may not have happened: `resolve` must find out. Never to be sent again before that. @category errors @since 0.1.0 */
export class Unknown extends Data.TaggedError("Unknown")<{
  readonly handle: Handle
  readonly message: string
  readonly cause?: unknown
}> {}

/** The venue took the call: it is done, or under way. @category models @since 0.1.0 */
export type Success = Settled | Pending

/**
 * The venue did not take the call, or nobody knows: told apart by what the caller may do.
 *
 * @category models
 * @since 0.1.0
 */
export type Failure = Rejected | NotSent | Unknown

/** What became of a call that was handed to a venue. @category models @since 0.1.0 */
export type Outcome = Success | Failure

/**
 * A position that a venue closed, in figures that mean the same at every venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Liquidation {
  /** The perpetual that was closed (`ETHUSDT-PERP`), or the collateral that was seized (`WETH`). */
  readonly symbol: string
  /** Signed size of the position, or the amount of collateral seized, penalty and fee included. */
  readonly size: Amount.Amount
  /** Price of one unit of `size` at which it was taken over, in `priceIn`. */
  readonly price: Decimal.Decimal
  /** `USD`, or the token that the price is told in: the settlement coin of a perpetual, the loan token of a market. */
  readonly priceIn: string
  /** Margin balance by maintenance margin at that price, of a perpetual. */
  readonly marginRatio?: Decimal.Decimal | undefined
  /** Health factor just before, of a loan. */
  readonly healthFactor?: Decimal.Decimal | undefined
  /** Debt that was repaid with the collateral, of a loan. */
  readonly repaid?: { readonly asset: Asset.Asset; readonly amount: Amount.Amount } | undefined
  /** Token that loss, penalty and fee are told in. */
  readonly asset: Asset.Asset
  /**
   * What the account lost by it: of a perpetual the loss since its entry, penalty and fee included, and less what an
   * insurance fund paid; of a loan the collateral seized less what the repaid debt was worth.
   */
  readonly loss: Amount.Amount
  /** Part of the loss that whoever took the position over keeps: a liquidator's bonus, the rest of a margin. */
  readonly penalty: Amount.Amount
  /** Part of the loss that the venue charges. */
  readonly fee: Amount.Amount
}

interface AccrualOf<K extends string> {
  /** Stable: the same accrual has the same id in every run. */
  readonly id: string
  readonly kind: K
  readonly venue: Account.VenueId
  readonly account: Account.Account
  readonly at: Timestamp.Timestamp
  readonly entries: ReadonlyArray<Entry.Entry>
  readonly detail: { readonly [key: string]: Json }
}

/**
 * A liquidation, with what it did to the position.
 *
 * @category models
 * @since 0.1.0
 */
export interface LiquidationAccrual extends AccrualOf<"liquidation"> {
  readonly liquidation: Liquidation
}

/**
 * Change of position that no instruction caused: funding, interest, a transfer that arrived, a liquidation.
 *
 * @category models
 * @since 0.1.0
 */
export type Accrual = AccrualOf<"funding" | "interest" | "credit" | "rebase"> | LiquidationAccrual

/**
 * The liquidations among accruals, in their order.
 *
 * @category combinators
 * @since 0.1.0
 */
export const liquidations = (accruals: ReadonlyArray<Accrual>): ReadonlyArray<LiquidationAccrual> =>
  accruals.filter((accrual) => accrual.kind === "liquidation")
