/**
 * An order on its way: snapped to the steps of its pair, and priced when it arrives.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Instruction from "../../domain/Instruction.js"
import type { Json } from "../../domain/Json.js"
import * as Outcome from "../../domain/Outcome.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Venue from "../../venue/Venue.js"
import * as Refusal from "../Refusal.js"
import * as Staleness from "../Staleness.js"
import type * as World from "../World.js"
import * as Impact from "./Impact.js"
import * as Instruments from "./Instruments.js"
import * as Liquidity from "./Liquidity.js"
import * as Market from "./Market.js"
import * as Settings from "./Settings.js"

/**
 * An order for one pair.
 *
 * @category models
 * @since 0.1.0
 */
export interface Order<out M extends Market.Market = Market.Market> {
  readonly market: M
  readonly side: "buy" | "sell"
  readonly requested: Amount.Amount | "max"
  /** `requested` down to the lot; `undefined` for everything there is, which is known only on arrival. */
  readonly amount: Amount.Amount | undefined
  /** Worst price of a limit order, on the tick; where the market is beyond it the order ends without a fill. */
  readonly limit: Decimal.Decimal | undefined
  /** Worst price that the caller accepts; where the fill would be beyond it the order is refused. */
  readonly bound: Decimal.Decimal | undefined
  /** Whether it fills whole or not at all, where the market takes less than all of it. */
  readonly fillOrKill: boolean
  readonly reduceOnly: boolean
}

const tooSmall = (market: Market.Market, requested: Amount.Amount): Refusal.Refusal => {
  const { lot, minAmount } = market.rule
  const least = `${Amount.format(minAmount > lot ? minAmount : lot)} ${market.base}`
  return Refusal.make("limit", `${market.venue} trades no less than ${least} in ${market.symbol}`, {
    field: "amount",
    expected: `at least ${least}`,
    actual: Amount.format(requested)
  })
}

/**
 * The amount down to the lot. Refused where nothing or less than the least amount is left of it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const snap = (
  market: Market.Market,
  requested: Amount.Amount
): Either.Either<Amount.Amount, Refusal.Refusal> => {
  const amount = Instruments.snap(market.rule, requested)
  return amount > 0n && amount >= market.rule.minAmount
    ? Either.right(amount)
    : Either.left(tooSmall(market, requested))
}

const marketOf = (
  settings: Settings.Settings,
  markets: Market.Markets,
  trade: Instruction.CexTrade
): Either.Either<Market.Market, Refusal.Refusal> => {
  const market: Either.Either<Market.Market, Refusal.Refusal> = trade.tradeType === "spot"
    ? markets.spot(trade.symbol)
    : markets.perp(trade.symbol)
  if (Either.isLeft(market)) return market
  const { sub } = trade.venue
  if (sub === undefined || Settings.accountOf(settings, sub) === market.right.sub) return market
  const { venue } = settings
  return Either.left(
    Refusal.make("invalid", `${trade.tradeType} trades at ${venue} settle in its account ${market.right.sub}`, {
      field: "venue",
      expected: `${venue} or ${venue}_${market.right.sub}`,
      actual: `${venue}_${sub}`
    })
  )
}

const wireOf = (intent: Venue.Intent<Instruction.CexTrade>, order: Order): { readonly [key: string]: Json } => ({
  client_order_id: intent.operationId,
  symbol: order.market.symbol,
  side: order.side,
  quantity: order.amount === undefined ? "max" : Amount.format(order.amount),
  ...(order.limit === undefined
    ? { type: "market" }
    : { type: "limit", price: Decimal.format(order.limit), time_in_force: intent.instruction.timeInForce ?? "IOC" }),
  ...(order.bound === undefined ? {} : { bound: Decimal.format(order.bound) }),
  ...(order.reduceOnly ? { reduce_only: true } : {})
})

/**
 * The order that an instruction means. Needs nothing of the market: pair, account, lot and tick are checked, and the
 * price of a limit order is moved to the tick that is no worse for the trader.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  settings: Settings.Settings,
  markets: Market.Markets,
  intent: Venue.Intent<Instruction.CexTrade>
): Either.Either<Venue.Call<Order>, Refusal.Refusal> => {
  const trade = intent.instruction
  const found = marketOf(settings, markets, trade)
  if (Either.isLeft(found)) return Either.left(found.left)
  const market = found.right
  const requested = trade.amount
  if (typeof requested === "object") {
    return Either.left(Refusal.make("unsupported", "a trade is never part of an atomic group", {
      field: "amount",
      expected: "a decimal or \"max\"",
      actual: `the output of ${requested.outputOf}`
    }))
  }
  const snapped = requested === "max" ? Either.right(undefined) : snap(market, requested)
  if (Either.isLeft(snapped)) return Either.left(snapped.left)
  const limit = trade.price === undefined ? undefined : Instruments.roundLimit(market.rule, trade.price, trade.side)
  if (limit !== undefined && limit.value <= 0n) {
    return Either.left(Refusal.make("limit", `the price is below the tick of ${market.symbol} at ${market.venue}`, {
      field: "price",
      expected: `at least ${Decimal.format(market.rule.tick)}`,
      actual: Decimal.format(trade.price!)
    }))
  }
  const order: Order = {
    market,
    side: trade.side,
    requested,
    amount: snapped.right,
    limit,
    bound: intent.bound,
    fillOrKill: trade.timeInForce === "FOK",
    reduceOnly: trade.reduceOnly === true
  }
  return Either.right({ wire: wireOf(intent, order), payload: order })
}

const worse = (side: "buy" | "sell", price: Decimal.Decimal, than: Decimal.Decimal): boolean => {
  const sign = Decimal.compare(price, than)
  return side === "buy" ? sign > 0 : sign < 0
}

/**
 * What an order meets on arrival.
 *
 * @category models
 * @since 0.1.0
 */
export interface Met {
  readonly arrival: Decimal.Decimal
  /** Dollars per base on arrival. */
  readonly dollars: Decimal.Decimal
  /** Of the fill; of the arrival where the market takes nothing. */
  readonly price: Decimal.Decimal
  /** What is filled, a multiple of the lot: 0 where the limit is not reached or the market takes too little. */
  readonly amount: Amount.Amount
  /** The most that the market takes, stated where that is less than the order. */
  readonly available: Amount.Amount | undefined
  /** Observations of an earlier step that the fill is priced by. */
  readonly stale: ReadonlyArray<MarketSnapshot.Stale>
}

const tooLarge = (market: Market.Market, amount: Amount.Amount): Refusal.Refusal =>
  Refusal.make("limit", `the order is larger than the slippage curve of ${market.symbol} can price`, {
    field: "amount",
    expected: "a smaller amount",
    actual: Amount.format(amount)
  })

const beyondBound = ({ market, side }: Order, price: Decimal.Decimal, bound: Decimal.Decimal): Refusal.Refusal => {
  const [at, worst] = [Decimal.format(price), Decimal.format(bound)]
  return Refusal.make("price", `${market.symbol} would fill at ${at} at ${market.venue}, which is worse than ${worst}`, {
    expected: `${side === "buy" ? "at most" : "at least"} ${worst} ${market.quote} per ${market.base}`,
    actual: at
  })
}

const worthTooLittle = (market: Market.Market, amount: Amount.Amount, worth: Decimal.Decimal): Refusal.Refusal => {
  const least = `${Decimal.format(market.rule.minNotional)} ${market.quote}`
  return Refusal.make("limit", `${market.venue} trades no less than ${least} in ${market.symbol}`, {
    field: "amount",
    expected: `an amount worth at least ${least}`,
    actual: `${Amount.format(amount)} ${market.base}, worth ${Decimal.format(worth)} ${market.quote}`
  })
}

/**
 * What an order of `amount` comes to: what the market takes of it, down to the lot, at one price, the one of that size.
 * A fill-or-kill order takes all or nothing, and so does every order at its limit. Refused with `market_data` where it
 * `adds` risk and is priced by an observation of an earlier step, with `price` where it is beyond the bound, and with
 * `limit` where it is larger than the slippage curve can price. Whether the venue accepts the order at all is no matter of
 * what it meets: see {@link worstPrice}.
 *
 * @category combinators
 * @since 0.1.0
 */
export const meet = (
  order: Order,
  amount: Amount.Amount,
  adds: boolean,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Met, Refusal.Refusal> => {
  const { bound, limit, market, side } = order
  const { liquidity, rule } = market
  const arrived = Market.arrival(market, snapshot)
  if (Either.isLeft(arrived)) return Either.left(arrived.left)
  const stale = Market.stale(market, snapshot)
  const refused = adds ? Staleness.refusal(snapshot, stale) : undefined
  if (refused !== undefined) return Either.left(refused)
  const { dollars, price: arrival } = arrived.right
  let fill = amount
  let available: Amount.Amount | undefined
  if (liquidity !== undefined) {
    const most = Liquidity.available(liquidity, world, snapshot, dollars)
    if (Either.isLeft(most)) return Either.left(most.left)
    if (most.right < amount) {
      available = most.right
      fill = order.fillOrKill ? 0n : Instruments.snap(rule, available)
      if (fill === 0n) return Either.right({ arrival, dollars, price: arrival, amount: 0n, available, stale })
    }
  }
  const price = Impact.price(market, side, world, snapshot.at, arrived.right, fill)
  if (price.value <= 0n) return Either.left(tooLarge(market, fill))
  if (limit !== undefined && worse(side, price, limit)) {
    return Either.right({ arrival, dollars, price, amount: 0n, available, stale })
  }
  if (bound !== undefined && worse(side, price, bound)) return Either.left(beyondBound(order, price, bound))
  return Either.right({ arrival, dollars, price, amount: fill, available, stale })
}

/**
 * The price that a venue checks an order at when it accepts it, whatever the market is by then: the limit of a limit
 * order, else what it meets.
 *
 * @category combinators
 * @since 0.1.0
 */
export const worstPrice = ({ limit }: Order, { price }: Met): Decimal.Decimal => limit ?? price

/**
 * Whether an order is worth the least that the venue trades, at {@link worstPrice}. An order that only reduces may be as
 * small as the position is.
 *
 * @category guards
 * @since 0.1.0
 */
export const worthEnough = (order: Order, amount: Amount.Amount, met: Met): Either.Either<void, Refusal.Refusal> => {
  const { market, reduceOnly } = order
  const { minNotional } = market.rule
  if (reduceOnly || minNotional.value <= 0n) return Either.void
  const worth = Decimal.multiply(Amount.toDecimal(amount), worstPrice(order, met))
  return Decimal.compare(worth, minNotional) < 0 ? Either.left(worthTooLittle(market, amount, worth)) : Either.void
}

/**
 * The world where a fill has taken its part of the volume, and the market remembers it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (
  { market, side }: Order,
  { amount, arrival, dollars, price }: Met,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): World.World => {
  const { liquidity } = market
  const taken = liquidity === undefined ? world : Liquidity.take(liquidity, world, snapshot, amount, dollars)
  return Impact.remember(market, side, taken, snapshot.at, arrival, amount, price)
}

const detailOf = (order: Order, amount: Amount.Amount, { stale }: Met): { readonly [key: string]: Json } => ({
  requested: order.requested === "max" ? "max" : Amount.format(order.requested),
  snapped: Amount.format(amount),
  ...Staleness.detail(stale)
})

/**
 * The receipt of an order that found no price within its limit, or a market that takes too little.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unfilled = (at: Timestamp.Timestamp, order: Order, amount: Amount.Amount, met: Met): Outcome.Receipt => ({
  ...Outcome.emptyReceipt(at),
  detail: {
    ...detailOf(order, amount, met),
    unfilled: true,
    price: Decimal.format(met.price),
    ...(order.limit === undefined ? {} : { limit: Decimal.format(order.limit) }),
    ...(met.available === undefined ? {} : { available: Amount.format(met.available) })
  }
})

/**
 * The receipt of a fill of an order of `amount`: what its ledger lines, costs and positions do not say. Slippage is
 * what is filled × (price − arrival), up to 1e-18, positive where it cost. `filled` stands in the detail where that is
 * less than the order, `stale_prices` where the fill is priced by observations of an earlier step.
 *
 * @category constructors
 * @since 0.1.0
 */
export const receipt = (
  at: Timestamp.Timestamp,
  order: Order,
  amount: Amount.Amount,
  met: Met,
  rest: Pick<Outcome.Receipt, "entries" | "costs" | "positions">
): Outcome.Receipt => ({
  at,
  entries: rest.entries,
  fills: [{ symbol: order.market.symbol, side: order.side, price: met.price, amount: met.amount, liquidity: "taker" }],
  costs: rest.costs,
  positions: rest.positions,
  slippage: {
    arrivalPrice: met.arrival,
    amount: Amount.times(
      order.side === "buy" ? met.amount : -met.amount,
      Decimal.subtract(met.price, met.arrival),
      1n,
      "up"
    ),
    asset: order.market.quote
  },
  detail: met.available === undefined
    ? detailOf(order, amount, met)
    : { ...detailOf(order, amount, met), filled: Amount.format(met.amount), available: Amount.format(met.available) }
})

/**
 * Whether some was filled, and less than was ordered: a volume limit, or a position that a reduce-only order is cut to.
 *
 * @category guards
 * @since 0.1.0
 */
export const isPartial = (order: Order, { detail, fills: [fill] }: Outcome.Receipt): boolean =>
  fill !== undefined && (detail["filled"] !== undefined || order.amount !== undefined && fill.amount < order.amount)
