/**
 * What a simulated exchange takes for granted of margin under its settings.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instrument from "../../domain/Instrument.js"
import type * as Assumption from "../Assumption.js"
import type * as Config from "./Config.js"
import * as Profile from "./Profile.js"
import * as Settings from "./Settings.js"
import type * as Tiers from "./Tiers.js"

const set = "config"

const percent = (rate: Decimal.Decimal): string =>
  `${Decimal.format(Decimal.multiply(rate, Decimal.make(100n, 0)))} %`

type Named = { readonly [key: string]: unknown }

const keysOf = (setting: Config.Config["leverage"] | Config.Config["marginMode"] | Config.Config["liquidationFee"]): ReadonlyArray<string> =>
  setting === undefined || typeof setting === "string" || Settings.isDecimal(setting) ? [] : Object.keys(setting)

/** A value each for the names that have one of their own, and one for all others. */
const listed = (
  { margin, perp }: Settings.Settings,
  names: ReadonlyArray<string>,
  show: (terms: Tiers.Terms) => string
): string => {
  const [quote = "USDT"] = perp.quotes
  const of = (name: string) => show(margin(Instrument.parse(name) ?? { base: name, quote }))
  const other = of("other")
  const own = [...new Set(names)].filter((name) => name !== "other").map((name) => [name, of(name)] as const)
    .filter(([, text]) => text !== other)
  return own.length === 0 ? other : `${own.map(([name, text]) => `${name} ${text}`).join(", ")}, others ${other}`
}

const names = (defaults: Named, ...more: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => [
  ...Object.keys(defaults),
  ...more.flat()
]

const tier = ({ from, maintenance, maxLeverage }: Tiers.Tier): string =>
  `${percent(maintenance)}${from === 0n ? "" : ` above ${Amount.format(from)}`}${
    maxLeverage === undefined ? "" : ` at ${Decimal.format(maxLeverage)}x or less`
  }`

const charge = (charge: Tiers.Charge): string =>
  charge === "maintenance" ? "the whole maintenance margin (closed at the bankruptcy price)" : `${percent(charge)} of the notional`

const collateral = ({ venue, collateral }: Settings.Settings, profile: Profile.Profile, config: Config.Config): Assumption.Assumption => ({
  venue,
  subject: "collateral",
  value: collateral === undefined
    ? "only the settlement coin backs perpetuals, without haircut, each coin by itself; gains that are not realised back " +
      "orders and do not leave the account"
    : `${
      [...collateral.ratios].map(([coin, ratio]) => `${coin} ${percent(ratio)}`).join(", ")
    } of the value in dollars, together, for every amount; gains that are not realised back orders and do not leave the account`,
  source: config.collateral !== undefined ? set : profile.perp.collateral?.source ?? "model"
})

const borrowing = ({ venue, collateral }: Settings.Settings, profile: Profile.Profile, config: Config.Config): ReadonlyArray<Assumption.Assumption> =>
  collateral === undefined ? [] : [
    {
      venue,
      subject: "borrowing",
      value: `what losses, fees, funding and liquidations take of ${
        [...collateral.borrowing.coins].join(" and ")
      } beyond what is held of it, and nothing else: the balance goes below zero, without a limit, and what comes in repays ` +
        "it; it counts whole against the collateral and needs no margin of its own; where the account has no position left " +
        "and is worth less than it owes, collateral is sold at its price less the spot taker fee",
      source: "model, after bybit.com/en/help-center, Borrowing, Interest and Repayment (Unified Trading Account), and " +
        "okx.com/help, multi-currency margin with auto-borrow"
    },
    {
      venue,
      subject: "interest on what is owed",
      scope: { reasons: ["interest"] },
      value: `${
        [...collateral.borrowing.coins].map((coin) => `${coin} ${percent(collateral.borrowing.rate(coin))}`).join(", ")
      } a year, charged every full hour; not on losses that are not realised, nor on what gains that are not realised cover`,
      source: config.borrowRate !== undefined ? set : (profile.perp.borrowing ?? Profile.estimatedBorrowing).source
    }
  ]

const model = (venue: string): ReadonlyArray<Assumption.Assumption> => [
  {
    venue,
    subject: "liquidation",
    value: "checked at every observation of a mark, its extremes or a funding rate, and whenever time is settled; " +
      "positions whole, in cross margin the largest loss first until the rest is maintained; at the mark, or where an " +
      "extreme is beyond it at the first tick at which the margin balance is below the maintenance margin; no margin call, " +
      "no partial liquidation",
    source: "model"
  },
  {
    venue,
    subject: "extremes of a step",
    value: "perp.<VENUE>.<BASE>.high and .low where there are such series, at the end of their step, for positions held " +
      "through it; all lows together and all highs together, the worse for the account first; collateral by price.<COIN>" +
      ".high and .low likewise, or as it stands at the end",
    source: "model"
  },
  {
    venue,
    subject: "insurance fund",
    scope: { reasons: ["liquidation", "liquidation_penalty", "liquidation_fee"] },
    value: `pays, as a ledger line liquidation from market:${venue}, what a loss takes beyond the margin; no ` +
      "auto-deleveraging",
    source: "model"
  },
  {
    venue,
    subject: "isolated margin",
    value: "what is opened locks its initial margin at the mark and the loss from the fill to the mark; what is reduced frees " +
      "its share; funding changes the margin of its position",
    source: "model"
  }
]

/**
 * The assumptions of margin in force, each with where it comes from, or `config` where it was set.
 *
 * @category combinators
 * @since 0.1.0
 */
export const make = (profile: Profile.Profile, config: Config.Config, settings: Settings.Settings): ReadonlyArray<Assumption.Assumption> => {
  const { venue } = profile
  const { leverage, liquidation, tiers } = profile.perp
  const flat = keysOf(config.maintenanceMargin)
  const tiered = Object.keys(config.marginTiers ?? {})
  return [
    {
      venue,
      subject: "leverage",
      value: listed(settings, names(leverage.value, keysOf(config.leverage)), (terms) => Decimal.format(terms.leverage)),
      source: config.leverage === undefined ? leverage.source : set
    },
    {
      venue,
      subject: "maintenance margin",
      value: listed(settings, names(tiers.value, flat, tiered), (terms) => terms.tiers.map(tier).join(", ")),
      source: config.maintenanceMargin === undefined && config.marginTiers === undefined ? tiers.source : set
    },
    {
      venue,
      subject: "margin mode",
      value: listed(settings, keysOf(config.marginMode), (terms) => terms.mode),
      source: config.marginMode === undefined ? "model" : set
    },
    {
      venue,
      subject: "liquidation fee",
      scope: { reasons: ["liquidation", "liquidation_penalty", "liquidation_fee"] },
      value: listed(settings, names(liquidation.value, keysOf(config.liquidationFee)), (terms) => charge(terms.liquidation)),
      source: config.liquidationFee === undefined ? liquidation.source : set
    },
    collateral(settings, profile, config),
    ...borrowing(settings, profile, config),
    ...model(venue)
  ]
}
