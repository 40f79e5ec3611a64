import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as AdaptiveCurve from "../../../src/venues/morpho/AdaptiveCurve.js"
import * as SharesMath from "../../../src/venues/morpho/SharesMath.js"

const { wad } = SharesMath

/**
 * Rate at the target before, supply, borrow, seconds; mean rate and rate at the target after. Of the published contract
 * (morpho-blue-irm, commit a1a87fd5a7ee13873ea9d2bbd87e9c7b2cdbbef3) run on a node, by whose figures 400 such rows were
 * compared.
 */
const published = [
  ["1214711425", "2104757183384632", "235888017959298", "27131573", "112448125", "31709791"],
  ["3457470915", "974710544871108", "482693076456794", "14267337", "588559911", "31709791"],
  ["1522372408", "3795672361343862", "3795672361343862", "1", "6089494456", "1522374821"],
  ["1879378646", "26216256", "26216256", "242906575", "192138130544", "63419583967"],
  ["4144653480", "2453473393278588", "833199286990875", "15155", "2192666911", "4083107143"],
  ["4318375340", "2872", "2872", "12", "17273665680", "4318457501"],
  ["600803955", "2236804875948662", "231797256209889", "46303", "195680966", "563043401"],
  ["53611586227", "5244550800333801", "4720095720300420", "12", "53611586226", "53611586227"]
] as const

const utilization = FastCheck.bigInt({ min: 0n, max: wad })
const atTarget = FastCheck.bigInt({ min: AdaptiveCurve.minRateAtTarget, max: AdaptiveCurve.maxRateAtTarget })
const seconds = FastCheck.bigInt({ min: 0n, max: 10n * AdaptiveCurve.year })

describe("morpho/AdaptiveCurve", () => {
  it("gives the figures of the published contract", () => {
    for (const row of published) {
      const [start, supply, borrow, elapsed, borrowRate, rateAtTarget] = row.map(BigInt)
      assert.deepStrictEqual(
        AdaptiveCurve.rates(start!, AdaptiveCurve.utilization(supply!, borrow!), elapsed!),
        { borrowRate, rateAtTarget },
        row.join(" ")
      )
    }
  })

  it("starts at 4 % a year, a quarter of that with nothing lent and four times it with everything lent", () => {
    const first = AdaptiveCurve.initialRateAtTarget
    assert.strictEqual(first, 1_268_391_679n)
    assert.deepStrictEqual(AdaptiveCurve.rates(0n, AdaptiveCurve.targetUtilization, 100n), { borrowRate: first, rateAtTarget: first })
    assert.strictEqual(AdaptiveCurve.rates(0n, 0n, 100n).borrowRate, first / 4n)
    assert.strictEqual(AdaptiveCurve.rates(0n, wad, 100n).borrowRate, first * 4n)
  })

  it("doubles in about five days with everything lent", () => {
    const { rateAtTarget } = AdaptiveCurve.rates(AdaptiveCurve.initialRateAtTarget, wad, 5n * 86_400n)
    // exp(50 * 5 / 365) = 1.984
    assert.strictEqual((rateAtTarget * 1000n) / AdaptiveCurve.initialRateAtTarget, 1983n)
  })

  it.prop("stays within its bounds, and rises with the utilisation", [atTarget, utilization, utilization, seconds], ([start, a, b, elapsed]) => {
    const [low, high] = a < b ? [a, b] : [b, a]
    const below = AdaptiveCurve.rates(start, low, elapsed)
    const above = AdaptiveCurve.rates(start, high, elapsed)
    for (const { borrowRate, rateAtTarget } of [below, above]) {
      assert.isTrue(rateAtTarget >= AdaptiveCurve.minRateAtTarget && rateAtTarget <= AdaptiveCurve.maxRateAtTarget)
      assert.isTrue(borrowRate >= AdaptiveCurve.minRateAtTarget / 4n && borrowRate <= 4n * AdaptiveCurve.maxRateAtTarget)
    }
    assert.isTrue(below.borrowRate <= above.borrowRate + 1n)
    assert.isTrue(low >= AdaptiveCurve.targetUtilization || below.rateAtTarget <= start)
    assert.isTrue(high <= AdaptiveCurve.targetUtilization || above.rateAtTarget >= start - 1n)
  })

  it.prop("approximates the exponential within 1 %", [FastCheck.integer({ min: -35_000, max: 60_000 })], ([thousandths]) => {
    const exact = Math.exp(thousandths / 1000)
    const found = Number(AdaptiveCurve.wExp(BigInt(thousandths) * 10n ** 15n)) / 1e18
    assert.isTrue(Math.abs(found - exact) <= exact * 0.01 + 1e-17, `${found} for ${exact}`)
  })

  it("is clipped where the contracts clip it", () => {
    assert.strictEqual(AdaptiveCurve.wExp(0n), wad)
    assert.strictEqual(AdaptiveCurve.wExp(-41_446_531_673_892_822_313n), 0n)
    assert.strictEqual(AdaptiveCurve.wExp(10n ** 30n), AdaptiveCurve.wExp(93_859_467_695_000_404_319n))
  })
})
