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
import type * as Instruments from "./Instruments.js"
import type * as Settings from "./Settings.js"
import type * as Slippage from "./Slippage.js"

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
  /** Field of the venue's settings that can name a stand-in. */
  readonly field: "price_from" | "spot_price_from" | "funding_from"
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
  readonly curve: Slippage.Curve
  readonly price: Source
  /** The other side of trades. */
  readonly contra: Account.Account
  readonly fees: Account.Account
  readonly rounding: Account.Account
}

/** @category models @since 0.1.0 */
export interface Spot extends Common {
  readonly kind: "spot"
}

/** The quote is the settlement coin. @category models @since 0.1.0 */
export interface Perpetual extends Common {
  readonly kind: "perp"
  readonly funding: Source
  readonly fundingContra: Account.Account
  readonly leverage: Decimal.Decimal
  /** Fraction of the notional. */
  readonly maintenance: Decimal.Decimal
}

/** @category models @since 0.1.0 */
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

const common = (
  settings: Settings.Settings,
  side: Settings.Side,
  instrument: Instrument.Instrument,
  what: string
): Either.Either<Omit<Common, "symbol" | "price">, Refusal.Refusal> => {
  const { base, quote } = instrument
  const { venue } = settings
  const rule = side.rules.get(Instrument.format(instrument)) ?? side.rules.get(`*${quote}`)
  if (!side.quotes.has(quote) || rule === undefined) {
    return Either.left(
      Refusal.make("unsupported", `${venue} trades no ${what} in ${quote}`, {
        field: "symbol",
        expected: `a symbol that ends in ${[...side.quotes].join(", ")}`,
        actual: Instrument.format(instrument)
      })
    )
  }
  return Either.right({
    venue,
    base,
    quote,
    account: Account.make(venue, side.sub),
    sub: side.sub,
    rule,
    takerFee: side.fees.taker,
    curve: side.curve,
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
  const { base } = instrument
  const standIn = settings.standIns.spot(base)
  return Either.map(common(settings, settings.spot, instrument, "spot pairs"), (parts) => ({
    ...parts,
    kind: "spot",
    symbol: Instrument.format(instrument),
    price: {
      series: standIn ?? `spot.${settings.venue}.${base}`,
      fallback: standIn === undefined ? `price.${base}` : undefined,
      field: "spot_price_from"
    }
  }))
}

const perpOf: Build<Perpetual> = (settings, instrument) => {
  const { base } = instrument
  return Either.map(common(settings, settings.perp, instrument, "perpetuals"), (parts) => ({
    ...parts,
    kind: "perp",
    symbol: Instrument.formatPerpetual(instrument),
    price: { series: settings.standIns.mark(base) ?? `perp.${settings.venue}.${base}`, field: "price_from" },
    funding: { series: settings.standIns.funding(base) ?? `funding.${settings.venue}.${base}`, field: "funding_from" },
    fundingContra: Account.contra("funding", settings.venue),
    leverage: settings.leverage(base),
    maintenance: settings.maintenance(base)
  }))
}

/** @category constructors @since 0.1.0 */
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

/** The refusal of a source that has said nothing yet. @category constructors @since 0.1.0 */
export const missing = (venue: Account.VenueId, source: Source, at: Timestamp.Timestamp): Refusal.Refusal => {
  const names = source.fallback === undefined ? source.series : `${source.series} or ${source.fallback}`
  const where = `${source.field} of ${venue}`
  return Refusal.make(
    "market_data",
    `there is no observation of ${names} at ${Timestamp.format(at)}; a stand-in can be named in ${where}`,
    { expected: `the series ${names}, or a stand-in in ${where}`, actual: "no observation" }
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
  { fallback, field, series }: Source,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Decimal.Decimal, Refusal.Refusal> => {
  const known = fallback !== undefined && snapshot.observe(series) === undefined ? fallback : series
  const value = MarketSnapshot.value(snapshot, known)
  if (Either.isRight(value)) return Either.right(value.right)
  return Either.left(
    value.left.observedAt === undefined
      ? missing(venue, { fallback, field, series }, snapshot.at)
      : Refusal.missingData(value.left)
  )
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
