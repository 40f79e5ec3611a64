import * as Effect from "effect/Effect"
import type * as Account from "../../../src/domain/Account.js"
import * as Amount from "../../../src/domain/Amount.js"
import type * as Asset from "../../../src/domain/Asset.js"
import * as Deltas from "../../../src/domain/Deltas.js"
import type * as Entry from "../../../src/domain/Entry.js"
import type * as Instruction from "../../../src/domain/Instruction.js"
import * as Outcome from "../../../src/domain/Outcome.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as Simulation from "../../../src/sim/Simulation.js"
import * as World from "../../../src/sim/World.js"
import * as Layers from "../../../src/testing/Layers.js"
import * as Venue from "../../../src/venue/Venue.js"
import * as VenueRegistry from "../../../src/venue/VenueRegistry.js"
import * as Morpho from "../../../src/venues/morpho/Simulated.js"

export const start = Timestamp.unsafe("2024-06-01T00:00:00Z")

export const wallet: Account.Account = "wallet:wallet"

export const position: Account.Account = "morpho:position"

export const layer = (data: Layers.Literal, balances: Layers.Balances, config: Morpho.Config = {}) =>
  Layers.world({ at: start, data, balances, venues: [Morpho.layer(config)] })

const venue = Effect.flatMap(VenueRegistry.VenueRegistry, (registry) => registry.get("morpho"))

export const instruction = (
  action: Instruction.Action,
  token: Asset.Asset,
  quantity: string,
  market?: Instruction.SmartContractAction["market"]
): Instruction.SmartContractAction => ({
  instructionType: "smart_contract_action",
  protocol: { venue: "morpho", sub: undefined },
  action,
  token,
  amount: quantity === "max" ? quantity : Amount.unsafe(quantity),
  ...(market === undefined ? {} : { market })
})

let next = 0

/** Prepares and submits one action as the manager does. */
export const act = Effect.fnUntraced(function*(at: Timestamp.Timestamp, asked: Instruction.SmartContractAction) {
  const { action } = yield* venue
  const intent: Venue.Intent<Instruction.SmartContractAction> = { operationId: `op-${next++}`, at, instruction: asked }
  const call = yield* action!.prepare(intent)
  return (yield* action!.submit(Venue.journaled(intent, call))).receipt
})

export const accruals = Effect.fnUntraced(function*(until: Timestamp.Timestamp) {
  return yield* (yield* venue).accruals(until)
})

export const world = Effect.flatMap(Simulation.Simulation, (simulation) => simulation.world)

export const balance = (account: Account.Account, asset: Asset.Asset): Effect.Effect<string, never, Simulation.Simulation> =>
  Effect.map(world, (then) => Amount.format(World.balance(then, account, asset)))

/** Deltas of ledger lines as text. */
export const deltas = (entries: ReadonlyArray<Entry.Entry>): unknown =>
  Object.fromEntries(Object.entries(Deltas.fromEntries(entries)).map(([name, assets]) => [
    name,
    Object.fromEntries(Object.entries(assets).map(([asset, amount]) => [asset, Amount.format(amount)]))
  ]))

/** The refusal that an effect ends with; a success is a failure of the test. */
export const refusal = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<Outcome.Rejected | Outcome.NotSent, unknown, R> =>
  Effect.flatMap(Effect.flip(self), (error) =>
    error instanceof Outcome.Rejected || error instanceof Outcome.NotSent ? Effect.succeed(error) : Effect.fail(error))
