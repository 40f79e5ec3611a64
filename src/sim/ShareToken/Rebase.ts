/**
 * How time passes at a staking protocol: balances follow the rate, up or down, and what waits in the queue falls due.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../Refusal.js"
import * as ShareToken from "../ShareToken.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Opening from "./Opening.js"
import * as Protocol from "./Protocol.js"
import * as Rate from "./Rate.js"

type Settled = Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>

type Result<A> = Either.Either<A, Refusal.Refusal>

const none: ReadonlyArray<never> = []

/** Whether shares follow the rate. The one that is left of a balance that was wrapped whole shows a unit at any rate. */
const follows = ({ holding }: Protocol.State): boolean => holding.shares > 1n

const holds = (protocol: Protocol.Protocol, world: World.World, state: Protocol.State): boolean =>
  follows(state) || World.balance(world, Protocol.wallet, protocol.token) !== state.holding.shown

const unopened = (protocol: Protocol.Protocol, world: World.World, state: Protocol.State): boolean =>
  !state.opened && World.balance(world, Protocol.position(protocol), Protocol.ticket) !== 0n

/** Whether the payment of a request is to be fixed by now. */
const falls = (protocol: Protocol.Protocol, request: Protocol.Request, at: Timestamp.Timestamp): boolean =>
  protocol.contracts.fixed === "due" && request.payable === undefined && request.due <= at

/** Lines of an amount given or, where it is negative, taken by the protocol. */
const given = (
  protocol: Protocol.Protocol,
  to: Entry.Entry["account"],
  asset: string,
  amount: Amount.Amount,
  reason: Entry.Reason
): ReadonlyArray<Entry.Entry> =>
  amount < 0n
    ? Entry.move(to, Protocol.issuer(protocol), asset, -amount, reason)
    : Entry.move(Protocol.issuer(protocol), to, asset, amount, reason)

/** The wallet's balance at the rate of now, with the rounding of what others moved before. */
const balance = (
  protocol: Protocol.Protocol,
  opened: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<Settled> => {
  const { entries: before, state, world } = opened
  const pool = follows(state) ? Rate.asOf(snapshot, Protocol.series(protocol), snapshot.at) : undefined
  if (pool !== undefined && Either.isLeft(pool)) return Either.left(pool.left)
  const holding = pool === undefined ? state.holding : ShareToken.revalued(pool.right, state.holding)
  const growth = holding.shown - state.holding.shown
  const lines = given(protocol, Protocol.wallet, protocol.token, growth, "interest")
  const entries = [...before, ...lines]
  if (entries.length === 0) return Either.right({ world, value: none })
  const accrual: Outcome.Accrual = {
    id: `rebase:${protocol.venue}:${protocol.token}:${Timestamp.format(snapshot.at)}`,
    kind: "rebase",
    venue: protocol.venue,
    account: Protocol.wallet,
    at: snapshot.at,
    entries,
    detail: {
      shares: Amount.format(holding.shares),
      growth: Amount.format(growth),
      ...(pool === undefined ? {} : { rate: Decimal.formatScaled(ShareToken.rate27(pool.right), 27) })
    }
  }
  return Either.map(World.post(world, lines), (posted) => ({
    world: protocol.slot.set(posted, { ...state, holding }),
    value: [accrual]
  }))
}

/** Fixes what is paid for requests that are due. A ticket that comes to less shows less from then on. */
const queue = (
  protocol: Protocol.Protocol,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<Settled> => {
  const state = protocol.slot.get(world)
  if (!state.requests.some((request) => falls(protocol, request, snapshot.at))) return Either.right({ world, value: none })
  return Either.flatMap(Rate.asOf(snapshot, Protocol.series(protocol), snapshot.at), (pool) => {
    const accruals: Array<Outcome.Accrual> = []
    const requests = state.requests.map((request) => {
      if (!falls(protocol, request, snapshot.at)) return request
      const payable = protocol.contracts.payable(pool, request)
      const account = Protocol.position(protocol)
      const entries = given(protocol, account, Protocol.ticket, payable - request.amount, "unstake")
      if (entries.length > 0) {
        accruals.push({
          id: `rebase:${protocol.venue}:${Protocol.ticket}:${request.id}`,
          kind: "rebase",
          venue: protocol.venue,
          account,
          at: snapshot.at,
          entries,
          detail: { ticket: request.id, asked: Amount.format(request.amount), payable: Amount.format(payable) }
        })
      }
      return { ...request, payable }
    })
    return Either.map(World.post(world, accruals.flatMap(({ entries }) => entries)), (posted) => ({
      world: protocol.slot.set(posted, { ...state, requests }),
      value: accruals
    }))
  })
}

/**
 * Rebases and the queue. One accrual for each instant at which the rate changed what is shown, and one for each ticket
 * whose payment is less than was asked for when it is due. A rate that is missing while the token is held is a refusal.
 *
 * @category constructors
 * @since 0.1.0
 */
export const model = (protocol: Protocol.Protocol): Simulation.Model => ({
  venue: protocol.venue,
  due: (world, snapshot) => {
    const state = protocol.slot.get(world)
    const due: Array<Timestamp.Timestamp> = []
    const held = holds(protocol, world, state)
    if (held) for (const { at } of snapshot.since(Protocol.series(protocol), world.at)) due.push(at)
    const waiting = unopened(protocol, world, state)
    if (waiting && world.at + protocol.wait <= snapshot.at) due.push(world.at + protocol.wait)
    // Now too, so that a rate that has ended is noticed, and tickets from the start wait from then on.
    if ((held || waiting) && snapshot.at > world.at) due.push(snapshot.at)
    for (const request of state.requests) {
      if (falls(protocol, request, snapshot.at)) due.push(request.due)
    }
    return due
  },
  settle: (world, snapshot) =>
    Either.gen(function*() {
      const state = protocol.slot.get(world)
      if (!holds(protocol, world, state) && !unopened(protocol, world, state) && state.requests.length === 0) {
        return { world, value: none }
      }
      const opened = yield* Opening.open(protocol, world, snapshot)
      const rebased = yield* balance(protocol, opened, snapshot)
      const queued = yield* queue(protocol, rebased.world, snapshot)
      return { world: queued.world, value: [...rebased.value, ...queued.value] }
    })
})
