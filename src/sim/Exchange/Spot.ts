/**
 * Spot trades.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import type * as Decimal from "../../domain/Decimal.js"
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
  readonly fee: Fees.Fee
  /** Debit of the asset given, fee and rounding included. */
  readonly given: Amount.Amount
}

/** The quote of `amount` at a price, to 1e-18 against the trader. */
const worthOf = (side: "buy" | "sell", amount: Amount.Amount, price: Decimal.Decimal): Amount.Amount =>
  Amount.times(amount, price, 1n, side === "buy" ? "up" : "down")

/** The fee where no token pays it: of what is received, or of the quote. */
const ownFee = (market: Market.Spot, side: "buy" | "sell", amount: Amount.Amount, worth: Amount.Amount): Fees.Fee =>
  side === "buy" && market.feeIn === "received"
    ? { asset: market.base, amount: Fees.on(amount, market.takerFee) }
    : { asset: market.quote, amount: Fees.on(worth, market.takerFee) }

/**
 * Ledger lines of `amount` at a price. The quote is amount × price, to 1e-18 against the trader; the fee is `tokenFee`,
 * or else taken of what is received or of the quote; all balances move in steps of 1e-8, and what rounding against the
 * trader leaves stands at `rounding:<venue>`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const exchange = (
  market: Market.Spot,
  side: "buy" | "sell",
  amount: Amount.Amount,
  price: Decimal.Decimal,
  tokenFee?: Fees.Fee | undefined
): Exchanged => {
  const { account, base, contra, fees, quote, rounding } = market
  const worth = worthOf(side, amount, price)
  const fee = tokenFee ?? ownFee(market, side, amount, worth)
  const [give, giveAsset, get, getAsset] = side === "buy" ? [worth, quote, amount, base] : [amount, base, worth, quote]
  const due = fee.asset === giveAsset ? give + fee.amount : give
  const given = Amount.quantize(due, Instruments.quantum, "up")
  const net = fee.asset === getAsset ? get - fee.amount : get
  const entries: Array<Entry.Entry> = []
  Entry.addMove(entries, account, contra, giveAsset, give, "trade")
  Entry.addMove(entries, account, rounding, giveAsset, given - due, "rounding")
  Entry.addMove(entries, contra, account, getAsset, get, "trade")
  Entry.addMove(entries, account, fees, fee.asset, fee.amount, "fee")
  Entry.addMove(entries, account, rounding, getAsset, net - Amount.quantize(net, Instruments.quantum, "down"), "rounding")
  if (fee.asset !== giveAsset && fee.asset !== getAsset) {
    Entry.addMove(entries, account, rounding, fee.asset, Fees.debit(fee.amount) - fee.amount, "rounding")
  }
  return { entries, fee, given }
}

/** The fee in the token of the venue, where there is one and the account has enough of it after the trade. */
const tokenFee = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  { market, side }: Order.Order<Market.Spot>,
  amount: Amount.Amount,
  price: Decimal.Decimal
): Either.Either<Fees.Fee | undefined, Refusal.Refusal> => {
  const { account, base, feeToken, quote } = market
  if (feeToken === undefined) return Either.right(undefined)
  const held = Margin.free(context, world, account, feeToken.asset, snapshot)
  if (Either.isLeft(held)) return Either.left(held.left)
  const worth = worthOf(side, amount, price)
  const [bought, sold] = side === "buy" ? [amount, Fees.debit(worth)] : [worth, amount]
  const change = feeToken.asset === (side === "buy" ? base : quote)
    ? bought
    : feeToken.asset === (side === "buy" ? quote : base)
      ? -sold
      : 0n
  return Fees.inToken(market, feeToken, worth, held.right + change, snapshot)
}

/** What an order of `amount` at a price moves, its fee in the token of the venue where that pays it. */
const exchanged = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  order: Order.Order<Market.Spot>,
  amount: Amount.Amount,
  price: Decimal.Decimal
): Either.Either<Exchanged, Refusal.Refusal> =>
  Either.map(tokenFee(context, world, snapshot, order, amount, price), (paid) =>
    exchange(order.market, order.side, amount, price, paid))

/**
 * Fills a spot order. `max` of a sale is everything that is free, down to the lot. The order is checked when it is
 * accepted: it has to be worth enough and to be paid whole, also where its limit is not reached or the market takes less.
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
  const free = Margin.spendableInTrade(context, world, account, gives, snapshot)
  if (Either.isLeft(free)) return Either.left(free.left)
  const snapped = order.amount === undefined ? Order.snap(market, free.right) : Either.right(order.amount)
  if (Either.isLeft(snapped)) return Either.left(snapped.left)
  const amount = snapped.right
  const met = Order.meet(order, amount, true, world, snapshot)
  if (Either.isLeft(met)) return Either.left(met.left)
  const worth = Order.worthEnough(order, amount, met.right)
  if (Either.isLeft(worth)) return Either.left(worth.left)
  const worst = Order.worstPrice(order, met.right)
  const most = exchanged(context, world, snapshot, order, amount, worst)
  if (Either.isLeft(most)) return Either.left(most.left)
  const { given } = most.right
  if (given > free.right) {
    return Either.left(Margin.tooMuch(account, gives, World.balance(world, account, gives), free.right, given))
  }
  const carries = Margin.carriesAfter(context, world, account, most.right.entries, snapshot)
  if (Either.isLeft(carries)) return Either.left(carries.left)
  if (met.right.amount === 0n) {
    return Either.right({ world, value: Order.unfilled(snapshot.at, order, amount, met.right) })
  }
  const moved = met.right.amount === amount && met.right.price === worst
    ? most
    : exchanged(context, world, snapshot, order, met.right.amount, met.right.price)
  if (Either.isLeft(moved)) return Either.left(moved.left)
  const { entries, fee } = moved.right
  return Either.map(World.post(Order.take(order, met.right, world, snapshot), entries), (next) => ({
    world: next,
    value: Order.receipt(snapshot.at, order, amount, met.right, {
      entries,
      costs: fee.amount === 0n ? [] : [{ kind: "fee", venue, asset: fee.asset, amount: fee.amount }],
      positions: []
    })
  }))
}
