import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as Layers from "../../../src/testing/Layers.js"
import * as VenueLaws from "../../../src/testing/VenueLaws.js"
import * as Morpho from "../../../src/venues/morpho/Simulated.js"
import * as Wallet from "../../../src/venues/wallet/Simulated.js"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")
const later = [1, 8.5, 9, 24, 31].map((hours) => at + hours * Timestamp.hour)

const data: Layers.Literal = {
  "price.ETH": "3000",
  "price.BTC": "60000",
  "gas.ethereum.gwei": "20",
  // Falls by 8 % on the second day: a position at the edge is liquidated.
  "oracle.weETH/ETH": { "2024-06-01T00:00:00Z": "1.04", "2024-06-01T20:15:00Z": "0.96" },
  "oracle.wstETH/ETH": "1.17"
}

const action = (action: string, token: string, amount: string, market?: string) => ({
  instruction_type: "smart_contract_action",
  protocol: "morpho",
  action,
  token,
  amount,
  ...(market === undefined ? {} : { market })
})

const edge = "weETH-WETH-94.5"
const venues = [Wallet.layer(), Morpho.layer({ markets: { "wstETH-USDC-86": { fee: Decimal.unsafe("0.1") } } })]
const balances: Layers.Balances = { "wallet:wallet": { ETH: "20", WETH: "200.123456789012345678", weETH: "100", USDC: "50000.123456" } }

const pledge = action("supply_collateral", "weETH", "10", edge)
const loan = action("borrow", "WETH", "9.7", edge)
const supplied = action("supply", "WETH", "33.3", edge)

const subject: VenueLaws.Subject<unknown> = {
  venue: "morpho",
  layer: Layers.world({ at, data, balances, gas: {}, venues }),
  empty: Layers.world({ at, data, gas: {}, venues }),
  at,
  later,
  standing: [pledge, loan, action("supply", "USDC", "1234.567891", "wstETH-USDC-86"), supplied],
  cases: [
    { name: "supplies", instruction: supplied },
    { name: "supplies all", instruction: action("supply", "USDC", "max", "WBTC-USDC-86") },
    { name: "supplies more than there is", instruction: action("supply", "WETH", "900", edge) },
    { name: "supplies without saying where", instruction: action("supply", "WETH", "1") },
    { name: "withdraws", setup: [supplied], instruction: action("withdraw", "WETH", "3.21", edge) },
    { name: "withdraws all", setup: [supplied], instruction: action("withdraw", "WETH", "max", edge) },
    { name: "withdraws more than there is", setup: [supplied], instruction: action("withdraw", "WETH", "33.4", edge) },
    { name: "brings collateral", instruction: pledge },
    { name: "brings all as collateral", instruction: action("supply_collateral", "weETH", "max", edge) },
    { name: "takes collateral back", setup: [pledge], instruction: action("withdraw_collateral", "weETH", "4", edge) },
    { name: "takes all collateral back", setup: [pledge], instruction: action("withdraw_collateral", "weETH", "max", edge) },
    { name: "takes back what carries a debt", setup: [pledge, loan], instruction: action("withdraw_collateral", "weETH", "1", edge) },
    { name: "borrows", setup: [pledge], instruction: loan },
    { name: "borrows too much", setup: [pledge], instruction: action("borrow", "WETH", "9.9", edge) },
    { name: "borrows on nothing", instruction: loan },
    { name: "repays", setup: [pledge, loan], instruction: action("repay", "WETH", "1.5", edge) },
    { name: "repays all", setup: [pledge, loan], instruction: action("repay", "WETH", "max", edge) },
    { name: "repays more than is owed", setup: [pledge, loan], instruction: action("repay", "WETH", "9.8", edge) }
  ]
}

describe("the laws of venues: morpho", () => {
  for (const check of VenueLaws.checks(subject)) {
    it.effect(check.name, () =>
      Effect.map(VenueLaws.verify(subject, check), (verdict) => {
        assert.strictEqual(verdict._tag, "Held", VenueLaws.format([verdict]))
      }))
  }
})
