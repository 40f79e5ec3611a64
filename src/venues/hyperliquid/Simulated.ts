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

/** Rules by the decimals of amounts (szDecimals): the decimals of a price and of an amount are `most` together. */
const rules = (most: number, decimals: { readonly [base: string]: number }): { readonly [symbol: string]: Profile.RuleText } =>
  Object.fromEntries(
    Object.entries(decimals).map(([base, of]) => {
      const lot = step(of)
      return [`${base}USDC`, [step(most - of), lot, lot, "10", 5]]
    })
  )

const step = (decimals: number): string => (decimals === 0 ? "1" : `0.${"0".repeat(decimals - 1)}1`)

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
    listed: {
      value: { USDC: ["BTC", "ETH", "SOL", "HYPE", "PURR", "FARTCOIN", "PUMP", "BONK", "ENA", "XPL", "USDE", "USDT0", "USDH"] },
      source: "info spotMeta, the larger tokens of 2025: estimate, not checked against the venue"
    },
    fees: {
      value: { taker: "0.0007", maker: "0.0004" },
      source: "hyperliquid.gitbook.io, Fees, spot, tier 0; taken in the asset received"
    },
    slippage: Profile.measuredSlippage.spot,
    rules: {
      value: {
        ...rules(8, { ETH: 4, BTC: 5, SOL: 3, HYPE: 2, PURR: 0 }),
        "*USDC": ["0.00000001", "0.01", "0.01", "10", 5]
      },
      source: "hyperliquid.gitbook.io, Tick and lot size: 5 significant figures, 8 - szDecimals decimals, at least " +
        "10 USDC; szDecimals: estimate, others as if 0 for prices and 2 for amounts"
    }
  },
  perp: {
    account: "perp",
    listed: {
      value: { USDC: ["*", "1000PEPE", "1000SHIB", "1000BONK", "1000FLOKI", "1000LUNC", "1000DOGS", "1000NEIRO"] },
      source: "info meta, 2025: perpetuals settle in USDC alone; that every coin is listed: estimate"
    },
    fees: {
      value: { taker: "0.00045", maker: "0.00015" },
      source: "hyperliquid.gitbook.io, Fees, perpetuals, tier 0"
    },
    slippage: Profile.measuredSlippage.perp,
    rules: {
      value: {
        ...rules(6, {
          BTC: 5, ETH: 4, SOL: 2, BNB: 3, XRP: 0, DOGE: 0, ADA: 0, AVAX: 2, LINK: 1, LTC: 2, BCH: 3, DOT: 1, SUI: 1, HYPE: 2, ARB: 1,
          OP: 1, NEAR: 1, APT: 2, AAVE: 2, UNI: 1, TIA: 1, INJ: 1, TAO: 3, ATOM: 2, WLD: 1, TRX: 0, ENA: 0, SEI: 0,
          "1000PEPE": 0, "1000SHIB": 0, "1000BONK": 0, "1000FLOKI": 0
        }),
        "*USDC": ["0.000001", "0.01", "0.01", "10", 5]
      },
      source: "hyperliquid.gitbook.io, Tick and lot size: 5 significant figures, 6 - szDecimals decimals, at least " +
        "10 USDC; szDecimals of BTC and ETH from the venue, of others: estimate, and of those not named as if 0 for prices and " +
        "2 for amounts"
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
  leastWithdrawal: {
    value: "gross",
    source: "action withdraw3: the fee of the bridge is taken out of amount; Unit: the minimum is of what is sent to it"
  },
  remarks: [
    {
      subject: "ETH and BTC",
      scope: { tokens: ["ETH", "BTC"] },
      value: "stand for UETH and UBTC, the tokens of Unit, at par",
      source: "docs.hyperunit.xyz"
    },
    {
      subject: "funding",
      scope: { reasons: ["funding"] },
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
