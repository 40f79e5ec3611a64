import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import * as Asset from "execution-interface-manager/domain/Asset"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as MarketSnapshot from "execution-interface-manager/domain/MarketSnapshot"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"

const at = Timestamp.unsafe("2024-06-02T00:00:00Z")

/** A snapshot of series that were all observed `age` ago. */
const snapshot = (
  series: { readonly [name: string]: string },
  age = 0,
  maxAge: (series: string) => number = MarketSnapshot.defaultMaxAge
): MarketSnapshot.MarketSnapshot => ({
  at,
  observe: (name) => (series[name] === undefined ? undefined : { at: at - age, value: Decimal.unsafe(series[name]) }),
  since: () => [],
  has: (name) => series[name] !== undefined,
  maxAge,
  step: () => undefined,
  staleFills: () => false
})

const textOf = (price: Either.Either<Decimal.Decimal, MarketSnapshot.Missing>): string =>
  Either.match(price, { onLeft: MarketSnapshot.describeMissing, onRight: Decimal.format })

describe("MarketSnapshot", () => {
  it("gives a value up to its longest age, and not a millisecond longer", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * Timestamp.day }), fc.integer({ min: 0, max: 10 * Timestamp.day }), (age, maxAge) => {
        const read = MarketSnapshot.value(snapshot({ "price.ETH": "3000" }, age, () => maxAge), "price.ETH")
        assert.deepStrictEqual(
          read,
          age <= maxAge
            ? Either.right(Decimal.unsafe("3000"))
            : Either.left({ series: "price.ETH", at, observedAt: at - age, maxAge })
        )
      })
    )
    assert.isTrue(Either.isRight(MarketSnapshot.value(snapshot({ "price.ETH": "1" }, 5, () => 5), "price.ETH")))
  })

  it("says what is missing, and how old the newest is", () => {
    assert.strictEqual(
      textOf(MarketSnapshot.value(snapshot({}), "price.ETH")),
      "series price.ETH has no observation at 2024-06-02T00:00:00Z"
    )
    assert.strictEqual(
      textOf(MarketSnapshot.value(snapshot({ "gas.base_fee": "1" }, 24.5 * Timestamp.hour), "gas.base_fee")),
      "series gas.base_fee at 2024-06-02T00:00:00Z: the newest observation is of 2024-05-31T23:30:00Z, 24.5 h old, and at most 24 h are allowed"
    )
  })

  it.each([["gas.base_fee", 24], ["aave.index", 48], ["oracle.weETH/ETH", 48], ["dex.weETH/ETH", 48], ["price.ETH", 32], ["funding.ETH", 32]])(
    "allows %s an age of %d h",
    (series, hours) => assert.strictEqual(MarketSnapshot.defaultMaxAge(series), hours * Timestamp.hour)
  )

  it("names the series of a rate by who pays it", () => {
    const weETH = Asset.token("weETH")!
    assert.strictEqual(MarketSnapshot.rateSeries(weETH, "market"), "dex.weETH/ETH")
    assert.strictEqual(MarketSnapshot.rateSeries(weETH, "protocol"), "oracle.weETH/ETH")
    assert.strictEqual(MarketSnapshot.rateSeries(Asset.token("DAI")!, "market"), "dex.DAI/DAI")
  })

  it("prices claims and debts as their token, wrapped tokens as what they wrap, shares by their rate", () => {
    const market = snapshot({ "price.ETH": "3000", "dex.weETH/ETH": "1.05", "oracle.weETH/ETH": "1.04", "price.USDC": "0.99" })
    for (const [asset, price] of [
      ["ETH", "3000"],
      ["aWETH", "3000"],
      ["debtWETH", "3000"],
      ["stETH", "3000"],
      ["weETH", "3150"],
      ["aweETH", "3150"],
      ["USDT", "1"],
      ["USDC", "0.99"]
    ] as const) {
      assert.strictEqual(textOf(MarketSnapshot.price(market, asset)), price, asset)
    }
    assert.strictEqual(textOf(MarketSnapshot.price(market, "weETH", "protocol")), "3120")
    for (const [asset, series] of [["BTC", "price.BTC"], ["wstETH", "dex.wstETH/ETH"], ["FOO", "price.FOO"]] as const) {
      assert.strictEqual(textOf(MarketSnapshot.price(market, asset)), `series ${series} has no observation at 2024-06-02T00:00:00Z`)
    }
    const rateOnly = snapshot({ "dex.weETH/ETH": "1.05" })
    assert.match(textOf(MarketSnapshot.price(rateOnly, "weETH")), /^series price\.ETH has no/)
  })

  it("does not take a stable coin for a dollar where its series is too old", () => {
    const old = snapshot({ "price.USDC": "0.99" }, 33 * Timestamp.hour)
    assert.match(textOf(MarketSnapshot.price(old, "USDC")), /33 h old/)
    assert.strictEqual(textOf(MarketSnapshot.price(old, "DAI")), "1")
  })

  it("lists the prices that are known", () => {
    const market = snapshot({ "price.ETH": "3000", "dex.weETH/ETH": "1.05" })
    const prices = Object.entries(MarketSnapshot.prices(market)).map(([asset, price]) => [asset, Decimal.format(price)])
    assert.deepStrictEqual(Object.fromEntries(prices), {
      ETH: "3000",
      WETH: "3000",
      stETH: "3000",
      eETH: "3000",
      weETH: "3150",
      USDT: "1",
      USDC: "1",
      DAI: "1"
    })
  })
})

describe("the step of a series", () => {
  const hour = Timestamp.hour
  const last = (...times: ReadonlyArray<number>) => {
    const step = MarketSnapshot.stepOf(times.map((time) => time * hour), times.length - 1)
    return step === undefined ? undefined : step / hour
  }

  it("is not known of one observation, and is told by two", () => {
    assert.strictEqual(last(0), undefined)
    assert.strictEqual(last(0, 8), 8)
    assert.strictEqual(MarketSnapshot.stepOf([], -1), undefined)
  })

  it("is not changed by a silence, nor by an observation between two", () => {
    assert.strictEqual(last(0, 1, 2, 9), 1)
    assert.strictEqual(last(0, 7, 8), 1)
    assert.strictEqual(last(0, 8, 16, 48, 72, 80, 88), 8)
    assert.strictEqual(last(0, 1, 2, 3, 3.5, 4, 5, 6), 1)
  })

  it("follows the interval where that changes, told by what is past alone", () => {
    assert.strictEqual(last(0, 8, 16, 24, 32, 33, 34, 35), 1)
    assert.strictEqual(last(0, 1, 2, 3, 4, 12), 1)
    assert.strictEqual(last(0, 1, 2, 10, 18, 26, 34, 42, 50), 8)
  })

  it("allows for instants that are off by little", () => {
    const off = [0, 3, 3600 + 2, 2 * 3600 - 1, 3 * 3600 + 4, 4 * 3600].map((second) => second * 1000)
    assert.strictEqual(MarketSnapshot.stepOf(off, off.length - 1), (3600 + 5) * 1000)
  })

  it.prop("of a regular series with silences is its step, whatever comes later", {
    step: fc.integer({ min: 1, max: 86_400_000 }),
    // Silences of any length, no three of them among eight observations that follow each other.
    silences: fc.array(fc.integer({ min: 2, max: 50 }), { maxLength: 5 })
  }, ({ silences, step }) => {
    const times = [0, step, 2 * step, 3 * step]
    for (const silence of silences) {
      times.push(times.at(-1)! + silence * step)
      for (let i = 0; i < 4; i++) times.push(times.at(-1)! + step)
    }
    for (let i = 1; i < times.length; i++) assert.strictEqual(MarketSnapshot.stepOf(times, i), step)
  })

  it("tells an observation of an earlier step by its age", () => {
    const seen = (age: number, step: number | undefined) =>
      MarketSnapshot.stale({ ...snapshot({ "price.ETH": "3000" }, age), step: () => step }, "price.ETH")
    assert.isUndefined(seen(0, undefined))
    assert.isUndefined(seen(hour - 1, hour))
    assert.deepStrictEqual(seen(hour, hour), { series: "price.ETH", at, observedAt: at - hour, step: hour })
    assert.strictEqual(
      MarketSnapshot.describeStale(seen(8 * hour, 90 * 60_000)!).replace(/^.*observation is of [^,]*/, ""),
      ", 8 h old, and the step of the series is 90 min"
    )
    // One observation alone tells no step, so nothing is known to be missing.
    assert.isUndefined(seen(30 * hour, undefined))
    assert.isUndefined(MarketSnapshot.stale(snapshot({}), "price.ETH"))
  })
})
