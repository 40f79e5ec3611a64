import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Account from "../../src/domain/Account.js"
import * as Amount from "../../src/domain/Amount.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Entry from "../../src/domain/Entry.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import * as EventsMemory from "../../src/events/EventLogger/Memory.js"
import * as HealthManager from "../../src/health/HealthManager.js"
import * as JournalMemory from "../../src/journal/Journal/Memory.js"
import * as Journal from "../../src/journal/Journal.js"
import * as Config from "../../src/manager/Config.js"
import * as ExecutionInterfaceManager from "../../src/manager/ExecutionInterfaceManager.js"
import * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const wallet = Account.make("wallet", "wallet")

/** What the carrier does with groups, in order; afterwards it settles each member with one unit of its token. */
interface Carrier {
  readonly submits: Array<(group: Venue.Group) => Effect.Effect<Outcome.Success, Outcome.Failure>>
  readonly sent: Array<Venue.Group>
  readonly resolved: Array<string>
}

const settled = ({ members }: Venue.Group, parts = true): Outcome.Settled => {
  const each = members.map(({ instruction: { token } }) => ({
    ...Outcome.emptyReceipt(at),
    entries: Entry.move(Account.contra("issuer", "pool"), wallet, token, Amount.unit, "borrow")
  }))
  const entries = each.flatMap((part) => part.entries)
  return new Outcome.Settled({ receipt: { ...Outcome.emptyReceipt(at), entries, ...(parts ? { parts: each } : {}) } })
}

const idle: Pick<Venue.Venue, "accruals" | "portfolio"> = {
  accruals: Venue.noAccruals,
  portfolio: () => Effect.succeed({ holdings: [], positions: [] })
}

const never = Venue.capability<Instruction.SmartContractAction, null>({
  prepare: () => Effect.die("a member of a group is never sent alone"),
  submit: () => Effect.die("a member of a group is never sent alone"),
  resolve: () => Effect.die("the carrier answers for a group")
})

const carrierVenue = (carrier: Carrier): Venue.Venue => ({
  id: "wallet",
  family: "onchain",
  accounts: ["wallet"],
  ...idle,
  atomic: Venue.capability<Venue.Group, Venue.Group>({
    prepare: ({ instruction }) =>
      instruction.id === "unprepared"
        ? Effect.fail(new Outcome.NotSent({ reason: "invalid", message: "no such call", retry: "never", operationId: "b" }))
        : Effect.succeed({
          wire: { operations: instruction.members.map(({ operationId }) => operationId) },
          payload: instruction
        }),
    submit: (group) =>
      Effect.suspend(() => {
        carrier.sent.push(group)
        const next = carrier.submits.shift()
        return next === undefined ? Effect.succeed(settled(group)) : next(group)
      }),
    resolve: ({ operationId }) =>
      Effect.sync(() => {
        carrier.resolved.push(operationId)
        return settled({ id: "g", members: ["a", "b"].map((id) => ({ operationId: id, venue: "pool", instruction: supply("USDT") })) })
      })
  })
})

const supply = (token: string): Instruction.SmartContractAction => ({
  instructionType: "smart_contract_action",
  protocol: { venue: "pool", sub: undefined },
  action: "supply",
  token,
  amount: Amount.unit
})

const pool: Venue.Venue = {
  id: "pool",
  family: "onchain",
  accounts: ["position"],
  ...idle,
  action: { ...never, actions: new Set<Instruction.Action>(["supply"]) },
  swap: { ...never, arrival: () => Effect.succeed({ price: Decimal.unsafe("2"), feeRate: Decimal.unsafe("0.003") }) }
}

const contribute = (venue: Venue.Venue) => VenueRegistry.venue({ id: venue.id, family: venue.family, make: Effect.succeed(venue) })

const layer = (carrier: Carrier, options?: ExecutionInterfaceManager.Options, journal = JournalMemory.layer) =>
  ExecutionInterfaceManager.layer(options).pipe(
    Layer.provideMerge(Layer.mergeAll(contribute(carrierVenue(carrier)), contribute(pool))),
    Layer.provideMerge(VenueRegistry.layer),
    Layer.provideMerge(Layer.mergeAll(
      journal,
      HealthManager.layer,
      EventsMemory.layerNoop
    ))
  )

const carrier = (...submits: Carrier["submits"]): Carrier => ({ submits, sent: [], resolved: [] })

const call = (id: string, token: string, more: { readonly [field: string]: string } = {}) => ({
  instruction_type: "smart_contract_action",
  protocol: "pool",
  action: "supply",
  token,
  amount: "1",
  operation_id: id,
  atomic_group_id: "g",
  ...more
})

const block = { block_id: "block", instructions: [call("a", "USDT"), call("b", "WETH")] }

const execute = (input: typeof block, time = at) =>
  Effect.flatMap(ExecutionInterfaceManager.ExecutionInterfaceManager, (eim) => eim.execute(time, input))

const statuses = ({ operations }: ExecutionReport.ExecutionReport) => operations.map(({ status }) => status)

const failing = (failure: (group: Venue.Group) => Outcome.Failure) => (group: Venue.Group) => Effect.fail(failure(group))

describe("atomic groups", () => {
  it.effect("are one call of the carrier, told apart in the report", () => {
    const carried = carrier()
    return Effect.gen(function*() {
      const report = yield* execute(block)
      assert.deepStrictEqual(statuses(report), ["settled", "settled"])
      assert.deepStrictEqual(report.operations.map(({ deltas }) => ExecutionReport.deltasToJson(deltas)), [
        { wallet: { USDT: "1" } },
        { wallet: { WETH: "1" } }
      ])
      assert.strictEqual(carried.sent.length, 1)
      assert.deepStrictEqual(carried.sent[0]!.members.map(({ operationId }) => operationId), ["a", "b"])
      const again = yield* execute(block)
      assert.isTrue(again.replayed)
      assert.strictEqual(carried.sent.length, 1)
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("a receipt without parts stands whole with the first operation", () => {
    const carried = carrier((group) => Effect.succeed(settled(group, false)))
    return Effect.gen(function*() {
      const report = yield* execute(block)
      assert.deepStrictEqual(report.operations.map(({ deltas }) => ExecutionReport.deltasToJson(deltas)), [
        { wallet: { USDT: "1", WETH: "1" } },
        {}
      ])
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("swaps inside are bounded by the price guard, and refused beyond it before anything is sent", () => {
    const carried = carrier()
    const swap = (quote: string) => ({
      block_id: `swap${quote}`,
      instructions: [
        call(`a${quote}`, "USDT"),
        { ...call(`s${quote}`, "WETH", { action: "swap", token_out: "USDT" }), estimated_deltas: { wallet: { WETH: "-1", USDT: quote } } }
      ]
    })
    return Effect.gen(function*() {
      const { execute } = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      assert.isUndefined((yield* execute(at, swap("1.99"))).error)
      const bound = carried.sent[0]!.members[1]!.bound!
      // 1.99 with the fee taken off again, and 2 % below that.
      assert.strictEqual(Decimal.format(bound).slice(0, 8), "1.956068")
      const refused = yield* execute(at, swap("1.8"))
      assert.strictEqual(refused.error?.code, "EIM-005")
      assert.strictEqual(carried.sent.length, 1)
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("the operation that failed says why, the others are rolled back, and all may be sent again", () => {
    const carried = carrier(failing(() =>
      new Outcome.Rejected({ reason: "health_factor", message: "too much debt", operationId: "b", field: "amount", expected: "less", actual: "1" })))
    return Effect.gen(function*() {
      const report = yield* execute(block)
      assert.deepStrictEqual(statuses(report), ["rolled_back", "rejected"])
      assert.strictEqual(report.error?.code, "EIM-010")
      assert.strictEqual(report.error?.operationId, "b")
      assert.strictEqual(report.error?.path, "instructions[1].amount")
      assert.include(report.error?.message ?? "", "atomic group g was rolled back: EIM-006 too much debt")
      assert.deepStrictEqual(statuses(yield* execute(block)), ["settled", "settled"])
      assert.strictEqual(carried.sent.length, 2)
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("a failure that names no operation stands with the first, with what it cost", () => {
    const gas = Entry.move(wallet, Account.contra("gas", "ethereum"), "ETH", 7n, "gas")
    const carried = carrier(failing(() =>
      new Outcome.Rejected({ reason: "reverted", message: "out of gas", receipt: { ...Outcome.emptyReceipt(at), entries: gas } })))
    return Effect.gen(function*() {
      const report = yield* execute(block)
      assert.deepStrictEqual(statuses(report), ["rejected", "rolled_back"])
      assert.strictEqual(report.deltas["wallet"]?.["ETH"], -7n)
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("what cannot be prepared is not sent", () => {
    const carried = carrier()
    return Effect.gen(function*() {
      const instructions = block.instructions.map((one) => ({ ...one, atomic_group_id: "unprepared" }))
      const report = yield* execute({ ...block, instructions })
      assert.deepStrictEqual(statuses(report), ["rolled_back", "not_sent"])
      assert.strictEqual(carried.sent.length, 0)
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("an unknown outcome is that of every operation, is not sent again, and resolves to its part", () => {
    const carried = carrier(failing((group) =>
      new Outcome.Unknown({ handle: { venue: "wallet", operationId: group.members[0]!.operationId, reference: { hash: "0x" } }, message: "cut off" })))
    return Effect.gen(function*() {
      const report = yield* execute(block)
      assert.deepStrictEqual(statuses(report), ["unknown", "unknown"])
      assert.strictEqual(report.error?.code, "EIM-008")
      assert.deepStrictEqual(statuses(yield* execute(block)), ["unknown", "unknown"])
      assert.strictEqual(carried.sent.length, 1)
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const part = yield* eim.resolve("b", at)
      assert.strictEqual(part.status, "settled")
      assert.deepStrictEqual(ExecutionReport.deltasToJson(part.deltas), { wallet: { USDT: "1" } })
      assert.deepStrictEqual(carried.resolved, ["a"], "the handle is that of the group")
      const half = yield* execute(block)
      assert.deepStrictEqual(statuses(half), ["unknown", "settled"])
      assert.strictEqual(carried.sent.length, 1)
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("a group of which a part was executed under its id is refused", () => {
    const carried = carrier()
    return Effect.gen(function*() {
      yield* execute(block)
      const more = { block_id: "more", instructions: [...block.instructions, call("c", "USDC")] }
      const report = yield* execute(more)
      assert.strictEqual(report.error?.code, "EIM-010")
      assert.deepStrictEqual(report.operations.map(({ replayed }) => replayed), [true, true, false])
      assert.strictEqual(carried.sent.length, 1)
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("a deadline of one operation holds back all", () => {
    const carried = carrier()
    return Effect.gen(function*() {
      const instructions = [call("a", "USDT"), call("b", "WETH", { deadline: "2024-05-31T00:00:00Z" })]
      const report = yield* execute({ ...block, instructions })
      assert.strictEqual(report.error?.code, "EIM-001")
      assert.strictEqual(report.error?.path, "instructions[1].deadline")
      assert.deepStrictEqual(statuses(report), ["not_sent", "skipped"])
      assert.strictEqual(carried.sent.length, 0)
    }).pipe(Effect.provide(layer(carried)))
  })

  it.effect("an intent that cannot be written holds back all, and none of them counts as sent", () => {
    const carried = carrier()
    const refusing = Layer.effect(Journal.Journal, Effect.map(JournalMemory.make, (journal) => ({
      ...journal,
      intent: (intent: Journal.Intent) =>
        intent.operationId === "b" ? new Journal.JournalError({ message: "disk full" }) : journal.intent(intent)
    })))
    return Effect.gen(function*() {
      const report = yield* execute(block)
      assert.strictEqual(report.error?.code, "EIM-012")
      assert.deepStrictEqual(statuses(report), ["not_sent", "not_sent"])
      assert.strictEqual(carried.sent.length, 0)
      const journal = yield* Journal.Journal
      assert.deepStrictEqual(yield* journal.open, [])
    }).pipe(Effect.provide(layer(carried, undefined, refusing)))
  })

  it.effect("are refused where chaining is off, and where no carrier is part of the program", () =>
    Effect.gen(function*() {
      const off = yield* Effect.flip(execute(block)).pipe(
        Effect.provide(layer(carrier(), { config: { ...Config.defaults, enableAtomicChaining: false } }))
      )
      assert.strictEqual(off.code, "EIM-010")
      assert.include(off.message, "enable_atomic_chaining is off")
      const alone = ExecutionInterfaceManager.layer().pipe(
        Layer.provideMerge(contribute(pool)),
        Layer.provideMerge(VenueRegistry.layer),
        Layer.provideMerge(Layer.mergeAll(JournalMemory.layer, HealthManager.layer, EventsMemory.layerNoop))
      )
      const none = yield* Effect.flip(execute(block)).pipe(Effect.provide(alone))
      assert.strictEqual(none.code, "EIM-010")
      assert.include(none.message, "no carrier is part of this program")
    }))

  it.effect("operations around a group keep their order, and those after a failed one are skipped", () => {
    const carried = carrier(failing(() => new Outcome.Rejected({ reason: "reverted", message: "no", operationId: "a" })))
    return Effect.gen(function*() {
      const report = yield* execute({
        block_id: "around",
        instructions: [call("a", "USDT"), call("c", "USDC", { atomic_group_id: "other" }), call("b", "WETH")]
      })
      assert.deepStrictEqual(report.operations.map(({ operationId, status }) => [operationId, status]), [
        ["a", "rejected"],
        ["c", "skipped"],
        ["b", "rolled_back"]
      ])
    }).pipe(Effect.provide(layer(carried)))
  })
})
