/**
 * How far the size of an order moves its price.
 *
 * @since 0.1.0
 */
import * as Decimal from "../../domain/Decimal.js"
import * as Instruments from "./Instruments.js"

/**
 * Cost of an order of a size.
 *
 * @category models
 * @since 0.1.0
 */
export interface Point {
  /** Size of the order in dollars. */
  readonly notional: Decimal.Decimal
  /** Distance of the fill from the price on arrival, in 1e-4 of it. */
  readonly bps: Decimal.Decimal
}

/**
 * At least one point, by rising notional.
 *
 * @category models
 * @since 0.1.0
 */
export type Curve = ReadonlyArray<Point>

/** The same cost for every size. @category constructors @since 0.1.0 */
export const flat = (bps: Decimal.Decimal): Curve => [{ notional: Decimal.zero, bps }]

/** Decimals of an interpolated cost in bps. */
const scale = 12

/**
 * The cost of an order of `notional` dollars: that of the first point below it, on the straight line between two
 * points, and on the line through the last two beyond them; never below zero. Rounded up to 1e-12 bps, or to the
 * decimals of the points where they have more.
 *
 * @category combinators
 * @since 0.1.0
 */
export const bps = (curve: Curve, notional: Decimal.Decimal): Decimal.Decimal => {
  const first = curve[0]!
  if (curve.length === 1 || Decimal.compare(notional, first.notional) <= 0) return first.bps
  let at = 1
  while (at < curve.length - 1 && Decimal.compare(notional, curve[at]!.notional) > 0) at++
  const from = curve[at - 1]!
  const to = curve[at]!
  // In integers of one scale for sizes and one for bps: this is on the way of every order.
  const sizes = Math.max(notional.scale, from.notional.scale, to.notional.scale)
  const costs = Math.max(from.bps.scale, to.bps.scale, scale)
  const start = Decimal.toScale(from.notional, sizes, "down")
  const base = Decimal.toScale(from.bps, costs, "down")
  const rise = (Decimal.toScale(to.bps, costs, "down") - base) * (Decimal.toScale(notional, sizes, "down") - start)
  const run = Decimal.toScale(to.notional, sizes, "down") - start
  const value = base + Decimal.divide(rise, run, "up")
  return value < 0n ? Decimal.zero : Decimal.make(value, costs)
}

/**
 * The price of a fill: arrival × (1 ± bps / 10000), rounded against the trader to the step of the rule. Zero or below
 * where a sale is too large for the curve.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fillPrice = (
  arrival: Decimal.Decimal,
  cost: Decimal.Decimal,
  side: "buy" | "sell",
  rule: Instruments.Rule
): Decimal.Decimal => {
  if (cost.value === 0n) return Instruments.roundAgainst(rule, arrival, side)
  const whole = 10_000n * Decimal.pow10(cost.scale)
  const factor = Decimal.make(side === "buy" ? whole + cost.value : whole - cost.value, cost.scale + 4)
  const price = Decimal.multiply(arrival, factor)
  return price.value <= 0n ? Decimal.zero : Instruments.roundAgainst(rule, price, side)
}
