import { assert, describe, it } from "@effect/vitest"
import * as EimError from "../../src/domain/EimError.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as Outcome from "../../src/domain/Outcome.js"
import * as Events from "../../src/manager/Events.js"
import { sold, unit } from "./parts.js"

const component = "ExecutionInterfaceManager"

const report = (
  operationId: string,
  status: ExecutionReport.Status,
  costs: ReadonlyArray<Outcome.Cost> = [],
  error?: EimError.Info
): ExecutionReport.OperationReport => ({
  ...ExecutionReport.operation(
    { index: 0, operationId, instructionType: "smart_contract_action", venue: "pool", status, attempts: 1 },
    { ...sold, costs },
    { error }
  )
})

const gas = (amount: bigint): Outcome.Cost => ({ kind: "gas", venue: "wallet", asset: "ETH", amount })
const fee: Outcome.Cost = { kind: "fee", venue: "pool", asset: "ETH", amount: 7n * unit }
const reverted = EimError.info(new EimError.AtomicGroupRefused({ reason: "the second call reverted" }))

describe("Events", () => {
  it("of the start tell mode, venues and settings", () => {
    assert.deepStrictEqual(Events.initialization(5, "live", ["aave", "okx"], "hash"), {
      timestamp: 5,
      eventType: "component_initialization",
      component,
      data: { execution_mode: "live", venue_interfaces: ["aave", "okx"], config_hash: "hash" }
    })
  })

  it("of an update have null where nothing was executed", () => {
    const update = { triggerSource: "manual", routed: 3, failed: 1, instructionType: "cex_trade", processingTime: 4 }
    const data = {
      trigger_source: "manual",
      instructions_routed: 3,
      instructions_failed: 1,
      current_instruction_type: "cex_trade",
      processing_time_ms: 4
    }
    assert.deepStrictEqual(Events.stateUpdate(5, update), { timestamp: 5, eventType: "state_update", component, data })
    assert.deepStrictEqual(Events.stateUpdate(5, { ...update, instructionType: undefined }).data, { ...data, current_instruction_type: null })
  })

  it("of an operation names the block, or null", () => {
    const done = report("a", "settled")
    assert.deepStrictEqual(Events.operation(5, "entry", done), {
      timestamp: 5,
      eventType: "operation",
      component,
      data: { block_id: "entry", ...ExecutionReport.operationToJson(done) }
    })
    assert.isNull(Events.operation(5, undefined, done).data["block_id"])
  })

  it("of a group that went through sum up its gas and no fee", () => {
    const event = Events.atomicGroup(5, "entry", "g", [report("a", "pending", [gas(unit), fee]), report("b", "settled", [gas(2n * unit)])])
    assert.deepStrictEqual(event, {
      timestamp: 5,
      eventType: "atomic_group",
      component,
      data: {
        block_id: "entry",
        atomic_group_id: "g",
        total_operations: 2,
        operations: [
          { operation_id: "a", instruction_type: "smart_contract_action", venue: "pool", status: "pending" },
          { operation_id: "b", instruction_type: "smart_contract_action", venue: "pool", status: "settled" }
        ],
        group_status: "pending",
        total_gas_fees: "3",
        rollback_triggered: false,
        rollback_reason: null
      }
    })
    assert.isNull(Events.atomicGroup(5, undefined, "g", [report("a", "settled")]).data["block_id"])
  })

  it.each([
    ["rejected", [report("a", "rolled_back"), report("b", "rejected", [], reverted)], true],
    ["rejected", [report("a", "rejected", [], reverted)], true],
    ["settled", [report("a", "rolled_back"), report("b", "settled", [], reverted)], true],
    ["not_sent", [report("a", "not_sent", [], reverted), report("b", "skipped")], false],
    ["unknown", [report("a", "unknown", [], reverted), report("b", "unknown", [], reverted)], false]
  ] as const)("of a group that is %s give the reason, and whether it was rolled back", (status, reports, rolledBack) => {
    assert.deepInclude(Events.atomicGroup(5, "entry", "g", reports).data, {
      group_status: status,
      rollback_triggered: rolledBack,
      rollback_reason: reverted.message
    })
  })

  it("of an accrual are of the instant at which it came due", () => {
    const accrual: Outcome.Accrual = { id: "x", kind: "interest", venue: "pool", account: sold.entries[0]!.account, at: 3, entries: [], detail: {} }
    assert.deepStrictEqual(Events.accrual(accrual), {
      timestamp: 3,
      eventType: "accrual",
      component,
      data: ExecutionReport.accrualToJson(accrual)
    })
  })

  it.each([
    ["instruction_routing_failed", new EimError.RoutingFailed({ reason: "no id", path: "operation_id" })],
    ["venue_interface_unavailable", new EimError.VenueUnavailable({ reason: "down", venue: "okx" })],
    ["execution_delta_aggregation_failed", new EimError.DeltaAggregationFailed({ reason: "ETH is off", operationId: "a", venue: "okx" })],
    [undefined, new EimError.VenueRejected({ reason: "closed", operationId: "a", venue: "okx" })]
  ] as const)("of an error have the event %s before the general one", (own, error) => {
    const info = EimError.info(error)
    const general = {
      timestamp: 5,
      eventType: "error" as const,
      component,
      data: {
        error_code: info.code,
        error_message: info.message,
        stack_trace: ["execute"],
        error_severity: info.severity,
        operation_id: info.operationId ?? null,
        venue: info.venue ?? null
      }
    }
    assert.deepStrictEqual(
      Events.error(5, info, ["execute"]),
      own === undefined ? [general] : [{ timestamp: 5, eventType: own, component, data: ExecutionReport.errorToJson(info) }, general]
    )
  })
})
