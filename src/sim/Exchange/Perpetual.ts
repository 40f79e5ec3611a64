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
import * as Fees from "./Fees.js"
import * as Instruments from "./Instruments.js"
import * as Margin from "./Margin.js"
import * as Market from "./Market.js"
import * as Order from "./Order.js"
import * as Position from "./Position.js"

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

/** Ledger lines of a result and a fee: the balance moves in steps of 1e-8, against the trader. */
const settle = (market: Market.Perpetual, realised: Amount.Amount, fee: Amount.Amount): ReadonlyArray<Entry.Entry> => {
  const { account, contra, fees, quote, rounding } = market
  const net = realised - fee
  return [
    ...Entry.move(contra, account, quote, realised, "realised"),
    ...Entry.move(account, fees, quote, fee, "fee"),
    ...Entry.move(account, rounding, quote, net - Amount.quantize(net, Instruments.quantum, "down"), "rounding")
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

const closedPosition = { size: 0n, entryPrice: Decimal.zero }

/**
 * Fills an order in a perpetual: the settlement coin changes by the realised result less the fee, and the position by
 * the amount. What opens or adds needs initial margin at the mark, after fee and slippage, and funding data to be held.
 * An order that only reduces is cut down to the position.
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
  const { markets, slot } = context
  const { market, side } = order
  const { account, quote, symbol, venue } = market
  const state = slot.get(world)
  const before = state.positions.get(symbol)
  const wanted = amountOf(order, before)
  if (Either.isLeft(wanted)) return Either.left(wanted.left)
  const amount = wanted.right
  const met = Order.meet(order, amount, snapshot)
  if (Either.isLeft(met)) return Either.left(met.left)
  if (!met.right.filled) {
    return Either.right({ world, value: Order.unfilled(snapshot.at, order, amount, met.right) })
  }
  const { price } = met.right
  const change = side === "buy" ? amount : -amount
  const { opens, position, realised } = Position.fill({ base: market.base, quote }, before, change, price)
  const fee = Fees.on(Amount.times(amount, price, 1n, "up"), market.takerFee)
  const held = World.balance(world, account, quote)
  const balance = held + Amount.quantize(realised - fee, Instruments.quantum, "down")
  const positions = new Map(state.positions)
  if (position === undefined) positions.delete(symbol)
  else positions.set(symbol, position)
  const after: Margin.State = { positions }
  if (opens) {
    // Whether there is such a series at all is no matter of time: its first rate may well be the next one.
    if (!snapshot.has(market.funding.series)) return Either.left(Market.missing(venue, market.funding, snapshot.at))
    const stands = Margin.standing(markets, after, quote, balance, snapshot)
    if (Either.isLeft(stands)) return Either.left(stands.left)
    if (Margin.available(stands.right) < 0n) {
      return Either.left(Margin.insufficient(market, stands.right, hintOf(market, context.elsewhere)))
    }
  }
  if (balance < 0n) return Either.left(loses(market, held, realised, fee))
  const entries = settle(market, realised, fee)
  return Either.map(World.post(world, entries), (next) => ({
    world: slot.set(next, after),
    value: Order.receipt(snapshot.at, order, amount, met.right, {
      entries,
      costs: fee === 0n ? [] : [{ kind: "fee", venue, asset: quote, amount: fee }],
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
