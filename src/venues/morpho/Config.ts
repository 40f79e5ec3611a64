/**
 * Settings of the simulated Morpho.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instruction from "../../domain/Instruction.js"
import * as Wire from "../../domain/Wire.js"
import type * as Assumption from "../../sim/Assumption.js"
import * as AdaptiveCurve from "./AdaptiveCurve.js"
import * as Markets from "./Markets.js"

const wadScale = 18

const Token = Schema.String.pipe(Schema.filter((token) =>
  !Asset.isToken(token)
    ? "expected a token known by name"
    : token !== "ETH" || "expected WETH: the contract holds no native ether"
))

const within = (low: Decimal.Decimal, high: Decimal.Decimal, expected: string) =>
  Decimal.Decimal.pipe(
    Schema.filter((decimal) =>
      (Decimal.compare(decimal, low) >= 0 && Decimal.compare(decimal, high) <= 0) || `expected ${expected}`
    )
  )

const NotNegative = Amount.Amount.pipe(Schema.filter((amount) => amount >= 0n || "expected an amount, zero or more"))

const Rate = within(Decimal.zero, Decimal.make(100n, 0), "a yearly rate from 0 to 100 (1 is 100 %)")

const AtTarget = within(Decimal.make(1n, 3), Decimal.make(2n, 0), "a yearly rate from 0.001 to 2")

const Override = Wire.struct({
  /** Token that is lent. */
  loan_token: Schema.optional(Token),
  /** Token that backs the debts. */
  collateral_token: Schema.optional(Token),
  /** Loan to value at which a position is liquidated, above 0 and below 1. */
  lltv: Schema.optional(within(Decimal.make(1n, wadScale), Decimal.make(10n ** 18n - 1n, wadScale), "a fraction above 0 and below 1")),
  /** Hash of the market's parameters, by which an instruction may name it. */
  market_id: Schema.optional(Schema.String.pipe(Schema.pattern(/^0x[0-9a-fA-F]{64}$/, { description: "0x and 64 hexadecimal digits" }))),
  /**
   * What the oracle of the market reads: `protocol`, the rate at which a liquid staking token is redeemed, `market`,
   * what the market pays for it, or a price in loan tokens that stays. Defaults to `protocol`.
   */
  oracle: Schema.optional(Schema.Union(
    Schema.Literal("protocol", "market"),
    Wire.struct({ price: Decimal.Decimal.pipe(Schema.filter((price) => Decimal.isPositive(price) || "expected a price above 0")) })
  )),
  /**
   * Where the borrow rate comes from: `fixed`, a rate that stays, as where others answer every loan with a supply, or
   * `adaptive_curve`, the contract's own model, in a market where nobody but the trader acts: a loan that lifts the
   * utilisation above 90 % lifts the rate from then on. Defaults to `fixed`.
   */
  irm: Schema.optional(Schema.Literal("fixed", "adaptive_curve")),
  /** Yearly rate that stays, continuously compounded. Defaults to 0.04. */
  borrow_rate: Schema.optional(Rate),
  /** Yearly rate at 90 % utilisation with which the adaptive curve starts. Defaults to 0.04, its own. */
  rate_at_target: Schema.optional(AtTarget),
  /** Share of the interest that the protocol takes, at most 0.25. Defaults to 0. */
  fee: Schema.optional(within(Decimal.zero, Decimal.make(25n, 2), "a fraction from 0 to 0.25")),
  /** What others supply before the first action. */
  total_supply: Schema.optional(NotNegative),
  /** What others owe before the first action. Not above `total_supply`. */
  total_borrow: Schema.optional(NotNegative)
})

/**
 * What the configuration says of one market; what it leaves out has the default of that market.
 *
 * @category models
 * @since 0.1.0
 */
export type Override = typeof Override.Type

const wadsOf = (decimal: Decimal.Decimal): bigint => Decimal.toScale(decimal, wadScale, "down")

const bySecond = (yearly: Decimal.Decimal): bigint => wadsOf(yearly) / AdaptiveCurve.year

const byName = new Map(Markets.defaults.map((market) => [market.name, market]))

const fallback = (name: string, { collateralToken = "", loanToken = "", lltv = Decimal.zero }: Override): Markets.Listed => ({
  name,
  id: undefined,
  loan: loanToken,
  collateral: collateralToken,
  oracle: "protocol",
  terms: { irm: Markets.fixed, lltv: wadsOf(lltv), fee: 0n },
  opening: { supply: 0n, borrow: 0n, rateAtTarget: AdaptiveCurve.initialRateAtTarget },
  source: "config",
  openingSource: "default: nothing"
})

const merged = (name: string, override: Override): Markets.Listed => {
  const known = byName.get(name) ?? fallback(name, override)
  const { borrowRate, fee, irm, oracle, rateAtTarget, totalBorrow, totalSupply } = override
  const decimals = Asset.decimals(known.loan)
  const sized = totalSupply !== undefined || totalBorrow !== undefined
  return {
    ...known,
    id: override.marketId?.toLowerCase() ?? known.id,
    oracle: oracle ?? known.oracle,
    terms: {
      ...known.terms,
      irm: irm === "adaptive_curve" ? irm : borrowRate === undefined ? known.terms.irm : { borrowRate: bySecond(borrowRate) },
      fee: fee === undefined ? known.terms.fee : wadsOf(fee)
    },
    opening: {
      supply: totalSupply === undefined ? known.opening.supply : Amount.toUnits(totalSupply, decimals, "down"),
      borrow: totalBorrow === undefined ? known.opening.borrow : Amount.toUnits(totalBorrow, decimals, "down"),
      rateAtTarget: rateAtTarget === undefined ? known.opening.rateAtTarget : bySecond(rateAtTarget)
    },
    openingSource: sized ? "config" : known.openingSource
  }
}

/** Settings that make a market another one, with whether it cannot be without. */
const parameters = [
  ["loan_token", "loanToken", true],
  ["collateral_token", "collateralToken", true],
  ["lltv", "lltv", true],
  ["market_id", "marketId", false]
] as const

const faults = (name: string, override: Override): ReadonlyArray<Schema.FilterIssue> => {
  const issue = (field: string, message: string): Schema.FilterIssue => ({ path: [name, field], message })
  const known = byName.has(name)
  const found = parameters.flatMap(([field, key, needed]) => {
    const given = override[key] !== undefined
    if (known && given) return [issue(field, `expected none: ${name} has its own, and a market never changes it`)]
    return known || given || !needed ? [] : [issue(field, `expected one, because ${name} is no market that is known by name`)]
  })
  const adapts = override.irm === "adaptive_curve"
  if (adapts && override.borrowRate !== undefined) found.push(issue("borrow_rate", "expected none, because irm is adaptive_curve"))
  if (!adapts && override.rateAtTarget !== undefined) found.push(issue("rate_at_target", "expected none, because irm is fixed"))
  const { collateral, loan, opening } = merged(name, override)
  if (loan === collateral && loan !== "") found.push(issue("collateral_token", "expected another token than loan_token"))
  if (opening.borrow > opening.supply) found.push(issue("total_borrow", "expected at most total_supply"))
  return found
}

/**
 * Settings of the simulated Morpho, all optional.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  /** Chain that it is on; an instruction for another one is refused. Defaults to `ethereum`. */
  network: Schema.optional(Instruction.Id),
  /**
   * What a supply or a repayment allows the contract: `exact` its own amount, so that each pays for an approval, or
   * `unlimited`, so that only the first of a token does. Defaults to `exact`.
   */
  approval: Schema.optional(Schema.Literal("exact", "unlimited")),
  /**
   * Markets by name, beside those of {@link Markets.defaults} or with other settings for them. A market of its own
   * name needs `loan_token`, `collateral_token` and `lltv`.
   */
  markets: Schema.optional(
    Schema.Record({ key: Instruction.Id, value: Override }).pipe(
      Schema.filter((markets) => Object.keys(markets).flatMap((name) => faults(name, markets[name]!)))
    )
  ),
  /** Market that opening balances stand in, where they fit into several. */
  opening_market: Schema.optional(Instruction.Id),
  /** What the contract can lend by flash loan beside the free supply of the markets here, by token. Defaults to nothing. */
  flash_liquidity: Schema.optional(Schema.Record({ key: Token, value: NotNegative }))
}).pipe(
  Schema.filter(({ markets = {}, openingMarket }) =>
    openingMarket === undefined || byName.has(openingMarket) || Object.hasOwn(markets, openingMarket)
      ? []
      : [{ path: ["opening_market"], message: "expected the name of a market" }]
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
  readonly approval: "exact" | "unlimited"
  readonly markets: ReadonlyMap<string, Markets.Listed>
  readonly openingMarket: string | undefined
  /** In the smallest unit of the token. */
  readonly flashLiquidity: ReadonlyMap<Asset.Asset, bigint>
}

/**
 * The settings of the venue: the known markets with what the configuration changes or adds, and the liquidity for flash
 * loans in the smallest units of each token.
 *
 * @category constructors
 * @since 0.1.0
 */
export const resolve = (config: Config = {}): Settings => {
  const markets = new Map<string, Markets.Listed>(byName)
  for (const name of Object.keys(config.markets ?? {})) markets.set(name, merged(name, config.markets![name]!))
  return {
    network: config.network ?? "ethereum",
    approval: config.approval ?? "exact",
    markets,
    openingMarket: config.openingMarket,
    flashLiquidity: new Map(
      Object.entries(config.flashLiquidity ?? {}).map(([token, amount]) => [token, Amount.toUnits(amount, Asset.decimals(token), "down")])
    )
  }
}

const line = (subject: string, value: string, source: string, scope?: Assumption.Scope): Assumption.Assumption => ({
  venue: "morpho",
  subject,
  value,
  source,
  scope
})

const wads = (value: bigint): string => Decimal.formatScaled(value, wadScale)

/** A rate by the second as one by the year, with as many decimals as its truncation leaves. */
const yearly = (rate: bigint): string => Decimal.formatScaled(Decimal.divide(rate * AdaptiveCurve.year, 10n ** 9n, "half_up"), wadScale - 9)

const rules = {
  protocol: "a liquid staking token at its protocol's rate, a wrapped one at the price of what it wraps",
  market: "a liquid staking token at what the market pays for it"
}

const ofMarket = ({ collateral, loan, name, opening, openingSource, oracle, source, terms }: Markets.Listed): ReadonlyArray<Assumption.Assumption> => {
  const decimals = Asset.decimals(loan)
  const rate = terms.irm === "adaptive_curve"
    ? `adaptive curve, from ${yearly(opening.rateAtTarget)} a year at 90 % utilisation, which nobody but the trader moves`
    : `${yearly(terms.irm.borrowRate)} a year, whatever is lent`
  return [
    line(
      `market ${name}`,
      `${collateral} backs ${loan}, lltv ${wads(terms.lltv)}, fee ${wads(terms.fee)}; oracle: ${
        typeof oracle === "object" ? `${Decimal.format(oracle.price)} ${loan}` : rules[oracle]
      }; borrow rate: ${rate}`,
      source,
      { place: name }
    ),
    line(
      `others in ${name}`,
      `they supply ${Decimal.formatScaled(opening.supply, decimals)} and owe ${Decimal.formatScaled(opening.borrow, decimals)} ${loan} ` +
        "before the first action, and do nothing afterwards",
      openingSource,
      { place: name }
    )
  ]
}

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const { approval, flashLiquidity, markets } = resolve(config)
  return [
    line(
      "approval",
      approval === "exact" ? "one for every supply and repayment, of its amount" : "one for each token, unlimited",
      config.approval === undefined ? "default" : "config",
      { reasons: ["supply", "repay"] }
    ),
    line("interest", "by the second from one own action to the next, as where nobody else acts; told every hour", "Morpho.sol of morpho-blue 1.0.0"),
    line(
      "liquidation",
      "at the first full hour or oracle price at which the debt is above lltv times the collateral: a liquidator repays all " +
        "of it where the collateral suffices, else all collateral is seized and the rest written off on the suppliers",
      "simplification",
      { reasons: ["borrow", "liquidation"] }
    ),
    line(
      "flash loans",
      flashLiquidity.size === 0
        ? "free, up to what the markets here have not lent"
        : `free, up to what the markets here have not lent and ${
          [...flashLiquidity].map(([token, units]) => `${Decimal.formatScaled(units, Asset.decimals(token))} ${token}`).join(", ")
        }`,
      flashLiquidity.size === 0 ? "default" : "config",
      { reasons: ["flash"] }
    ),
    ...[...markets.values()].flatMap(ofMarket)
  ]
}
