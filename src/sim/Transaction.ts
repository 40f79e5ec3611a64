/**
 * Transactions of the simulation: one call, or a group of calls that happen together or not at all. Gas is paid once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Amount from "../domain/Amount.js"
import type * as Instruction from "../domain/Instruction.js"
import type * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import * as Venue from "../venue/Venue.js"
import type * as Contract from "./Contract.js"
import * as Gas from "./Gas.js"
import * as Refusal from "./Refusal.js"
import type * as Simulation from "./Simulation.js"
import * as World from "./World.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

const receiptOf = (
  at: number,
  { gas: _gas, output: _output, ...receipt }: Contract.Effects,
  charge: Gas.Charge | undefined
): Outcome.Receipt => ({
  ...receipt,
  at,
  entries: charge === undefined ? receipt.entries : [...charge.entries, ...receipt.entries],
  costs: charge === undefined ? receipt.costs : [...charge.costs, ...receipt.costs],
  detail: charge === undefined ? receipt.detail : { ...receipt.detail, ...charge.detail }
})

/**
 * One call as a transaction of its own.
 *
 * @category combinators
 * @since 0.1.0
 */
export const single = (
  gas: Gas.Settings,
  step: Contract.Step,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<Simulation.Stepped<Outcome.Receipt>> => {
  const ran = step.run(world, snapshot)
  if (Either.isLeft(ran)) return Either.left(ran.left)
  const { value, world: after } = ran.right
  const charge = Gas.charge(gas, after, snapshot, value.gas)
  if (Either.isLeft(charge)) return Either.left(charge.left)
  return Either.map(World.post(after, charge.right.entries), (paid) => ({
    world: paid,
    value: receiptOf(snapshot.at, value, charge.right)
  }))
}

/** One call that has run. */
interface Ran {
  readonly member: Venue.Member
  readonly effects: Contract.Effects
}

const named = (refusal: Refusal.Refusal, { operationId, venue }: Venue.Member): Refusal.Refusal => ({
  ...refusal,
  operationId,
  venue: refusal.venue ?? venue
})

const contractOf = (
  simulation: Simulation.Simulation["Type"],
  member: Venue.Member
): Result<Contract.Contract> => {
  const contract = simulation.contract(member.venue)
  return contract === undefined
    ? Either.left(named(Refusal.make("atomic", `${member.venue} has no contracts in this simulation`), member))
    : Either.right(contract)
}

/** What an earlier call gives out at least, where an amount stands for it. */
const amountOf = (
  { amount, token }: Instruction.SmartContractAction,
  ran: ReadonlyArray<Ran>
): Result<Amount.Amount | "max" | undefined> => {
  if (typeof amount !== "object") return Either.right(amount)
  const output = ran.find(({ member }) => member.operationId === amount.outputOf)?.effects.output
  const refuse = (expected: string, actual: string) =>
    Either.left(Refusal.make("atomic", `${amount.outputOf} gives out no ${token} that is certain beforehand`, {
      field: "amount.output_of",
      expected,
      actual
    }))
  if (output === undefined) return refuse("an earlier operation that gives something out", amount.outputOf)
  return output.asset === token ? Either.right(output.amount) : refuse(`an operation that gives out ${token}`, output.asset)
}

const call = (
  simulation: Simulation.Simulation["Type"],
  member: Venue.Member,
  at: Timestamp.Timestamp,
  amount: Amount.Amount | "max" | undefined
): Result<Contract.Step> =>
  Either.mapLeft(
    Either.flatMap(contractOf(simulation, member), (contract) => {
      const { bound, operationId } = member
      const instruction = amount === undefined ? member.instruction : { ...member.instruction, amount }
      return contract.prepare({ operationId, at, instruction, bound })
    }),
    (refusal) => named(refusal, member)
  )

/** The estimate for a leveraged entry or exit by flash loan. */
const estimateOf = (ran: ReadonlyArray<Ran>): Gas.Operation | undefined => {
  const does = (action: Instruction.Action) => ran.some(({ member }) => member.instruction.action === action)
  if (!does("flash_borrow")) return undefined
  if (does("borrow")) return "atomic_entry"
  return ran.filter(({ member }) => member.instruction.action === "swap").length < 2
    ? "atomic_exit_one_swap"
    : "atomic_exit_two_swaps"
}

/** Kinds of gas of a group: those of its parts, or the estimate for the whole where that is more. */
const gasOf = ({ units }: Gas.Settings, ran: ReadonlyArray<Ran>): ReadonlyArray<Gas.Operation> => {
  const parts = ran.flatMap(({ effects }) => effects.gas)
  const estimate = estimateOf(ran)
  return estimate !== undefined && units[estimate] >= parts.reduce((sum, part) => sum + units[part], 0) ? [estimate] : parts
}

/**
 * Calls that happen together: each on the world that the one before it left, gas once for all of them, and nothing at
 * all where one is refused or a flash loan stays open. The gas stands with the first of the parts.
 *
 * @category combinators
 * @since 0.1.0
 */
export const group = (
  gas: Gas.Settings,
  simulation: Simulation.Simulation["Type"],
  { id, members }: Venue.Group,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<Simulation.Stepped<Outcome.Receipt>> => {
  let after = world
  const ran: Array<Ran> = []
  for (const member of members) {
    const amount = amountOf(member.instruction, ran)
    if (Either.isLeft(amount)) return Either.left(named(amount.left, member))
    const step = call(simulation, member, snapshot.at, amount.right)
    if (Either.isLeft(step)) return Either.left(step.left)
    const stepped = step.right.run(after, snapshot)
    if (Either.isLeft(stepped)) return Either.left(named(stepped.left, member))
    after = stepped.right.world
    ran.push({ member, effects: stepped.right.value })
  }
  for (const member of members) {
    const open = simulation.contract(member.venue)?.open?.(after)
    if (open !== undefined) return Either.left(named(open, member))
  }
  return Either.flatMap(Gas.charge(gas, after, snapshot, gasOf(gas, ran)), (charge) =>
    Either.map(World.post(after, charge.entries), (paid) => {
      const parts = ran.map(({ effects }, index) => receiptOf(snapshot.at, effects, index === 0 ? charge : undefined))
      return { world: paid, value: together(id, snapshot.at, parts) }
    }))
}

const together = (id: string, at: Timestamp.Timestamp, parts: ReadonlyArray<Outcome.Receipt>): Outcome.Receipt => ({
  at,
  entries: parts.flatMap(({ entries }) => entries),
  fills: parts.flatMap(({ fills }) => fills),
  costs: parts.flatMap(({ costs }) => costs),
  positions: parts.flatMap(({ positions }) => positions),
  detail: { atomic_group_id: id },
  parts
})

/**
 * The carrier of atomic groups in a simulation. A group whose calls cannot all be prepared is not sent; one of which a
 * call is refused when it runs is rejected and leaves the world as it was. It takes no gas then: a carrier tries a group
 * out before it sends it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const carrier = (gas: Gas.Settings, simulation: Simulation.Simulation["Type"]): Venue.Capability<Venue.Group> =>
  Venue.capability<Venue.Group, Venue.Group>({
    prepare: ({ at, instruction }) => {
      for (const member of instruction.members) {
        // What is known only inside the group is prepared when it runs.
        if (typeof member.instruction.amount === "object") continue
        const step = call(simulation, member, at, undefined)
        if (Either.isLeft(step)) return Either.left(Refusal.toNotSent(step.left))
      }
      return Either.right({
        wire: { atomic_group_id: instruction.id, operations: instruction.members.map(({ operationId }) => operationId) },
        payload: instruction
      })
    },
    submit: (payload, { at }) =>
      Effect.map(
        simulation.step(at, (world, snapshot) => group(gas, simulation, payload, world, snapshot)),
        (receipt) => new Outcome.Settled({ receipt })
      ),
    resolve: simulation.resolve
  })

/**
 * The capability of a venue whose actions are calls of its contracts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const capability = (
  contract: Contract.Contract,
  gas: Gas.Settings,
  simulation: Simulation.Simulation["Type"]
): Venue.Capability<Instruction.SmartContractAction> & { readonly actions: ReadonlySet<Instruction.Action> } => ({
  ...Venue.capability<Instruction.SmartContractAction, Contract.Step>({
    prepare: (intent) =>
      Either.mapBoth(contract.prepare(intent), {
        onLeft: Refusal.toNotSent,
        onRight: (step) => ({ wire: step.wire, payload: step })
      }),
    submit: (step, { at }) =>
      Effect.map(
        simulation.step(at, (world, snapshot) => single(gas, step, world, snapshot)),
        (receipt) => new Outcome.Settled({ receipt })
      ),
    resolve: simulation.resolve
  }),
  actions: contract.actions
})
