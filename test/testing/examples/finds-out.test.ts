import { assert, it } from "@effect/vitest"
import { ExecutionInterfaceManager, Timestamp } from "execution-interface-manager"
import * as FaultyVenue from "execution-interface-manager/testing/FaultyVenue"
import * as Layers from "execution-interface-manager/testing/Layers"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import { Effect } from "effect"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const sale = {
  instruction_type: "cex_trade", operation_id: "sale-1", venue: "binance",
  trade_type: "spot", side: "sell", symbol: "ETHUSDT", amount: "1"
}

it.effect("asks what became of an order before it sends another", () =>
  Effect.gen(function*() {
    const control = yield* FaultyVenue.script({ submit: ["unknown_after"] })
    yield* Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const report = yield* eim.execute(at, sale)
      assert.strictEqual(report.operations[0]?.status, "unknown")
      const found = yield* eim.resolve("sale-1", at)
      assert.strictEqual(found.status, "settled")
    }).pipe(Effect.provide(Layers.layer({
      at,
      data: { "price.ETH": "3000" },
      balances: { "binance:spot": { ETH: "2" } },
      venues: [FaultyVenue.layer(control, Binance.layer())]
    })))
    assert.deepStrictEqual([...(yield* control.effects)], [["sale-1", 1]])
  }))
