import { assert, describe, it } from "@effect/vitest"
import { Cause, Data, Effect, Either, Exit, FastCheck, Fiber, FiberId, FiberRef, Option, Tracer } from "effect"
import * as Sync from "../../src/internal/Sync.js"

const leaves = ["Succeed", "Right", "Fail", "Left", "Die", "Dead", "Interrupted", "Both"] as const

const pairs = ["Map", "MapError", "FlatMap", "Match", "MatchEffect"] as const

/** A program: how it is written does not matter for what it does. */
type Program =
  | { readonly _tag: (typeof leaves)[number]; readonly value: number }
  | { readonly _tag: "Wait"; readonly of: Program }
  | { readonly _tag: (typeof pairs)[number]; readonly of: Program; readonly next: Program }
  | { readonly _tag: "Each"; readonly all: ReadonlyArray<Program> }

const { program } = FastCheck.letrec<{ program: Program }>((tie) => ({
  program: FastCheck.oneof(
    { depthSize: "small" },
    FastCheck.record({ _tag: FastCheck.constantFrom(...leaves), value: FastCheck.nat(9) }),
    FastCheck.record({ _tag: FastCheck.constant("Wait" as const), of: tie("program") }),
    FastCheck.record({
      _tag: FastCheck.constantFrom(...pairs),
      of: tie("program"),
      next: tie("program")
    }),
    FastCheck.record({ _tag: FastCheck.constant("Each" as const), all: FastCheck.array(tie("program"), { maxLength: 4 }) })
  )
}))

/** The functions under test, or those of the library that they are named after. */
type Functions = Pick<typeof Sync, "flatMap" | "forEach" | "map" | "mapError" | "match" | "matchEffect" | "suspend">

const reference: Functions = {
  flatMap: (self, f) => Effect.flatMap(self, f),
  map: (self, f) => Effect.map(self, f),
  mapError: (self, f) => Effect.mapError(self, f),
  match: (self, options) => Effect.match(self, options),
  matchEffect: (self, options) => Effect.matchEffect(self, options),
  suspend: (f) => Effect.suspend(f),
  forEach: (items, f) => Effect.forEach(items, f, { discard: true })
}

/** Runs a program, and writes down in which order its parts are run. */
const build = (use: Functions, self: Program, trace: Array<string>): Effect.Effect<number, number> => {
  const step = (name: string, n: number): number => {
    trace.push(`${name} ${n}`)
    return n + 1
  }
  switch (self._tag) {
    case "Succeed":
      return use.suspend(() => Effect.succeed(step("succeed", self.value)))
    case "Fail":
      return use.suspend(() => Effect.fail(step("fail", self.value)))
    case "Die":
      return use.suspend(() => {
        step("die", self.value)
        return Effect.die(new Error("defect"))
      })
    case "Dead":
      return Exit.die(new Error("defect"))
    case "Interrupted":
      return Exit.interrupt(FiberId.none)
    case "Both":
      return Exit.failCause(Cause.sequential(Cause.fail(self.value), self.value % 2 === 0 ? Cause.fail(7) : Cause.die("defect")))
    case "Right":
      return Either.right(self.value)
    case "Left":
      return Either.left(self.value)
    case "Wait":
      return Effect.zipRight(Effect.yieldNow(), build(use, self.of, trace))
    case "Map":
      return use.map(build(use, self.of, trace), (n) => step("map", n))
    case "MapError":
      return use.mapError(build(use, self.of, trace), (n) => step("mapError", n))
    case "FlatMap":
      return use.flatMap(build(use, self.of, trace), (n) => {
        step("flatMap", n)
        return build(use, self.next, trace)
      })
    case "Match":
      return use.match(build(use, self.of, trace), { onFailure: (n) => step("failed", n), onSuccess: (n) => step("went", n) })
    case "MatchEffect":
      return use.matchEffect(build(use, self.of, trace), {
        onFailure: (n) => Effect.fail(step("failed", n)),
        onSuccess: (n) => {
          step("went", n)
          return build(use, self.next, trace)
        }
      })
    case "Each":
      return use.map(
        use.forEach(self.all, (one, index) => use.map(build(use, one, trace), (n) => void step(`each ${index}`, n))),
        () => trace.length
      )
  }
}

const told = (exit: Exit.Exit<number, number>): unknown =>
  Exit.match(exit, {
    onSuccess: (value) => value,
    onFailure: (cause) => [...Cause.failures(cause), ...Cause.defects(cause)].map(String)
  })

describe("Sync", () => {
  it.effect.prop("does what the functions of the same name do, in the same order", [program], ([self]) =>
    Effect.gen(function*() {
      const [ours, theirs]: [Array<string>, Array<string>] = [[], []]
      const effect = build(Sync, self, ours)
      // Nothing happens before it is run, and each run does it all again.
      assert.deepStrictEqual(ours, [])
      const expected = told(yield* Effect.exit(build(reference, self, theirs)))
      assert.deepStrictEqual(told(yield* Effect.exit(effect)), expected)
      assert.deepStrictEqual(ours, theirs)
      yield* Effect.exit(effect)
      // The number of steps so far is what the program itself counts: it is another one in the second run.
      assert.strictEqual(ours.length, 2 * theirs.length)
    }), { fastCheck: { numRuns: 500 } })

  class Failure extends Data.TaggedError("Failure")<{ readonly n: number }> {}
  class Success extends Data.TaggedError("Success")<{ readonly n: number }> {}
  class Left extends Data.TaggedError("Left")<{ readonly n: number }> {}

  it.effect.each<readonly [string, Effect.Effect<number, unknown>]>([
    ["an error with the tag of a failure", new Failure({ n: 1 })],
    ["an error with the tag of a success", new Success({ n: 1 })],
    ["an error with the tag of an either", new Left({ n: 1 })],
    ["no option", Option.none()],
    ["an option", Option.some(1)],
    ["a failure beside a defect", Exit.failCause(Cause.parallel(Cause.fail("a"), Cause.die("b")))],
    ["a failure before an interruption", Exit.failCause(Cause.sequential(Cause.fail("a"), Cause.interrupt(FiberId.none)))],
    ["an interruption before a failure", Exit.failCause(Cause.sequential(Cause.interrupt(FiberId.none), Cause.fail("a")))],
    ["two failures", Exit.failCause(Cause.parallel(Cause.fail("a"), Cause.fail("b")))],
    ["a failure beside a defect, waited for", Effect.zipRight(Effect.yieldNow(), Effect.failCause(Cause.parallel(Cause.fail("a"), Cause.die("b"))))],
    ["a cause that is empty", Exit.failCause(Cause.empty)],
    ["an interruption", Exit.interrupt(FiberId.none)],
    ["a defect", Exit.die("b")]
  ])("does with %s what the library does", ([, leaf]) =>
    Effect.gen(function*() {
      const uses: ReadonlyArray<(use: Functions) => Effect.Effect<unknown, unknown>> = [
        (use) => use.suspend(() => leaf),
        (use) => use.map(leaf, (n) => [n]),
        (use) => use.mapError(leaf, (error) => ["mapped", error]),
        (use) => use.flatMap(leaf, (n) => Effect.fail(["went", n])),
        (use) => use.match(leaf, { onFailure: (error) => ["failed", error], onSuccess: (n) => ["went", n] }),
        (use) => use.matchEffect(leaf, { onFailure: (error) => Effect.succeed(["failed", error]), onSuccess: (n) => Effect.fail(["went", n]) }),
        (use) => use.forEach([1, 2], () => Effect.asVoid(leaf))
      ]
      for (const of of uses) assert.deepStrictEqual(yield* Effect.exit(of(Sync)), yield* Effect.exit(of(reference)))
    }))

  it.scoped("runs what is waited for with the context, the values and the span of the fiber", () =>
    Effect.gen(function*() {
      const ref = yield* FiberRef.make(0)
      const read = Sync.flatMap(Sync.void, () => FiberRef.get(ref))
      assert.strictEqual(yield* Sync.flatMap(Sync.flatMap(Sync.void, () => FiberRef.set(ref, 5)), () => read), 5)
      assert.strictEqual(yield* Effect.locally(read, ref, 9), 9)
      assert.strictEqual(yield* read, 5)
      const name = Sync.flatMap(Sync.void, () => Effect.map(Effect.currentSpan, (span) => span.name))
      assert.strictEqual(yield* Effect.withSpan(name, "outer"), "outer")
      assert.strictEqual(yield* Effect.withSpan(Sync.flatMap(Sync.void, () => Effect.withSpan(name, "inner")), "outer"), "inner")
    }))

  it.effect("runs a chain of any length without a deep stack", () =>
    Effect.gen(function*() {
      const count = (n: number): Effect.Effect<number> => n === 0 ? Sync.succeed(0) : Sync.flatMap(Sync.succeed(n), () => count(n - 1))
      assert.strictEqual(yield* count(100_000), 0)
      let runs = 0
      yield* Sync.forEach(Array.from({ length: 100_000 }), () => Sync.sync(() => void runs++))
      assert.strictEqual(runs, 100_000)
    }))

  it("answers at once where nothing has to be waited for", () => {
    const effect = Sync.matchEffect(Sync.mapError(Sync.fail(1), (n) => n + 1), {
      onFailure: (n) => Sync.map(Sync.sync(() => n * 10), (m) => m + 1),
      onSuccess: () => Sync.succeed(0)
    })
    assert.deepStrictEqual(Effect.runSyncExit(effect), Exit.succeed(21))
  })

  it.effect("is one turn of the run loop, however long the chain", () =>
    Effect.gen(function*() {
      let turns = 0
      const counting = Tracer.make({
        span: () => {
          throw new Error("no span is made here")
        },
        context: (f) => {
          turns++
          return f()
        }
      })
      const either: Effect.Effect<number, number> = Either.right(1)
      const chain = Sync.flatMap(Sync.map(Sync.mapError(either, (n) => n + 1), (n) => n + 1), (n) =>
        Sync.matchEffect(Sync.flatMap(Sync.succeed(n), Sync.fail), {
          onFailure: (m) => Sync.zipRight(Sync.forEach([1, 2, 3], () => Sync.void), Sync.match(Sync.fail(m), { onFailure: (l) => l, onSuccess: () => 0 })),
          onSuccess: Sync.succeed
        }))
      const count = (effect: Effect.Effect<number, number>) =>
        Effect.map(Effect.withTracer(effect, counting), (value) => {
          const counted = turns
          turns = 0
          return [value, counted] as const
        })
      const [, nothing] = yield* count(Sync.succeed(2))
      assert.deepStrictEqual(yield* count(chain), [2, nothing + 1])
    }))

  it.effect("is caught where its code throws", () =>
    Effect.gen(function*() {
      const bug = new Error("bug")
      const exit = yield* Effect.exit(Sync.map(Sync.succeed(1), () => {
        throw bug
      }))
      assert.deepStrictEqual(exit, Exit.die(bug))
    }))

  it.effect("between two of which the first was waited for, does what is to be done then", () =>
    Effect.gen(function*() {
      const trace: Array<string> = []
      const one = (wait: boolean, index: number) =>
        Effect.zipRight(wait ? Effect.yieldNow() : Effect.void, Sync.sync(() => void trace.push(`${index}`)))
      const between = Effect.sync(() => void trace.push("between"))
      const alone = (wait: boolean, index: number) => wait ? one(true, index) : Sync.sync(() => void trace.push(`${index}`))
      yield* Sync.forEach([false, true, false, true], alone, () => between)
      assert.deepStrictEqual(trace, ["0", "1", "between", "2", "3"])
    }))

  it.effect("changes of an effect only what has to be waited for", () =>
    Effect.gen(function*() {
      let changed = 0
      const count = <A, E>(self: Effect.Effect<A, E>) => {
        changed++
        return self
      }
      assert.strictEqual(yield* Sync.waiting(Sync.map(Sync.succeed(1), (n) => n + 1), count), 2)
      assert.strictEqual(yield* Effect.flip(Sync.waiting(Sync.fail("no"), count)), "no")
      assert.strictEqual(changed, 0)
      assert.strictEqual(yield* Sync.waiting(Sync.map(Effect.as(Effect.yieldNow(), 1), (n) => n + 1), count), 2)
      assert.strictEqual(changed, 1)
    }))

  it.effect("is interrupted where it waits", () =>
    Effect.gen(function*() {
      let after = 0
      const fiber = yield* Effect.fork(Sync.flatMap(Sync.zipRight(Sync.void, Effect.never), () => Sync.sync(() => after++)))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.strictEqual(after, 0)
    }))
})
