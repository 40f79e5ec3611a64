/**
 * Margin by the size of a position: leverage, maintenance rates and deductions in tiers of the notional.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"

/**
 * A tier as decimal text: lower bound of the notional in the settlement coin, highest leverage, maintenance rate.
 *
 * @category models
 * @since 0.1.0
 */
export type Text = readonly [from: string, maxLeverage: string, maintenance: string]

/**
 * What holds for positions whose notional is above a bound.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tier {
  /** Notional in the settlement coin above which the tier holds; 0 for the first. */
  readonly from: Amount.Amount
  /** `undefined` where the tier does not limit leverage. */
  readonly maxLeverage: Decimal.Decimal | undefined
  /** Maintenance margin as a fraction of the notional. */
  readonly maintenance: Decimal.Decimal
  /** Taken off the maintenance margin, in the settlement coin: makes it continuous from tier to tier. */
  readonly deduction: Amount.Amount
}

/**
 * How margin is shared: `cross` by all positions of the account, `isolated` by each position alone.
 *
 * @category models
 * @since 0.1.0
 */
export type Mode = "cross" | "isolated"

/**
 * What a liquidation costs: a fraction of the notional, or the whole maintenance margin of the position. The latter is
 * what a venue takes that closes at the bankruptcy price.
 *
 * @category models
 * @since 0.1.0
 */
export type Charge = Decimal.Decimal | "maintenance"

/**
 * Margin terms of one perpetual.
 *
 * @category models
 * @since 0.1.0
 */
export interface Terms {
  /** By rising `from`, the first from 0. */
  readonly tiers: readonly [Tier, ...ReadonlyArray<Tier>]
  /** The leverage that was chosen; a tier may allow less. */
  readonly leverage: Decimal.Decimal
  readonly mode: Mode
  readonly liquidation: Charge
}

/**
 * Tiers with their deductions: deduction(n) = deduction(n − 1) + from(n) × (maintenance(n) − maintenance(n − 1)), as
 * Binance (`cum`), Bybit (`mmDeduction`) and Hyperliquid publish them. Without deductions the rate of its tier holds for
 * the whole position, as at OKX.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  first: Omit<Tier, "deduction" | "from">,
  rest: ReadonlyArray<Omit<Tier, "deduction">> = [],
  deducts = true
): Terms["tiers"] => {
  let before: Tier = { ...first, from: 0n, deduction: 0n }
  const higher: Array<Tier> = []
  const lowest = before
  for (const tier of rest) {
    const step = Decimal.subtract(tier.maintenance, before.maintenance)
    const deduction = before.deduction + Amount.times(tier.from, step, 1n, "down")
    before = { ...tier, deduction: deducts ? deduction : 0n }
    higher.push(before)
  }
  return [lowest, ...higher]
}

/** Tiers that the program itself wrote down. @category constructors @since 0.1.0 */
export const unsafe = (
  [first, ...rest]: readonly [Text, ...ReadonlyArray<Text>],
  deducts = true
): Terms["tiers"] => {
  const read = ([from, maxLeverage, maintenance]: Text) => ({
    from: Amount.unsafe(from),
    maxLeverage: Decimal.unsafe(maxLeverage),
    maintenance: Decimal.unsafe(maintenance)
  })
  return make(read(first), rest.map(read), deducts)
}

/** The tier of a notional: the last whose bound is below it. @category combinators @since 0.1.0 */
export const of = (tiers: Terms["tiers"], notional: Amount.Amount): Tier => {
  let found: Tier = tiers[0]
  for (const tier of tiers) if (tier.from < notional) found = tier
  return found
}

/** The leverage that was chosen, or the most that the tier of the notional allows. @category combinators @since 0.1.0 */
export const leverage = (terms: Terms, notional: Amount.Amount): Decimal.Decimal => {
  const { maxLeverage } = of(terms.tiers, notional)
  return maxLeverage === undefined ? terms.leverage : Decimal.min(terms.leverage, maxLeverage)
}

/** Notional × rate − deduction of its tier, up to 1e-18. @category combinators @since 0.1.0 */
export const maintenance = (terms: Terms, notional: Amount.Amount): Amount.Amount => {
  const tier = of(terms.tiers, notional)
  return Amount.times(notional, tier.maintenance, 1n, "up") - tier.deduction
}

/**
 * Notional by leverage, up to 1e-18; never below the maintenance margin, so that nothing is opened that would be
 * liquidated at once.
 *
 * @category combinators
 * @since 0.1.0
 */
export const initial = (terms: Terms, notional: Amount.Amount): Amount.Amount => {
  const needed = Amount.over(notional, leverage(terms, notional), 1n, "up")
  const kept = maintenance(terms, notional)
  return needed < kept ? kept : needed
}
