/**
 * Transactions of the simulation: one call, or a group of calls that happen together or not at all. Gas is paid once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Instruction from "../domain/Instruction.js"
import type * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Outcome from "../domain/Outcome.js"
import * as Venue from "../venue/Venue.js"
import type * as Contract from "./Contract.js"
import * as Gas from "./Gas.js"
import * as Refusal from "./Refusal.js"
import type * as Simulation from "./Simulation.js"
import * as World from "./World.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

const receiptOf = (
  at: number,
  { gas: _gas, output: _output, ...receipt }: Contract.Effects,
  charge: Gas.Charge | undefined
): Outcome.Receipt => ({
  ...receipt,
  at,
  entries: charge === undefined ? receipt.entries : [...charge.entries, ...receipt.entries],
  costs: charge === undefined ? receipt.costs : [...charge.costs, ...receipt.costs],
  detail: charge === undefined ? receipt.detail : { ...receipt.detail, ...charge.detail }
})

/**
 * One call as a transaction of its own.
 *
 * @category combinators
 * @since 0.1.0
 */
export const single = (
  gas: Gas.Settings,
  step: Contract.Step,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<Simulation.Stepped<Outcome.Receipt>> => {
  const ran = step.run(world, snapshot)
  if (Either.isLeft(ran)) return Either.left(ran.left)
  const { value, world: after } = ran.right
  const charge = Gas.charge(gas, after, snapshot, value.gas)
  if (Either.isLeft(charge)) return Either.left(charge.left)
  return Either.map(World.post(after, charge.right.entries), (paid) => ({
    world: paid,
    value: receiptOf(snapshot.at, value, charge.right)
  }))
}

/**
 * The capability of a venue whose actions are calls of its contracts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const capability = (
  contract: Contract.Contract,
  gas: Gas.Settings,
  simulation: Simulation.Simulation["Type"]
): Venue.Capability<Instruction.SmartContractAction> & { readonly actions: ReadonlySet<Instruction.Action> } => ({
  ...Venue.capability<Instruction.SmartContractAction, Contract.Step>({
    prepare: (intent) =>
      Either.mapBoth(contract.prepare(intent), {
        onLeft: Refusal.toNotSent,
        onRight: (step) => ({ wire: step.wire, payload: step })
      }),
    submit: (step, { at }) =>
      Effect.map(
        simulation.step(at, (world, snapshot) => single(gas, step, world, snapshot)),
        (receipt) => new Outcome.Settled({ receipt })
      ),
    resolve: simulation.resolve
  }),
  actions: contract.actions
})
