/**
 * Atomic groups: several calls sent as one, which happen together or not at all.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Instruction from "../domain/Instruction.js"
import * as Outcome from "../domain/Outcome.js"
import type * as Journal from "../journal/Journal.js"
import type * as Venue from "../venue/Venue.js"
import * as ErrorMapping from "./ErrorMapping.js"
import * as GroupRules from "./GroupRules.js"
import * as OperationResult from "./OperationResult.js"
import type * as Plan from "./Plan.js"
import * as Route from "./Route.js"

/** Name of the capability in the journal. @category constants @since 0.1.0 */
export const capability = "atomic"

/** The venue that sends a group: the calls come from its account. @category constants @since 0.1.0 */
export const carrier = "wallet"

const refused = (path: string, reason: string): Either.Either<never, EimError.AtomicGroupRefused> =>
  Either.left(new EimError.AtomicGroupRefused({ reason, path }))

/**
 * The members of a group as what the carrier sends as one. Fails with EIM-010 where they do not form a group, where
 * groups are turned off, and where no carrier is part of the program.
 *
 * @category constructors
 * @since 0.1.0
 */
export const step = (
  id: string,
  members: ReadonlyArray<Plan.Operation>,
  context: Pick<Plan.Context, "enableAtomicChaining" | "venue">
): Either.Either<Plan.Step, EimError.EimError> => {
  const ordered = GroupRules.order(id, members)
  if (Either.isLeft(ordered)) return Either.left(ordered.left)
  const [first, ...others] = ordered.right
  const path = `instructions[${first!.index}]`
  if (!context.enableAtomicChaining) {
    return refused(path, `enable_atomic_chaining is off, and atomic group ${id} can only be executed as one`)
  }
  const found = context.venue(carrier)
  const atomic = Either.isRight(found) ? found.right.atomic : undefined
  if (atomic === undefined) {
    return refused(path, `no carrier is part of this program that can execute atomic group ${id} as one`)
  }
  return Either.right({
    operations: [first!, ...others],
    group: id,
    capability,
    action: undefined,
    resolve: atomic.resolve,
    begin: (at, bounds, restore) =>
      Route.bind(atomic, first!.operationId, {
        id,
        members: ordered.right.map(({ instruction, operationId, venue }, index): Venue.Member => ({
          operationId,
          venue,
          // The rules of groups let no other instruction in.
          instruction: instruction as Instruction.SmartContractAction,
          ...(bounds[index] === undefined ? {} : { bound: bounds[index] })
        }))
      })(at, [], restore)
  })
}

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
  return partOf(success, Array.isArray(members) ? members.indexOf(intent.operationId) : 0)
}

const partOf = (success: Outcome.Success, index: number): Outcome.Success => {
  const { receipt: whole } = success
  const receipt = whole.parts === undefined ? (index === 0 ? whole : Outcome.emptyReceipt(whole.at)) : whole.parts[index]!
  return success._tag === "Pending"
    ? new Outcome.Pending({ handle: success.handle, receipt })
    : new Outcome.Settled({ receipt })
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

const rolledBack = (operation: Plan.Operation, attempts: number): OperationResult.OperationResult => ({
  report: ExecutionReport.operation({ ...OperationResult.headOf(operation), status: "rolled_back", attempts }, undefined),
  error: undefined,
  fault: undefined,
  degraded: false
})

/** What a failure is for each operation: the one that failed says why, of the others nothing stands. */
const undone = (
  { group, operations }: Plan.Step,
  attempts: number,
  failure: Outcome.NotSent | Outcome.Rejected
): ReadonlyArray<OperationResult.OperationResult> => {
  const blamed = operations.find(({ operationId }) => operationId === failure.operationId) ?? operations[0]
  const cause = ErrorMapping.ofOperation(blamed, failure)
  const error = new EimError.AtomicGroupRefused({
    operationId: blamed.operationId,
    venue: blamed.venue,
    reason: `atomic group ${group} was rolled back: ${cause.code} ${failure.message}`,
    path: cause.path,
    expected: cause.expected,
    actual: cause.actual,
    cause
  })
  return operations.map((operation) =>
    operation === blamed
      ? OperationResult.failed(OperationResult.headOf(operation), attempts, failure, error)
      : rolledBack(operation, attempts))
}

/**
 * What became of each operation of a step, in its order.
 *
 * @category combinators
 * @since 0.1.0
 */
export const results = (
  step: Plan.Step,
  attempts: number,
  outcome: Outcome.Outcome
): ReadonlyArray<OperationResult.OperationResult> => {
  const { group, operations } = step
  if (group === undefined) return [OperationResult.ofOutcome(operations[0], attempts, outcome)]
  switch (outcome._tag) {
    case "Settled":
    case "Pending":
      return operations.map((operation, index) => OperationResult.ofOutcome(operation, attempts, partOf(outcome, index)))
    case "Unknown":
      return operations.map((operation) => OperationResult.ofOutcome(operation, attempts, outcome))
    case "NotSent":
    case "Rejected":
      return undone(step, attempts, outcome)
  }
}
