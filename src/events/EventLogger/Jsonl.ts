/**
 * An event log in a file of JSON Lines.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Timestamp from "../../domain/Timestamp.js"
import * as EventLogger from "../EventLogger.js"

/**
 * Where the log is, and when it is written.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Starts empty: one file is one run. Its directory must exist. */
  readonly file: string
  /**
   * Events that are held before `log` itself writes them; 1 writes each at once. Defaults to no limit: then `log` is
   * always synchronous, only `flush` and the end of the scope write, and whoever runs the program bounds the memory by
   * flushing.
   */
  readonly buffer?: number | undefined
}

/**
 * The line of an event, its newline included: `{"order", "timestamp", "event_type", "component", "data"}`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const line = (event: EventLogger.Recorded): string => lineAt(event.order, event)

const lineAt = (order: number, { component, data, eventType, timestamp }: EventLogger.Event): string =>
  `{"order":${order},"timestamp":"${Timestamp.format(timestamp)}","event_type":"${eventType}","component":${
    JSON.stringify(component)
  },"data":${JSON.stringify(data)}}\n`

/** Bytes that are set aside for lines at a time. */
const block = 262_144

/**
 * Opens the file and gives the log over it. An event is one line of text from the moment it is logged, so that what the
 * caller does with its data afterwards cannot reach it. What a failed flush could not write stays first in line for the
 * next one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<
  Context.Tag.Service<EventLogger.EventLogger>,
  EventLogger.EventError,
  FileSystem.FileSystem | Scope.Scope
> {
  const fail = (cause: Error) =>
    new EventLogger.EventError({ message: `event log ${options.file} cannot be written: ${cause.message}`, cause })
  const fileSystem = yield* FileSystem.FileSystem
  const file = yield* Effect.mapError(fileSystem.open(options.file, { flag: "w" }), fail)
  const writing = yield* Effect.makeSemaphore(1)
  const encoder = new TextEncoder()
  const limit = Math.max(options.buffer ?? Infinity, 1)
  // Lines stand here as bytes, and in no collector's way. Each part holds whole lines.
  let full: Array<Uint8Array> = []
  let open = new Uint8Array(0)
  let used = 0
  let held = 0
  let order = 0
  let size = 0

  const close = (): void => {
    if (used > 0) full.push(open.subarray(0, used))
    open = open.subarray(used)
    used = 0
  }

  const put = (text: string): void => {
    // A unit of the text takes three bytes at most.
    const most = text.length * 3
    if (open.length - used < most) {
      close()
      open = new Uint8Array(Math.max(block, most))
    }
    used += encoder.encodeInto(text, open.subarray(used)).written
    held++
  }

  const writeFrom = (taken: ReadonlyArray<Uint8Array>, from: number): Effect.Effect<void, EventLogger.EventError> =>
    Effect.suspend(() => {
      const bytes = taken[from]
      if (bytes === undefined) return Effect.void
      return Effect.matchEffect(file.writeAll(bytes), {
        onSuccess: () => {
          size += bytes.length
          return writeFrom(taken, from + 1)
        },
        onFailure: (cause) => {
          full = [...taken.slice(from), ...full]
          // A part of it may be in the file: the next attempt writes over it.
          return Effect.zipRight(file.seek(size, "start"), Effect.fail(fail(cause)))
        }
      })
    })

  const flush = writing.withPermits(1)(
    Effect.suspend(() => {
      close()
      const taken = full
      const lines = held
      full = []
      held = 0
      // What was not written is held as before, and the next event tries again.
      return Effect.tapError(writeFrom(taken, 0), () => Effect.sync(() => held += lines))
    })
  ).pipe(Effect.uninterruptible)

  // A log that lacks its end must not pass for a whole one.
  yield* Effect.addFinalizer(() => Effect.orDie(flush))

  return {
    log: (event) =>
      Effect.suspend(() => {
        put(lineAt(order + 1, event))
        order++
        return held >= limit ? flush : Effect.void
      }),
    flush
  }
})

/**
 * A log in a file.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<EventLogger.EventLogger, EventLogger.EventError, FileSystem.FileSystem> =>
  Layer.scoped(EventLogger.EventLogger, make(options))
