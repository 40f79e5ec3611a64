/**
 * What the simulated Morpho remembers: its markets since the first action in each, the trader's positions in them, and
 * the flash loans of the transaction that is running.
 *
 * @since 0.1.0
 */
import * as Account from "../../domain/Account.js"
import type * as Asset from "../../domain/Asset.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import * as Market from "./Market.js"
import * as Markets from "./Markets.js"

/** Where claims, collateral and debts stand. @category constants @since 0.1.0 */
export const account: Account.Account = Account.make("morpho", "position")

/** The other side of everything the contract gives and takes. @category constants @since 0.1.0 */
export const issuer: Account.Account = Account.contra("issuer", "morpho")

/** Where the tokens stand that go in and come out: the trader's wallet. @category constants @since 0.1.0 */
export const wallet: Account.Account = Account.make("wallet", "wallet")

/**
 * A position, and what the ledger shows of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Held {
  readonly position: Market.Position
  /** What the shares of the supply are in the ledger, in the smallest unit of the loan token. */
  readonly claim: bigint
  /** What the shares of the debt are in the ledger. */
  readonly debt: bigint
}

/** A market in which nothing is held or owed. @category constants @since 0.1.0 */
export const nothing: Held = { position: Market.nothing, claim: 0n, debt: 0n }

/** A position in a market whose interest is accrued: claims rounded down, debts up. @category constructors @since 0.1.0 */
export const shown = (market: Market.Market, position: Market.Position): Held => ({
  position,
  claim: Market.supplied(market, position),
  debt: Market.borrowed(market, position)
})

/** What the world keeps of Morpho. @category models @since 0.1.0 */
export interface State {
  /** Markets as the contract stores them, by name: as of the newest action in each. */
  readonly markets: ReadonlyMap<string, Market.Market>
  /** By market, where something is held or owed. */
  readonly held: ReadonlyMap<string, Held>
  /** Flash loans that are not given back, by token, in its smallest unit. */
  readonly flash: ReadonlyMap<Asset.Asset, bigint>
  /** Tokens that the contract may already spend. */
  readonly approved: ReadonlySet<Asset.Asset>
  /** Whether the opening balances of the ledger have become positions. */
  readonly opened: boolean
}

/** The part of the simulated world that is Morpho's own. @category constants @since 0.1.0 */
export const slot: World.Slot<State> = World.slot<State>("morpho", {
  markets: new Map(),
  held: new Map(),
  flash: new Map(),
  approved: new Set(),
  opened: false
})

/** The time of a block, in seconds. @category constructors @since 0.1.0 */
export const seconds = (at: Timestamp.Timestamp): bigint => BigInt(Math.floor(at / 1000))

/** What is held and owed in a market; nothing where it was never used. @category combinators @since 0.1.0 */
export const held = (state: State, market: Markets.Listed): Held => state.held.get(market.name) ?? nothing

/** A market as it is stored; one that nobody acted in opens now. @category combinators @since 0.1.0 */
export const stored = (state: State, market: Markets.Listed, now: bigint): Market.Market =>
  state.markets.get(market.name) ?? Markets.open(market, now)

const without = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V, gone: boolean): ReadonlyMap<K, V> => {
  const next = new Map(map)
  if (gone) next.delete(key)
  else next.set(key, value)
  return next
}

/**
 * The state with one market and what is held in it replaced. A position that is empty is left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withMarket = (state: State, { name }: Markets.Listed, market: Market.Market, held: Held): State => {
  const { borrowShares, collateral, supplyShares } = held.position
  return {
    ...state,
    markets: new Map(state.markets).set(name, market),
    held: without(state.held, name, held, borrowShares === 0n && collateral === 0n && supplyShares === 0n)
  }
}

/**
 * The state with the open flash loan of a token replaced, in its smallest unit. One of 0 is left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withFlash = (state: State, token: Asset.Asset, units: bigint): State => ({
  ...state,
  flash: without(state.flash, token, units, units === 0n)
})

/**
 * The flash loan of a token that is not given back yet, in its smallest unit; 0 where there is none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lent = (state: State, token: Asset.Asset): bigint => state.flash.get(token) ?? 0n

/**
 * Tokens that the contract holds: what its markets have not lent, the trader's collateral, and what the settings say it
 * holds beside them, less what is out by flash loan. Collateral of others is not counted.
 *
 * @category combinators
 * @since 0.1.0
 */
export const reserves = (settings: Config.Settings, state: State, token: Asset.Asset): bigint => {
  let units = (settings.flashLiquidity.get(token) ?? 0n) - lent(state, token)
  for (const market of settings.markets.values()) {
    if (market.loan === token) {
      const { borrow, supply } = stored(state, market, 0n)
      units += supply.assets - borrow.assets
    }
    if (market.collateral === token) units += held(state, market).position.collateral
  }
  return units
}
