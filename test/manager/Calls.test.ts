import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Account from "../../src/domain/Account.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as EimError from "../../src/domain/EimError.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as HealthManager from "../../src/health/HealthManager.js"
import * as Journal from "../../src/journal/Journal.js"
import * as Config from "../../src/manager/Config.js"
import * as ExecutionInterfaceManager from "../../src/manager/ExecutionInterfaceManager.js"
import * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import { bare, full, intentOf, journalOf, recording, registryOf, sold, trade, unit } from "./parts.js"

const one = { desk: { ETH: -unit, USDT: 2000n * unit } }
const named = { ...trade, operationId: "a" }
const closed = new Outcome.Rejected({ reason: "rejected", message: "closed" })
const handle: Outcome.Handle = { venue: "desk", operationId: "a", reference: {} }
const unknown = new Outcome.Unknown({ handle, message: "cut off" })

const interest: Outcome.Accrual = {
  id: "x",
  kind: "interest",
  venue: "desk",
  account: Account.make("desk", "spot"),
  at: 3,
  entries: sold.entries,
  detail: {}
}

interface Setup {
  readonly answers?: ReadonlyArray<Outcome.Outcome>
  readonly resolves?: Effect.Effect<Outcome.Success, Outcome.Failure>
  readonly accruals?: Venue.Accruals
  readonly venues?: { readonly [id: string]: Venue.Venue | string }
  readonly journal?: Partial<Journal.Journal["Type"]>
  readonly options?: ExecutionInterfaceManager.Options
  /** Types of events that the log does not take. */
  readonly refuses?: ReadonlyArray<string>
}

const setup = Effect.fnUntraced(function*(
  { accruals = Venue.noAccruals, answers = [], journal: more, options, refuses = [], resolves = Effect.fail(unknown), venues = {} }: Setup = {}
) {
  const events: Array<EventLogger.Event> = []
  const next = [...answers]
  const desk: Venue.Venue = {
    ...bare("desk"),
    family: "cex",
    accruals,
    trade: {
      ...Venue.capability<any, null>({
        prepare: () => Effect.succeed({ wire: {}, payload: null }),
        submit: () =>
          Effect.suspend((): Effect.Effect<Outcome.Success, Outcome.Failure> => {
            const answer = next.shift() ?? new Outcome.Settled({ receipt: sold })
            return answer._tag === "Settled" || answer._tag === "Pending" ? Effect.succeed(answer) : Effect.fail(answer)
          }),
        resolve: () => resolves
      }),
      arrival: () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero })
    }
  }
  const health = yield* HealthManager.make
  const { journal, written } = journalOf(more)
  const context = Context.empty().pipe(
    Context.add(VenueRegistry.VenueRegistry, registryOf({ desk, ...venues })),
    Context.add(Journal.Journal, journal),
    Context.add(HealthManager.HealthManager, health),
    Context.add(EventLogger.EventLogger, {
      log: (event) =>
        refuses.includes(event.eventType)
          ? Effect.fail(new EventLogger.EventError({ message: "full" }))
          : Effect.sync(() => void events.push(event)),
      flush: Effect.void
    })
  )
  const eim = yield* Effect.provide(ExecutionInterfaceManager.make({ program: { executionMode: "paper", configHash: "hash" }, ...options }), context)
  return { eim, events, health, written, typesOf: () => events.map(({ eventType }) => eventType) }
})

describe("an update", () => {
  it.effect("gives what came due, and executes nothing where no block is given", () =>
    Effect.gen(function*() {
      const { eim, events, typesOf, written } = yield* setup({ accruals: () => Effect.succeed([interest]) })
      assert.deepStrictEqual(yield* eim.updateState(1000, "execution_manager"), one)
      assert.deepStrictEqual(typesOf(), ["component_initialization", "accrual", "state_update"])
      assert.deepStrictEqual(events[2], {
        timestamp: 1000,
        eventType: "state_update",
        component: "ExecutionInterfaceManager",
        data: { trigger_source: "execution_manager", instructions_routed: 0, instructions_failed: 0, current_instruction_type: null, processing_time_ms: 0 }
      })
      assert.lengthOf(written, 0)
      const report = yield* eim.execute(1000, undefined)
      assert.deepInclude(report, { triggerSource: "manual", operations: [], accruals: [interest], degraded: false, blockId: undefined })
    }))

  it.effect("with a block gives both together, and who triggered it", () =>
    Effect.gen(function*() {
      const { eim, events } = yield* setup({ accruals: () => Effect.succeed([interest]) })
      const report = yield* eim.execute(1000, named, { triggerSource: "retry" })
      assert.strictEqual(report.triggerSource, "retry")
      assert.deepStrictEqual(report.deltas, { desk: { ETH: -2n * unit, USDT: 4000n * unit } })
      assert.deepInclude(events.at(-1)?.data, { trigger_source: "retry", instructions_routed: 1, current_instruction_type: "cex_trade" })
      yield* eim.routeInstruction(1000, { ...named, operationId: "b" })
      assert.strictEqual(events.at(-1)?.data["trigger_source"], "execution_manager")
    }))

  it.effect("fails with the report of what happened before", () =>
    Effect.gen(function*() {
      const { eim } = yield* setup({ answers: [new Outcome.Settled({ receipt: sold }), closed] })
      const block = { instructions: [named, { ...named, operationId: "b" }] }
      const error = yield* Effect.flip(eim.updateState(1000, "manual", block))
      assert.strictEqual(error.operationId, "b")
      assert.deepStrictEqual(error.report?.deltas, one)
      assert.deepStrictEqual(error.report?.error, EimError.info(error))
    }))

  it.effect.each([["accrual"], ["state_update"]] as const)("is degraded where the log does not take %s", ([type]) =>
    Effect.gen(function*() {
      const { eim } = yield* setup({ accruals: () => Effect.succeed([interest]), refuses: [type] })
      assert.isTrue((yield* eim.execute(1000, undefined)).degraded)
      assert.isTrue((yield* eim.execute(1000, named)).degraded)
    }))

  it.effect("executes nothing where accruals cannot be settled, and tells what was settled", () =>
    Effect.gen(function*() {
      const breached = new Outcome.Rejected({ reason: "health_factor", message: "breached", accruals: [interest] })
      for (const [refuses, degraded] of [[[], false], [["accrual"], true]] as const) {
        const { eim, events, typesOf, written } = yield* setup({ accruals: () => Effect.fail(breached), refuses })
        const report = yield* eim.execute(1000, named)
        assert.deepInclude(report, { timestamp: 1000, triggerSource: "manual", deltas: one, accruals: [interest], degraded })
        assert.deepStrictEqual(report.operations.map(({ status }) => status), ["skipped"])
        assert.deepInclude(report.error, { code: "EIM-006", venue: "desk" })
        assert.lengthOf(written, 0)
        assert.deepStrictEqual(typesOf().slice(-2), ["error", "state_update"])
        assert.deepInclude(events.at(-2)?.data, { error_code: "EIM-006", stack_trace: ["ExecutionInterfaceManager.accruals"] })
        assert.deepInclude(events.at(-1)?.data, { instructions_failed: 1, current_instruction_type: "cex_trade" })
      }
    }))

  it.effect("does not count an instruction as failed where there is none", () =>
    Effect.gen(function*() {
      const { eim } = yield* setup({ accruals: () => Effect.fail(closed) })
      yield* Effect.flip(eim.updateState(1000, "manual"))
      assert.strictEqual((yield* eim.getRoutingStatus).instructionsFailed, 0)
      yield* Effect.flip(eim.updateState(1000, "manual", named))
      assert.strictEqual((yield* eim.getRoutingStatus).instructionsFailed, 1)
    }))

  it.effect("does not go back in time, and says since when", () =>
    Effect.gen(function*() {
      const { eim, events } = yield* setup()
      const before = yield* Effect.flip(eim.execute(-1, named))
      assert.deepInclude({ ...before }, { path: "timestamp", expected: "epoch milliseconds, not before 1970-01-01T00:00:00Z", actual: "-1" })
      assert.strictEqual(events.at(-1)?.timestamp, 0)
      yield* eim.execute(2000, named)
      yield* eim.execute(2000, undefined)
      const back = yield* Effect.flip(eim.execute(1999, named))
      assert.deepInclude({ ...back }, { path: "timestamp", expected: "epoch milliseconds, not before 1970-01-01T00:00:02Z", actual: "1999" })
      assert.strictEqual(events.at(-1)?.timestamp, 1999)
      yield* Effect.flip(eim.execute(Number.NaN, named))
      assert.strictEqual(events.at(-1)?.timestamp, 2000)
    }))

  it.effect("settles nothing for a plan that it refuses", () =>
    Effect.gen(function*() {
      const asked: Array<number> = []
      const { eim } = yield* setup({ accruals: (until) => Effect.sync(() => (asked.push(until), [])) })
      yield* Effect.flip(eim.execute(1000, trade))
      assert.deepStrictEqual(asked, [])
      yield* eim.execute(900, named)
      assert.deepStrictEqual(asked, [900])
    }))

  it.effect("takes its time, which is counted, and one after the other", () =>
    Effect.gen(function*() {
      const order: Array<string> = []
      const { eim, events, health } = yield* setup({
        accruals: () => Effect.as(Effect.sleep("30 millis"), []),
        resolves: Effect.sync(() => (order.push("resolved"), new Outcome.Settled({ receipt: sold }))),
        journal: { find: () => Effect.succeed({ intent: intentOf("trade"), report: undefined }) }
      })
      const first = yield* Effect.fork(Effect.zipRight(eim.execute(1000, undefined), Effect.sync(() => order.push("first"))))
      const second = yield* Effect.fork(Effect.zipRight(eim.execute(1000, undefined), Effect.sync(() => order.push("second"))))
      const resolving = yield* Effect.fork(eim.resolve("op", 1000))
      yield* TestClock.adjust("30 millis")
      yield* Fiber.join(first)
      assert.deepStrictEqual(order, ["first"])
      yield* TestClock.adjust("30 millis")
      yield* Fiber.join(second)
      yield* Fiber.join(resolving)
      assert.deepStrictEqual(order.slice(0, 2), ["first", "second"])
      assert.strictEqual(events[1]?.data["processing_time_ms"], 30)
      const { metrics, status } = (yield* health.check).components["ExecutionInterfaceManager"]!
      assert.strictEqual(metrics["avg_processing_time_ms"], 0)
      assert.deepInclude(metrics["venues"], { desk: { available: true, reason: null, instructions_routed: 0, instructions_failed: 0, error_rate: 0, retries: 0, avg_latency_ms: 30 } })
      assert.strictEqual(status, "healthy")
    }))

  it.effect("stays healthy with a venue of 40 ms, and is degraded by a journal that is as slow", () =>
    Effect.gen(function*() {
      const slow = yield* setup({ accruals: () => Effect.as(Effect.sleep("40 millis"), []) })
      const journal = yield* setup({ journal: { find: () => Effect.as(Effect.sleep("40 millis"), undefined) } })
      for (const [{ eim, health }, status, mean] of [[slow, "healthy", 0], [journal, "degraded", 40]] as const) {
        for (let n = 0; n < 3; n++) {
          const running = yield* Effect.fork(eim.execute(1000, { ...named, operationId: `op${n}` }))
          yield* TestClock.adjust("40 millis")
          yield* Fiber.join(running)
        }
        const component = (yield* health.check).components["ExecutionInterfaceManager"]!
        assert.deepStrictEqual([component.status, component.metrics["avg_processing_time_ms"]], [status, mean])
      }
    }))

  it.effect("is refused from a source that there is not, with the list of those that there are", () =>
    Effect.gen(function*() {
      const asked: Array<number> = []
      const { eim, events } = yield* setup({ accruals: (until) => Effect.sync(() => (asked.push(until), [])) })
      for (const source of ["bogus", "", "Manual", null, 7, {}] as ReadonlyArray<any>) {
        const error = yield* Effect.flip(eim.updateState(1000, source, named))
        assert.deepInclude({ ...error }, { code: "EIM-001", path: "trigger_source", expected: "one of execution_manager, manual, retry" })
        assert.strictEqual(events.at(-1)?.data["trigger_source"], null)
        const error2 = yield* Effect.flip(eim.execute(1000, named, { triggerSource: source ?? "none" }))
        assert.strictEqual(error2.path, "trigger_source")
      }
      assert.deepStrictEqual(asked, [])
    }))

  it.effect("is taken in a trading state that there is, and no other can be set", () =>
    Effect.gen(function*() {
      const { eim } = yield* setup()
      const error = yield* Effect.flip(eim.setTradingState("paused" as any))
      assert.deepInclude({ ...error }, { code: "EIM-001", path: "trading_state", expected: "one of active, reducing, halted", actual: "\"paused\"" })
      assert.strictEqual((yield* eim.getRoutingStatus).tradingState, "active")
    }))

  it.effect("that is refused whole stands in the history, with what it was about", () =>
    Effect.gen(function*() {
      const { eim } = yield* setup()
      yield* Effect.flip(eim.execute(1000, { instruction_type: "none" }))
      yield* Effect.flip(eim.execute(2000, { instructions: [named, { ...named, operationId: "b", venue: { venue: "okx", sub: undefined } }] }))
      const { currentInstruction, routingHistory, routingCount } = yield* eim.getStateSnapshot
      assert.deepStrictEqual(routingHistory.map(({ error, instructionType, status, success, timestamp }) =>
        [timestamp, instructionType, status, success, error?.code]), [
        [1000, "unknown", "not_sent", false, "EIM-001"],
        [2000, "cex_trade", "not_sent", false, "EIM-002"]
      ])
      assert.deepInclude({ ...currentInstruction }, { operationId: "b" })
      assert.strictEqual(routingCount, 0)
    }))
})

describe("options of a manager", () => {
  it.effect("ids are required unless it is told otherwise", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip((yield* setup()).eim.execute(1000, trade))).path, "instructions[0].operation_id")
      const { eim } = yield* setup({ options: { requireIds: false } })
      assert.strictEqual((yield* eim.execute(1000, trade)).operations[0]?.operationId, "1970-01-01T00:00:01Z#1")
    }))

  it.effect("the settings decide whether groups are taken, and the thresholds what is slow", () =>
    Effect.gen(function*() {
      const wallet: Venue.Venue = {
        ...bare("wallet"),
        action: { ...recording("action", []), actions: new Set(["wrap"]) },
        atomic: recording("atomic", [])
      }
      const group = {
        blockId: "g",
        executionMode: "atomic" as const,
        instructions: [{
          instructionType: "smart_contract_action" as const,
          protocol: { venue: "wallet", sub: undefined },
          action: "wrap" as const,
          token: "ETH",
          amount: unit
        }]
      }
      const { eim } = yield* setup({ venues: { wallet } })
      assert.strictEqual((yield* eim.execute(1000, group)).operations[0]?.status, "settled")
      const off = yield* setup({ venues: { wallet }, options: { config: { ...Config.defaults, enableAtomicChaining: false } } })
      assert.match((yield* Effect.flip(off.eim.execute(1000, group))).reason, /enable_atomic_chaining is off/)
      const strict = yield* setup({ options: { health: { slow: 0 } } })
      assert.strictEqual((yield* strict.eim.getRoutingStatus).status, "degraded")
    }))
})

describe("what a manager says of itself", () => {
  it.effect("at the start it names mode, venues and settings", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("5 seconds")
      const { eim, events, health } = yield* setup({ venues: { okx: "connection refused" } })
      assert.deepInclude(events[0], { timestamp: 5000, eventType: "component_initialization" })
      assert.deepStrictEqual(events[0]!.data, { execution_mode: "paper", venue_interfaces: ["desk", "okx"], config_hash: "hash" })
      assert.deepStrictEqual(yield* eim.getRoutingStatus, {
        status: "degraded",
        currentInstruction: undefined,
        instructionsRouted: 0,
        instructionsFailed: 0,
        routingCount: 0,
        lastRoutingTimestamp: undefined,
        executionMode: "paper",
        tradingState: "active",
        availableVenues: { cex: [], dex: [], onchain: ["desk"] }
      })
      assert.strictEqual((yield* health.check).components["ExecutionInterfaceManager"]?.status, "degraded")
    }))

  it.effect("a snapshot holds the history, the last ten errors and why a venue does not work", () =>
    Effect.gen(function*() {
      const { eim } = yield* setup({ venues: { okx: "connection refused" }, answers: Array.from({ length: 12 }, () => closed) })
      for (let n = 0; n < 12; n++) yield* eim.execute(n, { ...named, operationId: `op${n}` })
      yield* eim.setTradingState("reducing")
      const snapshot = yield* eim.getStateSnapshot
      assert.deepInclude(snapshot, {
        status: "degraded",
        currentInstruction: { ...named, operationId: "op11" },
        instructionsRouted: 0,
        instructionsFailed: 12,
        routingCount: 12,
        lastRoutingTimestamp: 11,
        tradingState: "reducing",
        updateCount: 12,
        configHash: "hash",
        unavailableVenues: { okx: "connection refused" }
      })
      assert.lengthOf(snapshot.routingHistory, 12)
      assert.deepStrictEqual(snapshot.recentErrors.map(({ at, error }) => [at, error.operationId]), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => [n, `op${n}`]))
    }))
})

describe("resolve", () => {
  const recorded = (status: ExecutionReport.Status): Journal.Record => ({
    intent: intentOf("trade", { operationId: "a" }),
    report: ExecutionReport.operation({ index: 0, operationId: "a", instructionType: "cex_trade", venue: "desk", status, attempts: 1 }, sold)
  })
  const found = (record: Journal.Record | undefined): Partial<Journal.Journal["Type"]> => ({ find: () => Effect.succeed(record) })

  it.effect("needs an operation that the journal holds", () =>
    Effect.gen(function*() {
      const { eim } = yield* setup()
      const missing = yield* Effect.flip(eim.resolve("a", 1000))
      assert.deepInclude({ ...missing }, { operationId: "a", path: "operation_id", expected: "the id of an operation", actual: "a" })
      assert.strictEqual(missing.code, "EIM-001")
      const unread = yield* Effect.flip((yield* setup({ journal: { find: () => full } })).eim.resolve("a", 1000))
      assert.deepStrictEqual([unread.code, unread.operationId, unread.reason], ["EIM-012", "a", "no space left"])
    }))

  it.effect.each([["settled"], ["partial"], ["rejected"], ["not_sent"], ["rolled_back"]] as const)("tells what was %s again, without deltas", ([status]) =>
    Effect.gen(function*() {
      const record = recorded(status)
      const { eim, typesOf, written } = yield* setup({ journal: found(record) })
      assert.deepStrictEqual(yield* eim.resolve("a", 1000), { ...record.report!, deltas: {}, accounts: {}, replayed: true, recorded: record.report })
      assert.deepStrictEqual(typesOf(), ["component_initialization"])
      assert.lengthOf(written, 0)
    }))

  it.effect.each([["pending"], ["unknown"], [undefined]] as const)("asks what became of one that is %s, and logs it", ([status]) =>
    Effect.gen(function*() {
      const record = status === undefined ? { intent: intentOf("trade", { operationId: "a" }), report: undefined } : recorded(status)
      const { eim, events, typesOf } = yield* setup({ journal: found(record), resolves: Effect.succeed(new Outcome.Settled({ receipt: sold })) })
      const report = yield* eim.resolve("a", 1000)
      assert.deepStrictEqual([report.status, report.replayed, report.deltas], ["settled", false, one])
      assert.deepStrictEqual(typesOf(), ["component_initialization", "operation"])
      assert.deepInclude(events[1], { timestamp: 1000 })
      assert.isNull(events[1]!.data["block_id"])
    }))

  it.effect("gives up where the venue does not answer and the call is interrupted, and lets the next have its turn", () =>
    Effect.gen(function*() {
      const silent = yield* setup({ resolves: Effect.never, journal: found(recorded("unknown")) })
      const locked = yield* setup({ journal: { find: () => Effect.never } })
      for (const { eim, written } of [silent, locked]) {
        const asking = yield* Effect.fork(Effect.timeoutOption(eim.resolve("a", 1000), "1 second"))
        yield* TestClock.adjust("1 second")
        yield* TestClock.adjust("1 second")
        assert.isDefined(yield* Effect.map(Fiber.poll(asking), Option.getOrUndefined))
        assert.lengthOf(written, 0)
        const next = yield* Effect.fork(eim.execute(1000, undefined))
        yield* TestClock.adjust("1 second")
        assert.isDefined(yield* Effect.map(Fiber.poll(next), Option.getOrUndefined))
      }
    }))

  it.effect("writes down what a venue has said, also where the call is interrupted meanwhile", () =>
    Effect.gen(function*() {
      const kept: Array<string> = []
      const { eim } = yield* setup({
        resolves: Effect.succeed(new Outcome.Settled({ receipt: sold })),
        journal: { ...found(recorded("unknown")), outcome: (id) => Effect.delay(Effect.sync(() => void kept.push(id)), "1 second") }
      })
      const asking = yield* Effect.fork(eim.resolve("a", 1000))
      yield* Effect.yieldNow()
      yield* Fiber.interruptFork(asking)
      yield* TestClock.adjust("1 second")
      yield* Fiber.await(asking)
      assert.deepStrictEqual(kept, ["a"])
    }))

  it.effect("fails where it is still not known, and where the venue does not work", () =>
    Effect.gen(function*() {
      for (const [setting, code, types] of [
        [{ resolves: Effect.fail(unknown) }, "EIM-008", ["error"]],
        [{ venues: { desk: "maintenance" } }, "EIM-002", ["venue_interface_unavailable", "error"]]
      ] as const) {
        const { eim, events, typesOf } = yield* setup({ ...setting, journal: found(recorded("unknown")) })
        assert.strictEqual((yield* Effect.flip(eim.resolve("a", 1000))).code, code)
        assert.deepStrictEqual(typesOf().slice(1), ["operation", ...types])
        assert.deepInclude(events.at(-1)?.data, { error_code: code, stack_trace: ["ExecutionInterfaceManager.resolve"] })
      }
    }))

  it.effect("tells in the report that nothing came of it, or that its lines do not balance", () =>
    Effect.gen(function*() {
      for (const [resolves, status, code] of [
        [Effect.fail(closed), "rejected", "EIM-013"],
        [Effect.succeed(new Outcome.Settled({ receipt: { ...sold, entries: sold.entries.slice(1) } })), "settled", "EIM-003"]
      ] as const) {
        const { eim, typesOf } = yield* setup({ resolves, journal: found(recorded("unknown")) })
        const report = yield* eim.resolve("a", 1000)
        assert.deepStrictEqual([report.status, report.error?.code], [status, code])
        assert.include(typesOf(), "error")
      }
    }))
})
