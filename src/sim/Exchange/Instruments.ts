/**
 * What an order must look like: steps of price and amount, and the least that is traded.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"

/**
 * The rules of one trading pair.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rule {
  /** Step of the price, quote per base. */
  readonly tick: Decimal.Decimal
  /**
   * Most significant figures of a price, where the venue counts them; a price without decimals is always valid.
   */
  readonly significantFigures?: number | undefined
  /** Step of the amount of the base token; a multiple of {@link quantum}. */
  readonly lot: Amount.Amount
  /** Least amount of the base token. */
  readonly minAmount: Amount.Amount
  /** Least amount times price, in the quote token. */
  readonly minNotional: Decimal.Decimal
}

/** Step of every balance of an exchange: 1e-8 of a token. @category constants @since 0.1.0 */
export const quantum: Amount.Amount = Amount.quantumOf(8)

/** Digits that the whole part of a price has; for a price below 1, less the zeros after its point. */
const magnitude = (price: Decimal.Decimal): number => price.value.toString().length - price.scale

/**
 * The step of the price at a price: the tick, or a coarser power of ten, at most 1, where significant figures are
 * counted.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tickAt = (rule: Rule, price: Decimal.Decimal): Decimal.Decimal => {
  if (rule.significantFigures === undefined) return rule.tick
  const decimals = Math.max(0, rule.significantFigures - magnitude(price))
  return Decimal.max(rule.tick, Decimal.make(1n, decimals))
}

/**
 * The price on the step of the rule in the named direction.
 *
 * @category combinators
 * @since 0.1.0
 */
export const roundPrice = (rule: Rule, price: Decimal.Decimal, rounding: Decimal.Rounding): Decimal.Decimal => {
  const tick = tickAt(rule, price)
  const shift = tick.scale - price.scale
  const steps = shift >= 0
    ? Decimal.divide(price.value * Decimal.pow10(shift), tick.value, rounding)
    : Decimal.divide(price.value, tick.value * Decimal.pow10(-shift), rounding)
  return Decimal.make(steps * tick.value, tick.scale)
}

/**
 * The price that is no better for the trader than `price`: up for a purchase, down for a sale.
 *
 * @category combinators
 * @since 0.1.0
 */
export const roundAgainst = (rule: Rule, price: Decimal.Decimal, side: "buy" | "sell"): Decimal.Decimal =>
  roundPrice(rule, price, side === "buy" ? "up" : "down")

/**
 * The limit that never lets a worse price through than `price`: down for a purchase, up for a sale.
 *
 * @category combinators
 * @since 0.1.0
 */
export const roundLimit = (rule: Rule, price: Decimal.Decimal, side: "buy" | "sell"): Decimal.Decimal =>
  roundPrice(rule, price, side === "buy" ? "down" : "up")

/** The amount down to the lot: what is cut off is not traded. @category combinators @since 0.1.0 */
export const snap = (rule: Rule, amount: Amount.Amount): Amount.Amount => Amount.quantize(amount, rule.lot, "down")
