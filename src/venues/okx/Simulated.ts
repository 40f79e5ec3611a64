/**
 * OKX: spot and linear swaps in one trading account, simulated.
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
 * What OKX is without settings. Amounts are in the base token: swaps trade in contracts of 0.1 ETH and 0.01 BTC, in
 * steps of a hundredth of one.
 *
 * @category constants
 * @since 0.1.0
 */
export const profile: Profile.Profile = {
  venue: "okx",
  accounts: ["unified", "funding"],
  spot: {
    account: "unified",
    quotes: ["USDT", "USDC", "BTC", "ETH"],
    fees: {
      value: { taker: "0.001", maker: "0.0008" },
      source: "okx.com/fees, spot, regular user; taken in the asset received"
    },
    slippage: Profile.measuredSlippage.spot,
    rules: {
      value: {
        ETHUSDT: ["0.01", "0.000001", "0.0001", "0"],
        ETHUSDC: ["0.01", "0.000001", "0.0001", "0"],
        BTCUSDT: ["0.1", "0.00000001", "0.00001", "0"],
        BTCUSDC: ["0.1", "0.00000001", "0.00001", "0"],
        ETHBTC: ["0.00001", "0.000001", "0.0001", "0"],
        "*USDT": ["0.0001", "0.001", "0.1", "0"],
        "*USDC": ["0.0001", "0.001", "0.1", "0"],
        "*BTC": ["0.0000001", "0.001", "0.1", "0"],
        "*ETH": ["0.000001", "0.001", "0.1", "0"]
      },
      source: "GET /api/v5/public/instruments, SPOT: tickSz, lotSz, minSz (no least notional); others: estimate"
    }
  },
  perp: {
    account: "unified",
    quotes: ["USDT", "USDC"],
    fees: { value: { taker: "0.0005", maker: "0.0002" }, source: "okx.com/fees, perpetual futures, regular user" },
    slippage: Profile.measuredSlippage.perp,
    rules: {
      value: {
        ETHUSDT: ["0.01", "0.001", "0.001", "0"],
        ETHUSDC: ["0.01", "0.001", "0.001", "0"],
        BTCUSDT: ["0.1", "0.0001", "0.0001", "0"],
        BTCUSDC: ["0.1", "0.0001", "0.0001", "0"],
        "*USDT": ["0.0001", "0.1", "0.1", "0"],
        "*USDC": ["0.0001", "0.1", "0.1", "0"]
      },
      source: "GET /api/v5/public/instruments, SWAP: tickSz, and lotSz and minSz times ctVal; others: estimate"
    },
    leverage: { value: { other: "10" }, source: "estimate: GET /api/v5/account/leverage-info has that of the account" },
    maintenance: {
      value: { BTC: "0.004", ETH: "0.004", other: "0.02" },
      source: "okx.com/trade-market/position/swap, lowest tier of BTC and ETH; others: 2 % as of the tiers of " +
        "2025-03-04"
    }
  },
  gateways: { other: ["unified", "funding"] },
  networks: {
    value: {
      ETH: {
        ethereum: {
          withdrawalFee: "0.001",
          withdrawalMinimum: "0.005",
          depositMinimum: "0",
          withdrawalDelay: 300,
          depositDelay: 768
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
          withdrawalMinimum: "5",
          depositMinimum: "0",
          withdrawalDelay: 300,
          depositDelay: 768
        },
        arbitrum: {
          withdrawalFee: "0.1",
          withdrawalMinimum: "1",
          depositMinimum: "0",
          withdrawalDelay: 180,
          depositDelay: 60
        }
      },
      USDC: {
        ethereum: {
          withdrawalFee: "4",
          withdrawalMinimum: "5",
          depositMinimum: "0",
          withdrawalDelay: 300,
          depositDelay: 768
        },
        arbitrum: {
          withdrawalFee: "0.1",
          withdrawalMinimum: "1",
          depositMinimum: "0",
          withdrawalDelay: 180,
          depositDelay: 60
        }
      },
      BTC: {
        bitcoin: {
          withdrawalFee: "0.0001",
          withdrawalMinimum: "0.001",
          depositMinimum: "0",
          withdrawalDelay: 900,
          depositDelay: 600
        }
      }
    },
    source: "estimate: GET /api/v5/asset/currencies has the fees of the day, which follow gas; these are the " +
      "level of 2024-2025. Credit after Ethereum 64 x 12 s, Bitcoin 1 x 600 s"
  },
  remarks: [
    {
      subject: "account of deposits and withdrawals",
      value: "the trading account, as if swept from and to the funding account at once and free, unless an instruction " +
        "names the funding account",
      source: "model: POST /api/v5/asset/transfer is free and at once"
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
