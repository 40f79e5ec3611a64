/**
 * Simulated contracts: steps of the world that know nothing of transactions and pay no gas. A transaction runs one of
 * them, or several as one: see `Transaction`.
 *
 * @since 0.1.0
 */
import type * as Either from "effect/Either"
import type * as Account from "../domain/Account.js"
import type * as Amount from "../domain/Amount.js"
import type * as Asset from "../domain/Asset.js"
import type * as Instruction from "../domain/Instruction.js"
import type { Json } from "../domain/Json.js"
import type * as MarketSnapshot from "../domain/MarketSnapshot.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Venue from "../venue/Venue.js"
import type * as Gas from "./Gas.js"
import type * as Refusal from "./Refusal.js"
import type * as World from "./World.js"

/**
 * What a call came to: a receipt without gas.
 *
 * @category models
 * @since 0.1.0
 */
export interface Effects extends Omit<Outcome.Receipt, "at"> {
  /** Transactions that it takes when it stands alone, approvals first. */
  readonly gas: ReadonlyArray<Gas.Operation>
  /**
   * What came out into the wallet, counted as its caller can rely on before it runs: exactly for a loan or a withdrawal,
   * the least amount that was accepted for a swap. It is what `output_of` stands for.
   */
  readonly output?: { readonly asset: Asset.Asset; readonly amount: Amount.Amount } | undefined
}

/** The world after a step, and what the step came to. @category models @since 0.1.0 */
export interface Stepped {
  readonly world: World.World
  readonly value: Effects
}

/**
 * A checked call. `run` is a plain function of the world; a refusal leaves everything as it was.
 *
 * @category models
 * @since 0.1.0
 */
export interface Step {
  readonly wire: { readonly [key: string]: Json }
  readonly run: (
    world: World.World,
    snapshot: MarketSnapshot.MarketSnapshot
  ) => Either.Either<Stepped, Refusal.Refusal>
}

/**
 * The contracts of one venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contract {
  readonly venue: Account.VenueId
  readonly actions: ReadonlySet<Instruction.Action>
  /** Checks a call and cuts its amounts to what the contracts count in. The world is not looked at. */
  readonly prepare: (intent: Venue.Intent<Instruction.SmartContractAction>) => Either.Either<Step, Refusal.Refusal>
  /** Why the transaction may not end here: a flash loan that was not given back. */
  readonly open?: ((world: World.World) => Refusal.Refusal | undefined) | undefined
}
