/**
 * OKX: spot and linear swaps in one trading account, simulated.
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
    listed: {
      value: {
        USDT: ["*", "USDC", "DAI", "TUSD", "WBTC", "stETH"],
        USDC: [
          "BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "BCH", "DOT", "TRX", "SUI", "PEPE", "SHIB", "ARB", "OP",
          "NEAR", "TON", "APT", "AAVE", "UNI", "FIL", "OKB", "XLM", "HBAR", "ETC", "ATOM", "ICP"
        ],
        BTC: ["ETH", "SOL", "XRP", "DOGE", "ADA", "LINK", "LTC", "BCH", "DOT", "TRX", "XLM", "ETC", "ATOM", "OKB", "WBTC"],
        ETH: ["SOL", "OKB", "stETH"]
      },
      source: "GET /api/v5/public/instruments, SPOT, the larger ones of 2024-2025; that every coin is listed in USDT, and the " +
        "lists, which leave some out: estimate, not checked against the venue"
    },
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
        "*USDT": Profile.estimated("1"),
        "*USDC": Profile.estimated("1"),
        "*BTC": Profile.estimated("0.00001"),
        "*ETH": Profile.estimated("0.0003")
      },
      source: "GET /api/v5/public/instruments, SPOT: tickSz, lotSz, minSz (no least notional); others: estimate, with a least " +
        "notional of about a dollar for minSz"
    }
  },
  perp: {
    account: "unified",
    listed: {
      value: {
        USDT: ["*", "USDC"],
        USDC: [
          "BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "BCH", "DOT", "SUI", "PEPE", "SHIB", "OP", "NEAR", "ETC",
          "BNB", "UNI", "FIL"
        ]
      },
      source: "GET /api/v5/public/instruments, SWAP, linear, 2024-2025, which has coins and no multiples of them; that every coin " +
        "is listed in USDT, and the list: estimate, not checked against the venue"
    },
    fees: { value: { taker: "0.0005", maker: "0.0002" }, source: "okx.com/fees, perpetual futures, regular user" },
    slippage: Profile.measuredSlippage.perp,
    rules: {
      value: {
        ETHUSDT: ["0.01", "0.001", "0.001", "0"],
        ETHUSDC: ["0.01", "0.001", "0.001", "0"],
        BTCUSDT: ["0.1", "0.0001", "0.0001", "0"],
        BTCUSDC: ["0.1", "0.0001", "0.0001", "0"],
        "*USDT": Profile.estimated("1"),
        "*USDC": Profile.estimated("1")
      },
      source: "GET /api/v5/public/instruments, SWAP: tickSz, and lotSz and minSz times ctVal; others: estimate, with a least " +
        "notional of about a dollar for minSz"
    },
    leverage: { value: { other: "10" }, source: "estimate: GET /api/v5/account/leverage-info has that of the account" },
    tiers: {
      value: {
        BTC: [
          ["0", "100", "0.004"],
          ["3000000", "66", "0.0065"],
          ["6000000", "50", "0.01"],
          ["12000000", "40", "0.015"],
          ["24000000", "20", "0.03"],
          ["60000000", "10", "0.06"]
        ],
        ETH: [
          ["0", "100", "0.004"],
          ["1500000", "66", "0.0065"],
          ["3000000", "50", "0.01"],
          ["6000000", "40", "0.015"],
          ["12000000", "20", "0.03"],
          ["30000000", "10", "0.06"]
        ],
        other: [
          ["0", "20", "0.02"],
          ["500000", "15", "0.03"],
          ["1000000", "10", "0.05"]
        ]
      },
      deducts: false,
      source: "okx.com/trade-market/position/swap, lowest tiers (others: as of 2025-03-04); the higher ones: estimate in " +
        "dollars, not checked against the venue, which counts contracts"
    },
    liquidation: {
      value: { other: "maintenance" },
      source: "okx.com/help, liquidation: taken over at the bankruptcy price; not checked against the venue"
    },
    collateral: {
      value: { USDT: "1", USDC: "1", BTC: "0.98", ETH: "0.95" },
      source: "GET /api/v5/public/discount-rate-interest-free-quota, first tier: estimate, not checked against the venue"
    }
  },
  gateways: { other: ["unified", "funding"] },
  networks: {
    value: {
      ETH: { ethereum: ["0.001", "0.005", "0", 300, 768], arbitrum: ["0.0001", "0.001", "0", 180, 60] },
      USDT: { ethereum: ["4", "5", "0", 300, 768], arbitrum: ["0.1", "1", "0", 180, 60] },
      USDC: { ethereum: ["4", "5", "0", 300, 768], arbitrum: ["0.1", "1", "0", 180, 60] },
      BTC: { bitcoin: ["0.0001", "0.001", "0", 900, 600] }
    },
    source: "estimate: GET /api/v5/asset/currencies has the fees of the day, which follow gas; these are the " +
      "level of 2024-2025. Credit after Ethereum 64 x 12 s, Bitcoin 1 x 600 s"
  },
  leastWithdrawal: {
    value: "net",
    source: "POST /api/v5/asset/withdrawal: the fee is not included in amt, and minWd is of amt"
  },
  remarks: [
    {
      subject: "account of deposits and withdrawals",
      scope: { reasons: ["transfer"] },
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
export const layer = (config: Config = {}): Simulation.VenueLayer => Exchange.layer(profile, config)

/** What the simulation takes for granted of this venue. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> =>
  Assumptions.make(profile, config)
