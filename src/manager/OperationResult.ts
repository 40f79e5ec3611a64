/**
 * What the manager makes of an operation's outcome.
 *
 * @since 0.1.0
 */
import type * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import * as Entry from "../domain/Entry.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Outcome from "../domain/Outcome.js"
import * as ErrorMapping from "./ErrorMapping.js"
import type * as Plan from "./Plan.js"

/**
 * What an operation came to.
 *
 * @category models
 * @since 0.1.0
 */
export interface OperationResult {
  readonly report: ExecutionReport.OperationReport
  /** Why the block stops here; absent where it goes on. */
  readonly error: EimError.EimError | undefined
  /** A fault that does not stop the block. */
  readonly fault: EimError.EimError | undefined
  /** Whether the outcome could not be written down. */
  readonly degraded: boolean
}

/** What is known of an operation before it is carried out. @category models @since 0.1.0 */
export type Head = Pick<ExecutionReport.OperationReport, "index" | "operationId" | "instructionType" | "venue">

/** The head of an operation's report, before it is carried out. @category constructors @since 0.1.0 */
export const headOf = (operation: Plan.Operation): Head => ({
  index: operation.index,
  operationId: operation.operationId,
  instructionType: operation.instruction.instructionType,
  venue: operation.venue
})

/** An operation that was not started because an earlier one stopped the block. @category constructors @since 0.1.0 */
export const skipped = (operation: Plan.Operation): OperationResult => ({
  report: ExecutionReport.operation({ ...headOf(operation), status: "skipped", attempts: 0 }, undefined),
  error: undefined,
  fault: undefined,
  degraded: false
})

/** It was not sent, and what it says is why. @category constructors @since 0.1.0 */
export const refused = (operation: Plan.Operation, error: EimError.EimError, status: ExecutionReport.Status = "not_sent"): OperationResult => ({
  report: ExecutionReport.operation({ ...headOf(operation), status, attempts: 0 }, undefined, { error: EimError.info(error) }),
  error,
  fault: undefined,
  degraded: false
})

const deviation = (estimated: Deltas.Deltas, actual: Deltas.Deltas): ExecutionReport.OperationReport["deviation"] => {
  const difference: Record<string, bigint> = {}
  for (const venue in actual) {
    for (const asset in actual[venue]) difference[asset] = (difference[asset] ?? 0n) + actual[venue]![asset]!
  }
  for (const venue in estimated) {
    for (const asset in estimated[venue]) difference[asset] = (difference[asset] ?? 0n) - estimated[venue]![asset]!
  }
  return difference
}

const statusOf = (success: Outcome.Success): ExecutionReport.Status =>
  success._tag === "Pending" ? "pending" : success.partial === true ? "partial" : "settled"

/**
 * It happened, or is under way. Ledger lines that do not balance are a fault of their own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const succeeded = (
  head: Head,
  attempts: number,
  success: Outcome.Success,
  estimated: Deltas.Deltas | undefined
): OperationResult => {
  const { receipt } = success
  const off = Entry.imbalance(receipt.entries)
  const fault = off.length === 0
    ? undefined
    : new EimError.DeltaAggregationFailed({
      operationId: head.operationId,
      venue: head.venue,
      reason: `the ledger lines of ${head.operationId} do not sum to zero for ${off.map(([asset]) => asset).join(", ")}`
    })
  const report = ExecutionReport.operation({ ...head, status: statusOf(success), attempts }, receipt, {
    handle: success._tag === "Pending" ? success.handle : undefined,
    error: fault === undefined ? undefined : EimError.info(fault)
  })
  return {
    report: estimated === undefined ? report : { ...report, deviation: deviation(estimated, report.deltas) },
    error: undefined,
    fault,
    degraded: false
  }
}

/** A venue's failure. @category constructors @since 0.1.0 */
export const failed = (head: Head, attempts: number, failure: Outcome.Failure, error: EimError.EimError): OperationResult => ({
  report: ExecutionReport.operation(
    { ...head, status: ErrorMapping.statusOf(failure), attempts },
    failure._tag === "Rejected" ? failure.receipt : undefined,
    { error: EimError.info(error), handle: failure._tag === "Unknown" ? failure.handle : undefined }
  ),
  error,
  fault: undefined,
  degraded: false
})

/** It had been carried out before: nothing was sent now. @category constructors @since 0.1.0 */
export const replayed = (operation: Plan.Operation, recorded: ExecutionReport.OperationReport): OperationResult => ({
  report: {
    ...ExecutionReport.operation({ ...headOf(operation), status: recorded.status, attempts: 0 }, undefined),
    replayed: true,
    recorded
  },
  error: undefined,
  fault: undefined,
  degraded: false
})

/** What became of an operation that was sent, or that its venue refused. @category constructors @since 0.1.0 */
export const ofOutcome = (operation: Plan.Operation, attempts: number, outcome: Outcome.Outcome): OperationResult =>
  outcome._tag === "Settled" || outcome._tag === "Pending"
    ? succeeded(headOf(operation), attempts, outcome, operation.instruction.estimatedDeltas)
    : failed(headOf(operation), attempts, outcome, ErrorMapping.ofOperation(operation, outcome))

/** Whether an operation went through or is under way. @category guards @since 0.1.0 */
export const stands = ({ status }: ExecutionReport.OperationReport): boolean =>
  status === "settled" || status === "partial" || status === "pending"
