/**
 * What a backtest runs: a starting point, and what to do at each instant.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as DataProvider from "../../data/DataProvider.js"
import type * as ExecutionReport from "../../domain/ExecutionReport.js"
import type * as InstructionBlock from "../../domain/InstructionBlock.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as Positions from "./Positions.js"

/**
 * What a script does: blocks to execute, in order.
 *
 * @category models
 * @since 0.1.0
 */
export type Blocks = ReadonlyArray<InstructionBlock.Input>

/**
 * A script. `decide` is called at each data timestamp, or each `every`, with what is held by then; accruals have been
 * settled before. The data that it is given end at the instant of the call: a question beyond it fails with a
 * `DataError` that has `future`.
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

/**
 * Asks a script what it does at an instant. It is given positions and `data`, and no other service of the program. A
 * look-up of a name that nobody knows ends the decision, and is told beside what the script itself fails with.
 *
 * @category combinators
 * @since 0.1.0
 */
export const decide = <E>(
  script: Script<E>,
  time: Timestamp.Timestamp,
  positions: Positions.Positions,
  data: Context.Tag.Service<DataProvider.DataProvider>
): Effect.Effect<Either.Either<Blocks, Positions.LookupError>, E> =>
  Effect.suspend((): Effect.Effect<Either.Either<Blocks, Positions.LookupError>, E> => {
    const decided = script.decide(time, positions)
    return Effect.isEffect(decided)
      // Nothing else that the run is made of: a service of the simulation could be sent ahead in time.
      ? Effect.map(Effect.mapInputContext(decided, () => Context.make(DataProvider.DataProvider, data)), Either.right)
      : Effect.succeed(Either.right(decided))
  }).pipe(
    Effect.catchSomeDefect((defect) =>
      defect instanceof Positions.LookupError ? Option.some(Effect.succeed(Either.left(defect))) : Option.none())
  )
