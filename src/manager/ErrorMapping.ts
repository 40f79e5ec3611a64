/**
 * From what a venue says to the manager's errors.
 *
 * @since 0.1.0
 */
import * as EimError from "../domain/EimError.js"
import type * as ErrorCode from "../domain/ErrorCode.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import type * as Plan from "./Plan.js"

/**
 * The code of a venue's reason. Where none is closer it is EIM-013, rejected by the venue.
 *
 * @category combinators
 * @since 0.1.0
 */
export const codeOf = (reason: Outcome.Reason): ErrorCode.Code => {
  switch (reason) {
    case "invalid":
    case "unsupported":
      return "EIM-001"
    case "unavailable":
    case "rate_limited":
      return "EIM-002"
    case "credentials":
      return "EIM-004"
    case "price":
      return "EIM-005"
    case "insufficient_balance":
    case "insufficient_margin":
    case "health_factor":
    case "limit":
      return "EIM-006"
    case "market_data":
      return "EIM-007"
    case "atomic":
      return "EIM-010"
    case "rejected":
    case "reverted":
      return "EIM-013"
  }
}

/** The status that an operation with this failure is reported with. @category combinators @since 0.1.0 */
export const statusOf = (failure: Outcome.Failure): ExecutionReport.Status => {
  switch (failure._tag) {
    case "Rejected":
      return "rejected"
    case "NotSent":
      return "not_sent"
    case "Unknown":
      return "unknown"
  }
}

/** The error of a failed operation, naming the instruction's field where the venue does. @category constructors @since 0.1.0 */
export const ofOperation = (operation: Plan.Operation, failure: Outcome.Failure): EimError.EimError => {
  const head = { operationId: operation.operationId, venue: operation.venue }
  return failure._tag === "Unknown"
    ? new EimError.OutcomeUnknown({ ...head, reason: failure.message, cause: failure.cause })
    : EimError.of(codeOf(failure.reason), {
      ...head,
      reason: failure.message,
      path: failure.field === undefined ? undefined : `instructions[${operation.index}].${failure.field}`,
      expected: failure.expected,
      actual: failure.actual,
      cause: failure.cause
    })
}

/** The error of accruals that could not be settled. @category constructors @since 0.1.0 */
export const ofAccruals = (venue: string, failure: Outcome.Failure): EimError.EimError =>
  failure._tag === "Unknown"
    ? new EimError.OutcomeUnknown({ venue, reason: failure.message, cause: failure.cause })
    : EimError.of(codeOf(failure.reason), {
      venue: (failure._tag === "Rejected" ? failure.venue : undefined) ?? venue,
      reason: failure.message,
      expected: failure.expected,
      actual: failure.actual,
      cause: failure.cause
    })

/** EIM-002 for a venue that is unknown or does not work, naming those that do, and the field that names it. @category constructors @since 0.1.0 */
export const ofVenue = (missing: VenueRegistry.NoSuchVenue, path?: string): EimError.VenueUnavailable =>
  new EimError.VenueUnavailable({
    reason: missing.message,
    venue: missing.venue,
    path,
    expected: `one of ${missing.available.join(", ") || "none"}`,
    actual: missing.venue
  })
