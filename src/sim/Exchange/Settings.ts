/**
 * A profile with what was set of it, in the form that steps read: plain values and maps.
 *
 * @since 0.1.0
 */
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instrument from "../../domain/Instrument.js"
import type * as Config from "./Config.js"
import type * as Fees from "./Fees.js"
import * as Instruments from "./Instruments.js"
import type * as Profile from "./Profile.js"
import * as Slippage from "./Slippage.js"

/**
 * Spot or perpetual trading.
 *
 * @category models
 * @since 0.1.0
 */
export interface Side {
  readonly sub: Account.SubAccount
  readonly quotes: ReadonlySet<Asset.Asset>
  readonly fees: Fees.Schedule
  readonly curve: Slippage.Curve
  /** By symbol, and by `*` and the quote. */
  readonly rules: ReadonlyMap<string, Instruments.Rule>
}

/**
 * Terms of a token on a network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Terms {
  /** Absent where no withdrawal fee is known, and so no withdrawal possible. */
  readonly withdrawalFee: Amount.Amount | undefined
  readonly withdrawalMinimum: Amount.Amount
  readonly depositMinimum: Amount.Amount
  /** Milliseconds. */
  readonly withdrawalDelay: number
  /** Milliseconds. */
  readonly depositDelay: number
}

/**
 * Everything that a simulated exchange goes by.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  readonly venue: Account.VenueId
  readonly accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>]
  readonly spot: Side
  readonly perp: Side
  readonly leverage: (base: Asset.Asset) => Decimal.Decimal
  readonly maintenance: (base: Asset.Asset) => Decimal.Decimal
  /** Series that stand for the venue's own, where the config names them. */
  readonly standIns: {
    readonly spot: (base: Asset.Asset) => string | undefined
    readonly mark: (base: Asset.Asset) => string | undefined
    readonly funding: (base: Asset.Asset) => string | undefined
  }
  readonly gateways: Profile.Profile["gateways"]
  readonly networks: ReadonlyMap<Asset.Asset, ReadonlyMap<string, Terms>>
}

const rulesOf = (side: Profile.Side, set: RuleSettings): ReadonlyMap<string, Instruments.Rule> => {
  const rules = new Map<string, Instruments.Rule>()
  for (const [symbol, [tick, lot, minAmount, minNotional]] of Object.entries(side.rules.value)) {
    rules.set(symbol, {
      tick: Decimal.unsafe(tick),
      significantFigures: side.significantFigures,
      lot: Amount.unsafe(lot),
      minAmount: Amount.unsafe(minAmount),
      minNotional: Decimal.unsafe(minNotional)
    })
  }
  for (const [key, own] of Object.entries(set ?? {})) {
    const instrument = Instrument.parse(key)
    const symbol = instrument === undefined ? key : Instrument.format(instrument)
    const before = rules.get(symbol) ?? (instrument === undefined ? undefined : rules.get(`*${instrument.quote}`))
    // A quote that the venue does not trade has no rule to start from, and its pairs are refused as they are.
    if (before === undefined) continue
    rules.set(symbol, {
      tick: own.tick ?? before.tick,
      // A tick that was set is meant as it stands.
      significantFigures: own.tick === undefined ? before.significantFigures : undefined,
      lot: own.lot ?? before.lot,
      minAmount: own.minAmount ?? before.minAmount,
      minNotional: own.minNotional ?? before.minNotional
    })
  }
  return rules
}

type RuleSettings = NonNullable<Config.Config["instruments"]>["spot"]

const curveOf = (side: Profile.Side, set: NonNullable<Config.Config["slippage"]>["spot"]): Slippage.Curve =>
  set === undefined
    ? side.slippage.value.map(([notional, bps]) => ({ notional: Decimal.unsafe(notional), bps: Decimal.unsafe(bps) }))
    : "length" in set
      ? set
      : Slippage.flat(set)

const sideOf = (side: Profile.Side, config: Config.Config, kind: "spot" | "perp"): Side => {
  const fees = config.fees?.[kind]
  return {
    sub: side.account,
    quotes: new Set(side.quotes),
    fees: {
      taker: fees?.taker ?? Decimal.unsafe(side.fees.value.taker),
      maker: fees?.maker ?? Decimal.unsafe(side.fees.value.maker)
    },
    curve: curveOf(side, config.slippage?.[kind]),
    rules: rulesOf(side, config.instruments?.[kind])
  }
}

/** Whether a setting is one value for every base token. @category guards @since 0.1.0 */
export const isDecimal = (value: object): value is Decimal.Decimal =>
  "scale" in value && typeof value.scale === "number"

const byBase = (
  defaults: Profile.ByBase,
  set: Config.Config["leverage"]
): (base: Asset.Asset) => Decimal.Decimal => {
  if (set !== undefined && isDecimal(set)) return () => set
  const { other, ...named } = defaults
  const values = new Map<string, Decimal.Decimal>()
  for (const [base, value] of Object.entries(named)) values.set(base, Decimal.unsafe(value))
  for (const [base, value] of Object.entries(set ?? {})) values.set(base, value)
  const rest = Decimal.unsafe(other)
  return (base) => values.get(base) ?? rest
}

const standIn = (prefix: string, set: Config.Config["priceFrom"]): (base: Asset.Asset) => string | undefined => {
  const names = typeof set === "string" ? undefined : new Map(Object.entries(set ?? {}))
  return (base) => {
    const name = typeof set === "string" ? set : names?.get(base)
    return name === undefined || name.includes(".") ? name : `${prefix}.${name}.${base}`
  }
}

const networksOf = (profile: Profile.Profile, config: Config.Config): Settings["networks"] => {
  const networks = new Map<Asset.Asset, Map<string, Terms>>()
  const put = (token: Asset.Asset, network: string, terms: Terms) => {
    const known = networks.get(token)
    if (known === undefined) networks.set(token, new Map([[network, terms]]))
    else known.set(network, terms)
  }
  const milliseconds = (seconds: number | undefined): number | undefined =>
    seconds === undefined ? undefined : seconds * 1000
  for (const [token, known] of Object.entries(profile.networks.value)) {
    for (const [network, terms] of Object.entries(known)) {
      put(token, network, {
        withdrawalFee: Amount.unsafe(terms.withdrawalFee),
        withdrawalMinimum: Amount.unsafe(terms.withdrawalMinimum),
        depositMinimum: Amount.unsafe(terms.depositMinimum),
        withdrawalDelay: milliseconds(config.withdrawalDelaySeconds) ?? terms.withdrawalDelay * 1000,
        depositDelay: milliseconds(config.depositDelaySeconds) ?? terms.depositDelay * 1000
      })
    }
  }
  for (const [token, known] of Object.entries(config.networks ?? {})) {
    for (const [network, set] of Object.entries(known)) {
      const before = networks.get(token)?.get(network)
      put(token, network, {
        // The debit of an exchange is a multiple of its quantum.
        withdrawalFee: set.withdrawalFee === undefined
          ? before?.withdrawalFee
          : Amount.quantize(set.withdrawalFee, Instruments.quantum, "up"),
        withdrawalMinimum: set.withdrawalMinimum ?? before?.withdrawalMinimum ?? 0n,
        depositMinimum: set.depositMinimum ?? before?.depositMinimum ?? 0n,
        withdrawalDelay: milliseconds(set.withdrawalDelaySeconds) ?? before?.withdrawalDelay ??
          milliseconds(config.withdrawalDelaySeconds) ?? 0,
        depositDelay: milliseconds(set.depositDelaySeconds) ?? before?.depositDelay ??
          milliseconds(config.depositDelaySeconds) ?? 0
      })
    }
  }
  return networks
}

/**
 * The settings of a venue: what is set, and the default of the profile for the rest.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (profile: Profile.Profile, config: Config.Config = {}): Settings => ({
  venue: profile.venue,
  accounts: profile.accounts,
  spot: sideOf(profile.spot, config, "spot"),
  perp: sideOf(profile.perp, config, "perp"),
  leverage: byBase(profile.perp.leverage.value, config.leverage),
  maintenance: byBase(profile.perp.maintenance.value, config.maintenanceMargin),
  standIns: {
    spot: standIn("spot", config.spotPriceFrom),
    mark: standIn("perp", config.priceFrom),
    funding: standIn("funding", config.fundingFrom)
  },
  gateways: profile.gateways,
  networks: networksOf(profile, config)
})

/**
 * The account that a name means: one of the venue's own, and for a venue with a unified account `spot` and `perp` too,
 * which both mean that one. `undefined` where the venue has no such account.
 *
 * @category combinators
 * @since 0.1.0
 */
export const accountOf = (settings: Settings, sub: Account.SubAccount): Account.SubAccount | undefined =>
  settings.accounts.includes(sub)
    ? sub
    : (sub === "spot" || sub === "perp") && settings.accounts.includes("unified")
      ? "unified"
      : undefined

/**
 * Whether an account can hold a token: one for perpetuals alone holds settlement coins.
 *
 * @category guards
 * @since 0.1.0
 */
export const holds = (settings: Settings, sub: Account.SubAccount, token: Asset.Asset): boolean =>
  sub !== settings.perp.sub || settings.perp.sub === settings.spot.sub || settings.perp.quotes.has(token)
