import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { assert, describe } from "vitest"
import * as Failure from "../../src/cli/Failure.js"
import * as ScriptModule from "../../src/cli/ScriptModule.js"
import { DataProvider } from "../../src/data/DataProvider.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import * as Positions from "../../src/modes/Backtest/Positions.js"
import type * as Script from "../../src/modes/Backtest/Script.js"
import * as World from "../../src/sim/World.js"

const time = Timestamp.unsafe("2024-06-01T00:00:00Z")

const decide = () => []

const nothing = DataProvider.of({
  getData: () => Effect.die("not asked for"),
  timestamps: () => Effect.succeed([]),
  series: Effect.succeed([]),
  seriesAt: () => Effect.succeed([])
})

/** What comes of the first decision of a script, which may be anything. */
const decided = (answer: () => unknown) => {
  const guarded = ScriptModule.guarded("script x", "/somewhere/x.ts", { decide: answer as Script.Script<unknown>["decide"] })
  const blocks = guarded.decide(time, Positions.make(World.empty(time), [], { venues: new Map(), hasAsset: () => false }))
  assert.isTrue(Effect.isEffect(blocks))
  return Effect.provideService(blocks as Effect.Effect<Script.Blocks, Failure.Failure, DataProvider>, DataProvider, nothing)
}

describe("what a module exports", () => {
  it("is a script with any of its fields", () => {
    const scripts: ReadonlyArray<unknown> = [
      { decide },
      { decide, every: "1 day" },
      { decide, every: 1000 },
      { decide, initialBalances: { wallet: { USDT: "1" } } },
      { decide, initialBalances: undefined, every: undefined, note: "mine" }
    ]
    for (const script of scripts) {
      const read: unknown = Either.getOrThrow(ScriptModule.fromExport("script x", script))
      assert.strictEqual(read, script)
    }
  })

  it("is refused where it is none, by the field at fault", () => {
    const cases: ReadonlyArray<readonly [exported: unknown, path: string]> = [
      [undefined, "export default"],
      [null, "export default"],
      [42, "export default"],
      [decide, "export default"],
      [[], "export default"],
      [{}, "export default.decide"],
      [{ decide: [] }, "export default.decide"],
      [{ decide, initialBalances: [] }, "export default.initialBalances"],
      [{ decide, every: "soon" }, "export default.every"],
      [{ decide, every: 0 }, "export default.every"],
      [{ decide, every: Infinity }, "export default.every"]
    ]
    for (const [exported, path] of cases) {
      const script = ScriptModule.fromExport("script x", exported)
      if (Either.isRight(script)) assert.fail(`${String(exported)} was taken`)
      assert.strictEqual(script.left.path, path)
      assert.strictEqual(Failure.codeOf(script.left), 2)
      assert.include(script.left.reason, "script x: export default")
    }
  })
})

describe("what a script decides", () => {
  it.effect("is a list of blocks, or an effect of one", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* decided(() => []), [])
      assert.deepStrictEqual(yield* decided(() => Effect.succeed([])), [])
      assert.deepStrictEqual(yield* decided(() => Effect.map(DataProvider, () => [])), [])
    }))

  it.effect("is a failure of the script where it is not", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [answer: () => unknown, says: string]> = [
        [() => 7, "decide answered 7"],
        [() => undefined, "decide answered nothing"],
        [async () => [], "decide answered a promise"],
        [() => Effect.succeed("x"), "decide answered \"x\""],
        [() => Effect.fail(new Error("out of luck")), "out of luck"],
        [() => Effect.fail("plain"), "plain"],
        [() => Effect.die(new TypeError("out of types")), "TypeError: out of types"],
        [() => {
          throw new Error("out of ideas")
        }, "out of ideas"]
      ]
      for (const [answer, says] of cases) {
        const failure = yield* Effect.flip(decided(answer))
        assert.include(failure.reason, `script x failed at 2024-06-01T00:00:00Z: ${says}`)
        assert.strictEqual(Failure.codeOf(failure), 1)
      }
    }))
})
