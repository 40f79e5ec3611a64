/**
 * The reserves of Aave v3 on Ethereum (Core): what each lends on, and where its contracts are.
 *
 * @since 0.1.0
 */
import type * as Asset from "../../domain/Asset.js"

/**
 * Parameters of one reserve, in basis points.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reserve {
  readonly token: Asset.Asset
  /** Most that may be borrowed on it, of its value; 0 where it is no collateral. */
  readonly ltv: bigint
  /** Share of its value that debt may reach before the position is liquidated. */
  readonly liquidationThreshold: bigint
  readonly borrowable: boolean
  /** Where the parameters come from, or `config`. */
  readonly source: string
}

const generalised = "governance: generalized LT/LTV reductions on Aave v3, step 2 (2024-05)"
const core = "Aave v3 Ethereum Core (2024-12)"

/**
 * The reserves that are known. One can be used where the data has its index series.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaults: ReadonlyArray<Reserve> = [
  { token: "WETH", ltv: 8050n, liquidationThreshold: 8300n, borrowable: true, source: core },
  { token: "wstETH", ltv: 7850n, liquidationThreshold: 8100n, borrowable: true, source: core },
  { token: "WBTC", ltv: 7300n, liquidationThreshold: 7800n, borrowable: true, source: core },
  { token: "USDC", ltv: 7500n, liquidationThreshold: 7800n, borrowable: true, source: generalised },
  {
    token: "DAI",
    ltv: 6300n,
    liquidationThreshold: 7700n,
    borrowable: true,
    source: "governance: risk parameters for DAI update (2024-04)"
  },
  { token: "USDT", ltv: 7500n, liquidationThreshold: 7800n, borrowable: true, source: generalised },
  {
    token: "weETH",
    ltv: 7750n,
    liquidationThreshold: 8000n,
    borrowable: true,
    source: "governance: weETH risk parameter adjustment (2024-12); 72.5 % and 75 % before it"
  }
]

/** Series of a reserve's supply index, 1.0 being one ray. @category combinators @since 0.1.0 */
export const supplyIndex = (token: Asset.Asset): string => `aave.supply_index.${token}`

/** Series of a reserve's borrow index, 1.0 being one ray. @category combinators @since 0.1.0 */
export const borrowIndex = (token: Asset.Asset): string => `aave.borrow_index.${token}`

/** @category models @since 0.1.0 */
export type Address = `0x${string}`

/**
 * Contracts of one reserve. Its aToken and its debt are read from the pool, which may replace them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contracts {
  readonly underlying: Address
}

/**
 * Contracts of the reserves on Ethereum, by token (aave-address-book 4.44.22).
 *
 * @category constants
 * @since 0.1.0
 */
export const ethereum: { readonly [token: Asset.Asset]: Contracts } = {
  WETH: { underlying: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2" },
  wstETH: { underlying: "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0" },
  WBTC: { underlying: "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599" },
  USDC: { underlying: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48" },
  DAI: { underlying: "0x6B175474E89094C44Da98b954EedeAC495271d0F" },
  USDT: { underlying: "0xdAC17F958D2ee523a2206206994597C13D831ec7" },
  weETH: { underlying: "0xCd5fE23C85820F7B72D0926FC9b05b43E359b7ee" }
}
