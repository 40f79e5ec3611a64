import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"

const seed = 20240601
const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 30 })).map(
  ([value, scale]) => Decimal.make(value, scale)
)
const rounding = fc.constantFrom<Decimal.Rounding>("down", "up", "half_up")
const canonical = /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/

describe("Decimal", () => {
  it("writes canonical text and reads it back to the same value", () => {
    fc.assert(
      fc.property(decimal, (value) => {
        const text = Decimal.format(value)
        assert.match(text, canonical)
        assert.notStrictEqual(text, "-0")
        assert.strictEqual(Decimal.compare(Decimal.parse(text)!, value), 0)
        assert.strictEqual(Decimal.format(Decimal.parse(text)!), text)
      }),
      { seed, numRuns: 500 }
    )
  })

  it("rounds to the neighbour that the direction names, by less than one", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.bigInt(1n, 10n ** 20n), rounding, (n, d, direction) => {
        const rounded = Decimal.divide(n, d, direction)
        const error = rounded * d - n
        const size = error < 0n ? -error : error
        assert.isTrue(direction === "half_up" ? 2n * size <= d : size < d)
        if (direction === "down") assert.isTrue(error <= 0n)
        if (direction === "up") assert.isTrue(error >= 0n)
      }),
      { seed, numRuns: 500 }
    )
  })

  it("agrees with itself: quotient times divisor is the dividend, up to the last place", () => {
    fc.assert(
      fc.property(decimal, decimal.filter((d) => d.value !== 0n), rounding, (a, b, direction) => {
        const q = Decimal.quotient(a, b, 25, direction)
        const off = Decimal.abs(Decimal.subtract(Decimal.multiply(q, b), a))
        assert.isTrue(Decimal.compare(off, Decimal.multiply(Decimal.abs(b), Decimal.make(1n, 25))) <= 0)
      }),
      { seed, numRuns: 300 }
    )
  })

  it.each(["", " ", "+1", "1e5", "1E-5", "-0", "-0.0", "00", "01", ".5", "5.", "1,000", "0x1", "NaN", "Infinity", "1_0", "١", "9".repeat(79)])(
    "refuses %j",
    (text) => assert.isUndefined(Decimal.parse(text))
  )

  it.each([["1.50", "1.5"], ["0.0", "0"], ["60750.0", "60750"], ["-2.10", "-2.1"], ["9".repeat(78), "9".repeat(78)]])(
    "reads %j as %j",
    (text, expected) => assert.strictEqual(Decimal.format(Decimal.parse(text)!), expected)
  )

  it.each([[1e-7, "0.0000001"], [1e21, "1000000000000000000000"], [1.5e-10, "0.00000000015"], [0.1, "0.1"], [-0, "0"], [1000.0, "1000"]])(
    "writes the JSON number %d as %j",
    (n, expected) => assert.strictEqual(Decimal.textOfNumber(n), expected)
  )

  it("writes every finite number as plain text of the same value", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
        const text = Decimal.textOfNumber(n)!
        assert.strictEqual(Number(text), n === 0 ? 0 : n)
        assert.notMatch(text, /e/i)
      }),
      { seed, numRuns: 1000 }
    )
  })
})

describe("Amount", () => {
  it("multiplies and divides to a multiple of the quantum, off by less than one of it", () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 30n), 10n ** 30n),
        fc.tuple(fc.bigInt(1n, 10n ** 20n), fc.integer({ min: 0, max: 20 })).map(([v, s]) => Decimal.make(v, s)),
        fc.integer({ min: 0, max: 18 }).map(Amount.quantumOf),
        rounding,
        (amount, factor, quantum, direction) => {
          for (const [result, numerator, denominator] of [
            [Amount.times(amount, factor, quantum, direction), amount * factor.value, Decimal.pow10(factor.scale)],
            [Amount.over(amount, factor, quantum, direction), amount * Decimal.pow10(factor.scale), factor.value]
          ] as const) {
            assert.strictEqual(result % quantum, 0n)
            const error = result * denominator - numerator
            assert.isTrue((error < 0n ? -error : error) < quantum * denominator)
            if (direction === "down") assert.isTrue(error <= 0n)
            if (direction === "up") assert.isTrue(error >= 0n)
          }
        }
      ),
      { seed, numRuns: 500 }
    )
  })

  it("holds what has at most 18 decimals, exactly, and refuses the rest", () => {
    assert.strictEqual(Amount.fromDecimal(Decimal.parse("0.000000000000000001")!), 1n)
    assert.isUndefined(Amount.fromDecimal(Decimal.parse("0.0000000000000000001")!))
    assert.strictEqual(Amount.toUnits(Amount.unsafe("1.2345678"), 6, "down"), 1_234_567n)
    assert.strictEqual(Amount.fromUnits(1_234_567n, 6), Amount.unsafe("1.234567"))
  })
})

describe("Timestamp", () => {
  it("writes RFC 3339 and reads it back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (at) => {
        assert.strictEqual(Timestamp.parse(Timestamp.format(at)), at)
      }),
      { seed, numRuns: 500 }
    )
  })

  it("reads zones, and seconds that are left out", () => {
    assert.strictEqual(Timestamp.parse("2024-06-01T02:00+02:00"), Timestamp.parse("2024-06-01T00:00:00Z"))
    assert.strictEqual(Timestamp.format(Timestamp.unsafe("2024-06-01T00:00:00.250Z")), "2024-06-01T00:00:00.250Z")
  })

  it.each(["2024-02-30T00:00:00Z", "2024-06-01", "2024-06-01T00:00:00", "2024-06-01T24:00:00Z", "2024-13-01T00:00:00Z", "1717200000", "", "1969-12-31T23:59:59Z", "2024-06-01T00:00:00+25:00"])(
    "refuses %j",
    (text) => assert.isUndefined(Timestamp.parse(text))
  )
})
