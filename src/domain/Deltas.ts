/**
 * Net change of position: per venue and asset, signed.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Account from "./Account.js"
import * as Amount from "./Amount.js"
import * as Pattern from "./Pattern.js"
import type * as Entry from "./Entry.js"

/**
 * Signed change per venue and asset; zero entries are left out. A debt grows with a positive number.
 *
 * @category models
 * @since 0.1.0
 */
export type Deltas = { readonly [venue: string]: { readonly [asset: string]: Amount.Amount } }

/** Names of venues in deltas: a letter, and up to 63 more. @category constants @since 0.1.0 */
export const venueShape = /^[A-Za-z][A-Za-z0-9_.:/-]{0,63}$/

/**
 * Names of assets in deltas: the same, and digits before the first letter: `1INCH`.
 *
 * @category constants
 * @since 0.1.0
 */
export const assetShape = /^(?=.{1,64}$)[0-9]*[A-Za-z][A-Za-z0-9_.:/-]*$/

const named = (shape: RegExp, example: RegExp) =>
  Schema.String.pipe(
    Schema.pattern(shape, {
      description: "a name of letters and digits",
      arbitrary: () => (fc) => fc.stringMatching(example)
    }),
    Schema.filter((key) => !(key in Object.prototype) || "expected a name that is no property of every object", {
      jsonSchema: Pattern.key(shape)
    })
  )

const venue = named(venueShape, /^[A-Za-z][A-Za-z0-9]{0,7}$/)
const asset = named(assetShape, /^[0-9]{0,2}[A-Za-z][A-Za-z0-9]{0,7}$/)

/** Codec: decimal text (or JSON numbers) per venue and asset. @category schemas @since 0.1.0 */
export const Deltas: Schema.Schema<Deltas, { readonly [venue: string]: { readonly [asset: string]: string | number } }> =
  Schema.Record({ key: venue, value: Schema.Record({ key: asset, value: Amount.Amount }) })

/** No change of position at all. @category constructors @since 0.1.0 */
export const empty: Deltas = {}

/** A sum under construction. @category models @since 0.1.0 */
export type Sum = Map<string, Map<string, Amount.Amount>>

/** Adds one amount to a sum in place. @category combinators @since 0.1.0 */
export const addTo = (sum: Sum, venue: string, asset: string, amount: Amount.Amount): void => {
  let assets = sum.get(venue)
  if (assets === undefined) {
    assets = new Map()
    sum.set(venue, assets)
  }
  assets.set(asset, (assets.get(asset) ?? 0n) + amount)
}

/**
 * The deltas of a sum, without what came to zero and without venues where everything did.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fromSum = (sum: Sum): Deltas => {
  const deltas: Record<string, Record<string, Amount.Amount>> = {}
  for (const [venue, assets] of sum) {
    let kept: Record<string, Amount.Amount> | undefined
    for (const [asset, amount] of assets) {
      if (amount !== 0n) (kept ??= {})[asset] = amount
    }
    if (kept !== undefined) deltas[venue] = kept
  }
  return deltas
}

/**
 * The trader's side of ledger entries, by account and by venue. Contra accounts, and with them what is in transit, are
 * left out.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofEntries = (entries: ReadonlyArray<Entry.Entry>): { readonly accounts: Deltas; readonly deltas: Deltas } => {
  // The lines of one account are the rule, and need no more than a list of its few assets.
  let account: Account.Account | undefined
  const assets: Array<string> = []
  const sums: Array<Amount.Amount> = []
  for (const entry of entries) {
    if (entry.account !== account) {
      if (Account.isContra(entry.account)) continue
      if (account !== undefined) return ofAccounts(entries)
      account = entry.account
    }
    let place = 0
    while (place < assets.length && assets[place] !== entry.asset) place++
    if (place === assets.length) {
      assets.push(entry.asset)
      sums.push(entry.amount)
    } else sums[place] = sums[place]! + entry.amount
  }
  const row: Record<string, Amount.Amount> = {}
  let some = false
  for (let place = 0; place < assets.length; place++) {
    if (sums[place] === 0n) continue
    row[assets[place]!] = sums[place]!
    some = true
  }
  return account === undefined || !some
    ? nothing
    : { accounts: { [account]: row }, deltas: { [Account.venue(account)]: row } }
}

const nothing = { accounts: empty, deltas: empty }

const ofAccounts = (entries: ReadonlyArray<Entry.Entry>): { readonly accounts: Deltas; readonly deltas: Deltas } => {
  const accounts: Sum = new Map()
  const venues: Sum = new Map()
  for (const { account, amount, asset } of entries) {
    if (Account.isContra(account)) continue
    addTo(accounts, account, asset, amount)
    addTo(venues, Account.venue(account), asset, amount)
  }
  return { accounts: fromSum(accounts), deltas: fromSum(venues) }
}

/** {@link ofEntries} by venue. @category constructors @since 0.1.0 */
export const fromEntries = (entries: ReadonlyArray<Entry.Entry>): Deltas => ofEntries(entries).deltas

/**
 * The net of several deltas: added per venue and asset, without what comes to zero.
 *
 * @category combinators
 * @since 0.1.0
 */
export const combine = (all: ReadonlyArray<Deltas>): Deltas => {
  if (all.length === 1) return all[0]!
  const sum: Sum = new Map()
  for (const deltas of all) {
    for (const venue in deltas) {
      for (const asset in deltas[venue]) addTo(sum, venue, asset, deltas[venue]![asset]!)
    }
  }
  return fromSum(sum)
}

/** The change of an asset at a venue, 0 where there is none. @category combinators @since 0.1.0 */
export const get = (deltas: Deltas, venue: string, asset: string): Amount.Amount => deltas[venue]?.[asset] ?? 0n
