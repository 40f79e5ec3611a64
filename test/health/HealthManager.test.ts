import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as EimError from "../../src/domain/EimError.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import * as HealthManager from "../../src/health/HealthManager.js"

const component = (status: HealthManager.Status): HealthManager.ComponentHealth => ({
  status,
  lastUpdate: 1_717_200_000_000,
  errors: [],
  metrics: { update_count: 1 }
})

const medium = EimError.info(new EimError.DeltaAggregationFailed({ reason: "ETH is off by 1" }))
const high = EimError.info(new EimError.VenueUnavailable({ reason: "okx does not answer", venue: "okx" }))
const critical = EimError.info(new EimError.OutcomeUnknown({ reason: "op-1 was sent", operationId: "op-1" }))
const another = EimError.info(new EimError.CredentialsInvalid({ reason: "binance refuses the key" }))

const statuses = FastCheck.constantFrom<HealthManager.Status>("healthy", "degraded", "unhealthy")

const known = FastCheck.constantFrom(medium, high, critical, another)

describe("HealthManager", () => {
  it.effect.prop("the system is as well as its worst component", [
    FastCheck.dictionary(FastCheck.constantFrom("a", "b", "c", "d"), statuses)
  ], ([components]) =>
    Effect.gen(function*() {
      const health = yield* HealthManager.make
      for (const [name, status] of Object.entries(components)) {
        yield* health.registerComponent(name, Effect.succeed(component(status)))
      }
      const system = yield* health.check
      const all = Object.values(components)
      const worst = (["unhealthy", "degraded", "healthy"] as const).find((status) => all.includes(status)) ?? "unknown"
      assert.strictEqual(system.status, worst)
      assert.deepStrictEqual(
        system.components,
        Object.fromEntries(Object.entries(components).map(([name, status]) => [name, component(status)]))
      )
    }))

  it.effect.prop("the signal is the first CRITICAL error, and none without one", [
    FastCheck.array(known, { maxLength: 8 })
  ], ([errors]) =>
    Effect.gen(function*() {
      const health = yield* HealthManager.make
      const waiting = yield* Effect.fork(health.critical)
      yield* Effect.yieldNow()
      for (const error of errors) yield* health.reportError("manager", { at: 1, error })
      const first = errors.find((error) => error.severity === "CRITICAL")
      if (first === undefined) {
        yield* Effect.yieldNow()
        assert.isNull(waiting.unsafePoll())
        yield* Fiber.interrupt(waiting)
      } else {
        assert.strictEqual(yield* Fiber.join(waiting), first)
        // Who asks later hears the same.
        assert.strictEqual(yield* health.critical, first)
      }
    }))

  it.effect.prop("what is reported by a component nobody registered is seen, the last 10 errors of it", [
    FastCheck.array(known, { minLength: 1, maxLength: 25 })
  ], ([errors]) =>
    Effect.gen(function*() {
      const health = yield* HealthManager.make
      for (const [at, error] of errors.entries()) yield* health.reportError("okx", { at, error })
      const status = errors.some((error) => error.severity === "CRITICAL") ? "unhealthy" : "degraded"
      assert.deepStrictEqual(yield* health.check, {
        status,
        components: { okx: { status, lastUpdate: undefined, errors: errors.map((error, at) => ({ at, error })).slice(-10), metrics: {} } }
      })
    }))

  it.effect("a registered component speaks for itself, until it reports a CRITICAL error", () =>
    Effect.gen(function*() {
      const health = yield* HealthManager.HealthManager
      yield* health.registerComponent("manager", Effect.succeed(component("healthy")))
      yield* health.reportError("manager", { at: 1, error: high })
      assert.strictEqual((yield* health.check).status, "healthy")
      yield* health.reportError("manager", { at: 1, error: critical })
      assert.deepStrictEqual(yield* health.check, {
        status: "unhealthy",
        components: { manager: component("unhealthy") }
      })
    }).pipe(Effect.provide(HealthManager.layer)))

  it.effect("asks at every check, and the checker that registered last", () =>
    Effect.gen(function*() {
      const health = yield* HealthManager.HealthManager
      let asked = 0
      yield* health.registerComponent("manager", Effect.succeed(component("unhealthy")))
      yield* health.registerComponent(
        "manager",
        Effect.sync(() => {
          asked++
          return component(asked === 1 ? "degraded" : "healthy")
        })
      )
      assert.strictEqual(asked, 0)
      assert.strictEqual((yield* health.check).status, "degraded")
      assert.strictEqual((yield* health.check).status, "healthy")
      assert.strictEqual(asked, 2)
    }).pipe(Effect.provide(HealthManager.layer)))

  it.effect("a checker that dies makes its component unhealthy, and hides no other", () =>
    Effect.gen(function*() {
      const health = yield* HealthManager.make
      yield* health.registerComponent("broken", Effect.die(new Error("no such metric")))
      yield* health.registerComponent("manager", Effect.succeed(component("healthy")))
      yield* health.reportError("okx", { at: 7, error: critical })
      assert.deepStrictEqual(yield* health.check, {
        status: "unhealthy",
        components: {
          broken: { status: "unhealthy", lastUpdate: undefined, errors: [], metrics: { checker_died: "no such metric" } },
          manager: component("healthy"),
          okx: { status: "unhealthy", lastUpdate: undefined, errors: [{ at: 7, error: critical }], metrics: {} }
        }
      })
      const interrupted = yield* Effect.zipRight(health.registerComponent("broken", Effect.interrupt), Effect.exit(health.check))
      assert.isTrue(Exit.isInterrupted(interrupted))
    }))

  it.effect("a build of the layer knows nothing of another", () =>
    Effect.gen(function*() {
      yield* Effect.provide(
        Effect.flatMap(HealthManager.HealthManager, (health) => health.reportError("manager", { at: 1, error: critical })),
        HealthManager.layer
      )
      const system = yield* Effect.provide(
        Effect.flatMap(HealthManager.HealthManager, (health) => health.check),
        HealthManager.layer
      )
      assert.deepStrictEqual(system, { status: "unknown", components: {} })
    }))

  it("is JSON with null for a component that was never updated", () => {
    const never = { ...component("degraded"), lastUpdate: undefined, errors: [{ at: 1_717_200_000_000, error: high }], metrics: {} }
    assert.deepStrictEqual<unknown>(HealthManager.toJson({ status: "degraded", components: { manager: component("healthy"), okx: never } }), {
      status: "degraded",
      components: {
        manager: { status: "healthy", last_update: "2024-06-01T00:00:00Z", errors: [], metrics: { update_count: 1 } },
        okx: { status: "degraded", last_update: null, errors: [{ timestamp: "2024-06-01T00:00:00Z", ...ExecutionReport.errorToJson(high) }], metrics: {} }
      }
    })
  })

  it("reports synchronously", () => {
    const exit = Effect.runSyncExit(
      Effect.flatMap(HealthManager.make, (health) =>
        Effect.zipRight(health.reportError("manager", { at: 1, error: critical }), health.critical))
    )
    assert.deepStrictEqual(exit, Exit.succeed(critical))
  })
})
