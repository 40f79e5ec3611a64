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
import * as ErrorMapping from "./ErrorMapping.js"
import * as Group from "./Group.js"
import type * as Lane from "./Lane.js"
import * as OperationResult from "./OperationResult.js"
import type * as Recording from "./Recording.js"

/**
 * What resolution asks: the venue that was sent to, and where to write what it says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly registry: VenueRegistry.VenueRegistry["Type"]
  readonly recording: Recording.Recording
}

/** Asks for an operation of the journal. @category models @since 0.1.0 */
export type Resolve = (past: Journal.Record, restore: Lane.Restore) => Effect.Effect<OperationResult.OperationResult>

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
    case Group.capability:
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
  head: OperationResult.Head,
  attempts: number,
  { intent, report: before }: Journal.Record,
  failure: Outcome.NotSent | Outcome.Rejected
): OperationResult.OperationResult => {
  const blamed = Group.blames(failure, intent)
  const error = EimError.of(ErrorMapping.codeOf(failure.reason), {
    operationId: intent.operationId,
    venue: intent.venue,
    reason: failure.message,
    cause: failure.cause
  })
  const cost = blamed && failure._tag === "Rejected" ? failure.receipt : undefined
  const receipt = cost ?? Outcome.emptyReceipt(intent.at)
  const report = ExecutionReport.operation(
    { ...head, status: blamed ? ErrorMapping.statusOf(failure) : "rolled_back", attempts },
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
export const make = ({ recording, registry }: Options): Resolve => {
  const ask = (
    past: Journal.Record,
    capability: Pick<Venue.Capability<never>, "resolve">,
    restore: Lane.Restore
  ): Effect.Effect<OperationResult.OperationResult> => {
    const { intent, report: before } = past
    const head: OperationResult.Head = {
      index: before?.index ?? 0,
      operationId: intent.operationId,
      instructionType: before?.instructionType ?? typeOf(intent.capability),
      venue: intent.venue
    }
    const attempts = before?.attempts ?? 1
    const handle: Outcome.Handle = before?.handle ?? { venue: intent.venue, operationId: intent.operationId, reference: intent.call }
    // Asking changes nothing: a venue that does not answer must not hold up all others for good.
    return Effect.match(restore(capability.resolve(handle)), {
      onSuccess: (success) => OperationResult.succeeded(head, attempts, Group.part(success, intent), undefined),
      onFailure: (failure) => {
        if (failure._tag !== "Unknown") return undone(head, attempts, past, failure)
        return OperationResult.failed(head, attempts, failure, new EimError.OutcomeUnknown({
          operationId: intent.operationId,
          venue: intent.venue,
          reason: failure.message,
          cause: failure.cause
        }))
      }
    })
  }

  return Effect.fnUntraced(function*(past, restore) {
    const { intent, report: before } = past
    const found = registry.get(intent.capability === Group.capability ? Group.carrier : intent.venue)
    const capability = Either.isRight(found) ? capabilityOf(found.right, intent.capability) : undefined
    if (capability === undefined) {
      const error = Either.isLeft(found)
        ? ErrorMapping.ofVenue(found.left)
        : new EimError.VenueUnavailable({ venue: intent.venue, reason: `${intent.venue} cannot ${intent.capability} any more` })
      const head = { index: 0, operationId: intent.operationId, instructionType: typeOf(intent.capability), venue: intent.venue }
      return {
        report: before ?? ExecutionReport.operation({ ...head, status: "unknown", attempts: 1 }, undefined),
        error,
        fault: undefined,
        degraded: false
      }
    }
    const result = yield* ask(past, capability, restore)
    const taken = yield* recording.record(before === undefined ? result.report : joined(before, result.report))
    return taken ? result : { ...result, degraded: true }
  })
}
