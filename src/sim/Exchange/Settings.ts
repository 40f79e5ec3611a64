/**
 * A profile with what was set of it, in the form that steps read: plain values and maps.
 *
 * @since 0.1.0
 */
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instrument from "../../domain/Instrument.js"
import * as Recovery from "../Recovery.js"
import * as Config from "./Config.js"
import type * as Fees from "./Fees.js"
import * as Instruments from "./Instruments.js"
import type * as Liquidity from "./Liquidity.js"
import type * as Listing from "./Listing.js"
import * as Profile from "./Profile.js"
import type * as Haircuts from "./Haircuts.js"
import * as Slippage from "./Slippage.js"
import * as Tiers from "./Tiers.js"

/**
 * Spot or perpetual trading.
 *
 * @category models
 * @since 0.1.0
 */
export interface Side {
  readonly sub: Account.SubAccount
  /** Quotes of spot pairs, settlement coins of perpetuals. */
  readonly quotes: ReadonlySet<Asset.Asset>
  readonly listing: Listing.Listing
  readonly fees: Fees.Schedule
  /** What the fee of a spot trade is taken of, unless a token pays it. */
  readonly feeIn: "received" | "quote"
  readonly feeToken: Omit<Fees.Token, "price"> | undefined
  readonly curve: Slippage.Curve
  /** Milliseconds that own orders move the price of a pair for; 0 for none. */
  readonly recovery: (instrument: Instrument.Instrument) => number
  /** Absent where every order fills whole. */
  readonly volumeLimit: Liquidity.Limit | undefined
  /** The rule of a pair: its own, or that of its quote. */
  readonly rule: (instrument: Instrument.Instrument) => Instruments.Rule
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
  readonly margin: (instrument: Instrument.Instrument) => Tiers.Terms
  /** Where coins back perpetuals together; absent where each settlement coin backs by itself. */
  readonly collateral: Haircuts.Collateral | undefined
  /** Series that stand for the venue's own, where the config names them. */
  readonly standIns: {
    readonly spot: (base: Asset.Asset) => string | undefined
    readonly mark: (base: Asset.Asset) => string | undefined
    readonly funding: (base: Asset.Asset) => string | undefined
  }
  /** Token that fees can be paid in, which every account of the venue holds. */
  readonly feeToken: Asset.Asset | undefined
  readonly gateways: Profile.Profile["gateways"]
  /** Whether the least withdrawal counts the fee (`gross`) or what is left without it (`net`). */
  readonly leastWithdrawal: "gross" | "net"
  readonly networks: ReadonlyMap<Asset.Asset, ReadonlyMap<string, Terms>>
}

const ruleOf = ([tick, lot, minAmount, minNotional, significantFigures]: Profile.RuleText): Instruments.Rule => ({
  tick: Decimal.unsafe(tick),
  significantFigures,
  lot: Amount.unsafe(lot),
  minAmount: Amount.unsafe(minAmount),
  minNotional: Decimal.unsafe(minNotional)
})

/** Of a pair in a quote that the venue has no rule of. */
const unknown = ruleOf(Profile.estimated("0"))

const rulesOf = (side: Profile.Side, set: RuleSettings): ReadonlyMap<string, Instruments.Rule> => {
  const rules = new Map(Object.entries(side.rules.value).map(([symbol, text]) => [symbol, ruleOf(text)]))
  for (const [key, own] of Object.entries(set ?? {})) {
    const instrument = Instrument.parse(key)
    const symbol = instrument === undefined ? key : Instrument.format(instrument)
    const before = rules.get(symbol) ?? (instrument === undefined ? undefined : rules.get(`*${instrument.quote}`) ?? unknown)
    // All pairs in a quote that the venue does not have are none.
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

const listingOf = (side: Profile.Side, set: RuleSettings): Listing.Listing => ({
  bases: new Map(Object.entries(side.listed.value).map(([quote, bases]) => [quote, new Set(bases)])),
  added: new Set(Object.keys(set ?? {}).flatMap((key) => {
    const instrument = Instrument.parse(key)
    return instrument === undefined ? [] : [Instrument.format(instrument)]
  }))
})

type RuleSettings = NonNullable<Config.Config["instruments"]>["spot"]

const curveOf = (side: Profile.Side, set: NonNullable<Config.Config["slippage"]>["spot"]): Slippage.Curve =>
  set === undefined
    ? side.slippage.value.map(([notional, bps]) => ({ notional: Decimal.unsafe(notional), bps: Decimal.unsafe(bps) }))
    : "length" in set
      ? set
      : Slippage.flat(set)

/** What fees of a side are set to be paid in. @category combinators @since 0.1.0 */
export const feeAsset = ({ feeAsset }: Config.Config, kind: "spot" | "perp"): "received" | "quote" | "bnb" =>
  (typeof feeAsset === "string" ? feeAsset : feeAsset?.[kind]) ?? "received"

const feeTokenOf = (
  { feeToken }: Profile.Profile,
  config: Config.Config,
  kind: "spot" | "perp",
  taker: Decimal.Decimal
): Side["feeToken"] => {
  if (feeToken === undefined || feeAsset(config, kind) !== "bnb") return undefined
  const left = Decimal.subtract(Decimal.one, Decimal.unsafe(feeToken.discount.value[kind]))
  return { asset: feeToken.asset, rate: Decimal.multiply(taker, left), fixed: config.bnbPrice }
}

const recoveryOf = (
  set: NonNullable<Config.Config["impactRecoverySeconds"]>["spot"]
): Side["recovery"] => {
  if (typeof set === "number") return () => set * 1000
  const seconds = bySymbol(Recovery.seconds, new Map(), new Map(Object.entries(set ?? {})))
  return (instrument) => seconds(instrument) * 1000
}

const sideOf = (profile: Profile.Profile, config: Config.Config, kind: "spot" | "perp"): Side => {
  const side = profile[kind]
  const fees = config.fees?.[kind]
  const taker = fees?.taker ?? Decimal.unsafe(side.fees.value.taker)
  const limit = config.volumeLimit?.[kind]
  const rules = rulesOf(side, config.instruments?.[kind])
  return {
    sub: side.account,
    quotes: new Set(Object.keys(side.listed.value)),
    listing: listingOf(side, config.instruments?.[kind]),
    fees: { taker, maker: fees?.maker ?? Decimal.unsafe(side.fees.value.maker) },
    feeIn: feeAsset(config, kind) === "quote" ? "quote" : "received",
    feeToken: feeTokenOf(profile, config, kind, taker),
    curve: curveOf(side, config.slippage?.[kind]),
    recovery: recoveryOf(config.impactRecoverySeconds?.[kind]),
    volumeLimit: limit === undefined ? undefined : { fraction: limit.fraction, notional: limit.notional },
    rule: (instrument) => rules.get(Instrument.format(instrument)) ?? rules.get(`*${instrument.quote}`) ?? unknown,
    rules
  }
}

/** Whether a setting is one value for every base token. @category guards @since 0.1.0 */
export const isDecimal = (value: object): value is Decimal.Decimal =>
  "scale" in value && typeof value.scale === "number"

/** Of what is set and what is the default, by symbol before base token. */
const bySymbol = <A>(
  other: A,
  defaults: ReadonlyMap<string, A>,
  named: ReadonlyMap<string, A>
): (instrument: Instrument.Instrument) => A =>
(instrument) => {
  const symbol = Instrument.format(instrument)
  return named.get(symbol) ?? named.get(instrument.base) ?? defaults.get(symbol) ?? defaults.get(instrument.base) ?? other
}

interface Named<A> {
  readonly [key: string]: A
}

const isNamed = <A extends Decimal.Decimal | string>(set: A | Named<A>): set is Named<A> =>
  typeof set !== "string" && !isDecimal(set)

const byKey = <A>(named: Named<A>): ReadonlyMap<string, A> =>
  new Map(Object.entries(named).map(([name, value]) => [Config.keyOf(name), value]))

/** One value for all, or by name over the defaults. */
const chosen = <A extends Decimal.Decimal | string>(
  { other, ...named }: Named<A> & { readonly other: A },
  set: A | Named<A> | undefined
): (instrument: Instrument.Instrument) => A => {
  const defaults = new Map(Object.entries<A>(named))
  if (set === undefined) return bySymbol(other, defaults, new Map())
  return isNamed(set) ? bySymbol(other, defaults, byKey(set)) : () => set
}

const mapped = <B>(defaults: Profile.ByBase, read: (text: string) => B): Named<B> & { readonly other: B } => ({
  ...Object.fromEntries(Object.entries(defaults).map(([key, text]) => [key, read(text)])),
  other: read(defaults.other)
})

const charge = (text: string): Tiers.Charge => (text === "maintenance" ? text : Decimal.unsafe(text))

const tiersOf = (
  { tiers: { deducts, value: { other, ...named } } }: Profile.Profile["perp"],
  { maintenanceMargin, marginTiers }: Config.Config
): (instrument: Instrument.Instrument) => Tiers.Terms["tiers"] => {
  const set = new Map<string, Tiers.Terms["tiers"]>()
  const flat = (rate: Decimal.Decimal) => Tiers.make({ maxLeverage: undefined, maintenance: rate })
  if (maintenanceMargin !== undefined && !isDecimal(maintenanceMargin)) {
    for (const [key, rate] of Object.entries(maintenanceMargin)) set.set(Config.keyOf(key), flat(rate))
  }
  for (const [key, [first, ...rest]] of Object.entries(marginTiers ?? {})) {
    const read = (tier: typeof first) => ({ ...tier, maxLeverage: tier.maxLeverage })
    set.set(Config.keyOf(key), Tiers.make(read(first), rest.map(read), deducts))
  }
  if (maintenanceMargin !== undefined && isDecimal(maintenanceMargin)) {
    return bySymbol(flat(maintenanceMargin), new Map(), set)
  }
  const known = Object.entries(named).map(([key, tiers]) => [key, Tiers.unsafe(tiers, deducts)] as const)
  return bySymbol(Tiers.unsafe(other, deducts), new Map(known), set)
}

const marginOf = (profile: Profile.Profile, config: Config.Config): Settings["margin"] => {
  const leverage = chosen(mapped(profile.perp.leverage.value, Decimal.unsafe), config.leverage)
  const mode = chosen<Tiers.Mode>({ other: "cross" }, config.marginMode)
  const liquidation = chosen<Tiers.Charge>(mapped(profile.perp.liquidation.value, charge), config.liquidationFee)
  const tiers = tiersOf(profile.perp, config)
  return (instrument) => ({
    leverage: leverage(instrument),
    mode: mode(instrument),
    liquidation: liquidation(instrument),
    tiers: tiers(instrument)
  })
}

const borrowRate = ({ perp }: Profile.Profile, { borrowRate }: Config.Config): ((coin: Asset.Asset) => Decimal.Decimal) => {
  const { value: { other, ...known } } = perp.borrowing ?? Profile.estimatedBorrowing
  const rates = new Map(Object.entries(known).map(([coin, rate]) => [coin, Decimal.unsafe(rate)]))
  if (borrowRate !== undefined && isDecimal(borrowRate)) return () => borrowRate
  for (const [coin, rate] of Object.entries(borrowRate ?? {})) rates.set(coin, rate)
  return (coin) => rates.get(coin) ?? Decimal.unsafe(other)
}

const collateralOf = (profile: Profile.Profile, config: Config.Config, fee: Decimal.Decimal): Settings["collateral"] => {
  const known = profile.perp.collateral
  if (known === undefined && config.collateral === undefined) return undefined
  const ratios = new Map<Asset.Asset, Decimal.Decimal>()
  // A settlement coin backs its own positions whole, unless something else is said of it.
  for (const quote of Object.keys(profile.perp.listed.value)) ratios.set(quote, Decimal.one)
  for (const [coin, ratio] of Object.entries(known?.value ?? {})) ratios.set(coin, Decimal.unsafe(ratio))
  for (const [coin, ratio] of Object.entries(config.collateral ?? {})) ratios.set(coin, ratio)
  return { ratios, fee, borrowing: { coins: new Set(Object.keys(profile.perp.listed.value)), rate: borrowRate(profile, config) } }
}

const standIn = (prefix: string, set: Config.Config["priceFrom"]): (base: Asset.Asset) => string | undefined => {
  const names = typeof set === "string" ? undefined : new Map(Object.entries(set ?? {}))
  return (base) => {
    const name = typeof set === "string" ? set : names?.get(base)
    if (name === undefined) return undefined
    // A series of the coin that the base is a multiple of stands for that many times as much.
    const coin = Asset.multiple(base)?.of
    return !name.includes(".")
      ? `${prefix}.${name}.${base}`
      : coin !== undefined && name.endsWith(`.${coin}`)
        ? `${name.slice(0, -coin.length)}${base}`
        : name
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
    for (const [network, [fee, leastWithdrawal, leastDeposit, withdrawalDelay, depositDelay]] of Object.entries(known)) {
      put(token, network, {
        withdrawalFee: Amount.unsafe(fee),
        withdrawalMinimum: Amount.unsafe(leastWithdrawal),
        depositMinimum: Amount.unsafe(leastDeposit),
        withdrawalDelay: (config.withdrawalDelaySeconds ?? withdrawalDelay) * 1000,
        depositDelay: (config.depositDelaySeconds ?? depositDelay) * 1000
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
  spot: sideOf(profile, config, "spot"),
  perp: sideOf(profile, config, "perp"),
  feeToken: profile.feeToken?.asset,
  margin: marginOf(profile, config),
  collateral: collateralOf(profile, config, config.fees?.spot?.taker ?? Decimal.unsafe(profile.spot.fees.value.taker)),
  standIns: {
    spot: standIn("spot", config.spotPriceFrom),
    mark: standIn("perp", config.priceFrom),
    funding: standIn("funding", config.fundingFrom)
  },
  gateways: profile.gateways,
  leastWithdrawal: profile.leastWithdrawal.value,
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
 * Whether an account can hold a token: one for perpetuals alone holds settlement coins, and the token of fees.
 *
 * @category guards
 * @since 0.1.0
 */
export const holds = (settings: Settings, sub: Account.SubAccount, token: Asset.Asset): boolean =>
  sub !== settings.perp.sub || settings.perp.sub === settings.spot.sub || settings.perp.quotes.has(token) ||
  token === settings.feeToken
