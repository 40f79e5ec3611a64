import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Deltas from "../../src/domain/Deltas.js"
import * as Account from "../../src/domain/Account.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as EimError from "../../src/domain/EimError.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import type * as InstructionBlock from "../../src/domain/InstructionBlock.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as HealthManager from "../../src/health/HealthManager.js"
import * as Journal from "../../src/journal/Journal.js"
import * as BlockResult from "../../src/manager/BlockResult.js"
import * as Config from "../../src/manager/Config.js"
import * as ExecutionInterfaceManager from "../../src/manager/ExecutionInterfaceManager.js"
import * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import { action, bare, full, intentOf, journalOf, recording, registryOf, sold, trade, unit } from "./parts.js"

const unsent = new Outcome.NotSent({ reason: "unavailable", message: "refused", retry: "after" })
const closed = new Outcome.Rejected({ reason: "rejected", message: "closed" })
const settled = new Outcome.Settled({ receipt: sold })
const unbalanced = new Outcome.Settled({ receipt: { ...sold, entries: sold.entries.slice(1) } })

const position: Outcome.PositionChange = {
  venue: "desk",
  symbol: "ETHUSDT-PERP",
  size: unit,
  entryPrice: Decimal.unsafe("2000"),
  change: unit,
  realised: 0n
}

const interest: Outcome.Accrual = {
  id: "x",
  kind: "interest",
  venue: "desk",
  account: Account.make("desk", "spot"),
  at: 3,
  entries: sold.entries,
  detail: {}
}

const reportOf = (index: number, replayed: boolean): ExecutionReport.OperationReport => ({
  ...ExecutionReport.operation(
    { index, operationId: `op${index}`, instructionType: "cex_trade", venue: "desk", status: "settled", attempts: 1 },
    { ...sold, positions: [position] }
  ),
  replayed
})

describe("the report of a block", () => {
  const fault = new EimError.DeltaAggregationFailed({ reason: "off" })
  const assemble = (
    operations: ReadonlyArray<ExecutionReport.OperationReport>,
    accruals: ReadonlyArray<Outcome.Accrual> = [],
    degraded = false,
    off = false
  ) =>
    BlockResult.make({
      timestamp: 1000,
      triggerSource: "retry",
      blockId: "entry",
      results: operations.map((report) => ({ report, error: undefined, fault: off ? fault : undefined, degraded: false })),
      accruals,
      degraded,
      error: undefined
    }).report
  const times = (n: bigint) => ({ desk: { ETH: -n * unit, USDT: n * 2000n * unit } })

  it("is the net change by operations and accruals together", () => {
    const [one, two] = [reportOf(0, false), reportOf(1, true)]
    assert.deepStrictEqual(assemble([one, two], [interest, interest]), {
      timestamp: 1000,
      triggerSource: "retry",
      blockId: "entry",
      deltas: times(4n),
      operations: [one, two],
      accruals: [interest, interest],
      positions: [position, position],
      degraded: false,
      replayed: false
    })
    assert.deepStrictEqual(assemble([one]).deltas, times(1n))
    assert.deepStrictEqual(assemble([one]).positions, [position])
    assert.deepStrictEqual(assemble([one], [interest]).deltas, times(2n))
    assert.deepStrictEqual(assemble([one], [interest]).positions, [position])
    assert.deepStrictEqual(assemble([], [interest]).deltas, times(1n))
    assert.deepStrictEqual(assemble([]).deltas, {})
  })

  it("has no deltas and is degraded where lines do not balance", () => {
    assert.deepInclude(assemble([reportOf(0, false)], [], false, true), { deltas: {}, degraded: true })
    assert.isTrue(assemble([], [], true).degraded)
  })

  it("is a replay where every operation is one, and there is one", () => {
    assert.isTrue(assemble([reportOf(0, true), reportOf(1, true)]).replayed)
    assert.isFalse(assemble([reportOf(0, true), reportOf(1, false)]).replayed)
    assert.isFalse(assemble([]).replayed)
  })

  it("is in the order of the block, and says what stopped it", () => {
    const error = new EimError.VenueRejected({ reason: "closed" })
    const results = [reportOf(2, false), reportOf(0, false)].map((report) => ({ report, error: undefined, fault: undefined, degraded: false }))
    const { error: stopped, report } = BlockResult.make({ timestamp: 1000, triggerSource: "manual", blockId: undefined, results, accruals: [], degraded: false, error })
    assert.deepStrictEqual(report.operations.map(({ index }) => index), [0, 2])
    assert.deepStrictEqual([stopped, report.error], [error, EimError.info(error)])
  })
})

interface Setup {
  /** What the desk answers, in order; then it settles. */
  readonly answers?: ReadonlyArray<Outcome.Outcome>
  readonly config?: Partial<Config.Config>
  readonly journal?: Partial<Journal.Journal["Type"]>
  readonly accruals?: ReadonlyArray<Outcome.Accrual>
  /** Types of events that the log does not take. */
  readonly refuses?: ReadonlyArray<string>
}

const setup = Effect.fnUntraced(function*({ accruals = [], answers = [], config = {}, journal: more, refuses = [] }: Setup = {}) {
  const { journal, written } = journalOf(more)
  const events: Array<EventLogger.Event> = []
  const next = [...answers]
  const capability = Venue.capability<any, null>({
    prepare: () => Effect.succeed({ wire: {}, payload: null }),
    submit: () =>
      Effect.suspend((): Effect.Effect<Outcome.Success, Outcome.Failure> => {
        const answer = next.shift() ?? settled
        return answer._tag === "Settled" || answer._tag === "Pending" ? Effect.succeed(answer) : Effect.fail(answer)
      }),
    resolve: () => Effect.succeed(settled)
  })
  const desk: Venue.Venue = {
    ...bare("desk"),
    trade: { ...capability, arrival: () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero }) },
    accruals: () => Effect.succeed(accruals)
  }
  const pool: Venue.Venue = { ...bare("pool"), action: { ...recording("action", []), actions: new Set(["supply"]) } }
  const context = Context.empty().pipe(
    Context.add(VenueRegistry.VenueRegistry, registryOf({ desk, pool, wallet: { ...bare("wallet"), atomic: recording("atomic", []) } })),
    Context.add(Journal.Journal, journal),
    Context.add(HealthManager.HealthManager, yield* HealthManager.make),
    Context.add(EventLogger.EventLogger, {
      log: (event) =>
        refuses.includes(event.eventType)
          ? Effect.fail(new EventLogger.EventError({ message: "full" }))
          : Effect.sync(() => void events.push(event)),
      flush: Effect.void
    })
  )
  const eim = yield* Effect.provide(ExecutionInterfaceManager.make({ config: { ...Config.defaults, ...config } }), context)
  events.length = 0
  const execute = (instructions: ReadonlyArray<Instruction.Instruction>, more: Partial<InstructionBlock.InstructionBlock> = {}) =>
    eim.execute(1000, { instructions, ...more })
  return { eim, events, execute, written, typesOf: () => events.map(({ eventType }) => eventType) }
})

/** Instructions with ids of their own: op0, op1 … */
const several = (...instructions: ReadonlyArray<Instruction.Instruction>): ReadonlyArray<Instruction.Instruction> =>
  instructions.map((instruction, index) => ({ ...instruction, operationId: `op${index}` }))
const three = several(trade, trade, trade)

describe("a block", () => {
  it.effect("executes its operations in order, tells of each, and is marked as complete", () =>
    Effect.gen(function*() {
      const { eim, events, execute, typesOf, written } = yield* setup({ accruals: [interest] })
      const report = yield* execute(three, { blockId: "entry" })
      assert.isUndefined(report.error)
      assert.deepInclude(report, { blockId: "entry", timestamp: 1000, triggerSource: "manual", degraded: false, accruals: [interest] })
      assert.deepStrictEqual(report.operations.map(({ index, status }) => [index, status]), [[0, "settled"], [1, "settled"], [2, "settled"]])
      assert.deepStrictEqual(typesOf(), ["accrual", "operation", "operation", "operation", "state_update"])
      assert.strictEqual(events[1]!.data["block_id"], "entry")
      assert.deepStrictEqual(written.at(-1), ["block entry", undefined])
      const snapshot = yield* eim.getStateSnapshot
      assert.deepInclude(snapshot, { instructionsRouted: 3, instructionsFailed: 0, routingCount: 3, lastRoutingTimestamp: 1000, currentInstruction: three[2] })
      assert.deepStrictEqual(snapshot.routingHistory[0], {
        timestamp: 1000,
        operationId: "op0",
        instructionType: "cex_trade",
        venue: "desk",
        status: "settled",
        success: true,
        deltas: { desk: { ETH: -unit, USDT: 2000n * unit } },
        error: undefined
      })
    }))

  it.effect("adds up what its operations changed, with accruals and without", () =>
    Effect.gen(function*() {
      const times = (n: bigint) => ({ desk: { ETH: -n * unit, USDT: 2000n * n * unit } })
      for (const n of [1, 2, 3]) {
        const { execute } = yield* setup()
        const report = yield* execute(three.slice(0, n))
        assert.deepStrictEqual(report.deltas, times(BigInt(n)))
        assert.lengthOf(report.positions, 0)
      }
      const { execute } = yield* setup({ accruals: [interest] })
      const report = yield* execute(three.slice(0, 1))
      assert.deepStrictEqual(report.deltas, Deltas.combine([times(1n), Deltas.fromEntries(interest.entries)]))
    }))

  it.effect("stops at what fails, skips the rest, and is not marked", () =>
    Effect.gen(function*() {
      const { eim, events, execute, typesOf, written } = yield* setup({ answers: [settled, closed] })
      const report = yield* execute(three, { blockId: "entry" })
      assert.deepStrictEqual(report.operations.map(({ attempts, status }) => [status, attempts]), [["settled", 1], ["rejected", 1], ["skipped", 0]])
      assert.deepInclude(report.error, { code: "EIM-013", operationId: "op1" })
      assert.isFalse(report.degraded)
      assert.deepStrictEqual(typesOf(), ["operation", "operation", "error", "state_update"])
      assert.deepStrictEqual(events[2]!.data["stack_trace"], ["ExecutionInterfaceManager.execute", "desk.trade"])
      assert.notInclude(written.map(([step]) => step), "block entry")
      const snapshot = yield* eim.getStateSnapshot
      assert.deepInclude(snapshot, { instructionsRouted: 1, instructionsFailed: 1, routingCount: 2 })
      assert.deepInclude(snapshot.routingHistory[1], { operationId: "op1", status: "rejected", success: false, deltas: {}, error: report.error })
    }))

  it.effect("goes on after lines that do not balance, without deltas", () =>
    Effect.gen(function*() {
      const { execute, typesOf, written } = yield* setup({ answers: [unbalanced] })
      const report = yield* execute(three.slice(0, 2), { blockId: "entry" })
      assert.isUndefined(report.error)
      assert.deepInclude(report, { deltas: {}, degraded: true })
      assert.include(typesOf(), "execution_delta_aggregation_failed")
      assert.deepStrictEqual(written.at(-1), ["block entry", undefined])
    }))

  it.effect.each([
    ["an operation", { refuses: ["operation"] }],
    ["an error", { answers: [unbalanced], refuses: ["error"] }],
    ["an accrual", { accruals: [interest], refuses: ["accrual"] }],
    ["the end of the update", { refuses: ["state_update"] }],
    ["an outcome", { journal: { outcome: () => full } }],
    ["the end of the block", { journal: { completeBlock: () => full } }]
  ] as const)("is degraded where %s was not taken down", ([, setting]) =>
    Effect.gen(function*() {
      const { execute } = yield* setup(setting)
      const report = yield* execute(three.slice(0, 1), { blockId: "entry" })
      assert.isUndefined(report.error)
      assert.isTrue(report.degraded)
    }))

  it.effect("counts no replay, and marks no block without a name", () =>
    Effect.gen(function*() {
      const records = new Map<string, Journal.Record>()
      const { eim, execute, written } = yield* setup({ journal: { find: (id) => Effect.sync(() => records.get(id)) } })
      const first = yield* execute(three.slice(0, 1))
      const content = (written[0]![1] as Journal.Intent).content
      records.set("op0", { intent: intentOf("trade", { operationId: "op0", content }), report: first.operations[0] })
      const report = yield* execute(three.slice(0, 2))
      assert.deepStrictEqual(report.operations.map(({ replayed }) => replayed), [true, false])
      assert.deepInclude(yield* eim.getRoutingStatus, { instructionsRouted: 2, instructionsFailed: 0, routingCount: 3 })
      assert.deepStrictEqual(written.map(([step]) => step), ["intent op0", "outcome op0", "intent op1", "outcome op1"])
      assert.isFalse(report.degraded)
    }))

  it.effect.each([
    [{ maxRetryAttempts: 2, maxRetriesPerVenue: 9 }, 2],
    [{ maxRetryAttempts: 9, maxRetriesPerVenue: 2 }, 3]
  ] as const)("with %j submits so often: %d", ([config, attempts]) =>
    Effect.gen(function*() {
      const { execute } = yield* setup({ config: { ...config, retryDelaySeconds: 0.25 }, answers: Array.from({ length: 20 }, () => unsent) })
      const fiber = yield* Effect.fork(execute(three.slice(0, 1)))
      yield* TestClock.adjust("249 millis")
      assert.isNull(fiber.unsafePoll())
      yield* TestClock.adjust("1 hour")
      const report = yield* Fiber.join(fiber)
      assert.strictEqual(report.operations[0]?.attempts, attempts)
    }))

  it.effect("executes a group where its first member stands, and reports in the order of the block", () =>
    Effect.gen(function*() {
      const { events, execute, typesOf } = yield* setup()
      const [first, second, third] = several({ ...action, atomicGroupId: "g", sequenceInGroup: 2 }, trade, { ...action, atomicGroupId: "g", sequenceInGroup: 1 })
      const report = yield* execute([first!, second!, third!])
      assert.deepStrictEqual(report.operations.map(({ index, status }) => [index, status]), [[0, "settled"], [1, "settled"], [2, "settled"]])
      assert.deepStrictEqual(typesOf(), ["operation", "operation", "atomic_group", "operation", "state_update"])
      assert.deepStrictEqual(events.slice(0, 4).map(({ data }) => data["operation_id"]), ["op2", "op0", undefined, "op1"])
      assert.isFalse(report.degraded)
    }))

  it.effect("is degraded where the log does not take the event of a group", () =>
    Effect.gen(function*() {
      const { execute } = yield* setup({ refuses: ["atomic_group"] })
      const report = yield* execute(several(action, action), { atomicGroupId: "g" })
      assert.deepStrictEqual(report.operations.map(({ status }) => status), ["settled", "settled"])
      assert.isTrue(report.degraded)
    }))

  it.effect("skips a group after what failed", () =>
    Effect.gen(function*() {
      const { execute, typesOf } = yield* setup({ answers: [closed] })
      const member = { ...action, atomicGroupId: "g" }
      const report = yield* execute(several(trade, member, member))
      assert.deepStrictEqual(report.operations.map(({ status }) => status), ["rejected", "skipped", "skipped"])
      assert.deepStrictEqual(typesOf(), ["operation", "error", "state_update"])
    }))

  it.effect("starts nothing before the journal has taken every outcome that was told", () =>
    Effect.gen(function*() {
      let works = false
      const { execute, written } = yield* setup({ journal: { outcome: () => works ? Effect.void : full } })
      assert.isTrue((yield* execute(three.slice(0, 1))).degraded)
      const refused = yield* Effect.flip(execute(three.slice(1, 2)))
      assert.deepStrictEqual([refused.code, refused.reason], ["EIM-012", "no space left"])
      assert.deepStrictEqual(written.map(([step]) => step), ["intent op0"])
      works = true
      assert.strictEqual((yield* execute(three.slice(1, 2))).operations[0]?.status, "settled")
    }))
})
