/**
 * The JSON Schema of an instruction and of a block as they are decoded: fields inline or under `params`, those that may
 * be left out also as null, and the rules between fields.
 *
 * @since 0.1.0
 */
import * as JSONSchema from "effect/JSONSchema"
import type * as Schema from "effect/Schema"
import * as Instruction from "../domain/Instruction.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import type { Json } from "../domain/Json.js"
import * as ReportSchema from "../domain/ReportSchema.js"

type JsonObject = { readonly [key: string]: Json }

interface Struct {
  readonly $schema: string
  readonly $defs?: JsonObject
  readonly required: ReadonlyArray<string>
  readonly properties: JsonObject
}

/** The largest whole number that is told from its neighbours. */
const whole = 2 ** 53 - 1

/**
 * The schema of what a codec reads. Without names by which validators would look schemas up, since what may be anything
 * has the same one each time; whole numbers are those that a number can hold.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = <A extends object = JsonObject>(schema: Schema.Schema.AnyNoContext): A =>
  JSON.parse(JSON.stringify(JSONSchema.make(schema), (key, value: Json) =>
    key === "$id"
      ? undefined
      : typeof value === "object" && value !== null && "type" in value && value.type === "integer"
        ? { minimum: -whole, maximum: whole, ...value }
        : value))

const not = (schema: Json): JsonObject => ({ not: schema })
const all = (...schemas: ReadonlyArray<Json>): JsonObject => ({ allOf: schemas })
const any = (...schemas: ReadonlyArray<Json>): JsonObject => ({ anyOf: schemas })
const when = (condition: Json, rule: Json): JsonObject => any(not(condition), rule)

/** A field is one of the two places, and is what a schema says. */
const is = (field: string, schema: Json): JsonObject => {
  const here = { required: [field], properties: { [field]: schema } }
  return any(here, { required: ["params"], properties: { params: { type: "object", ...here } } })
}

const there = (field: string): JsonObject => is(field, not({ type: "null" }))
const absent = (field: string): JsonObject => not(there(field))
const oneOf = (field: string, values: ReadonlyArray<string>): JsonObject => is(field, { enum: values })

const limit = is("order_type", { const: "limit" })
const bought = is("side", { pattern: "^(?:[bB][uU][yY]|[lL][oO][nN][gG])$" })
const notOfAGroup = not(is("amount", { type: "object" }))

const ruleOfAction = (): ReadonlyArray<Json> => {
  const { actions, amountless, exchanging } = Instruction
  const only = (field: string, used: ReadonlyArray<string>) => when(there(field), oneOf("action", used))
  return [
    any(there("protocol"), there("venue")),
    when(is("execution_mode", { const: "sequential" }), all(absent("atomic_group_id"), absent("sequence_in_group"))),
    any(there("amount"), oneOf("action", actions.filter((action) => amountless.has(action)))),
    when(oneOf("action", ["borrow", "flash_borrow"]), not(is("amount", { const: "max" }))),
    when(oneOf("action", ["swap"]), there("token_out")),
    when(oneOf("action", ["set_emode"]), there("emode_category")),
    when(oneOf("action", ["set_collateral"]), there("enabled")),
    only("swap_type", ["swap"]),
    only("token_out", actions.filter((action) => exchanging.has(action))),
    only("slippage_tolerance", actions.filter((action) => exchanging.has(action))),
    only("enabled", ["set_collateral"]),
    only("emode_category", ["set_emode"]),
    only("ticket", ["claim"])
  ]
}

const ruleOfTrade: ReadonlyArray<Json> = [
  absent("network"),
  when(limit, there("price")),
  any(limit, all(absent("price"), absent("time_in_force"))),
  when(is("reduce_only", { const: true }), is("trade_type", { const: "perp" })),
  notOfAGroup,
  when(
    is("amount", { const: "max" }),
    any(
      all(is("trade_type", { const: "perp" }), is("reduce_only", { const: true })),
      all(is("trade_type", { const: "spot" }), not(bought))
    )
  )
]

const kinds: ReadonlyArray<readonly [schema: Schema.Schema.AnyNoContext, rules: ReadonlyArray<Json>]> = [
  [Instruction.WalletTransfer, [notOfAGroup]],
  [Instruction.SmartContractAction, ruleOfAction()],
  [Instruction.CexTrade, ruleOfTrade]
]

const nullable = (properties: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(properties).map(([field, schema]) => [field, any({ type: "null" }, schema)]))

const kind = ({ properties, required }: Struct, rules: ReadonlyArray<Json>): JsonObject => {
  // Another name of the protocol.
  const { protocol } = properties
  const fields = nullable(protocol === undefined ? properties : { ...properties, venue: protocol })
  // What is null is not there, whatever its name.
  const object = (fields: JsonObject) => ({ type: "object", properties: fields, additionalProperties: { type: "null" } })
  return {
    ...object({ ...fields, params: any({ type: "null" }, object(fields)) }),
    allOf: [...required.filter((field) => field !== "protocol").map(there), ...rules]
  }
}

const make = () => {
  const structs = kinds.map(([schema, rules]) => [of<Struct>(schema), rules] as const)
  return {
    $schema: structs[0]![0].$schema,
    $defs: Object.assign({}, ...structs.map(([{ $defs }]) => $defs)) as JsonObject,
    anyOf: structs.map(([struct, rules]) => kind(struct, rules))
  }
}

/** The schema of an instruction. @category constructors @since 0.1.0 */
export const instruction = (): JsonObject => make()

/** The schema of a block of instructions. @category constructors @since 0.1.0 */
export const block = (): JsonObject => {
  const { $defs, $schema, anyOf } = make()
  const { $defs: { Block: { properties }, ...more } } = of<{ readonly $defs: { readonly Block: Struct } }>(ReportSchema.Block)
  // What is expected of a block is read as what is expected of an instruction, and written by the same rules.
  const { estimated_deltas = {} } = of<Struct>(Instruction.CexTrade).properties
  return {
    $schema,
    $defs: { ...$defs, ...more, Instruction: { anyOf } },
    type: "object",
    required: ["instructions"],
    properties: {
      ...nullable({ ...properties, expected_deltas: estimated_deltas }),
      instructions: { type: "array", minItems: 1, maxItems: InstructionBlock.maxInstructions, items: { $ref: "#/$defs/Instruction" } }
    },
    additionalProperties: { type: "null" }
  }
}
