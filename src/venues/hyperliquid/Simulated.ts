/**
 * Hyperliquid: perpetuals and spot in accounts of their own, in USDC, simulated.
 *
 * @since 0.1.0
 */
import type * as Assumption from "../../sim/Assumption.js"
import * as Exchange from "../../sim/Exchange.js"
import * as Assumptions from "../../sim/Exchange/Assumptions.js"
import * as ExchangeConfig from "../../sim/Exchange/Config.js"
import * as Profile from "../../sim/Exchange/Profile.js"
import type * as Simulation from "../../sim/Simulation.js"

/** Settings of the simulated venue, snake_case in JSON. @category schemas @since 0.1.0 */
export const Config = ExchangeConfig.Config

/** @category models @since 0.1.0 */
export type Config = ExchangeConfig.Config

/**
 * What Hyperliquid is without settings. USDC comes and goes by the Arbitrum bridge into the account for perpetuals;
 * ether and bitcoin by Unit into the spot account.
 *
 * @category constants
 * @since 0.1.0
 */
export const profile: Profile.Profile = {
  venue: "hyperliquid",
  accounts: ["perp", "spot"],
  spot: {
    account: "spot",
    quotes: ["USDC"],
    fees: {
      value: { taker: "0.0007", maker: "0.0004" },
      source: "hyperliquid.gitbook.io, Fees, spot, tier 0; taken in the asset received"
    },
    slippage: Profile.measuredSlippage.spot,
    significantFigures: 5,
    rules: {
      value: {
        ETHUSDC: ["0.0001", "0.0001", "0.0001", "10"],
        BTCUSDC: ["0.001", "0.00001", "0.00001", "10"],
        "*USDC": ["0.000001", "0.01", "0.01", "10"]
      },
      source: "hyperliquid.gitbook.io, Tick and lot size: 5 significant figures, 8 - szDecimals decimals, at least " +
        "10 USDC; szDecimals ETH 4, BTC 5, others 2: estimate"
    }
  },
  perp: {
    account: "perp",
    quotes: ["USDC"],
    fees: {
      value: { taker: "0.00045", maker: "0.00015" },
      source: "hyperliquid.gitbook.io, Fees, perpetuals, tier 0"
    },
    slippage: Profile.measuredSlippage.perp,
    significantFigures: 5,
    rules: {
      value: {
        ETHUSDC: ["0.01", "0.0001", "0.0001", "10"],
        BTCUSDC: ["0.1", "0.00001", "0.00001", "10"],
        "*USDC": ["0.00001", "0.1", "0.1", "10"]
      },
      source: "hyperliquid.gitbook.io, Tick and lot size: 5 significant figures, 6 - szDecimals decimals, at least " +
        "10 USDC; szDecimals ETH 4, BTC 5, others 1: estimate"
    },
    leverage: {
      value: { BTC: "20", ETH: "20", other: "5" },
      source: "estimate: chosen by asset up to its maximum (BTC 40x, ETH 25x, others as if 5x)"
    },
    tiers: {
      value: {
        BTC: [["0", "40", "0.0125"], ["150000000", "20", "0.025"]],
        ETH: [["0", "25", "0.02"], ["100000000", "15", "0.033333333334"]],
        SOL: [["0", "20", "0.025"], ["70000000", "10", "0.05"]],
        XRP: [["0", "20", "0.025"], ["40000000", "10", "0.05"]],
        other: [["0", "5", "0.1"]]
      },
      source: "hyperliquid.gitbook.io, Margin tiers: half of the initial margin at maximum leverage; others as if 5x"
    },
    liquidation: {
      value: { other: "0.00045" },
      source: "hyperliquid.gitbook.io, Liquidations: a market order without clearance fee, at the taker fee; 20 % first of " +
        "large positions, and the backstop, are left out"
    }
  },
  gateways: { USDC: ["perp"], other: ["spot"] },
  networks: {
    value: {
      USDC: { arbitrum: ["1", "2", "5", 240, 60] },
      ETH: { ethereum: ["0.001", "0.007", "0.007", 390, 180] },
      BTC: { bitcoin: ["0.00005", "0.0003", "0.0003", 2010, 1800] }
    },
    source: "hyperliquid.gitbook.io, Bridge2 (5 USDC, under a minute; 3-4 minutes, 1 USDC); docs.hyperunit.xyz, " +
      "Supported assets and API (minimums; 2000 + 14 and 3 confirmations); network fees of Unit: estimate"
  },
  remarks: [
    {
      subject: "ETH and BTC",
      value: "stand for UETH and UBTC, the tokens of Unit, at par",
      source: "docs.hyperunit.xyz"
    },
    {
      subject: "funding",
      value: "by the mark price, which stands for the oracle price",
      source: "model: hyperliquid.gitbook.io, Funding, takes the oracle price"
    }
  ]
}

/** Accounts of the venue; the first is the one meant when none is named. @category constants @since 0.1.0 */
export const accounts = profile.accounts

/**
 * The venue: a member of the registry, over the world of the simulation.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (config: Config = {}): Simulation.VenueLayer => Exchange.layer(profile, config)

/** What the simulation takes for granted of this venue. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> =>
  Assumptions.make(profile, config)
