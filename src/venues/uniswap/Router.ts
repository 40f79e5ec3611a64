/**
 * What the router adds to a pool: bounds on what comes out and on what goes in. `SwapRouter` of Uniswap v3-periphery
 * 1.4.4, one pool at a time.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Pool from "./Pool.js"

/**
 * Why the router reverts. `NoLiquidity` is a swap that would move nothing, `Incomplete` one that the pool cannot fill.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault =
  | Pool.Fault
  | { readonly _tag: "NoLiquidity" }
  | { readonly _tag: "Incomplete"; readonly received: bigint }
  | { readonly _tag: "TooLittleReceived"; readonly received: bigint }
  | { readonly _tag: "TooMuchRequested"; readonly requested: bigint }

/**
 * The swap and the pool after it, or why the router reverts; then nothing has changed.
 *
 * @category models
 * @since 0.1.0
 */
export type Swapped = Either.Either<Pool.Swap, Fault>

const swap = (pool: Pool.Pool, order: Pool.Order): Swapped =>
  Either.flatMap(Pool.swap(pool, order), (swap): Swapped =>
    swap.amountIn === 0n ? Either.left({ _tag: "NoLiquidity" }) : Either.right(swap))

/**
 * Sells `amountIn` for `amountOutMinimum` at least. A pool that runs out of liquidity takes less than that, and the
 * minimum decides.
 *
 * @category combinators
 * @since 0.1.0
 */
export const exactInputSingle = (
  pool: Pool.Pool,
  zeroForOne: boolean,
  amountIn: bigint,
  amountOutMinimum: bigint,
  sqrtPriceLimitX96?: bigint
): Swapped =>
  Either.flatMap(swap(pool, { zeroForOne, exactIn: true, amount: amountIn, sqrtPriceLimitX96 }), (swap): Swapped =>
    swap.amountOut >= amountOutMinimum
      ? Either.right(swap)
      : Either.left({ _tag: "TooLittleReceived", received: swap.amountOut }))

/**
 * Buys `amountOut` for `amountInMaximum` at most. Without a limit on the price it is all or nothing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const exactOutputSingle = (
  pool: Pool.Pool,
  zeroForOne: boolean,
  amountOut: bigint,
  amountInMaximum: bigint,
  sqrtPriceLimitX96?: bigint
): Swapped =>
  Either.flatMap(swap(pool, { zeroForOne, exactIn: false, amount: amountOut, sqrtPriceLimitX96 }), (swap): Swapped => {
    if (sqrtPriceLimitX96 === undefined && swap.amountOut !== amountOut) {
      return Either.left({ _tag: "Incomplete", received: swap.amountOut })
    }
    return swap.amountIn <= amountInMaximum
      ? Either.right(swap)
      : Either.left({ _tag: "TooMuchRequested", requested: swap.amountIn })
  })
