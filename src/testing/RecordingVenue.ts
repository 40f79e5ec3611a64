/**
 * A venue that is watched: what it was asked, and what it answered, in order.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import type * as Account from "../domain/Account.js"
import type { Json } from "../domain/Json.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Wrapped from "./Wrapped.js"

/**
 * One question to a venue with its answer.
 *
 * @category models
 * @since 0.1.0
 */
export type Call =
  | {
    readonly _tag: "Prepare"
    readonly venue: Account.VenueId
    readonly capability: Wrapped.Name
    readonly intent: Venue.Intent<unknown>
    /** The durable part of the call that was made ready. */
    readonly answer: Either.Either<{ readonly [key: string]: Json }, Outcome.NotSent | Outcome.Rejected>
  }
  | {
    readonly _tag: "Submit"
    readonly venue: Account.VenueId
    readonly capability: Wrapped.Name
    readonly intent: Venue.Intent<unknown>
    readonly answer: Either.Either<Outcome.Success, Outcome.Failure>
  }
  | {
    readonly _tag: "Resolve"
    readonly venue: Account.VenueId
    readonly capability: Wrapped.Name
    readonly handle: Outcome.Handle
    readonly answer: Either.Either<Outcome.Success, Outcome.Failure>
  }
  | {
    readonly _tag: "Accruals"
    readonly venue: Account.VenueId
    readonly until: Timestamp.Timestamp
    readonly answer: Either.Either<ReadonlyArray<Outcome.Accrual>, Outcome.Failure>
  }

/**
 * What was recorded, of one venue or of several.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recorder {
  /** All calls, oldest first. */
  readonly calls: Effect.Effect<ReadonlyArray<Call>>
  /** The intents that were submitted, oldest first: one for each time that something may have left. */
  readonly sent: Effect.Effect<ReadonlyArray<Venue.Intent<unknown>>>
  readonly clear: Effect.Effect<void>
  /** Adds a call. */
  readonly record: (call: Call) => void
}

/** A recorder that has recorded nothing. @category constructors @since 0.1.0 */
export const recorder: Effect.Effect<Recorder> = Effect.sync(() => {
  let calls: ReadonlyArray<Call> = []
  return {
    calls: Effect.sync(() => calls),
    sent: Effect.sync(() => calls.flatMap((call) => (call._tag === "Submit" ? [call.intent] : []))),
    clear: Effect.sync(() => {
      calls = []
    }),
    record: (call) => {
      calls = [...calls, call]
    }
  }
})

const watched = <A, E>(
  self: Effect.Effect<A, E>,
  record: (answer: Either.Either<A, E>) => void
): Effect.Effect<A, E> =>
  Effect.tapBoth(self, {
    onSuccess: (value) => Effect.sync(() => record(Either.right(value))),
    onFailure: (error) => Effect.sync(() => record(Either.left(error)))
  })

/**
 * The venue, recording into `recorder`. Its answers are its own. A defect is no answer and is not recorded.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (recorder: Recorder, venue: Venue.Venue): Venue.Venue => ({
  ...Wrapped.capabilities(venue, (capability, inner) => ({
    prepare: (intent) =>
      watched(inner.prepare(intent), (answer) =>
        recorder.record({
          _tag: "Prepare",
          venue: venue.id,
          capability,
          intent,
          answer: Either.map(answer, ({ wire }) => wire)
        })),
    submit: (call) =>
      watched(inner.submit(call), (answer) =>
        recorder.record({ _tag: "Submit", venue: venue.id, capability, intent: call.intent, answer })),
    resolve: (handle) =>
      watched(inner.resolve(handle), (answer) =>
        recorder.record({ _tag: "Resolve", venue: venue.id, capability, handle, answer }))
  })),
  accruals: (until) =>
    watched(venue.accruals(until), (answer) =>
      recorder.record({ _tag: "Accruals", venue: venue.id, until, answer }))
})

/**
 * A layer of venues, each recording into `recorder`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E, R>(
  recorder: Recorder,
  venues: Layer.Layer<never, E, R>
): Layer.Layer<never, E, Exclude<R, VenueRegistry.VenueRegistry> | VenueRegistry.VenueRegistry> =>
  Wrapped.layer(venues, (venue) => make(recorder, venue))
