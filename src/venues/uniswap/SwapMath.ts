/**
 * One step of a swap, within a range of constant liquidity: `SwapMath` of Uniswap v3-core 1.0.1.
 *
 * @since 0.1.0
 */
import * as FullMath from "./FullMath.js"
import * as SqrtPriceMath from "./SqrtPriceMath.js"

/** The whole, in the unit of fees: 3000 is 0.3 %. @category constants @since 0.1.0 */
export const feeUnit = 1_000_000n

/**
 * What a step moved. Amounts in the smallest unit of their token; `fee` is of the token that goes in, beside `amountIn`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Step {
  readonly sqrtPriceX96: bigint
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly fee: bigint
}

type Delta = (to: bigint, roundUp: boolean) => bigint

const exactIn = (
  current: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  fee: bigint,
  zeroForOne: boolean,
  amountIn: Delta,
  amountOut: Delta
): Step => {
  const lessFee = FullMath.mulDiv(remaining, feeUnit - fee, feeUnit)
  const most = amountIn(target, true)
  if (lessFee >= most) {
    return {
      sqrtPriceX96: target,
      amountIn: most,
      amountOut: amountOut(target, false),
      fee: FullMath.mulDivRoundingUp(most, fee, feeUnit - fee)
    }
  }
  const next = SqrtPriceMath.getNextSqrtPriceFromInput(current, liquidity, lessFee, zeroForOne)
  const taken = amountIn(next, true)
  return {
    sqrtPriceX96: next,
    amountIn: taken,
    amountOut: amountOut(next, false),
    // Short of the target the pool keeps all of the input: what is not needed is fee.
    fee: next === target ? FullMath.mulDivRoundingUp(taken, fee, feeUnit - fee) : remaining - taken
  }
}

const exactOut = (
  current: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  fee: bigint,
  zeroForOne: boolean,
  amountIn: Delta,
  amountOut: Delta
): Step => {
  const most = amountOut(target, false)
  const next = remaining >= most
    ? target
    : SqrtPriceMath.getNextSqrtPriceFromOutput(current, liquidity, remaining, zeroForOne)
  const taken = amountIn(next, true)
  const given = next === target ? most : amountOut(next, false)
  return {
    sqrtPriceX96: next,
    amountIn: taken,
    amountOut: given > remaining ? remaining : given,
    fee: FullMath.mulDivRoundingUp(taken, fee, feeUnit - fee)
  }
}

/**
 * Moves the price from `current` towards `target`, as far as `remaining` reaches: what may still go in, or what is still
 * to come out. `fee` in 1e-6 of what goes in.
 *
 * @category combinators
 * @since 0.1.0
 */
export const computeSwapStep = (
  current: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  fee: bigint,
  isExactIn: boolean
): Step => {
  const zeroForOne = current >= target
  const amount0: Delta = (to, roundUp) => SqrtPriceMath.getAmount0Delta(to, current, liquidity, roundUp)
  const amount1: Delta = (to, roundUp) => SqrtPriceMath.getAmount1Delta(to, current, liquidity, roundUp)
  const [amountIn, amountOut] = zeroForOne ? [amount0, amount1] : [amount1, amount0]
  const reckon = isExactIn ? exactIn : exactOut
  return reckon(current, target, liquidity, remaining, fee, zeroForOne, amountIn, amountOut)
}
