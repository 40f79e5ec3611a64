import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as DataProvider from "../../src/data/DataProvider.js"
import * as Memory from "../../src/data/DataProvider/Memory.js"
import type * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const at = Timestamp.unsafe

const eth: Table.Series = {
  name: "price.ETH",
  observations: [
    { at: at("2024-06-01T00:00:00Z"), value: Decimal.unsafe("3762.62") },
    { at: at("2024-06-01T08:00:00Z"), value: Decimal.unsafe("3789.27") }
  ]
}

const gas: Table.Series = {
  name: "gas.ethereum.gwei",
  observations: [{ at: at("2024-06-01T00:00:00Z"), value: Decimal.unsafe("6.6") }]
}

const series = [eth, gas]

const price = (time: string, name = "price.ETH") =>
  Effect.gen(function*() {
    const data = yield* DataProvider.DataProvider
    return MarketSnapshot.value(yield* data.getData(at(time)), name)
  })

const missing = (value: Either.Either<Decimal.Decimal, MarketSnapshot.Missing>): string => {
  assert(Either.isLeft(value))
  return MarketSnapshot.describeMissing(value.left)
}

describe("DataProvider/Memory", () => {
  it.effect("shows the newest observation that is not later", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        missing(yield* price("2024-05-31T23:59:59.999Z")),
        "series price.ETH has no observation at 2024-05-31T23:59:59.999Z"
      )
      assert.deepStrictEqual(yield* price("2024-06-01T00:00:00Z"), Either.right(Decimal.unsafe("3762.62")))
      assert.deepStrictEqual(yield* price("2024-06-01T07:59:59.999Z"), Either.right(Decimal.unsafe("3762.62")))
      assert.deepStrictEqual(yield* price("2024-06-01T08:00:00Z"), Either.right(Decimal.unsafe("3789.27")))
    }).pipe(Effect.provide(Memory.layer(series))))

  it.effect("refuses what is older than its kind allows", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* price("2024-06-02T16:00:00Z"), Either.right(Decimal.unsafe("3789.27")))
      assert.strictEqual(
        missing(yield* price("2024-06-02T17:00:00Z")),
        "series price.ETH at 2024-06-02T17:00:00Z: the newest observation is of 2024-06-01T08:00:00Z, 33 h old, and at most 32 h are allowed"
      )
      assert.isTrue(Either.isRight(yield* price("2024-06-02T00:00:00Z", gas.name)))
      assert.isTrue(Either.isLeft(yield* price("2024-06-02T01:00:00Z", gas.name)))
    }).pipe(Effect.provide(Memory.layer(series))))

  it("takes the limit of the longest beginning that fits, by whole parts of the name", () => {
    const maxAge = Either.getOrThrow(
      Memory.maxAges({ maxAge: { "price": 12, "price.ETH": 8, "oracle.weETH": 1, "gas.": Infinity } })
    )
    assert.strictEqual(maxAge("price.BTC"), 12 * Timestamp.hour)
    assert.strictEqual(maxAge("price.ETH"), 8 * Timestamp.hour)
    assert.strictEqual(maxAge("price.ETH.high"), 8 * Timestamp.hour)
    assert.strictEqual(maxAge("price.ETHFI"), 12 * Timestamp.hour)
    assert.strictEqual(maxAge("oracle.weETH/ETH"), Timestamp.hour)
    assert.strictEqual(maxAge("oracle.wstETH/ETH"), 48 * Timestamp.hour)
    assert.strictEqual(maxAge("gas.ethereum.gwei"), Infinity)
    assert.strictEqual(maxAge("perp.binance.ETH"), 32 * Timestamp.hour)
  })

  it.effect("fails to build with a limit that is no number of hours", () =>
    Effect.gen(function*() {
      for (const hours of [-1, Number.NaN]) {
        const error = yield* Effect.flip(
          Effect.provide(DataProvider.DataProvider, Memory.layer(series, { maxAge: { price: hours } }))
        )
        assert.strictEqual(error.message, `maxAge of price: expected hours, zero or more, and got ${hours}`)
      }
    }))

  it.effect("fails to build with series that disagree", () =>
    Effect.gen(function*() {
      const other = { name: "price.ETH", observations: [{ ...eth.observations[0]!, value: Decimal.one }] }
      const error = yield* Effect.flip(Effect.provide(DataProvider.DataProvider, Memory.layer([eth, other])))
      assert.strictEqual(error._tag, "DataError")
      assert.strictEqual(error.message, "series price.ETH: two values at 2024-06-01T00:00:00Z, 3762.62 and 1")
    }))

  it("answers synchronously", () => {
    const data = Either.getOrThrow(Memory.make(series))
    assert.deepStrictEqual(
      Effect.runSync(data.timestamps(at("2024-06-01T00:00:00Z"), at("2024-06-01T08:00:00Z"))),
      [at("2024-06-01T00:00:00Z"), at("2024-06-01T08:00:00Z")]
    )
    assert.deepStrictEqual(Effect.runSync(data.series).map((info) => [info.name, info.count]), [
      ["gas.ethereum.gwei", 1],
      ["price.ETH", 2]
    ])
    assert.strictEqual(Effect.runSync(data.getData(at("2024-06-01T04:00:00Z"))).at, at("2024-06-01T04:00:00Z"))
  })
})
