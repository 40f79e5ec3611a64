/**
 * The way of one call from its plan to its recorded outcome: what is known of it, deadline, price, prepare, journal, send.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Decimal from "../domain/Decimal.js"
import * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Outcome from "../domain/Outcome.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Journal from "../journal/Journal.js"
import * as ErrorMapping from "./ErrorMapping.js"
import * as Group from "./Group.js"
import type * as Lane from "./Lane.js"
import * as OperationResult from "./OperationResult.js"
import type * as Plan from "./Plan.js"
import * as PriceGuard from "./PriceGuard.js"
import type * as Recording from "./Recording.js"
import * as Retry from "./Retry.js"
import type * as VenueTime from "./VenueTime.js"

/**
 * The journal, when a call that was not sent is tried again, how far the market may be from an estimate, as a fraction,
 * and what counts the time of venues.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly journal: Journal.Journal["Type"]
  readonly recording: Recording.Recording
  readonly retry: Retry.Policy
  readonly priceTolerance: Decimal.Decimal
  readonly venueTime: VenueTime.VenueTime
}

/** What became of the operations of a step, in its order. @category models @since 0.1.0 */
export type Results = ReadonlyArray<OperationResult.OperationResult>

/**
 * Carries out a step, with what the journal knows of its intents: one that was executed is replayed, one that is unknown
 * refused.
 *
 * @category models
 * @since 0.1.0
 */
export type Execute = (
  step: Plan.Step,
  at: Timestamp.Timestamp,
  past: ReadonlyMap<string, Journal.Record>,
  restore: Lane.Restore
) => Effect.Effect<Results>

/**
 * What the past of an operation makes of it now: a replay of what happened, a refusal of what is unknown, nothing where
 * it may be sent.
 *
 * @category combinators
 * @since 0.1.0
 */
export const remembered = (
  operation: Plan.Operation,
  { intent, report }: Journal.Record
): OperationResult.OperationResult | undefined => {
  const { operationId, venue } = operation
  switch (report?.status) {
    case undefined:
    case "unknown":
      return OperationResult.refused(operation, new EimError.OutcomeUnknown({
        operationId,
        venue,
        reason: `${operationId} was sent at ${Timestamp.format(intent.at)}, and what became of it is not known yet`
      }), "unknown")
    case "rejected":
    case "not_sent":
    case "rolled_back":
      return undefined
    default:
      return OperationResult.replayed(operation, report!)
  }
}

/** Why an operation is too late, if it is. @category combinators @since 0.1.0 */
export const late = (operation: Plan.Operation, at: Timestamp.Timestamp): EimError.RoutingFailed | undefined => {
  const { instruction: { deadline }, operationId, venue } = operation
  return deadline === undefined || deadline >= at ? undefined : new EimError.RoutingFailed({
    operationId,
    venue,
    reason: `the deadline of ${operationId} has passed`,
    path: `instructions[${operation.index}].deadline`,
    expected: `not before ${Timestamp.format(at)}`,
    actual: Timestamp.format(deadline)
  })
}

/** The first operation says why, and of the others nothing was tried. */
const refuse = ({ operations }: Plan.Step, error: EimError.EimError): Results =>
  operations.map((operation, index) =>
    index === 0 ? OperationResult.refused(operation, error) : OperationResult.skipped(operation))

/** What is known of a step before anything is asked: it was executed before, or it is too late. */
const settled = (step: Plan.Step, at: Timestamp.Timestamp, past: ReadonlyMap<string, Journal.Record>): Results | undefined => {
  const { group, operations } = step
  if (past.size > 0) {
    const known = operations.map((operation) => {
      const record = past.get(operation.operationId)
      return record === undefined ? undefined : remembered(operation, record)
    })
    if (known.some((result) => result !== undefined)) {
      return known.map((result, index) =>
        result ?? OperationResult.refused(operations[index]!, new EimError.AtomicGroupRefused({
          operationId: operations[index]!.operationId,
          reason: `a part of atomic group ${group} was sent before`
        })))
    }
  }
  for (const operation of operations) {
    const tooLate = late(operation, at)
    if (tooLate !== undefined) return refuse(step, tooLate)
  }
  return undefined
}

const unwritten = ({ operationId, venue }: Plan.Operation, error: Journal.JournalError): EimError.JournalUnavailable =>
  new EimError.JournalUnavailable({ operationId, venue, reason: error.message, cause: error })

/** How far a step has come, for what its failure means. */
interface Way {
  stage: "priced" | "prepared" | "recorded" | "sent"
  /** Times it was submitted. */
  attempts: number
}

/**
 * Carries out steps over a journal.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ journal, priceTolerance, recording, retry, venueTime }: Options): Execute => {
  /** Further attempts of what was not sent, by the schedule, where the first one failed with this and may be repeated. */
  const again = <A>(self: Effect.Effect<A, Outcome.Failure>, failure: Outcome.Failure): Effect.Effect<A, Outcome.Failure> =>
    Retry.isRepeatable(failure) ? Effect.flatten(Retry.further(self, retry, failure)) : Effect.fail(failure)

  const go = Effect.fnUntraced(function*(step: Plan.Step, at: Timestamp.Timestamp, restore: Lane.Restore, way: Way) {
    const { capability, operations } = step
    const bounds: Array<Decimal.Decimal | undefined> = []
    for (const operation of operations) {
      if (operation.arrival === undefined) {
        bounds.push(undefined)
        continue
      }
      const asked = venueTime.now()
      const arrival = yield* restore(operation.arrival(at))
      venueTime.add(operation.venue, asked)
      const bound = PriceGuard.bound(operation, arrival, priceTolerance)
      if (Either.isLeft(bound)) return yield* bound.left
      bounds.push(bound.right)
    }
    // A call that was interrupted while it waited sends nothing any more; where a price was asked for, that has ended it.
    if (bounds[0] === undefined) yield* restore(Effect.void)

    way.stage = "prepared"
    let began = venueTime.now()
    const { prepare, submit } = step.begin(at, bounds, restore)
    const call = yield* Effect.catchAll(prepare, (failure) => again(prepare, failure))
    venueTime.add(operations[0].venue, began)

    way.stage = "recorded"
    for (const { content, named, operationId, venue } of operations) {
      yield* journal.intent({ operationId, content, venue, capability, at, call: call.wire, named })
    }

    way.stage = "sent"
    began = venueTime.now()
    const sending = Effect.suspend(() => {
      way.attempts++
      return submit(call)
    })
    const success = yield* Effect.catchAll(sending, (failure) => again(sending, failure))
    venueTime.add(operations[0].venue, began)
    return success
  })

  /** Of several intents some were written when one was refused: they were not sent. */
  const withdraw = ({ operations }: Plan.Step): Effect.Effect<void> =>
    Effect.forEach(operations, (operation) => {
      const report = ExecutionReport.operation({ ...OperationResult.headOf(operation), status: "not_sent", attempts: 0 }, undefined)
      // Those that were not written are unknown to the journal, which says so; nothing is lost by it.
      return Effect.either(journal.outcome(operation.operationId, report))
    }, { discard: true })

  /** What became of the operations, written down where something was sent. */
  const recorded = (step: Plan.Step, { attempts }: Way, outcome: Outcome.Outcome): Effect.Effect<Results> => {
    const results = Group.results(step, attempts, outcome)
    const record = (result: OperationResult.OperationResult) =>
      Effect.map(recording.record(result.report), (taken) => (taken ? result : { ...result, degraded: true }))
    if (attempts === 0) return Effect.succeed(results)
    return results.length === 1 ? Effect.map(record(results[0]!), (result) => [result]) : Effect.forEach(results, record)
  }

  const failed = (
    step: Plan.Step,
    way: Way,
    failure: Outcome.Failure | Journal.JournalError | EimError.PriceCheckFailed
  ): Effect.Effect<Results> => {
    const { operations } = step
    switch (failure._tag) {
      case "PriceCheckFailed":
        return Effect.succeed(refuse(step, failure))
      case "JournalError": {
        const error = unwritten(operations[0], failure)
        const refused = operations.map((operation) => OperationResult.refused(operation, error))
        return operations.length === 1 ? Effect.succeed(refused) : Effect.as(withdraw(step), refused)
      }
      default:
        return way.stage === "priced"
          ? Effect.succeed(refuse(step, ErrorMapping.ofOperation(operations[0], failure)))
          : recorded(step, way, failure)
    }
  }

  return (step, at, past, restore) => {
    const known = settled(step, at, past)
    if (known !== undefined) return Effect.succeed(known)
    const way: Way = { stage: "priced", attempts: 0 }
    return Effect.matchEffect(go(step, at, restore, way), {
      onFailure: (failure) => failed(step, way, failure),
      onSuccess: (success) => recorded(step, way, success)
    })
  }
}
