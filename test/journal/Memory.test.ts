import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import * as Journal from "../../src/journal/Journal.js"
import * as Memory from "../../src/journal/Journal/Memory.js"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const intent = (operationId: string, named = true, content = "{}"): Journal.Intent => ({
  operationId,
  content,
  venue: "binance",
  capability: "trade",
  at,
  call: { client_order_id: operationId },
  named
})

const report = (operationId: string, status: ExecutionReport.Status): ExecutionReport.OperationReport =>
  ExecutionReport.operation(
    { index: 0, operationId, instructionType: "cex_trade", venue: "binance", status, attempts: 1 },
    undefined
  )

const statuses = FastCheck.constantFrom<ExecutionReport.Status>(
  "settled",
  "partial",
  "pending",
  "rejected",
  "not_sent",
  "unknown",
  "rolled_back"
)

type Step =
  | { readonly _tag: "intent"; readonly id: string; readonly named: boolean; readonly content: string }
  | { readonly _tag: "outcome"; readonly id: string; readonly status: ExecutionReport.Status }

const ids = ["a", "b", "c"]

const steps: FastCheck.Arbitrary<ReadonlyArray<Step>> = FastCheck.array(
  FastCheck.oneof(
    FastCheck.record({
      _tag: FastCheck.constant("intent" as const),
      id: FastCheck.constantFrom(...ids),
      named: FastCheck.boolean(),
      content: FastCheck.constantFrom("one", "two")
    }),
    FastCheck.record({
      _tag: FastCheck.constant("outcome" as const),
      id: FastCheck.constantFrom(...ids),
      status: statuses
    })
  ),
  { maxLength: 30 }
)

const isOpen = (record: Journal.Record): boolean =>
  record.report === undefined || record.report.status === "pending" || record.report.status === "unknown"

describe("Journal/Memory", () => {
  describe("laws", () => {
    it.effect.prop("is the list of what was written, read by rule", [steps], ([steps]) =>
      Effect.gen(function*() {
        const journal = yield* Memory.make
        let model: ReadonlyArray<Journal.Record> = []
        for (const step of steps) {
          const earlier = model.find((record) => record.intent.operationId === step.id)
          if (step._tag === "intent") {
            const made = intent(step.id, step.named, step.content)
            const allowed = earlier === undefined || earlier.report?.status === "rejected" ||
              earlier.report?.status === "not_sent" || earlier.report?.status === "rolled_back"
            const written = yield* Effect.either(journal.intent(made))
            assert.strictEqual(Either.isRight(written), allowed)
            if (allowed) model = [...model.filter((record) => record !== earlier), { intent: made, report: undefined }]
          } else {
            const made = report(step.id, step.status)
            const written = yield* Effect.either(journal.outcome(step.id, made))
            assert.strictEqual(Either.isRight(written), earlier !== undefined)
            model = model.flatMap((record) => {
              if (record !== earlier) return [record]
              const next = { ...record, report: made }
              return next.intent.named || isOpen(next) ? [next] : []
            })
          }
          for (const id of ids) {
            assert.deepStrictEqual(yield* journal.find(id), model.find((record) => record.intent.operationId === id))
          }
          const byId = (records: ReadonlyArray<Journal.Record>) =>
            [...records].sort((a, b) => (a.intent.operationId < b.intent.operationId ? -1 : 1))
          assert.deepStrictEqual(byId(yield* journal.open), byId(model.filter(isOpen)))
        }
      }))

    it.effect.prop("a block is complete once it was said to be", [
      FastCheck.array(FastCheck.constantFrom("x", "y", "z")),
      FastCheck.constantFrom("x", "y", "z")
    ], ([said, asked]) =>
      Effect.gen(function*() {
        const journal = yield* Memory.make
        for (const id of said) yield* journal.completeBlock(id)
        assert.strictEqual(yield* journal.isBlockComplete(asked), said.includes(asked))
      }))
  })

  it.effect("gives an intent back before its outcome is known: what was lost on the way can be looked for", () =>
    Effect.gen(function*() {
      const journal = yield* Journal.Journal
      yield* journal.intent(intent("sell-1"))
      assert.deepStrictEqual(yield* journal.open, [{ intent: intent("sell-1"), report: undefined }])
      yield* journal.outcome("sell-1", report("sell-1", "unknown"))
      assert.deepStrictEqual((yield* journal.open).map((record) => record.report?.status), ["unknown"])
      yield* journal.outcome("sell-1", report("sell-1", "settled"))
      assert.deepStrictEqual(yield* journal.open, [])
      assert.deepStrictEqual(yield* journal.find("sell-1"), {
        intent: intent("sell-1"),
        report: report("sell-1", "settled")
      })
    }).pipe(Effect.provide(Memory.layer)))

  it.effect("keeps nothing of an operation that only the run named, once it is final", () =>
    Effect.gen(function*() {
      const journal = yield* Journal.Journal
      yield* journal.intent(intent("run-1", false))
      yield* journal.outcome("run-1", report("run-1", "pending"))
      assert.strictEqual((yield* journal.find("run-1"))?.report?.status, "pending")
      yield* journal.outcome("run-1", report("run-1", "settled"))
      assert.isUndefined(yield* journal.find("run-1"))
    }).pipe(Effect.provide(Memory.layer)))

  it.effect("says which intent stands and why", () =>
    Effect.gen(function*() {
      const journal = yield* Journal.Journal
      yield* journal.intent(intent("sell-1"))
      const unrecorded = yield* Effect.flip(journal.intent(intent("sell-1")))
      assert.strictEqual(unrecorded._tag, "JournalError")
      assert.strictEqual(
        unrecorded.message,
        "the intent sell-1 of 2024-06-01T00:00:00Z stands, its outcome not recorded: another cannot take its place"
      )
      yield* journal.outcome("sell-1", report("sell-1", "settled"))
      assert.strictEqual(
        (yield* Effect.flip(journal.intent(intent("sell-1")))).message,
        "the intent sell-1 of 2024-06-01T00:00:00Z stands, settled: another cannot take its place"
      )
      assert.strictEqual(
        (yield* Effect.flip(journal.outcome("sell-2", report("sell-2", "settled")))).message,
        "an outcome of sell-2, which has no intent"
      )
    }).pipe(Effect.provide(Memory.layer)))

  it.effect("is another journal in every build of the layer", () =>
    Effect.gen(function*() {
      const first = yield* Effect.provide(Journal.Journal, Memory.layer)
      const second = yield* Effect.provide(Journal.Journal, Memory.layer)
      yield* first.intent(intent("sell-1"))
      assert.isUndefined(yield* second.find("sell-1"))
    }))

  it("answers synchronously", () => {
    const found = Effect.runSync(
      Effect.flatMap(Memory.make, (journal) =>
        Effect.zipRight(journal.intent(intent("sell-1")), journal.find("sell-1")))
    )
    assert.deepStrictEqual(found, { intent: intent("sell-1"), report: undefined })
  })
})
