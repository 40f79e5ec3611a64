/**
 * The errors of the manager: one tagged class for each code of the registry.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as ErrorCode from "./ErrorCode.js"
import type * as ExecutionReport from "./ExecutionReport.js"

/**
 * What every error says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Details {
  /** One sentence: what happened. */
  readonly reason: string
  /** Where in the input, as in `instructions[1].amount`. */
  readonly path?: string | undefined
  readonly expected?: string | undefined
  /** What came instead, in a short form. */
  readonly actual?: string | undefined
  readonly operationId?: string | undefined
  readonly venue?: string | undefined
  readonly cause?: unknown
}

/**
 * What every error class has beside its details.
 *
 * @category models
 * @since 0.1.0
 */
export interface EimErrorOf<Code extends ErrorCode.Code> extends Cause.YieldableError, Details {
  readonly _tag: (typeof ErrorCode.registry)[Code]["tag"]
  readonly code: Code
  readonly severity: (typeof ErrorCode.registry)[Code]["severity"]
  readonly resolution: string
  readonly retry: (typeof ErrorCode.registry)[Code]["retry"]
  readonly cause?: unknown
}

const make = <Code extends ErrorCode.Code>(code: Code): new (details: Details) => EimErrorOf<Code> => {
  const entry = ErrorCode.registry[code]
  type Entry = (typeof ErrorCode.registry)[Code]
  return class extends Data.TaggedError(entry.tag as Entry["tag"])<Details> {
    readonly code: Code = code
    get severity(): Entry["severity"] {
      return entry.severity
    }
    get resolution(): string {
      return entry.resolution
    }
    get retry(): Entry["retry"] {
      return entry.retry
    }
    override get message(): string {
      return `${code} ${entry.message}: ${this.reason}`
    }
  }
}

/**
 * EIM-001: the input is no instruction, a field does not hold, or the venue cannot do what is asked.
 *
 * @category errors
 * @since 0.1.0
 */
export class RoutingFailed extends make("EIM-001") {}

/**
 * EIM-002: no venue of that name is part of the program, or its interface does not work.
 *
 * @category errors
 * @since 0.1.0
 */
export class VenueUnavailable extends make("EIM-002") {}

/**
 * EIM-003: the ledger lines of an operation do not sum to zero; it was executed, and its deltas are not to be relied on.
 *
 * @category errors
 * @since 0.1.0
 */
export class DeltaAggregationFailed extends make("EIM-003") {}

/**
 * EIM-004: a venue refuses the key, the signature or the permission, or none is configured.
 *
 * @category errors
 * @since 0.1.0
 */
export class CredentialsInvalid extends make("EIM-004") {}

/**
 * EIM-005: the price implied is further from the market than is tolerated, or the fill would be worse than the bound.
 *
 * @category errors
 * @since 0.1.0
 */
export class PriceCheckFailed extends make("EIM-005") {}

/** EIM-006: balance, margin, health factor, a minimum or a cap stands against it. @category errors @since 0.1.0 */
export class LimitExceeded extends make("EIM-006") {}

/**
 * EIM-007: a series that the operation needs has no observation at that time, or only one that is too old.
 *
 * @category errors
 * @since 0.1.0
 */
export class MarketDataMissing extends make("EIM-007") {}

/**
 * EIM-008: the request may have reached the venue, and nobody knows whether it was executed.
 *
 * @category errors
 * @since 0.1.0
 */
export class OutcomeUnknown extends make("EIM-008") {}

/** EIM-009: the id of the intent was used for an instruction with other content. @category errors @since 0.1.0 */
export class IntentConflict extends make("EIM-009") {}

/**
 * EIM-010: an atomic group cannot be executed as one, or a member failed and nothing of it stands.
 *
 * @category errors
 * @since 0.1.0
 */
export class AtomicGroupRefused extends make("EIM-010") {}

/** EIM-011: trading is halted, or only what reduces exposure is allowed. @category errors @since 0.1.0 */
export class TradingForbidden extends make("EIM-011") {}

/** EIM-012: the intent could not be written down first, and so nothing was sent. @category errors @since 0.1.0 */
export class JournalUnavailable extends make("EIM-012") {}

/**
 * EIM-013: the venue refused the operation for a reason of its own; what that cost stands in the report.
 *
 * @category errors
 * @since 0.1.0
 */
export class VenueRejected extends make("EIM-013") {}

/**
 * Every error of the manager, one class for each code. The manager fails with no other.
 *
 * @category errors
 * @since 0.1.0
 */
export type EimError =
  | RoutingFailed
  | VenueUnavailable
  | DeltaAggregationFailed
  | CredentialsInvalid
  | PriceCheckFailed
  | LimitExceeded
  | MarketDataMissing
  | OutcomeUnknown
  | IntentConflict
  | AtomicGroupRefused
  | TradingForbidden
  | JournalUnavailable
  | VenueRejected

const classes = {
  "EIM-001": RoutingFailed,
  "EIM-002": VenueUnavailable,
  "EIM-003": DeltaAggregationFailed,
  "EIM-004": CredentialsInvalid,
  "EIM-005": PriceCheckFailed,
  "EIM-006": LimitExceeded,
  "EIM-007": MarketDataMissing,
  "EIM-008": OutcomeUnknown,
  "EIM-009": IntentConflict,
  "EIM-010": AtomicGroupRefused,
  "EIM-011": TradingForbidden,
  "EIM-012": JournalUnavailable,
  "EIM-013": VenueRejected
} as const

/** The error of a code. @category constructors @since 0.1.0 */
export const of = (code: ErrorCode.Code, details: Details): EimError => new classes[code](details)

/**
 * Why a block was not started: it was not understood, not allowed, or cannot be done. There is no report of it.
 *
 * @category errors
 * @since 0.1.0
 */
export type PlanError = EimError & { readonly report?: undefined }

/**
 * What stopped a block that was started, with the report of all that had happened by then. The classes are those of
 * {@link EimError}, and `catchTag` narrows them as usual.
 *
 * @category errors
 * @since 0.1.0
 */
export type OperationError = EimError & { readonly report: ExecutionReport.ExecutionReport }

/** The error with the report of what had happened by then. @category combinators @since 0.1.0 */
export const withReport = (error: EimError, report: ExecutionReport.ExecutionReport): OperationError =>
  Object.assign(error, { report })

/**
 * The error as data, for reports, events and `--json`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Info {
  readonly code: ErrorCode.Code
  readonly severity: ErrorCode.Severity
  readonly message: string
  readonly reason: string
  readonly resolution: string
  readonly retry: ErrorCode.Retry
  readonly path?: string | undefined
  readonly expected?: string | undefined
  readonly actual?: string | undefined
  readonly operationId?: string | undefined
  readonly venue?: string | undefined
}

/** The error that data tells of. Its cause is not part of the data. @category constructors @since 0.1.0 */
export const fromInfo = ({ actual, code, expected, operationId, path, reason, venue }: Info): EimError =>
  of(code, { reason, path, expected, actual, operationId, venue })

/**
 * The fields of an error as plain data, without its stack; what it does not have is left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const info = (error: EimError): Info => ({
  code: error.code,
  severity: error.severity,
  message: error.message,
  reason: error.reason,
  resolution: error.resolution,
  retry: error.retry,
  ...(error.path === undefined ? {} : { path: error.path }),
  ...(error.expected === undefined ? {} : { expected: error.expected }),
  ...(error.actual === undefined ? {} : { actual: error.actual }),
  ...(error.operationId === undefined ? {} : { operationId: error.operationId }),
  ...(error.venue === undefined ? {} : { venue: error.venue })
})
