/**
 * What can be set of a simulated exchange. What is left out keeps the default of the venue.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instrument from "../../domain/Instrument.js"
import * as Wire from "../../domain/Wire.js"

const decimal = (
  expectation: string,
  holds: (value: Decimal.Decimal) => boolean
): Schema.Schema<Decimal.Decimal, string | number> =>
  Decimal.Decimal.pipe(
    Schema.filter((value) => holds(value) || `expected ${expectation}`),
    Schema.annotations({ description: expectation })
  )

const bpsOfOne = Decimal.make(10_000n, 0)

const below = (limit: Decimal.Decimal) => (value: Decimal.Decimal): boolean =>
  value.value >= 0n && Decimal.compare(value, limit) < 0

const Rate = decimal("a fraction from 0 to below 1", below(Decimal.one))
const Bps = decimal("bps from 0 to below 10000", below(bpsOfOne))
const Size = decimal("a decimal, 0 or more", (size) => size.value >= 0n)
const Step = decimal("a decimal greater than 0", (step) => step.value > 0n)
const Leverage = decimal("a decimal, 1 or more", (leverage) => Decimal.compare(leverage, Decimal.one) >= 0)

const Whole = Amount.Amount.pipe(Schema.filter((amount) => amount >= 0n || "expected a decimal, 0 or more"))

/** Amounts that an exchange can hold: multiples of 1e-8. */
const Lot = Amount.Positive.pipe(
  Schema.filter((amount) => amount % Amount.quantumOf(8) === 0n || "expected a multiple of 0.00000001")
)

const Symbol = Schema.String.pipe(
  Schema.filter((text) => /^\*[A-Z]+$/.test(text) || Instrument.parse(text) !== undefined, {
    message: () => "expected a symbol such as \"ETHUSDT\", or \"*USDT\" for all others of that quote"
  })
)

const Token = Schema.String.pipe(
  Schema.filter((text) => Asset.parse(text) === text, { message: () => "expected a token symbol such as \"USDT\"" })
)

const Seconds = Schema.Int.pipe(Schema.between(0, 31_622_400, { message: () => "expected whole seconds from 0 to a year" }))

const Fees = Wire.struct({
  /** Fraction of what a taker receives (spot) or of the notional (perpetual). */
  taker: Schema.optional(Rate),
  maker: Schema.optional(Rate)
})

const Curve = Schema.Union(
  Bps,
  Schema.NonEmptyArray(Wire.struct({
    /** Size of the order in dollars. */
    notional: Size,
    bps: Bps
  })).pipe(
    Schema.filter((points) =>
      points.every((point, index) => index === 0 || Decimal.compare(points[index - 1]!.notional, point.notional) < 0) ||
      "expected points of rising notional"
    )
  )
).annotations({ description: "bps for every size, or a list of {\"notional\", \"bps\"} by rising notional" })

const Rule = Wire.struct({
  /** Step of the price. */
  tick: Schema.optional(Step),
  /** Step of the amount. */
  lot: Schema.optional(Lot),
  min_amount: Schema.optional(Whole),
  /** In the quote token. */
  min_notional: Schema.optional(Size)
})

/** One value for every base token, or one each; base tokens that are not named keep the default. */
const byBase = <A, I extends string | number>(value: Schema.Schema<A, I>) =>
  Schema.Union(value, Schema.Record({ key: Token, value }))

const VenueName = Schema.String.pipe(
  Schema.pattern(/^[a-z][a-z0-9]*$/, { message: () => "expected the name of a venue" })
)

const SeriesOrVenue = Schema.String.pipe(
  Schema.pattern(/^[a-z][a-z0-9]*(?:\.[A-Za-z0-9_/-]+)*$/, {
    message: () => "expected the name of a series or of a venue"
  })
)

const StandIn = Schema.Union(VenueName, Schema.Record({ key: Token, value: SeriesOrVenue })).annotations({
  description: "the name of a venue, or {base token: series or venue}"
})

const Network = Wire.struct({
  /** Taken out of the amount of a withdrawal, in its token. */
  withdrawal_fee: Schema.optional(Whole),
  withdrawal_minimum: Schema.optional(Whole),
  /** Less is lost, and so refused. */
  deposit_minimum: Schema.optional(Whole),
  /** From the request until the transaction has arrived. */
  withdrawal_delay_seconds: Schema.optional(Seconds),
  /** From the arrival of the transaction until the credit. */
  deposit_delay_seconds: Schema.optional(Seconds)
})

const both = <A, I>(schema: Schema.Schema<A, I>) =>
  Wire.struct({ spot: Schema.optional(schema), perp: Schema.optional(schema) })

/**
 * Settings of a simulated exchange, snake_case in JSON.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  fees: Schema.optional(both(Fees)),
  /** bps for every size (`"0"` for none), or a curve by size. */
  slippage: Schema.optional(both(Curve)),
  /** By symbol, or by `*` and the quote for all others. */
  instruments: Schema.optional(both(Schema.Record({ key: Symbol, value: Rule }))),
  /** Notional per unit of initial margin. */
  leverage: Schema.optional(byBase(Leverage)),
  /** Maintenance margin as a fraction of the notional. */
  maintenance_margin: Schema.optional(byBase(Rate)),
  /** Whose mark price stands for the venue's own: `perp.<venue>.<BASE>`. */
  price_from: Schema.optional(StandIn),
  /** Whose spot price stands for the venue's own: `spot.<venue>.<BASE>`. */
  spot_price_from: Schema.optional(StandIn),
  /** Whose funding rate stands for the venue's own: `funding.<venue>.<BASE>`. */
  funding_from: Schema.optional(StandIn),
  /** Terms of deposits and withdrawals by token and network. */
  networks: Schema.optional(
    Schema.Record({ key: Token, value: Schema.Record({ key: Schema.String, value: Network }) })
  ),
  /** For every network that `networks` says nothing else of. */
  withdrawal_delay_seconds: Schema.optional(Seconds),
  /** For every network that `networks` says nothing else of. */
  deposit_delay_seconds: Schema.optional(Seconds)
})

/** @category models @since 0.1.0 */
export type Config = typeof Config.Type
