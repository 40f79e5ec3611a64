/**
 * The event log of a program that trades: every event is on the disk before `log` succeeds, and every day has its file.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Timestamp from "../../domain/Timestamp.js"
import * as EventLogger from "../EventLogger.js"
import * as Directory from "../../internal/Directory.js"
import * as Jsonl from "./Jsonl.js"
import * as LogFiles from "./LogFiles.js"

/**
 * Where the log is, and how much of it is kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Its directory is made where there is none. The program that opened it last writes it. Defaults to {@link LogFiles.defaultFile}. */
  readonly file?: string | undefined
  /** Days before today whose files are kept. Defaults to 30. */
  readonly days?: number | undefined
}

interface Current {
  readonly handle: FileSystem.File
  readonly scope: Scope.CloseableScope
  /** Bytes of whole lines. */
  size: number
  /** Whether more than `size` bytes may be in the file. */
  torn: boolean
  /** The day of its lines, as `2026-11-22` in UTC. */
  day: string
}

/** The sign of who writes the log: the number of the file, by which the system tells it from all others. */
interface Owned {
  readonly id: number
}

const dayOf = (at: Timestamp.Timestamp): string => Timestamp.format(at).slice(0, 10)

/**
 * Opens the log and goes on with its numbers where it ended.
 *
 * `log` succeeds once the line has reached the disk; where it fails, the line is not in the file and its number is
 * given to the next one. A last line without its newline, as a process leaves it that is ended while it writes, is
 * completed where it is a whole event and put into `<name>.torn` otherwise. The first event of a day, in UTC by the
 * clock, moves the file of an earlier day to `<name>.<day>.jsonl`, and removes those older than `days`.
 *
 * One program writes a log: that which opened it last. Every other one fails from then on, and is told why.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<
  Context.Tag.Service<EventLogger.EventLogger>,
  EventLogger.EventError,
  FileSystem.FileSystem | Path.Path | Scope.Scope
> {
  const fileSystem = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const services = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const life = yield* Effect.scope
  const file = options.file ?? LogFiles.defaultFile
  const directory = path.dirname(file)
  const days = options.days ?? 30
  const writing = yield* Effect.makeSemaphore(1)
  const encoder = new TextEncoder()
  const owner = LogFiles.ownerName(path, file)
  let current: Current | undefined
  let owned: Owned | undefined
  let order = 0

  const failed = (doing: string) => (cause: Error) =>
    new EventLogger.EventError({ message: `event log ${file} cannot be ${doing}: ${cause.message}`, cause })

  const close = Effect.suspend(() => {
    const before = current
    current = undefined
    return before === undefined ? Effect.void : Scope.close(before.scope, Exit.void)
  })

  const idOf = (info: FileSystem.File.Info): number => Option.getOrElse(info.ino, () => 0)

  /**
   * Makes the log this program's own. A file that says so stays open: no other one can have its number meanwhile, so
   * that another number at its place is another owner. Nothing of it has to be cleared away after a program that is
   * killed, and who comes later is the one that goes on.
   */
  const claim = Effect.gen(function*() {
    yield* Directory.make(directory)
    yield* fileSystem.remove(owner, { force: true })
    const handle = yield* fileSystem.open(owner, { flag: "wx" })
    owned = { id: idOf(yield* handle.stat) }
  }).pipe(
    // Two that begin at once: the later one goes on.
    Effect.retry({ times: 10, while: (error) => error._tag === "SystemError" && error.reason === "AlreadyExists" }),
    Effect.mapError(failed("opened")),
    Effect.provide(services),
    Effect.provideService(Scope.Scope, life)
  )

  /** Whether another program has opened the log since. Where somebody removed the sign, it is put there again. */
  const stillOwned = fileSystem.stat(owner).pipe(
    Effect.mapError((error) => (error._tag === "SystemError" && error.reason === "NotFound" ? undefined : failed("written")(error))),
    Effect.matchEffect({
      onFailure: (error) => (error === undefined ? claim : Effect.fail(error)),
      onSuccess: (info) =>
        idOf(info) === owned?.id
          ? Effect.void
          : Effect.fail(new EventLogger.EventError({ message: `event log ${file} cannot be written: another program has opened it` }))
    })
  )

  /** Names in a directory reach the disk by themselves on some systems only. Others refuse to be asked. */
  const syncDirectory = fileSystem.open(directory, { flag: "r" }).pipe(
    Effect.flatMap((handle) => handle.sync),
    Effect.scoped,
    Effect.ignore
  )

  const setAside = (torn: Uint8Array) =>
    fileSystem.open(LogFiles.tornName(path, file), { flag: "a" }).pipe(
      Effect.tap((aside) => aside.writeAll(torn)),
      Effect.tap((aside) => aside.writeAll(encoder.encode("\n"))),
      Effect.flatMap((aside) => aside.sync),
      Effect.scoped
    )

  /** Opens the current file, mends its end, and gives the number of its last event. */
  const open = Effect.gen(function*() {
    yield* Directory.make(directory)
    const scope = yield* Scope.make()
    const opened = yield* Effect.exit(Effect.gen(function*() {
      const handle = yield* Scope.extend(fileSystem.open(file, { flag: "a+" }), scope)
      const info = yield* handle.stat
      const now = yield* Clock.currentTimeMillis
      const size = Number(info.size)
      const end = yield* LogFiles.end(file, size)
      let whole = end.whole
      let last = end.last
      if (end.torn.length > 0) {
        const text = LogFiles.textOf(end.torn)
        if (LogFiles.orderOf(text) === undefined) {
          yield* setAside(end.torn)
          yield* handle.truncate(FileSystem.Size(whole))
        } else {
          yield* handle.writeAll(encoder.encode("\n"))
          whole = size + 1
          last = text
        }
        yield* handle.sync
      }
      current = {
        handle,
        scope,
        size: whole,
        torn: false,
        day: whole === 0 ? dayOf(now) : Option.match(info.mtime, { onNone: () => dayOf(now), onSome: (at) => dayOf(at.getTime()) })
      }
      return last
    }))
    if (Exit.isSuccess(opened)) return opened.value
    yield* Scope.close(scope, Exit.void)
    return yield* opened
  }).pipe(Effect.mapError(failed("opened")), Effect.provide(services))

  const numberOf = (line: string, where: string): Effect.Effect<number, EventLogger.EventError> => {
    const found = LogFiles.orderOf(line)
    return found === undefined
      ? Effect.fail(new EventLogger.EventError({ message: `event log ${where} cannot be continued: its last line is no event; move the file away` }))
      : Effect.succeed(found)
  }

  const notPruned = (error: Error) => Effect.logWarning(`event log ${file}: an old file cannot be removed: ${error.message}`)

  /** What cannot be removed stays until the next day: no reason to refuse an event, nor to keep the others. */
  const prune = (now: Timestamp.Timestamp) =>
    LogFiles.rotated(file).pipe(
      Effect.flatMap((all) =>
        Effect.forEach(
          all.filter(({ day }) => day < dayOf(Math.max(0, now - days * Timestamp.day))),
          (old) => Effect.catchAll(fileSystem.remove(old.file), notPruned),
          { discard: true }
        )),
      Effect.catchAll(notPruned),
      Effect.provide(services)
    )

  /** Where the file cannot be moved, the new day goes on in it. */
  const rotate = (day: string, now: Timestamp.Timestamp) =>
    Effect.gen(function*() {
      const taken = (yield* LogFiles.taken(file)).filter((other) => other.day === day).map(({ number }) => number)
      yield* close
      yield* fileSystem.rename(file, LogFiles.rotatedName(path, file, day, Math.max(0, ...taken) + 1))
      yield* prune(now)
    }).pipe(
      Effect.catchAll((error) => Effect.logWarning(`event log ${file} cannot be rotated: ${error.message}`)),
      Effect.provide(services),
      Effect.zipRight(Effect.suspend(() => (current === undefined ? Effect.asVoid(open) : Effect.void))),
      Effect.zipRight(syncDirectory)
    )

  /** Opens the file anew, and goes on with the higher number where there are lines that are not from here. */
  const reopen = Effect.gen(function*() {
    yield* close
    const last = yield* open
    order = Math.max(order, (last === undefined ? undefined : LogFiles.orderOf(last)) ?? 0)
    yield* syncDirectory
  })

  /** The file to write to: of today, there, and with nothing but whole lines in it. */
  const ready = Effect.gen(function*() {
    yield* stillOwned
    if (current === undefined) yield* reopen
    else {
      const info = yield* Effect.mapError(current.handle.stat, failed("written"))
      const isRemoved = Option.getOrElse(info.nlink, () => 1) === 0
      // What is written to a removed file would be gone with the process; and one of another length is not as it was left.
      if (isRemoved || (!current.torn && Number(info.size) !== current.size)) yield* reopen
    }
    const now = yield* Clock.currentTimeMillis
    const today = dayOf(now)
    const found = current!
    if (found.torn) {
      yield* Effect.mapError(found.handle.truncate(FileSystem.Size(found.size)), failed("written"))
      found.torn = false
    }
    // A clock that was ahead by days and was set right: the days are counted from here. A little back is no new day.
    if (found.size === 0 || found.day > dayOf(now + Timestamp.day)) found.day = today
    if (found.day < today) {
      yield* rotate(found.day, now)
      // It takes its time, in which another program may have come.
      yield* stillOwned
    }
    return current!
  })

  const write = (event: EventLogger.Event) =>
    Effect.gen(function*() {
      const to = yield* ready
      const bytes = encoder.encode(Jsonl.line({ ...event, order: order + 1 }))
      to.torn = true
      yield* Effect.zipRight(to.handle.writeAll(bytes), to.handle.sync).pipe(
        Effect.mapError(failed("written")),
        Effect.tapError(() =>
          Effect.match(to.handle.truncate(FileSystem.Size(to.size)), {
            onSuccess: () => {
              to.torn = false
            },
            onFailure: () => undefined
          })
        )
      )
      to.torn = false
      to.size += bytes.length
      order++
    })

  yield* Effect.addFinalizer(() => close)
  yield* claim
  const last = yield* open
  if (last !== undefined) order = yield* numberOf(last, file)
  else {
    const before = (yield* Effect.mapError(LogFiles.rotated(file), failed("read"))).at(-1)
    if (before !== undefined) {
      const size = yield* Effect.mapError(fileSystem.stat(before.file), failed("read"))
      const end = yield* Effect.mapError(LogFiles.end(before.file, Number(size.size)), failed("read"))
      if (end.last !== undefined) order = yield* numberOf(end.last, before.file)
    }
  }
  yield* prune(yield* Clock.currentTimeMillis)
  yield* syncDirectory

  return {
    // Once begun it is known to be in the log or not.
    log: (event) => writing.withPermits(1)(Effect.uninterruptible(write(event))),
    flush: Effect.void
  }
})

/**
 * A log with a file for each day.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options?: Options
): Layer.Layer<EventLogger.EventLogger, EventLogger.EventError, FileSystem.FileSystem | Path.Path> =>
  Layer.scoped(EventLogger.EventLogger, make(options))
