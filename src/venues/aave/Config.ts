/**
 * Settings of the simulated Aave.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instruction from "../../domain/Instruction.js"
import * as Wire from "../../domain/Wire.js"
import * as EMode from "./EMode.js"
import type * as RateModel from "./RateModel.js"
import * as RayMath from "./RayMath.js"
import * as Reserves from "./Reserves.js"

const pointScale = 4

const Share = Decimal.Decimal.pipe(
  Schema.filter(
    (share) =>
      (share.value >= 0n &&
        Decimal.compare(share, Decimal.one) <= 0 &&
        Decimal.compare(Decimal.make(Decimal.toScale(share, pointScale, "down"), pointScale), share) === 0) ||
      "expected a fraction from 0 to 1 with at most 4 decimals"
  )
)

const Rate = Decimal.Decimal.pipe(
  Schema.filter((rate) =>
    (rate.value >= 0n && Decimal.compare(rate, Decimal.make(100n, 0)) <= 0) || "expected a yearly rate from 0 to 100 (1 is 100 %)"
  )
)

const NotNegative = Amount.Amount.pipe(Schema.filter((amount) => amount >= 0n || "expected an amount, zero or more"))

const Curve = Wire.struct({
  /** Share of the tokens lent up to which `slope1` holds, above 0 and below 1. */
  optimal_usage: Share.pipe(
    Schema.filter((share) => (share.value > 0n && Decimal.compare(share, Decimal.one) < 0) || "expected a fraction above 0 and below 1")
  ),
  /** Yearly borrow rate while nothing is lent. */
  base_rate: Rate,
  /** What it grows by up to `optimal_usage`. */
  slope1: Rate,
  /** What it grows by from there until all is lent. */
  slope2: Rate
})

const Override = Wire.struct({
  /** Most that may be borrowed on it, as a fraction of its value. */
  ltv: Schema.optional(Share),
  /** Share of its value that debt may reach. Not below `ltv`. */
  liquidation_threshold: Schema.optional(Share),
  /** What a liquidator seizes beyond the value that is repaid: 0.05 is 5 % more. */
  liquidation_bonus: Schema.optional(Share),
  /** Share of that bonus that goes to the treasury. Defaults to 0.1 for reserves with defaults. */
  liquidation_protocol_fee: Schema.optional(Share),
  borrowable: Schema.optional(Schema.Boolean),
  /** Nothing new is supplied or borrowed. Defaults to false. */
  frozen: Schema.optional(Schema.Boolean),
  /** Nothing is done at all, liquidation included. Defaults to false. */
  paused: Schema.optional(Schema.Boolean),
  /** Whether flash loans of it are given. Defaults to true. */
  flash_loans: Schema.optional(Schema.Boolean),
  /** Most that all may supply. Defaults to no limit, as does 0. */
  supply_cap: Schema.optional(NotNegative),
  /** Most that all may owe. Defaults to no limit, as does 0. */
  borrow_cap: Schema.optional(NotNegative),
  /** Whether the indices are those of the data or come from `rate_model`. Defaults to `data`. */
  interest: Schema.optional(Schema.Literal("data", "model")),
  rate_model: Schema.optional(Curve),
  /** Share of the interest that goes to the treasury, with a rate model. Defaults to 0.1. */
  reserve_factor: Schema.optional(Share),
  /** What others supply at the beginning. Defaults to enough with indices of the data, and nothing with a rate model. */
  total_supply: Schema.optional(NotNegative),
  /** What others owe at the beginning. Not above `total_supply`. Defaults to nothing. */
  total_debt: Schema.optional(NotNegative)
})

/**
 * What the configuration says of one reserve; what it leaves out has the default of that reserve.
 *
 * @category models
 * @since 0.1.0
 */
export type Override = typeof Override.Type

const points = (share: Decimal.Decimal): bigint => Decimal.toScale(share, pointScale, "down")

const rays = (rate: Decimal.Decimal): bigint => Decimal.toScale(rate, 27, "down")

const curve = ({ baseRate, optimalUsage, slope1, slope2 }: typeof Curve.Type): RateModel.Curve => ({
  optimalUsage: rays(optimalUsage),
  base: rays(baseRate),
  slope1: rays(slope1),
  slope2: rays(slope2)
})

const merged = (token: Asset.Asset, override: Override): Reserves.Reserve => {
  const known = Reserves.defaults.find((reserve) => reserve.token === token) ?? Reserves.unlisted(token)
  const share = (given: Decimal.Decimal | undefined, otherwise: bigint) => (given === undefined ? otherwise : points(given))
  const unitsOf = (amount: Amount.Amount) => Amount.toUnits(amount, Asset.decimals(token), "down")
  const cap = (given: Amount.Amount | undefined) => (given === undefined || given === 0n ? undefined : unitsOf(given))
  const { rateModel, totalDebt, totalSupply } = override
  return {
    token,
    ltv: share(override.ltv, known.ltv),
    liquidationThreshold: share(override.liquidationThreshold, known.liquidationThreshold),
    liquidationBonus: override.liquidationBonus === undefined ? known.liquidationBonus : RayMath.percent + points(override.liquidationBonus),
    liquidationFee: share(override.liquidationProtocolFee, known.liquidationFee),
    borrowable: override.borrowable ?? known.borrowable,
    frozen: override.frozen ?? known.frozen,
    paused: override.paused ?? known.paused,
    flashable: override.flashLoans ?? known.flashable,
    supplyCap: cap(override.supplyCap),
    borrowCap: cap(override.borrowCap),
    factor: share(override.reserveFactor, known.factor),
    interest: rateModel === undefined ? "data" : curve(rateModel),
    others: totalSupply === undefined && totalDebt === undefined && rateModel === undefined
      ? undefined
      : { supply: unitsOf(totalSupply ?? 0n), debt: unitsOf(totalDebt ?? 0n) },
    source: "config"
  }
}

const Token = Schema.String.pipe(Schema.filter((token) =>
  !Asset.isToken(token)
    ? "expected a token known by name"
    : token !== "ETH" || "expected WETH: a lending pool holds no native ether"
))

/** What a liquidator takes may not be more than there is at the threshold, as the contracts want it. */
const covers = ({ liquidationBonus, liquidationThreshold }: EMode.Terms): boolean =>
  RayMath.percentMul(liquidationThreshold, liquidationBonus) <= RayMath.percent

const reserveFaults = (token: string, override: Override): ReadonlyArray<Schema.FilterIssue> => {
  if (!Asset.isToken(token)) return []
  const reserve = merged(token, override)
  const issues: Array<Schema.FilterIssue> = []
  const check = (holds: boolean, message: string) => void (holds || issues.push({ path: [token], message }))
  check(reserve.ltv <= reserve.liquidationThreshold, `expected an ltv of ${token} not above its liquidation_threshold`)
  check(covers(reserve), `expected a liquidation_threshold of ${token} that leaves room for its liquidation_bonus`)
  check((override.totalDebt ?? 0n) <= (override.totalSupply ?? 0n), `expected a total_debt of ${token} not above its total_supply`)
  check((override.interest === "model") === (override.rateModel !== undefined), "expected a rate_model with an interest of \"model\", and only there")
  return issues
}

const Category = Wire.struct({
  ltv: Share,
  liquidation_threshold: Share,
  liquidation_bonus: Share,
  /** Tokens whose supply these parameters hold for. */
  collateral: Schema.Array(Token),
  /** Tokens that may be borrowed while the category is on. */
  borrowable: Schema.Array(Token)
})

const category = (id: string, given: typeof Category.Type): EMode.Category => ({
  id: Number(id),
  ltv: points(given.ltv),
  liquidationThreshold: points(given.liquidationThreshold),
  liquidationBonus: RayMath.percent + points(given.liquidationBonus),
  collateral: new Set(given.collateral),
  borrowable: new Set(given.borrowable),
  source: "config"
})

const categoryFaults = (id: string, given: typeof Category.Type): ReadonlyArray<Schema.FilterIssue> => {
  const made = category(id, given)
  return made.ltv <= made.liquidationThreshold && made.ltv > 0n && covers(made)
    ? []
    : [{ path: [id], message: "expected 0 < ltv <= liquidation_threshold, and room for the liquidation_bonus above it" }]
}

const CategoryId = Schema.String.pipe(
  Schema.pattern(/^([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/, { description: "the number of a category, 1 to 255" })
)

const fields = Wire.struct({
  /** Chain that it is on; an instruction for another one is refused. Defaults to `ethereum`. */
  network: Schema.optional(Instruction.Id),
  /** Rounding and rules of the contracts: `v3.5` as since 2025, `v3.0` as before it. Defaults to `v3.5`. */
  rounding: Schema.optional(Schema.Literal("v3.5", "v3.0")),
  /**
   * What a supply or a repayment allows the pool: `exact` its own amount, so that each pays for an approval, or
   * `unlimited`, so that only the first of a token does. Defaults to `exact`, as the live venue does.
   */
  approval: Schema.optional(Schema.Literal("exact", "unlimited")),
  /** What a flash loan costs, as a fraction of it. Defaults to 0.0005. */
  flash_premium: Schema.optional(Share),
  /**
   * Parameters by token, over those of {@link Reserves.defaults}. A token without defaults is no collateral and not
   * borrowable until it is set.
   */
  reserves: Schema.optional(
    Schema.Record({ key: Token, value: Override }).pipe(
      Schema.filter((reserves) =>
        Object.keys(reserves).flatMap((token) => reserveFaults(token, reserves[token]!)))
    )
  ),
  /** Efficiency modes by their number, beside those of {@link EMode.defaults} or in place of them. */
  emodes: Schema.optional(
    Schema.Record({ key: CategoryId, value: Category }).pipe(
      Schema.filter((categories) => Object.keys(categories).flatMap((id) => categoryFaults(id, categories[id]!)))
    )
  ),
  /** Efficiency mode at the beginning. Defaults to 0, none. */
  opening_emode: Schema.optional(Schema.Int.pipe(Schema.between(0, 255)))
})

/**
 * Settings of the simulated Aave, all optional.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = fields.pipe(
  Schema.filter(({ emodes = {}, openingEmode = 0 }) =>
    openingEmode === 0 || Object.hasOwn(emodes, String(openingEmode)) || EMode.defaults.some(({ id }) => id === openingEmode)
      ? []
      : [{ path: ["opening_emode"], message: "expected the number of an efficiency mode" }]
  )
)

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
  readonly version: RayMath.Version
  readonly scaling: RayMath.Scaling
  readonly approval: "exact" | "unlimited"
  /** In basis points. */
  readonly flashPremium: bigint
  readonly reserves: ReadonlyMap<Asset.Asset, Reserves.Reserve>
  readonly categories: ReadonlyMap<number, EMode.Category>
  readonly openingEMode: number
}

/**
 * The settings of the venue: the known reserves and categories, with what the configuration changes or adds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const resolve = (config: Config = {}): Settings => {
  const version = config.rounding ?? "v3.5"
  const reserves = new Map(Reserves.defaults.map((reserve) => [reserve.token, reserve]))
  for (const token of Object.keys(config.reserves ?? {})) reserves.set(token, merged(token, config.reserves![token]!))
  const categories = new Map(EMode.defaults.map((known) => [known.id, known]))
  for (const id of Object.keys(config.emodes ?? {})) categories.set(Number(id), category(id, config.emodes![id]!))
  return {
    network: config.network ?? "ethereum",
    version,
    scaling: RayMath.scaling(version),
    approval: config.approval ?? "exact",
    flashPremium: config.flashPremium === undefined ? 5n : points(config.flashPremium),
    reserves,
    categories,
    openingEMode: config.openingEmode ?? 0
  }
}
