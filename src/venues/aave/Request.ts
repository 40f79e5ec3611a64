/**
 * Instructions as the simulated Aave does them: the reserve they mean, amounts in the smallest unit of its token.
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
import type * as Reserves from "./Reserves.js"

/** What moves a token. @category constants @since 0.1.0 */
export const lendingActions = ["supply", "withdraw", "borrow", "repay"] as const

/** What changes how the account is judged. @category constants @since 0.1.0 */
export const switches = ["set_collateral", "set_emode"] as const

/** What is done within one transaction. @category constants @since 0.1.0 */
export const flashActions = ["flash_borrow", "flash_repay"] as const

/** What can be done. @category constants @since 0.1.0 */
export const actions = [...lendingActions, ...switches, ...flashActions] as const

/** The name of an action that moves a token. @category models @since 0.1.0 */
export type LendingAction = (typeof lendingActions)[number]

/** The name of an action of a flash loan. @category models @since 0.1.0 */
export type FlashAction = (typeof flashActions)[number]

/**
 * Supply, withdrawal, loan or repayment. `max` is the whole balance of the wallet for a supply, all that is shown for
 * a withdrawal, all that is owed for a repayment.
 *
 * @category models
 * @since 0.1.0
 */
export type Lending =
  & { readonly _tag: "Lending"; readonly reserve: Reserves.Reserve }
  & (
    | { readonly action: "borrow"; readonly units: bigint }
    | { readonly action: Exclude<LendingAction, "borrow">; readonly units: bigint | "max" }
  )

/** Whether the supply of a reserve backs debt. @category models @since 0.1.0 */
export interface Collateral {
  readonly _tag: "Collateral"
  readonly action: "set_collateral"
  readonly reserve: Reserves.Reserve
  readonly enabled: boolean
}

/** The efficiency mode; 0 for none. @category models @since 0.1.0 */
export interface EMode {
  readonly _tag: "EMode"
  readonly action: "set_emode"
  readonly category: number
}

/** A flash loan or its return. `max` is the principal with its premium. @category models @since 0.1.0 */
export interface Flash {
  readonly _tag: "Flash"
  readonly action: FlashAction
  readonly reserve: Reserves.Reserve
  readonly units: bigint | "max"
}

/** An instruction to Aave, checked and in the units of its contracts. @category models @since 0.1.0 */
export type Request = Lending | Collateral | EMode | Flash

type Result<A> = Either.Either<A, Refusal.Refusal>

const unsupported = (message: string, field: string, expected: string, actual: string): Result<never> =>
  Either.left(Refusal.make("unsupported", message, { field, expected, actual }))

const isLending = (action: Instruction.Action): action is LendingAction => lendingActions.some((known) => known === action)

const isFlash = (action: Instruction.Action): action is FlashAction => flashActions.some((known) => known === action)

const reserveOf = (settings: Config.Settings, token: Asset.Asset): Result<Reserves.Reserve> => {
  const reserve = settings.reserves.get(token)
  if (reserve !== undefined) return Either.right(reserve)
  return token === "ETH"
    ? unsupported("aave holds no native ether: wrap it to WETH in the wallet first", "token", "WETH", token)
    : unsupported(`aave has no reserve of ${token}`, "token", `one of ${[...settings.reserves.keys()].join(", ")}`, token)
}

const unitsOf = (action: LendingAction | FlashAction, token: Asset.Asset, amount: Instruction.Quantity | undefined): Result<bigint | "max"> => {
  const exact = action === "borrow" || action === "flash_borrow"
  if (amount === "max" && !exact) return Either.right(amount)
  if (typeof amount !== "bigint") {
    return Either.left(
      Refusal.make("invalid", `${action} takes an amount`, {
        field: "amount",
        expected: exact ? "a decimal" : "a decimal or \"max\"",
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
 * refused, as is everything that is not simulated.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (settings: Config.Settings, instruction: Instruction.SmartContractAction): Result<Request> => {
  const { action, amount, market, network, token } = instruction
  if (market !== undefined) {
    return unsupported("aave has one pool here, and no markets in it", "market", "none", typeof market === "string" ? market : "an object")
  }
  if (network !== undefined && network !== settings.network) {
    return unsupported(`aave is on ${settings.network} here`, "network", settings.network, network)
  }
  if (action === "set_emode") return Either.right({ _tag: "EMode", action, category: instruction.emodeCategory ?? 0 })
  if (!isLending(action) && !isFlash(action) && action !== "set_collateral") {
    return unsupported(`aave does not simulate ${action}`, "action", `one of ${actions.join(", ")}`, action)
  }
  return Either.flatMap(reserveOf(settings, token), (reserve): Result<Request> => {
    if (action === "set_collateral") {
      return Either.right({ _tag: "Collateral", action, reserve, enabled: instruction.enabled ?? true })
    }
    return Either.map(unitsOf(action, token, amount), (units): Request =>
      isFlash(action)
        ? { _tag: "Flash", action, reserve, units }
        // Only of a loan there is no max, and that was refused.
        : action === "borrow" ? { _tag: "Lending", action, reserve, units: units === "max" ? 0n : units } : { _tag: "Lending", action, reserve, units })
  })
}

const amountOf = (units: bigint | "max", { token }: Reserves.Reserve): string =>
  units === "max" ? units : Decimal.formatScaled(units, Asset.decimals(token))

/** A request as the journal keeps it. @category combinators @since 0.1.0 */
export const wire = (request: Request): { readonly [key: string]: string | number | boolean } => {
  switch (request._tag) {
    case "EMode":
      return { action: request.action, emode_category: request.category }
    case "Collateral":
      return { action: request.action, token: request.reserve.token, enabled: request.enabled }
    default:
      return { action: request.action, token: request.reserve.token, amount: amountOf(request.units, request.reserve) }
  }
}
