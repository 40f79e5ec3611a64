/**
 * A program around the manager: a venue of its own, a service that uses it, one runtime.
 *
 * Run it with `npx tsx docs/examples/composition.ts`.
 */
import { NodeContext } from "@effect/platform-node"
import { Context, Effect, Either, Layer, ManagedRuntime } from "effect"
import { Amount, Backtest, type Deltas, type EimError, Entry, ExecutionInterfaceManager, ExecutionReport, type Instruction, Outcome, Timestamp, Venue, VenueRegistry } from "execution-interface-manager"
import * as Embedded from "execution-interface-manager/data/Embedded"
import * as Refusal from "execution-interface-manager/sim/Refusal"
import * as Simulation from "execution-interface-manager/sim/Simulation"
import * as World from "execution-interface-manager/sim/World"

export const vault = Effect.map(Simulation.Simulation, (simulation): Venue.Venue => ({
  id: "vault", family: "onchain", accounts: ["position"], accruals: Venue.noAccruals,
  portfolio: () => Effect.map(simulation.world, (world) => ({
    holdings: World.holdings(world).filter(({ account }) => account === "vault:position"),
    positions: []
  })),
  action: { actions: new Set(["supply"]), ...Venue.capability<Instruction.SmartContractAction, bigint>({
    prepare: ({ instruction: { amount } }) => typeof amount === "bigint"
      ? Effect.succeed({ wire: { amount: Amount.format(amount) }, payload: amount })
      : Effect.fail(new Outcome.NotSent({ reason: "invalid", message: "the vault takes amounts only", retry: "never", field: "amount" })),
    submit: (amount, { at, instruction: { token } }) => simulation.step(at, (world) => {
      const held = World.balance(world, "wallet:wallet", token)
      if (amount > held) return Either.left(Refusal.insufficientBalance("wallet:wallet", token, held, amount))
      const entries = [...Entry.move("wallet:wallet", "issuer:vault", token, amount, "supply"), ...Entry.move("issuer:vault", "vault:position", `vault${token}`, amount, "supply")]
      return Either.map(World.post(world, entries), (world) => ({ world, value: new Outcome.Settled({ receipt: { ...Outcome.emptyReceipt(at), entries } }) }))
    }),
    resolve: () => Effect.succeed(new Outcome.Settled({ receipt: Outcome.emptyReceipt(0) }))
  }) }
}))

class Treasury extends Context.Tag("app/Treasury")<Treasury, { readonly park: (amount: string) => Effect.Effect<Deltas.Deltas, EimError.EimError> }>() {
  static readonly layer = Layer.effect(Treasury, Effect.map(ExecutionInterfaceManager.ExecutionInterfaceManager, (eim) => ({
    park: (amount) => eim.routeInstruction(Timestamp.unsafe("2024-06-01T00:00:00Z"), { instructions: ["aave", "vault"].map((protocol) => ({ instruction_type: "smart_contract_action", protocol, action: "supply", token: "USDT", amount })) })
  })))
}

const runtime = ManagedRuntime.make(Treasury.layer.pipe(
  Layer.provide(Backtest.layer({ balances: { wallet: { USDT: Amount.unsafe("1000"), ETH: Amount.unsafe("1") } }, venues: { vault: VenueRegistry.venue({ id: "vault", family: "onchain", make: vault }) } })),
  Layer.provide(Embedded.layer().pipe(Layer.provide(NodeContext.layer)))
))

console.log(ExecutionReport.deltasToJson(await runtime.runPromise(Effect.flatMap(Treasury, (treasury) => treasury.park("250")))))
await runtime.dispose()
