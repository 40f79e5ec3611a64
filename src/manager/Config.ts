/**
 * Settings of the manager, and of the program around it.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Amount from "../domain/Amount.js"
import * as Decimal from "../domain/Decimal.js"
import * as Fault from "../domain/Fault.js"
import * as Pattern from "../domain/Pattern.js"
import * as Untrusted from "../domain/Untrusted.js"
import * as Wire from "../domain/Wire.js"
import * as VenueSettings from "./VenueSettings.js"

/**
 * The settings are not understood: every fault of them, each with its path, what was expected and what came.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConfigError extends Data.TaggedError("ConfigError")<{ readonly faults: Fault.Faults }> {
  override get message(): string {
    const { faults } = this
    return faults.length === 1
      ? `config: ${Fault.describe(faults[0])}`
      : [`config: ${faults.length} faults`, ...faults.map(Fault.describe)].join("\n  ")
  }
}

/** The error of a single fault. @category constructors @since 0.1.0 */
export const fromFault = (fault: Fault.Fault): ConfigError => new ConfigError({ faults: [fault] })

/** The error of several faults, told together. @category constructors @since 0.1.0 */
export const fromFaults = (faults: Fault.Faults): ConfigError => new ConfigError({ faults })

const faultsOf = (parts: ReadonlyArray<Either.Either<unknown, ConfigError>>): ReadonlyArray<Fault.Fault> =>
  parts.flatMap((part) => (Either.isLeft(part) ? part.left.faults : []))

const refuse = (faults: Fault.Faults): Either.Either<never, ConfigError> =>
  Either.left(fromFaults(Arr.dedupeWith(faults, (one, other) => one.path === other.path)))

/** All of the parts, or the faults of all of them, of one path the first. @category combinators @since 0.1.0 */
export const all = <A>(parts: ReadonlyArray<Either.Either<A, ConfigError>>): Either.Either<ReadonlyArray<A>, ConfigError> => {
  const faults = faultsOf(parts)
  return Arr.isNonEmptyReadonlyArray(faults) ? refuse(faults) : Either.all(parts)
}

/** Both, or the faults of both, of one path the first. @category combinators @since 0.1.0 */
export const zip = <A, B>(
  one: Either.Either<A, ConfigError>,
  other: Either.Either<B, ConfigError>
): Either.Either<readonly [A, B], ConfigError> => {
  const faults = faultsOf([one, other])
  return Arr.isNonEmptyReadonlyArray(faults) ? refuse(faults) : Either.all([one, other])
}

/**
 * Currency of account of a strategy: dollars held as USDT, or ether.
 *
 * @category models
 * @since 0.1.0
 */
export const ShareClass = Schema.Literal("usdt_stable", "eth_directional")

/** @category models @since 0.1.0 */
export type ShareClass = typeof ShareClass.Type

const between = (above: number, below: number, number: Schema.Schema<number> = Schema.Number) =>
  number.pipe(
    Schema.filter((n) => (n > above && n < below) || `expected a number above ${above} and below ${below}`, {
      jsonSchema: { exclusiveMinimum: above, exclusiveMaximum: below }
    })
  )

/** The settings as they are written. @category schemas @since 0.1.0 */
export const Universal = Wire.struct({
  /** Name of the strategy; logged, never read. Defaults to `custom`. */
  strategy_mode: Schema.optionalWith(Schema.String, { default: () => "custom" }),
  /** Defaults to `usdt_stable`. */
  share_class: Schema.optionalWith(ShareClass, { default: () => "usdt_stable" as const }),
  /** In the token of the share class. Defaults to 10000. */
  initial_capital: Schema.optionalWith(Amount.Positive, { default: () => 10_000n * Amount.unit }),
  /** Seconds that one request to a venue may take. Defaults to 15; above 0 and below 120. */
  venue_timeout: Schema.optionalWith(between(0, 120), { default: () => 15 }),
  /** Retries of one venue. Defaults to 3; above 0 and below 10. */
  max_retries_per_venue: Schema.optionalWith(between(0, 10, Schema.Int), { default: () => 3 }),
  /** Attempts of one instruction, the first included. Defaults to 3. */
  max_retry_attempts: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 10)), { default: () => 3 }),
  /** Seconds before the first retry; doubled for each further one. Defaults to 0.1. */
  retry_delay_seconds: Schema.optionalWith(between(0, 60), { default: () => 0.1 }),
  /** Whether atomic groups may be executed at all. Defaults to true. */
  enable_atomic_chaining: Schema.optionalWith(Schema.Boolean, { default: () => true }),
  /** Largest deviation from the market price where an instruction states none, as a fraction. Defaults to 0.02. */
  price_tolerance: Schema.optionalWith(
    Decimal.Decimal.pipe(
      Schema.filter((d) => (d.value >= 0n && Decimal.compare(d, Decimal.one) < 0) || "expected a fraction from 0 to below 1", {
        jsonSchema: Pattern.fraction
      })
    ),
    { default: () => Decimal.unsafe("0.02") }
  ),
  /** Longest age of observations in hours, by prefix of the series' name: `{"gas.": 24}`. */
  max_age_hours: Schema.optionalWith(Schema.Record({ key: Schema.String, value: between(0, 24 * 366) }), { default: () => ({}) }),
  /**
   * Whether orders that add risk may fill at an observation that is older than the step of its series: for every series, or
   * for those whose names begin with one of these. Defaults to false.
   */
  stale_fills: Schema.optionalWith(Schema.Union(Schema.Boolean, Schema.Array(Schema.NonEmptyString)), { default: () => false }),
  /** Settings of each venue by its name, or by family and name; each venue's guide lists them. See `VenueSettings`. */
  venues: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.Unknown }), { default: () => ({}) }),
  /** Settings of gas: see `sim/Gas`. */
  gas: Schema.optional(Schema.Unknown)
})

/**
 * Settings with every default filled in.
 *
 * @category models
 * @since 0.1.0
 */
export type Config = typeof Universal.Type

const decodeUniversal = Fault.decoderOfAll(Universal)

/**
 * The parts of the settings that others decode.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parts {
  readonly venues: VenueSettings.VenueSettings
  readonly gas?: unknown
}

/**
 * The parts of raw settings that others decode: what `venues` and `venue_configs` say together, and gas as it is
 * written, whatever the rest is.
 *
 * @category combinators
 * @since 0.1.0
 */
export const partsOf = (input: unknown): Parts => {
  const { gas, venue_configs, venues }: { readonly [key: string]: unknown } = Fault.isRecord(input) ? input : {}
  return {
    venues: VenueSettings.read([{ field: "venues", value: venues }, { field: "venue_configs", value: venue_configs }]),
    gas
  }
}

/**
 * Reads settings from JSON; `venue_configs` is another name of `venues`, and both may stand together. A field that
 * nobody knows is a fault, and every fault is told. What stands within the settings of a venue and within `gas` is read
 * by those who know it. The venues of the result are those of {@link VenueSettings.flat}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Either.Either<Config, ConfigError> =>
  Either.flatMap(Either.mapLeft(Untrusted.copy(input), fromFault), ofCopy)

const ofCopy = (input: unknown): Either.Either<Config, ConfigError> => {
  if (!Fault.isRecord(input)) return Either.left(fromFault({ path: "", expected: "an object", actual: input }))
  const { venue_configs: _, ...rest } = input
  const { venues } = partsOf(input)
  const config = decodeUniversal({ ...rest, venues: VenueSettings.flat(venues) })
  const all = [...venues.faults, ...(Either.isLeft(config) ? config.left : [])]
  return Arr.isNonEmptyReadonlyArray(all) ? refuse(all) : Either.mapLeft(config, fromFaults)
}

/** The settings with every default. @category constants @since 0.1.0 */
export const defaults: Config = Either.getOrThrow(decode({}))

/** Token that the share class counts in. @category combinators @since 0.1.0 */
export const shareToken = (shareClass: ShareClass): "USDT" | "ETH" => (shareClass === "usdt_stable" ? "USDT" : "ETH")
