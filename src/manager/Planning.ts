/**
 * From input to plan: what is understood, allowed and possible, before anything starts.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Plan from "../domain/Plan.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Sync from "../internal/Sync.js"
import type * as Journal from "../journal/Journal.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Atomic from "./Atomic.js"
import * as Failures from "./Failures.js"
import * as TradingState from "./TradingState.js"
import type * as Turn from "./Turn.js"

/**
 * What planning asks beside the block: the venues, the journal, whether intents must have ids, and whether groups are
 * allowed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly registry: VenueRegistry.VenueRegistry["Type"]
  readonly journal: Journal.Journal["Type"]
  readonly requireIds: boolean
  readonly enableAtomicChaining: boolean
}

/**
 * A plan, and what the journal knows of its intents.
 *
 * @category models
 * @since 0.1.0
 */
export interface Planned {
  readonly plan: Plan.Plan
  readonly past: ReadonlyMap<string, Journal.Record>
}

/** Plans an input. @category models @since 0.1.0 */
export type Understand = (
  at: Timestamp.Timestamp,
  input: InstructionBlock.Input,
  triggerSource: ExecutionReport.TriggerSource,
  tradingState: TradingState.TradingState,
  turn: Turn.Turn
) => Effect.Effect<Planned, EimError.EimError>

const untold: ReadonlyMap<string, Journal.Record> = new Map()

/**
 * Plans blocks for one manager.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ enableAtomicChaining, journal, registry, requireIds }: Options): Understand => {
  let sequence = { at: -1, next: 1 }
  const abilities = new Map<object, Plan.Abilities>()

  const context = (at: Timestamp.Timestamp, triggerSource: ExecutionReport.TriggerSource): Plan.Context => ({
    at,
    requireIds: requireIds || triggerSource === "retry",
    sequence: () => {
      if (sequence.at !== at) sequence = { at, next: 1 }
      return sequence.next++
    },
    venue: (id) => {
      const found = registry.get(id)
      if (Either.isLeft(found)) return Either.left(Failures.ofVenue(found.left))
      let can = abilities.get(found.right)
      if (can === undefined) {
        can = Failures.abilities(found.right)
        abilities.set(found.right, can)
      }
      return Either.right(can)
    }
  })

  /** Why the groups of a plan cannot be executed as one. */
  const groupless = (plan: Plan.Plan): EimError.AtomicGroupRefused | undefined => {
    const group = plan.groups[0]
    if (group === undefined) return undefined
    const path = `instructions[${group.operations[0]!.index}]`
    if (!enableAtomicChaining) {
      return new EimError.AtomicGroupRefused({
        reason: `enable_atomic_chaining is off, and atomic group ${group.id} can only be executed as one`,
        path
      })
    }
    const found = registry.get(Atomic.carrier)
    return Either.isRight(found) && found.right.atomic !== undefined ? undefined : new EimError.AtomicGroupRefused({
      reason: `no carrier is part of this program that can execute atomic group ${group.id} as one`,
      path
    })
  }

  const understood = (
    at: Timestamp.Timestamp,
    input: InstructionBlock.Input,
    triggerSource: ExecutionReport.TriggerSource,
    tradingState: TradingState.TradingState
  ): Either.Either<Plan.Plan, EimError.EimError> => {
    const block = InstructionBlock.decode(input)
    if (Either.isLeft(block)) return Either.left(block.left)
    const planned = Plan.make(block.right, context(at, triggerSource))
    if (Either.isLeft(planned)) return planned
    const refused = groupless(planned.right)
    if (refused !== undefined) return Either.left(refused)
    for (const operation of planned.right.operations) {
      if (!TradingState.allows(tradingState, operation.instruction)) {
        return Either.left(new EimError.TradingForbidden({
          operationId: operation.operationId,
          reason: tradingState === "halted" ? "trading is halted" : "only what makes exposure smaller is allowed",
          path: `instructions[${operation.index}]`
        }))
      }
    }
    return planned
  }

  const unreadable = (operationId?: string) => (error: Journal.JournalError): EimError.JournalUnavailable =>
    new EimError.JournalUnavailable({ operationId, reason: error.message, cause: error })

  const dependencies = (plan: Plan.Plan): Effect.Effect<void, EimError.EimError> =>
    Sync.forEach(plan.dependencies, (id) =>
      Sync.flatMap(Sync.mapError(journal.isBlockComplete(id), unreadable()), (complete) =>
        complete ? Sync.void : Sync.fail(
          new EimError.RoutingFailed({
            reason: `the block depends on ${id}, which has not been executed`,
            path: "dependencies",
            expected: "blocks that have been executed",
            actual: id
          })
        )))

  /** What the journal knows of the plan's intents. An id that stands for something else there refuses the whole block. */
  const recorded = (plan: Plan.Plan): Effect.Effect<ReadonlyMap<string, Journal.Record>, EimError.EimError> => {
    const past = new Map<string, Journal.Record>()
    const look = (operation: Plan.Operation): Effect.Effect<void, EimError.EimError> => {
      const { content, index, named, operationId, venue } = operation
      if (!named) return Sync.void
      return Sync.flatMap(Sync.mapError(journal.find(operationId), unreadable(operationId)), (record) => {
        if (record === undefined) return Sync.void
        if (record.intent.content !== content) {
          return Sync.fail(
            new EimError.IntentConflict({
              operationId,
              venue,
              reason: `the id ${operationId} was used at ${Timestamp.format(record.intent.at)} for another instruction`,
              path: `instructions[${index}].operation_id`,
              expected: record.intent.content,
              actual: content
            })
          )
        }
        past.set(operationId, record)
        return Sync.void
      })
    }
    return Sync.map(Sync.forEach(plan.operations, look), () => past)
  }

  return (at, input, triggerSource, tradingState, turn) => {
    const planned = understood(at, input, triggerSource, tradingState)
    if (Either.isLeft(planned)) return Sync.fail(planned.left)
    const plan = planned.right
    // What the run itself counted is in no journal.
    return plan.dependencies.length === 0 && plan.operations.every(({ named }) => !named)
      ? Sync.succeed({ plan, past: untold })
      : turn.interruptible(Sync.zipRight(dependencies(plan), Sync.map(recorded(plan), (past) => ({ plan, past }))))
  }
}
