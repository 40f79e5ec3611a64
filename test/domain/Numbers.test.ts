import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"

const seed = 20240601
const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 30 })).map(
  ([value, scale]) => Decimal.make(value, scale)
)
const rounding = fc.constantFrom<Decimal.Rounding>("down", "up", "half_up")
const canonical = /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/

const firstWritten = [-1, -5].map(Timestamp.format)

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

  it("rounds halves away from zero, and leaves what is whole as it is", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.bigInt(1n, 10n ** 20n), rounding, (q, d, direction) => {
        assert.strictEqual(Decimal.divide(q * d, d, direction), q)
        assert.strictEqual(Decimal.divide((2n * q + 1n) * d, 2n * d, "half_up"), q < 0n ? q : q + 1n)
      }),
      { numRuns: 200 }
    )
  })

  it("rescales to an integer off by less than one, exactly where it has the places", () => {
    fc.assert(
      fc.property(decimal, fc.integer({ min: 0, max: 30 }), rounding, (value, scale, direction) => {
        const off = Decimal.subtract(Decimal.make(Decimal.toScale(value, scale, direction), scale), value)
        assert.isTrue(Decimal.compare(Decimal.abs(off), Decimal.make(1n, scale)) < 0)
        if (value.scale <= scale) assert.strictEqual(off.value, 0n)
        if (direction === "down") assert.isTrue(off.value <= 0n)
        if (direction === "up") assert.isTrue(off.value >= 0n)
      }),
      { numRuns: 300 }
    )
  })

  it("orders two decimals as their difference says", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const difference = Decimal.subtract(a, b)
        const sign = Decimal.compare(a, b)
        assert.strictEqual(sign > 0, Decimal.isPositive(difference))
        assert.strictEqual(sign, -Decimal.compare(b, a))
        assert.deepStrictEqual(Decimal.min(a, b), sign <= 0 ? a : b)
        assert.deepStrictEqual(Decimal.max(a, b), sign >= 0 ? a : b)
        assert.isFalse(Decimal.isPositive(Decimal.subtract(a, a)))
        assert.deepStrictEqual(Decimal.min(a, Decimal.make(a.value * 10n, a.scale + 1)), a)
        assert.deepStrictEqual(Decimal.max(a, Decimal.make(a.value * 10n, a.scale + 1)), a)
      }),
      { numRuns: 300 }
    )
  })

  it("writes tens and hundreds of a negative scale", () => {
    assert.strictEqual(Decimal.format(Decimal.make(12n, -2)), "1200")
    assert.strictEqual(Decimal.toScale(Decimal.make(12n, -2), 1, "down"), 12_000n)
  })

  it("drops the zeros at the end when it reads", () => {
    for (const [text, value, scale] of [["1.500", 15n, 1], ["-20.0", -20n, 0], ["100", 100n, 0], ["0.10", 1n, 1], ["0.00", 0n, 0]] as const) {
      assert.deepStrictEqual(Decimal.parse(text), Decimal.make(value, scale))
    }
  })

  it("counts digits, not the minus or the point", () => {
    const longest = `-0.${"1".repeat(77)}`
    assert.strictEqual(Decimal.format(Decimal.parse(longest)!), longest)
    assert.isUndefined(Decimal.parse(`${longest}1`))
    assert.isUndefined(Decimal.parse(`1.${"0".repeat(79)}`))
  })

  it("is a defect where the program wrote what is no decimal", () => {
    assert.throws(() => Decimal.unsafe("1e3"))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("writes no text for %d", (n) => {
    assert.isUndefined(Decimal.textOfNumber(n))
  })

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
        fc.tuple(fc.bigInt(1n, 10n ** 20n), fc.integer({ min: -6, max: 20 })).map(([v, s]) => Decimal.make(v, s)),
        fc.integer({ min: 0, max: 18 }).map(Amount.quantumOf),
        rounding,
        (amount, factor, quantum, direction) => {
          const above = factor.value * Decimal.pow10(Math.max(-factor.scale, 0))
          const below = Decimal.pow10(Math.max(factor.scale, 0))
          for (const [result, numerator, denominator] of [
            [Amount.times(amount, factor, quantum, direction), amount * above, below],
            [Amount.over(amount, factor, quantum, direction), amount * below, above],
            [Amount.quantize(amount, quantum, direction), amount, 1n]
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
    assert.strictEqual(Amount.fromDecimal(Decimal.make(1200n, 20)), 12n)
    assert.strictEqual(Amount.quantumOf(6), Amount.unsafe("0.000001"))
    assert.strictEqual(Amount.quantumOf(18), 1n)
  })

  it("has a size and an order", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        assert.isTrue(Amount.abs(a) === a || Amount.abs(a) === -a)
        assert.isTrue(Amount.abs(a) >= 0n)
        const least = Amount.min(a, b)
        assert.isTrue((least === a || least === b) && least <= a && least <= b)
      })
    )
  })

  it("reads text and numbers, and refuses a fraction of its smallest step and what is not positive", () => {
    const read = Schema.decodeUnknownEither(Amount.Amount)
    assert.deepStrictEqual(read("-1.5"), Either.right(-15n * 10n ** 17n))
    assert.deepStrictEqual(read(0.1), Either.right(10n ** 17n))
    const tooFine = read("0.0000000000000000001")
    assert.match(Either.isLeft(tooFine) ? tooFine.left.message : "", /expected a decimal with at most 18 decimals/)
    assert.strictEqual(Schema.encodeSync(Amount.Amount)(15n * 10n ** 17n), "1.5")
    const positive = Schema.decodeUnknownEither(Amount.Positive)
    assert.isTrue(Either.isLeft(positive("0")))
    assert.isTrue(Either.isLeft(positive("-1")))
    assert.deepStrictEqual(positive("1"), Either.right(Amount.unit))
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
    // Before anything else was written, too: what was written last is remembered.
    assert.deepStrictEqual(firstWritten, ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.995Z"])
    assert.strictEqual(Timestamp.format(Timestamp.unsafe("2024-06-01T00:00:00.250Z")), "2024-06-01T00:00:00.250Z")
  })

  it.each([
    ["2024-06-01t05:30:00z", "2024-06-01T05:30:00Z"],
    ["2024-06-01 00:00:00+23:59", "2024-05-31T00:01:00Z"],
    ["2024-06-01T23:59:59-05:30", "2024-06-02T05:29:59Z"],
    ["2024-06-01T00:00:00.2509999Z", "2024-06-01T00:00:00.250Z"],
    ["2024-06-01T10:05:09.005Z", "2024-06-01T10:05:09.005Z"],
    ["2024-06-01T00:00:00.5Z", "2024-06-01T00:00:00.500Z"]
  ])("reads %j as %j", (text, expected) => assert.strictEqual(Timestamp.format(Timestamp.parse(text)!), expected))

  it("is a defect where the program wrote what is no instant", () => {
    assert.throws(() => Timestamp.unsafe("soon"))
  })

  it("reads and writes no instant before 1970, after 9999 or between two milliseconds", () => {
    for (const at of [-1, 0.5, 253_402_300_800_000, Number.NaN]) assert.isFalse(Timestamp.isValid(at))
    assert.isTrue(Timestamp.isValid(0))
    assert.isTrue(Timestamp.isValid(253_402_300_799_999))
    assert.strictEqual(Schema.encodeSync(Timestamp.Timestamp)(0), "1970-01-01T00:00:00Z")
    assert.isTrue(Either.isLeft(Schema.encodeEither(Timestamp.Timestamp)(-1)))
    assert.strictEqual(Schema.decodeSync(Timestamp.Timestamp)("1970-01-01T00:00:01Z"), 1000)
    assert.isTrue(Either.isLeft(Schema.decodeEither(Timestamp.Timestamp)("1970-01-01")))
  })

  it.each(["2024-02-30T00:00:00Z", "2024-06-01", "2024-06-01T00:00:00", "2024-06-01T24:00:00Z", "2024-13-01T00:00:00Z", "1717200000", "", "1969-12-31T23:59:59Z", "2024-06-01T00:00:00+24:00", "2024-06-01T00:00:00+00:60", "2024-06-01T00:60:00Z", "2024-06-01T00:00:60Z", "9999-12-31T23:59:59-00:01", "1970-01-01T00:00:00+00:01"])(
    "refuses %j",
    (text) => assert.isUndefined(Timestamp.parse(text))
  )
})
