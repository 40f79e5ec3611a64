/**
 * The reserves of Aave v3 on Ethereum (Core): what each lends on, and where its contracts are.
 *
 * @since 0.1.0
 */
import type * as Asset from "../../domain/Asset.js"
import type * as RateModel from "./RateModel.js"

/**
 * Parameters of one reserve, in basis points; amounts in the smallest unit of its token.
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
  /** What a liquidator seizes for what is repaid: 10500 is 5 % more. */
  readonly liquidationBonus: bigint
  /** Share of the bonus that goes to the treasury. */
  readonly liquidationFee: bigint
  readonly borrowable: boolean
  /** Nothing new may be supplied or borrowed. */
  readonly frozen: boolean
  /** Nothing may be done at all. */
  readonly paused: boolean
  readonly flashable: boolean
  /** Most that all may supply; `undefined` for no limit. */
  readonly supplyCap: bigint | undefined
  /** Most that all may owe; `undefined` for no limit. */
  readonly borrowCap: bigint | undefined
  /** Share of the interest that goes to the treasury. */
  readonly factor: bigint
  /** How the indices come about: those of the data, or rates over what is lent. */
  readonly interest: "data" | RateModel.Curve
  /** What others supply and owe at the beginning; `undefined` for enough of everything. */
  readonly others: { readonly supply: bigint; readonly debt: bigint } | undefined
  /** Where the parameters come from, or `config`. */
  readonly source: string
}

/** A reserve that is no collateral and not borrowable, without limits. @category constructors @since 0.1.0 */
export const unlisted = (token: Asset.Asset): Reserve => ({
  token,
  ltv: 0n,
  liquidationThreshold: 0n,
  liquidationBonus: 10_000n,
  liquidationFee: 0n,
  borrowable: false,
  frozen: false,
  paused: false,
  flashable: true,
  supplyCap: undefined,
  borrowCap: undefined,
  factor: 1000n,
  interest: "data",
  others: undefined,
  source: "config"
})

const listed = (
  token: Asset.Asset,
  ltv: bigint,
  liquidationThreshold: bigint,
  liquidationBonus: bigint,
  source: string
): Reserve => ({
  ...unlisted(token),
  ltv,
  liquidationThreshold,
  liquidationBonus,
  liquidationFee: 1000n,
  borrowable: true,
  source
})

const generalised = "governance: generalized LT/LTV reductions on Aave v3, step 2 (2024-05)"
const core = "Aave v3 Ethereum Core (2024-12)"
const dai = "governance: risk parameters for DAI update (2024-04)"
const weeth = "governance: weETH risk parameter adjustment (2024-12); 72.5 % and 75 % before it"

/**
 * The reserves that are known. One can be used where the data has its index series, or with a rate model.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaults: ReadonlyArray<Reserve> = [
  listed("WETH", 8050n, 8300n, 10500n, core),
  listed("wstETH", 7850n, 8100n, 10600n, core),
  listed("WBTC", 7300n, 7800n, 10500n, core),
  listed("USDC", 7500n, 7800n, 10450n, generalised),
  listed("DAI", 6300n, 7700n, 10500n, dai),
  listed("USDT", 7500n, 7800n, 10450n, generalised),
  listed("weETH", 7750n, 8000n, 10700n, weeth)
]

/** Series of a reserve's supply index, 1.0 being one ray. @category combinators @since 0.1.0 */
export const supplyIndex = (token: Asset.Asset): string => `aave.supply_index.${token}`

/** Series of a reserve's borrow index, 1.0 being one ray. @category combinators @since 0.1.0 */
export const borrowIndex = (token: Asset.Asset): string => `aave.borrow_index.${token}`

/** The address of a contract: `0x` and 40 hexadecimal digits. @category models @since 0.1.0 */
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
