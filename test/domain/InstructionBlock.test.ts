import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Either, FastCheck as fc, Schema } from "effect"
import * as EimError from "execution-interface-manager/domain/EimError"
import * as Instruction from "execution-interface-manager/domain/Instruction"
import * as InstructionBlock from "execution-interface-manager/domain/InstructionBlock"

const seed = 20240601

const valid = Arbitrary.make(Schema.typeSchema(Instruction.Instruction)).filter(
  (instruction) => Instruction.fault(instruction) === undefined
)

const transfer = {
  instruction_type: "wallet_transfer",
  from_venue: "binance",
  to_venue: "wallet",
  token: "USDT",
  amount: 1000.0,
  estimated_deltas: { binance: { USDT: -1000.0 }, wallet: { USDT: 1000.0 } }
}
const supply = {
  instruction_type: "smart_contract_action",
  protocol: "aave",
  action: "supply",
  token: "USDT",
  amount: 1000.0,
  estimated_deltas: { aave: { aUSDT: 1000.0, USDT: -1000.0 } }
}
const sale = {
  instruction_type: "cex_trade",
  venue: "binance",
  trade_type: "spot",
  side: "sell",
  symbol: "ETHUSDT",
  amount: 1.0,
  estimated_deltas: { binance: { ETH: -1.0, USDT: 3300.0 } }
}

const refusal = (input: unknown): EimError.RoutingFailed => {
  const decoded = InstructionBlock.decode(input)
  if (Either.isRight(decoded)) throw new Error("was not refused")
  return decoded.left
}

describe("InstructionBlock", () => {
  it("reads back what it writes", () => {
    fc.assert(
      fc.property(valid, (instruction) => {
        const json = JSON.parse(JSON.stringify(InstructionBlock.instructionToJson(instruction)))
        const decoded = InstructionBlock.fromJson(json)
        assert.isTrue(Either.isRight(decoded), Either.isLeft(decoded) ? decoded.left.message : "")
        const back = Either.getOrThrow(decoded).instructions[0]!
        assert.deepStrictEqual(InstructionBlock.instructionToJson(back), InstructionBlock.instructionToJson(instruction))
        const again = Either.getOrThrow(InstructionBlock.fromJson(InstructionBlock.instructionToJson(back))).instructions[0]
        assert.deepStrictEqual(again, back)
      }),
      { seed, numRuns: 300 }
    )
  })

  it("reads back a block that it writes", () => {
    const block = fc.record({
      blockId: fc.constant("entry-1"),
      priority: fc.integer({ min: 0, max: 9 }),
      instructions: fc.array(valid, { minLength: 1, maxLength: 4 }),
      dependencies: fc.constant(["a", "b"]),
      executionMode: fc.constantFrom("sequential" as const, "atomic" as const)
    })
    fc.assert(
      fc.property(block, (value) => {
        const json = InstructionBlock.toJson(value)
        const back = Either.getOrThrow(InstructionBlock.fromJson(JSON.parse(JSON.stringify(json))))
        assert.deepStrictEqual(InstructionBlock.toJson(back), json)
      }),
      { seed, numRuns: 100 }
    )
  })

  it("accepts a typed instruction as it is", () => {
    fc.assert(
      fc.property(valid, (instruction) => {
        const decoded = InstructionBlock.decode(instruction)
        assert.deepStrictEqual(Either.getOrThrow(decoded).instructions[0], instruction)
      }),
      { seed, numRuns: 200 }
    )
  })

  it("decodes any JSON value or refuses it with a typed error", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const decoded = InstructionBlock.decode(json)
        if (Either.isLeft(decoded)) assert.strictEqual(decoded.left._tag, "RoutingFailed")
      }),
      { seed, numRuns: 2000 }
    )
  })

  it("decodes any damaged instruction or refuses it with a typed error that names a path", () => {
    const damaged = fc.tuple(
      fc.constantFrom<Record<string, unknown>>(transfer, supply, sale),
      fc.oneof(
        fc.constantFrom(...Object.keys({ ...transfer, ...supply, ...sale }), "params", "venue", "price", "deadline", "market"),
        fc.string()
      ),
      fc.oneof(
        fc.jsonValue(),
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, "-0", "1e18", "", " 1", "0x10", 1e300, 5e-324, "max")
      ),
      fc.boolean()
    ).map(([base, key, value, nested]) => {
      const instruction = { ...base, [key]: value }
      if (!nested) return instruction
      const { instruction_type, ...params } = instruction as Record<string, unknown>
      return { block_id: "b", action: "entry_full", priority: 1, instructions: [{ instruction_type, params }] }
    })
    fc.assert(
      fc.property(damaged, (input) => {
        const decoded = InstructionBlock.decode(input)
        if (Either.isLeft(decoded)) {
          assert.instanceOf(decoded.left, EimError.RoutingFailed)
          assert.isString(decoded.left.path)
          assert.isNotEmpty(decoded.left.expected ?? "")
        }
      }),
      { seed, numRuns: 3000 }
    )
  })

  it("refuses what is nested without end", () => {
    let deep: unknown = "1"
    for (let n = 0; n < 20_000; n++) deep = [deep]
    const circle: Record<string, unknown> = { ...sale }
    circle["metadata"] = circle
    for (const input of [deep, { ...sale, amount: deep }, { ...sale, metadata: { deep } }, circle, { instructions: [{ ...sale, price: deep }] }]) {
      assert.match(refusal(input).expected ?? "", /nested at most 64/)
    }
  })

  it("reads the specification's three examples", () => {
    for (const example of [transfer, supply, sale]) {
      const decoded = InstructionBlock.decode(example)
      assert.isTrue(Either.isRight(decoded), Either.isLeft(decoded) ? decoded.left.message : "")
      assert.strictEqual(Either.getOrThrow(decoded).instructions[0]!.amount, example.amount === 1 ? 10n ** 18n : 1000n * 10n ** 18n)
    }
  })

  it.each([
    ["hyperliquid", "perp", "ETH", "ETHUSDC"],
    ["hyperliquid", "perp", "kPEPE", "1000PEPEUSDC"],
    ["hyperliquid_perp", "perp", "ETH-PERP", "ETHUSDC"],
    ["hyperliquid", "spot", "UETH/USDC", "ETHUSDC"],
    ["bybit", "perp", "ETHPERP", "ETHUSDC"],
    ["okx", "perp", "ETH-USDT-SWAP", "ETHUSDT"],
    ["okx", "spot", "1INCH-USDT", "1INCHUSDT"],
    ["binance", "perp", "1000PEPE/USDT:USDT", "1000PEPEUSDT"]
  ])("reads the names of %s: %s %s", (venue, trade_type, symbol, canonical) => {
    const block = Either.getOrThrow(InstructionBlock.decode({ ...sale, venue, trade_type, symbol }))
    const json = InstructionBlock.toJson(block)
    assert.deepInclude((json["instructions"] as Array<object>)[0], { symbol: canonical })
    assert.deepStrictEqual(Either.getOrThrow(InstructionBlock.decode(json)), block)
  })

  it("reads fields under params, sides and symbols in their other spellings, and venue for protocol", () => {
    const block = Either.getOrThrow(InstructionBlock.decode({
      block_id: "b1",
      action: "entry_partial",
      priority: 2,
      instructions: [
        { instruction_type: "cex_trade", venue: "BINANCE", params: { trade_type: "perp", side: "SHORT", symbol: "eth/usdt-perp", amount: "0.5" } },
        { instruction_type: "smart_contract_action", venue: "aave_v3", params: { action: "borrow", token: "weth", amount: "1.50", network: null } }
      ]
    }))
    assert.deepStrictEqual(InstructionBlock.toJson(block)["instructions"], [
      { instruction_type: "cex_trade", venue: "binance", trade_type: "perp", side: "sell", symbol: "ETHUSDT", amount: "0.5" },
      { instruction_type: "smart_contract_action", protocol: "aave", action: "borrow", token: "WETH", amount: "1.5" }
    ])
  })

  it.each([
    [{ ...sale, amount: "1e3" }, "amount", /decimal greater than 0/],
    [{ ...sale, amount: -1 }, "amount", /greater than 0/],
    [{ ...sale, amount: 0 }, "amount", /greater than 0/],
    [{ ...sale, amount: "0.0000000000000000001" }, "amount", /18 decimals/],
    [{ ...sale, side: "hold" }, "side", /"buy" or "sell"/],
    [{ ...sale, symbol: "ETHUSDT-PERP" }, "symbol", /spot symbol/],
    [{ ...sale, symbol: "ETH/USDT:USDT" }, "symbol", /spot symbol/],
    [{ ...sale, venue: "hyperliquid", symbol: "ETH" }, "symbol", /spot symbol/],
    [{ ...sale, symbol: "ETH" }, "symbol", /a symbol/],
    [{ ...sale, symbol: "@107" }, "symbol", /HYPE\/USDC/],
    [{ ...sale, symbol: "ARBUSD" }, "symbol", /"AR\/BUSD" or "ARB\/USD"/],
    [{ ...sale, trade_type: "perp", symbol: "BTC/USD:BTC" }, "symbol", /inverse/],
    [{ ...sale, reduceOnly: true }, "reduceOnly", /one of the fields .*reduce_only/],
    [{ ...sale, order_type: "limit" }, "price", /a price/],
    [{ ...sale, trade_type: "margin" }, "trade_type", /"spot"/],
    [{ ...supply, action: "lend" }, "action", /supply/],
    [{ ...transfer, to_venue: "binance" }, "to_venue", /another account/],
    [{ ...transfer, token: undefined }, "token", /required/],
    [{ ...transfer, instruction_type: "transfer" }, "instruction_type", /wallet_transfer/],
    [{ ...transfer, estimated_deltas: { binance: { USDT: "x" } } }, "estimated_deltas.binance.USDT", /decimal/],
    [{ instructions: [] }, "instructions", /1 to 1000/],
    [{ instructions: [sale, 7] }, "instructions[1]", /an instruction/],
    [{ block_id: "b", instructions: [sale], owner: "me" }, "owner", /block_id/],
    [{ ...sale, params: { amount: 2 } }, "params.amount", /as the same field says/],
    [{ ...sale, deadline: "2024-02-30T00:00:00Z" }, "deadline", /RFC 3339/],
    [{ ...sale, symbol: "constructor/USDT" }, "symbol", /a symbol/],
    [{ ...transfer, token: "valueOf" }, "token", /a token symbol/],
    [{ ...sale, network: "ethereum" }, "network", /none/],
    [{ ...supply, enabled: true }, "enabled", /none/],
    [null, "", /an instruction or a block/],
    [[sale], "", /an instruction or a block/]
  ])("refuses %j at %s", (input, path, expected) => {
    const error = refusal(input)
    assert.strictEqual(error.code, "EIM-001")
    assert.strictEqual(error.path, path)
    assert.match(error.expected ?? "", expected)
    assert.isNotEmpty(error.actual)
  })
})
