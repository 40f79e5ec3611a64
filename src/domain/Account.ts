/**
 * Where a ledger line stands.
 *
 * @since 0.1.0
 */
import * as Pattern from "./Pattern.js"

/**
 * Name of a venue: `binance`, `aave`, `wallet`.
 *
 * @category models
 * @since 0.1.0
 */
export type VenueId = string

/**
 * Part of a venue that holds balances of its own.
 *
 * @category models
 * @since 0.1.0
 */
export type SubAccount = "spot" | "perp" | "unified" | "funding" | "wallet" | "position"

/**
 * An account of the ledger: `<venue>:<sub-account>` for what the trader holds, `<contra kind>:<name>` for the other
 * side of an entry.
 *
 * @category models
 * @since 0.1.0
 */
export type Account = `${string}:${string}`

/**
 * What the other side of an entry is: the `market` of a venue, `funding` payments, an `issuer` of claims and debts,
 * `fees`, `gas`, the penalty and the fee of a liquidation, what is in `transit`, what `rounding` leaves over, and the
 * balances at the `opening`.
 *
 * @category models
 * @since 0.1.0
 */
export type ContraKind =
  | "market"
  | "funding"
  | "issuer"
  | "fees"
  | "gas"
  | "liquidation_penalty"
  | "liquidation_fee"
  | "transit"
  | "rounding"
  | "opening"

const contraKinds: ReadonlySet<string> = new Set<ContraKind>([
  "market",
  "funding",
  "issuer",
  "fees",
  "gas",
  "liquidation_penalty",
  "liquidation_fee",
  "transit",
  "rounding",
  "opening"
])

const contraPrefixes = [...contraKinds].map((kind) => `${kind}:`)

/** The prefixes that begin with a character, by its code. */
const prefixesOf: ReadonlyMap<number, ReadonlyArray<string>> = new Map(
  contraPrefixes.map((prefix) => {
    const first = prefix.charCodeAt(0)
    return [first, contraPrefixes.filter((other) => other.charCodeAt(0) === first)]
  })
)

/** What a venue's name in JSON looks like. @category constants @since 0.1.0 */
export const pattern: Pattern.Text = Pattern.venue(["spot", "perp", "unified", "funding", "wallet", "position"], [...contraKinds])

const subAccounts: ReadonlySet<string> = new Set<SubAccount>(["spot", "perp", "unified", "funding", "wallet", "position"])

/** The trader's account of a sub-account at a venue: `binance:spot`. @category constructors @since 0.1.0 */
export const make = (venue: VenueId, sub: SubAccount): Account => `${venue}:${sub}`

/** The account of the other side of an entry: `market:binance`, `issuer:aave`. @category constructors @since 0.1.0 */
export const contra = (kind: ContraKind, name: string): Account => `${kind}:${name}`

/**
 * The venue of an account: what stands before the colon. Of a contra account it is the kind.
 *
 * @category combinators
 * @since 0.1.0
 */
export const venue = (account: Account): VenueId => account.slice(0, account.indexOf(":"))

/**
 * The sub-account of an account: what stands after the colon. Of a contra account it is the name.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sub = (account: Account): string => account.slice(account.indexOf(":") + 1)

/** Whether the account is the other side of an entry, and so none of the trader's. @category guards @since 0.1.0 */
export const isContra = (account: Account): boolean => {
  // Asked for every line of the ledger: without cutting the text in pieces.
  const prefixes = prefixesOf.get(account.charCodeAt(0))
  return prefixes !== undefined && prefixes.some((prefix) => account.startsWith(prefix))
}

/**
 * A venue name as it is written in instructions and balances: `binance`, or with its sub-account `binance_perp`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reference {
  readonly venue: VenueId
  readonly sub: SubAccount | undefined
}

const alphabet = /^[A-Za-z0-9_]+$/

/** The account that a name ends in. */
const tailOf = (name: string): SubAccount | undefined => {
  const at = name.lastIndexOf("_")
  const tail = name.slice(at + 1)
  return at > 0 && subAccounts.has(tail) ? tail as SubAccount : undefined
}

const shape = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/

/** Other names in use for a venue. */
const aliases: ReadonlyMap<string, VenueId> = new Map([
  ["aave_v3", "aave"],
  ["uniswap_v3", "uniswap"],
  ["morpho_blue", "morpho"],
  ["ether_fi", "etherfi"]
])

/**
 * Splits a name into venue and sub-account: `binance_perp` is the perpetual account of `binance`, `aave` has none
 * named. Letter case does not matter, and `aave_v3` is `aave`. `undefined` for a text that is no name, and for the names of contra accounts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Reference | undefined => {
  // Before letters are made small: others than those of ASCII become some of them.
  if (text.length > 64 || !alphabet.test(text)) return undefined
  const name = text.toLowerCase()
  if (!shape.test(name)) return undefined
  const tail = tailOf(name)
  const written = tail === undefined ? name : name.slice(0, -tail.length - 1)
  const venue = aliases.get(written) ?? written
  return contraKinds.has(venue) || venue in Object.prototype || tailOf(venue) !== undefined ? undefined : { venue, sub: tail }
}

/**
 * The key of a reference as it is written in JSON: `binance`, or `binance_spot` where a sub-account is named.
 *
 * @category combinators
 * @since 0.1.0
 */
export const formatReference = (reference: Reference): string =>
  reference.sub === undefined ? reference.venue : `${reference.venue}_${reference.sub}`

/**
 * The accounts of a venue, the first the one meant where none is named, and names that stand for one of them: `spot`
 * and `perp` where both are one unified account.
 *
 * @category models
 * @since 0.1.0
 */
export interface Accounts {
  readonly accounts: readonly [SubAccount, ...ReadonlyArray<SubAccount>]
  readonly otherNames?: ReadonlyArray<SubAccount> | undefined
}

/**
 * The account that a name stands for at a venue; `undefined` where it has none of that name.
 *
 * @category combinators
 * @since 0.1.0
 */
export const subOf = (name: SubAccount, { accounts, otherNames = [] }: Accounts): SubAccount | undefined =>
  accounts.includes(name) ? name : otherNames.includes(name) ? accounts.find((sub) => sub === "unified") ?? accounts[0] : undefined
