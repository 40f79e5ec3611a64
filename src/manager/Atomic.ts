/**
 * Atomic groups: several calls sent as one, which happen together or not at all.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import * as Outcome from "../domain/Outcome.js"
import type * as Plan from "../domain/Plan.js"
import type * as Timestamp from "../domain/Timestamp.js"
import * as Sync from "../internal/Sync.js"
import type * as Journal from "../journal/Journal.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Done from "./Done.js"
import * as Failures from "./Failures.js"
import * as Operations from "./Operations.js"
import type * as Sending from "./Sending.js"
import type * as Turn from "./Turn.js"

/** Name of the capability in the journal. @category constants @since 0.1.0 */
export const capability = "atomic"

/** The venue that sends a group: the calls come from its account. @category constants @since 0.1.0 */
export const carrier = "wallet"

/**
 * What groups are sent with: the venues, the way to them, and the guards of single operations.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly registry: VenueRegistry.VenueRegistry["Type"]
  readonly sending: Sending.Sending
  readonly operations: Operations.Operations
}

/** Executes a group with what the journal knows of its operations. @category models @since 0.1.0 */
export type Execute = (
  group: Plan.AtomicGroup,
  at: Timestamp.Timestamp,
  turn: Turn.Turn,
  past: ReadonlyMap<string, Journal.Record>
) => Effect.Effect<ReadonlyArray<Done.Done>>

/**
 * What a success of a group is for one of its operations. Where the carrier does not tell them apart, all of it stands
 * with the first.
 *
 * @category combinators
 * @since 0.1.0
 */
export const part = (success: Outcome.Success, intent: Journal.Intent): Outcome.Success => {
  if (intent.capability !== capability) return success
  const members = intent.call["operations"]
  const index = Array.isArray(members) ? members.indexOf(intent.operationId) : 0
  return withReceipt(success, partOf(success.receipt, index))
}

/**
 * Whether a failure is that of this operation: of a group it is the one that it names, or else the first.
 *
 * @category guards
 * @since 0.1.0
 */
export const blames = (failure: Outcome.NotSent | Outcome.Rejected, intent: Journal.Intent): boolean => {
  const members = intent.call["operations"]
  if (intent.capability !== capability || !Array.isArray(members)) return true
  return intent.operationId === (members.includes(failure.operationId) ? failure.operationId : members[0])
}

const partOf = (receipt: Outcome.Receipt, index: number): Outcome.Receipt =>
  receipt.parts === undefined ? (index === 0 ? receipt : Outcome.emptyReceipt(receipt.at)) : receipt.parts[index]!

const withReceipt = (success: Outcome.Success, receipt: Outcome.Receipt): Outcome.Success =>
  success._tag === "Pending"
    ? new Outcome.Pending({ handle: success.handle, receipt })
    : new Outcome.Settled({ receipt })

/** What a failure is for each operation: the one that failed says why, of the others nothing stands. */
const undone = (group: Plan.AtomicGroup, attempts: number, failure: Outcome.Failure): ReadonlyArray<Done.Done> => {
  const { operations } = group
  const named = failure._tag === "Unknown" ? -1 : operations.findIndex(({ operationId }) => operationId === failure.operationId)
  const blamed = operations[Math.max(named, 0)]!
  const cause = Failures.ofOperation(blamed, failure)
  const error = failure._tag === "Unknown" ? cause : new EimError.AtomicGroupRefused({
    operationId: blamed.operationId,
    venue: blamed.venue,
    reason: `atomic group ${group.id} was rolled back: ${cause.code} ${failure.message}`,
    path: cause.path,
    expected: cause.expected,
    actual: cause.actual,
    cause
  })
  return operations.map((operation) => {
    if (failure._tag === "Unknown") return Done.failed(Done.headOf(operation), attempts, failure, error)
    return operation === blamed
      ? Done.failed(Done.headOf(operation), attempts, failure, error)
      : {
        report: ExecutionReport.operation({ ...Done.headOf(operation), status: "rolled_back", attempts }, undefined),
        error: undefined,
        fault: undefined,
        degraded: false
      }
  })
}

const ofSent = (group: Plan.AtomicGroup, sent: Sending.Sent): ReadonlyArray<Done.Done> => {
  const { operations } = group
  if (sent.outcome === undefined) return operations.map((operation) => Done.refused(operation, sent.error))
  const { attempts, outcome } = sent
  return outcome._tag === "Settled" || outcome._tag === "Pending"
    ? operations.map((operation, index) =>
      Done.ofOutcome(operation, attempts, withReceipt(outcome, partOf(outcome.receipt, index))))
    : undone(group, attempts, outcome)
}

/**
 * Carries out a group through the carrier; the answers stand in the order of its operations.
 *
 * A group is replayed where all of it was executed before, and refused with EIM-010 where only a part of it was. Swaps
 * inside are held to the price guard before anything is sent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ operations, registry, sending }: Options): Execute => {
  const member = (
    operation: Plan.Operation,
    at: Timestamp.Timestamp,
    turn: Turn.Turn
  ): Effect.Effect<Venue.Member, EimError.EimError> => {
      const { operationId, route, venue } = operation
      if (route._tag === "Action") return Sync.succeed({ operationId, venue, instruction: route.instruction })
      const found = registry.get(venue)
      if (Either.isLeft(found)) return Sync.fail(Failures.ofVenue(found.left))
      if (route._tag !== "Swap" || found.right.swap === undefined) {
        return Sync.fail(new EimError.AtomicGroupRefused({ operationId, venue, reason: `${venue} cannot take part in an atomic group` }))
      }
      const { instruction } = route
      // What comes in is known only inside the group; the price is that of the market all the same.
      return Sync.map(operations.bound(operation, found.right.swap, instruction, at, turn), (bound) => ({
        operationId,
        venue,
        instruction,
        bound
      }))
  }

  const members = (
    group: Plan.AtomicGroup,
    at: Timestamp.Timestamp,
    turn: Turn.Turn
  ): Effect.Effect<ReadonlyArray<Venue.Member>, EimError.EimError> => {
    const all: Array<Venue.Member> = []
    const add = (operation: Plan.Operation): Effect.Effect<void, EimError.EimError> =>
      Sync.map(member(operation, at, turn), (one) => void all.push(one))
    return Sync.map(Sync.forEach(group.operations, add), () => all)
  }

  /** The first operation says why, and of the others nothing was tried. */
  const refuse = (group: Plan.AtomicGroup, error: EimError.EimError): ReadonlyArray<Done.Done> =>
    group.operations.map((operation, index) =>
      index === 0
        ? Done.refused(operation, error)
        : { report: Done.skipped(operation), error: undefined, fault: undefined, degraded: false })

  const carry = (
    group: Plan.AtomicGroup,
    carried: Venue.Capability<Venue.Group>,
    all: ReadonlyArray<Venue.Member>,
    at: Timestamp.Timestamp
  ): Effect.Effect<ReadonlyArray<Done.Done>> =>
    Sync.flatMap(
      sending.send(group.operations, capability, carried, {
        operationId: group.operations[0]!.operationId,
        at,
        instruction: { id: group.id, members: all }
      }),
      (sent) => {
        const recorded: Array<Done.Done> = []
        const record = (done: Done.Done, index: number): Effect.Effect<void> =>
          Sync.map(sending.record(group.operations[index]!, done), (one) => void recorded.push(one))
        return Sync.map(Sync.forEach(ofSent(group, sent), record), () => recorded)
      }
    )

  return (group, at, turn, past) => {
    const known = group.operations.map((operation) => {
      const record = past.get(operation.operationId)
      return record === undefined ? undefined : Operations.remembered(operation, record, sending.unrecorded)
    })
    if (known.some((done) => done !== undefined)) {
      return Sync.succeed(known.map((done, index) =>
        done ?? Done.refused(group.operations[index]!, new EimError.AtomicGroupRefused({
          operationId: group.operations[index]!.operationId,
          reason: `a part of atomic group ${group.id} was sent before`
        }))
      ))
    }
    for (const operation of group.operations) {
      const late = Operations.late(operation, at)
      if (late !== undefined) return Sync.succeed(refuse(group, late))
    }
    const found = registry.get(carrier)
    if (Either.isLeft(found)) return Sync.succeed(refuse(group, Failures.ofVenue(found.left)))
    const carried = found.right.atomic
    return carried === undefined
      ? Sync.succeed(refuse(group, new EimError.AtomicGroupRefused({
        reason: `no carrier is part of this program that can execute atomic group ${group.id} as one`
      })))
      : Sync.matchEffect(members(group, at, turn), {
        onFailure: (error) => Sync.succeed(refuse(group, error)),
        onSuccess: (all) => carry(group, carried, all, at)
      })
  }
}
