/**
 * What a swap comes to before it is made, and the pool that it is made in.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as World from "../../sim/World.js"
import type * as Venue from "../../venue/Venue.js"
import type * as Markets from "./Markets.js"
import type * as Pool from "./Pool.js"
import * as Price from "./Price.js"
import * as Router from "./Router.js"
import * as State from "./State.js"
import * as SwapMath from "./SwapMath.js"

/**
 * What is asked for: `units` of the token sold (`exact_in`) or bought (`exact_out`), in its smallest unit.
 *
 * @category models
 * @since 0.1.0
 */
export interface Order {
  readonly type: "exact_in" | "exact_out"
  readonly sold: Asset.Asset
  readonly bought: Asset.Asset
  readonly units: bigint
  /** Pools to choose from, at least one. */
  readonly markets: ReadonlyArray<Markets.Market>
}

/** What a swap comes to in the pool that is the best for it. Nothing has changed yet. @category models @since 0.1.0 */
export interface Quote {
  readonly market: Markets.Market
  readonly zeroForOne: boolean
  /** The pool before the swap, and the observation that it was centred at. */
  readonly before: State.Current
  readonly swap: Pool.Swap
}

type Quoted = Either.Either<Quote, Refusal.Refusal>

const show = (units: bigint, token: Asset.Asset): string => `${Decimal.formatScaled(units, Asset.decimals(token))} ${token}`

const shallow = (market: Markets.Market, { bought, sold, type, units }: Order, most: bigint): Refusal.Refusal => {
  const token = type === "exact_in" ? sold : bought
  return Refusal.make(
    "limit",
    `${market.id} has not the liquidity for it: ${type === "exact_in" ? "it takes" : "it gives"} ${show(most, token)} at most`,
    { field: "amount", expected: `at most ${show(most, token)}`, actual: show(units, token) }
  )
}

const explain = (market: Markets.Market, order: Order, fault: Router.Fault): Refusal.Refusal =>
  fault._tag === "AmountTooLarge" || fault._tag === "AS"
    ? Refusal.make("invalid", `no pool swaps ${show(order.units, order.type === "exact_in" ? order.sold : order.bought)}`, {
      field: "amount",
      expected: "an amount that fits the contracts",
      actual: order.units.toString()
    })
    : shallow(market, order, fault._tag === "Incomplete" ? fault.received : 0n)

const tooLittle = (market: Markets.Market, { bought, sold, units }: Order): Refusal.Refusal =>
  Refusal.make("limit", `${market.id} gives not a unit of ${bought} for ${show(units, sold)}`, {
    field: "amount",
    expected: `an amount that ${show(1n, bought)} or more comes out for`,
    actual: show(units, sold)
  })

/** A quote at one pool. What the router would fill in part, or give nothing for, is refused. */
const at = (world: World.World, snapshot: MarketSnapshot.MarketSnapshot, order: Order, market: Markets.Market): Quoted =>
  Either.flatMap(State.current(world, snapshot, market), (before): Quoted => {
    const zeroForOne = market.token0 === order.sold
    const swapped = order.type === "exact_in"
      ? Router.exactInputSingle(before.pool, zeroForOne, order.units, 0n)
      : Router.exactOutputSingle(before.pool, zeroForOne, order.units, order.units << 256n)
    if (Either.isLeft(swapped)) return Either.left(explain(market, order, swapped.left))
    const swap = swapped.right
    if (swap.amountIn < order.units && order.type === "exact_in") return Either.left(shallow(market, order, swap.amountIn))
    return swap.amountOut === 0n ? Either.left(tooLittle(market, order)) : Either.right({ market, zeroForOne, before, swap })
  })

const isBetter = (order: Order, a: Quote, b: Quote): boolean =>
  order.type === "exact_in" ? a.swap.amountOut > b.swap.amountOut : a.swap.amountIn < b.swap.amountIn

/**
 * The best quote of the order's pools: most out, or least in; the first of equals. Where no pool can do it, the refusal
 * of the first. While a pool of them has not recovered from own swaps, only such pools count: a split over several pools
 * is one of its own, that names them.
 *
 * @category combinators
 * @since 0.1.0
 */
export const best = (world: World.World, snapshot: MarketSnapshot.MarketSnapshot, order: Order): Quoted => {
  const moved = order.markets.length < 2 ? [] : order.markets.filter((market) => State.isMoved(world, snapshot.at, market))
  const [first, ...others] = (moved.length === 0 ? order.markets : moved).map((market) => at(world, snapshot, order, market))
  return others.reduce(
    (chosen, quoted) =>
      Either.isRight(quoted) && (Either.isLeft(chosen) || isBetter(order, quoted.right, chosen.right)) ? quoted : chosen,
    first!
  )
}

/** The pool's price before the swap, and its fee. @category combinators @since 0.1.0 */
export const arrival = ({ before, market, zeroForOne }: Quote): Venue.Arrival => ({
  price: Price.of(before.pool.sqrtPriceX96, zeroForOne, market.scales),
  feeRate: Decimal.make(market.terms.fee, 6)
})

/** Decimals of a bound with the fee taken off. */
const boundScale = 36

/** What a bound on the price leaves for one sold after the fee, up. */
const net = (bound: Decimal.Decimal, { terms }: Markets.Market): bigint =>
  Decimal.toScale(Decimal.multiply(bound, Decimal.make(SwapMath.feeUnit - terms.fee, 6)), boundScale, "up")

/**
 * The least of the token bought that a bound accepts for what is sold. A bound is a price without fees, as that of a
 * market on arrival is: the pool's fee comes off it. Up, so that no rounding weakens it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const minimumOut = (order: Order, market: Markets.Market, bound: Decimal.Decimal): bigint =>
  Decimal.divide(
    order.units * net(bound, market) * Decimal.pow10(Asset.decimals(order.bought)),
    Decimal.pow10(Asset.decimals(order.sold) + boundScale),
    "up"
  )

/** The most of the token sold that a bound accepts for what is bought, down. @category combinators @since 0.1.0 */
export const maximumIn = (order: Order, market: Markets.Market, bound: Decimal.Decimal): bigint =>
  Decimal.divide(
    order.units * Decimal.pow10(Asset.decimals(order.sold) + boundScale),
    net(bound, market) * Decimal.pow10(Asset.decimals(order.bought)),
    "down"
  )

/**
 * What the price cost, without the fee: the worth of what was sold at the price before the swap, less what it bought; in
 * the token bought, up to 1e-18.
 *
 * @category combinators
 * @since 0.1.0
 */
export const slippage = (
  { before, market, swap, zeroForOne }: Quote
): { readonly worth: Amount.Amount; readonly lost: Amount.Amount } => {
  const worth = Price.worth(before.pool.sqrtPriceX96, zeroForOne, swap.amountIn - swap.fee, market.scales, "up")
  const got = Amount.fromUnits(swap.amountOut, zeroForOne ? market.scales.token1 : market.scales.token0)
  return { worth, lost: worth - got }
}
