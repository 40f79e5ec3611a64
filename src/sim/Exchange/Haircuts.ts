/**
 * Coins as collateral: what of their value counts as margin, and what their sale brings.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Borrowing from "./Borrowing.js"
import * as Instruments from "./Instruments.js"

/**
 * Which coins of a unified account back its perpetuals together.
 *
 * @category models
 * @since 0.1.0
 */
export interface Collateral {
  /** Fraction of the value in dollars that counts, by coin; other coins count nothing. */
  readonly ratios: ReadonlyMap<Asset.Asset, Decimal.Decimal>
  /** What is borrowed against them. */
  readonly borrowing: Borrowing.Terms
  /** Fee of a sale that covers a shortfall, as a fraction of what it brings. */
  readonly fee: Decimal.Decimal
}

/**
 * What an amount of a coin counts for: amount × price × ratio, down to 1e-18. What is owed counts whole.
 *
 * @category combinators
 * @since 0.1.0
 */
export const worth = (
  amount: Amount.Amount,
  price: Decimal.Decimal,
  ratio: Decimal.Decimal
): Amount.Amount => {
  const factor = amount < 0n || ratio === Decimal.one ? price : Decimal.multiply(price, ratio)
  return factor === Decimal.one ? amount : Amount.times(amount, factor, 1n, "down")
}

/**
 * How much of a coin may leave so that what counts falls by no more than `surplus`: surplus / (price × ratio), down to
 * 1e-18. `undefined` where none of it counts.
 *
 * @category combinators
 * @since 0.1.0
 */
export const leaving = (
  surplus: Amount.Amount,
  price: Decimal.Decimal,
  ratio: Decimal.Decimal
): Amount.Amount | undefined => {
  if (ratio.value === 0n) return undefined
  if (price === Decimal.one && ratio === Decimal.one) return surplus
  return Amount.over(surplus, Decimal.multiply(price, ratio), 1n, "down")
}

/**
 * A sale of collateral.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sale {
  /** Of the coin that is sold. */
  readonly amount: Amount.Amount
  /** What it is worth in the coin that is bought, before the fee. */
  readonly gross: Amount.Amount
  readonly fee: Amount.Amount
  /** What reaches the account, in steps of 1e-8. */
  readonly net: Amount.Amount
}

const sold = (amount: Amount.Amount, price: Decimal.Decimal, rate: Decimal.Decimal): Sale => {
  const gross = Amount.times(amount, price, 1n, "down")
  const fee = Amount.times(gross, rate, 1n, "up")
  return { amount, gross, fee, net: Amount.quantize(gross - fee, Instruments.quantum, "down") }
}

/** Decimals of the price of one coin in another. */
const scale = 18

/**
 * The sale of as much of `held` as brings `needed` after the fee, or of all of it. `price` and `into` are dollars per
 * coin. Both the amount (up) and the proceeds (down) are rounded to 1e-8 against the trader.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sell = (
  held: Amount.Amount,
  needed: Amount.Amount,
  price: Decimal.Decimal,
  into: Decimal.Decimal,
  fee: Decimal.Decimal
): Sale => {
  const rate = into === Decimal.one ? price : Decimal.quotient(price, into, scale, "down")
  const whole = sold(held, rate, fee)
  if (whole.net <= needed) return whole
  const kept = Decimal.multiply(rate, Decimal.subtract(Decimal.one, fee))
  const amount = Amount.over(needed + Instruments.quantum, kept, Instruments.quantum, "up")
  return amount < held ? sold(amount, rate, fee) : whole
}
