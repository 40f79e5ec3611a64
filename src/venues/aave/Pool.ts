/**
 * The reserves of the pool as they stand at an instant: indices of the data, or of their rate model.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../../sim/Refusal.js"
import type * as Config from "./Config.js"
import * as Indices from "./Indices.js"
import * as Position from "./Position.js"
import type * as RayMath from "./RayMath.js"
import * as Reserves from "./Reserves.js"
import * as ReserveState from "./ReserveState.js"

/** The time of a block, in seconds. @category constructors @since 0.1.0 */
export const seconds = (at: Timestamp.Timestamp): bigint => BigInt(Math.floor(at / 1000))

/** Which of the two indices: of what is supplied, or of what is owed. @category models @since 0.1.0 */
export type Side = "supply" | "borrow"

/** Rate model and rounding of a reserve; `undefined` where its indices are those of the data. @category constructors @since 0.1.0 */
export const terms = (
  { scaling, version }: { readonly scaling: RayMath.Scaling; readonly version: RayMath.Version },
  { factor, interest }: Reserves.Reserve
): ReserveState.Terms | undefined => (interest === "data" ? undefined : { version, scaling, curve: interest, factor })

/**
 * A reserve with a rate model, its interest accrued up to an instant; `undefined` for one with the indices of the data.
 *
 * @category combinators
 * @since 0.1.0
 */
export const stateAt = (
  settings: Config.Settings,
  position: Position.Position,
  reserve: Reserves.Reserve,
  at: Timestamp.Timestamp
): ReserveState.State | undefined => {
  const model = terms(settings, reserve)
  if (model === undefined) return undefined
  const now = seconds(at)
  const stored = position.pool.get(reserve.token)
  return stored === undefined
    ? ReserveState.open(model, reserve.others ?? { supply: 0n, debt: 0n }, now)
    : ReserveState.accrue(model, stored, now)
}

/** The series that an index comes from. @category combinators @since 0.1.0 */
export const series = (reserve: Reserves.Reserve, side: Side): string =>
  side === "supply" ? Reserves.supplyIndex(reserve.token) : Reserves.borrowIndex(reserve.token)

/**
 * An index at an instant that is not later than the snapshot, in rays. Refused where the data has none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const indexAt = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  reserve: Reserves.Reserve,
  side: Side,
  at: Timestamp.Timestamp
): Either.Either<bigint, Refusal.Refusal> => {
  const state = stateAt(settings, position, reserve, at)
  return state === undefined
    ? Indices.asOf(snapshot, series(reserve, side), at)
    : Either.right(side === "supply" ? state.supplyIndex : state.borrowIndex)
}

/** An index at the instant of the snapshot. @category combinators @since 0.1.0 */
export const index = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  reserve: Reserves.Reserve,
  side: Side
): Either.Either<bigint, Refusal.Refusal> => indexAt(settings, position, snapshot, reserve, side, snapshot.at)

/** A position with its reserve changed by an action now; one with the indices of the data stays. @category combinators @since 0.1.0 */
export const changed = (
  settings: Config.Settings,
  position: Position.Position,
  reserve: Reserves.Reserve,
  at: Timestamp.Timestamp,
  by: ReserveState.Change
): Position.Position => {
  const model = terms(settings, reserve)
  const state = stateAt(settings, position, reserve, at)
  return model === undefined || state === undefined
    ? position
    : Position.withReserve(position, reserve.token, ReserveState.change(model, state, by))
}
