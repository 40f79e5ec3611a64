import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Path from "@effect/platform/Path"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Files from "../../src/data/DataProvider/Files.js"
import * as DataProvider from "../../src/data/DataProvider.js"
import * as Embedded from "../../src/data/Embedded.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const at = Timestamp.unsafe

describe("Embedded", () => {
  layer(Embedded.layer().pipe(Layer.provideMerge(NodeContext.layer)))((it) => {
    it.effect("is the table of every 8 hours, and only that", () =>
      Effect.gen(function*() {
        const data = yield* DataProvider.DataProvider
        const series = yield* data.series
        assert.strictEqual(series.length, 37)
        const instants = yield* data.timestamps(0, at("2030-01-01T00:00:00Z"))
        assert.strictEqual(instants.length, 1479)
        assert.strictEqual(Timestamp.format(instants[0]!), "2024-05-13T08:00:00Z")
        assert.strictEqual(Timestamp.format(instants[1478]!), "2025-09-18T00:00:00Z")
      }))

    it.effect("has the published figures", () =>
      Effect.gen(function*() {
        const data = yield* DataProvider.DataProvider
        const names = [
          "price.ETH",
          "perp.binance.ETH",
          "perp.bybit.ETH",
          "funding.binance.ETH",
          "funding.bybit.ETH",
          "aave.supply_index.USDT",
          "aave.borrow_index.WETH",
          "oracle.weETH/ETH",
          "gas.ethereum.gwei"
        ]
        const figures = (time: string) =>
          Effect.map(data.getData(at(time)), (snapshot) =>
            names.map((name) => Decimal.format(Either.getOrThrow(MarketSnapshot.value(snapshot, name)))))
        assert.deepStrictEqual(yield* figures("2024-06-01T00:00:00Z"), [
          "3762.62", "3764.35", "3764.52", "0.00017131", "0.0001", "1.070100426290384", "1.043435288569761",
          "1.0396831081397173", "6.6"
        ])
        assert.deepStrictEqual(yield* figures("2024-12-01T00:00:00Z"), [
          "3703.83", "3705.74", "3706.23", "0.00011863", "0.00024891", "1.0963884329686058", "1.0575965972597559",
          "1.0541085004426982", "12.01"
        ])
        assert.deepStrictEqual(yield* figures("2025-06-01T00:00:00Z"), [
          "2527.98", "2527.08", "2526.79", "0.0000752", "-0.00003737", "1.124703044874678", "1.0720413331293066",
          "1.0688049292565662", "0.76"
        ])
      }))

    it.effect("has a year of funding", () =>
      Effect.gen(function*() {
        const data = yield* DataProvider.DataProvider
        const snapshot = yield* data.getData(at("2025-06-01T00:00:00Z"))
        const year = (series: string) => snapshot.since(series, at("2024-06-01T00:00:00Z"))
        const sum = (series: string) =>
          Decimal.format(year(series).reduce((total, { value }) => Decimal.add(total, value), Decimal.zero))
        assert.strictEqual(year("funding.binance.ETH").length, 1095)
        assert.strictEqual(sum("funding.binance.ETH"), "0.07559916")
        assert.strictEqual(sum("funding.bybit.ETH"), "0.07832738")
      }))

    it.effect("stands beside the hourly tables, which are a data set of their own", () =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const embedded = yield* Embedded.directory
        const data = yield* Files.make({ path: path.join(embedded, "stress") })
        assert.strictEqual((yield* data.timestamps(0, at("2030-01-01T00:00:00Z"))).length, 2 * 337)
        const low = (yield* data.getData(at("2024-08-05T02:00:00Z"))).observe("perp.bybit.ETH.low")
        assert.strictEqual(Decimal.format(low!.value), "2086.92")
      }))
  })
})
