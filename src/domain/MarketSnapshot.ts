/**
 * What was known of the market at an instant, and the rules that make prices of it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Asset from "./Asset.js"
import * as Decimal from "./Decimal.js"
import * as Timestamp from "./Timestamp.js"

/**
 * One value of a series.
 *
 * @category models
 * @since 0.1.0
 */
export interface Observation {
  readonly at: Timestamp.Timestamp
  readonly value: Decimal.Decimal
}

/**
 * Every series as of one instant. Nothing of it is later than `at`.
 *
 * @category models
 * @since 0.1.0
 */
export interface MarketSnapshot {
  readonly at: Timestamp.Timestamp
  /** The newest observation of a series, however old; `undefined` where there is none yet. */
  readonly observe: (series: string) => Observation | undefined
  /** The observations of a series later than `after`, oldest first. */
  readonly since: (series: string, after: Timestamp.Timestamp) => ReadonlyArray<Observation>
  /** Whether the series exists at all. */
  readonly has: (series: string) => boolean
  /** Longest age of an observation of a series that may still be used, in milliseconds. */
  readonly maxAge: (series: string) => number
}

/**
 * Why a series could not be read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Missing {
  readonly series: string
  readonly at: Timestamp.Timestamp
  /** Instant of the newest observation, where it is too old. */
  readonly observedAt?: Timestamp.Timestamp | undefined
  readonly maxAge?: number | undefined
}

/**
 * What is missing in a sentence: the series, the instant, and, where an observation is too old, its age and the limit.
 *
 * @category combinators
 * @since 0.1.0
 */
export const describeMissing = (missing: Missing): string =>
  missing.observedAt === undefined
    ? `series ${missing.series} has no observation at ${Timestamp.format(missing.at)}`
    : `series ${missing.series} at ${Timestamp.format(missing.at)}: the newest observation is of ${
      Timestamp.format(missing.observedAt)
    }, ${hours(missing.at - missing.observedAt)} h old, and at most ${hours(missing.maxAge ?? 0)} h are allowed`

const hours = (milliseconds: number): string => (milliseconds / Timestamp.hour).toFixed(1).replace(/\.0$/, "")

/**
 * Longest age by kind of series, in milliseconds: prices and funding 32 h, indices and rates of liquid staking tokens
 * 48 h, gas 24 h.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultMaxAge = (series: string): number =>
  (series.startsWith("gas.") ? 24 : series.startsWith("aave.") || series.startsWith("oracle.") || series.startsWith("dex.") ? 48 : 32) *
  Timestamp.hour

/**
 * The value of a series as of the snapshot, refused where there is none or it is too old.
 *
 * @category combinators
 * @since 0.1.0
 */
export const value = (snapshot: MarketSnapshot, series: string): Either.Either<Decimal.Decimal, Missing> => {
  const observation = snapshot.observe(series)
  if (observation === undefined) return Either.left({ series, at: snapshot.at })
  const maxAge = snapshot.maxAge(series)
  return snapshot.at - observation.at > maxAge
    ? Either.left({ series, at: snapshot.at, observedAt: observation.at, maxAge })
    : Either.right(observation.value)
}

/** Stable coins that count as one dollar where no series says otherwise. @category constants @since 0.1.0 */
export const dollars: ReadonlySet<Asset.Asset> = new Set(["USDT", "USDC", "DAI"])

/**
 * Which rate prices a liquid staking token: what a market pays for it, or what its protocol redeems.
 *
 * @category models
 * @since 0.1.0
 */
export type ShareRate = "market" | "protocol"

/** Series of the rate of a share in the asset it is a share of. @category combinators @since 0.1.0 */
export const rateSeries = (token: Asset.Token, rate: ShareRate): string =>
  `${rate === "market" ? "dex" : "oracle"}.${token.symbol}/${token.shareOf ?? token.symbol}`

/**
 * Dollars per unit of an asset. A claim or a debt has the price of its token; a wrapped token that of what it wraps; a
 * liquid staking token its rate times the price of what it is a share of. A stable coin is one dollar until there is an
 * observation of `price.<token>`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const price = (
  snapshot: MarketSnapshot,
  asset: Asset.Asset,
  rate: ShareRate = "market"
): Either.Either<Decimal.Decimal, Missing> => {
  const symbol = Asset.underlying(asset)
  const token = Asset.token(symbol)
  if (token?.shareOf !== undefined) {
    const share = value(snapshot, rateSeries(token, rate))
    if (Either.isLeft(share)) return share
    const whole = price(snapshot, token.shareOf, rate)
    return Either.isLeft(whole) ? whole : Either.right(Decimal.multiply(share.right, whole.right))
  }
  const priced = token?.pricedAs ?? symbol
  const series = `price.${priced}`
  if (dollars.has(priced) && snapshot.observe(series) === undefined) return Either.right(Decimal.one)
  return value(snapshot, series)
}

/**
 * Dollar prices of the tokens whose price is known: `{ETH, BTC, USDT, …}`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const prices = (snapshot: MarketSnapshot): { readonly [asset: string]: Decimal.Decimal } => {
  const known: Record<string, Decimal.Decimal> = {}
  for (const token of Asset.tokens) {
    const dollars = price(snapshot, token.symbol)
    if (Either.isRight(dollars)) known[token.symbol] = dollars.right
  }
  return known
}
