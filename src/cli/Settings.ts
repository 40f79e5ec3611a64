/**
 * What a run is set up with: the environment, settings and balances.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Fault from "../domain/Fault.js"
import * as Config from "../manager/Config.js"
import * as Balances from "../modes/Backtest/Balances.js"
import * as SimulatedVenues from "../modes/SimulatedVenues.js"
import * as Environment from "./Environment.js"
import type * as Failure from "./Failure.js"
import * as Inputs from "./Inputs.js"
import * as Misunderstanding from "./Misunderstanding.js"

const misread = (source: string, { faults }: Config.ConfigError): Misunderstanding.Misread => ({
  source,
  faults,
  resolution: faults.every(({ path }) => path.startsWith("balances"))
    ? "Balances are {\"venue\": {\"token\": \"decimal\"}}; a venue may name its account, as binance_perp."
    : "Mend it there; what is left out has a default."
})

/**
 * What does not hold, found when a run was set up: the files that were read tell where it came from.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofSetup = (
  files: { readonly balances: Option.Option<string>; readonly config: Option.Option<string>; readonly otherwise: string },
  error: Config.ConfigError
): Failure.Failure => {
  const sourceOf = ({ path }: Fault.Fault): string => {
    const file = path.startsWith("balances") ? files.balances : path === "from" || path === "data" ? Option.none<string>() : files.config
    return Option.match(file, { onNone: () => files.otherwise, onSome: (path) => `file ${path}` })
  }
  const parts = Arr.groupWith(error.faults, (one, other) => sourceOf(one) === sourceOf(other))
  return Misunderstanding.ofAll(Arr.map(parts, (faults) => misread(sourceOf(faults[0]), Config.fromFaults(faults))))
}

const readAs = <A>(
  path: string,
  decode: (json: unknown) => Either.Either<A, Config.ConfigError>
): Effect.Effect<Either.Either<A, Misunderstanding.Misread>, Failure.Failure, FileSystem.FileSystem> =>
  Effect.map(Inputs.readJson(path), (json) => Either.mapLeft(decode(json), (error) => misread(`file ${path}`, error)))

const decodeBalances = (config: Config.Config) => (json: unknown): Either.Either<Balances.Balances, Config.ConfigError> =>
  Either.flatMap(Balances.decode(json), (balances) =>
    Either.map(Balances.holdings(balances, SimulatedVenues.accountsOf(config)), () => balances))

/**
 * What a run is set up with.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  readonly environment: Environment.Environment
  readonly config: Config.Config
  /** Of the file; nothing where none is named. */
  readonly balances: Balances.Balances | undefined
}

/**
 * Reads the environment, the settings and the balances, or tells what does not hold in all of them together.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = (
  files: { readonly config: Option.Option<string>; readonly balances: Option.Option<string> }
): Effect.Effect<Settings, Failure.Failure, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const environment = yield* Environment.load
    const config = yield* Option.match(files.config, {
      onNone: () => Effect.succeed(Either.right(Config.defaults)),
      onSome: (path) => readAs(path, SimulatedVenues.decode)
    })
    const balances = yield* Option.match(files.balances, {
      onNone: () => Effect.succeed(Either.right(undefined)),
      onSome: (path) => readAs(path, decodeBalances(Either.getOrElse(config, () => Config.defaults)))
    })
    const misread = Arr.getLefts([environment, config, balances])
    if (Arr.isNonEmptyReadonlyArray(misread)) return yield* Misunderstanding.ofAll(misread)
    return yield* Either.mapLeft(Either.all({ environment, config, balances }), (one) => Misunderstanding.ofAll([one]))
  })
