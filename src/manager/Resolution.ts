/**
 * Finds out what became of an operation that is under way or unknown.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import type * as Entry from "../domain/Entry.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Instruction from "../domain/Instruction.js"
import * as Outcome from "../domain/Outcome.js"
import type * as Journal from "../journal/Journal.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Atomic from "./Atomic.js"
import * as Done from "./Done.js"
import * as Failures from "./Failures.js"
import type * as Sending from "./Sending.js"
import type * as Turn from "./Turn.js"

/**
 * What resolution asks: the venue that was sent to, the journal of what was sent, and what the journal did not take.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly registry: VenueRegistry.VenueRegistry["Type"]
  readonly journal: Journal.Journal["Type"]
  readonly sending: Sending.Sending
}

/** Asks for an operation of the journal. @category models @since 0.1.0 */
export type Resolve = (past: Journal.Record, turn: Turn.Turn) => Effect.Effect<Done.Done>

const typeOf = (capability: string): Instruction.InstructionType =>
  capability === "trade"
    ? "cex_trade"
    : capability === "send" || capability === "internal"
      ? "wallet_transfer"
      : "smart_contract_action"

/** What can answer for an operation, by the name under which the journal has it. */
const capabilityOf = (venue: Venue.Venue, name: string): Pick<Venue.Capability<never>, "resolve"> | undefined => {
  switch (name) {
    case "trade":
      return venue.trade
    case "swap":
      return venue.swap
    case "action":
      return venue.action
    case Atomic.capability:
      return venue.atomic
    case "internal":
      return venue.transfer?.internal
    default:
      return venue.transfer?.send
  }
}

/** What was told of an operation before, and what is told now, as one report. */
const joined = (
  before: ExecutionReport.OperationReport,
  now: ExecutionReport.OperationReport
): ExecutionReport.OperationReport => ({
  ...before,
  status: now.status,
  deltas: Deltas.combine([before.deltas, now.deltas]),
  accounts: Deltas.combine([before.accounts, now.accounts]),
  entries: [...before.entries, ...now.entries],
  fills: [...before.fills, ...now.fills],
  costs: [...before.costs, ...now.costs],
  positions: [...before.positions, ...now.positions],
  detail: { ...before.detail, ...now.detail },
  error: now.error,
  handle: now.handle
})

/** What takes back everything that was told of an operation that turns out not to have happened. */
const takenBack = (before: ExecutionReport.OperationReport | undefined): ReadonlyArray<Entry.Entry> =>
  (before?.entries ?? []).map((entry) => ({ ...entry, amount: -entry.amount }))

/** Nothing of the operation stands, except what its failure cost. */
const undone = (
  head: Done.Head,
  attempts: number,
  before: ExecutionReport.OperationReport | undefined,
  { intent }: Journal.Record,
  failure: Outcome.NotSent | Outcome.Rejected
): Done.Done => {
  const blamed = Atomic.blames(failure, intent)
  const error = EimError.of(Failures.codeOf(failure.reason), {
    operationId: intent.operationId,
    venue: intent.venue,
    reason: failure.message,
    cause: failure.cause
  })
  const cost = blamed && failure._tag === "Rejected" ? failure.receipt : undefined
  const receipt = cost ?? Outcome.emptyReceipt(intent.at)
  const report = ExecutionReport.operation(
    { ...head, status: blamed ? Failures.statusOf(failure) : "rolled_back", attempts },
    { ...receipt, entries: [...takenBack(before), ...receipt.entries] },
    blamed ? { error: EimError.info(error) } : {}
  )
  return { report, error: blamed ? error : undefined, fault: undefined, degraded: false }
}

/**
 * Asks the venue of a recorded intent, and writes down what it says. The report holds what was not reported before.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ journal, registry, sending }: Options): Resolve => {
  const ask = (
    past: Journal.Record,
    before: ExecutionReport.OperationReport | undefined,
    capability: Pick<Venue.Capability<never>, "resolve">,
    turn: Turn.Turn
  ): Effect.Effect<Done.Done> => {
    const { intent } = past
    const head: Done.Head = {
      index: before?.index ?? 0,
      operationId: intent.operationId,
      instructionType: before?.instructionType ?? typeOf(intent.capability),
      venue: intent.venue
    }
    const attempts = before?.attempts ?? 1
    const handle: Outcome.Handle = before?.handle ?? { venue: intent.venue, operationId: intent.operationId, reference: intent.call }
    // Asking changes nothing: a venue that does not answer must not hold up all others for good.
    return Effect.match(turn.interruptible(capability.resolve(handle)), {
      onSuccess: (success) => Done.succeeded(head, attempts, Atomic.part(success, intent), undefined),
      onFailure: (failure) => {
        if (failure._tag !== "Unknown") return undone(head, attempts, before, past, failure)
        return Done.failed(head, attempts, failure, new EimError.OutcomeUnknown({
          operationId: intent.operationId,
          venue: intent.venue,
          reason: failure.message,
          cause: failure.cause
        }))
      }
    })
  }

  const resolve = Effect.fnUntraced(function*(past: Journal.Record, turn: Turn.Turn) {
    const { intent } = past
    const told = sending.unrecorded.get(intent.operationId)
    if (told !== undefined && told.status !== "pending" && told.status !== "unknown") {
      const kept = yield* Effect.either(journal.outcome(intent.operationId, told))
      if (Either.isRight(kept)) sending.unrecorded.delete(intent.operationId)
      const report = { ...told, deltas: Deltas.empty, accounts: Deltas.empty, entries: [], replayed: true, recorded: told }
      return { report, error: undefined, fault: undefined, degraded: Either.isLeft(kept) }
    }
    const before = told ?? past.report
    const found = registry.get(intent.capability === Atomic.capability ? Atomic.carrier : intent.venue)
    const capability = Either.isRight(found) ? capabilityOf(found.right, intent.capability) : undefined
    if (capability === undefined) {
      const error = Either.isLeft(found)
        ? Failures.ofVenue(found.left)
        : new EimError.VenueUnavailable({ venue: intent.venue, reason: `${intent.venue} cannot ${intent.capability} any more` })
      const head = { index: 0, operationId: intent.operationId, instructionType: typeOf(intent.capability), venue: intent.venue }
      return {
        report: before ?? ExecutionReport.operation({ ...head, status: "unknown", attempts: 1 }, undefined),
        error,
        fault: undefined,
        degraded: false
      }
    }
    const done = yield* ask(past, before, capability, turn)
    const whole = before === undefined ? done.report : joined(before, done.report)
    const written = yield* Effect.either(journal.outcome(intent.operationId, whole))
    if (Either.isRight(written)) {
      sending.unrecorded.delete(intent.operationId)
      return done
    }
    sending.unrecorded.set(intent.operationId, whole)
    return { ...done, degraded: true }
  })

  return resolve
}
