/**
 * The simulated venues that a run is made of, by the names they have in the config.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type * as DataProvider from "../data/DataProvider.js"
import * as Account from "../domain/Account.js"
import * as Fault from "../domain/Fault.js"
import * as Untrusted from "../domain/Untrusted.js"
import * as Config from "../manager/Config.js"
import * as VenueSettings from "../manager/VenueSettings.js"
import type * as Assumption from "../sim/Assumption.js"
import * as Gas from "../sim/Gas.js"
import type * as Simulation from "../sim/Simulation.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Aave from "../venues/aave/Simulated.js"
import * as Binance from "../venues/binance/Simulated.js"
import * as Bybit from "../venues/bybit/Simulated.js"
import * as Hyperliquid from "../venues/hyperliquid/Simulated.js"
import * as Curve from "../venues/curve/Simulated.js"
import * as EtherFi from "../venues/etherfi/Simulated.js"
import * as Lido from "../venues/lido/Simulated.js"
import * as Morpho from "../venues/morpho/Simulated.js"
import * as Okx from "../venues/okx/Simulated.js"
import * as Uniswap from "../venues/uniswap/Simulated.js"
import * as Wallet from "../venues/wallet/Simulated.js"

/**
 * Layer of one venue in a simulation.
 *
 * @category models
 * @since 0.1.0
 */
export type VenueLayer = Layer.Layer<
  never,
  VenueRegistry.DuplicateVenue,
  VenueRegistry.VenueRegistry | Simulation.Simulation | DataProvider.DataProvider | Gas.Gas
>

/**
 * One venue, set up.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedVenue {
  readonly id: Account.VenueId
  readonly layer: VenueLayer
  readonly assumptions: ReadonlyArray<Assumption.Assumption>
}

interface Kind {
  readonly family: Venue.Family
  readonly settings: Schema.Schema.AnyNoContext
  readonly accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>]
  readonly make: (settings: unknown, path: string) => Either.Either<Omit<SimulatedVenue, "id">, Config.ConfigError>
}

const kind = <C, I>(
  family: Venue.Family,
  schema: Schema.Schema<C, I>,
  accounts: Kind["accounts"],
  venue: {
    readonly layer: (config: C) => VenueLayer
    readonly assumptions: (config: C) => ReadonlyArray<Assumption.Assumption>
  }
): Kind => {
  const decode = Fault.decoderOfAll(schema)
  return {
    family,
    settings: schema,
    accounts,
    make: (settings, path) =>
      Either.mapBoth(decode(settings, path), {
        onLeft: Config.fromFaults,
        onRight: (config) => ({ layer: venue.layer(config), assumptions: venue.assumptions(config) })
      })
  }
}

const kinds: ReadonlyMap<Account.VenueId, Kind> = new Map([
  ["wallet", kind("onchain", Wallet.Config, Wallet.accounts, Wallet)],
  ["binance", kind("cex", Binance.Config, Binance.accounts, Binance)],
  ["bybit", kind("cex", Bybit.Config, Bybit.accounts, Bybit)],
  ["okx", kind("cex", Okx.Config, Okx.accounts, Okx)],
  ["hyperliquid", kind("cex", Hyperliquid.Config, Hyperliquid.accounts, Hyperliquid)],
  ["aave", kind("onchain", Aave.Config, Aave.accounts, Aave)],
  ["morpho", kind("onchain", Morpho.Config, Morpho.accounts, Morpho)],
  ["lido", kind("onchain", Lido.Config, Lido.accounts, Lido)],
  ["etherfi", kind("onchain", EtherFi.Config, EtherFi.accounts, EtherFi)],
  ["uniswap", kind("dex", Uniswap.Config, Uniswap.accounts, Uniswap)],
  ["curve", kind("dex", Curve.Config, Curve.accounts, Curve)]
])

/** Venues whose fills are priced by the data. */
const filling: ReadonlySet<Account.VenueId> = new Set(["binance", "bybit", "okx", "hyperliquid", "uniswap", "curve"])

/**
 * What it means for the venues that orders may fill at observations of an earlier step; nothing where they may not.
 *
 * @category combinators
 * @since 0.1.0
 */
export const staleFills = (
  venues: ReadonlyArray<SimulatedVenue>,
  allowed: Config.Config["staleFills"]
): ReadonlyArray<Assumption.Assumption> => {
  if (allowed === false || (allowed !== true && allowed.length === 0)) return []
  const series = allowed === true ? "every series" : `series that begin with ${allowed.join(", ")}`
  return venues.filter(({ id }) => filling.has(id)).map(({ id }): Assumption.Assumption => ({
    venue: id,
    subject: "stale fills",
    value: `orders that add risk fill at observations that are older than the step of their series: ${series}`,
    source: "config"
  }))
}

/** A further wallet is a venue by a name of its own: `wallet_cold`. */
const furtherWallet = (id: Account.VenueId): Kind | undefined => {
  const reference = Account.parse(id)
  return id.startsWith("wallet_") && reference?.venue === id && reference.sub === undefined
    ? kind("onchain", Wallet.Config, Wallet.accounts, {
      layer: (config) => Wallet.further(id, config),
      assumptions: (config) => Wallet.assumptions(config, id)
    })
    : undefined
}

/** Accounts of the simulated venues; the first of each is the one meant when none is named. @category constants @since 0.1.0 */
export const accounts: ReadonlyMap<Account.VenueId, ReadonlyArray<Account.SubAccount>> = new Map(
  [...kinds].map(([id, { accounts }]) => [id, accounts])
)

/** The families and the simulated venues of each. @category constants @since 0.1.0 */
export const families: ReadonlyArray<readonly [Venue.Family, ReadonlyArray<Account.VenueId>]> = VenueSettings.families.map((family) => [
  family,
  [...kinds].filter(([, kind]) => kind.family === family).map(([id]) => id)
])

/**
 * Accounts of the venues that settings make: those of the simulated venues, and of each further wallet that is named.
 *
 * @category combinators
 * @since 0.1.0
 */
export const accountsOf = ({ venues }: Pick<Config.Config, "venues">): ReadonlyMap<Account.VenueId, ReadonlyArray<Account.SubAccount>> =>
  new Map([
    ...accounts,
    ...furtherWallets(VenueSettings.read([{ field: "venues", value: venues }])).map(([id, kind]) => [id, kind.accounts] as const)
  ])

/** Schemas of the settings of each, but for `enabled`, which all have. @category schemas @since 0.1.0 */
export const settings: ReadonlyMap<Account.VenueId, Schema.Schema.AnyNoContext> = new Map(
  [...kinds].map(([id, { settings }]) => [id, settings])
)

const refuse = (path: string, expected: string, actual: unknown): Either.Either<never, Config.ConfigError> =>
  Either.left(Config.fromFault({ path, expected, actual }))

/** One venue; nothing where it is left out. */
const ofVenue = (id: Account.VenueId, { make }: Kind, given: unknown, path: string): ReadonlyArray<Either.Either<SimulatedVenue, Config.ConfigError>> => {
  if (given !== undefined && !Fault.isRecord(given)) return [refuse(path, "an object", given)]
  const { enabled = true, ...settings } = given ?? {}
  if (enabled === false) return []
  const made = Either.map(make(settings, path), (venue) => ({ id, ...venue }))
  return enabled === true ? [made] : [refuse(`${path}.enabled`, "true or false", enabled), made]
}

/** What the settings name that is no venue, or none of the family that it is written under. */
const misnamed = ({ venues }: VenueSettings.VenueSettings): ReadonlyArray<Either.Either<never, Config.ConfigError>> =>
  [...venues].flatMap(([id, { family, path }]) => {
    const known = kinds.get(id) ?? furtherWallet(id)
    if (known === undefined) return [refuse(path, `one of the venues ${[...kinds.keys()].join(", ")}`, id)]
    if (family === undefined || family.name === known.family) return []
    const members = families.find(([name]) => name === family.name)![1]
    return [refuse(family.path, `one of the venues of ${family.name}: ${members.join(", ")}`, `${id}, which is one of ${known.family}`)]
  })

const furtherWallets = ({ venues }: VenueSettings.VenueSettings): ReadonlyArray<readonly [Account.VenueId, Kind]> =>
  [...venues.keys()].flatMap((id) => {
    const kind = furtherWallet(id)
    return kind === undefined ? [] : [[id, kind] as const]
  })

/** A family that is written holds what it names; the wallet, which carries what the others do, is always there. */
const leftOut = (id: Account.VenueId, { family }: Kind, { stated, venues }: VenueSettings.VenueSettings): boolean =>
  id !== "wallet" && stated.has(family) && !venues.has(id)

const ofVenues = (settings: VenueSettings.VenueSettings): Either.Either<ReadonlyArray<SimulatedVenue>, Config.ConfigError> =>
  Config.all([
    ...settings.faults.map((fault) => Either.left(Config.fromFault(fault))),
    ...misnamed(settings),
    ...[...kinds, ...furtherWallets(settings)].filter(([id, kind]) => !leftOut(id, kind, settings)).flatMap(([id, kind]) => {
      const named = settings.venues.get(id)
      return ofVenue(id, kind, named?.settings, named?.path ?? `venues.${id}`)
    })
  ])

/**
 * Every simulated venue with its settings from `venues` of the config; `{"enabled": false}` leaves one out, and so does
 * a family that is written without it.
 *
 * Fails with every venue and setting that nobody knows, and every value that does not hold.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromConfig = (config: Config.Config): Either.Either<ReadonlyArray<SimulatedVenue>, Config.ConfigError> =>
  ofVenues(VenueSettings.read([{ field: "venues", value: config.venues }]))

const decodeGas = Fault.decoderOfAll(Gas.Config)

/** The settings of gas in the config. @category constructors @since 0.1.0 */
export const gasOf = ({ gas }: Pick<Config.Parts, "gas">): Either.Either<Gas.Config, Config.ConfigError> =>
  Either.mapLeft(decodeGas(gas === undefined ? {} : gas, "gas"), Config.fromFaults)

/**
 * Reads settings from JSON as `Config.decode` does, and checks those of the simulated venues and of gas with them: the
 * faults of all of them are told at once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Either.Either<Config.Config, Config.ConfigError> =>
  Either.flatMap(Either.mapLeft(Untrusted.copy(input), Config.fromFault), (copied) => {
    const parts = Config.partsOf(copied)
    return Either.map(Config.zip(Config.decode(copied), Config.zip(ofVenues(parts.venues), gasOf(parts))), ([config]) => config)
  })
