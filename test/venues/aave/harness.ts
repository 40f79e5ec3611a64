import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Memory from "../../../src/data/DataProvider/Memory.js"
import type * as DataProvider from "../../../src/data/DataProvider.js"
import type * as Table from "../../../src/data/Table.js"
import * as Account from "../../../src/domain/Account.js"
import * as Amount from "../../../src/domain/Amount.js"
import type * as Asset from "../../../src/domain/Asset.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Deltas from "../../../src/domain/Deltas.js"
import type * as Entry from "../../../src/domain/Entry.js"
import type * as Instruction from "../../../src/domain/Instruction.js"
import * as Outcome from "../../../src/domain/Outcome.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as Gas from "../../../src/sim/Gas.js"
import * as Simulation from "../../../src/sim/Simulation.js"
import * as World from "../../../src/sim/World.js"
import * as Venue from "../../../src/venue/Venue.js"
import * as VenueRegistry from "../../../src/venue/VenueRegistry.js"
import * as Aave from "../../../src/venues/aave/Simulated.js"
import * as Wallet from "../../../src/venues/wallet/Simulated.js"

export const at = Timestamp.unsafe

export const amount = Amount.unsafe

export const wallet = Account.make("wallet", "wallet")

export const position = Account.make("aave", "position")

/** Values of a series at the instants of the others, or at its own. */
export const series = (name: string, values: { readonly [time: string]: string }): Table.Series => ({
  name,
  observations: Object.entries(values).map(([time, value]) => ({ at: at(time), value: Decimal.unsafe(value) }))
})

export interface Setup {
  readonly aave?: Aave.Config
  readonly wallet?: Wallet.Config
  readonly gas?: Gas.Config
  readonly at?: string
  readonly opening?: { readonly [account: Account.Account]: { readonly [asset: Asset.Asset]: string } }
}

const openings = (opening: NonNullable<Setup["opening"]>): NonNullable<Simulation.Options["opening"]> =>
  Object.entries(opening).flatMap(([account, assets]) =>
    Object.entries(assets).map(([asset, text]) => ({ account: account as Account.Account, asset, amount: amount(text) })))

/** Wallet and Aave over data, gas free unless it is set. */
export const over = <E, R>(
  data: Layer.Layer<DataProvider.DataProvider, E, R>,
  setup: Setup
): Layer.Layer<
  VenueRegistry.VenueRegistry | Simulation.Simulation | Gas.Gas | DataProvider.DataProvider,
  E | VenueRegistry.DuplicateVenue,
  R
> =>
  Layer.mergeAll(Aave.layer(setup.aave), Wallet.layer(setup.wallet)).pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        VenueRegistry.layer,
        Simulation.layer({
          ...(setup.at === undefined ? {} : { at: at(setup.at) }),
          ...(setup.opening === undefined ? {} : { opening: openings(setup.opening) })
        }),
        Gas.layer(setup.gas ?? { priceGwei: Decimal.zero })
      )
    ),
    Layer.provideMerge(data)
  )

export const layer = (data: ReadonlyArray<Table.Series>, setup: Setup) => over(Memory.layer(data), setup)

export const venue = Effect.fnUntraced(function*(id: Account.VenueId) {
  const registry = yield* VenueRegistry.VenueRegistry
  return yield* registry.get(id)
})

type Capable = "supply" | "withdraw" | "borrow" | "repay" | "wrap" | "unwrap" | "stake" | "set_collateral" | "set_emode" | "flash_borrow" | "flash_repay"

let next = 0

/** Prepares and submits one action as the manager does. */
export const act = Effect.fnUntraced(function*(
  time: Timestamp.Timestamp,
  protocol: "aave" | "wallet",
  action: Capable,
  token: Asset.Asset,
  quantity: Instruction.Quantity | undefined,
  rest: Partial<Instruction.SmartContractAction> = {}
) {
  const { action: capability } = yield* venue(protocol)
  if (capability === undefined) return yield* Effect.dieMessage("the venue has no actions")
  const intent: Venue.Intent<Instruction.SmartContractAction> = {
    operationId: `op-${next++}`,
    at: time,
    instruction: {
      instructionType: "smart_contract_action",
      protocol: { venue: protocol, sub: undefined },
      action,
      token,
      amount: quantity,
      ...rest
    }
  }
  const call = yield* capability.prepare(intent)
  const success = yield* capability.submit(Venue.journaled(intent, call))
  return success.receipt
})

export const accruals = Effect.fnUntraced(function*(time: Timestamp.Timestamp) {
  return yield* (yield* venue("aave")).accruals(time)
})

export const world = Effect.flatMap(Simulation.Simulation, (simulation) => simulation.world)

export const balance = (account: Account.Account, asset: Asset.Asset): Effect.Effect<string, never, Simulation.Simulation> =>
  Effect.map(world, (then) => Amount.format(World.balance(then, account, asset)))

/** Deltas of ledger lines as text. */
export const deltas = (entries: ReadonlyArray<Entry.Entry>): unknown => {
  const text: Record<string, Record<string, string>> = {}
  const all = Deltas.fromEntries(entries)
  for (const name in all) {
    text[name] = {}
    for (const asset in all[name]) text[name][asset] = Amount.format(all[name]![asset]!)
  }
  return text
}

/** The refusal that an effect ends with; a success is a failure of the test. */
export const refusal = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<Outcome.Rejected | Outcome.NotSent, unknown, R> =>
  Effect.flatMap(Effect.flip(self), (error) =>
    error instanceof Outcome.Rejected || error instanceof Outcome.NotSent ? Effect.succeed(error) : Effect.fail(error))

/** The sum of every asset over all accounts that is not zero. */
export const unbalanced = (then: World.World): ReadonlyArray<readonly [Asset.Asset, Amount.Amount]> => {
  const sums = new Map<Asset.Asset, Amount.Amount>()
  for (const held of World.holdings(then)) sums.set(held.asset, (sums.get(held.asset) ?? 0n) + held.amount)
  return [...sums].filter(([, sum]) => sum !== 0n)
}
