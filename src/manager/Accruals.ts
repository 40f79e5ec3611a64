/**
 * Settles the accruals of all venues, and writes them into the log.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as EimError from "../domain/EimError.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as ErrorMapping from "./ErrorMapping.js"
import type * as Lane from "./Lane.js"
import type * as VenueTime from "./VenueTime.js"

/**
 * What was settled, in the order of the venues.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settled {
  readonly accruals: ReadonlyArray<Outcome.Accrual>
  /** Whether the log took all of them. */
  readonly logged: boolean
  /** Why a venue's could not be settled: those of the venues after it were not asked for. */
  readonly error: EimError.EimError | undefined
}

/** Settles accruals up to an instant. @category models @since 0.1.0 */
export type Settle = (at: Timestamp.Timestamp, restore: Lane.Restore) => Effect.Effect<Settled>

const nothing: Settled = { accruals: [], logged: true, error: undefined }

/**
 * Asks every venue that works for its accruals, and counts the time of those that are waited for. `log` answers whether the log took one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  registry: VenueRegistry.VenueRegistry["Type"],
  log: (accrual: Outcome.Accrual) => Effect.Effect<boolean>,
  venueTime: VenueTime.VenueTime
): Settle => {
  const add = Effect.fnUntraced(function*(before: Settled, accruals: ReadonlyArray<Outcome.Accrual>, error?: EimError.EimError) {
    let { logged } = before
    for (const accrual of accruals) logged = (yield* log(accrual)) && logged
    return { accruals: [...before.accruals, ...accruals], logged, error }
  })

  return Effect.fnUntraced(function*(at, restore) {
    let settled = nothing
    for (const { id, state } of yield* registry.entries) {
      if (Either.isLeft(state) || state.right.accruals.quiet?.(at) === true) continue
      const began = venueTime.now()
      const due = yield* Effect.either(restore(state.right.accruals(at)))
      venueTime.add(id, began)
      if (Either.isLeft(due)) {
        // What was settled before the failure is not lost.
        return yield* add(settled, due.left._tag === "Rejected" ? due.left.accruals ?? [] : [], ErrorMapping.ofAccruals(id, due.left))
      }
      if (due.right.length > 0) settled = yield* add(settled, due.right)
    }
    return settled
  })
}
