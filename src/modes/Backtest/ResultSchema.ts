/**
 * The JSON of a backtest's result, as a schema: what {@link Result.toJson} writes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as ReportSchema from "../../domain/ReportSchema.js"

const ByToken = Schema.Record({ key: Schema.String, value: ReportSchema.Amount })

/** The result of a backtest. @category schemas @since 0.1.0 */
export const Result = Schema.Struct({
  backtest_id: Schema.String,
  from: ReportSchema.Instant,
  to: ReportSchema.Instant,
  routed: Schema.Int.annotations({ description: "instructions that were executed" }),
  failed: Schema.Int,
  balances: ReportSchema.Deltas.annotations({ description: "what is held at the end, per venue and token; a debt is positive" }),
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
    initial: ReportSchema.Amount,
    final: ReportSchema.Amount,
    change: ReportSchema.Amount,
    unpriced: Schema.Array(Schema.String).annotations({ description: "held and not in the value, because no series prices it" }),
    series: Schema.Array(Schema.Tuple(ReportSchema.Instant, ReportSchema.Amount))
  }),
  costs: Schema.Record({ key: Schema.String, value: ByToken }).annotations({
    description: "per kind (fees, gas, slippage, funding, interest, rounding) and token; negative where the trader received"
  }),
  assumptions: Schema.Array(Schema.Struct({
    venue: Schema.String,
    subject: Schema.String,
    value: Schema.String,
    source: Schema.String
  })),
  files: Schema.Record({ key: Schema.String, value: Schema.String }).annotations({
    description: "paths that were written, by kind"
  }),
  error: Schema.NullOr(ReportSchema.ErrorInfo)
}).annotations({ identifier: "Result" })
