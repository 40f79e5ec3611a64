/**
 * What became of a block, operation by operation.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "./Account.js"
import * as Amount from "./Amount.js"
import * as Decimal from "./Decimal.js"
import * as Deltas from "./Deltas.js"
import * as EimError from "./EimError.js"
import type * as Entry from "./Entry.js"
import type * as Instruction from "./Instruction.js"
import type { Json } from "./Json.js"
import * as Outcome from "./Outcome.js"
import * as Timestamp from "./Timestamp.js"

/**
 * How an operation stands. `partial`: settled with less than was asked. `skipped`: not started, because an earlier one
 * of the block did not go through.
 *
 * @category models
 * @since 0.1.0
 */
export type Status =
  | "settled"
  | "partial"
  | "pending"
  | "rejected"
  | "not_sent"
  | "unknown"
  | "rolled_back"
  | "skipped"

/**
 * Who asked: the program that runs, a person, or a repetition of an intent that was sent before.
 *
 * @category models
 * @since 0.1.0
 */
export type TriggerSource = "execution_manager" | "manual" | "retry"

/** Every trigger source there is. @category constants @since 0.1.0 */
export const triggerSources: ReadonlyArray<TriggerSource> = ["execution_manager", "manual", "retry"]

/** Whether a value of an untyped caller is a trigger source. @category guards @since 0.1.0 */
export const isTriggerSource = (value: unknown): value is TriggerSource => triggerSources.some((source) => source === value)

/**
 * What became of one instruction.
 *
 * @category models
 * @since 0.1.0
 */
export interface OperationReport {
  readonly index: number
  readonly operationId: string
  readonly instructionType: Instruction.InstructionType
  readonly venue: Account.VenueId
  readonly status: Status
  /** Times it was submitted, 0 where it never was. */
  readonly attempts: number
  readonly deltas: Deltas.Deltas
  /** The same by account: `binance:spot` apart from `binance:perp`. */
  readonly accounts: Deltas.Deltas
  readonly entries: ReadonlyArray<Entry.Entry>
  readonly fills: ReadonlyArray<Outcome.Fill>
  readonly costs: ReadonlyArray<Outcome.Cost>
  readonly positions: ReadonlyArray<Outcome.PositionChange>
  readonly slippage?: Outcome.Slippage | undefined
  /** Per token, over all venues: what happened less what `estimated_deltas` said. */
  readonly deviation?: { readonly [asset: string]: Amount.Amount } | undefined
  readonly handle?: Outcome.Handle | undefined
  readonly detail: { readonly [key: string]: Json }
  readonly error?: EimError.Info | undefined
  /** Whether nothing was sent because the intent had been executed before; its deltas are then empty. */
  readonly replayed: boolean
  /** The report of the execution that is replayed. */
  readonly recorded?: OperationReport | undefined
}

/**
 * What became of a block.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExecutionReport {
  readonly timestamp: Timestamp.Timestamp
  readonly triggerSource: TriggerSource
  readonly blockId?: string | undefined
  /** Net change by the operations and the accruals together. */
  readonly deltas: Deltas.Deltas
  readonly operations: ReadonlyArray<OperationReport>
  readonly accruals: ReadonlyArray<Outcome.Accrual>
  readonly positions: ReadonlyArray<Outcome.PositionChange>
  /** Whether something beside the execution failed: a log that could not be written, deltas that do not balance. */
  readonly degraded: boolean
  /** Whether every operation is a replay. */
  readonly replayed: boolean
  readonly error?: EimError.Info | undefined
}

/** Whether every operation is settled or under way. @category guards @since 0.1.0 */
export const isComplete = (report: ExecutionReport): boolean =>
  report.operations.every((operation) =>
    operation.status === "settled" || operation.status === "partial" || operation.status === "pending"
  )

/**
 * The report of a block in which every operation went through or is under way, or the error that stopped it, with the
 * report.
 *
 * @category combinators
 * @since 0.1.0
 */
export const orFail = (report: ExecutionReport): Either.Either<ExecutionReport, EimError.OperationError> =>
  report.error === undefined ? Either.right(report) : Either.left(EimError.withReport(EimError.fromInfo(report.error), report))

const sortedKeys = (record: object): ReadonlyArray<string> => {
  const keys = Object.keys(record)
  if (keys.length < 2) return keys
  return keys.length === 2 && keys[0]! < keys[1]! ? keys : keys.sort()
}

type DeltasJson = { readonly [venue: string]: { readonly [asset: string]: string } }

const rowToJson = (row: Deltas.Deltas[string]): DeltasJson[string] => {
  const assets: Record<string, string> = {}
  for (const asset of sortedKeys(row)) assets[asset] = Amount.format(row[asset]!)
  return assets
}

/**
 * Deltas as JSON: amounts as decimal text in whole units, venues and assets in alphabetical order.
 *
 * @category combinators
 * @since 0.1.0
 */
export const deltasToJson = (deltas: Deltas.Deltas): DeltasJson => {
  const json: Record<string, DeltasJson[string]> = {}
  for (const venue of sortedKeys(deltas)) json[venue] = rowToJson(deltas[venue]!)
  return json
}

/** Deltas by account; where a venue changed at one account only, its line is that of the venue. */
const accountsToJson = (accounts: Deltas.Deltas, deltas: Deltas.Deltas, known: DeltasJson): DeltasJson => {
  const json: Record<string, DeltasJson[string]> = {}
  for (const account of sortedKeys(accounts)) {
    const venue = Account.venue(account as Account.Account)
    json[account] = deltas[venue] === accounts[account] ? known[venue]! : rowToJson(accounts[account]!)
  }
  return json
}

const costToJson = (cost: Outcome.Cost) => ({
  kind: cost.kind,
  venue: cost.venue,
  token: cost.asset,
  amount: Amount.format(cost.amount)
})

const costsToJson = (costs: ReadonlyArray<Outcome.Cost>, kind: Outcome.Cost["kind"]): ReadonlyArray<Json> => {
  const json: Array<Json> = []
  for (const cost of costs) if (cost.kind === kind) json.push(costToJson(cost))
  return json
}

/**
 * A perpetual position as JSON, size and entry price as decimal text; of a change also what changed and what was
 * realised.
 *
 * @category combinators
 * @since 0.1.0
 */
export const positionToJson = (
  position: Outcome.Position | Outcome.PositionChange
): { readonly [key: string]: Json } => ({
  venue: position.venue,
  symbol: position.symbol,
  size: Amount.format(position.size),
  entry_price: Decimal.format(position.entryPrice),
  ...("change" in position
    ? { change: Amount.format(position.change), realised: Amount.format(position.realised) }
    : {})
})

/**
 * An error as JSON, the same wherever one is told: reports, events and health. Fields that it does not have are left
 * out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const errorToJson = (error: EimError.Info): { readonly [key: string]: Json } => ({
  code: error.code,
  severity: error.severity,
  message: error.message,
  resolution: error.resolution,
  retry: error.retry,
  ...(error.path === undefined ? {} : { path: error.path }),
  ...(error.expected === undefined ? {} : { expected: error.expected }),
  ...(error.actual === undefined ? {} : { actual: error.actual }),
  ...(error.operationId === undefined ? {} : { operation_id: error.operationId }),
  ...(error.venue === undefined ? {} : { venue: error.venue })
})

/**
 * An accrual as JSON: its ledger lines summed to deltas, its instant in RFC 3339.
 *
 * @category combinators
 * @since 0.1.0
 */
export const accrualToJson = (accrual: Outcome.Accrual): { readonly [key: string]: Json } => ({
  id: accrual.id,
  kind: accrual.kind,
  venue: accrual.venue,
  account: accrual.account,
  timestamp: Timestamp.format(accrual.at),
  deltas: deltasToJson(Deltas.fromEntries(accrual.entries)),
  detail: accrual.detail
})

/**
 * A liquidation as JSON: instant, venue and account, what was closed at which price, and what it cost. All keys are
 * always there.
 *
 * @category combinators
 * @since 0.1.0
 */
export const liquidationToJson = ({ account, at, id, liquidation, venue }: Outcome.LiquidationAccrual): { readonly [key: string]: Json } => ({
  id,
  timestamp: Timestamp.format(at),
  venue,
  account,
  symbol: liquidation.symbol,
  size: Amount.format(liquidation.size),
  price: Decimal.format(liquidation.price),
  price_in: liquidation.priceIn,
  margin_ratio: liquidation.marginRatio === undefined ? null : Decimal.format(liquidation.marginRatio),
  health_factor: liquidation.healthFactor === undefined ? null : Decimal.format(liquidation.healthFactor),
  repaid: liquidation.repaid === undefined
    ? null
    : { token: liquidation.repaid.asset, amount: Amount.format(liquidation.repaid.amount) },
  token: liquidation.asset,
  loss: Amount.format(liquidation.loss),
  penalty: Amount.format(liquidation.penalty),
  fee: Amount.format(liquidation.fee)
})

/**
 * The line of an operation as JSON, as `operations` of a report and the `operation` event have it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const operationToJson = (operation: OperationReport): { readonly [key: string]: Json } => {
  const deltas = deltasToJson(operation.deltas)
  return {
    index: operation.index,
    operation_id: operation.operationId,
    instruction_type: operation.instructionType,
    venue: operation.venue,
    status: operation.status,
    attempts: operation.attempts,
    replayed: operation.replayed,
    deltas,
    accounts: accountsToJson(operation.accounts, operation.deltas, deltas),
    fills: operation.fills.map((fill) => ({
      symbol: fill.symbol,
      side: fill.side,
      price: Decimal.format(fill.price),
      amount: Amount.format(fill.amount),
      liquidity: fill.liquidity
    })),
    fees: costsToJson(operation.costs, "fee"),
    gas: costsToJson(operation.costs, "gas"),
    positions: operation.positions.map(positionToJson),
    ...(operation.slippage === undefined
      ? {}
      : {
        slippage: {
          arrival_price: Decimal.format(operation.slippage.arrivalPrice),
          amount: Amount.format(operation.slippage.amount),
          token: operation.slippage.asset
        }
      }),
    ...(operation.deviation === undefined
      ? {}
      : { deviation: Object.fromEntries(Object.entries(operation.deviation).map(([asset, amount]) => [asset, Amount.format(amount)])) }),
    ...(operation.handle === undefined ? {} : { handle: operation.handle.reference }),
    detail: operation.detail,
    error: operation.error === undefined ? null : errorToJson(operation.error),
    ...(operation.recorded === undefined ? {} : { recorded: operationToJson(operation.recorded) })
  }
}

/** The report as JSON, all keys always there. @category combinators @since 0.1.0 */
export const toJson = (report: ExecutionReport): { readonly [key: string]: Json } => ({
  timestamp: Timestamp.format(report.timestamp),
  trigger_source: report.triggerSource,
  block_id: report.blockId ?? null,
  liquidations: Outcome.liquidations(report.accruals).map(liquidationToJson),
  deltas: deltasToJson(report.deltas),
  operations: report.operations.map(operationToJson),
  accruals: report.accruals.map(accrualToJson),
  positions: report.positions.map(positionToJson),
  degraded: report.degraded,
  replayed: report.replayed,
  error: report.error === undefined ? null : errorToJson(report.error)
})

/**
 * The report of an operation with what its outcome brought.
 *
 * @category constructors
 * @since 0.1.0
 */
export const operation = (
  head: Pick<OperationReport, "index" | "operationId" | "instructionType" | "venue" | "status" | "attempts">,
  receipt: Outcome.Receipt | undefined,
  rest: {
    readonly handle?: Outcome.Handle | undefined
    readonly error?: EimError.Info | undefined
    readonly deviation?: OperationReport["deviation"]
  } = {}
): OperationReport => {
  const { accounts, deltas } = receipt === undefined ? nothing : Deltas.ofEntries(receipt.entries)
  return {
    index: head.index,
    operationId: head.operationId,
    instructionType: head.instructionType,
    venue: head.venue,
    status: head.status,
    attempts: head.attempts,
    deltas,
    accounts,
    entries: receipt?.entries ?? [],
    fills: receipt?.fills ?? [],
    costs: receipt?.costs ?? [],
    positions: receipt?.positions ?? [],
    slippage: receipt?.slippage,
    deviation: rest.deviation,
    handle: rest.handle,
    detail: receipt?.detail ?? {},
    error: rest.error,
    replayed: false
  }
}

const nothing = { accounts: Deltas.empty, deltas: Deltas.empty }
