/**
 * The laws of one instruction, each examined on a build of its own.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as Outcome from "../../domain/Outcome.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Venue from "../../venue/Venue.js"
import * as Bench from "./Bench.js"

/**
 * A build in which the case is about to be performed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trial {
  readonly name: string
  readonly bench: Bench.Bench
  readonly operation: Bench.Performed["step"]
  readonly at: Timestamp.Timestamp
  /** Instants after it at which the venue is asked what came due. */
  readonly later: ReadonlyArray<Timestamp.Timestamp>
}

/**
 * What came of a law in one case: `undefined` where the case says nothing about the law.
 *
 * @category models
 * @since 0.1.0
 */
export type Examined = ReadonlyArray<Bench.Breach> | undefined

/**
 * A law of instructions: asked of one case in a fresh build, it gives the breaches that it found.
 *
 * @category models
 * @since 0.1.0
 */
export type Examination = (trial: Trial) => Effect.Effect<Examined, Bench.Stop>

const at = (name: string, found: ReadonlyArray<Omit<Bench.Breach, "in">>): ReadonlyArray<Bench.Breach> =>
  found.map((breach) => ({ in: name, ...breach }))

/** Lines that do not balance, or stand at an account that their venue does not have. @category combinators @since 0.1.0 */
export const unbalanced = (
  name: string,
  venues: ReadonlyArray<Venue.Venue>,
  entries: ReadonlyArray<Entry.Entry>
): ReadonlyArray<Bench.Breach> => [
  ...Entry.imbalance(entries).map(([asset, sum]) => ({
    in: name,
    expected: `lines of ${asset} that sum to 0`,
    actual: `a sum of ${Amount.format(sum)}`
  })),
  ...entries.flatMap(({ account }) => {
    const owner = venues.find(({ id }) => id === Account.venue(account))
    return Account.isContra(account) || owner === undefined || owner.accounts.some((sub) => sub === Account.sub(account))
      ? []
      : [{ in: name, expected: `an account of ${owner.id}: ${owner.accounts.join(", ")}`, actual: account }]
  })
]

/** Every receipt balances: per asset its lines sum to zero. @category laws @since 0.1.0 */
export const conserves: Examination = ({ at, bench, name, operation }) =>
  Effect.map(bench.perform(operation, at), ({ outcome }) => {
    const receipt = Bench.receiptOf(outcome)
    return receipt === undefined ? undefined : unbalanced(name, bench.venues, receipt.entries)
  })

/** What is held afterwards is what was held before and what the receipt tells. @category laws @since 0.1.0 */
export const tells: Examination = (trial) =>
  Effect.gen(function*() {
    const { bench, name, operation } = trial
    const before = yield* bench.holdings(trial.at)
    const { outcome } = yield* bench.perform(operation, trial.at)
    if (!Bench.isDone(outcome)) return undefined
    const after = yield* bench.holdings(trial.at)
    return at(name, Bench.differences(before, Bench.told(bench.venues, [outcome.receipt]), after))
  })

/** A refusal is a typed value and has no effect but the costs that it states. @category laws @since 0.1.0 */
export const refuses: Examination = (trial) =>
  Effect.gen(function*() {
    const { bench, name, operation } = trial
    const before = yield* bench.holdings(trial.at)
    const { outcome } = yield* bench.perform(operation, trial.at)
    if (Bench.isDone(outcome) || outcome._tag === "Unknown") return undefined
    const after = yield* bench.holdings(trial.at)
    const costs = Bench.told(bench.venues, outcome._tag === "Rejected" && outcome.receipt !== undefined ? [outcome.receipt] : [])
    const credited = [...costs].filter(([, amount]) => amount > 0n)
    return [
      ...at(name, Bench.differences(before, costs, after)),
      ...credited.map(([key, amount]) => ({
        in: name,
        expected: "a refusal that credits nothing",
        actual: `${key} ${Amount.format(amount)}`
      })),
      ...(outcome.message === "" ? [{ in: name, expected: "a refusal that says why", actual: "no message" }] : [])
    ]
  })

/** `prepare`, done any number of times, changes nothing. @category laws @since 0.1.0 */
export const prepares: Examination = (trial) =>
  Effect.gen(function*() {
    const { bench, name, operation } = trial
    const before = yield* bench.holdings(trial.at)
    yield* bench.prepare(operation, trial.at)
    yield* bench.prepare(operation, trial.at)
    const after = yield* bench.holdings(trial.at)
    const due = yield* bench.settle(trial.at)
    return [
      ...at(name, Bench.differences(before, Bench.nothing, after)),
      ...due.map(({ id }) => ({ in: name, expected: "nothing due because of a prepare", actual: `accrual ${id}` }))
    ]
  })

const quantity = (instruction: Instruction.Instruction): Amount.Amount | undefined =>
  typeof instruction.amount === "bigint" ? instruction.amount : undefined

/** The asset or position that `amount` counts. */
const measured = (instruction: Instruction.Instruction): (key: string) => boolean => {
  switch (instruction.instructionType) {
    case "cex_trade": {
      const { base, quote } = instruction.symbol
      return instruction.tradeType === "spot"
        ? (key) => key.startsWith(`${instruction.venue.venue}:`) && key.endsWith(` ${base}`)
        : (key) => key.startsWith(`${instruction.venue.venue} `) && key.includes(`${base}${quote}`)
    }
    default:
      return (key) => key.endsWith(` ${instruction.token}`)
  }
}

const costsIn = (receipt: Outcome.Receipt, asset: string): Amount.Amount =>
  receipt.costs.reduce((sum, cost) => (cost.asset === asset && cost.kind === "gas" ? sum + cost.amount : sum), 0n)

/** Change of what the trader holds of an asset, gas apart. */
const changeOf = (receipt: Outcome.Receipt, asset: Asset.Asset): Amount.Amount =>
  receipt.entries.reduce(
    (sum, entry) => (entry.asset === asset && entry.reason !== "gas" && !Account.isContra(entry.account) ? sum + entry.amount : sum),
    0n
  )

/** The smallest unit of a token, as an amount. */
const grain = (asset: Asset.Asset): Amount.Amount => Decimal.pow10(18 - Asset.decimals(asset))

/**
 * A swap for an amount gives that amount, and more of it only by what the smallest unit of the token sold buys, because
 * no less can be sold.
 */
const bought = (
  name: string,
  { token, tokenOut = token }: Instruction.SmartContractAction,
  asked: Amount.Amount,
  receipt: Outcome.Receipt
): ReadonlyArray<Bench.Breach> => {
  const received = changeOf(receipt, tokenOut)
  const sold = -changeOf(receipt, token) / grain(token)
  const most = sold > 0n ? asked + received / sold + 1n + grain(tokenOut) : asked
  const [wanted, bound] = received < asked ? ["least", asked] as const : ["most", most] as const
  return received >= asked && received <= most
    ? []
    : [{ in: name, expected: `${Amount.format(bound)} ${tokenOut} at ${wanted}`, actual: Amount.format(received) }]
}

/**
 * Nothing moves by more than was asked for, gas apart; a swap for an amount gives that amount; nothing held falls below
 * zero, but in a unified account, which may borrow; `max` takes no more than there is and turns no position around.
 *
 * @category laws
 * @since 0.1.0
 */
export const bounded: Examination = (trial) =>
  Effect.gen(function*() {
    const { bench, name, operation } = trial
    const before = yield* bench.holdings(trial.at)
    const { outcome } = yield* bench.perform(operation, trial.at)
    if (!Bench.isDone(outcome)) return undefined
    const [{ instruction }] = operation.operations
    const after = yield* bench.holdings(trial.at)
    const found: Array<Bench.Breach> = []
    for (const [key, amount] of after) {
      const isHolding = key.slice(0, key.indexOf(" ")).includes(":")
      const then = before.get(key) ?? 0n
      if (isHolding && amount < 0n && then >= 0n && !key.slice(0, key.indexOf(" ")).endsWith(":unified")) {
        found.push({ in: name, expected: `${key} not below 0`, actual: Amount.format(amount) })
      }
      if (!isHolding && instruction.amount === "max" && amount !== 0n && (then === 0n || amount > 0n !== then > 0n)) {
        found.push({ in: name, expected: `${key} of ${Amount.format(then)} closed`, actual: `turned around to ${Amount.format(amount)}` })
      }
    }
    const asked = quantity(instruction)
    if (asked === undefined) return found
    if (instruction.instructionType === "smart_contract_action" && instruction.swapType === "exact_out") {
      return [...found, ...bought(name, instruction, asked, outcome.receipt)]
    }
    const counts = measured(instruction)
    const gas = instruction.instructionType === "cex_trade" ? 0n : costsIn(outcome.receipt, instruction.token)
    const moved = [...Bench.told(bench.venues, [outcome.receipt])].filter(([key]) => counts(key))
    for (const [key, change] of moved) {
      if (Amount.abs(change) > asked + gas) {
        found.push({ in: name, expected: `${key} moved by ${Amount.format(asked)} at most`, actual: Amount.format(change) })
      }
    }
    return found
  })

/** What lines give out of tickets and of transit, and what they pay, by the token beneath. */
const payments = (entries: ReadonlyArray<Entry.Entry>) => {
  const given = new Map<Asset.Asset, Amount.Amount>()
  const paid = new Map<Asset.Asset, Amount.Amount>()
  const transits = new Map<string, Amount.Amount>()
  const add = <K>(sums: Map<K, Amount.Amount>, key: K, amount: Amount.Amount) => sums.set(key, (sums.get(key) ?? 0n) + amount)
  for (const { account, amount, asset, reason } of entries) {
    if (account.startsWith("transit:")) add(transits, `${account} ${asset}`, amount)
    if (Account.isContra(account) || reason === "gas") continue
    const kind = Asset.kind(asset)
    if (kind === "ticket") add(given, Asset.underlying(asset), -amount)
    if (kind === "asset") add(paid, asset, amount)
  }
  return { given, paid, transits }
}

/** What a claim pays beyond the tickets that it takes. */
const overpaid = (name: string, receipt: Outcome.Receipt): ReadonlyArray<Bench.Breach> => {
  const { given, paid } = payments(receipt.entries)
  return [...paid].flatMap(([asset, amount]) => {
    const most = given.get(asset) ?? 0n
    return amount <= most || amount <= 0n
      ? []
      : [{ in: name, expected: `${Amount.format(most)} ${asset} at most, for tickets of as much`, actual: Amount.format(amount) }]
  })
}

const isClaim = (instruction: Instruction.Instruction): boolean =>
  instruction.instructionType === "smart_contract_action" && instruction.action === "claim"

/**
 * What a claim pays is no more than the tickets that it takes, and asked for again it pays nothing without others. What
 * arrives from transit is no more than went into it.
 *
 * @category laws
 * @since 0.1.0
 */
export const promised: Examination = ({ at: then, bench, later, name, operation }) =>
  Effect.gen(function*() {
    const { outcome } = yield* bench.perform(operation, then)
    if (!Bench.isDone(outcome)) return undefined
    if (isClaim(operation.operations[0].instruction)) {
      const again = yield* bench.perform(yield* bench.plan({ instructions: [operation.operations[0].instruction] }, "again", then), then)
      return [
        ...overpaid(name, outcome.receipt),
        ...(Bench.isDone(again.outcome) ? overpaid(`${name}, asked for again`, again.outcome.receipt) : [])
      ]
    }
    const due = yield* Effect.forEach(later, (until) => bench.settle(until))
    const own = payments(outcome.receipt.entries).transits
    if (own.size === 0) return undefined
    const { transits } = payments([...outcome.receipt.entries, ...due.flat().flatMap(({ entries }) => entries)])
    return [...transits].flatMap(([transit, left]) =>
      left >= 0n || !own.has(transit) ? [] : [{ in: name, expected: `no more out of ${transit} than went in`, actual: `${Amount.format(-left)} more` }])
  })

const same = (a: Bench.Holdings, b: Bench.Holdings): boolean => Bench.differences(Bench.nothing, a, b).length === 0

/**
 * `resolve` changes nothing, answers the same each time, and never contradicts: of what is settled it gives no deltas,
 * or those of the receipt told again (`"whole"`).
 *
 * @category laws
 * @since 0.1.0
 */
export const resolves = (answers: "new" | "whole"): Examination => (trial) =>
  Effect.gen(function*() {
    const { bench, name, operation: { operations: [{ operationId, venue }], resolve } } = trial
    const { outcome, wire } = yield* bench.perform(trial.operation, trial.at)
    if (!Bench.isDone(outcome) || wire === undefined) return undefined
    const handle: Outcome.Handle = outcome._tag === "Pending"
      ? outcome.handle
      : { venue, operationId, reference: wire }
    const before = yield* bench.holdings(trial.at)
    const found: Array<Bench.Breach> = []
    for (const time of ["the first time", "the second time"]) {
      const answer = yield* Effect.either(resolve(handle))
      if (Either.isLeft(answer)) {
        found.push({ in: name, expected: `${outcome._tag} again, ${time}`, actual: Bench.show(answer.left) })
        continue
      }
      const again = Bench.told(bench.venues, [answer.right.receipt])
      const whole = answers === "whole" && outcome._tag === "Settled" && same(again, Bench.told(bench.venues, [outcome.receipt]))
      if (!whole) found.push(...at(`${name}, resolved ${time}`, Bench.differences(Bench.nothing, Bench.nothing, again)))
      if (outcome._tag === "Settled" && answer.right._tag === "Pending") {
        found.push({ in: name, expected: `Settled, ${time}`, actual: "Pending" })
      }
    }
    const after = yield* bench.holdings(trial.at)
    return [...found, ...at(name, Bench.differences(before, Bench.nothing, after))]
  })
