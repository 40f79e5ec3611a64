/**
 * How much of an order the market takes at once.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../Refusal.js"
import * as World from "../World.js"
import type * as Market from "./Market.js"

/**
 * Limits of what is filled; one of them at least is stated.
 *
 * @category models
 * @since 0.1.0
 */
export interface Limit {
  /** Part of the volume of the newest step that is over, which all orders until the next share. */
  readonly fraction: Decimal.Decimal | undefined
  /** Dollars of one order, where no volume is known. */
  readonly notional: Decimal.Decimal | undefined
}

/** What was traded since the newest observation of a volume, by its series: dollars in 1e-18. */
interface Taken {
  readonly at: Timestamp.Timestamp
  readonly dollars: Amount.Amount
}

/**
 * The limits of one pair.
 *
 * @category models
 * @since 0.1.0
 */
export interface Liquidity extends Limit {
  readonly venue: Account.VenueId
  /** Dollars traded in a step, observed at its end: the series of the price with `.volume`. */
  readonly series: string
  /** Read where `series` has no observation yet. */
  readonly fallback: string | undefined
  readonly taken: World.Slot<ReadonlyMap<string, Taken>>
}

/** The series of volume beside one of prices. @category constructors @since 0.1.0 */
export const volumeOf = (series: string): string => `${series}.volume`

/**
 * The limits of one pair whose prices come from `source`; volumes stand in the series beside it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (venue: Account.VenueId, limit: Limit, { fallback, series }: Market.Source): Liquidity => ({
  ...limit,
  venue,
  series: volumeOf(series),
  fallback: fallback === undefined ? undefined : volumeOf(fallback),
  taken: World.slot<ReadonlyMap<string, Taken>>(`${venue}:liquidity`, new Map())
})

/** The series whose volume counts: which one it is depends on what was observed so far alone. */
const stepOf = (
  { fallback, fraction, series }: Liquidity,
  snapshot: MarketSnapshot.MarketSnapshot
): { readonly series: string; readonly at: Timestamp.Timestamp } | undefined => {
  if (fraction === undefined) return undefined
  const own = snapshot.observe(series)
  if (own !== undefined) return { series, at: own.at }
  const other = fallback === undefined ? undefined : snapshot.observe(fallback)
  return other === undefined ? undefined : { series: fallback!, at: other.at }
}

const takenIn = (liquidity: Liquidity, world: World.World, series: string, at: Timestamp.Timestamp): Amount.Amount => {
  const taken = liquidity.taken.get(world).get(series)
  return taken?.at === at ? taken.dollars : 0n
}

const unknownVolume = (
  { fallback, series, venue }: Liquidity,
  at: Timestamp.Timestamp
): Refusal.Refusal => {
  const names = fallback === undefined ? series : `${series} or ${fallback}`
  const setting = `notional in volume_limit of ${venue}`
  return Refusal.make(
    "market_data",
    `orders at ${venue} are limited to a fraction of the volume, and there is no observation of ${names} at ${
      Timestamp.format(at)
    }; ${setting} limits orders without it`,
    { field: "volume_limit", expected: `the series ${names}, or ${setting}`, actual: "no observation" }
  )
}

/**
 * The most of the base that can be filled now, down to 1e-18, at `dollars` per base on arrival. Refused where the limit
 * is a fraction of a volume that was never observed, or is too old.
 *
 * @category combinators
 * @since 0.1.0
 */
export const available = (
  liquidity: Liquidity,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  dollars: Decimal.Decimal
): Either.Either<Amount.Amount, Refusal.Refusal> => {
  const { fraction, notional } = liquidity
  const step = stepOf(liquidity, snapshot)
  if (step === undefined) {
    return notional === undefined
      ? Either.left(unknownVolume(liquidity, snapshot.at))
      : Either.right(Amount.over(Decimal.toScale(notional, Amount.scale, "down"), dollars, 1n, "down"))
  }
  const traded = MarketSnapshot.value(snapshot, step.series)
  if (Either.isLeft(traded)) return Either.left(Refusal.missingData(traded.left))
  const most = Decimal.toScale(Decimal.multiply(traded.right, fraction!), Amount.scale, "down")
  const left = most - takenIn(liquidity, world, step.series, step.at)
  return Either.right(left <= 0n ? 0n : Amount.over(left, dollars, 1n, "down"))
}

/**
 * The world where `amount` of the step's volume is gone, at `dollars` per base, up to 1e-18. A limit by order leaves
 * nothing behind.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (
  liquidity: Liquidity,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  amount: Amount.Amount,
  dollars: Decimal.Decimal
): World.World => {
  const step = stepOf(liquidity, snapshot)
  if (step === undefined) return world
  const { at, series } = step
  const before = takenIn(liquidity, world, series, at)
  const taken = new Map(liquidity.taken.get(world))
  taken.set(series, { at, dollars: before + Amount.times(amount, dollars, 1n, "up") })
  return liquidity.taken.set(world, taken)
}
