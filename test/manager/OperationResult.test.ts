import { assert, describe, it } from "@effect/vitest"
import * as EimError from "../../src/domain/EimError.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as OperationResult from "../../src/manager/OperationResult.js"
import { operation, sold, statuses, trade, unit } from "./parts.js"

const handle = { venue: "desk", operationId: "op", reference: { order: "42" } }
const head = { index: 2, operationId: "op", instructionType: "cex_trade", venue: "desk" } as const
const error = new EimError.VenueRejected({ reason: "the market is closed" })

describe("OperationResult", () => {
  it("names the operation as the plan does", () => {
    assert.deepStrictEqual(OperationResult.headOf(operation()), head)
  })

  it("of what was skipped is a report that says nothing but that", () => {
    assert.deepStrictEqual(OperationResult.skipped(operation()).report, ExecutionReport.operation({ ...head, status: "skipped", attempts: 0 }, undefined))
  })

  it("of what was refused says why, and that nothing was sent", () => {
    const done = OperationResult.refused(operation(), error)
    assert.strictEqual(done.error, error)
    assert.isUndefined(done.fault)
    assert.isFalse(done.degraded)
    assert.deepInclude(done.report, { ...head, status: "not_sent", attempts: 0, replayed: false, error: EimError.info(error) })
    assert.strictEqual(OperationResult.refused(operation(), error, "unknown").report.status, "unknown")
  })

  it.each([
    ["settled", new Outcome.Settled({ receipt: sold }), undefined],
    ["partial", new Outcome.Settled({ receipt: sold, partial: true }), undefined],
    ["settled", new Outcome.Settled({ receipt: sold, partial: false }), undefined],
    ["pending", new Outcome.Pending({ receipt: sold, handle }), handle]
  ] as const)("of a success is %s, with its deltas and its handle", (status, success, expected) => {
    const done = OperationResult.succeeded(head, 3, success, undefined)
    assert.deepInclude(done.report, { ...head, status, attempts: 3, handle: expected, error: undefined, deviation: undefined })
    assert.deepStrictEqual(done.report.deltas, { desk: { ETH: -unit, USDT: 2000n * unit } })
    assert.isUndefined(done.error)
    assert.isUndefined(done.fault)
    assert.isFalse(done.degraded)
  })

  it("of lines that do not sum to zero is a fault that names the assets, beside what is reported", () => {
    const done = OperationResult.succeeded(head, 1, new Outcome.Settled({ receipt: { ...sold, entries: sold.entries.slice(1) } }), undefined)
    assert.isUndefined(done.error)
    assert.deepInclude(EimError.info(done.fault!), { code: "EIM-003", operationId: "op", venue: "desk" })
    assert.match(done.fault!.reason, /zero for ETH$/)
    assert.deepStrictEqual(done.report.error, EimError.info(done.fault!))
    assert.strictEqual(done.report.status, "settled")
  })

  it("compares with the estimate over all venues, asset by asset", () => {
    const estimated = { desk: { ETH: -unit, USDT: 1900n * unit }, wallet: { USDT: 50n * unit, DAI: unit } }
    const done = OperationResult.ofOutcome(operation({ ...trade, estimatedDeltas: estimated }), 1, new Outcome.Settled({ receipt: sold }))
    assert.deepStrictEqual(done.report.deviation, { ETH: 0n, USDT: 50n * unit, DAI: -unit })
    assert.isUndefined(OperationResult.ofOutcome(operation(), 1, new Outcome.Settled({ receipt: sold })).report.deviation)
  })

  it("of a failure has what it cost, or where to ask", () => {
    const reverted = OperationResult.ofOutcome(operation(), 2, new Outcome.Rejected({ reason: "reverted", message: "out of gas", receipt: sold }))
    assert.deepInclude(reverted.report, { ...head, status: "rejected", attempts: 2, handle: undefined, entries: sold.entries })
    assert.strictEqual(reverted.error?.code, "EIM-013")
    assert.deepStrictEqual(reverted.report.error, EimError.info(reverted.error!))
    assert.isUndefined(reverted.fault)
    assert.isFalse(reverted.degraded)

    const unknown = OperationResult.ofOutcome(operation(), 1, new Outcome.Unknown({ handle, message: "cut off" }))
    assert.deepInclude(unknown.report, { status: "unknown", handle, entries: [] })
    assert.strictEqual(unknown.error?.code, "EIM-008")

    const unsent = OperationResult.ofOutcome(operation(), 0, new Outcome.NotSent({ reason: "limit", message: "too little", retry: "never" }))
    assert.deepInclude(unsent.report, { status: "not_sent", attempts: 0, handle: undefined, entries: [] })
  })

  it("of a success under way keeps the handle", () => {
    assert.deepInclude(OperationResult.ofOutcome(operation(), 1, new Outcome.Pending({ receipt: sold, handle })).report, { status: "pending", handle })
  })

  it("of a replay changes nothing and tells what was recorded", () => {
    const recorded = OperationResult.succeeded(head, 3, new Outcome.Pending({ receipt: sold, handle }), undefined).report
    const done = OperationResult.replayed(operation(), recorded)
    assert.deepInclude(done.report, { ...head, status: "pending", attempts: 0, replayed: true, recorded, deltas: {}, entries: [] })
    assert.isUndefined(done.error)
    assert.isUndefined(done.fault)
    assert.isFalse(done.degraded)
  })

  it("stands where it went through or is under way", () => {
    const report = (status: ExecutionReport.Status) => ExecutionReport.operation({ ...head, status, attempts: 1 }, undefined)
    assert.deepStrictEqual(statuses.filter((status) => OperationResult.stands(report(status))), ["settled", "partial", "pending"])
  })
})
