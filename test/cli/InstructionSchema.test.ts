/**
 * The printed JSON Schemas and the decoders judge alike.
 *
 * What a schema cannot say, and what is therefore left out of the comparison, is listed in `docs/guides/instructions.md`:
 * numbers of more than 18 decimals, which texts are symbols, equality of two fields, sizes of the whole input.
 */
import { assert, describe, it } from "@effect/vitest"
import { Ajv } from "ajv"
import { Either, FastCheck as fc } from "effect"
import * as SchemaCommand from "../../src/cli/SchemaCommand.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as InstructionBlock from "../../src/domain/InstructionBlock.js"
import * as SimulatedVenues from "../../src/modes/SimulatedVenues.js"

/** EIM_SCHEMA_RUNS compares as many values of each schema. */
const runs = Number.parseInt(process.env["EIM_SCHEMA_RUNS"] ?? "1500", 10)

const ajv = new Ajv({ strict: false, allErrors: false })
const validator = (what: string) => ajv.compile(SchemaCommand.of(what, SchemaCommand.schemas[what]!) as object)

type Fields = { readonly [key: string]: unknown }

const trade = { instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "1.5" }
const action = (name: string, more: object = {}) => ({ instruction_type: "smart_contract_action", protocol: "aave", action: name, token: "USDT", amount: "10", ...more })
const transfer = { instruction_type: "wallet_transfer", from_venue: "wallet", to_venue: "binance_spot", token: "ETH", amount: "max" }

const valid: ReadonlyArray<Fields> = [
  trade,
  { ...trade, order_type: "limit", price: "3000.5", time_in_force: "FOK", operation_id: "a:1", metadata: { note: ["x", null] } },
  { ...trade, trade_type: "perp", reduce_only: true, amount: "max", symbol: "ETHUSDT-PERP", slippage_tolerance: 0.01, deadline: "2024-06-01T00:00:00Z" },
  { ...trade, side: "SHORT", amount: "max", estimated_deltas: { binance: { ETH: -1, USDT: "3300.25" } } },
  transfer,
  { ...transfer, network: "ethereum", amount: 2.5, execution_mode: "sequential" },
  action("supply"),
  action("borrow", { market: { pool: "a", fee_tier: 500, market_id: "0xab" } }),
  action("swap", { token_out: "weETH", swap_type: "exact_in", slippage_tolerance: "0.005", protocol: "uniswap_v3" }),
  action("swap", { token_out: "ETH", amount: { output_of: "step-1" }, atomic_group_id: "g", sequence_in_group: 1 }),
  action("set_emode", { amount: null, emode_category: 1 }),
  action("set_collateral", { amount: undefined, enabled: false }),
  action("claim", { amount: null, ticket: "7", venue: "aave", protocol: null }),
  { instruction_type: "cex_trade", params: { ...trade, instruction_type: null, order_type: "limit", price: 1e-7 } },
  { instruction_type: null, params: transfer }
].map((fields: object) => JSON.parse(JSON.stringify(fields)) as Fields)

const ordinary: ReadonlyArray<unknown> = [
  null, true, false, 0, 1, -1, 0.5, 1.5, 1e-18, 1e-19, 1e59, 1e60, 1e78, -0, 2 ** 53, 3, 500, 999_999, 1_000_000, 255, 256, "", " ", "0", "-0", "0.0", "00", "01",
  "1", "-1", "1.", ".5", "1e3", "1.0", "1.50", "+1", "0.5", "0.999", "1.000", "0.000000000000000001", "0.0000000000000000001", "1.0000000000000000000",
  "9".repeat(60), "9".repeat(61), "9".repeat(78), "9".repeat(79), `0.${"1".repeat(77)}`, `0.${"1".repeat(78)}`, `${"9".repeat(60)}.${"9".repeat(18)}`, "max", "MAX",
  "buy", "BUY", "Long", "short", "sell", "hold", "spot", "perp", "limit", "market", "IOC", "FOK", "GTC", "exact_in", "exact_out", "sequential", "atomic",
  "binance", "Binance_PERP", "binance_perp_spot", "aave_v3", "aave_v3_position", "fees", "Funding", "funding_spot", "spot", "bin\u212Aance", "toString", "constructor",
  "Constructor_perp", "a__b", "_a", "a_", "x".repeat(64), "x".repeat(65), "wallet", "1INCH", "42", "USDT", "usdt", "a".repeat(20), "a".repeat(21), "valueOf", "debtWETH", "USD T",
  "a:1", ":a", "a b", "é", "2024-06-01T00:00:00Z", "2024-06-01", "2024-02-29T23:59Z", "2023-02-29T00:00Z", "2000-02-29T00:00Z", "2100-02-29T00:00Z", "2024-04-31T00:00Z",
  "2024-06-01T24:00Z", "2024-06-01T00:60Z", "2024-06-01T00:00:60Z", "2024-06-01 00:00:00.123456789+05:30", "2024-06-01T00:00:00.1234567890Z", "2024-13-01T00:00Z", "1969-12-31T00:00Z",
  [], {}, [1], { output_of: "a" }, { output_of: "" }, { output_of: "a", more: 1 }, { pool: "p" }, { pool: null }, { fee_tier: 1.5 }, { market_id: "" }, { market_id: "x".repeat(80) },
  { binance: { ETH: "1" } }, { binance: { "42": "1" } }, { "a b": {} }, { binance: { constructor: "1" } }, { toString: {} }, { binance: null }, { binance: { ETH: "1.0e3" } },
  "supply", "withdraw", "borrow", "repay", "supply_collateral", "set_collateral", "set_emode", "stake", "unstake", "claim", "swap", "wrap", "flash_borrow", "nothing",
  "cex_trade", "wallet_transfer", "smart_contract_action", "ETHUSDT-PERP", "ETH/USDT:USDT", "\n1", "1\n", "USDT\n", "binance\n"
]

const names = [...new Set(valid.flatMap((fields) => [...Object.keys(fields), ...Object.keys((fields["params"] ?? {}) as object)])), "params", "nonsense", "venue", "protocol", "toString"]
  .filter((name) => name !== "symbol")

const nearText = fc.tuple(fc.constantFrom(...ordinary.filter((value) => typeof value === "string")), fc.nat(100), fc.constantFrom("0", "1", ".", "-", "_", "a", "Z", " ", "9", ":", "é", ""))
  .map(([text, at, letter]) => text.slice(0, at % (text.length + 1)) + letter + text.slice((at % (text.length + 1)) + (letter === "" ? 1 : 0)))

const value = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...ordinary) }, { weight: 2, arbitrary: nearText }, fc.jsonValue({ maxDepth: 2 }), fc.integer(), fc.integer({ min: -2000, max: 2000 }).map((n) => n / 1000))

/** One to three changes: a field left out, set, moved to `params` or back, or taken from another instruction. */
const changed = (fields: Fields): fc.Arbitrary<Fields> =>
  fc.array(fc.record({ name: fc.constantFrom(...names), value, how: fc.constantFrom("set", "set", "drop", "move", "inner", "borrow"), other: fc.constantFrom(...valid) }), { maxLength: 3 })
    .map((changes) =>
      changes.reduce((fields: Fields, { how, name, other, value }) => {
        const { [name]: old, ...rest } = fields
        const inner = typeof fields["params"] === "object" && fields["params"] !== null && !Array.isArray(fields["params"]) ? fields["params"] : {}
        switch (how) {
          case "set":
            return name === "params" && typeof value === "object" && value !== null ? fields : { ...fields, [name]: value }
          case "drop":
            return rest
          case "move":
            return old === undefined || name === "params" ? fields : { ...rest, params: { ...inner, [name]: old } }
          case "inner":
            return { ...fields, params: { ...inner, [name]: value } }
          default:
            return { ...fields, [name]: other[name] ?? null }
        }
      }, fields))

const instruction = fc.constantFrom(...valid).chain(changed)

const flat = (fields: Fields): Fields => {
  const given = Object.entries(fields).filter(([name, value]) => name !== "params" && value !== null)
  const inner = typeof fields["params"] === "object" && fields["params"] !== null ? Object.entries(fields["params"]).filter(([, value]) => value !== null) : []
  return Object.fromEntries([...given, ...inner])
}

/** Numbers that have more decimals than an amount may: no schema can count them. */
const isFine = (value: unknown): boolean =>
  typeof value === "number"
    ? (Decimal.parse(Decimal.textOfNumber(value) ?? "")?.scale ?? (Math.abs(value) < 1 && value !== 0 ? 99 : 0)) > 18
    : typeof value === "object" && value !== null && Object.values(value).some(isFine)

const place = (name: string, fields: Fields): string => (JSON.stringify(fields[name]) ?? "").toLowerCase().replace(/(aave|uniswap)_v3/, "$1")

/** What the guide lists as beyond a schema. */
const isBeyond = (input: unknown): boolean => {
  if (isFine(input)) return true
  if (typeof input !== "object" || input === null || Array.isArray(input)) return false
  const fields = input as Fields
  if (Array.isArray(fields["instructions"])) return fields["instructions"].some(isBeyond)
  const whole = flat(fields)
  const inner = typeof fields["params"] === "object" && fields["params"] !== null && !Array.isArray(fields["params"]) ? fields["params"] : {}
  return Object.keys(inner).some((name) => Object.hasOwn(fields, name) && fields[name] !== null && (inner as Fields)[name] !== null) ||
    (whole["from_venue"] !== undefined && place("from_venue", whole) === place("to_venue", whole)) ||
    (whole["token_out"] !== undefined && place("token", whole) === place("token_out", whole)) ||
    (whole["protocol"] !== undefined && whole["venue"] !== undefined) ||
    (whole["trade_type"] === "spot" && /PERP|SWAP|:|\.P"$/i.test(JSON.stringify(whole["symbol"]) ?? ""))
}

const agree = (what: string, input: fc.Arbitrary<unknown>, decode: (input: unknown) => Either.Either<unknown, { readonly message: string }>, beyond: (input: unknown) => boolean) => {
  const accepts = validator(what)
  const seen = { accepted: 0, refused: 0, left: 0 }
  fc.assert(fc.property(input, (raw) => {
    const value: unknown = JSON.parse(JSON.stringify(raw))
    if (beyond(value)) return void seen.left++
    const decoded = decode(value)
    const taken = accepts(value)
    seen[taken ? "accepted" : "refused"]++
    assert.strictEqual(
      taken,
      Either.isRight(decoded),
      `${JSON.stringify(value)}\ndecoder: ${Either.isLeft(decoded) ? decoded.left.message : "taken"}\nschema: ${ajv.errorsText(accepts.errors)}`
    )
  }), { numRuns: runs })
  return seen
}

describe("the JSON Schema", () => {
  it("of an instruction takes what the decoder takes, and refuses what it refuses", { timeout: 600_000 }, () => {
    const seen = agree("instruction", instruction, InstructionBlock.fromJson, (input) => Object.hasOwn(input as object, "instructions") || isBeyond(input))
    assert.isAbove(seen.accepted, runs / 20)
    assert.isAbove(seen.refused, runs / 10)
    assert.isBelow(seen.left, runs / 2)
  })

  it("of a block likewise", { timeout: 600_000 }, () => {
    const head = fc.dictionary(fc.constantFrom("block_id", "action", "priority", "dependencies", "execution_mode", "atomic_group_id", "expected_deltas", "params"), value, { maxKeys: 3 })
    const members = fc.oneof({ weight: 6, arbitrary: fc.array(instruction, { maxLength: 2 }) }, { weight: 4, arbitrary: fc.constantFrom(...valid).map((one) => [one]) }, value)
    const block = fc.tuple(head, members).map(([head, instructions]) => ({ ...head, instructions }))
    const seen = agree("block", block, InstructionBlock.fromJson, isBeyond)
    assert.isAbove(seen.accepted, runs / 20)
    assert.isAbove(seen.refused, runs / 10)
  })

  it("of settings likewise, as far as all strategies share them", { timeout: 600_000 }, () => {
    const settings = fc.dictionary(
      fc.constantFrom(
        "strategy_mode", "share_class", "initial_capital", "venue_timeout", "max_retries_per_venue", "max_retry_attempts", "retry_delay_seconds", "enable_atomic_chaining", "price_tolerance", "max_age_hours", "nonsense"
      ),
      fc.oneof(value, fc.constantFrom("usdt_stable", "eth_directional", 2, 10, 9, 119.5, 120, 60, 59.5, { "gas.": 24 }, { a: 0 }, { "": 8784 }, "0.02")),
      { maxKeys: 3 }
    )
    const seen = agree("config", settings, SimulatedVenues.decode, isFine)
    assert.isAbove(seen.accepted, runs / 20)
    assert.isAbove(seen.refused, runs / 10)
  })

  it("takes every instruction that the tests above begin with", () => {
    const accepts = validator("instruction")
    for (const fields of valid) {
      assert.isTrue(Either.isRight(InstructionBlock.fromJson(fields)), JSON.stringify(fields))
      assert.isTrue(accepts(fields), JSON.stringify([fields, accepts.errors]))
    }
  })
})
