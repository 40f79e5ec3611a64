/**
 * A venue that fails as venues do: requests that never leave, refusals, answers that are lost before or after the
 * effect.
 *
 * What happens follows a script or a seed, so that a failing run can be repeated. A lost answer can be found out by
 * `resolve`, as a venue's order query would tell it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import * as Utils from "effect/Utils"
import * as Json from "../domain/Json.js"
import * as Outcome from "../domain/Outcome.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Wrapped from "./Wrapped.js"

/** What goes wrong before anything is sent. @category models @since 0.1.0 */
export type PrepareFault = "none" | "not_sent_after" | "not_sent_never" | "rejected"

/**
 * What goes wrong with a request. `not_sent_*`: nothing left, with or without hope of another attempt. `rejected`: the
 * venue refused. `unknown_before`: the answer is lost and nothing has happened. `unknown_after`: it has happened, or
 * was refused, and the answer is lost.
 *
 * @category models
 * @since 0.1.0
 */
export type SubmitFault = PrepareFault | "unknown_before" | "unknown_after"

/** Whether the question after an outcome is itself left without an answer. @category models @since 0.1.0 */
export type ResolveFault = "none" | "unknown"

/** Whether what is due cannot be asked for. It is given the next time. @category models @since 0.1.0 */
export type AccrualsFault = "none" | "not_sent_after"

/**
 * Faults in the order of the calls; calls after the end of a list go well.
 *
 * @category models
 * @since 0.1.0
 */
export interface Script {
  readonly prepare?: ReadonlyArray<PrepareFault> | undefined
  readonly submit?: ReadonlyArray<SubmitFault> | undefined
  readonly resolve?: ReadonlyArray<ResolveFault> | undefined
  readonly accruals?: ReadonlyArray<AccrualsFault> | undefined
}

/**
 * Faults by chance: the same seed gives the same faults for the same calls. Each number is how many of 100 calls fail;
 * which fault it is has the same chance for all.
 *
 * @category models
 * @since 0.1.0
 */
export interface Seeded {
  readonly seed: number
  /** Defaults to 10. */
  readonly prepare?: number | undefined
  /** Defaults to 40. */
  readonly submit?: number | undefined
  /** Defaults to 20. */
  readonly resolve?: number | undefined
  /** Defaults to 10. */
  readonly accruals?: number | undefined
}

interface Sent {
  /** Of the request, by which a handle is recognised that stands for its lost answer. */
  readonly wire: string
  /** Absent where the request never arrived. */
  readonly outcome: Either.Either<Outcome.Success, Outcome.Failure> | undefined
}

/**
 * The faults of a venue, and what the venue really did. It outlives the layers that it is given to, as a venue
 * outlives the programs that use it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Control {
  /** How many times each operation took effect, by its id: more than once is a doubled order. */
  readonly effects: Effect.Effect<ReadonlyMap<string, number>>
  /** How many faults of each kind there were: `submit unknown_after`. */
  readonly injected: Effect.Effect<ReadonlyMap<string, number>>
  /** From here on everything goes well. */
  readonly heal: Effect.Effect<void>
  /** @internal */
  readonly state: State
}

interface State {
  readonly next: { readonly [K in keyof Kinds]: () => Kinds[K] }
  readonly sent: Map<string, Sent>
  readonly effects: Map<string, number>
}

interface Kinds {
  readonly prepare: PrepareFault
  readonly submit: SubmitFault
  readonly resolve: ResolveFault
  readonly accruals: AccrualsFault
}

const prepareFaults: ReadonlyArray<PrepareFault> = ["not_sent_after", "not_sent_never", "rejected"]

const submitFaults: ReadonlyArray<SubmitFault> = [...prepareFaults, "unknown_before", "unknown_after"]

const control = (draw: State["next"]): Control => {
  let healed = false
  const injected = new Map<string, number>()
  const note = <F extends string>(kind: string, next: () => F | "none") => (): F | "none" => {
    if (healed) return "none"
    const fault = next()
    if (fault !== "none") injected.set(`${kind} ${fault}`, (injected.get(`${kind} ${fault}`) ?? 0) + 1)
    return fault
  }
  const state: State = {
    next: {
      prepare: note("prepare", draw.prepare),
      submit: note("submit", draw.submit),
      resolve: note("resolve", draw.resolve),
      accruals: note("accruals", draw.accruals)
    },
    sent: new Map(),
    effects: new Map()
  }
  return {
    effects: Effect.sync(() => new Map(state.effects)),
    injected: Effect.sync(() => new Map(injected)),
    heal: Effect.sync(() => {
      healed = true
    }),
    state
  }
}

/** Faults by a script. @category constructors @since 0.1.0 */
export const script = (faults: Script): Effect.Effect<Control> =>
  Effect.sync(() => {
    const each = <F>(list: ReadonlyArray<F> = []) => {
      let index = 0
      return (): F | "none" => (index < list.length ? list[index++]! : "none")
    }
    return control({
      prepare: each(faults.prepare),
      submit: each(faults.submit),
      resolve: each(faults.resolve),
      accruals: each(faults.accruals)
    })
  })

/** Faults by a seed. @category constructors @since 0.1.0 */
export const seeded = (options: Seeded): Effect.Effect<Control> =>
  Effect.sync(() => {
    const random = new Utils.PCGRandom(options.seed)
    const each = <F>(percent: number, faults: ReadonlyArray<F>) => (): F | "none" =>
      random.integer(100) < percent ? faults[random.integer(faults.length)]! : "none"
    return control({
      prepare: each(options.prepare ?? 10, prepareFaults),
      submit: each(options.submit ?? 40, submitFaults),
      resolve: each<ResolveFault>(options.resolve ?? 20, ["unknown"]),
      accruals: each<AccrualsFault>(options.accruals ?? 10, ["not_sent_after"])
    })
  })

const notSent = (retry: "never" | "after"): Outcome.NotSent =>
  new Outcome.NotSent({ reason: "unavailable", message: "the request did not leave: injected", retry })

const failureOf = (fault: Exclude<PrepareFault, "none">): Outcome.NotSent | Outcome.Rejected => {
  switch (fault) {
    case "not_sent_after":
      return notSent("after")
    case "not_sent_never":
      return notSent("never")
    case "rejected":
      return new Outcome.Rejected({ reason: "rejected", message: "refused: injected" })
  }
}

const lost = (handle: Outcome.Handle): Outcome.Unknown =>
  new Outcome.Unknown({ handle, message: "the answer was lost: injected" })

const wrap = ({ effects, next, sent }: State, venue: Venue.Venue) => <I>(capability: Venue.Capability<I>): Venue.Capability<I> => ({
  prepare: (intent) =>
    Effect.suspend(() => {
      const fault = next.prepare()
      return fault === "none" ? capability.prepare(intent) : Effect.fail(failureOf(fault))
    }),
  submit: (call) =>
    Effect.suspend((): Effect.Effect<Outcome.Success, Outcome.Failure> => {
      const { operationId } = call.intent
      const wire = Json.canonical(call.wire)
      const handle: Outcome.Handle = { venue: venue.id, operationId, reference: call.wire }
      const really = Effect.flatMap(Effect.either(capability.submit(call)), (outcome) =>
        Effect.suspend(() => {
          sent.set(operationId, { wire, outcome })
          if (Either.isRight(outcome)) effects.set(operationId, (effects.get(operationId) ?? 0) + 1)
          return outcome
        }))
      const fault = next.submit()
      switch (fault) {
        case "none":
          return really
        case "unknown_after":
          return Effect.flatMap(Effect.either(really), () => Effect.fail(lost(handle)))
        case "unknown_before":
          sent.set(operationId, { wire, outcome: undefined })
          return Effect.fail(lost(handle))
        default:
          return Effect.fail(failureOf(fault))
      }
    }),
  resolve: (handle) =>
    Effect.suspend((): Effect.Effect<Outcome.Success, Outcome.Failure> => {
      if (next.resolve() !== "none") return Effect.fail(lost(handle))
      const known = sent.get(handle.operationId)
      // A handle that the venue gave out itself stands for what is still to come, and only the venue knows that.
      if (known !== undefined && known.wire !== Json.canonical(handle.reference)) return capability.resolve(handle)
      return known?.outcome ??
        Effect.fail(
          new Outcome.NotSent({
            reason: "rejected",
            message: `nothing is known of ${handle.operationId}: it never arrived`,
            retry: "never"
          })
        )
    })
})

/**
 * The venue under faults. An operation that it was never sent, and one whose request was lost, resolve to `NotSent`;
 * one that took effect resolves to what the venue answered.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ state }: Control, venue: Venue.Venue): Venue.Venue => {
  const wrapped = wrap(state, venue)
  return {
    ...Wrapped.capabilities(venue, (_, capability) => wrapped(capability)),
    accruals: (until) =>
      Effect.suspend(() => (state.next.accruals() === "none" ? venue.accruals(until) : Effect.fail(notSent("after"))))
  }
}

/**
 * A layer of venues under the same faults.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E, R>(
  control: Control,
  venues: Layer.Layer<never, E, R>
): Layer.Layer<never, E, Exclude<R, VenueRegistry.VenueRegistry> | VenueRegistry.VenueRegistry> =>
  Wrapped.layer(venues, (venue) => make(control, venue))
