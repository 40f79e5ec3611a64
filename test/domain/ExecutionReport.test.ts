import { assert, describe, it } from "@effect/vitest"
import * as Account from "../../src/domain/Account.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as EimError from "../../src/domain/EimError.js"
import * as Entry from "../../src/domain/Entry.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import * as Outcome from "../../src/domain/Outcome.js"

const unit = 10n ** 18n
const head = { index: 1, operationId: "a", instructionType: "cex_trade", venue: "desk", status: "settled", attempts: 2 } as const
const bare = ExecutionReport.operation(head, undefined)

const [spot, perp] = [Account.make("desk", "spot"), Account.make("desk", "perp")]
const market = Account.contra("market", "desk")

const position: Outcome.PositionChange = {
  venue: "desk",
  symbol: "ETHUSDT-PERP",
  size: 2n * unit,
  entryPrice: Decimal.unsafe("2000.5"),
  change: unit,
  realised: -unit
}

const receipt: Outcome.Receipt = {
  at: 5,
  entries: [
    ...Entry.move(spot, market, "ETH", unit, "trade"),
    ...Entry.move(market, spot, "BTC", unit, "trade"),
    ...Entry.move(market, spot, "USDT", 3n * unit, "trade"),
    ...Entry.move(market, perp, "USDT", unit, "trade")
  ],
  fills: [{ symbol: "ETHUSDT", side: "sell", price: Decimal.unsafe("2000.10"), amount: unit, liquidity: "taker" }],
  costs: [
    { kind: "fee", venue: "desk", asset: "USDT", amount: unit },
    { kind: "gas", venue: "wallet", asset: "ETH", amount: unit / 2n }
  ],
  positions: [position],
  slippage: { arrivalPrice: Decimal.unsafe("2001"), amount: unit, asset: "USDT" },
  detail: { order: "42" }
}

const handle: Outcome.Handle = { venue: "desk", operationId: "a", reference: { order: "42" } }
const error = EimError.info(new EimError.VenueRejected({ reason: "closed" }))

const positionJson = { venue: "desk", symbol: "ETHUSDT-PERP", size: "2", entry_price: "2000.5", change: "1", realised: "-1" }

const bareJson = {
  index: 1,
  operation_id: "a",
  instruction_type: "cex_trade",
  venue: "desk",
  status: "settled",
  attempts: 2,
  replayed: false,
  deltas: {},
  accounts: {},
  fills: [],
  fees: [],
  gas: [],
  positions: [],
  detail: {},
  error: null
}

describe("the report of an operation", () => {
  it("without a receipt holds what is known of it and nothing else", () => {
    assert.deepStrictEqual(ExecutionReport.operation(head, undefined), {
      ...head,
      deltas: {},
      accounts: {},
      entries: [],
      fills: [],
      costs: [],
      positions: [],
      slippage: undefined,
      deviation: undefined,
      handle: undefined,
      detail: {},
      error: undefined,
      replayed: false
    })
    assert.deepStrictEqual(ExecutionReport.operationToJson(bare), bareJson)
  })

  it("holds its receipt, with the deltas by venue and by account", () => {
    const report = ExecutionReport.operation(head, receipt, { handle, error, deviation: { ETH: unit } })
    assert.deepInclude(report, { ...receiptFields(), handle, error, deviation: { ETH: unit } })
    assert.deepStrictEqual(report.deltas, { desk: { ETH: -unit, BTC: unit, USDT: 4n * unit } })
    assert.deepStrictEqual(report.accounts, { "desk:spot": { ETH: -unit, BTC: unit, USDT: 3n * unit }, "desk:perp": { USDT: unit } })
  })

  const receiptFields = () => {
    const { at: _, ...fields } = receipt
    return fields
  }

  it("is JSON with all that there is", () => {
    const report: ExecutionReport.OperationReport = {
      ...ExecutionReport.operation(head, receipt, { handle, error, deviation: { ETH: unit, USDT: -unit } }),
      recorded: bare
    }
    assert.deepStrictEqual(ExecutionReport.operationToJson(report), {
      ...bareJson,
      deltas: { desk: { BTC: "1", ETH: "-1", USDT: "4" } },
      accounts: { "desk:perp": { USDT: "1" }, "desk:spot": { BTC: "1", ETH: "-1", USDT: "3" } },
      fills: [{ symbol: "ETHUSDT", side: "sell", price: "2000.1", amount: "1", liquidity: "taker" }],
      fees: [{ kind: "fee", venue: "desk", token: "USDT", amount: "1" }],
      gas: [{ kind: "gas", venue: "wallet", token: "ETH", amount: "0.5" }],
      positions: [positionJson],
      slippage: { arrival_price: "2001", amount: "1", token: "USDT" },
      deviation: { ETH: "1", USDT: "-1" },
      handle: { order: "42" },
      detail: { order: "42" },
      error: ExecutionReport.errorToJson(error),
      recorded: bareJson
    })
  })

  it("has at one account what its venue has", () => {
    const report = ExecutionReport.operation(head, { ...receipt, entries: Entry.move(spot, market, "ETH", unit, "trade") })
    const { accounts, deltas } = ExecutionReport.operationToJson(report)
    assert.deepStrictEqual(accounts, { "desk:spot": { ETH: "-1" } })
    assert.deepStrictEqual(deltas, { desk: { ETH: "-1" } })
  })
})

describe("deltas as JSON", () => {
  it("stand in the order of their names, however many they are", () => {
    const texts = (...names: ReadonlyArray<string>) => {
      const deltas = Object.fromEntries(names.map((name) => [name, { [name]: unit }]))
      return Object.keys(ExecutionReport.deltasToJson(deltas)).join("")
    }
    assert.deepStrictEqual([texts(), texts("b"), texts("a", "b"), texts("b", "a"), texts("c", "a", "b"), texts("a", "c", "b")], [
      "",
      "b",
      "ab",
      "ab",
      "abc",
      "abc"
    ])
    assert.deepStrictEqual(ExecutionReport.deltasToJson({ desk: { USDT: 15n * unit / 10n } }), { desk: { USDT: "1.5" } })
  })
})

describe("an error as JSON", () => {
  const known = { path: "a.b", expected: "x", actual: "y", operationId: "a", venue: "desk" }

  it("leaves out what is not known", () => {
    const bareInfo = { code: "EIM-013", severity: "HIGH", message: "m", resolution: "r", retry: "never" } as unknown as EimError.Info
    assert.deepStrictEqual<unknown>(ExecutionReport.errorToJson(bareInfo), { ...bareInfo })
    assert.deepStrictEqual<unknown>(ExecutionReport.errorToJson({ ...bareInfo, ...known }), {
      ...bareInfo,
      path: "a.b",
      expected: "x",
      actual: "y",
      operation_id: "a",
      venue: "desk"
    })
  })
})

describe("a position as JSON", () => {
  it("has what changed only where something did", () => {
    assert.deepStrictEqual(ExecutionReport.positionToJson(position), positionJson)
    const { change: _, realised: __, ...held } = position
    const { change: ___, realised: ____, ...heldJson } = positionJson
    assert.deepStrictEqual<unknown>(ExecutionReport.positionToJson(held), heldJson)
  })
})

describe("the report of a block", () => {
  const accrual: Outcome.Accrual = {
    id: "x",
    kind: "funding",
    venue: "desk",
    account: perp,
    at: 3000,
    entries: Entry.move(market, perp, "USDT", unit, "funding"),
    detail: { rate: "0.0001" }
  }

  it("is JSON with all keys, also where there is nothing", () => {
    const report: ExecutionReport.ExecutionReport = {
      timestamp: 1000,
      triggerSource: "manual",
      deltas: {},
      operations: [],
      accruals: [],
      positions: [],
      degraded: false,
      replayed: false
    }
    const json = {
      timestamp: "1970-01-01T00:00:01Z",
      trigger_source: "manual",
      block_id: null,
      liquidations: [],
      deltas: {},
      operations: [],
      accruals: [],
      positions: [],
      degraded: false,
      replayed: false,
      error: null
    }
    assert.deepStrictEqual<unknown>(ExecutionReport.toJson(report), json)
    assert.deepStrictEqual<unknown>(
      ExecutionReport.toJson({
        ...report,
        blockId: "entry",
        deltas: { desk: { ETH: unit } },
        operations: [bare],
        accruals: [accrual],
        positions: [position],
        degraded: true,
        replayed: true,
        error
      }),
      {
        ...json,
        block_id: "entry",
        deltas: { desk: { ETH: "1" } },
        operations: [bareJson],
        accruals: [{
          id: "x",
          kind: "funding",
          venue: "desk",
          account: "desk:perp",
          timestamp: "1970-01-01T00:00:03Z",
          deltas: { desk: { USDT: "1" } },
          detail: { rate: "0.0001" }
        }],
        positions: [positionJson],
        degraded: true,
        replayed: true,
        error: ExecutionReport.errorToJson(error)
      }
    )
  })

  it("is complete where every operation went through or is under way", () => {
    const complete = (...statuses: ReadonlyArray<ExecutionReport.Status>) =>
      ExecutionReport.isComplete({ operations: statuses.map((status) => ({ ...bare, status })) } as unknown as ExecutionReport.ExecutionReport)
    assert.isTrue(complete("settled", "partial", "pending"))
    for (const status of ["rejected", "not_sent", "unknown", "rolled_back", "skipped"] as const) assert.isFalse(complete("settled", status))
  })
})
