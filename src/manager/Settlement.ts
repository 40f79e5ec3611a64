/**
 * Settles what is due at all venues, and writes it into the log.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import * as Sync from "../internal/Sync.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import type * as Turn from "./Turn.js"
import * as VenueTime from "./VenueTime.js"

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
export type Settle = (at: Timestamp.Timestamp, turn: Turn.Turn) => Effect.Effect<Settled, Failed>

const nothing: Settled = { accruals: [], logged: true }

/**
 * Asks every venue that works for what is due up to an instant, and counts the time of those that are waited for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  registry: VenueRegistry.VenueRegistry["Type"],
  log: Log,
  venueTime: VenueTime.VenueTime = VenueTime.none
): Settle => {
  const add = (before: Settled, due: ReadonlyArray<Outcome.Accrual>): Effect.Effect<Settled> => {
    let { logged } = before
    const one = (accrual: Outcome.Accrual): Effect.Effect<void> => Sync.map(log(accrual), (taken) => void (logged &&= taken))
    return Sync.map(Sync.forEach(due, one), () => ({ accruals: [...before.accruals, ...due], logged }))
  }

  const from = (
    at: Timestamp.Timestamp,
    turn: Turn.Turn,
    entries: ReadonlyArray<VenueRegistry.Entry>,
    index: number,
    before: Settled
  ): Effect.Effect<Settled, Failed> => {
    for (let next = index; next < entries.length; next++) {
      const { id, state } = entries[next]!
      if (Either.isLeft(state) || state.right.accruals.quiet?.(at) === true) continue
      return Sync.matchEffect(venueTime(id, turn.interruptible(state.right.accruals(at))), {
        onSuccess: (due) =>
          due.length === 0
            ? from(at, turn, entries, next + 1, before)
            : Sync.flatMap(add(before, due), (settled) => from(at, turn, entries, next + 1, settled)),
        onFailure: (failure) =>
          Sync.flatMap(
            add(before, failure._tag === "Rejected" ? failure.accruals ?? [] : []),
            (settled) => Sync.fail({ ...settled, venue: id, failure })
          )
      })
    }
    return Sync.succeed(before)
  }

  return (at, turn) => Sync.flatMap(registry.entries, (entries) => from(at, turn, entries, 0, nothing))
}
