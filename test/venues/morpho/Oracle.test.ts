import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Decimal from "../../../src/domain/Decimal.js"
import type * as MarketSnapshot from "../../../src/domain/MarketSnapshot.js"
import * as Oracle from "../../../src/venues/morpho/Oracle.js"

const at = 1_000_000

const snapshot = (values: { readonly [series: string]: string }): MarketSnapshot.MarketSnapshot => ({
  at,
  observe: (series) => (values[series] === undefined ? undefined : { at, value: Decimal.unsafe(values[series]) }),
  since: () => [],
  has: (series) => values[series] !== undefined,
  maxAge: () => 0,
  step: () => undefined,
  staleFills: () => false
})

const pair = (collateral: string, loan: string, oracle: Oracle.Rule = "protocol"): Oracle.Pair => ({ collateral, loan, oracle })

const values = { "price.ETH": "3000.5", "price.BTC": "60000", "oracle.weETH/ETH": "1.04", "dex.weETH/ETH": "1.039", "oracle.wstETH/ETH": "1.17" }

describe("morpho/Oracle", () => {
  it("is scaled by 1e36 and by the decimals of both tokens", () => {
    const price = (collateral: string, loan: string, oracle: Oracle.Rule = "protocol") =>
      Either.getOrThrow(Oracle.price(snapshot(values), pair(collateral, loan, oracle)))
    assert.strictEqual(price("weETH", "WETH"), 104n * 10n ** 34n)
    assert.strictEqual(price("weETH", "WETH", "market"), 1039n * 10n ** 33n)
    assert.strictEqual(price("wstETH", "USDC"), 3_510_585n * 10n ** 21n)
    assert.strictEqual(price("WBTC", "USDT"), 60_000n * 10n ** 34n)
    assert.strictEqual(price("WBTC", "DAI"), 60_000n * 10n ** 46n)
    assert.strictEqual(price("WBTC", "WETH", { price: Decimal.unsafe("19.25") }), 1925n * 10n ** 44n)
    assert.strictEqual(price("weETH", "wstETH"), 888_888_888_888_888_888_888_888_888_888_888_888n)
  })

  it("asks for no price that cancels, and watches what it asks for", () => {
    const rates = snapshot({ "oracle.weETH/ETH": "1.04" })
    assert.isTrue(Either.isRight(Oracle.price(rates, pair("weETH", "WETH"))))
    assert.deepStrictEqual(Oracle.series(rates, pair("weETH", "WETH")), ["oracle.weETH/ETH"])
    assert.deepStrictEqual(Oracle.series(snapshot(values), pair("wstETH", "USDC")), ["oracle.wstETH/ETH", "price.ETH"])
    assert.deepStrictEqual(Oracle.series(snapshot(values), pair("WBTC", "WETH")), ["price.BTC", "price.ETH"])
    assert.deepStrictEqual(Oracle.series(snapshot(values), pair("WBTC", "WETH", { price: Decimal.one })), [])
    const missing = Either.getOrThrow(Either.flip(Oracle.price(rates, pair("wstETH", "WETH"))))
    assert.deepInclude(missing, { reason: "market_data" })
    assert.match(missing.message, /oracle\.wstETH\/ETH/)
  })

  it("is refused where it is no price", () => {
    for (const [of, at] of [
      [pair("WBTC", "WETH"), { "price.BTC": "60000", "price.ETH": "0" }],
      [pair("WBTC", "WETH"), { "price.BTC": "0", "price.ETH": "3000" }],
      [pair("WBTC", "WETH", { price: Decimal.make(1n, -32) }), {}]
    ] as const) {
      const refused = Either.getOrThrow(Either.flip(Oracle.price(snapshot(at), of)))
      assert.deepInclude(refused, { reason: "market_data", expected: "a price above 0 and below 2^256" })
    }
  })

  it.prop("is rounded down, by less than one", [
    FastCheck.bigInt({ min: 1n, max: 10n ** 12n }),
    FastCheck.bigInt({ min: 1n, max: 10n ** 12n })
  ], ([above, below]) => {
    const prices = snapshot({ "price.BTC": Decimal.formatScaled(above, 4), "price.ETH": Decimal.formatScaled(below, 4) })
    const price = Either.getOrThrow(Oracle.price(prices, pair("WBTC", "WETH")))
    assert.strictEqual(price, (above * 10n ** 46n) / below)
  })
})
