/**
 * The markets of the simulation: their tokens, oracle, terms, and what others supply and owe when they open.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as AdaptiveCurve from "./AdaptiveCurve.js"
import type * as Market from "./Market.js"
import type * as Oracle from "./Oracle.js"
import * as SharesMath from "./SharesMath.js"

/**
 * A market by its name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listed extends Oracle.Pair {
  /** `weETH-WETH-94.5`: collateral, loan and lltv in percent. */
  readonly name: string
  /** Hash of its parameters, in lower case; absent for a market that is on no chain. */
  readonly id: string | undefined
  readonly terms: Market.Terms
  /** What others supply and owe before the first action, in the smallest unit of the loan token. */
  readonly opening: { readonly supply: bigint; readonly borrow: bigint; readonly rateAtTarget: bigint }
  /** Where the parameters come from, or `config`. */
  readonly source: string
  /** Where what others supply and owe comes from, or `config`. */
  readonly openingSource: string
}

/**
 * The borrow rate where the config says nothing: 4 % a year, with which the contract's own model starts at 90 %
 * utilisation.
 *
 * @category constants
 * @since 0.1.0
 */
export const fixed: Market.Irm = { borrowRate: AdaptiveCurve.initialRateAtTarget }

/** Stands in where nobody says what others supply and owe. @category constants @since 0.1.0 */
export const standIn = "stand-in: 90 % lent, the utilisation that the rate is steered to"

/** What others supply and owe where the config says nothing: by the loan token, in units of it. */
const sizes: { readonly [token: Asset.Asset]: Amount.Amount } = {
  WETH: Amount.unsafe("20000"),
  USDC: Amount.unsafe("50000000"),
  USDT: Amount.unsafe("50000000")
}

const onEthereum = (name: string, id: string): Listed => {
  const [collateral = "", loan = "", percent = ""] = name.split("-")
  const supply = Amount.toUnits(sizes[loan] ?? 0n, Asset.decimals(loan), "down")
  return {
    name,
    id,
    loan,
    collateral,
    oracle: "protocol",
    terms: { irm: fixed, lltv: Amount.unsafe(percent) / 100n, fee: 0n },
    opening: { supply, borrow: (supply * 9n) / 10n, rateAtTarget: AdaptiveCurve.initialRateAtTarget },
    source: "Morpho Blue on Ethereum",
    openingSource: standIn
  }
}

/**
 * Markets of Morpho Blue on Ethereum, with their ids.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaults: ReadonlyArray<Listed> = [
  onEthereum("weETH-WETH-86", "0x698fe98247a40c5771537b5786b2f3f9d78eb487b4ce4d75533cd0e94d88a115"),
  onEthereum("weETH-WETH-94.5", "0x37e7484d642d90f14451f1910ba4b7b8e4c3ccdd0ec28f8b2bdb35479e472ba7"),
  onEthereum("wstETH-WETH-94.5", "0xc54d7acf14de29e0e5527cabd7a576506870346a78a11a6762e2cca66322ec41"),
  onEthereum("wstETH-WETH-96.5", "0xb8fc70e82bc5bb53e773626fcc6a23f7eefa036918d7ef216ecfb1950a94a85e"),
  onEthereum("wstETH-USDC-86", "0xb323495f7e4148be5643a4ea4a8221eef163e4bccfdedc2a6f4696baacbc86cc"),
  onEthereum("wstETH-USDT-86", "0xe7e9694b754c4d4f7e21faf7223f6fa71abaeb10296a4c43a54a7977149687d2"),
  onEthereum("WBTC-USDC-86", "0x3a85e619751152991742810df6ec69ce473daef99e28a64ab2340d7b7ccfee49"),
  onEthereum("WBTC-USDT-86", "0xa921ef34e2fc7a27ccc50ae7e4b154e16c9799d3387076c421423ef52ac4df99")
]

/**
 * A market as it is when the first action comes: what others supply and owe, in shares of the first price.
 *
 * @category constructors
 * @since 0.1.0
 */
export const open = ({ opening }: Listed, now: bigint): Market.Market => ({
  supply: { assets: opening.supply, shares: opening.supply * SharesMath.virtualShares },
  borrow: { assets: opening.borrow, shares: opening.borrow * SharesMath.virtualShares },
  lastUpdate: now,
  rateAtTarget: opening.rateAtTarget
})
