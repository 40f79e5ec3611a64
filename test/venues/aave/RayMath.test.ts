import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as RayMath from "../../../src/venues/aave/RayMath.js"

const { ray } = RayMath
const units = FastCheck.bigInt({ min: 0n, max: 10n ** 30n })
const index = FastCheck.bigInt({ min: ray, max: 20n * ray })
const favouring = RayMath.scaling("v3.5")
const halfUp = RayMath.scaling("v3.0")

describe("RayMath", () => {
  it("has the check values of the contracts", () => {
    const rate = ray / 20n
    assert.strictEqual(RayMath.compoundedInterest(rate, 2_592_000n, "v3.5"), 1004118044969757105730597891n)
    assert.strictEqual(RayMath.linearInterest(rate, 2_592_000n), 1004109589041095890410958904n)
    const at = 1073456789012345678901234567n
    assert.strictEqual(favouring.supplyMint(1_000_000_000n, at), 931569868n)
    assert.strictEqual(favouring.supplyBurn(1_000_000_000n, at), 931569869n)
    assert.strictEqual(favouring.debtMint(1_000_000_000n, at), 931569869n)
    assert.strictEqual(favouring.debtBurn(1_000_000_000n, at), 931569868n)
    assert.strictEqual(halfUp.supplyMint(1_000_000_000n, at), 931569869n)
  })

  it("reads an index exactly, and drops what a ray cannot hold", () => {
    assert.strictEqual(RayMath.fromDecimal(Decimal.unsafe("1.070100426290384")), 1070100426290384000000000000n)
    assert.strictEqual(RayMath.fromDecimal(Decimal.unsafe("1.0000000000000000000000000019")), ray + 1n)
  })

  it.prop("rounds half up as the contracts do: half of the divisor is added first", [units, index], ([a, b]) => {
    assert.strictEqual(RayMath.rayMul(a, b, "half_up"), (a * b + ray / 2n) / ray)
    assert.strictEqual(RayMath.rayDiv(a, b, "half_up"), (a * ray + b / 2n) / b)
    assert.strictEqual(RayMath.wadDiv(a, b), (a * RayMath.wad + b / 2n) / b)
    assert.strictEqual(RayMath.percentMul(a, 8250n), (a * 8250n + 5000n) / 10000n)
    assert.strictEqual(RayMath.percentDiv(a, 8250n, "half_up"), (a * 10000n + 4125n) / 8250n)
  })

  it.prop("from v3.5 on no rounding is for the account", [units, index], ([amount, at]) => {
    const minted = favouring.supplyMint(amount, at)
    assert.isTrue(favouring.supplyBalance(minted, at) <= amount)
    assert.isTrue(favouring.supplyBurn(amount, at) >= minted)
    const owed = favouring.debtMint(amount, at)
    assert.isTrue(favouring.debtBalance(owed, at) >= amount)
    assert.isTrue(favouring.debtBurn(amount, at) <= owed)
  })

  it.prop("what is shown can be withdrawn and repaid to the last unit", [units, index], ([scaled, at]) => {
    for (const { debtBalance, debtBurn, supplyBalance, supplyBurn } of [favouring, halfUp]) {
      assert.strictEqual(supplyBurn(supplyBalance(scaled, at), at), scaled)
      assert.strictEqual(debtBurn(debtBalance(scaled, at), at), scaled)
    }
  })

  it.prop("what is shown never falls with the index", [units, index, FastCheck.bigInt({ min: 0n, max: ray })], ([scaled, at, more]) => {
    for (const { debtBalance, supplyBalance } of [favouring, halfUp]) {
      assert.isTrue(supplyBalance(scaled, at + more) >= supplyBalance(scaled, at))
      assert.isTrue(debtBalance(scaled, at + more) >= debtBalance(scaled, at))
    }
  })

  it.prop("interest compounds to no less than it adds up to, in both series", [
    FastCheck.bigInt({ min: 0n, max: ray }),
    FastCheck.bigInt({ min: 0n, max: 31_536_000n })
  ], ([rate, seconds]) => {
    const linear = RayMath.linearInterest(rate, seconds)
    for (const version of ["v3.5", "v3.0"] as const) {
      const compounded = RayMath.compoundedInterest(rate, seconds, version)
      assert.isTrue(compounded >= linear)
      assert.isTrue(compounded < 3n * ray)
    }
  })
})
