/**
 * Margin: what the positions of an account lock, and what is left.
 *
 * In cross margin the positions of an account share it; an isolated position has a part of the balance to itself. A
 * settlement coin backs the perpetuals that settle in it, by itself, or, where coins count as collateral, together with
 * the others in dollars. Margin is a lock, not a movement: no balance changes by it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Entry from "../../domain/Entry.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../Refusal.js"
import * as World from "../World.js"
import * as Borrowing from "./Borrowing.js"
import * as Haircuts from "./Haircuts.js"
import * as Market from "./Market.js"
import * as Position from "./Position.js"
import * as Tiers from "./Tiers.js"

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

/** An exchange without open positions. @category constants @since 0.1.0 */
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
  /** Where coins back perpetuals together. */
  readonly collateral: Haircuts.Collateral | undefined
}

/**
 * What is held in the backing account.
 *
 * @category models
 * @since 0.1.0
 */
export interface Held {
  readonly state: State
  readonly balance: (coin: Asset.Asset) => Amount.Amount
}

/**
 * What the backing account holds in a world: the open positions, and its balance of every coin.
 *
 * @category constructors
 * @since 0.1.0
 */
export const held = ({ backing, slot }: Context, world: World.World): Held => ({
  state: slot.get(world),
  balance: (coin) => World.balance(world, backing, coin)
})

/**
 * The prices that positions and collateral are valued at.
 *
 * @category models
 * @since 0.1.0
 */
export interface Marks {
  readonly perp: (market: Market.Perpetual) => Either.Either<Decimal.Decimal, Refusal.Refusal>
  /** Dollars per coin. */
  readonly coin: (coin: Asset.Asset) => Either.Either<Decimal.Decimal, MarketSnapshot.Missing>
}

/** The marks as of a snapshot. @category constructors @since 0.1.0 */
export const marks = (snapshot: MarketSnapshot.MarketSnapshot): Marks => ({
  perp: (market) => Either.map(Market.arrival(market, snapshot), ({ price }) => price),
  coin: (coin) => MarketSnapshot.price(snapshot, coin)
})

/**
 * One position at its mark, in its settlement coin.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exposure {
  readonly symbol: string
  readonly position: Position.Position
  readonly market: Market.Perpetual
  readonly mark: Decimal.Decimal
  /** Result of closing it at the mark. */
  readonly unrealised: Amount.Amount
  readonly initial: Amount.Amount
  readonly maintenance: Amount.Amount
}

/**
 * One coin that backs positions.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fund {
  readonly coin: Asset.Asset
  /** The balance less what isolated positions lock of it; of an isolated position what it locks. */
  readonly wallet: Amount.Amount
  /** Of the positions that settle in the coin. */
  readonly unrealised: Amount.Amount
  /** Unit of the standing per coin. */
  readonly price: Decimal.Decimal
  /** Fraction of the value that counts. */
  readonly ratio: Decimal.Decimal
}

/**
 * Standing of positions that share margin, in the settlement coin, or in dollars where coins back together.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  readonly unit: Asset.Asset
  readonly funds: ReadonlyArray<Fund>
  readonly exposures: ReadonlyArray<Exposure>
  /** What the funds count for with the results of closing everything at the marks. */
  readonly marginBalance: Amount.Amount
  /** Notional by leverage, up to 1e-18 for each position. */
  readonly initial: Amount.Amount
  /** Notional × rate − deduction of the tier, up to 1e-18 for each position. */
  readonly maintenance: Amount.Amount
}

/** What further orders may lock. @category combinators @since 0.1.0 */
export const available = (standing: Standing): Amount.Amount => standing.marginBalance - standing.initial

/**
 * Whether the margin balance is what the positions require, and not below zero where something is owed.
 *
 * @category guards
 * @since 0.1.0
 */
export const maintained = (standing: Standing): boolean =>
  standing.marginBalance >= standing.maintenance ||
  standing.exposures.length === 0 && standing.funds.every(({ wallet }) => wallet >= 0n)

/** Decimals of a margin ratio. */
const ratioScale = 4

/**
 * Margin balance / maintenance margin, down to 1e-4: below 1 the venue liquidates. `undefined` where nothing is required.
 *
 * @category combinators
 * @since 0.1.0
 */
export const ratio = (standing: Standing): Decimal.Decimal | undefined =>
  standing.maintenance === 0n
    ? undefined
    : Decimal.quotient(Amount.toDecimal(standing.marginBalance), Amount.toDecimal(standing.maintenance), ratioScale, "down")

/** What isolated positions lock of a coin. @category combinators @since 0.1.0 */
export const locked = (state: State, coin: Asset.Asset): Amount.Amount => {
  let sum = 0n
  for (const { instrument, margin } of state.positions.values()) {
    if (margin !== undefined && instrument.quote === coin) sum += margin
  }
  return sum
}

const exposure = (
  symbol: string,
  position: Position.Position,
  market: Market.Perpetual,
  mark: Decimal.Decimal
): Exposure => {
  const notional = Position.notional(position, mark)
  return {
    symbol,
    position,
    market,
    mark,
    unrealised: Position.unrealised(position, mark),
    initial: Tiers.initial(market.margin, notional),
    maintenance: Tiers.maintenance(market.margin, notional)
  }
}

/** An open position at its mark. @category constructors @since 0.1.0 */
export const exposureOf = (
  context: Context,
  position: Position.Position,
  marks: Marks
): Either.Either<Exposure, Refusal.Refusal> => {
  const market = context.markets.perp(position.instrument)
  if (Either.isLeft(market)) return Either.left(market.left)
  const mark = marks.perp(market.right)
  return Either.isLeft(mark)
    ? Either.left(mark.left)
    : Either.right(exposure(market.right.symbol, position, market.right, mark.right))
}

const exposuresOf = (
  context: Context,
  positions: Iterable<Position.Position>,
  marks: Marks
): Either.Either<ReadonlyArray<Exposure>, Refusal.Refusal> => {
  const exposures: Array<Exposure> = []
  for (const position of positions) {
    const one = exposureOf(context, position, marks)
    if (Either.isLeft(one)) return Either.left(one.left)
    exposures.push(one.right)
  }
  return Either.right(exposures)
}

const sum = (exposures: ReadonlyArray<Exposure>, coin: Asset.Asset, part: "unrealised" | "initial" | "maintenance") =>
  exposures.reduce((total, one) => (one.position.instrument.quote === coin ? total + one[part] : total), 0n)

const total = (
  unit: Asset.Asset,
  exposures: ReadonlyArray<Exposure>,
  coins: ReadonlyArray<Omit<Fund, "unrealised">>
): Standing => {
  let marginBalance = 0n
  let initial = 0n
  let maintenance = 0n
  const funds = coins.map((fund): Fund => {
    const unrealised = sum(exposures, fund.coin, "unrealised")
    marginBalance += Haircuts.worth(fund.wallet + unrealised, fund.price, fund.ratio)
    initial += Amount.times(sum(exposures, fund.coin, "initial"), fund.price, 1n, "up")
    maintenance += Amount.times(sum(exposures, fund.coin, "maintenance"), fund.price, 1n, "up")
    return { ...fund, unrealised }
  })
  return { unit, funds, exposures, marginBalance, initial, maintenance }
}

/** How an isolated position stands with what it locks. @category combinators @since 0.1.0 */
export const isolated = (
  context: Context,
  position: Position.Position,
  marks: Marks
): Either.Either<Standing, Refusal.Refusal> => {
  const coin = position.instrument.quote
  return Either.map(exposuresOf(context, [position], marks), (exposures) =>
    total(coin, exposures, [{ coin, wallet: position.margin ?? 0n, price: Decimal.one, ratio: Decimal.one }]))
}

const joint = (
  { ratios }: Haircuts.Collateral,
  { balance, state }: Held,
  exposures: ReadonlyArray<Exposure>,
  marks: Marks
): Either.Either<Standing, Refusal.Refusal> => {
  const settled = new Set(exposures.map(({ position }) => position.instrument.quote))
  const funds: Array<Omit<Fund, "unrealised">> = []
  for (const coin of new Set([...settled, ...ratios.keys()])) {
    const wallet = balance(coin) - locked(state, coin)
    if (wallet === 0n && !settled.has(coin)) continue
    const price = marks.coin(coin)
    if (Either.isRight(price)) {
      funds.push({ coin, wallet, price: price.right, ratio: ratios.get(coin) ?? Decimal.zero })
    } else if (settled.has(coin) || wallet < 0n) {
      return Either.left(Refusal.missingData(price.left))
    }
    // Collateral whose price is not known counts for nothing.
  }
  return Either.right(total("USD", exposures, funds))
}

/** The positions in cross margin; those that settle in a coin where each coin backs by itself. */
const crossed = (
  context: Context,
  { state }: Held,
  marks: Marks,
  coin?: Asset.Asset
): Either.Either<ReadonlyArray<Exposure>, Refusal.Refusal> =>
  exposuresOf(
    context,
    [...state.positions.values()].filter(({ instrument, margin }) =>
      margin === undefined && (context.collateral !== undefined || instrument.quote === coin)),
    marks
  )

/**
 * How the positions stand that share margin with those in `coin`: all in cross margin that settle in it, or all of the
 * account where coins back together.
 *
 * @category combinators
 * @since 0.1.0
 */
export const cross = (
  context: Context,
  held: Held,
  coin: Asset.Asset,
  marks: Marks
): Either.Either<Standing, Refusal.Refusal> => {
  const { collateral } = context
  return Either.flatMap(crossed(context, held, marks, coin), (exposures) =>
    collateral !== undefined
      ? joint(collateral, held, exposures, marks)
      : Either.right(total(coin, exposures, [
          { coin, wallet: held.balance(coin) - locked(held.state, coin), price: Decimal.one, ratio: Decimal.one }
        ])))
}

/** The standing that one position takes part in. @category combinators @since 0.1.0 */
export const of = (
  context: Context,
  held: Held,
  position: Position.Position,
  marks: Marks
): Either.Either<Standing, Refusal.Refusal> =>
  position.margin === undefined
    ? cross(context, held, position.instrument.quote, marks)
    : isolated(context, position, marks)

/** What may leave of a coin: losses and initial margin stay covered, and gains that are not realised stay. */
const spendable = (standing: Standing, coin: Asset.Asset): Amount.Amount => {
  let surplus = -standing.initial
  for (const { price, ratio, unrealised, wallet } of standing.funds) {
    surplus += Haircuts.worth(wallet + Amount.min(unrealised, 0n), price, ratio)
  }
  const fund = standing.funds.find((one) => one.coin === coin)
  if (fund === undefined) return 0n
  const own = fund.wallet + Amount.min(fund.unrealised, 0n)
  const most = Haircuts.leaving(surplus < 0n ? 0n : surplus, fund.price, fund.ratio) ?? own
  const free = Amount.min(most, own)
  return free < 0n ? 0n : free
}

/**
 * How much of an asset may leave an account: the whole balance, unless positions are backed by it there.
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
  if (account !== context.backing) return Either.right(World.balance(world, account, asset))
  const { positions } = context.slot.get(world)
  const owes = Borrowing.owes(context, world)
  const wallet = unlocked(context, world, asset)
  if (positions.size === 0 && !owes) return Either.right(wallet)
  return Either.map(cross(context, held(context, world), asset, marks(snapshot)), (standing) =>
    standing.exposures.length === 0 && !owes || !standing.funds.some(({ coin }) => coin === asset)
      ? wallet
      : Amount.min(wallet, spendable(standing, asset)))
}

/**
 * What the backing account holds of an asset and no isolated position locks: nothing where it is owed.
 *
 * @category combinators
 * @since 0.1.0
 */
export const unlocked = (context: Context, world: World.World, asset: Asset.Asset): Amount.Amount => {
  const wallet = World.balance(world, context.backing, asset) - locked(context.slot.get(world), asset)
  return wallet < 0n ? 0n : wallet
}

/**
 * How much of an asset a spot trade may give. Where coins back together it is what is held of it: whether the account
 * carries its positions and debts with what it gets for it is judged by the whole, see {@link carriesAfter}. Nothing is
 * borrowed for spot.
 *
 * @category combinators
 * @since 0.1.0
 */
export const spendableInTrade = (
  context: Context,
  world: World.World,
  account: Account.Account,
  asset: Asset.Asset,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Amount.Amount, Refusal.Refusal> =>
  context.collateral !== undefined && account === context.backing
    ? Either.right(unlocked(context, world, asset))
    : free(context, world, account, asset, snapshot)

/**
 * Whether an account whose coins back together carries what it holds after a spot trade: the margin that is available is
 * not below zero, or at least what it was. So what raises the margin, as the sale of collateral does, is never refused.
 *
 * @category guards
 * @since 0.1.0
 */
export const carriesAfter = (
  context: Context,
  world: World.World,
  account: Account.Account,
  entries: ReadonlyArray<Entry.Entry>,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<void, Refusal.Refusal> => {
  const { backing, collateral } = context
  if (collateral === undefined || account !== backing) return Either.void
  const before = held(context, world)
  if (before.state.positions.size === 0 && !Borrowing.owes(context, world)) return Either.void
  const balance = (coin: Asset.Asset) =>
    entries.reduce((sum, entry) => (entry.account === backing && entry.asset === coin ? sum + entry.amount : sum), before.balance(coin))
  const now = marks(snapshot)
  return Either.gen(function*() {
    const [stood, stands] = [
      yield* joint(collateral, before, yield* crossed(context, before, now), now),
      yield* joint(collateral, { ...before, balance }, yield* crossed(context, before, now), now)
    ]
    const left = available(stands)
    if (left >= 0n || left >= available(stood)) return
    return yield* Either.left(Refusal.make(
      "insufficient_margin",
      `${name(account)} cannot carry its positions and debts after this trade: it would have ${
        Amount.format(stands.marginBalance)
      } ${stands.unit} of equity and ${Amount.format(stands.initial)} of initial margin, ${Amount.format(-left)} too little`,
      {
        field: "amount",
        expected: `an equity of at least ${Amount.format(stands.initial)} ${stands.unit}`,
        actual: Amount.format(stands.marginBalance)
      }
    ))
  })
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
export const insufficient = (market: Market.Perpetual, stands: Standing, hint: string): Refusal.Refusal =>
  Refusal.make(
    "insufficient_margin",
    `${name(market.account)} cannot carry this order in ${market.symbol}: with it the account would have ${
      Amount.format(stands.marginBalance)
    } ${stands.unit} of equity and ${Amount.format(stands.initial)} of initial margin, ${
      Amount.format(-available(stands))
    } too little; ${hint}`,
    {
      field: "amount",
      expected: `an equity of at least ${Amount.format(stands.initial)} ${stands.unit}`,
      actual: Amount.format(stands.marginBalance)
    }
  )
