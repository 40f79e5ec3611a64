/**
 * Turns of a manager: one call at a time, in the order in which they came.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Sync from "../internal/Sync.js"

/**
 * The turn that a call has.
 *
 * A turn as a whole cannot be interrupted: what is sent in it runs to its recorded outcome. What changes nothing and has
 * to be waited for, such as a price, is marked as interruptible.
 *
 * @category models
 * @since 0.1.0
 */
export interface Turn {
  /** The same effect, which can be interrupted where the call can, as long as it is waited for. */
  readonly interruptible: <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Ends the call here where it has been interrupted. */
  readonly checkpoint: () => Effect.Effect<void>
}

/**
 * Has a turn as soon as all that came before are over, and ends it with the effect, however that ends. A call that is
 * interrupted while it waits loses its place.
 *
 * @category models
 * @since 0.1.0
 */
export type Turns = <A, E>(body: (turn: Turn) => Effect.Effect<A, E>) => Effect.Effect<A, E>

type Restore = Parameters<Parameters<typeof Effect.uninterruptibleMask>[0]>[0]

/** Where a call stands in the order of those that wait. */
interface Place {
  /** Whether the turn has been handed over to it. */
  mine: boolean
  /** Lets the call go on, as soon as it waits. */
  go: () => void
}

/** Turns of their own for each manager. @category constructors @since 0.1.0 */
export const make = (): Turns => {
  let taken = false
  const waiting: Array<Place> = []
  const end = (): void => {
    const next = waiting.shift()
    if (next === undefined) {
      taken = false
      return
    }
    // The turn is handed over, so that nobody who came later can take it.
    next.mine = true
    next.go()
  }

  const wait = (place: Place, restore: Restore): Effect.Effect<void> =>
    Effect.onInterrupt(
      restore(Effect.async<void>((resume) => {
        place.go = () => resume(Effect.void)
        if (place.mine) place.go()
      })),
      () =>
        Effect.sync(() => {
          if (place.mine) return end()
          waiting.splice(waiting.indexOf(place), 1)
        })
    )

  const take = <A, E>(body: (turn: Turn) => Effect.Effect<A, E>, restore: Restore): Effect.Effect<A, E> => {
    taken = true
    const turn: Turn = {
      interruptible: (self) => Sync.waiting(self, restore),
      checkpoint: () => restore(Effect.void)
    }
    return Effect.matchCauseEffect(Sync.suspend(() => body(turn)), {
      onFailure: (cause) => {
        end()
        return Effect.failCause(cause)
      },
      onSuccess: (value) => {
        end()
        return Effect.succeed(value)
      }
    })
  }

  return (body) =>
    Effect.uninterruptibleMask((restore) => {
      if (!taken) return take(body, restore)
      // The place is had at once: between two steps of a fiber others run, and the turn may end there.
      const place: Place = { mine: false, go: () => undefined }
      waiting.push(place)
      return Effect.flatMap(wait(place, restore), () => take(body, restore))
    })
}
