/**
 * Directories to write to.
 *
 * @since 0.1.0
 */
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"

/**
 * Makes a directory with those above it that are missing, one after the other. The recursive way of Node does not end
 * where the system calls a directory missing whose parent is there and takes none, as below `/proc`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  directory: string
): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const missing: Array<string> = []
    let at = path.resolve(directory)
    while (!(yield* fileSystem.exists(at)) && path.dirname(at) !== at) {
      missing.unshift(at)
      at = path.dirname(at)
    }
    const isDirectory = (yield* fileSystem.stat(at)).type === "Directory"
    // A file where the directory should be is refused by the system.
    for (const one of isDirectory ? missing : [at, ...missing]) {
      yield* Effect.catchIf(
        fileSystem.makeDirectory(one),
        // Another process may have made it meanwhile.
        (error) => isDirectory && error._tag === "SystemError" && error.reason === "AlreadyExists",
        () => Effect.void
      )
    }
  })
