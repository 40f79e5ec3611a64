/**
 * Indices of reserves as the data has them: as of an instant, never interpolated.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Decimal from "../../domain/Decimal.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../../sim/Refusal.js"
import * as RayMath from "./RayMath.js"

/**
 * An observed index in rays. Refused where it is below one, which no index ever is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromObservation = (
  series: string,
  observation: MarketSnapshot.Observation
): Either.Either<bigint, Refusal.Refusal> => {
  const index = RayMath.fromDecimal(observation.value)
  return index < RayMath.ray
    ? Either.left(
      Refusal.make(
        "market_data",
        `series ${series} is ${Decimal.format(observation.value)} at ${
          Timestamp.format(observation.at)
        }: an index is never below 1`
      )
    )
    : Either.right(index)
}

/**
 * The newest index of a series not later than `at`, which is not later than the snapshot. Refused where there is none
 * or it is too old.
 *
 * @category combinators
 * @since 0.1.0
 */
export const asOf = (
  snapshot: MarketSnapshot.MarketSnapshot,
  series: string,
  at: Timestamp.Timestamp
): Either.Either<bigint, Refusal.Refusal> => {
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
    : fromObservation(series, found)
}
