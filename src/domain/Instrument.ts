/**
 * Trading pairs, and every spelling of them.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Asset from "./Asset.js"
import * as Pattern from "./Pattern.js"

/**
 * A pair: one unit of `base` priced in `quote`. The base of a multiplied contract is the multiple: `1000PEPE`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Instrument {
  readonly base: Asset.Asset
  readonly quote: Asset.Asset
}

/**
 * What a spelling says: the pair, and whether it is a perpetual. A spelling such as `ETHUSDT` leaves that open.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  readonly instrument: Instrument
  readonly trade: "perp" | undefined
}

/** Coins that end a symbol without a separator. */
const quotes: ReadonlyArray<Asset.Asset> = [
  "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USD", "DAI", "EUR", "TRY", "BTC", "ETH", "BNB"
]

/** Settlement coin of the contracts that a venue names by their base alone. */
const implied: ReadonlyMap<string, Asset.Asset> = new Map([["hyperliquid", "USDC"], ["bybit", "USDC"]])

/** Venues whose perpetuals are the bare name of their base: `ETH`. */
const bare: ReadonlySet<string> = new Set(["hyperliquid"])

/** What a venue calls the tokens that stand for others on its books. */
const standing: ReadonlyMap<string, ReadonlyMap<string, Asset.Asset>> = new Map([
  ["hyperliquid", new Map([["UBTC", "BTC"], ["UETH", "ETH"], ["USOL", "SOL"]])]
])

const expectation = "a symbol such as \"ETHUSDT\", \"ETH/USDT\" or \"ETHUSDT-PERP\""
const same = "two different tokens, one priced in the other"
const inverse = "a contract that settles in its quote, because inverse contracts, which settle in their base token, are not traded"
const dated = "a spot pair or a perpetual, because contracts that expire are not traded"
const indexed = "the names of the pair, such as \"HYPE/USDC\", because a number of a pair is known to its venue alone"

type Read = Either.Either<Reading, string>

const refuse = (expected: string): Read => Either.left(expected)

const pairOf = (base: string, quote: string, venue: string | undefined): Instrument | undefined => {
  const parsed = Asset.parse(base)
  const [sold, paid] = [parsed && (standing.get(venue ?? "")?.get(parsed) ?? parsed), Asset.parse(quote)]
  return sold === undefined || paid === undefined || sold === paid ? undefined : { base: sold, quote: paid }
}

/** The ways to cut a text without a separator in two: the last part is a coin that pairs are priced in. */
const cuts = (text: string, venue: string | undefined): ReadonlyArray<Instrument> => {
  const upper = text.toUpperCase()
  const found = quotes.filter((quote) => upper.endsWith(quote))
    .flatMap((quote) => pairOf(text.slice(0, text.length - quote.length), quote, venue) ?? [])
  // No coin ends in FD; some do in B and T.
  const plausible = found.some(({ quote }) => quote === "FDUSD") ? found.filter(({ quote }) => quote !== "USD") : found
  if (plausible.length < 2) return plausible
  const known = plausible.filter(({ base }) => Asset.isToken(base))
  return known.length === 1 ? known : plausible
}

const joined = (text: string, trade: Reading["trade"], venue: string | undefined): Read => {
  // The name of a token is no pair: WETH is not W in ETH.
  const found = Asset.isToken(Asset.parse(text) ?? "") ? [] : cuts(text, venue)
  if (found.length > 1) {
    const readings = found.map(({ base, quote }) => `"${base}/${quote}"`).join(" or ")
    return refuse(`${readings}, because the symbol can be read as either`)
  }
  if (found.length === 1) return Either.right({ instrument: found[0]!, trade })
  const stem = /^(.+)PERP$/i.exec(text)?.[1]
  if (stem !== undefined && trade === undefined) return joined(stem, "perp", venue)
  const quote = implied.get(venue ?? "")
  const instrument = quote === undefined || (trade === undefined && !bare.has(venue!)) ? undefined : pairOf(text, quote, venue)
  return instrument === undefined ? refuse(expectation) : Either.right({ instrument, trade: "perp" })
}

/** A pair with one separator or none, and without what says that it is a perpetual. */
const body = (text: string, trade: Reading["trade"], venue: string | undefined): Read => {
  const [base = "", separator, quote = "", ...rest] = text.split(/([/_-])/)
  if (separator === undefined) return joined(text, trade, venue)
  if (rest.length > 0) return refuse(/[-_]\d{6}(?:-|$)/.test(text) ? dated : expectation)
  if (separator !== "/" && /^\d{6}$/.test(quote)) return refuse(dated)
  if (separator !== "/" && /^(?:PERP|SWAP)$/i.test(quote)) return refuse(expectation)
  const instrument = pairOf(base, quote, venue)
  if (instrument !== undefined) return Either.right({ instrument, trade })
  return refuse(Asset.parse(base) !== undefined && Asset.parse(base) === Asset.parse(quote) ? same : expectation)
}

/** `ETH/USDT:USDT`: a contract with the coin that it settles in. */
const settled = (pair: string, coin: string, venue: string | undefined): Read => {
  if (coin.includes("-")) return refuse(dated)
  return Either.flatMap(body(pair, "perp", venue), ({ instrument, trade }) => {
    const settlement = Asset.parse(coin)
    return settlement === instrument.quote
      ? Either.right({ instrument, trade })
      : refuse(settlement === instrument.base ? inverse : expectation)
  })
}

/**
 * Reads any spelling of a pair: `ETHUSDT`, `ETH/USDT`, `ETH-USDT`, `ETH_USDT`; of a perpetual the same with `-PERP`,
 * `_PERP`, `-SWAP`, `.P` or `PERP` after it, and `ETH/USDT:USDT`. At a venue that names contracts by their base alone
 * that is read too: `ETH` and `kPEPE` at hyperliquid, `ETHPERP` at bybit and hyperliquid, all in USDC.
 *
 * This is the one function for symbols of instructions, settings, files and look-ups. Spellings of one pair give one
 * value; {@link format} writes it. On the left stands what was expected: an inverse or a dated contract, an index of a
 * pair, and a symbol that can be read in two ways are refused with the reason.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (text: string, venue?: string): Either.Either<Reading, string> => {
  if (text.length > 64) return refuse(expectation)
  if (/^@\d+$/.test(text)) return refuse(indexed)
  const [pair = "", coin, ...rest] = text.split(":")
  if (rest.length > 0) return refuse(expectation)
  if (coin !== undefined) return settled(pair, coin, venue)
  const [, perpetual, suffix] = /^(.+)([-_](?:PERP|SWAP)|\.P)$/i.exec(text) ?? []
  if (perpetual === undefined) return body(text, undefined, venue)
  return Either.filterOrLeft(
    body(perpetual, "perp", venue),
    // Binance and OKX write so what is margined in the coin itself.
    ({ instrument: { quote } }) => quote !== "USD" || suffix?.startsWith("_") !== true && !/-USD-SWAP$/i.test(text),
    () => inverse
  )
}

/**
 * The pair of any spelling that {@link read} takes; `undefined` for anything else.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string, venue?: string): Instrument | undefined => {
  const reading = read(text, venue)
  return Either.isRight(reading) ? reading.right.instrument : undefined
}

/** `ETHUSDT`, or `FOO/BAR` where the two cannot be told apart without the slash. @category combinators @since 0.1.0 */
export const format = (instrument: Instrument): string => {
  const joined = `${instrument.base}${instrument.quote}`
  const read = parse(joined)
  return read !== undefined && read.base === instrument.base && read.quote === instrument.quote
    ? joined
    : `${instrument.base}/${instrument.quote}`
}

/** Name of a perpetual position: `ETHUSDT-PERP`. @category combinators @since 0.1.0 */
export const formatPerpetual = (instrument: Instrument): string => `${format(instrument)}-PERP`

/** Codec between a symbol's text and the pair. @category schemas @since 0.1.0 */
export const Instrument: Schema.Schema<Instrument, string> = Schema.transformOrFail(
  Schema.String.annotations({ description: expectation }),
  Schema.Struct({ base: Schema.String, quote: Schema.String }).pipe(
    Schema.filter(({ base, quote }) => (Asset.parse(base) === base && Asset.parse(quote) === quote && base !== quote) || `expected ${expectation}`),
    Schema.annotations({
      arbitrary: () => (fc) => fc.constantFrom({ base: "ETH", quote: "USDT" }, { base: "BTC", quote: "USDC" }, { base: "FOO", quote: "BAR" })
    })
  ),
  {
    strict: true,
    decode: (text, _options, ast) =>
      Either.mapBoth(read(text), {
        onLeft: (expected) => new ParseResult.Type(ast, text, `expected ${expected}`),
        onRight: ({ instrument }) => instrument
      }),
    encode: (instrument) => Either.right(format(instrument))
  }
).annotations({ identifier: "Symbol", description: expectation, jsonSchema: { ...Pattern.symbol, description: expectation } })
