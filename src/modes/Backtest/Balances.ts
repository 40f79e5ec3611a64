/**
 * What is held when a backtest begins.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Fault from "../../domain/Fault.js"
import * as Untrusted from "../../domain/Untrusted.js"
import * as Config from "../../manager/Config.js"
import type * as Venue from "../../venue/Venue.js"

/**
 * Amounts per venue and token: `{wallet: {USDT: 10000n * 10n ** 18n}}`. A venue may name its account: `binance_perp`.
 *
 * @category models
 * @since 0.1.0
 */
export type Balances = { readonly [venue: string]: { readonly [asset: string]: Amount.Amount } }

const decodeAmount = Schema.decodeUnknownEither(Amount.Amount)

const refuse = (path: string, expected: string, actual: unknown): Either.Either<never, Config.ConfigError> =>
  Either.left(Config.fromFault({ path, expected, actual }))

const ofToken = (path: string, token: string, given: unknown): Either.Either<readonly [string, Amount.Amount], Config.ConfigError> => {
  if (Asset.parse(token) === undefined) return refuse(path, "a token symbol", token)
  const amount = decodeAmount(given)
  return Either.isLeft(amount) || amount.right < 0n
    ? refuse(path, "a decimal, not below 0, with at most 18 decimals", given)
    : Either.right([token, amount.right])
}

const ofVenue = (venue: string, tokens: unknown): Either.Either<readonly [string, Balances[string]], Config.ConfigError> => {
  const path = `balances.${venue}`
  if (Account.parse(venue) === undefined) return refuse(path, "a venue name such as \"binance\" or \"binance_perp\"", venue)
  if (!Fault.isRecord(tokens)) return refuse(path, "an object {token: \"decimal\"}", tokens)
  const held = Config.all(Object.keys(tokens).map((token) => ofToken(`${path}.${token}`, token, tokens[token])))
  return Either.map(held, (amounts) => [venue, Object.fromEntries(amounts)])
}

/**
 * Reads `{venue: {token: "decimal"}}`. Every fault is told.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Either.Either<Balances, Config.ConfigError> =>
  Either.flatMap(
    Either.mapLeft(Untrusted.copy(input), (fault) => Config.fromFault({ ...fault, path: fault.path === "" ? "balances" : `balances.${fault.path}` })),
    ofCopy
  )

const ofCopy = (input: unknown): Either.Either<Balances, Config.ConfigError> =>
  Fault.isRecord(input)
    ? Either.map(Config.all(Object.keys(input).map((venue) => ofVenue(venue, input[venue]))), Object.fromEntries)
    : refuse("balances", "an object {venue: {token: \"decimal\"}}", input)

type Accounts = ReadonlyMap<Account.VenueId, ReadonlyArray<Account.SubAccount>>

const accountOf = (name: string, accounts: Accounts): Either.Either<Account.Account, Config.ConfigError> => {
  const reference = Account.parse(name)
  const subs = reference === undefined ? undefined : accounts.get(reference.venue)
  if (reference === undefined || subs === undefined) {
    return refuse(`balances.${name}`, `one of the venues ${[...accounts.keys()].sort().join(", ")}`, name)
  }
  const one = reference.sub === "spot" || reference.sub === "perp" ? "unified" : undefined
  const sub = reference.sub === undefined
    ? subs[0]!
    : one !== undefined && subs.includes(one) ? one : reference.sub
  return subs.includes(sub)
    ? Either.right(Account.make(reference.venue, sub))
    : refuse(`balances.${name}`, `one of ${subs.map((known) => `${reference.venue}_${known}`).join(", ")}`, name)
}

const holdingsOf = (name: string, tokens: Balances[string], accounts: Accounts): Either.Either<ReadonlyArray<Venue.Holding>, Config.ConfigError> =>
  Either.flatMap(accountOf(name, accounts), (account) =>
    Config.all(Object.keys(tokens).map((token): Either.Either<Venue.Holding, Config.ConfigError> => {
      const path = `balances.${name}.${token}`
      const asset = Asset.parse(token)
      const amount = tokens[token]!
      if (asset === undefined) return refuse(path, "a token symbol", token)
      return amount < 0n ? refuse(path, "an amount not below 0", Amount.format(amount)) : Either.right({ account, asset, amount })
    })))

/**
 * Balances as holdings of accounts. A venue without a named account stands for its first; zeros are left out. Every
 * fault is told.
 *
 * @category combinators
 * @since 0.1.0
 */
export const holdings = (
  balances: Balances,
  accounts: Accounts
): Either.Either<ReadonlyArray<Venue.Holding>, Config.ConfigError> =>
  Either.map(
    Config.all(Object.keys(balances).map((name) => holdingsOf(name, balances[name]!, accounts))),
    (found) => {
      const sums = new Map<string, Venue.Holding>()
      for (const { account, amount, asset } of found.flat()) {
        const key = `${account}|${asset}`
        if (amount !== 0n) sums.set(key, { account, asset, amount: (sums.get(key)?.amount ?? 0n) + amount })
      }
      return [...sums.values()]
    }
  )
