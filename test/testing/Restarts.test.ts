import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { life, live } from "./restarts.js"

/** A turn of the event loop, so that the runner is heard while a long property is examined. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

describe("whatever fails, is sent again, resolved or restarted", () => {
  const seen = new Map<string, number>()

  it.effect.prop("nothing takes effect twice, and what was reported is what changed", [life], ([life]) =>
    Effect.map(Effect.zipLeft(live(life), turn), ({ counts, differences, doubled, open }) => {
      for (const [what, times] of counts) seen.set(what, (seen.get(what) ?? 0) + times)
      assert.deepStrictEqual(doubled, [])
      assert.deepStrictEqual(open, [])
      assert.deepStrictEqual(differences, [])
    }), { fastCheck: { numRuns: 150, seed: 20240601 } })

  it("with every fault, crashes that are recovered from, and replays among it", () => {
    for (
      const what of [
        "prepare not_sent_after",
        "prepare rejected",
        "submit not_sent_after",
        "submit not_sent_never",
        "submit rejected",
        "submit unknown_before",
        "submit unknown_after",
        "resolve unknown",
        "accruals not_sent_after",
        "crash",
        "recovered",
        "replayed",
        "settled",
        "pending",
        "unknown",
        "not_sent",
        "rejected",
        "unresolved"
      ]
    ) assert.isAbove(seen.get(what) ?? 0, 0, what)
  })
})

describe("the law is broken by", () => {
  const broken = (spoil: Parameters<typeof live>[1]) =>
    Effect.map(
      Effect.promise(() =>
        FastCheck.check(
          FastCheck.asyncProperty(life, (life) =>
            Effect.runPromise(Effect.map(live(life, spoil), ({ doubled }) => doubled.length === 0))),
          { numRuns: 250, seed: 20240601, endOnFailure: true }
        )
      ),
      ({ failed }) => failed
    )

  it.effect("a journal that forgets", () =>
    Effect.gen(function*() {
      assert.isTrue(yield* broken((journal) => ({ ...journal, find: () => Effect.succeed(undefined), intent: () => Effect.void })))
    }))

  it.effect("a journal that takes the unknown for refused", () =>
    Effect.gen(function*() {
      assert.isTrue(yield* broken((journal) => ({
        ...journal,
        outcome: (id, report) => journal.outcome(id, report.status === "unknown" ? { ...report, status: "rejected" } : report)
      })))
    }))
})
