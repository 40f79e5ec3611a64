import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Embedded from "../../../src/data/Embedded.js"
import * as Amount from "../../../src/domain/Amount.js"
import * as ExecutionInterfaceManager from "../../../src/manager/ExecutionInterfaceManager.js"
import * as Gas from "../../../src/sim/Gas.js"
import * as Simulation from "../../../src/sim/Simulation.js"
import * as Layers from "../../../src/testing/Layers.js"
import * as VenueRegistry from "../../../src/venue/VenueRegistry.js"
import * as Simulated from "../../../src/venues/uniswap/Simulated.js"
import { at, balances, world } from "./harness.js"

describe("uniswap through the manager", () => {
  const block = (more: object) => ({
    instruction_type: "smart_contract_action",
    operation_id: "swap-1",
    protocol: "uniswap",
    action: "swap",
    token: "WETH",
    token_out: "USDT",
    amount: "1",
    ...more
  })
  const execute = (more: object) =>
    Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      return yield* eim.execute(at, block(more))
    }).pipe(Effect.provide(Layers.layer(world())))

  it.effect("an estimate near the market becomes the minimum, one far from it is held back", () =>
    Effect.gen(function*() {
      const near = yield* execute({ slippage_tolerance: "0.001", estimated_deltas: { wallet: { WETH: "-1", USDT: "2998" } } })
      assert.strictEqual(near.operations[0]!.status, "settled")
      assert.strictEqual(Amount.format(near.deltas["wallet"]!["USDT"]!), "2998.265637")
      // 2,998 less 0.1 %.
      assert.strictEqual(Math.round(Number(near.operations[0]!.detail["minimum_out"]) * 1000), 2_995_002)
      const far = yield* execute({ estimated_deltas: { wallet: { WETH: "-1", USDT: "3100" } } })
      assert.strictEqual(far.operations[0]!.status, "not_sent")
      assert.match(far.error!.message, /the market is at 3000/)
    }))

  it.effect("a swap that its size moves beyond the tolerance is refused", () =>
    Effect.gen(function*() {
      const report = yield* execute({ amount: "90", slippage_tolerance: "0.002" })
      assert.strictEqual(report.operations[0]!.status, "rejected")
      assert.match(report.error!.message, /Too little received/)
    }))

  it.effect("works at the figures of the embedded data", () =>
    Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const report = yield* eim.execute(at, block({}))
      assert.strictEqual(report.operations[0]!.status, "settled")
      const usdt = Number(Amount.format(report.deltas["wallet"]!["USDT"]!))
      // ETH traded at 3,762.62 then.
      assert.isTrue(usdt > 3700 && usdt < 3790, String(usdt))
    }).pipe(Effect.provide(
      Layers.manager().pipe(
        Layer.provideMerge(Simulated.layer()),
        Layer.provideMerge(Layer.mergeAll(VenueRegistry.layer, Simulation.layer({ at, opening: Layers.opening(balances) }), Gas.layer())),
        Layer.provideMerge(Embedded.layer().pipe(Layer.provide(NodeContext.layer))),
        Layer.provideMerge(Layers.clock(at))
      )
    )))
})
