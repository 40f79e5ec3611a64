import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as PriceGuard from "execution-interface-manager/manager/PriceGuard"

const decimal = Decimal.unsafe

/** Trades one ETH on binance; the estimate gives the signed changes of ETH and USDT. */
const check = (
  side: "buy" | "sell",
  estimate: readonly [string, string] | undefined,
  options: { readonly price?: string; readonly fee?: string; readonly tolerance?: string } = {}
) =>
  PriceGuard.check({
    base: "ETH",
    quote: "USDT",
    side,
    arrival: { price: decimal(options.price ?? "3000"), feeRate: decimal(options.fee ?? "0") },
    estimated: estimate && { binance: { ETH: Amount.unsafe(estimate[0]), USDT: Amount.unsafe(estimate[1]) } },
    tolerance: decimal(options.tolerance ?? "0.02")
  })

const bound = (...args: Parameters<typeof check>): string => Decimal.format(Either.getOrThrow(check(...args)))
const refusal = (...args: Parameters<typeof check>): PriceGuard.Deviation => Either.getOrThrow(Either.flip(check(...args)))

describe("PriceGuard", () => {
  it("bounds the market's price by the tolerance where nothing is estimated", () => {
    assert.strictEqual(bound("buy", undefined), "3060")
    assert.strictEqual(bound("sell", undefined), "2940")
    assert.strictEqual(bound("sell", undefined, { fee: "0.001", tolerance: "0" }), "3000")
  })

  it("bounds the estimated price, without the fee that is in it", () => {
    assert.strictEqual(bound("buy", ["1", "-3003"], { fee: "0.001" }), "3060")
    assert.strictEqual(bound("sell", ["-1", "2997"], { fee: "0.001" }), "2940")
    assert.strictEqual(bound("buy", ["2", "-6060"]), "3090.6")
    assert.strictEqual(bound("sell", ["-2", "6060"]), "2969.4")
  })

  it("accepts a deviation of the tolerance, and none that is larger, on either side of the market", () => {
    for (const [side, base, sign] of [["buy", "1", "-"], ["sell", "-1", ""]] as const) {
      for (const quote of ["2940", "3060"]) assert.isTrue(Either.isRight(check(side, [base, `${sign}${quote}`])))
      for (const quote of ["2939.999999", "3060.000001"]) {
        const { actual, expected, message } = refusal(side, [base, `${sign}${quote}`])
        assert.strictEqual(actual, quote)
        assert.strictEqual(expected, "within 2 % of 3000 USDT per ETH")
        assert.include(message, `the estimate implies ${quote} USDT per ETH, and the market is at 3000 (2 % apart, 2 % allowed)`)
      }
    }
  })

  it.each([
    ["buy", ["-1", "3000"]],
    ["buy", ["1", "3000"]],
    ["buy", ["-1", "-3000"]],
    ["sell", ["1", "-3000"]],
    ["sell", ["-1", "-3000"]],
    ["sell", ["1", "3000"]]
  ] as const)("refuses to %s where the estimate is %j", (side, estimate) => {
    const { actual, expected } = refusal(side, estimate)
    assert.strictEqual(expected, side === "sell" ? "less ETH and more USDT" : "more ETH and less USDT")
    assert.strictEqual(
      actual,
      `ETH ${estimate[0].startsWith("-") ? "less" : "more"}, USDT ${estimate[1].startsWith("-") ? "less" : "more"}`
    )
  })

  it("takes an estimate of one side only for none", () => {
    assert.strictEqual(bound("buy", ["1", "0"]), "3060")
    assert.strictEqual(bound("buy", ["0", "-1"]), "3060")
  })

  it("adds up the estimates of all venues", () => {
    const estimated: Deltas.Deltas = { binance: { ETH: Amount.unit }, okx: { ETH: Amount.unit, USDT: Amount.unsafe("-6000") }, wallet: {} }
    const input = { base: "ETH", quote: "USDT", side: "buy", arrival: { price: decimal("3000"), feeRate: Decimal.zero }, estimated, tolerance: decimal("0.01") } as const
    assert.strictEqual(Decimal.format(Either.getOrThrow(PriceGuard.check(input))), "3030")
  })

  it("refuses a market without price", () => {
    for (const price of ["0", "-1"]) {
      assert.strictEqual(refusal("buy", undefined, { price }).actual, price)
    }
    assert.strictEqual(refusal("sell", undefined, { fee: "1" }).expected, "a price above 0")
  })

  it("gives a bound that is worse than the expected price by the tolerance", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 0, max: 999 }), fc.constantFrom("buy" as const, "sell" as const), (cents, permille, side) => {
        const price = Decimal.make(BigInt(cents), 2)
        const tolerance = Decimal.make(BigInt(permille), 3)
        const worst = Either.getOrThrow(check(side, undefined, { price: Decimal.format(price), tolerance: Decimal.format(tolerance) }))
        const off = Decimal.subtract(worst, price)
        assert.strictEqual(Decimal.compare(side === "buy" ? off : Decimal.negate(off), Decimal.multiply(price, tolerance)), 0)
      })
    )
  })
})
