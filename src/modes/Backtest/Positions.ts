/**
 * What is held at an instant, and what it is worth.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Fault from "../../domain/Fault.js"
import * as Instrument from "../../domain/Instrument.js"
import * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as World from "../../sim/World.js"

/**
 * A look-up names a venue, an account, a token or a symbol that the run does not know. What is not held is 0; what does
 * not exist is this error.
 *
 * The look-ups of {@link Positions} answer at once, so that they throw it; a script need not catch it. The run stops at
 * that instant, and its result has the error as EIM-001.
 *
 * @category errors
 * @since 0.1.0
 */
export class LookupError extends Data.TaggedError("LookupError")<{
  /** The argument, as in `positions.balance(venue)`. */
  readonly path: string
  readonly expected: string
  readonly actual: string
}> {
  override get message(): string {
    return `${this.path}: expected ${this.expected}, got ${this.actual}`
  }
}

/**
 * Holdings of the trader.
 *
 * Look-ups take the spellings that instructions take: `Binance`, `aave_v3`, `binance_perp`; `usdt`, `variableDebtWETH`;
 * `ETHUSDT`, `ETH/USDT`, `ETHUSDT-PERP`. They throw a {@link LookupError} for a name that nobody knows.
 *
 * @category models
 * @since 0.1.0
 */
export interface Positions {
  /** Amount of a token at a venue or at one of its accounts (`binance`, `binance_perp`), as an `Amount`; 0 where none is held. */
  readonly balance: (venue: string, asset: Asset.Asset) => Amount.Amount
  /** All balances by venue and asset, in their canonical spelling. */
  readonly balances: { readonly [venue: string]: { readonly [asset: string]: Amount.Amount } }
  /** Open perpetual positions. */
  readonly perpetuals: ReadonlyArray<Outcome.Position>
  /** Signed size of a perpetual (`ETHUSDT`) at a venue that trades them; 0 where there is none. */
  readonly size: (venue: string, symbol: string) => Amount.Amount
  /** What is on its way, by token. */
  readonly inTransit: { readonly [asset: string]: Amount.Amount }
}

/**
 * The names that look-ups may use.
 *
 * @category models
 * @since 0.1.0
 */
export interface Names {
  readonly venues: ReadonlyMap<Account.VenueId, Known>
  /** Whether there is an asset of that name beside the tokens that are known anyway, and what is held. */
  readonly hasAsset: (asset: Asset.Asset) => boolean
}

/**
 * What look-ups need to know of a venue: its accounts, and whether it trades on symbols.
 *
 * @category models
 * @since 0.1.0
 */
export interface Known extends Account.Accounts {
  readonly trades: boolean
}

/** The one place that throws: a look-up answers at once, and 0 for a name that is misspelt would be a wrong answer. */
const orThrow = <A>(found: Either.Either<A, LookupError>): A => Either.getOrThrowWith(found, (error) => error)

const unknown = (path: string, expected: string, actual: unknown): Either.Either<never, LookupError> =>
  Either.left(new LookupError({ path, expected, actual: Fault.show(actual) }))

const venueOf = (
  path: string,
  name: unknown,
  venues: ReadonlyMap<Account.VenueId, Known>
): Either.Either<readonly [Account.Reference, Known], LookupError> => {
  const reference = typeof name === "string" ? Account.parse(name) : undefined
  const known = reference === undefined ? undefined : venues.get(reference.venue)
  return reference === undefined || known === undefined
    ? unknown(path, `one of the venues ${[...venues.keys()].sort().join(", ")}, with or without its account`, name)
    : Either.right([reference, known])
}

const accountOf = (path: string, reference: Account.Reference, known: Known): Either.Either<Account.Account | undefined, LookupError> => {
  if (reference.sub === undefined) return Either.right(undefined)
  const sub = Account.subOf(reference.sub, known)
  return sub === undefined
    ? unknown(path, `one of ${[...known.accounts, ...(known.otherNames ?? [])].map((one) => `${reference.venue}_${one}`).join(", ")}`, Account.formatReference(reference))
    : Either.right(Account.make(reference.venue, sub))
}

const assetOf = (path: string, name: unknown, exists: (asset: Asset.Asset) => boolean): Either.Either<Asset.Asset, LookupError> => {
  const asset = typeof name === "string" ? Asset.parse(name) : undefined
  return asset === undefined
    ? unknown(path, "a token symbol such as \"USDT\"", name)
    : Asset.isToken(Asset.underlying(asset)) || exists(asset)
      ? Either.right(asset)
      : unknown(path, "a token that is known by name, is held, or has a series by now", name)
}

/**
 * What the trader holds in a world, summed by venue, with what is in transit and the perpetual positions given. `names`
 * are those that look-ups may use.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (world: World.World, perpetuals: ReadonlyArray<Outcome.Position>, names: Names): Positions => {
  const balances: Record<string, Record<string, Amount.Amount>> = {}
  const inTransit: Record<string, Amount.Amount> = {}
  for (const { account, amount, asset } of World.holdings(world)) {
    if (Account.isContra(account)) continue
    const at = (balances[Account.venue(account)] ??= {})
    at[asset] = (at[asset] ?? 0n) + amount
  }
  for (const transit of world.transits) inTransit[transit.asset] = (inTransit[transit.asset] ?? 0n) + transit.amount
  const exists = (asset: Asset.Asset): boolean =>
    Object.hasOwn(inTransit, asset) || Object.values(balances).some((held) => Object.hasOwn(held, asset)) ||
    names.hasAsset(Asset.underlying(asset))

  const balance = (venue: string, asset: string): Either.Either<Amount.Amount, LookupError> =>
    Either.flatMap(venueOf("positions.balance(venue)", venue, names.venues), ([reference, known]) =>
      Either.flatMap(accountOf("positions.balance(venue)", reference, known), (account) =>
        Either.map(assetOf("positions.balance(token)", asset, exists), (token) =>
          account === undefined ? balances[reference.venue]?.[token] ?? 0n : World.balance(world, account, token))))

  const size = (venue: string, symbol: string): Either.Either<Amount.Amount, LookupError> =>
    Either.flatMap(venueOf("positions.size(venue)", venue, names.venues), ([reference, known]) => {
      if (!known.trades) return unknown("positions.size(venue)", "a venue that trades perpetuals", venue)
      const reading = typeof symbol === "string" ? Instrument.read(symbol, reference.venue) : Either.left("a symbol (a text)")
      if (Either.isLeft(reading)) return unknown("positions.size(symbol)", reading.left, symbol)
      const { instrument } = reading.right
      const name = Instrument.formatPerpetual(instrument)
      const open = perpetuals.find((position) => position.venue === reference.venue && position.symbol === name)
      if (open !== undefined) return Either.right(open.size)
      return Either.flatMap(accountOf("positions.size(venue)", reference, known), () =>
        Either.map(assetOf("positions.size(symbol)", instrument.base, exists), () => 0n))
    })

  return {
    balances,
    perpetuals,
    inTransit,
    balance: (venue, asset) => orThrow(balance(venue, asset)),
    size: (venue, symbol) => orThrow(size(venue, symbol))
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
