/**
 * A pool at an instant: its balances as the data and the exchanges so far have them, and what it trades at.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as Recovery from "../../sim/Recovery.js"
import * as Refusal from "../../sim/Refusal.js"
import * as Staleness from "../../sim/Staleness.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import type * as Invariant from "./Invariant.js"
import * as Pool from "./Pool.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

/**
 * What the world remembers of Curve.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  /**
   * By name, the pools as own exchanges left them, where they would have been without, and what those have put in. Of a pool
   * that follows the data the flow counts, of another one the pool.
   */
  readonly pools: ReadonlyMap<string, { readonly pool: Pool.Pool; readonly centred: Pool.Pool; readonly flow: Recovery.Flow }>
  /** `<pool>/<token>` of every approval given. */
  readonly approved: ReadonlySet<string>
}

/** Where the world keeps the state of Curve; empty until the first exchange. @category constants @since 0.1.0 */
export const slot: World.Slot<State> = World.slot<State>("curve", { pools: new Map(), approved: new Set() })

/**
 * A pool as it stands at an instant.
 *
 * @category models
 * @since 0.1.0
 */
export interface Market {
  readonly settings: Config.PoolSettings
  readonly pool: Pool.Pool
  /** The pool without own exchanges, and what they have put in; nothing where the pool keeps what it has. */
  readonly centred: Pool.Pool
  readonly flow: Recovery.Flow
  /** What of its series is of an earlier step. */
  readonly stale: ReadonlyArray<MarketSnapshot.Stale>
  /** The market rate of the data: whole coins of the other per whole coin of `marketRate`. */
  readonly rate: Decimal.Decimal | undefined
}

const unshown = ({ marketRate, name }: Config.PoolSettings, rate: Decimal.Decimal): Refusal.Refusal =>
  Refusal.make("market_data", `no balances of ${name} show the rate ${Decimal.format(rate)} of ${marketRate?.series}`, {
    expected: "a rate near the peg of the pool",
    actual: Decimal.format(rate)
  })

/** Decimals of rates and prices. */
const scale = 18

const valueOf = (snapshot: MarketSnapshot.MarketSnapshot, series: string): Result<Decimal.Decimal> =>
  Either.flatMap(Either.mapLeft(MarketSnapshot.value(snapshot, series), Refusal.missingData), (value) =>
    value.value > 0n
      ? Either.right(value)
      : Either.left(
        Refusal.make("market_data", `series ${series} is not above 0`, {
          expected: "a rate above 0",
          actual: Decimal.format(value)
        })
      ))

const rateOf = (
  { marketRate, priceFrom }: Config.PoolSettings,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<Decimal.Decimal | undefined> => {
  if (marketRate === undefined || priceFrom === "balances") return Either.right(undefined)
  const { over, series } = marketRate
  return Either.flatMap(valueOf(snapshot, series), (rate) =>
    over === undefined
      ? Either.right(rate)
      : Either.map(valueOf(snapshot, over), (divisor) => Decimal.quotient(rate, divisor, scale, "half_up")))
}

const withRates = (
  { coins, pool, rates }: Config.PoolSettings,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<ReadonlyArray<bigint>> =>
  Either.all(coins.map((_, index) => {
    const series = rates[index]
    const own = pool.rates[index]!
    return series === undefined
      ? Either.right(own)
      : Either.map(valueOf(snapshot, series), (rate) => Decimal.toScale(Decimal.multiply(Decimal.make(own, 0), rate), 0, "down"))
  }))

/** The series that an exchange is priced by. */
const pricedBy = ({ impact, marketRate, priceFrom, rates }: Config.PoolSettings): ReadonlyArray<string> => {
  const market = marketRate === undefined || priceFrom === "balances" ? [] : [marketRate.series, marketRate.over]
  return [...market, ...(impact || market.length === 0 ? rates : [])].filter((series) => series !== undefined)
}

/** Units of the coin at the other index per unit of the coin at `index`. */
const unitPrice = (coins: ReadonlyArray<Asset.Asset>, index: 0 | 1, rate: Decimal.Decimal): Invariant.Fraction => {
  const [from, to] = index === 0 ? [coins[0]!, coins[1]!] : [coins[1]!, coins[0]!]
  return {
    numerator: rate.value * Decimal.pow10(Asset.decimals(to)),
    denominator: Decimal.pow10(rate.scale + Asset.decimals(from))
  }
}

/** The pool moved by a flow, without a fee: what it is paid stays with the pool, and is no price of the data. */
const displaced = (pool: Pool.Pool, flow: Recovery.Flow): Pool.Pool => {
  const free = { ...pool, fee: 0n, adminFee: 0n, offpegFeeMultiplier: Pool.feeDenominator }
  const exchanged = Pool.exchange(free, flow.coin, 1 - flow.coin, Recovery.unitsOf(flow))
  return exchanged === undefined ? pool : { ...pool, balances: exchanged.pool.balances }
}

const isSame = (a: Pool.Pool, b: Pool.Pool): boolean =>
  a.balances.every((balance, k) => balance === b.balances[k] && a.rates[k] === b.rates[k])

/** What came out at other prices says nothing of what the whole would have paid at these. */
const underOthers = (flow: Recovery.Flow): Recovery.Flow => ({
  coin: flow.coin,
  parts: flow.parts.map((part) => ({ ...part, out: undefined }))
})

/**
 * The pool at the instant of the snapshot: at the market rate of the data, moved by what own exchanges have put in and it
 * has not recovered from; or, where its price follows from its balances, as own exchanges left it. Refused where a series
 * is missing or its newest observation is of an earlier step, and where no balances show the rate.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = (
  settings: Config.PoolSettings,
  state: State,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<Market> =>
  Either.gen(function*() {
    const { coins, impact, marketRate, name, recovery } = settings
    const rate = yield* rateOf(settings, snapshot)
    const stale = Staleness.of(snapshot, pricedBy(settings))
    const refused = Staleness.refusal(snapshot, stale)
    if (refused !== undefined) return yield* Either.left(refused)
    const market = (pool: Pool.Pool, centred = pool, flow = Recovery.still): Market => ({
      settings,
      pool,
      centred,
      flow,
      stale,
      rate
    })
    if (!impact && rate !== undefined) return market(settings.pool)
    const rates = yield* withRates(settings, snapshot)
    const left = state.pools.get(name)
    if (rate === undefined || marketRate === undefined) return market({ ...(left?.pool ?? settings.pool), rates })
    const centred = Pool.withPrice({ ...settings.pool, rates }, marketRate.index, unitPrice(coins, marketRate.index, rate))
    if (centred === undefined) return yield* Either.left(unshown(settings, rate))
    const flow = left === undefined ? Recovery.still : Recovery.flowAt(left.flow, snapshot.at, recovery)
    if (flow.parts.length === 0) return market(centred)
    return market(displaced(centred, flow), centred, left !== undefined && isSame(left.centred, centred) ? flow : underOthers(flow))
  })

/**
 * What comes of giving a market an amount.
 *
 * @category models
 * @since 0.1.0
 */
export interface Traded {
  /** Units that come out. */
  readonly dy: bigint
  /** What comes out before the fee, down to 1e-18. */
  readonly gross: Amount.Amount
  /** The fee, taken of what comes out, down to 1e-18; what a unit of the token does not hold is rounding. */
  readonly fee: Amount.Amount
  /** Of the fee, what leaves the pool. */
  readonly adminFee: Amount.Amount
  readonly feeRate: Decimal.Decimal
  /** The pool afterwards. */
  readonly pool: Pool.Pool
}

/**
 * One direction of a market.
 *
 * @category models
 * @since 0.1.0
 */
export interface Side {
  /** Coin that goes in, by index. */
  readonly i: number
  /** Coin that comes out, by index. */
  readonly j: number
  /** Whole coins out per whole coin in, at the margin and before the fee, half up to 1e-18. */
  readonly mid: Decimal.Decimal
  /** Fee of a small exchange. */
  readonly feeRate: Decimal.Decimal
  /** Gives `dx` units in; `undefined` where the contract reverts. */
  readonly trade: (dx: bigint) => Traded | undefined
  /** Most units in that a search for an amount out looks at. */
  readonly most: bigint
}

const feeScale = 10

const pinned = (market: Market, i: number, j: number, mid: Decimal.Decimal): Side => {
  const { coins, pool } = market.settings
  const feeRate = Decimal.make(pool.fee, feeScale)
  return {
    i,
    j,
    mid,
    feeRate,
    most: 10n ** 40n,
    trade: (dx) => {
      const gross = Amount.times(Amount.fromUnits(dx, Asset.decimals(coins[i]!)), mid, 1n, "down")
      const fee = Amount.times(gross, feeRate, 1n, "up")
      const adminFee = (fee * pool.adminFee) / Pool.feeDenominator
      return { dy: Amount.toUnits(gross - fee, Asset.decimals(coins[j]!), "down"), gross, fee, adminFee, feeRate, pool }
    }
  }
}

/**
 * The most that comes out of an exchange beside those that the pool remembers: what is left of what the whole would have
 * paid. The fees of parts stay in a pool, and their roundings differ from those of the whole.
 */
const rest = ({ centred, flow }: Market, i: number, j: number): (dx: bigint) => bigint | undefined => {
  if (flow.parts.length === 0 || flow.coin !== i) return () => undefined
  let out = 0n
  for (const part of flow.parts) {
    if (part.out === undefined) return () => undefined
    out += part.out
  }
  const units = Recovery.unitsOf(flow)
  return (dx) => {
    const whole = Pool.exchange(centred, i, j, units + dx)
    return whole === undefined ? 0n : whole.dy > out ? whole.dy - out : 0n
  }
}

const curved = (market: Market, i: number, j: number, mid: Decimal.Decimal): Side => {
  const { pool, settings: { coins } } = market
  const most = rest(market, i, j)
  const decimals = Asset.decimals(coins[j]!)
  const amountOf = (common: bigint): Amount.Amount => (common * Decimal.pow10(36 - decimals)) / pool.rates[j]!
  const xp = Pool.xp(pool)
  return {
    i,
    j,
    mid,
    feeRate: Decimal.make(Pool.feeAt(pool, xp[i]!, xp[j]!), feeScale),
    most: pool.balances.reduce((sum, balance) => sum + balance, 0n) * 10n ** 15n,
    trade: (dx) => {
      const exchanged = Pool.exchange(pool, i, j, dx)
      if (exchanged === undefined) return undefined
      const left = most(dx)
      const dy = left === undefined || exchanged.dy < left ? exchanged.dy : left
      return {
        dy,
        gross: amountOf(exchanged.gross),
        // What the parts of a swap would save of the fee of the whole is a fee too.
        fee: amountOf(exchanged.fee) + Amount.fromUnits(exchanged.dy - dy, decimals),
        adminFee: Amount.fromUnits(exchanged.adminFee, decimals),
        feeRate: Decimal.make(exchanged.feeRate, feeScale),
        pool: exchanged.pool
      }
    }
  }
}

const midOf = ({ pool, rate, settings }: Market, i: number, j: number): Decimal.Decimal | undefined => {
  const { coins, impact, marketRate } = settings
  if (!impact && rate !== undefined) {
    return marketRate?.index === i ? rate : Decimal.quotient(Decimal.one, rate, scale, "half_up")
  }
  const price = Pool.price(pool, i, j)
  if (price === undefined) return undefined
  return Decimal.make(
    Decimal.divide(
      price.numerator * Decimal.pow10(scale + Asset.decimals(coins[i]!)),
      price.denominator * Decimal.pow10(Asset.decimals(coins[j]!)),
      "half_up"
    ),
    scale
  )
}

/**
 * The direction from one coin to another. Refused where the pool has no price.
 *
 * @category constructors
 * @since 0.1.0
 */
export const side = (market: Market, i: number, j: number): Result<Side> => {
  const mid = midOf(market, i, j)
  if (mid === undefined || mid.value <= 0n) {
    return Either.left(Refusal.make("market_data", `the pool ${market.settings.name} has no price of ${market.settings.coins[i]}`))
  }
  return Either.right(market.settings.impact ? curved(market, i, j, mid) : pinned(market, i, j, mid))
}

/**
 * The state after an exchange: the pool became another, which of one that follows the data is remembered as a flow.
 *
 * @category combinators
 * @since 0.1.0
 */
export const remember = (
  state: State,
  { centred, flow, settings }: Market,
  at: Timestamp.Timestamp,
  swapped: Recovery.Swapped,
  pool: Pool.Pool
): State => {
  if (!settings.impact) return state
  const next = settings.priceFrom === "balances" ? Recovery.still : Recovery.swapped(flow, at, swapped)
  return { ...state, pools: new Map(state.pools).set(settings.name, { pool, centred, flow: next }) }
}
