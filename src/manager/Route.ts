/**
 * Which capability of which venue an instruction goes to.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Account from "../domain/Account.js"
import * as EimError from "../domain/EimError.js"
import * as Fault from "../domain/Fault.js"
import * as Instruction from "../domain/Instruction.js"
import * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as ErrorMapping from "./ErrorMapping.js"
import type * as Plan from "./Plan.js"

/**
 * A capability that is bound to an instruction.
 *
 * @category models
 * @since 0.1.0
 */
export interface Route extends Pick<Plan.Step, "action" | "begin" | "capability" | "resolve"> {
  readonly venue: Venue.Venue
  readonly arrival: Plan.Operation["arrival"]
}

type Result<A> = Either.Either<A, EimError.EimError>

/** Finds a venue of the program. */
type Find = VenueRegistry.VenueRegistry["Type"]["get"]

const path = (index: number, field: string): string => `instructions[${index}].${field}`

const refuse = (
  index: number,
  field: string,
  expected: string,
  actual: unknown,
  reason: string
): Either.Either<never, EimError.RoutingFailed> =>
  Either.left(
    new EimError.RoutingFailed({ reason, path: path(index, field), expected, actual: Fault.show(actual) })
  )

/** The venue of a field and its account, with the field named where there is none. */
const venueOf = (index: number, field: string, reference: Account.Reference, find: Find): Result<Venue.Venue> => {
  const found = find(reference.venue)
  if (Either.isLeft(found)) return Either.left(ErrorMapping.ofVenue(found.left, path(index, field)))
  const venue = found.right
  const { sub } = reference
  return sub === undefined || venue.accounts.includes(sub) || venue.otherNames?.includes(sub) === true
    ? Either.right(venue)
    : refuse(
      index,
      field,
      `one of the accounts ${[...venue.accounts, ...(venue.otherNames ?? [])].map((one) => `${reference.venue}_${one}`).join(", ")}`,
      Account.formatReference(reference),
      `${reference.venue} has no account ${sub}`
    )
}

/** Binds a capability to what it is to do. @category constructors @since 0.1.0 */
export const bind = <I>(capability: Venue.Capability<I>, operationId: string, instruction: I): Plan.Step["begin"] =>
(at, [bound]) => {
  const intent: Venue.Intent<I> = bound === undefined ? { operationId, at, instruction } : { operationId, at, instruction, bound }
  return {
    prepare: capability.prepare(intent),
    submit: (call) => capability.submit(Venue.journaled(intent, call))
  }
}

/** A transfer to another venue asks that one first where it is to arrive. */
const sending = (
  from: Venue.Capability<Venue.Sending>,
  to: NonNullable<Venue.Transfers["destination"]>,
  operationId: string,
  transfer: Instruction.WalletTransfer
): Plan.Step["begin"] =>
(at, bounds, restore) => {
  let begun: Plan.Begun | undefined
  return {
    prepare: Effect.flatMap(restore(to(transfer.token, transfer.network, transfer.toVenue.sub, at)), (destination) => {
      begun = bind(from, operationId, { transfer, destination })(at, bounds, restore)
      return begun.prepare
    }),
    // What was not prepared cannot be submitted.
    submit: (call) => begun!.submit(call)
  }
}

/** The network of a transfer: its own, else the wallet's. */
const withNetwork = (transfer: Instruction.WalletTransfer, find: Find): Instruction.WalletTransfer => {
  if (transfer.network !== undefined) return transfer
  const wallet = find("wallet")
  const network = Either.isRight(wallet) ? wallet.right.transfer?.network : undefined
  return network === undefined ? transfer : { ...transfer, network }
}

/**
 * A transfer between wallet and protocol is the protocol's own action: tokens sent to a pool's bare address would be
 * lost.
 */
const asAction = (
  transfer: Instruction.WalletTransfer,
  protocol: Account.Reference,
  action: "supply" | "withdraw"
): Instruction.SmartContractAction => ({
  instructionType: "smart_contract_action",
  protocol,
  action,
  token: transfer.token,
  amount: transfer.amount,
  ...(transfer.operationId === undefined ? {} : { operationId: transfer.operationId }),
  ...(transfer.deadline === undefined ? {} : { deadline: transfer.deadline }),
  ...(transfer.network === undefined ? {} : { network: transfer.network })
})

const actionRoute = (
  venue: Venue.Venue,
  action: Venue.Capability<Instruction.SmartContractAction>,
  operationId: string,
  instruction: Instruction.SmartContractAction
): Route => ({
  venue,
  capability: "action",
  action: instruction.action,
  arrival: undefined,
  begin: bind(action, operationId, instruction),
  resolve: action.resolve
})

const ofTransfer = (index: number, transfer: Instruction.WalletTransfer, operationId: string, find: Find): Result<Route> => {
  const { fromVenue, toVenue } = transfer
  const from = venueOf(index, "from_venue", fromVenue, find)
  if (Either.isLeft(from)) return Either.left(from.left)
  const to = venueOf(index, "to_venue", toVenue, find)
  if (Either.isLeft(to)) return Either.left(to.left)
  const { internal, send } = from.right.transfer ?? {}
  const destination = to.right.transfer?.destination
  if (fromVenue.venue === toVenue.venue) {
    return internal === undefined
      ? refuse(index, "to_venue", "another venue", Account.formatReference(toVenue), `${fromVenue.venue} has no accounts to move between`)
      : Either.right({ venue: from.right, capability: "internal", action: undefined, arrival: undefined, begin: bind(internal, operationId, transfer), resolve: internal.resolve })
  }
  if (send !== undefined && destination !== undefined) {
    const begin = sending(send, destination, operationId, withNetwork(transfer, find))
    return Either.right({ venue: from.right, capability: "send", action: undefined, arrival: undefined, begin, resolve: send.resolve })
  }
  const through = (venue: Venue.Venue, reference: Account.Reference, name: "supply" | "withdraw"): Route | undefined =>
    venue.action?.actions.has(name) === true
      ? actionRoute(venue, venue.action, operationId, asAction(transfer, reference, name))
      : undefined
  const supply = destination === undefined && fromVenue.venue === "wallet" ? through(to.right, toVenue, "supply") : undefined
  const withdraw = send === undefined && toVenue.venue === "wallet" ? through(from.right, fromVenue, "withdraw") : undefined
  const route = supply ?? withdraw
  if (route !== undefined) return Either.right(route)
  return send === undefined
    ? refuse(index, "from_venue", "a venue that can send; a protocol pays out to the wallet", Account.formatReference(fromVenue), `${fromVenue.venue} cannot send to ${toVenue.venue}`)
    : refuse(index, "to_venue", "a venue that can be sent to; a protocol is reached from the wallet", Account.formatReference(toVenue), `nothing can be sent to ${toVenue.venue} from ${fromVenue.venue}`)
}

const arrivalOf = <I extends Instruction.CexTrade | Venue.Swap>(capability: Venue.Priced<I>, instruction: I): Plan.Operation["arrival"] =>
  Instruction.reduces(instruction) ? undefined : (at) => capability.arrival(instruction, at)

const ofTrade = (index: number, trade: Instruction.CexTrade, operationId: string, find: Find): Result<Route> => {
  const found = venueOf(index, "venue", trade.venue, find)
  if (Either.isLeft(found)) return Either.left(found.left)
  const capability = found.right.trade
  return capability === undefined
    ? refuse(index, "venue", "an exchange", trade.venue.venue, `${trade.venue.venue} does not trade`)
    : Either.right({
      venue: found.right,
      capability: "trade",
      action: undefined,
      // A limit order is bounded by its own price.
      arrival: trade.orderType === "limit" ? undefined : arrivalOf(capability, trade),
      begin: bind(capability, operationId, trade),
      resolve: capability.resolve
    })
}

const ofAction = (index: number, instruction: Instruction.SmartContractAction, operationId: string, find: Find): Result<Route> => {
  const { action: name, protocol } = instruction
  const found = venueOf(index, "protocol", protocol, find)
  if (Either.isLeft(found)) return Either.left(found.left)
  const { action, swap } = found.right
  if (name === "swap" && swap !== undefined) {
    return Either.right({
      venue: found.right,
      capability: "swap",
      action: undefined,
      arrival: arrivalOf(swap, instruction),
      begin: bind(swap, operationId, instruction),
      resolve: swap.resolve
    })
  }
  if (action?.actions.has(name) === true) {
    return Either.right(actionRoute(found.right, action, operationId, instruction))
  }
  const can = [...action?.actions ?? [], ...(swap === undefined ? [] : ["swap"])].join(", ")
  return refuse(index, "action", can === "" ? "a venue that does actions" : `one of ${can}`, name, `${protocol.venue} does not do ${name}`)
}

/**
 * The route of the instruction that stands at `index` of its block. Fails with EIM-001 for what a venue cannot do, and
 * with EIM-002 for a venue that is not there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (index: number, instruction: Instruction.Instruction, operationId: string, find: Find): Result<Route> => {
  switch (instruction.instructionType) {
    case "wallet_transfer":
      return ofTransfer(index, instruction, operationId, find)
    case "cex_trade":
      return ofTrade(index, instruction, operationId, find)
    case "smart_contract_action":
      return ofAction(index, instruction, operationId, find)
  }
}
