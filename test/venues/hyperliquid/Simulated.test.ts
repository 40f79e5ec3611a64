import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "../../sim/Exchange/fixtures.js"
import { amount, config, hours, perform, series } from "../../sim/Exchange/fixtures.js"

const data = [
  series("price.ETH", { 0: "3304.02", 1: "3310" }),
  series("perp.hyperliquid.ETH", { 0: "3304.02", 1: "3310", 2: "3305.5" }),
  series("funding.hyperliquid.ETH", { 0: "0.0000125", 1: "0.0000125", 2: "-0.00002" })
]

const trade = (trade_type: "spot" | "perp", side: string, n: string) =>
  fixtures.trade({ venue: "hyperliquid", trade_type, side, symbol: "ETHUSDC", amount: n })

const layer = (settings: object, balances: Parameters<typeof fixtures.layer>[2]) =>
  fixtures.layer(Hyperliquid.layer(config(settings)), data, balances)

describe("hyperliquid", () => {
  it.effect("settles funding every hour in USDC", () =>
    Effect.gen(function*() {
      const venue = yield* fixtures.venue("hyperliquid")
      yield* perform(venue.trade!, { operationId: "a", at: hours(0), instruction: trade("perp", "sell", "1") })
      const all = yield* venue.accruals(hours(3))
      assert.deepStrictEqual(all.map(({ at, detail }) => [at, detail["amount"]]), [
        [hours(1), "0.041375"],
        [hours(2), "-0.06611"]
      ])
      assert.deepStrictEqual(Deltas.fromEntries(all[0]!.entries), { hyperliquid: { USDC: amount("0.041375") } })
    }).pipe(Effect.provide(layer({}, { "hyperliquid:perp": { USDC: "1000" } }))))

  it.effect("prices to five significant figures", () =>
    Effect.gen(function*() {
      const venue = yield* fixtures.venue("hyperliquid")
      const perp = yield* perform(venue.trade!, { operationId: "a", at: hours(0), instruction: trade("perp", "sell", "1") })
      // 3304.02 × 0.9997 = 3303.028794.
      assert.strictEqual(Decimal.format(perp.receipt.fills[0]!.price), "3303")
      const spot = yield* perform(venue.trade!, { operationId: "b", at: hours(0), instruction: trade("spot", "buy", "0.1") })
      // 3304.02 × 1.0005 = 3305.67201.
      assert.strictEqual(Decimal.format(spot.receipt.fills[0]!.price), "3305.7")
      assert.deepStrictEqual(Deltas.fromEntries(spot.receipt.entries), {
        hyperliquid: { ETH: amount("0.09993"), USDC: amount("-330.57") }
      })
      assert.deepStrictEqual(perp.receipt.positions.map(({ quote, symbol }) => [symbol, quote]), [["ETHUSDC-PERP", "USDC"]])
    }).pipe(Effect.provide(layer({}, { "hyperliquid:perp": { USDC: "1000" }, "hyperliquid:spot": { USDC: "1000" } }))))

  it.effect("takes a tick that was set as it stands", () =>
    Effect.gen(function*() {
      const venue = yield* fixtures.venue("hyperliquid")
      const perp = yield* perform(venue.trade!, { operationId: "a", at: hours(0), instruction: trade("perp", "sell", "1") })
      assert.strictEqual(Decimal.format(perp.receipt.fills[0]!.price), "3303.028")
    }).pipe(Effect.provide(layer({ instruments: { perp: { ETHUSDC: { tick: "0.001" } } } }, { "hyperliquid:perp": { USDC: "1000" } }))))
})
