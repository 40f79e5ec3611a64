/**
 * What values look like in JSON, as patterns and bounds of JSON Schema: what the decoders take, and nothing else.
 *
 * A pattern is ECMAScript without flags, as JSON Schema has it.
 *
 * @since 0.1.0
 */

/** A text by its pattern. @category models @since 0.1.0 */
export interface Text {
  readonly type: "string"
  readonly pattern: string
}

const text = (pattern: string): Text => ({ type: "string", pattern })

/** A word in any letter case. */
const anyCase = (word: string): string =>
  word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)

const oneOf = (words: ReadonlyArray<string>): string => `(?:${words.join("|")})`

/** Texts that name a property of every object, and so no key. */
const inherited = Object.getOwnPropertyNames(Object.prototype)

/** A pattern for keys of objects. @category constructors @since 0.1.0 */
export const key = (shape: RegExp): Text => text(`^(?!${oneOf(inherited)}$)${shape.source.replace(/^\^/, "")}`)

/** The symbol of a token. @category constants @since 0.1.0 */
export const token: Text = key(/^(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,20}$/)

/** At most 78 digits. */
const digits = "(?=-?(?:\\.?\\d){1,78}$)"
const noZeroWithSign = "(?!-0(?:\\.0+)?$)"
const noZero = "(?!0(?:\\.0+)?$)"

/**
 * A decimal as text or as a number.
 *
 * @category models
 * @since 0.1.0
 */
export interface Number {
  readonly anyOf: readonly [Text, { readonly type: "number"; readonly [bound: string]: number | string }]
}

const number = (pattern: string, bounds: { readonly [bound: string]: number }): Number => ({
  anyOf: [text(pattern), { type: "number", ...bounds }]
})

/** Any decimal. @category constants @since 0.1.0 */
export const decimal: Number = number(`^${noZeroWithSign}${digits}-?(?:0|[1-9]\\d*)(?:\\.\\d+)?$`, {
  exclusiveMinimum: -1e78,
  exclusiveMaximum: 1e78
})

/** A decimal above 0. @category constants @since 0.1.0 */
export const positiveDecimal: Number = number(`^${noZero}${digits}(?:0|[1-9]\\d*)(?:\\.\\d+)?$`, {
  exclusiveMinimum: 0,
  exclusiveMaximum: 1e78
})

/** A fraction from 0 to below 1. @category constants @since 0.1.0 */
export const fraction: Number = number(`^${digits}0(?:\\.\\d+)?$`, { minimum: 0, exclusiveMaximum: 1 })

/** An amount of either sign. @category constants @since 0.1.0 */
export const amount: Number = number(`^${noZeroWithSign}${digits}-?(?:0|[1-9]\\d{0,59})(?:\\.\\d{1,18}0*)?$`, {
  exclusiveMinimum: -1e60,
  exclusiveMaximum: 1e60
})

/** An amount above 0. @category constants @since 0.1.0 */
export const positiveAmount: Number = number(`^${noZero}${digits}(?:0|[1-9]\\d{0,59})(?:\\.\\d{1,18}0*)?$`, {
  minimum: 1e-18,
  exclusiveMaximum: 1e60
})

const leap = "(?:\\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"

/** An instant in RFC 3339 with its zone. @category constants @since 0.1.0 */
export const timestamp: Text = text(
  `^(?=19[7-9]|[2-9])(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|${leap}-02-29)` +
    "[Tt ](?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?(?:[Zz]|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)$"
)

/** The side of a trade. @category constants @since 0.1.0 */
export const side: Text = text(`^${oneOf(["buy", "sell", "long", "short"].map(anyCase))}$`)

/** The alphabet of a symbol. Which of these texts name a pair is more than a pattern can say. @category constants @since 0.1.0 */
export const symbol: Text = text("^[A-Za-z0-9][A-Za-z0-9/_.:-]{0,63}$")

/**
 * A venue with or without its account. `others` are names that no venue has.
 *
 * @category constructors
 * @since 0.1.0
 */
export const venue = (accounts: ReadonlyArray<string>, others: ReadonlyArray<string>): Text => {
  const account = `_${oneOf(accounts.map(anyCase))}`
  const none = oneOf([...others, ...inherited.filter((name) => /^[a-z]+$/.test(name))].map(anyCase))
  return text(`^(?=.{1,64}$)(?!${none}(?:${account})?$)(?!.*${account}${account}$)[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$`)
}
