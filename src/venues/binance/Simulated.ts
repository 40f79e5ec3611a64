/**
 * Binance: spot and USDⓈ-M perpetuals, in accounts of their own, simulated.
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
export const Config = ExchangeConfig.WithBnb

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
    listed: {
      value: {
        USDT: ["*", "USDC", "FDUSD", "TUSD", "USDE", "EUR", "WBTC", "1000SATS", "1000CAT", "1000CHEEMS", "1000000BABYDOGE"],
        USDC: [
          "BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "BCH", "DOT", "TRX", "SUI", "PEPE", "SHIB",
          "ARB", "OP", "NEAR", "WLD", "TON", "ENA", "ETHFI", "EIGEN", "APT", "AAVE", "UNI", "FIL", "TIA", "SEI", "INJ", "JUP",
          "WIF", "BONK", "ORDI", "FET", "HBAR", "TAO", "XLM", "ETC", "ATOM", "ICP", "CRV", "LDO", "PENDLE", "ENS"
        ],
        BTC: [
          "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "BCH", "DOT", "TRX", "SUI", "ARB", "OP", "NEAR", "WLD",
          "ETHFI", "APT", "AAVE", "UNI", "FIL", "TIA", "SEI", "INJ", "FET", "HBAR", "TAO", "XLM", "ETC", "ATOM", "ICP", "CRV",
          "LDO", "PENDLE", "ENS", "ALGO", "VET", "ZEC", "DASH", "XTZ", "GRT", "RUNE", "STX", "WBTC"
        ],
        ETH: ["BNB", "SOL", "XRP", "ADA", "AVAX", "LINK", "LTC", "TRX", "ETC", "UNI", "NEAR", "ARB", "OP", "LDO", "VET", "WBTC", "WBETH"],
        BNB: ["SOL", "XRP", "ADA", "AVAX", "LINK", "LTC", "BCH", "DOT", "TRX", "NEAR", "ATOM"],
        FDUSD: ["BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "SUI", "PEPE", "USDC"],
        EUR: ["BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "DOT", "USDC"],
        TRY: ["USDT", "BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "AVAX"]
      },
      source: "GET /api/v3/exchangeInfo, symbols, the larger ones of 2024-2025; that every coin is listed in USDT, and the " +
        "lists, which leave some out: estimate, not checked against the venue"
    },
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
        "*USDT": Profile.estimated("5"),
        "*USDC": Profile.estimated("5"),
        "*BTC": Profile.estimated("0.0001"),
        "*ETH": Profile.estimated("0.001"),
        "*BNB": Profile.estimated("0.01"),
        "*FDUSD": Profile.estimated("5"),
        "*EUR": Profile.estimated("5"),
        "*TRY": Profile.estimated("10")
      },
      source: "GET /api/v3/exchangeInfo, filters PRICE_FILTER, LOT_SIZE and NOTIONAL, 2024-2025; others: estimate"
    }
  },
  perp: {
    account: "perp",
    listed: {
      value: {
        USDT: [
          "*", "USDC", "1000PEPE", "1000SHIB", "1000BONK", "1000FLOKI", "1000LUNC", "1000XEC", "1000SATS", "1000RATS", "1000CAT",
          "1000CHEEMS", "1000WHY", "1000X", "1000000BABYDOGE", "1000000MOG", "1000000BOB"
        ],
        USDC: [
          "BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "BCH", "SUI", "ARB", "NEAR", "WLD", "ENA", "ETHFI",
          "AAVE", "UNI", "FIL", "TIA", "WIF", "ORDI", "HBAR", "CRV", "NEO", "1000PEPE", "1000SHIB", "1000BONK"
        ]
      },
      source: "GET /fapi/v1/exchangeInfo, symbols of 2024-2025; that every coin is listed in USDT, and the lists, which leave " +
        "some out: estimate, not checked against the venue"
    },
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
        "*USDT": Profile.estimated("5"),
        "*USDC": Profile.estimated("5")
      },
      source: "GET /fapi/v1/exchangeInfo, filters PRICE_FILTER, LOT_SIZE and MIN_NOTIONAL, 2024-2025; others: " +
        "estimate"
    },
    leverage: {
      value: { other: "20" },
      source: "binance.com/en/support/faq 360033162192: a leverage that was not chosen is 20x"
    },
    tiers: {
      value: {
        BTCUSDT: [
          ["0", "125", "0.004"],
          ["50000", "100", "0.005"],
          ["600000", "75", "0.0065"],
          ["3000000", "50", "0.01"],
          ["12000000", "25", "0.02"],
          ["70000000", "20", "0.025"],
          ["100000000", "10", "0.05"],
          ["230000000", "5", "0.1"],
          ["480000000", "4", "0.125"],
          ["600000000", "3", "0.15"],
          ["800000000", "2", "0.25"],
          ["1200000000", "1", "0.5"]
        ],
        ETHUSDT: [
          ["0", "125", "0.004"],
          ["50000", "100", "0.005"],
          ["600000", "75", "0.0065"],
          ["3000000", "50", "0.01"],
          ["12000000", "25", "0.02"],
          ["50000000", "20", "0.025"],
          ["65000000", "10", "0.05"],
          ["150000000", "5", "0.1"],
          ["320000000", "4", "0.125"],
          ["400000000", "3", "0.15"],
          ["530000000", "2", "0.25"],
          ["800000000", "1", "0.5"]
        ],
        BTCUSDC: [
          ["0", "125", "0.004"],
          ["50000", "100", "0.005"],
          ["500000", "50", "0.01"],
          ["10000000", "20", "0.025"],
          ["80000000", "10", "0.05"],
          ["150000000", "5", "0.1"]
        ],
        ETHUSDC: [
          ["0", "125", "0.004"],
          ["50000", "100", "0.005"],
          ["500000", "75", "0.0065"],
          ["1000000", "50", "0.01"],
          ["5000000", "20", "0.02"],
          ["50000000", "10", "0.05"],
          ["100000000", "5", "0.1"]
        ],
        other: [
          ["0", "50", "0.01"],
          ["800000", "25", "0.02"],
          ["4000000", "20", "0.025"],
          ["8000000", "10", "0.05"],
          ["40000000", "5", "0.1"]
        ]
      },
      source: "GET /fapi/v1/leverageBracket as freqtrade keeps it (binance_leverage_tiers.json, October 2024), not " +
        "checked against the venue; others: estimate"
    },
    liquidation: {
      value: { BTC: "0.0125", ETH: "0.0125", other: "0.015" },
      source: "GET /fapi/v1/exchangeInfo, liquidationFee: estimate, not checked against the venue"
    }
  },
  feeToken: {
    asset: "BNB",
    discount: {
      value: { spot: "0.25", perp: "0.1" },
      source: "binance.com/en/support/faq 115000583311: 25 % of spot fees, 10 % of futures fees, regular user"
    }
  },
  gateways: { other: ["spot", "funding"] },
  networks: {
    value: {
      ETH: { ethereum: ["0.0012", "0.01", "0", 300, 72], arbitrum: ["0.0001", "0.001", "0", 180, 60] },
      USDT: { ethereum: ["4", "10", "0.01", 300, 72], arbitrum: ["0.1", "10", "0.01", 180, 60] },
      USDC: { ethereum: ["4", "10", "0.01", 300, 72], arbitrum: ["0.1", "10", "0.01", 180, 60] },
      BTC: { bitcoin: ["0.0001", "0.001", "0.00001", 900, 600] },
      EIGEN: { ethereum: ["1.5", "3", "0", 300, 72] },
      ETHFI: { ethereum: ["2.5", "5", "0", 300, 72] }
    },
    source: "estimate: GET /sapi/v1/capital/config/getall has the fees of the day, which follow gas; these are " +
      "the level of 2024-2025. Credit after minConfirm blocks: Ethereum 6 x 12 s, Bitcoin 1 x 600 s"
  },
  leastWithdrawal: {
    value: "gross",
    source: "POST /sapi/v1/capital/withdraw/apply: the fee is taken out of amount, and withdrawMin is of amount, as its " +
      "page of withdrawals counts; not checked against the venue"
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
export const layer = (config: Config = {}): Simulation.VenueLayer => Exchange.layer(profile, config)

/** What the simulation takes for granted of this venue. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> =>
  Assumptions.make(profile, config)
