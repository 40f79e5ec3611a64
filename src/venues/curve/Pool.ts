/**
 * A StableSwap pool as a value, and what its contract does with an exchange, to the unit.
 *
 * Sources: those of `Invariant`. A result is `undefined` where the contract reverts.
 *
 * @since 0.1.0
 */
import * as Invariant from "./Invariant.js"

/** What fees are fractions of. @category constants @since 0.1.0 */
export const feeDenominator = 10n ** 10n

const precision = 10n ** 18n

/**
 * One pool. Balances in the units of the coins' contracts, without the fees that are set aside for Curve.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pool {
  readonly version: Invariant.Version
  /** A in steps of `Invariant.precisionOf`. */
  readonly amp: bigint
  /** Fraction in 1e-10 that an exchange costs; at the peg where `offpegFeeMultiplier` makes more of it. */
  readonly fee: bigint
  /** Fraction of the fee in 1e-10 that goes to Curve; the rest stays in the pool. */
  readonly adminFee: bigint
  /** In 1e-10; the fee is the same everywhere at 1 and below. Only of version `ng`. */
  readonly offpegFeeMultiplier: bigint
  /** What 1e18 units of each coin count in the invariant, in 1e-18: `10^(36 - decimals)` times its rate, if any. */
  readonly rates: ReadonlyArray<bigint>
  readonly balances: ReadonlyArray<bigint>
  /** Fees set aside for Curve, in units. */
  readonly adminBalances: ReadonlyArray<bigint>
}

/** Balances in the common precision of the invariant. @category combinators @since 0.1.0 */
export const xp = ({ balances, rates }: Pool): ReadonlyArray<bigint> =>
  balances.map((balance, k) => (rates[k]! * balance) / precision)

/** `D` of the pool as it is. @category combinators @since 0.1.0 */
export const invariant = (pool: Pool): bigint | undefined => Invariant.getD(pool.version, xp(pool), pool.amp)

/** `get_virtual_price`: `D` per pool token, in 1e-18. @category combinators @since 0.1.0 */
export const virtualPrice = (pool: Pool, supply: bigint): bigint | undefined => {
  const d = invariant(pool)
  return d === undefined || supply === 0n ? undefined : (d * precision) / supply
}

/**
 * The fee in 1e-10 between two balances in the common precision. Of version `ng`: `m f / ((m - 1) 4 x y / (x + y)^2 + 1)`
 * with the multiplier `m`, so `f` where both are the same and `m f` far from it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const feeAt = ({ fee, offpegFeeMultiplier, version }: Pool, x: bigint, y: bigint): bigint => {
  if (version !== "ng" || offpegFeeMultiplier <= feeDenominator) return fee
  const parity = ((offpegFeeMultiplier - feeDenominator) * 4n * x * y) / (x + y) ** 2n
  return (offpegFeeMultiplier * fee) / (parity + feeDenominator)
}

/**
 * An exchange: `dx` units of coin `i` in, `dy` of coin `j` out, and the pool afterwards.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exchange {
  readonly dx: bigint
  readonly dy: bigint
  /** What the invariant gives out before the fee, in the common precision. */
  readonly gross: bigint
  /** The fee, taken of `gross`, in the common precision. */
  readonly fee: bigint
  /** The fee in 1e-10. */
  readonly feeRate: bigint
  /** Of the fee, what is set aside for Curve, in units of coin `j`. */
  readonly adminFee: bigint
  readonly pool: Pool
}

/** The contracts after the first give out one less than they could, against rounding. */
const margin = (version: Invariant.Version): bigint => (version === "susd" ? 0n : 1n)

const curve = (pool: Pool, i: number, j: number, dx: bigint) => {
  const balances = xp(pool)
  const scaled = dx * pool.rates[i]!
  const d = Invariant.getD(pool.version, balances, pool.amp)
  if (d === undefined || scaled > Invariant.maxUint256) return undefined
  const x = balances[i]! + scaled / precision
  const y = Invariant.getY(pool.version, { i, j, x, xp: balances, amp: pool.amp, d })
  if (y === undefined) return undefined
  const gross = balances[j]! - y - margin(pool.version)
  return gross < 0n ? undefined : { balances, x, y, gross }
}

const settled = (
  { adminFee, rates, version, ...pool }: Pool,
  i: number,
  j: number,
  { dx, dy, x, y, fee }: { readonly dx: bigint; readonly dy: bigint; readonly x: bigint; readonly y: bigint; readonly fee: bigint }
): Pick<Exchange, "adminFee" | "pool"> => {
  const share = (fee * adminFee) / feeDenominator
  const balances = [...pool.balances]
  if (version === "susd") {
    balances[i] = (x * precision) / rates[i]!
    balances[j] = ((y + fee - share) * precision) / rates[j]!
  } else {
    balances[i] = pool.balances[i]! + dx
    balances[j] = pool.balances[j]! - dy - (share * precision) / rates[j]!
  }
  const aside = pool.balances[j]! - balances[j]! - dy
  const adminBalances = [...pool.adminBalances]
  adminBalances[i] = adminBalances[i]! + pool.balances[i]! + dx - balances[i]!
  adminBalances[j] = adminBalances[j]! + aside
  return { adminFee: aside, pool: { ...pool, adminFee, rates, version, balances, adminBalances } }
}

/**
 * `exchange(i, j, dx, 0)`: the contract compares `dy` with its `min_dy` afterwards and reverts where it is less.
 *
 * @category combinators
 * @since 0.1.0
 */
export const exchange = (pool: Pool, i: number, j: number, dx: bigint): Exchange | undefined => {
  if (pool.version === "ng" && dx === 0n) return undefined
  const met = curve(pool, i, j, dx)
  if (met === undefined) return undefined
  const { balances, gross, x, y } = met
  const feeRate = feeAt(pool, (balances[i]! + x) / 2n, (balances[j]! + y) / 2n)
  const fee = (gross * feeRate) / feeDenominator
  const dy = ((gross - fee) * precision) / pool.rates[j]!
  return { dx, dy, gross, fee, feeRate, ...settled(pool, i, j, { dx, dy, x, y, fee }) }
}

/**
 * `get_dy(i, j, dx)`. The contracts `susd` and `3pool` round here in another order than in `exchange`, which can give one
 * unit less.
 *
 * @category combinators
 * @since 0.1.0
 */
export const getDy = (pool: Pool, i: number, j: number, dx: bigint): bigint | undefined => {
  if (pool.version === "steth" || pool.version === "ng") {
    return dx === 0n ? undefined : exchange(pool, i, j, dx)?.dy
  }
  const met = curve(pool, i, j, dx)
  if (met === undefined) return undefined
  const dy = (met.gross * precision) / pool.rates[j]!
  return dy - (pool.fee * dy) / feeDenominator
}

/**
 * The price of coin `i` in coin `j` at the margin, before the fee: units of `j` per unit of `i`. `undefined` for a pool
 * that lacks one of its coins.
 *
 * @category combinators
 * @since 0.1.0
 */
export const price = (pool: Pool, i: number, j: number): Invariant.Fraction | undefined => {
  const balances = xp(pool)
  const d = Invariant.getD(pool.version, balances, pool.amp)
  if (d === undefined || balances.some((balance) => balance === 0n)) return undefined
  const { denominator, numerator } = Invariant.slope(pool.version, { i, j, xp: balances, amp: pool.amp, d })
  return { numerator: numerator * pool.rates[i]!, denominator: denominator * pool.rates[j]! }
}

/**
 * The least number for which a rising condition holds, by doubling from `start` and halving; `undefined` where it holds
 * for none up to `limit`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const least = (holds: (n: bigint) => boolean, start: bigint, limit: bigint): bigint | undefined => {
  let above = start < 1n ? 1n : start
  let below = 0n
  while (!holds(above)) {
    if (above >= limit) return undefined
    below = above
    above *= 2n
  }
  while (above - below > 1n) {
    const middle = (above + below) / 2n
    if (holds(middle)) above = middle
    else below = middle
  }
  return above
}

/**
 * The two-coin pool with its balances moved along the invariant until coin `i` costs `target` units of the other at the
 * margin. `D` stays what it is, to rounding. `undefined` where no balances between a thousandth and twice of `D` do.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withPrice = (pool: Pool, i: 0 | 1, target: Invariant.Fraction): Pool | undefined => {
  const { amp, rates, version } = pool
  const j = i === 0 ? 1 : 0
  const before = xp(pool)
  const d = Invariant.getD(version, before, amp)
  if (d === undefined || d === 0n) return undefined
  const balancesAt = (x: bigint): ReadonlyArray<bigint> | undefined => {
    const y = Invariant.getY(version, { i, j, x, xp: before, amp, d })
    return y === undefined || y === 0n ? undefined : i === 0 ? [x, y] : [y, x]
  }
  const isCheaper = (x: bigint): boolean => {
    const balances = balancesAt(x)
    if (balances === undefined) return true
    const { denominator, numerator } = Invariant.slope(version, { i, j, xp: balances, amp, d })
    return numerator * rates[i]! * target.denominator <= target.numerator * denominator * rates[j]!
  }
  const lowest = d / 1000n
  if (isCheaper(lowest)) return undefined
  const found = least((more) => isCheaper(lowest + more), d / 2n, d)
  const balances = found === undefined ? undefined : balancesAt(lowest + found)
  return balances === undefined
    ? undefined
    : { ...pool, balances: balances.map((balance, k) => (balance * precision) / rates[k]!) }
}
