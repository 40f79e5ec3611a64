/**
 * Fills at the observations of their own step: older ones are refused, unless the data allows them.
 *
 * @since 0.1.0
 */
import type { Json } from "../domain/Json.js"
import * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Refusal from "./Refusal.js"

const none: ReadonlyArray<MarketSnapshot.Stale> = []

/**
 * What of the series of a price is of an earlier step than the snapshot.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (
  snapshot: MarketSnapshot.MarketSnapshot,
  series: ReadonlyArray<string>
): ReadonlyArray<MarketSnapshot.Stale> => {
  let found = none
  for (const name of series) {
    const stale = MarketSnapshot.stale(snapshot, name)
    if (stale !== undefined) found = [...found, stale]
  }
  return found
}

/**
 * The refusal of a fill at stale observations: of the first that the data does not allow fills at. `undefined` where there
 * is none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const refusal = (
  snapshot: MarketSnapshot.MarketSnapshot,
  stale: ReadonlyArray<MarketSnapshot.Stale>
): Refusal.Refusal | undefined => {
  const refused = stale.find(({ series }) => !snapshot.staleFills(series))
  return refused === undefined ? undefined : Refusal.staleData(refused)
}

const seconds = (milliseconds: number): number => milliseconds / 1000

/**
 * What the report of a fill at stale observations tells of them: `stale_prices`, each with its series, its instant, its
 * age and the step of the series in seconds. Nothing where none is stale.
 *
 * @category combinators
 * @since 0.1.0
 */
export const detail = (stale: ReadonlyArray<MarketSnapshot.Stale>): { readonly [key: string]: Json } =>
  stale.length === 0 ? {} : {
    stale_prices: stale.map(({ at, observedAt, series, step }) => ({
      series,
      observed_at: Timestamp.format(observedAt),
      age_seconds: seconds(at - observedAt),
      step_seconds: seconds(step)
    }))
  }
