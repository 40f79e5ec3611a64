/**
 * Bybit: spot and linear perpetuals in one unified account, simulated.
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
 * What Bybit is without settings: a unified account where the coin that perpetuals settle in also pays for spot.
 *
 * @category constants
 * @since 0.1.0
 */
export const profile: Profile.Profile = {
  venue: "bybit",
  accounts: ["unified", "funding"],
  spot: {
    account: "unified",
    listed: {
      value: {
        USDT: ["*", "USDC", "DAI", "USDE", "WBTC", "stETH"],
        USDC: [
          "BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "BCH", "DOT", "SUI", "PEPE", "SHIB", "ARB", "OP", "NEAR",
          "TON", "ENA", "APT", "UNI", "FIL", "MNT", "USDE", "XLM", "HBAR", "TRX", "ICP", "ATOM", "LDO"
        ],
        BTC: ["ETH", "SOL", "XRP", "LTC", "DOT", "XLM", "ALGO", "MNT", "WBTC"],
        ETH: ["stETH", "METH", "CMETH"]
      },
      source: "GET /v5/market/instruments-info, spot, the larger ones of 2024-2025; that every coin is listed in USDT, and the " +
        "lists, which leave some out: estimate, not checked against the venue"
    },
    fees: {
      value: { taker: "0.001", maker: "0.001" },
      source: "bybit.com/en/help-center, Trading Fee Structure, spot, non-VIP; taken in the asset received"
    },
    slippage: Profile.measuredSlippage.spot,
    rules: {
      value: {
        ETHUSDT: ["0.01", "0.00001", "0.00001", "5"],
        ETHUSDC: ["0.01", "0.00001", "0.00001", "5"],
        BTCUSDT: ["0.1", "0.000001", "0.000011", "5"],
        BTCUSDC: ["0.1", "0.000001", "0.000011", "5"],
        ETHBTC: ["0.000001", "0.0001", "0.0001", "0.0001"],
        "*USDT": Profile.estimated("5"),
        "*USDC": Profile.estimated("5"),
        "*BTC": Profile.estimated("0.0001"),
        "*ETH": Profile.estimated("0.001")
      },
      source: "GET /v5/market/instruments-info, spot: priceFilter, lotSizeFilter; others: estimate"
    }
  },
  perp: {
    account: "unified",
    listed: {
      value: {
        USDT: [
          "*", "1000PEPE", "1000SHIB", "1000BONK", "1000FLOKI", "1000LUNC", "1000XEC", "1000BTT", "1000RATS", "1000CAT", "1000NEIROCTO",
          "1000TURBO", "1000TOSHI", "1000X", "10000SATS", "10000LADYS", "10000WEN", "10000COQ", "10000ELON", "10000QUBIC",
          "1000000BABYDOGE", "1000000CHEEMS", "1000000MOG", "1000000PEIPEI", "10000000AIDOGE"
        ],
        USDC: [
          "BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "LTC", "BCH", "DOT", "SUI", "ARB", "OP", "NEAR", "APT",
          "FIL", "ETC", "MNT", "ORDI", "WIF", "1000PEPE"
        ]
      },
      source: "GET /v5/market/instruments-info, linear, 2024-2025; that every coin is listed in USDT, and the lists, which leave " +
        "some out: estimate, not checked against the venue"
    },
    fees: {
      value: { taker: "0.00055", maker: "0.0002" },
      source: "bybit.com/en/help-center, Trading Fee Structure, perpetuals, non-VIP"
    },
    slippage: Profile.measuredSlippage.perp,
    rules: {
      value: {
        ETHUSDT: ["0.01", "0.01", "0.01", "5"],
        ETHUSDC: ["0.01", "0.01", "0.01", "5"],
        BTCUSDT: ["0.1", "0.001", "0.001", "5"],
        BTCUSDC: ["0.1", "0.001", "0.001", "5"],
        "*USDT": Profile.estimated("5"),
        "*USDC": Profile.estimated("5")
      },
      source: "GET /v5/market/instruments-info, linear: priceFilter, lotSizeFilter; others: estimate"
    },
    leverage: { value: { other: "10" }, source: "estimate: 10x is what a new account is set to" },
    tiers: {
      value: {
        BTC: [
          ["0", "100", "0.005"],
          ["2000000", "90", "0.0056"],
          ["2600000", "80", "0.0063"],
          ["3200000", "75", "0.0067"],
          ["3800000", "70", "0.0071"],
          ["4400000", "65", "0.0077"],
          ["5000000", "55", "0.0091"],
          ["5600000", "50", "0.01"],
          ["8500000", "45", "0.013"],
          ["10000000", "40", "0.015"],
          ["14000000", "35", "0.016"],
          ["20000000", "30", "0.02"],
          ["28000000", "25", "0.025"],
          ["38000000", "20", "0.029"],
          ["50000000", "19", "0.03"],
          ["55000000", "18", "0.035"],
          ["60000000", "17", "0.036"],
          ["65000000", "16", "0.038"],
          ["70000000", "15", "0.04"],
          ["75000000", "14", "0.045"]
        ],
        ETH: [
          ["0", "100", "0.005"],
          ["1000000", "75", "0.0067"],
          ["2000000", "50", "0.01"],
          ["5000000", "40", "0.015"],
          ["10000000", "25", "0.025"],
          ["20000000", "20", "0.03"],
          ["40000000", "10", "0.05"]
        ],
        other: [
          ["0", "50", "0.01"],
          ["500000", "25", "0.02"],
          ["1000000", "20", "0.03"],
          ["4000000", "10", "0.05"]
        ]
      },
      source: "bybit.com/en/announcement-info/margin-parameters, BTCUSDT; ETH and others: estimate, not checked against " +
        "the venue"
    },
    liquidation: {
      value: { other: "maintenance" },
      source: "bybit.com/en/help-center, Liquidation: taken over at the bankruptcy price; not checked against the venue"
    },
    collateral: {
      value: { USDT: "1", USDC: "1", BTC: "0.98", ETH: "0.95" },
      source: "bybit.com/en/help-center, Understanding Collateral Value Ratios in Unified Trading Account, first tier of " +
        "its example (USDT, BTC); USDC and ETH: estimate, not checked against the venue"
    }
  },
  gateways: { other: ["unified", "funding"] },
  networks: {
    value: {
      ETH: { ethereum: ["0.0012", "0.005", "0", 300, 72], arbitrum: ["0.0003", "0.001", "0", 180, 60] },
      USDT: { ethereum: ["4", "10", "0", 300, 72], arbitrum: ["0.3", "1", "0", 180, 60] },
      USDC: { ethereum: ["4", "10", "0", 300, 72], arbitrum: ["0.3", "1", "0", 180, 60] },
      BTC: { bitcoin: ["0.0001", "0.0005", "0", 900, 600] }
    },
    source: "estimate: GET /v5/asset/coin/query-info has the fees of the day, which follow gas; these are the " +
      "level of 2024-2025. Credit after `confirmation` blocks: Ethereum 6 x 12 s, Bitcoin 1 x 600 s"
  },
  leastWithdrawal: {
    value: "gross",
    source: "POST /v5/asset/withdraw/create with feeType 1: the fee is taken out of amount, and withdrawMin is of amount, as its " +
      "page of withdrawals counts; not checked against the venue"
  },
  remarks: [
    {
      subject: "account of deposits and withdrawals",
      scope: { reasons: ["transfer"] },
      value: "the unified account, unless an instruction names the funding account",
      source: "model: POST /v5/asset/deposit/deposit-to-account chooses it, POST /v5/asset/withdraw/create takes " +
        "UTA"
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
