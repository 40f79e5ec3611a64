/**
 * Value over time: one value for each instant, of the same holdings from first to last.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Positions from "./Positions.js"
import type * as Result from "./Result.js"

/**
 * Values that are being put together, in the order of time.
 *
 * @category models
 * @since 0.1.0
 */
export interface ValueSeries {
  /** Adds what is held at an instant. The first is what is held before anything is done; later ones of an instant replace it. */
  readonly add: (at: Timestamp.Timestamp, worth: Positions.Valuation, snapshot: MarketSnapshot.MarketSnapshot) => void
  readonly result: () => Pick<Result.Result, "initial" | "value" | "unpriced">
}

interface Point extends Result.ValuePoint {
  /** What is held and not in this value. */
  readonly unpriced: ReadonlyArray<string>
}

/**
 * A series in the share class's token, rounded down to 1e-18.
 *
 * What has a price at one instant of the run and none at another would look like a loss or a gain where its price ends or
 * begins: there is no value at an instant at which it is held without one. What never has a price is in no value.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (token: "USDT" | "ETH"): ValueSeries => {
  const points: Array<Point> = []
  const unpriced = new Set<string>()
  const priced = new Set<string>()
  let opening: Point | undefined
  let added = false
  return {
    add: (at, worth, snapshot) => {
      for (const asset of worth.priced) priced.add(asset)
      for (const asset of worth.unpriced) unpriced.add(asset)
      const unit = MarketSnapshot.price(snapshot, token)
      const isOpening = !added
      added = true
      if (Either.isLeft(unit) || unit.right.value <= 0n) return
      const point = { at, value: Decimal.quotient(worth.dollars, unit.right, 18, "down"), unpriced: worth.unpriced }
      if (isOpening) opening = point
      else if (points.at(-1)?.at === at) points[points.length - 1] = point
      else points.push(point)
    },
    result: () => {
      const isWhole = (point: Point) => !point.unpriced.some((asset) => priced.has(asset))
      return {
        initial: opening !== undefined && isWhole(opening) ? opening.value : undefined,
        value: points.filter(isWhole).map(({ at, value }) => ({ at, value })),
        unpriced: [...unpriced].filter((asset) => !priced.has(asset)).sort()
      }
    }
  }
}
