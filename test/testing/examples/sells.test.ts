import { assert, it } from "@effect/vitest"
import { Amount, Deltas, ExecutionInterfaceManager, Timestamp } from "execution-interface-manager"
import * as Layers from "execution-interface-manager/testing/Layers"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import { Effect } from "effect"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const world = Layers.layer({
  at,
  data: { "price.ETH": "3000", "perp.binance.ETH": { "2024-06-01T00:00:00Z": "3001.5" } },
  balances: { "binance:spot": { ETH: "2" } },
  venues: [Binance.layer()]
})

it.effect("sells one ether", () =>
  Effect.gen(function*() {
    const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
    const deltas = yield* eim.routeInstruction(at, {
      instruction_type: "cex_trade", operation_id: "sale-1", venue: "binance",
      trade_type: "spot", side: "sell", symbol: "ETHUSDT", amount: "1"
    })
    assert.strictEqual(Amount.format(Deltas.get(deltas, "binance", "ETH")), "-1")
  }).pipe(Effect.provide(world)))
