/**
 * A block, checked as a whole before anything starts: which venue does what, in which order, under which id.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Account from "../domain/Account.js"
import type * as Decimal from "../domain/Decimal.js"
import * as EimError from "../domain/EimError.js"
import type * as Instruction from "../domain/Instruction.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Json from "../domain/Json.js"
import type * as Outcome from "../domain/Outcome.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Group from "./Group.js"
import * as GroupRules from "./GroupRules.js"
import type * as Lane from "./Lane.js"
import * as Route from "./Route.js"

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
  /** What the market gives for it, where the price guard looks at it. */
  readonly arrival: ((at: Timestamp.Timestamp) => Effect.Effect<Venue.Arrival, Outcome.NotSent>) | undefined
}

/**
 * A capability that is about to do what it is bound to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Begun {
  /** Checks and completes the call. Nothing is sent, nothing changes. */
  readonly prepare: Effect.Effect<Venue.Call<unknown>, Venue.PrepareFailure>
  /** Sends the call that was prepared. Only what stands in the journal is sent. */
  readonly submit: (call: Venue.Call<unknown>) => Effect.Effect<Outcome.Success, Outcome.Failure>
}

/**
 * What is sent as one call: one operation, or an atomic group of them in its own order. Its capability was looked up
 * once and is bound to the instruction, whatever type that has.
 *
 * @category models
 * @since 0.1.0
 */
export interface Step {
  readonly operations: readonly [Operation, ...ReadonlyArray<Operation>]
  /** Id of the atomic group, where it is one. */
  readonly group: string | undefined
  /** Name of the capability in the journal. */
  readonly capability: Venue.CapabilityName
  /** Which action of that capability, where it is one. */
  readonly action: Instruction.Action | undefined
  /** Begins the call, with the worst price to accept of each operation. */
  readonly begin: (
    at: Timestamp.Timestamp,
    bounds: ReadonlyArray<Decimal.Decimal | undefined>,
    restore: Lane.Restore
  ) => Begun
  /** Finds out what became of the call. */
  readonly resolve: Venue.Capability<never>["resolve"]
}

/**
 * A block that was checked whole: what is sent, in which order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Plan {
  readonly blockId: string | undefined
  readonly dependencies: ReadonlyArray<string>
  /** In the order of the block; a group stands where its first operation does. */
  readonly steps: ReadonlyArray<Step>
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
  readonly venue: VenueRegistry.VenueRegistry["Type"]["get"]
  /** Whether atomic groups may be executed. */
  readonly enableAtomicChaining: boolean
}

type Result<A> = Either.Either<A, EimError.EimError>

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

const idOf = (
  { blockId }: InstructionBlock.InstructionBlock,
  { operationId }: Instruction.Instruction,
  index: number
): string | undefined => operationId ?? (blockId === undefined ? undefined : `${blockId}:${index}`)

const missingId = (index: number): EimError.RoutingFailed =>
  new EimError.RoutingFailed({
    reason: "an intent needs an id, so that it is executed once",
    path: `instructions[${index}].operation_id`,
    expected: "an operation_id, or a block_id on the block",
    actual: "nothing"
  })

const idTwice = (index: number, operationId: string): EimError.IntentConflict =>
  new EimError.IntentConflict({
    reason: `the id ${operationId} stands twice in the block`,
    path: `instructions[${index}].operation_id`,
    expected: "an id of its own",
    actual: operationId
  })

/**
 * Plans a block: every instruction gets its id and the capability that does it, atomic groups their order. Nothing has
 * been started when it fails.
 *
 * Fails with EIM-001 for what a venue cannot do, EIM-002 for a venue that is not there, EIM-009 for an id used twice in
 * the block, EIM-010 for a group that cannot be chained.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (block: InstructionBlock.InstructionBlock, context: Context): Result<Plan> => {
  const whole = GroupRules.ofBlock(block)
  if (Either.isLeft(whole)) return Either.left(whole.left)
  const ids = new Set<string>()
  const steps: Array<Step> = []
  const groups = new Map<string, { readonly place: number; readonly members: Array<Operation> }>()
  for (let index = 0; index < block.instructions.length; index++) {
    const instruction = block.instructions[index]!
    const given = idOf(block, instruction, index)
    if (given === undefined && context.requireIds) return Either.left(missingId(index))
    const operationId = given ?? `${Timestamp.format(context.at)}#${context.sequence()}`
    if (ids.has(operationId)) return Either.left(idTwice(index, operationId))
    ids.add(operationId)
    const routed = Route.make(index, instruction, operationId, context.venue)
    if (Either.isLeft(routed)) return Either.left(routed.left)
    const { action, arrival, begin, capability, resolve, venue } = routed.right
    const operation: Operation = {
      index,
      operationId,
      named: given !== undefined,
      content: given === undefined ? "" : contentOf(instruction),
      venue: venue.id,
      instruction,
      arrival
    }
    const step: Step = { operations: [operation], group: undefined, capability, action, begin, resolve }
    const found = GroupRules.of(index, instruction, block, whole.right)
    if (Either.isLeft(found)) return Either.left(found.left)
    const group = found.right
    if (group === undefined) {
      const alone = GroupRules.alone(operation)
      if (Either.isLeft(alone)) return Either.left(alone.left)
      steps.push(step)
      continue
    }
    const begun = groups.get(group)
    if (begun === undefined) groups.set(group, { place: steps.push(step) - 1, members: [operation] })
    else begun.members.push(operation)
  }
  for (const [id, { members, place }] of groups) {
    const step = Group.step(id, members, context)
    if (Either.isLeft(step)) return Either.left(step.left)
    steps[place] = step.right
  }
  return Either.right({ blockId: block.blockId, dependencies: block.dependencies ?? [], steps })
}
