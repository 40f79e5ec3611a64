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

/** Series of the extremes of a series. @category constructors @since 0.1.0 */
export const series = (name: string): readonly [high: string, low: string] => [`${name}.high`, `${name}.low`]

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
 * The instant at which the step that ends at the snapshot begins, told by the series of the extremes and of the mark:
 * no earlier than the extremes before it, nor than the step of their series, and where the mark was first observed since
 * then. So neither the first step of a series nor one after a silence needs extremes that end where it begins.
 * `undefined` where nothing tells it.
 */
const beginning = (
  { price }: Market.Perpetual,
  snapshot: MarketSnapshot.MarketSnapshot
): Timestamp.Timestamp | undefined => {
  const { at } = snapshot
  const begins = series(price.series).flatMap((name) => {
    const step = snapshot.observe(name)?.at === at ? snapshot.step(name) : undefined
    if (step === undefined) return []
    const earliest = at - Math.min(step, snapshot.maxAge(name))
    return [snapshot.since(name, earliest).at(-2)?.at ?? earliest]
  })
  const mark = snapshot.observe(price.series)
  if (begins.length === 0) {
    if (mark !== undefined && mark.at < at) return mark.at
    const step = snapshot.step(price.series)
    return step === undefined ? undefined : at - step
  }
  const earliest = Math.max(...begins, at - snapshot.maxAge(price.series) + 1)
  const first = snapshot.since(price.series, earliest - 1)[0]
  return first === undefined || first.at === at ? earliest : first.at
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
  for (const [symbol, { heldSince, instrument }] of context.slot.get(world).positions) {
    const market = context.markets.perp(instrument)
    if (Either.isLeft(market)) continue
    const extremes = of(snapshot, market.right.price.series)
    if (extremes === undefined) continue
    const begun = beginning(market.right, snapshot)
    if (begun !== undefined && heldSince <= begun) known.set(symbol, extremes)
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
