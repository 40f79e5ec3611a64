/**
 * The JSON of a report, as a schema: what {@link ExecutionReport.toJson} writes, for those who read it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as ErrorCode from "./ErrorCode.js"
import * as Instruction from "./Instruction.js"

/** An amount or a price as text. @category schemas @since 0.1.0 */
export const Amount = Schema.String.pipe(
  Schema.pattern(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/, {
    description: "a decimal in plain notation, without trailing zeros, at most 18 decimals for amounts"
  })
)

/** An instant as text. @category schemas @since 0.1.0 */
export const Instant = Schema.String.pipe(
  Schema.pattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/, { description: "an RFC 3339 timestamp in UTC" })
)

const ByToken = Schema.Record({ key: Schema.String, value: Amount })

/** Signed change per venue and token. @category schemas @since 0.1.0 */
export const Deltas = Schema.Record({ key: Schema.String, value: ByToken }).annotations({
  description: "signed change per venue and token; zero entries are left out"
})

/** A code of the registry. @category schemas @since 0.1.0 */
export const Code = Schema.Literal(...ErrorCode.all.map(({ code }) => code))

/** Severity of an error. @category schemas @since 0.1.0 */
export const Severity = Schema.Literal("CRITICAL", "HIGH", "MEDIUM", "LOW")

/** Codec of an instruction's type in a report. @category schemas @since 0.1.0 */
export const InstructionType = Schema.Literal("wallet_transfer", "smart_contract_action", "cex_trade")

/** How an operation stands. @category schemas @since 0.1.0 */
export const Status = Schema.Literal("settled", "partial", "pending", "rejected", "not_sent", "unknown", "rolled_back", "skipped")

/** An error as data. @category schemas @since 0.1.0 */
export const ErrorInfo = Schema.Struct({
  code: Code,
  severity: Severity,
  message: Schema.String,
  resolution: Schema.String,
  retry: Schema.Literal("never", "after_fix", "after_resolve", "missing_only"),
  path: Schema.optional(Schema.String),
  expected: Schema.optional(Schema.String),
  actual: Schema.optional(Schema.String),
  operation_id: Schema.optional(Schema.String),
  venue: Schema.optional(Schema.String)
}).annotations({ identifier: "Error" })

const Cost = Schema.Struct({
  kind: Schema.Literal("fee", "gas"),
  venue: Schema.String,
  token: Schema.String,
  amount: Amount
}).annotations({ identifier: "Cost" })

const Position = Schema.Struct({
  venue: Schema.String,
  symbol: Schema.String.annotations({ description: "as ETHUSDT-PERP" }),
  size: Amount.annotations({ description: "signed size after the change, in units of the base token" }),
  entry_price: Amount,
  change: Schema.optional(Amount.annotations({ description: "signed change of size" })),
  realised: Schema.optional(Amount.annotations({ description: "realised result before fees, in the settlement token" }))
}).annotations({ identifier: "Position" })

const Detail = Schema.Record({ key: Schema.String, value: Schema.Unknown }).annotations({ description: "the venue's own facts" })

const operation = {
  index: Schema.Int,
  operation_id: Schema.String,
  instruction_type: InstructionType,
  venue: Schema.String,
  status: Status,
  attempts: Schema.Int,
  replayed: Schema.Boolean,
  deltas: Deltas,
  accounts: Deltas.annotations({ description: "the same by account, as binance:spot" }),
  fills: Schema.Array(Schema.Struct({
    symbol: Schema.String,
    side: Schema.Literal("buy", "sell"),
    price: Amount,
    amount: Amount,
    liquidity: Schema.Literal("maker", "taker")
  })),
  fees: Schema.Array(Cost),
  gas: Schema.Array(Cost),
  positions: Schema.Array(Position),
  slippage: Schema.optional(Schema.Struct({ arrival_price: Amount, amount: Amount, token: Schema.String })),
  deviation: Schema.optional(ByToken.annotations({ description: "per token: what happened less what was estimated" })),
  handle: Schema.optional(Detail),
  detail: Detail,
  error: Schema.NullOr(ErrorInfo)
}

/** What became of one instruction. @category models @since 0.1.0 */
export interface Operation extends Schema.Struct.Type<typeof operation> {
  readonly recorded?: Operation | undefined
}

/** What became of one instruction. @category schemas @since 0.1.0 */
export const Operation: Schema.Schema<Operation> = Schema.Struct({
  ...operation,
  recorded: Schema.optional(Schema.suspend((): Schema.Schema<Operation> => Operation))
}).annotations({ identifier: "Operation" })

/** What came due by itself. @category schemas @since 0.1.0 */
export const Accrual = Schema.Struct({
  id: Schema.String,
  kind: Schema.Literal("funding", "interest", "credit", "rebase", "liquidation"),
  venue: Schema.String,
  account: Schema.String,
  timestamp: Instant,
  deltas: Deltas,
  detail: Detail
}).annotations({ identifier: "Accrual" })

/** A position that a venue closed. @category schemas @since 0.1.0 */
export const Liquidation = Schema.Struct({
  id: Schema.String.annotations({ description: "that of its accrual" }),
  timestamp: Instant,
  venue: Schema.String,
  account: Schema.String,
  symbol: Schema.String.annotations({ description: "the perpetual that was closed, or the collateral that was seized" }),
  size: Amount.annotations({ description: "signed size of the position, or the collateral seized, penalty and fee included" }),
  price: Amount.annotations({ description: "at which it was taken over, for one unit of size" }),
  price_in: Schema.String.annotations({ description: "USD, or the token that the price is told in" }),
  margin_ratio: Schema.NullOr(Amount).annotations({
    description: "of a perpetual: margin balance by maintenance margin at that price"
  }),
  health_factor: Schema.NullOr(Amount).annotations({ description: "of a loan: just before" }),
  repaid: Schema.NullOr(Schema.Struct({ token: Schema.String, amount: Amount })).annotations({
    description: "of a loan: debt that was repaid with the collateral"
  }),
  token: Schema.String.annotations({ description: "that loss, penalty and fee are told in" }),
  loss: Amount.annotations({
    description: "of a perpetual since its entry, penalty and fee included; of a loan the collateral seized less the worth of the repaid debt"
  }),
  penalty: Amount.annotations({ description: "part of the loss that whoever took the position over keeps" }),
  fee: Amount.annotations({ description: "part of the loss that the venue charges" })
}).annotations({ identifier: "Liquidation" })

/** The report of a block. @category schemas @since 0.1.0 */
export const Report = Schema.Struct({
  timestamp: Instant,
  trigger_source: Schema.Literal("execution_manager", "manual", "retry"),
  block_id: Schema.NullOr(Schema.String),
  liquidations: Schema.Array(Liquidation).annotations({ description: "those among the accruals" }),
  deltas: Deltas,
  operations: Schema.Array(Operation),
  accruals: Schema.Array(Accrual),
  positions: Schema.Array(Position),
  degraded: Schema.Boolean,
  replayed: Schema.Boolean,
  error: Schema.NullOr(ErrorInfo)
}).annotations({ identifier: "Report" })

/** A block of instructions as it is written. @category schemas @since 0.1.0 */
export const Block = Schema.Struct({
  block_id: Schema.optional(Instruction.Id),
  action: Schema.optional(Instruction.Id),
  priority: Schema.optional(Schema.Int),
  instructions: Schema.Array(Schema.encodedBoundSchema(Instruction.Instruction)).pipe(Schema.minItems(1), Schema.maxItems(1000)),
  expected_deltas: Schema.optional(Deltas),
  dependencies: Schema.optional(Schema.Array(Instruction.Id)),
  execution_mode: Schema.optional(Instruction.ExecutionMode),
  atomic_group_id: Schema.optional(Instruction.Id)
}).annotations({ identifier: "Block" })
