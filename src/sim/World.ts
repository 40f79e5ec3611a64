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
 * Who holds what, contra accounts included: for every asset the amounts sum to zero. Where an account and asset stand is
 * shared by the worlds that follow each other, so that a step copies the amounts and nothing else.
 *
 * @category models
 * @since 0.1.0
 */
export interface Balances {
  readonly places: ReadonlyMap<Account.Account, ReadonlyMap<Asset.Asset, number>>
  readonly amounts: ReadonlyArray<Amount.Amount>
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
  readonly balances: Balances
  readonly transits: ReadonlyArray<Transit>
  /** By venue, what only that venue can read: see {@link slot}. */
  readonly states: ReadonlyMap<Account.VenueId, unknown>
}

/** A world where nothing is held. @category constructors @since 0.1.0 */
export const empty = (at: Timestamp.Timestamp): World => ({
  at,
  balances: { places: new Map(), amounts: [] },
  transits: [],
  states: new Map()
})

/** What an account holds of an asset, 0 where it never held any. @category combinators @since 0.1.0 */
export const balance = ({ balances }: World, account: Account.Account, asset: Asset.Asset): Amount.Amount => {
  const place = balances.places.get(account)?.get(asset)
  return place === undefined ? 0n : balances.amounts[place]!
}

/** Whether an account ever held anything. @category guards @since 0.1.0 */
export const holds = ({ balances }: World, account: Account.Account): boolean => balances.places.has(account)

/**
 * Every balance that is not zero.
 *
 * @category combinators
 * @since 0.1.0
 */
export const holdings = (
  { balances }: World
): ReadonlyArray<{ readonly account: Account.Account; readonly asset: Asset.Asset; readonly amount: Amount.Amount }> => {
  const all: Array<{ readonly account: Account.Account; readonly asset: Asset.Asset; readonly amount: Amount.Amount }> = []
  for (const [account, assets] of balances.places) {
    for (const [asset, place] of assets) {
      const amount = balances.amounts[place]!
      if (amount !== 0n) all.push({ account, asset, amount })
    }
  }
  return all
}

const withPlace = (
  places: Balances["places"],
  account: Account.Account,
  asset: Asset.Asset,
  place: number
): Balances["places"] => new Map(places).set(account, new Map(places.get(account)).set(asset, place))

const isTransit = (account: Account.Account): boolean => account.startsWith("transit:")

/** Without the accounts of transfers that have arrived: each has one of its own, and they would pile up. */
const withoutArrived = ({ amounts, places }: Balances): Balances => {
  const kept = new Map<Account.Account, ReadonlyMap<Asset.Asset, number>>()
  const left: Array<Amount.Amount> = []
  for (const [account, assets] of places) {
    const own = new Map<Asset.Asset, number>()
    for (const [asset, place] of assets) {
      if (isTransit(account) && amounts[place] === 0n) continue
      own.set(asset, left.length)
      left.push(amounts[place]!)
    }
    if (own.size > 0) kept.set(account, own)
  }
  return { places: kept, amounts: left }
}

/** Whether an account may owe an asset: hold less than nothing of it. @category models @since 0.1.0 */
export type MayOwe = (account: Account.Account, asset: Asset.Asset) => boolean

/**
 * The world after ledger lines. Refused where an account of the trader would hold less than nothing and less than
 * before, unless it may owe the asset. What is owed may be repaid in part by anybody.
 *
 * @category combinators
 * @since 0.1.0
 */
export const post = (
  world: World,
  entries: ReadonlyArray<Entry.Entry>,
  mayOwe?: MayOwe | undefined
): Either.Either<World, Refusal.Refusal> => {
  if (entries.length === 0) return Either.right(world)
  const amounts = world.balances.amounts.slice()
  let { places } = world.balances
  for (const { account, amount, asset } of entries) {
    const place = places.get(account)?.get(asset)
    if (place === undefined) places = withPlace(places, account, asset, amounts.push(amount) - 1)
    else amounts[place] = amounts[place]! + amount
  }
  let arrived = false
  for (const { account, amount, asset } of entries) {
    if (amount >= 0n) continue
    const left = amounts[places.get(account)!.get(asset)!]!
    if (left < 0n && !Account.isContra(account) && mayOwe?.(account, asset) !== true && left < balance(world, account, asset)) {
      return Either.left(Refusal.insufficientBalance(account, asset, balance(world, account, asset), -amount))
    }
    arrived ||= left === 0n && isTransit(account)
  }
  const balances = { places, amounts }
  return Either.right({
    at: world.at,
    balances: arrived ? withoutArrived(balances) : balances,
    transits: world.transits,
    states: world.states
  })
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
