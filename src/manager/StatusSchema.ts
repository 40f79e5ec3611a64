/**
 * The JSON of status and snapshot, as schemas: what {@link RoutingStatus.toJson} and
 * {@link RoutingStatus.snapshotToJson} write, for those who read it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Instruction from "../domain/Instruction.js"
import * as ReportSchema from "../domain/ReportSchema.js"

const Count = Schema.Int.pipe(Schema.nonNegative())

const Names = Schema.Array(Schema.String)

const status = {
  status: Schema.Literal("healthy", "degraded", "unhealthy").annotations({ description: "health by the last updates and the venues as they are" }),
  current_instruction: Schema.NullOr(Schema.encodedBoundSchema(Instruction.Instruction)).annotations({
    description: "the instruction that was taken last, null before the first"
  }),
  instructions_routed: Count.annotations({ description: "instructions that went through since the beginning" }),
  instructions_failed: Count.annotations({ description: "instructions that did not since the beginning" }),
  routing_count: Count.annotations({ description: "instructions that were routed, whatever came of them" }),
  last_routing_timestamp: Schema.NullOr(ReportSchema.Instant).annotations({ description: "instant of the last of them, null before the first" }),
  execution_mode: Schema.Literal("backtest", "paper", "live").annotations({ description: "label of the run" }),
  trading_state: Schema.Literal("active", "reducing", "halted").annotations({ description: "whether instructions are taken at all" }),
  available_venues: Schema.Struct({ cex: Names, dex: Names, onchain: Names }).annotations({ description: "the venues that work, by family" })
}

/** How the manager stands: the answer to `getRoutingStatus`. @category schemas @since 0.1.0 */
export const Status = Schema.Struct(status).annotations({ identifier: "Status" })

/** One routing of the history. @category schemas @since 0.1.0 */
export const Routing = Schema.Struct({
  timestamp: ReportSchema.Instant,
  operation_id: Schema.NullOr(Schema.String).annotations({ description: "null for a request that was refused as a whole" }),
  instruction_type: Schema.Literal(...ReportSchema.InstructionType.literals, "unknown").annotations({
    description: "unknown for a request that was not understood"
  }),
  venue: Schema.NullOr(Schema.String),
  status: ReportSchema.Status,
  success: Schema.Boolean.annotations({ description: "whether it went through or is under way" }),
  deltas: ReportSchema.Deltas,
  error: Schema.NullOr(ReportSchema.ErrorInfo).annotations({ description: "null where it has none" })
}).annotations({ identifier: "Routing" })

/** An error with its instant. @category schemas @since 0.1.0 */
export const ErrorAt = Schema.Struct({ timestamp: ReportSchema.Instant, ...ReportSchema.ErrorInfo.fields }).annotations({ identifier: "ErrorAt" })

/** The status with what is behind it: the answer to `getStateSnapshot`. @category schemas @since 0.1.0 */
export const Snapshot = Schema.Struct({
  ...status,
  routing_history: Schema.Array(Routing).annotations({ description: "the last 1,000 routings and refused requests, newest last" }),
  recent_errors: Schema.Array(ErrorAt).pipe(Schema.maxItems(10)).annotations({ description: "the last 10 errors, newest last" }),
  unavailable_venues: Schema.Record({ key: Schema.String, value: Schema.String }).annotations({
    description: "venues that are part of the program and do not work, each with the reason"
  }),
  update_count: Count.annotations({ description: "updates since the beginning" }),
  config_hash: Schema.String.annotations({ description: "sha256 of the settings without secrets" })
}).annotations({ identifier: "Snapshot" })
