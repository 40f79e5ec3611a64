/**
 * What the manager has done so far: counts, the bounded history of routings, and the health that follows from them.
 *
 * @since 0.1.0
 */
import type * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Instruction from "../domain/Instruction.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as HealthManager from "../health/HealthManager.js"

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
 * Counts and rings of one manager. Changed in place by that manager alone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Statistics {
  routed: number
  failed: number
  routings: number
  updates: number
  errors: number
  retried: number
  processing: number
  lastUpdate: Timestamp.Timestamp | undefined
  lastRouting: Timestamp.Timestamp | undefined
  current: Instruction.InstructionType | undefined
  readonly history: Array<Routing>
  readonly recentErrors: Array<{ readonly update: number; readonly error: EimError.Info }>
  lastRetry: number
}

/** Routings that are kept. @category constants @since 0.1.0 */
export const historySize = 1000

/** Updates that decide about health. @category constants @since 0.1.0 */
export const healthWindow = 100

/** Mean processing time from which a manager counts as slow, in milliseconds. @category constants @since 0.1.0 */
export const slow = 10

/** @category constructors @since 0.1.0 */
export const make = (): Statistics => ({
  routed: 0,
  failed: 0,
  routings: 0,
  updates: 0,
  errors: 0,
  retried: 0,
  processing: 0,
  lastUpdate: undefined,
  lastRouting: undefined,
  current: undefined,
  history: [],
  recentErrors: [],
  lastRetry: -healthWindow - 1
})

/** @category combinators @since 0.1.0 */
export const addRouting = (statistics: Statistics, routing: Routing): void => {
  statistics.history.push(routing)
  if (statistics.history.length >= 2 * historySize) statistics.history.splice(0, historySize)
}

/** The newest routings, oldest first, at most {@link historySize}. @category combinators @since 0.1.0 */
export const history = (statistics: Statistics): ReadonlyArray<Routing> => statistics.history.slice(-historySize)

/** @category combinators @since 0.1.0 */
export const addError = (statistics: Statistics, error: EimError.Info): void => {
  statistics.errors++
  statistics.recentErrors.push({ update: statistics.updates, error })
  if (statistics.recentErrors.length > healthWindow) statistics.recentErrors.shift()
}

/**
 * healthy: no error in the last 100 updates and mean processing time under 10 ms. unhealthy: a CRITICAL error among
 * them, a venue that did not take an instruction after all retries, or nothing but errors. degraded: anything between.
 *
 * @category combinators
 * @since 0.1.0
 */
export const status = (statistics: Statistics): HealthManager.Status => {
  const since = statistics.updates - healthWindow
  const recent = statistics.recentErrors.filter(({ update }) => update > since)
  const failing = new Set(recent.map(({ update }) => update)).size
  const window = Math.min(statistics.updates, healthWindow)
  if (
    recent.some(({ error }) => error.severity === "CRITICAL" || error.code === "EIM-002") ||
    (window > 0 && failing >= window)
  ) return "unhealthy"
  const mean = statistics.updates === 0 ? 0 : statistics.processing / statistics.updates
  return recent.length > 0 || statistics.lastRetry > since || mean >= slow ? "degraded" : "healthy"
}

/** @category combinators @since 0.1.0 */
export const health = (statistics: Statistics, venuesAvailable: number): HealthManager.ComponentHealth => ({
  status: status(statistics),
  lastUpdate: statistics.lastUpdate,
  errors: statistics.recentErrors.slice(-10).map(({ error }) => error),
  metrics: {
    update_count: statistics.updates,
    avg_processing_time_ms: statistics.updates === 0 ? 0 : statistics.processing / statistics.updates,
    error_rate: statistics.errors / Math.max(statistics.updates, 1),
    retries: statistics.retried,
    instructions_routed: statistics.routed,
    instructions_failed: statistics.failed,
    venue_interfaces_available: venuesAvailable
  }
})
