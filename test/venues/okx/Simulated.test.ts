import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "../../sim/Exchange/fixtures.js"
import { amount, config, free, perform, time } from "../../sim/Exchange/fixtures.js"
import * as golden from "../golden.js"

const short = (n: string) => fixtures.trade({ venue: "okx", trade_type: "perp", side: "sell", symbol: "ETHUSDT", amount: n })
const at = time("2024-12-01T00:00:00Z")

describe("okx", () => {
  it.effect("has marks but no funding rates in the table: a perpetual needs a stand-in, which the assumptions list", () =>
    Effect.gen(function*() {
      const okx = yield* fixtures.venue("okx")
      const failure = yield* Effect.flip(perform(okx.trade!, { operationId: "a", at, instruction: short("1") }))
      if (failure._tag === "Unknown") return assert.fail("unknown")
      assert.strictEqual(failure.reason, "market_data")
      assert.include(failure.message, "funding.okx.ETH")
      assert.include(failure.message, "funding_from of okx")
    }).pipe(Effect.provide(golden.layer(Okx.layer(), { "okx:unified": { USDT: "10000" } }))))

  const settings = config({ ...free, funding_from: "binance" })
  it.effect("settles the funding of its stand-in by its own mark", () =>
    Effect.gen(function*() {
      const okx = yield* fixtures.venue("okx")
      yield* perform(okx.trade!, { operationId: "a", at, instruction: short("0.12345") })
      const [funding] = yield* okx.accruals(at + 8 * 3_600_000)
      // Swaps trade in hundredths of contracts of 0.1 ETH.
      assert.strictEqual(funding!.detail["size"], "-0.123")
      assert.strictEqual(funding!.account, "okx:unified")
      assert.deepStrictEqual(
        Okx.assumptions(settings).filter(({ subject }) => subject.startsWith("stand-in")),
        [{ venue: "okx", subject: "stand-in for the funding rate of every base token", value: "binance", source: "config", scope: { market: "perp" } }]
      )
    }).pipe(Effect.provide(golden.layer(Okx.layer(settings), { "okx:unified": { USDT: "10000" } }))))

  it.effect("keeps the least size of spot orders", () =>
    Effect.gen(function*() {
      const okx = yield* fixtures.venue("okx")
      const order = (n: string) => fixtures.trade({ venue: "okx", trade_type: "spot", side: "sell", symbol: "ETHUSDT", amount: n })
      const failure = yield* Effect.flip(okx.trade!.prepare({ operationId: "a", at, instruction: order("0.000099") }))
      assert.strictEqual(failure.expected, "at least 0.0001 ETH")
      const sold = yield* perform(okx.trade!, { operationId: "b", at, instruction: order("0.0001") })
      // 3703.83 × 0.9995 = 3701.978085.
      assert.strictEqual(Decimal.format(sold.receipt.fills[0]!.price), "3701.97")
      assert.strictEqual(sold.receipt.costs[0]!.amount, amount("0.000370197"))
    }).pipe(Effect.provide(golden.layer(Okx.layer(), { "okx:unified": { ETH: "1" } }))))
})
