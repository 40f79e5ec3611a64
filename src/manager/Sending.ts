/**
 * The way from a checked call to its recorded outcome: prepare, announce, journal, submit, record.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Plan from "../domain/Plan.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as EventLogger from "../events/EventLogger.js"
import * as Sync from "../internal/Sync.js"
import type * as Journal from "../journal/Journal.js"
import * as Venue from "../venue/Venue.js"
import * as Done from "./Done.js"
import * as Retry from "./Retry.js"
import * as VenueTime from "./VenueTime.js"

/**
 * What sending writes to before a call leaves, and when a call that did not leave is tried again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly journal: Journal.Journal["Type"]
  readonly retry: Schedule.Schedule<unknown>
  /** Writes into the event log that an operation is about to be sent. What it refuses is not sent. Defaults to nothing. */
  readonly announce?: ((operation: Plan.Operation, capability: string, at: Timestamp.Timestamp) => Effect.Effect<void, EventLogger.EventError>) | undefined
  /** Counts the time of venues. Defaults to counting nothing. */
  readonly venueTime?: VenueTime.VenueTime | undefined
}

/**
 * What sending came to: an outcome after so many attempts, or nothing sent because it could not be written down before.
 *
 * @category models
 * @since 0.1.0
 */
export type Sent =
  | { readonly attempts: number; readonly outcome: Outcome.Outcome }
  | { readonly attempts: 0; readonly outcome: undefined; readonly error: EimError.JournalUnavailable }

/**
 * Sends checked calls, each after its intent is durable, and records what became of them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sending {
  /** Sends one call, which carries out these operations. */
  readonly send: <I>(
    operations: ReadonlyArray<Plan.Operation>,
    name: string,
    capability: Venue.Capability<I>,
    intent: Venue.Intent<I>
  ) => Effect.Effect<Sent>
  /** Writes the outcome down where something was sent; where that fails, the operation is degraded and remembered. */
  readonly record: (operation: Plan.Operation, done: Done.Done) => Effect.Effect<Done.Done>
  /** Outcomes that were reported and that the journal did not take: told once, they are not told again. */
  readonly unrecorded: Map<string, ExecutionReport.OperationReport>
}

/** `Rejected` and `Unknown` become values, so that only `NotSent` is left to be retried. */
const onlyNotSent = <A>(
  self: Effect.Effect<A, Outcome.Failure>
): Effect.Effect<A | Outcome.Rejected | Outcome.Unknown, Outcome.NotSent> =>
  Sync.matchEffect(self, {
    onFailure: (failure): Effect.Effect<Outcome.Rejected | Outcome.Unknown, Outcome.NotSent> =>
      failure._tag === "NotSent" ? Sync.fail(failure) : Sync.succeed(failure),
    onSuccess: Sync.succeed
  })

const unwritten = (operation: Plan.Operation, error: Journal.JournalError | EventLogger.EventError): Sent => ({
  attempts: 0,
  outcome: undefined,
  error: new EimError.JournalUnavailable({ operationId: operation.operationId, venue: operation.venue, reason: error.message, cause: error })
})

/**
 * The way of calls to their recorded outcomes. It holds what the journal did not take, so that there is one to a
 * manager.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ announce, journal, retry, venueTime = VenueTime.none }: Options): Sending => {
  const unrecorded = new Map<string, ExecutionReport.OperationReport>()

  /** An attempt, and others where the first one was not sent and may be repeated. */
  const attempt = <A>(self: Effect.Effect<A, Outcome.Failure>): Effect.Effect<Retry.Attempted<A | Outcome.Failure>> =>
    Sync.matchEffect(self, {
      onSuccess: (value) => Sync.succeed<Retry.Attempted<A | Outcome.Failure>>({ value, attempts: 1 }),
      onFailure: (failure) =>
        failure._tag === "NotSent"
          ? Sync.match(Retry.again(onlyNotSent(self), retry, failure), {
            onSuccess: (attempted): Retry.Attempted<A | Outcome.Failure> => attempted,
            onFailure: ({ attempts, error }): Retry.Attempted<A | Outcome.Failure> => ({ attempts, value: error })
          })
          : Sync.succeed<Retry.Attempted<A | Outcome.Failure>>({ value: failure, attempts: 1 })
    })

  /** Everything that must be durable before the call leaves. */
  const write = <I>(
    operation: Plan.Operation,
    name: string,
    intent: Venue.Intent<I>,
    call: Venue.Call<unknown>
  ): Effect.Effect<void, Journal.JournalError | EventLogger.EventError> => {
    const written = journal.intent({
      operationId: operation.operationId,
      content: operation.content,
      venue: operation.venue,
      capability: name,
      at: intent.at,
      call: call.wire,
      named: operation.named
    })
    // Announced before the journal: an intent that stands there counts as sent until something is known of it.
    return announce === undefined ? written : Sync.zipRight(announce(operation, name, intent.at), written)
  }

  /** Of several intents some may be written when one is refused: they were not sent. */
  const withdraw = (operations: ReadonlyArray<Plan.Operation>): Effect.Effect<void> =>
    operations.length === 1
      ? Sync.void
      : Sync.forEach(operations, (operation) => {
        const report = ExecutionReport.operation({ ...Done.headOf(operation), status: "not_sent", attempts: 0 }, undefined)
        // Those that were not written are unknown to the journal, which says so; nothing is lost by it.
        return Sync.match(journal.outcome(operation.operationId, report), { onFailure: () => undefined, onSuccess: () => undefined })
      })

  const send: Sending["send"] = (operations, name, capability, intent) => {
    const first = operations[0]!
    const submit = (call: Venue.Call<unknown>): Effect.Effect<Sent> =>
      Sync.map(venueTime(first.venue, attempt(capability.submit(Venue.journaled(intent, call)))), ({ attempts, value }): Sent => ({ attempts, outcome: value }))
    return Sync.flatMap(venueTime(first.venue, attempt(capability.prepare(intent))), ({ value: call }): Effect.Effect<Sent> => {
      if ("_tag" in call) return Sync.succeed<Sent>({ attempts: 0, outcome: call })
      const writing = operations.length === 1
        ? write(first, name, intent, call)
        : Sync.forEach(operations, (operation) => write(operation, name, intent, call))
      return Sync.matchEffect(writing, {
        onFailure: (error) => Sync.map(withdraw(operations), () => unwritten(first, error)),
        onSuccess: () => submit(call)
      })
    })
  }

  const record: Sending["record"] = (operation, done) =>
    done.report.attempts === 0
      ? Sync.succeed(done)
      : Sync.match(journal.outcome(operation.operationId, done.report), {
        onSuccess: () => done,
        onFailure: () => {
          unrecorded.set(operation.operationId, done.report)
          return { ...done, degraded: true }
        }
      })

  return { send, record, unrecorded }
}
