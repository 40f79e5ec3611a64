/**
 * Trades in perpetuals.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Borrowing from "./Borrowing.js"
import * as Fees from "./Fees.js"
import * as Instruments from "./Instruments.js"
import * as Isolation from "./Isolation.js"
import * as Margin from "./Margin.js"
import * as Market from "./Market.js"
import * as Order from "./Order.js"
import * as Position from "./Position.js"
import * as Shortfall from "./Shortfall.js"
import * as Tiers from "./Tiers.js"

/** The amount of an order against a position, which an order that only reduces never goes beyond. */
const amountOf = (
  order: Order.Order<Market.Perpetual>,
  position: Position.Position | undefined
): Either.Either<Amount.Amount, Refusal.Refusal> => {
  const { market, side } = order
  if (!order.reduceOnly) {
    return order.amount === undefined
      ? Either.left(Refusal.make("invalid", "\"max\" of a perpetual means its whole position and needs reduce_only", {
        field: "amount",
        expected: "a decimal, or reduce_only",
        actual: "max"
      }))
      : Either.right(order.amount)
  }
  const held = position?.size ?? 0n
  if (held === 0n || held > 0n === (side === "buy")) {
    return Either.left(
      Refusal.make("rejected", `a ${side} in ${market.symbol} would not reduce the position at ${market.venue}`, {
        field: "reduce_only",
        expected: side === "buy" ? "a short position" : "a long position",
        actual: held === 0n ? "no position" : `a position of ${Amount.format(held)} ${market.base}`
      })
    )
  }
  const size = Amount.abs(held)
  return Either.right(order.amount === undefined ? size : Amount.min(order.amount, size))
}

/** The fee on a notional: in the token of the venue where there is one and the account has enough of it. */
const feeOf = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  market: Market.Perpetual,
  notional: Amount.Amount
): Either.Either<Fees.Fee, Refusal.Refusal> => {
  const { account, feeToken, quote, takerFee } = market
  const own = { asset: quote, amount: Fees.on(notional, takerFee) }
  if (feeToken === undefined) return Either.right(own)
  const held = Margin.free(context, world, account, feeToken.asset, snapshot)
  if (Either.isLeft(held)) return Either.left(held.left)
  return Either.map(Fees.inToken(market, feeToken, notional, held.right, snapshot), (fee) => fee ?? own)
}

/** Ledger lines of a result and a fee: balances move in steps of 1e-8, against the trader. */
const settle = (market: Market.Perpetual, realised: Amount.Amount, fee: Fees.Fee): ReadonlyArray<Entry.Entry> => {
  const { account, contra, fees, quote, rounding } = market
  const inQuote = fee.asset === quote
  const net = inQuote ? realised - fee.amount : realised
  return [
    ...Entry.move(contra, account, quote, realised, "realised"),
    ...Entry.move(account, fees, fee.asset, fee.amount, "fee"),
    ...Entry.move(account, rounding, quote, net - Amount.quantize(net, Instruments.quantum, "down"), "rounding"),
    ...(inQuote ? [] : Entry.move(account, rounding, fee.asset, Fees.debit(fee.amount) - fee.amount, "rounding"))
  ]
}

const hintOf = (market: Market.Perpetual, elsewhere: string | undefined): string =>
  elsewhere === undefined
    ? `deposit ${market.quote} first`
    : `transfer ${market.quote} from ${elsewhere} to ${market.venue}_${market.sub} first`

const loses = (
  market: Market.Perpetual,
  balance: Amount.Amount,
  realised: Amount.Amount,
  fee: Amount.Amount
): Refusal.Refusal =>
  Refusal.make(
    "insufficient_margin",
    `${market.venue} (${market.sub}) holds ${Amount.format(balance)} ${market.quote}, which does not cover a result ` +
      `of ${Amount.format(realised)} and a fee of ${Amount.format(fee)} in ${market.symbol}`,
    {
      field: "amount",
      expected: `at least ${Amount.format(fee - realised)} ${market.quote}`,
      actual: Amount.format(balance)
    }
  )

/** What a fill meets. */
interface Meeting {
  readonly mark: Decimal.Decimal
  /** Of the settlement coin, after the fill. */
  readonly balance: Amount.Amount
}

/**
 * The state after a fill. An isolated position locks its margin, of which less is left where a reduction cost more than
 * what it freed.
 */
const stateAfter = (
  market: Market.Perpetual,
  { positions: all }: Margin.State,
  { opens, position }: Position.Filled,
  { balance, mark }: Meeting
): Margin.State => {
  const positions = new Map(all)
  positions.delete(market.symbol)
  if (position === undefined) return { positions }
  const before = all.get(market.symbol)
  const margin = market.margin.mode === "cross"
    ? undefined
    : Isolation.margin(market, before, position, mark)
  const most = balance - Margin.locked({ positions }, market.quote)
  positions.set(market.symbol, {
    ...position,
    margin: margin === undefined || opens || margin <= most || most < 0n ? margin : most
  })
  return { positions }
}

/** Whether the account can carry what an order opens. */
const carries = (
  context: Margin.Context,
  held: Margin.Held,
  market: Market.Perpetual,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<void, Refusal.Refusal> => {
  const { quote } = market
  // What the position itself locks is told as part of what is needed.
  const own = held.state.positions.get(market.symbol)?.margin ?? 0n
  return Either.flatMap(Margin.cross(context, held, quote, Margin.marks(snapshot)), (stands) => {
    if (Margin.available(stands) >= 0n) return Either.void
    const told = { ...stands, marginBalance: stands.marginBalance + own, initial: stands.initial + own }
    return Either.left(Margin.insufficient(market, told, hintOf(market, context.elsewhere)))
  })
}

/** Pays what the balance does not cover with gains of other positions that are not realised. */
const drawing = (
  context: Margin.Context,
  held: Margin.Held,
  market: Market.Perpetual,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Shortfall.Covered, Refusal.Refusal> => {
  const { quote } = market
  const short = Margin.locked(held.state, quote) - held.balance(quote)
  if (short <= 0n) return Either.right(Shortfall.none(held.state))
  return Either.map(Margin.cross(context, held, quote, Margin.marks(snapshot)), ({ exposures }) =>
    Shortfall.draw(context.backing, held.state, exposures.filter(({ position }) => position.instrument.quote === quote), quote, short))
}

/**
 * The refusal of an order that the venue does not accept, whatever the market takes of it and whether its limit is
 * reached: it is worth too little, or what it would open at its limit has no margin. The margin of an order is that of
 * its notional at the limit, with the distance from the limit to the mark where that is a loss, and the fee.
 */
const accept = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  order: Order.Order<Market.Perpetual>,
  amount: Amount.Amount,
  met: Order.Met
): Either.Either<void, Refusal.Refusal> => {
  const { market, side } = order
  const worth = Order.worthEnough(order, amount, met)
  if (Either.isLeft(worth) || order.reduceOnly) return worth
  const held = Margin.held(context, world)
  const before = held.state.positions.get(market.symbol)
  const reduces = before !== undefined && before.size > 0n === (side === "sell")
  const opened = reduces ? amount - Amount.abs(before.size) : amount
  if (opened <= 0n) return Either.void
  // Whether there is such a series at all is no matter of time: its first rate may well be the next one.
  if (!snapshot.has(market.funding.series)) return Either.left(Market.missing(market.venue, market.funding, snapshot.at))
  // A market order is checked by what it comes to.
  if (order.limit === undefined && met.amount === amount) return Either.void
  const marks = Margin.marks(snapshot)
  const stands = Margin.cross(context, held, market.quote, marks)
  if (Either.isLeft(stands)) return Either.left(stands.left)
  const exposure = before === undefined ? undefined : Margin.exposureOf(context, before, marks)
  if (exposure !== undefined && Either.isLeft(exposure)) return Either.left(exposure.left)
  const limit = Order.worstPrice(order, met)
  const lost = Amount.times(side === "buy" ? opened : -opened, Decimal.subtract(limit, met.arrival), 1n, "up")
  const kept = exposure === undefined || reduces ? 0n : Position.notional(exposure.right.position, exposure.right.mark)
  const freed = exposure === undefined || !reduces ? 0n : exposure.right.position.margin ?? exposure.right.initial
  const needed = Tiers.initial(market.margin, kept + Amount.times(opened, limit, 1n, "up")) - Tiers.initial(market.margin, kept) +
    (lost > 0n ? lost : 0n) + Fees.on(Amount.times(amount, limit, 1n, "up"), market.takerFee) - freed
  const price = context.collateral === undefined ? Either.right(Decimal.one) : marks.coin(market.quote)
  if (Either.isLeft(price)) return Either.left(Refusal.missingData(price.left))
  const carried = { ...stands.right, initial: stands.right.initial + Amount.times(needed, price.right, 1n, "up") }
  return Margin.available(carried) >= 0n
    ? Either.void
    : Either.left(Margin.insufficient(market, carried, hintOf(market, context.elsewhere)))
}

const closedPosition = { size: 0n, entryPrice: Decimal.zero }

/**
 * Fills an order in a perpetual, once it is accepted: the settlement coin changes by the realised result less the fee, and the position by
 * the amount. What opens or adds needs initial margin at the mark, after fee and slippage, and funding data to be held.
 * An order that only reduces is cut down to the position. A loss or a fee beyond the balance is borrowed where coins back
 * together; elsewhere it is paid with gains of other positions in cross margin, which are realised by as much.
 *
 * @category combinators
 * @since 0.1.0
 */
export const trade = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  order: Order.Order<Market.Perpetual>
): Either.Either<Simulation.Stepped<Outcome.Receipt>, Refusal.Refusal> => {
  const { slot } = context
  const { market, side } = order
  const { account, quote, symbol, venue } = market
  const state = slot.get(world)
  const before = state.positions.get(symbol)
  const wanted = amountOf(order, before)
  if (Either.isLeft(wanted)) return Either.left(wanted.left)
  const adds = Position.adds(before, side === "buy" ? wanted.right : -wanted.right)
  const met = Order.meet(order, wanted.right, adds, world, snapshot)
  if (Either.isLeft(met)) return Either.left(met.left)
  const accepted = accept(context, world, snapshot, order, wanted.right, met.right)
  if (Either.isLeft(accepted)) return Either.left(accepted.left)
  const { amount, price } = met.right
  if (amount === 0n) return Either.right({ world, value: Order.unfilled(snapshot.at, order, wanted.right, met.right) })
  const charged = feeOf(context, world, snapshot, market, Amount.times(amount, price, 1n, "up"))
  if (Either.isLeft(charged)) return Either.left(charged.left)
  const fee = charged.right
  const feeInQuote = fee.asset === quote ? fee.amount : 0n
  const change = side === "buy" ? amount : -amount
  const filled = Position.fill({ base: market.base, quote }, before, change, price, snapshot.at)
  const { realised } = filled
  const held = World.balance(world, account, quote)
  const balance = held + Amount.quantize(realised - feeInQuote, Instruments.quantum, "down")
  const after: Margin.Held = {
    state: stateAfter(market, state, filled, { mark: met.right.arrival, balance }),
    balance: (coin) => (coin === quote ? balance : World.balance(world, account, coin))
  }
  if (filled.opens) {
    const stands = carries(context, after, market, snapshot)
    if (Either.isLeft(stands)) return Either.left(stands.left)
  }
  // What an account whose coins back together does not hold of the coin it borrows; what an isolated position locks is held.
  const drawn = context.collateral !== undefined && (market.margin.mode === "cross" || !filled.opens)
    ? Either.right(Shortfall.none(after.state))
    : drawing(context, after, market, snapshot)
  if (Either.isLeft(drawn)) return Either.left(drawn.left)
  if (drawn.right.missing > 0n) return Either.left(loses(market, held, realised, feeInQuote))
  const position = drawn.right.state.positions.get(symbol)
  const entries = [...drawn.right.entries, ...settle(market, realised, fee)]
  return Either.map(World.post(Order.take(order, met.right, world, snapshot), entries, Borrowing.mayOwe(context)), (next) => ({
    world: slot.set(next, drawn.right.state),
    value: Order.receipt(snapshot.at, order, wanted.right, met.right, {
      entries,
      costs: fee.amount === 0n ? [] : [{ kind: "fee", venue, asset: fee.asset, amount: fee.amount }],
      positions: [
        {
          venue,
          symbol,
          quote,
          ...(position === undefined
            ? closedPosition
            : { size: position.size, entryPrice: Position.entryPrice(position) }),
          change,
          realised
        }
      ]
    })
  }))
}
