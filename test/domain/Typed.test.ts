import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import type * as EimError from "../../src/domain/EimError.js"
import * as Decimal from "../../src/domain/Decimal.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import * as InstructionBlock from "../../src/domain/InstructionBlock.js"
import * as Plain from "../../src/domain/Instruction/Plain.js"

const unit = 10n ** 18n
const venue = { venue: "binance", sub: undefined }

const trade: Instruction.CexTrade = {
  instructionType: "cex_trade",
  venue,
  tradeType: "spot",
  side: "sell",
  symbol: { base: "ETH", quote: "USDT" },
  amount: unit
}
const transfer = { instructionType: "wallet_transfer", fromVenue: venue, toVenue: { venue: "wallet", sub: "wallet" }, token: "USDT", amount: unit }
const supply = { instructionType: "smart_contract_action", protocol: { venue: "aave", sub: undefined }, action: "supply", token: "USDT", amount: "max" }

const refusal = (input: unknown): EimError.RoutingFailed => Either.getOrThrow(Either.flip(InstructionBlock.decode(input)))

describe("a typed block", () => {
  const block: InstructionBlock.InstructionBlock = {
    blockId: "entry",
    action: "entry_full",
    priority: 2,
    instructions: [trade, trade],
    expectedDeltas: { binance: { ETH: -unit } },
    dependencies: ["before"],
    executionMode: "sequential",
    atomicGroupId: "g"
  }

  it("is taken as it is, and read back from its JSON to the same", () => {
    assert.deepStrictEqual(InstructionBlock.decode(block), Either.right(block))
    const json = InstructionBlock.toJson(block)
    assert.deepStrictEqual<unknown>({ ...json, instructions: 2 }, {
      block_id: "entry",
      action: "entry_full",
      priority: 2,
      instructions: 2,
      expected_deltas: { binance: { ETH: "-1" } },
      dependencies: ["before"],
      execution_mode: "sequential",
      atomic_group_id: "g"
    })
    assert.deepStrictEqual(InstructionBlock.fromJson(json), Either.right(block))
    assert.deepStrictEqual(Object.keys(InstructionBlock.toJson({ instructions: [trade] })), ["instructions"])
    assert.deepStrictEqual(InstructionBlock.of(trade), { instructions: [trade] })
  })

  it.each<readonly [unknown, string, RegExp]>([
    [{ ...block, priority: "high" }, "priority", /number/],
    [{ ...block, owner: "me" }, "owner", /one of the fields blockId, .*, instructions$/],
    [{ instructions: [trade, { ...trade, side: "hold" }] }, "instructions[1].side", /"buy"/],
    [{ instructions: [trade, { hello: 1 }] }, "instructions[1].instructionType", /wallet_transfer/],
    [{ instructions: [trade, 7] }, "instructions[1].instructionType", /wallet_transfer/],
    [{ instructions: [trade, { ...trade, instructionType: "toString" }] }, "instructions[1].instructionType", /wallet_transfer/],
    [{ instructions: [trade, { ...trade, amount: "max", side: "buy" }] }, "instructions[1].amount", /a decimal/],
    [{ instructions: Array.from({ length: 1001 }, () => trade) }, "instructions", /^1 to 1000 instructions$/],
    [{ ...trade, orderType: "limit" }, "price", /a price/],
    [{ ...trade, more: 1 }, "more", /one of the fields instruction_type, /]
  ])("is refused where it is wrong: %#", (input, path, expected) => {
    const error = refusal(input)
    assert.strictEqual(error.path, path)
    assert.match(error.expected ?? "", expected)
  })

  it("is refused where it is nested without end, typed or not", () => {
    let deep: unknown = "1"
    for (let n = 0; n < 100; n++) deep = { deep }
    const metadata = deep as Record<string, unknown>
    assert.match(refusal({ ...trade, metadata }).expected ?? "", /nested at most 64/)
    const json = InstructionBlock.fromJson({ ...InstructionBlock.instructionToJson(trade), metadata })
    assert.match(Either.getOrThrow(Either.flip(json)).expected ?? "", /nested at most 64/)
  })

  it("may hold as many as it may, typed or not", () => {
    assert.isTrue(Either.isRight(InstructionBlock.decode({ instructions: Array.from({ length: 1000 }, () => trade) })))
    const json = InstructionBlock.instructionToJson(trade)
    assert.isTrue(Either.isRight(InstructionBlock.decode({ instructions: Array.from({ length: 1000 }, () => json) })))
    const error = refusal({ instructions: Array.from({ length: 1001 }, () => json) })
    assert.deepStrictEqual([error.path, error.actual], ["instructions", "\"1001 instructions\""])
  })

  it("keeps metadata as it came, and leaves out what is not set elsewhere", () => {
    const typed: Instruction.CexTrade = { ...trade, operationId: undefined, slippageTolerance: Decimal.unsafe("0.01"), metadata: { note: "x" } }
    const json = InstructionBlock.instructionToJson(typed)
    assert.deepStrictEqual<unknown>(json["metadata"], { note: "x" })
    assert.strictEqual(json["slippage_tolerance"], "0.01")
    assert.isFalse("operation_id" in json)
    const pooled = InstructionBlock.instructionToJson({
      ...supply,
      amount: unit,
      market: { pool: "p", feeTier: undefined },
      metadata: { note: undefined }
    } as unknown as Instruction.Instruction)
    assert.deepStrictEqual<unknown>(pooled["market"], { pool: "p" })
    assert.deepStrictEqual<unknown>(pooled["metadata"], { note: undefined })
  })
})

describe("a block of JSON", () => {
  const sale = { instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side: "sell", symbol: "ETHUSDT", amount: 1 }
  const action = { instruction_type: "smart_contract_action", action: "supply", token: "USDT", amount: 1 }

  it("reads null as left out", () => {
    const nulls = { block_id: null, action: null, priority: null, expected_deltas: null, dependencies: null, execution_mode: null, atomic_group_id: null }
    assert.deepStrictEqual(InstructionBlock.decode({ ...nulls, instructions: [{ ...sale, params: null, deadline: null }] }), Either.right({ instructions: [trade] }))
  })

  it("reads protocol under both of its names where they agree", () => {
    const read = (more: object) => Either.map(InstructionBlock.decode({ ...action, ...more }), ({ instructions }) => instructions[0])
    assert.deepStrictEqual(read({ protocol: "aave", venue: "aave" }), read({ protocol: "aave" }))
    assert.deepStrictEqual(read({ venue: "aave" }), read({ protocol: "aave" }))
    const error = refusal({ ...action, protocol: "aave", venue: "morpho" })
    assert.deepStrictEqual([error.path, error.expected, error.actual], ["venue", "\"aave\", as protocol says", "\"morpho\""])
  })

  it("takes the same field beside and under params where both say the same", () => {
    const { amount, ...rest } = sale
    assert.isTrue(Either.isRight(InstructionBlock.decode({ ...sale, params: { amount } })))
    assert.isTrue(Either.isRight(InstructionBlock.decode({ ...rest, params: { amount } })))
  })

  it.each<readonly [unknown, string, RegExp]>([
    [{ ...sale, params: [1] }, "params", /an object of fields/],
    [JSON.parse("{\"__proto__\": 1}"), "__proto__", /no such field/],
    [{ instructions: [JSON.parse("{\"params\": {\"__proto__\": 1}}")] }, "instructions[0].params.__proto__", /no such field/],
    [{ instructions: {} }, "instructions", /a list of instructions/],
    [{ instructions: [sale, { ...sale, amount: 0 }] }, "instructions[1].amount", /greater than 0/],
    [{ instructions: [sale, { ...sale, order_type: "limit" }] }, "instructions[1].price", /a price/],
    [{ instructions: [sale], owner: 1 }, "owner", /block_id, .*, instructions$/],
    [{ instructions: [sale], block_id: "a b" }, "block_id", /identifier/],
    [{ ...sale, symbol: 7 }, "symbol", /./],
    [{ ...sale, trade_type: "spot", symbol: "ETHUSDT-PERP" }, "symbol", /spot symbol/]
  ])("is refused where it is wrong: %#", (input, path, expected) => {
    const error = refusal(input)
    assert.strictEqual(error.path, path)
    assert.match(error.expected ?? "", expected)
  })

  it("takes a perpetual's symbol for a perpetual", () => {
    assert.isTrue(Either.isRight(InstructionBlock.decode({ ...sale, trade_type: "perp", symbol: "ETHUSDT-PERP" })))
  })
})

const isPlain = (value: Record<string, unknown>): boolean => Plain.fromTyped(value) !== undefined

describe("plain instructions, one field after the other", () => {
  const plain = [trade, transfer, supply] as ReadonlyArray<Record<string, unknown>>

  it("are recognised with an id and without", () => {
    for (const one of plain) {
      assert.isTrue(isPlain(one))
      for (const operationId of ["a", "a".repeat(64), "A0_.:-"]) assert.isTrue(isPlain({ ...one, operationId }))
    }
  })

  it("are not where a field is missing, wrong or too much", () => {
    for (const one of plain) {
      for (const field of Object.keys(one)) {
        const { [field]: _, ...rest } = one
        assert.isFalse(isPlain(rest), field)
        assert.isFalse(isPlain({ ...one, [field]: "no such thing" }), field)
        assert.isFalse(isPlain({ ...one, [field]: null }), field)
      }
      for (const operationId of ["", "-a", "a b", "a".repeat(65), 7, undefined]) assert.isFalse(isPlain({ ...one, operationId }))
      assert.isFalse(isPlain({ ...one, constructor: 1 }))
    }
  })

  it.each<readonly [string, unknown, boolean]>([
    ["amount", 0n, false],
    ["amount", -1n, false],
    ["amount", 1n, true],
    ["amount", 1, false],
    ["amount", "max", true],
    ["venue", { venue: "binance", sub: "perp" }, true],
    ["venue", { venue: "binance", sub: "nowhere" }, false],
    ["venue", { venue: "binance", sub: undefined, more: 1 }, false],
    ["venue", { venue: "binance" }, false],
    ["venue", { sub: "perp" }, false],
    ["venue", "binance", false],
    ["symbol", { base: "ETH", quote: "ETH" }, false],
    ["symbol", { base: "ETH" }, false],
    ["symbol", { quote: "ETH" }, false],
    ["symbol", { base: "eth", quote: "USDT" }, false],
    ["symbol", { base: "ETH", quote: 7 }, false],
    ["symbol", { base: "ETH", quote: "USDT", more: 1 }, false]
  ])("%s %o: %s", (field, value, expected) => assert.strictEqual(isPlain({ ...trade, [field]: value }), expected))
})
