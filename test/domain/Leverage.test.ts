import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "effect/FastCheck"
import * as Amount from "../../src/domain/Amount.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as InstructionBlock from "../../src/domain/InstructionBlock.js"
import * as Leverage from "../../src/domain/Leverage.js"

const parties = { flash: "morpho", staking: "etherfi", token: "weETH", lending: "aave" } as const

const amount = fc.bigInt(10n ** 12n, 10n ** 24n)
const between = (least: bigint, most: bigint) => fc.bigInt(least, most).map((n) => Decimal.make(n, 4))
const ltv = between(1n, 9_900n)
const fee = between(0n, 90n)

describe("sizes of a leveraged position", () => {
  it("are those of the golden entry: 10 ether at 0.9", () => {
    const sizes = Either.getOrThrow(Leverage.sizes({ equity: Amount.unsafe("10"), ltv: Decimal.unsafe("0.9") }))
    assert.deepStrictEqual(
      [sizes.flash, sizes.staked, sizes.borrowed].map(Amount.format),
      ["90", "100", "90"]
    )
    const premium = Either.getOrThrow(
      Leverage.sizes({ equity: Amount.unsafe("10"), ltv: Decimal.unsafe("0.9"), flashFee: Decimal.unsafe("0.0005") })
    )
    assert.strictEqual(Amount.format(premium.borrowed), "90.045")
  })

  it("F = E·l/(1−l), S = E/(1−l), B = F·(1 + fee), each to the wei and against the trader", () => {
    fc.assert(fc.property(amount, ltv, fee, (equity, of, flashFee) => {
      const { borrowed, flash, staked } = Either.getOrThrow(Leverage.sizes({ equity, ltv: of, flashFee }))
      const [l, one] = [of.value, 10_000n]
      const exact = equity * l
      assert.isTrue(flash * (one - l) <= exact && exact < (flash + 2n) * (one - l) + one)
      assert.strictEqual(staked, equity + flash)
      assert.isTrue(staked * (one - l) <= equity * one)
      assert.isTrue(borrowed * one >= flash * (one + flashFee.value) && (borrowed - 1n) * one < flash * (one + flashFee.value))
    }))
  })

  it("refuse what is no loan to value, and no equity", () => {
    for (const wrong of ["0", "1", "1.5", "-0.1"]) {
      const refused = Leverage.sizes({ equity: 1n, ltv: Decimal.unsafe(wrong) })
      assert.deepStrictEqual(Either.isLeft(refused) && refused.left, { path: "ltv", expected: "a fraction above 0 and below 1", actual: wrong })
    }
    assert.isTrue(Either.isLeft(Leverage.sizes({ equity: 0n, ltv: Decimal.unsafe("0.5") })))
  })
})

describe("blocks of a leveraged position", () => {
  it("are blocks that the manager takes, of one group, whose loan is given back with its fee", () => {
    fc.assert(fc.property(amount, ltv, fee, fc.boolean(), (equity, of, flashFee, morpho) => {
      const made = Either.getOrThrow(Leverage.entry({
        ...parties,
        lending: morpho ? "morpho" : "aave",
        market: morpho ? "weETH-WETH-94.5" : undefined,
        id: "lev",
        equity,
        ltv: of,
        flashFee
      }))
      assert.deepStrictEqual(Either.getOrThrow(InstructionBlock.fromJson(InstructionBlock.toJson(made))), made)
      const calls = made.instructions.map((call) => call.instructionType === "smart_contract_action" ? call : assert.fail())
      assert.isTrue(calls.every(({ atomicGroupId }) => atomicGroupId === "lev"))
      assert.strictEqual(new Set(calls.map(({ operationId }) => operationId)).size, calls.length)
      const of_ = (step: string) => calls.find(({ operationId }) => operationId === `lev.${step}`)!
      assert.strictEqual(of_("repay").amount, "max")
      assert.strictEqual(of_("collateral").action, morpho ? "supply_collateral" : "supply")
    }), { numRuns: 50 })
  })

  it("an exit sells at least what the flash loan takes back, and frees no more than the debt paid back carried", () => {
    const rate = between(9_000n, 11_000n)
    fc.assert(fc.property(amount, between(1n, 9_999n), ltv, rate, between(0n, 300n), fee, (debt, part, of, price, slippage, flashFee) => {
      const made = Either.getOrThrow(Leverage.exit({
        ...parties, id: "out", debt, fraction: part, ltv: of, rate: price, exchange: "curve", slippage, flashFee
      }))
      const amountOf = (step: string): bigint => {
        const call = made.instructions.find(({ operationId }) => operationId === `out.${step}`)!
        return typeof call.amount === "bigint" ? call.amount : assert.fail()
      }
      const worst = price.value * (10_000n - slippage.value)
      // The flash loan with its fee, up.
      const back = (amountOf("flash") * (10_000n + flashFee.value) + 9_999n) / 10_000n
      assert.isTrue(amountOf("sell") * worst >= back * 10n ** 8n)
      assert.isTrue(amountOf("collateral") * price.value * of.value <= amountOf("repay") * 10n ** 8n)
      assert.isTrue(amountOf("flash") * 10_000n >= debt * part.value)
    }))
  })

  it("a whole exit pays all that is owed and sells all collateral", () => {
    const made = Either.getOrThrow(Leverage.exit({
      ...parties,
      id: "out",
      debt: Amount.unsafe("90"),
      fraction: Decimal.one,
      ltv: Decimal.unsafe("0.9"),
      rate: Decimal.one,
      exchange: "curve",
      slippage: Decimal.unsafe("0.005")
    }))
    assert.deepStrictEqual(made.instructions.map(({ amount }) => amount), [
      Amount.unsafe("90"),
      "max",
      "max",
      { outputOf: "out.collateral" },
      "max"
    ])
  })

  it("refuses fractions, rates and slippages that are none", () => {
    const sound = { ...parties, id: "out", debt: 1n, fraction: Decimal.one, ltv: Decimal.unsafe("0.5"), rate: Decimal.one, exchange: "curve", slippage: Decimal.zero }
    const path = (wrong: Partial<Leverage.Exit>) => {
      const made = Leverage.exit({ ...sound, ...wrong })
      return Either.isLeft(made) ? made.left.path : "none"
    }
    assert.strictEqual(path({}), "none")
    assert.strictEqual(path({ fraction: Decimal.zero }), "fraction")
    assert.strictEqual(path({ fraction: Decimal.unsafe("1.01") }), "fraction")
    assert.strictEqual(path({ rate: Decimal.zero }), "rate")
    assert.strictEqual(path({ slippage: Decimal.one }), "slippage")
    assert.strictEqual(path({ slippage: Decimal.unsafe("-0.1") }), "slippage")
    assert.strictEqual(path({ debt: 0n }), "debt")
    assert.strictEqual(path({ ltv: Decimal.one }), "ltv")
  })
})

describe("post-conditions", () => {
  const state = { collateral: Amount.unsafe("100"), debt: Amount.unsafe("90"), threshold: Decimal.unsafe("0.95") }

  it("health factor down, loan to value up", () => {
    assert.strictEqual(Decimal.format(Leverage.healthFactor(state)!), "1.055555555555555555")
    assert.strictEqual(Decimal.format(Leverage.ltv({ ...state, debt: Amount.unsafe("1") / 3n })!), "0.003333333333333334")
    assert.isUndefined(Leverage.healthFactor({ ...state, debt: 0n }))
    assert.isUndefined(Leverage.ltv({ ...state, collateral: 0n }))
  })

  it("names each that is not kept", () => {
    const limits = { minHealthFactor: Decimal.unsafe("1.05"), maxLtv: Decimal.unsafe("0.9") }
    assert.deepStrictEqual(Leverage.violations(state, limits), [])
    assert.deepStrictEqual(
      Leverage.violations({ ...state, debt: Amount.unsafe("91") }, limits).map(({ path }) => path),
      ["health_factor", "ltv"]
    )
    assert.deepStrictEqual(Leverage.violations({ ...state, collateral: 0n }, limits).map(({ actual }) => actual), [
      "0",
      "a debt without collateral"
    ])
    assert.deepStrictEqual(Leverage.violations({ ...state, collateral: 0n, debt: 0n }, limits), [])
    assert.deepStrictEqual(Leverage.violations(state, {}), [])
  })
})
