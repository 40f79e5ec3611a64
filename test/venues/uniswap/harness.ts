import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Account from "../../../src/domain/Account.js"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Entry from "../../../src/domain/Entry.js"
import type * as Instruction from "../../../src/domain/Instruction.js"
import * as Outcome from "../../../src/domain/Outcome.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as Gas from "../../../src/sim/Gas.js"
import * as Simulation from "../../../src/sim/Simulation.js"
import * as World from "../../../src/sim/World.js"
import * as Layers from "../../../src/testing/Layers.js"
import * as Venue from "../../../src/venue/Venue.js"
import * as VenueRegistry from "../../../src/venue/VenueRegistry.js"
import * as Config from "../../../src/venues/uniswap/Config.js"
import * as Simulated from "../../../src/venues/uniswap/Simulated.js"
import * as Wallet from "../../../src/venues/wallet/Simulated.js"

const begin = "2024-06-01T00:00:00Z"
export const at = Timestamp.unsafe(begin)
export const wallet = Account.make("wallet", "wallet")

const data: Layers.Literal = {
  "dex.uniswap.WETH/USDT": { [begin]: "3000", "2024-06-01T08:00:00Z": "3000", "2024-06-01T16:00:00Z": "3300" },
  "dex.weETH/ETH": { [begin]: "1.0389" },
  "price.ETH": { [begin]: "3001" },
  "gas.ethereum.gwei": { [begin]: "10" }
}

export const balances: Layers.Balances = { [wallet]: { WETH: "100", USDT: "500000.123456", weETH: "20", ETH: "1" } }

const config = (json: typeof Config.Config.Encoded): Config.Config => Schema.decodeSync(Config.Config)(json)

interface Setup {
  readonly uniswap?: typeof Config.Config.Encoded
  readonly gas?: Gas.Config
  readonly balances?: Layers.Balances
  readonly data?: Layers.Literal
}

export const world = (setup: Setup = {}) => ({
  at,
  data: setup.data ?? data,
  balances: setup.balances ?? balances,
  ...(setup.gas === undefined ? {} : { gas: setup.gas }),
  venues: [Simulated.layer(config(setup.uniswap ?? {})), Wallet.layer()]
})

export const layer = (setup: Setup = {}) => Layers.world(world(setup))

export const swap = (token: string, tokenOut: string, amount: Instruction.Quantity, more: Partial<Venue.Swap> = {}): Venue.Swap => ({
  instructionType: "smart_contract_action",
  protocol: { venue: "uniswap", sub: undefined },
  action: "swap",
  token,
  tokenOut,
  amount,
  ...more
})

export const amount = Amount.unsafe

const capability = Effect.map(Effect.flatMap(VenueRegistry.VenueRegistry, (registry) => registry.get("uniswap")), (venue) => venue.swap!)

export const arrival = (instruction: Venue.Swap, when = at) => Effect.flatMap(capability, (swap) => swap.arrival(instruction, when))

export const done = Effect.fnUntraced(function*(instruction: Venue.Swap, options: { readonly at?: number; readonly bound?: string } = {}) {
  const swap = yield* capability
  const intent: Venue.Intent<Venue.Swap> = {
    operationId: "op",
    at: options.at ?? at,
    instruction,
    ...(options.bound === undefined ? {} : { bound: Decimal.unsafe(options.bound) })
  }
  const call = yield* swap.prepare(intent)
  const outcome = yield* swap.submit(Venue.journaled(intent, call))
  assert(outcome instanceof Outcome.Settled)
  assert.deepStrictEqual(Entry.imbalance(outcome.receipt.entries), [])
  return outcome.receipt
})

export const holds = (asset: string, account: Account.Account = wallet) =>
  Effect.flatMap(Simulation.Simulation, ({ world }) => Effect.map(world, (now) => Amount.format(World.balance(now, account, asset))))

export const later = (hours: number) => at + hours * Timestamp.hour
