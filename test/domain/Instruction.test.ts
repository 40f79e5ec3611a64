import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import * as Instruction from "execution-interface-manager/domain/Instruction"
import * as InstructionBlock from "execution-interface-manager/domain/InstructionBlock"

type Input = { readonly [field: string]: unknown }

const transfer = { instruction_type: "wallet_transfer", from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "5" }
const spot = { instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "1" }
const perp = { ...spot, trade_type: "perp" }
const action = (name: string, rest: Input = {}): Input => ({
  instruction_type: "smart_contract_action",
  protocol: "aave",
  action: name,
  token: "USDT",
  amount: "5",
  ...rest
})
const linked = { output_of: "a" }

const read = (input: Input): Instruction.Instruction => Either.getOrThrow(InstructionBlock.fromJson(input)).instructions[0]!

describe("Instruction: rules between fields", () => {
  it.each<Input>([
    transfer,
    { ...transfer, amount: "max" },
    { ...transfer, from_venue: "binance_spot", to_venue: "binance_perp" },
    { ...transfer, from_venue: "binance", to_venue: "binance_perp" },
    spot,
    { ...spot, order_type: "market" },
    { ...spot, order_type: "limit", price: "3000" },
    { ...spot, order_type: "limit", price: "3000", time_in_force: "FOK" },
    { ...spot, reduce_only: false },
    { ...spot, side: "sell", amount: "max" },
    perp,
    { ...perp, reduce_only: true },
    { ...perp, reduce_only: true, amount: "max" },
    action("supply"),
    action("supply", { amount: "max" }),
    action("supply", { amount: linked }),
    action("borrow"),
    action("flash_borrow"),
    action("claim", { amount: undefined, ticket: "7" }),
    action("claim", { amount: undefined }),
    action("set_collateral", { amount: undefined, enabled: false }),
    action("set_emode", { amount: undefined, emode_category: 0 }),
    action("swap", { token_out: "WETH", swap_type: "exact_out", slippage_tolerance: "0.01" }),
    action("stake", { token_out: "stETH", slippage_tolerance: "0" }),
    action("unstake", { token_out: "ETH" }),
    action("wrap", { token_out: "DAI" }),
    action("unwrap", { token_out: "DAI" })
  ])("%j holds", (input) => {
    assert.isUndefined(Instruction.fault(read(input)))
  })

  it.each<readonly [Input, string, RegExp]>([
    [{ ...transfer, to_venue: "binance" }, "to_venue", /another account/],
    [{ ...transfer, from_venue: "binance_spot", to_venue: "binance_spot" }, "to_venue", /another account/],
    [{ ...transfer, amount: linked }, "amount", /never part of an atomic group/],
    [{ ...spot, network: "ethereum" }, "network", /none/],
    [{ ...spot, order_type: "limit" }, "price", /a price/],
    [{ ...spot, price: "3000" }, "price", /no price/],
    [{ ...spot, order_type: "market", price: "3000" }, "price", /no price/],
    [{ ...spot, time_in_force: "IOC" }, "time_in_force", /none/],
    [{ ...spot, reduce_only: true }, "reduce_only", /false/],
    [{ ...spot, amount: linked }, "amount", /never part of an atomic group/],
    [{ ...spot, amount: "max" }, "amount", /no meaning for a spot purchase/],
    [{ ...perp, amount: "max" }, "amount", /needs reduce_only/],
    [{ ...perp, amount: "max", reduce_only: false }, "amount", /needs reduce_only/],
    [action("supply", { amount: undefined }), "amount", /an amount/],
    [action("borrow", { amount: "max" }), "amount", /no meaning for borrow/],
    [action("flash_borrow", { amount: "max" }), "amount", /no meaning for flash_borrow/],
    [action("swap"), "token_out", /token to receive/],
    [action("swap", { token_out: "USDT" }), "token_out", /another token/],
    [action("supply", { swap_type: "exact_in" }), "swap_type", /no meaning for supply/],
    [action("stake", { token_out: "stETH", swap_type: "exact_in" }), "swap_type", /no meaning for stake/],
    [action("supply", { token_out: "DAI" }), "token_out", /no meaning for supply/],
    [action("supply", { slippage_tolerance: "0.1" }), "slippage_tolerance", /no meaning for supply/],
    [action("supply", { enabled: true }), "enabled", /no meaning for supply/],
    [action("supply", { emode_category: 1 }), "emode_category", /no meaning for supply/],
    [action("supply", { ticket: "7" }), "ticket", /no meaning for supply/],
    [action("set_emode", { amount: undefined }), "emode_category", /a category/],
    [action("set_collateral", { amount: undefined }), "enabled", /true or false/]
  ])("%j does not: %s", (input, path, expected) => {
    const decoded = InstructionBlock.fromJson(input)
    const error = Either.getOrThrow(Either.flip(decoded))
    assert.strictEqual(error.path, path)
    assert.match(error.expected ?? "", expected)
    const nested = Either.getOrThrow(Either.flip(InstructionBlock.fromJson({ block_id: "b", instructions: [transfer, input] })))
    assert.strictEqual(nested.path, `instructions[1].${path}`)
  })

  it.each<readonly [Input, string]>([
    [action("swap", { token_out: "DAI", slippage_tolerance: "1" }), "slippage_tolerance"],
    [action("swap", { token_out: "DAI", slippage_tolerance: "-0.1" }), "slippage_tolerance"],
    [{ ...spot, order_type: "limit", price: "0" }, "price"],
    [{ ...spot, side: "both" }, "side"],
    [{ ...spot, operation_id: "a b" }, "operation_id"]
  ])("refuses %j at %s", (input, path) => {
    assert.strictEqual(Either.getOrThrow(Either.flip(InstructionBlock.fromJson(input))).path, path)
  })

  it.each([["BUY", "buy"], ["long", "buy"], ["SELL", "sell"], ["Short", "sell"]])("reads the side %s as %s", (text, side) => {
    const instruction = read({ ...spot, side: text })
    assert.strictEqual(instruction.instructionType === "cex_trade" ? instruction.side : undefined, side)
  })
})

describe("Instruction: what only makes exposure smaller", () => {
  it.each<readonly [Input, boolean]>([
    [spot, false],
    [{ ...perp, reduce_only: true }, true],
    [{ ...perp, reduce_only: false }, false],
    [transfer, true],
    [{ ...transfer, from_venue: "wallet", to_venue: "binance" }, false],
    [action("repay"), true],
    [action("withdraw"), true],
    [action("withdraw_collateral"), true],
    [action("claim"), true],
    [action("supply"), false],
    [action("borrow"), false]
  ])("%j: %s", (input, reduces) => assert.strictEqual(Instruction.reduces(read(input)), reduces))
})
