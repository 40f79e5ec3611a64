import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as AdaptiveCurve from "../../../src/venues/morpho/AdaptiveCurve.js"
import * as Config from "../../../src/venues/morpho/Config.js"
import * as Markets from "../../../src/venues/morpho/Markets.js"
import * as Simulated from "../../../src/venues/morpho/Simulated.js"

const decode = Schema.decodeUnknownEither(Config.Config, { onExcessProperty: "error" })

const id = `0x${"ab".repeat(32)}`

describe("morpho/Config", () => {
  it("needs nothing", () => {
    const settings = Config.resolve(Either.getOrThrow(decode({})))
    assert.strictEqual(settings.network, "ethereum")
    assert.deepStrictEqual([...settings.markets.values()], [...Markets.defaults])
    for (const { loan, opening, terms } of settings.markets.values()) {
      assert.isTrue(terms.lltv > 0n && terms.lltv < 10n ** 18n)
      assert.strictEqual(AdaptiveCurve.utilization(opening.supply, opening.borrow), AdaptiveCurve.targetUtilization, loan)
    }
  })

  it("changes what it names, and takes markets of its own", () => {
    const json = {
      approval: "unlimited" as const,
      markets: {
        "weETH-WETH-86": { borrow_rate: "0.03", fee: "0.1", total_supply: "1234.5", total_borrow: "1000", oracle: "market" as const },
        "WBTC-WETH-91.5": { loan_token: "WETH", collateral_token: "WBTC", lltv: "0.915", market_id: id, irm: "adaptive_curve" as const, rate_at_target: "0.02", oracle: { price: "19.5" } }
      },
      opening_market: "WBTC-WETH-91.5",
      flash_liquidity: { WETH: "5000", DAI: "1000000" }
    }
    const config = Either.getOrThrow(decode(json))
    assert.deepStrictEqual(Schema.encodeSync(Config.Config)(config), json)
    const { flashLiquidity, markets, openingMarket } = Config.resolve(config)
    assert.strictEqual(openingMarket, "WBTC-WETH-91.5")
    assert.strictEqual(flashLiquidity.get("WETH"), 5000n * 10n ** 18n)
    const changed = markets.get("weETH-WETH-86")!
    assert.deepInclude(changed, { id: Markets.defaults[0]!.id, oracle: "market", openingSource: "config" })
    assert.deepStrictEqual(changed.terms, { irm: { borrowRate: 951_293_759n }, lltv: 86n * 10n ** 16n, fee: 10n ** 17n })
    assert.deepInclude(changed.opening, { supply: 12_345n * 10n ** 17n, borrow: 1000n * 10n ** 18n })
    const own = markets.get("WBTC-WETH-91.5")!
    assert.strictEqual(own.terms.irm, "adaptive_curve")
    assert.deepInclude(own, { id, loan: "WETH", collateral: "WBTC", source: "config" })
    assert.strictEqual(own.opening.rateAtTarget, (2n * 10n ** 16n) / 31_536_000n)
    assert.strictEqual(markets.size, Markets.defaults.length + 1)
  })

  it("refuses what makes no market", () => {
    const own = { loan_token: "WETH", collateral_token: "WBTC", lltv: "0.8" }
    for (
      const [settings, message] of [
        [{ markets: { own: {} } }, /expected one, because own is no market that is known by name/],
        [{ markets: { own: { ...own, loan_token: "ETH" } } }, /expected WETH: the contract holds no native ether/],
        [{ markets: { own: { ...own, loan_token: "nothing" } } }, /expected a token known by name/],
        [{ markets: { own: { ...own, collateral_token: "WETH" } } }, /expected another token than loan_token/],
        [{ markets: { own: { ...own, lltv: "1" } } }, /expected a fraction above 0 and below 1/],
        [{ markets: { own: { ...own, market_id: "0x12" } } }, /64 hexadecimal digits/],
        [{ markets: { own: { ...own, total_borrow: "1" } } }, /expected at most total_supply/],
        [{ markets: { "weETH-WETH-86": { lltv: "0.9" } } }, /expected none: weETH-WETH-86 has its own/],
        [{ markets: { "weETH-WETH-86": { rate_at_target: "0.1" } } }, /expected none, because irm is fixed/],
        [{ markets: { "weETH-WETH-86": { irm: "adaptive_curve", borrow_rate: "0.1" } } }, /expected none, because irm is adaptive_curve/],
        [{ markets: { "weETH-WETH-86": { fee: "0.26" } } }, /expected a fraction from 0 to 0.25/],
        [{ markets: { "weETH-WETH-86": { irm: "adaptive_curve", rate_at_target: "3" } } }, /expected a yearly rate from 0.001 to 2/],
        [{ markets: { "weETH-WETH-86": { oracle: { price: "0" } } } }, /expected a price above 0/],
        [{ markets: { "weETH-WETH-86": { other: 1 } } }, /other/],
        [{ opening_market: "elsewhere" }, /expected the name of a market/],
        [{ flash_liquidity: { WETH: "-1" } }, /expected an amount, zero or more/]
      ] as const
    ) {
      const decoded = decode(settings)
      assert(Either.isLeft(decoded), JSON.stringify(settings))
      assert.match(decoded.left.message, message)
    }
  })

  it("lists its assumptions with their sources", () => {
    const all = Simulated.assumptions(Either.getOrThrow(decode({ markets: { "WBTC-USDT-86": { borrow_rate: "0.05", total_supply: "60000000" } } })))
    assert.deepInclude(all.find(({ subject }) => subject === "market WBTC-USDT-86")!, {
      venue: "morpho",
      subject: "market WBTC-USDT-86",
      value: "WBTC backs USDT, lltv 0.86, fee 0; oracle: a liquid staking token at its protocol's rate, a wrapped one at the " +
        "price of what it wraps; borrow rate: 0.05 a year, whatever is lent",
      source: "Morpho Blue on Ethereum"
    })
    assert.deepInclude(all.find(({ subject }) => subject === "others in WBTC-USDT-86")!, {
      venue: "morpho",
      subject: "others in WBTC-USDT-86",
      value: "they supply 60000000 and owe 45000000 USDT before the first action, and do nothing afterwards",
      source: "config"
    })
    assert.isTrue(Simulated.assumptions().every(({ source, value }) => source !== "" && value !== ""))
  })
})
