/**
 * The pools that are known, and where their price and their liquidity come from.
 *
 * @since 0.1.0
 */
import * as Asset from "../../domain/Asset.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Pool from "./Pool.js"
import type * as Price from "./Price.js"

/**
 * Where the price of a pool comes from: a series of the data, for one token0 in token1 or the other way round, or a
 * fixed beginning from which only own swaps move it.
 *
 * @category models
 * @since 0.1.0
 */
export type PriceFrom =
  | { readonly _tag: "Series"; readonly series: string; readonly inverted: boolean }
  | { readonly _tag: "Fixed"; readonly sqrtPriceX96: bigint }

/**
 * One pool, set up.
 *
 * @category models
 * @since 0.1.0
 */
export interface Market {
  /** `WETH-USDT-500`: the tokens in the order of the pool, and the fee. */
  readonly id: string
  readonly token0: Asset.Asset
  readonly token1: Asset.Asset
  readonly scales: Price.Scales
  readonly terms: Pool.Terms
  readonly price: PriceFrom
  /** Milliseconds that own swaps move the pool away from the price of its series; 0 for none. */
  readonly recovery: number
  /** How much liquidity there is, in words, and who says so. */
  readonly depth: { readonly value: string; readonly source: string }
}

/**
 * A pool on Ethereum that needs no settings.
 *
 * @category models
 * @since 0.1.0
 */
export interface Known {
  readonly token0: Asset.Asset
  readonly token1: Asset.Asset
  readonly feeTier: number
  /** Series of its price. */
  readonly series: string
  /** Liquidity in range, taken to be the same at every price. */
  readonly liquidity: bigint
  readonly source: string
}

/**
 * Pools on Ethereum, tokens in the order of their addresses. Liquidity changes with every position that is opened and
 * with every tick: these are single readings of `liquidity()`, and estimates of that order where there is none.
 *
 * @category constants
 * @since 0.1.0
 */
export const known: ReadonlyArray<Known> = [
  {
    token0: "WETH",
    token1: "USDT",
    feeTier: 500,
    series: "dex.uniswap.WETH/USDT",
    liquidity: 700_366_674_727_580_152n,
    source: "one reading of liquidity() at 2,533 USDT per WETH (block 26,148,216)"
  },
  {
    token0: "WETH",
    token1: "USDT",
    feeTier: 3000,
    series: "dex.uniswap.WETH/USDT",
    liquidity: 10n ** 18n,
    source: "estimate: the order of the readings of the WETH pools at 0.05 %"
  },
  {
    token0: "USDC",
    token1: "WETH",
    feeTier: 500,
    series: "dex.uniswap.WETH/USDC",
    liquidity: 3_243_712_254_364_037_809n,
    source: "one reading of liquidity() at 2,310 USDC per WETH (block 24,959,248)"
  },
  {
    token0: "WETH",
    token1: "weETH",
    feeTier: 500,
    series: "dex.weETH/ETH",
    liquidity: 10n ** 24n,
    source: "estimate: less than half of a reading of liquidity() in a busy range (2.3e24, 2026-07); it is thin outside"
  },
  {
    token0: "wstETH",
    token1: "WETH",
    feeTier: 100,
    series: "dex.wstETH/ETH",
    liquidity: 10n ** 24n,
    source: "estimate: as for weETH"
  },
  {
    token0: "WBTC",
    token1: "WETH",
    feeTier: 3000,
    series: "dex.uniswap.WBTC/WETH",
    liquidity: 3n * 10n ** 17n,
    source: "estimate: 130,000 WETH in virtual reserves at 19 WETH per WBTC"
  }
]

/** The spacing of ticks that the factory gives a fee; others have to say theirs. @category combinators @since 0.1.0 */
export const spacingOf = (feeTier: number): number | undefined => {
  switch (feeTier) {
    case 100:
      return 1
    case 500:
      return 10
    case 3000:
      return 60
    case 10_000:
      return 200
    default:
      return undefined
  }
}

/**
 * The name of a pool: `<token0>-<token1>-<fee tier>`, the tier in hundredths of a basis point.
 *
 * @category constructors
 * @since 0.1.0
 */
export const idOf = (token0: Asset.Asset, token1: Asset.Asset, feeTier: number): string => `${token0}-${token1}-${feeTier}`

/** The series that a pool has by itself: that of a liquid staking token against ether, or `dex.uniswap.<token0>/<token1>`. */
const ownSeries = (token0: Asset.Asset, token1: Asset.Asset): string => {
  for (const [share, other] of [[token0, token1], [token1, token0]] as const) {
    const token = Asset.token(share)
    if (token?.shareOf !== undefined && sameAs(token.shareOf, other)) return MarketSnapshot.rateSeries(token, "market")
  }
  return `dex.uniswap.${token0}/${token1}`
}

/** The series of a pool where none is named. @category combinators @since 0.1.0 */
export const seriesOf = (token0: Asset.Asset, token1: Asset.Asset): string =>
  known.find((pool) => pool.token0 === token0 && pool.token1 === token1)?.series ?? ownSeries(token0, token1)

/** Whether a symbol in the name of a series means this token: `ETH` means `WETH` too. */
const sameAs = (symbol: string, token: Asset.Asset): boolean => symbol === token || symbol === Asset.token(token)?.pricedAs

/** What a series is quoted in: the token after the slash of its name, and dollars where there is none. */
const isQuotedIn = (quote: string | undefined, token: Asset.Asset): boolean =>
  MarketSnapshot.dollars.has(token)
    ? quote === undefined || MarketSnapshot.dollars.has(quote)
    : quote !== undefined && sameAs(quote, token)

/**
 * Whether a series prices token1 in token0, and so has to be turned around, by its name: `dex.weETH/ETH`, `price.ETH`.
 * One dollar is as good as another. `undefined` where it prices neither of the two in the other.
 *
 * @category combinators
 * @since 0.1.0
 */
export const isInverted = (series: string, token0: Asset.Asset, token1: Asset.Asset): boolean | undefined => {
  const [base, quote] = series.slice(series.lastIndexOf(".") + 1).split("/")
  if (sameAs(base!, token0) && isQuotedIn(quote, token1)) return false
  return sameAs(base!, token1) && isQuotedIn(quote, token0) ? true : undefined
}

/** The pools of two tokens, whichever is sold. @category combinators @since 0.1.0 */
export const between = (markets: ReadonlyArray<Market>, a: Asset.Asset, b: Asset.Asset): ReadonlyArray<Market> =>
  markets.filter(({ token0, token1 }) => (token0 === a && token1 === b) || (token0 === b && token1 === a))
