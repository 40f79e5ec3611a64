/**
 * From the results of operations to the report of their block.
 *
 * @since 0.1.0
 */
import * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as OperationResult from "./OperationResult.js"

/**
 * The report of a call, and the error that stopped its block where one did.
 *
 * @category models
 * @since 0.1.0
 */
export interface BlockResult {
  readonly report: ExecutionReport.ExecutionReport
  readonly error: EimError.EimError | undefined
}

/**
 * What a call came to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parts {
  readonly timestamp: Timestamp.Timestamp
  readonly triggerSource: ExecutionReport.TriggerSource
  readonly blockId: string | undefined
  /** In the order in which they were carried out. */
  readonly results: ReadonlyArray<OperationResult.OperationResult>
  readonly accruals: ReadonlyArray<Outcome.Accrual>
  /** Whether something beside the operations failed: a log or a journal that could not be written. */
  readonly degraded: boolean
  readonly error: EimError.EimError | undefined
}

const deltasOf = (operations: ReadonlyArray<ExecutionReport.OperationReport>, accruals: ReadonlyArray<Outcome.Accrual>): Deltas.Deltas =>
  operations.length === 1 && accruals.length === 0
    ? operations[0]!.deltas
    : Deltas.combine([...operations.map(({ deltas }) => deltas), ...accruals.map(({ entries }) => Deltas.fromEntries(entries))])

/**
 * The net change of operations and accruals, and the rest of the report, operations in the order of the block. Deltas
 * that do not balance are left out, and the report is degraded.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ accruals, blockId, degraded, error, results, timestamp, triggerSource }: Parts): BlockResult => {
  const operations = results.map(({ report }) => report)
  if (operations.length > 1) operations.sort((a, b) => a.index - b.index)
  const unbalanced = results.some(({ fault }) => fault !== undefined)
  return {
    report: {
      timestamp,
      triggerSource,
      blockId,
      deltas: unbalanced ? Deltas.empty : deltasOf(operations, accruals),
      operations,
      accruals,
      positions: operations.length === 1 ? operations[0]!.positions : operations.flatMap(({ positions }) => positions),
      degraded: degraded || unbalanced || results.some((result) => result.degraded),
      replayed: operations.length > 0 && operations.every(({ replayed }) => replayed),
      ...(error === undefined ? {} : { error: EimError.info(error) })
    },
    error
  }
}
