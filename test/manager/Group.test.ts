import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as Group from "../../src/manager/Group.js"
import * as OperationResult from "../../src/manager/OperationResult.js"
import * as Operations from "../../src/manager/Operations.js"
import * as Recording from "../../src/manager/Recording.js"
import type * as Journal from "../../src/journal/Journal.js"
import type * as Venue from "../../src/venue/Venue.js"
import { action, type Asked, bare, intentOf, journalOf, operation, recording, registryOf, restore, sold, swap, venueTime } from "./parts.js"

const handle: Outcome.Handle = { venue: "wallet", operationId: "a", reference: {} }

const price = () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero })
const members = [operation(action, { operationId: "a", index: 0 }), operation(swap, { operationId: "b", index: 1, arrival: price })]

/** What a group comes to, of which the wallet answers as told. */
const execute = (
  answer: Effect.Effect<Outcome.Success, Outcome.Failure>,
  past: ReadonlyMap<string, Journal.Record> = new Map()
) => {
  const asked: Array<Asked> = []
  const carrier = recording("atomic", asked)
  const registry = registryOf({ wallet: { ...bare("wallet"), atomic: { ...carrier, submit: (call) => Effect.zipRight(carrier.submit(call), answer) } } })
  const { journal } = journalOf()
  const carryOut = Operations.make({ journal, recording: Recording.make(journal), retry: Schedule.stop, priceTolerance: Decimal.unsafe("0.02"), venueTime })
  const step = Either.getOrThrow(Group.step("g", members, { enableAtomicChaining: true, venue: registry.get }))
  return Effect.map(carryOut(step, 1000, past, restore), (done) => ({ asked, done }))
}

const settled = Effect.succeed(new Outcome.Settled({ receipt: sold }))
const statusesOf = (done: ReadonlyArray<OperationResult.OperationResult>) => done.map(({ report }) => report.status)

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
      assert.deepStrictEqual(done.map(({ error, report }) => [error?.code, report.error?.operationId]), [["EIM-008", "a"], ["EIM-008", "b"]])
    }))

  it.effect("is rolled back where one operation fails, and not degraded by that", () =>
    Effect.gen(function*() {
      const { done } = yield* execute(Effect.fail(new Outcome.Rejected({ reason: "reverted", message: "too little out", operationId: "b" })))
      assert.deepStrictEqual(statusesOf(done), ["rolled_back", "rejected"])
      assert.deepStrictEqual(done.map(({ degraded, error }) => [degraded, error?.code]), [[false, undefined], [false, "EIM-010"]])
      assert.strictEqual(done[1]?.error?.operationId, "b")
    }))

  it.effect("is not sent where the price of a member cannot be read, or is too far off", () =>
    Effect.gen(function*() {
      const noPrice = new Outcome.NotSent({ reason: "market_data", message: "no price", retry: "never" })
      const wallet: Venue.Venue = { ...bare("wallet"), atomic: recording("atomic", []) }
      const { journal, written } = journalOf()
      const carryOut = Operations.make({ journal, recording: Recording.make(journal), retry: Schedule.stop, priceTolerance: Decimal.zero, venueTime })
      const unpriced = [members[0]!, { ...members[1]!, arrival: () => Effect.fail(noPrice) }]
      const step = Either.getOrThrow(Group.step("g", unpriced, { enableAtomicChaining: true, venue: registryOf({ wallet }).get }))
      const results = yield* carryOut(step, 1000, new Map(), restore)
      assert.deepStrictEqual(statusesOf(results), ["not_sent", "skipped"])
      assert.deepStrictEqual(results.map(({ error }) => error?.code), ["EIM-007", undefined])
      assert.lengthOf(written, 0)
    }))

  it.effect("is not sent where a part of it was sent before", () =>
    Effect.gen(function*() {
      const report = OperationResult.ofOutcome(members[0]!, 1, new Outcome.Settled({ receipt: sold })).report
      const { asked, done } = yield* execute(settled, new Map([["a", { intent: intentOf("atomic"), report }]]))
      assert.isTrue(done[0]?.report.replayed)
      assert.deepInclude({ ...done[1]?.error }, { operationId: "b", reason: "a part of atomic group g was sent before" })
      assert.strictEqual(done[1]?.error?.code, "EIM-010")
      assert.lengthOf(asked, 0)
    }))

  it("of which a part is asked for keeps what it is", () => {
    const pending = new Outcome.Pending({ receipt: sold, handle })
    const intent = intentOf("atomic", { operationId: "b", call: { operations: ["a", "b"] } })
    assert.deepInclude(Group.part(pending, intent), { _tag: "Pending", handle, receipt: Outcome.emptyReceipt(5) })
    assert.strictEqual(Group.part(pending, intentOf("send")), pending)
    assert.deepInclude(Group.part(pending, intentOf("atomic")), { _tag: "Pending", receipt: sold })
  })
})
