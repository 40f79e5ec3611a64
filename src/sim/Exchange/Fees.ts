/**
 * What an exchange takes of a trade.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import type * as Decimal from "../../domain/Decimal.js"

/**
 * Fee rates as fractions of what they are taken of. Orders of type market, IOC and FOK always take liquidity, so that
 * only `taker` is charged for them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schedule {
  readonly taker: Decimal.Decimal
  readonly maker: Decimal.Decimal
}

/**
 * The fee on `amount`: amount × rate, up to 1e-18.
 *
 * @category combinators
 * @since 0.1.0
 */
export const on = (amount: Amount.Amount, rate: Decimal.Decimal): Amount.Amount =>
  rate.value === 0n ? 0n : Amount.times(amount, rate, 1n, "up")
