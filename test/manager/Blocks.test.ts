import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Deltas from "../../src/domain/Deltas.js"
import * as Account from "../../src/domain/Account.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as EimError from "../../src/domain/EimError.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import * as Outcome from "../../src/domain/Outcome.js"
import type * as Plan from "../../src/domain/Plan.js"
import type * as EventLogger from "../../src/events/EventLogger.js"
import type * as Journal from "../../src/journal/Journal.js"
import * as Blocks from "../../src/manager/Blocks.js"
import * as Config from "../../src/manager/Config.js"
import * as Statistics from "../../src/manager/Statistics.js"
import * as Venue from "../../src/venue/Venue.js"
import { action, bare, full, intentOf, journalOf, operation, recording, registryOf, sold, swap, trade, unit, turn } from "./parts.js"

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
  const assemble = (
    operations: ReadonlyArray<ExecutionReport.OperationReport>,
    accruals: ReadonlyArray<Outcome.Accrual> = [],
    degraded = false,
    off = false
  ) => Blocks.assemble(1000, "retry", "entry", operations, accruals, degraded, off)
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
})

interface Setup {
  /** What the desk answers, in order; then it settles. */
  readonly answers?: ReadonlyArray<Outcome.Outcome>
  readonly config?: Partial<Config.Config>
  readonly journal?: Partial<Journal.Journal["Type"]>
  readonly immediate?: boolean
  /** Types of events that the log does not take. */
  readonly refuses?: ReadonlyArray<string>
  /** Codes of errors that the log does not take. */
  readonly unnoted?: ReadonlyArray<string>
}

const setup = ({ answers = [], config = {}, immediate, journal: more, refuses = [], unnoted = [] }: Setup = {}) => {
  const { journal, written } = journalOf(more)
  const statistics = Statistics.make()
  const events: Array<EventLogger.Event> = []
  const noted: Array<readonly [string, ReadonlyArray<string>]> = []
  const current: Array<Instruction.Instruction | undefined> = []
  const next = [...answers]
  const capability = Venue.capability<any, null>({
    prepare: () => Effect.succeed({ wire: {}, payload: null }),
    submit: () =>
      Effect.suspend((): Effect.Effect<Outcome.Success, Outcome.Failure> => {
        current.push(statistics.current)
        const answer = next.shift() ?? settled
        return answer._tag === "Settled" || answer._tag === "Pending" ? Effect.succeed(answer) : Effect.fail(answer)
      }),
    resolve: () => Effect.succeed(settled)
  })
  const trades = { ...capability, arrival: () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero }) }
  const logging = (event: EventLogger.Event) => Effect.sync(() => void events.push(event))
  const blocks = Blocks.make({
    config: { ...Config.defaults, ...config },
    registry: registryOf({ desk: { ...bare("desk"), trade: trades }, wallet: { ...bare("wallet"), atomic: recording("atomic", []) } }),
    journal,
    events: { log: logging, flush: Effect.void, immediate },
    statistics,
    log: (event) => Effect.as(logging(event), !refuses.includes(event.eventType)),
    note: (_, error, frames) => Effect.sync(() => (noted.push([error.code, frames]), !unnoted.includes(error.code)))
  })
  const execute = (operations: ReadonlyArray<Plan.Operation>, options: {
    readonly blockId?: string
    readonly groups?: ReadonlyArray<Plan.AtomicGroup>
    readonly past?: ReadonlyMap<string, Journal.Record>
    readonly logged?: boolean
    readonly accruals?: ReadonlyArray<Outcome.Accrual>
  } = {}) =>
    blocks.execute(1000, "manual", {
      plan: { blockId: options.blockId, dependencies: [], operations, groups: options.groups ?? [] },
      past: options.past ?? new Map()
    }, { accruals: options.accruals ?? [], logged: options.logged ?? true }, turn)
  return { blocks, current, events, execute, noted, statistics, written, typesOf: () => events.map(({ eventType }) => eventType) }
}

const several = (...instructions: ReadonlyArray<Instruction.Instruction>): ReadonlyArray<Plan.Operation> =>
  instructions.map((instruction, index) => operation(instruction, { index, operationId: `op${index}`, venue: "desk" }))

const three = several(trade, trade, trade)

describe("Blocks", () => {
  it.effect("executes in order, writes of each into the log, and marks the block as executed", () => {
    const { current, events, execute, noted, statistics, typesOf, written } = setup()
    return Effect.gen(function*() {
      const { error, report } = yield* execute(three, { blockId: "entry", accruals: [interest] })
      assert.isUndefined(error)
      assert.isUndefined(report.error)
      assert.deepInclude(report, { blockId: "entry", timestamp: 1000, triggerSource: "manual", degraded: false, accruals: [interest] })
      assert.deepStrictEqual(report.operations.map(({ index, status }) => [index, status]), [[0, "settled"], [1, "settled"], [2, "settled"]])
      assert.deepStrictEqual(typesOf(), ["operation", "operation", "operation"])
      assert.strictEqual(events[0]!.data["block_id"], "entry")
      assert.deepStrictEqual(written.at(-1), ["block entry", undefined])
      assert.deepStrictEqual(noted, [])
      assert.deepStrictEqual(current, [trade, trade, trade])
      assert.deepInclude(statistics, { routed: 3, failed: 0, routings: 3, lastRouting: 1000, retried: 0 })
      assert.deepStrictEqual(statistics.history[0], {
        timestamp: 1000,
        operationId: "op0",
        instructionType: "cex_trade",
        venue: "desk",
        status: "settled",
        success: true,
        deltas: { desk: { ETH: -unit, USDT: 2000n * unit } },
        error: undefined
      })
    })
  })

  it.effect("adds up what its operations changed, with accruals and without", () => {
    const { execute } = setup()
    return Effect.gen(function*() {
      const times = (n: bigint) => ({ desk: { ETH: -n * unit, USDT: 2000n * n * unit } })
      for (const n of [1, 2, 3]) {
        const { report } = yield* execute(three.slice(0, n))
        assert.deepStrictEqual(report.deltas, times(BigInt(n)))
        assert.lengthOf(report.positions, 0)
      }
      const { report } = yield* execute(three.slice(0, 1), { accruals: [interest] })
      assert.deepStrictEqual(report.deltas, Deltas.combine([times(1n), Deltas.fromEntries(interest.entries)]))
    })
  })

  it.effect("stops at what fails, skips the rest, and does not mark the block", () => {
    const { execute, noted, statistics, typesOf, written } = setup({ answers: [settled, closed] })
    return Effect.gen(function*() {
      const { error, report } = yield* execute(three, { blockId: "entry" })
      assert.deepStrictEqual(report.operations.map(({ attempts, status }) => [status, attempts]), [["settled", 1], ["rejected", 1], ["skipped", 0]])
      assert.strictEqual(error?.operationId, "op1")
      assert.deepStrictEqual(report.error, EimError.info(error!))
      assert.isFalse(report.degraded)
      assert.deepStrictEqual(noted, [["EIM-013", ["ExecutionInterfaceManager.execute", "desk.Trade"]]])
      assert.deepStrictEqual(typesOf(), ["operation", "operation"])
      assert.notInclude(written.map(([step]) => step), "block entry")
      assert.deepInclude(statistics, { routed: 1, failed: 1, routings: 2 })
      assert.deepInclude(statistics.history[1], { operationId: "op1", status: "rejected", success: false, deltas: {}, error: EimError.info(error!) })
    })
  })

  it.effect("goes on after lines that do not balance, without deltas", () => {
    const { execute, noted, written } = setup({ answers: [unbalanced] })
    return Effect.gen(function*() {
      const { error, report } = yield* execute(three.slice(0, 2), { blockId: "entry" })
      assert.isUndefined(error)
      assert.deepInclude(report, { deltas: {}, degraded: true })
      assert.deepStrictEqual(noted.map(([code]) => code), ["EIM-003"])
      assert.deepStrictEqual(written.at(-1), ["block entry", undefined])
    })
  })

  it.effect.each([
    ["an operation", { refuses: ["operation"] }, {}],
    ["an error", { answers: [unbalanced], unnoted: ["EIM-003"] }, {}],
    ["what was due", {}, { logged: false }],
    ["an outcome", { journal: { outcome: () => full } }, {}],
    ["the end of the block", { journal: { completeBlock: () => full } }, {}]
  ] as const)("is degraded where %s was not taken down", ([, setting, options]) =>
    Effect.gen(function*() {
      const { execute } = setup(setting)
      const { error, report } = yield* execute(three.slice(0, 1), { blockId: "entry", ...options })
      assert.isUndefined(error)
      assert.isTrue(report.degraded)
    }))

  it.effect("counts no replay, and marks no block without a name", () => {
    const { execute, statistics, written } = setup()
    const past = new Map([["op0", { intent: intentOf("trade"), report: reportOf(0, false) }]])
    return Effect.gen(function*() {
      const { report } = yield* execute(three.slice(0, 2), { past })
      assert.deepStrictEqual(report.operations.map(({ replayed }) => replayed), [true, false])
      assert.deepInclude(statistics, { routed: 1, failed: 0, routings: 2 })
      assert.deepStrictEqual(written.map(([step]) => step), ["intent op1", "outcome op1"])
      assert.isFalse(report.degraded)
    })
  })

  it.effect.each([
    [{ maxRetryAttempts: 2, maxRetriesPerVenue: 9 }, 2],
    [{ maxRetryAttempts: 9, maxRetriesPerVenue: 2 }, 3]
  ] as const)("with %j submits so often: %d", ([config, attempts]) => {
    const { execute, statistics } = setup({ config: { ...config, retryDelaySeconds: 0.25 }, answers: Array.from({ length: 20 }, () => unsent) })
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(execute(three.slice(0, 1)))
      yield* TestClock.adjust("249 millis")
      assert.isNull(fiber.unsafePoll())
      yield* TestClock.adjust("1 hour")
      const { report } = yield* Fiber.join(fiber)
      assert.strictEqual(report.operations[0]?.attempts, attempts)
      assert.strictEqual(statistics.retried, attempts - 1)
    })
  })

  it.effect("announces to a log that is durable at once, and to no other", () =>
    Effect.gen(function*() {
      const durable = setup({ immediate: true })
      yield* durable.execute(three.slice(0, 1), { blockId: "entry" })
      assert.deepStrictEqual(durable.typesOf(), ["intent", "operation"])
      assert.deepInclude(durable.events[0]?.data, { block_id: "entry", operation_id: "op0", capability: "trade" })
      const buffered = setup({ immediate: false })
      yield* buffered.execute(three.slice(0, 1))
      assert.deepStrictEqual(buffered.typesOf(), ["operation"])
    }))

  it.effect("executes a group where its first member stands, and reports in the order of the block", () => {
    const { events, execute, typesOf } = setup()
    const [first, ...rest] = several(action, trade, action)
    const members = { id: "g", operations: [rest[1]!, first!] }
    return Effect.gen(function*() {
      const { report } = yield* execute([first!, ...rest], { groups: [members] })
      assert.deepStrictEqual(report.operations.map(({ index, status }) => [index, status]), [[0, "settled"], [1, "settled"], [2, "settled"]])
      assert.deepStrictEqual(typesOf(), ["operation", "operation", "atomic_group", "operation"])
      assert.deepStrictEqual(events.map(({ data }) => data["operation_id"]), ["op2", "op0", undefined, "op1"])
      assert.isFalse(report.degraded)
    })
  })

  it.effect("is degraded where the log does not take the event of a group", () => {
    const { execute } = setup({ refuses: ["atomic_group"] })
    const members = several(action, action)
    return Effect.gen(function*() {
      const { report } = yield* execute(members, { groups: [{ id: "g", operations: members }] })
      assert.deepStrictEqual(report.operations.map(({ status }) => status), ["settled", "settled"])
      assert.isTrue(report.degraded)
    })
  })

  it.effect("skips a group after what failed", () => {
    const { execute, typesOf } = setup({ answers: [closed] })
    const operations = several(trade, swap, action)
    return Effect.gen(function*() {
      const { report } = yield* execute(operations, { groups: [{ id: "g", operations: operations.slice(1) }] })
      assert.deepStrictEqual(report.operations.map(({ status }) => status), ["rejected", "skipped", "skipped"])
      assert.deepStrictEqual(typesOf(), ["operation"])
    })
  })

  it.effect("finds out what became of an operation", () => {
    const { blocks, written } = setup()
    return Effect.gen(function*() {
      const done = yield* blocks.resolve({ intent: intentOf("trade"), report: undefined }, turn)
      assert.strictEqual(done.report.status, "settled")
      assert.deepStrictEqual(written.map(([step]) => step), ["outcome op"])
    })
  })
})
