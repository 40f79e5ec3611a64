import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Coverage from "../../src/data/Coverage.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const hour = Timestamp.hour

/** A series of hours with stretches of four steps and more between silences. */
const holed = FastCheck.array(
  FastCheck.record({ steps: FastCheck.integer({ min: 4, max: 12 }), missing: FastCheck.integer({ min: 1, max: 20 }) }),
  { minLength: 1, maxLength: 8 }
).map((parts) => {
  const times = [0]
  for (const { missing, steps } of parts) {
    for (let i = 0; i < steps; i++) times.push(times.at(-1)! + hour)
    times.push(times.at(-1)! + (missing + 1) * hour)
  }
  return [...times, ...[1, 2, 3, 4].map((n) => times.at(-1)! + n * hour)]
})

/** A series without a silence whose step changes. */
const changing = FastCheck.array(
  FastCheck.record({ step: FastCheck.constantFrom(1, 2, 4, 8, 24), count: FastCheck.integer({ min: 3, max: 30 }) }),
  { minLength: 1, maxLength: 6 }
).map((parts) => {
  const times = [0]
  for (const { count, step } of parts) for (let i = 0; i < count; i++) times.push(times.at(-1)! + step * hour)
  return times
})

describe("Coverage", () => {
  it.prop("observations and those missing make the whole", [holed], ([times]) => {
    const missing = Coverage.gapsOf(times).reduce((sum, gap) => sum + gap.missing, 0)
    assert.strictEqual(times.length + missing, times.at(-1)! / hour + 1)
  })

  it.prop("the density of all parts is the covered time, and no part is more than full", [
    holed,
    FastCheck.integer({ min: 1, max: 40 })
  ], ([times, cells]) => {
    const coverage = Coverage.make("a", times)!
    const to = times.at(-1)! + hour
    const density = Coverage.density(coverage, 0, to, cells)
    assert(density.every((part) => part >= 0 && part <= 1))
    const covered = density.reduce((sum, part) => sum + part, 0) * (to / cells)
    assert.approximately(covered, times.length * hour, 1)
  })

  it.prop("a change of the step is no gap, and all of the time is covered", [changing], ([times]) => {
    const coverage = Coverage.make("a", times)!
    assert.deepStrictEqual(coverage.gaps, [])
    assert(Coverage.density(coverage, 0, times.at(-1)!, 7).every((part) => part > 1 - 1e-9))
  })

  it.prop("what is missing in a stretch is measured by the step of the stretch", [
    FastCheck.constantFrom(1, 4, 8),
    FastCheck.constantFrom(1, 4, 8),
    FastCheck.integer({ min: 1, max: 9 })
  ], ([first, second, missing]) => {
    const times = [0, 1, 2, 3, 4, 4 + missing + 1, 4 + missing + 2, 4 + missing + 3, 4 + missing + 4].map((n) => n * first * hour)
    for (let i = 0; i < 6; i++) times.push(times.at(-1)! + second * hour)
    assert.deepStrictEqual(Coverage.gapsOf(times), [
      { after: 4 * first * hour, before: (4 + missing + 1) * first * hour, missing, step: first * hour }
    ])
  })

  it("stretches tell where the step changes", () => {
    const times = [0, 8, 16, 24, 28, 32, 36, 37, 38, 39, 40].map((n) => n * hour)
    assert.deepStrictEqual(Coverage.make("a", times)!.stretches, [
      { from: 0, step: 8 * hour },
      { from: 24 * hour, step: 4 * hour },
      { from: 36 * hour, step: hour }
    ])
    assert.deepStrictEqual(Coverage.make("a", times.slice(0, 4))!.stretches, [])
  })

  it("records some milliseconds late are of one step", () => {
    const times = [0, 1, 2, 3, 5, 6, 7, 8].map((n) => n * hour + (n % 3))
    assert.deepStrictEqual(Coverage.gapsOf(times).map(({ missing }) => missing), [1])
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
