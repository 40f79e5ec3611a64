import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Fault from "../../../src/domain/Fault.js"
import * as Config from "../../../src/venues/aave/Config.js"
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
    assert.deepStrictEqual(reserves.get("weETH"), {
      token: "weETH",
      ltv: 7250n,
      liquidationThreshold: 7500n,
      borrowable: true,
      source: "config"
    })
    assert.deepStrictEqual(reserves.get("EIGEN"), { token: "EIGEN", ltv: 0n, liquidationThreshold: 0n, borrowable: true, source: "config" })
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
        [{ USDT: { other: 1 } }, /other/]
      ] as const
    ) {
      const decoded = Fault.decoderOfAll(Config.Config)({ reserves })
      assert(Either.isLeft(decoded))
      assert.match(Fault.describe(decoded.left[0]), message)
    }
    assert.isTrue(Either.isLeft(decode({ rounding: "v2" })))
  })

  it("lists its assumptions with their sources", () => {
    const all = Simulated.assumptions({ rounding: "v3.0", reserves: { USDT: { ltv: Decimal.zero } } })
    assert.deepStrictEqual(all.find(({ subject }) => subject === "rounding"), {
      venue: "aave",
      subject: "rounding",
      value: "half up, as before v3.5",
      source: "config"
    })
    assert.deepStrictEqual(all.find(({ subject }) => subject === "parameters of USDT"), {
      venue: "aave",
      subject: "parameters of USDT",
      value: "loan to value 0, liquidation threshold 0.78, the same at all times",
      source: "config"
    })
    assert.isTrue(Simulated.assumptions().every(({ source, value }) => source !== "" && value !== ""))
  })
})
