/**
 * Hyperliquid: perpetuals and spot in accounts of their own, in USDC, simulated.
 *
 * @since 0.1.0
 */
import type * as Layer from "effect/Layer"
import type * as DataProvider from "../../data/DataProvider.js"
import type * as Assumption from "../../sim/Assumption.js"
import * as Exchange from "../../sim/Exchange.js"
import * as Assumptions from "../../sim/Exchange/Assumptions.js"
import * as ExchangeConfig from "../../sim/Exchange/Config.js"
import * as Profile from "../../sim/Exchange/Profile.js"
import type * as Simulation from "../../sim/Simulation.js"
import type * as VenueRegistry from "../../venue/VenueRegistry.js"

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
    maintenance: {
      value: { BTC: "0.0125", ETH: "0.02", other: "0.1" },
      source: "hyperliquid.gitbook.io, Margining: half of the initial margin at maximum leverage (BTC 40x, ETH 25x, " +
        "others as if 5x)"
    }
  },
  gateways: { USDC: ["perp"], other: ["spot"] },
  networks: {
    value: {
      USDC: {
        arbitrum: {
          withdrawalFee: "1",
          withdrawalMinimum: "2",
          depositMinimum: "5",
          withdrawalDelay: 240,
          depositDelay: 60
        }
      },
      ETH: {
        ethereum: {
          withdrawalFee: "0.001",
          withdrawalMinimum: "0.007",
          depositMinimum: "0.007",
          withdrawalDelay: 390,
          depositDelay: 180
        }
      },
      BTC: {
        bitcoin: {
          withdrawalFee: "0.00005",
          withdrawalMinimum: "0.0003",
          depositMinimum: "0.0003",
          withdrawalDelay: 2010,
          depositDelay: 1800
        }
      }
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
export const layer = (
  config: Config = {}
): Layer.Layer<
  never,
  VenueRegistry.DuplicateVenue,
  VenueRegistry.VenueRegistry | Simulation.Simulation | DataProvider.DataProvider
> => Exchange.layer(profile, config)

/** What the simulation takes for granted of this venue. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> =>
  Assumptions.make(profile, config)
