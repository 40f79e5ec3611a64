/**
 * Settings of the simulated ether.fi.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instruction from "../../domain/Instruction.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Wire from "../../domain/Wire.js"
import type * as Assumption from "../../sim/Assumption.js"
import * as Protocol from "../../sim/ShareToken/Protocol.js"
import * as Queue from "../../sim/ShareToken/Queue.js"
import * as Contracts from "./Contracts.js"

const pointScale = 4

const Fee = Decimal.Decimal.pipe(
  Schema.filter(
    (fee) =>
      (fee.value >= 0n &&
        Decimal.compare(fee, Decimal.one) < 0 &&
        Decimal.compare(Decimal.make(Decimal.toScale(fee, pointScale, "down"), pointScale), fee) === 0) ||
      "expected a fraction from 0 to below 1 with at most 4 decimals"
  )
)

/**
 * Settings of the simulated ether.fi, all optional.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  /** Chain that it is on; an instruction for another one is refused. Defaults to `ethereum`. */
  network: Schema.optional(Instruction.Id),
  /** Days that a withdrawal request waits until it can be claimed, more than 0. Defaults to 7. */
  withdrawal_days: Schema.optional(Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(365))),
  /**
   * Least and largest withdrawal request in eETH, as the contracts of 2026 have them; more than the largest becomes
   * several requests. The largest is at least twice the least. Without them a request is of 1 wei and more.
   */
  request_minimum: Schema.optional(Amount.Positive),
  request_maximum: Schema.optional(Amount.Positive),
  /**
   * Fee of an exit that does not queue (`unstake` with `token_out: "ETH"`), as a fraction of the ether. Without it there
   * is no such exit.
   */
  instant_exit_fee: Schema.optional(Fee),
  /**
   * What a wrap or a request allows the contracts: `exact` its own amount, so that each pays for an approval, or
   * `unlimited`, so that only the first of a token does. Defaults to `exact`.
   */
  approval: Schema.optional(Schema.Literal("exact", "unlimited"))
}).pipe(
  Schema.filter(({ requestMaximum, requestMinimum }) =>
    (requestMaximum ?? Contracts.contracts.most) >= 2n * (requestMinimum ?? Contracts.contracts.least.amount) ||
    "expected a request_maximum of at least twice request_minimum")
)

/** @category models @since 0.1.0 */
export type Config = typeof Config.Type

const slot = Protocol.slot("etherfi")

/** ether.fi with every default filled in. @category constructors @since 0.1.0 */
export const resolve = (config: Config = {}): Protocol.Protocol => ({
  venue: "etherfi",
  network: config.network ?? "ethereum",
  approval: config.approval ?? "exact",
  token: "eETH",
  wrapped: "weETH",
  wait: Math.max(Math.round((config.withdrawalDays ?? 7) * Timestamp.day), 1),
  exitFee: config.instantExitFee === undefined ? undefined : Decimal.toScale(config.instantExitFee, pointScale, "down"),
  contracts: {
    ...Contracts.contracts,
    least: { ...Contracts.contracts.least, amount: config.requestMinimum ?? Contracts.contracts.least.amount },
    most: Amount.min(config.requestMaximum ?? Contracts.contracts.most, Contracts.contracts.most)
  },
  slot
})

const line = (subject: string, value: string, source: string, scope?: Assumption.Scope): Assumption.Assumption => ({
  venue: "etherfi",
  subject,
  value,
  source,
  scope
})

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const protocol = resolve(config)
  const { contracts, exitFee, wait } = protocol
  return [
    line("rate", `series ${Protocol.series(protocol)} as of each instant; own stakes and withdrawals do not move it`, "data"),
    line("rebase", "eETH in the wallet follows the rate, up or down, at each instant where it changed", "data", { tokens: ["eETH"] }),
    line("stake fee", "none", "LiquidityPool.deposit", { reasons: ["stake"] }),
    line("pause", "staking and withdrawals are never paused", "simplification"),
    line(
      "size of a request",
      `at least ${Amount.format(contracts.least.amount)} eETH; more than ${Amount.format(contracts.most)} becomes several, each with its ` +
        `ticket, at most ${Queue.mostAtOnce} at once`,
      config.requestMinimum === undefined && config.requestMaximum === undefined
        ? "LiquidityPool.requestWithdraw as deployed in 2024 and 2025; later contracts have limits of their own, which can be set"
        : "config",
      { reasons: ["unstake"] }
    ),
    line(
      "withdrawal queue",
      `claimable ${wait / Timestamp.day} days after the request, at what was asked or its shares at the rate of the claim if that is less`,
      config.withdrawalDays === undefined ? "estimate: the queue of basis-strategy-v1 (2025-10)" : "config",
      { reasons: ["unstake"] }
    ),
    line(
      "exit without the queue",
      exitFee === undefined ? "none" : `for a fee of ${Decimal.formatScaled(exitFee, pointScale)}, whatever the amount`,
      exitFee === undefined ? "default" : "config",
      { reasons: ["unstake"] }
    ),
    line(
      "approval",
      protocol.approval === "exact" ? "one for every wrap and request, of its amount" : "one for each token and spender, unlimited",
      config.approval === undefined ? "default" : "config",
      { reasons: ["wrap", "unstake"] }
    )
  ]
}
