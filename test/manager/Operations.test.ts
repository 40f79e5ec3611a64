import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import * as Account from "../../src/domain/Account.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import * as Outcome from "../../src/domain/Outcome.js"
import type * as Journal from "../../src/journal/Journal.js"
import * as OperationResult from "../../src/manager/OperationResult.js"
import * as Operations from "../../src/manager/Operations.js"
import type * as Plan from "../../src/manager/Plan.js"
import * as Recording from "../../src/manager/Recording.js"
import * as Route from "../../src/manager/Route.js"
import * as Venue from "../../src/venue/Venue.js"
import { action as supply, type Asked, bare, full, intentOf, journalOf, operation, recording, registryOf, restore, sold, statuses, stepOf, swap, trade, transfer, unit, venueTime } from "./parts.js"

const noPrice = new Outcome.NotSent({ reason: "market_data", message: "no price", retry: "never" })

const destination: Venue.Destination = {
  account: Account.make("desk", "spot"),
  address: "0x1",
  network: "ethereum",
  minimum: 0n,
  quantum: 1n,
  delay: 0
}

interface World {
  readonly asked: Array<Asked>
  readonly addresses: Array<ReadonlyArray<unknown>>
  readonly registry: ReturnType<typeof registryOf>
  readonly recording: Recording.Recording
  readonly execute: Operations.Execute
}

/** An exchange, a pool and a wallet, which take down what they are asked. */
const world = (more: { readonly [id: string]: Venue.Venue | string } = {}, journaling: Partial<Journal.Journal["Type"]> = {}): World => {
  const asked: Array<Asked> = []
  const addresses: Array<ReadonlyArray<unknown>> = []
  const named = (name: string) => recording(name, asked)
  const priced = (name: string) => ({ ...named(name), arrival: () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero }) })
  const desk: Venue.Venue = {
    ...bare("desk"),
    accounts: ["spot", "perp"],
    trade: priced("trade"),
    transfer: {
      internal: named("internal"),
      send: named("withdrawal"),
      destination: (...to) => Effect.sync(() => (addresses.push(to), destination))
    }
  }
  const pool: Venue.Venue = { ...bare("pool"), swap: priced("swap"), action: { ...named("action"), actions: new Set(["supply"]) } }
  const wallet: Venue.Venue = {
    ...bare("wallet"),
    transfer: { network: "ethereum", send: named("send"), destination: (...to) => Effect.sync(() => (addresses.push(to), destination)) }
  }
  const { journal } = journalOf(journaling)
  const recorder = Recording.make(journal)
  return {
    asked,
    addresses,
    registry: registryOf({ desk, pool, wallet, ...more }),
    recording: recorder,
    execute: Operations.make({ journal, recording: recorder, retry: Schedule.stop, priceTolerance: Decimal.unsafe("0.02"), venueTime })
  }
}

/** The step of an instruction at the venues of a world, as a plan has it. */
const planned = ({ registry }: World, instruction: Instruction.Instruction): Plan.Step => {
  const { action, arrival, begin, capability, resolve, venue } = Either.getOrThrow(Route.make(2, instruction, "op", registry.get))
  return { operations: [operation(instruction, { venue: venue.id, arrival })], group: undefined, capability, action, begin, resolve }
}

const execute = (state: World, instruction: Instruction.Instruction, past?: Journal.Record) =>
  Effect.map(
    state.execute(planned(state, instruction), 1000, new Map(past === undefined ? [] : [["op", past]]), restore),
    ([result]) => result!
  )

const internal: Instruction.WalletTransfer = { ...transfer, fromVenue: { venue: "desk", sub: "perp" } }
const withdrawal: Instruction.WalletTransfer = { ...transfer, fromVenue: { venue: "desk", sub: "spot" }, toVenue: { venue: "wallet", sub: undefined } }

const reportOf = (status: ExecutionReport.Status): ExecutionReport.OperationReport =>
  ExecutionReport.operation({ ...OperationResult.headOf(operation()), status, attempts: 1 }, sold)

describe("Operations", () => {
  it.effect.each([
    ["trade", trade, trade, "1960"],
    ["swap", swap, swap, "1960"],
    ["action", supply, supply, undefined],
    ["internal", internal, internal, undefined],
    ["send", transfer, { transfer: { ...transfer, network: "ethereum" }, destination }, undefined],
    ["withdrawal", withdrawal, { transfer: { ...withdrawal, network: "ethereum" }, destination }, undefined]
  ] as const)("hands a %s to what does it, with its id, its instant and its bound", ([name, instruction, given, bound]) => {
    const state = world()
    return Effect.gen(function*() {
      const done = yield* execute(state, instruction)
      assert.deepInclude(done.report, { status: "settled", attempts: 1, index: 2, operationId: "op" })
      assert.lengthOf(state.asked, 1)
      const { intent, name: asked } = state.asked[0]!
      assert.strictEqual(asked, name)
      assert.deepInclude(intent, { operationId: "op", at: 1000, instruction: given })
      assert.strictEqual(intent.bound === undefined ? undefined : Decimal.format(intent.bound), bound)
    })
  })

  it.effect("asks for the address with token, network and account", () => {
    const state = world()
    return Effect.gen(function*() {
      yield* execute(state, transfer)
      yield* execute(state, { ...transfer, network: "arbitrum" })
      assert.deepStrictEqual(state.addresses, [["USDT", "ethereum", "spot", 1000], ["USDT", "arbitrum", "spot", 1000]])
      assert.deepStrictEqual(state.asked.map(({ intent }) => intent.instruction.transfer.network), ["ethereum", "arbitrum"])
    })
  })

  it.effect.each([["a wallet without transfers", { wallet: bare("wallet") }], ["no wallet", { wallet: "down" }]] as const)(
    "leaves the network open with %s",
    ([, venues]) => {
      const other: Venue.Venue = { ...bare("other"), transfer: { destination: () => Effect.succeed(destination) } }
      const state = world({ ...venues, other })
      const moved: Instruction.WalletTransfer = { ...transfer, fromVenue: { venue: "desk", sub: undefined }, toVenue: { venue: "other", sub: undefined } }
      return Effect.gen(function*() {
        yield* execute(state, moved)
        assert.deepStrictEqual(state.asked[0]?.intent.instruction.transfer, moved)
      })
    }
  )

  it.effect("refuses where there is no address", () => {
    const state = world({ desk: { ...bare("desk"), transfer: { destination: () => Effect.fail(noPrice) } } })
    return Effect.gen(function*() {
      const result = yield* execute(state, transfer)
      assert.strictEqual(result.error?.code, "EIM-007")
      assert.deepInclude(result.report, { status: "not_sent", attempts: 0 })
      assert.lengthOf(state.asked, 0)
    })
  })

  it.effect("refuses where the journal does not take the intent, and keeps an outcome it does not take", () =>
    Effect.gen(function*() {
      const closed = yield* execute(world({}, { intent: () => full }), supply)
      assert.strictEqual(closed.error?.code, "EIM-012")
      assert.deepInclude(closed.report, { status: "not_sent", attempts: 0 })
      const state = world({}, { outcome: () => full })
      const result = yield* execute(state, supply)
      assert.isTrue(result.degraded)
      assert.isTrue(state.recording.isBehind())
    }))

  it.effect("does nothing after the deadline, and all up to it", () => {
    const state = world()
    return Effect.gen(function*() {
      const late = yield* execute(state, { ...trade, deadline: 999 })
      assert.deepInclude({ ...late.error }, {
        operationId: "op",
        venue: "desk",
        path: "instructions[2].deadline",
        expected: "not before 1970-01-01T00:00:01Z",
        actual: "1970-01-01T00:00:00.999Z"
      })
      assert.deepInclude(late.report, { status: "not_sent", attempts: 0 })
      assert.lengthOf(state.asked, 0)
      yield* execute(state, { ...trade, deadline: 1000 })
      assert.lengthOf(state.asked, 1)
    })
  })

  it("makes of the past a replay, a refusal, or nothing", () => {
    const remembered = (report: ExecutionReport.OperationReport | undefined) =>
      Operations.remembered(operation(), { intent: intentOf("trade"), report })
    const replays = statuses.filter((status) => remembered(reportOf(status))?.report.replayed === true)
    assert.deepStrictEqual(replays, ["settled", "partial", "pending", "skipped"])
    assert.deepStrictEqual(remembered(reportOf("settled"))?.report.recorded, reportOf("settled"))
    for (const status of ["rejected", "not_sent", "rolled_back"] as const) assert.isUndefined(remembered(reportOf(status)))
    for (const unknown of [remembered(undefined), remembered(reportOf("unknown"))]) {
      assert.deepInclude({ ...unknown?.error }, { operationId: "op", venue: "desk" })
      assert.strictEqual(unknown?.error?.code, "EIM-008")
      assert.deepInclude(unknown?.report, { status: "unknown", attempts: 0, replayed: false })
    }
  })

  it.effect("sends again what had no effect, and not what had", () => {
    const state = world()
    return Effect.gen(function*() {
      const past = (status: ExecutionReport.Status): Journal.Record => ({ intent: intentOf("trade"), report: reportOf(status) })
      assert.isTrue((yield* execute(state, trade, past("settled"))).report.replayed)
      assert.lengthOf(state.asked, 0)
      assert.strictEqual((yield* execute(state, trade, past("rejected"))).report.status, "settled")
      assert.lengthOf(state.asked, 1)
    })
  })
})

describe("the way of a call", () => {
  const settled = new Outcome.Settled({ receipt: sold })
  const rejected = new Outcome.Rejected({ reason: "rejected", message: "closed" })
  const unsent = new Outcome.NotSent({ reason: "unavailable", message: "refused", retry: "after" })
  const unknown = new Outcome.Unknown({ handle: { venue: "desk", operationId: "op", reference: {} }, message: "cut off" })
  const call = { wire: { order: "42" }, payload: "bytes" }

  interface Setup {
    /** What to prepare comes to, attempt by attempt; then it is prepared. */
    readonly prepares?: ReadonlyArray<Outcome.NotSent | Outcome.Rejected>
    /** What to submit comes to, attempt by attempt; then it is settled. */
    readonly submits?: ReadonlyArray<Outcome.Failure>
    readonly journal?: Partial<Journal.Journal["Type"]>
  }

  const setup = ({ journal: more, prepares = [], submits = [] }: Setup = {}) => {
    const { journal, written } = journalOf(more)
    const preparing = [...prepares]
    const submitting = [...submits]
    const capability = Venue.capability<unknown, string>({
      prepare: () =>
        Effect.suspend(() => {
          written.push(["prepare", undefined])
          const next = preparing.shift()
          return next === undefined ? Effect.succeed(call) : Effect.fail(next)
        }),
      submit: (payload, sent) =>
        Effect.suspend((): Effect.Effect<Outcome.Success, Outcome.Failure> => {
          written.push(["submit", [payload, sent]])
          const next = submitting.shift()
          return next === undefined ? Effect.succeed(settled) : Effect.fail(next)
        }),
      resolve: () => Effect.fail(unknown)
    })
    const carryOut = Operations.make({
      journal,
      recording: Recording.make(journal),
      retry: Schedule.recurs(2),
      priceTolerance: Decimal.zero,
      venueTime
    })
    const one = stepOf(capability)
    const second = operation(undefined, { operationId: "second", index: 3 })
    const two: Plan.Step = { ...one, operations: [one.operations[0], second], group: "g", capability: "atomic" }
    return { one, two, run: (step: Plan.Step) => carryOut(step, 1000, new Map(), restore), written, steps: () => written.map(([step]) => step) }
  }

  it.effect("prepares, writes the intent down, submits what was prepared, and records the outcome", () => {
    const { one, run, steps, written } = setup()
    return Effect.gen(function*() {
      const [result] = yield* run(one)
      assert.deepInclude(result!.report, { status: "settled", attempts: 1 })
      assert.deepStrictEqual(steps(), ["prepare", "intent op", "submit", "outcome op"])
      assert.deepStrictEqual(written[1]![1], intentOf("trade"))
      assert.deepStrictEqual(written[2]![1], ["bytes", { operationId: "op", at: 1000, instruction: trade }])
      assert.strictEqual(written[3]![1], result!.report)
    })
  })

  it.effect.each([
    ["prepared, all attempts", { prepares: [unsent, unsent, unsent] }, 0, "not_sent", 3],
    ["prepared, at last", { prepares: [unsent, unsent] }, 1, "settled", 6],
    ["prepared, for good", { prepares: [rejected] }, 0, "rejected", 1],
    ["sent, all attempts", { submits: [unsent, unsent, unsent] }, 3, "not_sent", 6],
    ["sent, at last", { submits: [unsent, unsent] }, 3, "settled", 6],
    ["sent and rejected", { submits: [unsent, rejected] }, 2, "rejected", 5],
    ["sent and unknown", { submits: [unknown] }, 1, "unknown", 4]
  ] as const)("what cannot be %s", ([, setting, attempts, status, count]) => {
    const { one, run, steps } = setup(setting)
    return Effect.gen(function*() {
      const [result] = yield* run(one)
      assert.deepInclude(result!.report, { attempts, status })
      assert.lengthOf(steps(), count)
    })
  })

  it.effect("sends nothing that the journal does not take", () => {
    const { one, run, steps } = setup({ journal: { intent: () => full } })
    return Effect.gen(function*() {
      const [result] = yield* run(one)
      assert.deepInclude({ ...result!.error }, { operationId: "op", venue: "desk", reason: "no space left" })
      assert.strictEqual(result!.report.attempts, 0)
      assert.deepStrictEqual(steps(), ["prepare"])
    })
  })

  it.effect("withdraws those of several intents that stood in the journal when one was refused", () => {
    const noted: Array<string> = []
    const { run, two, written } = setup({
      journal: { intent: ({ operationId }) => operationId === "second" ? full : Effect.sync(() => void noted.push(operationId)) }
    })
    return Effect.gen(function*() {
      const results = yield* run(two)
      assert.deepStrictEqual(results.map(({ error }) => error?.code), ["EIM-012", "EIM-012"])
      assert.deepStrictEqual(noted, ["op"])
      assert.deepStrictEqual(written.map(([step, value]) => [step, (value as any)?.status]), [
        ["prepare", undefined],
        ["outcome op", "not_sent"],
        ["outcome second", "not_sent"]
      ])
      assert.deepInclude(written[2]![1], { operationId: "second", index: 3, attempts: 0, venue: "desk" })
    })
  })

  it.effect("withdraws what it can", () => {
    const { run, two } = setup({ journal: { intent: () => full, outcome: () => full } })
    return Effect.gen(function*() {
      const [result] = yield* run(two)
      assert.strictEqual(result!.error?.code, "EIM-012")
    })
  })
})

describe("Recording", () => {
  it.effect("writes again what the journal did not take, and fails while it does not", () => {
    let works = false
    const { journal, written } = journalOf()
    const recorder = Recording.make({ ...journal, outcome: (id, report) => works ? journal.outcome(id, report) : full })
    return Effect.gen(function*() {
      assert.isFalse(recorder.isBehind())
      assert.isFalse(yield* recorder.record(reportOf("settled")))
      assert.isTrue(recorder.isBehind())
      assert.strictEqual((yield* Effect.flip(recorder.catchUp)).message, "no space left")
      works = true
      yield* recorder.catchUp
      assert.deepStrictEqual(written, [["outcome op", reportOf("settled")]])
      assert.isFalse(recorder.isBehind())
      assert.isTrue(yield* recorder.record(reportOf("pending")))
    })
  })
})

describe("the price guard", () => {
  const limit: Instruction.CexTrade = { ...trade, orderType: "limit", price: Decimal.unsafe("2000") }
  const reducing: Instruction.CexTrade = { ...trade, tradeType: "perp", reduceOnly: true }
  const unpriced = { desk: { ...bare("desk"), trade: { ...recording("trade", []), arrival: () => Effect.fail(noPrice) } } }

  it.effect("does not look at a limit order, nor at what only reduces", () =>
    Effect.gen(function*() {
      for (const instruction of [limit, reducing]) {
        const done = yield* execute(world(unpriced), instruction)
        assert.strictEqual(done.report.status, "settled")
      }
      for (const instruction of [trade, { ...trade, orderType: "market" as const }]) {
        const done = yield* execute(world(unpriced), instruction)
        assert.strictEqual(done.error?.code, "EIM-007")
        assert.deepInclude(done.report, { status: "not_sent", attempts: 0 })
      }
    }))

  const states = (base: string, quote: string, price: bigint) => ({ estimatedDeltas: { desk: { [base]: -unit, [quote]: price * unit } } })

  it.effect("holds a trade or a swap back that is estimated off the market, but no perpetual", () =>
    Effect.gen(function*() {
      const state = world()
      for (const instruction of [{ ...trade, ...states("ETH", "USDT", 1900n) }, { ...swap, ...states("ETH", "USDT", 1900n) }]) {
        const { error, report } = yield* execute(state, instruction)
        assert.deepInclude({ ...error }, { operationId: "op", path: "instructions[2].estimated_deltas", actual: "1900" })
        assert.deepStrictEqual([error?.code, error?.venue, report.status], ["EIM-005", report.venue, "not_sent"])
        assert.match(error?.expected ?? "", /^within 2 % of 2000 USDT per ETH$/)
        assert.match(error?.reason ?? "", /1900 USDT per ETH/)
      }
      assert.lengthOf(state.asked, 0)
      const perpetual = yield* execute(state, { ...trade, tradeType: "perp", ...states("ETH", "USDT", 1900n) })
      assert.strictEqual(perpetual.report.status, "settled")
    }))

  it.effect("allows what the instruction allows", () =>
    Effect.gen(function*() {
      const state = world()
      yield* execute(state, { ...trade, slippageTolerance: Decimal.unsafe("0.1"), ...states("ETH", "USDT", 1900n) })
      yield* execute(state, { ...trade, side: "buy", slippageTolerance: Decimal.unsafe("0.1") })
      yield* execute(state, { ...swap, slippageTolerance: Decimal.zero })
      assert.deepStrictEqual(state.asked.map(({ intent }) => Decimal.format(intent.bound!)), ["1710", "2200", "2000"])
    }))
})
