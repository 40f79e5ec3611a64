/**
 * Settings of the simulated Aave.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instruction from "../../domain/Instruction.js"
import * as Wire from "../../domain/Wire.js"
import type * as Assumption from "../../sim/Assumption.js"
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

const Override = Wire.struct({
  /** Most that may be borrowed on it, as a fraction of its value. */
  ltv: Schema.optional(Share),
  /** Share of its value that debt may reach. Not below `ltv`. */
  liquidation_threshold: Schema.optional(Share),
  borrowable: Schema.optional(Schema.Boolean)
})

/** @category models @since 0.1.0 */
export type Override = typeof Override.Type

const points = (share: Decimal.Decimal): bigint => Decimal.toScale(share, pointScale, "down")

const merged = (token: Asset.Asset, override: Override): Reserves.Reserve => {
  const known = Reserves.defaults.find((reserve) => reserve.token === token)
  return {
    token,
    ltv: override.ltv === undefined ? known?.ltv ?? 0n : points(override.ltv),
    liquidationThreshold: override.liquidationThreshold === undefined
      ? known?.liquidationThreshold ?? 0n
      : points(override.liquidationThreshold),
    borrowable: override.borrowable ?? known?.borrowable ?? false,
    source: "config"
  }
}

const Token = Schema.String.pipe(Schema.filter((token) =>
  !Asset.isToken(token)
    ? "expected a token known by name"
    : token !== "ETH" || "expected WETH: a lending pool holds no native ether"
))

const reserveFaults = (token: string, override: Override): ReadonlyArray<Schema.FilterIssue> => {
  if (!Asset.isToken(token)) return []
  const { liquidationThreshold, ltv } = merged(token, override)
  return ltv > liquidationThreshold
    ? [{ path: [token], message: `expected an ltv of ${token} not above its liquidation_threshold` }]
    : []
}

/**
 * Settings of the simulated Aave, all optional.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  /** Chain that it is on; an instruction for another one is refused. Defaults to `ethereum`. */
  network: Schema.optional(Instruction.Id),
  /** Rounding of the contracts: `v3.5` in the protocol's favour, `v3.0` half up as before it. Defaults to `v3.5`. */
  rounding: Schema.optional(Schema.Literal("v3.5", "v3.0")),
  /**
   * What a supply or a repayment allows the pool: `exact` its own amount, so that each pays for an approval, or
   * `unlimited`, so that only the first of a token does. Defaults to `exact`, as the live venue does.
   */
  approval: Schema.optional(Schema.Literal("exact", "unlimited")),
  /**
   * Parameters by token, over those of {@link Reserves.defaults}. A token without defaults is no collateral and not
   * borrowable until it is set.
   */
  reserves: Schema.optional(
    Schema.Record({ key: Token, value: Override }).pipe(
      Schema.filter((reserves) =>
        Object.keys(reserves).flatMap((token) => reserveFaults(token, reserves[token]!)))
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
  readonly version: RayMath.Version
  readonly scaling: RayMath.Scaling
  readonly approval: "exact" | "unlimited"
  readonly reserves: ReadonlyMap<Asset.Asset, Reserves.Reserve>
}

/** @category constructors @since 0.1.0 */
export const resolve = (config: Config = {}): Settings => {
  const version = config.rounding ?? "v3.5"
  const reserves = new Map(Reserves.defaults.map((reserve) => [reserve.token, reserve]))
  for (const token of Object.keys(config.reserves ?? {})) reserves.set(token, merged(token, config.reserves![token]!))
  return {
    network: config.network ?? "ethereum",
    version,
    scaling: RayMath.scaling(version),
    approval: config.approval ?? "exact",
    reserves
  }
}

const line = (subject: string, value: string, source: string): Assumption.Assumption => ({
  venue: "aave",
  subject,
  value,
  source
})

const share = (value: bigint): string => Decimal.formatScaled(value, pointScale)

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const { approval, reserves, version } = resolve(config)
  return [
    line(
      "approval",
      approval === "exact" ? "one for every supply and repayment, of its amount" : "one for each token, unlimited",
      config.approval === undefined ? "as the live venue does" : "config"
    ),
    line(
      "rounding",
      version === "v3.5" ? "in the protocol's favour, as from v3.5 on" : "half up, as before v3.5",
      config.rounding === undefined ? "TokenMath of aave-v3-origin 3.5.0" : "config"
    ),
    line("interest", "the recorded indices as of each instant; own supply and debt do not move the rates", "data"),
    line("liquidity", "enough for every withdrawal and loan; no caps, no reserve frozen or paused", "simplification"),
    line(
      "oracle",
      "dollar prices of the data, 8 decimals; a liquid staking token at its protocol's rate, as Aave's oracle does",
      "data"
    ),
    line("liquidation", "not simulated: a health factor below 1 stops the run", "simplification"),
    ...[...reserves.values()].map((reserve) =>
      line(
        `parameters of ${reserve.token}`,
        `loan to value ${share(reserve.ltv)}, liquidation threshold ${share(reserve.liquidationThreshold)}${
          reserve.borrowable ? "" : ", not borrowable"
        }, the same at all times`,
        reserve.source
      )
    )
  ]
}
