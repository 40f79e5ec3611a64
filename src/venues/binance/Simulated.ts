/**
 * Binance: spot and USDⓈ-M perpetuals, in accounts of their own, simulated.
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
 * What Binance is without settings. Deposits and withdrawals go by the spot or the funding account; margin of
 * perpetuals needs a transfer of its own.
 *
 * @category constants
 * @since 0.1.0
 */
export const profile: Profile.Profile = {
  venue: "binance",
  accounts: ["spot", "perp", "funding"],
  spot: {
    account: "spot",
    quotes: ["USDT", "USDC", "BTC", "ETH"],
    fees: {
      value: { taker: "0.001", maker: "0.001" },
      source: "binance.com/en/fee/trading, spot, regular user, no BNB discount; taken in the asset received"
    },
    slippage: Profile.measuredSlippage.spot,
    rules: {
      value: {
        ETHUSDT: ["0.01", "0.0001", "0.0001", "5"],
        ETHUSDC: ["0.01", "0.0001", "0.0001", "5"],
        BTCUSDT: ["0.01", "0.00001", "0.00001", "5"],
        BTCUSDC: ["0.01", "0.00001", "0.00001", "5"],
        BNBUSDT: ["0.01", "0.001", "0.001", "5"],
        USDCUSDT: ["0.0001", "1", "1", "5"],
        ETHBTC: ["0.00001", "0.0001", "0.0001", "0.0001"],
        "*USDT": ["0.0001", "0.01", "0.01", "5"],
        "*USDC": ["0.0001", "0.01", "0.01", "5"],
        "*BTC": ["0.0000001", "0.001", "0.001", "0.0001"],
        "*ETH": ["0.000001", "0.001", "0.001", "0.001"]
      },
      source: "GET /api/v3/exchangeInfo, filters PRICE_FILTER, LOT_SIZE and NOTIONAL, 2024-2025; others: estimate"
    }
  },
  perp: {
    account: "perp",
    quotes: ["USDT", "USDC"],
    fees: {
      value: { taker: "0.0005", maker: "0.0002" },
      source: "binance.com/en/fee/futureFee, USDⓈ-M, regular user, no BNB discount"
    },
    slippage: Profile.measuredSlippage.perp,
    rules: {
      value: {
        ETHUSDT: ["0.01", "0.001", "0.001", "20"],
        ETHUSDC: ["0.01", "0.001", "0.001", "20"],
        BTCUSDT: ["0.1", "0.001", "0.001", "100"],
        BTCUSDC: ["0.1", "0.001", "0.001", "100"],
        "*USDT": ["0.0001", "0.1", "0.1", "5"],
        "*USDC": ["0.0001", "0.1", "0.1", "5"]
      },
      source: "GET /fapi/v1/exchangeInfo, filters PRICE_FILTER, LOT_SIZE and MIN_NOTIONAL, 2024-2025; others: " +
        "estimate"
    },
    leverage: {
      value: { other: "20" },
      source: "binance.com/en/support/faq 360033162192: a leverage that was not chosen is 20x"
    },
    maintenance: {
      value: { BTC: "0.004", ETH: "0.004", other: "0.01" },
      source: "GET /fapi/v1/leverageBracket, lowest bracket of BTCUSDT and ETHUSDT; others: estimate"
    }
  },
  gateways: { other: ["spot", "funding"] },
  networks: {
    value: {
      ETH: {
        ethereum: {
          withdrawalFee: "0.0012",
          withdrawalMinimum: "0.01",
          depositMinimum: "0",
          withdrawalDelay: 300,
          depositDelay: 72
        },
        arbitrum: {
          withdrawalFee: "0.0001",
          withdrawalMinimum: "0.001",
          depositMinimum: "0",
          withdrawalDelay: 180,
          depositDelay: 60
        }
      },
      USDT: {
        ethereum: {
          withdrawalFee: "4",
          withdrawalMinimum: "10",
          depositMinimum: "0.01",
          withdrawalDelay: 300,
          depositDelay: 72
        },
        arbitrum: {
          withdrawalFee: "0.1",
          withdrawalMinimum: "10",
          depositMinimum: "0.01",
          withdrawalDelay: 180,
          depositDelay: 60
        }
      },
      USDC: {
        ethereum: {
          withdrawalFee: "4",
          withdrawalMinimum: "10",
          depositMinimum: "0.01",
          withdrawalDelay: 300,
          depositDelay: 72
        },
        arbitrum: {
          withdrawalFee: "0.1",
          withdrawalMinimum: "10",
          depositMinimum: "0.01",
          withdrawalDelay: 180,
          depositDelay: 60
        }
      },
      BTC: {
        bitcoin: {
          withdrawalFee: "0.0001",
          withdrawalMinimum: "0.001",
          depositMinimum: "0.00001",
          withdrawalDelay: 900,
          depositDelay: 600
        }
      },
      EIGEN: {
        ethereum: {
          withdrawalFee: "1.5",
          withdrawalMinimum: "3",
          depositMinimum: "0",
          withdrawalDelay: 300,
          depositDelay: 72
        }
      },
      ETHFI: {
        ethereum: {
          withdrawalFee: "2.5",
          withdrawalMinimum: "5",
          depositMinimum: "0",
          withdrawalDelay: 300,
          depositDelay: 72
        }
      }
    },
    source: "estimate: GET /sapi/v1/capital/config/getall has the fees of the day, which follow gas; these are " +
      "the level of 2024-2025. Credit after minConfirm blocks: Ethereum 6 x 12 s, Bitcoin 1 x 600 s"
  },
  remarks: []
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
