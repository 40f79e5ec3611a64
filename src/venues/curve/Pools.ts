/**
 * The pools that the simulated Curve has without settings.
 *
 * @since 0.1.0
 */
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Invariant from "./Invariant.js"

/**
 * Series of the data that price one coin of a pool in the other: `series`, divided by `over` where there is one.
 *
 * @category models
 * @since 0.1.0
 */
export interface MarketRate {
  readonly token: Asset.Asset
  readonly series: string
  readonly over?: string | undefined
}

/**
 * What is known of a pool before the settings.
 *
 * @category models
 * @since 0.1.0
 */
export interface Known {
  readonly name: string
  /** On Ethereum. */
  readonly address: string
  readonly version: Invariant.Version
  /** By the index that the contract has them at; `ETH` is native ether. */
  readonly coins: ReadonlyArray<Asset.Asset>
  /** As the contract shows it. */
  readonly a: bigint
  readonly fee: Decimal.Decimal
  readonly adminFee: Decimal.Decimal
  readonly offpegFeeMultiplier: Decimal.Decimal
  /** Whole coins, by index. */
  readonly balances: ReadonlyArray<Decimal.Decimal>
  /** Series of the rate that the contract multiplies a coin by. */
  readonly rates: { readonly [token: Asset.Asset]: string }
  readonly marketRate?: MarketRate | undefined
  /** Where A and the fees come from. */
  readonly parametersFrom: string
  /** Where the balances come from. */
  readonly balancesFrom: string
}

const decimal = Decimal.unsafe

/**
 * `3pool`, `steth` and `weeth`, as they stand on Ethereum. Balances change by the hour on chain: one set of them stands for
 * all times.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaults: ReadonlyArray<Known> = [
  {
    name: "3pool",
    address: "0xbEbc44782C7dB0a1A60Cb6fe97d0b483032FF1C7",
    version: "3pool",
    coins: ["DAI", "USDC", "USDT"],
    a: 2000n,
    fee: decimal("0.0001"),
    adminFee: decimal("0.5"),
    offpegFeeMultiplier: decimal("1"),
    balances: [decimal("68803387"), decimal("75869078"), decimal("69818128")],
    rates: {},
    parametersFrom: "contract as of 2023-09-24, an estimate for other times",
    balancesFrom: "contract as of 2023-09-24, an estimate for other times"
  },
  {
    name: "steth",
    address: "0xDC24316b9AE028F1497c275EB9192a3Ea0f67022",
    version: "steth",
    coins: ["ETH", "stETH"],
    a: 200n,
    fee: decimal("0.0001"),
    adminFee: decimal("0.5"),
    offpegFeeMultiplier: decimal("1"),
    balances: [decimal("25000"), decimal("25000")],
    rates: {},
    marketRate: { token: "stETH", series: "dex.wstETH/ETH", over: "oracle.wstETH/ETH" },
    parametersFrom: "A as ramped up from 30 by vote of Curve in 2024, fees of the contract as of 2023-09-24; an estimate for other times",
    balancesFrom: "estimate"
  },
  {
    name: "weeth",
    address: "0xDB74dfDD3BB46bE8Ce6C33dC9D82777BCFc3dEd5",
    version: "ng",
    coins: ["WETH", "weETH"],
    a: 500n,
    fee: decimal("0.0001"),
    adminFee: decimal("0.5"),
    offpegFeeMultiplier: decimal("5"),
    balances: [decimal("5000"), decimal("4800")],
    rates: { weETH: "oracle.weETH/ETH" },
    marketRate: { token: "weETH", series: "dex.weETH/ETH" },
    parametersFrom: "estimate",
    balancesFrom: "estimate"
  }
]
