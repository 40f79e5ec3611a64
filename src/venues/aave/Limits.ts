/**
 * What a reserve allows whoever asks: whether it is open, its caps, and the tokens that it has. By the names of the
 * contracts' errors.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as Config from "./Config.js"
import * as EMode from "./EMode.js"
import * as Pool from "./Pool.js"
import * as Position from "./Position.js"
import type * as Request from "./Request.js"
import type * as Reserves from "./Reserves.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

const closed = (message: string, expected: string, token: Asset.Asset): Result<never> =>
  Either.left(Refusal.make("rejected", message, { field: "token", expected, actual: token }))

/** Whether a reserve takes part in an action at all. @category combinators @since 0.1.0 */
export const usable = (
  { frozen, paused, token }: Reserves.Reserve,
  action: Request.LendingAction | Request.FlashAction | "set_collateral"
): Result<void> => {
  if (paused) return closed(`the reserve of ${token} is paused at aave (ReservePaused)`, "a reserve that is not paused", token)
  return frozen && (action === "supply" || action === "borrow")
    ? closed(`the reserve of ${token} is frozen at aave (ReserveFrozen)`, "a reserve that is not frozen", token)
    : Either.void
}

/** Whether a token may be borrowed, here and in the efficiency mode. @category combinators @since 0.1.0 */
export const borrowable = (
  { categories, version }: Config.Settings,
  { emode }: Position.Position,
  { borrowable, token }: Reserves.Reserve
): Result<void> => {
  if (!borrowable) return closed(`${token} cannot be borrowed from aave (BorrowingNotEnabled)`, "a reserve that may be borrowed", token)
  return EMode.isBorrowable(categories.get(emode), token, version)
    ? Either.void
    : closed(
      `${token} cannot be borrowed in efficiency mode ${emode} (${version === "v3.5" ? "NotBorrowableInEMode" : "InconsistentEModeCategory"})`,
      "a token of the efficiency mode",
      token
    )
}

interface Sums {
  readonly scaled: bigint
  readonly index: bigint
  /** What others have, where it is not part of the scaled sum. */
  readonly others: bigint
}

/** All that is supplied or owed in a reserve before an action. */
const sums = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  reserve: Reserves.Reserve,
  side: Pool.Side
): Result<Sums> => {
  const state = Pool.stateAt(settings, position, reserve, snapshot.at)
  if (state !== undefined) {
    return Either.right(
      side === "supply"
        ? { scaled: state.supply + state.treasury, index: state.supplyIndex, others: 0n }
        : { scaled: state.debt, index: state.borrowIndex, others: 0n }
    )
  }
  const held = Position.holding(position, reserve.token)
  const { debt = 0n, supply = 0n } = reserve.others ?? {}
  return Either.map(Pool.index(settings, position, snapshot, reserve, side), (index) =>
    side === "supply" ? { scaled: held.supply, index, others: supply } : { scaled: held.debt, index, others: debt })
}

/** Whether a supply or a loan stays under the cap of the reserve. @category combinators @since 0.1.0 */
export const caps = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  { action, reserve }: Request.Lending,
  { amount, scaled }: Position.Change
): Result<void> => {
  const supplies = action === "supply"
  const cap = supplies ? reserve.supplyCap : action === "borrow" ? reserve.borrowCap : undefined
  if (cap === undefined) return Either.void
  const { debtBalance, supplyBalance } = settings.scaling
  const balance = supplies ? supplyBalance : debtBalance
  return Either.flatMap(sums(settings, position, snapshot, reserve, supplies ? "supply" : "borrow"), (before) => {
    const after = before.others + (settings.version === "v3.5"
      ? balance(before.scaled + scaled, before.index)
      : balance(before.scaled, before.index) + amount)
    const decimals = Asset.decimals(reserve.token)
    const left = cap - (after - amount)
    return after <= cap ? Either.void : Either.left(
      Refusal.make(
        "limit",
        `no more than ${Amount.format(Amount.fromUnits(cap, decimals))} ${reserve.token} may be ${
          supplies ? "supplied to" : "borrowed from"
        } aave by all (${supplies ? "SupplyCapExceeded" : "BorrowCapExceeded"})`,
        {
          field: "amount",
          expected: `at most ${Amount.format(Amount.fromUnits(left > 0n ? left : 0n, decimals))} ${reserve.token}`,
          actual: Amount.format(Amount.fromUnits(amount, decimals))
        }
      )
    )
  })
}

/** Tokens of a reserve that are not lent; `undefined` for enough of them. */
const liquidity = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  reserve: Reserves.Reserve
): Result<bigint | undefined> => {
  const state = Pool.stateAt(settings, position, reserve, snapshot.at)
  if (state !== undefined) return Either.right(state.liquidity)
  if (reserve.others === undefined) return Either.right(undefined)
  const { debt, supply } = Position.holding(position, reserve.token)
  const lent = position.flash.get(reserve.token)?.principal ?? 0n
  const { debtBalance, supplyBalance } = settings.scaling
  const free = reserve.others.supply - reserve.others.debt - lent
  return Either.gen(function*() {
    const supplied = supply === 0n ? 0n : supplyBalance(supply, yield* Pool.index(settings, position, snapshot, reserve, "supply"))
    const owed = debt === 0n ? 0n : debtBalance(debt, yield* Pool.index(settings, position, snapshot, reserve, "borrow"))
    return free + supplied - owed
  })
}

/** Whether a reserve has so many tokens to give out. @category combinators @since 0.1.0 */
export const liquid = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  reserve: Reserves.Reserve,
  units: bigint
): Result<void> =>
  Either.flatMap(liquidity(settings, position, snapshot, reserve), (free) => {
    if (free === undefined || units <= free) return Either.void
    const decimals = Asset.decimals(reserve.token)
    const most = Amount.format(Amount.fromUnits(free > 0n ? free : 0n, decimals))
    return Either.left(
      Refusal.make("limit", `aave has ${most} ${reserve.token} that are not lent (transfer reverted)`, {
        field: "amount",
        expected: `at most ${most} ${reserve.token}`,
        actual: Amount.format(Amount.fromUnits(units, decimals))
      })
    )
  })
