import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Fault from "../../src/domain/Fault.js"
import * as Instruction from "../../src/domain/Instruction.js"
import * as Plain from "../../src/domain/Instruction/Plain.js"
import * as InstructionBlock from "../../src/domain/InstructionBlock.js"

const accepts = Schema.validateEither(Instruction.Instruction, Fault.strict)

const venue = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("binance", "wallet", "aave") },
  fc.constantFrom("Binance", "aave_v3", "fees", "toString", "", 7, undefined)
)
const reference = fc.oneof(
  { weight: 6, arbitrary: fc.record({ venue, sub: fc.constantFrom(undefined, "spot", "perp") }) },
  fc.record({ venue, sub: fc.constantFrom(undefined, "spot", "nowhere", null), more: fc.constant(1) }, { requiredKeys: [] })
)
const token = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("USDT", "ETH", "weETH") }, fc.constantFrom("usdt", "FOO", "", 1, "debtETH"))
const amount = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(1n, 10n ** 30n) },
  fc.constantFrom("max", 0n, -1n, "1", 1, { outputOf: "a" }, { outputOf: "" }, { outputOf: "a", more: 1 }, {}, null)
)
const decimal = fc.constantFrom(...["0", "0.02", "0.999", "1", "-0.1", "3000"].map(Decimal.unsafe), "0.02", 0.02, null)
const id = fc.constantFrom("a", "a:1", "a b", "", 1, null)
const flag = fc.constantFrom(true, false, "true", null)
const count = fc.constantFrom(0, 7, -1, 0.5, -0, NaN, "1", 2 ** 60)
const deltas = fc.oneof(
  fc.dictionary(fc.constantFrom("binance", "wallet:wallet", "a b"), fc.dictionary(fc.constantFrom("ETH", "USDT", "1INCH", "42", "toString"), fc.constantFrom(0n, -5n, 7n, "1", 1))),
  fc.constantFrom<unknown>({}, [], null, 1, { binance: [] }, { constructor: {} })
)
/** Fields that may be there. */
const common = { operationId: id, estimatedDeltas: deltas }

/** Typed instructions, right ones and ones that are wrong in one or several places. */
const candidate = fc.oneof(
  fc.record({
    instructionType: fc.constant("cex_trade"),
    venue: reference,
    tradeType: fc.constantFrom("spot", "perp", "margin"),
    side: fc.constantFrom("buy", "sell", "LONG"),
    symbol: fc.oneof(
      { weight: 4, arbitrary: fc.record({ base: token, quote: token }) },
      fc.record({ base: token, quote: token, more: token }, { requiredKeys: [] })
    ),
    amount,
    orderType: fc.constantFrom("market", "limit", "stop", undefined),
    price: decimal,
    timeInForce: fc.constantFrom("IOC", "FOK", "GTC"),
    reduceOnly: flag,
    slippageTolerance: decimal,
    ...common,
    extra: fc.constant(1)
  }, { requiredKeys: ["instructionType", "venue", "tradeType", "side", "symbol"] }),
  fc.record({
    instructionType: fc.constant("wallet_transfer"),
    fromVenue: reference,
    toVenue: reference,
    token,
    amount,
    ...common
  }, { requiredKeys: ["instructionType", "fromVenue", "toVenue", "token"] }),
  fc.record({
    instructionType: fc.constantFrom("smart_contract_action", "swap"),
    protocol: reference,
    action: fc.constantFrom("supply", "repay", "swap", "stake", "flash_repay", "claim", "steal"),
    token,
    amount,
    tokenOut: token,
    swapType: fc.constantFrom("exact_in", "exact_out", "exact"),
    slippageTolerance: decimal,
    market: fc.constantFrom("weth-500", "a b", { pool: "p" }, null),
    atomicGroupId: id,
    sequenceInGroup: count,
    ...common
  }, { requiredKeys: ["instructionType", "protocol", "action", "token"] })
)

describe("plain instructions", () => {
  it("whatever is recognised is what the schema accepts, as it is", () => {
    let recognised = 0
    let refused = 0
    fc.assert(fc.property(candidate, (value) => {
      const plain = Plain.fromTyped(value)
      if (plain === undefined) {
        if (Either.isLeft(accepts(value))) refused++
        return
      }
      recognised++
      const accepted = accepts(value)
      assert.isTrue(Either.isRight(accepted))
      assert.deepStrictEqual(Either.getOrThrow(accepted), plain)
      assert.deepStrictEqual<unknown>(plain, value)
    }), { numRuns: 8_000 })
    assert.isAbove(recognised, 100)
    assert.isAbove(refused, 100)
  })

  it("JSON that is recognised is read to what the schema reads", () => {
    const mostly = <A, B>(right: ReadonlyArray<A>, wrong: ReadonlyArray<B>) =>
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...right) }, fc.constantFrom(...wrong))
    const venue = mostly(["binance", "binance_perp", "wallet", "aave"], ["Binance", "aave_v3", "kraken", "fees", "", 7])
    const token = mostly(["USDT", "ETH", "weETH"], ["usdt", "FOO", "", 1])
    const amount = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.bigInt(0n, 10n ** 12n), fc.integer({ min: 0, max: 20 })).map(([n, scale]) => Decimal.formatScaled(n, scale)) },
      fc.constantFrom("max", "-1", "01", "1.0", "1e3", 5, "", null, { output_of: "a" }, { output_of: "" }, { output_of: "a", more: 1 }, {})
    )
    const text = fc.constantFrom("0.02", "0.999999999999999999999", "1", "-0.1", "3000.5", "01", "", 0.02, null)
    const deltas = fc.oneof(
      fc.dictionary(fc.constantFrom("binance", "wallet:wallet", "a b"), fc.dictionary(fc.constantFrom("ETH", "USDT", "1INCH", "42", "toString"), fc.constantFrom("0", "-5", "7.25", "x", 1))),
      fc.constantFrom<unknown>({}, [], null, 1, { binance: [] })
    )
    const symbol = mostly(["ETHUSDT", "ETHUSDT-PERP", "WETHETH", "wstETHUSDC"], ["BTC/USDT", "ETHETH", "ethusdt", "FOOBAR", 3])
    const id = mostly(["a:1"], ["a b", "", 1])
    const json = fc.oneof(
      fc.record({
        instruction_type: fc.constant("cex_trade"),
        venue,
        trade_type: mostly(["spot", "perp"], ["margin"]),
        side: mostly(["buy", "sell"], ["LONG"]),
        symbol,
        amount,
        operation_id: id,
        estimated_deltas: deltas,
        order_type: fc.constantFrom(undefined, "market", "limit", "stop"),
        price: text,
        time_in_force: fc.constantFrom("IOC", "GTC"),
        reduce_only: fc.constantFrom(true, false, 1),
        slippage_tolerance: text
      }, { requiredKeys: ["instruction_type", "venue", "trade_type", "side", "symbol", "amount"] }),
      fc.record({ instruction_type: fc.constant("wallet_transfer"), from_venue: venue, to_venue: venue, token, amount, operation_id: id }, {
        requiredKeys: ["instruction_type", "from_venue", "to_venue", "token", "amount"]
      }),
      fc.record({
        instruction_type: mostly(["smart_contract_action"], ["other"]),
        protocol: venue,
        action: mostly(["supply", "repay", "swap", "flash_borrow"], ["claim", "steal"]),
        token,
        amount,
        token_out: token,
        swap_type: fc.constantFrom("exact_in", "exact_out", "exact"),
        slippage_tolerance: text,
        market: fc.constantFrom("weth-500", "a b", { pool: "p" }),
        atomic_group_id: id,
        sequence_in_group: fc.constantFrom(0, 7, -1, 0.5, "1"),
        estimated_deltas: deltas,
        params: fc.constant({})
      }, { requiredKeys: ["instruction_type", "protocol", "action", "amount"] })
    )
    const decode = Schema.decodeUnknownEither(Instruction.Instruction, Fault.strict)
    let recognised = 0
    fc.assert(fc.property(json, (value) => {
      const plain = Plain.fromJson(value)
      if (plain === undefined) return
      recognised++
      assert.deepStrictEqual(Either.getOrThrow(decode(value)), plain)
      assert.isFalse(plain.instructionType === "cex_trade" && plain.tradeType === "spot" && JSON.stringify(value).includes("PERP"))
    }), { numRuns: 8_000 })
    assert.isAbove(recognised, 100)
  })

  it("leaves to the schema what it does not know, and what has no fields of its own", () => {
    const trade = {
      instructionType: "cex_trade",
      venue: { venue: "binance", sub: undefined },
      tradeType: "spot",
      side: "buy",
      symbol: { base: "ETH", quote: "USDT" },
      amount: 1n
    }
    assert.isDefined(Plain.fromTyped(trade))
    assert.isUndefined(Plain.fromTyped({ ...trade, deadline: 5 }))
    assert.isUndefined(Plain.fromTyped({ ...trade, venue: { venue: "kraken", sub: undefined } }))
    assert.isUndefined(Plain.fromTyped({ ...trade, venue: { venue: "binance" } }))
    assert.isUndefined(Plain.fromTyped({ instructionType: "cex_trade" }))
  })

  const typed = {
    instructionType: "smart_contract_action",
    protocol: { venue: "uniswap", sub: undefined },
    action: "swap",
    token: "ETH",
    tokenOut: "USDT",
    amount: { outputOf: "a" },
    operationId: "b",
    estimatedDeltas: { wallet: { ETH: -5n * 10n ** 18n } }
  }
  const json = {
    instruction_type: "smart_contract_action",
    protocol: "uniswap",
    action: "swap",
    token: "ETH",
    token_out: "USDT",
    amount: { output_of: "a" },
    operation_id: "b",
    estimated_deltas: { wallet: { ETH: "-5" } }
  }
  const makers: ReadonlyArray<readonly [string, (fields: object) => unknown]> = [
    ["of no parent", (fields) => Object.assign(Object.create(null) as object, fields)],
    ["of a class", (fields) => Object.assign(new Date(0), fields)],
    ["that inherits all of it", (fields) => Object.create(fields) as unknown],
    ["that inherits one field", (fields) => {
      const [[key, value], ...others] = Object.entries(fields) as [[string, unknown], ...Array<[string, unknown]>]
      return Object.assign(Object.create({ [key]: value }) as object, Object.fromEntries(others))
    }],
    ["that is a list", (fields) => Object.assign([], fields)],
    ["that is a function", (fields) => Object.assign(() => undefined, fields)],
    ["with its parent as a field", (fields) => Object.defineProperty({ ...fields }, "__proto__", { value: 1, enumerable: true })],
    ["that is frozen", (fields) => Object.freeze({ ...fields })]
  ]

  it.each(makers)("an object %s is recognised only where the schema reads it to the same", (_, make) => {
    const decode = Schema.decodeUnknownEither(Instruction.Instruction, Fault.strict)
    const nestings = (fields: Readonly<Record<string, unknown>>): ReadonlyArray<Readonly<Record<string, unknown>>> => [
      make(fields) as Record<string, unknown>,
      ...Object.entries(fields).flatMap(([key, value]) =>
        typeof value === "object" && value !== null ? nestings(value as Record<string, unknown>).map((inner) => ({ ...fields, [key]: inner })) : [])
    ]
    for (const value of nestings(typed)) {
      const plain = Plain.fromTyped(value)
      if (plain !== undefined) assert.deepStrictEqual(Either.getOrThrow(accepts(value)), plain)
    }
    for (const value of nestings(json)) {
      const plain = Plain.fromJson(value)
      if (plain !== undefined) assert.deepStrictEqual(Either.getOrThrow(decode(value)), plain)
    }
    const read = InstructionBlock.decode(make(json))
    const withoutPlain = InstructionBlock.decode({ ...json, params: make(json) })
    if (Either.isRight(read)) assert.deepStrictEqual(Either.getOrThrow(withoutPlain), read.right)
  })

  it("what is read is no part of the input, and no part of what is read another time", () => {
    const input = { ...typed, protocol: { ...typed.protocol }, amount: { outputOf: "a" }, estimatedDeltas: { wallet: { ETH: -5n * 10n ** 18n } } }
    const [first, second] = [input, json].map((of) => Either.getOrThrow(InstructionBlock.decode(of)).instructions[0]!)
    assert.deepStrictEqual(first, second)
    const before = Either.getOrThrow(InstructionBlock.decode(json)).instructions[0]!
    Object.assign(input, { token: "WETH" })
    Object.assign(input.protocol, { venue: "curve" })
    Object.assign(input.amount, { outputOf: "z" })
    Object.assign(input.estimatedDeltas.wallet, { ETH: 9n })
    assert.deepStrictEqual(first, before)
    Object.assign((second as Instruction.SmartContractAction).protocol, { venue: "curve" })
    assert.deepStrictEqual(Either.getOrThrow(InstructionBlock.decode(json)).instructions[0], before)
    const trade = { instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "1" }
    const read = Either.getOrThrow(InstructionBlock.decode(trade)).instructions[0] as Instruction.CexTrade
    Object.assign(read.symbol, { base: "WETH" })
    assert.deepInclude(Either.getOrThrow(InstructionBlock.decode(trade)).instructions[0], { symbol: { base: "ETH", quote: "USDT" } })
  })

  it("what is checked is what is kept, where a field says something else each time", () => {
    let asked = 0
    const amount = () => (asked++ === 0 ? 1n : -1n)
    const plain = Plain.fromTyped({
      instructionType: "wallet_transfer",
      fromVenue: { venue: "wallet", sub: undefined },
      toVenue: { venue: "binance", sub: "spot" },
      token: "ETH",
      get amount() {
        return amount()
      }
    })
    assert.deepInclude(plain, { amount: 1n })
  })

  it.each<readonly [string, Record<string, unknown>]>([
    ["a perpetual", { trade_type: "perp", symbol: "ETHUSDT-PERP", reduce_only: true }],
    ["everything", { side: "sell", amount: "max" }],
    ["a limit order", { order_type: "limit", price: "3000.5", time_in_force: "FOK", slippage_tolerance: "0" }],
    ["an estimate", { estimated_deltas: { binance: { ETH: "-1", USDT: "3300" } }, operation_id: "a:1" }]
  ])("knows a trade with %s without the schema, as JSON and typed", (_, more) => {
    const json = { instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "1", ...more }
    const read = Plain.fromJson(json)
    assert.isDefined(read)
    assert.deepStrictEqual(Plain.fromTyped(read!), read)
  })

  it.each<readonly [string, Record<string, unknown>]>([
    ["a swap", { action: "swap", token_out: "USDT", swap_type: "exact_out", slippage_tolerance: "0.05", market: "weth-500" }],
    ["a member of a group", { action: "supply", amount: { output_of: "a" }, atomic_group_id: "g", sequence_in_group: 0, operation_id: "b" }]
  ])("knows %s without the schema, as JSON and typed", (_, more) => {
    const json = { instruction_type: "smart_contract_action", protocol: "uniswap", token: "WETH", amount: "1", ...more }
    const read = Plain.fromJson(json)
    assert.isDefined(read)
    assert.deepStrictEqual(Plain.fromTyped(read!), read)
  })
})
