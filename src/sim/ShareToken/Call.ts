/**
 * Instructions as a staking protocol understands them.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import type * as Decimal from "../../domain/Decimal.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as Outcome from "../../domain/Outcome.js"
import type * as Venue from "../../venue/Venue.js"
import type * as Contract from "../Contract.js"
import * as Refusal from "../Refusal.js"
import * as Protocol from "./Protocol.js"

/** What can be done. @category constants @since 0.1.0 */
export const actions = ["stake", "wrap", "unwrap", "unstake", "claim"] as const

/** The name of something that a staking protocol does. @category models @since 0.1.0 */
export type Action = (typeof actions)[number]

/**
 * A call that moves an amount of `from`, or all there is of it, into `to`: a ticket for an exit by the queue, ether for
 * one without it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exchange {
  readonly action: Exclude<Action, "claim">
  readonly from: Asset.Asset
  readonly to: Asset.Asset
  readonly amount: Amount.Amount | "max"
  /** Least that may come out, `to` per `from`. */
  readonly bound: Decimal.Decimal | undefined
}

/** Collects the ether of one ticket, or of all that are due. @category models @since 0.1.0 */
export interface Claim {
  readonly action: "claim"
  readonly ticket: string | undefined
}

/**
 * An instruction to a staking protocol, checked: an exchange of tokens, or the collection of a ticket.
 *
 * @category models
 * @since 0.1.0
 */
export type Call = Exchange | Claim

type Result<A> = Either.Either<A, Refusal.Refusal>

const refuse = (
  reason: Outcome.Reason,
  message: string,
  field: string,
  expected: string,
  actual: string
): Either.Either<never, Refusal.Refusal> => Either.left(Refusal.make(reason, message, { field, expected, actual }))

const isAction = (action: Instruction.Action): action is Action => actions.some((known) => known === action)

/** What may go in, and what may come out of each: what comes out where nothing is said is the first. */
const routes = (protocol: Protocol.Protocol, action: Exchange["action"]): ReadonlyMap<Asset.Asset, ReadonlyArray<Asset.Asset>> => {
  const { exitFee, token, wrapped } = protocol
  const exits = exitFee === undefined ? [Protocol.ticket] : [Protocol.ticket, "ETH"]
  switch (action) {
    case "stake":
      return new Map([["ETH", [token, wrapped]]])
    case "wrap":
      return new Map([[token, [wrapped]]])
    case "unwrap":
      return new Map([[wrapped, [token]]])
    case "unstake":
      return new Map([[token, exits], [wrapped, exits]])
  }
}

const exchange = (
  protocol: Protocol.Protocol,
  action: Exchange["action"],
  { amount, token, tokenOut }: Instruction.SmartContractAction,
  bound: Decimal.Decimal | undefined
): Result<Exchange> => {
  const { venue } = protocol
  const known = routes(protocol, action)
  const outs = known.get(token)
  if (outs === undefined) {
    const message = action === "stake" && token === "WETH"
      ? `${venue} takes native ether: unwrap the WETH in the wallet first`
      : `${venue} cannot ${action} ${token}`
    return refuse("unsupported", message, "token", [...known.keys()].join(" or "), token)
  }
  const to = tokenOut ?? outs[0]!
  if (!outs.includes(to)) {
    const message = action === "unstake" && to === "ETH"
      ? `ether that leaves ${venue} waits in its queue: a ticket comes first, to be claimed when it is due`
      : `to ${action} ${token} at ${venue} does not give ${to}`
    return refuse("unsupported", message, "token_out", outs.join(" or "), to)
  }
  return amount !== "max" && typeof amount !== "bigint"
    ? refuse("invalid", "only an atomic group knows what another operation gives", "amount", "a decimal or \"max\"", "another operation's output")
    : Either.right({ action, from: token, to, amount, bound })
}

const claim = ({ venue }: Protocol.Protocol, { amount, ticket, token }: Instruction.SmartContractAction): Result<Claim> => {
  if (token !== "ETH" && token !== Protocol.ticket) {
    return refuse("unsupported", `a ticket of ${venue} is paid in ether`, "token", "ETH", token)
  }
  return amount === undefined || amount === "max"
    ? Either.right({ action: "claim", ticket })
    : refuse("invalid", "tickets are claimed whole", "amount", "none, or \"max\"", typeof amount === "bigint" ? Amount.format(amount) : "another operation's output")
}

/**
 * An instruction as a call. Refused: other actions, tokens, networks, and markets, of which there are none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  protocol: Protocol.Protocol,
  { bound, instruction }: Pick<Venue.Intent<Instruction.SmartContractAction>, "bound" | "instruction">
): Result<Call> => {
  const { action, market, network } = instruction
  const { venue } = protocol
  if (!isAction(action)) {
    return refuse("unsupported", `${venue} does not simulate ${action}`, "action", `one of ${actions.join(", ")}`, action)
  }
  if (market !== undefined) {
    return refuse("unsupported", `${venue} has no markets`, "market", "none", typeof market === "string" ? market : "an object")
  }
  if (network !== undefined && network !== protocol.network) {
    return refuse("unsupported", `${venue} is on ${protocol.network} here`, "network", protocol.network, network)
  }
  return action === "claim" ? claim(protocol, instruction) : exchange(protocol, action, instruction, bound)
}

/** The durable part of a call. @category combinators @since 0.1.0 */
export const wire = (call: Call): Contract.Step["wire"] =>
  call.action === "claim"
    ? { action: call.action, ...(call.ticket === undefined ? {} : { ticket: call.ticket }) }
    : {
        action: call.action,
        token: call.from,
        token_out: call.to,
        amount: call.amount === "max" ? call.amount : Amount.format(call.amount)
      }
