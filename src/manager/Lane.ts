/**
 * A lane orders calls: one at a time, in the order in which they came.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * Makes an effect of a lane's holder interruptible again. What changes nothing and may take long, such as a price, is
 * waited for like that; what was sent runs to its recorded outcome.
 *
 * @category models
 * @since 0.1.0
 */
export interface Restore {
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
}

/**
 * Holds the lane while the body runs, however that ends. The body is uninterruptible, except for what it restores. A
 * call that is interrupted while it waits for the lane loses its place.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lane {
  <A, E>(body: (restore: Restore) => Effect.Effect<A, E>): Effect.Effect<A, E>
}

/** Where a call stands in the order of those that wait. */
interface Place {
  /** Whether the lane has been handed over to it. */
  held: boolean
  /** Lets the call go on, as soon as it waits. */
  go: () => void
}

/**
 * A free lane. It is handed over to whoever has waited longest, so that nobody who comes later overtakes: a semaphore
 * lets them, and costs several times a free lane.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Lane => {
  let taken = false
  const waiting: Array<Place> = []
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) {
      taken = false
      return
    }
    next.held = true
    next.go()
  }

  const wait = (place: Place, restore: Restore): Effect.Effect<void> =>
    Effect.onInterrupt(
      restore(Effect.async<void>((resume) => {
        place.go = () => resume(Effect.void)
        if (place.held) place.go()
      })),
      () =>
        Effect.sync(() => {
          if (place.held) leave()
          else waiting.splice(waiting.indexOf(place), 1)
        })
    )

  return (body) =>
    Effect.uninterruptibleMask((restore) => {
      // Nothing interrupts here, so that an end of the body is all there is to wait for.
      const held = Effect.matchCauseEffect(Effect.suspend(() => body(restore)), {
        onFailure: (cause) => {
          leave()
          return Effect.failCause(cause)
        },
        onSuccess: (value) => {
          leave()
          return Effect.succeed(value)
        }
      })
      if (!taken) {
        taken = true
        return held
      }
      // The place is taken at once: between two steps of a fiber others run, and the lane may become free there.
      const place: Place = { held: false, go: () => undefined }
      waiting.push(place)
      return Effect.zipRight(wait(place, restore), held)
    })
}
