/**
 * What a backtest runs: a starting point, and what to do at each instant.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as DataProvider from "../../data/DataProvider.js"
import type * as ExecutionReport from "../../domain/ExecutionReport.js"
import type * as InstructionBlock from "../../domain/InstructionBlock.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Positions from "./Positions.js"

/**
 * What a script does: blocks to execute, in order.
 *
 * @category models
 * @since 0.1.0
 */
export type Blocks = ReadonlyArray<InstructionBlock.Input>

/**
 * A script. `decide` is called at each data timestamp, or each `every`, with what is held by then; what is due has
 * been settled before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Script<out E = never> {
  /** `{venue: {token: "decimal"}}`. Defaults to the initial capital of the config in the wallet. */
  readonly initialBalances?: { readonly [venue: string]: { readonly [token: string]: string } } | undefined
  /** Defaults to every data timestamp. Counted from the beginning of the run. */
  readonly every?: Duration.DurationInput | undefined
  readonly decide: (
    time: Timestamp.Timestamp,
    positions: Positions.Positions
  ) => Effect.Effect<Blocks, E, DataProvider.DataProvider> | Blocks
}

/**
 * The script, with its types inferred.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E = never>(script: Script<E>): Script<E> => script

/**
 * Blocks with their instants, in the order of time: the other form of a script.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scheduled {
  readonly timestamp: Timestamp.Timestamp
  readonly triggerSource: ExecutionReport.TriggerSource
  /** Nothing to execute: only what is due is settled. */
  readonly block: InstructionBlock.Input | undefined
}
