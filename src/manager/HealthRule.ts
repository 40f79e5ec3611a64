/**
 * The rule by which a component that routes instructions is healthy, degraded or unhealthy.
 *
 * @since 0.1.0
 */
import type * as HealthManager from "../health/HealthManager.js"

/**
 * From where on a component is no longer healthy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Thresholds {
  /** Updates that decide, at least 1. Defaults to 100. */
  readonly window: number
  /** Mean routing time of the window from which a component counts as slow, in milliseconds. Defaults to 10. */
  readonly slow: number
}

/**
 * The thresholds where none are set: a window of 100 updates, slow from 10 ms on.
 *
 * @category constants
 * @since 0.1.0
 */
export const thresholds: Thresholds = { window: 100, slow: 10 }

/**
 * What the rule looks at. "Recent" means within the updates of the window.
 *
 * @category models
 * @since 0.1.0
 */
export interface Observed {
  /** Recent errors of severity CRITICAL. */
  readonly critical: number
  /** Recent instructions that their venue did not take after all retries. */
  readonly exhausted: number
  /** All recent errors, those of requests that were refused included. */
  readonly errors: number
  /** Recent retries. */
  readonly retries: number
  /** Recent events that the log did not take. */
  readonly lost: number
  /** Whether the last update could not settle accruals, so that nothing was routed. */
  readonly blocked: boolean
  /** Mean routing time of the window in milliseconds, the time of the venues left out. */
  readonly routing: number
  /** Venues that are part of the program. */
  readonly venues: number
  /** Those of them that work. */
  readonly working: number
}

/**
 * The status and every reason for it, the ones that decide first. `healthy` has no reason.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verdict {
  readonly status: HealthManager.Status
  readonly reasons: ReadonlyArray<string>
}

/**
 * Judges what was observed.
 *
 * `unhealthy`: a recent CRITICAL error, a recent instruction that its venue did not take after all retries, accruals
 * that the last update could not settle, or no venue that works. `degraded`: any other recent error, a recent retry, a
 * recent event that the log did not take, a mean routing time at or above the threshold, or a venue that does not work
 * beside others that do. `healthy`: none of these. The latency of venues counts for nothing: it is reported apart.
 *
 * @category combinators
 * @since 0.1.0
 */
export const judge = (observed: Observed, { slow }: Pick<Thresholds, "slow"> = thresholds): Verdict => {
  const { blocked, critical, errors, exhausted, lost, retries, routing, venues, working } = observed
  const unhealthy = [
    ...(critical > 0 ? ["a critical error"] : []),
    ...(exhausted > 0 ? ["retries that failed"] : []),
    ...(blocked ? ["accruals that cannot be settled"] : []),
    ...(venues > 0 && working === 0 ? ["no venue that works"] : [])
  ]
  const degraded = [
    ...(errors > critical + exhausted ? ["an error"] : []),
    ...(retries > 0 ? ["a retry"] : []),
    ...(lost > 0 ? ["an event that the log did not take"] : []),
    ...(routing >= slow ? ["slow routing"] : []),
    ...(working > 0 && working < venues ? ["a venue that does not work"] : [])
  ]
  const reasons = [...unhealthy, ...degraded]
  return { status: unhealthy.length > 0 ? "unhealthy" : degraded.length > 0 ? "degraded" : "healthy", reasons }
}
