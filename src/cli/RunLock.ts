/**
 * One run of an id at a time.
 *
 * @since 0.1.0
 */
import * as nodeFs from "node:fs"
import * as os from "node:os"
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Failure from "./Failure.js"

/** The process that holds a lock. `began` tells it from a later one of the same number; blank where the system does not say. */
const Owner = Schema.parseJson(Schema.Struct({ host: Schema.String, pid: Schema.Int, began: Schema.String }))

type Owner = typeof Owner.Type

const decode = Schema.decodeUnknownOption(Owner)

/** When a process began, as Linux counts it since the machine started; blank elsewhere, and where there is none. */
const began = (pid: number): string => {
  const stat = `/proc/${pid}/stat`
  if (!nodeFs.existsSync(stat)) return ""
  // The name of the program stands in parentheses and can hold any character.
  const fields = nodeFs.readFileSync(stat, "utf8").split(")").at(-1)!.trim().split(" ")
  const boot = "/proc/sys/kernel/random/boot_id"
  return `${fields[19] ?? ""} ${nodeFs.existsSync(boot) ? nodeFs.readFileSync(boot, "utf8").trim() : ""}`
}

const beganOf = (pid: number): Effect.Effect<string> =>
  Effect.orElseSucceed(Effect.try(() => began(pid)), () => "")

const self: Effect.Effect<Owner> = Effect.map(beganOf(process.pid), (began) => ({ host: os.hostname(), pid: process.pid, began }))

/** Whether there is a process of the number: one that may not be signalled is one too. */
const exists = (pid: number): Effect.Effect<boolean> =>
  Effect.match(Effect.try({ try: () => process.kill(pid, 0), catch: (cause) => (cause as NodeJS.ErrnoException).code }), {
    onFailure: (code) => code === "EPERM",
    onSuccess: () => true
  })

const isAlive = (owner: Owner): Effect.Effect<boolean> =>
  Effect.gen(function*() {
    // Nothing is known here of the processes of another computer.
    if (owner.host !== os.hostname()) return true
    if (!(yield* exists(owner.pid))) return false
    const now = yield* beganOf(owner.pid)
    return now === "" || owner.began === "" || now === owner.began
  })

/** A lock without an owner is one that is being made, for so long. */
const making = 10_000

const isReason = (reason: PlatformError.SystemErrorReason) => (error: PlatformError.PlatformError): boolean =>
  error._tag === "SystemError" && error.reason === reason

/**
 * A lock that is held.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunLock {
  /** Fails where somebody has taken the lock away meanwhile. */
  readonly check: Effect.Effect<void, Failure.Failure>
}

/**
 * Makes the file `lock` for as long as the scope lasts. Refused while another process holds it; what one that has ended
 * left there is taken over. `id` names the run in messages.
 *
 * @category constructors
 * @since 0.1.0
 */
export const hold = (
  lock: string,
  id: string
): Effect.Effect<RunLock, Failure.Failure, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const owner = JSON.stringify(yield* self)
    const unwritable = (cause: unknown) => Failure.io(`file ${lock} cannot be written`, cause)

    /** Makes the file where there is none. */
    const make = fileSystem.open(lock, { flag: "wx" }).pipe(
      Effect.flatMap((file) => file.writeAll(new TextEncoder().encode(owner))),
      Effect.scoped,
      Effect.as(true),
      Effect.catchIf(isReason("AlreadyExists"), () => Effect.succeed(false)),
      Effect.mapError(unwritable)
    )

    const read: Effect.Effect<Option.Option<string>, Failure.Failure> = fileSystem.readFileString(lock).pipe(
      Effect.asSome,
      Effect.catchIf(isReason("NotFound"), () => Effect.succeed(Option.none())),
      Effect.mapError((cause) => Failure.io(`file ${lock} cannot be read`, cause))
    )

    const isFresh = Effect.gen(function*() {
      const info = yield* Effect.option(fileSystem.stat(lock))
      const at = Option.flatMap(info, ({ mtime }) => mtime)
      return Option.isSome(at) && (yield* Clock.currentTimeMillis) - at.value.getTime() < making
    })

    const refused = (held: Option.Option<Owner>) =>
      new Failure.Failure({
        kind: "arguments",
        reason: Option.match(held, {
          onNone: () => `a run of the id ${id} begins at this moment, or ${lock} is of something else`,
          onSome: ({ host, pid }) => `a run of the id ${id} is in progress: process ${pid}${host === os.hostname() ? "" : ` on ${host}`} writes it`
        }),
        path: "--id",
        expected: "an id of which no other run is in progress",
        actual: id,
        resolution: `Wait for it, or name this run otherwise with --id. Where no such process is left, remove ${lock}.`
      })

    /** Moves what a process that has ended left, and puts it back where it is another file by then. */
    const clear = (left: string) =>
      Effect.gen(function*() {
        const aside = `${lock}.${(yield* Random.nextIntBetween(0, 2 ** 31 - 1)).toString(16)}`
        yield* fileSystem.rename(lock, aside)
        if ((yield* fileSystem.readFileString(aside)) !== left) yield* Effect.ignore(fileSystem.link(aside, lock))
        yield* fileSystem.remove(aside, { force: true })
      }).pipe(Effect.catchIf(isReason("NotFound"), () => Effect.void), Effect.mapError(unwritable))

    const claim: Effect.Effect<void, Failure.Failure> = Effect.suspend(() =>
      Effect.gen(function*() {
        if (yield* make) return
        const found = yield* read
        if (Option.isNone(found)) return yield* claim
        const held = decode(found.value)
        // What is no lock is not this program's to remove; one without a word may be a lock that was never finished.
        const isHeld = Option.isSome(held) ? yield* isAlive(held.value) : found.value !== "" || (yield* isFresh)
        if (isHeld) return yield* refused(held)
        yield* clear(found.value)
        return yield* claim
      }))

    const isOwn = Effect.map(read, (found) => Option.isSome(found) && found.value === owner)
    yield* Effect.acquireRelease(claim, () =>
      Effect.ignore(Effect.flatMap(isOwn, (own) => (own ? fileSystem.remove(lock, { force: true }) : Effect.void))))
    return {
      check: Effect.flatMap(isOwn, (own) =>
        own ? Effect.void : Effect.fail(new Failure.Failure({
          kind: "io",
          reason: `${lock} is no longer that of this run: another run of the id ${id} has begun, or the file was removed`,
          resolution: "Run it again when no other run of the id is in progress."
        })))
    }
  })
