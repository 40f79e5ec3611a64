import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as Multiples from "../../src/domain/Multiples.js"

const at = (hour: number) => hour * 3_600_000

const snapshot = (all: { readonly [name: string]: ReadonlyArray<string> }, now = 5): MarketSnapshot.MarketSnapshot =>
  Table.snapshot(
    Either.getOrThrow(Table.fromSeries(Object.entries(all).map(([name, values]) => ({
      name,
      observations: values.map((value, hour) => ({ at: at(hour), value: Decimal.unsafe(value) }))
    })))),
    at(now),
    MarketSnapshot.defaultMaxAge
  )

const observed = (of: MarketSnapshot.MarketSnapshot, series: string): string | undefined => {
  const one = of.observe(series)
  return one && `${Decimal.format(one.value)} at ${one.at / 3_600_000}`
}

describe("a multiple", () => {
  const view = Multiples.view()

  it("has the series of its coin, in its own measure", () => {
    const seen = view(snapshot({
      "perp.binance.PEPE": ["0.000008", "0.00000812"],
      "perp.binance.PEPE.high": ["0.000009"],
      "perp.binance.PEPE.volume": ["1000"],
      "funding.binance.PEPE": ["0.0001"],
      "price.SATS": ["0.0000003"],
      "spot.binance.SATS": ["0.00000031"]
    }))
    assert.strictEqual(observed(seen, "perp.binance.1000PEPE"), "0.00812 at 1")
    assert.strictEqual(observed(seen, "perp.binance.1000PEPE.high"), "0.009 at 0")
    assert.strictEqual(observed(seen, "perp.binance.1000PEPE.volume"), "1000 at 0")
    assert.strictEqual(observed(seen, "funding.binance.1000PEPE"), "0.0001 at 0")
    assert.strictEqual(observed(seen, "price.10000SATS"), "0.003 at 0")
    assert.strictEqual(observed(seen, "spot.binance.1000SATS"), "0.00031 at 0")
    assert.deepStrictEqual(
      seen.since("perp.binance.1000PEPE", at(0)).map(({ at, value }) => [at, Decimal.format(value)]),
      [[at(1), "0.00812"]]
    )
    assert.isTrue(seen.has("perp.binance.1000PEPE"))
    assert.strictEqual(seen.step("perp.binance.1000PEPE"), seen.step("perp.binance.PEPE"))
    assert.strictEqual(seen.maxAge("perp.binance.1000PEPE"), seen.maxAge("perp.binance.PEPE"))
    assert.strictEqual(seen.staleFills("perp.binance.1000PEPE"), seen.staleFills("perp.binance.PEPE"))
    assert.strictEqual(seen.at, at(5))
  })

  it("has the series of its other names, and its own before them", () => {
    const kilo = { "perp.hyperliquid.kPEPE": ["0.0081"], "perp.hyperliquid.PEPE": ["0.000009"] }
    assert.strictEqual(observed(view(snapshot(kilo)), "perp.hyperliquid.1000PEPE"), "0.0081 at 0")
    const both = view(snapshot({ ...kilo, "perp.hyperliquid.1000PEPE": ["0.0082"] }))
    assert.strictEqual(observed(both, "perp.hyperliquid.1000PEPE"), "0.0082 at 0")
    assert.deepStrictEqual(both.since("perp.hyperliquid.1000PEPE", -1).map(({ value }) => Decimal.format(value)), ["0.0082"])
  })

  it("is nothing where nothing is known, and leaves other series alone", () => {
    const seen = view(snapshot({ "price.INCH": ["1"], "price.PEPE": ["2"], "dex.PEPE/ETH": ["3"] }))
    for (const series of ["price.1INCH", "perp.binance.1000PEPE", "price.1000FOO", "dex.1000PEPE/ETH", "price.1000PEPE.open"]) {
      assert.isUndefined(observed(seen, series))
      assert.isFalse(seen.has(series))
      assert.deepStrictEqual(seen.since(series, -1), [])
    }
    assert.strictEqual(observed(seen, "price.PEPE"), "2 at 0")
  })

  it("is priced as so many of its coin, unless its own price is known", () => {
    const price = (all: { readonly [name: string]: ReadonlyArray<string> }, asset: string) =>
      Either.map(MarketSnapshot.price(snapshot(all), asset), Decimal.format)
    assert.deepStrictEqual(price({ "price.PEPE": ["0.00000812"] }, "1000PEPE"), Either.right("0.00812"))
    assert.deepStrictEqual(price({ "price.PEPE": ["0.00000812"], "price.1000PEPE": ["0.0082"] }, "1000PEPE"), Either.right("0.0082"))
    assert.deepStrictEqual(price({ "price.1INCH": ["0.4"] }, "1INCH"), Either.right("0.4"))
    assert.isTrue(Either.isLeft(price({}, "1000PEPE")))
    assert.isTrue(Either.isLeft(price({ "price.PEPE": ["1"] }, "PEPE1000")))
  })
})
