/**
 * What own orders leave behind in a market: until it has recovered, an order is priced as the last part of all that was
 * traded before it on its side.
 *
 * Purchases and sales are remembered apart, and no fill is better than the price on arrival: so no loop of orders at one
 * instant gains, and no split of an order within the time of recovery costs less than the whole.
 *
 * @since 0.1.0
 */
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as Recovery from "../Recovery.js"
import * as World from "../World.js"
import * as Instruments from "./Instruments.js"
import type * as Market from "./Market.js"
import * as Slippage from "./Slippage.js"

/** Decimals of a distance from the price on arrival, and of what it cost. */
const scale = 18

/** Fills of one side at one instant. */
interface Part {
  readonly at: Timestamp.Timestamp
  readonly amount: Amount.Amount
  /** What the fills cost beyond the price on arrival, in the quote; 1e-{@link scale} of a unit, rounded down. */
  readonly cost: bigint
  /** Price on arrival, quote per base. */
  readonly arrival: Decimal.Decimal
}

/** Parts by symbol and side, oldest first. */
type State = ReadonlyMap<string, ReadonlyArray<Part>>

/**
 * The memory of the markets of a venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Impact {
  readonly slot: World.Slot<State>
}

/** The memory of a venue's markets, in the world. @category constructors @since 0.1.0 */
export const make = (venue: Account.VenueId): Impact => ({ slot: World.slot<State>(`${venue}:impact`, new Map()) })

/** The side of an order. @category models @since 0.1.0 */
export type Side = "buy" | "sell"

const key = ({ symbol }: Market.Market, side: Side): string => `${symbol}:${side}`

const none: ReadonlyArray<Part> = []

/** A market whose price does not depend on size has nothing to remember. */
const isRemembered = ({ curve, recovery }: Market.Market): boolean => recovery > 0 && curve.length > 1

const before = (market: Market.Market, side: Side, world: World.World, at: Timestamp.Timestamp): ReadonlyArray<Part> =>
  isRemembered(market)
    ? Recovery.remembered(market.impact.slot.get(world).get(key(market, side)) ?? none, at, market.recovery)
    : none

const distance = (a: Decimal.Decimal, b: Decimal.Decimal): Decimal.Decimal => Decimal.abs(Decimal.subtract(a, b))

const max = (...all: readonly [Decimal.Decimal, ...ReadonlyArray<Decimal.Decimal>]): Decimal.Decimal =>
  all.reduce((most, one) => Decimal.max(most, one))

/**
 * The price of a fill of `amount` that arrives at a price, on the step of its pair. The first order of a side is priced by
 * its size alone. Each further one, until the market has recovered, costs what the slippage curve takes of the whole so
 * far less what it takes of the parts before it, and at least what is left of the price that the whole as one order would
 * have had, tick included. Rounded against the trader. Zero where the sale is too large for the curve.
 *
 * @category combinators
 * @since 0.1.0
 */
export const price = (
  market: Market.Market,
  side: Side,
  world: World.World,
  at: Timestamp.Timestamp,
  { dollars, price: arrival }: Market.Arrival,
  amount: Amount.Amount
): Decimal.Decimal => {
  const { curve, rule } = market
  const bps = (size: Amount.Amount) => Slippage.bps(curve, Decimal.multiply(Amount.toDecimal(size), dollars))
  const one = (size: Amount.Amount) => Slippage.fillPrice(arrival, bps(size), side, rule)
  const parts = before(market, side, world, at)
  if (parts.length === 0) return one(amount)
  let held = 0n
  let paid = 0n
  let still = true
  for (const part of parts) {
    held += part.amount
    paid += part.cost
    still &&= part.arrival === arrival || Decimal.compare(part.arrival, arrival) === 0
  }
  const whole = one(held + amount)
  if (whole.value <= 0n) return Decimal.zero
  const curved = (size: Amount.Amount) => Decimal.multiply(Amount.toDecimal(size), Decimal.multiply(arrival, bps(size)))
  const marginal = Decimal.multiply(Decimal.subtract(curved(held + amount), curved(held)), Decimal.make(1n, 4))
  // What was paid at another price says nothing of what the whole costs at this one.
  const rest = still
    ? Decimal.subtract(Decimal.multiply(Amount.toDecimal(held + amount), distance(whole, arrival)), Decimal.make(paid, scale))
    : Decimal.zero
  const away = Decimal.quotient(max(marginal, rest, Decimal.zero), Amount.toDecimal(amount), scale, "up")
  const exact = side === "buy" ? Decimal.add(arrival, away) : Decimal.subtract(arrival, away)
  return exact.value <= 0n ? Decimal.zero : Instruments.roundAgainst(rule, exact, side)
}

/**
 * The world where a fill of `amount` at a price is remembered.
 *
 * @category combinators
 * @since 0.1.0
 */
export const remember = (
  market: Market.Market,
  side: Side,
  world: World.World,
  at: Timestamp.Timestamp,
  arrival: Decimal.Decimal,
  amount: Amount.Amount,
  price: Decimal.Decimal
): World.World => {
  if (!isRemembered(market)) return world
  const { slot } = market.impact
  const parts = before(market, side, world, at)
  const last = parts.at(-1)
  // Less than was paid, if anything, so that the rest of the whole is never priced too low.
  const cost = Decimal.toScale(Decimal.multiply(Amount.toDecimal(amount), distance(price, arrival)), scale, "down")
  const next = last !== undefined && last.at === at && Decimal.compare(last.arrival, arrival) === 0
    ? [...parts.slice(0, -1), { ...last, amount: last.amount + amount, cost: last.cost + cost }]
    : [...parts, { at, amount, cost, arrival }]
  return slot.set(world, new Map(slot.get(world)).set(key(market, side), next))
}
