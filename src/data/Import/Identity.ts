/**
 * Whose figures a file has, by what it says itself: the columns that name a market, and its own name. What it says is held
 * against what the caller says; the two never differ in silence.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Asset from "../../domain/Asset.js"
import * as Instrument from "../../domain/Instrument.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Format from "./Format.js"

/**
 * What one place of a file says that its figures are of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Claim {
  /** As it stands there. */
  readonly text: string
  /** Where it stands: `column symbol`, `the name of the file`. */
  readonly where: string
  readonly base: Asset.Asset
  readonly quote: Asset.Asset | undefined
  /** What the symbol says by a suffix. */
  readonly market: Format.Market | undefined
}

/** Columns that name a market by a symbol. */
const symbols: ReadonlyArray<string> = [
  "symbol", "instrument_name", "instrument", "instrument_id", "instid", "inst_id", "pair", "ticker", "currency_pair", "trading_pair",
  "product_id", "contract", "asset_pair"
]

/** Columns that name an asset, of which `CBETH` is one and no pair. */
const assets: ReadonlyArray<string> = ["coin", "asset", "base_asset", "base_currency", "base", "token", "currency"]

/** Columns that may name a market, and may as well say of what sort it is. */
const vague: ReadonlyArray<string> = ["market", "product"]

/** Columns whose rows are of several files where they differ. */
const others: ReadonlyArray<string> = ["chain", "exchange", "venue", "interval", "period", "timeframe", "data_type", "market_type"]

/**
 * Columns that say of which market, exchange, chain or candle length a row is. A file is of one: rows of another would
 * fill the same series.
 *
 * @category constants
 * @since 0.1.0
 */
export const columns: ReadonlySet<string> = new Set([...symbols, ...assets, ...vague, ...others])

/** Whether a column names a market by a symbol. @category guards @since 0.1.0 */
export const namesMarket = (column: string): boolean => symbols.includes(column) || assets.includes(column) || vague.includes(column)

const ofInstrument = (text: string, where: string, venue?: string): Claim | undefined =>
  Either.match(Instrument.read(text, venue), {
    onLeft: () => undefined,
    onRight: ({ instrument: { base, quote }, trade }) => ({ text, where, base, quote, market: trade === undefined ? undefined : "perpetual" as const })
  })

/**
 * What a symbol in a column says. `undefined` where it is no symbol.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofColumn = (column: string, text: string, venue?: string): Claim | undefined => {
  const where = `column ${column}`
  const asset = Asset.parse(text)
  const alone: Claim = { text, where, base: asset ?? text, quote: undefined, market: undefined }
  if (assets.includes(column) && asset !== undefined && !/.[/_-]?USD[TC](?:[/_:.-]|$)/i.test(text)) return alone
  // Of known tokens `WETH` is one, and not a pair of `W` and `ETH`.
  if (!vague.includes(column) && asset !== undefined && Asset.isToken(asset)) return alone
  const pair = ofInstrument(text, where, venue)
  return pair !== undefined || vague.includes(column) ? pair : alone
}

const written = /^[A-Z0-9]+(?:[-_/:.][A-Z0-9]+)*$/

/** Columns whose symbols are not what a row is of, but what it is paid in. */
const payments = /quote|settle|margin|fee|collateral|commission|payment|currency_2|counter/

/**
 * Whether a cell of a column that has no telling name is a symbol: a pair or a known token in capitals.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSymbol = (column: string, text: string): boolean =>
  written.test(text) && /[A-Z]/.test(text) && !payments.test(column) && (Asset.isToken(text) || ofInstrument(text, "") !== undefined)

/** Words in capitals with, at most, the parts of a pair and what says which contract it is. */
const words = /(?<![A-Za-z0-9])[A-Z0-9]+(?:[-_](?:USDT|USDC|USD|BTC|ETH|SWAP|PERP|\d{6}))*(?![A-Za-z0-9])/g

const pair = /^[A-Z0-9]{1,16}?[-_]?(?:USDT|USDC|FDUSD|TUSD|BUSD|USD|DAI|EUR|BTC|ETH)(?:[-_](?:SWAP|PERP|USDT|USDC|\d{6}))?$/

/**
 * What the name of a file says, where it has a pair in capitals: `ETHUSDT-1h-2024-01.csv`, `BTCUSDT2024-06-01.csv.gz`,
 * `ETH_USDT-1h.parquet`, `BINANCE_ETHUSDT, 60.csv`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofFileName = (path: string): Claim | undefined => {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)
  const undated = name.replace(/(?:19|20)\d{2}-\d{2}(?:-\d{2})?/g, " ")
  for (const word of undated.match(words) ?? []) {
    if (!pair.test(word) || Asset.isToken(word)) continue
    const where = "the name of the file"
    // Of futures that freqtrade has, the coin that they settle in stands last.
    const claim = ofInstrument(word.replace(/^([A-Z0-9]+[-_]USD[TC])[-_]USD[TC]$/, "$1"), where)
    // A contract that is not traded is of no token that is.
    if (claim === undefined && !/[-_](?:PERP|SWAP|\d{6})$/.test(word)) continue
    return { text: word, where, base: claim?.base ?? word, quote: claim?.quote, market: claim?.market }
  }
  return undefined
}

const markets: Readonly<Record<string, Format.Market>> = {
  spot: "spot",
  futures: "perpetual",
  future: "perpetual",
  perpetual: "perpetual",
  perp: "perpetual",
  swap: "perpetual",
  linear: "perpetual",
  um: "perpetual"
}

/** What a column `data_type`, `market_type` or `market` says of the market. @category combinators @since 0.1.0 */
export const marketOf = (column: string, text: string): Format.Market | undefined =>
  column === "data_type" || column === "market_type" || column === "market" ? markets[text.toLowerCase()] : undefined

const exchanges = /^(binance|bybit|okx|okex|hyperliquid)(?:[ _-]?(?:spot|futures|perp|usdm))?$/i

/** The exchange that a column `exchange`, `venue` or `source` names, where it is one that is known. @category combinators @since 0.1.0 */
export const exchangeOf = (column: string, text: string): string | undefined => {
  if (column !== "exchange" && column !== "venue" && column !== "source") return undefined
  const name = exchanges.exec(text)?.[1]?.toLowerCase()
  return name === "okex" ? "okx" : name
}

const same = (a: string, b: string): boolean => (Asset.parse(a) ?? a).toLowerCase() === (Asset.parse(b) ?? b).toLowerCase()

/**
 * Whether a claim is of a token: its base is, or it names the same pair.
 *
 * @category guards
 * @since 0.1.0
 */
export const isOf = (claim: Claim, token: string): boolean => {
  if (same(claim.base, token) || same(claim.text, token)) return true
  const pair = ofInstrument(token, "")
  return pair !== undefined && same(pair.base, claim.base) && (claim.quote === undefined || pair.quote === claim.quote)
}

/** Currencies that count as dollars where a price is named by its token alone. */
const dollars: ReadonlySet<string> = new Set([...MarketSnapshot.dollars, "USD", "FDUSD", "BUSD", "TUSD"])

/** Whether prices of the claim are in dollars, as far as it says in what they are. @category guards @since 0.1.0 */
export const inDollars = ({ quote }: Claim): boolean => quote === undefined || dollars.has(quote)
