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
  readonly balances: ReadonlyMap<string, Amount.Amount>
  readonly transits: ReadonlyArray<Transit>
  /** By venue, what only that venue can read: see {@link slot}. */
  readonly states: ReadonlyMap<Account.VenueId, unknown>
}

const key = (account: Account.Account, asset: Asset.Asset): string => `${account}|${asset}`

/** A world where nothing is held. @category constructors @since 0.1.0 */
export const empty = (at: Timestamp.Timestamp): World => ({ at, balances: new Map(), transits: [], states: new Map() })

/** @category combinators @since 0.1.0 */
export const balance = (world: World, account: Account.Account, asset: Asset.Asset): Amount.Amount =>
  world.balances.get(key(account, asset)) ?? 0n

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
  for (const [name, amount] of world.balances) {
    const bar = name.indexOf("|")
    if (amount !== 0n) all.push({ account: name.slice(0, bar) as Account.Account, asset: name.slice(bar + 1), amount })
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
  for (const entry of entries) {
    const name = key(entry.account, entry.asset)
    balances.set(name, (balances.get(name) ?? 0n) + entry.amount)
  }
  for (const entry of entries) {
    if (entry.amount < 0n && !Account.isContra(entry.account)) {
      const name = key(entry.account, entry.asset)
      if (balances.get(name)! < 0n) {
        return Either.left(Refusal.insufficientBalance(entry.account, entry.asset, world.balances.get(name) ?? 0n, -entry.amount))
      }
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
