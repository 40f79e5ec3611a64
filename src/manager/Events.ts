/**
 * The events that the manager writes.
 *
 * @since 0.1.0
 */
import * as Amount from "../domain/Amount.js"
import type * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type { Json } from "../domain/Json.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as EventLogger from "../events/EventLogger.js"

/** Name of the manager in logs and health. @category constants @since 0.1.0 */
export const component = "ExecutionInterfaceManager"

const event = (
  timestamp: Timestamp.Timestamp,
  eventType: EventLogger.EventType,
  data: { readonly [key: string]: Json }
): EventLogger.Event => ({ timestamp, eventType, component, data })

/**
 * The event of a manager that was built: its mode, its venues, and the hash of its settings.
 *
 * @category constructors
 * @since 0.1.0
 */
export const initialization = (
  timestamp: Timestamp.Timestamp,
  executionMode: string,
  venues: ReadonlyArray<string>,
  configHash: string
): EventLogger.Event =>
  event(timestamp, "component_initialization", {
    execution_mode: executionMode,
    venue_interfaces: venues,
    config_hash: configHash
  })

/**
 * The event that ends every update: how many instructions were routed and failed, and the processing time in
 * milliseconds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const stateUpdate = (
  timestamp: Timestamp.Timestamp,
  update: {
    /** Undefined where it was none of the sources, and refused. */
    readonly triggerSource: string | undefined
    readonly routed: number
    readonly failed: number
    readonly instructionType: string | undefined
    readonly processingTime: number
  }
): EventLogger.Event =>
  event(timestamp, "state_update", {
    trigger_source: update.triggerSource ?? null,
    instructions_routed: update.routed,
    instructions_failed: update.failed,
    current_instruction_type: update.instructionType ?? null,
    processing_time_ms: update.processingTime
  })

/** The event of an operation: the line of the report, with the id of its block. @category constructors @since 0.1.0 */
export const operation = (
  timestamp: Timestamp.Timestamp,
  blockId: string | undefined,
  report: ExecutionReport.OperationReport
): EventLogger.Event =>
  event(timestamp, "operation", { block_id: blockId ?? null, ...ExecutionReport.operationToJson(report) })

/**
 * What became of an atomic group as a whole, after the events of its operations.
 *
 * @category constructors
 * @since 0.1.0
 */
export const atomicGroup = (
  timestamp: Timestamp.Timestamp,
  blockId: string | undefined,
  id: string,
  reports: ReadonlyArray<ExecutionReport.OperationReport>
): EventLogger.Event => {
  const failed = reports.find(({ error }) => error !== undefined)
  const gas = reports.flatMap(({ costs }) => costs).filter(({ kind }) => kind === "gas")
  return event(timestamp, "atomic_group", {
    block_id: blockId ?? null,
    atomic_group_id: id,
    total_operations: reports.length,
    operations: reports.map(({ instructionType, operationId, status, venue }) => ({
      operation_id: operationId,
      instruction_type: instructionType,
      venue,
      status
    })),
    group_status: failed === undefined ? reports[0]!.status : failed.status,
    total_gas_fees: Amount.format(gas.reduce((sum, { amount }) => sum + amount, 0n)),
    rollback_triggered: reports.some(({ status }) => status === "rolled_back" || status === "rejected"),
    rollback_reason: failed?.error?.message ?? null
  })
}

/** The event of an accrual, at the instant that it came due. @category constructors @since 0.1.0 */
export const accrual = (settled: Outcome.Accrual): EventLogger.Event =>
  event(settled.at, "accrual", ExecutionReport.accrualToJson(settled))

/**
 * An error, and before it the event of its own where it is one of the critical three.
 *
 * @category constructors
 * @since 0.1.0
 */
export const error = (
  timestamp: Timestamp.Timestamp,
  info: EimError.Info,
  frames: ReadonlyArray<string>
): ReadonlyArray<EventLogger.Event> => {
  const data = ExecutionReport.errorToJson(info)
  const own: EventLogger.EventType | undefined = info.code === "EIM-001"
    ? "instruction_routing_failed"
    : info.code === "EIM-002"
      ? "venue_interface_unavailable"
      : info.code === "EIM-003"
        ? "execution_delta_aggregation_failed"
        : undefined
  const general = event(timestamp, "error", {
    error_code: info.code,
    error_message: info.message,
    stack_trace: frames,
    error_severity: info.severity,
    operation_id: info.operationId ?? null,
    venue: info.venue ?? null
  })
  return own === undefined ? [general] : [event(timestamp, own, data), general]
}
