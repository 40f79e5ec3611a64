/**
 * How what the ledger holds becomes shares and requests: balances from the start, and what other venues moved.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../Refusal.js"
import * as ShareToken from "../ShareToken.js"
import * as World from "../World.js"
import * as Protocol from "./Protocol.js"
import * as Rate from "./Rate.js"

/**
 * A world whose ledger and shares agree, and the ledger lines that took.
 *
 * @category models
 * @since 0.1.0
 */
export interface Opened {
  readonly world: World.World
  readonly state: Protocol.State
  readonly entries: ReadonlyArray<Entry.Entry>
}

type Result<A> = Either.Either<A, Refusal.Refusal>

/** Tickets held from the start, each waiting from then on. */
const tickets = (
  protocol: Protocol.Protocol,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  state: Protocol.State
): Result<Protocol.State> => {
  if (state.opened) return Either.right(state)
  const opened = { ...state, opened: true }
  const held = World.holdings(world).filter(({ account }) => account === Protocol.position(protocol))
  const other = held.find(({ asset }) => asset !== Protocol.ticket)
  if (other !== undefined) {
    return Either.left(
      Refusal.make("invalid", `${protocol.venue} is said to hold ${other.asset}, and tickets of its queue are all it can`, {
        field: "balances",
        expected: Protocol.ticket,
        actual: other.asset
      })
    )
  }
  const ticket = held[0]
  if (ticket === undefined) return Either.right(opened)
  return Either.map(Rate.asOf(snapshot, Protocol.series(protocol), world.at), (pool) =>
    Protocol.enqueue(opened, {
      amount: ticket.amount,
      shares: ShareToken.toShares(pool, ticket.amount),
      due: world.at + protocol.wait
    }))
}

/** The wallet's rebasing balance as it was moved since, at the rate since then. */
const moved = (
  protocol: Protocol.Protocol,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  state: Protocol.State
): Result<Protocol.State> => {
  const balance = World.balance(world, Protocol.wallet, protocol.token)
  if (balance === state.holding.shown) return Either.right(state)
  return Either.map(Rate.asOf(snapshot, Protocol.series(protocol), world.at), (pool) => ({
    ...state,
    holding: ShareToken.reconciled(pool, state.holding, balance)
  }))
}

/**
 * Brings the shares up to what the ledger holds, at the rate of `world.at`: all that moved since the rate last changed
 * counts as one transfer. The ledger then shows what the shares show; what is off, a unit or two, stands at
 * `rounding:<venue>`. Refused for anything but tickets at the protocol.
 *
 * @category combinators
 * @since 0.1.0
 */
export const open = (
  protocol: Protocol.Protocol,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<Opened> =>
  Either.gen(function*() {
    const before = protocol.slot.get(world)
    const state = yield* moved(protocol, world, snapshot, yield* tickets(protocol, world, snapshot, before))
    if (state === before) return { world, state, entries: [] }
    const off = World.balance(world, Protocol.wallet, protocol.token) - state.holding.shown
    const rounding = Protocol.rounding(protocol)
    const entries = off > 0n
      ? Entry.move(Protocol.wallet, rounding, protocol.token, off, "rounding")
      : Entry.move(rounding, Protocol.wallet, protocol.token, -off, "rounding")
    return { world: protocol.slot.set(yield* World.post(world, entries), state), state, entries }
  })
