/**
 * Settings of the simulated wallet.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type * as Account from "../../domain/Account.js"
import * as Instruction from "../../domain/Instruction.js"
import * as Wire from "../../domain/Wire.js"
import type * as Assumption from "../../sim/Assumption.js"

/**
 * Settings of the simulated wallet, all optional. What gas costs is set once for all on-chain venues: see `sim/Gas`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  /** Chains that the wallet is on, the usual one first. Defaults to `["ethereum"]`. */
  networks: Schema.optional(Schema.NonEmptyArray(Instruction.Id)),
  /** What stands for its address in transfers. Defaults to `simulated-wallet`, and to `simulated-wallet_cold` for `wallet_cold`. */
  address: Schema.optional(Schema.NonEmptyString),
  /** Seconds between blocks. Defaults to 12, the slot time of Ethereum. */
  block_seconds: Schema.optional(Schema.Number.pipe(Schema.between(0, 86_400))),
  /**
   * Blocks until a transaction counts: its own, and those on top of it. Defaults to 1; what an exchange waits for
   * before it credits a deposit is a setting of the exchange.
   */
  confirmations: Schema.optional(Schema.Int.pipe(Schema.between(1, 1_000)))
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
  readonly networks: readonly [string, ...ReadonlyArray<string>]
  readonly address: string
  /** Milliseconds between blocks. */
  readonly block: number
  readonly confirmations: number
}

/**
 * The settings of the wallet, with a block of 12 s and one confirmation on Ethereum where nothing else is said.
 *
 * @category constructors
 * @since 0.1.0
 */
export const resolve = (config: Config = {}, id: Account.VenueId = "wallet"): Settings => ({
  networks: config.networks ?? ["ethereum"],
  address: config.address ?? `simulated-${id}`,
  block: Math.round((config.blockSeconds ?? 12) * 1000),
  confirmations: config.confirmations ?? 1
})

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}, id: Account.VenueId = "wallet"): ReadonlyArray<Assumption.Assumption> => {
  const { block, confirmations, networks } = resolve(config)
  return [
    {
      venue: id,
      subject: "networks",
      scope: { reasons: ["transfer"] },
      value: networks.join(", "),
      source: config.networks === undefined ? "default" : "config"
    },
    {
      venue: id,
      subject: "travel time of a transfer",
      scope: { reasons: ["transfer"] },
      value: `${(block * confirmations) / 1000} s: ${confirmations} ${confirmations === 1 ? "block" : "blocks"} of ${block / 1000} s`,
      source: config.blockSeconds === undefined && config.confirmations === undefined
        ? "slot time of Ethereum, one confirmation"
        : "config"
    }
  ]
}
