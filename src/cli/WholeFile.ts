/**
 * Files that are there whole or not at all.
 *
 * @since 0.1.0
 */
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/**
 * Writes a text beside `path` and puts it in its place once it is on the disk: a number that a full disk cut short is a
 * number too. A link stays one, and what it leads to is replaced. What is no file, as `/dev/stdout`, is written to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const write = (
  path: string,
  text: string
): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const there = yield* Effect.option(fileSystem.stat(path))
    if (Option.isSome(there) && there.value.type !== "File") return yield* fileSystem.writeFileString(path, text)
    const file = Option.isSome(there) ? yield* fileSystem.realPath(path) : path
    const unfinished = `${file}.part`
    yield* fileSystem.open(unfinished, { flag: "w" }).pipe(
      Effect.flatMap((handle) => Effect.zipRight(handle.writeAll(new TextEncoder().encode(text)), handle.sync)),
      Effect.scoped,
      Effect.zipRight(fileSystem.rename(unfinished, file)),
      // The error that is told is why it could not be written, not that its rest could not be removed.
      Effect.onError(() => Effect.ignore(fileSystem.remove(unfinished, { force: true })))
    )
  })
