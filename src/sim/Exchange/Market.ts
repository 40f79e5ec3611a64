/**
 * One pair of an exchange with all that a trade in it goes by, and what it is worth.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instrument from "../../domain/Instrument.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Refusal from "../Refusal.js"
import * as Staleness from "../Staleness.js"
import type * as Fees from "./Fees.js"
import * as Impact from "./Impact.js"
import type * as Instruments from "./Instruments.js"
import * as Liquidity from "./Liquidity.js"
import * as Listing from "./Listing.js"
import type * as Settings from "./Settings.js"
import type * as Slippage from "./Slippage.js"
import type * as Tiers from "./Tiers.js"

/**
 * A series that prices are read from, and where to name another.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  readonly series: string
  /** Read where `series` has no observation yet. */
  readonly fallback?: string | undefined
  /** Field of the venue's settings that can name a stand-in, or that states the price itself. */
  readonly field: "price_from" | "spot_price_from" | "funding_from" | "bnb_price"
}

interface Common {
  readonly venue: Account.VenueId
  /** `ETHUSDT`, or `ETHUSDT-PERP`. */
  readonly symbol: string
  readonly base: Asset.Asset
  readonly quote: Asset.Asset
  /** Account that the trade settles in. */
  readonly account: Account.Account
  readonly sub: Account.SubAccount
  readonly rule: Instruments.Rule
  readonly takerFee: Decimal.Decimal
  /** Token that the fee is paid in where the account holds enough of it. */
  readonly feeToken: Fees.Token | undefined
  readonly curve: Slippage.Curve
  /** Milliseconds that own orders are remembered; 0 where each is priced by itself. */
  readonly recovery: number
  readonly impact: Impact.Impact
  /** Limits of what is filled; every order fills whole where there are none. */
  readonly liquidity: Liquidity.Liquidity | undefined
  readonly price: Source
  /** The other side of trades. */
  readonly contra: Account.Account
  readonly fees: Account.Account
  readonly rounding: Account.Account
}

/** A pair of two coins that change hands at once. @category models @since 0.1.0 */
export interface Spot extends Common {
  readonly kind: "spot"
  /** Whether the fee is taken of the quote on both sides, or of what is received. */
  readonly feeIn: "received" | "quote"
}

/** The quote is the settlement coin. @category models @since 0.1.0 */
export interface Perpetual extends Common {
  readonly kind: "perp"
  readonly funding: Source
  readonly fundingContra: Account.Account
  /** Leverage, tiers, mode and what a liquidation takes. */
  readonly margin: Tiers.Terms
}

/** What an order can be for: a spot pair or a perpetual. @category models @since 0.1.0 */
export type Market = Spot | Perpetual

/**
 * The pairs of a venue. A pair is put together when it is first asked for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Markets {
  readonly spot: (instrument: Instrument.Instrument) => Either.Either<Spot, Refusal.Refusal>
  readonly perp: (instrument: Instrument.Instrument) => Either.Either<Perpetual, Refusal.Refusal>
}

/** Dollars of a token on the spot market of the venue. */
const spotSource = (settings: Settings.Settings, token: Asset.Asset): Source => {
  const standIn = settings.standIns.spot(token)
  return {
    series: standIn ?? `spot.${settings.venue}.${token}`,
    fallback: standIn === undefined ? `price.${token}` : undefined,
    field: "spot_price_from"
  }
}

const liquidityOf = (settings: Settings.Settings, side: Settings.Side, price: Source): Liquidity.Liquidity | undefined =>
  side.volumeLimit === undefined ? undefined : Liquidity.make(settings.venue, side.volumeLimit, price)

const common = (
  settings: Settings.Settings,
  side: Settings.Side,
  instrument: Instrument.Instrument,
  what: string
): Either.Either<Omit<Common, "symbol" | "price" | "liquidity">, Refusal.Refusal> => {
  const { base, quote } = instrument
  const { venue } = settings
  // What settles in another coin than the account for perpetuals holds is none, whatever the settings say.
  if (!Listing.has(side.listing, instrument) || (side === settings.perp && !side.quotes.has(quote))) {
    const symbol = Instrument.format(instrument)
    const others = Listing.alternatives(side.listing, instrument).map(Instrument.format)
    return Either.left(
      Refusal.make(
        "unsupported",
        side.quotes.has(quote) ? `${venue} lists no ${what} ${symbol}` : `${venue} trades no ${what}s in ${quote}`,
        {
          field: "symbol",
          expected: side.quotes.has(quote)
            ? [...others, `${symbol} in instruments.${side === settings.perp ? "perp" : "spot"} of ${venue}`].join(" or ")
            : others.length > 0 ? others.join(" or ") : `a symbol that ends in ${[...side.quotes].join(", ")}`,
          actual: symbol
        }
      )
    )
  }
  return Either.right({
    venue,
    base,
    quote,
    account: Account.make(venue, side.sub),
    sub: side.sub,
    rule: side.rule(instrument),
    takerFee: side.fees.taker,
    feeToken: side.feeToken === undefined
      ? undefined
      : { ...side.feeToken, price: { ...spotSource(settings, side.feeToken.asset), field: "bnb_price" } },
    curve: side.curve,
    recovery: side.recovery(instrument),
    impact: Impact.make(venue),
    contra: Account.contra("market", venue),
    fees: Account.contra("fees", venue),
    rounding: Account.contra("rounding", venue)
  })
}

type Build<M> = (
  settings: Settings.Settings,
  instrument: Instrument.Instrument
) => Either.Either<M, Refusal.Refusal>

const spotOf: Build<Spot> = (settings, instrument) => {
  const side = settings.spot
  const price = spotSource(settings, instrument.base)
  return Either.map(common(settings, side, instrument, "spot pair"), (parts) => ({
    ...parts,
    kind: "spot",
    symbol: Instrument.format(instrument),
    feeIn: side.feeIn,
    liquidity: liquidityOf(settings, side, price),
    price
  }))
}

const perpOf: Build<Perpetual> = (settings, instrument) => {
  const { base } = instrument
  const price: Source = { series: settings.standIns.mark(base) ?? `perp.${settings.venue}.${base}`, field: "price_from" }
  return Either.map(common(settings, settings.perp, instrument, "perpetual"), (parts) => ({
    ...parts,
    kind: "perp",
    symbol: Instrument.formatPerpetual(instrument),
    liquidity: liquidityOf(settings, settings.perp, price),
    price,
    funding: { series: settings.standIns.funding(base) ?? `funding.${settings.venue}.${base}`, field: "funding_from" },
    fundingContra: Account.contra("funding", settings.venue),
    margin: settings.margin(instrument)
  }))
}

/**
 * The markets of an exchange by its settings, each made when it is first asked for. One that it does not have is a
 * refusal.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (settings: Settings.Settings): Markets => {
  const memo = <M>(build: Build<M>) => {
    const known = new Map<string, Either.Either<M, Refusal.Refusal>>()
    return (instrument: Instrument.Instrument): Either.Either<M, Refusal.Refusal> => {
      const key = `${instrument.base}/${instrument.quote}`
      const before = known.get(key)
      if (before !== undefined) return before
      const market = build(settings, instrument)
      known.set(key, market)
      return market
    }
  }
  return { spot: memo(spotOf), perp: memo(perpOf) }
}

/** The series that a source is read from as of the snapshot. */
const seriesOf = ({ fallback, series }: Source, snapshot: MarketSnapshot.MarketSnapshot): string =>
  fallback !== undefined && snapshot.observe(series) === undefined ? fallback : series

/** The refusal of a source that has said nothing yet. @category constructors @since 0.1.0 */
export const missing = (venue: Account.VenueId, source: Source, at: Timestamp.Timestamp): Refusal.Refusal => {
  const names = source.fallback === undefined ? source.series : `${source.series} or ${source.fallback}`
  const where = `${source.field} of ${venue}`
  const [rest, remedy] = source.field === "bnb_price"
    ? ["a price", "a fixed price can be set"]
    : ["a stand-in", "a stand-in can be named"]
  return Refusal.make(
    "market_data",
    `there is no observation of ${names} at ${Timestamp.format(at)}; ${remedy} in ${where}`,
    { expected: `the series ${names}, or ${rest} in ${where}`, actual: "no observation" }
  )
}

/**
 * What a source says as of the snapshot. Which of its series that is depends on what was observed so far alone, so that
 * a series that begins later changes nothing before.
 *
 * @category combinators
 * @since 0.1.0
 */
export const read = (
  venue: Account.VenueId,
  source: Source,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Decimal.Decimal, Refusal.Refusal> => {
  const value = MarketSnapshot.value(snapshot, seriesOf(source, snapshot))
  if (Either.isRight(value)) return Either.right(value.right)
  return Either.left(
    value.left.observedAt === undefined
      ? missing(venue, source, snapshot.at)
      : Refusal.missingData(value.left)
  )
}

/**
 * What of a fill in a market is priced by observations of an earlier step: its own series, those of dollars per quote,
 * and that of the token of fees.
 *
 * @category combinators
 * @since 0.1.0
 */
export const stale = (
  market: Market,
  snapshot: MarketSnapshot.MarketSnapshot
): ReadonlyArray<MarketSnapshot.Stale> => {
  const { feeToken, kind, price, quote } = market
  const token = feeToken === undefined || feeToken.fixed !== undefined ? [] : [seriesOf(feeToken.price, snapshot)]
  // A mark is in the settlement coin: dollars move nothing, unless a fee is converted by them.
  const dollars = kind === "spot" || token.length > 0 ? MarketSnapshot.priceSeries(snapshot, quote) : []
  return Staleness.of(snapshot, [seriesOf(price, snapshot), ...dollars, ...token])
}

/**
 * Price of a pair before the size of an order moves it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Arrival {
  /** Quote per base. */
  readonly price: Decimal.Decimal
  /** Dollars per base. */
  readonly dollars: Decimal.Decimal
}

/** Decimals of a price that is the quotient of two. */
const scale = 18

const nothing = (market: Market): Refusal.Refusal =>
  Refusal.make("market_data", `the price of ${market.symbol} at ${market.venue} is not above 0`)

/**
 * Price on arrival. Of a spot pair: dollars per base by dollars per quote, to 1e-18, half up. Of a perpetual: its mark,
 * which its series gives in the settlement coin.
 *
 * @category combinators
 * @since 0.1.0
 */
export const arrival = (
  market: Market,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Arrival, Refusal.Refusal> => {
  const value = read(market.venue, market.price, snapshot)
  if (Either.isLeft(value)) return Either.left(value.left)
  const dollars = value.right
  if (dollars.value <= 0n) return Either.left(nothing(market))
  if (market.kind === "perp") return Either.right({ price: dollars, dollars })
  const quote = MarketSnapshot.price(snapshot, market.quote)
  if (Either.isLeft(quote)) return Either.left(Refusal.missingData(quote.left))
  if (quote.right.value <= 0n) return Either.left(nothing(market))
  return Either.right({
    price: quote.right === Decimal.one ? dollars : Decimal.quotient(dollars, quote.right, scale, "half_up"),
    dollars
  })
}
