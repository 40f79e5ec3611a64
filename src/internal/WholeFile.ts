/**
 * Files that are there whole or not at all.
 *
 * @since 0.1.0
 */
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"

/** Beside the file, under a name that nobody can have prepared. */
const unfinishedName = (file: string): Effect.Effect<string> =>
  Effect.map(Random.nextIntBetween(0, 2 ** 31 - 1), (n) => `${file}.${n.toString(16).padStart(8, "0")}.part`)

const replace = <E, R>(
  file: string,
  fill: (handle: FileSystem.File) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | PlatformError.PlatformError, R | FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const unfinished = yield* unfinishedName(file)
    // Made anew: a file or a link of that name is never written to.
    yield* fileSystem.open(unfinished, { flag: "wx" }).pipe(
      Effect.flatMap((handle) =>
        Effect.zipRight(fill(handle), handle.sync).pipe(
          // The error that is told is why it could not be written, not that its rest could not be removed.
          Effect.onError(() => Effect.ignore(fileSystem.remove(unfinished, { force: true })))
        )
      ),
      Effect.scoped,
      Effect.zipRight(Effect.onError(
        fileSystem.rename(unfinished, file),
        () => Effect.ignore(fileSystem.remove(unfinished, { force: true }))
      ))
    )
  })

/**
 * Lets `fill` write a file beside `path` and puts it in its place once it is on the disk: a number that a full disk cut
 * short is a number too. A link stays one, and what it leads to is replaced; the unfinished file follows no link. What
 * is no file, as `/dev/stdout`, is written to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const writeWith = <E, R>(
  path: string,
  fill: (handle: FileSystem.File) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | PlatformError.PlatformError, R | FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const there = yield* Effect.option(fileSystem.stat(path))
    if (Option.isNone(there)) return yield* replace(path, fill)
    if (there.value.type === "File") return yield* replace(yield* fileSystem.realPath(path), fill)
    // A pipe has no places to write at, only its end.
    yield* Effect.scoped(Effect.flatMap(fileSystem.open(path, { flag: "a" }), fill))
  })

/** {@link writeWith} of a text. @category constructors @since 0.1.0 */
export const write = (
  path: string,
  text: string
): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem> =>
  writeWith(path, (handle) => handle.writeAll(new TextEncoder().encode(text)))
