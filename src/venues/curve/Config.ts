/**
 * Settings of the simulated Curve.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instruction from "../../domain/Instruction.js"
import * as Wire from "../../domain/Wire.js"
import * as Recovery from "../../sim/Recovery.js"
import * as Invariant from "./Invariant.js"
import type * as Pool from "./Pool.js"
import * as Pools from "./Pools.js"

/** Decimals of fees and of the fee's multiplier in the contracts. */
const feeScale = 10

const isExact = (decimal: Decimal.Decimal, scale: number): boolean =>
  Decimal.compare(Decimal.make(Decimal.toScale(decimal, scale, "down"), scale), decimal) === 0

const fraction = (most: Decimal.Decimal) =>
  Decimal.Decimal.pipe(
    Schema.filter(
      (share) =>
        (share.value >= 0n && Decimal.compare(share, most) <= 0 && isExact(share, feeScale)) ||
        `expected a fraction from 0 to ${Decimal.format(most)} with at most ${feeScale} decimals`
    )
  )

const Multiplier = Decimal.Decimal.pipe(
  Schema.filter(
    (factor) =>
      (Decimal.compare(factor, Decimal.one) >= 0 && Decimal.compare(factor, Decimal.make(1000n, 0)) <= 0 && isExact(factor, feeScale)) ||
      `expected a factor from 1 to 1000 with at most ${feeScale} decimals`
  )
)

const Token = Schema.String.pipe(
  Schema.filter((token) => (Asset.parse(token) === token && Asset.kind(token) === "asset") || "expected the symbol of a token")
)

const MarketRate = Wire.struct({
  /** The coin that is priced in the other. */
  token: Token,
  /** Series of its price. */
  series: Schema.NonEmptyString,
  /** Series that its price is divided by. */
  over: Schema.optional(Schema.NonEmptyString)
})

const Recovers = Schema.Int.pipe(Schema.between(0, 31_622_400, { message: () => "expected whole seconds from 0 to a year" }))

const PoolConfig = Wire.struct({
  /** Whether the pool is there. Defaults to true. */
  enabled: Schema.optional(Schema.Boolean),
  /** Contract of the pool; an instruction may name it as its market. */
  address: Schema.optional(Schema.String.pipe(Schema.pattern(/^0x[0-9a-fA-F]{40}$/, { description: "an address" }))),
  /** Whose formulas the contract has. Defaults to `ng` for a pool that is not known. */
  version: Schema.optional(Schema.Literal("susd", "3pool", "steth", "ng")),
  /** Two to eight tokens in the order of the contract. */
  coins: Schema.optional(Schema.Array(Token).pipe(Schema.minItems(2), Schema.maxItems(8))),
  /** A as the contract shows it. */
  a: Schema.optional(Schema.Int.pipe(Schema.between(1, 1_000_000))),
  /** Fee of an exchange. */
  fee: Schema.optional(fraction(Decimal.unsafe("0.5"))),
  /** Share of the fee that goes to Curve. Defaults to 0.5. */
  admin_fee: Schema.optional(fraction(Decimal.one)),
  /** How many times the fee is taken far from the peg; only of version `ng`. Defaults to 1. */
  offpeg_fee_multiplier: Schema.optional(Multiplier),
  /** Whole coins that the pool holds, by token. */
  balances: Schema.optional(Schema.Record({ key: Token, value: Amount.Positive })),
  /** By token, the series of the rate that the contract multiplies its balance by. */
  rates: Schema.optional(Schema.Record({ key: Token, value: Schema.NonEmptyString })),
  /** What prices the two coins of the pool in each other, for `price_from: data`. */
  market_rate: Schema.optional(MarketRate),
  /**
   * `data`: the balances are moved along the invariant until the pool shows the market rate of the data, and from there by
   * what own exchanges put in and the pool has not recovered from. `balances`: the price follows from the balances, which nobody but the trader changes. Defaults to
   * `data` where there is a market rate.
   */
  price_from: Schema.optional(Schema.Literal("data", "balances")),
  /** Whether size moves the price; without it an exchange costs the fee and nothing else. Defaults to true. */
  impact: Schema.optional(Schema.Boolean),
  /** Of this pool, in place of the venue's. */
  impact_recovery_seconds: Schema.optional(Recovers)
})

/**
 * What the configuration says of one pool; what it leaves out has the default of that pool.
 *
 * @category models
 * @since 0.1.0
 */
export type PoolConfig = typeof PoolConfig.Type

/**
 * One pool, set up.
 *
 * @category models
 * @since 0.1.0
 */
export interface PoolSettings {
  readonly name: string
  readonly address: string | undefined
  readonly coins: ReadonlyArray<Asset.Asset>
  /** The pool as configured, its rates those of the decimals alone. */
  readonly pool: Pool.Pool
  /** By index, the series of the coin's rate. */
  readonly rates: ReadonlyArray<string | undefined>
  readonly marketRate: (Pools.MarketRate & { readonly index: 0 | 1 }) | undefined
  readonly priceFrom: "data" | "balances"
  readonly impact: boolean
  /** Milliseconds that own exchanges move a pool away from the price of the data; 0 for none. */
  readonly recovery: number
  readonly recoveryFrom: string
  readonly parametersFrom: string
  readonly balancesFrom: string
}

const known = (name: string): Pools.Known | undefined => Pools.defaults.find((pool) => pool.name === name)

const poolFaults = (name: string, config: PoolConfig): ReadonlyArray<Schema.FilterIssue> => {
  if (config.enabled === false) return []
  const { marketRate, priceFrom } = config
  const before = known(name)
  const coins = config.coins ?? before?.coins
  const fault = (field: string, message: string): Schema.FilterIssue => ({ path: [name, field], message: `expected ${message}` })
  if (coins === undefined) return [fault("coins", "the tokens of the pool, because it is not one that is known")]
  const faults: Array<Schema.FilterIssue> = []
  const changed = config.coins !== undefined && before !== undefined && config.coins.join() !== before.coins.join()
  if (changed) faults.push(fault("coins", `${before.coins.join(", ")}, or another name for another pool`))
  if (new Set(coins).size < coins.length) faults.push(fault("coins", "each token once"))
  for (const field of ["a", "fee", "balances"] as const) {
    if (before === undefined && config[field] === undefined) faults.push(fault(field, "a value, because the pool is not one that is known"))
  }
  if (config.balances !== undefined && coins.some((coin) => config.balances![coin] === undefined)) {
    faults.push(fault("balances", `a balance of each of ${coins.join(", ")}`))
  }
  for (const field of ["balances", "rates"] as const) {
    const other = Object.keys(config[field] ?? {}).find((token) => !coins.includes(token))
    if (other !== undefined) faults.push(fault(field, `only tokens of the pool, ${coins.join(", ")}, and not ${other}`))
  }
  const rate = marketRate ?? before?.marketRate
  if (rate !== undefined && coins.length !== 2) faults.push(fault("market_rate", "none, because it prices the two coins of a pool in each other"))
  if (rate !== undefined && !coins.includes(rate.token)) faults.push(fault("market_rate", `a token of the pool: ${coins.join(", ")}`))
  if (priceFrom === "data" && rate === undefined) faults.push(fault("price_from", "balances, or a market_rate"))
  const version = config.version ?? before?.version ?? "ng"
  if (config.offpegFeeMultiplier !== undefined && version !== "ng") {
    faults.push(fault("offpeg_fee_multiplier", `none, because contracts of version ${version} have one fee`))
  }
  return faults
}

const PoolName = Schema.String.pipe(
  Schema.filter((name) => (/^[a-z0-9][a-z0-9_-]{0,31}$/.test(name) && !(name in Object.prototype)) || "expected a name of small letters, digits, _ and -")
)

/**
 * Settings of the simulated Curve, all optional.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  /** Chain that it is on; an instruction for another one is refused. Defaults to `ethereum`. */
  network: Schema.optional(Instruction.Id),
  /**
   * What an exchange allows the pool: `exact` its own amount, so that each pays for an approval, or `unlimited`, so that
   * only the first of a token at a pool does. Defaults to `exact`.
   */
  approval: Schema.optional(Schema.Literal("exact", "unlimited")),
  /**
   * Seconds until a pool with `price_from: data` is back at the market rate after an own exchange; 0 prices each exchange by
   * itself. Defaults to 1800. A pool whose price follows from its balances stays where own exchanges leave it.
   */
  impact_recovery_seconds: Schema.optional(Recovers),
  /** Pools by name, over those of {@link Pools.defaults}. */
  pools: Schema.optional(
    Schema.Record({ key: PoolName, value: PoolConfig }).pipe(
      Schema.filter((pools) => Object.keys(pools).flatMap((name) => poolFaults(name, pools[name]!)))
    )
  )
})

/** @category models @since 0.1.0 */
export type Config = typeof Config.Type

/**
 * Settings with every default filled in.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  readonly network: string
  readonly approval: "exact" | "unlimited"
  readonly pools: ReadonlyArray<PoolSettings>
}

const inContract = (decimal: Decimal.Decimal): bigint => Decimal.toScale(decimal, feeScale, "down")

const poolOf = (name: string, config: PoolConfig, recovery: number): PoolSettings => {
  const before = known(name)
  const version = config.version ?? before?.version ?? "ng"
  const coins = config.coins ?? before?.coins ?? []
  const marketRate = config.marketRate ?? before?.marketRate
  const own = ["version", "a", "fee", "adminFee", "offpegFeeMultiplier"] as const
  const balances = coins.map((coin, index) =>
    Decimal.toScale(
      config.balances === undefined ? before?.balances[index] ?? Decimal.zero : Amount.toDecimal(config.balances[coin] ?? 0n),
      Asset.decimals(coin),
      "down"
    ))
  return {
    name,
    address: config.address ?? before?.address,
    coins,
    pool: {
      version,
      amp: (config.a === undefined ? before?.a ?? 1n : BigInt(config.a)) * Invariant.precisionOf(version),
      fee: inContract(config.fee ?? before?.fee ?? Decimal.zero),
      adminFee: inContract(config.adminFee ?? before?.adminFee ?? Decimal.unsafe("0.5")),
      offpegFeeMultiplier: inContract(config.offpegFeeMultiplier ?? before?.offpegFeeMultiplier ?? Decimal.one),
      rates: coins.map((coin) => Decimal.pow10(36 - Asset.decimals(coin))),
      balances,
      adminBalances: coins.map(() => 0n)
    },
    rates: coins.map((coin) => (config.rates ?? before?.rates)?.[coin]),
    marketRate: marketRate === undefined ? undefined : { ...marketRate, index: coins[0] === marketRate.token ? 0 : 1 },
    priceFrom: config.priceFrom ?? (marketRate === undefined ? "balances" : "data"),
    impact: config.impact ?? true,
    recovery: (config.impactRecoverySeconds ?? recovery) * 1000,
    recoveryFrom: config.impactRecoverySeconds === undefined && recovery === Recovery.seconds ? Recovery.source : "config",
    parametersFrom: before === undefined || own.some((field) => config[field] !== undefined) ? "config" : before.parametersFrom,
    balancesFrom: before === undefined || config.balances !== undefined ? "config" : before.balancesFrom
  }
}

/**
 * The settings of the venue: the known pools with what the configuration changes or adds, without those that it turns
 * off.
 *
 * @category constructors
 * @since 0.1.0
 */
export const resolve = (config: Config = {}): Settings => {
  const names = new Set([...Pools.defaults.map(({ name }) => name), ...Object.keys(config.pools ?? {})])
  return {
    network: config.network ?? "ethereum",
    approval: config.approval ?? "exact",
    pools: [...names].flatMap((name) => {
      const own = config.pools?.[name] ?? {}
      return own.enabled === false ? [] : [poolOf(name, own, config.impactRecoverySeconds ?? Recovery.seconds)]
    })
  }
}
