/**
 * The interest rate model of Morpho's markets: a curve over the utilisation, whose height moves towards what brings the
 * utilisation to its target.
 *
 * Follows `AdaptiveCurveIrm` of morpho-blue-irm (the contract at 0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC on
 * Ethereum), rounding included. Rates are by the second, in wads; every division is rounded towards zero.
 *
 * @since 0.1.0
 */
import * as SharesMath from "./SharesMath.js"

const { wad } = SharesMath

/** Seconds of a year, as the contracts count it. @category constants @since 0.1.0 */
export const year = 31_536_000n

/** The rate at full utilisation, over the rate at the target: 4. @category constants @since 0.1.0 */
export const steepness = 4n * wad

/** How fast the rate at the target moves, at full deviation: 50 a year, by the second. @category constants @since 0.1.0 */
export const adjustmentSpeed = (50n * wad) / year

/** Utilisation that the rate is steered to: 90 %. @category constants @since 0.1.0 */
export const targetUtilization = (9n * wad) / 10n

/** Rate at the target of a new market: 4 % a year. @category constants @since 0.1.0 */
export const initialRateAtTarget = (4n * wad) / 100n / year

/** Least rate at the target: 0.1 % a year. @category constants @since 0.1.0 */
export const minRateAtTarget = wad / 1000n / year

/** Greatest rate at the target: 200 % a year. @category constants @since 0.1.0 */
export const maxRateAtTarget = (2n * wad) / year

const mul = (x: bigint, y: bigint): bigint => (x * y) / wad

const div = (x: bigint, y: bigint): bigint => (x * wad) / y

const ln2 = 693_147_180_559_945_309n
const lowest = -41_446_531_673_892_822_312n
const highest = 93_859_467_695_000_404_319n
const atHighest = 57_716_089_161_558_943_949_701_069_502_944_508_345_128_422_502_756_744_429_568n

/**
 * `exp(x)` in wads, as the contracts approximate it: a power of two times the first three terms of the series.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wExp = (x: bigint): bigint => {
  if (x < lowest) return 0n
  if (x >= highest) return atHighest
  const q = (x + (x < 0n ? -(ln2 / 2n) : ln2 / 2n)) / ln2
  const r = x - q * ln2
  const expR = wad + r + (r * r) / wad / 2n
  return q >= 0n ? expR << q : expR >> -q
}

const bounded = (rate: bigint): bigint =>
  rate > maxRateAtTarget ? maxRateAtTarget : rate < minRateAtTarget ? minRateAtTarget : rate

const moved = (rateAtTarget: bigint, adaptation: bigint): bigint => bounded(mul(rateAtTarget, wExp(adaptation)))

/**
 * The share of the supply that is lent, in wads, rounded down.
 *
 * @category combinators
 * @since 0.1.0
 */
export const utilization = (supply: bigint, borrow: bigint): bigint => (supply > 0n ? SharesMath.wDivDown(borrow, supply) : 0n)

/** How far the utilisation is from the target: from -1 when nothing is lent to 1 when all is, in wads. */
const deviation = (utilization: bigint): bigint =>
  div(utilization - targetUtilization, utilization > targetUtilization ? wad - targetUtilization : targetUtilization)

const curve = (rateAtTarget: bigint, deviation: bigint): bigint =>
  mul(mul(deviation < 0n ? wad - div(wad, steepness) : steepness - wad, deviation) + wad, rateAtTarget)

/**
 * The mean rate over a time, and the rate at the target at its end.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rates {
  readonly borrowRate: bigint
  readonly rateAtTarget: bigint
}

/**
 * Rates over `seconds` at a utilisation that stays. A `rateAtTarget` of zero is a market that was never asked before.
 *
 * `mean = (start + end + 2 * middle) / 4` on the curve, with `end = start * exp(speed * deviation * seconds)`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const rates = (rateAtTarget: bigint, utilization: bigint, seconds: bigint): Rates => {
  const err = deviation(utilization)
  if (rateAtTarget === 0n) return { borrowRate: curve(initialRateAtTarget, err), rateAtTarget: initialRateAtTarget }
  const adaptation = mul(adjustmentSpeed, err) * seconds
  if (adaptation === 0n) return { borrowRate: curve(rateAtTarget, err), rateAtTarget }
  const end = moved(rateAtTarget, adaptation)
  const middle = moved(rateAtTarget, adaptation / 2n)
  return { borrowRate: curve((rateAtTarget + end + 2n * middle) / 4n, err), rateAtTarget: end }
}
