/**
 * What the simulated Aave takes for granted.
 *
 * @since 0.1.0
 */
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Assumption from "../../sim/Assumption.js"
import * as Config from "./Config.js"
import type * as EMode from "./EMode.js"
import type * as Reserves from "./Reserves.js"

const line = (subject: string, value: string, source: string, scope?: Assumption.Scope): Assumption.Assumption => ({
  venue: "aave",
  subject,
  value,
  source,
  scope
})

const share = (value: bigint): string => Decimal.formatScaled(value, 4)

const rate = (value: bigint): string => Decimal.formatScaled(value, 27)

const limits = ({ borrowCap, borrowable, flashable, frozen, others, paused, supplyCap, token }: Reserves.Reserve): string => {
  const amount = (units: bigint) => Decimal.formatScaled(units, Asset.decimals(token))
  return [
    borrowable ? "" : ", not borrowable",
    frozen ? ", frozen" : "",
    paused ? ", paused" : "",
    flashable ? "" : ", no flash loans",
    supplyCap === undefined ? "" : `, supply cap ${amount(supplyCap)}`,
    borrowCap === undefined ? "" : `, borrow cap ${amount(borrowCap)}`,
    others === undefined ? "" : `, others supply ${amount(others.supply)} and owe ${amount(others.debt)} at the beginning and do nothing afterwards`
  ].join("")
}

const ofReserve = (reserve: Reserves.Reserve): ReadonlyArray<Assumption.Assumption> => {
  const { factor, interest, liquidationBonus, liquidationFee, liquidationThreshold, ltv, source, token } = reserve
  const parameters = line(
    `parameters of ${token}`,
    `loan to value ${share(ltv)}, liquidation threshold ${share(liquidationThreshold)}, liquidation bonus ${
      share(liquidationBonus - 10_000n)
    } of which ${share(liquidationFee)} to the treasury${limits(reserve)}, the same at all times`,
    source,
    { tokens: [token] }
  )
  return interest === "data" ? [parameters] : [
    parameters,
    line(
      `interest of ${token}`,
      `by the rate model, from one own action to the next: base ${rate(interest.base)}, ${rate(interest.slope1)} up to a usage of ${
        rate(interest.optimalUsage)
      }, ${rate(interest.slope2)} above it, reserve factor ${share(factor)}; told every hour`,
      "config",
      { tokens: [token] }
    )
  ]
}

/** The category of the opening balances is in force from the beginning, any other once an operation names it. */
const ofCategory = (opening: number) =>
({ borrowable, collateral, id, liquidationBonus, liquidationThreshold, ltv, source }: EMode.Category): Assumption.Assumption =>
  line(
    `efficiency mode ${id}`,
    `${[...collateral].join(", ")} as collateral, ${[...borrowable].join(", ")} to borrow: loan to value ${share(ltv)}, ` +
      `liquidation threshold ${share(liquidationThreshold)}, liquidation bonus ${share(liquidationBonus - 10_000n)}`,
    source,
    id === opening ? undefined : { place: `efficiency mode ${id}` }
  )

/**
 * The assumptions in force with this configuration, each with where it comes from.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (config: Config.Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const { approval, categories, flashPremium, openingEMode, reserves, version } = Config.resolve(config)
  const recent = version === "v3.5"
  return [
    line(
      "approval",
      approval === "exact" ? "one for every supply and repayment, of its amount" : "one for each token, unlimited",
      config.approval === undefined ? "as the live venue does" : "config",
      { reasons: ["supply", "repay"] }
    ),
    line(
      "rounding",
      recent ? "in the protocol's favour, as from v3.5 on" : "half up, as before v3.5",
      config.rounding === undefined ? "TokenMath of aave-v3-origin 3.5.0" : "config"
    ),
    line("interest", "the recorded indices as of each instant; own supply and debt do not move the rates", "data"),
    line("liquidity", "enough for every withdrawal and loan where nothing is set for others; no limits but those that are set", "simplification", { reasons: ["withdraw", "borrow", "flash"] }),
    line(
      "oracle",
      "dollar prices of the data, 8 decimals; a liquid staking token at its protocol's rate times ETH, as Aave's oracle does, " +
        "so that a fall of ETH does not liquidate weETH against WETH",
      "data",
      { reasons: ["borrow", "liquidation"] }
    ),
    line(
      "liquidation",
      "at the first instant at which a health factor below 1 is seen: at every price and index of the data, and every full hour with a " +
        "rate model. The largest debt is repaid against the largest collateral, as much as the contracts allow, until the position is " +
        `healthy or empty; ${recent ? "debt that is left without collateral is written off" : "debt that is left without collateral stays"}`,
      recent ? "LiquidationLogic of aave-v3-origin 3.5.0" : "LiquidationLogic of aave-v3-core 3.0.2",
      { reasons: ["borrow", "liquidation"] }
    ),
    line(
      "flash loans",
      `premium ${share(flashPremium)}, ${recent ? "rounded up, to the treasury" : "rounded half up, to the suppliers"}`,
      config.flashPremium === undefined ? "default of the pool" : "config",
      { reasons: ["flash"] }
    ),
    ...(openingEMode === 0 ? [] : [line("efficiency mode at the beginning", String(openingEMode), "config")]),
    ...[...reserves.values()].flatMap(ofReserve),
    ...[...categories.values()].map(ofCategory(openingEMode))
  ]
}
