/**
 * What a simulated exchange takes for granted under its settings.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Assumption from "../Assumption.js"
import type * as Config from "./Config.js"
import type * as Profile from "./Profile.js"
import * as Settings from "./Settings.js"
import type * as Slippage from "./Slippage.js"

const set = "config"

const percent = (rate: Decimal.Decimal): string =>
  `${Decimal.format(Decimal.multiply(rate, Decimal.make(100n, 0)))} %`

const curve = (points: Slippage.Curve): string =>
  points.length === 1
    ? `${Decimal.format(points[0]!.bps)} bps for every size`
    : points.map(({ bps, notional }) => `${Decimal.format(bps)} bps at ${Decimal.format(notional)} USD`).join(", ")

const standIns = (field: Config.Config["priceFrom"]): ReadonlyArray<readonly [string, string]> =>
  field === undefined ? [] : typeof field === "string" ? [["every base token", field]] : Object.entries(field)

const byBase = (
  value: (base: string) => Decimal.Decimal,
  defaults: Profile.ByBase,
  named: Config.Config["leverage"],
  show: (value: Decimal.Decimal) => string
): string => {
  const bases = new Set(Object.keys(defaults))
  for (const base of named === undefined || Settings.isDecimal(named) ? [] : Object.keys(named)) bases.add(base)
  bases.delete("other")
  const other = show(value("other"))
  const own = [...bases].map((base) => [base, show(value(base))] as const).filter(([, text]) => text !== other)
  return own.length === 0 ? other : `${own.map(([base, text]) => `${base} ${text}`).join(", ")}, others ${other}`
}

const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`

const networks = (
  venue: string,
  profile: Profile.Profile,
  config: Config.Config,
  settings: Settings.Settings
): ReadonlyArray<Assumption.Assumption> =>
  [...settings.networks].flatMap(([token, known]) =>
    [...known].map(([network, terms]) => ({
      venue,
      subject: `transfers of ${token} on ${network}`,
      value: [
        terms.withdrawalFee === undefined
          ? "no withdrawals"
          : `withdrawal fee ${Amount.format(terms.withdrawalFee)} ${token}`,
        `least withdrawal ${Amount.format(terms.withdrawalMinimum)}`,
        `arrives after ${seconds(terms.withdrawalDelay)}`,
        `least deposit ${Amount.format(terms.depositMinimum)}`,
        `credited after ${seconds(terms.depositDelay)}`
      ].join(", "),
      source: config.networks?.[token]?.[network] !== undefined || config.withdrawalDelaySeconds !== undefined ||
          config.depositDelaySeconds !== undefined
        ? set
        : profile.networks.source
    }))
  )

/** The same for every exchange. */
const common = (venue: string): ReadonlyArray<Assumption.Assumption> => [
  {
    venue,
    subject: "fills",
    value: "orders fill whole at once, at one price, as a taker; a limit order (IOC, FOK) whose limit is not reached " +
      "ends without a fill",
    source: "model"
  },
  {
    venue,
    subject: "spot prices",
    value: `spot.${venue}.<BASE> once it has an observation, else price.<BASE>, in dollars`,
    source: "model"
  },
  {
    venue,
    subject: "price of USDT and other stable coins",
    value: "1 dollar where no series price.<COIN> says otherwise; perpetual prices are taken in the settlement coin",
    source: "model"
  },
  {
    venue,
    subject: "collateral",
    value: "only the settlement coin backs perpetuals, without haircut, each coin by itself; cross margin; gains that " +
      "are not realised back orders and do not leave the account",
    source: "model"
  },
  {
    venue,
    subject: "maintenance",
    value: "lowest tier for every size, checked at every observation of a mark or funding rate; a breach stops the run",
    source: "model"
  }
]

/**
 * The assumptions in force, each with where it comes from, or `config` where it was set.
 *
 * @category combinators
 * @since 0.1.0
 */
export const make = (profile: Profile.Profile, config: Config.Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const { venue } = profile
  const settings = Settings.make(profile, config)
  const sides = (["spot", "perp"] as const).flatMap((kind) => {
    const side = settings[kind]
    const defaults = profile[kind]
    const fees = config.fees?.[kind]
    return [
      {
        venue,
        subject: `${kind} fees`,
        value: `taker ${percent(side.fees.taker)}, maker ${percent(side.fees.maker)}`,
        source: fees?.taker !== undefined
          ? set
          : fees?.maker === undefined
            ? defaults.fees.source
            : `${defaults.fees.source}; maker: ${set}`
      },
      {
        venue,
        subject: `${kind} slippage`,
        value: curve(side.curve),
        source: config.slippage?.[kind] === undefined ? defaults.slippage.source : set
      },
      {
        venue,
        subject: `${kind} price steps, lots and minimums`,
        value: [...side.rules].map(([symbol, { lot, minNotional, tick }]) =>
          `${symbol.startsWith("*") ? `others in ${symbol.slice(1)}` : symbol}: ${
            [Decimal.format(tick), Amount.format(lot), Decimal.format(minNotional)].join(" / ")
          }`
        ).join("; "),
        source: config.instruments?.[kind] === undefined ? defaults.rules.source : `${defaults.rules.source}; ${set}`
      }
    ]
  })
  const margin = [
    {
      venue,
      subject: "leverage",
      value: byBase(settings.leverage, profile.perp.leverage.value, config.leverage, Decimal.format),
      source: config.leverage === undefined ? profile.perp.leverage.source : set
    },
    {
      venue,
      subject: "maintenance margin",
      value: byBase(settings.maintenance, profile.perp.maintenance.value, config.maintenanceMargin, percent),
      source: config.maintenanceMargin === undefined ? profile.perp.maintenance.source : set
    }
  ]
  const standing = ([
    ["mark price", config.priceFrom],
    ["spot price", config.spotPriceFrom],
    ["funding rate", config.fundingFrom]
  ] as const).flatMap(([what, field]) =>
    standIns(field).map(([base, from]) => ({
      venue,
      subject: `stand-in for the ${what} of ${base}`,
      value: from,
      source: set
    }))
  )
  return [
    ...sides,
    ...margin,
    ...standing,
    ...common(venue),
    ...profile.remarks.map((remark) => ({ venue, ...remark })),
    ...networks(venue, profile, config, settings)
  ]
}
