/**
 * The port to a venue.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Account from "../domain/Account.js"
import type * as Amount from "../domain/Amount.js"
import type * as Asset from "../domain/Asset.js"
import type * as Decimal from "../domain/Decimal.js"
import type * as Instruction from "../domain/Instruction.js"
import type { Json } from "../domain/Json.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"

/**
 * What kind of venue it is: a centralised exchange, a decentralised one, or any other contract or wallet on a chain.
 *
 * @category models
 * @since 0.1.0
 */
export type Family = "cex" | "dex" | "onchain"

/**
 * One instruction for a venue, with its identity and its instant.
 *
 * @category models
 * @since 0.1.0
 */
export interface Intent<out I> {
  readonly operationId: string
  readonly at: Timestamp.Timestamp
  readonly instruction: I
  /** The worst price that may be accepted, quote per base. It becomes the order's limit or the minimum out. */
  readonly bound?: Decimal.Decimal | undefined
}

/**
 * A call that is ready to be sent: what is written down of it, and what the venue needs to send it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call<out P> {
  /** Durable part: with it alone `resolve` can find the operation again. */
  readonly wire: { readonly [key: string]: Json }
  readonly payload: P
}

const prepared: unique symbol = Symbol.for("execution-interface-manager/venue/Prepared")

/**
 * A call whose intent is in the journal. Only the manager makes one, so that nothing is sent that was not recorded.
 *
 * @category models
 * @since 0.1.0
 */
export interface Prepared<out I> {
  readonly [prepared]: unknown
  readonly intent: Intent<I>
  readonly wire: { readonly [key: string]: Json }
}

/** @internal */
export const journaled = <I>(intent: Intent<I>, call: Call<unknown>): Prepared<I> => ({
  [prepared]: call.payload,
  intent,
  wire: call.wire
})

/** Why a call could not be made ready. @category models @since 0.1.0 */
export type PrepareFailure = Outcome.NotSent | Outcome.Rejected

/**
 * What a venue can do, by the names that the journal has: trades, swaps, other actions, transfers between its accounts,
 * transfers that leave it, atomic groups.
 *
 * @category models
 * @since 0.1.0
 */
export type CapabilityName = "trade" | "swap" | "action" | "internal" | "send" | "atomic"

/**
 * One thing a venue can do.
 *
 * @category models
 * @since 0.1.0
 */
export interface Capability<in out I> {
  /** Checks and completes: ids, tick and lot, bounds, nonce, bytes. Nothing is sent, nothing changes. */
  readonly prepare: (intent: Intent<I>) => Effect.Effect<Call<unknown>, PrepareFailure>
  /** Does it. Runs to its outcome: whether bytes have left is known here and nowhere else. */
  readonly submit: (call: Prepared<I>) => Effect.Effect<Outcome.Success, Outcome.Failure>
  /** Finds out what became of an earlier call. `NotSent` where it is certain that it never took effect. */
  readonly resolve: (handle: Outcome.Handle) => Effect.Effect<Outcome.Success, Outcome.Failure>
}

/**
 * A capability from its three parts, with the payload typed between `prepare` and `submit`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const capability = <I, P>(parts: {
  readonly prepare: (intent: Intent<I>) => Effect.Effect<Call<P>, PrepareFailure>
  readonly submit: (payload: P, intent: Intent<I>) => Effect.Effect<Outcome.Success, Outcome.Failure>
  readonly resolve: (handle: Outcome.Handle) => Effect.Effect<Outcome.Success, Outcome.Failure>
}): Capability<I> => ({
  prepare: parts.prepare,
  submit: (call) => parts.submit(call[prepared] as P, call.intent),
  resolve: parts.resolve
})

/**
 * What a venue trades at before size moves the price, and the fee it takes of the quote.
 *
 * @category models
 * @since 0.1.0
 */
export interface Arrival {
  /** Quote per base. */
  readonly price: Decimal.Decimal
  /** Fraction of the quote amount. */
  readonly feeRate: Decimal.Decimal
}

/**
 * A capability whose price the guard can check.
 *
 * @category models
 * @since 0.1.0
 */
export interface Priced<in out I> extends Capability<I> {
  readonly arrival: (instruction: I, at: Timestamp.Timestamp) => Effect.Effect<Arrival, Outcome.NotSent>
}

/**
 * A `swap` action, quote per base being `tokenOut` per `token`.
 *
 * @category models
 * @since 0.1.0
 */
export type Swap = Instruction.SmartContractAction

/**
 * One call of an atomic group. Its `bound` is the worst price of a swap, as in {@link Intent}.
 *
 * @category models
 * @since 0.1.0
 */
export interface Member {
  readonly operationId: string
  readonly venue: Account.VenueId
  readonly instruction: Instruction.SmartContractAction
  readonly bound?: Decimal.Decimal | undefined
}

/**
 * Calls that are sent as one, in this order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Group {
  readonly id: string
  readonly members: ReadonlyArray<Member>
}

/**
 * Where a transfer arrives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Destination {
  readonly account: Account.Account
  readonly address: string
  readonly network: string
  /** Least amount that is credited; less is lost, and so refused. */
  readonly minimum: Amount.Amount
  /** Step of the credited account. */
  readonly quantum: Amount.Amount
  /** Between the arrival of the transaction and the credit. */
  readonly delay: number
}

/**
 * A transfer that leaves its venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sending {
  readonly transfer: Instruction.WalletTransfer
  readonly destination: Destination
}

/**
 * How a venue takes part in transfers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Transfers {
  /** Network of transfers that name none. The wallet's holds for every transfer. */
  readonly network?: string | undefined
  /** Sends to an address: a withdrawal of an exchange, a transaction of a wallet. */
  readonly send?: Capability<Sending> | undefined
  /** Where to send a token so that it is credited here. */
  readonly destination?:
    | ((
      token: Asset.Asset,
      network: string | undefined,
      sub: Account.SubAccount | undefined,
      at: Timestamp.Timestamp
    ) => Effect.Effect<Destination, Outcome.NotSent>)
    | undefined
  /** Moves between accounts of the venue. */
  readonly internal?: Capability<Instruction.WalletTransfer> | undefined
}

/**
 * What is held at a venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Holding {
  readonly account: Account.Account
  readonly asset: Asset.Asset
  readonly amount: Amount.Amount
}

/** All that a venue holds for the trader at one instant. @category models @since 0.1.0 */
export interface Portfolio {
  readonly holdings: ReadonlyArray<Holding>
  readonly positions: ReadonlyArray<Outcome.Position>
}

/**
 * What came due up to `until` and was not given before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Accruals {
  (until: Timestamp.Timestamp): Effect.Effect<ReadonlyArray<Outcome.Accrual>, Outcome.Failure>
  /** Whether it is certain that there is nothing, so that asking can be left out. It may be asked at any time. */
  readonly quiet?: ((until: Timestamp.Timestamp) => boolean) | undefined
}

/**
 * A venue and what it can do. What it lacks is absent, and an instruction that needs it is refused.
 *
 * @category models
 * @since 0.1.0
 */
export interface Venue {
  readonly id: Account.VenueId
  readonly family: Family
  /** Its accounts; the first is the one meant when an instruction names none. */
  readonly accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>]
  /** Names that stand for one of them: `spot` and `perp` where both are one unified account. */
  readonly otherNames?: ReadonlyArray<Account.SubAccount> | undefined
  readonly trade?: Priced<Instruction.CexTrade> | undefined
  readonly swap?: Priced<Swap> | undefined
  /** With the actions that it does. */
  readonly action?:
    | (Capability<Instruction.SmartContractAction> & { readonly actions: ReadonlySet<Instruction.Action> })
    | undefined
  readonly transfer?: Transfers | undefined
  /**
   * Sends calls of several venues as one transaction from its account. Its receipt tells the parts apart, and its wire
   * lists the ids under `operations`.
   */
  readonly atomic?: Capability<Group> | undefined
  readonly accruals: Accruals
  readonly portfolio: (at: Timestamp.Timestamp) => Effect.Effect<Portfolio, Outcome.NotSent>
}

/** Accruals of a venue that has none. @category constructors @since 0.1.0 */
export const noAccruals: Accruals = () => Effect.succeed([])
