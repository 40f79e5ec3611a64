/**
 * Which instructions form an atomic group, and what its members must be to each other.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as EimError from "../domain/EimError.js"
import * as Fault from "../domain/Fault.js"
import type * as Instruction from "../domain/Instruction.js"
import type * as InstructionBlock from "../domain/InstructionBlock.js"
import type * as Plan from "./Plan.js"

type Result<A> = Either.Either<A, EimError.EimError>

const path = (index: number, field: string): string => `instructions[${index}].${field}`

const refuse = (reason: string, at: string, expected: string, actual: unknown): Either.Either<never, EimError.AtomicGroupRefused> =>
  Either.left(new EimError.AtomicGroupRefused({ reason, path: at, expected, actual: Fault.show(actual) }))

const notInGroup = ({ instructionType }: Instruction.Instruction, index: number, id?: string): Either.Either<never, EimError.AtomicGroupRefused> =>
  refuse(
    `a ${instructionType} cannot be part of ${id === undefined ? "an atomic group" : `atomic group ${id}`}`,
    path(index, "instruction_type"),
    "smart_contract_action",
    instructionType
  )

const contradicted = (at: string, reason: string, expected: string, actual: unknown): Either.Either<never, EimError.RoutingFailed> =>
  Either.left(new EimError.RoutingFailed({ reason, path: at, expected, actual: Fault.show(actual) }))

/**
 * The group that a block is as a whole, where it is one. Fails with EIM-001 for a sequential block with a group.
 *
 * @category combinators
 * @since 0.1.0
 */
export const ofBlock = ({ atomicGroupId, blockId, executionMode, instructions }: InstructionBlock.InstructionBlock): Result<string | undefined> => {
  if (executionMode === "sequential" && atomicGroupId !== undefined) {
    return contradicted("execution_mode", "a block with an atomic_group_id is one group, and not sequential", "atomic, because the block has an atomic_group_id", executionMode)
  }
  const whole = executionMode === "atomic" ||
    instructions.every((one) => one.executionMode === "atomic" && (one.instructionType !== "smart_contract_action" || one.atomicGroupId === undefined))
  return Either.right(atomicGroupId ?? (whole ? blockId ?? "block" : undefined))
}

/**
 * The group of the instruction that stands at `index`: its own, or that of the block. Fails with EIM-001 where it
 * contradicts its block or names no group, and with EIM-010 for what cannot be part of one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const of = (
  index: number,
  instruction: Instruction.Instruction,
  block: InstructionBlock.InstructionBlock,
  whole: string | undefined
): Result<string | undefined> => {
  const { executionMode, instructionType } = instruction
  const id = (instruction.instructionType === "smart_contract_action" ? instruction.atomicGroupId : undefined) ?? whole
  const stated = block.executionMode ?? (block.atomicGroupId === undefined ? undefined : "atomic")
  if (executionMode !== undefined && stated !== undefined && executionMode !== stated) {
    return contradicted(path(index, "execution_mode"), "the instruction contradicts its block", `${stated}, as the block says`, executionMode)
  }
  if (executionMode !== "atomic" || id !== undefined) return Either.right(id)
  return instructionType === "smart_contract_action"
    ? contradicted(path(index, "atomic_group_id"), "an atomic instruction needs a group", "the id of its group, because the block is not one group as a whole", undefined)
    : notInGroup(instruction, index)
}

/** Actions whose amount leaves the wallet. That of the others is what is asked for: a loan as large as an output spends nothing. */
const spending: ReadonlySet<Instruction.Action> = new Set([
  "supply",
  "supply_collateral",
  "repay",
  "flash_repay",
  "stake",
  "unstake",
  "wrap",
  "unwrap",
  "swap"
])

/**
 * The output that a member spends. A flash loan that is given back with the amount of its own is not spent by that: it
 * was what the loan was taken for in between.
 */
const spentBy = (operation: Plan.Operation, loan: Plan.Operation | undefined): string | undefined => {
  const { action, amount, swapType } = operation.instruction as Instruction.SmartContractAction
  if (typeof amount !== "object" || !spending.has(action)) return undefined
  if (action === "swap" && swapType === "exact_out") return undefined
  return action === "flash_repay" && loan?.operationId === amount.outputOf ? undefined : amount.outputOf
}

/**
 * The members in the order of their group. Fails with EIM-010 for what is no smart-contract action, two members of one
 * place, an output that no earlier member has or that two spend, and a flash loan that is not given back.
 *
 * @category constructors
 * @since 0.1.0
 */
export const order = (id: string, members: ReadonlyArray<Plan.Operation>): Result<ReadonlyArray<Plan.Operation>> => {
  const ordered: Array<{ readonly operation: Plan.Operation; readonly sequence: number }> = []
  for (const operation of members) {
    const { index, instruction } = operation
    if (instruction.instructionType !== "smart_contract_action") return notInGroup(instruction, index, id)
    const sequence = instruction.sequenceInGroup ?? index
    if (ordered.some((other) => other.sequence === sequence)) {
      return refuse(`two members of atomic group ${id} have the same place`, path(index, "sequence_in_group"), "a number of its own", sequence)
    }
    ordered.push({ operation, sequence })
  }
  ordered.sort((a, b) => a.sequence - b.sequence)
  const before = new Set<string>()
  // By lender and token; whether all of a loan was given back is for the lender to say.
  const borrowed = new Map<string, Plan.Operation>()
  const repaid = new Set<string>()
  const spent = new Map<string, Plan.Operation>()
  for (const { operation } of ordered) {
    const instruction = operation.instruction as Instruction.SmartContractAction
    if (typeof instruction.amount === "object" && !before.has(instruction.amount.outputOf)) {
      return refuse(
        `atomic group ${id} has no earlier operation ${instruction.amount.outputOf}`,
        path(operation.index, "amount.output_of"),
        "the operation_id of an earlier member",
        instruction.amount.outputOf
      )
    }
    const loan = `${operation.venue} ${instruction.token}`
    if (instruction.action === "flash_borrow") borrowed.set(loan, operation)
    if (instruction.action === "flash_repay") {
      if (!borrowed.has(loan)) {
        return refuse(`atomic group ${id} repays a flash loan it has not taken`, path(operation.index, "token"), "a token borrowed before", instruction.token)
      }
      repaid.add(loan)
    }
    const output = spentBy(operation, borrowed.get(loan))
    if (output !== undefined) {
      const other = spent.get(output)
      if (other !== undefined) {
        return refuse(
          `atomic group ${id} spends the output of ${output} twice: ${other.operationId} takes it`,
          path(operation.index, "amount.output_of"),
          "an earlier member whose output no other spends",
          output
        )
      }
      spent.set(output, operation)
    }
    before.add(operation.operationId)
  }
  for (const [loan, { index, instruction }] of borrowed) {
    if (!repaid.has(loan)) {
      const { token } = instruction as Instruction.SmartContractAction
      return refuse(`the flash loan of ${token} is not repaid in atomic group ${id}`, path(index, "action"), "a flash_repay after it", "none")
    }
  }
  return Either.right(ordered.map(({ operation }) => operation))
}

/** Refuses what has a meaning only inside a group, with EIM-010. @category constructors @since 0.1.0 */
export const alone = ({ index, instruction }: Plan.Operation): Result<void> => {
  if (instruction.instructionType !== "smart_contract_action") return Either.void
  const { action, amount } = instruction
  if (action === "flash_borrow" || action === "flash_repay") {
    return refuse(`${action} has a meaning only inside an atomic group`, path(index, "atomic_group_id"), "a group", undefined)
  }
  return typeof amount === "object"
    ? refuse("output_of has a meaning only inside an atomic group", path(index, "amount"), "a decimal or \"max\"", amount)
    : Either.void
}
