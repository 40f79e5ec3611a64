/**
 * Where liquidity begins and ends: the initialised ticks of a pool, and the search of a swap for the next of them as
 * `TickBitmap` of Uniswap v3-core 1.0.1 does it.
 *
 * @since 0.1.0
 */
import * as TickMath from "./TickMath.js"

/**
 * An initialised tick. Going up across it adds `liquidityNet`, going down takes it away.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tick {
  readonly index: number
  readonly liquidityNet: bigint
}

/** Initialised ticks by rising index. @category models @since 0.1.0 */
export type Ticks = ReadonlyArray<Tick>

/**
 * Liquidity from one tick up to another.
 *
 * @category models
 * @since 0.1.0
 */
export interface Range {
  readonly lower: number
  readonly upper: number
  readonly liquidity: bigint
}

/** The ticks of positions. Where one ends as another begins with as much, the tick stays. @category constructors @since 0.1.0 */
export const fromRanges = (ranges: ReadonlyArray<Range>): Ticks => {
  const net = new Map<number, bigint>()
  const add = (index: number, liquidity: bigint) => net.set(index, (net.get(index) ?? 0n) + liquidity)
  for (const { liquidity, lower, upper } of ranges) {
    add(lower, liquidity)
    add(upper, -liquidity)
  }
  return [...net].map(([index, liquidityNet]) => ({ index, liquidityNet })).sort((a, b) => a.index - b.index)
}

/** All ticks that are usable with a spacing, as one range of some liquidity. @category constructors @since 0.1.0 */
export const fullRange = (spacing: number, liquidity: bigint): Range => ({
  lower: TickMath.lowestUsable(spacing),
  upper: TickMath.highestUsable(spacing),
  liquidity
})

/** Position of the last tick that is not above `index`; -1 where there is none. */
const lastUpTo = (ticks: Ticks, index: number): number => {
  let low = 0
  let high = ticks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ticks[middle]!.index <= index) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Liquidity in range at a tick. @category combinators @since 0.1.0 */
export const liquidityAt = (ticks: Ticks, index: number): bigint => {
  let liquidity = 0n
  for (let at = lastUpTo(ticks, index); at >= 0; at--) liquidity += ticks[at]!.liquidityNet
  return liquidity
}

/**
 * Where a step of a swap ends at the latest: `tick` is initialised where it is one of the pool's, and otherwise only the
 * end of what one word of the bitmap shows.
 *
 * @category models
 * @since 0.1.0
 */
export interface Next {
  readonly index: number
  readonly tick: Tick | undefined
}

const wordSize = 256

const within = (index: number, tick: Tick | undefined): Next => ({
  index: Math.min(Math.max(index, TickMath.minTick), TickMath.maxTick),
  tick
})

/**
 * The next initialised tick at or below `from` (`down`) or above it, as far as one word of the bitmap reaches: 256 ticks
 * of the spacing. Its end is a step of its own, with rounding of its own, so that it counts for the last unit.
 *
 * @category combinators
 * @since 0.1.0
 */
export const next = (ticks: Ticks, from: number, spacing: number, down: boolean): Next => {
  const compressed = Math.floor(from / spacing)
  if (down) {
    const end = Math.floor(compressed / wordSize) * wordSize * spacing
    const found = ticks[lastUpTo(ticks, from)]
    return found !== undefined && found.index >= end ? within(found.index, found) : within(end, undefined)
  }
  const end = (Math.floor((compressed + 1) / wordSize) * wordSize + wordSize - 1) * spacing
  const found = ticks[lastUpTo(ticks, from) + 1]
  return found !== undefined && found.index <= end ? within(found.index, found) : within(end, undefined)
}

const maxLiquidity = (1n << 128n) - 1n

/**
 * Why ticks make no pool of this spacing, as the contracts could never have them; `undefined` where they do.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fault = (ticks: Ticks, spacing: number): string | undefined => {
  let liquidity = 0n
  let before = -Infinity
  for (const { index, liquidityNet } of ticks) {
    if (index % spacing !== 0) return `expected ticks that are multiples of ${spacing}, and got ${index}`
    if (index < TickMath.minTick || index > TickMath.maxTick) {
      return `expected ticks from ${TickMath.minTick} to ${TickMath.maxTick}, and got ${index}`
    }
    if (index <= before) return `expected ticks by rising index, and got ${index} after ${before}`
    liquidity += liquidityNet
    if (liquidity < 0n || liquidity > maxLiquidity) {
      return `expected a liquidity from 0 to 2^128 - 1 above tick ${index}, and got ${liquidity}`
    }
    before = index
  }
  return liquidity === 0n ? undefined : `expected liquidity_net that sums to 0, and got ${liquidity}`
}
