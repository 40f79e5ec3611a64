/**
 * The whole of a simulated world as one value: who holds what, what is in transit, and the state of each venue.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../domain/Account.js"
import type * as Amount from "../domain/Amount.js"
import type * as Asset from "../domain/Asset.js"
import type * as Entry from "../domain/Entry.js"
import type * as Timestamp from "../domain/Timestamp.js"
import * as Refusal from "./Refusal.js"

/**
 * A transfer under way: the amount stands at `transit:<id>` until it is credited.
 *
 * @category models
 * @since 0.1.0
 */
export interface Transit {
  /** Operation that sent it. */
  readonly id: string
  readonly asset: Asset.Asset
  readonly amount: Amount.Amount
  readonly to: Account.Account
  /** Step of the credited account. */
  readonly quantum: Amount.Amount
  readonly due: Timestamp.Timestamp
}

/**
 * A simulated world. It is never changed: a step makes the next one, and taking a step back is keeping the old one.
 *
 * @category models
 * @since 0.1.0
 */
export interface World {
  /** Everything due up to here is settled. */
  readonly at: Timestamp.Timestamp
  /** By account and asset, contra accounts included: for every asset they sum to zero. */
  readonly balances: ReadonlyMap<Account.Account, ReadonlyMap<Asset.Asset, Amount.Amount>>
  readonly transits: ReadonlyArray<Transit>
  /** By venue, what only that venue can read: see {@link slot}. */
  readonly states: ReadonlyMap<Account.VenueId, unknown>
}

/** A world where nothing is held. @category constructors @since 0.1.0 */
export const empty = (at: Timestamp.Timestamp): World => ({ at, balances: new Map(), transits: [], states: new Map() })

/** What an account holds of an asset, 0 where it never held any. @category combinators @since 0.1.0 */
export const balance = (world: World, account: Account.Account, asset: Asset.Asset): Amount.Amount =>
  world.balances.get(account)?.get(asset) ?? 0n

/**
 * Every balance that is not zero.
 *
 * @category combinators
 * @since 0.1.0
 */
export const holdings = (
  world: World
): ReadonlyArray<{ readonly account: Account.Account; readonly asset: Asset.Asset; readonly amount: Amount.Amount }> => {
  const all: Array<{ readonly account: Account.Account; readonly asset: Asset.Asset; readonly amount: Amount.Amount }> = []
  for (const [account, assets] of world.balances) {
    for (const [asset, amount] of assets) if (amount !== 0n) all.push({ account, asset, amount })
  }
  return all
}

/**
 * The world after ledger lines. Refused where an account of the trader would hold less than nothing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const post = (world: World, entries: ReadonlyArray<Entry.Entry>): Either.Either<World, Refusal.Refusal> => {
  if (entries.length === 0) return Either.right(world)
  const balances = new Map(world.balances)
  // The maps of accounts that these lines have copied, and may change.
  const own = new Map<Account.Account, Map<Asset.Asset, Amount.Amount>>()
  for (const { account, amount, asset } of entries) {
    let assets = own.get(account)
    if (assets === undefined) {
      assets = new Map(balances.get(account))
      own.set(account, assets)
      balances.set(account, assets)
    }
    assets.set(asset, (assets.get(asset) ?? 0n) + amount)
  }
  for (const { account, amount, asset } of entries) {
    if (amount < 0n && own.get(account)!.get(asset)! < 0n && !Account.isContra(account)) {
      return Either.left(Refusal.insufficientBalance(account, asset, balance(world, account, asset), -amount))
    }
  }
  return Either.right({ ...world, balances })
}

/**
 * Typed access to the state of one venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Slot<S> {
  readonly get: (world: World) => S
  readonly set: (world: World, state: S) => World
}

/**
 * The slot of a venue. Each venue makes its own once, so that nobody else reads or writes its state.
 *
 * @category constructors
 * @since 0.1.0
 */
export const slot = <S>(venue: Account.VenueId, initial: S): Slot<S> => ({
  get: (world) => (world.states.has(venue) ? (world.states.get(venue) as S) : initial),
  set: (world, state) => ({ ...world, states: new Map(world.states).set(venue, state) })
})
