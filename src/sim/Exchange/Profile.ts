/**
 * What an exchange is before anything is set: its accounts, rules and terms, each with its source.
 *
 * @since 0.1.0
 */
import type * as Account from "../../domain/Account.js"
import type * as Asset from "../../domain/Asset.js"
import type * as Assumption from "../Assumption.js"
import type * as Tiers from "./Tiers.js"

/**
 * A default, and where it comes from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sourced<out A> {
  readonly value: A
  readonly source: string
}

/**
 * Rules of a pair as decimal text: tick, lot, least amount, least notional in the quote, and the most significant
 * figures of a price where they are counted.
 *
 * @category models
 * @since 0.1.0
 */
export type RuleText = readonly [
  tick: string,
  lot: string,
  minAmount: string,
  minNotional: string,
  significantFigures?: number
]

/**
 * Rules of a pair whose own are not known, by the least notional: prices of 8 figures, which no market prints more of,
 * so that every price of it can be filled; amounts in steps of 0.00001, a small part of the least notional at any price
 * below 100,000.
 *
 * @category constructors
 * @since 0.1.0
 */
export const estimated = (minNotional: string): RuleText => ["0.000000000001", "0.00001", "0.00001", minNotional, 8]

/**
 * Spot or perpetual trading.
 *
 * @category models
 * @since 0.1.0
 */
export interface Side {
  /** Account that trades settle in. */
  readonly account: Account.SubAccount
  /** Quotes of spot pairs, settlement coins of perpetuals, each with the base tokens in it; `*` is most coins. */
  readonly listed: Sourced<{ readonly [quote: Asset.Asset]: ReadonlyArray<Asset.Asset> }>
  /** As fractions. */
  readonly fees: Sourced<{ readonly taker: string; readonly maker: string }>
  /** `[dollars, bps]` by rising size. */
  readonly slippage: Sourced<ReadonlyArray<readonly [notional: string, bps: string]>>
  /** By symbol, and by `*` and the quote for all others: every quote has one of those. */
  readonly rules: Sourced<{ readonly [symbol: string]: RuleText }>
}

/**
 * A value for every base token, and others for some.
 *
 * @category models
 * @since 0.1.0
 */
export interface ByBase {
  readonly other: string
  readonly [base: Asset.Asset]: string
}

/**
 * Margin tiers for every perpetual, and others for some, by base token or by symbol.
 *
 * @category models
 * @since 0.1.0
 */
export interface TiersBySymbol {
  readonly other: readonly [Tiers.Text, ...ReadonlyArray<Tiers.Text>]
  readonly [symbol: string]: readonly [Tiers.Text, ...ReadonlyArray<Tiers.Text>]
}

/**
 * Terms of a token on a network: amounts as decimal text in the token, delays in seconds. A withdrawal takes from the
 * request until its transaction has arrived, a deposit from there until it is credited.
 *
 * @category models
 * @since 0.1.0
 */
export type NetworkText = readonly [
  withdrawalFee: string,
  leastWithdrawal: string,
  leastDeposit: string,
  withdrawalDelay: number,
  depositDelay: number
]

/**
 * An exchange before anything is set.
 *
 * @category models
 * @since 0.1.0
 */
export interface Profile {
  readonly venue: Account.VenueId
  readonly accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>]
  readonly spot: Side
  readonly perp: Side & {
    readonly leverage: Sourced<ByBase>
    readonly tiers: Sourced<TiersBySymbol> & {
      /** `false` where the rate of the tier holds for the whole position, without deduction. */
      readonly deducts?: boolean | undefined
    }
    /** What a liquidation takes: a fraction of the notional, or `maintenance` for the whole maintenance margin. */
    readonly liquidation: Sourced<ByBase>
    /** Fraction of its value that a coin counts for, where coins back perpetuals together. */
    readonly collateral?: Sourced<{ readonly [coin: Asset.Asset]: string }> | undefined
    /** Yearly interest on a settlement coin that is owed, as a fraction, where coins back perpetuals together. */
    readonly borrowing?: Sourced<ByBase> | undefined
  }
  /** Token that fees can be paid in, and the fraction of them that it saves. */
  readonly feeToken?: {
    readonly asset: Asset.Asset
    readonly discount: Sourced<{ readonly spot: string; readonly perp: string }>
  } | undefined
  /** Accounts that deposits reach and withdrawals leave, the usual one first; by token where a token has its own. */
  readonly gateways: {
    readonly other: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>]
    readonly [token: Asset.Asset]: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>]
  }
  /** By token and network. */
  readonly networks: Sourced<{ readonly [token: Asset.Asset]: { readonly [network: string]: NetworkText } }>
  /**
   * What the least withdrawal is compared with: `gross`, the debit with the fee in it, or `net`, what is left of it for the
   * receiver.
   */
  readonly leastWithdrawal: Sourced<"gross" | "net">
  /** What else this venue's model takes for granted. */
  readonly remarks: ReadonlyArray<Omit<Assumption.Assumption, "venue">>
}

/** Network of a transfer that names none. @category constants @since 0.1.0 */
export const defaultNetwork = "ethereum"

/**
 * Interest on what a unified account owes, a year, where the venue has no rate of its own here: a round figure between
 * the quiet and the heated months of 2024 and 2025.
 *
 * @category constants
 * @since 0.1.0
 */
export const estimatedBorrowing: Sourced<ByBase> = {
  value: { other: "0.1" },
  source: "estimate, 10 % a year: the venues' rates float by the hour; not checked against them"
}

/**
 * Cost of size for spot orders in ETHUSDT and for perpetuals in ETHUSDT and BTCUSDT, measured per 10 thousand, 100
 * thousand and 1 million dollars.
 *
 * @category constants
 * @since 0.1.0
 */
export const measuredSlippage: {
  readonly spot: Side["slippage"]
  readonly perp: Side["slippage"]
} = {
  spot: {
    value: [["10000", "5"], ["100000", "7"], ["1000000", "13"]],
    source: "execution-cost table of basis-strategy-v1, ETH_USDT; the same for every pair"
  },
  perp: {
    value: [["10000", "3"], ["100000", "4"], ["1000000", "8"]],
    source: "execution-cost table of basis-strategy-v1, ETHUSDT-PERP and BTCUSDT-PERP; the same for every symbol"
  }
}
