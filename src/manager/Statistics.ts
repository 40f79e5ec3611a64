/**
 * What the manager has done so far: counts, the bounded history of routings, and the health that follows from them.
 *
 * @since 0.1.0
 */
import * as Deltas from "../domain/Deltas.js"
import type * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Instruction from "../domain/Instruction.js"
import type { Json } from "../domain/Json.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as HealthManager from "../health/HealthManager.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as HealthRule from "./HealthRule.js"
import * as OperationResult from "./OperationResult.js"

/**
 * One routing in the history: an operation that was routed, or a request that was refused before anything was started.
 *
 * @category models
 * @since 0.1.0
 */
export interface Routing {
  readonly timestamp: Timestamp.Timestamp
  /** Of an operation; a request that was refused has none. */
  readonly operationId: string | undefined
  /** `unknown` for a request that was not understood. */
  readonly instructionType: Instruction.InstructionType | "unknown"
  readonly venue: string | undefined
  readonly status: ExecutionReport.Status
  /** Whether the operation went through or is under way. */
  readonly success: boolean
  /** What it changed; of a failure what it cost all the same. */
  readonly deltas: Deltas.Deltas
  readonly error: EimError.Info | undefined
}

/** The routing of an operation. @category constructors @since 0.1.0 */
export const routed = (
  timestamp: Timestamp.Timestamp,
  { deltas, error, instructionType, operationId, status, venue }: ExecutionReport.OperationReport,
  success: boolean
): Routing => ({ timestamp, operationId, instructionType, venue, status, success, deltas, error })

/** The routing of a request that was refused before anything was started. @category constructors @since 0.1.0 */
export const refused = (
  timestamp: Timestamp.Timestamp,
  instructionType: Routing["instructionType"],
  error: EimError.Info
): Routing => ({
  timestamp,
  operationId: error.operationId,
  instructionType,
  venue: error.venue,
  status: "not_sent",
  success: false,
  deltas: Deltas.empty,
  error
})

/**
 * What was routed to one venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface VenueCounts {
  routed: number
  failed: number
  retried: number
  /** Calls of the venue that were waited for. */
  calls: number
  /** Milliseconds that they took together. */
  waited: number
}

/**
 * Counts and rings of one manager. Changed in place by that manager alone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Statistics {
  readonly thresholds: HealthRule.Thresholds
  routed: number
  failed: number
  routings: number
  updates: number
  errors: number
  retried: number
  /** Events that the log did not take. */
  lost: number
  lastUpdate: Timestamp.Timestamp | undefined
  lastRouting: Timestamp.Timestamp | undefined
  /** The instruction that was taken last. */
  current: Instruction.Instruction | undefined
  readonly history: Array<Routing>
  readonly recentErrors: Array<HealthManager.ErrorAt & { readonly update: number }>
  /** Milliseconds that the update that is running has waited for venues. */
  waited: number
  /** Routing time of the window's updates in milliseconds, that of the venues left out, as a ring. */
  readonly processing: Array<number>
  readonly venues: Map<string, VenueCounts>
  lastRetry: number
  lastLost: number
  lastExhausted: number
  /** Whether the last update could not settle accruals. */
  blocked: boolean
}

/** Routings that are kept. @category constants @since 0.1.0 */
export const historySize = 1000

/** Errors that are told. @category constants @since 0.1.0 */
export const toldErrors = 10

/**
 * Counts of a manager that has done nothing. What is left out of the thresholds has its default.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Partial<HealthRule.Thresholds> = {}): Statistics => ({
  thresholds: {
    ...HealthRule.thresholds,
    ...options,
    window: Math.max(1, Math.trunc(options.window ?? HealthRule.thresholds.window))
  },
  routed: 0,
  failed: 0,
  routings: 0,
  updates: 0,
  errors: 0,
  retried: 0,
  lost: 0,
  lastUpdate: undefined,
  lastRouting: undefined,
  current: undefined,
  history: [],
  recentErrors: [],
  waited: 0,
  processing: [],
  venues: new Map(),
  lastRetry: -Infinity,
  lastLost: -Infinity,
  lastExhausted: -Infinity,
  blocked: false
})

/**
 * Adds a routing to the history, in place. Older ones are dropped so that never more than twice `historySize` are held.
 *
 * @category combinators
 * @since 0.1.0
 */
export const addRouting = (statistics: Statistics, routing: Routing): void => {
  statistics.history.push(routing)
  if (statistics.history.length >= 2 * historySize) statistics.history.splice(0, historySize)
}

/** The newest routings, oldest first, at most {@link historySize}. @category combinators @since 0.1.0 */
export const history = (statistics: Statistics): ReadonlyArray<Routing> => statistics.history.slice(-historySize)

const countsOf = (statistics: Statistics, venue: string): VenueCounts => {
  const known = statistics.venues.get(venue)
  if (known !== undefined) return known
  const counts: VenueCounts = { routed: 0, failed: 0, retried: 0, calls: 0, waited: 0 }
  statistics.venues.set(venue, counts)
  return counts
}

/** Counts an operation that was not a replay, and its retries. @category combinators @since 0.1.0 */
export const addOperation = (
  statistics: Statistics,
  operation: Pick<ExecutionReport.OperationReport, "venue" | "attempts" | "error">,
  failed: boolean
): void => {
  const { attempts, error, venue } = operation
  const counts = countsOf(statistics, venue)
  if (failed) {
    statistics.failed++
    counts.failed++
    // Sent, and not taken: what a plan refuses because there is no such venue was never attempted.
    if (error?.code === "EIM-002" && attempts > 0) statistics.lastExhausted = statistics.updates
  } else {
    statistics.routed++
    counts.routed++
  }
  if (attempts > 1) {
    statistics.retried += attempts - 1
    counts.retried += attempts - 1
    statistics.lastRetry = statistics.updates
  }
}

/** Counts what became of an operation, and adds it to the history. @category combinators @since 0.1.0 */
export const addResult = (statistics: Statistics, timestamp: Timestamp.Timestamp, { report }: OperationResult.OperationResult): void => {
  const stands = OperationResult.stands(report)
  if (!report.replayed) addOperation(statistics, report, !stands)
  statistics.routings++
  statistics.lastRouting = timestamp
  addRouting(statistics, routed(timestamp, report, stands))
}

/** Counts a call of a venue that was waited for, in milliseconds. @category combinators @since 0.1.0 */
export const addWaited = (statistics: Statistics, venue: string, milliseconds: number): void => {
  const counts = countsOf(statistics, venue)
  counts.calls++
  counts.waited += milliseconds
  statistics.waited += milliseconds
}

/** Counts an error and keeps it, in place, as one of the update that is running. @category combinators @since 0.1.0 */
export const addError = (statistics: Statistics, report: HealthManager.ErrorAt): void => {
  statistics.errors++
  const { recentErrors } = statistics
  recentErrors.push({ update: statistics.updates, at: report.at, error: report.error })
  // Of an update only the last are kept, so that one with many errors does not push out the others of the window.
  if (recentErrors.length > 2 * Math.max(statistics.thresholds.window, toldErrors)) {
    const from = since(statistics)
    const kept = recentErrors.filter(({ update }, i) =>
      i >= recentErrors.length - toldErrors || (update > from && recentErrors[i + toldErrors]?.update !== update))
    recentErrors.splice(0, recentErrors.length, ...kept)
  }
}

/**
 * How long an update took in milliseconds, venues included. What counts is the rest without them.
 *
 * @category combinators
 * @since 0.1.0
 */
export const addProcessing = (statistics: Statistics, milliseconds: number): void => {
  statistics.processing[(statistics.updates - 1) % statistics.thresholds.window] = Math.max(0, milliseconds - statistics.waited)
  statistics.waited = 0
}

/** Events that the log did not take. @category combinators @since 0.1.0 */
export const addLost = (statistics: Statistics): void => {
  statistics.lost++
  statistics.lastLost = statistics.updates
}

/** The last update before the window. */
const since = (statistics: Statistics): number => statistics.updates - statistics.thresholds.window

/** Mean routing time of the window in milliseconds, that of the venues left out. @category combinators @since 0.1.0 */
export const meanProcessing = (statistics: Statistics): number => {
  const { processing } = statistics
  return processing.length === 0 ? 0 : processing.reduce((sum, time) => sum + time, 0) / processing.length
}

/** Share of the window's updates that had an error. @category combinators @since 0.1.0 */
export const windowErrorRate = (statistics: Statistics): number => {
  const from = since(statistics)
  const failing = new Set<number>()
  for (const { update } of statistics.recentErrors) if (update > from) failing.add(update)
  return failing.size / Math.max(1, Math.min(statistics.updates, statistics.thresholds.window))
}

const works = (entry: VenueRegistry.Entry): boolean => entry.state._tag === "Right"

/**
 * What the rule of health looks at, from the counts and the venues as they are.
 *
 * @category combinators
 * @since 0.1.0
 */
export const observed = (statistics: Statistics, venues: ReadonlyArray<VenueRegistry.Entry>): HealthRule.Observed => {
  const from = since(statistics)
  const recent = statistics.recentErrors.filter(({ update }) => update > from)
  return {
    critical: recent.filter(({ error }) => error.severity === "CRITICAL").length,
    exhausted: statistics.lastExhausted > from ? 1 : 0,
    errors: recent.length,
    retries: statistics.lastRetry > from ? 1 : 0,
    lost: statistics.lastLost > from ? 1 : 0,
    blocked: statistics.blocked,
    routing: meanProcessing(statistics),
    venues: venues.length,
    working: venues.filter(works).length
  }
}

/** How the manager fares, by {@link HealthRule.judge}. @category combinators @since 0.1.0 */
export const status = (statistics: Statistics, venues: ReadonlyArray<VenueRegistry.Entry>): HealthManager.Status =>
  HealthRule.judge(observed(statistics, venues), statistics.thresholds).status

/** The last errors with their instants, oldest first, at most {@link toldErrors}. @category combinators @since 0.1.0 */
export const lastErrors = (statistics: Statistics): ReadonlyArray<HealthManager.ErrorAt> =>
  statistics.recentErrors.slice(-toldErrors).map(({ at, error }) => ({ at, error }))

const venueMetrics = (statistics: Statistics, entry: VenueRegistry.Entry): Json => {
  const { calls = 0, failed = 0, retried = 0, routed = 0, waited = 0 } = statistics.venues.get(entry.id) ?? {}
  return {
    available: works(entry),
    reason: entry.state._tag === "Left" ? entry.state.left : null,
    instructions_routed: routed,
    instructions_failed: failed,
    error_rate: failed / Math.max(routed + failed, 1),
    retries: retried,
    avg_latency_ms: waited / Math.max(calls, 1)
  }
}

/**
 * What the manager says of itself when asked. `error_rate` is errors by updates since the beginning,
 * `window_error_rate` the share of the last 100 updates that had one, `avg_processing_time_ms` the time of routing
 * alone, `avg_latency_ms` of a venue the mean of its calls that were waited for.
 *
 * @category combinators
 * @since 0.1.0
 */
export const health = (statistics: Statistics, venues: ReadonlyArray<VenueRegistry.Entry>): HealthManager.ComponentHealth => {
  const verdict = HealthRule.judge(observed(statistics, venues), statistics.thresholds)
  return {
    status: verdict.status,
    lastUpdate: statistics.lastUpdate,
    errors: lastErrors(statistics),
    metrics: {
      reasons: verdict.reasons,
      update_count: statistics.updates,
      avg_processing_time_ms: meanProcessing(statistics),
      error_rate: statistics.errors / Math.max(statistics.updates, 1),
      window_error_rate: windowErrorRate(statistics),
      retries: statistics.retried,
      events_lost: statistics.lost,
      instructions_routed: statistics.routed,
      instructions_failed: statistics.failed,
      venue_interfaces_available: venues.filter(works).length,
      venues: Object.fromEntries(venues.map((entry) => [entry.id, venueMetrics(statistics, entry)]))
    }
  }
}
