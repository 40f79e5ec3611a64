/**
 * The highest and lowest marks of a step of the data, known at its end.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Decimal from "../../domain/Decimal.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../Refusal.js"
import type * as World from "../World.js"
import * as Margin from "./Margin.js"
import type * as Market from "./Market.js"
import type * as Position from "./Position.js"

/** Series of the extremes of a series. @category constructors @since 0.1.0 */
export const series = (name: string): readonly [high: string, low: string] => [`${name}.high`, `${name}.low`]

/**
 * The instant of a snapshot where extremes of a mark are known at just that instant: those that come next are of a step
 * that begins there.
 *
 * @category combinators
 * @since 0.1.0
 */
export const begins = (
  market: Market.Perpetual,
  snapshot: MarketSnapshot.MarketSnapshot
): Timestamp.Timestamp | undefined =>
  series(market.price.series).some((name) => snapshot.observe(name)?.at === snapshot.at) ? snapshot.at : undefined

/**
 * The extremes of a step that ends at a snapshot.
 *
 * @category models
 * @since 0.1.0
 */
export interface Extremes {
  readonly high: Decimal.Decimal | undefined
  readonly low: Decimal.Decimal | undefined
}

const at = (snapshot: MarketSnapshot.MarketSnapshot, name: string): Decimal.Decimal | undefined => {
  const observed = snapshot.observe(name)
  return observed?.at === snapshot.at && observed.value.value > 0n ? observed.value : undefined
}

const of = (snapshot: MarketSnapshot.MarketSnapshot, name: string): Extremes | undefined => {
  const [high, low] = series(name).map((one) => at(snapshot, one))
  return high === undefined && low === undefined ? undefined : { high, low }
}

/**
 * The marks that positions and collateral are checked at: where a position is in doubt, it is closed at the first price
 * beyond its liquidation price on the way from `from` to the mark.
 *
 * @category models
 * @since 0.1.0
 */
export interface Path extends Margin.Marks {
  /** The other end of the step; the mark itself where nothing is known of the way to it. */
  readonly from: (market: Market.Perpetual) => Either.Either<Decimal.Decimal, Refusal.Refusal>
}

/** The path to the marks as of a snapshot, of which only the end is known. @category constructors @since 0.1.0 */
export const still = (snapshot: MarketSnapshot.MarketSnapshot): Path => {
  const marks = Margin.marks(snapshot)
  return { ...marks, from: marks.perp }
}

/**
 * The paths of a step that ends at the snapshot, to the lows and to the highs of all markets; none where no position
 * was held through a step whose extremes are known; what was added to it within the step counts as held with it. Marks
 * without extremes, and those of positions that were opened within the step, are as of the snapshot.
 *
 * @category constructors
 * @since 0.1.0
 */
export const paths = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): ReadonlyArray<Path> => {
  const known = new Map<string, Extremes>()
  for (const [symbol, { instrument, watched }] of context.slot.get(world).positions) {
    const market = context.markets.perp(instrument)
    if (watched === undefined || watched >= snapshot.at || Either.isLeft(market)) continue
    const extremes = of(snapshot, market.right.price.series)
    if (extremes !== undefined) known.set(symbol, extremes)
  }
  if (known.size === 0) return []
  const now = Margin.marks(snapshot)
  const perp = (side: "high" | "low") => (market: Market.Perpetual) => {
    const price = known.get(market.symbol)?.[side]
    return price === undefined ? now.perp(market) : Either.right(price)
  }
  const path = (side: "high" | "low"): Path => ({
    perp: perp(side),
    from: perp(side === "high" ? "low" : "high"),
    coin: (coin) => {
      const price = of(snapshot, `price.${coin}`)?.[side]
      return price === undefined ? now.coin(coin) : Either.right(price)
    }
  })
  return [path("low"), path("high")]
}

/**
 * The world after a snapshot: every open position knows where its next step begins.
 *
 * @category combinators
 * @since 0.1.0
 */
export const watch = (context: Margin.Context, world: World.World, snapshot: MarketSnapshot.MarketSnapshot): World.World => {
  const { positions } = context.slot.get(world)
  let watched: Map<string, Position.Position> | undefined
  for (const [symbol, position] of positions) {
    const market = context.markets.perp(position.instrument)
    const begun = Either.isRight(market) ? begins(market.right, snapshot) : undefined
    if (begun === undefined || begun === position.watched) continue
    watched = (watched ?? new Map(positions)).set(symbol, { ...position, watched: begun })
  }
  return watched === undefined ? world : context.slot.set(world, { positions: watched })
}
