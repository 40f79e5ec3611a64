/**
 * A file that is written line by line.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Failure from "./Failure.js"

/**
 * Lines are held until they are flushed, by the caller and at the end of the scope.
 *
 * @category models
 * @since 0.1.0
 */
export interface LineFile {
  readonly write: (line: string) => void
  /** Fails for good once a write has failed. */
  readonly flush: Effect.Effect<void, Failure.Failure>
}

/**
 * A new, empty file at `path`, where none may be. Its directory must exist.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (path: string): Effect.Effect<LineFile, Failure.Failure, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const fail = (cause: unknown) => Failure.io(`file ${path} cannot be written`, cause)
    const file = yield* Effect.mapError(fileSystem.open(path, { flag: "wx" }), fail)
    const encoder = new TextEncoder()
    let lines: Array<string> = []
    let broken: Failure.Failure | undefined
    const flush = Effect.suspend(() => {
      if (broken !== undefined) return Effect.fail(broken)
      if (lines.length === 0) return Effect.void
      const bytes = encoder.encode(lines.join(""))
      lines = []
      return file.writeAll(bytes).pipe(
        Effect.mapError(fail),
        Effect.tapError((failure) => Effect.sync(() => void (broken = failure)))
      )
    }).pipe(Effect.uninterruptible)
    // Who needs to know whether it was written flushes before the end; here only an interrupted run is left to save.
    yield* Effect.addFinalizer(() => Effect.ignore(flush))
    return { write: (line) => void lines.push(`${line}\n`), flush }
  })
