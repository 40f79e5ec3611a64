import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as Jsonl from "../../src/events/EventLogger/Jsonl.js"
import * as LogFiles from "../../src/events/EventLogger/LogFiles.js"
import * as Rotating from "../../src/events/EventLogger/Rotating.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const start = Timestamp.unsafe("2024-06-01T23:00:00Z")

const event = (n: number, more: EventLogger.Event["data"] = {}): EventLogger.Event => ({
  timestamp: start + n * 1000,
  eventType: "operation",
  component: "ExecutionInterfaceManager",
  data: { operation_id: `op-${n}`, ...more }
})

const lineOf = (n: number, order: number): string => Jsonl.line({ ...event(n), order })

const platform = Layer.merge(NodeFileSystem.layer, NodePath.layer)

const temporary = Effect.flatMap(FileSystem.FileSystem, (fileSystem) =>
  Effect.map(fileSystem.makeTempDirectoryScoped(), (directory) => `${directory}/logs/events/manager.jsonl`))

const read = (file: string) => Effect.flatMap(FileSystem.FileSystem, (fileSystem) => fileSystem.readFileString(file))

const names = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fileSystem) =>
    Effect.map(fileSystem.readDirectory(file.slice(0, file.lastIndexOf("/"))), (found) =>
      found.filter((name) => name !== "manager.owner").sort()))

/** Runs with a log that is closed afterwards, as a process of its own would. */
const withLog = <A, E, R>(
  file: string,
  use: (log: (n: number) => Effect.Effect<void, EventLogger.EventError>) => Effect.Effect<A, E, R>,
  days?: number
) =>
  Effect.flatMap(EventLogger.EventLogger, (logger) => use((n) => logger.log(event(n)))).pipe(
    Effect.provide(Rotating.layer({ file, days }))
  )

interface Disk {
  /** Bytes that still fit; absent where all do. */
  room?: number
  /** What fails beside the writing. */
  broken: Array<"truncate" | "sync" | "rename">
}

const noSpace = (method: string) =>
  Effect.fail(new PlatformError.SystemError({ module: "FileSystem", method, reason: "Unknown", description: "no space left on device" }))

/** Real files on a disk that can be full. */
const onDisk = (disk: Disk): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (real): FileSystem.FileSystem => ({
      ...real,
      rename: (from, to) => (disk.broken.includes("rename") ? noSpace("rename") : real.rename(from, to)),
      open: (path, options) =>
        Effect.map(real.open(path, options), (file) => ({
          [FileSystem.FileTypeId]: FileSystem.FileTypeId,
          fd: file.fd,
          stat: file.stat,
          sync: Effect.suspend(() => (disk.broken.includes("sync") ? noSpace("sync") : file.sync)),
          seek: (offset, from) => file.seek(offset, from),
          read: (buffer) => file.read(buffer),
          readAlloc: (size) => file.readAlloc(size),
          truncate: (length) => (disk.broken.includes("truncate") ? noSpace("truncate") : file.truncate(length)),
          write: (buffer) => file.write(buffer),
          writeAll: (bytes) =>
            Effect.suspend(() => {
              if (disk.room === undefined) return file.writeAll(bytes)
              const fits = bytes.subarray(0, disk.room)
              disk.room -= fits.length
              const written = fits.length === 0 ? Effect.void : file.writeAll(fits)
              return fits.length === bytes.length ? written : Effect.zipRight(written, noSpace("writeAll"))
            })
        }))
    }))
  ).pipe(Layer.provide(NodeFileSystem.layer))

describe("EventLogger/Rotating", () => {
  it.scoped("has every event in the file when it says so, and goes on with the numbers after a restart", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      yield* TestClock.setTime(start)
      yield* withLog(file, (log) =>
        Effect.gen(function*() {
          yield* log(1)
          assert.strictEqual(yield* read(file), lineOf(1, 1))
          yield* log(2)
          assert.strictEqual(yield* read(file), lineOf(1, 1) + lineOf(2, 2))
        }))
      yield* withLog(file, (log) => log(3))
      assert.strictEqual(yield* read(file), lineOf(1, 1) + lineOf(2, 2) + lineOf(3, 3))
      assert.deepStrictEqual(yield* names(file), ["manager.jsonl"])
    }).pipe(Effect.provide(platform)))

  it.scoped.prop("numbers all events once and in order, whoever logs at once and however often it is restarted", [
    FastCheck.array(FastCheck.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 })
  ], ([runs]) =>
    Effect.gen(function*() {
      const file = yield* temporary
      for (const count of runs) {
        yield* withLog(file, (log) =>
          Effect.forEach(Array.from({ length: count }, (_, n) => n), log, { concurrency: 4, discard: true }))
      }
      const total = runs.reduce((sum, count) => sum + count, 0)
      const lines = (yield* read(file)).split("\n")
      assert.strictEqual(lines.pop(), "")
      assert.deepStrictEqual(lines.map((line) => LogFiles.orderOf(line)), Array.from({ length: total }, (_, n) => n + 1))
    }).pipe(Effect.provide(platform)), { fastCheck: { numRuns: 15 } })

  it.scoped("begins a file each day of the clock, in UTC, and keeps those of 30 days", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      yield* TestClock.setTime(start)
      yield* withLog(file, (log) =>
        Effect.gen(function*() {
          yield* log(1)
          yield* TestClock.adjust("59 minutes")
          yield* log(2)
          assert.deepStrictEqual(yield* names(file), ["manager.jsonl"])
          yield* TestClock.adjust("1 minute")
          yield* log(3)
          assert.deepStrictEqual(yield* names(file), ["manager.2024-06-01.jsonl", "manager.jsonl"])
          assert.strictEqual(yield* read(file), lineOf(3, 3))
          assert.strictEqual(yield* read(file.replace(".jsonl", ".2024-06-01.jsonl")), lineOf(1, 1) + lineOf(2, 2))
          for (let n = 4; n < 34; n++) {
            yield* TestClock.adjust("1 day")
            yield* log(n)
          }
          const kept = yield* names(file)
          assert.strictEqual(kept.length, 31)
          assert.deepStrictEqual([kept[0], kept[29]], ["manager.2024-06-02.jsonl", "manager.2024-07-01.jsonl"])
        }))
      // The numbers go on from the newest file of the days before.
      const fileSystem = yield* FileSystem.FileSystem
      yield* fileSystem.remove(file)
      yield* withLog(file, (log) => log(34))
      assert.strictEqual(yield* read(file), lineOf(34, 33))
      assert.deepStrictEqual((yield* LogFiles.all(file)).slice(-2), [file.replace(".jsonl", ".2024-07-01.jsonl"), file])
    }).pipe(Effect.provide(platform)))

  it.scoped("goes on with its days when the clock is set back, by a little and by a year", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      yield* TestClock.setTime(start + 2 * Timestamp.hour)
      yield* withLog(file, (log) =>
        Effect.gen(function*() {
          yield* log(1)
          // Over midnight and back again.
          yield* TestClock.setTime(start)
          yield* log(2)
          yield* TestClock.setTime(start + 3 * Timestamp.hour)
          yield* log(3)
          assert.deepStrictEqual(yield* names(file), ["manager.jsonl"])
          yield* TestClock.setTime(start + 365 * Timestamp.day)
          yield* log(4)
          yield* TestClock.setTime(start + Timestamp.day)
          yield* log(5)
          yield* TestClock.adjust("1 day")
          yield* log(6)
          assert.strictEqual(yield* read(file), lineOf(6, 6))
          assert.strictEqual(yield* read(file.replace(".jsonl", ".2024-06-02.2.jsonl")), lineOf(4, 4) + lineOf(5, 5))
        }), 1000)
      const text = yield* Effect.map(Effect.forEach(yield* LogFiles.all(file), read), (all) => all.join(""))
      assert.strictEqual(text, [1, 2, 3, 4, 5, 6].map((n) => lineOf(n, n)).join(""))
    }).pipe(Effect.provide(platform)))

  it.scoped("moves a file of an earlier day after a restart, and never over another one", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      const fileSystem = yield* FileSystem.FileSystem
      const yesterday = new Date("2024-06-01T12:00:00Z")
      yield* TestClock.setTime(start + Timestamp.day)
      for (const n of [1, 2, 3]) {
        yield* withLog(file, (log) => log(n))
        yield* fileSystem.utimes(file, yesterday, yesterday)
      }
      assert.deepStrictEqual(yield* names(file), ["manager.2024-06-01.2.jsonl", "manager.2024-06-01.jsonl", "manager.jsonl"])
      const text = yield* Effect.map(Effect.forEach(yield* LogFiles.all(file), read), (all) => all.join(""))
      assert.strictEqual(text, lineOf(1, 1) + lineOf(2, 2) + lineOf(3, 3))
    }).pipe(Effect.provide(platform)))

  describe("after a process that was ended while it wrote", () => {
    it.scoped.prop("sets at most one torn line aside and loses no whole one", [
      FastCheck.integer({ min: 1, max: 4 }),
      FastCheck.double({ min: 0, max: 1, noNaN: true })
    ], ([whole, part]) =>
      Effect.gen(function*() {
        const file = yield* temporary
        const fileSystem = yield* FileSystem.FileSystem
        yield* withLog(file, (log) => Effect.forEach(Array.from({ length: whole }, (_, n) => n), log, { discard: true }))
        const before = yield* read(file)
        const next = lineOf(whole, whole + 1)
        const torn = next.slice(0, Math.floor(part * next.length))
        yield* fileSystem.writeFileString(file, before + torn)
        yield* withLog(file, (log) => log(99))
        const complete = torn.length >= next.length - 1
        assert.strictEqual(
          yield* read(file),
          complete ? `${before}${next}${lineOf(99, whole + 2)}` : `${before}${lineOf(99, whole + 1)}`
        )
        const aside = file.replace(".jsonl", ".torn")
        assert.strictEqual(
          (yield* fileSystem.exists(aside)) ? yield* read(aside) : "",
          complete || torn === "" ? "" : `${torn}\n`
        )
      }).pipe(Effect.provide(platform)), { fastCheck: { numRuns: 40 } })

    it.scoped("finds the end of a log whose last line is longer than what is read at once", () =>
      Effect.gen(function*() {
        const file = yield* temporary
        const long = event(2, { note: "größer ".repeat(40_000) })
        yield* Effect.flatMap(EventLogger.EventLogger, (logger) => Effect.zipRight(logger.log(event(1)), logger.log(long))).pipe(
          Effect.provide(Rotating.layer({ file }))
        )
        yield* withLog(file, (log) => log(3))
        assert.isTrue((yield* read(file)).endsWith(`\n${lineOf(3, 3)}`))
      }).pipe(Effect.provide(platform)))

    it.scoped("refuses to go on after a last line that is no event", () =>
      Effect.gen(function*() {
        const file = yield* temporary
        const fileSystem = yield* FileSystem.FileSystem
        yield* withLog(file, (log) => log(1))
        yield* fileSystem.writeFileString(file, "something else\n")
        const error = yield* Effect.flip(withLog(file, (log) => log(2)))
        assert.strictEqual(error._tag, "EventError")
        assert.include(error.message, `event log ${file} cannot be continued`)
        assert.strictEqual(yield* read(file), "something else\n")
      }).pipe(Effect.provide(platform)))
  })

  describe("when the disk is full", () => {
    it.scoped.prop("has the acknowledged events and no other, whatever fails", [
      FastCheck.array(
        FastCheck.record({
          room: FastCheck.option(FastCheck.integer({ min: 0, max: 300 }), { nil: undefined }),
          broken: FastCheck.subarray<Disk["broken"][number]>(["truncate", "sync", "rename"]),
          hours: FastCheck.integer({ min: 0, max: 30 }),
          restart: FastCheck.boolean()
        }),
        { maxLength: 12 }
      )
    ], ([steps]) =>
      Effect.gen(function*() {
        const file = yield* temporary
        yield* TestClock.setTime(start)
        const disk: Disk = { broken: [] }
        const acknowledged: Array<number> = []
        yield* withLog(file, (log) =>
          Effect.gen(function*() {
            for (const [n, step] of steps.entries()) {
              if (step.room === undefined) delete disk.room
              else disk.room = step.room
              disk.broken = step.broken
              yield* TestClock.adjust(`${step.hours} hours`)
              const logged = yield* Effect.either(log(n))
              if (logged._tag === "Right") acknowledged.push(n)
              else assert.include(logged.left.message, `event log ${file} cannot be`)
            }
            delete disk.room
            disk.broken = []
            yield* log(99)
            acknowledged.push(99)
          })).pipe(Effect.provide(Layer.merge(onDisk(disk), NodePath.layer)))
        const text = yield* Effect.map(Effect.forEach(yield* LogFiles.all(file), read), (all) => all.join(""))
        assert.strictEqual(text, acknowledged.map((n, i) => lineOf(n, i + 1)).join(""))
      }).pipe(Effect.provide(platform)), { fastCheck: { numRuns: 60 } })
  })

  it.scoped.skipIf(process.platform !== "linux")("a place that takes nothing is a typed error that names the log, and at once", () =>
    Effect.gen(function*() {
      const notMade = yield* Effect.flip(withLog("/proc/eim/events.jsonl", (log) => log(1)))
      assert.include(notMade.message, "event log /proc/eim/events.jsonl cannot be opened")
      // It has no end to be read up to, and no room.
      const full = yield* Effect.flip(withLog("/dev/full", (log) => log(1)))
      assert.match(full.message, /^event log \/dev\/full cannot be written: .*no space left on device/)
    }).pipe(Effect.provide(platform)), 10_000)

  it.scoped("what is no file, or cannot be removed, is in nobody's way", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      const fileSystem = yield* FileSystem.FileSystem
      const days = ["2024-01-01", "2024-01-02", "2024-06-01", "9999-12-31"]
      const nameOf = (day: string) => file.replace(".jsonl", `.${day}.jsonl`)
      for (const day of days) yield* fileSystem.makeDirectory(`${nameOf(day)}/inside`, { recursive: true })
      yield* fileSystem.remove(nameOf("2024-01-02"), { recursive: true })
      yield* fileSystem.writeFileString(nameOf("2024-01-02"), lineOf(1, 1))
      yield* TestClock.setTime(start)
      yield* withLog(file, (log) =>
        Effect.gen(function*() {
          yield* log(1)
          yield* TestClock.adjust("1 day")
          yield* log(2)
        }))
      assert.deepStrictEqual(yield* names(file), [
        "manager.2024-01-01.jsonl",
        "manager.2024-06-01.2.jsonl",
        "manager.2024-06-01.jsonl",
        "manager.9999-12-31.jsonl",
        "manager.jsonl"
      ])
      assert.deepStrictEqual(yield* LogFiles.all(file), [nameOf("2024-06-01.2"), file])
      assert.strictEqual(yield* read(file), lineOf(2, 3))
    }).pipe(Effect.provide(platform)))

  it.scoped("a directory that cannot be made is a typed error that names the log", () =>
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      const directory = yield* fileSystem.makeTempDirectoryScoped()
      yield* fileSystem.writeFileString(`${directory}/logs`, "a file")
      const file = `${directory}/logs/events/manager.jsonl`
      const error = yield* Effect.flip(withLog(file, (log) => log(1)))
      assert.strictEqual(error._tag, "EventError")
      assert.include(error.message, `event log ${file} cannot be opened`)
    }).pipe(Effect.provide(platform)))

  it.scoped("begins the file anew where somebody removed it, rather than write into nothing", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      const fileSystem = yield* FileSystem.FileSystem
      yield* withLog(file, (log) =>
        Effect.gen(function*() {
          yield* log(1)
          yield* fileSystem.remove(file)
          yield* log(2)
          assert.strictEqual(yield* read(file), lineOf(2, 2))
          yield* fileSystem.remove(file.slice(0, file.lastIndexOf("/")), { recursive: true })
          yield* log(3)
          assert.strictEqual(yield* read(file), lineOf(3, 3))
        }))
    }).pipe(Effect.provide(platform)))

  describe("two programs on one log", () => {
    it.scoped.prop("lose nothing that either was told to be there: the later one goes on, and the others are told", [
      FastCheck.array(
        FastCheck.record({ who: FastCheck.integer({ min: 0, max: 2 }), begins: FastCheck.boolean(), hours: FastCheck.integer({ min: 0, max: 30 }) }),
        { minLength: 1, maxLength: 20 }
      )
    ], ([steps]) =>
      Effect.gen(function*() {
        const file = yield* temporary
        yield* TestClock.setTime(start)
        const programs: Array<EventLogger.EventLogger["Type"] | undefined> = [undefined, undefined, undefined]
        const acknowledged: Array<number> = []
        let owner: number | undefined
        for (const [n, { begins, hours, who }] of steps.entries()) {
          yield* TestClock.adjust(`${hours} hours`)
          if (begins || programs[who] === undefined) {
            programs[who] = yield* Rotating.make({ file })
            owner = who
          }
          const logged = yield* Effect.either(programs[who]!.log(event(n)))
          assert.strictEqual(logged._tag === "Right", who === owner)
          if (logged._tag === "Right") acknowledged.push(n)
          else assert.strictEqual(logged.left.message, `event log ${file} cannot be written: another program has opened it`)
        }
        const text = yield* Effect.map(Effect.forEach(yield* LogFiles.all(file), read), (all) => all.join(""))
        assert.strictEqual(text, acknowledged.map((n, i) => lineOf(n, i + 1)).join(""))
      }).pipe(Effect.provide(platform)), { fastCheck: { numRuns: 30 } })

    it.scoped("a sign of the owner that somebody removed is put there again", () =>
      Effect.gen(function*() {
        const file = yield* temporary
        const fileSystem = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        yield* withLog(file, (log) =>
          Effect.gen(function*() {
            yield* log(1)
            yield* fileSystem.remove(LogFiles.ownerName(path, file))
            yield* log(2)
            assert.isTrue(yield* fileSystem.exists(LogFiles.ownerName(path, file)))
            yield* log(3)
          }))
        assert.strictEqual(yield* read(file), lineOf(1, 1) + lineOf(2, 2) + lineOf(3, 3))
      }).pipe(Effect.provide(platform)))
  })

  it.scoped("goes on behind what others did to the file, and gives no number twice", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      const fileSystem = yield* FileSystem.FileSystem
      yield* withLog(file, (log) =>
        Effect.gen(function*() {
          yield* log(1)
          yield* fileSystem.writeFileString(file, lineOf(5, 7) + lineOf(6, 8).slice(0, 30), { flag: "a" })
          yield* log(2)
          assert.strictEqual(yield* read(file), lineOf(1, 1) + lineOf(5, 7) + lineOf(2, 8))
          yield* fileSystem.truncate(file)
          yield* log(3)
          assert.strictEqual(yield* read(file), lineOf(3, 9))
        }))
    }).pipe(Effect.provide(platform)))

  it.scoped("takes no other file for one of its days", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      const fileSystem = yield* FileSystem.FileSystem
      assert.deepStrictEqual(yield* LogFiles.rotated(file), [], "there is no directory yet")
      const others = ["other.2024-01-01.jsonl", "manager.2024-01-01.csv", "manager.2024-01.jsonl", "managerX2024-01-01.jsonl"]
      yield* fileSystem.makeDirectory(file.slice(0, file.lastIndexOf("/")), { recursive: true })
      for (const name of others) yield* fileSystem.writeFileString(file.replace("manager.jsonl", name), "kept")
      yield* TestClock.setTime(start)
      yield* withLog(file, (log) => log(1), 0)
      yield* TestClock.adjust("400 days")
      yield* withLog(file, (log) => log(2), 0)
      assert.deepStrictEqual(yield* names(file), [...others, "manager.jsonl"].sort())
    }).pipe(Effect.provide(platform)))
})
