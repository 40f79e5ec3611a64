/**
 * Blocks of instructions, and how any input becomes one.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Account from "./Account.js"
import type * as Deltas from "./Deltas.js"
import * as DeltasSchema from "./Deltas.js"
import * as EimError from "./EimError.js"
import * as Fault from "./Fault.js"
import * as Instruction from "./Instruction.js"
import * as Plain from "./Instruction/Plain.js"
import * as Instrument from "./Instrument.js"
import type { Json } from "./Json.js"
import * as Untrusted from "./Untrusted.js"

/**
 * Names for what a strategy means by a block: entering or leaving a position, in whole or in part, or selling what is
 * left over. Another name is taken as well, and none is read.
 *
 * @category models
 * @since 0.1.0
 */
export const blockActions = ["entry_full", "entry_partial", "exit_full", "exit_partial", "sell_dust"] as const

/**
 * Instructions that belong together, executed in order.
 *
 * @category models
 * @since 0.1.0
 */
export interface InstructionBlock {
  readonly blockId?: string | undefined
  /** What the strategy means by it: `entry_full`, `exit_partial`, ... Carried along, never read. */
  readonly action?: string | undefined
  readonly priority?: number | undefined
  readonly instructions: ReadonlyArray<Instruction.Instruction>
  readonly expectedDeltas?: Deltas.Deltas | undefined
  /** Blocks that must have been executed before. */
  readonly dependencies?: ReadonlyArray<string> | undefined
  /** Defaults to `sequential`. */
  readonly executionMode?: Instruction.ExecutionMode | undefined
  readonly atomicGroupId?: string | undefined
}

/** Most instructions that one block may hold. @category constants @since 0.1.0 */
export const maxInstructions = 1000

/** A block of one instruction. @category constructors @since 0.1.0 */
export const of = (instruction: Instruction.Instruction): InstructionBlock => ({ instructions: [instruction] })

const refuse = (fault: Fault.Fault): EimError.RoutingFailed =>
  new EimError.RoutingFailed({
    reason: Fault.describe(fault),
    path: fault.path,
    expected: fault.expected,
    actual: Fault.show(fault.actual)
  })

type JsonRecord = { readonly [key: string]: unknown }

const isRecord = Fault.isRecord

const decoders = {
  wallet_transfer: Schema.decodeUnknownEither(Instruction.WalletTransfer, Fault.strict),
  smart_contract_action: Schema.decodeUnknownEither(Instruction.SmartContractAction, Fault.strict),
  cex_trade: Schema.decodeUnknownEither(Instruction.CexTrade, Fault.strict)
} as const

const fields = {
  wallet_transfer: Fault.fieldNames(Instruction.WalletTransfer),
  smart_contract_action: Fault.fieldNames(Instruction.SmartContractAction),
  cex_trade: Fault.fieldNames(Instruction.CexTrade)
} as const

type TypeName = keyof typeof decoders

const isTypeName = (value: unknown): value is TypeName => typeof value === "string" && Object.hasOwn(decoders, value)

/** Whether two values of a copy are equal, fields in any order. */
const agree = (one: unknown, other: unknown): boolean => {
  if (typeof one !== "object" || one === null || typeof other !== "object" || other === null) return Object.is(one, other)
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [left, right] = [one as JsonRecord, other as JsonRecord]
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && agree(left[key], right[key]))
}

/** One flat record: `params` lifted up, nulls left out, `venue` read as the protocol where it stands for it. */
const flatten = (input: JsonRecord, path: string): Either.Either<Record<string, unknown>, Fault.Fault> => {
  const flat: Record<string, unknown> = {}
  const take = (record: JsonRecord, at: string): Fault.Fault | undefined => {
    for (const key of Object.keys(record)) {
      const value = record[key]
      if (value === null || value === undefined) continue
      if (Object.hasOwn(flat, key) && !agree(flat[key], value)) {
        return { path: Fault.formatPath(at, [key]), expected: `${Fault.show(flat[key])}, as the same field says beside params`, actual: value }
      }
      flat[key] = value
    }
    return undefined
  }
  const { params, ...inline } = input
  const fault = take(inline, path)
  if (fault !== undefined) return Either.left(fault)
  if (params !== undefined && params !== null) {
    const at = Fault.formatPath(path, ["params"])
    if (!isRecord(params)) return Either.left({ path: at, expected: "an object of fields", actual: params })
    const inner = take(params, at)
    if (inner !== undefined) return Either.left(inner)
  }
  if (flat["instruction_type"] === "smart_contract_action" && flat["venue"] !== undefined) {
    if (flat["protocol"] !== undefined && flat["protocol"] !== flat["venue"]) {
      return Either.left({ path: Fault.formatPath(path, ["venue"]), expected: `${Fault.show(flat["protocol"])}, as protocol says`, actual: flat["venue"] })
    }
    flat["protocol"] = flat["venue"]
    delete flat["venue"]
  }
  return Either.right(flat)
}

const decodeInstruction = (input: unknown, path: string): Either.Either<Instruction.Instruction, Fault.Fault> => {
  if (!isRecord(input)) return Either.left({ path, expected: "an instruction (an object)", actual: input })
  const plain = Plain.fromJson(input)
  if (plain !== undefined) return checked(plain, path)
  const flattened = flatten(input, path)
  if (Either.isLeft(flattened)) return Either.left(flattened.left)
  const flat = flattened.right
  const type = flat["instruction_type"]
  if (!isTypeName(type)) {
    return Either.left({
      path: Fault.formatPath(path, ["instruction_type"]),
      expected: "\"wallet_transfer\", \"smart_contract_action\" or \"cex_trade\"",
      actual: type
    })
  }
  if (type === "cex_trade" && typeof flat["symbol"] === "string") {
    // Some spellings are of one venue alone. What is none at all is for the schema to refuse.
    const venue = typeof flat["venue"] === "string" ? Account.parse(flat["venue"])?.venue : undefined
    const reading = Instrument.read(flat["symbol"], venue)
    if (Either.isRight(reading)) {
      if (reading.right.trade === "perp" && flat["trade_type"] === "spot") {
        return Either.left({ path: Fault.formatPath(path, ["symbol"]), expected: "a spot symbol, because trade_type is spot", actual: flat["symbol"] })
      }
      flat["symbol"] = Instrument.format(reading.right.instrument)
    }
  }
  const decoded: Either.Either<Instruction.Instruction, ParseResult.ParseError> = decoders[type](flat)
  return Either.isLeft(decoded)
    ? Either.left(Fault.fromParseError(path, flat, fields[type], decoded.left))
    : checked(decoded.right, path)
}

const checked = (instruction: Instruction.Instruction, path: string): Either.Either<Instruction.Instruction, Fault.Fault> => {
  const fault = Instruction.fault(instruction)
  return fault === undefined
    ? Either.right(instruction)
    : Either.left({ path: Fault.formatPath(path, [fault.path]), expected: fault.expected, actual: fault.actual })
}

const head = {
  block_id: Schema.optional(Instruction.Id),
  action: Schema.optional(Instruction.Id),
  priority: Schema.optional(Schema.Int),
  expected_deltas: Schema.optional(DeltasSchema.Deltas),
  dependencies: Schema.optional(Schema.Array(Instruction.Id)),
  execution_mode: Schema.optional(Instruction.ExecutionMode),
  atomic_group_id: Schema.optional(Instruction.Id)
}

const Head = Schema.Struct(head)
const decodeHead = Schema.decodeUnknownEither(Head, Fault.strict)
const headNames = [...Object.keys(head), "instructions"]

const decodeBlock = (input: JsonRecord): Either.Either<InstructionBlock, Fault.Fault> => {
  const { instructions, ...rest } = input
  if (!Array.isArray(instructions)) {
    return Either.left({ path: "instructions", expected: "a list of instructions", actual: instructions })
  }
  if (instructions.length === 0 || instructions.length > maxInstructions) {
    return Either.left({
      path: "instructions",
      expected: `1 to ${maxInstructions} instructions`,
      actual: `${instructions.length} instructions`
    })
  }
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== undefined))
  const decodedHead = decodeHead(known)
  if (Either.isLeft(decodedHead)) return Either.left(Fault.fromParseError("", known, headNames, decodedHead.left))
  const decoded: Array<Instruction.Instruction> = []
  for (let index = 0; index < instructions.length; index++) {
    const instruction = decodeInstruction(instructions[index], `instructions[${index}]`)
    if (Either.isLeft(instruction)) return Either.left(instruction.left)
    decoded.push(instruction.right)
  }
  const { atomic_group_id, block_id, dependencies, execution_mode, expected_deltas, ...same } = decodedHead.right
  return Either.right({
    ...same,
    instructions: decoded,
    ...(block_id === undefined ? {} : { blockId: block_id }),
    ...(expected_deltas === undefined ? {} : { expectedDeltas: expected_deltas }),
    ...(dependencies === undefined ? {} : { dependencies }),
    ...(execution_mode === undefined ? {} : { executionMode: execution_mode }),
    ...(atomic_group_id === undefined ? {} : { atomicGroupId: atomic_group_id })
  })
}

/**
 * Reads a block of instructions or a bare instruction from JSON.
 *
 * Fails with `RoutingFailed` (EIM-001), which names the path, what was expected and what came.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromJson = (input: unknown): Either.Either<InstructionBlock, EimError.RoutingFailed> =>
  Either.mapLeft(Either.flatMap(Untrusted.copy(input), ofJson), refuse)

/** From a copy that is the program's own. */
const ofJson = (input: unknown): Either.Either<InstructionBlock, Fault.Fault> =>
  isRecord(input)
    ? Object.hasOwn(input, "instructions") ? decodeBlock(input) : Either.map(decodeInstruction(input, ""), of)
    : Either.left({ path: "", expected: "an instruction or a block of instructions (an object)", actual: input })

const validators = {
  wallet_transfer: Schema.validateEither(Instruction.WalletTransfer, Fault.strict),
  smart_contract_action: Schema.validateEither(Instruction.SmartContractAction, Fault.strict),
  cex_trade: Schema.validateEither(Instruction.CexTrade, Fault.strict)
} as const

const validate = (input: unknown, path: string): Either.Either<Instruction.Instruction, Fault.Fault> => {
  const type = isRecord(input) ? input["instructionType"] : undefined
  if (!isTypeName(type)) {
    return Either.left({
      path: Fault.formatPath(path, ["instructionType"]),
      expected: "\"wallet_transfer\", \"smart_contract_action\" or \"cex_trade\"",
      actual: type
    })
  }
  const plain = isRecord(input) ? Plain.fromTyped(input) : undefined
  if (plain !== undefined) return checked(plain, path)
  const valid: Either.Either<Instruction.Instruction, ParseResult.ParseError> = validators[type](input)
  return Either.isLeft(valid)
    ? Either.left(Fault.fromParseError(path, input, fields[type], valid.left))
    : checked(valid.right, path)
}

const TypedHead = Schema.Struct({
  blockId: Schema.optional(Instruction.Id),
  action: Schema.optional(Instruction.Id),
  priority: Schema.optional(Schema.Int),
  expectedDeltas: Schema.optional(Schema.typeSchema(DeltasSchema.Deltas)),
  dependencies: Schema.optional(Schema.Array(Instruction.Id)),
  executionMode: Schema.optional(Instruction.ExecutionMode),
  atomicGroupId: Schema.optional(Instruction.Id)
})
const validateHead = Schema.validateEither(TypedHead, Fault.strict)
const typedHeadNames = [...Fault.fieldNames(TypedHead), "instructions"]

const validateBlock = (input: JsonRecord, members: ReadonlyArray<unknown>): Either.Either<InstructionBlock, Fault.Fault> => {
  const { instructions: _, ...rest } = input
  if (members.length > maxInstructions) {
    return Either.left({ path: "instructions", expected: `1 to ${maxInstructions} instructions`, actual: `${members.length} instructions` })
  }
  const head = validateHead(rest)
  if (Either.isLeft(head)) return Either.left(Fault.fromParseError("", rest, typedHeadNames, head.left))
  const instructions: Array<Instruction.Instruction> = []
  for (let index = 0; index < members.length; index++) {
    const valid = validate(members[index], `instructions[${index}]`)
    if (Either.isLeft(valid)) return Either.left(valid.left)
    instructions.push(valid.right)
  }
  return Either.right({ ...head.right, instructions })
}

/**
 * What the manager takes: a typed block or instruction, or JSON of either.
 *
 * @category models
 * @since 0.1.0
 */
export type Input = InstructionBlock | Instruction.Instruction | Json

/**
 * Reads any input: typed values (camelCase) are checked, everything else is read as JSON (snake_case). The input is
 * copied first, within bounds: it never makes the decoder throw, and is not read afterwards.
 *
 * Fails with `RoutingFailed` (EIM-001).
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Either.Either<InstructionBlock, EimError.RoutingFailed> =>
  Either.mapLeft(Either.flatMap(Untrusted.copy(input), ofCopy), refuse)

const ofCopy = (input: unknown): Either.Either<InstructionBlock, Fault.Fault> => {
  if (isRecord(input)) {
    if (Object.hasOwn(input, "instructionType")) return Either.map(validate(input, ""), of)
    const members = input["instructions"]
    if (Array.isArray(members) && members.length > 0 && isRecord(members[0]) && Object.hasOwn(members[0], "instructionType")) {
      return validateBlock(input, members)
    }
  }
  return ofJson(input)
}

const encoders = {
  wallet_transfer: Schema.encodeSync(Instruction.WalletTransfer),
  smart_contract_action: Schema.encodeSync(Instruction.SmartContractAction),
  cex_trade: Schema.encodeSync(Instruction.CexTrade)
} as const

/** An instruction as JSON. @category combinators @since 0.1.0 */
export const instructionToJson = (instruction: Instruction.Instruction): { readonly [key: string]: Json } => {
  const encode = encoders[instruction.instructionType] as (value: Instruction.Instruction) => Record<string, Json>
  return dropUndefined(encode(instruction))
}

const dropUndefined = (record: { readonly [key: string]: Json }): { readonly [key: string]: Json } => {
  const kept: Record<string, Json> = {}
  for (const key of Object.keys(record)) {
    const value = record[key]
    if (value !== undefined) kept[key] = key !== "metadata" && Fault.isRecord(value) ? dropUndefined(value as typeof record) : value
  }
  return kept
}

const encodeDeltas = Schema.encodeSync(DeltasSchema.Deltas)

/** A block as JSON: what {@link fromJson} reads back to the same block. @category combinators @since 0.1.0 */
export const toJson = (block: InstructionBlock): { readonly [key: string]: Json } =>
  dropUndefined({
    block_id: block.blockId as Json,
    action: block.action as Json,
    priority: block.priority as Json,
    instructions: block.instructions.map(instructionToJson),
    expected_deltas: (block.expectedDeltas === undefined ? undefined : encodeDeltas(block.expectedDeltas)) as Json,
    dependencies: block.dependencies as Json,
    execution_mode: block.executionMode as Json,
    atomic_group_id: block.atomicGroupId as Json
  })
