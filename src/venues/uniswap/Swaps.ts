/**
 * Swaps as steps of the world.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import * as Instrument from "../../domain/Instrument.js"
import type { Json } from "../../domain/Json.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import type * as Contract from "../../sim/Contract.js"
import * as Recovery from "../../sim/Recovery.js"
import * as Refusal from "../../sim/Refusal.js"
import * as Staleness from "../../sim/Staleness.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import * as Quote from "./Quote.js"
import * as State from "./State.js"

/**
 * A swap as the venue does it. `max` of what is sold is the whole balance of the wallet.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request extends Omit<Quote.Order, "units"> {
  readonly units: bigint | "max"
  /** Worst price before the fee, bought for one sold. */
  readonly bound?: Decimal.Decimal | undefined
  /** Where there is no bound: how far below the pool's price it may end, as a fraction. */
  readonly tolerance?: Decimal.Decimal | undefined
}

type Stepped = Either.Either<Contract.Stepped, Refusal.Refusal>

const wallet = Account.make("wallet", "wallet")
const market = Account.contra("market", "uniswap")
const fees = Account.contra("fees", "uniswap")

const amountOf = (units: bigint, token: Asset.Asset): Amount.Amount => Amount.fromUnits(units, Asset.decimals(token))

/**
 * The order that a request is in this world. Refused where `max` is nothing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const order = (world: World.World, request: Request): Either.Either<Quote.Order, Refusal.Refusal> => {
  if (request.units !== "max") return Either.right({ ...request, units: request.units })
  const units = Amount.toUnits(World.balance(world, wallet, request.sold), Asset.decimals(request.sold), "down")
  return units > 0n
    ? Either.right({ ...request, units })
    : Either.left(Refusal.make("insufficient_balance", `there is no ${request.sold} to swap`, {
      field: "amount",
      expected: "some balance",
      actual: "max"
    }))
}

const entries = ({ bought, sold }: Quote.Order, { swap }: Quote.Quote): ReadonlyArray<Entry.Entry> => [
  ...Entry.move(wallet, market, sold, amountOf(swap.amountIn - swap.fee, sold), "swap"),
  ...Entry.move(wallet, fees, sold, amountOf(swap.fee, sold), "fee"),
  ...Entry.move(market, wallet, bought, amountOf(swap.amountOut, bought), "swap")
]

/** What the router is told to accept. */
type Limit =
  | { readonly minimumOut: bigint }
  | { readonly maximumIn: bigint }

const limitOf = (ordered: Quote.Order, quote: Quote.Quote, { bound, tolerance }: Request): Limit | undefined => {
  const worst = bound ??
    (tolerance === undefined
      ? Decimal.zero
      : Decimal.multiply(Quote.arrival(quote).price, Decimal.subtract(Decimal.one, tolerance)))
  return worst.value <= 0n
    ? undefined
    : ordered.type === "exact_in"
      ? { minimumOut: Quote.minimumOut(ordered, quote.market, worst) }
      : { maximumIn: Quote.maximumIn(ordered, quote.market, worst) }
}

const outside = (
  { bought, sold }: Quote.Order,
  { market, swap }: Quote.Quote,
  limit: Limit | undefined
): Refusal.Refusal | undefined => {
  if (limit === undefined) return undefined
  const refuse = (says: string, expected: string, actual: string) =>
    Refusal.make("price", `${market.id} is at a worse price than was accepted (${says})`, {
      field: "slippage_tolerance",
      expected,
      actual
    })
  const show = (units: bigint, token: Asset.Asset) => `${Amount.format(amountOf(units, token))} ${token}`
  if ("minimumOut" in limit) {
    return swap.amountOut < limit.minimumOut
      ? refuse("Too little received", `at least ${show(limit.minimumOut, bought)}`, show(swap.amountOut, bought))
      : undefined
  }
  return swap.amountIn > limit.maximumIn
    ? refuse("Too much requested", `at most ${show(limit.maximumIn, sold)}`, show(swap.amountIn, sold))
    : undefined
}

/** Decimals of a price and of an impact that are told. */
const scale = 18

const ratio = (numerator: Amount.Amount, denominator: Amount.Amount, rounding: Decimal.Rounding): Decimal.Decimal =>
  Decimal.make(Decimal.divide(numerator * Decimal.pow10(scale), denominator, rounding), scale)

/** The swap as an execution, without its fee. */
const fill = ({ bought, sold }: Quote.Order, { swap }: Quote.Quote): Outcome.Fill => {
  const amount = amountOf(swap.amountIn - swap.fee, sold)
  return {
    symbol: Instrument.format({ base: sold, quote: bought }),
    side: "sell",
    price: ratio(amountOf(swap.amountOut, bought), amount, "down"),
    amount,
    liquidity: "taker"
  }
}

const detail = (
  ordered: Quote.Order,
  quote: Quote.Quote,
  limit: Limit | undefined
): { readonly [key: string]: Json } => {
  const { before: { pool, stale }, market, swap } = quote
  const { lost, worth } = Quote.slippage(quote)
  return {
    pool: market.id,
    sqrt_price_x96_before: pool.sqrtPriceX96.toString(),
    sqrt_price_x96_after: swap.pool.sqrtPriceX96.toString(),
    tick_before: pool.tick,
    tick_after: swap.pool.tick,
    ticks_crossed: swap.ticksCrossed,
    liquidity_after: swap.pool.liquidity.toString(),
    price_impact: Decimal.format(ratio(lost, worth, "up")),
    ...Staleness.detail(stale),
    ...(limit === undefined
      ? {}
      : "minimumOut" in limit
        ? { minimum_out: Amount.format(amountOf(limit.minimumOut, ordered.bought)) }
        : { maximum_in: Amount.format(amountOf(limit.maximumIn, ordered.sold)) })
  }
}

/** What the caller can rely on: the amount asked for, or the least that was accepted. */
const outputOf = ({ bought, type, units }: Quote.Order, limit: Limit | undefined): Contract.Effects["output"] =>
  type === "exact_out"
    ? { asset: bought, amount: amountOf(units, bought) }
    : limit !== undefined && "minimumOut" in limit
      ? { asset: bought, amount: amountOf(limit.minimumOut, bought) }
      : undefined

/**
 * One swap at the pool that costs least of those that were asked. The router is approved first, of what is sold, or once
 * for all where the approval is unlimited.
 *
 * Refused as the router refuses it: less out or more in than the bound accepts, more than the liquidity of the pool;
 * and where the wallet does not hold what is sold. A refusal leaves everything as it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const step = (settings: Config.Settings) =>
(world: World.World, snapshot: MarketSnapshot.MarketSnapshot, request: Request): Stepped =>
  Either.gen(function*() {
    const ordered = yield* order(world, request)
    const quote = yield* Quote.best(world, snapshot, ordered)
    const { bought, sold } = ordered
    const { before, market, swap } = quote
    const held = World.balance(world, wallet, sold)
    const needed = amountOf(swap.amountIn, sold)
    if (held < needed) return yield* Either.left(Refusal.insufficientBalance(wallet, sold, held, needed))
    const limit = limitOf(ordered, quote, request)
    const refusal = outside(ordered, quote, limit)
    if (refusal !== undefined) return yield* Either.left(refusal)

    const lines = entries(ordered, quote)
    const posted = yield* World.post(world, lines)
    const { approved } = State.slot.get(posted)
    const approves = settings.approval === "exact" || !approved.has(sold)
    const moved: State.Moved = {
      observedAt: before.observedAt,
      pool: swap.pool,
      flow: market.price._tag === "Fixed" ? Recovery.still : Recovery.swapped(before.flow, snapshot.at, {
        coin: quote.zeroForOne ? 0 : 1,
        units: swap.amountIn - swap.fee,
        out: swap.amountOut
      })
    }
    const output = outputOf(ordered, limit)
    return {
      world: State.after(posted, market, moved, approves ? new Set(approved).add(sold) : approved),
      value: {
        entries: lines,
        fills: [fill(ordered, quote)],
        costs: [{ kind: "fee", venue: "uniswap", asset: sold, amount: amountOf(swap.fee, sold) }],
        positions: [],
        slippage: { arrivalPrice: Quote.arrival(quote).price, amount: Quote.slippage(quote).lost, asset: bought },
        detail: detail(ordered, quote, limit),
        gas: approves ? ["approval", "swap"] : ["swap"],
        ...(output === undefined ? {} : { output })
      }
    }
  })
