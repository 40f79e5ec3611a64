import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Account from "../../src/domain/Account.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import * as Outcome from "../../src/domain/Outcome.js"
import type * as Journal from "../../src/journal/Journal.js"
import * as Done from "../../src/manager/Done.js"
import * as Operations from "../../src/manager/Operations.js"
import * as Sending from "../../src/manager/Sending.js"
import type * as Venue from "../../src/venue/Venue.js"
import { action, type Asked, bare, full, intentOf, journalOf, operation, recording, registryOf, sold, statuses, swap, trade, transfer, unit, turn } from "./parts.js"

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
  readonly operations: Operations.Operations
  readonly sending: Sending.Sending
}

/** An exchange, a pool and a wallet, which take down what they are asked. */
const world = (more: { readonly [id: string]: Venue.Venue | string } = {}, journal: Partial<Journal.Journal["Type"]> = {}): World => {
  const asked: Array<Asked> = []
  const addresses: Array<ReadonlyArray<unknown>> = []
  const named = (name: string) => recording(name, asked)
  const priced = (name: string) => ({ ...named(name), arrival: () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero }) })
  const desk: Venue.Venue = {
    ...bare("desk"),
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
  const registry = registryOf({ desk, pool, wallet, ...more })
  const sending = Sending.make({ journal: journalOf(journal).journal, retry: Schedule.stop })
  return { asked, addresses, sending, operations: Operations.make({ registry, sending, priceTolerance: Decimal.unsafe("0.02") }) }
}

const execute = ({ operations }: World, instruction: Instruction.Instruction, past?: Journal.Record) =>
  operations.execute(operation(instruction), 1000, turn, past)

const internal: Instruction.WalletTransfer = { ...transfer, fromVenue: { venue: "desk", sub: "perp" } }
const withdrawal: Instruction.WalletTransfer = { ...transfer, fromVenue: { venue: "desk", sub: "spot" }, toVenue: { venue: "wallet", sub: undefined } }

const reportOf = (status: ExecutionReport.Status): ExecutionReport.OperationReport =>
  ExecutionReport.operation({ ...Done.headOf(operation()), status, attempts: 1 }, sold)

describe("Operations", () => {
  it.effect.each([
    ["trade", trade, trade, "1960"],
    ["swap", swap, swap, "1960"],
    ["action", action, action, undefined],
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

  it.effect("refuses where there is no address, and where a venue has stopped working since the plan", () =>
    Effect.gen(function*() {
      const nowhere: Venue.Venue = { ...bare("desk"), transfer: { destination: () => Effect.fail(noPrice) } }
      for (const [venues, instruction, code] of [
        [{ desk: nowhere }, transfer, "EIM-007"],
        [{ desk: "maintenance" }, transfer, "EIM-002"],
        [{ desk: "maintenance" }, trade, "EIM-002"]
      ] as const) {
        const state = world(venues)
        const done = yield* execute(state, instruction)
        assert.strictEqual(done.error?.code, code)
        assert.deepInclude(done.report, { status: "not_sent", attempts: 0 })
        assert.lengthOf(state.asked, 0)
      }
    }))

  it.effect("refuses where the journal does not take the intent, and remembers an outcome it does not take", () =>
    Effect.gen(function*() {
      const closed = yield* execute(world({}, { intent: () => full }), action)
      assert.strictEqual(closed.error?.code, "EIM-012")
      assert.deepInclude(closed.report, { status: "not_sent", attempts: 0 })
      const state = world({}, { outcome: () => full })
      const done = yield* execute(state, action)
      assert.isTrue(done.degraded)
      assert.deepStrictEqual([...state.sending.unrecorded.values()], [done.report])
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
    const remembered = (report: ExecutionReport.OperationReport | undefined, told = new Map<string, ExecutionReport.OperationReport>()) =>
      Operations.remembered(operation(), { intent: intentOf("trade"), report }, told)
    const replays = statuses.filter((status) => remembered(reportOf(status))?.report.replayed === true)
    assert.deepStrictEqual(replays, ["settled", "partial", "pending", "skipped"])
    assert.deepStrictEqual(remembered(reportOf("settled"))?.report.recorded, reportOf("settled"))
    for (const status of ["rejected", "not_sent", "rolled_back"] as const) assert.isUndefined(remembered(reportOf(status)))
    for (const unknown of [remembered(undefined), remembered(reportOf("unknown"))]) {
      assert.deepInclude({ ...unknown?.error }, { operationId: "op", venue: "desk" })
      assert.strictEqual(unknown?.error?.code, "EIM-008")
      assert.deepInclude(unknown?.report, { status: "unknown", attempts: 0, replayed: false })
    }
    // What the journal did not take is known all the same.
    assert.isTrue(remembered(undefined, new Map([["op", reportOf("settled")]]))?.report.replayed)
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
