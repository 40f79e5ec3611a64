/**
 * How the manager stands, as others may ask.
 *
 * @since 0.1.0
 */
import type * as EimError from "../domain/EimError.js"
import type { Json } from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as HealthManager from "../health/HealthManager.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import type * as Statistics from "./Statistics.js"
import type * as TradingState from "./TradingState.js"

/**
 * Answer to `getRoutingStatus`.
 *
 * @category models
 * @since 0.1.0
 */
export interface RoutingStatus {
  readonly status: HealthManager.Status
  readonly currentInstruction: string | undefined
  readonly instructionsRouted: number
  readonly instructionsFailed: number
  readonly routingCount: number
  readonly lastRoutingTimestamp: Timestamp.Timestamp | undefined
  readonly executionMode: string
  readonly tradingState: TradingState.TradingState
  readonly availableVenues: {
    readonly cex: ReadonlyArray<string>
    readonly dex: ReadonlyArray<string>
    readonly onchain: ReadonlyArray<string>
  }
}

/**
 * Answer to `getStateSnapshot`: the status with the history and the errors behind it.
 *
 * @category models
 * @since 0.1.0
 */
export interface StateSnapshot extends RoutingStatus {
  /** Newest last, bounded. */
  readonly routingHistory: ReadonlyArray<Statistics.Routing>
  /** The last 10. */
  readonly recentErrors: ReadonlyArray<EimError.Info>
  /** Venues that are part of the program and do not work, with the reason. */
  readonly unavailableVenues: { readonly [venue: string]: string }
  readonly updateCount: number
  readonly configHash: string
}

/** The venues that work, by family and in the order of the registry. @category combinators @since 0.1.0 */
export const available = (entries: ReadonlyArray<VenueRegistry.Entry>): RoutingStatus["availableVenues"] => {
  const of = (family: string) =>
    entries.filter((entry) => entry.state._tag === "Right" && entry.family === family).map((entry) => entry.id)
  return { cex: of("cex"), dex: of("dex"), onchain: of("onchain") }
}

/** The status as JSON. @category combinators @since 0.1.0 */
export const toJson = (status: RoutingStatus): { readonly [key: string]: Json } => ({
  status: status.status,
  current_instruction: status.currentInstruction ?? null,
  instructions_routed: status.instructionsRouted,
  instructions_failed: status.instructionsFailed,
  routing_count: status.routingCount,
  last_routing_timestamp: status.lastRoutingTimestamp === undefined ? null : Timestamp.format(status.lastRoutingTimestamp),
  execution_mode: status.executionMode,
  trading_state: status.tradingState,
  available_venues: status.availableVenues
})
