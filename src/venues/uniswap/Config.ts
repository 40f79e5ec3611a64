/**
 * Settings of the simulated Uniswap.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instruction from "../../domain/Instruction.js"
import * as Wire from "../../domain/Wire.js"
import type * as Assumption from "../../sim/Assumption.js"
import * as Recovery from "../../sim/Recovery.js"
import * as Markets from "./Markets.js"
import * as Pool from "./Pool.js"
import * as Ticks from "./Ticks.js"

const integer = (decimal: Decimal.Decimal): bigint => Decimal.toScale(decimal, 0, "down")

const Integer = Decimal.Decimal.pipe(
  Schema.filter(
    (decimal) => Decimal.compare(Decimal.make(integer(decimal), 0), decimal) === 0 || "expected a whole number"
  )
)

const Tick = Wire.struct({
  tick: Schema.Int,
  /** Liquidity that going up across the tick adds. */
  liquidity_net: Integer
})

const FixedPrice = Wire.struct({
  /** Square root of the price of token0 in token1, in their smallest units, times 2^96. */
  sqrt_price_x96: Integer
})

const Recovers = Schema.Int.pipe(Schema.between(0, 31_622_400, { message: () => "expected whole seconds from 0 to a year" }))

const PoolConfig = Wire.struct({
  /** The tokens in the order of the pool: by their addresses. */
  token0: Schema.String,
  token1: Schema.String,
  /** In 1e-6: 500 is 0.05 %. */
  fee_tier: Schema.Int.pipe(Schema.between(1, 999_999)),
  /** Needed only for a fee that is none of 100, 500, 3000 and 10000. */
  tick_spacing: Schema.optional(Schema.Int.pipe(Schema.between(1, 16_383))),
  /** Liquidity at every price, in the unit of `liquidity()`; beside `ticks` it is added to theirs. */
  liquidity: Schema.optional(Integer),
  /** Initialised ticks by rising index, as a tick lens reads them. */
  ticks: Schema.optional(Schema.Array(Tick)),
  /**
   * `data` (the default) for the pool's own series, the name of a series that stands in for it, or a fixed price to
   * begin with.
   */
  price_from: Schema.optional(Schema.Union(Schema.String, FixedPrice)),
  /** Of this pool, in place of the venue's. */
  impact_recovery_seconds: Schema.optional(Recovers)
})

type PoolConfig = typeof PoolConfig.Type

const ticksOf = (pool: PoolConfig, spacing: number): Ticks.Ticks => {
  const net = new Map((pool.ticks ?? []).map(({ liquidityNet, tick }) => [tick, integer(liquidityNet)]))
  const everywhere = pool.liquidity === undefined ? 0n : integer(pool.liquidity)
  if (everywhere > 0n) {
    const { lower, upper } = Ticks.fullRange(spacing, everywhere)
    net.set(lower, (net.get(lower) ?? 0n) + everywhere)
    net.set(upper, (net.get(upper) ?? 0n) - everywhere)
  }
  return [...net].map(([index, liquidityNet]) => ({ index, liquidityNet })).sort((a, b) => a.index - b.index)
}

const priceFault = (pool: PoolConfig): string | undefined => {
  const { priceFrom } = pool
  if (typeof priceFrom === "object") {
    return Pool.isPrice(integer(priceFrom.sqrtPriceX96)) ? undefined : "expected a sqrt_price_x96 that a pool can have"
  }
  const series = priceFrom === undefined || priceFrom === "data" ? Markets.seriesOf(pool.token0, pool.token1) : priceFrom
  return Markets.isInverted(series, pool.token0, pool.token1) === undefined
    ? `expected price_from to name a series of ${pool.token0} in ${pool.token1}, or the other way round, and got ${series}`
    : undefined
}

const poolFault = (pool: PoolConfig): string | undefined => {
  for (const token of [pool.token0, pool.token1]) {
    if (token === "ETH") return "expected WETH: a pool holds no native ether"
    if (!Asset.isToken(token)) return `expected a token known by name, and got ${token}`
  }
  if (pool.token0 === pool.token1) return "expected two tokens"
  const spacing = pool.tickSpacing ?? Markets.spacingOf(pool.feeTier)
  if (spacing === undefined) return `expected a tick_spacing, because ${pool.feeTier} has none by itself`
  if (pool.liquidity !== undefined && pool.liquidity.value < 0n) return "expected a liquidity of 0 or more"
  const given = (pool.ticks ?? []).map(({ liquidityNet, tick }) => ({ index: tick, liquidityNet: integer(liquidityNet) }))
  const ticks = ticksOf(pool, spacing)
  if (ticks.length === 0 && knownAs(pool) === undefined) return "expected liquidity or ticks"
  return Ticks.fault(given, spacing) ?? Ticks.fault(ticks, spacing) ?? priceFault(pool)
}

/**
 * Settings of the simulated Uniswap, all optional.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  /** Chain that it is on; an instruction for another one is refused. Defaults to `ethereum`. */
  network: Schema.optional(Instruction.Id),
  /**
   * What a swap allows the router: `exact` what it sells, so that each pays for an approval, or `unlimited`, so that
   * only the first of a token does. Defaults to `exact`.
   */
  approval: Schema.optional(Schema.Literal("exact", "unlimited")),
  /**
   * Seconds until a pool is back at the price of its series after an own swap; 0 prices each swap by itself. Defaults to
   * 1800. A pool with a fixed price stays where own swaps leave it.
   */
  impact_recovery_seconds: Schema.optional(Recovers),
  /** Pools beside those of {@link Markets.known}, or in the place of one with the same tokens and fee. */
  pools: Schema.optional(
    Schema.Array(
      PoolConfig.pipe(Schema.filter((pool) => poolFault(pool) ?? true))
    ).pipe(
      Schema.filter((pools) => {
        const ids = pools.map(({ feeTier, token0, token1 }) => Markets.idOf(token0, token1, feeTier))
        const twice = ids.find((id, position) => ids.indexOf(id) !== position)
        return twice === undefined || `expected each pool once, and got ${twice} twice`
      })
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
  readonly markets: ReadonlyArray<Markets.Market>
}

const knownAs = ({ feeTier, token0, token1 }: Pick<PoolConfig, "feeTier" | "token0" | "token1">): Markets.Known | undefined =>
  Markets.known.find((pool) => pool.token0 === token0 && pool.token1 === token1 && pool.feeTier === feeTier)

const priceOf = (pool: PoolConfig): Markets.PriceFrom => {
  const { priceFrom, token0, token1 } = pool
  if (typeof priceFrom === "object") return { _tag: "Fixed", sqrtPriceX96: integer(priceFrom.sqrtPriceX96) }
  const series = priceFrom === undefined || priceFrom === "data" ? Markets.seriesOf(token0, token1) : priceFrom
  return { _tag: "Series", series, inverted: Markets.isInverted(series, token0, token1) === true }
}

const depthOf = (pool: PoolConfig, source: string): Markets.Market["depth"] => {
  const everywhere = pool.liquidity === undefined ? undefined : `${integer(pool.liquidity)} at every price`
  const placed = pool.ticks === undefined ? undefined : `as placed by ${pool.ticks.length} ticks`
  return { value: [everywhere, placed].filter((part) => part !== undefined).join(", and "), source }
}

const marketOf = (given: PoolConfig, recovery: number): Markets.Market => {
  const known = knownAs(given)
  const isDefault = given.liquidity === undefined && given.ticks === undefined && known !== undefined
  const pool: PoolConfig = isDefault ? { ...given, liquidity: Decimal.make(known.liquidity, 0) } : given
  const { feeTier, token0, token1 } = pool
  const tickSpacing = pool.tickSpacing ?? Markets.spacingOf(feeTier) ?? 1
  return {
    id: Markets.idOf(token0, token1, feeTier),
    token0,
    token1,
    scales: { token0: Asset.decimals(token0), token1: Asset.decimals(token1) },
    terms: { fee: BigInt(feeTier), tickSpacing, ticks: ticksOf(pool, tickSpacing) },
    price: priceOf(pool),
    recovery: (pool.impactRecoverySeconds ?? recovery) * 1000,
    depth: depthOf(pool, isDefault ? known.source : "config")
  }
}

/**
 * The settings of the venue: the known pools, with those of the configuration in their place or beside them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const resolve = (config: Config = {}): Settings => {
  const markets = new Map<string, Markets.Market>()
  const put = (pool: PoolConfig) => {
    const market = marketOf(pool, config.impactRecoverySeconds ?? Recovery.seconds)
    markets.set(market.id, market)
  }
  for (const { feeTier, token0, token1 } of Markets.known) put({ feeTier, token0, token1 })
  for (const pool of config.pools ?? []) put(pool)
  return { network: config.network ?? "ethereum", approval: config.approval ?? "exact", markets: [...markets.values()] }
}

const line = (subject: string, value: string, source: string, scope?: Assumption.Scope): Assumption.Assumption => ({
  venue: "uniswap",
  subject,
  value,
  source,
  scope
})

const seconds = (time: number): string => (time === 0 ? "no time" : `${time} s`)

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const { approval, markets } = resolve(config)
  return [
    line(
      "approval",
      approval === "exact" ? "one for every swap, of what it sells" : "one for each token, unlimited",
      config.approval === undefined ? "default" : "config"
    ),
    line(
      "recovery from own swaps",
      `pools that follow a series are moved away from it by what own swaps put in, for ${
        seconds(config.impactRecoverySeconds ?? Recovery.seconds)
      }${
        (config.pools ?? []).flatMap((pool) =>
          pool.impactRecoverySeconds === undefined
            ? []
            : [`; ${Markets.idOf(pool.token0, pool.token1, pool.feeTier)}: ${seconds(pool.impactRecoverySeconds)}`]
        ).join("")
      }; until then a swap that names no pool stays with the one of the pair that was used`,
      config.impactRecoverySeconds === undefined ? Recovery.source : "config"
    ),
    line("liquidity", "the same at all times; no other trader, no reordering, no share of the fee for the protocol", "simplification"),
    line(
      "gas of a swap",
      "the flat estimate, however many initialised ticks it crosses; the contracts took up to 150,000 for none, 194,000 for one, 232,000 for two",
      "measured on the bytecode of v3-core 1.0.1"
    ),
    line("routing", "one pool a swap: the named one, or that which costs least for the amount", "simplification"),
    ...markets.flatMap(({ depth, id, price }) => [
      line(`liquidity of ${id}`, depth.value, depth.source, { place: id }),
      price._tag === "Series"
        ? line(`price of ${id}`, `series ${price.series}`, isOwn(config, id) ? "data" : "config", { place: id })
        : line(`price of ${id}`, `begins at sqrt_price_x96 ${price.sqrtPriceX96}, and only own swaps move it`, "config", { place: id })
    ])
  ]
}

const isOwn = (config: Config, id: string): boolean => {
  const given = config.pools?.find((pool) => Markets.idOf(pool.token0, pool.token1, pool.feeTier) === id)?.priceFrom
  return given === undefined || given === "data"
}
