import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as EimError from "../../src/domain/EimError.js"
import * as HealthRule from "../../src/manager/HealthRule.js"
import * as Statistics from "../../src/manager/Statistics.js"
import type * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import { desk, venue } from "./fixtures.js"

const medium = EimError.info(new EimError.DeltaAggregationFailed({ reason: "ETH is off by 1" }))
const high = EimError.info(new EimError.VenueRejected({ reason: "the market is closed" }))
const exhausted = EimError.info(new EimError.VenueUnavailable({ reason: "okx does not answer", venue: "okx" }))
const critical = EimError.info(new EimError.OutcomeUnknown({ reason: "op-1 was sent" }))

const up = (id: string): VenueRegistry.Entry => ({ id, family: "cex", state: Either.right(venue(desk())) })

const down = (id: string): VenueRegistry.Entry => ({ id, family: "cex", state: Either.left("connection refused") })

/** What happens in an update. */
interface Update {
  readonly errors: ReadonlyArray<EimError.Info>
  readonly milliseconds: number
  /** Of them the time of venues. */
  readonly waited: number
  readonly retries: number
  /** Whether the venue did not take it after all retries. */
  readonly exhausted: boolean
  readonly lost: boolean
}

const calm: Update = { errors: [], milliseconds: 0, waited: 0, retries: 0, exhausted: false, lost: false }

const operation = (venue: string, attempts: number, error?: EimError.Info) => ({ venue, attempts, error })

const after = (updates: ReadonlyArray<Update>, options?: Partial<HealthRule.Thresholds>): Statistics.Statistics => {
  const statistics = Statistics.make(options)
  for (const [i, update] of updates.entries()) {
    statistics.updates++
    Statistics.addOperation(statistics, operation("okx", 1 + update.retries, update.exhausted ? exhausted : undefined), update.exhausted)
    for (const error of update.errors) Statistics.addError(statistics, { at: i, error })
    if (update.exhausted) Statistics.addError(statistics, { at: i, error: exhausted })
    if (update.waited > 0) Statistics.addWaited(statistics, "okx", update.waited)
    if (update.lost) Statistics.addLost(statistics)
    Statistics.addProcessing(statistics, update.milliseconds)
    statistics.lastUpdate = i
  }
  return statistics
}

const updates: FastCheck.Arbitrary<ReadonlyArray<Update>> = FastCheck.array(
  FastCheck.record({
    errors: FastCheck.oneof(
      { weight: 8, arbitrary: FastCheck.constant([]) },
      { weight: 1, arbitrary: FastCheck.array(FastCheck.constantFrom(medium, high, exhausted, critical), { maxLength: 30 }) }
    ),
    milliseconds: FastCheck.integer({ min: 0, max: 25 }),
    waited: FastCheck.integer({ min: 0, max: 5 }),
    exhausted: FastCheck.oneof({ weight: 50, arbitrary: FastCheck.constant(false) }, { weight: 1, arbitrary: FastCheck.constant(true) }),
    retries: FastCheck.oneof({ weight: 20, arbitrary: FastCheck.constant(0) }, { weight: 1, arbitrary: FastCheck.constant(2) }),
    lost: FastCheck.oneof({ weight: 20, arbitrary: FastCheck.constant(false) }, { weight: 1, arbitrary: FastCheck.constant(true) })
  }),
  { minLength: 1, maxLength: 300, size: "max" }
)

/** The definition, over the whole history. */
const defined = (all: ReadonlyArray<Update>, limits: HealthRule.Thresholds) => {
  const window = all.slice(-limits.window)
  const errors = window.flatMap((update) => update.errors)
  const rate = window.filter((update) => update.errors.length > 0 || update.exhausted).length / window.length
  const mean = window.reduce((sum, update) => sum + Math.max(0, update.milliseconds - update.waited), 0) / window.length
  const status = errors.some((error) => error.severity === "CRITICAL") || window.some((update) => update.exhausted)
    ? "unhealthy"
    : errors.length > 0 || mean >= limits.slow || window.some((update) => update.retries > 0 || update.lost)
      ? "degraded"
      : "healthy"
  return { status, rate, mean }
}

describe("Statistics", () => {
  it.prop("decides by the last updates alone, as defined", [
    updates,
    FastCheck.record({
      window: FastCheck.constantFrom(100, 100, 7, 1),
      slow: FastCheck.constantFrom(10, 13)
    })
  ], ([all, limits]) => {
    const statistics = after(all, limits)
    const expected = defined(all, limits)
    assert.strictEqual(Statistics.status(statistics, [up("okx")]), expected.status)
    assert.closeTo(Statistics.windowErrorRate(statistics), expected.rate, 1e-12)
    assert.closeTo(Statistics.meanProcessing(statistics), expected.mean, 1e-9)
    const errors = all.flatMap((update, at) => [...update.errors, ...(update.exhausted ? [exhausted] : [])].map((error) => ({ at, error })))
    const { metrics, ...told } = Statistics.health(statistics, [up("okx")])
    assert.deepStrictEqual(told.errors, errors.slice(-10))
    assert.strictEqual(metrics["update_count"], all.length)
    assert.strictEqual(metrics["error_rate"], errors.length / all.length)
    assert.strictEqual(metrics["retries"], all.reduce((sum, update) => sum + update.retries, 0))
    assert.strictEqual(metrics["events_lost"], all.filter((update) => update.lost).length)
  }, { fastCheck: { numRuns: 300 } })

  it.each([
    ["an error that does not stop a block", { ...calm, errors: [medium] }, "degraded"],
    ["an error of an instruction", { ...calm, errors: [high] }, "degraded"],
    ["a retry that succeeded", { ...calm, retries: 1 }, "degraded"],
    ["an event that the log did not take", { ...calm, lost: true }, "degraded"],
    ["a slow update", { ...calm, milliseconds: 1000 }, "degraded"],
    ["a venue that there is not", { ...calm, errors: [exhausted] }, "degraded"],
    ["retries that are exhausted", { ...calm, retries: 2, exhausted: true }, "unhealthy"],
    ["a CRITICAL error", { ...calm, errors: [critical] }, "unhealthy"]
  ] as const)("%s counts for exactly 100 updates", (_, update, status) => {
    const calms = (n: number) => Array.from({ length: n }, () => calm)
    assert.strictEqual(Statistics.status(after([calm, update]), [up("okx")]), status)
    assert.strictEqual(Statistics.status(after([calm, update, ...calms(99)]), [up("okx")]), status)
    assert.strictEqual(Statistics.status(after([calm, update, ...calms(100)]), [up("okx")]), "healthy")
  })

  it("counts routing alone, and tells the latency of venues apart", () => {
    const statistics = after([{ ...calm, milliseconds: 45, waited: 40 }, { ...calm, milliseconds: 65, waited: 60 }])
    const { metrics, status } = Statistics.health(statistics, [up("okx")])
    assert.deepStrictEqual([status, metrics["avg_processing_time_ms"]], ["healthy", 5])
    assert.deepInclude(metrics["venues"], { okx: { available: true, reason: null, instructions_routed: 2, instructions_failed: 0, error_rate: 0, retries: 0, avg_latency_ms: 50 } })
  })

  it("is unhealthy while accruals cannot be settled, and no longer", () => {
    const statistics = after([calm])
    statistics.blocked = true
    assert.strictEqual(Statistics.status(statistics, [up("okx")]), "unhealthy")
    statistics.blocked = false
    assert.strictEqual(Statistics.status(statistics, [up("okx")]), "healthy")
  })

  it("is degraded while a venue does not work, and unhealthy while none does", () => {
    const statistics = after([calm])
    assert.strictEqual(Statistics.status(statistics, []), "healthy")
    assert.strictEqual(Statistics.status(statistics, [up("bybit"), up("okx")]), "healthy")
    assert.strictEqual(Statistics.status(statistics, [up("bybit"), down("okx")]), "degraded")
    assert.strictEqual(Statistics.status(statistics, [down("bybit"), down("okx")]), "unhealthy")
  })

  it("tells of each venue whether it works, and what became of its instructions", () => {
    const statistics = Statistics.make()
    statistics.updates = 4
    Statistics.addOperation(statistics, operation("bybit", 1), false)
    Statistics.addOperation(statistics, operation("bybit", 3), false)
    Statistics.addOperation(statistics, operation("bybit", 3, high), true)
    Statistics.addOperation(statistics, operation("bybit", 0, high), true)
    assert.deepStrictEqual(Statistics.health(statistics, [up("bybit"), down("okx")]).metrics, {
      reasons: ["a retry", "a venue that does not work"],
      update_count: 4,
      avg_processing_time_ms: 0,
      error_rate: 0,
      window_error_rate: 0,
      retries: 4,
      events_lost: 0,
      instructions_routed: 2,
      instructions_failed: 2,
      venue_interfaces_available: 1,
      venues: {
        bybit: { available: true, reason: null, instructions_routed: 2, instructions_failed: 2, error_rate: 0.5, retries: 4, avg_latency_ms: 0 },
        okx: { available: false, reason: "connection refused", instructions_routed: 0, instructions_failed: 0, error_rate: 0, retries: 0, avg_latency_ms: 0 }
      }
    })
  })

  it("keeps the newest routings, oldest first", () => {
    const statistics = Statistics.make()
    const routing = (timestamp: number): Statistics.Routing =>
      ({ timestamp, operationId: "a", instructionType: "cex_trade", venue: "okx", status: "settled", success: true, deltas: {}, error: undefined })
    assert.deepStrictEqual(Statistics.history(statistics), [])
    for (let n = 0; n < 1999; n++) Statistics.addRouting(statistics, routing(n))
    assert.lengthOf(statistics.history, 1999)
    Statistics.addRouting(statistics, routing(1999))
    assert.lengthOf(statistics.history, 1000)
    Statistics.addRouting(statistics, routing(2000))
    const history = Statistics.history(statistics)
    assert.deepStrictEqual([history.length, history[0]?.timestamp, history.at(-1)?.timestamp], [1000, 1001, 2000])
  })

  it.each([1, 12, 100, 250])("is degraded and no more by %d refused orders in a row", (n) => {
    const refused: Update = { ...calm, errors: [high] }
    assert.strictEqual(Statistics.status(after(Array.from({ length: n }, () => refused)), [up("okx")]), "degraded")
  })

  it("keeps the other errors of the window beside one update with many", () => {
    const failing: Update = { ...calm, errors: [high] }
    const many: Update = { ...calm, errors: Array.from({ length: 300 }, () => medium) }
    const statistics = after([failing, many, failing, calm])
    assert.strictEqual(Statistics.windowErrorRate(statistics), 0.75)
    assert.isAtMost(statistics.recentErrors.length, 200)
  })

  it("holds no more for a run without end", () => {
    const statistics = Statistics.make()
    for (let n = 0; n < 10_000; n++) {
      statistics.updates++
      for (let i = 0; i < 3; i++) Statistics.addError(statistics, { at: n, error: high })
      Statistics.addProcessing(statistics, 1)
    }
    assert.isAtMost(statistics.recentErrors.length, 1000)
    assert.lengthOf(statistics.processing, 100)
    assert.strictEqual(Statistics.windowErrorRate(statistics), 1)
  })
})
