/**
 * How the manager stands, as others may ask.
 *
 * @since 0.1.0
 */
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Instruction from "../domain/Instruction.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import type { Json } from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as HealthManager from "../health/HealthManager.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import type * as Statistics from "./Statistics.js"
import type * as TradingState from "./TradingState.js"

/**
 * What log and status say of the program: what its set of layers is called, and the sha256 of its settings, without
 * secrets.
 *
 * @category models
 * @since 0.1.0
 */
export interface Program {
  readonly executionMode: "backtest" | "paper" | "live"
  readonly configHash: string
}

/**
 * Answer to `getRoutingStatus`.
 *
 * @category models
 * @since 0.1.0
 */
export interface RoutingStatus {
  readonly status: HealthManager.Status
  /** The instruction that was taken last. */
  readonly currentInstruction: Instruction.Instruction | undefined
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
  /** The last 10 with their instants, newest last. */
  readonly recentErrors: ReadonlyArray<HealthManager.ErrorAt>
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

/**
 * The status as JSON: keys in snake_case, instants in RFC 3339, null for what there is not. `StatusSchema.Status` is its
 * schema.
 *
 * @category combinators
 * @since 0.1.0
 */
export const toJson = (status: RoutingStatus): { readonly [key: string]: Json } => ({
  status: status.status,
  current_instruction: status.currentInstruction === undefined ? null : InstructionBlock.instructionToJson(status.currentInstruction),
  instructions_routed: status.instructionsRouted,
  instructions_failed: status.instructionsFailed,
  routing_count: status.routingCount,
  last_routing_timestamp: status.lastRoutingTimestamp === undefined ? null : Timestamp.format(status.lastRoutingTimestamp),
  execution_mode: status.executionMode,
  trading_state: status.tradingState,
  available_venues: status.availableVenues
})

const routingToJson = (routing: Statistics.Routing): { readonly [key: string]: Json } => ({
  timestamp: Timestamp.format(routing.timestamp),
  operation_id: routing.operationId ?? null,
  instruction_type: routing.instructionType,
  venue: routing.venue ?? null,
  status: routing.status,
  success: routing.success,
  deltas: ExecutionReport.deltasToJson(routing.deltas),
  error: routing.error === undefined ? null : ExecutionReport.errorToJson(routing.error)
})

/**
 * The snapshot as JSON: the keys of the status, and those behind it. Errors are as in reports. `StatusSchema.Snapshot`
 * is its schema.
 *
 * @category combinators
 * @since 0.1.0
 */
export const snapshotToJson = (snapshot: StateSnapshot): { readonly [key: string]: Json } => ({
  ...toJson(snapshot),
  routing_history: snapshot.routingHistory.map(routingToJson),
  recent_errors: snapshot.recentErrors.map(HealthManager.errorAtToJson),
  unavailable_venues: snapshot.unavailableVenues,
  update_count: snapshot.updateCount,
  config_hash: snapshot.configHash
})
