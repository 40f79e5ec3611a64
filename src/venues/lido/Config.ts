/**
 * Settings of the simulated Lido.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Amount from "../../domain/Amount.js"
import * as Instruction from "../../domain/Instruction.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Wire from "../../domain/Wire.js"
import type * as Assumption from "../../sim/Assumption.js"
import * as Protocol from "../../sim/ShareToken/Protocol.js"
import * as Queue from "../../sim/ShareToken/Queue.js"
import * as Contracts from "./Contracts.js"

/**
 * Settings of the simulated Lido, all optional.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  /** Chain that it is on; an instruction for another one is refused. Defaults to `ethereum`. */
  network: Schema.optional(Instruction.Id),
  /** Days that a withdrawal request waits until it can be claimed, more than 0. Defaults to 3. */
  withdrawal_days: Schema.optional(Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(365))),
  /**
   * What a wrap or a request allows the contracts: `exact` its own amount, so that each pays for an approval, or
   * `unlimited`, so that only the first of a token does. Defaults to `exact`.
   */
  approval: Schema.optional(Schema.Literal("exact", "unlimited"))
})

/** @category models @since 0.1.0 */
export type Config = typeof Config.Type

const slot = Protocol.slot("lido")

/** Lido with every default filled in. @category constructors @since 0.1.0 */
export const resolve = (config: Config = {}): Protocol.Protocol => ({
  venue: "lido",
  network: config.network ?? "ethereum",
  approval: config.approval ?? "exact",
  token: "stETH",
  wrapped: "wstETH",
  wait: Math.max(Math.round((config.withdrawalDays ?? 3) * Timestamp.day), 1),
  exitFee: undefined,
  contracts: Contracts.contracts,
  slot
})

const line = (subject: string, value: string, source: string, scope?: Assumption.Scope): Assumption.Assumption => ({
  venue: "lido",
  subject,
  value,
  source,
  scope
})

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const protocol = resolve(config)
  const { contracts, wait } = protocol
  return [
    line("rate", `series ${Protocol.series(protocol)} as of each instant; own stakes and withdrawals do not move it`, "data"),
    line("rebase", "stETH in the wallet follows the rate, up or down, at each instant where it changed", "data", { tokens: ["stETH"] }),
    line("stake limit", "none; staking and withdrawals are never paused", "simplification", { reasons: ["stake", "unstake"] }),
    line(
      "withdrawal queue",
      `claimable ${wait / Timestamp.day} days after the request, at what was asked or its shares at the rate of then if that is less`,
      config.withdrawalDays === undefined ? "estimate: help.lido.fi says 1 to 5 days under normal circumstances" : "config",
      { reasons: ["unstake"] }
    ),
    line(
      "size of a request",
      `at least ${Amount.format(contracts.least.amount)} stETH; more than ${Amount.format(contracts.most)} becomes several, each with its ` +
        `ticket, at most ${Queue.mostAtOnce} at once`,
      "WithdrawalQueue of lidofinance/core; several at once: lidofinance/ethereum-staking-widget",
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
