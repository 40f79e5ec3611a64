import { describe, it } from "@effect/vitest"
import { Timestamp } from "execution-interface-manager"
import * as Layers from "execution-interface-manager/testing/Layers"
import * as VenueLaws from "execution-interface-manager/testing/VenueLaws"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const world = (balances: Layers.Balances) =>
  Layers.world({
    at,
    data: {
      "price.ETH": "3000",
      "perp.binance.ETH": "3001",
      "funding.binance.ETH": { "2024-06-01T08:00:00Z": "0.0001", "2024-06-01T16:00:00Z": "-0.0002" }
    },
    balances,
    venues: [Binance.layer()]
  })

const trade = (type: string, side: string, amount: string) => ({
  instruction_type: "cex_trade", venue: "binance", trade_type: type, side, symbol: "ETHUSDT", amount
})

const subject = {
  venue: "binance",
  layer: world({ "binance:spot": { ETH: "2", USDT: "1000" }, "binance:perp": { USDT: "5000" } }),
  empty: world({}),
  at,
  later: [8, 12, 16].map((hours) => at + hours * Timestamp.hour),
  standing: [trade("perp", "sell", "1")],
  cases: [
    { name: "sells", instruction: trade("spot", "sell", "1.5") },
    { name: "sells all", instruction: trade("spot", "sell", "max") },
    { name: "buys too much", instruction: trade("spot", "buy", "700") },
    { name: "goes short", instruction: trade("perp", "sell", "1") }
  ],
  untested: { internal: "has tests of its own", send: "needs a wallet" }
}

describe("binance obeys", () => {
  for (const check of VenueLaws.checks(subject)) {
    it.effect(check.name, () => VenueLaws.verify(subject, check))
  }
})
