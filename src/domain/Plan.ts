/**
 * A block, checked as a whole before anything starts: which venue does what, in which order, under which id.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "./Account.js"
import * as EimError from "./EimError.js"
import * as Fault from "./Fault.js"
import type * as Instruction from "./Instruction.js"
import * as InstructionBlock from "./InstructionBlock.js"
import * as Json from "./Json.js"
import * as Timestamp from "./Timestamp.js"

/**
 * What a venue can do, as data.
 *
 * @category models
 * @since 0.1.0
 */
export interface Abilities {
  readonly accounts: ReadonlyArray<Account.SubAccount>
  readonly trade: boolean
  readonly swap: boolean
  readonly actions: ReadonlySet<Instruction.Action>
  readonly send: boolean
  readonly receive: boolean
  readonly internal: boolean
}

/**
 * Where an instruction goes. A transfer between wallet and protocol is the protocol's own action: tokens sent to a
 * pool's bare address would be lost.
 *
 * @category models
 * @since 0.1.0
 */
export type Route =
  | { readonly _tag: "Trade"; readonly instruction: Instruction.CexTrade }
  | { readonly _tag: "Swap"; readonly instruction: Instruction.SmartContractAction }
  | { readonly _tag: "Action"; readonly instruction: Instruction.SmartContractAction }
  | { readonly _tag: "Internal"; readonly instruction: Instruction.WalletTransfer }
  | { readonly _tag: "Send"; readonly instruction: Instruction.WalletTransfer; readonly to: Account.VenueId }

/**
 * One operation of a plan.
 *
 * @category models
 * @since 0.1.0
 */
export interface Operation {
  readonly index: number
  readonly operationId: string
  /** Whether the caller named the intent, itself or through its block. */
  readonly named: boolean
  /** Canonical text of a named instruction, empty for others. */
  readonly content: string
  readonly venue: Account.VenueId
  /** As it was asked, before a transfer became an action. */
  readonly instruction: Instruction.Instruction
  readonly route: Route
}

/**
 * Operations that happen together or not at all, in their order.
 *
 * @category models
 * @since 0.1.0
 */
export interface AtomicGroup {
  readonly id: string
  readonly operations: ReadonlyArray<Operation>
}

/**
 * A block that was checked whole: what is done, in which order, and what of it happens together.
 *
 * @category models
 * @since 0.1.0
 */
export interface Plan {
  readonly blockId: string | undefined
  readonly dependencies: ReadonlyArray<string>
  readonly operations: ReadonlyArray<Operation>
  readonly groups: ReadonlyArray<AtomicGroup>
}

/**
 * What a plan depends on beside the block.
 *
 * @category models
 * @since 0.1.0
 */
export interface Context {
  readonly at: Timestamp.Timestamp
  /** Whether an intent without id is refused. */
  readonly requireIds: boolean
  /** Number of the next intent without id at this instant. */
  readonly sequence: () => number
  readonly venue: (id: Account.VenueId) => Either.Either<Abilities, EimError.EimError>
}

type Result<A> = Either.Either<A, EimError.EimError>

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

const account = (index: number, field: string, reference: Account.Reference, abilities: Abilities): Result<void> =>
  reference.sub === undefined || abilities.accounts.includes(reference.sub)
    ? Either.void
    : refuse(
      index,
      field,
      `one of the accounts ${abilities.accounts.map((sub) => `${reference.venue}_${sub}`).join(", ")}`,
      Account.formatReference(reference),
      `${reference.venue} has no account ${reference.sub}`
    )

/** The venue of a field, with the field named where there is none. */
const venueOf = (index: number, field: string, id: Account.VenueId, context: Context): Result<Abilities> =>
  Either.mapLeft(context.venue(id), (error) => EimError.withPath(error, path(index, field)))

const asAction = (
  transfer: Instruction.WalletTransfer,
  protocol: Account.Reference,
  action: "supply" | "withdraw"
): Route => ({
  _tag: "Action",
  instruction: {
    instructionType: "smart_contract_action",
    protocol,
    action,
    token: transfer.token,
    amount: transfer.amount,
    ...(transfer.operationId === undefined ? {} : { operationId: transfer.operationId }),
    ...(transfer.deadline === undefined ? {} : { deadline: transfer.deadline }),
    ...(transfer.network === undefined ? {} : { network: transfer.network })
  }
})

type Routed = { readonly venue: Account.VenueId; readonly route: Route }

const routeTransfer = (index: number, transfer: Instruction.WalletTransfer, context: Context): Result<Routed> => {
  const { fromVenue, toVenue } = transfer
  return Either.flatMap(venueOf(index, "from_venue", fromVenue.venue, context), (from) =>
    Either.flatMap(venueOf(index, "to_venue", toVenue.venue, context), (to): Result<Routed> => {
      const known = Either.flatMap(account(index, "from_venue", fromVenue, from), () => account(index, "to_venue", toVenue, to))
      if (Either.isLeft(known)) return Either.left(known.left)
      if (fromVenue.venue === toVenue.venue) {
        return from.internal
          ? Either.right({ venue: fromVenue.venue, route: { _tag: "Internal", instruction: transfer } })
          : refuse(index, "to_venue", "another venue", Account.formatReference(toVenue), `${fromVenue.venue} has no accounts to move between`)
      }
      if (from.send && to.receive) {
        return Either.right({ venue: fromVenue.venue, route: { _tag: "Send", instruction: transfer, to: toVenue.venue } })
      }
      if (!to.receive && to.actions.has("supply") && fromVenue.venue === "wallet") {
        return Either.right({ venue: toVenue.venue, route: asAction(transfer, toVenue, "supply") })
      }
      if (!from.send && from.actions.has("withdraw") && toVenue.venue === "wallet") {
        return Either.right({ venue: fromVenue.venue, route: asAction(transfer, fromVenue, "withdraw") })
      }
      return from.send
        ? refuse(index, "to_venue", "a venue that can be sent to; a protocol is reached from the wallet", Account.formatReference(toVenue), `nothing can be sent to ${toVenue.venue} from ${fromVenue.venue}`)
        : refuse(index, "from_venue", "a venue that can send; a protocol pays out to the wallet", Account.formatReference(fromVenue), `${fromVenue.venue} cannot send to ${toVenue.venue}`)
    }))
}

const route = (index: number, instruction: Instruction.Instruction, context: Context): Result<Routed> => {
  switch (instruction.instructionType) {
    case "wallet_transfer":
      return routeTransfer(index, instruction, context)
    case "cex_trade":
      return Either.flatMap(venueOf(index, "venue", instruction.venue.venue, context), (venue): Result<Routed> => {
        if (!venue.trade) {
          return refuse(index, "venue", "an exchange", instruction.venue.venue, `${instruction.venue.venue} does not trade`)
        }
        const known = account(index, "venue", instruction.venue, venue)
        return Either.isLeft(known)
          ? Either.left(known.left)
          : Either.right({ venue: instruction.venue.venue, route: { _tag: "Trade", instruction } })
      })
    case "smart_contract_action":
      return Either.flatMap(venueOf(index, "protocol", instruction.protocol.venue, context), (venue): Result<Routed> => {
        const { action, protocol } = instruction
        const known = account(index, "protocol", protocol, venue)
        if (Either.isLeft(known)) return Either.left(known.left)
        if (action === "swap" && venue.swap) {
          return Either.right({ venue: protocol.venue, route: { _tag: "Swap", instruction } })
        }
        if (venue.actions.has(action)) {
          return Either.right({ venue: protocol.venue, route: { _tag: "Action", instruction } })
        }
        const can = [...venue.actions, ...(venue.swap ? ["swap"] : [])].join(", ")
        return refuse(index, "action", can === "" ? "a venue that does actions" : `one of ${can}`, action, `${protocol.venue} does not do ${action}`)
      })
  }
}

const groupRefused = (reason: string, at: string, expected: string, actual: unknown): Either.Either<never, EimError.AtomicGroupRefused> =>
  Either.left(new EimError.AtomicGroupRefused({ reason, path: at, expected, actual: Fault.show(actual) }))

const notInGroup = ({ instructionType }: Instruction.Instruction, index: number, id?: string): Either.Either<never, EimError.AtomicGroupRefused> =>
  groupRefused(
    `a ${instructionType} cannot be part of ${id === undefined ? "an atomic group" : `atomic group ${id}`}`,
    path(index, "instruction_type"),
    "smart_contract_action",
    instructionType
  )

/** Actions whose amount leaves the wallet. That of the others is what is asked for: a loan as large as an output spends nothing. */
const spending: ReadonlySet<Instruction.Action> = new Set([
  "supply",
  "supply_collateral",
  "repay",
  "flash_repay",
  "stake",
  "unstake",
  "wrap",
  "unwrap",
  "swap"
])

/**
 * The output that a member spends. A flash loan that is given back with the amount of its own is not spent by that: it
 * was what the loan was taken for in between.
 */
const spentBy = (operation: Operation, loan: Operation | undefined): string | undefined => {
  const { action, amount, swapType } = operation.instruction as Instruction.SmartContractAction
  if (typeof amount !== "object" || !spending.has(action)) return undefined
  if (action === "swap" && swapType === "exact_out") return undefined
  return action === "flash_repay" && loan?.operationId === amount.outputOf ? undefined : amount.outputOf
}

const group = (id: string, members: ReadonlyArray<Operation>): Result<AtomicGroup> => {
  const ordered: Array<{ readonly operation: Operation; readonly sequence: number }> = []
  for (const operation of members) {
    const { index, instruction } = operation
    if (instruction.instructionType !== "smart_contract_action") return notInGroup(instruction, index, id)
    const sequence = instruction.sequenceInGroup ?? index
    if (ordered.some((other) => other.sequence === sequence)) {
      return groupRefused(`two members of atomic group ${id} have the same place`, path(index, "sequence_in_group"), "a number of its own", sequence)
    }
    ordered.push({ operation, sequence })
  }
  ordered.sort((a, b) => a.sequence - b.sequence)
  const before = new Set<string>()
  // By lender and token; whether all of a loan was given back is for the lender to say.
  const borrowed = new Map<string, Operation>()
  const repaid = new Set<string>()
  const spent = new Map<string, Operation>()
  for (const { operation } of ordered) {
    const instruction = operation.instruction as Instruction.SmartContractAction
    if (typeof instruction.amount === "object" && !before.has(instruction.amount.outputOf)) {
      return groupRefused(
        `atomic group ${id} has no earlier operation ${instruction.amount.outputOf}`,
        path(operation.index, "amount.output_of"),
        "the operation_id of an earlier member",
        instruction.amount.outputOf
      )
    }
    const loan = `${operation.venue} ${instruction.token}`
    if (instruction.action === "flash_borrow") borrowed.set(loan, operation)
    if (instruction.action === "flash_repay") {
      if (!borrowed.has(loan)) {
        return groupRefused(`atomic group ${id} repays a flash loan it has not taken`, path(operation.index, "token"), "a token borrowed before", instruction.token)
      }
      repaid.add(loan)
    }
    const output = spentBy(operation, borrowed.get(loan))
    if (output !== undefined) {
      const other = spent.get(output)
      if (other !== undefined) {
        return groupRefused(
          `atomic group ${id} spends the output of ${output} twice: ${other.operationId} takes it`,
          path(operation.index, "amount.output_of"),
          "an earlier member whose output no other spends",
          output
        )
      }
      spent.set(output, operation)
    }
    before.add(operation.operationId)
  }
  for (const [loan, { index, instruction }] of borrowed) {
    if (!repaid.has(loan)) {
      const { token } = instruction as Instruction.SmartContractAction
      return groupRefused(`the flash loan of ${token} is not repaid in atomic group ${id}`, path(index, "action"), "a flash_repay after it", "none")
    }
  }
  return Either.right({ id, operations: ordered.map(({ operation }) => operation) })
}

/** A group of the whole block, by its id. */
const groupOfBlock = ({ atomicGroupId, blockId, executionMode, instructions }: InstructionBlock.InstructionBlock): Result<string | undefined> => {
  if (executionMode === "sequential" && atomicGroupId !== undefined) {
    return Either.left(
      new EimError.RoutingFailed({
        reason: "a block with an atomic_group_id is one group, and not sequential",
        path: "execution_mode",
        expected: "atomic, because the block has an atomic_group_id",
        actual: "\"sequential\""
      })
    )
  }
  const whole = executionMode === "atomic" ||
    instructions.every((one) => one.executionMode === "atomic" && (one.instructionType !== "smart_contract_action" || one.atomicGroupId === undefined))
  return Either.right(atomicGroupId ?? (whole ? blockId ?? "block" : undefined))
}

/** The group of an operation, its own or that of the block. */
const groupOf = (
  { index, instruction }: Operation,
  block: InstructionBlock.InstructionBlock,
  whole: string | undefined
): Result<string | undefined> => {
  const { executionMode, instructionType } = instruction
  const id = (instruction.instructionType === "smart_contract_action" ? instruction.atomicGroupId : undefined) ?? whole
  const stated = block.executionMode ?? (block.atomicGroupId === undefined ? undefined : "atomic")
  if (executionMode !== undefined && stated !== undefined && executionMode !== stated) {
    return refuse(index, "execution_mode", `${stated}, as the block says`, executionMode, "the instruction contradicts its block")
  }
  if (executionMode !== "atomic" || id !== undefined) return Either.right(id)
  return instructionType === "smart_contract_action"
    ? refuse(index, "atomic_group_id", "the id of its group, because the block is not one group as a whole", undefined, "an atomic instruction needs a group")
    : notInGroup(instruction, index)
}

const groups = (block: InstructionBlock.InstructionBlock, operations: ReadonlyArray<Operation>): Result<ReadonlyArray<AtomicGroup>> => {
  const whole = groupOfBlock(block)
  if (Either.isLeft(whole)) return Either.left(whole.left)
  const members = new Map<string, Array<Operation>>()
  for (const operation of operations) {
    const { instruction } = operation
    const found = groupOf(operation, block, whole.right)
    if (Either.isLeft(found)) return Either.left(found.left)
    const id = found.right
    if (id !== undefined) {
      members.set(id, [...(members.get(id) ?? []), operation])
      continue
    }
    if (instruction.instructionType === "smart_contract_action") {
      if (instruction.action === "flash_borrow" || instruction.action === "flash_repay") {
        return groupRefused(`${instruction.action} has a meaning only inside an atomic group`, path(operation.index, "atomic_group_id"), "a group", undefined)
      }
      if (typeof instruction.amount === "object") {
        return groupRefused("output_of has a meaning only inside an atomic group", path(operation.index, "amount"), "a decimal or \"max\"", instruction.amount)
      }
    }
  }
  const planned: Array<AtomicGroup> = []
  for (const [id, operations] of members) {
    const made = group(id, operations)
    if (Either.isLeft(made)) return Either.left(made.left)
    planned.push(made.right)
  }
  return Either.right(planned)
}

/** What a field means where it is left out: written out it is the same intent. */
const defaults: { readonly [field: string]: Json.Json } = {
  execution_mode: "sequential",
  order_type: "market",
  time_in_force: "IOC",
  reduce_only: false,
  swap_type: "exact_in"
}

const contentOf = (instruction: Instruction.Instruction): string => {
  const { metadata: _, ...content } = InstructionBlock.instructionToJson(instruction)
  return Json.canonical(Object.fromEntries(Object.entries(content).filter(([field, value]) => defaults[field] !== value)))
}

/**
 * Plans a block: every instruction gets its venue and its id, atomic groups their order. Nothing has been started when
 * it fails.
 *
 * Fails with EIM-001 for what a venue cannot do, EIM-002 for a venue that is not there, EIM-009 for an id used twice in
 * the block, EIM-010 for a group that cannot be chained.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (block: InstructionBlock.InstructionBlock, context: Context): Result<Plan> => {
  const operations: Array<Operation> = []
  const ids = new Set<string>()
  for (let index = 0; index < block.instructions.length; index++) {
    const instruction = block.instructions[index]!
    const given = instruction.operationId ?? (block.blockId === undefined ? undefined : `${block.blockId}:${index}`)
    if (given === undefined && context.requireIds) {
      return refuse(index, "operation_id", "an operation_id, or a block_id on the block", undefined, "an intent needs an id, so that it is executed once")
    }
    const operationId = given ?? `${Timestamp.format(context.at)}#${context.sequence()}`
    if (ids.has(operationId)) {
      return Either.left(
        new EimError.IntentConflict({
          reason: `the id ${operationId} stands twice in the block`,
          path: path(index, "operation_id"),
          expected: "an id of its own",
          actual: operationId
        })
      )
    }
    ids.add(operationId)
    const routed = route(index, instruction, context)
    if (Either.isLeft(routed)) return Either.left(routed.left)
    operations.push({
      index,
      operationId,
      named: given !== undefined,
      content: given === undefined ? "" : contentOf(instruction),
      venue: routed.right.venue,
      instruction,
      route: routed.right.route
    })
  }
  return Either.map(groups(block, operations), (planned) => ({
    blockId: block.blockId,
    dependencies: block.dependencies ?? [],
    operations,
    groups: planned
  }))
}
