/**
 * An event log in memory.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as EventLogger from "../EventLogger.js"

/**
 * What a log in memory holds.
 *
 * @category services
 * @since 0.1.0
 */
export class Recording extends Context.Tag("execution-interface-manager/events/EventLogger/Memory/Recording")<
  Recording,
  {
    /** The events that are held, oldest first. */
    readonly events: Effect.Effect<ReadonlyArray<EventLogger.Recorded>>
    /** How many older ones had to go. */
    readonly dropped: Effect.Effect<number>
  }
>() {}

/**
 * How much is held.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Events that are held at most, at least 1: a newer one takes the place of the oldest. Defaults to all. */
  readonly capacity?: number | undefined
}

/**
 * A log and the view of what it holds. Logging never fails and is synchronous.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Options = {}
): Effect.Effect<{
  readonly logger: Context.Tag.Service<EventLogger.EventLogger>
  readonly recording: Context.Tag.Service<Recording>
}> =>
  Effect.sync(() => {
    const capacity = Math.max(options.capacity ?? Infinity, 1)
    // Once full, the array is a ring: event `order` stands at `(order - 1) % capacity`.
    const ring: Array<EventLogger.Recorded> = []
    let count = 0
    return {
      logger: {
        log: (event) =>
          Effect.sync(() => {
            const recorded = { ...event, order: count + 1 }
            if (ring.length < capacity) ring.push(recorded)
            else ring[count % capacity] = recorded
            count++
          }),
        flush: Effect.void
      },
      recording: {
        events: Effect.sync(() => {
          const oldest = count > ring.length ? count % ring.length : 0
          return [...ring.slice(oldest), ...ring.slice(0, oldest)]
        }),
        dropped: Effect.sync(() => count - ring.length)
      }
    }
  })

/**
 * A log in memory, and beside it what it holds.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<EventLogger.EventLogger | Recording> =>
  Layer.effectContext(
    Effect.map(make(options), ({ logger, recording }) =>
      Context.make(EventLogger.EventLogger, logger).pipe(Context.add(Recording, recording)))
  )

/** Takes every event and keeps none. @category layers @since 0.1.0 */
export const layerNoop: Layer.Layer<EventLogger.EventLogger> = Layer.succeed(EventLogger.EventLogger, {
  log: () => Effect.void,
  flush: Effect.void
})
