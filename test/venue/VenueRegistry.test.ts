import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import * as HealthManager from "../../src/health/HealthManager.js"
import * as Events from "../../src/manager/Events.js"
import * as ExecutionInterfaceManager from "../../src/manager/ExecutionInterfaceManager.js"
import type * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import { desk, ports, sale, venue } from "../manager/fixtures.js"

class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

class Connection extends Context.Tag("test/Connection")<Connection, { readonly venue: Venue.Venue }>() {}

interface Network {
  up: boolean
  /** Seconds at which a connection was tried. */
  readonly tried: Array<number>
}

/** A layer that connects where the network lets it. */
const connection = (network: Network, id: string): Layer.Layer<Connection, Refused> =>
  Layer.scoped(Connection, Effect.gen(function*() {
    network.tried.push((yield* Clock.currentTimeMillis) / 1000)
    if (!network.up) return yield* new Refused({ message: "connection refused" })
    return { venue: { ...venue(desk()), id } }
  }))

/** A venue whose own layer is built when it starts. */
const contributed = (
  network: Network,
  id: string,
  retry?: Schedule.Schedule<unknown, unknown>
): Layer.Layer<never, VenueRegistry.DuplicateVenue, VenueRegistry.VenueRegistry> =>
  VenueRegistry.venue({
    id,
    family: "cex",
    make: Effect.map(Layer.build(connection(network, id)), (context) => Context.get(context, Connection).venue),
    retry
  })

const manager = (...venues: ReadonlyArray<Layer.Layer<never, VenueRegistry.DuplicateVenue, VenueRegistry.VenueRegistry>>) =>
  ExecutionInterfaceManager.layer().pipe(
    Layer.provideMerge(venues.reduce((all, one) => Layer.merge(all, one), Layer.empty).pipe(Layer.provideMerge(VenueRegistry.layer))),
    Layer.provideMerge(ports)
  )

const stateOf = (id: string) =>
  Effect.map(
    Effect.flatMap(VenueRegistry.VenueRegistry, (registry) => registry.entries),
    (entries) => entries.find((entry) => entry.id === id)?.state
  )

describe("VenueRegistry", () => {
  it.effect("tries a venue that does not start again: every second, doubling up to a minute", () => {
    const network: Network = { up: false, tried: [] }
    return Effect.gen(function*() {
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(network.tried, [0, 1, 2, 4, 8, 16, 32, 64, 124, 184, 244])
      network.up = true
      yield* TestClock.adjust("3 seconds")
      assert.isTrue(Either.isLeft((yield* stateOf("okx"))!))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Either.isRight((yield* stateOf("okx"))!))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(network.tried.length, 12, "what works is not started again")
    }).pipe(Effect.provide(contributed(network, "okx").pipe(Layer.provideMerge(VenueRegistry.layer))))
  })

  it.effect("goes by the schedule of the venue where it has one, and gives up when that ends", () => {
    const network: Network = { up: false, tried: [] }
    const retry = Schedule.intersect(Schedule.spaced("10 seconds"), Schedule.recurs(2))
    return Effect.gen(function*() {
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(network.tried, [0, 1, 11, 21])
      assert.deepStrictEqual(yield* stateOf("okx"), Either.left("connection refused"))
    }).pipe(Effect.provide(contributed(network, "okx", retry).pipe(Layer.provideMerge(VenueRegistry.layer))))
  })

  it.effect("tries nothing after its scope is closed", () => {
    const network: Network = { up: false, tried: [] }
    return Effect.gen(function*() {
      yield* Effect.provide(TestClock.adjust("4 seconds"), contributed(network, "okx").pipe(Layer.provideMerge(VenueRegistry.layer)))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(network.tried, [0, 1, 2, 4])
    })
  })

  it.effect("closes what a failed start has opened, and what works with the program", () => {
    const open: Array<number> = []
    let tried = 0
    const make = Effect.gen(function*() {
      const socket = ++tried
      yield* Effect.acquireRelease(Effect.sync(() => open.push(socket)), () => Effect.sync(() => open.splice(open.indexOf(socket), 1)))
      if (socket < 4) return yield* Effect.fail("connection refused")
      return { ...venue(desk()), id: "okx" }
    })
    return Effect.gen(function*() {
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(open, [])
        yield* TestClock.adjust("1 minute")
        assert(Either.isRight((yield* stateOf("okx"))!))
        assert.deepStrictEqual(open, [4])
      }).pipe(Effect.provide(VenueRegistry.venue({ id: "okx", family: "cex", make }).pipe(Layer.provideMerge(VenueRegistry.layer))))
      assert.deepStrictEqual(open, [])
    })
  })

  it.effect("one venue fails and recovers while the others work, and health says so", () => {
    const network: Network = { up: false, tried: [] }
    const works: Network = { up: true, tried: [] }
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const health = yield* HealthManager.HealthManager
      const component = Effect.map(health.check, (system) => system.components[Events.component]!)

      const report = yield* eim.execute(1, sale("a"))
      assert.strictEqual(report.operations[0]?.status, "settled")
      const status = yield* eim.getRoutingStatus
      assert.deepStrictEqual(status.availableVenues.cex, ["desk"])
      assert.strictEqual(status.status, "degraded")
      assert.deepStrictEqual((yield* eim.getStateSnapshot).unavailableVenues, { okx: "connection refused" })
      const before = yield* component
      assert.strictEqual(before.status, "degraded")
      assert.strictEqual(before.metrics["venue_interfaces_available"], 1)
      assert.deepInclude(before.metrics["venues"], {
        desk: { available: true, reason: null, instructions_routed: 1, instructions_failed: 0, error_rate: 0, retries: 0, avg_latency_ms: 0 },
        okx: { available: false, reason: "connection refused", instructions_routed: 0, instructions_failed: 0, error_rate: 0, retries: 0, avg_latency_ms: 0 }
      })
      assert.strictEqual((yield* health.check).status, "degraded")

      network.up = true
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* eim.getRoutingStatus).availableVenues.cex, ["desk", "okx"])
      assert.deepStrictEqual((yield* eim.getStateSnapshot).unavailableVenues, {})
      const after = yield* component
      assert.strictEqual(after.metrics["venue_interfaces_available"], 2)
      assert.strictEqual(after.status, "healthy")
      assert.strictEqual((yield* health.check).status, "healthy")
      const sold = yield* eim.execute(2, { ...sale("b"), venue: "okx" })
      assert.strictEqual(sold.operations[0]?.status, "settled")
    }).pipe(Effect.provide(manager(contributed(network, "okx"), contributed(works, "desk"))))
  })

  it.effect("an instruction to the venue that failed is refused, those to others are not", () => {
    const network: Network = { up: false, tried: [] }
    const works: Network = { up: true, tried: [] }
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const error = yield* Effect.flip(eim.execute(1, { ...sale("a"), venue: "okx" }))
      assert.strictEqual(error.code, "EIM-002")
      assert.include(error.reason, "connection refused")
      assert.strictEqual((yield* eim.execute(1, sale("b"))).operations[0]?.status, "settled")
      // A request that is refused before anything is sent, and a venue that does not work beside one that does.
      assert.strictEqual((yield* eim.getRoutingStatus).status, "degraded")
      network.up = true
      yield* TestClock.adjust("1 second")
      for (let n = 0; n < 100; n++) yield* eim.updateState(2, "manual")
      assert.strictEqual((yield* eim.getRoutingStatus).status, "healthy")
    }).pipe(Effect.provide(manager(contributed(network, "okx"), contributed(works, "desk"))))
  })

  it.effect("tells why a venue does not work, whatever it failed with, and which there are", () =>
    Effect.gen(function*() {
      const registry = yield* VenueRegistry.VenueRegistry
      assert.deepStrictEqual(yield* stateOf("okx"), Either.left("timeout"))
      const message = (id: string) => Either.getOrThrow(Either.flip(registry.get(id))).message
      assert.strictEqual(message("okx"), "venue okx is unavailable: timeout")
      assert.strictEqual(message("moon"), "no venue moon is part of this program; there are none")
      yield* Effect.scoped(Effect.gen(function*() {
        for (const id of ["desk", "bybit"]) yield* registry.contribute({ id, family: "cex", make: Effect.succeed({ ...venue(desk()), id }) })
        assert.strictEqual(message("moon"), "no venue moon is part of this program; there are bybit, desk")
      }))
      assert.strictEqual(message("desk"), "no venue desk is part of this program; there are none")
    }).pipe(Effect.provide(
      VenueRegistry.venue({ id: "okx", family: "cex", make: Effect.fail("timeout"), retry: Schedule.stop }).pipe(Layer.provideMerge(VenueRegistry.layer))
    )))

  it.effect("two venues of one name do not build", () => {
    const network: Network = { up: true, tried: [] }
    return Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(
        Layer.merge(contributed(network, "okx"), contributed({ up: true, tried: [] }, "okx")).pipe(Layer.provideMerge(VenueRegistry.layer))
      )))
      assert.strictEqual(error.message, "two layers provide the venue okx")
    })
  })

  it.effect("two venues of one name do not build, however long each takes to start", () =>
    Effect.gen(function*() {
      const slow = VenueRegistry.venue({
        id: "okx",
        family: "cex",
        make: Effect.zipRight(Effect.yieldNow(), Effect.succeed({ ...venue(desk()), id: "okx" }))
      })
      const both = Layer.merge(slow, Layer.fresh(slow)).pipe(Layer.provideMerge(VenueRegistry.layer))
      assert.strictEqual((yield* Effect.flip(Effect.scoped(Layer.build(both)))).message, "two layers provide the venue okx")
    }))

  it.effect("a venue that dies while it starts does not work, and is tried again, while the others go on", () => {
    let starts = 0
    const dying = VenueRegistry.venue({
      id: "okx",
      family: "cex",
      make: Effect.suspend(() => ++starts < 3 ? Effect.die(new Error("no such key")) : Effect.succeed({ ...venue(desk()), id: "okx" }))
    })
    const works: Network = { up: true, tried: [] }
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      assert.deepStrictEqual(yield* stateOf("okx"), Either.left("no such key"))
      assert.strictEqual((yield* eim.execute(1000, sale("a"))).operations[0]?.status, "settled")
      yield* TestClock.adjust("10 seconds")
      assert.isTrue(Either.isRight((yield* stateOf("okx"))!))
    }).pipe(Effect.provide(manager(dying, contributed(works, "desk"))))
  })

  it.effect("a program that is interrupted while a venue starts ends", () =>
    Effect.gen(function*() {
      const never = VenueRegistry.venue({ id: "okx", family: "cex", make: Effect.never })
      const fiber = yield* Effect.fork(Effect.scoped(Layer.build(never.pipe(Layer.provideMerge(VenueRegistry.layer)))))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
    }))

  it.effect("nobody finds a venue whose connection is closed", () =>
    Effect.gen(function*() {
      const registry = yield* VenueRegistry.VenueRegistry
      let found: boolean | undefined
      const make = Effect.acquireRelease(
        Effect.succeed({ ...venue(desk()), id: "okx" }),
        () => Effect.sync(() => void (found = Either.isRight(registry.get("okx"))))
      )
      yield* Effect.scoped(registry.contribute({ id: "okx", family: "cex", make }))
      assert.isFalse(found)
    }).pipe(Effect.provide(VenueRegistry.layer)))
})
