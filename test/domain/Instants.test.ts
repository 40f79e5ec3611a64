import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Instants from "../../src/domain/Instants.js"
import * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const eight = Timestamp.unsafe("2024-06-01T08:00:00Z")
const instant = FastCheck.integer({ min: 0, max: 3 * Timestamp.minute }).map((past) => eight + past)

const rate = (at: number, value: string) => ({ at, value: Decimal.unsafe(value) })

describe("Instants", () => {
  it.prop("a record less than a second beside a whole minute means the minute, any other itself", [
    FastCheck.integer({ min: 0, max: 1000 }),
    FastCheck.integer({ min: -30_000, max: 30_000 })
  ], ([minutes, beside]) => {
    const whole = minutes * Timestamp.minute
    FastCheck.pre(whole + beside >= 0)
    assert.strictEqual(Instants.scheduled(whole + beside), Math.abs(beside) < 1000 ? whole : whole + beside)
  })

  it.prop("the last record of an instant means it or earlier, and the next one later", [instant], ([at]) => {
    const last = Instants.lastRecord(at)
    assert(Instants.scheduled(last) <= at)
    assert(Instants.scheduled(last + 1) > at)
  })

  it.prop("records keep their order", [instant, instant], ([a, b]) => {
    assert.strictEqual(Math.sign(Instants.scheduled(a) - Instants.scheduled(b)) * Math.sign(a - b) >= 0, true)
  })

  it("settlements and what is said of a step stand on a schedule, prices stand where they were observed", () => {
    for (const series of ["funding.binance.ETH", "perp.binance.ETH.high", "price.ETH.low", "spot.okx.ETH.volume"]) {
      assert(Instants.isScheduled(series), series)
    }
    for (const series of ["price.ETH", "perp.binance.ETH", "gas.ethereum", "oracle.weETH/ETH", "aave.supply_index.USDT"]) {
      assert(!Instants.isScheduled(series), series)
    }
  })

  it("a table has a settlement at the instant of the schedule, and once", () => {
    const table = Either.getOrThrow(Table.fromSeries([
      { name: "funding.binance.ETH", observations: [rate(eight, "0.01")], source: "a.csv", lines: [2] },
      { name: "funding.binance.ETH", observations: [rate(eight + 3, "0.01"), rate(eight + 8 * Timestamp.hour - 2, "0.02")] },
      { name: "price.ETH", observations: [rate(eight + 3, "3000")] }
    ]))
    const seen = Table.snapshot(table, eight + Timestamp.day, () => Timestamp.day)
    assert.deepStrictEqual(seen.since("funding.binance.ETH", -1).map(({ at }) => at), [eight, eight + 8 * Timestamp.hour])
    assert.deepStrictEqual(seen.since("price.ETH", -1).map(({ at }) => at), [eight + 3])
  })

  it("two records of one settlement that contradict are refused, with values, records and lines", () => {
    const table = Table.fromSeries([
      { name: "funding.binance.ETH", observations: [rate(eight, "0.01")], source: "a.csv", lines: [2] },
      { name: "funding.binance.ETH", observations: [rate(eight + 3, "0.02")], source: "b.csv", lines: [7] }
    ])
    assert.strictEqual(
      Either.isLeft(table) ? table.left.message : "",
      "series funding.binance.ETH: two values at 2024-06-01T08:00:00Z, 0.01 and 0.02 (recorded at " +
        "2024-06-01T08:00:00.003Z) (a.csv line 2, b.csv line 7)"
    )
  })
})
