import { it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import type * as Profile from "execution-interface-manager/sim/Exchange/Profile"
import * as Settings from "execution-interface-manager/sim/Exchange/Settings"
import * as Tiers from "execution-interface-manager/sim/Exchange/Tiers"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import { amount, config, decimal } from "./fixtures.js"

const terms = (profile: Profile.Profile, symbol: string, input: unknown = {}): Tiers.Terms => {
  const quote = symbol.slice(-4)
  return Settings.make(profile, config(input)).margin({ base: symbol.slice(0, -4), quote })
}

const deductions = (profile: Profile.Profile, symbol: string) =>
  terms(profile, symbol).tiers.map(({ deduction }) => Amount.format(deduction))

describe("deductions", () => {
  it("are those that Binance publishes as cum", () => {
    assert.deepStrictEqual(deductions(Binance.profile, "BTCUSDT"), [
      "0", "50", "950", "11450", "131450", "481450", "2981450", "14481450", "26481450", "41481450", "121481450", "421481450"
    ])
    assert.deepStrictEqual(deductions(Binance.profile, "ETHUSDT"), [
      "0", "50", "950", "11450", "131450", "381450", "2006450", "9506450", "17506450", "27506450", "80506450", "280506450"
    ])
    assert.deepStrictEqual(deductions(Binance.profile, "ETHUSDC"), ["0", "50", "800", "4300", "54300", "1554300", "6554300"])
  })

  it("are those that Bybit publishes for BTCUSDT", () => {
    assert.deepStrictEqual(deductions(Bybit.profile, "BTCUSDT"), [
      "0", "1200", "3020", "4300", "5820", "8460", "15460", "20500", "46000", "66000", "80000", "160000", "300000", "452000",
      "502000", "777000", "837000", "967000", "1107000", "1482000"
    ])
  })

  it("are half of the bound times the step of leverage at Hyperliquid, and none at OKX", () => {
    assert.deepStrictEqual(deductions(Hyperliquid.profile, "BTCUSDC"), ["0", "1875000"])
    assert.isTrue(terms(Okx.profile, "BTCUSDT").tiers.every(({ deduction }) => deduction === 0n))
  })
})

describe("a position", () => {
  it("is kept by its rate less the deduction of its tier", () => {
    const eth = terms(Binance.profile, "ETHUSDT")
    assert.strictEqual(Tiers.maintenance(eth, amount("21600")), amount("86.4"))
    // 1,000,000 × 0.0065 − 950.
    assert.strictEqual(Tiers.maintenance(eth, amount("1000000")), amount("5550"))
    // OKX takes the rate of the tier of the whole.
    assert.strictEqual(Tiers.maintenance(terms(Okx.profile, "ETHUSDT"), amount("2000000")), amount("13000"))
  })

  it("has the leverage that was chosen, or less where its tier allows less", () => {
    const eth = terms(Binance.profile, "ETHUSDT", { leverage: { ETHUSDT: "100", ETH: "3" } })
    assert.strictEqual(Decimal.format(Tiers.leverage(eth, amount("600000"))), "100")
    assert.strictEqual(Decimal.format(Tiers.leverage(eth, amount("600000.01"))), "75")
    assert.strictEqual(Tiers.initial(eth, amount("750000")), amount("10000"))
    // A symbol goes before its base token, and a base token before the rest.
    assert.strictEqual(Decimal.format(terms(Binance.profile, "ETHUSDC", { leverage: { ETHUSDT: "100", ETH: "3" } }).leverage), "3")
    assert.strictEqual(Decimal.format(terms(Binance.profile, "BTCUSDC", { leverage: { ETHUSDT: "100", ETH: "3" } }).leverage), "20")
  })

  it("is kept by what is set: one rate for every size, or tiers", () => {
    assert.strictEqual(Tiers.maintenance(terms(Binance.profile, "ETHUSDT", { maintenance_margin: "0.04" }), amount("1000000")), amount("40000"))
    const tiers = [{ from: "0", maintenance: "0.01" }, { from: "1000", max_leverage: "10", maintenance: "0.03" }]
    const set = terms(Binance.profile, "ETHUSDT", { margin_tiers: { ETH: tiers } })
    assert.strictEqual(Tiers.maintenance(set, amount("2000")), amount("40"))
    assert.strictEqual(Tiers.initial(set, amount("2000")), amount("200"))
  })
})

describe("every tier of every venue", () => {
  const profiles = [Binance.profile, Bybit.profile, Okx.profile, Hyperliquid.profile]
  const names = profiles.flatMap((profile) =>
    Object.keys(profile.perp.tiers.value).map((name) => {
      const [quote = ""] = Object.keys(profile.perp.listed.value)
      return { profile, symbol: name.endsWith(quote) || name.endsWith("USDC") ? name : `${name}${quote}` }
    })
  )
  const input = {
    one: FastCheck.constantFrom(...names),
    a: FastCheck.bigInt({ min: 1n, max: 2n * 10n ** 27n }),
    b: FastCheck.bigInt({ min: 1n, max: 2n * 10n ** 27n })
  }
  it.prop("asks for no less of more, never for less than a lower tier did, and for less to hold than to open", input, ({ a, b, one }) => {
    const set = terms(one.profile, one.symbol)
    const [less, more] = a < b ? [a, b] : [b, a]
    assert.isTrue(Tiers.maintenance(set, less) <= Tiers.maintenance(set, more))
    assert.isTrue(Tiers.initial(set, less) <= Tiers.initial(set, more))
    assert.isTrue(Tiers.maintenance(set, more) <= Tiers.initial(set, more))
    assert.isTrue(Tiers.maintenance(set, less) > 0n)
  })

  for (const { profile, symbol } of names) {
    it(`rises without a step with deductions: ${profile.venue} ${symbol}`, () => {
      const set = terms(profile, symbol)
      for (const { from } of set.tiers.slice(1)) {
        const step = Tiers.maintenance(set, from + 1n) - Tiers.maintenance(set, from)
        if (profile.perp.tiers.deducts === false) assert.isTrue(step > 0n)
        else assert.isTrue(step >= 0n && step <= 1n, `${step}`)
      }
    })
  }

  it("never allows a leverage whose margin would not keep the position", () => {
    for (const { profile, symbol } of names) {
      for (const { maintenance, maxLeverage } of terms(profile, symbol).tiers) {
        assert.isTrue(Decimal.compare(Decimal.multiply(maintenance, maxLeverage!), decimal("1")) < 0, `${profile.venue} ${symbol}`)
      }
    }
  })
})
