import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Entry from "../../src/domain/Entry.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import * as Outcome from "../../src/domain/Outcome.js"
import type * as Journal from "../../src/journal/Journal.js"
import * as Recording from "../../src/manager/Recording.js"
import * as Resolution from "../../src/manager/Resolution.js"

import type * as Venue from "../../src/venue/Venue.js"
import { bare, full, intentOf, journalOf, recording, registryOf, sold, restore, unit } from "./parts.js"

const handle: Outcome.Handle = { venue: "desk", operationId: "op", reference: { transaction: "0x1" } }

const reportOf = (status: ExecutionReport.Status, more: Partial<ExecutionReport.OperationReport> = {}): ExecutionReport.OperationReport => ({
  ...ExecutionReport.operation({ index: 4, operationId: "op", instructionType: "wallet_transfer", venue: "desk", status, attempts: 3 }, sold, { handle }),
  ...more
})

const every = (asking: (name: string) => Venue.Capability<any>): Venue.Venue => ({
  ...bare("desk"),
  trade: { ...asking("trade"), arrival: () => Effect.die("not asked") },
  swap: { ...asking("swap"), arrival: () => Effect.die("not asked") },
  action: { ...asking("action"), actions: new Set() },
  transfer: { send: asking("send"), internal: asking("internal") },
  atomic: asking("atomic")
})

const answering = (outcome: Effect.Effect<Outcome.Success, Outcome.Failure>): Venue.Venue =>
  every(() => ({ ...recording("any", []), resolve: () => outcome }))

const make = (
  venues: { readonly [id: string]: Venue.Venue | string } = { desk: every((name) => recording(name, [])) },
  more: Partial<Journal.Journal["Type"]> = {}
) => {
  const { journal, written } = journalOf(more)
  const recorder = Recording.make(journal)
  const resolve = Resolution.make({ registry: registryOf(venues), recording: recorder })
  return { resolve: (past: Journal.Record) => resolve(past, restore), recorder, written }
}

describe("Resolution", () => {
  it.effect.each([
    ["trade", "cex_trade"],
    ["swap", "smart_contract_action"],
    ["action", "smart_contract_action"],
    ["internal", "wallet_transfer"],
    ["send", "wallet_transfer"]
  ] as const)("asks what did the %s, by what the journal has of the call", ([capability, instructionType]) => {
    const { resolve, written } = make()
    return Effect.gen(function*() {
      const done = yield* resolve({ intent: intentOf(capability), report: undefined })
      assert.deepInclude(done.report, { index: 0, operationId: "op", venue: "desk", instructionType, attempts: 1, status: "settled", replayed: false })
      assert.deepStrictEqual(done.report.detail, { resolver: capability, order: "42" })
      assert.deepStrictEqual(done.report.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })
      assert.isUndefined(done.error)
      assert.isFalse(done.degraded)
      assert.deepStrictEqual(written, [["outcome op", done.report]])
    })
  })

  it.effect("asks the carrier for a member of a group, and gives only the first what is not told apart", () => {
    const { resolve } = make({ wallet: every((name) => recording(name, [])) })
    return Effect.gen(function*() {
      const member = (operationId: string) =>
        resolve({ intent: intentOf("atomic", { operationId, venue: "pool", call: { operations: ["op", "second"] } }), report: undefined })
      const first = yield* member("op")
      assert.deepInclude(first.report.detail, { resolver: "atomic" })
      assert.deepStrictEqual(first.report.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })
      assert.strictEqual(first.report.venue, "pool")
      const second = yield* member("second")
      assert.deepStrictEqual(second.report.deltas, {})
    })
  })

  it.effect("asks by the handle that the report has, and keeps its place and its attempts", () => {
    const { resolve } = make()
    return Effect.gen(function*() {
      const done = yield* resolve({ intent: intentOf("trade"), report: reportOf("unknown") })
      assert.deepStrictEqual(done.report.detail, { resolver: "trade", transaction: "0x1" })
      assert.deepInclude(done.report, { index: 4, attempts: 3, instructionType: "wallet_transfer" })
      const nameless = yield* resolve({ intent: intentOf("trade"), report: reportOf("unknown", { handle: undefined }) })
      assert.deepStrictEqual(nameless.report.detail, { resolver: "trade", order: "42" })
    })
  })

  it.effect("gives of what was under way only what is new, and records the whole", () => {
    const arrived: Outcome.Receipt = {
      ...sold,
      fills: [{ symbol: "ETHUSDT", side: "sell", price: { value: 2n } as any, amount: 1n, liquidity: "taker" }],
      costs: [{ kind: "gas", venue: "desk", asset: "ETH", amount: 2n }],
      positions: [{ venue: "desk", symbol: "P", size: 1n } as any],
      detail: { block: 2 }
    }
    const before = reportOf("pending", {
      fills: [{ symbol: "first" } as any],
      costs: [{ kind: "fee", venue: "desk", asset: "ETH", amount: 1n }],
      positions: [{ symbol: "first" } as any],
      detail: { sent: 1, block: 1 },
      accounts: { "desk:spot": { ETH: -unit, USDT: 2000n * unit } }
    })
    const later: Outcome.Handle = { ...handle, reference: { transaction: "0x2" } }
    return Effect.gen(function*() {
      for (const [success, status, kept] of [
        [new Outcome.Settled({ receipt: arrived }), "settled", undefined],
        [new Outcome.Pending({ receipt: arrived, handle: later }), "pending", later]
      ] as const) {
        const { resolve, written } = make({ desk: answering(Effect.succeed(success)) })
        const done = yield* resolve({ intent: intentOf("send"), report: before })
        assert.deepStrictEqual(done.report.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })
        assert.deepStrictEqual(done.report.fills, arrived.fills)
        assert.deepStrictEqual(written, [["outcome op", {
          ...before,
          status,
          deltas: { desk: { ETH: -2n * unit, USDT: 4000n * unit } },
          accounts: { "desk:spot": { ETH: -2n * unit, USDT: 4000n * unit } },
          entries: [...sold.entries, ...sold.entries],
          fills: [...before.fills, ...arrived.fills],
          costs: [...before.costs, ...arrived.costs],
          positions: [...before.positions, ...arrived.positions],
          detail: { sent: 1, block: 2 },
          error: undefined,
          handle: kept
        }]])
      }
    })
  })

  it.effect("records of what was unknown what it is now", () => {
    const { resolve, written } = make()
    const nothing = reportOf("unknown", { entries: [], deltas: {}, accounts: {} })
    return Effect.gen(function*() {
      const done = yield* resolve({ intent: intentOf("trade"), report: nothing })
      assert.deepStrictEqual(done.report.entries, sold.entries)
      assert.deepStrictEqual(written.map(([, report]) => (report as ExecutionReport.OperationReport).entries), [sold.entries])
    })
  })

  it.effect("keeps what was told as under way through an unknown that settles later", () => {
    const { resolve, written } = make()
    return Effect.gen(function*() {
      const done = yield* resolve({ intent: intentOf("send"), report: reportOf("unknown") })
      assert.deepStrictEqual(done.report.entries, sold.entries)
      assert.deepStrictEqual(
        written.map(([, report]) => (report as ExecutionReport.OperationReport).entries),
        [[...sold.entries, ...sold.entries]]
      )
    })
  })

  it.effect("takes back what was told of what is certain never to have happened", () => {
    const { resolve, written } = make({
      desk: answering(Effect.fail(new Outcome.NotSent({ reason: "unavailable", message: "never arrived", retry: "after" })))
    })
    return Effect.gen(function*() {
      const done = yield* resolve({ intent: intentOf("send"), report: reportOf("pending") })
      assert.strictEqual(done.report.status, "not_sent")
      assert.deepStrictEqual(done.report.deltas, { desk: { ETH: unit, USDT: -2000n * unit } })
      const [[, whole]] = written as unknown as [[string, ExecutionReport.OperationReport]]
      assert.strictEqual(whole.status, "not_sent")
      assert.deepStrictEqual(whole.deltas, {})
      assert.deepStrictEqual(Entry.imbalance(whole.entries), [])
    })
  })

  it.effect("takes back what was told of what was rejected after all, less what that cost", () => {
    const cost: Outcome.Receipt = {
      ...Outcome.emptyReceipt(0),
      entries: Entry.move("desk:spot", "gas:desk", "ETH", 3n, "gas")
    }
    const { resolve, written } = make({
      desk: answering(Effect.fail(new Outcome.Rejected({ reason: "rejected", message: "cancelled", receipt: cost })))
    })
    return Effect.gen(function*() {
      const done = yield* resolve({ intent: intentOf("send"), report: reportOf("pending") })
      assert.deepStrictEqual(done.report.deltas, { desk: { ETH: unit - 3n, USDT: -2000n * unit } })
      const [[, whole]] = written as unknown as [[string, ExecutionReport.OperationReport]]
      assert.deepStrictEqual([whole.status, whole.deltas], ["rejected", { desk: { ETH: -3n } }])
    })
  })

  it.effect("the cost of a group that was reverted stands with one operation", () => {
    const cost: Outcome.Receipt = {
      ...Outcome.emptyReceipt(0),
      entries: Entry.move("wallet:wallet", "gas:ethereum", "ETH", 7n, "gas")
    }
    const told = (operationId: string, named?: string) => {
      const failure = new Outcome.Rejected({ reason: "reverted", message: "no", receipt: cost, operationId: named })
      const { resolve } = make({ wallet: answering(Effect.fail(failure)) })
      const intent = { ...intentOf("atomic"), operationId, call: { operations: ["a", "b", "c"] } }
      return Effect.map(resolve({ intent, report: undefined }), ({ report }) => [report.status, report.deltas])
    }
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* told("a", "b"), ["rolled_back", {}])
      assert.deepStrictEqual(yield* told("b", "b"), ["rejected", { wallet: { ETH: -7n } }])
      assert.deepStrictEqual(yield* told("c", "b"), ["rolled_back", {}])
      assert.deepStrictEqual(yield* told("a"), ["rejected", { wallet: { ETH: -7n } }])
      assert.deepStrictEqual(yield* told("c"), ["rolled_back", {}])
    })
  })

  it.effect.each([
    ["unknown", new Outcome.Unknown({ handle, message: "still no answer", cause: "socket" }), "EIM-008", "socket"],
    ["not_sent", new Outcome.NotSent({ reason: "unavailable", message: "never arrived", retry: "after", cause: "node" }), "EIM-002", "node"],
    ["rejected", new Outcome.Rejected({ reason: "reverted", message: "out of gas", cause: "code" }), "EIM-013", "code"]
  ] as const)("tells that it is %s, with the error", ([status, failure, code, cause]) => {
    const { resolve } = make({ desk: answering(Effect.fail(failure)) })
    return Effect.gen(function*() {
      const done = yield* resolve({ intent: intentOf("trade"), report: undefined })
      assert.strictEqual(done.report.status, status)
      assert.deepInclude({ ...done.error }, { operationId: "op", venue: "desk", reason: failure.message })
      assert.deepStrictEqual([done.error?.code, done.error?.cause], [code, cause])
    })
  })

  it.effect("changes nothing where the venue is gone or cannot do it any more", () =>
    Effect.gen(function*() {
      for (const [venues, reason] of [
        [{ desk: "maintenance" }, /maintenance/],
        [{ desk: bare("desk") }, /^desk cannot send any more$/]
      ] as const) {
        const { resolve, written } = make(venues)
        const done = yield* resolve({ intent: intentOf("send"), report: reportOf("pending") })
        assert.deepStrictEqual(done.report, reportOf("pending"))
        assert.strictEqual(done.error?.code, "EIM-002")
        assert.strictEqual(done.error?.venue, "desk")
        assert.match(done.error?.reason ?? "", reason)
        assert.isFalse(done.degraded)
        const silent = yield* resolve({ intent: intentOf("internal"), report: undefined })
        assert.deepInclude(silent.report, { index: 0, operationId: "op", venue: "desk", instructionType: "wallet_transfer", status: "unknown", attempts: 1 })
        assert.lengthOf(written, 0)
      }
    }))

  it.effect("keeps what the journal does not take", () =>
    Effect.gen(function*() {
      const { recorder, resolve } = make(undefined, { outcome: () => full })
      const done = yield* resolve({ intent: intentOf("trade"), report: undefined })
      assert.isTrue(done.degraded)
      assert.isTrue(recorder.isBehind())
    }))
})
