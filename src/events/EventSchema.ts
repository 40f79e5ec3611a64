/**
 * The lines of the event log, as a schema: what each type of event holds, for those who read it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Fault from "../domain/Fault.js"
import * as Json from "../domain/Json.js"
import * as ReportSchema from "../domain/ReportSchema.js"
import type { EventType } from "./EventLogger.js"

const InstructionType = ReportSchema.InstructionType

const Count = Schema.Int.pipe(Schema.nonNegative())

const BlockId = Schema.NullOr(Schema.String).annotations({ description: "id of the block, null where it has none" })

/** The data of each type of event. @category schemas @since 0.1.0 */
export const data = {
  component_initialization: Schema.Struct({
    execution_mode: Schema.Literal("backtest", "paper", "live").annotations({ description: "label of the run" }),
    venue_interfaces: Schema.Array(Schema.String).annotations({ description: "the venues that are part of the program, by name" }),
    config_hash: Schema.String.annotations({ description: "sha256 of the settings without secrets" })
  }).annotations({ description: "The manager is ready. The first event of a run." }),
  state_update: Schema.Struct({
    trigger_source: Schema.NullOr(Schema.Literal("execution_manager", "manual", "retry")).annotations({ description: "who asked, null where it was refused because it is none of these" }),
    instructions_routed: Count.annotations({ description: "instructions that went through since the beginning" }),
    instructions_failed: Count.annotations({ description: "instructions that did not since the beginning" }),
    current_instruction_type: Schema.NullOr(InstructionType).annotations({ description: "type of the first instruction, null without one" }),
    processing_time_ms: Schema.Number.annotations({ description: "time the update took by the clock, in milliseconds; 0 in a backtest" })
  }).annotations({ description: "An update is over, whatever came of it. The last event of every update." }),
  operation: Schema.extend(
    Schema.Struct({ block_id: BlockId }),
    ReportSchema.Operation
  ).annotations({ description: "What became of an operation: its line in the report, with the id of its block." }),
  atomic_group: Schema.Struct({
    block_id: BlockId,
    atomic_group_id: Schema.String.annotations({ description: "id of the group" }),
    total_operations: Count.annotations({ description: "operations in the group" }),
    operations: Schema.Array(Schema.Struct({
      operation_id: Schema.String,
      instruction_type: InstructionType,
      venue: Schema.String,
      status: ReportSchema.Status
    })).annotations({ description: "its operations in the order of the group, whose own events stand before this one" }),
    group_status: ReportSchema.Status.annotations({ description: "what became of the group" }),
    total_gas_fees: ReportSchema.Amount.annotations({ description: "gas of the transaction in ETH" }),
    rollback_triggered: Schema.Boolean.annotations({ description: "whether it was undone as a whole" }),
    rollback_reason: Schema.NullOr(Schema.String).annotations({ description: "why, null where it was not" })
  }).annotations({ description: "An atomic group is over: all of it happened, or nothing." }),
  accrual: ReportSchema.Accrual.annotations({
    description: "What came due by itself: interest, funding, a transfer that arrived, a rebase."
  }),
  error: Schema.Struct({
    error_code: ReportSchema.Code.annotations({ description: "code in the registry" }),
    error_message: Schema.String.annotations({ description: "what happened" }),
    stack_trace: Schema.Array(Schema.String).annotations({ description: "where in the manager, innermost last" }),
    error_severity: ReportSchema.Severity.annotations({ description: "severity in the registry" }),
    operation_id: Schema.NullOr(Schema.String).annotations({ description: "the operation, null where it is not of one" }),
    venue: Schema.NullOr(Schema.String).annotations({ description: "the venue, null where it is not of one" })
  }).annotations({ description: "An error of any code." }),
  instruction_routing_failed: ReportSchema.ErrorInfo.annotations({
    description: "EIM-001: an instruction could not be routed. Stands before its `error`."
  }),
  venue_interface_unavailable: ReportSchema.ErrorInfo.annotations({
    description: "EIM-002: a venue did not take an instruction. Stands before its `error`."
  }),
  execution_delta_aggregation_failed: ReportSchema.ErrorInfo.annotations({
    description: "EIM-003: the ledger lines of an operation do not sum to zero. Stands before its `error`."
  })
} as const satisfies { readonly [Type in EventType]: Schema.Schema.AnyNoContext }

/** The types of events, in the order in which they are explained. @category constants @since 0.1.0 */
export const types = Object.keys(data) as ReadonlyArray<EventType>

const line = <Type extends EventType, A, I>(eventType: Type, of: Schema.Schema<A, I>) =>
  Schema.Struct({
    order: Schema.Int.pipe(Schema.positive()).annotations({ description: "number of the event in the log, from 1 without a gap" }),
    timestamp: ReportSchema.Instant.annotations({ description: "instant of what happened" }),
    event_type: Schema.Literal(eventType),
    component: Schema.String.annotations({ description: "who wrote it" }),
    data: of
  })

const lines = {
  component_initialization: line("component_initialization", data.component_initialization),
  state_update: line("state_update", data.state_update),
  operation: line("operation", data.operation),
  atomic_group: line("atomic_group", data.atomic_group),
  accrual: line("accrual", data.accrual),
  error: line("error", data.error),
  instruction_routing_failed: line("instruction_routing_failed", data.instruction_routing_failed),
  venue_interface_unavailable: line("venue_interface_unavailable", data.venue_interface_unavailable),
  execution_delta_aggregation_failed: line("execution_delta_aggregation_failed", data.execution_delta_aggregation_failed)
} as const

/**
 * A line of the log. `data` is told apart by `event_type`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Event = Schema.Union(
  lines.component_initialization,
  lines.state_update,
  lines.operation,
  lines.atomic_group,
  lines.accrual,
  lines.error,
  lines.instruction_routing_failed,
  lines.venue_interface_unavailable,
  lines.execution_delta_aggregation_failed
).annotations({ identifier: "Event" })

/** A line that was read. @category models @since 0.1.0 */
export type Event = typeof Event.Type

const decoders: { readonly [type: string]: (input: unknown) => Either.Either<Event, Fault.Fault> } = {
  component_initialization: Fault.decoder(lines.component_initialization),
  state_update: Fault.decoder(lines.state_update),
  operation: Fault.decoder(lines.operation),
  atomic_group: Fault.decoder(lines.atomic_group),
  accrual: Fault.decoder(lines.accrual),
  error: Fault.decoder(lines.error),
  instruction_routing_failed: Fault.decoder(lines.instruction_routing_failed),
  venue_interface_unavailable: Fault.decoder(lines.venue_interface_unavailable),
  execution_delta_aggregation_failed: Fault.decoder(lines.execution_delta_aggregation_failed)
}

/**
 * Reads a line of the log strictly: a type that nobody knows, or a field, is a fault.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (line: string): Either.Either<Event, Fault.Fault> => {
  const parsed = Json.parse(line)
  if (Either.isLeft(parsed)) {
    const { path, reason } = parsed.left
    return Either.left({ path, expected: `JSON (${reason})`, actual: line })
  }
  const json = parsed.right
  if (!Fault.isRecord(json)) return Either.left({ path: "", expected: "an object", actual: json })
  const type = json["event_type"]
  const decoder = typeof type === "string" && Object.hasOwn(decoders, type) ? decoders[type] : undefined
  return decoder === undefined
    ? Either.left({ path: "event_type", expected: `one of ${types.join(", ")}`, actual: type })
    : decoder(json)
}
