/**
 * Amounts on their way out of an account.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../Refusal.js"
import * as World from "../World.js"
import * as Instruments from "./Instruments.js"
import * as Margin from "./Margin.js"
import type * as Settings from "./Settings.js"

/**
 * An amount on its way out of an account.
 *
 * @category models
 * @since 0.1.0
 */
export interface Leaving {
  readonly account: Account.Account
  readonly token: Asset.Asset
  /** Down to 1e-8; `max` is all that can leave. */
  readonly amount: Amount.Amount | "max"
}

/** What a transfer takes out of an account of the venue. @category constructors @since 0.1.0 */
export const make = (
  settings: Settings.Settings,
  sub: Account.SubAccount,
  transfer: Instruction.WalletTransfer
): Either.Either<Leaving, Refusal.Refusal> => {
  const { amount, token } = transfer
  if (typeof amount === "object") {
    return Either.left(Refusal.make("unsupported", "a transfer is never part of an atomic group", {
      field: "amount",
      expected: "a decimal or \"max\"",
      actual: `the output of ${amount.outputOf}`
    }))
  }
  const account = Account.make(settings.venue, sub)
  if (amount === "max") return Either.right({ account, token, amount })
  const snapped = Amount.quantize(amount, Instruments.quantum, "down")
  if (snapped > 0n) return Either.right({ account, token, amount: snapped })
  const least = `${Amount.format(Instruments.quantum)} ${token}`
  return Either.left(Refusal.make("limit", `${settings.venue} moves no less than ${least}`, {
    field: "amount",
    expected: `at least ${least}`,
    actual: Amount.format(amount)
  }))
}

/**
 * The amount that leaves. Refused where the account holds less, or its positions leave less of it free.
 *
 * @category combinators
 * @since 0.1.0
 */
export const bear = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  { account, amount, token }: Leaving
): Either.Either<Amount.Amount, Refusal.Refusal> => {
  const free = Margin.free(context, world, account, token, snapshot)
  if (Either.isLeft(free)) return Either.left(free.left)
  const wanted = amount === "max" ? Amount.quantize(free.right, Instruments.quantum, "down") : amount
  const needed = wanted === 0n ? Instruments.quantum : wanted
  return needed > free.right
    ? Either.left(Margin.tooMuch(account, token, World.balance(world, account, token), free.right, needed))
    : Either.right(wanted)
}
