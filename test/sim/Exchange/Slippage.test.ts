import { it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import type * as Instruments from "execution-interface-manager/sim/Exchange/Instruments"
import * as Profile from "execution-interface-manager/sim/Exchange/Profile"
import * as Slippage from "execution-interface-manager/sim/Exchange/Slippage"
import { assert, describe } from "vitest"
import { amount, decimal } from "./fixtures.js"

const spot: Slippage.Curve = Profile.measuredSlippage.spot.value.map(([notional, bps]) => ({
  notional: decimal(notional),
  bps: decimal(bps)
}))

const at = (notional: string): string => Decimal.format(Slippage.bps(spot, decimal(notional)))

const rule: Instruments.Rule = { tick: decimal("0.01"), lot: amount("0.0001"), minAmount: 0n, minNotional: decimal("0") }

describe("cost of size", () => {
  it("meets the measured points, is flat below them, linear between and beyond", () => {
    assert.deepStrictEqual(
      ["0", "1", "10000", "55000", "100000", "550000", "1000000", "1900000"].map(at),
      ["5", "5", "5", "6", "7", "10", "13", "19"]
    )
  })

  it("is rounded up to 1e-12 bps where the line has no end", () => {
    // 5 + 2 × 10000 / 90000
    assert.strictEqual(at("20000"), "5.222222222223")
  })

  it("is the same for every size under one point", () => {
    const curve = Slippage.flat(decimal("2.5"))
    assert.deepStrictEqual(["0", "1", "1000000000"].map((n) => Decimal.format(Slippage.bps(curve, decimal(n)))), ["2.5", "2.5", "2.5"])
  })

  it("never pays for size, however the last line falls", () => {
    const curve: Slippage.Curve = [{ notional: decimal("1"), bps: decimal("5") }, { notional: decimal("2"), bps: decimal("1") }]
    assert.strictEqual(Decimal.format(Slippage.bps(curve, decimal("100"))), "0")
  })

  const dollars = FastCheck.bigInt({ min: 0n, max: 10n ** 9n }).map((n) => Decimal.make(n, 2))
  it.prop("does not fall with size", { a: dollars, b: dollars }, ({ a, b }) => {
    const [less, more] = Decimal.compare(a, b) <= 0 ? [a, b] : [b, a]
    assert.isTrue(Decimal.compare(Slippage.bps(spot, less), Slippage.bps(spot, more)) <= 0)
  })

  it.prop(
    "makes a fill worse than the arrival by the bps, and by less than a tick more",
    {
      cents: FastCheck.bigInt({ min: 100n, max: 10n ** 9n }),
      bps: FastCheck.bigInt({ min: 0n, max: 500n }),
      side: FastCheck.constantFrom("buy" as const, "sell" as const)
    },
    ({ bps, cents, side }) => {
      const arrival = Decimal.make(cents, 2)
      const exact = Decimal.multiply(arrival, Decimal.make(side === "buy" ? 10_000n + bps : 10_000n - bps, 4))
      const price = Slippage.fillPrice(arrival, Decimal.make(bps, 0), side, rule)
      const worse = side === "buy" ? Decimal.subtract(price, exact) : Decimal.subtract(exact, price)
      assert.isTrue(worse.value >= 0n && Decimal.compare(worse, rule.tick) < 0)
    }
  )

  it("has no price for a sale beyond everything", () => {
    assert.strictEqual(Slippage.fillPrice(decimal("3000"), decimal("10000"), "sell", rule).value, 0n)
    assert.strictEqual(Slippage.fillPrice(decimal("3000"), decimal("12000"), "sell", rule).value, 0n)
  })
})
