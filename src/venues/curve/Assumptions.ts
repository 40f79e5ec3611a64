/**
 * What the simulated Curve takes for granted under its settings.
 *
 * @since 0.1.0
 */
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Assumption from "../../sim/Assumption.js"
import * as Config from "./Config.js"
import * as Invariant from "./Invariant.js"

const line = (subject: string, value: string, source: string, scope?: Assumption.Scope): Assumption.Assumption => ({
  venue: "curve",
  subject,
  value,
  source,
  scope
})

const share = (value: bigint): string => `${Decimal.formatScaled(value, 8)} %`

const parameters = ({ parametersFrom, name, pool }: Config.PoolSettings): Assumption.Assumption => {
  const { adminFee, amp, fee, offpegFeeMultiplier, version } = pool
  const rising = version === "ng" && offpegFeeMultiplier > 10n ** 10n
  return line(
    `parameters of ${name}`,
    `A ${amp / Invariant.precisionOf(version)}, fee ${share(fee)}${
      rising ? ` rising to ${Decimal.formatScaled(offpegFeeMultiplier, 10)} times that off the peg` : ""
    }, of which ${share(adminFee)} leave the pool; the same at all times`,
    parametersFrom,
    { place: name }
  )
}

const balances = ({ balancesFrom, coins, name, pool, priceFrom }: Config.PoolSettings): Assumption.Assumption =>
  line(
    `balances of ${name}`,
    `${coins.map((coin, index) => `${Decimal.formatScaled(pool.balances[index]!, Asset.decimals(coin))} ${coin}`).join(", ")}${
      priceFrom === "data" ? ", which say how deep it is, not what its price is" : ""
    }`,
    balancesFrom,
    { place: name }
  )

/** How long own exchanges move a pool that follows the data. */
const recovery = ({ impact, name, priceFrom, recovery, recoveryFrom }: Config.PoolSettings): ReadonlyArray<Assumption.Assumption> =>
  priceFrom === "balances" || !impact ? [] : [
    line(
      `recovery of ${name} from own exchanges`,
      recovery === 0
        ? "none: each exchange is priced by itself"
        : `${recovery / 1000} s, for which what own exchanges put in moves the pool away from the market rate`,
      recoveryFrom
    )
  ]

const price = ({ coins, impact, marketRate, name, priceFrom }: Config.PoolSettings): Assumption.Assumption => {
  if (priceFrom === "balances" || marketRate === undefined) {
    return line(
      `price of ${name}`,
      impact
        ? "that of its balances, which only own exchanges change: their impact stays"
        : "that of its configured balances; own exchanges do not move it",
      "simplification",
      { place: name }
    )
  }
  const { over, series, token } = marketRate
  const rate = `${token} in ${coins.find((coin) => coin !== token)} from ${series}${over === undefined ? "" : ` / ${over}`}`
  return line(
    `price of ${name}`,
    impact
      ? `${rate}: the balances are moved along the invariant until the marginal price is that rate`
      : `${rate}; own exchanges do not move it, and the fee is that at the peg`,
    "data",
    { place: name }
  )
}

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config.Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const { approval, pools } = Config.resolve(config)
  return [
    line(
      "approval",
      approval === "exact" ? "one for every exchange of a token, of its amount" : "one for each token at a pool, unlimited",
      config.approval === undefined ? "default" : "config"
    ),
    line("liquidity", "nobody adds or takes liquidity; the pool is called directly, without a router", "simplification"),
    ...pools.flatMap((pool) => [
      parameters(pool),
      ...(pool.impact || pool.priceFrom === "balances" ? [balances(pool)] : []),
      price(pool),
      ...recovery(pool),
      ...pool.rates.flatMap((series, index) =>
        series === undefined ? [] : [line(`rate of ${pool.coins[index]} in ${pool.name}`, `series ${series}`, "data", { place: pool.name })])
    ])
  ]
}
