/**
 * Markets of Morpho Blue on Ethereum as its contract knows them: five parameters, whose hash is the market's id.
 *
 * @since 0.1.0
 */
import { encodeAbiParameters, keccak256, parseAbiParameters } from "viem"

/** The address of a contract: `0x` and 40 hexadecimal digits. @category models @since 0.1.0 */
export type Address = `0x${string}`

/**
 * What `createMarket` was given.
 *
 * @category models
 * @since 0.1.0
 */
export interface MarketParams {
  readonly loanToken: Address
  readonly collateralToken: Address
  readonly oracle: Address
  readonly irm: Address
  /** In wads. */
  readonly lltv: bigint
}

const shape = parseAbiParameters("address loanToken, address collateralToken, address oracle, address irm, uint256 lltv")

/** The id of a market, as Morpho computes it: `keccak256(abi.encode(params))`. @category constructors @since 0.1.0 */
export const id = ({ collateralToken, irm, lltv, loanToken, oracle }: MarketParams): `0x${string}` =>
  keccak256(encodeAbiParameters(shape, [loanToken, collateralToken, oracle, irm, lltv]))

/** Morpho Blue and its interest rate model on Ethereum. @category constants @since 0.1.0 */
export const contracts = {
  morpho: "0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb",
  adaptiveCurveIrm: "0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC"
} as const satisfies { readonly [name: string]: Address }

const weth = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
const usdc = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
const usdt = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
const wbtc = "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"
const weeth = "0xCd5fE23C85820F7B72D0926FC9b05b43E359b7ee"
const wsteth = "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"

const adaptive = (loanToken: Address, collateralToken: Address, oracle: Address, permille: bigint): MarketParams => ({
  loanToken,
  collateralToken,
  oracle,
  irm: contracts.adaptiveCurveIrm,
  lltv: permille * 10n ** 15n
})

/** The markets that have a name here. @category constants @since 0.1.0 */
export const ethereum: { readonly [market: string]: MarketParams } = {
  "weETH-WETH-86": adaptive(weth, weeth, "0x3fa58b74e9a8eA8768eb33c8453e9C2Ed089A40a", 860n),
  "weETH-WETH-94.5": adaptive(weth, weeth, "0xbDd2F2D473E8D63d1BFb0185B5bDB8046ca48a72", 945n),
  "wstETH-WETH-94.5": adaptive(weth, wsteth, "0x2a01EB9496094dA03c4E364Def50f5aD1280AD72", 945n),
  "wstETH-WETH-96.5": adaptive(weth, wsteth, "0xbD60A6770b27E084E8617335ddE769241B0e71D8", 965n),
  "wstETH-USDC-86": adaptive(usdc, wsteth, "0x48F7E36EB6B826B2dF4B2E630B62Cd25e89E40e2", 860n),
  "wstETH-USDT-86": adaptive(usdt, wsteth, "0x95DB30fAb9A3754e42423000DF27732CB2396992", 860n),
  "WBTC-USDC-86": adaptive(usdc, wbtc, "0xDddd770BADd886dF3864029e4B377B5F6a2B6b83", 860n),
  "WBTC-USDT-86": adaptive(usdt, wbtc, "0x008bF4B1cDA0cc9f0e882E0697f036667652E1ef", 860n)
}
