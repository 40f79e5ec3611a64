/**
 * Transfers between the accounts of an exchange.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import type * as Instruction from "../../domain/Instruction.js"
import type { Json } from "../../domain/Json.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Outcome from "../../domain/Outcome.js"
import * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Leaving from "./Leaving.js"
import type * as Margin from "./Margin.js"
import * as Settings from "./Settings.js"

/**
 * A transfer between accounts of the venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Internal extends Leaving.Leaving {
  readonly to: Account.Account
}

const names = (settings: Settings.Settings, holds: (sub: Account.SubAccount) => boolean): string =>
  settings.accounts.filter(holds).map((sub) => `${settings.venue}_${sub}`).join(" or ")

const own = (
  settings: Settings.Settings,
  token: Asset.Asset,
  reference: Account.Reference,
  field: "from_venue" | "to_venue"
): Either.Either<Account.SubAccount, Refusal.Refusal> => {
  const sub = reference.sub === undefined ? settings.accounts[0] : Settings.accountOf(settings, reference.sub)
  if (sub !== undefined && Settings.holds(settings, sub, token)) return Either.right(sub)
  const why = sub === undefined
    ? `${settings.venue} has no account ${reference.sub}`
    : `${settings.venue} (${sub}) cannot hold ${token}`
  return Either.left(Refusal.make("unsupported", why, {
    field,
    expected: names(settings, (account) => Settings.holds(settings, account, token)),
    actual: Account.formatReference(reference)
  }))
}

/**
 * The transfer between accounts that an instruction means. A venue that is named without an account means its first.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  settings: Settings.Settings,
  transfer: Instruction.WalletTransfer
): Either.Either<Internal, Refusal.Refusal> => {
  const { fromVenue, toVenue, token } = transfer
  const from = own(settings, token, fromVenue, "from_venue")
  if (Either.isLeft(from)) return Either.left(from.left)
  const to = own(settings, token, toVenue, "to_venue")
  if (Either.isLeft(to)) return Either.left(to.left)
  if (from.right === to.right) {
    return Either.left(Refusal.make("invalid", `both are the account ${to.right} of ${settings.venue}`, {
      field: "to_venue",
      expected: names(settings, (account) => account !== from.right && Settings.holds(settings, account, token)),
      actual: Account.formatReference(toVenue)
    }))
  }
  return Either.map(Leaving.make(settings, from.right, transfer), (leaving) => ({
    ...leaving,
    to: Account.make(settings.venue, to.right)
  }))
}

/** What is written down of a transfer before it is sent. @category combinators @since 0.1.0 */
export const wire = (operationId: string, order: Internal): { readonly [key: string]: Json } => ({
  transfer_id: operationId,
  from: order.account,
  to: order.to,
  coin: order.token,
  amount: order.amount === "max" ? "max" : Amount.format(order.amount)
})

/** Moves between accounts of the venue, at once and free. @category combinators @since 0.1.0 */
export const move = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  order: Internal
): Either.Either<Simulation.Stepped<Outcome.Success>, Refusal.Refusal> => {
  const amount = Leaving.bear(context, world, snapshot, order)
  if (Either.isLeft(amount)) return Either.left(amount.left)
  const entries = Entry.move(order.account, order.to, order.token, amount.right, "transfer")
  return Either.map(World.post(world, entries), (next) => ({
    world: next,
    value: new Outcome.Settled({
      receipt: {
        ...Outcome.emptyReceipt(snapshot.at),
        entries,
        detail: { amount: Amount.format(amount.right) }
      }
    })
  }))
}
