/**
 * Flash loans of the simulated Morpho: free, of any token that the contract holds, given back before the transaction
 * ends.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import type * as Contract from "../../sim/Contract.js"
import * as Refusal from "../../sim/Refusal.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import type * as Opening from "./Opening.js"
import type * as Request from "./Request.js"
import * as State from "./State.js"

/** Refused where the contract does not hold that much of the token now. @category combinators @since 0.1.0 */
export const transferable = (
  settings: Config.Settings,
  state: State.State,
  token: Asset.Asset,
  units: bigint
): Either.Either<void, Refusal.Refusal> => {
  const reserves = State.reserves(settings, state, token)
  if (units <= reserves) return Either.void
  const most = Amount.format(Amount.fromUnits(reserves > 0n ? reserves : 0n, Asset.decimals(token)))
  return Either.left(
    Refusal.make("limit", `morpho holds ${most} ${token} that are not lent (transfer reverted)`, {
      field: "amount",
      expected: `at most ${most} ${token}`,
      actual: Amount.format(Amount.fromUnits(units, Asset.decimals(token)))
    })
  )
}

const notOpen = (token: Asset.Asset, open: bigint, asked: bigint | "max"): Either.Either<never, Refusal.Refusal> => {
  const decimals = Asset.decimals(token)
  const most = Amount.format(Amount.fromUnits(open, decimals))
  return Either.left(
    Refusal.make("atomic", `a flash loan of ${most} ${token} is open at morpho`, {
      field: "amount",
      expected: open === 0n ? "a flash loan before it" : `at most ${most}`,
      actual: asked === "max" ? asked : Amount.format(Amount.fromUnits(asked, decimals))
    })
  )
}

/** Takes a flash loan, or gives one back. @category combinators @since 0.1.0 */
export const step = (
  settings: Config.Settings,
  { state, world }: Pick<Opening.Opened, "state" | "world">,
  { action, token, units: asked }: Request.Flash
): Either.Either<Contract.Stepped, Refusal.Refusal> =>
  Either.gen(function*() {
    const open = State.lent(state, token)
    const units = asked === "max" ? open : asked
    const borrows = action === "flash_borrow"
    if (borrows) yield* transferable(settings, state, token, units)
    else if (units === 0n || units > open) return yield* notOpen(token, open, asked)
    const left = borrows ? open + units : open - units
    const amount = Amount.fromUnits(units, Asset.decimals(token))
    const entries = borrows
      ? Entry.move(State.issuer, State.wallet, token, amount, "flash")
      : Entry.move(State.wallet, State.issuer, token, amount, "flash")
    const posted = yield* World.post(world, entries)
    return {
      world: State.slot.set(posted, State.withFlash(state, token, left)),
      value: {
        entries,
        fills: [],
        costs: [],
        positions: [],
        detail: { premium: "0", open: Amount.format(Amount.fromUnits(left, Asset.decimals(token))) },
        gas: [],
        ...(borrows ? { output: { asset: token, amount } } : {})
      }
    }
  })

/** Why a transaction may not end: a flash loan is open. @category guards @since 0.1.0 */
export const open = (world: World.World): Refusal.Refusal | undefined => {
  for (const [token, units] of State.slot.get(world).flash) {
    const owed = Amount.format(Amount.fromUnits(units, Asset.decimals(token)))
    return Refusal.make("atomic", `the flash loan of ${owed} ${token} from morpho is not given back (transferFrom reverted)`, {
      field: "amount",
      expected: `a flash_repay of ${owed} ${token}`,
      actual: "none"
    })
  }
  return undefined
}
