import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Amount from "../../src/domain/Amount.js"
import * as Deltas from "../../src/domain/Deltas.js"
import * as ParityRun from "./ParityRun.js"

describe("parity of the simulation and the chain, through one manager", () => {
  it.scopedLive("every delta of every step is the same three times over", () =>
    Effect.gen(function*() {
      const lines = yield* Effect.flatMap(ParityRun.chain, ParityRun.compare)
      assert.strictEqual(lines.length, 9)
      for (const line of lines) {
        assert.strictEqual(line.simulated, line.chain, `${line.step} ${line.asset}: simulated`)
        assert.strictEqual(line.chain, line.balance, `${line.step} ${line.asset}: balance`)
        assert.isTrue(ParityRun.isEqual(line))
      }
      const sum = (asset: string) => lines.filter((line) => line.asset === asset).reduce((all, { chain }) => all + chain, 0n)
      assert.strictEqual(sum("aUSDT"), 0n)
      assert.isTrue(sum("USDT") > Amount.unsafe("200"), "a year's interest is in the wallet")
      assert.isTrue(sum("ETH") < 0n, "gas was paid")
    }), 60_000)

  it.scopedLive("the connection cut after the broadcast: unknown, not failed, and resolved to one transaction", () =>
    Effect.gen(function*() {
      const seen = yield* Effect.flatMap(ParityRun.chain, ParityRun.cut)
      assert.deepInclude(seen, {
        reported: "unknown",
        code: "EIM-008",
        repeated: "unknown",
        resolved: "settled",
        replayed: true,
        supplies: 1,
        transactions: 2
      })
      assert.strictEqual(Deltas.get(seen.deltas, "wallet", "USDT"), Amount.unsafe("-1000"))
      assert.isTrue(ParityRun.isOnce(seen))
    }), 60_000)
})
