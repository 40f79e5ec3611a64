import { it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Instruments from "execution-interface-manager/sim/Exchange/Instruments"
import { assert, describe } from "vitest"
import { amount, decimal } from "./fixtures.js"

const rule = (tick: string, significantFigures?: number): Instruments.Rule => ({
  tick: decimal(tick),
  significantFigures,
  lot: amount("0.001"),
  minAmount: amount("0.001"),
  minNotional: decimal("5")
})

const price = FastCheck.bigInt({ min: 1n, max: 10n ** 14n }).map((units) => Decimal.make(units, 8))
const tick = FastCheck.constantFrom("0.1", "0.01", "0.00025", "5")
const side = FastCheck.constantFrom("buy" as const, "sell" as const)

describe("prices", () => {
  it.prop("a fill is on the tick, never better, and less than a tick worse", { price, side, tick }, ({ price, side, tick }) => {
    const rounded = Instruments.roundAgainst(rule(tick), price, side)
    const worse = side === "buy" ? Decimal.subtract(rounded, price) : Decimal.subtract(price, rounded)
    assert.isTrue(worse.value >= 0n)
    assert.isTrue(Decimal.compare(worse, decimal(tick)) < 0)
    assert.strictEqual(Decimal.format(Instruments.roundPrice(rule(tick), rounded, "down")), Decimal.format(rounded))
  })

  it.prop("a limit lets nothing worse through than was asked", { price, side, tick }, ({ price, side, tick }) => {
    const limit = Instruments.roundLimit(rule(tick), price, side)
    assert.isTrue(side === "buy" ? Decimal.compare(limit, price) <= 0 : Decimal.compare(limit, price) >= 0)
  })

  it.prop("significant figures hold, and prices without decimals are valid", { price, side }, ({ price, side }) => {
    const rounded = Instruments.roundAgainst(rule("0.000001", 5), price, side)
    const text = Decimal.format(rounded)
    if (text.includes(".")) {
      const digits = text.replace(".", "").replace(/^0+/, "")
      assert.isAtMost(digits.length, 5, text)
    }
  })

  it("rounds as Hyperliquid documents it", () => {
    const perp = (decimals: string) => rule(decimals, 5)
    // hyperliquid.gitbook.io, Tick and lot size.
    assert.strictEqual(Decimal.format(Instruments.roundPrice(perp("0.00001"), decimal("0.012345"), "down")), "0.01234")
    assert.strictEqual(Decimal.format(Instruments.roundPrice(perp("0.000001"), decimal("1234.56"), "down")), "1234.5")
    assert.strictEqual(Decimal.format(Instruments.roundPrice(perp("0.000001"), decimal("123456"), "down")), "123456")
    assert.strictEqual(Decimal.format(Instruments.roundPrice(perp("0.000001"), decimal("0.0012345"), "down")), "0.001234")
    assert.strictEqual(Decimal.format(Instruments.roundPrice(perp("0.1"), decimal("1.23456789"), "down")), "1.2")
    assert.strictEqual(Decimal.format(Instruments.roundPrice(perp("0.01"), decimal("9999.96"), "up")), "10000")
  })
})

describe("amounts", () => {
  it.prop("snap down to the lot", { units: FastCheck.bigInt({ min: 1n, max: 10n ** 24n }) }, ({ units }) => {
    const snapped = Instruments.snap(rule("0.01"), units)
    assert.isTrue(snapped <= units && units - snapped < amount("0.001"))
    assert.strictEqual(snapped % amount("0.001"), 0n)
  })

  it("has steps of 1e-8", () => {
    assert.strictEqual(Amount.format(Instruments.quantum), "0.00000001")
  })
})
