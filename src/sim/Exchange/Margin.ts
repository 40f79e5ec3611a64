/**
 * Cross margin: what the positions of an account lock, and what is left.
 *
 * A settlement coin of the account backs the perpetuals that settle in it, by itself: other coins of the account do not
 * count. Margin is a lock, not a movement: no balance changes by it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../Refusal.js"
import * as World from "../World.js"
import * as Market from "./Market.js"
import * as Position from "./Position.js"

/**
 * What only the exchange knows of its part of the world.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  /** Open positions by symbol. */
  readonly positions: ReadonlyMap<string, Position.Position>
}

/** @category constants @since 0.1.0 */
export const empty: State = { positions: new Map() }

/** The slot of a venue in the world. @category constructors @since 0.1.0 */
export const slot = (venue: Account.VenueId): World.Slot<State> => World.slot(venue, empty)

/**
 * What steps of an exchange need beside the world and the market.
 *
 * @category models
 * @since 0.1.0
 */
export interface Context {
  readonly markets: Market.Markets
  readonly slot: World.Slot<State>
  /** Account that backs the perpetuals of the venue. */
  readonly backing: Account.Account
  /** Account of the venue that margin can be transferred from, as it is written in instructions. */
  readonly elsewhere: string | undefined
}

/**
 * Standing of one coin of an account, in that coin.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  readonly balance: Amount.Amount
  /** Result of closing everything at the mark. */
  readonly unrealised: Amount.Amount
  /** Notional at the mark by leverage, up to 1e-18 for each position. */
  readonly initial: Amount.Amount
  /** Notional at the mark times the maintenance rate, up to 1e-18 for each position. */
  readonly maintenance: Amount.Amount
  /** Positions that it backs. */
  readonly symbols: ReadonlyArray<string>
}

/** @category combinators @since 0.1.0 */
export const equity = (standing: Standing): Amount.Amount => standing.balance + standing.unrealised

/** What further orders may lock. @category combinators @since 0.1.0 */
export const available = (standing: Standing): Amount.Amount => equity(standing) - standing.initial

/**
 * What may leave the account: the balance less losses and initial margin. Gains that are not realised stay.
 *
 * @category combinators
 * @since 0.1.0
 */
export const spendable = (standing: Standing): Amount.Amount => {
  const free = standing.balance + Amount.min(standing.unrealised, 0n) - standing.initial
  return free < 0n ? 0n : free
}

/**
 * How a coin stands with these positions and this balance.
 *
 * @category combinators
 * @since 0.1.0
 */
export const standing = (
  markets: Market.Markets,
  state: State,
  coin: Asset.Asset,
  balance: Amount.Amount,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Standing, Refusal.Refusal> => {
  let unrealised = 0n
  let initial = 0n
  let maintenance = 0n
  const symbols: Array<string> = []
  for (const [symbol, position] of state.positions) {
    if (position.instrument.quote !== coin) continue
    const market = markets.perp(position.instrument)
    if (Either.isLeft(market)) return Either.left(market.left)
    const mark = Market.arrival(market.right, snapshot)
    if (Either.isLeft(mark)) return Either.left(mark.left)
    const notional = Position.notional(position, mark.right.price)
    unrealised += Position.unrealised(position, mark.right.price)
    initial += Amount.over(notional, market.right.leverage, 1n, "up")
    maintenance += Amount.times(notional, market.right.maintenance, 1n, "up")
    symbols.push(symbol)
  }
  return Either.right({ balance, unrealised, initial, maintenance, symbols })
}

const backs = (state: State, coin: Asset.Asset): boolean => {
  for (const position of state.positions.values()) {
    if (position.instrument.quote === coin) return true
  }
  return false
}

/**
 * How much of an asset may leave an account: the whole balance, unless positions settle in it there.
 *
 * @category combinators
 * @since 0.1.0
 */
export const free = (
  context: Context,
  world: World.World,
  account: Account.Account,
  asset: Asset.Asset,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Amount.Amount, Refusal.Refusal> => {
  const balance = World.balance(world, account, asset)
  if (account !== context.backing) return Either.right(balance)
  const state = context.slot.get(world)
  return backs(state, asset)
    ? Either.map(standing(context.markets, state, asset, balance, snapshot), (stands) =>
      Amount.min(balance, spendable(stands)))
    : Either.right(balance)
}

/** `binance (perp)`. */
const name = (account: Account.Account): string => {
  const colon = account.indexOf(":")
  return `${account.slice(0, colon)} (${account.slice(colon + 1)})`
}

/**
 * The refusal of a debit that the account does not bear: too little is held, or too little of it is free.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tooMuch = (
  account: Account.Account,
  asset: Asset.Asset,
  held: Amount.Amount,
  bearable: Amount.Amount,
  needed: Amount.Amount
): Refusal.Refusal =>
  needed > held
    ? Refusal.insufficientBalance(account, asset, held, needed)
    : Refusal.make(
      "insufficient_margin",
      `${name(account)} holds ${Amount.format(held)} ${asset}, of which its positions leave ${
        Amount.format(bearable)
      } free, and ${Amount.format(needed)} are needed`,
      { field: "amount", expected: `at most ${Amount.format(bearable)} ${asset}`, actual: Amount.format(needed) }
    )

/**
 * The refusal of an order whose margin the account does not have. `hint` says where more can come from.
 *
 * @category constructors
 * @since 0.1.0
 */
export const insufficient = (
  market: Market.Perpetual,
  stands: Standing,
  hint: string
): Refusal.Refusal =>
  Refusal.make(
    "insufficient_margin",
    `${name(market.account)} cannot carry this order in ${market.symbol}: with it the account would have ${
      Amount.format(equity(stands))
    } ${market.quote} of equity and ${Amount.format(stands.initial)} of initial margin, ${
      Amount.format(-available(stands))
    } too little; ${hint}`,
    {
      field: "amount",
      expected: `an equity of at least ${Amount.format(stands.initial)} ${market.quote}`,
      actual: Amount.format(equity(stands))
    }
  )

/**
 * The breach of maintenance margin, where there is one: equity below what the positions require at their marks. It
 * stops the run, because liquidation is not simulated.
 *
 * @category guards
 * @since 0.1.0
 */
export const breach = (
  account: Account.Account,
  coin: Asset.Asset,
  stands: Standing,
  at: Timestamp.Timestamp
): Refusal.Refusal | undefined => {
  const has = equity(stands)
  if (stands.symbols.length === 0 || has >= stands.maintenance) return undefined
  return Refusal.make(
    "insufficient_margin",
    `maintenance margin breach of ${stands.symbols.join(", ")} in ${name(account)} at ${Timestamp.format(at)}: equity ${
      Amount.format(has)
    } ${coin} is below the maintenance margin of ${
      Amount.format(stands.maintenance)
    } ${coin}; the venue would liquidate, which is not simulated`,
    { expected: `an equity of at least ${Amount.format(stands.maintenance)} ${coin}`, actual: Amount.format(has) }
  )
}
