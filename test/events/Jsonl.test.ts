import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as Jsonl from "../../src/events/EventLogger/Jsonl.js"
import type { Json } from "../../src/domain/Json.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const start = Timestamp.unsafe("2024-06-01T00:00:00Z")

const event = (n: number): EventLogger.Event => ({
  timestamp: start + n * 1000,
  eventType: "operation",
  component: "ExecutionInterfaceManager",
  data: { operation_id: `op-${n}`, amount: "0.1" }
})

const temporary = Effect.flatMap(FileSystem.FileSystem, (fileSystem) =>
  Effect.map(fileSystem.makeTempDirectoryScoped(), (directory) => `${directory}/events.jsonl`))

const read = (file: string) => Effect.flatMap(FileSystem.FileSystem, (fileSystem) => fileSystem.readFileString(file))

/** Real files whose writing passes through a function. */
const intercepted = (
  through: (write: FileSystem.File["writeAll"]) => FileSystem.File["writeAll"]
): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (real): FileSystem.FileSystem => ({
      ...real,
      open: (path, options) =>
        Effect.map(real.open(path, options), (file) => ({
          [FileSystem.FileTypeId]: FileSystem.FileTypeId,
          fd: file.fd,
          stat: file.stat,
          sync: file.sync,
          seek: (offset, from) => file.seek(offset, from),
          read: (buffer) => file.read(buffer),
          readAlloc: (size) => file.readAlloc(size),
          truncate: (length) => file.truncate(length),
          write: (buffer) => file.write(buffer),
          writeAll: through((bytes) => file.writeAll(bytes))
        }))
    }))
  ).pipe(Layer.provide(NodeFileSystem.layer))

/** Holds the first writing back until the latch opens. */
const firstHeldBy = (latch: Effect.Latch): Layer.Layer<FileSystem.FileSystem> => {
  let writes = 0
  return intercepted((write) => (bytes) => {
    writes++
    return writes === 1 ? latch.whenOpen(write(bytes)) : write(bytes)
  })
}

const json: FastCheck.Arbitrary<Json> = FastCheck.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json)

const events: FastCheck.Arbitrary<ReadonlyArray<EventLogger.Event>> = FastCheck.array(
  FastCheck.record({
    timestamp: FastCheck.integer({ min: 0, max: 4_000_000_000_000 }),
    eventType: FastCheck.constantFrom<EventLogger.EventType>("operation", "accrual", "error", "state_update"),
    component: FastCheck.string({ unit: "grapheme" }),
    data: FastCheck.dictionary(FastCheck.string({ unit: "grapheme" }), json)
  }),
  { maxLength: 20 }
)

describe("EventLogger/Jsonl", () => {
  it.scoped.prop("every event is one line, in order, whenever it is flushed", [
    events,
    FastCheck.option(FastCheck.integer({ min: 1, max: 5 }), { nil: undefined }),
    FastCheck.array(FastCheck.boolean(), { minLength: 20, maxLength: 20 })
  ], ([events, buffer, flushes]) =>
    Effect.gen(function*() {
      const file = yield* temporary
      yield* Effect.gen(function*() {
        const logger = yield* EventLogger.EventLogger
        for (const [i, event] of events.entries()) {
          yield* logger.log(event)
          if (flushes[i] === true) yield* logger.flush
        }
      }).pipe(Effect.provide(Jsonl.layer({ file, buffer })))
      const text = yield* read(file)
      assert.strictEqual(text, events.map((event, i) => Jsonl.line({ ...event, order: i + 1 })).join(""))
      const lines = text.split("\n")
      assert.strictEqual(lines.pop(), "")
      assert.deepStrictEqual(
        lines.map((line) => JSON.parse(line)),
        events.map((event, i) => ({
          order: i + 1,
          timestamp: Timestamp.format(event.timestamp),
          event_type: event.eventType,
          component: event.component,
          data: JSON.parse(JSON.stringify(event.data))
        }))
      )
    }).pipe(Effect.provide(NodeFileSystem.layer)), { fastCheck: { numRuns: 40 } })

  it("writes a line as documented", () => {
    assert.strictEqual(
      Jsonl.line({ ...event(1), order: 7 }),
      `{"order":7,"timestamp":"2024-06-01T00:00:01Z","event_type":"operation","component":"ExecutionInterfaceManager","data":{"operation_id":"op-1","amount":"0.1"}}\n`
    )
  })

  it.scoped("holds events until it is flushed, and writes each at once with a buffer of 1", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      const held = yield* Jsonl.make({ file })
      // Synchronous: nothing but the flush touches the file.
      Effect.runSync(held.log(event(1)))
      Effect.runSync(held.log(event(2)))
      assert.strictEqual(yield* read(file), "")
      yield* held.flush
      assert.strictEqual((yield* read(file)).split("\n").length, 3)
      yield* held.flush
      assert.strictEqual((yield* read(file)).split("\n").length, 3)

      const direct = yield* Jsonl.make({ file, buffer: 1 })
      assert.strictEqual(yield* read(file), "", "a log starts empty")
      yield* direct.log(event(1))
      assert.strictEqual(yield* read(file), Jsonl.line({ ...event(1), order: 1 }))
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("keeps the order when a flush begins while another is under way, over more than one block", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      const count = 10_000
      const slow = yield* Effect.makeLatch()
      yield* Effect.gen(function*() {
        const logger = yield* EventLogger.EventLogger
        const half = Effect.forEach(Array.from({ length: count / 2 }, (_, n) => n), (n) => logger.log(event(n)))
        const flushInPart = Effect.zipLeft(Effect.fork(logger.flush), Effect.repeatN(Effect.yieldNow(), 10))
        yield* half
        const first = yield* flushInPart
        yield* half
        const second = yield* flushInPart
        const early = yield* read(file)
        yield* slow.open
        yield* Fiber.joinAll([first, second])
        assert.strictEqual(early, "", "nothing overtakes the first block")
      }).pipe(
        Effect.provide(Jsonl.layer({ file }).pipe(Layer.provide(firstHeldBy(slow))))
      )
      const lines = (yield* read(file)).trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.deepStrictEqual(lines.map((line) => line.order), Array.from({ length: count }, (_, n) => n + 1))
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("takes the data as it was when it was logged", () =>
    Effect.gen(function*() {
      const file = yield* temporary
      const logger = yield* Jsonl.make({ file })
      const data: Record<string, Json> = { status: "pending" }
      yield* logger.log({ ...event(1), data })
      data["status"] = "settled"
      yield* logger.flush
      assert.include(yield* read(file), `"status":"pending"`)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("a file that cannot be opened is a typed error that names it", () =>
    Effect.gen(function*() {
      const file = `${yield* temporary}/no/such/directory.jsonl`
      const error = yield* Effect.flip(Effect.provide(EventLogger.EventLogger, Jsonl.layer({ file })))
      assert.strictEqual(error._tag, "EventError")
      assert.include(error.message, `event log ${file} cannot be written`)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  describe("when the disk fails", () => {
    /** Writes half of what it is given and fails, as long as it is told to. */
    const failing = (disk: { full: boolean }): Layer.Layer<FileSystem.FileSystem> =>
      intercepted((write) => (bytes) =>
        disk.full
          ? Effect.zipRight(
            write(bytes.subarray(0, bytes.length / 2)),
            Effect.fail(
              new PlatformError.SystemError({
                module: "FileSystem",
                method: "writeAll",
                reason: "Unknown",
                description: "no space left on device"
              })
            )
          )
          : write(bytes))

    it.scoped("says so, loses nothing and doubles nothing", () =>
      Effect.gen(function*() {
        const file = yield* temporary
        const disk = { full: false }
        yield* Effect.gen(function*() {
          const logger = yield* EventLogger.EventLogger
          yield* logger.log(event(1))
          yield* logger.flush
          disk.full = true
          yield* logger.log(event(2))
          const error = yield* Effect.flip(logger.flush)
          assert.include(error.message, "no space left on device")
          yield* logger.log(event(3))
          yield* Effect.flip(logger.flush)
          disk.full = false
        }).pipe(Effect.provide(Jsonl.layer({ file }).pipe(Layer.provide(failing(disk)))))
        assert.strictEqual(
          yield* read(file),
          [1, 2, 3].map((n) => Jsonl.line({ ...event(n), order: n })).join("")
        )
      }).pipe(Effect.provide(NodeFileSystem.layer)))

    it.scoped("each event from a full buffer on tries again, and says so", () =>
      Effect.gen(function*() {
        const file = yield* temporary
        const disk = { full: true }
        yield* Effect.gen(function*() {
          const logger = yield* EventLogger.EventLogger
          yield* Effect.forEach([1, 2], (n) => logger.log(event(n)))
          yield* Effect.forEach([3, 4], (n) => Effect.flip(logger.log(event(n))))
          disk.full = false
          yield* logger.log(event(5))
          yield* Effect.forEach([6, 7], (n) => logger.log(event(n)))
          assert.strictEqual((yield* read(file)).split("\n").length, 6)
        }).pipe(Effect.provide(Jsonl.layer({ file, buffer: 3 }).pipe(Layer.provide(failing(disk)))))
        assert.strictEqual(yield* read(file), [1, 2, 3, 4, 5, 6, 7].map((n) => Jsonl.line({ ...event(n), order: n })).join(""))
      }).pipe(Effect.provide(NodeFileSystem.layer)))

    const text = FastCheck.oneof(
      FastCheck.string({ unit: "binary", maxLength: 20 }),
      FastCheck.array(FastCheck.constantFrom("\ud800", "\udc00", "é", "€", "😀", "\u0000", "\u2028", "\n", '"'), { maxLength: 12 }).map((all) => all.join("")),
      FastCheck.nat(100_000).map((n) => "€".repeat(n))
    )
    const steps = FastCheck.array(FastCheck.oneof(
      { weight: 4, arbitrary: FastCheck.record({ log: text, wait: FastCheck.boolean() }) },
      FastCheck.record({ flush: FastCheck.boolean() }),
      FastCheck.record({ full: FastCheck.boolean() })
    ), { maxLength: 24 })

    it.scoped.prop("whatever text, wherever it fails, whoever flushes meanwhile: the file is the lines in their order", [
      steps,
      FastCheck.constantFrom(undefined, 1, 2, 5)
    ], ([all, buffer]) =>
      Effect.gen(function*() {
        const file = yield* temporary
        const disk = { full: false }
        const lines: Array<string> = []
        yield* Effect.gen(function*() {
          const logger = yield* EventLogger.EventLogger
          const running: Array<Fiber.Fiber<unknown>> = []
          for (const step of all) {
            if ("full" in step) disk.full = step.full
            else if ("flush" in step) {
              const flushing = Effect.exit(logger.flush)
              if (step.flush) running.push(yield* Effect.fork(flushing))
              else yield* flushing
            } else {
              const one: EventLogger.Event = { ...event(1), component: step.log.slice(0, 50), data: { text: step.log, [step.log.slice(0, 9)]: 1 } }
              lines.push(Jsonl.line({ ...one, order: lines.length + 1 }))
              const logging = Effect.exit(logger.log(one))
              if (step.wait) yield* logging
              else {
                running.push(yield* Effect.fork(logging))
                yield* Effect.yieldNow()
              }
            }
          }
          yield* Fiber.joinAll(running)
          disk.full = false
        }).pipe(Effect.provide(Jsonl.layer({ file, buffer }).pipe(Layer.provide(failing(disk)))))
        const text = yield* read(file)
        // Compared as one text: the difference of long ones takes long to show.
        assert.isTrue(text === lines.join(""), "the file is the lines")
        for (const line of text.trimEnd().split("\n").filter((line) => line !== "")) JSON.parse(line)
      }).pipe(Effect.provide(NodeFileSystem.layer)), { fastCheck: { numRuns: 60 } })

    it.scoped("at the end of the scope, the program does not pass for well", () =>
      Effect.gen(function*() {
        const file = yield* temporary
        const disk = { full: true }
        const exit = yield* Effect.flatMap(EventLogger.EventLogger, (logger) => logger.log(event(1))).pipe(
          Effect.provide(Jsonl.layer({ file }).pipe(Layer.provide(failing(disk)))),
          Effect.exit
        )
        assert.isTrue(Exit.isFailure(exit))
      }).pipe(Effect.provide(NodeFileSystem.layer)))
  })
})
