import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Pool from "../../../src/venues/uniswap/Pool.js"
import * as Price from "../../../src/venues/uniswap/Price.js"
import * as Router from "../../../src/venues/uniswap/Router.js"
import * as TickMath from "../../../src/venues/uniswap/TickMath.js"
import * as Ticks from "../../../src/venues/uniswap/Ticks.js"
import { pool, sized } from "./arbitrary.js"

const everything = 1n << 255n

const exactIn = (pool: Pool.Pool, zeroForOne: boolean, amount: bigint) => Router.exactInputSingle(pool, zeroForOne, amount, 0n)
const exactOut = (pool: Pool.Pool, zeroForOne: boolean, amount: bigint) =>
  Router.exactOutputSingle(pool, zeroForOne, amount, everything)

/** Whether a pool's tick and liquidity are those of its price. Down on the end of a step it counts the tick below. */
const isSound = ({ liquidity, sqrtPriceX96, tick, ticks }: Pool.Pool): boolean => {
  const there = TickMath.getTickAtSqrtRatio(sqrtPriceX96)
  const isEnd = tick === there - 1 && TickMath.getSqrtRatioAtTick(there) === sqrtPriceX96
  return (tick === there || isEnd) && liquidity === Ticks.liquidityAt(ticks, tick) && liquidity >= 0n
}

describe("a pool", () => {
  it.prop("stays sound, whatever is swapped", [
    pool,
    FastCheck.array(FastCheck.tuple(FastCheck.boolean(), FastCheck.boolean(), sized(28)), { maxLength: 6 })
  ], ([begin, swaps]) => {
    assert.isTrue(isSound(begin))
    let pool = begin
    for (const [zeroForOne, isExactIn, amount] of swaps) {
      const swapped = Pool.swap(pool, { zeroForOne, exactIn: isExactIn, amount })
      if (Either.isLeft(swapped)) {
        assert.strictEqual(swapped.left._tag, "SPL")
        assert.strictEqual(pool.sqrtPriceX96, Pool.lastPrice(zeroForOne))
        continue
      }
      const { amountIn, amountOut, fee } = swapped.right
      assert.isTrue(isSound(swapped.right.pool))
      assert.isTrue(zeroForOne ? swapped.right.pool.sqrtPriceX96 <= pool.sqrtPriceX96 : swapped.right.pool.sqrtPriceX96 >= pool.sqrtPriceX96)
      assert.isTrue((isExactIn ? amountIn : amountOut) <= amount)
      assert.isTrue(fee >= 0n && fee <= amountIn)
      // A fee of the tier at least, rounded up at every step.
      assert.isTrue(fee * 1_000_000n >= amountIn * pool.fee)
      pool = swapped.right.pool
    }
  })

  it.prop("never pays more than its price before the swap, less the fee", [pool, FastCheck.boolean(), sized(26)], ([pool, zeroForOne, amount]) => {
    const swapped = exactIn(pool, zeroForOne, amount)
    if (Either.isLeft(swapped)) return
    const { amountIn, amountOut, fee } = swapped.right
    assert.isTrue(amountOut * 10n ** 12n <= Price.worth(pool.sqrtPriceX96, zeroForOne, amountIn - fee, { token0: 6, token1: 6 }, "down"))
  })

  it.prop("a round trip never gains", [pool, FastCheck.boolean(), sized(26)], ([pool, zeroForOne, amount]) => {
    const there = exactIn(pool, zeroForOne, amount)
    if (Either.isLeft(there) || there.right.amountOut === 0n) return
    const back = exactIn(there.right.pool, !zeroForOne, there.right.amountOut)
    if (Either.isRight(back)) assert.isTrue(back.right.amountOut <= there.right.amountIn)
  })

  it.prop("what an exact output takes gives at least that output as an exact input", [pool, FastCheck.boolean(), sized(26)], ([pool, zeroForOne, amount]) => {
    const out = exactOut(pool, zeroForOne, amount)
    if (Either.isLeft(out)) {
      assert.oneOf(out.left._tag, ["Incomplete", "NoLiquidity"])
      return
    }
    assert.strictEqual(out.right.amountOut, amount)
    const same = exactIn(pool, zeroForOne, out.right.amountIn)
    assert(Either.isRight(same))
    assert.isTrue(same.right.amountOut >= amount)
  })

  it.prop("in parts a swap gets no more than at once", [pool, FastCheck.boolean(), sized(24), sized(24)], ([pool, zeroForOne, a, b]) => {
    const whole = exactIn(pool, zeroForOne, a + b)
    const first = exactIn(pool, zeroForOne, a)
    if (Either.isLeft(whole) || Either.isLeft(first)) return
    const second = exactIn(first.right.pool, zeroForOne, b)
    if (Either.isRight(second)) assert.isTrue(first.right.amountOut + second.right.amountOut <= whole.right.amountOut)
  })

  it.prop("more in gives no less out", [pool, FastCheck.boolean(), sized(25), sized(25)], ([pool, zeroForOne, a, more]) => {
    const less = exactIn(pool, zeroForOne, a)
    const all = exactIn(pool, zeroForOne, a + more)
    if (Either.isRight(less) && Either.isRight(all)) assert.isTrue(all.right.amountOut >= less.right.amountOut)
  })

  it.prop("bounds decide at the very unit", [pool, FastCheck.boolean(), sized(25)], ([pool, zeroForOne, amount]) => {
    const sold = exactIn(pool, zeroForOne, amount)
    if (Either.isRight(sold)) {
      const received = sold.right.amountOut
      assert.deepStrictEqual(Router.exactInputSingle(pool, zeroForOne, amount, received), sold)
      assert.deepStrictEqual(
        Router.exactInputSingle(pool, zeroForOne, amount, received + 1n),
        Either.left({ _tag: "TooLittleReceived" as const, received })
      )
    }
    const bought = exactOut(pool, zeroForOne, amount)
    if (Either.isRight(bought)) {
      const requested = bought.right.amountIn
      assert.deepStrictEqual(Router.exactOutputSingle(pool, zeroForOne, amount, requested), bought)
      assert.deepStrictEqual(
        Router.exactOutputSingle(pool, zeroForOne, amount, requested - 1n),
        Either.left({ _tag: "TooMuchRequested" as const, requested })
      )
    }
  })

  it("refuses what the contract refuses, by its own text", () => {
    const pool = Pool.at({ fee: 3000n, tickSpacing: 60, ticks: Ticks.fromRanges([Ticks.fullRange(60, 10n ** 18n)]) }, 1n << 96n)
    const swap = (order: Partial<Pool.Order>) => Pool.swap(pool, { zeroForOne: true, exactIn: true, amount: 1000n, ...order })
    assert.deepStrictEqual(swap({ amount: 0n }), Either.left({ _tag: "AS" as const }))
    assert.deepStrictEqual(swap({ amount: everything }), Either.left({ _tag: "AmountTooLarge" as const }))
    assert.deepStrictEqual(swap({ sqrtPriceLimitX96: 1n << 96n }), Either.left({ _tag: "SPL" as const }))
    assert.deepStrictEqual(swap({ sqrtPriceLimitX96: TickMath.minSqrtRatio }), Either.left({ _tag: "SPL" as const }))
    assert.deepStrictEqual(swap({ zeroForOne: false, sqrtPriceLimitX96: TickMath.maxSqrtRatio }), Either.left({ _tag: "SPL" as const }))
    const empty = Pool.at({ fee: 3000n, tickSpacing: 60, ticks: [] }, 1n << 96n)
    assert.deepStrictEqual(exactIn(empty, true, 1000n), Either.left({ _tag: "NoLiquidity" as const }))
  })
})
