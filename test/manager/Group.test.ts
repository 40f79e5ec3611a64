import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as Atomic from "../../src/manager/Atomic.js"
import * as Done from "../../src/manager/Done.js"
import * as Operations from "../../src/manager/Operations.js"
import * as Sending from "../../src/manager/Sending.js"
import type * as Journal from "../../src/journal/Journal.js"
import type * as Venue from "../../src/venue/Venue.js"
import { action, type Asked, bare, intentOf, journalOf, operation, recording, registryOf, sold, swap, turn } from "./parts.js"

const handle: Outcome.Handle = { venue: "wallet", operationId: "a", reference: {} }

const members = {
  id: "g",
  operations: [operation(action, { operationId: "a", index: 0 }), operation(swap, { operationId: "b", index: 1 })]
}

/** What a group comes to with these venues, of which the wallet answers as told. */
const execute = (
  answer: Effect.Effect<Outcome.Success, Outcome.Failure>,
  venues: { readonly [id: string]: Venue.Venue | string } = {},
  past: ReadonlyMap<string, Journal.Record> = new Map()
) => {
  const asked: Array<Asked> = []
  const carrier = recording("atomic", asked)
  const priced = { ...recording("swap", asked), arrival: () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero }) }
  const registry = registryOf({
    pool: { ...bare("pool"), swap: priced },
    wallet: { ...bare("wallet"), atomic: { ...carrier, submit: (call) => Effect.zipRight(carrier.submit(call), answer) } },
    ...venues
  })
  const sending = Sending.make({ journal: journalOf().journal, retry: Schedule.stop })
  const operations = Operations.make({ registry, sending, priceTolerance: Decimal.unsafe("0.02") })
  return Effect.map(Atomic.make({ registry, sending, operations })(members, 1000, turn, past), (done) => ({ asked, done }))
}

const settled = Effect.succeed(new Outcome.Settled({ receipt: sold }))
const statusesOf = (done: ReadonlyArray<Done.Done>) => done.map(({ report }) => report.status)

describe("a group", () => {
  it.effect("is under way where the carrier says so, and its whole stands with the first", () =>
    Effect.gen(function*() {
      const { asked, done } = yield* execute(Effect.succeed(new Outcome.Pending({ receipt: sold, handle })))
      assert.deepStrictEqual(statusesOf(done), ["pending", "pending"])
      assert.deepStrictEqual(done.map(({ report }) => [report.handle, report.entries]), [[handle, sold.entries], [handle, []]])
      assert.strictEqual(Decimal.format(asked[0]!.intent.instruction.members[1].bound), "1960")
    }))

  it.effect("is unknown as a whole, and each of its operations says so", () =>
    Effect.gen(function*() {
      const { done } = yield* execute(Effect.fail(new Outcome.Unknown({ handle, message: "cut off" })))
      assert.deepStrictEqual(statusesOf(done), ["unknown", "unknown"])
      assert.deepStrictEqual(done.map(({ error, report }) => [error?.code, report.error?.operationId]), [["EIM-008", "a"], ["EIM-008", "a"]])
    }))

  it.effect("is rolled back where one operation fails, and not degraded by that", () =>
    Effect.gen(function*() {
      const { done } = yield* execute(Effect.fail(new Outcome.Rejected({ reason: "reverted", message: "too little out", operationId: "b" })))
      assert.deepStrictEqual(statusesOf(done), ["rolled_back", "rejected"])
      assert.deepStrictEqual(done.map(({ degraded, error }) => [degraded, error?.code]), [[false, undefined], [false, "EIM-010"]])
      assert.strictEqual(done[1]?.error?.operationId, "b")
    }))

  it.effect("is not sent where a venue has gone, or cannot take part, since it was planned", () =>
    Effect.gen(function*() {
      for (const [venues, code, reason] of [
        [{ pool: "maintenance" }, "EIM-002", /maintenance/],
        [{ pool: bare("pool") }, "EIM-010", /^pool cannot take part/],
        [{ wallet: "no node" }, "EIM-002", /no node/],
        [{ wallet: bare("wallet") }, "EIM-010", /^no carrier/]
      ] as const) {
        const { asked, done } = yield* execute(settled, venues)
        assert.deepStrictEqual(statusesOf(done), ["not_sent", "skipped"])
        assert.deepStrictEqual(done.map(({ degraded, error }) => [degraded, error?.code]), [[false, code], [false, undefined]])
        assert.match(done[0]?.error?.reason ?? "", reason)
        assert.lengthOf(asked, 0)
      }
    }))

  it.effect("is not sent where a part of it was sent before", () =>
    Effect.gen(function*() {
      const report = Done.ofOutcome(members.operations[0]!, 1, new Outcome.Settled({ receipt: sold })).report
      const { asked, done } = yield* execute(settled, {}, new Map([["a", { intent: intentOf("atomic"), report }]]))
      assert.isTrue(done[0]?.report.replayed)
      assert.deepInclude({ ...done[1]?.error }, { operationId: "b", reason: "a part of atomic group g was sent before" })
      assert.strictEqual(done[1]?.error?.code, "EIM-010")
      assert.lengthOf(asked, 0)
    }))

  it("of which a part is asked for keeps what it is", () => {
    const pending = new Outcome.Pending({ receipt: sold, handle })
    const intent = intentOf("atomic", { operationId: "b", call: { operations: ["a", "b"] } })
    assert.deepInclude(Atomic.part(pending, intent), { _tag: "Pending", handle, receipt: Outcome.emptyReceipt(5) })
    assert.strictEqual(Atomic.part(pending, intentOf("send")), pending)
    assert.deepInclude(Atomic.part(pending, intentOf("atomic")), { _tag: "Pending", receipt: sold })
  })
})
