/**
 * The JSON of a backtest's result, as a schema: what {@link Result.toJson} writes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as ReportSchema from "../../domain/ReportSchema.js"
import { costKinds } from "./Result.js"

const ByToken = Schema.Record({ key: Schema.String, value: ReportSchema.Amount })

/** The result of a backtest. @category schemas @since 0.1.0 */
export const Result = Schema.Struct({
  backtest_id: Schema.String,
  from: ReportSchema.Instant.annotations({ description: "beginning of the period that was run, included" }),
  to: ReportSchema.Instant.annotations({ description: "end of the period that was run, included" }),
  requested_from: Schema.NullOr(ReportSchema.Instant).annotations({ description: "beginning that was asked for; null for none" }),
  requested_to: Schema.NullOr(ReportSchema.Instant).annotations({ description: "end that was asked for; null for none" }),
  stopped_at: Schema.NullOr(ReportSchema.Instant).annotations({ description: "instant at which the run stopped; null where it reached its end" }),
  stop_reason: Schema.NullOr(Schema.String).annotations({ description: "message of the error that stopped it" }),
  routed: Schema.Int.annotations({ description: "instructions that were executed" }),
  failed: Schema.Int,
  replayed: Schema.Int.annotations({
    description: "operations that were asked for again under an identity that had been executed, and changed nothing"
  }),
  liquidated: Schema.Int.annotations({ description: "how many liquidations" }),
  liquidations: Schema.Array(ReportSchema.Liquidation),
  balances: ReportSchema.Deltas.annotations({ description: "what is held at the end, per venue and token; a debt token is positive, and a coin that a unified account owes negative" }),
  in_transit: ByToken,
  positions: Schema.Array(Schema.Struct({
    venue: Schema.String,
    symbol: Schema.String,
    size: ReportSchema.Amount,
    entry_price: ReportSchema.Amount,
    mark: Schema.optional(ReportSchema.Amount)
  })),
  value: Schema.Struct({
    token: Schema.Literal("USDT", "ETH"),
    from: Schema.NullOr(ReportSchema.Instant).annotations({ description: "instant of the initial value" }),
    to: Schema.NullOr(ReportSchema.Instant).annotations({ description: "instant of the final value" }),
    initial: Schema.NullOr(ReportSchema.Amount).annotations({
      description: "before anything is done; null where there is no value at any instant"
    }),
    final: Schema.NullOr(ReportSchema.Amount),
    change: Schema.NullOr(ReportSchema.Amount),
    unpriced: Schema.Array(Schema.String).annotations({ description: "held and in no value, because no series prices it" }),
    series: Schema.Array(Schema.Tuple(ReportSchema.Instant, ReportSchema.Amount)).annotations({
      description: "after everything of an instant is done, one for each"
    })
  }),
  costs: Schema.Record({ key: Schema.String, value: ByToken }).annotations({
    description: `per kind (${costKinds.join(", ")}) and token; negative where the trader received`
  }),
  assumptions: Schema.Array(Schema.Struct({
    venue: Schema.String,
    subject: Schema.String,
    value: Schema.String,
    source: Schema.String,
    touched: Schema.Boolean.annotations({ description: "whether the run did anything that depends on it" })
  })),
  files: Schema.Record({ key: Schema.String, value: Schema.String }).annotations({
    description: "paths that were written, by kind"
  }),
  error: Schema.NullOr(ReportSchema.ErrorInfo)
}).annotations({ identifier: "Result" })
