import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as EimError from "../../src/domain/EimError.js"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as HealthManager from "../../src/health/HealthManager.js"
import * as Events from "../../src/manager/Events.js"
import * as Reporting from "../../src/manager/Reporting.js"
import * as Statistics from "../../src/manager/Statistics.js"

const error = new EimError.VenueUnavailable({ reason: "okx does not answer", venue: "okx" })
const event = Events.initialization(5, "live", [], "hash")

/** A log that takes the first `room` events. */
const setup = (room: number) =>
  Effect.map(HealthManager.make, (health) => {
    const taken: Array<EventLogger.Event> = []
    const statistics = Statistics.make()
    statistics.updates = 7
    const events: EventLogger.EventLogger["Type"] = {
      log: (one) =>
        taken.length < room ? Effect.sync(() => void taken.push(one)) : Effect.fail(new EventLogger.EventError({ message: "full" })),
      flush: Effect.void
    }
    return { health, statistics, taken, reporting: Reporting.make({ events, health, statistics }) }
  })

describe("Reporting", () => {
  it.effect("says whether the log took an event, and counts the one that it did not", () =>
    Effect.gen(function*() {
      const { reporting, statistics, taken } = yield* setup(1)
      assert.isTrue(yield* reporting.log(event))
      assert.deepInclude(statistics, { lost: 0, lastLost: -Infinity })
      assert.isFalse(yield* reporting.log(event))
      assert.deepStrictEqual(taken, [event])
      assert.deepInclude(statistics, { lost: 1, lastLost: 7 })
    }))

  it.effect("tells an error to the log, the health system and the counts", () =>
    Effect.gen(function*() {
      const { health, reporting, statistics, taken } = yield* setup(9)
      const info = EimError.info(error)
      assert.isTrue(yield* reporting.note(5, error, ["execute"]))
      assert.deepStrictEqual(taken, Events.error(5, info, ["execute"]))
      assert.lengthOf(taken, 2)
      assert.deepStrictEqual(statistics.recentErrors, [{ update: 7, at: 5, error: info }])
      assert.deepStrictEqual((yield* health.check).components["ExecutionInterfaceManager"]?.errors, [{ at: 5, error: info }])
    }))

  it.effect.each([0, 1])("tells it to the others also where the log has room for %d of its events", (room) =>
    Effect.gen(function*() {
      const { health, reporting, statistics } = yield* setup(room)
      assert.isFalse(yield* reporting.note(5, error, ["execute"]))
      assert.deepInclude(statistics, { errors: 1, lost: 1 })
      assert.strictEqual((yield* health.check).status, "degraded")
    }))
})
