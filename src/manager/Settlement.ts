/**
 * Settles what is due at all venues, and writes it into the log.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import type * as Venue from "../venue/Venue.js"

/**
 * What was settled, in the order of the venues, and whether the log took all of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settled {
  readonly accruals: ReadonlyArray<Outcome.Accrual>
  readonly logged: boolean
}

/**
 * What was settled before a venue failed, and its failure.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed extends Settled {
  readonly venue: string
  readonly failure: Outcome.Failure
}

/** Whether the log took it. @category models @since 0.1.0 */
export type Log = (accrual: Outcome.Accrual) => Effect.Effect<boolean>

/** Settles what is due up to an instant. @category models @since 0.1.0 */
export type Settle = (at: Timestamp.Timestamp) => Effect.Effect<Settled, Failed>

const nothing: Settled = { accruals: [], logged: true }

/**
 * Asks every venue that works for what is due up to an instant.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (registry: VenueRegistry.VenueRegistry["Type"], log: Log): Settle => {
  const add = (before: Settled, due: ReadonlyArray<Outcome.Accrual>): Effect.Effect<Settled> =>
    due.length === 0
      ? Effect.succeed(before)
      : Effect.map(Effect.forEach(due, log), (taken) => ({
        accruals: [...before.accruals, ...due],
        logged: before.logged && taken.every((one) => one)
      }))

  const ask = (
    at: Timestamp.Timestamp,
    entry: { readonly id: string; readonly venue: Venue.Venue },
    before: Settled
  ): Effect.Effect<Settled, Failed> =>
    Effect.matchEffect(entry.venue.accruals(at), {
      onSuccess: (due) => add(before, due),
      onFailure: (failure) =>
        Effect.flatMap(
          add(before, failure._tag === "Rejected" ? failure.accruals ?? [] : []),
          (settled) => Effect.fail({ ...settled, venue: entry.id, failure })
        )
    })

  return (at) =>
    Effect.flatMap(registry.entries, (entries) => {
      let all: Effect.Effect<Settled, Failed> | undefined
      for (const { id, state } of entries) {
        if (Either.isLeft(state)) continue
        const entry = { id, venue: state.right }
        all = all === undefined ? ask(at, entry, nothing) : Effect.flatMap(all, (before) => ask(at, entry, before))
      }
      return all ?? Effect.succeed(nothing)
    })
}
