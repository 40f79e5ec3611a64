/**
 * Rates of share tokens as the data has them: as of an instant, never interpolated.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Decimal from "../../domain/Decimal.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../Refusal.js"
import * as ShareToken from "../ShareToken.js"

const ofObservation = (
  series: string,
  { at, value }: MarketSnapshot.Observation
): Either.Either<ShareToken.Pool, Refusal.Refusal> =>
  Decimal.isPositive(value)
    ? Either.right(ShareToken.ofRate(value))
    : Either.left(
      Refusal.make("market_data", `series ${series} is ${Decimal.format(value)} at ${Timestamp.format(at)}: a rate is above 0`)
    )

/**
 * The pool at the newest rate not later than `at`, which is not later than the snapshot. Refused where there is none, it
 * is too old, or it is not above 0.
 *
 * @category combinators
 * @since 0.1.0
 */
export const asOf = (
  snapshot: MarketSnapshot.MarketSnapshot,
  series: string,
  at: Timestamp.Timestamp
): Either.Either<ShareToken.Pool, Refusal.Refusal> => {
  const maxAge = snapshot.maxAge(series)
  let found = snapshot.observe(series)
  if (found !== undefined && found.at > at) {
    found = undefined
    for (const observation of snapshot.since(series, Math.max(at - maxAge, 0) - 1)) {
      if (observation.at <= at) found = observation
    }
  }
  if (found === undefined) return Either.left(Refusal.missingData({ series, at }))
  return at - found.at > maxAge
    ? Either.left(Refusal.missingData({ series, at, observedAt: found.at, maxAge }))
    : ofObservation(series, found)
}
