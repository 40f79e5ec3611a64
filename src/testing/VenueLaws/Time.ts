/**
 * The laws of what comes due as time passes, and of what does not.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as InstructionBlock from "../../domain/InstructionBlock.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Wrapped from "../Wrapped.js"
import * as Bench from "./Bench.js"
import * as Instructions from "./Instructions.js"

/**
 * A build and the instants at which it is asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface Passing {
  /** A fresh build, with what is standing done. */
  readonly open: Effect.Effect<Bench.Bench, Bench.Stop, Scope.Scope>
  readonly at: Timestamp.Timestamp
  readonly later: ReadonlyArray<Timestamp.Timestamp>
}

/** What was found, and in how many accruals. @category models @since 0.1.0 */
export interface Found {
  readonly breaches: ReadonlyArray<Bench.Breach>
  readonly count: number
}

/**
 * A law of time: asked of a build at several instants, it gives the breaches and how many accruals it saw.
 *
 * @category models
 * @since 0.1.0
 */
export type Examination = (passing: Passing) => Effect.Effect<Found, Bench.Stop, Scope.Scope>

/**
 * What comes due is given once: asked again at the same instant, or at an earlier one, there is nothing. It balances,
 * it is what the holdings change by, its ids are its own, and it is not of the future.
 *
 * @category laws
 * @since 0.1.0
 */
export const once: Examination = ({ at, later, open }) =>
  Effect.gen(function*() {
    const bench = yield* open
    const breaches: Array<Bench.Breach> = []
    const ids = new Set<string>()
    let count = 0
    let before = yield* bench.holdings(at)
    for (const until of later) {
      const where = Timestamp.format(until)
      const due = yield* bench.settle(until)
      const after = yield* bench.holdings(until)
      const again = [...(yield* bench.settle(until)), ...(yield* bench.settle(at))]
      count += due.length
      for (const accrual of due) {
        breaches.push(...Instructions.unbalanced(`${where} ${accrual.id}`, bench.venues, accrual.entries))
        if (ids.has(accrual.id)) breaches.push({ in: where, expected: "an accrual of its own id", actual: `${accrual.id} twice` })
        if (accrual.at > until) breaches.push({ in: where, expected: "nothing of the future", actual: `${accrual.id} at ${Timestamp.format(accrual.at)}` })
        ids.add(accrual.id)
      }
      for (const { id } of again) breaches.push({ in: where, expected: "nothing due a second time", actual: `accrual ${id}` })
      for (const breach of Bench.differences(before, Bench.told(bench.venues, due), after)) breaches.push({ in: where, ...breach })
      for (const breach of Bench.differences(after, Bench.nothing, yield* bench.holdings(until))) breaches.push({ in: `${where}, asked again`, ...breach })
      before = after
    }
    return { breaches, count }
  })

/** What comes due does not depend on how often it is asked for. @category laws @since 0.1.0 */
export const split: Examination = ({ later, open }) =>
  Effect.gen(function*() {
    const last = later[later.length - 1]
    if (last === undefined) return { breaches: [], count: 0 }
    const stepwise = yield* open
    const steps = yield* Effect.forEach(later, (until) => stepwise.settle(until))
    const bench = yield* open
    const whole = yield* bench.settle(last)
    const where = `${Timestamp.format(last)} in ${later.length} steps, against one`
    return {
      breaches: Bench.differences(Bench.nothing, Bench.told(bench.venues, whole), Bench.told(stepwise.venues, steps.flat()))
        .map((breach) => ({ in: where, ...breach })),
      count: whole.length
    }
  })

/** With nothing held, nothing is done and nothing comes due. @category laws @since 0.1.0 */
export const nothing = (cases: ReadonlyArray<{ readonly name: string; readonly instruction: InstructionBlock.Input }>): Examination =>
({ at, later, open }) =>
  Effect.gen(function*() {
    const bench = yield* open
    const before = yield* bench.holdings(at)
    let count = 0
    const breaches: Array<Bench.Breach> = [...before].map(([key]) => ({ in: "the empty world", expected: "nothing held", actual: key }))
    for (const [index, { instruction, name }] of cases.entries()) {
      const operation = yield* Effect.option(bench.plan(instruction, `nothing-${index}`, at))
      if (Option.isNone(operation)) continue
      count++
      yield* bench.perform(operation.value, at)
      const after = yield* bench.holdings(at)
      for (const breach of Bench.differences(before, Bench.nothing, after)) breaches.push({ in: `${name}, with nothing held`, ...breach })
    }
    for (const until of later) {
      for (const { id } of yield* bench.settle(until)) {
        breaches.push({ in: Timestamp.format(until), expected: "nothing due where nothing is held", actual: `accrual ${id}` })
      }
    }
    return { breaches, count }
  })

/** Of an operation that never was, nothing is told and nothing is done. @category laws @since 0.1.0 */
export const unheardOf: Examination = ({ at, open }) =>
  Effect.gen(function*() {
    const bench = yield* open
    const before = yield* bench.holdings(at)
    const breaches: Array<Bench.Breach> = []
    let count = 0
    for (const name of Wrapped.names) {
      const capability = Wrapped.part(bench.venue, name)
      if (capability === undefined) continue
      count++
      const answer = yield* Effect.either(capability.resolve({ venue: bench.venue.id, operationId: "never-was", reference: {} }))
      const outcome = Either.merge(answer)
      const receipt = Bench.receiptOf(outcome)
      if (outcome._tag === "Pending") breaches.push({ in: name, expected: "an operation that never was is not under way", actual: "Pending" })
      for (const [key] of Bench.told(bench.venues, receipt === undefined ? [] : [receipt])) {
        breaches.push({ in: name, expected: "no deltas of an operation that never was", actual: key })
      }
    }
    const after = yield* bench.holdings(at)
    for (const breach of Bench.differences(before, Bench.nothing, after)) breaches.push({ in: "resolve", ...breach })
    return { breaches, count }
  })
