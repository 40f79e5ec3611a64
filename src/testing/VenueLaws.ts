/**
 * The laws of the port to a venue, as checks that any venue's layer can be put through.
 *
 * No test runner is needed: a check is an effect that cannot fail and gives a verdict. A law that says nothing about a
 * venue, because the venue lacks what the law is about, is skipped, and the verdict says why.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Account from "../domain/Account.js"
import type * as InstructionBlock from "../domain/InstructionBlock.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Bench from "./VenueLaws/Bench.js"
import * as Instructions from "./VenueLaws/Instructions.js"
import * as Managed from "./VenueLaws/Managed.js"
import * as Time from "./VenueLaws/Time.js"
import * as Wrapped from "./Wrapped.js"

/**
 * An instruction that the venue is asked for. The laws hold whether it is done or refused; a good set has both.
 *
 * @category models
 * @since 0.1.0
 */
export interface Case {
  readonly name: string
  /** One instruction, as JSON or decoded. */
  readonly instruction: InstructionBlock.Input
  /** Instructions that are done before it: a position to be closed. */
  readonly setup?: ReadonlyArray<InstructionBlock.Input> | undefined
}

/**
 * A venue and what it is asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject<out E = never> {
  readonly venue: Account.VenueId
  /** The registry with the venue and those it works with. It is built afresh for every case. */
  readonly layer: Layer.Layer<VenueRegistry.VenueRegistry, E>
  /** The same with nothing held. Without it nothing is said about what comes of nothing. */
  readonly empty?: Layer.Layer<VenueRegistry.VenueRegistry, E> | undefined
  /** Instant of the instructions. */
  readonly at: Timestamp.Timestamp
  /** Instants after it, in order, at which the venue is asked what came due. */
  readonly later: ReadonlyArray<Timestamp.Timestamp>
  readonly cases: ReadonlyArray<Case>
  /** Done before time passes: what accrues. */
  readonly standing?: ReadonlyArray<InstructionBlock.Input> | undefined
  /** Capabilities without a case that is done, each with the reason. */
  readonly untested?: { readonly [K in Wrapped.Name]?: string } | undefined
  /**
   * What `resolve` gives of an operation that is settled: nothing, because it was given (`new`, the default), or the
   * whole receipt again (`whole`), as a venue does that asks an exchange or a chain and remembers nothing itself.
   */
  readonly resolve?: "new" | "whole" | undefined
}

/** The name of a law; `laws` says what each demands. @category models @since 0.1.0 */
export type Law =
  | "covered"
  | "conserves"
  | "tells"
  | "refuses"
  | "prepares"
  | "bounded"
  | "resolves"
  | "replays"
  | "once"
  | "split"
  | "nothing"
  | "unheard_of"

/** What each law says. @category constants @since 0.1.0 */
export const laws: { readonly [L in Law]: string } = {
  covered: "every capability that the venue has is shown by a case that is done",
  conserves: "the lines of every receipt sum to zero for every asset",
  tells: "what is held afterwards is what was held before and what the receipt tells",
  refuses: "a refusal is a value, and has no effect but the costs that it states",
  prepares: "prepare changes nothing, however often it is done",
  bounded: "nothing moves by more than was asked, nothing falls below zero, max turns nothing around",
  resolves: "resolve changes nothing, answers the same each time, and gives nothing that was given",
  replays: "through the manager an id is executed once: again it is a replay without deltas",
  once: "what comes due is given once, balances, and is what the holdings change by",
  split: "what comes due does not depend on how often it is asked for",
  nothing: "where nothing is held nothing is done and nothing comes due",
  unheard_of: "of an operation that never was nothing is told and nothing is done"
}

/**
 * What came of a law.
 *
 * @category models
 * @since 0.1.0
 */
export type Verdict =
  | { readonly _tag: "Held"; readonly law: Law; readonly cases: number }
  | { readonly _tag: "Broken"; readonly law: Law; readonly breaches: ReadonlyArray<Bench.Breach> }
  | { readonly _tag: "Skipped"; readonly law: Law; readonly reason: string }

/**
 * A law about a subject: its name for the runner, and the effect that gives the verdict.
 *
 * @category models
 * @since 0.1.0
 */
export interface Check {
  readonly law: Law
  /** `binance: the lines of every receipt sum to zero for every asset`. */
  readonly name: string
  readonly run: Effect.Effect<Verdict>
}

/** Laws that do not hold. @category errors @since 0.1.0 */
export class LawBroken extends Data.TaggedError("LawBroken")<{
  readonly venue: Account.VenueId
  readonly law: Law
  readonly breaches: ReadonlyArray<Bench.Breach>
}> {
  override get message(): string {
    return [
      `${this.venue} breaks "${laws[this.law]}"`,
      ...this.breaches.map((breach) => `  ${breach.in}: expected ${breach.expected}, got ${breach.actual}`)
    ].join("\n")
  }
}

const verdict = (law: Law, breaches: ReadonlyArray<Bench.Breach>, cases: number, reason: string): Verdict =>
  breaches.length > 0
    ? { _tag: "Broken", law, breaches }
    : cases === 0
      ? { _tag: "Skipped", law, reason }
      : { _tag: "Held", law, cases }

const perform = (bench: Bench.Bench, inputs: ReadonlyArray<InstructionBlock.Input>, prefix: string, at: Timestamp.Timestamp) =>
  Effect.forEach(inputs, (input, index) =>
    Effect.flatMap(bench.plan(input, `${prefix}-${index}`, at), (operation) =>
      Effect.flatMap(bench.perform(operation, at), ({ outcome }) =>
        Bench.isDone(outcome) ? Effect.void : Bench.stop(`${prefix}-${index}`, "what comes before is done", Bench.show(outcome)))), { discard: true })

const trial = <E>(subject: Subject<E>, one: Case) =>
  Effect.gen(function*() {
    const bench = yield* Bench.make(subject.venue, subject.layer)
    yield* bench.settle(subject.at)
    yield* perform(bench, one.setup ?? [], "setup", subject.at)
    const operation = yield* bench.plan(one.instruction, "law", subject.at)
    return { name: one.name, bench, operation, at: subject.at }
  })

/** The law over every case that says something about it. */
const ofCases = <E>(
  subject: Subject<E>,
  law: Law,
  reason: string,
  examine: (one: Case) => Effect.Effect<Instructions.Examined, Bench.Stop, Effect.Effect.Context<ReturnType<typeof trial>>>
): Effect.Effect<Verdict> =>
  Effect.gen(function*() {
    const breaches: Array<Bench.Breach> = []
    let cases = 0
    for (const one of subject.cases) {
      let says = true
      const found = yield* Bench.breaches(one.name, Effect.map(examine(one), (examined) => {
        says = examined !== undefined
        return examined ?? []
      }))
      if (says) cases++
      breaches.push(...found)
    }
    return verdict(law, breaches, cases, reason)
  })

const ofCase = <E>(subject: Subject<E>, law: Law, reason: string, examination: Instructions.Examination) =>
  ofCases(subject, law, reason, (one) => Effect.flatMap(trial(subject, one), examination))

const ofTime = <E>(
  subject: Subject<E>,
  law: Law,
  reason: string,
  layer: Subject<E>["layer"],
  standing: ReadonlyArray<InstructionBlock.Input>,
  examination: Time.Examination
): Effect.Effect<Verdict> =>
  Effect.gen(function*() {
    let count = 0
    const open = Effect.gen(function*() {
      const bench = yield* Bench.make(subject.venue, layer)
      yield* bench.settle(subject.at)
      yield* perform(bench, standing, "standing", subject.at)
      return bench
    })
    const breaches = yield* Bench.breaches(
      law,
      Effect.map(examination({ open, at: subject.at, later: subject.later }), (found) => {
        count = found.count
        return found.breaches
      })
    )
    return verdict(law, breaches, count, reason)
  })

/** Which capability an operation of the venue shows. */
const shown = { Trade: "trade", Swap: "swap", Action: "action", Internal: "internal", Send: "send" } as const

const covered = <E>(subject: Subject<E>): Effect.Effect<Verdict> =>
  Effect.gen(function*() {
    const done = new Set<Wrapped.Name>()
    const breaches: Array<Bench.Breach> = []
    for (const one of subject.cases) {
      breaches.push(...(yield* Bench.breaches(
        one.name,
        Effect.gen(function*() {
          const { at, bench, operation } = yield* trial(subject, one)
          const { outcome } = yield* bench.perform(operation, at)
          if (Bench.isDone(outcome) && operation.venue === subject.venue) done.add(shown[operation.route._tag])
          return []
        })
      )))
    }
    breaches.push(...(yield* Bench.breaches(
      "capabilities",
      Effect.map(Bench.make(subject.venue, subject.layer), ({ venue }) =>
        Wrapped.names.flatMap((name) =>
          Wrapped.part(venue, name) === undefined || done.has(name) || subject.untested?.[name] !== undefined
            ? []
            : [{ in: name, expected: "a case that is done, or a reason under untested", actual: "neither" }]))
    )))
    return verdict("covered", breaches, done.size, "the venue has no capability that a case could show")
  })

/** The laws about a subject, in their order. @category constructors @since 0.1.0 */
export const checks = <E>(subject: Subject<E>): ReadonlyArray<Check> => {
  const { cases, empty, later, standing = [] } = subject
  const check = (law: Law, run: Effect.Effect<Verdict>): Check => ({ law, name: `${subject.venue}: ${laws[law]}`, run })
  const noneDone = "no case is done"
  const noneDue = later.length === 0 ? "no later instants are given" : "nothing comes due at the later instants"
  return [
    check("covered", covered(subject)),
    check("conserves", ofCase(subject, "conserves", noneDone, Instructions.conserves)),
    check("tells", ofCase(subject, "tells", noneDone, Instructions.tells)),
    check("refuses", ofCase(subject, "refuses", "no case is refused", Instructions.refuses)),
    check("prepares", ofCase(subject, "prepares", "there are no cases", Instructions.prepares)),
    check("bounded", ofCase(subject, "bounded", noneDone, Instructions.bounded)),
    check("resolves", ofCase(subject, "resolves", noneDone, Instructions.resolves(subject.resolve ?? "new"))),
    check(
      "replays",
      ofCases(subject, "replays", noneDone, ({ instruction, name, setup = [] }) =>
        Managed.replays(subject.venue, subject.layer, subject.at, { name, instruction, setup }))
    ),
    check("once", ofTime(subject, "once", noneDue, subject.layer, standing, Time.once)),
    check("split", ofTime(subject, "split", noneDue, subject.layer, standing, Time.split)),
    check(
      "nothing",
      empty === undefined
        ? Effect.succeed({ _tag: "Skipped", law: "nothing", reason: "no empty layer is given" })
        : ofTime(subject, "nothing", "there are no cases", empty, [], Time.nothing(cases.filter(({ setup }) => setup === undefined)))
    ),
    check("unheard_of", ofTime(subject, "unheard_of", "the venue has no capability", subject.layer, [], Time.unheardOf))
  ]
}

/** Every law about a subject, each with its verdict. @category combinators @since 0.1.0 */
export const run = <E>(subject: Subject<E>): Effect.Effect<ReadonlyArray<Verdict>> =>
  Effect.forEach(checks(subject), (check) => check.run)

/**
 * The verdict of one law, with a broken one as the error. For runners whose tests fail with an effect's error.
 *
 * @category combinators
 * @since 0.1.0
 */
export const verify = <E>(subject: Subject<E>, check: Check): Effect.Effect<Verdict, LawBroken> =>
  Effect.flatMap(check.run, (verdict) =>
    verdict._tag === "Broken"
      ? Effect.fail(new LawBroken({ venue: subject.venue, law: verdict.law, breaches: verdict.breaches }))
      : Effect.succeed(verdict))

/** Verdicts as lines of text. @category combinators @since 0.1.0 */
export const format = (verdicts: ReadonlyArray<Verdict>): string =>
  verdicts.flatMap((verdict) => {
    const law = verdict.law.padEnd(10)
    switch (verdict._tag) {
      case "Held":
        return [`held     ${law}  ${verdict.cases}`]
      case "Skipped":
        return [`skipped  ${law}  ${verdict.reason}`]
      case "Broken":
        return verdict.breaches.map((breach) => `broken   ${law}  ${breach.in}: expected ${breach.expected}, got ${breach.actual}`)
    }
  }).join("\n")
