/**
 * Recognises plain instructions without a schema, typed or as JSON.
 *
 * What is recognised here is what the schema accepts, and reads to the same value; what is not recognised is for the
 * schema to judge. So the rules stand once, in the schema, and the frequent case costs a tenth of it. As with the schema
 * the value is one of its own: what the caller does with the input afterwards does not reach it. Keys that are symbols or
 * that no loop over the object shows are passed over.
 *
 * @private
 * @since 0.1.0
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Account from "../Account.js"
import * as Amount from "../Amount.js"
import * as Asset from "../Asset.js"
import * as Decimal from "../Decimal.js"
import * as Deltas from "../Deltas.js"
import * as Instrument from "../Instrument.js"
import type * as Instruction from "../Instruction.js"

type Check = (value: unknown) => boolean

/** What a value stands for, typed or in JSON; `undefined` where it is not known here. */
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

const isId: Check = (value) => typeof value === "string" && idShape.test(value)

const isToken: Check = (value) => typeof value === "string" && Asset.isToken(value)

type Fields = { readonly [key: string]: unknown }

/** Whether it is an object of none but its own fields: no list, of no class, with nothing inherited. */
const isBare = (value: unknown): value is Fields => {
  if (typeof value !== "object" || value === null) return false
  const parent: unknown = Object.getPrototypeOf(value)
  return parent === Object.prototype || parent === null
}

/** Whether an object has no field but these. */
const hasOnly = (value: unknown, first: string, second: string): value is Fields => {
  if (!isBare(value)) return false
  for (const key in value) if (key !== first && key !== second) return false
  return true
}

const outputOf = (value: unknown, name: string): { readonly outputOf: string } | undefined => {
  if (!hasOnly(value, name, name)) return undefined
  const id = value[name]
  return isId(id) ? { outputOf: id as string } : undefined
}

const takeQuantity: Read = (value) =>
  value === "max" || (typeof value === "bigint" && value > 0n && value < Amount.bound) ? value : outputOf(value, "outputOf")

const takeVenue: Read = (value) => {
  if (!hasOnly(value, "venue", "sub")) return undefined
  const { sub, venue } = value
  return venues.has(venue) && (sub === undefined ? "sub" in value : subs.has(sub)) ? { venue, sub } : undefined
}

const takeInstrument: Read = (value) => {
  if (!hasOnly(value, "base", "quote")) return undefined
  const { base, quote } = value
  return isToken(base) && isToken(quote) && base !== quote ? { base, quote } : undefined
}

const isTolerance: Check = (value) =>
  BigDecimal.isBigDecimal(value) && Decimal.isWritable(value) && value.value >= 0n && Decimal.compare(value, Decimal.one) < 0

const isPrice: Check = (value) => BigDecimal.isBigDecimal(value) && Decimal.isWritable(value) && value.value > 0n

const recordOf = (shape: RegExp, read: Read): Read => (value) => {
  if (!isBare(value)) return undefined
  const made: Record<string, unknown> = {}
  for (const key in value) {
    if (!shape.test(key) || key in Object.prototype) return undefined
    const one = read(value[key])
    if (one === undefined) return undefined
    made[key] = one
  }
  return made
}

/** What texts stand for, by a reader that answers `undefined` for those that it does not know. */
const table = <A>(texts: ReadonlyArray<string>, read: (text: string) => A | undefined): (value: unknown) => A | undefined => {
  const known = new Map<unknown, A>()
  for (const text of texts) {
    const value = read(text)
    if (value !== undefined) known.set(text, value)
  }
  return (value) => known.get(value)
}

/** The same, where a text stands for an object: each time for one of its own. */
const tableOf = <A extends object>(texts: ReadonlyArray<string>, read: (text: string) => A | undefined): Read => {
  const find = table(texts, read)
  return (value) => {
    const known = find(value)
    return known === undefined ? undefined : { ...known }
  }
}

/** A value that stands for itself. */
const same = (check: Check): Read => (value) => (check(value) ? value : undefined)

const readVenue = tableOf(venueNames.flatMap((venue) => [venue, ...subNames.map((sub) => `${venue}_${sub}`)]), Account.parse)

const tokenNames = Asset.tokens.map(({ symbol }) => symbol)
const readToken = table(tokenNames, Asset.parse)

const pairs = tokenNames.flatMap((base) => tokenNames.map((quote) => `${base}${quote}`))
const readSpot = tableOf(pairs, Instrument.parse)
const readPerpetual = tableOf(pairs.flatMap((pair) => [pair, `${pair}-PERP`]), Instrument.parse)

const readDecimal = (value: unknown): Decimal.Decimal | undefined => typeof value === "string" ? Decimal.parse(value) : undefined

const readAmount = (value: unknown): Amount.Amount | undefined => {
  const decimal = readDecimal(value)
  const amount = decimal === undefined ? undefined : Amount.fromDecimal(decimal)
  return amount !== undefined && Amount.isBounded(amount) ? amount : undefined
}

const readQuantity: Read = (value) => {
  if (value === "max") return value
  if (typeof value === "object") return outputOf(value, "output_of")
  const amount = readAmount(value)
  return amount === undefined || amount <= 0n ? undefined : amount
}

const readDecimalThat = (check: Check): Read => (value) => {
  const decimal = readDecimal(value)
  return decimal !== undefined && check(decimal) ? decimal : undefined
}

interface Field {
  readonly name: string
  readonly wire: string
  /** Of a typed instruction. */
  readonly take: Read
  /** Of JSON. */
  readonly read: Read
  readonly required: boolean
}

const wireName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const field = (required: boolean) => (name: string, take: Read, read: Read = take): Field => ({ name, wire: wireName(name), take, read, required })

const required = field(true)

const optional = field(false)

const oneOf = (...known: ReadonlyArray<unknown>): Read => same((value) => known.includes(value))

const id = same(isId)

const token = same(isToken)

const flag = same((value) => typeof value === "boolean")

const place = same((value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0))

const deltasOf = (read: Read): Read => recordOf(Deltas.venueShape, recordOf(Deltas.assetShape, read))

const takeDeltas = deltasOf(same((amount) => typeof amount === "bigint" && Amount.isBounded(amount)))

const common = [
  optional("operationId", id),
  optional("executionMode", oneOf("sequential", "atomic")),
  optional("estimatedDeltas", takeDeltas, deltasOf(readAmount))
]

const tolerance = optional("slippageTolerance", same(isTolerance), readDecimalThat(isTolerance))

const trade = (types: Read, readSymbol: Read): ReadonlyArray<Field> => [
  required("instructionType", oneOf("cex_trade")),
  required("venue", takeVenue, readVenue),
  required("tradeType", types),
  required("side", oneOf("buy", "sell")),
  required("symbol", takeInstrument, readSymbol),
  required("amount", takeQuantity, readQuantity),
  optional("orderType", oneOf("market", "limit")),
  optional("price", same(isPrice), readDecimalThat(isPrice)),
  optional("timeInForce", oneOf("IOC", "FOK")),
  optional("reduceOnly", flag),
  tolerance,
  ...common
]

const transfer: ReadonlyArray<Field> = [
  required("instructionType", oneOf("wallet_transfer")),
  required("fromVenue", takeVenue, readVenue),
  required("toVenue", takeVenue, readVenue),
  required("token", token, readToken),
  required("amount", takeQuantity, readQuantity),
  ...common
]

const action: ReadonlyArray<Field> = [
  required("instructionType", oneOf("smart_contract_action")),
  required("protocol", takeVenue, readVenue),
  required("action", oneOf(
    "supply", "withdraw", "borrow", "repay", "supply_collateral", "withdraw_collateral", "stake", "unstake", "swap", "wrap", "unwrap",
    "flash_borrow", "flash_repay"
  )),
  required("token", token, readToken),
  required("amount", takeQuantity, readQuantity),
  optional("tokenOut", token, readToken),
  optional("swapType", oneOf("exact_in", "exact_out")),
  tolerance,
  optional("market", id),
  optional("atomicGroupId", id),
  optional("sequenceInGroup", place),
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

const instruction = (input: Fields, shape: Shape | undefined, how: "take" | "read"): Instruction.Instruction | undefined => {
  if (shape === undefined || !isBare(input)) return undefined
  const made: Record<string, unknown> = {}
  let found = 0
  for (const key in input) {
    const field = shape.fields.get(key)
    if (field === undefined) return undefined
    // Read once: what is checked is what is kept.
    const value = field[how](input[key])
    if (value === undefined) return undefined
    made[field.name] = value
    if (field.required) found++
  }
  return found === shape.required ? made as unknown as Instruction.Instruction : undefined
}

/** The instruction that a typed one of the frequent fields is, all of them well formed. @category constructors */
export const fromTyped = (input: Fields): Instruction.Instruction | undefined =>
  instruction(input, typed.get(input["instructionType"]), "take")

const spot = shape(trade(oneOf("spot"), readSpot), "wire")
const perpetual = shape(trade(oneOf("perp"), readPerpetual), "wire")
const transferJson = shape(transfer, "wire")
const actionJson = shape(action, "wire")

const shapeOf = (json: Fields): Shape | undefined => {
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
export const fromJson = (json: Fields): Instruction.Instruction | undefined => instruction(json, shapeOf(json), "read")
