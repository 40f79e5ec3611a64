import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Fault from "../../../src/domain/Fault.js"
import * as Config from "../../../src/venues/aave/Config.js"
import * as Reserves from "../../../src/venues/aave/Reserves.js"
import * as Simulated from "../../../src/venues/aave/Simulated.js"

const decode = Schema.decodeUnknownEither(Config.Config, { onExcessProperty: "error" })

describe("aave/Config", () => {
  it("needs nothing", () => {
    const settings = Config.resolve(Either.getOrThrow(decode({})))
    assert.strictEqual(settings.version, "v3.5")
    assert.strictEqual(settings.network, "ethereum")
    assert.deepStrictEqual([...settings.reserves.keys()], ["WETH", "wstETH", "WBTC", "USDC", "DAI", "USDT", "weETH"])
    assert.deepStrictEqual(
      [...settings.reserves.values()].filter(({ ltv, liquidationThreshold }) => ltv > liquidationThreshold),
      []
    )
  })

  it("overrides what it names and leaves the rest", () => {
    const json = { rounding: "v3.0" as const, reserves: { weETH: { ltv: "0.725", liquidation_threshold: "0.75" }, EIGEN: { borrowable: true } } }
    const config = Either.getOrThrow(decode(json))
    assert.deepStrictEqual(Schema.encodeSync(Config.Config)(config), json)
    const { reserves, version } = Config.resolve(config)
    assert.strictEqual(version, "v3.0")
    const known = Reserves.defaults.find(({ token }) => token === "weETH")!
    assert.deepStrictEqual(reserves.get("weETH"), { ...known, ltv: 7250n, liquidationThreshold: 7500n, source: "config" })
    assert.deepStrictEqual(reserves.get("EIGEN"), { ...Reserves.unlisted("EIGEN"), borrowable: true })
    assert.strictEqual(reserves.get("USDT")?.ltv, 7500n)
  })

  it("refuses what makes no reserve", () => {
    for (
      const [reserves, message] of [
        [{ ETH: {} }, /expected WETH: a lending pool holds no native ether/],
        [{ nothing: {} }, /expected a token known by name, got "the field nothing"/],
        [{ USDT: { ltv: "0.79" } }, /expected an ltv of USDT not above its liquidation_threshold/],
        [{ USDT: { ltv: "0.75001" } }, /expected a fraction from 0 to 1 with at most 4 decimals/],
        [{ USDT: { ltv: "1.1", liquidation_threshold: "1.2" } }, /expected a fraction from 0 to 1/],
        [{ USDT: { other: 1 } }, /other/],
        [{ USDT: { liquidation_threshold: "0.97" } }, /expected a liquidation_threshold of USDT that leaves room for its liquidation_bonus/],
        [{ USDT: { total_supply: "1", total_debt: "2" } }, /expected a total_debt of USDT not above its total_supply/],
        [{ USDT: { interest: "model" } }, /expected a rate_model with an interest of "model", and only there/],
        [{ USDT: { supply_cap: "-1" } }, /expected an amount, zero or more/]
      ] as const
    ) {
      const decoded = Fault.decoderOfAll(Config.Config)({ reserves })
      assert(Either.isLeft(decoded))
      assert.match(Fault.describe(decoded.left[0]), message)
    }
    assert.isTrue(Either.isLeft(decode({ rounding: "v2" })))
    const own = { ltv: "0.9", liquidation_threshold: "0.93", liquidation_bonus: "0.02", collateral: ["USDC"], borrowable: ["USDT"] }
    assert.isTrue(Either.isRight(decode({ emodes: { 2: own }, opening_emode: 2 })))
    for (
      const config of [
        { opening_emode: 2 },
        { emodes: { 0: own } },
        { emodes: { 256: own } },
        { emodes: { 2: { ...own, ltv: "0" } } },
        { emodes: { 2: { ...own, ltv: "0.94" } } },
        { emodes: { 2: { ...own, liquidation_bonus: "0.1" } } },
        { emodes: { 2: { ...own, collateral: ["ETH"] } } }
      ]
    ) assert.isTrue(Either.isLeft(decode(config)), JSON.stringify(config))
  })

  it("reads limits and a rate model in the units of the contracts", () => {
    const json = {
      reserves: {
        USDT: {
          interest: "model" as const,
          rate_model: { optimal_usage: "0.92", base_rate: "0", slope1: "0.055", slope2: "0.4" },
          reserve_factor: "0.15",
          total_supply: "1000",
          total_debt: "900.5",
          supply_cap: "2000",
          borrow_cap: "0",
          liquidation_bonus: "0.06",
          liquidation_protocol_fee: "0.2"
        }
      },
      flash_premium: "0.0009",
      opening_emode: 1
    }
    const { categories, flashPremium, openingEMode, reserves } = Config.resolve(Either.getOrThrow(decode(json)))
    const ray = 10n ** 27n
    assert.deepInclude(reserves.get("USDT"), {
      interest: { optimalUsage: (ray * 92n) / 100n, base: 0n, slope1: (ray * 55n) / 1000n, slope2: (ray * 4n) / 10n },
      factor: 1500n,
      others: { supply: 1_000_000_000n, debt: 900_500_000n },
      supplyCap: 2_000_000_000n,
      borrowCap: undefined,
      liquidationBonus: 10_600n,
      liquidationFee: 2_000n
    })
    assert.deepStrictEqual([flashPremium, openingEMode, categories.get(1)?.liquidationThreshold], [9n, 1, 9500n])
    const told = Simulated.assumptions(Either.getOrThrow(decode(json)))
    assert.strictEqual(
      told.find(({ subject }) => subject === "interest of USDT")?.value,
      "by the rate model, from one own action to the next: base 0, 0.055 up to a usage of 0.92, 0.4 above it, reserve factor 0.15; told every hour"
    )
  })

  it("lists its assumptions with their sources", () => {
    const all = Simulated.assumptions({ rounding: "v3.0", reserves: { USDT: { ltv: Decimal.zero } } })
    assert.deepInclude(all.find(({ subject }) => subject === "rounding")!, {
      venue: "aave",
      subject: "rounding",
      value: "half up, as before v3.5",
      source: "config"
    })
    assert.deepInclude(all.find(({ subject }) => subject === "parameters of USDT")!, {
      venue: "aave",
      subject: "parameters of USDT",
      value: "loan to value 0, liquidation threshold 0.78, liquidation bonus 0.045 of which 0.1 to the treasury, the same at all times",
      source: "config"
    })
    assert.isTrue(Simulated.assumptions().every(({ source, value }) => source !== "" && value !== ""))
  })
})
