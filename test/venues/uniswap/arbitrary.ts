import * as FastCheck from "effect/FastCheck"
import * as Pool from "../../../src/venues/uniswap/Pool.js"
import * as TickMath from "../../../src/venues/uniswap/TickMath.js"
import * as Ticks from "../../../src/venues/uniswap/Ticks.js"

/** From 1 to 10^`most`, every order of size as likely. */
export const sized = (most: number): FastCheck.Arbitrary<bigint> =>
  FastCheck.integer({ min: 0, max: most }).chain((digits) => FastCheck.bigInt({ min: 1n, max: 10n ** BigInt(digits) }))

/** Pools of every fee with some positions about the price, over liquidity everywhere that they can lean on. */
export const pool: FastCheck.Arbitrary<Pool.Pool> = FastCheck.record({
  terms: FastCheck.constantFrom([500, 10] as const, [3000, 60] as const, [10_000, 200] as const),
  tick: FastCheck.integer({ min: -200_000, max: 200_000 }),
  within: FastCheck.integer({ min: 0, max: 999 }),
  everywhere: sized(24),
  ranges: FastCheck.array(FastCheck.tuple(FastCheck.integer({ min: -60, max: 60 }), FastCheck.integer({ min: 1, max: 90 }), sized(26)), { maxLength: 6 })
}).map(({ everywhere, ranges, terms: [fee, tickSpacing], tick, within }) => {
  const base = Math.floor(tick / tickSpacing)
  const ticks = Ticks.fromRanges([
    Ticks.fullRange(tickSpacing, everywhere),
    ...ranges.map(([from, length, liquidity]) => ({
      lower: (base + from) * tickSpacing,
      upper: (base + from + length) * tickSpacing,
      liquidity
    }))
  ])
  const [low, high] = [TickMath.getSqrtRatioAtTick(tick), TickMath.getSqrtRatioAtTick(tick + 1)]
  return Pool.at({ fee: BigInt(fee), tickSpacing, ticks }, low + ((high - low) * BigInt(within)) / 1000n)
})
