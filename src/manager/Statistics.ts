/**
 * What the manager has done so far: counts, the bounded history of routings, and the health that follows from them.
 *
 * @since 0.1.0
 */
import type * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Instruction from "../domain/Instruction.js"
import type { Json } from "../domain/Json.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as HealthManager from "../health/HealthManager.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"

/**
 * One routing in the history.
 *
 * @category models
 * @since 0.1.0
 */
export interface Routing {
  readonly timestamp: Timestamp.Timestamp
  readonly operationId: string
  readonly instructionType: Instruction.InstructionType
  readonly venue: string
  readonly status: ExecutionReport.Status
  readonly errorCode: string | undefined
}

/**
 * From where on a manager is no longer healthy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Thresholds {
  /** Updates that decide, at least 1. Defaults to 100. */
  readonly window: number
  /** Mean processing time of the window from which a manager counts as slow, in milliseconds. Defaults to 10. */
  readonly slow: number
  /** Share of the window's updates with an error from which a manager counts as unable to work. Defaults to 1: all of them. */
  readonly failing: number
}

/**
 * The thresholds where none are set: a window of 100 updates, slow from 10 ms on, failing where every update had an
 * error.
 *
 * @category constants
 * @since 0.1.0
 */
export const thresholds: Thresholds = { window: 100, slow: 10, failing: 1 }

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
}

/**
 * Counts and rings of one manager. Changed in place by that manager alone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Statistics {
  readonly thresholds: Thresholds
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
  current: Instruction.InstructionType | undefined
  readonly history: Array<Routing>
  readonly recentErrors: Array<{ readonly update: number; readonly error: EimError.Info }>
  /** Processing time of the window's updates in milliseconds, as a ring. */
  readonly processing: Array<number>
  readonly venues: Map<string, VenueCounts>
  lastRetry: number
  lastLost: number
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
export const make = (options: Partial<Thresholds> = {}): Statistics => ({
  thresholds: { ...thresholds, ...options, window: Math.max(1, Math.trunc(options.window ?? thresholds.window)) },
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
  processing: [],
  venues: new Map(),
  lastRetry: -Infinity,
  lastLost: -Infinity
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

/** Counts an operation that was not a replay, and its retries. @category combinators @since 0.1.0 */
export const addOperation = (statistics: Statistics, venue: string, attempts: number, failed: boolean): void => {
  let counts = statistics.venues.get(venue)
  if (counts === undefined) {
    counts = { routed: 0, failed: 0, retried: 0 }
    statistics.venues.set(venue, counts)
  }
  if (failed) {
    statistics.failed++
    counts.failed++
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

/** Counts an error and keeps it, in place, as one of the update that is running. @category combinators @since 0.1.0 */
export const addError = (statistics: Statistics, error: EimError.Info): void => {
  statistics.errors++
  const { recentErrors } = statistics
  recentErrors.push({ update: statistics.updates, error })
  // Of an update only the last are kept, so that one with many errors does not push out the others of the window.
  if (recentErrors.length > 2 * Math.max(statistics.thresholds.window, toldErrors)) {
    const from = since(statistics)
    const kept = recentErrors.filter(({ update }, i) =>
      i >= recentErrors.length - toldErrors || (update > from && recentErrors[i + toldErrors]?.update !== update))
    recentErrors.splice(0, recentErrors.length, ...kept)
  }
}

/** How long an update took, in milliseconds. @category combinators @since 0.1.0 */
export const addProcessing = (statistics: Statistics, milliseconds: number): void => {
  statistics.processing[(statistics.updates - 1) % statistics.thresholds.window] = milliseconds
}

/** Events that the log did not take. @category combinators @since 0.1.0 */
export const addLost = (statistics: Statistics): void => {
  statistics.lost++
  statistics.lastLost = statistics.updates
}

/** The last update before the window. */
const since = (statistics: Statistics): number => statistics.updates - statistics.thresholds.window

/** Mean processing time of the window in milliseconds. @category combinators @since 0.1.0 */
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
 * How the manager fares, by the last 100 updates and the venues as they are.
 *
 * `unhealthy`: a CRITICAL error, a venue that did not take an instruction after all retries, nothing but errors, or no
 * venue that works. `degraded`: any other error, a retry, an event that the log did not take, a mean processing time of
 * 10 ms or more, or a venue that does not work beside others that do. `healthy`: none of it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const status = (statistics: Statistics, venues: ReadonlyArray<VenueRegistry.Entry>): HealthManager.Status => {
  const from = since(statistics)
  const recent = statistics.recentErrors.filter(({ update }) => update > from)
  const working = venues.filter(works).length
  if (
    recent.some(({ error }) => error.severity === "CRITICAL" || error.code === "EIM-002") ||
    (recent.length > 0 && windowErrorRate(statistics) >= statistics.thresholds.failing) ||
    (venues.length > 0 && working === 0)
  ) return "unhealthy"
  return recent.length > 0 || statistics.lastRetry > from || statistics.lastLost > from ||
      working < venues.length || meanProcessing(statistics) >= statistics.thresholds.slow
    ? "degraded"
    : "healthy"
}

const venueMetrics = (statistics: Statistics, entry: VenueRegistry.Entry): Json => {
  const { failed = 0, retried = 0, routed = 0 } = statistics.venues.get(entry.id) ?? {}
  return {
    available: works(entry),
    reason: entry.state._tag === "Left" ? entry.state.left : null,
    instructions_routed: routed,
    instructions_failed: failed,
    error_rate: failed / Math.max(routed + failed, 1),
    retries: retried
  }
}

/**
 * What the manager says of itself when asked. `error_rate` is errors by updates since the beginning,
 * `window_error_rate` the share of the last 100 updates that had one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const health = (statistics: Statistics, venues: ReadonlyArray<VenueRegistry.Entry>): HealthManager.ComponentHealth => ({
  status: status(statistics, venues),
  lastUpdate: statistics.lastUpdate,
  errors: statistics.recentErrors.slice(-toldErrors).map(({ error }) => error),
  metrics: {
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
})
