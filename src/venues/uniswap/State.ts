/**
 * Where the pools stand in a simulated world.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as Recovery from "../../sim/Recovery.js"
import * as Refusal from "../../sim/Refusal.js"
import * as Staleness from "../../sim/Staleness.js"
import * as World from "../../sim/World.js"
import type * as Markets from "./Markets.js"
import * as Pool from "./Pool.js"
import * as Price from "./Price.js"

/**
 * A pool that own swaps have moved: the observation that it was centred at, `undefined` for a price that no data gives,
 * and what own swaps have put in, fees not counted.
 *
 * @category models
 * @since 0.1.0
 */
export interface Moved {
  readonly observedAt: Timestamp.Timestamp | undefined
  readonly pool: Pool.Pool
  readonly flow: Recovery.Flow
}

/** A pool as it stands at an instant, and what of its series is of an earlier step. @category models @since 0.1.0 */
export interface Current extends Moved {
  readonly stale: ReadonlyArray<MarketSnapshot.Stale>
}

/**
 * What the world keeps of Uniswap: the pools that own swaps have moved, and the approvals given.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  /** By id of the market. */
  readonly moved: ReadonlyMap<string, Moved>
  /** Tokens that the router may already spend. */
  readonly approved: ReadonlySet<Asset.Asset>
}

/** The part of the simulated world that is Uniswap's own. @category constants @since 0.1.0 */
export const slot: World.Slot<State> = World.slot<State>("uniswap", { moved: new Map(), approved: new Set() })

const centred = (market: Markets.Market, series: string, inverted: boolean, value: Decimal.Decimal): Either.Either<Pool.Pool, Refusal.Refusal> => {
  const sqrtPriceX96 = value.value > 0n ? Price.toSqrtX96(value, market.scales, inverted) : 0n
  return Pool.isPrice(sqrtPriceX96)
    ? Either.right(Pool.at(market.terms, sqrtPriceX96))
    : Either.left(Refusal.make("market_data", `${market.id} cannot stand at the price of series ${series}`, {
      expected: "a price that a pool can have",
      actual: Decimal.format(value)
    }))
}

/** The pool at a price of its series, moved by a flow once more. */
const displaced = (pool: Pool.Pool, flow: Recovery.Flow): Pool.Pool => {
  const amount = Recovery.unitsOf(flow)
  const swap = Pool.swap({ ...pool, fee: 0n }, { zeroForOne: flow.coin === 0, exactIn: true, amount })
  return Either.isRight(swap) ? { ...swap.right.pool, fee: pool.fee } : pool
}

/**
 * The pool as of a snapshot: at the price of its series, moved by what own swaps have put in and it has not recovered
 * from. Refused where the series has no observation, it is too old, or it is of an earlier step.
 *
 * @category combinators
 * @since 0.1.0
 */
export const current = (
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  market: Markets.Market
): Either.Either<Current, Refusal.Refusal> => {
  const moved = slot.get(world).moved.get(market.id)
  const { price } = market
  if (price._tag === "Fixed") {
    return Either.right({
      ...(moved ?? { observedAt: undefined, pool: Pool.at(market.terms, price.sqrtPriceX96), flow: Recovery.still }),
      stale: []
    })
  }
  const value = MarketSnapshot.value(snapshot, price.series)
  if (Either.isLeft(value)) return Either.left(Refusal.missingData(value.left))
  const stale = Staleness.of(snapshot, [price.series])
  const refused = Staleness.refusal(snapshot, stale)
  if (refused !== undefined) return Either.left(refused)
  const observedAt = snapshot.observe(price.series)?.at
  const flow = moved === undefined ? Recovery.still : Recovery.flowAt(moved.flow, snapshot.at, market.recovery)
  const rests = moved !== undefined && flow === moved.flow && flow.parts.length > 0
  if (rests && moved.observedAt === observedAt) return Either.right({ ...moved, stale })
  return Either.map(centred(market, price.series, price.inverted, value.right), (pool) => ({
    observedAt,
    pool: flow.parts.length === 0 ? pool : displaced(pool, flow),
    flow,
    stale
  }))
}

/**
 * Whether own swaps have moved a pool away from its series, and it has not recovered.
 *
 * @category guards
 * @since 0.1.0
 */
export const isMoved = (world: World.World, at: Timestamp.Timestamp, market: Markets.Market): boolean => {
  const moved = slot.get(world).moved.get(market.id)
  return moved !== undefined && Recovery.flowAt(moved.flow, at, market.recovery).parts.length > 0
}

/**
 * The world after a swap: where the pool stands now, and what the router may spend.
 *
 * @category combinators
 * @since 0.1.0
 */
export const after = (
  world: World.World,
  market: Markets.Market,
  moved: Moved,
  approved: ReadonlySet<Asset.Asset>
): World.World => slot.set(world, { moved: new Map(slot.get(world).moved).set(market.id, moved), approved })
