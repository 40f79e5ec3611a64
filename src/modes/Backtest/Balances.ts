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

const fault = (path: string, expected: string, actual: unknown): Either.Either<never, Config.ConfigError> =>
  Either.left(new Config.ConfigError({ path, expected, actual: Fault.show(actual) }))

/**
 * Reads `{venue: {token: "decimal"}}`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Either.Either<Balances, Config.ConfigError> => {
  if (!Fault.isRecord(input)) return fault("balances", "an object {venue: {token: \"decimal\"}}", input)
  const balances: Record<string, Record<string, Amount.Amount>> = {}
  for (const venue of Object.keys(input)) {
    const tokens = input[venue]
    const path = `balances.${venue}`
    if (Account.parse(venue) === undefined) return fault(path, "a venue name such as \"binance\" or \"binance_perp\"", venue)
    if (!Fault.isRecord(tokens)) return fault(path, "an object {token: \"decimal\"}", tokens)
    const held: Record<string, Amount.Amount> = {}
    for (const token of Object.keys(tokens)) {
      if (Asset.parse(token) === undefined) return fault(`${path}.${token}`, "a token symbol", token)
      const amount = decodeAmount(tokens[token])
      if (Either.isLeft(amount) || amount.right < 0n) return fault(`${path}.${token}`, "a decimal, not below 0, with at most 18 decimals", tokens[token])
      held[token] = amount.right
    }
    balances[venue] = held
  }
  return Either.right(balances)
}

/**
 * Balances as holdings of accounts. A venue without a named account stands for its first; zeros are left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const holdings = (
  balances: Balances,
  accounts: ReadonlyMap<Account.VenueId, ReadonlyArray<Account.SubAccount>>
): Either.Either<ReadonlyArray<Venue.Holding>, Config.ConfigError> => {
  const sums = new Map<string, Venue.Holding>()
  for (const name of Object.keys(balances)) {
    const reference = Account.parse(name)
    const subs = reference === undefined ? undefined : accounts.get(reference.venue)
    if (reference === undefined || subs === undefined) {
      return fault(`balances.${name}`, `one of the venues ${[...accounts.keys()].sort().join(", ")}`, name)
    }
    const one = reference.sub === "spot" || reference.sub === "perp" ? "unified" : undefined
    const sub = reference.sub === undefined
      ? subs[0]!
      : one !== undefined && subs.includes(one) ? one : reference.sub
    if (!subs.includes(sub)) {
      return fault(`balances.${name}`, `one of ${subs.map((known) => `${reference.venue}_${known}`).join(", ")}`, name)
    }
    for (const token of Object.keys(balances[name]!)) {
      const asset = Asset.parse(token)
      if (asset === undefined) return fault(`balances.${name}.${token}`, "a token symbol", token)
      const amount = balances[name]![token]!
      if (amount < 0n) return fault(`balances.${name}.${token}`, "an amount not below 0", Amount.format(amount))
      const account = Account.make(reference.venue, sub)
      const key = `${account}|${asset}`
      const before = sums.get(key)?.amount ?? 0n
      if (amount !== 0n) sums.set(key, { account, asset, amount: before + amount })
    }
  }
  return Either.right([...sums.values()])
}
