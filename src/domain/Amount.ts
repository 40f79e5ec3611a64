/**
 * Quantities of an asset, as the ledger holds them.
 *
 * Every amount is a `bigint` in 1e-18 of one whole unit, whatever the asset: sums across accounts need no conversion.
 * What an account can hold in steps of (USDT on Ethereum 1e-6, on an exchange 1e-8) is its *quantum*; an amount that
 * enters an account is a multiple of it, and what rounding leaves over is a ledger line of its own.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Decimal from "./Decimal.js"
import * as Pattern from "./Pattern.js"

/**
 * Signed quantity in 1e-18 of one whole unit of its asset.
 *
 * @category models
 * @since 0.1.0
 */
export type Amount = bigint

/** Decimals of every amount. @category constants @since 0.1.0 */
export const scale = 18

/** One whole unit. @category constants @since 0.1.0 */
export const unit: Amount = 10n ** 18n

/**
 * The step of an account that holds `decimals` decimals of an asset, at most 18.
 *
 * @category constructors
 * @since 0.1.0
 */
export const quantumOf = (decimals: number): Amount => Decimal.pow10(scale - decimals)

/**
 * The exact amount of a decimal, or `undefined` where it has more than 18 decimals.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromDecimal = (decimal: Decimal.Decimal): Amount | undefined => {
  if (decimal.scale <= scale) return decimal.value * Decimal.pow10(scale - decimal.scale)
  const divisor = Decimal.pow10(decimal.scale - scale)
  return decimal.value % divisor === 0n ? decimal.value / divisor : undefined
}

/** An amount that the program itself wrote down. @category constructors @since 0.1.0 */
export const unsafe = (text: string): Amount => Decimal.toScale(Decimal.unsafe(text), scale, "down")

/** From integer units of `decimals` decimals (a contract's or an exchange's own). @category constructors @since 0.1.0 */
export const fromUnits = (units: bigint, decimals: number): Amount => units * Decimal.pow10(scale - decimals)

/** To integer units of `decimals` decimals. @category combinators @since 0.1.0 */
export const toUnits = (amount: Amount, decimals: number, rounding: Decimal.Rounding): bigint =>
  Decimal.divide(amount, Decimal.pow10(scale - decimals), rounding)

/** The same quantity as a decimal in whole units, exactly: 5 × 10^17 is 0.5. @category combinators @since 0.1.0 */
export const toDecimal = (amount: Amount): Decimal.Decimal => Decimal.make(amount, scale)

/** Plain notation without trailing zeros. @category combinators @since 0.1.0 */
export const format = (amount: Amount): string => Decimal.formatScaled(amount, scale)

/**
 * The nearest multiple of `quantum` in the named direction.
 *
 * @category combinators
 * @since 0.1.0
 */
export const quantize = (amount: Amount, quantum: Amount, rounding: Decimal.Rounding): Amount =>
  quantum === 1n ? amount : Decimal.divide(amount, quantum, rounding) * quantum

/**
 * `amount * factor`, rounded in the named direction to a multiple of `quantum`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const times = (
  amount: Amount,
  factor: Decimal.Decimal,
  quantum: Amount,
  rounding: Decimal.Rounding
): Amount =>
  factor.scale < 0
    ? quantize(amount * factor.value * Decimal.pow10(-factor.scale), quantum, rounding)
    : Decimal.divide(amount * factor.value, Decimal.pow10(factor.scale) * quantum, rounding) * quantum

/**
 * `amount / divisor`, rounded in the named direction to a multiple of `quantum`. The divisor is positive.
 *
 * @category combinators
 * @since 0.1.0
 */
export const over = (
  amount: Amount,
  divisor: Decimal.Decimal,
  quantum: Amount,
  rounding: Decimal.Rounding
): Amount =>
  divisor.scale < 0
    ? Decimal.divide(amount, divisor.value * Decimal.pow10(-divisor.scale) * quantum, rounding) * quantum
    : Decimal.divide(amount * Decimal.pow10(divisor.scale), divisor.value * quantum, rounding) * quantum

/** The size of an amount without its sign. @category combinators @since 0.1.0 */
export const abs = (amount: Amount): Amount => (amount < 0n ? -amount : amount)

/** The smaller of two amounts, by sign: of -2 and 1 it is -2. @category combinators @since 0.1.0 */
export const min = (a: Amount, b: Amount): Amount => (a < b ? a : b)

/**
 * What every amount is below, without its sign: 10^60 whole units. With 18 decimals it has 78 digits, as many as can be
 * written.
 *
 * @category constants
 * @since 0.1.0
 */
export const bound: Amount = 10n ** 78n

/** Whether an amount is below the {@link bound}. @category guards @since 0.1.0 */
export const isBounded = (amount: Amount): boolean => -bound < amount && amount < bound

const expectation = "a decimal with at most 18 decimals, below 10^60"

/**
 * Codec: decimal text (or a JSON number) with at most 18 decimals to a signed `Amount`; written as text.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Amount: Schema.Schema<Amount, string | number> = Schema.transformOrFail(
  Decimal.Decimal,
  Schema.BigIntFromSelf.pipe(Schema.filter((amount) => isBounded(amount) || `expected ${expectation}`)),
  {
    strict: true,
    decode: (decimal, _options, ast) => {
      const amount = fromDecimal(decimal)
      return amount === undefined
        ? Either.left(new ParseResult.Type(ast, Decimal.format(decimal), `expected ${expectation}`))
        : Either.right(amount)
    },
    encode: (amount) => Either.right(toDecimal(amount))
  }
).annotations({ identifier: "Amount", description: expectation, jsonSchema: { ...Pattern.amount, description: expectation } })

/**
 * An {@link Amount} greater than zero.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Positive: Schema.Schema<Amount, string | number> = Amount.pipe(
  Schema.filter((amount) => amount > 0n || "expected a decimal greater than 0")
).annotations({ identifier: "PositiveAmount", description: "a decimal greater than 0 with at most 18 decimals, below 10^60", jsonSchema: Pattern.positiveAmount })
