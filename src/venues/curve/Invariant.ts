/**
 * The StableSwap invariant in the integers of Curve's contracts: `A n^n S + D = A D n^n + D^(n+1) / (n^n P)`, with `S` the
 * sum and `P` the product of the balances. Everything is in the pool's common precision of 1e-18.
 *
 * Sources: `StableSwapSUSD.vy`, `StableSwap3Pool.vy` and `StableSwapSTETH.vy` of curve-contract, `CurveStableSwapNG.vy`
 * of stableswap-ng. A result is `undefined` where the contract reverts.
 *
 * @since 0.1.0
 */

/**
 * Whose formulas hold, named after the first pool that had them: `susd` and `3pool` (2020, A whole), `steth` (2021, A in
 * 1e-2), `ng` (2023, fees that rise off the peg).
 *
 * @category models
 * @since 0.1.0
 */
export type Version = "susd" | "3pool" | "steth" | "ng"

/** Steps per whole A: `A_PRECISION` of the contract. @category combinators @since 0.1.0 */
export const precisionOf = (version: Version): bigint => (version === "steth" || version === "ng" ? 100n : 1n)

/** Largest number of the contracts. @category constants @since 0.1.0 */
export const maxUint256 = 2n ** 256n - 1n

const rounds = 255

const near = (a: bigint, b: bigint): boolean => a - b <= 1n && b - a <= 1n

/** Older contracts go on with what they have after 255 rounds, newer ones revert. */
const exhausted = (version: Version, value: bigint): bigint | undefined =>
  version === "susd" || version === "3pool" ? value : undefined

/** `D^(n+1) / (n^n P)`, rounded after each factor as the contract does. */
const productTerm = (version: Version, xp: ReadonlyArray<bigint>, d: bigint): bigint | undefined => {
  const n = BigInt(xp.length)
  const more = version === "susd" || version === "steth" ? 1n : 0n
  let term = d
  for (const x of xp) {
    const product = term * d
    const divisor = version === "ng" ? x : x * n + more
    if (product > maxUint256 || divisor === 0n) return undefined
    term = product / divisor
  }
  return version === "ng" ? term / n ** n : term
}

/**
 * `get_D`: what the balances are worth at the peg, by Newton's method from their sum. `amp` is A in steps of
 * {@link precisionOf}.
 *
 * @category combinators
 * @since 0.1.0
 */
export const getD = (version: Version, xp: ReadonlyArray<bigint>, amp: bigint): bigint | undefined => {
  const n = BigInt(xp.length)
  const precision = precisionOf(version)
  const sum = xp.reduce((total, x) => total + x, 0n)
  if (sum === 0n) return 0n
  const ann = amp * n
  let d = sum
  for (let round = 0; round < rounds; round++) {
    const term = productTerm(version, xp, d)
    if (term === undefined) return undefined
    const numerator = ((ann * sum) / precision + term * n) * d
    const denominator = ((ann - precision) * d) / precision + (n + 1n) * term
    if (numerator > maxUint256 || denominator === 0n) return undefined
    const before = d
    d = numerator / denominator
    if (near(d, before)) return d
  }
  return exhausted(version, d)
}

/**
 * `get_y`: the balance of coin `j` at which the invariant is `d` once coin `i` has the balance `x`, by Newton's method
 * from `d`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const getY = (
  version: Version,
  { amp, d, i, j, x, xp }: {
    readonly i: number
    readonly j: number
    readonly x: bigint
    readonly xp: ReadonlyArray<bigint>
    readonly amp: bigint
    readonly d: bigint
  }
): bigint | undefined => {
  const n = BigInt(xp.length)
  const precision = precisionOf(version)
  const ann = amp * n
  let c = d
  let sum = 0n
  for (let k = 0; k < xp.length; k++) {
    if (k === j) continue
    const balance = k === i ? x : xp[k]!
    const product = c * d
    if (product > maxUint256 || balance === 0n) return undefined
    sum += balance
    c = product / (balance * n)
  }
  const last = c * d * precision
  if (last > maxUint256 || sum > maxUint256) return undefined
  c = last / (ann * n)
  const b = sum + (d * precision) / ann
  let y = d
  for (let round = 0; round < rounds; round++) {
    const before = y
    const numerator = y * y + c
    const denominator = 2n * y + b - d
    if (numerator > maxUint256 || denominator <= 0n) return undefined
    y = numerator / denominator
    if (near(y, before)) return y
  }
  return exhausted(version, y)
}

/**
 * A fraction of two integers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

/**
 * How much of coin `j` balances a unit more of coin `i` at the margin, before fees: the ratio of the invariant's slopes
 * `A n^n + D^(n+1) / (n^n P x)`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const slope = (
  version: Version,
  { amp, d, i, j, xp }: {
    readonly i: number
    readonly j: number
    readonly xp: ReadonlyArray<bigint>
    readonly amp: bigint
    readonly d: bigint
  }
): Fraction => {
  const n = BigInt(xp.length)
  const precision = precisionOf(version)
  const ann = amp * n
  const product = xp.reduce((total, x) => total * x, 1n)
  const term = (precision * d ** (n + 1n)) / (n ** n * product)
  const [xi, xj] = [xp[i]!, xp[j]!]
  return { numerator: (ann * xi + term) * xj, denominator: (ann * xj + term) * xi }
}
