/**
 * What a staking protocol is made of: its tokens, the rules of its contracts, and what the trader has there.
 *
 * @since 0.1.0
 */
import * as Account from "../../domain/Account.js"
import type * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as ShareToken from "../ShareToken.js"
import * as World from "../World.js"

/**
 * A place in the withdrawal queue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** Number of the ticket, from 1. */
  readonly id: string
  /** What was asked for, in ether: no more than that is paid. */
  readonly amount: Amount.Amount
  /** Shares that were given up for it. */
  readonly shares: bigint
  readonly due: Timestamp.Timestamp
  /** What is paid, once that is fixed. */
  readonly payable: Amount.Amount | undefined
}

/**
 * The trader at the protocol.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  /** The rebasing token in the wallet. */
  readonly holding: ShareToken.Holding
  /** What is not claimed, oldest first. */
  readonly requests: ReadonlyArray<Request>
  /** How many tickets were given out. */
  readonly made: number
  /** What spenders may take without asking again, as `<token> <spender>`. */
  readonly approved: ReadonlySet<string>
  /** Whether tickets that the ledger holds from the start have become requests. */
  readonly opened: boolean
}

/**
 * Where the contracts of protocols differ.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contracts {
  /** Wrapped tokens for a stake that made `shares`. */
  readonly wrapStaked: (pool: ShareToken.Pool, shares: bigint) => bigint
  /** Whether amounts too small to make a share are refused, and what the error is called. */
  readonly noShare: string | undefined
  /** Least amount of a request, and what the error is called. */
  readonly least: { readonly amount: Amount.Amount; readonly error: string }
  /** Largest amount of a request: more becomes several requests. */
  readonly most: Amount.Amount
  /** What a request comes to at the rate of a pool. */
  readonly payable: (pool: ShareToken.Pool, request: Pick<Request, "amount" | "shares">) => Amount.Amount
  /** Which rate that is: the one when it is due, or the one when it is claimed. */
  readonly fixed: "due" | "claimed"
  /** Error of a claim before it is due. */
  readonly notDue: string
  /** Whether wrapped tokens are unwrapped in a transaction of their own before they are asked back. */
  readonly unwrapsFirst: boolean
}

/**
 * A staking protocol with its settings.
 *
 * @category models
 * @since 0.1.0
 */
export interface Protocol {
  readonly venue: Account.VenueId
  readonly network: string
  readonly approval: "exact" | "unlimited"
  /** Rebasing token, one for one with ether. */
  readonly token: Asset.Asset
  /** Token that counts shares. */
  readonly wrapped: Asset.Asset
  /** Milliseconds from a request to its payment. */
  readonly wait: number
  /** Fee of an exit that does not queue, in basis points; `undefined` where there is no such exit. */
  readonly exitFee: bigint | undefined
  readonly contracts: Contracts
  readonly slot: World.Slot<State>
}

/** Ether that waits in a queue. @category constants @since 0.1.0 */
export const ticket: Asset.Asset = "ticketETH"

/** Where tokens stand. @category constants @since 0.1.0 */
export const wallet: Account.Account = Account.make("wallet", "wallet")

/** Where tickets stand. @category combinators @since 0.1.0 */
export const position = ({ venue }: Protocol): Account.Account => Account.make(venue, "position")

/** The other side of what the protocol gives and takes: `issuer:<venue>`. @category combinators @since 0.1.0 */
export const issuer = ({ venue }: Protocol): Account.Account => Account.contra("issuer", venue)

/** Where the units stand that a transfer of shares loses: `rounding:<venue>`. @category combinators @since 0.1.0 */
export const rounding = ({ venue }: Protocol): Account.Account => Account.contra("rounding", venue)

/** Series of the rate, ether per share. @category combinators @since 0.1.0 */
export const series = ({ wrapped }: Protocol): string =>
  MarketSnapshot.rateSeries(Asset.token(wrapped) ?? { symbol: wrapped, decimals: 18 }, "protocol")

/** The slot of a protocol, nothing in it. @category constructors @since 0.1.0 */
export const slot = (venue: Account.VenueId): World.Slot<State> =>
  World.slot<State>(venue, {
    holding: ShareToken.nothing,
    requests: [],
    made: 0,
    approved: new Set(),
    opened: false
  })

/** What a ticket shows. @category combinators @since 0.1.0 */
export const shown = (request: Request): Amount.Amount => request.payable ?? request.amount

/** The state with another request in the queue. @category combinators @since 0.1.0 */
export const enqueue = (state: State, request: Omit<Request, "id" | "payable">): State => {
  const made = state.made + 1
  return { ...state, made, requests: [...state.requests, { ...request, id: String(made), payable: undefined }] }
}
