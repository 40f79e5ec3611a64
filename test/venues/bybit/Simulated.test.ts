import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "../../sim/Exchange/fixtures.js"
import { amount, config, free, perform, time } from "../../sim/Exchange/fixtures.js"
import * as golden from "../golden.js"

describe("bybit", () => {
  it.effect("pays a short of one ether the sum of rate × mark over 1,095 settlements of a year", () =>
    Effect.map(golden.holdShort("bybit", "bybit:unified"), ({ rates, settlements }) => {
      assert.strictEqual(settlements, 1095)
      assert.strictEqual(rates, "0.07832738")
    }).pipe(Effect.provide(golden.layer(Bybit.layer(config(free)), { "bybit:unified": { USDT: "10000" } }))))

  it.effect("trades spot and perpetuals out of one account", () =>
    Effect.gen(function*() {
      const bybit = yield* fixtures.venue("bybit")
      const at = time("2024-12-01T00:00:00Z")
      const bought = yield* perform(bybit.trade!, {
        operationId: "spot",
        at,
        instruction: fixtures.trade({ venue: "bybit_spot", trade_type: "spot", side: "buy", symbol: "ETH/USDT", amount: "1" })
      })
      // 3703.83 × 1.0005 = 3705.681915, up to 3705.69; fee 0.1 % of the ether.
      assert.deepStrictEqual(Deltas.fromEntries(bought.receipt.entries), {
        bybit: { ETH: amount("0.999"), USDT: amount("-3705.69") }
      })
      const sold = yield* perform(bybit.trade!, {
        operationId: "perp",
        at,
        instruction: fixtures.trade({ venue: "bybit_perp", trade_type: "perp", side: "SHORT", symbol: "ETHUSDT-PERP", amount: "1" })
      })
      // 3706.23 × 0.9997 = 3705.118131, down to 3705.11; fee 0.055 %.
      assert.deepStrictEqual(Deltas.fromEntries(sold.receipt.entries), { bybit: { USDT: amount("-2.0378105") } })
      assert.deepStrictEqual(sold.receipt.entries.filter(({ account }) => account === "fees:bybit").map(({ amount }) => amount), [amount("2.0378105")])
      const { holdings, positions } = yield* bybit.portfolio(at)
      assert.deepStrictEqual(holdings.map(({ account }) => account), ["bybit:unified", "bybit:unified"])
      assert.deepStrictEqual(positions.map(({ size, symbol }) => [symbol, size]), [["ETHUSDT-PERP", amount("-1")]])
    }).pipe(Effect.provide(golden.layer(Bybit.layer(), { "bybit:unified": { USDT: "5000" } }))))
})
