/**
 * The registry of error codes.
 *
 * @since 0.1.0
 */

/**
 * How grave an error is: CRITICAL and HIGH end a backtest at once, at MEDIUM it goes on, LOW is only logged.
 *
 * @category models
 * @since 0.1.0
 */
export type Severity = "CRITICAL" | "HIGH" | "MEDIUM" | "LOW"

/**
 * What a caller may do with the same instruction afterwards. `never`: mend it first. `after_fix`: send it again once
 * the cause is gone; nothing was executed. `after_resolve`: find out what became of it first. `missing_only`: send the
 * same block again; what was executed is not executed twice.
 *
 * @category models
 * @since 0.1.0
 */
export type Retry = "never" | "after_fix" | "after_resolve" | "missing_only"

/**
 * One entry of the registry.
 *
 * @category models
 * @since 0.1.0
 */
export interface ErrorCode {
  readonly code: Code
  /** Tag of the error class. */
  readonly tag: string
  readonly component: "ExecutionInterfaceManager"
  readonly severity: Severity
  readonly message: string
  readonly description: string
  readonly resolution: string
  readonly retry: Retry
}

/** A code of the {@link registry}. @category models @since 0.1.0 */
export type Code =
  | "EIM-001"
  | "EIM-002"
  | "EIM-003"
  | "EIM-004"
  | "EIM-005"
  | "EIM-006"
  | "EIM-007"
  | "EIM-008"
  | "EIM-009"
  | "EIM-010"
  | "EIM-011"
  | "EIM-012"
  | "EIM-013"

const component = "ExecutionInterfaceManager" as const

/**
 * Every code, once.
 *
 * @category constants
 * @since 0.1.0
 */
export const registry = {
  "EIM-001": {
    code: "EIM-001",
    tag: "RoutingFailed",
    component,
    severity: "HIGH",
    message: "instruction routing failed",
    description:
      "The input is not an instruction or a block of them, a field does not hold, or the venue cannot do what is asked. Nothing was executed when the whole block is at fault; the report tells when an operation was refused on its way.",
    resolution: "Mend the field that the error names. The guide to instructions (`docs/guides/instructions.md`) lists all fields.",
    retry: "after_fix"
  },
  "EIM-002": {
    code: "EIM-002",
    tag: "VenueUnavailable",
    component,
    severity: "HIGH",
    message: "venue interface unavailable",
    description: "No venue of that name is part of the program, its interface failed to start, or it does not answer.",
    resolution: "Check the name against the venues that the error lists; if the venue is down, wait until it is back.",
    retry: "missing_only"
  },
  "EIM-003": {
    code: "EIM-003",
    tag: "DeltaAggregationFailed",
    component,
    severity: "MEDIUM",
    message: "execution delta aggregation failed",
    description:
      "The ledger lines of an operation do not sum to zero. The caller gets empty deltas marked degraded; the deltas of each operation stay in the report, the events and the journal.",
    resolution: "Reconcile positions with the venue before the next instruction, and report the venue interface as faulty.",
    retry: "never"
  },
  "EIM-004": {
    code: "EIM-004",
    tag: "CredentialsInvalid",
    component,
    severity: "CRITICAL",
    message: "credentials missing or invalid",
    description: "A venue refuses the key, the signature or the permission, or none is configured.",
    resolution: "Set the credentials of the environment in use and start again.",
    retry: "after_fix"
  },
  "EIM-005": {
    code: "EIM-005",
    tag: "PriceCheckFailed",
    component,
    severity: "HIGH",
    message: "price check failed",
    description:
      "The price that the instruction implies deviates from the market by more than the tolerance, or the fill would be worse than the bound.",
    resolution: "Recompute the estimate at the current price, or state a wider slippage_tolerance.",
    retry: "after_fix"
  },
  "EIM-006": {
    code: "EIM-006",
    tag: "LimitExceeded",
    component,
    severity: "HIGH",
    message: "balance, margin or limit insufficient",
    description:
      "The account holds too little, margin or health factor would not hold, or the amount is below the venue's minimum or above its cap.",
    resolution: "Fund the account that the error names, or make the amount fit.",
    retry: "after_fix"
  },
  "EIM-007": {
    code: "EIM-007",
    tag: "MarketDataMissing",
    component,
    severity: "HIGH",
    message: "market data missing or stale",
    description: "A series that the operation needs has no observation at that time, or only one that is too old: beyond its age limit, or, for an order that adds risk, of an earlier step.",
    resolution: "Load the series that the error names, name a stand-in in the config, or widen its age limit; `stale_fills` lets orders fill at an earlier step.",
    retry: "after_fix"
  },
  "EIM-008": {
    code: "EIM-008",
    tag: "OutcomeUnknown",
    component,
    severity: "CRITICAL",
    message: "outcome unknown",
    description: "The request may have reached the venue, and its answer did not come back. It may or may not have been executed.",
    resolution: "Call `resolve` with the operation's id; never send it again under another id.",
    retry: "after_resolve"
  },
  "EIM-009": {
    code: "EIM-009",
    tag: "IntentConflict",
    component,
    severity: "HIGH",
    message: "intent conflict",
    description: "The id was already used for an instruction with other content.",
    resolution: "Give the new intent an id of its own.",
    retry: "never"
  },
  "EIM-010": {
    code: "EIM-010",
    tag: "AtomicGroupRefused",
    component,
    severity: "HIGH",
    message: "atomic group refused or rolled back",
    description:
      "The group holds what cannot be chained, no carrier can execute it as one, or a member failed and all were rolled back.",
    resolution: "Send the actions one by one, or mend the member that the error names.",
    retry: "after_fix"
  },
  "EIM-011": {
    code: "EIM-011",
    tag: "TradingForbidden",
    component,
    severity: "HIGH",
    message: "trading state forbids",
    description: "Trading is halted, or only what makes exposure smaller is allowed.",
    resolution: "Set the trading state back to active once its cause is gone.",
    retry: "after_fix"
  },
  "EIM-012": {
    code: "EIM-012",
    tag: "JournalUnavailable",
    component,
    severity: "CRITICAL",
    message: "journal unavailable",
    description: "The intent could not be recorded, in the journal or in the event log, so nothing was sent.",
    resolution: "Make the journal and the event log writable again; then send the same block again.",
    retry: "missing_only"
  },
  "EIM-013": {
    code: "EIM-013",
    tag: "VenueRejected",
    component,
    severity: "HIGH",
    message: "rejected by the venue",
    description: "The venue refused the operation. Where it took costs for that, the report's deltas show them.",
    resolution: "Read the venue's reason in the error.",
    retry: "after_fix"
  }
} as const satisfies { readonly [C in Code]: ErrorCode & { readonly code: C } }

/** All codes in order. @category constants @since 0.1.0 */
export const all: ReadonlyArray<ErrorCode> = Object.values(registry)
