import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Config from "../../../src/venues/uniswap/Config.js"
import * as Markets from "../../../src/venues/uniswap/Markets.js"
import * as Simulated from "../../../src/venues/uniswap/Simulated.js"

const decode = Schema.decodeUnknownEither(Config.Config, { onExcessProperty: "error" })

const resolved = (pool: object) => {
  const { markets } = Config.resolve(Either.getOrThrow(decode({ pools: [pool] })))
  return markets
}

describe("uniswap/Config", () => {
  it("needs nothing", () => {
    const { approval, markets, network } = Config.resolve(Either.getOrThrow(decode({})))
    assert.deepStrictEqual([approval, network], ["exact", "ethereum"])
    assert.deepStrictEqual(markets.map(({ id }) => id), [
      "WETH-USDT-500",
      "WETH-USDT-3000",
      "USDC-WETH-500",
      "WETH-weETH-500",
      "wstETH-WETH-100",
      "WBTC-WETH-3000"
    ])
    assert.deepStrictEqual(
      markets.map(({ price }) => price._tag === "Series" ? [price.series, price.inverted] : []),
      [
        ["dex.uniswap.WETH/USDT", false],
        ["dex.uniswap.WETH/USDT", false],
        ["dex.uniswap.WETH/USDC", true],
        ["dex.weETH/ETH", true],
        ["dex.wstETH/ETH", false],
        ["dex.uniswap.WBTC/WETH", false]
      ]
    )
    assert.deepStrictEqual(markets[2]!.scales, { token0: 6, token1: 18 })
  })

  it("puts a pool in the place of one with the same tokens and fee, and keeps what it leaves out", () => {
    const [first, second] = resolved({ token0: "WETH", token1: "USDT", fee_tier: 500, price_from: "price.ETH" })
    assert.deepStrictEqual(first!.price, { _tag: "Series", series: "price.ETH", inverted: false })
    assert.deepStrictEqual(first!.depth, {
      value: "700366674727580152 at every price",
      source: "one reading of liquidity() at 2,533 USDT per WETH (block 26,148,216)"
    })
    assert.strictEqual(second!.id, "WETH-USDT-3000")
  })

  it("adds pools: with ticks, liquidity everywhere, or both, and a price that is fixed", () => {
    const added = resolved({
      token0: "DAI",
      token1: "WETH",
      fee_tier: 3000,
      liquidity: "1000",
      ticks: [{ tick: -120, liquidity_net: "500" }, { tick: 60, liquidity_net: "-500" }],
      price_from: { sqrt_price_x96: "79228162514264337593543950336" }
    }).at(-1)!
    assert.strictEqual(added.id, "DAI-WETH-3000")
    assert.deepStrictEqual(added.terms, {
      fee: 3000n,
      tickSpacing: 60,
      ticks: [
        { index: -887220, liquidityNet: 1000n },
        { index: -120, liquidityNet: 500n },
        { index: 60, liquidityNet: -500n },
        { index: 887220, liquidityNet: -1000n }
      ]
    })
    assert.deepStrictEqual(added.price, { _tag: "Fixed", sqrtPriceX96: 1n << 96n })
    assert.deepStrictEqual(added.depth, { value: "1000 at every price, and as placed by 2 ticks", source: "config" })
    const own = resolved({ token0: "WETH", token1: "wstETH", fee_tier: 250, tick_spacing: 5, liquidity: "1" }).at(-1)!
    assert.deepStrictEqual(own.price, { _tag: "Series", series: "dex.wstETH/ETH", inverted: true })
    assert.strictEqual(own.terms.tickSpacing, 5)
  })

  it("refuses what makes no pool", () => {
    const pool = { token0: "WETH", token1: "USDT", fee_tier: 3000 }
    for (
      const [change, message] of [
        [{ token0: "ETH" }, /expected WETH: a pool holds no native ether/],
        [{ token1: "nothing" }, /expected a token known by name, and got nothing/],
        [{ token1: "WETH" }, /expected two tokens/],
        [{ fee_tier: 42 }, /expected a tick_spacing, because 42 has none by itself/],
        [{ fee_tier: 10_000 }, /expected liquidity or ticks/],
        [{ liquidity: "-1" }, /expected a liquidity of 0 or more/],
        [{ liquidity: "1.5" }, /expected a whole number/],
        [{ liquidity: `${1n << 128n}` }, /expected a liquidity from 0 to 2\^128 - 1/],
        [{ ticks: [{ tick: 61, liquidity_net: "5" }] }, /expected ticks that are multiples of 60, and got 61/],
        [{ ticks: [{ tick: 60, liquidity_net: "5" }] }, /expected liquidity_net that sums to 0, and got 5/],
        [{ ticks: [{ tick: 60, liquidity_net: "5" }, { tick: 0, liquidity_net: "-5" }] }, /expected ticks by rising index, and got 0 after 60/],
        [{ ticks: [{ tick: 0, liquidity_net: "-5" }, { tick: 60, liquidity_net: "5" }] }, /expected a liquidity from 0/],
        [{ ticks: [{ tick: 887_280, liquidity_net: "5" }] }, /expected ticks from -887272 to 887272, and got 887280/],
        [{ price_from: "dex.weETH/ETH" }, /expected price_from to name a series of WETH in USDT, or the other way round, and got dex.weETH\/ETH/],
        [{ price_from: "price.USDT" }, /expected price_from to name a series/],
        [{ price_from: "dex.uniswap.WETH/WBTC" }, /expected price_from to name a series/],
        [{ price_from: { sqrt_price_x96: "1" } }, /expected a sqrt_price_x96 that a pool can have/],
        [{ other: 1 }, /other/]
      ] as const
    ) {
      const decoded = decode({ pools: [{ ...pool, ...change }] })
      assert(Either.isLeft(decoded), String(message))
      assert.match(decoded.left.message, message)
    }
    const twice = decode({ pools: [pool, pool] })
    assert(Either.isLeft(twice))
    assert.match(twice.left.message, /expected each pool once, and got WETH-USDT-3000 twice/)
  })

  it("is written back as it was read", () => {
    const json = {
      approval: "unlimited" as const,
      pools: [{ token0: "WETH", token1: "USDT", fee_tier: 3000, liquidity: "5", price_from: "data" }]
    }
    assert.deepStrictEqual(Schema.encodeSync(Config.Config)(Either.getOrThrow(decode(json))), json)
  })

  it("lists its assumptions with their sources", () => {
    const all = Simulated.assumptions(Either.getOrThrow(decode({
      pools: [
        { token0: "USDC", token1: "WETH", fee_tier: 500, price_from: "price.ETH" },
        { token0: "WETH", token1: "weETH", fee_tier: 500, liquidity: "7" }
      ]
    })))
    const find = (subject: string) => all.find((line) => line.subject === subject)
    assert.deepStrictEqual(find("price of USDC-WETH-500"), {
      venue: "uniswap",
      subject: "price of USDC-WETH-500",
      value: "series price.ETH",
      source: "config",
      scope: { place: "USDC-WETH-500" }
    })
    assert.deepStrictEqual([find("liquidity of WETH-weETH-500")?.value, find("liquidity of WETH-weETH-500")?.source], ["7 at every price", "config"])
    assert.strictEqual(find("price of WETH-USDT-500")?.source, "data")
    assert.match(find("liquidity of WETH-USDT-3000")!.source, /^estimate/)
    assert.match(find("recovery from own swaps")!.value, /for 1800 s; until then/)
    assert.match(find("recovery from own swaps")!.source, /Almgren/)
    assert.isTrue(all.every(({ source, value, venue }) => source !== "" && value !== "" && venue === "uniswap"))
  })

  it("reads from the name of a series which way it prices", () => {
    for (
      const [series, token0, token1, inverted] of [
        ["price.ETH", "WETH", "USDT", false],
        ["price.ETH", "USDC", "WETH", true],
        ["perp.binance.BTC", "WBTC", "USDC", false],
        ["dex.uniswap.WETH/USDT", "USDC", "WETH", true],
        ["oracle.wstETH/ETH", "wstETH", "WETH", false],
        ["price.ETH", "WETH", "WBTC", undefined],
        ["price.USDC", "USDC", "WETH", undefined]
      ] as const
    ) assert.strictEqual(Markets.isInverted(series, token0, token1), inverted, `${series} ${token0}`)
  })

  it("knows only pools whose series prices one of their tokens in the other", () => {
    for (const { series, token0, token1 } of Markets.known) assert.isDefined(Markets.isInverted(series, token0, token1), series)
  })
})
