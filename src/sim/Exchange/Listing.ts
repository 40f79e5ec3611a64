/**
 * Which markets an exchange has: those that it lists, and those that its settings add. Two prices are no market.
 *
 * @since 0.1.0
 */
import * as Asset from "../../domain/Asset.js"
import * as Instrument from "../../domain/Instrument.js"

/**
 * The markets of one side of an exchange.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listing {
  /** Base tokens by quote; `*` stands for every coin that {@link has} does not leave out. */
  readonly bases: ReadonlyMap<Asset.Asset, ReadonlySet<Asset.Asset>>
  /** Symbols that stand in the settings. */
  readonly added: ReadonlySet<string>
}

/** Stable coins and currencies, in capitals: traded for each other only where that is listed by name. */
const money: ReadonlySet<string> = new Set([
  "USD", "USDT", "USDC", "DAI", "FDUSD", "TUSD", "BUSD", "USDE", "USDS", "PYUSD", "USDP", "RLUSD", "USD1", "USDD", "GUSD", "LUSD",
  "CRVUSD", "FRAX", "GHO", "USDH", "USDT0", "USDB", "EUR", "EURC", "EURI", "GBP", "TRY", "BRL", "JPY", "AUD"
])

/** A coin of its own, which most exchanges list: no money, and nothing that stands for another token on a chain. */
const isCoin = (base: Asset.Asset): boolean => {
  const token = Asset.token(base)
  return Asset.kind(base) === "asset" && !money.has(base.toUpperCase()) && token?.pricedAs === undefined && token?.shareOf === undefined
}

/** The multiple by which a side trades a coin in place of the coin. */
const multipleOf = (bases: ReadonlySet<Asset.Asset>, coin: Asset.Asset): Asset.Asset | undefined =>
  [...bases].find((base) => Asset.multiple(base)?.of === coin)

/**
 * Whether the side has the market. Under `*` it has every coin but stable coins and currencies, tokens that stand for
 * another on a chain, claims, debts and multiples; a coin that it lists as a multiple is traded as that alone.
 *
 * @category guards
 * @since 0.1.0
 */
export const has = ({ added, bases }: Listing, instrument: Instrument.Instrument): boolean => {
  const { base, quote } = instrument
  if (added.has(Instrument.format(instrument))) return true
  const listed = bases.get(quote)
  if (listed === undefined) return false
  if (listed.has(base)) return true
  if (!listed.has("*")) return false
  return isCoin(base) && Asset.multiple(base) === undefined && multipleOf(listed, base) === undefined
}

/**
 * Markets that somebody who asked for another one may have meant: the same pair the other way round, the base in its
 * multiple, and in other quotes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const alternatives = (listing: Listing, { base, quote }: Instrument.Instrument): ReadonlyArray<Instrument.Instrument> => {
  const quotes = [...listing.bases.keys()]
  const coin = Asset.multiple(base)?.of ?? base
  return [
    { base: quote, quote: base },
    ...[quote, ...quotes].flatMap((quote) => [base, coin, multipleOf(listing.bases.get(quote) ?? new Set(), coin)].flatMap((base) =>
      base === undefined || base === quote ? [] : [{ base, quote }]))
  ].filter((pair, index, all) =>
    has(listing, pair) && all.findIndex((other) => other.base === pair.base && other.quote === pair.quote) === index)
}
