import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Fault from "../../../src/domain/Fault.js"
import * as Assumptions from "../../../src/venues/curve/Assumptions.js"
import * as Config from "../../../src/venues/curve/Config.js"
import * as Curve from "../../../src/venues/curve/Simulated.js"

const decode = (input: unknown) => Fault.decoderOfAll(Curve.Config)(input, "venues.curve")

const decoded = (input: unknown): Curve.Config =>
  Either.getOrThrowWith(decode(input), (faults) => new Error(faults.map((fault) => JSON.stringify(fault)).join()))

const faults = (input: unknown) =>
  Either.match(decode(input), { onLeft: (all) => all.map(({ expected, path }) => `${path}: ${expected}`), onRight: () => [] })

const own = { coins: ["USDC", "crvUSD"], a: 500, fee: "0.0001", balances: { USDC: "1000000.5", crvUSD: 900000 } }

describe("settings of curve", () => {
  it("has three pools without any", () => {
    const { pools, ...rest } = Config.resolve()
    assert.deepStrictEqual(rest, { network: "ethereum", approval: "exact" })
    assert.deepStrictEqual(pools.map(({ coins, name, priceFrom }) => [name, coins.join("/"), priceFrom]), [
      ["3pool", "DAI/USDC/USDT", "balances"],
      ["steth", "ETH/stETH", "data"],
      ["weeth", "WETH/weETH", "data"]
    ])
    const [three, steth, weeth] = pools
    assert.deepStrictEqual(three!.pool.balances, [68803387n * 10n ** 18n, 75869078n * 10n ** 6n, 69818128n * 10n ** 6n])
    assert.deepStrictEqual([three!.pool.amp, steth!.pool.amp, weeth!.pool.amp], [2_000n, 20_000n, 50_000n])
    assert.deepStrictEqual([three!.pool.fee, three!.pool.adminFee], [1_000_000n, 5_000_000_000n])
    assert.deepStrictEqual(weeth!.rates, [undefined, "oracle.weETH/ETH"])
    assert.deepStrictEqual(steth!.marketRate, { token: "stETH", series: "dex.wstETH/ETH", over: "oracle.wstETH/ETH", index: 1 })
  })

  it("takes pools away, changes them, and adds others", () => {
    const config = decoded({
      pools: {
        "3pool": { enabled: false },
        steth: { fee: "0.0004", impact: false },
        weeth: { price_from: "balances", balances: { WETH: 10, weETH: 20 } },
        own: { ...own, offpeg_fee_multiplier: 2 }
      }
    })
    const { pools } = Config.resolve(config)
    assert.deepStrictEqual(pools.map(({ name }) => name), ["steth", "weeth", "own"])
    const [steth, weeth, added] = pools
    assert.deepStrictEqual([steth!.pool.fee, steth!.impact, steth!.parametersFrom], [4_000_000n, false, "config"])
    assert.deepStrictEqual([weeth!.priceFrom, weeth!.pool.balances, weeth!.balancesFrom], ["balances", [10n ** 19n, 2n * 10n ** 19n], "config"])
    assert.deepStrictEqual(added!.pool, {
      version: "ng",
      amp: 50_000n,
      fee: 1_000_000n,
      adminFee: 5_000_000_000n,
      offpegFeeMultiplier: 20_000_000_000n,
      rates: [10n ** 30n, 10n ** 18n],
      balances: [1_000_000_500_000n, 900_000n * 10n ** 18n],
      adminBalances: [0n, 0n]
    })
  })

  const refused: ReadonlyArray<readonly [name: string, pools: unknown, expected: string]> = [
    ["a pool that is not known, without its tokens", { own: {} }, "venues.curve.pools.own.coins: the tokens of the pool, because it is not one that is known"],
    ["a new pool without A", { own: { ...own, a: undefined } }, "venues.curve.pools.own.a: a value, because the pool is not one that is known"],
    ["a token twice", { own: { ...own, coins: ["USDC", "USDC"] } }, "venues.curve.pools.own.coins: each token once"],
    ["a balance too few", { own: { ...own, balances: { USDC: 1 } } }, "venues.curve.pools.own.balances: a balance of each of USDC, crvUSD"],
    ["a balance too many", { own: { ...own, balances: { ...own.balances, DAI: 1 } } }, "venues.curve.pools.own.balances: only tokens of the pool, USDC, crvUSD, and not DAI"],
    ["other tokens in a known pool", { steth: { coins: ["ETH", "weETH"] } }, "venues.curve.pools.steth.coins: ETH, stETH, or another name for another pool"],
    ["a price from data that there is not", { "3pool": { price_from: "data" } }, "venues.curve.pools.3pool.price_from: balances, or a market_rate"],
    ["a market rate among three", { "3pool": { market_rate: { token: "DAI", series: "x" } } }, "venues.curve.pools.3pool.market_rate: none, because it prices the two coins of a pool in each other"],
    ["a market rate of another token", { own: { ...own, market_rate: { token: "DAI", series: "x" } } }, "venues.curve.pools.own.market_rate: a token of the pool: USDC, crvUSD"],
    ["a rising fee where there is none", { steth: { offpeg_fee_multiplier: 2 } }, "venues.curve.pools.steth.offpeg_fee_multiplier: none, because contracts of version steth have one fee"],
    ["a fee of more than a half", { steth: { fee: "0.6" } }, "venues.curve.pools.steth.fee: a fraction from 0 to 0.5 with at most 10 decimals"],
    ["a fee finer than the contract's", { steth: { fee: "0.00000000001" } }, "venues.curve.pools.steth.fee: a fraction from 0 to 0.5 with at most 10 decimals"],
    ["a multiplier below one", { weeth: { offpeg_fee_multiplier: "0.5" } }, "venues.curve.pools.weeth.offpeg_fee_multiplier: a factor from 1 to 1000 with at most 10 decimals"],
    ["a balance of nothing", { weeth: { balances: { WETH: 0, weETH: 1 } } }, "venues.curve.pools.weeth.balances.WETH: a decimal greater than 0"]
  ]
  for (const [name, pools, expected] of refused) {
    it(`refuses ${name}`, () => {
      assert.include(faults({ pools }), expected)
    })
  }

  it("refuses a name that every object has, and unknown settings", () => {
    assert.isNotEmpty(faults({ pools: { constructor: { ...own } } }))
    assert.isNotEmpty(faults({ pool: {} }))
    assert.isNotEmpty(faults({ pools: { steth: { A: 3 } } }))
  })

  it("says what it takes for granted", () => {
    const said = new Map(Assumptions.assumptions().map(({ source, subject, value }) => [subject, `${value} [${source}]`]))
    assert.strictEqual(said.get("parameters of weeth"), "A 500, fee 0.01 % rising to 5 times that off the peg, of which 50 % leave the pool; the same at all times [estimate]")
    assert.strictEqual(said.get("balances of weeth"), "5000 WETH, 4800 weETH, which say how deep it is, not what its price is [estimate]")
    assert.include(said.get("price of weeth"), "weETH in WETH from dex.weETH/ETH: the balances are moved along the invariant")
    assert.include(said.get("price of steth"), "stETH in ETH from dex.wstETH/ETH / oracle.wstETH/ETH")
    assert.include(said.get("price of 3pool"), "only own exchanges change")
    assert.strictEqual(said.get("rate of weETH in weeth"), "series oracle.weETH/ETH [data]")
  })

  it("says so where settings change it", () => {
    const said = new Map(
      Assumptions.assumptions(decoded({ approval: "unlimited", pools: { "3pool": { impact: false }, steth: { impact: false, a: 100 } } }))
        .map(({ source, subject, value }) => [subject, `${value} [${source}]`])
    )
    assert.strictEqual(said.get("approval"), "one for each token at a pool, unlimited [config]")
    assert.include(said.get("price of 3pool"), "own exchanges do not move it")
    assert.include(said.get("price of steth"), "the fee is that at the peg")
    assert.isFalse(said.has("balances of steth"))
    assert.strictEqual(said.get("parameters of steth"), "A 100, fee 0.01 %, of which 50 % leave the pool; the same at all times [config]")
  })
})
