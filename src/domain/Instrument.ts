/**
 * Trading pairs.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Asset from "./Asset.js"

/**
 * A pair: one unit of `base` priced in `quote`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Instrument {
  readonly base: Asset.Asset
  readonly quote: Asset.Asset
}

const quotes: ReadonlyArray<Asset.Asset> = ["USDT", "USDC", "USD", "DAI", "BTC", "ETH"]

const split = (text: string): readonly [string, string] | undefined => {
  const slash = text.indexOf("/")
  if (slash >= 0) return [text.slice(0, slash), text.slice(slash + 1)]
  const upper = text.toUpperCase()
  for (const quote of quotes) {
    if (upper.endsWith(quote) && text.length > quote.length) {
      return [text.slice(0, text.length - quote.length), quote]
    }
  }
  return undefined
}

/** Whether the text names a perpetual by its suffix: `ETHUSDT-PERP`. @category guards @since 0.1.0 */
export const namesPerpetual = (text: string): boolean => /-(?:perp|swap)$/i.test(text)

/**
 * Reads `ETHUSDT`, `ETH/USDT`, and the same with the suffix `-PERP`. `undefined` for anything else.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Instrument | undefined => {
  const pair = split(text.replace(/-(?:perp|swap)$/i, ""))
  if (pair === undefined) return undefined
  const base = Asset.parse(pair[0])
  const quote = Asset.parse(pair[1])
  return base === undefined || quote === undefined || base === quote ? undefined : { base, quote }
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

const expectation = "a symbol such as \"ETHUSDT\", \"ETH/USDT\" or \"ETHUSDT-PERP\""

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
    decode: (text, _options, ast) => {
      const instrument = parse(text)
      return instrument === undefined
        ? Either.left(new ParseResult.Type(ast, text, `expected ${expectation}`))
        : Either.right(instrument)
    },
    encode: (instrument) => Either.right(format(instrument))
  }
).annotations({ identifier: "Symbol", description: expectation })
