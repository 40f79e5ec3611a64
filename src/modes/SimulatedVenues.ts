/**
 * The simulated venues that a run is made of, by the names they have in the config.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type * as DataProvider from "../data/DataProvider.js"
import type * as Account from "../domain/Account.js"
import * as Fault from "../domain/Fault.js"
import * as Config from "../manager/Config.js"
import type * as Assumption from "../sim/Assumption.js"
import * as Gas from "../sim/Gas.js"
import type * as Simulation from "../sim/Simulation.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Aave from "../venues/aave/Simulated.js"
import * as Binance from "../venues/binance/Simulated.js"
import * as Bybit from "../venues/bybit/Simulated.js"
import * as Hyperliquid from "../venues/hyperliquid/Simulated.js"
import * as Okx from "../venues/okx/Simulated.js"
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
  readonly accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>]
  readonly make: (settings: unknown, path: string) => Either.Either<Omit<SimulatedVenue, "id">, Config.ConfigError>
}

const kind = <C, I>(
  schema: Schema.Schema<C, I>,
  accounts: Kind["accounts"],
  venue: {
    readonly layer: (config: C) => VenueLayer
    readonly assumptions: (config: C) => ReadonlyArray<Assumption.Assumption>
  }
): Kind => {
  const decode = Fault.decoder(schema)
  return {
    accounts,
    make: (settings, path) =>
      Either.mapBoth(decode(settings, path), {
        onLeft: Config.fromFault,
        onRight: (config) => ({ layer: venue.layer(config), assumptions: venue.assumptions(config) })
      })
  }
}

const kinds: ReadonlyMap<Account.VenueId, Kind> = new Map([
  ["wallet", kind(Wallet.Config, Wallet.accounts, Wallet)],
  ["binance", kind(Binance.Config, Binance.accounts, Binance)],
  ["bybit", kind(Bybit.Config, Bybit.accounts, Bybit)],
  ["okx", kind(Okx.Config, Okx.accounts, Okx)],
  ["hyperliquid", kind(Hyperliquid.Config, Hyperliquid.accounts, Hyperliquid)],
  ["aave", kind(Aave.Config, Aave.accounts, Aave)]
])

/** Accounts of the simulated venues; the first of each is the one meant when none is named. @category constants @since 0.1.0 */
export const accounts: ReadonlyMap<Account.VenueId, ReadonlyArray<Account.SubAccount>> = new Map(
  [...kinds].map(([id, { accounts }]) => [id, accounts])
)

/**
 * Every simulated venue with its settings from `venues` of the config; `{"enabled": false}` leaves one out.
 *
 * Fails with `ConfigError` for a venue or a setting that nobody knows.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromConfig = (config: Config.Config): Either.Either<ReadonlyArray<SimulatedVenue>, Config.ConfigError> => {
  for (const id of Object.keys(config.venues)) {
    if (!kinds.has(id)) {
      return Either.left(Config.fromFault({ path: `venues.${id}`, expected: `one of the venues ${[...kinds.keys()].join(", ")}`, actual: id }))
    }
  }
  const venues: Array<SimulatedVenue> = []
  for (const [id, { make }] of kinds) {
    const path = `venues.${id}`
    const given = config.venues[id] ?? {}
    if (!Fault.isRecord(given)) return Either.left(Config.fromFault({ path, expected: "an object", actual: given }))
    const { enabled, ...settings } = given
    if (enabled !== undefined && typeof enabled !== "boolean") {
      return Either.left(Config.fromFault({ path: `${path}.enabled`, expected: "true or false", actual: enabled }))
    }
    if (enabled === false) continue
    const made = make(settings, path)
    if (Either.isLeft(made)) return Either.left(made.left)
    venues.push({ id, ...made.right })
  }
  return Either.right(venues)
}

const decodeGas = Fault.decoder(Gas.Config)

/** The settings of gas in the config. @category constructors @since 0.1.0 */
export const gasOf = (config: Config.Config): Either.Either<Gas.Config, Config.ConfigError> =>
  Either.mapLeft(decodeGas(config.gas ?? {}, "gas"), Config.fromFault)
