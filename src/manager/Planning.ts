/**
 * From input to plan: what is understood, allowed and possible, before anything starts.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Journal from "../journal/Journal.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Plan from "./Plan.js"
import * as TradingState from "./TradingState.js"

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

/** Plans inputs for one manager. @category models @since 0.1.0 */
export interface Planning {
  /** What the input asks for. Nothing is read but the venues of the program. */
  readonly plan: (
    at: Timestamp.Timestamp,
    input: InstructionBlock.Input,
    triggerSource: ExecutionReport.TriggerSource,
    tradingState: TradingState.TradingState
  ) => Either.Either<Plan.Plan, EimError.EimError>
  /** Whether the journal can know something of the plan. What the run itself counted is in no journal. */
  readonly isNamed: (plan: Plan.Plan) => boolean
  /**
   * What the journal knows of the plan's intents. Fails where a block that it depends on was not executed, and where an
   * id stands for another instruction.
   */
  readonly past: (plan: Plan.Plan) => Effect.Effect<ReadonlyMap<string, Journal.Record>, EimError.EimError>
}

const unreadable = (operationId?: string) => (error: Journal.JournalError): EimError.JournalUnavailable =>
  new EimError.JournalUnavailable({ operationId, reason: error.message, cause: error })

const forbidden = (plan: Plan.Plan, state: TradingState.TradingState): EimError.TradingForbidden | undefined => {
  if (state === "active") return undefined
  const operation = plan.steps.flatMap(({ operations }) => operations).find(({ instruction }) => !TradingState.allows(state, instruction))
  return operation === undefined ? undefined : new EimError.TradingForbidden({
    operationId: operation.operationId,
    reason: state === "halted" ? "trading is halted" : "only what makes exposure smaller is allowed",
    path: `instructions[${operation.index}]`
  })
}

const conflict = ({ content, index, operationId, venue }: Plan.Operation, { intent }: Journal.Record): EimError.IntentConflict =>
  new EimError.IntentConflict({
    operationId,
    venue,
    reason: `the id ${operationId} was used at ${Timestamp.format(intent.at)} for another instruction`,
    path: `instructions[${index}].operation_id`,
    expected: intent.content,
    actual: content
  })

/**
 * The planning of one manager. It counts the intents without id of each instant.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ enableAtomicChaining, journal, registry, requireIds }: Options): Planning => {
  let counted = { at: -1, next: 1 }
  const sequence = (at: Timestamp.Timestamp) => () => {
    if (counted.at !== at) counted = { at, next: 1 }
    return counted.next++
  }

  const plan: Planning["plan"] = (at, input, triggerSource, tradingState) => {
    const block = InstructionBlock.decode(input)
    if (Either.isLeft(block)) return Either.left(block.left)
    const planned = Plan.make(block.right, {
      at,
      requireIds: requireIds || triggerSource === "retry",
      sequence: sequence(at),
      venue: registry.get,
      enableAtomicChaining
    })
    const refused = Either.isRight(planned) ? forbidden(planned.right, tradingState) : undefined
    return refused === undefined ? planned : Either.left(refused)
  }

  const past: Planning["past"] = Effect.fnUntraced(function*({ dependencies, steps }: Plan.Plan) {
    for (const id of dependencies) {
      const complete = yield* Effect.mapError(journal.isBlockComplete(id), unreadable())
      if (!complete) {
        return yield* new EimError.RoutingFailed({
          reason: `the block depends on ${id}, which has not been executed`,
          path: "dependencies",
          expected: "blocks that have been executed",
          actual: id
        })
      }
    }
    const known = new Map<string, Journal.Record>()
    for (const { operations } of steps) {
      for (const operation of operations) {
        const { content, named, operationId } = operation
        if (!named) continue
        const record = yield* Effect.mapError(journal.find(operationId), unreadable(operationId))
        if (record === undefined) continue
        if (record.intent.content !== content) return yield* conflict(operation, record)
        known.set(operationId, record)
      }
    }
    return known
  })

  return {
    plan,
    isNamed: ({ dependencies, steps }) =>
      dependencies.length > 0 || steps.some(({ operations }) => operations.some(({ named }) => named)),
    past
  }
}
