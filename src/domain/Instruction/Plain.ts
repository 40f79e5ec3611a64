/**
 * Recognises plain instructions without a schema, typed or as JSON.
 *
 * What is recognised here is what the schema accepts, and reads to the same value; what is not recognised is for the
 * schema to judge. So the rules stand once, in the schema, and the frequent case costs a tenth of it.
 *
 * @private
 * @since 0.1.0
 */
import * as Account from "../Account.js"
import * as Amount from "../Amount.js"
import * as Asset from "../Asset.js"
import * as Decimal from "../Decimal.js"
import * as Instrument from "../Instrument.js"
import type * as Instruction from "../Instruction.js"

type Check = (value: unknown) => boolean

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
const sides: ReadonlySet<unknown> = new Set(["buy", "sell"])
const tradeTypes: ReadonlySet<unknown> = new Set(["spot", "perp"])
const lending: ReadonlySet<unknown> = new Set(["supply", "withdraw", "borrow", "repay"])

const idShape = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/

const isId: Check = (value) => typeof value === "string" && idShape.test(value)

const isToken: Check = (value) => typeof value === "string" && Asset.isToken(value)

const isQuantity: Check = (value) => value === "max" || (typeof value === "bigint" && value > 0n)

/** Whether an object has these two fields and no other. */
const isPair = (value: unknown, first: string, second: string): value is { readonly [key: string]: unknown } => {
  if (typeof value !== "object" || value === null) return false
  for (const key in value) if (key !== first && key !== second) return false
  return true
}

const isVenue: Check = (value) =>
  isPair(value, "venue", "sub") && venues.has(value["venue"]) &&
  (value["sub"] === undefined ? "sub" in value : subs.has(value["sub"]))

const isInstrument: Check = (value) =>
  isPair(value, "base", "quote") && isToken(value["base"]) && isToken(value["quote"]) && value["base"] !== value["quote"]

const is = (literal: string): Check => (value) => value === literal

const oneOf = (known: ReadonlySet<unknown>): Check => (value) => known.has(value)

type Fields = ReadonlyMap<string, Check>

/** Fields that must be there, in front; `operationId` may be. */
const shapes: ReadonlyMap<unknown, Fields> = new Map<Instruction.InstructionType, Fields>([
  ["cex_trade", new Map([
    ["instructionType", is("cex_trade")],
    ["venue", isVenue],
    ["tradeType", oneOf(tradeTypes)],
    ["side", oneOf(sides)],
    ["symbol", isInstrument],
    ["amount", isQuantity]
  ])],
  ["wallet_transfer", new Map([
    ["instructionType", is("wallet_transfer")],
    ["fromVenue", isVenue],
    ["toVenue", isVenue],
    ["token", isToken],
    ["amount", isQuantity]
  ])],
  ["smart_contract_action", new Map([
    ["instructionType", is("smart_contract_action")],
    ["protocol", isVenue],
    ["action", oneOf(lending)],
    ["token", isToken],
    ["amount", isQuantity]
  ])]
])

/** Whether it is an instruction of required fields and an id, all of them well formed. @category guards */
export const isPlain = (value: object): value is Instruction.Instruction => {
  const record = value as { readonly [key: string]: unknown }
  const shape = shapes.get(record["instructionType"])
  if (shape === undefined) return false
  let required = 0
  for (const key in value) {
    const check = shape.get(key)
    if (check === undefined) {
      if (key !== "operationId" || !isId(record[key])) return false
    } else {
      if (!check(record[key])) return false
      required++
    }
  }
  return required === shape.size
}

type Read = (value: unknown) => unknown

/** What texts stand for, by a reader that answers `undefined` for those that it does not know. */
const table = <A>(texts: ReadonlyArray<string>, read: (text: string) => A | undefined): Read => {
  const known = new Map<unknown, A>()
  for (const text of texts) {
    const value = read(text)
    if (value !== undefined) known.set(text, value)
  }
  return (value) => known.get(value)
}

const readVenue = table(venueNames.flatMap((venue) => [venue, ...subNames.map((sub) => `${venue}_${sub}`)]), Account.parse)

const tokenNames = Asset.tokens.map(({ symbol }) => symbol)
const readToken = table(tokenNames, Asset.parse)

const pairs = tokenNames.flatMap((base) => tokenNames.map((quote) => `${base}${quote}`))
const readSpot = table(pairs, Instrument.parse)
const readPerpetual = table(pairs.flatMap((pair) => [pair, `${pair}-PERP`]), Instrument.parse)

const readQuantity: Read = (value) => {
  if (value === "max") return value
  const decimal = typeof value === "string" ? Decimal.parse(value) : undefined
  const amount = decimal === undefined ? undefined : Amount.fromDecimal(decimal)
  return amount === undefined || amount <= 0n ? undefined : amount
}

const readId: Read = (value) => (isId(value) ? value : undefined)

const readOf = (known: ReadonlySet<unknown>): Read => (value) => (known.has(value) ? value : undefined)

interface Field {
  readonly name: string
  readonly read: Read
  readonly required: boolean
}

const field = (name: string, read: Read, required = true): Field => ({ name, read, required })

const type = (name: Instruction.InstructionType) => field("instructionType", (value) => (value === name ? value : undefined))

const id = field("operationId", readId, false)

const trade = (tradeType: string, readSymbol: Read) =>
  new Map([
    ["instruction_type", type("cex_trade")],
    ["venue", field("venue", readVenue)],
    ["trade_type", field("tradeType", (value) => (value === tradeType ? value : undefined))],
    ["side", field("side", readOf(sides))],
    ["symbol", field("symbol", readSymbol)],
    ["amount", field("amount", readQuantity)],
    ["operation_id", id]
  ])

const spot = trade("spot", readSpot)
const perpetual = trade("perp", readPerpetual)

const transfer = new Map([
  ["instruction_type", type("wallet_transfer")],
  ["from_venue", field("fromVenue", readVenue)],
  ["to_venue", field("toVenue", readVenue)],
  ["token", field("token", readToken)],
  ["amount", field("amount", readQuantity)],
  ["operation_id", id]
])

const action = new Map([
  ["instruction_type", type("smart_contract_action")],
  ["protocol", field("protocol", readVenue)],
  ["action", field("action", readOf(lending))],
  ["token", field("token", readToken)],
  ["amount", field("amount", readQuantity)],
  ["operation_id", id]
])

const fieldsOf = (json: { readonly [key: string]: unknown }): ReadonlyMap<string, Field> | undefined => {
  switch (json["instruction_type"]) {
    case "cex_trade":
      return json["trade_type"] === "perp" ? perpetual : spot
    case "wallet_transfer":
      return transfer
    case "smart_contract_action":
      return action
    default:
      return undefined
  }
}

/** The instruction that JSON of required fields and an id stands for. @category constructors */
export const fromJson = (json: { readonly [key: string]: unknown }): Instruction.Instruction | undefined => {
  const fields = fieldsOf(json)
  if (fields === undefined) return undefined
  const made: Record<string, unknown> = {}
  let required = 0
  for (const key in json) {
    const of = fields.get(key)
    const value = of?.read(json[key])
    if (of === undefined || value === undefined) return undefined
    made[of.name] = value
    if (of.required) required++
  }
  // Every field has been read: as many as are required are all of them.
  return required === fields.size - 1 ? made as unknown as Instruction.Instruction : undefined
}
