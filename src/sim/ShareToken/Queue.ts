/**
 * The withdrawal queue of a staking protocol: requests of the size that its contracts take, and claims.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../Refusal.js"
import * as ShareToken from "../ShareToken.js"
import * as Protocol from "./Protocol.js"
import * as Rate from "./Rate.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

/**
 * An amount in parts of at most `most`, none below `least`, as few as that takes. `least` is at most half of `most`, and
 * the amount at least `least`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const parts = (amount: bigint, least: bigint, most: bigint): ReadonlyArray<bigint> => {
  const all: Array<bigint> = []
  let left = amount
  while (left > most) {
    const part = left - most < least ? most - least : most
    all.push(part)
    left -= part
  }
  return [...all, left]
}

/**
 * Most requests of one transaction: as many as Lido's own page sends, and a bound on the work of any queue.
 *
 * @category constants
 * @since 0.1.0
 */
export const mostAtOnce = 256n

/**
 * What is asked back: each part in the token that is given, in ether and in shares.
 *
 * @category models
 * @since 0.1.0
 */
export interface Part {
  readonly given: Amount.Amount
  readonly amount: Amount.Amount
  readonly shares: bigint
}

/**
 * The requests that an amount of a token makes, each with a ticket of its own. Refused where it is less than the contracts
 * take, or more than {@link mostAtOnce} requests.
 *
 * @category constructors
 * @since 0.1.0
 */
export const requested = (
  { contracts, token, venue, wrapped }: Protocol.Protocol,
  pool: ShareToken.Pool,
  from: string,
  given: Amount.Amount
): Result<ReadonlyArray<Part>> => {
  const isWrapped = from === wrapped
  const ether = (of: Amount.Amount) => (isWrapped ? ShareToken.toAmount(pool, of) : of)
  const { least, most, noShare } = contracts
  const tooLittle = (error: string): Either.Either<never, Refusal.Refusal> =>
    Either.left(
      Refusal.make("limit", `${Amount.format(given)} ${from} is less than ${venue} takes into its queue (${error})`, {
        field: "amount",
        expected: `at least ${Amount.format(least.amount)} ${token}`,
        actual: Amount.format(ether(given))
      })
    )
  if (ether(given) < least.amount) return tooLittle(least.error)
  const [smallest, largest] = isWrapped
    ? [ShareToken.toShares(pool, least.amount) + 1n, ShareToken.toShares(pool, most)]
    : [least.amount, most]
  if (given > largest * mostAtOnce) {
    return Either.left(
      Refusal.make("limit", `${venue} takes ${mostAtOnce} requests in one transaction, each of at most ${Amount.format(most)} ${token}`, {
        field: "amount",
        expected: `at most ${Amount.format(largest * mostAtOnce)} ${from}`,
        actual: Amount.format(given)
      })
    )
  }
  const sizes = parts(given, smallest, largest)
  const all = sizes.map((size) => {
    const amount = ether(size)
    return { given: size, amount, shares: ShareToken.toShares(pool, amount) }
  })
  return noShare !== undefined && all.some(({ shares }) => shares === 0n) ? tooLittle(noShare) : Either.right(all)
}

/** The tickets that are meant. Refused where there are none, or the one that is meant is not due. */
const chosen = (
  { contracts, venue }: Protocol.Protocol,
  { made, requests }: Protocol.State,
  ticket: string | undefined,
  at: Timestamp.Timestamp
): Result<ReadonlyArray<Protocol.Request>> => {
  const refuse = (reason: "invalid" | "rejected", message: string, expected: string, actual: string) =>
    Either.left(Refusal.make(reason, message, { field: "ticket", expected, actual }))
  const notDue = ({ due, id }: Protocol.Request) =>
    refuse(
      "rejected",
      `ticket ${id} of ${venue} is due at ${Timestamp.format(due)} (${contracts.notDue})`,
      `a claim not before ${Timestamp.format(due)}`,
      Timestamp.format(at)
    )
  const [first] = requests
  if (ticket === undefined) {
    const due = requests.filter((request) => request.due <= at)
    return due.length > 0
      ? Either.right(due)
      : first === undefined
        ? refuse("invalid", `nothing waits in the queue of ${venue}`, "a ticket that is due", "none")
        : notDue(requests.reduce((next, request) => (request.due < next.due ? request : next), first))
  }
  const request = requests.find(({ id }) => id === ticket)
  if (request !== undefined) return request.due <= at ? Either.right([request]) : notDue(request)
  const claimed = /^[1-9]\d*$/.test(ticket) && BigInt(ticket) <= BigInt(made)
  return refuse(
    "invalid",
    claimed ? `ticket ${ticket} of ${venue} was claimed` : `${venue} gave out no ticket ${ticket}`,
    requests.length === 0 ? "none, because nothing waits in the queue" : `one of ${requests.map(({ id }) => id).join(", ")}`,
    ticket
  )
}

/**
 * What a claim pays.
 *
 * @category models
 * @since 0.1.0
 */
export interface Claimed {
  readonly state: Protocol.State
  readonly tickets: ReadonlyArray<string>
  readonly paid: Amount.Amount
  readonly entries: ReadonlyArray<Entry.Entry>
}

/**
 * Claims the ticket, or all that are due. Refused where it is not due yet, with the instant when it is; where it was
 * claimed; where there is none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const claim = (
  protocol: Protocol.Protocol,
  state: Protocol.State,
  snapshot: MarketSnapshot.MarketSnapshot,
  ticket: string | undefined
): Result<Claimed> =>
  Either.gen(function*() {
    const requests = yield* chosen(protocol, state, ticket, snapshot.at)
    let given = 0n
    let paid = 0n
    for (const request of requests) {
      given += Protocol.shown(request)
      paid += request.payable ??
        protocol.contracts.payable(yield* Rate.asOf(snapshot, Protocol.series(protocol), snapshot.at), request)
    }
    const issuer = Protocol.issuer(protocol)
    return {
      state: { ...state, requests: state.requests.filter((request) => !requests.includes(request)) },
      tickets: requests.map(({ id }) => id),
      paid,
      entries: [
        ...Entry.move(Protocol.position(protocol), issuer, Protocol.ticket, given, "unstake"),
        ...Entry.move(issuer, Protocol.wallet, "ETH", paid, "unstake")
      ]
    }
  })
