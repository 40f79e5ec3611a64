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
const Ratio = decimal("a fraction from 0 to 1", (ratio) => ratio.value >= 0n && Decimal.compare(ratio, Decimal.one) <= 0)
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

/**
 * The key of a setting by base token or symbol, whichever way that is spelt: `1000PEPE` for `kPEPE`, `ETHUSDT` for
 * `ETH/USDT`. What is neither, such as `*USDT`, stands for itself.
 *
 * @category combinators
 * @since 0.1.0
 */
export const keyOf = (name: string): string => {
  const instrument = Instrument.parse(name)
  return instrument === undefined ? Asset.parse(name) ?? name : Instrument.format(instrument)
}

/** Settings by name, where no two names mean the same. */
const byName = <A, I>(key: Schema.Schema<string>, value: Schema.Schema<A, I>) =>
  Schema.Record({ key, value }).pipe(
    Schema.filter((settings) => {
      const names = Object.keys(settings)
      const twice = names.find((name, index) => names.findIndex((other) => keyOf(other) === keyOf(name)) !== index)
      return twice === undefined || `expected each token or symbol once, and ${twice} is a second name of one`
    })
  )

const Token = Schema.String.pipe(
  Schema.filter((text) => Asset.parse(text) === text, { message: () => "expected a token symbol such as \"USDT\"" })
)

const Seconds = Schema.Int.pipe(Schema.between(0, 31_622_400, { message: () => "expected whole seconds from 0 to a year" }))

const Charge = Schema.Union(Schema.Literal("maintenance"), Rate).annotations({
  description: "a fraction of the notional, or \"maintenance\" for the whole maintenance margin"
})

const MarginTiers = Schema.NonEmptyArray(Wire.struct({
  /** Notional in the settlement coin above which the tier holds; the first begins at 0. */
  from: Whole,
  /** Highest leverage of the tier; no limit where it is absent. */
  max_leverage: Schema.optional(Leverage),
  /** Maintenance margin as a fraction of the notional. */
  maintenance: Rate
})).pipe(
  Schema.filter((tiers) =>
    tiers[0].from === 0n &&
      tiers.every((tier, index) =>
        index === 0 ||
        tiers[index - 1]!.from < tier.from && Decimal.compare(tiers[index - 1]!.maintenance, tier.maintenance) <= 0) ||
    "expected tiers of rising bounds and rates, the first from 0"
  ),
  Schema.annotations({ description: "a list of {\"from\", \"max_leverage\", \"maintenance\"} by rising notional" })
)

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

const TokenOrSymbol = Schema.String.pipe(
  Schema.filter((text) => Asset.parse(text) !== undefined || Instrument.parse(text) !== undefined, {
    message: () => "expected a base token or a symbol, such as \"ETH\" or \"ETHUSDT\""
  })
)

/** One value for all, or one each by base token or symbol; what is not named keeps the default. */
const byBase = <A, I extends string | number>(value: Schema.Schema<A, I>) =>
  Schema.Union(value, byName(TokenOrSymbol, value))

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

const VolumeLimit = Wire.struct({
  /** Of the volume of the newest step that is over, for all orders until the next. */
  fraction: Schema.optional(decimal("a fraction above 0, at most 1", (part) =>
    part.value > 0n && Decimal.compare(part, Decimal.one) <= 0)),
  /** Dollars of one order, where no volume is known. */
  notional: Schema.optional(Step)
}).pipe(
  Schema.filter(({ fraction, notional }) => fraction !== undefined || notional !== undefined || "expected fraction, notional or both")
)

/**
 * What the fee of a trade is taken of: what is received, or the quote on both sides, which of a perpetual both mean its
 * settlement coin; or BNB, where the account holds enough, and what is received otherwise.
 */
const FeeAsset = Schema.Literal("received", "quote", "bnb")

const fields = {
  fees: Schema.optional(both(Fees)),
  /** bps for every size (`"0"` for none), or a curve by size. */
  slippage: Schema.optional(both(Curve)),
  /**
   * Seconds until the market has recovered from own orders, by base token or symbol; 0 prices each order by itself.
   * Defaults to 1800.
   */
  impact_recovery_seconds: Schema.optional(both(byBase(Seconds))),
  /** How much of an order is filled at once; everything where it is absent. */
  volume_limit: Schema.optional(both(VolumeLimit)),
  /** By symbol, or by `*` and the quote for all others. */
  instruments: Schema.optional(both(byName(Symbol, Rule))),
  /** Notional per unit of initial margin, by base token or symbol; a tier may allow less. */
  leverage: Schema.optional(byBase(Leverage)),
  /** Maintenance margin as a fraction of the notional for every size, in place of the tiers. */
  maintenance_margin: Schema.optional(byBase(Rate)),
  /** Margin tiers by base token or symbol. */
  margin_tiers: Schema.optional(byName(TokenOrSymbol, MarginTiers)),
  /** Whether positions share the margin of their account, by base token or symbol. */
  margin_mode: Schema.optional(byBase(Schema.Literal("cross", "isolated"))),
  /** What a liquidation takes, by base token or symbol. */
  liquidation_fee: Schema.optional(byBase(Charge)),
  /** Fraction of its value that a coin of the account counts for as margin; coins that are named back together. */
  collateral: Schema.optional(Schema.Record({ key: Token, value: Ratio })),
  /** Yearly interest on a settlement coin that is owed, as a fraction, by coin; charged every hour. */
  borrow_rate: Schema.optional(Schema.Union(Rate, Schema.Record({ key: Token, value: Rate }))),
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
}

/**
 * Settings of a simulated exchange, snake_case in JSON.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct(fields)

/**
 * Settings of a simulated exchange where fees can be paid in BNB.
 *
 * @category schemas
 * @since 0.1.0
 */
export const WithBnb = Wire.struct({
  ...fields,
  /** `received` (the default), `quote` or `bnb`: for all trades, or for spot and perpetuals each. */
  fee_asset: Schema.optional(Schema.Union(FeeAsset, both(FeeAsset))),
  /** Dollars of one BNB, in place of its series. */
  bnb_price: Schema.optional(Step)
})

/** Settings of any exchange. @category models @since 0.1.0 */
export type Config = typeof WithBnb.Type
