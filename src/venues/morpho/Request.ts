/**
 * Instructions as the simulated Morpho does them: the market they mean, amounts in the smallest unit of the token.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Instruction from "../../domain/Instruction.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as Config from "./Config.js"
import type * as Markets from "./Markets.js"

/** What is done in a market. @category constants @since 0.1.0 */
export const marketActions = ["supply", "withdraw", "supply_collateral", "withdraw_collateral", "borrow", "repay"] as const

/** What is done with the contract as a whole. @category constants @since 0.1.0 */
export const flashActions = ["flash_borrow", "flash_repay"] as const

/** The name of an action in a market. @category models @since 0.1.0 */
export type MarketAction = (typeof marketActions)[number]

/** The name of an action of a flash loan. @category models @since 0.1.0 */
export type FlashAction = (typeof flashActions)[number]

/**
 * An action in a market. `max` is the whole balance of the wallet for what goes in, all shares for a withdrawal and a
 * repayment, all collateral.
 *
 * @category models
 * @since 0.1.0
 */
export interface InMarket {
  readonly _tag: "InMarket"
  readonly action: MarketAction
  readonly market: Markets.Listed
  readonly token: Asset.Asset
  readonly units: bigint | "max"
}

/** A flash loan or its return. `max` is all that is open. @category models @since 0.1.0 */
export interface Flash {
  readonly _tag: "Flash"
  readonly action: FlashAction
  readonly token: Asset.Asset
  readonly units: bigint | "max"
}

/** An instruction to Morpho, checked and in the units of its contract. @category models @since 0.1.0 */
export type Request = InMarket | Flash

type Result<A> = Either.Either<A, Refusal.Refusal>

const unsupported = (message: string, field: string, expected: string, actual: string): Result<never> =>
  Either.left(Refusal.make("unsupported", message, { field, expected, actual }))

const isMarketAction = (action: Instruction.Action): action is MarketAction => marketActions.some((known) => known === action)

const isFlashAction = (action: Instruction.Action): action is FlashAction => flashActions.some((known) => known === action)

const takes = (market: Markets.Listed, action: MarketAction): Asset.Asset =>
  action === "supply_collateral" || action === "withdraw_collateral" ? market.collateral : market.loan

const named = (settings: Config.Settings, market: NonNullable<Instruction.SmartContractAction["market"]>): Result<Markets.Listed> => {
  if (typeof market === "object" && (market.pool !== undefined || market.feeTier !== undefined)) {
    return unsupported("morpho has markets, and no pools", "market", "the name of a market, or {\"market_id\"}", "a pool or a fee")
  }
  const name = typeof market === "object" ? market.marketId ?? "" : market
  const id = name.toLowerCase()
  const found = settings.markets.get(name) ?? [...settings.markets.values()].find((listed) => listed.id === id)
  return found === undefined
    ? unsupported(`morpho has no market ${name} here`, "market", `one of ${[...settings.markets.keys()].join(", ")}, or its id`, name)
    : Either.right(found)
}

/** The market that is named, or the only one that takes the token so. */
const marketOf = (
  settings: Config.Settings,
  action: MarketAction,
  { market, token }: Instruction.SmartContractAction
): Result<Markets.Listed> => {
  if (market === undefined) {
    const taking = [...settings.markets.values()].filter((listed) => takes(listed, action) === token)
    const [only] = taking
    if (only !== undefined && taking.length === 1) return Either.right(only)
    const known = new Set([...settings.markets.values()].map((listed) => takes(listed, action)))
    return only === undefined
      ? unsupported(
        token === "ETH" ? "morpho holds no native ether: wrap it to WETH in the wallet first" : `no market of morpho takes ${token} for ${action}`,
        "token",
        token === "ETH" ? "WETH" : `one of ${[...known].join(", ")}`,
        token
      )
      : unsupported(`${taking.length} markets of morpho take ${token} for ${action}`, "market", `one of ${taking.map(({ name }) => name).join(", ")}`, "none")
  }
  return Either.flatMap(named(settings, market), (listed) =>
    takes(listed, action) === token
      ? Either.right(listed)
      : unsupported(`${action} in ${listed.name} takes ${takes(listed, action)}`, "token", takes(listed, action), token))
}

const unitsOf = (action: Instruction.Action, token: Asset.Asset, amount: Instruction.Quantity | undefined): Result<bigint | "max"> => {
  if (amount === "max" && action !== "borrow" && action !== "flash_borrow") return Either.right(amount)
  if (typeof amount !== "bigint") {
    return Either.left(
      Refusal.make("invalid", `${action} takes an amount`, {
        field: "amount",
        expected: action === "borrow" || action === "flash_borrow" ? "a decimal" : "a decimal or \"max\"",
        actual: amount === "max" ? amount : "another operation's output"
      })
    )
  }
  const decimals = Asset.decimals(token)
  const units = Amount.toUnits(amount, decimals, "down")
  return units > 0n
    ? Either.right(units)
    : Either.left(
      Refusal.make("invalid", `${token} has ${decimals} decimals, and ${Amount.format(amount)} is less than its unit`, {
        field: "amount",
        expected: `at least ${Decimal.formatScaled(1n, decimals)} ${token}`,
        actual: Amount.format(amount)
      })
    )
}

/**
 * An instruction as the venue does it. Amounts are cut to the decimals of the token; what that leaves nothing of is
 * refused, as is everything that is not simulated, and a market that the instruction does not tell apart.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (settings: Config.Settings, instruction: Instruction.SmartContractAction): Result<Request> => {
  const { action, amount, market, network, token } = instruction
  if (network !== undefined && network !== settings.network) {
    return unsupported(`morpho is on ${settings.network} here`, "network", settings.network, network)
  }
  if (isMarketAction(action)) {
    return Either.flatMap(marketOf(settings, action, instruction), (listed) =>
      Either.map(unitsOf(action, token, amount), (units): Request => ({ _tag: "InMarket", action, market: listed, token, units })))
  }
  if (!isFlashAction(action)) {
    return unsupported(`morpho does not simulate ${action}`, "action", `one of ${[...marketActions, ...flashActions].join(", ")}`, action)
  }
  return market !== undefined
    ? unsupported("a flash loan is of the whole contract", "market", "none", typeof market === "string" ? market : "an object")
    : Either.map(unitsOf(action, token, amount), (units): Request => ({ _tag: "Flash", action, token, units }))
}
