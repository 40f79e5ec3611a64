/**
 * What a simulated exchange takes for granted under its settings.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instrument from "../../domain/Instrument.js"
import * as Assumption from "../Assumption.js"
import * as Recovery from "../Recovery.js"
import type * as Config from "./Config.js"
import type * as Instruments from "./Instruments.js"
import * as Liquidity from "./Liquidity.js"
import type * as Listing from "./Listing.js"
import * as MarginAssumptions from "./MarginAssumptions.js"
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
      scope: { reasons: ["transfer"], tokens: [token], place: network },
      value: [
        terms.withdrawalFee === undefined
          ? "no withdrawals"
          : `withdrawal fee ${Amount.format(terms.withdrawalFee)} ${token}`,
        `least withdrawal ${Amount.format(terms.withdrawalMinimum)}${settings.leastWithdrawal === "net" ? " beside the fee" : ""}`,
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

/** How long own orders move the price. */
const recovery = (
  venue: string,
  kind: "spot" | "perp",
  given: NonNullable<Config.Config["impactRecoverySeconds"]>["spot"]
): Assumption.Assumption => {
  const named = typeof given === "object" ? Object.entries(given) : []
  const other = typeof given === "number" ? given : Recovery.seconds
  const text = (time: number): string =>
    time === 0
      ? "none: each order is priced by itself"
      : `${time} s, for which an order is priced as the last part of all before it on its side of the pair`
  return {
    venue,
    subject: `${kind} recovery from own orders`,
    value: [text(other), ...named.map(([name, time]) => `${name}: ${text(time)}`)].join("; "),
    source: given === undefined ? Recovery.source : typeof given === "number" ? set : `${Recovery.source}; ${set}`
  }
}

/** How much of an order fills at once. */
const volumeLimit = (venue: string, kind: "spot" | "perp", limit: Liquidity.Limit | undefined): Assumption.Assumption => {
  const subject = `${kind} volume limit`
  if (limit === undefined) return { venue, subject, value: "none: every order fills whole", source: "model" }
  const { fraction, notional } = limit
  const series = kind === "spot" ? [`spot.${venue}.<BASE>`, "price.<BASE>"] : [`perp.${venue}.<BASE>`]
  const most = [
    ...(fraction === undefined
      ? []
      : [`${percent(fraction)} of the volume of the newest step that is over, in dollars (${series.map(Liquidity.volumeOf).join(", else ")})`]),
    ...(notional === undefined ? [] : [`${Decimal.format(notional)} USD an order`])
  ]
  return {
    venue,
    subject,
    value: `at most ${most.join(", else ")}; market and IOC orders fill in part, FOK orders whole or not at all`,
    source: set
  }
}

/** What fees are paid in, where that is not what is received. */
const feeAsset = (
  profile: Profile.Profile,
  config: Config.Config,
  settings: Settings.Settings,
  kind: "spot" | "perp"
): ReadonlyArray<Assumption.Assumption> => {
  const { venue } = profile
  const { feeIn, feeToken, fees } = settings[kind]
  const subject = `${kind} fee asset`
  if (feeIn === "quote") return [{ venue, subject, value: "the quote on both sides", source: set }]
  if (feeToken === undefined) return []
  const priced = config.bnbPrice === undefined
    ? "at the price of its series"
    : `at ${Decimal.format(config.bnbPrice)} USD, which is set`
  return [{
    venue,
    subject,
    value: `${feeToken.asset} ${priced}, taker ${percent(feeToken.rate)}, where the account holds enough of it; else ` +
      `${kind === "spot" ? "the asset received" : "the settlement coin"}, taker ${percent(fees.taker)}`,
    source: `${set}; discount: ${profile.feeToken?.discount.source ?? set}`
  }]
}

/** The step of a price: a fixed one, or significant figures. */
const step = ({ significantFigures, tick }: Instruments.Rule): string =>
  significantFigures === undefined ? Decimal.format(tick) : `${significantFigures} figures, at least ${Decimal.format(tick)}`

/** The markets by quote, so that a run tells those that it traded in. */
const markets = (
  venue: string,
  kind: "spot" | "perp",
  { added, bases }: Listing.Listing,
  source: string
): ReadonlyArray<Assumption.Assumption> => [
  ...[...bases].map(([quote, listed]) => {
    const named = [...listed].filter((base) => base !== "*")
    const every = listed.has("*") ? ["every coin of which there is a price"] : []
    return { venue, subject: `${kind} markets in ${quote}`, scope: { market: kind, tokens: [quote] }, value: [...every, ...named].join(", "), source }
  }),
  ...(added.size === 0 ? [] : [{ venue, subject: `${kind} markets added`, value: [...added].join(", "), source: set }])
]

const rules = (
  venue: string,
  kind: "spot" | "perp",
  all: Settings.Side["rules"],
  source: string
): ReadonlyArray<Assumption.Assumption> =>
  [...all].map(([symbol, rule]) => ({
    venue,
    subject: `${kind} price step, lot and minimum of ${symbol.startsWith("*") ? `others in ${symbol.slice(1)}` : symbol}`,
    scope: { market: kind, tokens: [symbol.startsWith("*") ? symbol.slice(1) : Instrument.parse(symbol)?.base ?? symbol] },
    value: [step(rule), Amount.format(rule.lot), Decimal.format(rule.minNotional)].join(" / "),
    source
  }))

/** The same for every exchange. */
const common = (venue: string): ReadonlyArray<Assumption.Assumption> => [
  {
    venue,
    subject: "fills",
    value: "orders fill at once, at one price, as a taker; a limit order (IOC, FOK) whose limit is not reached ends " +
      "without a fill",
    source: "model"
  },
  {
    venue,
    subject: "spot prices",
    scope: { market: "spot" },
    value: `spot.${venue}.<BASE> once it has an observation, else price.<BASE>, in dollars`,
    source: "model"
  },
  {
    venue,
    subject: "price of USDT and other stable coins",
    value: "1 dollar where no series price.<COIN> says otherwise; perpetual prices are taken in the settlement coin",
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
    return Assumption.about({ market: kind }, [
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
      ...feeAsset(profile, config, settings, kind),
      volumeLimit(venue, kind, side.volumeLimit),
      {
        venue,
        subject: `${kind} slippage`,
        value: curve(side.curve),
        source: config.slippage?.[kind] === undefined ? defaults.slippage.source : set
      },
      recovery(venue, kind, config.impactRecoverySeconds?.[kind]),
      ...markets(venue, kind, side.listing, defaults.listed.source),
      ...rules(venue, kind, side.rules, config.instruments?.[kind] === undefined ? defaults.rules.source : `${defaults.rules.source}; ${set}`)
    ])
  })
  const standing = ([
    ["mark price", "perp", config.priceFrom],
    ["spot price", "spot", config.spotPriceFrom],
    ["funding rate", "perp", config.fundingFrom]
  ] as const).flatMap(([what, market, field]) =>
    standIns(field).map(([base, from]) => ({
      venue,
      subject: `stand-in for the ${what} of ${base}`,
      scope: { market, ...(field === undefined || typeof field === "string" ? {} : { tokens: [base] }) },
      value: from,
      source: set
    }))
  )
  return [
    ...sides,
    ...Assumption.about({ market: "perp" }, MarginAssumptions.make(profile, config, settings)),
    ...standing,
    ...common(venue),
    ...profile.remarks.map((remark) => ({ venue, ...remark })),
    {
      venue,
      subject: "least withdrawals",
      scope: { reasons: ["transfer"] },
      value: settings.leastWithdrawal === "net" ? "of what is left beside the fee" : "of the debit, fee included",
      source: profile.leastWithdrawal.source
    },
    ...networks(venue, profile, config, settings)
  ]
}
