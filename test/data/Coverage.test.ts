import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Coverage from "../../src/data/Coverage.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const hour = Timestamp.hour

/** A whole series of hours from which runs of observations have been taken away, never the ends. */
const holed = FastCheck.array(FastCheck.boolean(), { minLength: 3, maxLength: 60 }).map((kept) =>
  kept.flatMap((keep, i) => (keep || i === 0 || i === kept.length - 1 ? [i * hour] : []))
)

describe("Coverage", () => {
  it.prop("observations and those missing make the whole, for the true step", [holed], ([times]) => {
    const missing = Coverage.gapsOf(times, hour).reduce((sum, gap) => sum + gap.missing, 0)
    assert.strictEqual(times.length + missing, times.at(-1)! / hour + 1)
  })

  it.prop("the density of all parts is the covered time, and no part is more than full", [
    holed,
    FastCheck.integer({ min: 1, max: 40 })
  ], ([times, cells]) => {
    const coverage = { ...Coverage.make("a", times)!, step: hour, gaps: Coverage.gapsOf(times, hour) }
    const to = times.at(-1)! + hour
    const density = Coverage.density(coverage, 0, to, cells)
    assert(density.every((part) => part >= 0 && part <= 1))
    const covered = density.reduce((sum, part) => sum + part, 0) * (to / cells)
    assert.approximately(covered, times.length * hour, 1)
  })

  it("a step is the most frequent distance, the shorter of two", () => {
    assert.strictEqual(Coverage.stepOf([0, 8, 16, 24, 48].map((n) => n * hour)), 8 * hour)
    assert.strictEqual(Coverage.stepOf([0, 2 * hour, 3 * hour]), hour)
    assert.strictEqual(Coverage.stepOf([0]), undefined)
    const seconds = (...times: ReadonlyArray<number>) => Coverage.stepOf(times.map((time) => time * 1000))
    assert.strictEqual(seconds(0, 3611, 7200, 10_895, 14_400, 18_035), hour, "irregular: the median, to the minute")
    assert.strictEqual(seconds(0, 2, 5, 9), 3000)
    assert.strictEqual(Coverage.make("a", []), undefined)
  })

  it("a lone observation is seen, wherever it stands", () => {
    const coverage = Coverage.make("a", [10 * hour])!
    for (const [from, cell] of [[10 * hour, 0], [0, 3]] as const) {
      const density = Coverage.density(coverage, from, from + 10 * hour, 4)
      assert.deepStrictEqual(density.map((part) => part > 0), [0, 1, 2, 3].map((i) => i === cell))
    }
  })
})
