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
  /**
   * How long the newest observation of a series holds, in milliseconds: see {@link stepOf}. `undefined` while there are
   * fewer than two observations.
   */
  readonly step: (series: string) => number | undefined
  /** Whether an order that adds risk may fill at an observation of the series that is older than its step. */
  readonly staleFills: (series: string) => boolean
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

/** Distances between observations that tell the step of a series, the newest ones. @category constants @since 0.1.0 */
export const stepSpan = 8

/**
 * How long the observation at an index of instants holds, in milliseconds: the step of the series there, told by the
 * distances between the {@link stepSpan} + 1 observations up to it, and by nothing later. The typical distance is the
 * lower third of them, so that neither silences nor an observation between two regular ones change it, and a new
 * interval is known after a few observations. The step is the longest distance of at most one and a half typical ones:
 * a longer one is a silence, a shorter one jitter. `undefined` where fewer than two observations are known.
 *
 * @category combinators
 * @since 0.1.0
 */
export const stepOf = (times: ArrayLike<Timestamp.Timestamp>, index: number): number | undefined => {
  const count = Math.min(index, stepSpan)
  if (count < 1) return undefined
  const last = times[index]! - times[index - 1]!
  const distances: Array<number> = []
  let regular = true
  for (let i = index; i > index - count; i--) {
    const distance = times[i]! - times[i - 1]!
    regular &&= distance === last
    distances.push(distance)
  }
  // Most series are regular, and this is on the way of every order.
  if (regular) return last
  distances.sort((a, b) => a - b)
  const limit = 1.5 * distances[Math.floor((count - 1) / 3)]!
  let step = distances[0]!
  for (const distance of distances) if (distance <= limit) step = distance
  return step
}

/**
 * An observation that is older than the step of its series: the next one is missing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stale {
  readonly series: string
  readonly at: Timestamp.Timestamp
  readonly observedAt: Timestamp.Timestamp
  /** In milliseconds. */
  readonly step: number
}

/**
 * Whether the newest observation of a series is of an earlier step than the snapshot: as old as the step or older.
 * `undefined` where it is of this step, and where nothing is missing as far as is known: of one observation alone, which
 * tells no step, and of none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const stale = (snapshot: MarketSnapshot, series: string): Stale | undefined => {
  const observed = snapshot.observe(series)
  if (observed === undefined || observed.at === snapshot.at) return undefined
  const step = snapshot.step(series)
  return step === undefined || snapshot.at - observed.at < step
    ? undefined
    : { series, at: snapshot.at, observedAt: observed.at, step }
}

/**
 * What is stale in a sentence: the series, the instant, the age, and the step.
 *
 * @category combinators
 * @since 0.1.0
 */
export const describeStale = ({ at, observedAt, series, step }: Stale): string =>
  `series ${series} at ${Timestamp.format(at)}: the newest observation is of ${Timestamp.format(observedAt)}, ${
    span(at - observedAt)
  } old, and the step of the series is ${span(step)}`

/**
 * Milliseconds in the largest unit that leaves them whole: `8 h`, `90 min`, `12 s`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const span = (milliseconds: number): string => {
  for (const [unit, length] of [["h", Timestamp.hour], ["min", 60_000], ["s", 1000]] as const) {
    if (milliseconds % length === 0) return `${milliseconds / length} ${unit}`
  }
  return `${milliseconds} ms`
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
 * liquid staking token its rate times the price of what it is a share of. A stable coin is one dollar, and a multiple
 * such as `1000PEPE` that many times the price of its coin, until there is an observation of `price.<token>`.
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
  if (snapshot.observe(series) !== undefined) return value(snapshot, series)
  if (dollars.has(priced)) return Either.right(Decimal.one)
  const multiple = Asset.multiple(priced)
  return multiple === undefined
    ? value(snapshot, series)
    : Either.map(price(snapshot, multiple.of, rate), (one) => Decimal.multiply(one, Decimal.make(multiple.times, 0)))
}

/**
 * The series that {@link price} reads of an asset as of the snapshot; none for a stable coin that counts as one dollar.
 *
 * @category combinators
 * @since 0.1.0
 */
export const priceSeries = (
  snapshot: MarketSnapshot,
  asset: Asset.Asset,
  rate: ShareRate = "market"
): ReadonlyArray<string> => {
  const symbol = Asset.underlying(asset)
  const token = Asset.token(symbol)
  if (token?.shareOf !== undefined) return [rateSeries(token, rate), ...priceSeries(snapshot, token.shareOf, rate)]
  const priced = token?.pricedAs ?? symbol
  const series = `price.${priced}`
  return dollars.has(priced) && snapshot.observe(series) === undefined ? [] : [series]
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
