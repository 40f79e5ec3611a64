/**
 * A pool of Uniswap v3 as a value, and a swap in it: `UniswapV3Pool` of v3-core 1.0.1 without what only its liquidity
 * providers see (growth of fees, observations). The protocol takes no share of the fee.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as SwapMath from "./SwapMath.js"
import * as TickMath from "./TickMath.js"
import * as Ticks from "./Ticks.js"

/**
 * What swaps do not change.
 *
 * @category models
 * @since 0.1.0
 */
export interface Terms {
  /** In 1e-6 of what goes in. */
  readonly fee: bigint
  readonly tickSpacing: number
  readonly ticks: Ticks.Ticks
}

/** A pool between two swaps: where its price stands, and the liquidity there. @category models @since 0.1.0 */
export interface Pool extends Terms {
  /** Square root of the price of token0 in token1, in their smallest units, times 2^96. */
  readonly sqrtPriceX96: bigint
  /** The tick that the price is in. After a step down onto an initialised tick it is the one below. */
  readonly tick: number
  /** Liquidity in range. */
  readonly liquidity: bigint
}

/** Whether a pool can stand at this price. @category guards @since 0.1.0 */
export const isPrice = (sqrtPriceX96: bigint): boolean =>
  sqrtPriceX96 >= TickMath.minSqrtRatio && sqrtPriceX96 < TickMath.maxSqrtRatio

/**
 * The pool at a price that {@link isPrice} allows, with the liquidity that is in range there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const at = ({ fee, tickSpacing, ticks }: Terms, sqrtPriceX96: bigint): Pool => {
  const tick = TickMath.getTickAtSqrtRatio(sqrtPriceX96)
  return { fee, tickSpacing, ticks, sqrtPriceX96, tick, liquidity: Ticks.liquidityAt(ticks, tick) }
}

/**
 * What is asked of a pool. `amount` is what goes in (`exactIn`) or what is to come out; `zeroForOne` sells token0.
 *
 * @category models
 * @since 0.1.0
 */
export interface Order {
  readonly zeroForOne: boolean
  readonly exactIn: boolean
  readonly amount: bigint
  /** The swap ends where the price has come here. Defaults to the end of all prices. */
  readonly sqrtPriceLimitX96?: bigint | undefined
}

/**
 * What a swap did. `amountIn` with its `fee`; less than was asked for where the price came to its limit, or to the end of
 * the liquidity.
 *
 * @category models
 * @since 0.1.0
 */
export interface Swap {
  readonly pool: Pool
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly fee: bigint
  /** Initialised ticks that the price went across. */
  readonly ticksCrossed: number
}

/**
 * Why the pool reverts, by its own text: no amount, an amount beyond a word, a limit that is not ahead of the price.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault =
  | { readonly _tag: "AS" }
  | { readonly _tag: "AmountTooLarge" }
  | { readonly _tag: "SPL" }

const left = (_tag: Fault["_tag"]): Either.Either<never, Fault> => Either.left({ _tag })

const maxAmount = 1n << 255n

/** The limit of a swap that names none. @category combinators @since 0.1.0 */
export const lastPrice = (zeroForOne: boolean): bigint =>
  zeroForOne ? TickMath.minSqrtRatio + 1n : TickMath.maxSqrtRatio - 1n

/**
 * Swaps. The price goes from initialised tick to initialised tick, and across each the liquidity changes; words of the
 * bitmap without one are steps too.
 *
 * @category combinators
 * @since 0.1.0
 */
export const swap = (pool: Pool, order: Order): Either.Either<Swap, Fault> => {
  const { amount, exactIn, zeroForOne } = order
  if (amount <= 0n) return left("AS")
  if (amount >= maxAmount) return left("AmountTooLarge")
  const limit = order.sqrtPriceLimitX96 ?? lastPrice(zeroForOne)
  const ahead = zeroForOne
    ? limit < pool.sqrtPriceX96 && limit > TickMath.minSqrtRatio
    : limit > pool.sqrtPriceX96 && limit < TickMath.maxSqrtRatio
  if (!ahead) return left("SPL")

  let { liquidity, sqrtPriceX96, tick } = pool
  let [remaining, amountIn, amountOut, fee, ticksCrossed] = [amount, 0n, 0n, 0n, 0]
  while (remaining > 0n && sqrtPriceX96 !== limit) {
    const start = sqrtPriceX96
    const next = Ticks.next(pool.ticks, tick, pool.tickSpacing, zeroForOne)
    const priceAtNext = TickMath.getSqrtRatioAtTick(next.index)
    const beyond = zeroForOne ? priceAtNext < limit : priceAtNext > limit
    const step = SwapMath.computeSwapStep(start, beyond ? limit : priceAtNext, liquidity, remaining, pool.fee, exactIn)
    sqrtPriceX96 = step.sqrtPriceX96
    remaining -= exactIn ? step.amountIn + step.fee : step.amountOut
    amountIn += step.amountIn + step.fee
    amountOut += step.amountOut
    fee += step.fee
    if (sqrtPriceX96 === priceAtNext) {
      if (next.tick !== undefined) {
        liquidity += zeroForOne ? -next.tick.liquidityNet : next.tick.liquidityNet
        ticksCrossed++
      }
      tick = zeroForOne ? next.index - 1 : next.index
    } else if (sqrtPriceX96 !== start) {
      tick = TickMath.getTickAtSqrtRatio(sqrtPriceX96)
    }
  }
  return Either.right({ pool: { ...pool, liquidity, sqrtPriceX96, tick }, amountIn, amountOut, fee, ticksCrossed })
}
