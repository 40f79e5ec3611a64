/**
 * Spot trades.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import type * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Fees from "./Fees.js"
import * as Instruments from "./Instruments.js"
import * as Margin from "./Margin.js"
import type * as Market from "./Market.js"
import * as Order from "./Order.js"

/**
 * What a trade moves: what the trader gives and gets before and after fees and rounding.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exchanged {
  readonly entries: ReadonlyArray<Entry.Entry>
  /** Taken in the asset received. */
  readonly fee: Amount.Amount
  /** Debit of the asset given, rounding included. */
  readonly given: Amount.Amount
}

/**
 * Ledger lines of `amount` at a price. The quote is amount × price, to 1e-18 against the trader; the fee is taken of
 * what is received; both balances move in steps of 1e-8, and what rounding against the trader leaves stands at
 * `rounding:<venue>`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const exchange = (
  market: Market.Spot,
  side: "buy" | "sell",
  amount: Amount.Amount,
  price: Order.Met["price"]
): Exchanged => {
  const { account, base, contra, fees, quote, rounding, takerFee } = market
  const buying = side === "buy"
  const worth = Amount.times(amount, price, 1n, buying ? "up" : "down")
  const [give, giveAsset, get, getAsset] = buying ? [worth, quote, amount, base] : [amount, base, worth, quote]
  const fee = Fees.on(get, takerFee)
  const given = Amount.quantize(give, Instruments.quantum, "up")
  const net = get - fee
  const entries = [
    ...Entry.move(account, contra, giveAsset, give, "trade"),
    ...Entry.move(account, rounding, giveAsset, given - give, "rounding"),
    ...Entry.move(contra, account, getAsset, get, "trade"),
    ...Entry.move(account, fees, getAsset, fee, "fee"),
    ...Entry.move(account, rounding, getAsset, net - Amount.quantize(net, Instruments.quantum, "down"), "rounding")
  ]
  return { entries, fee, given }
}

/**
 * Fills a spot order. `max` of a sale is everything that is free, down to the lot.
 *
 * @category combinators
 * @since 0.1.0
 */
export const trade = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  order: Order.Order<Market.Spot>
): Either.Either<Simulation.Stepped<Outcome.Receipt>, Refusal.Refusal> => {
  const { market, side } = order
  const { account, base, quote, venue } = market
  const gives = side === "buy" ? quote : base
  const free = Margin.free(context, world, account, gives, snapshot)
  if (Either.isLeft(free)) return Either.left(free.left)
  const snapped = order.amount === undefined ? Order.snap(market, free.right) : Either.right(order.amount)
  if (Either.isLeft(snapped)) return Either.left(snapped.left)
  const amount = snapped.right
  const met = Order.meet(order, amount, snapshot)
  if (Either.isLeft(met)) return Either.left(met.left)
  if (!met.right.filled) {
    return Either.right({ world, value: Order.unfilled(snapshot.at, order, amount, met.right) })
  }
  const { entries, fee, given } = exchange(market, side, amount, met.right.price)
  if (given > free.right) {
    return Either.left(Margin.tooMuch(account, gives, World.balance(world, account, gives), free.right, given))
  }
  return Either.map(World.post(world, entries), (next) => ({
    world: next,
    value: Order.receipt(snapshot.at, order, amount, met.right, {
      entries,
      costs: fee === 0n ? [] : [{ kind: "fee", venue, asset: side === "buy" ? base : quote, amount: fee }],
      positions: []
    })
  }))
}
