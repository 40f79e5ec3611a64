import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import type * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const names = ["price.ETH", "price.BTC", "gas.ethereum.gwei"]

const observations: FastCheck.Arbitrary<ReadonlyArray<MarketSnapshot.Observation>> = FastCheck
  .uniqueArray(FastCheck.integer({ min: 0, max: 60 }), { maxLength: 20 })
  .chain((times) =>
    FastCheck.tuple(...times.map(() => FastCheck.bigInt({ min: -1000n, max: 1000n }))).map((values) =>
      [...times]
        .sort((a, b) => a - b)
        .map((at, i) => ({ at, value: Decimal.make(values[i]!, 2) }))
    )
  )

const seriesSet: FastCheck.Arbitrary<ReadonlyArray<Table.Series>> = FastCheck
  .tuple(...names.map(() => observations))
  .map((sets) => sets.map((set, i) => ({ name: names[i]!, observations: set })))

const instants = FastCheck.array(FastCheck.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 40 })

const tableOf = (series: ReadonlyArray<Table.Series>): Table.Table => Either.getOrThrow(Table.fromSeries(series))

const noLimit = () => Infinity

const errorOf = (series: ReadonlyArray<Table.Series>): Table.SeriesError => {
  const made = Table.fromSeries(series)
  assert(Either.isLeft(made))
  return made.left
}

const at = Timestamp.unsafe

describe("Table", () => {
  describe("laws", () => {
    it.prop("a snapshot equals filtering by time, in whatever order instants are asked", [
      seriesSet,
      instants,
      instants
    ], ([series, asked, since]) => {
      const table = tableOf(series)
      for (const [i, now] of asked.entries()) {
        const snapshot = Table.snapshot(table, now, noLimit)
        for (const { name, observations } of series) {
          const known = observations.filter((observation) => observation.at <= now)
          assert.deepStrictEqual(snapshot.observe(name), known[known.length - 1])
          const after = since[i % since.length]! - 5
          assert.deepStrictEqual(snapshot.since(name, after), known.filter((observation) => observation.at > after))
          assert.strictEqual(snapshot.has(name), observations.length > 0)
        }
      }
    })

    it.prop("nothing from the future", [seriesSet, instants], ([series, asked]) => {
      const table = tableOf(series)
      // All snapshots are held before any is read: reading a later one must not move an earlier one on.
      const snapshots = asked.map((now) => Table.snapshot(table, now, noLimit))
      for (const snapshot of [...snapshots, ...snapshots.reverse()]) {
        for (const name of names) {
          const observation = snapshot.observe(name)
          assert.isTrue(observation === undefined || observation.at <= snapshot.at)
          assert.isTrue(snapshot.since(name, -1).every((observation) => observation.at <= snapshot.at))
        }
      }
    })

    it.prop("what comes later changes no earlier snapshot", [seriesSet, FastCheck.integer({ min: 0, max: 60 })], ([
      series,
      now
    ]) => {
      const whole = Table.snapshot(tableOf(series), now, noLimit)
      const cut = Table.snapshot(
        tableOf(series.map((part) => ({
          ...part,
          observations: part.observations.filter((observation) => observation.at <= now)
        }))),
        now,
        noLimit
      )
      for (const name of names) {
        assert.deepStrictEqual(whole.observe(name), cut.observe(name))
        assert.deepStrictEqual(whole.since(name, -1), cut.since(name, -1))
      }
    })

    it.prop("parts merge to the series they were cut from, overlaps included", [
      observations,
      FastCheck.array(FastCheck.integer({ min: 0, max: 3 }), { minLength: 20, maxLength: 20 })
    ], ([observations, cuts]) => {
      // 0: first part, 1: second, 2 and 3: both.
      const parts = [0, 1].map((part) => ({
        name: "price.ETH",
        observations: observations.filter((_, i) => cuts[i]! >= 2 || cuts[i] === part)
      }))
      const merged = Table.snapshot(tableOf(parts), 100, noLimit)
      assert.deepStrictEqual(merged.since("price.ETH", -1), observations)
    })

    it.prop("the instants are those of any observation in the range", [
      seriesSet,
      FastCheck.integer({ min: -5, max: 65 }),
      FastCheck.integer({ min: -5, max: 65 })
    ], ([series, from, to]) => {
      const expected = [
        ...new Set(series.flatMap((part) => part.observations.map((observation) => observation.at)))
      ].filter((instant) => instant >= from && instant <= to).sort((a, b) => a - b)
      assert.deepStrictEqual(Table.timestamps(tableOf(series), from, to), expected)
    })
  })

  describe("refuses", () => {
    const price = (time: string, value: string): MarketSnapshot.Observation => ({
      at: at(time),
      value: Decimal.unsafe(value)
    })

    it("an observation older than the one before it", () => {
      const error = errorOf([{
        name: "price.ETH",
        observations: [price("2024-06-01T08:00:00Z", "3762.62"), price("2024-06-01T00:00:00Z", "3762.62")],
        source: "a.csv"
      }])
      assert.strictEqual(error.reason, "disorder")
      assert.strictEqual(
        error.message,
        "series price.ETH: 2024-06-01T00:00:00Z comes after 2024-06-01T08:00:00Z (a.csv)"
      )
    })

    it("two values at one instant, in one part or in two", () => {
      const one = [price("2024-06-01T00:00:00Z", "3762.62")]
      const other = [price("2024-06-01T00:00:00Z", "3762.63")]
      const within = errorOf([{ name: "price.ETH", observations: [...one, ...other] }])
      assert.strictEqual(within.reason, "conflict")
      const across = errorOf([
        { name: "price.ETH", observations: one, source: "a.csv" },
        { name: "price.ETH", observations: other, source: "b.csv" }
      ])
      assert.strictEqual(
        across.message,
        "series price.ETH: two values at 2024-06-01T00:00:00Z, 3762.62 and 3762.63 (a.csv, b.csv)"
      )
    })

    it("an instant that is none", () => {
      for (const time of [Number.NaN, -1, 0.5, Infinity]) {
        assert.strictEqual(
          errorOf([{ name: "price.ETH", observations: [{ at: time, value: Decimal.one }] }]).reason,
          "time"
        )
      }
    })
  })

  it("keeps nothing of the arrays it was made from", () => {
    const observations = [{ at: 10, value: Decimal.one }]
    const table = tableOf([{ name: "price.ETH", observations }])
    observations.push({ at: 20, value: Decimal.zero })
    assert.deepStrictEqual(Table.snapshot(table, 30, noLimit).observe("price.ETH"), { at: 10, value: Decimal.one })
  })

  it("tells the extent of its series by name", () => {
    assert.deepStrictEqual(
      Table.info(tableOf([
        { name: "b", observations: [{ at: 1, value: Decimal.one }, { at: 5, value: Decimal.one }] },
        { name: "a", observations: [{ at: 3, value: Decimal.one }] },
        { name: "empty", observations: [] }
      ])),
      [{ name: "a", count: 1, from: 3, to: 3 }, { name: "b", count: 2, from: 1, to: 5 }]
    )
  })
})
