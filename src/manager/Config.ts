/**
 * Settings of the manager, and of the program around it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Amount from "../domain/Amount.js"
import * as Decimal from "../domain/Decimal.js"
import * as Fault from "../domain/Fault.js"
import * as Wire from "../domain/Wire.js"

/** The settings are not understood. @category errors @since 0.1.0 */
export class ConfigError extends Data.TaggedError("ConfigError")<{
  readonly path: string
  readonly expected: string
  readonly actual: string
}> {
  override get message(): string {
    return `config ${this.path === "" ? "(whole)" : this.path}: expected ${this.expected}, got ${this.actual}`
  }
}

/** @category constructors @since 0.1.0 */
export const fromFault = (fault: Fault.Fault): ConfigError =>
  new ConfigError({ path: fault.path, expected: fault.expected, actual: Fault.show(fault.actual) })

/**
 * Currency of account of a strategy: dollars held as USDT, or ether.
 *
 * @category models
 * @since 0.1.0
 */
export const ShareClass = Schema.Literal("usdt_stable", "eth_directional")

/** @category models @since 0.1.0 */
export type ShareClass = typeof ShareClass.Type

const between = (above: number, below: number) =>
  Schema.Number.pipe(
    Schema.filter((n) => (n > above && n < below) || `expected a number above ${above} and below ${below}`)
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
  max_retries_per_venue: Schema.optionalWith(Schema.Int.pipe(Schema.compose(between(0, 10))), { default: () => 3 }),
  /** Attempts of one instruction, the first included. Defaults to 3. */
  max_retry_attempts: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 10)), { default: () => 3 }),
  /** Seconds before the first retry; doubled for each further one. Defaults to 0.1. */
  retry_delay_seconds: Schema.optionalWith(between(0, 60), { default: () => 0.1 }),
  /** Whether atomic groups may be executed at all. Defaults to true. */
  enable_atomic_chaining: Schema.optionalWith(Schema.Boolean, { default: () => true }),
  /** Largest deviation from the market price where an instruction states none, as a fraction. Defaults to 0.02. */
  price_tolerance: Schema.optionalWith(
    Decimal.Decimal.pipe(
      Schema.filter((d) => (d.value >= 0n && Decimal.compare(d, Decimal.one) < 0) || "expected a fraction from 0 to below 1")
    ),
    { default: () => Decimal.unsafe("0.02") }
  ),
  /** Longest age of observations in hours, by prefix of the series' name: `{"gas.": 24}`. */
  max_age_hours: Schema.optionalWith(Schema.Record({ key: Schema.String, value: between(0, 24 * 366) }), { default: () => ({}) }),
  /** Settings of each venue by its name; each venue's guide lists them. */
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

const decodeUniversal = Fault.decoder(Universal)

/**
 * Reads settings from JSON; `venue_configs` is another name of `venues`. A field that nobody knows is a fault.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Either.Either<Config, ConfigError> => {
  if (!Fault.isRecord(input)) return Either.left(fromFault({ path: "", expected: "an object", actual: input }))
  const deep = Fault.depth(input)
  if (deep !== undefined) return Either.left(fromFault(deep))
  const { venue_configs, ...rest } = input
  if (venue_configs !== undefined && rest["venues"] !== undefined) {
    return Either.left(fromFault({ path: "venue_configs", expected: "nothing beside venues, whose other name it is", actual: venue_configs }))
  }
  const venues = venue_configs ?? rest["venues"]
  if (Fault.isRecord(venues)) {
    const reserved = Object.keys(venues).find((name) => name in Object.prototype)
    if (reserved !== undefined) return Either.left(fromFault({ path: `venues.${reserved}`, expected: "the name of a venue", actual: reserved }))
  }
  return Either.mapLeft(decodeUniversal(venue_configs === undefined ? rest : { ...rest, venues: venue_configs }), fromFault)
}

/** The settings with every default. @category constants @since 0.1.0 */
export const defaults: Config = Either.getOrThrow(decode({}))

/** Token that the share class counts in. @category combinators @since 0.1.0 */
export const shareToken = (shareClass: ShareClass): "USDT" | "ETH" => (shareClass === "usdt_stable" ? "USDT" : "ETH")
