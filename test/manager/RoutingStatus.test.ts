import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as EimError from "execution-interface-manager/domain/EimError"
import * as ExecutionReport from "execution-interface-manager/domain/ExecutionReport"
import * as Fault from "execution-interface-manager/domain/Fault"
import * as ExecutionInterfaceManager from "execution-interface-manager/manager/ExecutionInterfaceManager"
import * as RoutingStatus from "execution-interface-manager/manager/RoutingStatus"
import * as StatusSchema from "execution-interface-manager/manager/StatusSchema"
import { desk, manager, ports, rejected, sale } from "./fixtures.js"
import { trade } from "./parts.js"

const decodeStatus = Schema.decodeUnknownEither(StatusSchema.Status, Fault.strict)

const decodeSnapshot = Schema.decodeUnknownEither(StatusSchema.Snapshot, Fault.strict)

const status: RoutingStatus.RoutingStatus = {
  status: "degraded",
  currentInstruction: trade,
  instructionsRouted: 3,
  instructionsFailed: 1,
  routingCount: 4,
  lastRoutingTimestamp: 1_717_200_000_000,
  executionMode: "live",
  tradingState: "reducing",
  availableVenues: { cex: ["binance"], dex: [], onchain: ["aave"] }
}

const error = EimError.info(EimError.of("EIM-006", { reason: "too little", path: "instructions[0].amount", operationId: "much:0", venue: "aave" }))

const snapshot: RoutingStatus.StateSnapshot = {
  ...status,
  routingHistory: [
    { timestamp: 1_717_200_000_000, operationId: "lend:0", instructionType: "smart_contract_action", venue: "aave", status: "settled", success: true, deltas: { aave: { aUSDT: 10n ** 18n }, wallet: { USDT: -(10n ** 18n) } }, error: undefined },
    { timestamp: 1_717_200_000_001, operationId: "much:0", instructionType: "smart_contract_action", venue: "aave", status: "rejected", success: false, deltas: {}, error },
    { timestamp: 1_717_200_000_002, operationId: undefined, instructionType: "unknown", venue: undefined, status: "not_sent", success: false, deltas: {}, error }
  ],
  recentErrors: [{ at: 1_717_200_000_001, error }],
  unavailableVenues: { okx: "connection refused" },
  updateCount: 4,
  configHash: "e29ebaff"
}

describe("the snapshot as JSON", () => {
  it("has the keys of the status and those behind it, in snake_case", () => {
    assert.deepStrictEqual<unknown>(RoutingStatus.snapshotToJson(snapshot), {
      ...RoutingStatus.toJson(status),
      routing_history: [
        {
          timestamp: "2024-06-01T00:00:00Z",
          operation_id: "lend:0",
          instruction_type: "smart_contract_action",
          venue: "aave",
          status: "settled",
          success: true,
          deltas: { aave: { aUSDT: "1" }, wallet: { USDT: "-1" } },
          error: null
        },
        {
          timestamp: "2024-06-01T00:00:00.001Z",
          operation_id: "much:0",
          instruction_type: "smart_contract_action",
          venue: "aave",
          status: "rejected",
          success: false,
          deltas: {},
          error: ExecutionReport.errorToJson(error)
        },
        {
          timestamp: "2024-06-01T00:00:00.002Z",
          operation_id: null,
          instruction_type: "unknown",
          venue: null,
          status: "not_sent",
          success: false,
          deltas: {},
          error: ExecutionReport.errorToJson(error)
        }
      ],
      recent_errors: [{ timestamp: "2024-06-01T00:00:00.001Z", ...ExecutionReport.errorToJson(error) }],
      unavailable_venues: { okx: "connection refused" },
      update_count: 4,
      config_hash: "e29ebaff"
    })
    for (const key of Object.keys(RoutingStatus.snapshotToJson(snapshot))) assert.match(key, /^[a-z_]+$/)
  })

  it("is what the schemas decode, as it is and after a way over text", () => {
    for (const json of [RoutingStatus.toJson(status), RoutingStatus.toJson({ ...status, currentInstruction: undefined, lastRoutingTimestamp: undefined })]) {
      assert.isTrue(Either.isRight(decodeStatus(JSON.parse(JSON.stringify(json)))))
    }
    const json = JSON.parse(JSON.stringify(RoutingStatus.snapshotToJson(snapshot)))
    assert.deepStrictEqual<unknown>(decodeSnapshot(json), Either.right(json))
  })

  it("is refused by the schemas with a key less, a key more, or a name in camelCase", () => {
    const json = RoutingStatus.snapshotToJson(snapshot)
    for (const key of Object.keys(json)) {
      const { [key]: _, ...less } = json
      assert.isTrue(Either.isLeft(decodeSnapshot(less)), key)
    }
    assert.isTrue(Either.isLeft(decodeSnapshot({ ...json, nobody_knows: 1 })))
    assert.isTrue(Either.isLeft(decodeSnapshot({ ...json, routing_history: snapshot.routingHistory })))
  })

  it.effect("of a manager decodes, before anything was routed and after", () =>
    Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const decodes = Effect.gen(function*() {
        yield* decodeStatus(RoutingStatus.toJson(yield* eim.getRoutingStatus))
        return yield* decodeSnapshot(RoutingStatus.snapshotToJson(yield* eim.getStateSnapshot))
      })
      assert.deepInclude(yield* decodes, { current_instruction: null, last_routing_timestamp: null, routing_history: [] })
      yield* eim.execute(1000, sale("one"))
      yield* eim.execute(2000, sale("other"))
      const after = yield* decodes
      assert.deepStrictEqual(after.routing_history.map(({ error, operation_id, success }) => [operation_id, success, error?.code]), [["one", false, "EIM-013"], ["other", true, undefined]])
      assert.deepStrictEqual(after.recent_errors.map(({ code }) => code), ["EIM-013"])
    }).pipe(Effect.provide(manager({ ...desk(), submits: [() => Effect.fail(rejected)] }).pipe(Layer.provideMerge(ports)))))
})
