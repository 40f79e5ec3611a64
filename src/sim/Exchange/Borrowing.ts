/**
 * What a unified account owes: a settlement coin that is spent beyond what is held of it is borrowed.
 *
 * The balance of the coin goes below zero, as the venues show it, and what comes in repays it first. There is no second
 * ledger of debts.
 *
 * @since 0.1.0
 */
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as World from "../World.js"
import * as Instruments from "./Instruments.js"

/**
 * The terms of borrowing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Terms {
  /** The coins that are borrowed: those that perpetuals settle in. */
  readonly coins: ReadonlySet<Asset.Asset>
  /** Interest of a year, as a fraction of what is owed; a hundredth of it is 1 %. */
  readonly rate: (coin: Asset.Asset) => Decimal.Decimal
}

/**
 * An account that may borrow.
 *
 * @category models
 * @since 0.1.0
 */
export interface Borrower {
  /** Account that backs the perpetuals of the venue. */
  readonly backing: Account.Account
  /** Where coins back perpetuals together. */
  readonly collateral: { readonly borrowing: Terms } | undefined
}

/** Which balances may go below zero. @category combinators @since 0.1.0 */
export const mayOwe = ({ backing, collateral }: Borrower): World.MayOwe | undefined =>
  collateral === undefined
    ? undefined
    : (account, asset) => account === backing && collateral.borrowing.coins.has(asset)

/** Whether anything is owed. @category guards @since 0.1.0 */
export const owes = (borrower: Borrower, world: World.World): boolean => owed(borrower, world).length > 0

/**
 * The coins that are owed, with the amounts, above zero.
 *
 * @category combinators
 * @since 0.1.0
 */
export const owed = (
  { backing, collateral }: Borrower,
  world: World.World
): ReadonlyArray<readonly [coin: Asset.Asset, amount: Amount.Amount]> => {
  if (collateral === undefined || !World.holds(world, backing)) return []
  const all: Array<readonly [Asset.Asset, Amount.Amount]> = []
  for (const coin of collateral.borrowing.coins) {
    const balance = World.balance(world, backing, coin)
    if (balance < 0n) all.push([coin, -balance])
  }
  return all
}

const hoursOfYear = Decimal.make(8760n, 0)

/**
 * Interest of an hour on an amount: amount × yearly rate / 8760, up to 1e-8, against the trader.
 *
 * @category combinators
 * @since 0.1.0
 */
export const interest = (amount: Amount.Amount, rate: Decimal.Decimal): Amount.Amount =>
  amount <= 0n ? 0n : Amount.over(Amount.times(amount, rate, 1n, "up"), hoursOfYear, Instruments.quantum, "up")

/**
 * What of a debt bears interest: all of it, less the gains of positions that settle in the coin and are not realised. A
 * loss that is not realised bears none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const bearing = (debt: Amount.Amount, unrealised: Amount.Amount): Amount.Amount =>
  unrealised <= 0n ? debt : debt > unrealised ? debt - unrealised : 0n
