/**
 * What one account holds and owes at the pool, in the scaled units that the contracts store, and how the four actions
 * change it. Amounts in the smallest unit of the token, indices in rays.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Asset from "../../domain/Asset.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as World from "../../sim/World.js"
import type * as RayMath from "./RayMath.js"
import type * as ReserveState from "./ReserveState.js"

/**
 * The account at one reserve.
 *
 * @category models
 * @since 0.1.0
 */
export interface Holding {
  /** Scaled aTokens. */
  readonly supply: bigint
  /** Scaled debt. */
  readonly debt: bigint
  /** Whether the supply backs debt. */
  readonly collateral: boolean
}

/** An account without supply and debt at a reserve. @category constructors @since 0.1.0 */
export const nothing: Holding = { supply: 0n, debt: 0n, collateral: false }

/**
 * A flash loan that is not given back, in the smallest unit of the token.
 *
 * @category models
 * @since 0.1.0
 */
export interface Loan {
  readonly principal: bigint
  readonly premium: bigint
}

/**
 * The account at all reserves, and what the pool stores of those with a rate model.
 *
 * @category models
 * @since 0.1.0
 */
export interface Position {
  /** Reserves where something is held or owed. */
  readonly holdings: ReadonlyMap<Asset.Asset, Holding>
  /** Efficiency mode that is on; 0 for none. */
  readonly emode: number
  /** Reserves with a rate model, as of the newest action in each. */
  readonly pool: ReadonlyMap<Asset.Asset, ReserveState.State>
  /** Flash loans of the transaction that is running. */
  readonly flash: ReadonlyMap<Asset.Asset, Loan>
  /** Instant at which the health factor was looked at last; below 0 for never. */
  readonly judged: Timestamp.Timestamp
  /** Tokens that the pool may already spend. */
  readonly approved: ReadonlySet<Asset.Asset>
  /** Whether the opening balances of the ledger have become scaled amounts. */
  readonly opened: boolean
}

/** The part of the simulated world that is Aave's own. @category constants @since 0.1.0 */
export const slot: World.Slot<Position> = World.slot<Position>("aave", {
  holdings: new Map(),
  emode: 0,
  pool: new Map(),
  flash: new Map(),
  judged: -1,
  approved: new Set(),
  opened: false
})

/**
 * What the account has at the reserve of a token, in scaled units; nothing where it never had any.
 *
 * @category combinators
 * @since 0.1.0
 */
export const holding = (position: Position, token: Asset.Asset): Holding => position.holdings.get(token) ?? nothing

/**
 * The position with one reserve replaced, or left out where neither supply nor debt is left.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withHolding = (position: Position, token: Asset.Asset, next: Holding): Position => {
  const holdings = new Map(position.holdings)
  if (next.supply === 0n && next.debt === 0n) holdings.delete(token)
  else holdings.set(token, next)
  return { ...position, holdings }
}

/** A position beside a reserve as the pool stores it from now on. @category combinators @since 0.1.0 */
export const withReserve = (position: Position, token: Asset.Asset, state: ReserveState.State): Position => ({
  ...position,
  pool: new Map(position.pool).set(token, state)
})

/** Whether anything is owed. @category guards @since 0.1.0 */
export const owes = (position: Position): boolean => {
  for (const { debt } of position.holdings.values()) {
    if (debt > 0n) return true
  }
  return false
}

/**
 * What an action does: the tokens that change hands, and the change of the balance that it shows.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change {
  readonly holding: Holding
  /** Tokens paid to the pool or by it. */
  readonly amount: bigint
  /** Signed change of the scaled balance. */
  readonly scaled: bigint
  /** Signed change of the aTokens or the debt that are shown. */
  readonly shown: bigint
}

/**
 * Why the contracts refuse an action, by the name of their error.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault =
  | { readonly _tag: "InvalidAmount" }
  | { readonly _tag: "NotEnoughAvailableUserBalance"; readonly balance: bigint }
  | { readonly _tag: "NoDebtOfSelectedType" }

type Changed = Either.Either<Change, Fault>

const invalidAmount: Either.Either<never, Fault> = Either.left({ _tag: "InvalidAmount" })

/**
 * Supplies `amount`. The first supply of a reserve that may be collateral makes it collateral. Refused where so little
 * would mint nothing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const supply = (
  scaling: RayMath.Scaling,
  before: Holding,
  amount: bigint,
  index: bigint,
  mayBeCollateral: boolean
): Changed => {
  const scaled = scaling.supplyMint(amount, index)
  if (scaled === 0n) return invalidAmount
  const after = before.supply + scaled
  return Either.right({
    holding: { ...before, supply: after, collateral: before.supply === 0n ? mayBeCollateral : before.collateral },
    amount,
    scaled,
    shown: scaling.supplyBalance(after, index) - scaling.supplyBalance(before.supply, index)
  })
}

/**
 * Withdraws `amount`, or all that is shown. Refused where that is more than is shown, or burns nothing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withdraw = (
  scaling: RayMath.Scaling,
  before: Holding,
  amount: bigint | "max",
  index: bigint
): Changed => {
  const balance = scaling.supplyBalance(before.supply, index)
  const all = amount === "max" || amount === balance
  const paid = all ? balance : amount
  const scaled = all ? before.supply : scaling.supplyBurn(paid, index)
  if (paid > balance) return Either.left({ _tag: "NotEnoughAvailableUserBalance", balance })
  if (scaled === 0n || paid === 0n) return invalidAmount
  const after = before.supply - scaled
  return Either.right({
    holding: { ...before, supply: after, collateral: before.collateral && after > 0n },
    amount: paid,
    scaled: -scaled,
    shown: scaling.supplyBalance(after, index) - balance
  })
}

/**
 * Borrows `amount`. Whether the collateral covers it is not decided here. Refused where it would mint no debt.
 *
 * @category combinators
 * @since 0.1.0
 */
export const borrow = (scaling: RayMath.Scaling, before: Holding, amount: bigint, index: bigint): Changed => {
  const scaled = scaling.debtMint(amount, index)
  if (scaled === 0n) return invalidAmount
  const after = before.debt + scaled
  return Either.right({
    holding: { ...before, debt: after },
    amount,
    scaled,
    shown: scaling.debtBalance(after, index) - scaling.debtBalance(before.debt, index)
  })
}

/**
 * Repays `amount`, at most what is owed, or all of it. Refused where nothing is owed, or where so little would burn no
 * debt.
 *
 * @category combinators
 * @since 0.1.0
 */
export const repay = (scaling: RayMath.Scaling, before: Holding, amount: bigint | "max", index: bigint): Changed => {
  if (before.debt === 0n) return Either.left({ _tag: "NoDebtOfSelectedType" })
  const owed = scaling.debtBalance(before.debt, index)
  const paid = amount === "max" || amount > owed ? owed : amount
  const scaled = scaling.debtBurn(paid, index)
  if (scaled === 0n) return invalidAmount
  const after = before.debt - scaled
  return Either.right({
    holding: { ...before, debt: after },
    amount: paid,
    scaled: -scaled,
    shown: scaling.debtBalance(after, index) - owed
  })
}

/**
 * The largest scaled supply that shows as no more than `amount`: how a balance that is only known as shown becomes a
 * position.
 *
 * @category constructors
 * @since 0.1.0
 */
export const scaledSupply = (scaling: RayMath.Scaling, amount: bigint, index: bigint): bigint => {
  const above = scaling.supplyBurn(amount, index) + 1n
  let scaled = above
  while (scaled > 0n && scaling.supplyBalance(scaled, index) > amount) scaled -= 1n
  return scaled
}

/**
 * The smallest scaled debt that shows as no less than `amount`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const scaledDebt = (scaling: RayMath.Scaling, amount: bigint, index: bigint): bigint => {
  let scaled = scaling.debtBurn(amount, index)
  while (scaling.debtBalance(scaled, index) < amount) scaled += 1n
  return scaled
}
