import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import * as EimError from "execution-interface-manager/domain/EimError"
import * as Outcome from "execution-interface-manager/domain/Outcome"
import * as ErrorMapping from "execution-interface-manager/manager/ErrorMapping"
import type * as Plan from "execution-interface-manager/manager/Plan"
import * as RoutingStatus from "execution-interface-manager/manager/RoutingStatus"
import * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import { trade } from "./parts.js"
import { desk, notSent, rejected, venue } from "./fixtures.js"

const operation = { index: 2, operationId: "b:2", venue: "desk" } as Plan.Operation
const handle = { venue: "desk", operationId: "b:2", reference: {} }
const lost = new Outcome.Unknown({ handle, message: "cut off", cause: "socket" })
const precise = new Outcome.NotSent({
  reason: "limit",
  message: "too little",
  retry: "never",
  field: "amount",
  expected: "at least 5",
  actual: "1",
  cause: "filter"
})

describe("ErrorMapping", () => {
  it.each([
    ["invalid", "EIM-001"],
    ["unsupported", "EIM-001"],
    ["unavailable", "EIM-002"],
    ["rate_limited", "EIM-002"],
    ["credentials", "EIM-004"],
    ["price", "EIM-005"],
    ["insufficient_balance", "EIM-006"],
    ["insufficient_margin", "EIM-006"],
    ["health_factor", "EIM-006"],
    ["limit", "EIM-006"],
    ["market_data", "EIM-007"],
    ["atomic", "EIM-010"],
    ["rejected", "EIM-013"],
    ["reverted", "EIM-013"]
  ] as const)("%s is %s", (reason, code) => assert.strictEqual(ErrorMapping.codeOf(reason), code))

  it("have a status each", () => {
    assert.deepStrictEqual([rejected, notSent("after"), lost].map(ErrorMapping.statusOf), ["rejected", "not_sent", "unknown"])
  })

  it("of an operation name it, and the field of its instruction", () => {
    assert.deepInclude(EimError.info(ErrorMapping.ofOperation(operation, precise)), {
      code: "EIM-006",
      operationId: "b:2",
      venue: "desk",
      reason: "too little",
      path: "instructions[2].amount",
      expected: "at least 5",
      actual: "1"
    })
    assert.strictEqual(ErrorMapping.ofOperation(operation, precise).cause, "filter")
    assert.isUndefined(ErrorMapping.ofOperation(operation, rejected).path)
    const unknown = ErrorMapping.ofOperation(operation, lost)
    assert.deepStrictEqual(
      [unknown.code, unknown.operationId, unknown.venue, unknown.reason, unknown.cause],
      ["EIM-008", "b:2", "desk", "cut off", "socket"]
    )
  })

  it("of accruals name the venue that decided", () => {
    const error = ErrorMapping.ofAccruals("desk", precise)
    assert.deepStrictEqual(
      [error.code, error.venue, error.reason, error.expected, error.actual, error.cause],
      ["EIM-006", "desk", "too little", "at least 5", "1", "filter"]
    )
    assert.strictEqual(ErrorMapping.ofAccruals("desk", rejected).venue, "desk")
    const other = new Outcome.Rejected({ reason: "health_factor", message: "breached", venue: "aave" })
    assert.strictEqual(ErrorMapping.ofAccruals("desk", other).venue, "aave")
    const unknown = ErrorMapping.ofAccruals("desk", lost)
    assert.deepStrictEqual([unknown.code, unknown.venue, unknown.reason, unknown.cause], ["EIM-008", "desk", "cut off", "socket"])
  })

  it("of a venue that is not there list those that are", () => {
    const missing = (available: ReadonlyArray<string>) =>
      ErrorMapping.ofVenue(new VenueRegistry.NoSuchVenue({ venue: "moon", failure: undefined, available }))
    const error = missing(["binance", "okx"])
    assert.deepInclude(EimError.info(error), { code: "EIM-002", venue: "moon", actual: "moon", expected: "one of binance, okx" })
    assert.include(error.reason, "moon")
    assert.strictEqual(missing([]).expected, "one of none")
  })
})

describe("RoutingStatus", () => {
  const entry = (id: string, family: "cex" | "dex" | "onchain", works = true): VenueRegistry.Entry => ({
    id,
    family,
    state: works ? Either.right(venue(desk())) : Either.left("down")
  })

  it("lists the venues that work, by family", () => {
    const entries = [entry("okx", "cex"), entry("binance", "cex", false), entry("uniswap", "dex"), entry("aave", "onchain"), entry("wallet", "onchain")]
    assert.deepStrictEqual(RoutingStatus.available(entries), { cex: ["okx"], dex: ["uniswap"], onchain: ["aave", "wallet"] })
  })

  it("has null in JSON for what is not there", () => {
    const status: RoutingStatus.RoutingStatus = {
      status: "healthy",
      currentInstruction: trade,
      instructionsRouted: 3,
      instructionsFailed: 1,
      routingCount: 2,
      lastRoutingTimestamp: 1000,
      executionMode: "backtest",
      tradingState: "active",
      availableVenues: { cex: ["okx"], dex: [], onchain: [] }
    }
    const json = {
      status: "healthy",
      current_instruction: { instruction_type: "cex_trade", venue: "desk", trade_type: "spot", side: "sell", symbol: "ETHUSDT", amount: "1" },
      instructions_routed: 3,
      instructions_failed: 1,
      routing_count: 2,
      last_routing_timestamp: "1970-01-01T00:00:01Z",
      execution_mode: "backtest",
      trading_state: "active",
      available_venues: { cex: ["okx"], dex: [], onchain: [] }
    }
    assert.deepStrictEqual<unknown>(RoutingStatus.toJson(status), json)
    assert.deepStrictEqual<unknown>(
      RoutingStatus.toJson({ ...status, currentInstruction: undefined, lastRoutingTimestamp: undefined }),
      { ...json, current_instruction: null, last_routing_timestamp: null }
    )
  })
})
