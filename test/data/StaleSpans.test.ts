import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Either from "effect/Either"
import * as StaleSpans from "../../src/data/StaleSpans.js"
import * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"

const hour = 3_600_000
const of = (name: string, times: ReadonlyArray<number>, end: number) =>
  StaleSpans.make(name, times.map((time) => time * hour), end * hour).map(({ from, step, to }) => [from / hour, to / hour, step / hour])

describe("stale spans", () => {
  it("are from where an observation is as old as its step to the next one", () => {
    assert.deepStrictEqual(of("perp.okx.ETH", [0, 1, 2, 5, 6, 8], 8), [[3, 5, 1], [7, 8, 1]])
    assert.deepStrictEqual(of("perp.okx.ETH", [0, 8, 16, 17, 18, 19, 20], 20.5), [])
    // The step that is missed after the last observation, where the data goes on.
    assert.deepStrictEqual(of("dex.weETH/ETH", [0, 1, 2], 9), [[3, 9, 1]])
    assert.deepStrictEqual(of("price.ETH", [0, 1, 2], 3), [])
  })

  it("are of no single observation, and of no series that orders do not fill at", () => {
    assert.deepStrictEqual(of("price.ETH", [0], 9), [])
    assert.deepStrictEqual(of("price.ETH", [], 9), [])
    for (const name of ["price.ETH.high", "perp.okx.ETH.low", "price.ETH.volume", "funding.okx.ETH", "gas.ethereum.gwei", "aave.supply_index.USDT"]) {
      assert.deepStrictEqual(of(name, [0, 1, 9], 9), [], name)
    }
  })

  it.prop("are the instants at which a snapshot tells it", {
    gaps: FastCheck.array(FastCheck.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 }),
    at: FastCheck.integer({ min: 0, max: 239 })
  }, ({ at, gaps }) => {
    const times = gaps.reduce<ReadonlyArray<number>>((all, gap) => [...all, all.at(-1)! + gap * hour], [0])
    const end = 240 * hour
    const table = Either.getOrThrow(Table.fromSeries([
      { name: "price.ETH", observations: times.map((time) => ({ at: time, value: Decimal.one })) }
    ]))
    const snapshot = Table.snapshot(table, at * hour, () => Infinity)
    const told = MarketSnapshot.stale(snapshot, "price.ETH") !== undefined
    const spans = StaleSpans.make("price.ETH", times, end)
    assert.strictEqual(spans.some(({ from, to }) => from <= at * hour && at * hour < to), told)
  })
})
