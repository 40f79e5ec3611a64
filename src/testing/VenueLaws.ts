/**
 * The laws of the port to a venue, as checks that any venue's layer can be put through.
 *
 * No test runner is needed: a check is an effect that cannot fail and gives a verdict. A law that says nothing about a
 * venue, because the venue lacks what the law is about, is skipped, and the verdict says why. A case that the venue cannot
 * be asked is one finding, of the law `covered`, and the other laws go on without it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Account from "../domain/Account.js"
import * as Fault from "../domain/Fault.js"
import type * as Instruction from "../domain/Instruction.js"
import type * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Plan from "../manager/Plan.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Bench from "./VenueLaws/Bench.js"
import * as Instructions from "./VenueLaws/Instructions.js"
import * as Managed from "./VenueLaws/Managed.js"
import * as Time from "./VenueLaws/Time.js"
import * as Wrapped from "./Wrapped.js"

/**
 * An instruction at an instant of its own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Timed {
  /** Not before that of the step before it. What came due by then is settled first. */
  readonly at: Timestamp.Timestamp
  readonly instruction: InstructionBlock.Input
}

/** An instruction at the instant of the step before it, or of the subject, or at its own. @category models @since 0.1.0 */
export type Step = InstructionBlock.Input | Timed

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
  /** Instructions that are done before it, in order: a position to be closed, a request that is claimed later. */
  readonly setup?: ReadonlyArray<Step> | undefined
  /** Instant of the instruction, not before those of the setup. Defaults to that of the last step, or of the subject. */
  readonly at?: Timestamp.Timestamp | undefined
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
  readonly standing?: ReadonlyArray<Step> | undefined
  /** Capabilities and actions without a case that is done, each with the reason. `action` stands for all actions. */
  readonly untested?: { readonly [K in Wrapped.Name | Instruction.Action]?: string } | undefined
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
  | "promised"
  | "resolves"
  | "replays"
  | "once"
  | "split"
  | "nothing"
  | "unheard_of"

/** What each law says. @category constants @since 0.1.0 */
export const laws: { readonly [L in Law]: string } = {
  covered: "every capability and every action that the venue has is shown by a case that is done, and every case can be asked",
  conserves: "the lines of every receipt sum to zero for every asset",
  tells: "what is held afterwards is what was held before and what the receipt tells",
  refuses: "a refusal is a value, and has no effect but the costs that it states",
  prepares: "prepare changes nothing, however often it is done",
  bounded: "nothing moves by more than was asked, nothing falls below zero, max turns nothing around",
  promised: "what is paid for tickets, or arrives from transit, is no more than was given for it, also when it is asked for again",
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
  | {
    readonly _tag: "Held"
    readonly law: Law
    readonly cases: number
    /** Capabilities and actions of the cases that the law says something about: `trade`, `stake`, `claim`. */
    readonly exercised: ReadonlyArray<string>
  }
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

const verdict = (
  law: Law,
  breaches: ReadonlyArray<Bench.Breach>,
  cases: number,
  exercised: ReadonlySet<string>,
  reason: string
): Verdict =>
  breaches.length > 0
    ? { _tag: "Broken", law, breaches }
    : cases === 0
      ? { _tag: "Skipped", law, reason }
      : { _tag: "Held", law, cases, exercised: [...exercised].sort() }

const isTimed = (step: Step): step is Timed => Fault.isRecord(step) && "instruction" in step

/** The steps with the instant of each, which is that of the one before where none is stated. */
const timed = (steps: ReadonlyArray<Step>, from: Timestamp.Timestamp): ReadonlyArray<Timed> => {
  let at = from
  return steps.map((step) => {
    if (!isTimed(step)) return { at, instruction: step }
    at = step.at
    return step
  })
}

/** The instant of a case, and of each step before it. */
const instants = (subject: Pick<Subject, "at">, one: Case): { readonly setup: ReadonlyArray<Timed>; readonly at: Timestamp.Timestamp } => {
  const setup = timed(one.setup ?? [], subject.at)
  return { setup, at: one.at ?? setup.at(-1)?.at ?? subject.at }
}

/** Goes on to an instant, with what came due by then. */
const advance = (bench: Bench.Bench, name: string, from: Timestamp.Timestamp, to: Timestamp.Timestamp) =>
  to < from
    ? Bench.stop(name, `an instant not before ${Timestamp.format(from)}`, Timestamp.format(to))
    : Effect.asVoid(bench.settle(to))

const perform = (bench: Bench.Bench, steps: ReadonlyArray<Timed>, prefix: string, from: Timestamp.Timestamp) =>
  Effect.reduce(steps.entries(), from, (before, [index, { at, instruction }]) =>
    Effect.gen(function*() {
      const name = `${prefix}-${index}`
      if (at !== before) yield* advance(bench, name, before, at)
      const { outcome } = yield* bench.perform(yield* bench.plan(instruction, name, at), at)
      return Bench.isDone(outcome) ? at : yield* Bench.stop(name, "what comes before is done", Bench.show(outcome))
    }))

const trial = <E>(subject: Subject<E>, one: Case) =>
  Effect.gen(function*() {
    const bench = yield* Bench.make(subject.venue, subject.layer)
    const { at, setup } = instants(subject, one)
    yield* bench.settle(subject.at)
    const operation = yield* Bench.asUnsuitable(Effect.gen(function*() {
      const before = yield* perform(bench, setup, "setup", subject.at)
      if (at !== before) yield* advance(bench, "case", before, at)
      return yield* bench.plan(one.instruction, "law", at)
    }))
    return { name: one.name, bench, operation, at, later: subject.later.filter((instant) => instant > at) }
  })

/** What an operation shows: a capability, or an action of the venue. */
const shownBy = ({ action, capability }: Plan.Step): string => action ?? capability

type Tried = Effect.Effect.Success<ReturnType<typeof trial>>

/** The law over every case that says something about it. A case that cannot be asked is left to `covered`. */
const ofCases = <E>(
  subject: Subject<E>,
  law: Law,
  reason: string,
  examine: (tried: Tried, one: Case) => Effect.Effect<Instructions.Examined, Bench.Stop, Scope.Scope>
): Effect.Effect<Verdict> =>
  Effect.gen(function*() {
    const breaches: Array<Bench.Breach> = []
    const exercised = new Set<string>()
    let cases = 0
    for (const one of subject.cases) {
      let shown: string | undefined
      const examined = Effect.gen(function*() {
        const tried = yield* trial(subject, one)
        const found = yield* examine(tried, one)
        if (found !== undefined) shown = shownBy(tried.operation)
        return found ?? []
      })
      breaches.push(...(yield* Bench.breaches(one.name, Effect.catchTag(examined, "Unsuitable", () => Effect.succeed([])))))
      if (shown !== undefined) {
        cases++
        exercised.add(shown)
      }
    }
    return verdict(law, breaches, cases, exercised, reason)
  })

const ofCase = <E>(subject: Subject<E>, law: Law, reason: string, examination: Instructions.Examination) =>
  ofCases(subject, law, reason, examination)

const none: ReadonlySet<string> = new Set()

const opened = <E>(subject: Subject<E>, layer: Subject<E>["layer"], standing: ReadonlyArray<Step>) =>
  Effect.gen(function*() {
    const bench = yield* Bench.make(subject.venue, layer)
    yield* bench.settle(subject.at)
    yield* Bench.asUnsuitable(perform(bench, timed(standing, subject.at), "standing", subject.at))
    return bench
  })

const ofTime = <E>(
  subject: Subject<E>,
  law: Law,
  reason: string,
  layer: Subject<E>["layer"],
  standing: ReadonlyArray<Step>,
  examination: Time.Examination
): Effect.Effect<Verdict> =>
  Effect.gen(function*() {
    let count = 0
    let why = reason
    const open = Effect.catchTag(opened(subject, layer, standing), "Unsuitable", ({ breach }) => Effect.fail(new Bench.Stop({ breach })))
    const suitable = Effect.as(opened(subject, layer, standing), true).pipe(
      Effect.catchTag("Unsuitable", () => Effect.succeed(false))
    )
    const breaches = yield* Bench.breaches(
      law,
      Effect.gen(function*() {
        if (!(yield* suitable)) {
          why = "what is standing cannot be done"
          return []
        }
        const last = timed(standing, subject.at).at(-1)?.at ?? subject.at
        const found = yield* examination({ open, at: last, later: subject.later.filter((instant) => instant > last) })
        count = found.count
        return found.breaches
      })
    )
    return verdict(law, breaches, count, none, why)
  })

/** What must be shown of a venue: each of its capabilities, and of actions each one. */
const toShow = (venue: Venue.Venue): ReadonlyArray<readonly [name: Wrapped.Name | Instruction.Action, capability: Wrapped.Name]> => [
  ...Wrapped.names.filter((name) => name !== "action" && Wrapped.part(venue, name) !== undefined).map((name) => [name, name] as const),
  ...[...venue.action?.actions ?? []].map((action) => [action, "action"] as const)
]

const covered = <E>(subject: Subject<E>): Effect.Effect<Verdict> =>
  Effect.gen(function*() {
    const { untested = {} } = subject
    const done = new Set<string>()
    const breaches: Array<Bench.Breach> = []
    const asBreaches = <R>(self: Effect.Effect<ReadonlyArray<Bench.Breach>, Bench.Stop | Bench.Unsuitable, R>) =>
      Effect.catchTag(self, "Unsuitable", ({ breach }) => Effect.fail(new Bench.Stop({ breach })))
    for (const one of subject.cases) {
      breaches.push(...(yield* Bench.breaches(
        one.name,
        asBreaches(Effect.gen(function*() {
          const { at, bench, operation } = yield* trial(subject, one)
          const { outcome } = yield* bench.perform(operation, at)
          if (Bench.isDone(outcome) && operation.operations[0].venue === subject.venue) done.add(shownBy(operation))
          return []
        }))
      )))
    }
    breaches.push(...(yield* Bench.breaches("standing", asBreaches(Effect.as(opened(subject, subject.layer, subject.standing ?? []), [])))))
    breaches.push(...(yield* Bench.breaches(
      "capabilities",
      Effect.map(Bench.make(subject.venue, subject.layer), ({ venue }) =>
        toShow(venue).flatMap(([name, capability]) =>
          done.has(name) || untested[name] !== undefined || untested[capability] !== undefined
            ? []
            : [{ in: name, expected: "a case that is done, or a reason under untested", actual: "neither" }]))
    )))
    return verdict("covered", breaches, done.size, done, "the venue has no capability that a case could show")
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
    check("promised", ofCase(subject, "promised", "no case is done that pays for tickets or out of transit", Instructions.promised)),
    check("resolves", ofCase(subject, "resolves", noneDone, Instructions.resolves(subject.resolve ?? "new"))),
    check(
      "replays",
      ofCases(subject, "replays", noneDone, (_, one) =>
        Managed.replays(subject.venue, subject.layer, { name: one.name, instruction: one.instruction, ...instants(subject, one) }))
    ),
    check("once", ofTime(subject, "once", noneDue, subject.layer, standing, Time.once)),
    check("split", ofTime(subject, "split", noneDue, subject.layer, standing, Time.split)),
    check(
      "nothing",
      empty === undefined
        ? Effect.succeed({ _tag: "Skipped", law: "nothing", reason: "no empty layer is given" })
        : ofTime(subject, "nothing", "there are no cases", empty, [], Time.nothing(cases.filter(({ at, setup }) => setup === undefined && at === undefined)))
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
        return [`held     ${law}  ${verdict.cases}${verdict.exercised.length === 0 ? "" : `  ${verdict.exercised.join(", ")}`}`]
      case "Skipped":
        return [`skipped  ${law}  ${verdict.reason}`]
      case "Broken":
        return verdict.breaches.map((breach) => `broken   ${law}  ${breach.in}: expected ${breach.expected}, got ${breach.actual}`)
    }
  }).join("\n")
