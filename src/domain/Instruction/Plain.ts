/**
 * Recognises plain typed instructions without a schema.
 *
 * What is recognised here is what the schema accepts as it is; what is not recognised is for the schema to judge. So
 * the rules stand once, in the schema, and the frequent case costs a tenth of it.
 *
 * @private
 * @since 0.1.0
 */
import * as Asset from "../Asset.js"
import type * as Instruction from "../Instruction.js"

type Check = (value: unknown) => boolean

const venues: ReadonlySet<unknown> = new Set([
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
])
const subs: ReadonlySet<unknown> = new Set(["spot", "perp", "unified", "funding", "wallet", "position"])
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
