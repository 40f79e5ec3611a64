import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as SharesMath from "../../../src/venues/morpho/SharesMath.js"

const assets = FastCheck.bigInt({ min: 0n, max: 10n ** 30n })
const totals = FastCheck.record({ assets, shares: FastCheck.bigInt({ min: 0n, max: 10n ** 36n }) })

describe("morpho/SharesMath", () => {
  it("gives the figures of the contract's own library", () => {
    const found = { assets: 123_456_789_012_345_678_901_234n, shares: 120_000_000_000_000_000_000_000_000_000n }
    assert.strictEqual(SharesMath.toSharesDown(10n ** 18n, found), 972_000_008_748_000_079_606_805n)
    assert.strictEqual(SharesMath.toSharesUp(10n ** 18n, found), 972_000_008_748_000_079_606_806n)
    const empty = { assets: 0n, shares: 0n }
    assert.strictEqual(SharesMath.toSharesDown(5n, empty), 5_000_000n)
    assert.strictEqual(SharesMath.toAssetsUp(1n, empty), 1n)
    assert.strictEqual(SharesMath.toAssetsDown(999_999n, empty), 0n)
  })

  it("compounds by three terms of the exponential", () => {
    // 5 % for a year: e^0.05 - 1 = 0.051271096..., and the terms that are left out start at 0.05^4 / 24 = 2.6e-7.
    const rate = (5n * SharesMath.wad) / 100n / 31_536_000n
    assert.strictEqual(SharesMath.wTaylorCompounded(rate, 31_536_000n), 51_270_833_327_093_113n)
    assert.strictEqual(SharesMath.wTaylorCompounded(rate, 0n), 0n)
  })

  it.prop("rounds against the account, by less than one", [assets, totals], ([amount, of]) => {
    const down = SharesMath.toSharesDown(amount, of)
    const up = SharesMath.toSharesUp(amount, of)
    assert.isTrue(down === up || down + 1n === up)
    assert.isTrue(SharesMath.toAssetsDown(down, of) <= amount)
    assert.isTrue(SharesMath.toAssetsUp(up, of) >= amount)
    const back = SharesMath.toAssetsDown(up, of)
    assert.isTrue(back >= amount)
    assert.isTrue(SharesMath.toSharesUp(SharesMath.toAssetsDown(down, of), of) <= down)
  })

  it.prop("never takes below nothing", [assets, assets], ([a, b]) => {
    assert.strictEqual(SharesMath.zeroFloorSub(a, b), a > b ? a - b : 0n)
  })
})
