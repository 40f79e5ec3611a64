/**
 * The actions of a staking protocol as steps of the world.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as Instruction from "../../domain/Instruction.js"
import type { Json } from "../../domain/Json.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Contract from "../Contract.js"
import * as Gas from "../Gas.js"
import * as Refusal from "../Refusal.js"
import * as ShareToken from "../ShareToken.js"
import * as World from "../World.js"
import * as Call from "./Call.js"
import * as Opening from "./Opening.js"
import * as Protocol from "./Protocol.js"
import * as Queue from "./Queue.js"
import * as Rate from "./Rate.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

/** What a call does to the trader at the protocol, and the ledger lines of that. */
interface Change {
  readonly state: Protocol.State
  readonly entries: ReadonlyArray<Entry.Entry>
  readonly out: Amount.Amount
  readonly gas: ReadonlyArray<Gas.Operation>
  readonly costs?: ReadonlyArray<Outcome.Cost>
  readonly detail?: { readonly [key: string]: Json }
}

interface Context {
  readonly protocol: Protocol.Protocol
  readonly state: Protocol.State
  readonly pool: ShareToken.Pool
  readonly at: Timestamp.Timestamp
  readonly amount: Amount.Amount
  readonly from: Asset.Asset
  readonly to: Asset.Asset
}

const invalid = (message: string, amount: Amount.Amount): Either.Either<never, Refusal.Refusal> =>
  Either.left(Refusal.make("invalid", message, { field: "amount", expected: "more", actual: Amount.format(amount) }))

/** Lines of a call that says `amount` where the shares show `actual`, at most as much. */
const given = (protocol: Protocol.Protocol, amount: Amount.Amount, actual: Amount.Amount, reason: Entry.Reason) => [
  ...Entry.move(Protocol.issuer(protocol), Protocol.wallet, protocol.token, amount, reason),
  ...Entry.move(Protocol.wallet, Protocol.rounding(protocol), protocol.token, amount - actual, "rounding")
]

const taken = (protocol: Protocol.Protocol, amount: Amount.Amount, actual: Amount.Amount, reason: Entry.Reason) => [
  ...Entry.move(Protocol.wallet, Protocol.issuer(protocol), protocol.token, amount, reason),
  ...Entry.move(Protocol.rounding(protocol), Protocol.wallet, protocol.token, amount - actual, "rounding")
]

/** Takes amounts of the rebasing token, each in a transfer of its own. */
const take = (
  { pool, protocol, state }: Context,
  amounts: ReadonlyArray<Amount.Amount>,
  reason: Entry.Reason
): Result<{ readonly state: Protocol.State; readonly entries: ReadonlyArray<Entry.Entry> }> => {
  let holding = state.holding
  let amount = 0n
  for (const one of amounts) {
    amount += one
    const sent = ShareToken.sent(pool, holding, one)
    if (sent === undefined) {
      return Either.left(
        Refusal.insufficientBalance(Protocol.wallet, protocol.token, state.holding.shown, amounts.reduce((a, b) => a + b))
      )
    }
    holding = sent
  }
  return Either.right({
    state: { ...state, holding },
    entries: taken(protocol, amount, state.holding.shown - holding.shown, reason)
  })
}

/** The state with what a spender may take, and the approval where one is needed first. */
const approve = (
  { approval }: Protocol.Protocol,
  state: Protocol.State,
  token: Asset.Asset,
  spender: string
): { readonly state: Protocol.State; readonly gas: ReadonlyArray<Gas.Operation> } => {
  const key = `${token} ${spender}`
  return approval === "unlimited" && state.approved.has(key)
    ? { state, gas: [] }
    : { state: { ...state, approved: new Set(state.approved).add(key) }, gas: ["approval"] }
}

const stake = ({ amount, pool, protocol, state, to }: Context): Result<Change> => {
  const { contracts, venue, wrapped } = protocol
  const shares = ShareToken.toShares(pool, amount)
  if (shares === 0n && contracts.noShare !== undefined) {
    return invalid(`so little ether makes no share of ${venue} (${contracts.noShare})`, amount)
  }
  const issuer = Protocol.issuer(protocol)
  const paid = Entry.move(Protocol.wallet, issuer, "ETH", amount, "stake")
  if (to === wrapped) {
    const out = contracts.wrapStaked(pool, shares)
    return Either.right({
      state,
      out,
      entries: [...paid, ...Entry.move(issuer, Protocol.wallet, wrapped, out, "stake")],
      gas: ["stake_wrapped"],
      detail: { shares: Amount.format(shares) }
    })
  }
  const holding = ShareToken.minted(pool, state.holding, shares)
  const out = holding.shown - state.holding.shown
  return Either.right({
    state: { ...state, holding },
    out,
    entries: [...paid, ...given(protocol, amount, out, "stake")],
    gas: ["stake"],
    detail: { shares: Amount.format(shares) }
  })
}

const wrap = (context: Context): Result<Change> => {
  const { amount, pool, protocol } = context
  return Either.map(take(context, [amount], "wrap"), ({ entries, state: after }) => {
    const out = ShareToken.toShares(pool, amount)
    const { gas, state } = approve(protocol, after, protocol.token, protocol.wrapped)
    return {
      state,
      out,
      entries: [...entries, ...Entry.move(Protocol.issuer(protocol), Protocol.wallet, protocol.wrapped, out, "wrap")],
      gas: [...gas, "wrap_lst"]
    }
  })
}

const unwrap = ({ amount, pool, protocol, state }: Context): Result<Change> => {
  const ether = ShareToken.toAmount(pool, amount)
  const holding = ShareToken.received(pool, state.holding, ether)
  const out = holding.shown - state.holding.shown
  return Either.right({
    state: { ...state, holding },
    out,
    entries: [
      ...Entry.move(Protocol.wallet, Protocol.issuer(protocol), protocol.wrapped, amount, "wrap"),
      ...given(protocol, ether, out, "wrap")
    ],
    gas: ["unwrap_lst"]
  })
}

/** Takes what leaves the protocol: the rebasing token by its shares, the wrapped one as it is. */
const surrender = (context: Context, amounts: ReadonlyArray<Amount.Amount>) =>
  context.from === context.protocol.token
    ? take(context, amounts, "unstake")
    : Either.right({
      state: context.state,
      entries: Entry.move(
        Protocol.wallet,
        Protocol.issuer(context.protocol),
        context.from,
        amounts.reduce((a, b) => a + b, 0n),
        "unstake"
      )
    })

const request = (context: Context): Result<Change> =>
  Either.gen(function*() {
    const { amount, at, from, pool, protocol } = context
    const { contracts, token, venue, wait, wrapped } = protocol
    const parts = yield* Queue.requested(protocol, pool, from, amount)
    const surrendered = yield* surrender(context, parts.map((part) => part.given))
    const unwraps = from === wrapped && contracts.unwrapsFirst
    const approved = approve(protocol, surrendered.state, unwraps ? token : from, "queue")
    const due = at + wait
    const state = parts.reduce((then, part) => Protocol.enqueue(then, { amount: part.amount, shares: part.shares, due }), approved.state)
    const out = parts.reduce((sum, part) => sum + part.amount, 0n)
    return {
      state,
      out,
      entries: [
        ...surrendered.entries,
        ...Entry.move(Protocol.issuer(protocol), Protocol.position(protocol), Protocol.ticket, out, "unstake")
      ],
      gas: [...(unwraps ? ["unwrap_lst" as const] : []), ...approved.gas, ...parts.map(() => "unstake" as const)],
      detail: {
        queue: venue,
        due: Timestamp.format(due),
        tickets: state.requests.slice(-parts.length).map((one) => ({ id: one.id, amount: Amount.format(one.amount) }))
      }
    }
  })

const basisPoints = 10_000n

/** The exit without the queue, at a fee: `EtherFiRedemptionManager._calcRedemption`. */
const redeem = (context: Context, fee: bigint): Result<Change> => {
  const { amount, from, pool, protocol } = context
  const { venue, wrapped } = protocol
  const ether = from === wrapped ? ShareToken.toAmount(pool, amount) : amount
  const out = ShareToken.toAmount(pool, (ShareToken.toShares(pool, ether) * (basisPoints - fee)) / basisPoints)
  if (from !== wrapped && amount > context.state.holding.shown) {
    return Either.left(Refusal.insufficientBalance(Protocol.wallet, from, context.state.holding.shown, amount))
  }
  if (out === 0n) return invalid(`nothing is left of so little after the fee of ${venue} (InvalidAmount)`, amount)
  return Either.map(surrender(context, [amount]), (surrendered) => {
    const { gas, state } = approve(protocol, surrendered.state, from, "redemption")
    const issuer = Protocol.issuer(protocol)
    return {
      state,
      out,
      entries: [
        ...surrendered.entries,
        ...Entry.move(issuer, Protocol.wallet, "ETH", out, "unstake"),
        ...Entry.move(issuer, Account.contra("fees", venue), "ETH", ether - out, "fee")
      ],
      costs: [{ kind: "fee" as const, venue, asset: "ETH", amount: ether - out }],
      gas: [...gas, "unstake"]
    }
  })
}

const change = (action: Call.Exchange["action"], context: Context): Result<Change> => {
  const { protocol: { exitFee }, to } = context
  switch (action) {
    case "stake":
      return stake(context)
    case "wrap":
      return wrap(context)
    case "unwrap":
      return unwrap(context)
    case "unstake":
      return to === "ETH" && exitFee !== undefined ? redeem(context, exitFee) : request(context)
  }
}

/** All there is of what goes in, less the gas where it is ether. */
const everything = (
  gas: Gas.Settings,
  protocol: Protocol.Protocol,
  opened: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  { action, from, to }: Call.Exchange
): Result<Amount.Amount> => {
  const held = World.balance(opened.world, Protocol.wallet, from)
  const spent = action === "stake"
    ? Either.map(Gas.quote(gas, snapshot, [to === protocol.wrapped ? "stake_wrapped" : "stake"]), ({ amount }) => amount)
    : Either.right(0n)
  return Either.flatMap(spent, (amount) =>
    held > amount
      ? Either.right(held - amount)
      : Either.left(Refusal.insufficientBalance(Protocol.wallet, from, held, amount + 1n)))
}

/** The least that may come out of a call, where its caller says so. */
const enough = ({ action, bound, to }: Call.Exchange, amount: Amount.Amount, out: Amount.Amount): Result<void> => {
  const least = bound === undefined ? 0n : Amount.times(amount, bound, 1n, "up")
  return out >= least
    ? Either.void
    : Either.left(
      Refusal.make("price", `to ${action} ${Amount.format(amount)} gives ${Amount.format(out)} ${to}, less than the bound`, {
        expected: `at least ${Amount.format(least)} ${to}`,
        actual: Amount.format(out)
      })
    )
}

const exchanged = (
  protocol: Protocol.Protocol,
  gas: Gas.Settings,
  opened: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  call: Call.Exchange
): Result<Contract.Stepped> =>
  Either.gen(function*() {
    const { state, world } = opened
    const { action, from, to } = call
    const pool = yield* Rate.asOf(snapshot, Protocol.series(protocol), snapshot.at)
    const amount = call.amount === "max" ? yield* everything(gas, protocol, opened, snapshot, call) : call.amount
    const done = yield* change(action, { protocol, state, pool, at: snapshot.at, amount, from, to })
    yield* enough(call, amount, done.out)
    const posted = yield* World.post(world, done.entries)
    return {
      world: protocol.slot.set(posted, done.state),
      value: {
        entries: [...opened.entries, ...done.entries],
        fills: [],
        costs: done.costs ?? [],
        positions: [],
        detail: { rate: Decimal.formatScaled(ShareToken.rate27(pool), 27), ...done.detail },
        gas: done.gas,
        ...(to === Protocol.ticket ? {} : { output: { asset: to, amount: done.out } })
      }
    }
  })

const claimed = (
  protocol: Protocol.Protocol,
  opened: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  { ticket }: Call.Claim
): Result<Contract.Stepped> =>
  Either.gen(function*() {
    const done = yield* Queue.claim(protocol, opened.state, snapshot, ticket)
    const posted = yield* World.post(opened.world, done.entries)
    return {
      world: protocol.slot.set(posted, done.state),
      value: {
        entries: [...opened.entries, ...done.entries],
        fills: [],
        costs: [],
        positions: [],
        detail: { tickets: done.tickets },
        gas: done.tickets.map(() => "claim" as const),
        output: { asset: "ETH", amount: done.paid }
      }
    }
  })

/**
 * The contracts of a staking protocol: what the wallet holds of its rebasing token is counted in shares, at the rate of
 * the data. Own stakes and exits do not move that rate.
 *
 * Refused as the contracts refuse it: beyond the balance, less than they take, before it is due. A refusal leaves
 * everything as it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const contract = (protocol: Protocol.Protocol, gas: Gas.Settings): Contract.Contract => ({
  venue: protocol.venue,
  actions: new Set<Instruction.Action>(Call.actions),
  prepare: (intent) =>
    Either.map(Call.make(protocol, intent), (call) => ({
      wire: Call.wire(call),
      run: (world, snapshot) =>
        Either.flatMap(Opening.open(protocol, world, snapshot), (opened) =>
          call.action === "claim"
            ? claimed(protocol, opened, snapshot, call)
            : exchanged(protocol, gas, opened, snapshot, call))
    }))
})
