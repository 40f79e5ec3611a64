import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as HealthRule from "../../src/manager/HealthRule.js"

const calm: HealthRule.Observed = {
  critical: 0,
  exhausted: 0,
  errors: 0,
  retries: 0,
  lost: 0,
  blocked: false,
  routing: 0,
  venues: 2,
  working: 2
}

/** The rows of the table in the guide: what is observed, and what it makes of the component. */
const rows: ReadonlyArray<readonly [string, Partial<HealthRule.Observed>, HealthRule.Verdict["status"]]> = [
  ["a critical error", { critical: 1, errors: 1 }, "unhealthy"],
  ["retries that failed", { exhausted: 1, errors: 1 }, "unhealthy"],
  ["accruals that cannot be settled", { blocked: true }, "unhealthy"],
  ["no venue that works", { working: 0 }, "unhealthy"],
  ["an error", { errors: 1 }, "degraded"],
  ["a retry", { retries: 1 }, "degraded"],
  ["an event that the log did not take", { lost: 1 }, "degraded"],
  ["slow routing", { routing: 10 }, "degraded"],
  ["a venue that does not work", { working: 1 }, "degraded"]
]

describe("HealthRule", () => {
  it("is healthy without any reason, also without a venue and just below the threshold", () => {
    for (const observed of [calm, { ...calm, venues: 0, working: 0 }, { ...calm, routing: 9.99 }]) {
      assert.deepStrictEqual(HealthRule.judge(observed), { status: "healthy", reasons: [] })
    }
  })

  it.each(rows)("%s alone decides", (reason, observed, status) => {
    assert.deepStrictEqual(HealthRule.judge({ ...calm, ...observed }), { status, reasons: [reason] })
  })

  it.each([1, 12, 100])("is not unhealthy by %d refused requests", (errors) => {
    assert.strictEqual(HealthRule.judge({ ...calm, errors }).status, "degraded")
  })

  it("measures against the threshold that is set", () => {
    assert.strictEqual(HealthRule.judge({ ...calm, routing: 40 }, { slow: 50 }).status, "healthy")
    assert.strictEqual(HealthRule.judge({ ...calm, routing: 50 }, { slow: 50 }).status, "degraded")
  })

  it("is as bad as the worst of several reasons, and names all of them", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.uniqueArray(FastCheck.integer({ min: 0, max: rows.length - 1 }), { minLength: 1 }), (chosen) => {
        // A program has no more than one state of its venues.
        const picked = chosen.filter((row) => rows[row]![1].working !== 0 || !chosen.some((other) => rows[other]![1].working === 1))
        const parts = picked.map((row) => rows[row]!)
        const observed = parts.reduce((all, [, part]) => ({
          ...all,
          ...part,
          errors: all.errors + (part.errors ?? 0)
        }), calm)
        const verdict = HealthRule.judge(observed)
        assert.sameMembers([...verdict.reasons], parts.map(([reason]) => reason))
        assert.strictEqual(verdict.status, parts.some(([, , status]) => status === "unhealthy") ? "unhealthy" : "degraded")
      }),
      { seed: 20240601, numRuns: 500 }
    )
  })
})
