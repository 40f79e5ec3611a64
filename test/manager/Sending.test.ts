import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Outcome from "../../src/domain/Outcome.js"
import * as EventLogger from "../../src/events/EventLogger.js"
import type * as Journal from "../../src/journal/Journal.js"
import * as Done from "../../src/manager/Done.js"
import * as Sending from "../../src/manager/Sending.js"
import * as Venue from "../../src/venue/Venue.js"
import { full, intentOf, journalOf, operation, sold } from "./parts.js"

const settled = new Outcome.Settled({ receipt: sold })
const rejected = new Outcome.Rejected({ reason: "rejected", message: "closed" })
const unsent = new Outcome.NotSent({ reason: "unavailable", message: "refused", retry: "after" })
const unknown = new Outcome.Unknown({ handle: { venue: "desk", operationId: "op", reference: {} }, message: "cut off" })

const intent: Venue.Intent<string> = { operationId: "op", at: 1000, instruction: "sell" }
const call = { wire: { order: "42" }, payload: "bytes" }

interface Setup {
  /** What to prepare comes to, attempt by attempt; then it is prepared. */
  readonly prepares?: ReadonlyArray<Outcome.NotSent | Outcome.Rejected>
  /** What to submit comes to, attempt by attempt; then it is settled. */
  readonly submits?: ReadonlyArray<Outcome.Failure>
  readonly journal?: Partial<Journal.Journal["Type"]>
  readonly announce?: Sending.Options["announce"]
}

const setup = ({ announce, journal: more, prepares = [], submits = [] }: Setup = {}) => {
  const { journal, written } = journalOf(more)
  const preparing = [...prepares]
  const submitting = [...submits]
  const capability = Venue.capability<string, string>({
    prepare: () =>
      Effect.suspend(() => {
        written.push(["prepare", undefined])
        const next = preparing.shift()
        return next === undefined ? Effect.succeed(call) : Effect.fail(next)
      }),
    submit: (payload, sent) =>
      Effect.suspend((): Effect.Effect<Outcome.Success, Outcome.Failure> => {
        written.push(["submit", [payload, sent]])
        const next = submitting.shift()
        return next === undefined ? Effect.succeed(settled) : Effect.fail(next)
      }),
    resolve: () => Effect.fail(unknown)
  })
  const sending = Sending.make({ journal, retry: Schedule.recurs(2), announce })
  return { sending, capability, written, steps: () => written.map(([step]) => step) }
}

const one = [operation()]
const two = [operation(), operation(undefined, { operationId: "second", index: 3 })]

describe("Sending", () => {
  it.effect("prepares, writes the intent down, and then submits what was prepared", () => {
    const { capability, sending, steps, written } = setup()
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* sending.send(one, "trade", capability, intent), { attempts: 1, outcome: settled })
      assert.deepStrictEqual(steps(), ["prepare", "intent op", "submit"])
      assert.deepStrictEqual(written[1]![1], intentOf("trade"))
      assert.deepStrictEqual(written[2]![1], ["bytes", intent])
    })
  })

  it.effect("announces before the journal, each of several operations", () => {
    const announced: Array<unknown> = []
    const { capability, sending, steps, written } = setup({
      announce: (announcing, name, at) =>
        Effect.sync(() => {
          written.push(["announce", undefined])
          announced.push([announcing.operationId, name, at])
        })
    })
    return Effect.gen(function*() {
      yield* sending.send(two, "atomic", capability, intent)
      assert.deepStrictEqual(steps(), ["prepare", "announce", "intent op", "announce", "intent second", "submit"])
      assert.deepStrictEqual(announced, [["op", "atomic", 1000], ["second", "atomic", 1000]])
    })
  })

  it.effect.each([
    ["prepared, all attempts", { prepares: [unsent, unsent, unsent] }, 0, unsent, 3],
    ["prepared, at last", { prepares: [unsent, unsent] }, 1, settled, 5],
    ["prepared, for good", { prepares: [rejected] }, 0, rejected, 1],
    ["sent, all attempts", { submits: [unsent, unsent, unsent] }, 3, unsent, 5],
    ["sent, at last", { submits: [unsent, unsent] }, 3, settled, 5],
    ["sent and rejected", { submits: [unsent, rejected] }, 2, rejected, 4],
    ["sent and unknown", { submits: [unknown] }, 1, unknown, 3]
  ] as const)("what cannot be %s", ([, setting, attempts, outcome, count]) => {
    const { capability, sending, steps } = setup(setting)
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* sending.send(one, "trade", capability, intent), { attempts, outcome })
      assert.lengthOf(steps(), count)
    })
  })

  it.effect("sends nothing that the journal does not take", () => {
    const { capability, sending, steps } = setup({ journal: { intent: () => full } })
    return Effect.gen(function*() {
      const sent = yield* sending.send(one, "trade", capability, intent)
      assert.strictEqual(sent.attempts, 0)
      assert.isUndefined(sent.outcome)
      assert.deepInclude("error" in sent ? { ...sent.error } : {}, { operationId: "op", venue: "desk", reason: "no space left" })
      assert.deepStrictEqual(steps(), ["prepare"])
    })
  })

  it.effect("sends nothing that cannot be announced, and leaves no intent behind", () => {
    const { capability, sending, steps } = setup({ announce: () => Effect.fail(new EventLogger.EventError({ message: "disk full" })) })
    return Effect.gen(function*() {
      const sent = yield* sending.send(one, "trade", capability, intent)
      assert.strictEqual("error" in sent ? sent.error.reason : undefined, "disk full")
      assert.deepStrictEqual(steps(), ["prepare"])
    })
  })

  it.effect("withdraws those of several intents that stood in the journal when one was refused", () => {
    const { capability, sending, written } = setup({
      announce: ({ operationId }) =>
        operationId === "second" ? Effect.fail(new EventLogger.EventError({ message: "disk full" })) : Effect.void
    })
    return Effect.gen(function*() {
      const sent = yield* sending.send(two, "atomic", capability, intent)
      assert.isUndefined(sent.outcome)
      assert.deepStrictEqual(written.map(([step, value]) => [step, (value as any)?.status]), [
        ["prepare", undefined],
        ["intent op", undefined],
        ["outcome op", "not_sent"],
        ["outcome second", "not_sent"]
      ])
      assert.deepInclude(written[3]![1], { operationId: "second", index: 3, attempts: 0, venue: "desk" })
    })
  })

  it.effect("withdraws what it can", () => {
    const { capability, sending } = setup({ journal: { intent: () => full, outcome: () => full } })
    return Effect.gen(function*() {
      const sent = yield* sending.send(two, "atomic", capability, intent)
      assert.strictEqual("error" in sent ? sent.error.code : undefined, "EIM-012")
    })
  })

  it.effect("records what was submitted, and nothing else", () => {
    const { sending, steps, written } = setup()
    const done = Done.ofOutcome(operation(), 1, settled)
    return Effect.gen(function*() {
      assert.strictEqual(yield* sending.record(operation(), done), done)
      assert.deepStrictEqual(written, [["outcome op", done.report]])
      const refused = Done.ofOutcome(operation(), 0, rejected)
      assert.strictEqual(yield* sending.record(operation(), refused), refused)
      assert.lengthOf(steps(), 1)
      assert.strictEqual(sending.unrecorded.size, 0)
    })
  })

  it.effect("remembers an outcome that the journal does not take", () => {
    const { sending } = setup({ journal: { outcome: () => full } })
    const done = Done.ofOutcome(operation(), 1, settled)
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* sending.record(operation(), done), { ...done, degraded: true })
      assert.deepStrictEqual([...sending.unrecorded], [["op", done.report]])
    })
  })
})
