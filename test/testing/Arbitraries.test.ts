import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Table from "execution-interface-manager/data/Table"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Instruction from "execution-interface-manager/domain/Instruction"
import * as InstructionBlock from "execution-interface-manager/domain/InstructionBlock"
import * as Arbitraries from "execution-interface-manager/testing/Arbitraries"
import { at } from "./subjects.js"

const range = { min: "0.5", max: "12.25", quantum: "0.125" }

const instruction = FastCheck.oneof(
  Arbitraries.trade({ venues: ["binance", "bybit_unified"], type: "spot", symbols: ["ETHUSDT", "BTCUSDC"], amount: range, limit: { min: "1", max: "9000", quantum: "0.01" } }),
  Arbitraries.trade({ venues: ["binance_perp"], type: "perp", symbols: ["ETHUSDT-PERP"], amount: range }),
  Arbitraries.transfer({ ways: [["wallet", "binance"], ["binance_spot", "binance_perp"]], tokens: ["ETH", "USDT"], amount: range, max: true }),
  Arbitraries.action({ protocols: ["aave"], actions: ["supply", "withdraw", "borrow", "repay"], tokens: ["USDT", "WETH"], amount: range, max: true })
)

describe("arbitraries", () => {
  it.effect.prop("of instructions are valid, and read again from their JSON", [instruction], ([instruction]) =>
    Effect.sync(() => {
      assert.isUndefined(Instruction.fault(instruction))
      assert.deepStrictEqual(
        Either.getOrThrow(InstructionBlock.decode(InstructionBlock.instructionToJson(instruction))).instructions,
        [instruction]
      )
    }))

  it.effect.prop("of blocks are valid, each operation with an id of its own", [Arbitraries.block({ instruction, most: 4 })], ([block]) =>
    Effect.sync(() => {
      const decoded = Either.getOrThrow(InstructionBlock.decode(InstructionBlock.toJson(block)))
      assert.strictEqual(decoded.blockId, block.blockId)
      assert.deepStrictEqual(decoded.instructions, block.instructions)
      assert.strictEqual(new Set(block.instructions.map(({ operationId }) => operationId)).size, block.instructions.length)
      assert.isAtMost(block.instructions.length, 4)
    }))

  it.effect.prop("of amounts keep their range and their step", [Arbitraries.amount({ min: "0.3", max: "1.3", quantum: "0.25" })], ([amount]) =>
    Effect.sync(() => {
      assert.include(["0.5", "0.75", "1", "1.25"], Amount.format(amount))
    }))

  it.effect.prop("of openings name every account and asset once, with no zeros", [
    Arbitraries.opening({ accounts: ["wallet:wallet", "binance:spot"], assets: ["ETH", "USDT"], amount: range })
  ], ([opening]) =>
    Effect.sync(() => {
      assert.strictEqual(new Set(opening.map(({ account, asset }) => `${account} ${asset}`)).size, opening.length)
      assert.isTrue(opening.every(({ amount }) => amount >= Amount.unsafe("0.5")))
    }))

  it.effect.prop("of market data make a table, and move by no more than a step", [
    Arbitraries.market([
      Arbitraries.walk({ name: "price.ETH", from: at, every: 60_000, count: 20, first: "3000", most: 50 }),
      Arbitraries.walk({ name: "aave.supply_index.USDT", from: at, every: 60_000, count: 20, first: "1.05", most: 3, grows: true }),
      Arbitraries.noise({ name: "funding.binance.ETH", from: at, every: 60_000, count: 5, range: { min: "-0.001", max: "0.001", quantum: "0.000001" } })
    ])
  ], ([series]) =>
    Effect.sync(() => {
      assert.isTrue(Either.isRight(Table.fromSeries(series)))
      const [price, index, funding] = series
      price!.observations.slice(1).forEach(({ value }, i) => {
        const before = price!.observations[i]!.value
        const step = Decimal.subtract(value, before)
        assert.isAtMost(Number(Decimal.format(step)), Number(Decimal.format(before)) * 0.005 + 1e-9)
        assert.isAbove(Number(Decimal.format(value)), 0)
      })
      index!.observations.slice(1).forEach(({ value }, i) => {
        assert.isAtLeast(Decimal.compare(value, index!.observations[i]!.value), 0)
      })
      assert.isTrue(funding!.observations.every(({ value }) => Decimal.compare(value, Decimal.unsafe("0.001")) <= 0 && Decimal.compare(value, Decimal.unsafe("-0.001")) >= 0))
    }))

  it("reach both ends, both sides, limit orders, reductions and max", () => {
    const all = FastCheck.sample(instruction, { numRuns: 2000, seed: 1 })
    const text = (one: Instruction.Instruction) => JSON.stringify(InstructionBlock.instructionToJson(one))
    for (const part of ["\"buy\"", "\"sell\"", "\"limit\"", "FOK", "\"reduce_only\":true", "\"max\"", "\"0.5\"", "\"12.25\"", "borrow"]) {
      assert.isTrue(all.some((one) => text(one).includes(part)), part)
    }
  })
})
