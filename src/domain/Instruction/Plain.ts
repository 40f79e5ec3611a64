/**
 * Recognises plain instructions without a schema, typed or as JSON.
 *
 * What is recognised here is what the schema accepts, and reads to the same value; what is not recognised is for the
 * schema to judge. So the rules stand once, in the schema, and the frequent case costs a tenth of it.
 *
 * @private
 * @since 0.1.0
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Account from "../Account.js"
import * as Amount from "../Amount.js"
import * as Asset from "../Asset.js"
import * as Decimal from "../Decimal.js"
import * as Instrument from "../Instrument.js"
import type * as Instruction from "../Instruction.js"

type Check = (value: unknown) => boolean

/** What a JSON value stands for, `undefined` where it is not known here. */
type Read = (value: unknown) => unknown

const venueNames = [
  "wallet",
  "binance",
  "bybit",
  "okx",
  "hyperliquid",
  "aave",
  "morpho",
  "uniswap",
  "curve",
  "lido",
  "etherfi"
]
const subNames = ["spot", "perp", "unified", "funding", "wallet", "position"]

const venues: ReadonlySet<unknown> = new Set(venueNames)
const subs: ReadonlySet<unknown> = new Set(subNames)

const idShape = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/
const nameShape = /^[A-Za-z][A-Za-z0-9_.:/-]{0,63}$/

const isId: Check = (value) => typeof value === "string" && idShape.test(value)

const isToken: Check = (value) => typeof value === "string" && Asset.isToken(value)

/** Whether an object has no field but these, and is none of a class. */
const hasOnly = (value: unknown, first: string, second: string): value is { readonly [key: string]: unknown } => {
  if (typeof value !== "object" || value === null) return false
  for (const key in value) if (key !== first && key !== second) return false
  return true
}

const isQuantity: Check = (value) =>
  value === "max" || (typeof value === "bigint" ? value > 0n : hasOnly(value, "outputOf", "outputOf") && isId(value["outputOf"]))

const isVenue: Check = (value) =>
  hasOnly(value, "venue", "sub") && venues.has(value["venue"]) &&
  (value["sub"] === undefined ? "sub" in value : subs.has(value["sub"]))

const isInstrument: Check = (value) =>
  hasOnly(value, "base", "quote") && isToken(value["base"]) && isToken(value["quote"]) && value["base"] !== value["quote"]

const isTolerance: Check = (value) =>
  BigDecimal.isBigDecimal(value) && value.value >= 0n && Decimal.compare(value, Decimal.one) < 0

const isPrice: Check = (value) => BigDecimal.isBigDecimal(value) && value.value > 0n

const isRecordOf = (check: Check): Check => (value) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  for (const key in value) {
    if (!nameShape.test(key) || key in Object.prototype || !check((value as { readonly [key: string]: unknown })[key])) return false
  }
  return true
}

const isDeltas = isRecordOf(isRecordOf((amount) => typeof amount === "bigint"))

/** What texts stand for, by a reader that answers `undefined` for those that it does not know. */
const table = <A>(texts: ReadonlyArray<string>, read: (text: string) => A | undefined): Read => {
  const known = new Map<unknown, A>()
  for (const text of texts) {
    const value = read(text)
    if (value !== undefined) known.set(text, value)
  }
  return (value) => known.get(value)
}

/** A value that is the same in JSON. */
const same = (check: Check): Read => (value) => (check(value) ? value : undefined)

const readVenue = table(venueNames.flatMap((venue) => [venue, ...subNames.map((sub) => `${venue}_${sub}`)]), Account.parse)

const tokenNames = Asset.tokens.map(({ symbol }) => symbol)
const readToken = table(tokenNames, Asset.parse)

const pairs = tokenNames.flatMap((base) => tokenNames.map((quote) => `${base}${quote}`))
const readSpot = table(pairs, Instrument.parse)
const readPerpetual = table(pairs.flatMap((pair) => [pair, `${pair}-PERP`]), Instrument.parse)

const readDecimal = (value: unknown): Decimal.Decimal | undefined => typeof value === "string" ? Decimal.parse(value) : undefined

const readAmount = (value: unknown): Amount.Amount | undefined => {
  const decimal = readDecimal(value)
  return decimal === undefined ? undefined : Amount.fromDecimal(decimal)
}

const readQuantity: Read = (value) => {
  if (value === "max") return value
  if (typeof value === "object") {
    return hasOnly(value, "output_of", "output_of") && isId(value["output_of"]) ? { outputOf: value["output_of"] } : undefined
  }
  const amount = readAmount(value)
  return amount === undefined || amount <= 0n ? undefined : amount
}

const readDecimalThat = (check: Check): Read => (value) => {
  const decimal = readDecimal(value)
  return decimal !== undefined && check(decimal) ? decimal : undefined
}

const readRecordOf = (read: Read): Read => (value) => {
  if (!isRecordOf(() => true)(value)) return undefined
  const made: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value as object)) {
    const one = read(member)
    if (one === undefined) return undefined
    made[key] = one
  }
  return made
}

interface Field {
  readonly name: string
  readonly wire: string
  readonly check: Check
  readonly read: Read
  readonly required: boolean
}

const wireName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const required = (name: string, check: Check, read: Read = same(check)): Field => ({ name, wire: wireName(name), check, read, required: true })

const optional = (name: string, check: Check, read: Read = same(check)): Field => ({ name, wire: wireName(name), check, read, required: false })

const oneOf = (...known: ReadonlyArray<unknown>): Check => (value) => known.includes(value)

const isBoolean: Check = (value) => typeof value === "boolean"

const isPlace: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)

const common = [
  optional("operationId", isId),
  optional("estimatedDeltas", isDeltas, readRecordOf(readRecordOf(readAmount)))
]

const tolerance = optional("slippageTolerance", isTolerance, readDecimalThat(isTolerance))

const trade = (types: Check, readSymbol: Read): ReadonlyArray<Field> => [
  required("instructionType", oneOf("cex_trade")),
  required("venue", isVenue, readVenue),
  required("tradeType", types),
  required("side", oneOf("buy", "sell")),
  required("symbol", isInstrument, readSymbol),
  required("amount", isQuantity, readQuantity),
  optional("orderType", oneOf("market", "limit")),
  optional("price", isPrice, readDecimalThat(isPrice)),
  optional("timeInForce", oneOf("IOC", "FOK")),
  optional("reduceOnly", isBoolean),
  tolerance,
  ...common
]

const transfer: ReadonlyArray<Field> = [
  required("instructionType", oneOf("wallet_transfer")),
  required("fromVenue", isVenue, readVenue),
  required("toVenue", isVenue, readVenue),
  required("token", isToken, readToken),
  required("amount", isQuantity, readQuantity),
  ...common
]

const action: ReadonlyArray<Field> = [
  required("instructionType", oneOf("smart_contract_action")),
  required("protocol", isVenue, readVenue),
  required("action", oneOf(
    "supply", "withdraw", "borrow", "repay", "supply_collateral", "withdraw_collateral", "stake", "unstake", "swap", "wrap", "unwrap",
    "flash_borrow", "flash_repay"
  )),
  required("token", isToken, readToken),
  required("amount", isQuantity, readQuantity),
  optional("tokenOut", isToken, readToken),
  optional("swapType", oneOf("exact_in", "exact_out")),
  tolerance,
  optional("market", isId),
  optional("atomicGroupId", isId),
  optional("sequenceInGroup", isPlace),
  ...common
]

interface Shape {
  readonly fields: ReadonlyMap<string, Field>
  /** How many of them must be there. */
  readonly required: number
}

const shape = (fields: ReadonlyArray<Field>, by: "name" | "wire"): Shape => ({
  fields: new Map(fields.map((field) => [field[by], field])),
  required: fields.filter((field) => field.required).length
})

const typed: ReadonlyMap<unknown, Shape> = new Map([
  ["cex_trade", shape(trade(oneOf("spot", "perp"), readSpot), "name")],
  ["wallet_transfer", shape(transfer, "name")],
  ["smart_contract_action", shape(action, "name")]
])

/** Whether it is an instruction of the frequent fields, all of them well formed. @category guards */
export const isPlain = (value: object): value is Instruction.Instruction => {
  const record = value as { readonly [key: string]: unknown }
  const shape = typed.get(record["instructionType"])
  if (shape === undefined) return false
  let found = 0
  for (const key in value) {
    const field = shape.fields.get(key)
    if (field === undefined || !field.check(record[key])) return false
    if (field.required) found++
  }
  return found === shape.required
}

const spot = shape(trade(oneOf("spot"), readSpot), "wire")
const perpetual = shape(trade(oneOf("perp"), readPerpetual), "wire")
const transferJson = shape(transfer, "wire")
const actionJson = shape(action, "wire")

const shapeOf = (json: { readonly [key: string]: unknown }): Shape | undefined => {
  switch (json["instruction_type"]) {
    case "cex_trade":
      return json["trade_type"] === "perp" ? perpetual : spot
    case "wallet_transfer":
      return transferJson
    case "smart_contract_action":
      return actionJson
    default:
      return undefined
  }
}

/** The instruction that JSON of the frequent fields stands for. @category constructors */
export const fromJson = (json: { readonly [key: string]: unknown }): Instruction.Instruction | undefined => {
  const shape = shapeOf(json)
  if (shape === undefined) return undefined
  const made: Record<string, unknown> = {}
  let found = 0
  for (const key in json) {
    const field = shape.fields.get(key)
    const value = field?.read(json[key])
    if (field === undefined || value === undefined) return undefined
    made[field.name] = value
    if (field.required) found++
  }
  return found === shape.required ? made as unknown as Instruction.Instruction : undefined
}
