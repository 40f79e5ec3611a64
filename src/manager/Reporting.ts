/**
 * Tells the event log, the health system and the counts what happened.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as EimError from "../domain/EimError.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as EventLogger from "../events/EventLogger.js"
import type * as HealthManager from "../health/HealthManager.js"
import * as Events from "./Events.js"
import * as Statistics from "./Statistics.js"

/** The three that are told: event log, health and counts. @category models @since 0.1.0 */
export interface Options {
  readonly events: EventLogger.EventLogger["Type"]
  readonly health: HealthManager.HealthManager["Type"]
  readonly statistics: Statistics.Statistics
}

/**
 * Tells the event log, health and counts what happened. It never fails: what is not written down is counted as lost.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reporting {
  /** Whether the log took the event. One that it did not take is counted. */
  readonly log: (event: EventLogger.Event) => Effect.Effect<boolean>
  /** An error, to all three. Whether the log took it. */
  readonly note: (timestamp: Timestamp.Timestamp, error: EimError.EimError, frames: ReadonlyArray<string>) => Effect.Effect<boolean>
}

/** The reporting of a manager to its event log, its health and its counts. @category constructors @since 0.1.0 */
export const make = ({ events, health, statistics }: Options): Reporting => {
  const told = {
    onSuccess: () => true,
    onFailure: () => {
      Statistics.addLost(statistics)
      return false
    }
  }
  const log: Reporting["log"] = (event) => Effect.match(events.log(event), told)
  return {
    log,
    note: (timestamp, error, frames) => {
      const info = EimError.info(error)
      const report = { at: timestamp, error: info }
      Statistics.addError(statistics, report)
      const logging = Effect.forEach(Events.error(timestamp, info, frames), events.log, { discard: true })
      return Effect.zipRight(health.reportError(Events.component, report), Effect.match(logging, told))
    }
  }
}
