/**
 * Whatever a caller hands in is read in bounded time, once, to a typed error or a value of the program's own.
 */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Either, FastCheck as fc } from "effect"
import { Amount, Config, Decimal, EimError, InstructionBlock } from "execution-interface-manager"
import * as Untrusted from "execution-interface-manager/domain/Untrusted"
import * as Balances from "execution-interface-manager/modes/Backtest/Balances"
import * as SimulatedVenues from "execution-interface-manager/modes/SimulatedVenues"


const trade = {
  instruction_type: "cex_trade", venue: "binance", trade_type: "perp", side: "buy", symbol: "ETHUSDT", amount: "1",
  order_type: "limit", price: "3000", estimated_deltas: { binance: { ETH: "1" } }, metadata: { note: "x" }
}
const typed = {
  instructionType: "cex_trade", venue: { venue: "binance", sub: undefined }, tradeType: "perp", side: "buy",
  symbol: { base: "ETH", quote: "USDT" }, amount: Amount.unit, orderType: "limit", price: Decimal.unsafe("3000"),
  estimatedDeltas: { binance: { ETH: Amount.unit } }
}
const block = { block_id: "b", instructions: [trade], expected_deltas: { binance: { ETH: "1" } }, dependencies: ["a"] }
const params = { instruction_type: "cex_trade", params: { venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "1" } }
const config = { price_tolerance: "0.02", venues: { binance: {}, aave: {} }, max_age_hours: { "gas.": 24 }, gas: {} }
const balances = { wallet: { USDT: "1" }, binance_perp: { ETH: "2" } }

/** 2^25 paths to one value. */
const shared = (): unknown => {
  let value: unknown = {}
  for (let level = 0; level < 25; level++) value = { a: value, b: value }
  return value
}

const chain = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { a: value } : [value]
  return value
}

const circle = (): unknown => {
  const value: Record<string, unknown> = {}
  value["self"] = [value]
  return value
}

const throwing = (name: string): unknown => ({ get [name](): never { throw Object.create(null) } })

const trapped = (trap: string): unknown => {
  const throws = () => { throw new RangeError("trap") }
  return new Proxy({ a: 1 }, { [trap]: throws })
}

const revoked = (target: object): unknown => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const manyKeys = (): unknown =>
  new Proxy({}, {
    ownKeys: () => Array.from({ length: 300_000 }, (_, n) => `k${n}`),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 })
  })

/** Each look finds another object. */
const endless = (): unknown => new Proxy({}, { get: () => endless(), ownKeys: () => ["a", "b"], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) })

class Instance {
  readonly a = 1
  toJSON(): string { return "{}" }
}

const hostile: ReadonlyArray<() => unknown> = [
  shared, circle, manyKeys, endless,
  () => chain(70), () => chain(100_000),
  () => throwing("a"), () => throwing("instructions"), () => throwing("instructionType"), () => throwing("instruction_type"),
  ...["get", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor", "has"].map((trap) => () => trapped(trap)),
  () => revoked({}), () => revoked([]), () => new Proxy([1], { get: () => { throw 1 } }),
  () => Object.assign([], { length: 2 ** 32 - 1 }), () => Array.from({ length: 300_000 }, () => 1), () => Object.assign([1], { length: 1e6 }),
  () => BigDecimal.make(1n, 100_000), () => BigDecimal.make(1n, 2_000_000), () => BigDecimal.make(1n, -2_000_000),
  () => BigDecimal.make(1n, NaN), () => BigDecimal.make(10n ** 100_000n, 0), () => Object.assign(BigDecimal.make(1n, 0), { value: "1" }),
  () => `0.${"0".repeat(100_000)}1`, () => "9".repeat(2_000_000), () => `1e${"9".repeat(1000)}`, () => "x".repeat(2_000_000),
  () => 10n ** 500_000n, () => -(10n ** 100n), () => 1e308, () => 5e-324, () => NaN, () => -0, () => Infinity,
  () => () => 1, () => Symbol("s"), () => new Date(0), () => new Map([[1, 2]]), () => new Set(), () => /a/, () => Promise.resolve(), () => new Instance(),
  () => ({ toJSON: () => ({}) }), () => Object.create({ inherited: 1 }), () => Object.create(null), () => ({ [Symbol.toStringTag]: "x".repeat(1e6) }),
  () => ({ get [Symbol.toStringTag](): never { throw 1 } }), () => JSON.parse("{\"__proto__\": {\"amount\": \"1\"}}"), () => "\ud800", () => ({ "\udc00": 1 }),
  () => new Uint8Array(10_000_000), () => null, () => undefined, () => true, () => ""
]

/** The decoders, with what tells that an error is theirs. */
const decoders: ReadonlyArray<readonly [name: string, decode: (input: unknown) => Either.Either<unknown, unknown>, isOwn: (error: unknown) => boolean, valid: ReadonlyArray<unknown>]> = [
  ["a block", InstructionBlock.decode, (error) => error instanceof EimError.RoutingFailed && error.code === "EIM-001", [trade, typed, block, params, { instructions: [typed] }]],
  ["a block of JSON", InstructionBlock.fromJson, (error) => error instanceof EimError.RoutingFailed, [trade, block, params]],
  ["settings", Config.decode, (error) => error instanceof Config.ConfigError, [config]],
  ["settings of venues", SimulatedVenues.decode, (error) => error instanceof Config.ConfigError, [config]],
  ["balances", Balances.decode, (error) => error instanceof Config.ConfigError, [balances]]
]

/** The input with something else in the place that a path of choices leads to. */
const planted = (input: unknown, choices: ReadonlyArray<number>, plant: unknown): unknown => {
  const [choice, ...rest] = choices
  if (choice === undefined || typeof input !== "object" || input === null || BigDecimal.isBigDecimal(input)) return plant
  if (Array.isArray(input)) return input.map((member, n) => (n === choice % input.length ? planted(member, rest, plant) : member))
  const keys = Object.keys(input)
  if (keys.length === 0 || choice % 11 === 10) return { ...input, extra: plant }
  const key = keys[choice % keys.length]!
  return { ...input, [key]: planted((input as Record<string, unknown>)[key], rest, plant) }
}

/** Decodes, and looks at the whole answer as a report would. */
const judged = (decode: (input: unknown) => Either.Either<unknown, unknown>, input: unknown) => {
  const decoded = decode(input)
  const text = Either.isLeft(decoded) && decoded.left instanceof Error ? decoded.left.message : ""
  return { decoded, text }
}

describe("untrusted values", () => {
  for (const [name, decode, isOwn, valid] of decoders) {
    it(`${name}: what is valid is read`, () => {
      for (const input of valid) assert.isTrue(Either.isRight(decode(input)), JSON.stringify(judged(decode, input).text))
    })

    it(`${name}: anything at the top is a value or a typed error`, () => {
      for (const make of hostile) {
        const { decoded, text } = judged(decode, make())
        if (Either.isLeft(decoded)) {
          assert.isTrue(isOwn(decoded.left))
          assert.isAbove(text.length, 0)
          assert.isBelow(text.length, 20_000)
        }
      }
    })

    it(`${name}: anything in any place is a value or a typed error`, { timeout: 60_000 }, () => {
      fc.assert(fc.property(
        fc.constantFrom(...valid),
        fc.array(fc.nat(200), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...hostile),
        (input, choices, make) => {
          const { decoded, text } = judged(decode, planted(input, choices, make()))
          if (Either.isLeft(decoded)) {
            assert.isTrue(isOwn(decoded.left))
            assert.isBelow(text.length, 20_000)
          }
        }
      ), { numRuns: 60 })
    })
  }

  it("are told by their place", () => {
    const cases: ReadonlyArray<readonly [input: unknown, path: string, expected: RegExp]> = [
      [{ ...trade, metadata: throwing("a") }, "metadata.a", /^a value that can be read$/],
      [{ ...block, instructions: [trade, { ...trade, metadata: { f: () => 1 } }] }, "instructions[1].metadata.f", /^a value that JSON can hold$/],
      [{ ...trade, metadata: { at: new Date(0) } }, "metadata.at", /^a value that JSON can hold$/],
      [{ ...trade, metadata: { n: 1n } }, "metadata.n", /^values that JSON can hold$/],
      [{ ...trade, metadata: shared() }, "", /^at most 200000 values$/],
      [{ ...trade, metadata: circle() }, "", /^values nested at most 64 levels$/],
      [{ ...typed, price: BigDecimal.make(1n, 100_000) }, "price", /^a decimal of at most 78 digits$/],
      [{ ...typed, estimatedDeltas: { binance: { ETH: 10n ** 90n } } }, "estimatedDeltas.binance.ETH", /^a decimal with at most 18 decimals, below 10\^60$/],
      [{ ...trade, amount: "1".padEnd(62, "0") }, "amount", /a decimal/],
      [JSON.parse("{\"instruction_type\": \"cex_trade\", \"__proto__\": 1}"), "__proto__", /^no such field$/]
    ]
    for (const [input, path, expected] of cases) {
      const error = Either.getOrThrow(Either.flip(InstructionBlock.decode(input)))
      assert.deepStrictEqual([error.path, expected.test(error.expected ?? "")], [path, true], error.message)
    }
  })

  it("are read once: what a field answers later is not seen", () => {
    let reads = 0
    const input = Object.defineProperty({ ...trade }, "amount", { enumerable: true, get: () => (reads++ === 0 ? "1" : "1000") })
    const decoded = Either.getOrThrow(InstructionBlock.decode(input))
    assert.strictEqual(decoded.instructions[0]!.amount, Amount.unit)
    assert.strictEqual(reads, 1)
  })

  it("do not reach what was decoded", () => {
    const metadata = { list: [1] }
    const decoded = Either.getOrThrow(InstructionBlock.decode({ ...trade, metadata }))
    metadata.list.push(2)
    assert.deepStrictEqual(decoded.instructions[0]!.metadata, { list: [1] })
  })

  it("are copied to equal values, whatever JSON they are", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      fc.pre(!/\\ud[89a-f]|__proto__/i.test(JSON.stringify(value)))
      assert.deepStrictEqual(Untrusted.copy(value), Either.right(value))
    }))
  })

  it("may be nested and many up to their bounds, and no further", () => {
    assert.isTrue(Either.isRight(Untrusted.copy(chain(Untrusted.maxDepth))))
    assert.isTrue(Either.isLeft(Untrusted.copy(chain(Untrusted.maxDepth + 1))))
    assert.isTrue(Either.isRight(Untrusted.copy(Array.from({ length: Untrusted.maxValues - 1 }, () => 0))))
    assert.isTrue(Either.isLeft(Untrusted.copy(Array.from({ length: Untrusted.maxValues }, () => 0))))
  })

  it("keep the powers of ten that decimals need, and no list of all up to any", () => {
    assert.strictEqual(Decimal.pow10(100_000), 10n ** 100_000n)
    assert.strictEqual(Decimal.pow10(77), 10n ** 77n)
  })

  it("are writable decimals where the text of one is read again", () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 90n), max: 10n ** 90n }), fc.integer({ min: -20, max: 1100 }), (value, scale) => {
      const decimal = Decimal.make(value, scale)
      assert.strictEqual(Decimal.isWritable(decimal), Decimal.parse(Decimal.format(decimal)) !== undefined)
    }))
  })
})
