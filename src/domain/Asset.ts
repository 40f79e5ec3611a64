/**
 * What a ledger line counts: tokens, claims on a protocol, debts and queue tickets.
 *
 * @since 0.1.0
 */

/**
 * Symbol of an asset in its canonical spelling: `USDT`, `weETH`, `aUSDT`, `debtWETH`.
 *
 * @category models
 * @since 0.1.0
 */
export type Asset = string

/**
 * What holding it means. An `asset` can be spent; a `claim` is redeemed from its issuer; a `debt` is owed, so that a
 * positive balance lowers the holder's value; a `ticket` waits in a queue.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = "asset" | "claim" | "debt" | "ticket"

/**
 * A token that is known by name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Token {
  readonly symbol: Asset
  /** Decimals of the token's contract on Ethereum. */
  readonly decimals: number
  /** The asset whose price it shares, where that is another one. */
  readonly pricedAs?: Asset
  /** The asset it is a share of, with the data series of the protocol rate named `oracle.<symbol>/<of>`. */
  readonly shareOf?: Asset
}

/**
 * The tokens that are known by name, with their decimals on chain and what prices them.
 *
 * @category constants
 * @since 0.1.0
 */
export const tokens: ReadonlyArray<Token> = [
  { symbol: "ETH", decimals: 18 },
  { symbol: "WETH", decimals: 18, pricedAs: "ETH" },
  { symbol: "stETH", decimals: 18, pricedAs: "ETH" },
  { symbol: "eETH", decimals: 18, pricedAs: "ETH" },
  { symbol: "wstETH", decimals: 18, shareOf: "ETH" },
  { symbol: "weETH", decimals: 18, shareOf: "ETH" },
  { symbol: "BTC", decimals: 8 },
  { symbol: "WBTC", decimals: 8, pricedAs: "BTC" },
  { symbol: "USDT", decimals: 6 },
  { symbol: "USDC", decimals: 6 },
  { symbol: "DAI", decimals: 18 },
  { symbol: "BNB", decimals: 18 },
  { symbol: "EIGEN", decimals: 18 },
  { symbol: "ETHFI", decimals: 18 }
]

const bySymbol = new Map<string, Token>(tokens.map((token) => [token.symbol, token]))
const byLower = new Map<string, Token>(tokens.map((token) => [token.symbol.toLowerCase(), token]))

/** What venues call their multiplied contracts, where that is no number before the name. */
const multiples: ReadonlyArray<readonly [spelling: string, asset: Asset]> = [
  ["kPEPE", "1000PEPE"],
  ["kSHIB", "1000SHIB"],
  ["kBONK", "1000BONK"],
  ["kFLOKI", "1000FLOKI"],
  ["kLUNC", "1000LUNC"],
  ["kDOGS", "1000DOGS"],
  ["kNEIRO", "1000NEIRO"],
  ["SHIB1000", "1000SHIB"],
  ["1MBABYDOGE", "1000000BABYDOGE"]
]

const aliases = new Map<string, Asset>([
  ["xbt", "BTC"],
  ["ether", "ETH"],
  ["tether", "USDT"],
  ...multiples.map(([spelling, asset]) => [spelling.toLowerCase(), asset] as const)
])

// A letter has to be in it: a name of digits alone would be a number to whatever reads it back.
const shape = /^[0-9]*[A-Za-z][A-Za-z0-9]*$/

/** Most letters and digits of a symbol. */
const longest = 20

/**
 * The canonical spelling: known tokens in any letter case, `XBT`, `variableDebtWETH` for `debtWETH`, `aETH` and
 * `aweETH` for their canonical claims, `kPEPE` for `1000PEPE`. Other symbols of at most 20 letters and digits, one
 * letter at least, stand for themselves, `1INCH` too; `undefined` for anything that is no symbol.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Asset | undefined => {
  if (bySymbol.has(text)) return text
  // A symbol becomes a key of plain objects, and must not be one that every object has: `constructor`.
  if (text.length > longest || !shape.test(text) || text in Object.prototype) return undefined
  const lower = text.toLowerCase()
  const known = byLower.get(lower)
  if (known !== undefined) return known.symbol
  const alias = aliases.get(lower)
  if (alias !== undefined) return alias
  const debt = /^(?:variableDebt|debt)([A-Za-z0-9]+)$/i.exec(text)
  if (debt !== null) return `debt${reserve(debt[1]!)}`
  if (text.startsWith("a") && byLower.has(lower.slice(1))) return `a${reserve(text.slice(1))}`
  return text
}

/** Lending protocols hold wrapped ether, never native ether. */
const reserve = (text: string): Asset => {
  const symbol = parse(text) ?? text
  return symbol === "ETH" ? "WETH" : symbol
}

/** Whether the asset is one of the tokens that are known, by its exact name. @category guards @since 0.1.0 */
export const isToken = (asset: Asset): boolean => bySymbol.has(asset)

/**
 * The token of that name, or `undefined` for a claim, a debt, a ticket or an asset that is not known.
 *
 * @category combinators
 * @since 0.1.0
 */
export const token = (asset: Asset): Token | undefined => bySymbol.get(asset)

/** Symbol of the claim on `asset` supplied to a lending pool. @category constructors @since 0.1.0 */
export const claimOn = (asset: Asset): Asset => `a${asset}`

/** Symbol of `asset` owed to a lending pool. @category constructors @since 0.1.0 */
export const debtOf = (asset: Asset): Asset => `debt${asset}`

/**
 * The kind of an asset, told by its name: `debt…` is a debt, `ticket…` a ticket, `a` before a known token a claim, and
 * everything else an asset.
 *
 * @category combinators
 * @since 0.1.0
 */
export const kind = (asset: Asset): Kind =>
  bySymbol.has(asset)
    ? "asset"
    : asset.startsWith("debt") && asset.length > 4
      ? "debt"
      : asset.startsWith("ticket") && asset.length > 6
        ? "ticket"
        : asset.startsWith("a") && bySymbol.has(asset.slice(1))
          ? "claim"
          : "asset"

/** The token under a claim, a debt or a ticket, and the token itself otherwise. @category combinators @since 0.1.0 */
export const underlying = (asset: Asset): Asset => {
  switch (kind(asset)) {
    case "claim":
      return asset.slice(1)
    case "debt":
      return asset.slice(4)
    case "ticket":
      return asset.slice(6)
    default:
      return asset
  }
}

/**
 * Units of a coin that are traded as one: `1000PEPE` is 1000 PEPE.
 *
 * @category models
 * @since 0.1.0
 */
export interface Multiple {
  readonly of: Asset
  readonly times: bigint
}

/**
 * What an asset is a multiple of, told by its name: a thousand, ten thousand, … ten million before a coin. `undefined`
 * for any other, and so for `1INCH`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const multiple = (asset: Asset): Multiple | undefined => {
  const [, times, of] = /^(10{3,7})([A-Za-z][A-Za-z0-9]*)$/.exec(asset) ?? []
  return times === undefined || of === undefined ? undefined : { of, times: BigInt(times) }
}

/** Other names that venues have for a multiple: `kPEPE` of `1000PEPE`. @category combinators @since 0.1.0 */
export const otherNames = (asset: Asset): ReadonlyArray<string> =>
  multiples.flatMap(([spelling, canonical]) => (canonical === asset ? [spelling] : []))

/** Decimals of the token's contract, 18 for a token that is not known by name. @category combinators @since 0.1.0 */
export const decimals = (asset: Asset): number => bySymbol.get(underlying(asset))?.decimals ?? 18
