/**
 * What is held at an instant, and what it is worth.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as World from "../../sim/World.js"

/**
 * Holdings of the trader.
 *
 * @category models
 * @since 0.1.0
 */
export interface Positions {
  /** Amount of a token at a venue or at one of its accounts (`binance`, `binance_perp`), as an `Amount`. */
  readonly balance: (venue: string, asset: Asset.Asset) => Amount.Amount
  /** All balances by venue. */
  readonly balances: { readonly [venue: string]: { readonly [asset: string]: Amount.Amount } }
  /** Open perpetual positions. */
  readonly perpetuals: ReadonlyArray<Outcome.Position>
  /** Signed size of a perpetual (`ETHUSDT-PERP`) at a venue; 0 where there is none. */
  readonly size: (venue: string, symbol: string) => Amount.Amount
  /** What is on its way, by token. */
  readonly inTransit: { readonly [asset: string]: Amount.Amount }
}

/**
 * What the trader holds in a world, summed by venue, with what is in transit and the perpetual positions given.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (world: World.World, perpetuals: ReadonlyArray<Outcome.Position>): Positions => {
  const balances: Record<string, Record<string, Amount.Amount>> = {}
  const inTransit: Record<string, Amount.Amount> = {}
  for (const { account, amount, asset } of World.holdings(world)) {
    if (Account.isContra(account)) continue
    const at = (balances[Account.venue(account)] ??= {})
    at[asset] = (at[asset] ?? 0n) + amount
  }
  for (const transit of world.transits) inTransit[transit.asset] = (inTransit[transit.asset] ?? 0n) + transit.amount
  return {
    balances,
    perpetuals,
    inTransit,
    balance: (venue, asset) => {
      const reference = Account.parse(venue)
      return reference?.sub === undefined
        ? balances[reference?.venue ?? venue]?.[asset] ?? 0n
        : World.balance(world, Account.make(reference.venue, reference.sub), asset)
    },
    size: (venue, symbol) =>
      perpetuals.find((position) => position.venue === venue && position.symbol === symbol)?.size ?? 0n
  }
}

/**
 * Worth of everything held, in dollars, with what could not be priced.
 *
 * @category models
 * @since 0.1.0
 */
export interface Valuation {
  readonly dollars: Decimal.Decimal
  readonly unpriced: ReadonlyArray<string>
  /** What is in the value. */
  readonly priced: ReadonlyArray<string>
}

/** Decimals that a valuation is kept to. */
const scale = 18

/**
 * Balances and what is in transit at market prices, debts and the gas that was advanced subtracted, with the unrealised
 * result of perpetuals: `size × (mark − entry)`. Rounded down to 1e-18 for each holding.
 *
 * @category combinators
 * @since 0.1.0
 */
export const value = (
  world: World.World,
  perpetuals: ReadonlyArray<Outcome.Position>,
  snapshot: MarketSnapshot.MarketSnapshot
): Valuation => {
  const unpriced = new Set<string>()
  const priced = new Set<string>()
  let dollars = 0n
  const add = (asset: Asset.Asset, amount: Amount.Amount) => {
    const price = MarketSnapshot.price(snapshot, asset)
    if (Either.isLeft(price)) unpriced.add(asset)
    else {
      priced.add(asset)
      dollars += Decimal.toScale(Decimal.multiply(Amount.toDecimal(amount), price.right), scale, "down")
    }
  }
  for (const { account, amount, asset } of World.holdings(world)) {
    if (!Account.isContra(account)) add(asset, Asset.kind(asset) === "debt" ? -amount : amount)
    else if (account === gasTank || Account.venue(account) === "transit") add(asset, amount)
  }
  for (const position of perpetuals) {
    if (position.mark === undefined) {
      unpriced.add(position.symbol)
      continue
    }
    priced.add(position.symbol)
    const result = Amount.times(position.size, Decimal.subtract(position.mark, position.entryPrice), 1n, "down")
    add(position.quote ?? "USDT", result)
  }
  return { dollars: Decimal.make(dollars, scale), unpriced: [...unpriced].sort(), priced: [...priced] }
}

/** Where gas comes from that the wallet could not pay: it is owed. @category constants @since 0.1.0 */
export const gasTank: Account.Account = Account.contra("opening", "gas_tank")
