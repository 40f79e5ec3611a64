/**
 * Between ticks and square roots of prices: `TickMath` of Uniswap v3-core 1.0.1.
 *
 * Tick `i` is the price `1.0001^i` of token0 in token1, both in their smallest units. A `sqrtPriceX96` is the square root
 * of a price times 2^96.
 *
 * @since 0.1.0
 */

/** The lowest tick of a pool. @category constants @since 0.1.0 */
export const minTick = -887_272

/** The highest tick of a pool. @category constants @since 0.1.0 */
export const maxTick = 887_272

/** Square root of the price at {@link minTick}, the lowest there is. @category constants @since 0.1.0 */
export const minSqrtRatio = 4295128739n

/** Square root of the price at {@link maxTick}; a pool stays below it. @category constants @since 0.1.0 */
export const maxSqrtRatio = 1461446703485210103287273052203988822378723970342n

/** `1.0001^(-2^k / 2)` in 1/2^128, for the bits k of a tick. */
const factors: ReadonlyArray<bigint> = [
  0xfffcb933bd6fad37aa2d162d1a594001n,
  0xfff97272373d413259a46990580e213an,
  0xfff2e50f5f656932ef12357cf3c7fdccn,
  0xffe5caca7e10e4e61c3624eaa0941cd0n,
  0xffcb9843d60f6159c9db58835c926644n,
  0xff973b41fa98c081472e6896dfb254c0n,
  0xff2ea16466c96a3843ec78b326b52861n,
  0xfe5dee046a99a2a811c461f1969c3053n,
  0xfcbe86c7900a88aedcffc83b479aa3a4n,
  0xf987a7253ac413176f2b074cf7815e54n,
  0xf3392b0822b70005940c7a398e4b70f3n,
  0xe7159475a2c29b7443b29c7fa6e889d9n,
  0xd097f3bdfd2022b8845ad8f792aa5825n,
  0xa9f746462d870fdf8a65dc1f90e061e5n,
  0x70d869a156d2a1b890bb3df62baf32f7n,
  0x31be135f97d08fd981231505542fcfa6n,
  0x9aa508b5b7a84e1c677de54f3e99bc9n,
  0x5d6af8dedb81196699c329225ee604n,
  0x2216e584f5fa1ea926041bedfe98n,
  0x48a170391f7dc42444e8fa2n
]

const one = 1n << 128n
const maxWord = (1n << 256n) - 1n
const lowest32 = (1n << 32n) - 1n

/**
 * `sqrt(1.0001^tick)` times 2^96, up, as the contract reckons it. The tick lies from {@link minTick} to {@link maxTick}.
 *
 * @category combinators
 * @since 0.1.0
 */
export const getSqrtRatioAtTick = (tick: number): bigint => {
  const magnitude = tick < 0 ? -tick : tick
  let ratio = one
  for (let bit = 0; bit < factors.length; bit++) {
    if ((magnitude & (1 << bit)) !== 0) ratio = (ratio * factors[bit]!) >> 128n
  }
  if (tick > 0) ratio = maxWord / ratio
  return (ratio >> 32n) + ((ratio & lowest32) === 0n ? 0n : 1n)
}

const mostSignificantBit = (value: bigint): number => {
  const digits = value.toString(16)
  return (digits.length - 1) * 4 + 31 - Math.clz32(Number.parseInt(digits[0]!, 16))
}

/** Fractional bits of the logarithm that the contract reckons. */
const logBits = 14

/**
 * The greatest tick whose ratio is not above `sqrtPriceX96`, which lies from {@link minSqrtRatio} to below
 * {@link maxSqrtRatio}.
 *
 * @category combinators
 * @since 0.1.0
 */
export const getTickAtSqrtRatio = (sqrtPriceX96: bigint): number => {
  const ratio = sqrtPriceX96 << 32n
  const msb = mostSignificantBit(ratio)
  let r = msb >= 128 ? ratio >> BigInt(msb - 127) : ratio << BigInt(127 - msb)
  let log2 = BigInt(msb - 128) << 64n
  for (let bit = 63; bit > 63 - logBits; bit--) {
    r = (r * r) >> 127n
    const carry = r >> 128n
    log2 += carry << BigInt(bit)
    r >>= carry
  }
  const logSqrt10001 = log2 * 255738958999603826347141n
  const low = Number((logSqrt10001 - 3402992956809132418596140100660247210n) >> 128n)
  const high = Number((logSqrt10001 + 291339464771989622907027621153398088495n) >> 128n)
  return low === high || getSqrtRatioAtTick(high) > sqrtPriceX96 ? low : high
}

/** The lowest tick that is a multiple of the spacing. @category combinators @since 0.1.0 */
export const lowestUsable = (spacing: number): number => Math.ceil(minTick / spacing) * spacing

/** The highest tick that is a multiple of the spacing. @category combinators @since 0.1.0 */
export const highestUsable = (spacing: number): number => Math.floor(maxTick / spacing) * spacing
