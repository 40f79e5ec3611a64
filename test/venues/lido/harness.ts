import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Account from "../../../src/domain/Account.js"
import * as Amount from "../../../src/domain/Amount.js"
import type * as Asset from "../../../src/domain/Asset.js"
import * as Entry from "../../../src/domain/Entry.js"
import type * as Instruction from "../../../src/domain/Instruction.js"
import type * as Timestamp from "../../../src/domain/Timestamp.js"
import type * as Gas from "../../../src/sim/Gas.js"
import * as Simulation from "../../../src/sim/Simulation.js"
import * as World from "../../../src/sim/World.js"
import * as Layers from "../../../src/testing/Layers.js"
import * as Venue from "../../../src/venue/Venue.js"
import * as EtherFi from "../../../src/venues/etherfi/Simulated.js"
import * as Lido from "../../../src/venues/lido/Simulated.js"
import * as Wallet from "../../../src/venues/wallet/Simulated.js"
import { at, venue, wallet } from "../aave/harness.js"

export const start = "2024-06-01T00:00:00Z"

export interface Setup {
  readonly lido?: Lido.Config
  readonly etherfi?: EtherFi.Config
  readonly gas?: Gas.Config
  readonly balances?: Layers.Balances
}

/** Both staking protocols and the wallet over a literal, gas free unless it is set. */
export const layer = (data: Layers.Literal, setup: Setup = {}) =>
  Layers.world({
    at: at(start),
    data,
    balances: setup.balances ?? { "wallet:wallet": { ETH: "1000" } },
    gas: setup.gas,
    venues: [Lido.layer(setup.lido), EtherFi.layer(setup.etherfi), Wallet.layer()]
  })

export type Protocol = "lido" | "etherfi"

let next = 0

/** Prepares and submits one action as the manager does. */
export const act = Effect.fnUntraced(function*(
  time: Timestamp.Timestamp | string,
  protocol: Protocol,
  action: Instruction.Action,
  token: Asset.Asset,
  amount?: string | bigint,
  rest: Partial<Instruction.SmartContractAction> = {},
  bound?: Venue.Intent<unknown>["bound"]
) {
  const { action: capability } = yield* venue(protocol)
  if (capability === undefined) return yield* Effect.dieMessage("the venue has no actions")
  const intent: Venue.Intent<Instruction.SmartContractAction> = {
    operationId: `op-${next++}`,
    at: typeof time === "string" ? at(time) : time,
    bound,
    instruction: {
      instructionType: "smart_contract_action",
      protocol: { venue: protocol, sub: undefined },
      action,
      token,
      amount: amount === undefined || amount === "max" || typeof amount === "bigint" ? amount : Amount.unsafe(amount),
      ...rest
    }
  }
  const call = yield* capability.prepare(intent)
  const success = yield* capability.submit(Venue.journaled(intent, call))
  return success.receipt
})

export const accruals = Effect.fnUntraced(function*(protocol: Protocol, time: Timestamp.Timestamp | string) {
  return yield* (yield* venue(protocol)).accruals(typeof time === "string" ? at(time) : time)
})

/** Another venue moves an asset of the wallet: out of it, or into it where the amount is negative. */
export const elsewhere = Effect.fnUntraced(function*(time: string, asset: Asset.Asset, amount: string) {
  const simulation = yield* Simulation.Simulation
  const moved = Amount.unsafe(amount)
  const market = Account.contra("market", "elsewhere")
  const entries = moved > 0n
    ? Entry.move(wallet, market, asset, moved, "trade")
    : Entry.move(market, wallet, asset, -moved, "trade")
  yield* simulation.step(at(time), (world) => Either.map(World.post(world, entries), (after) => ({ world: after, value: undefined })))
})
