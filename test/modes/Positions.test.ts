/**
 * Look-ups take the names that instructions take, and refuse those that nobody knows.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc } from "effect"
import { Account, Amount, Asset, Backtest, Decimal, Instrument, Positions, Script, Timestamp } from "execution-interface-manager"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"
import * as World from "execution-interface-manager/sim/World"

const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
const day = Timestamp.day

const names: Positions.Names = {
  venues: new Map([
    ["binance", { accounts: ["spot", "perp", "funding"], trades: true }],
    ["bybit", { accounts: ["unified", "funding"], otherNames: ["spot", "perp"], trades: true }],
    ["aave", { accounts: ["position"], trades: false }],
    ["hyperliquid", { accounts: ["perp", "spot"], trades: true }],
    ["wallet", { accounts: ["wallet"], trades: false }]
  ]),
  hasAsset: (asset) => asset === "SOL"
}

const held: ReadonlyArray<readonly [Account.Account, Asset.Asset, bigint]> = [
  ["binance:spot", "ETH", 3n],
  ["binance:perp", "ETH", 4n],
  ["bybit:unified", "USDT", 5n],
  ["aave:position", "debtWETH", 6n],
  ["aave:position", "aweETH", 7n],
  ["wallet:wallet", "FOO", 8n]
]

const world = Either.getOrThrow(World.post(
  World.empty(start),
  held.flatMap(([account, asset, amount]) => [
    { account, asset, amount, reason: "opening" as const },
    { account: Account.contra("opening", "x"), asset, amount: -amount, reason: "opening" as const }
  ])
))

const perpetual = (venue: string, symbol: string, size: bigint) => ({ venue, symbol, size, entryPrice: Decimal.one })

const positions = Positions.make(world, [perpetual("binance", "ETHUSDT-PERP", 9n), perpetual("bybit", "BTCUSDT-PERP", -2n), perpetual("hyperliquid", "BTCUSDC-PERP", 3n)], names)

const look = <A>(f: () => A): Either.Either<A, Positions.LookupError> =>
  Either.try({ try: f, catch: (error) => error instanceof Positions.LookupError ? error : assert.fail(String(error)) })

const anyCase = (text: string) =>
  fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }).map((upper) =>
    [...text].map((letter, n) => upper[n] === true ? letter.toUpperCase() : letter.toLowerCase()).join(""))

describe("positions", () => {
  it("are found under every spelling that an instruction may use", () => {
    fc.assert(fc.property(anyCase("binance"), anyCase("binance_perp"), anyCase("eth"), anyCase("ethusdt-perp"), (venue, account, token, symbol) => {
      assert.strictEqual(positions.balance(venue, token), 7n)
      assert.strictEqual(positions.balance(account, token), 4n)
      const [base, quote] = [symbol.slice(0, 3), symbol.slice(3, 7)]
      const spellings = [symbol, symbol.slice(0, 7), `${base}/${quote}`, `${base}-${quote}-SWAP`, `${base}/${quote}:${quote}`, `${base}${quote}.P`]
      for (const spelling of spellings) {
        assert.strictEqual(positions.size(venue, spelling), 9n)
        assert.strictEqual(positions.size(account, spelling), 9n)
      }
    }))
    assert.strictEqual(positions.size("hyperliquid", "BTC"), 3n)
    assert.strictEqual(positions.balance("AAVE_V3", "variableDebtWETH"), 6n)
    assert.strictEqual(positions.balance("aave_position", "aweeth"), 7n)
    for (const account of ["bybit", "bybit_unified", "bybit_spot", "bybit_perp"]) assert.strictEqual(positions.balance(account, "tether"), 5n)
    assert.strictEqual(positions.balance("bybit_funding", "USDT"), 0n)
  })

  it("are 0 where a name is known and nothing is held", () => {
    for (const token of ["BTC", "SOL", "aUSDT", "debtSOL", "FOO"]) assert.strictEqual(positions.balance("binance", token), 0n)
    for (const symbol of ["SOLUSDT", "BTC/USDC", "ETHUSDC"]) assert.strictEqual(positions.size("binance", symbol), 0n)
  })

  const refused: ReadonlyArray<readonly [look: () => unknown, path: string, actual: string]> = [
    [() => positions.balance("binanse", "ETH"), "positions.balance(venue)", "\"binanse\""],
    [() => positions.balance("", "ETH"), "positions.balance(venue)", "\"\""],
    [() => positions.balance("fees", "ETH"), "positions.balance(venue)", "\"fees\""],
    [() => positions.balance("constructor", "ETH"), "positions.balance(venue)", "\"constructor\""],
    [() => positions.balance(undefined as never, "ETH"), "positions.balance(venue)", "nothing"],
    [() => positions.balance("binance_unified", "ETH"), "positions.balance(venue)", "\"binance_unified\""],
    [() => positions.balance("wallet_spot", "ETH"), "positions.balance(venue)", "\"wallet_spot\""],
    [() => positions.balance("binance", "USTD"), "positions.balance(token)", "\"USTD\""],
    [() => positions.balance("binance", "E T H"), "positions.balance(token)", "\"E T H\""],
    [() => positions.balance("binance", "__proto__"), "positions.balance(token)", "\"__proto__\""],
    [() => positions.size("binance", "ETH"), "positions.size(symbol)", "\"ETH\""],
    [() => positions.size("binance", ""), "positions.size(symbol)", "\"\""],
    [() => positions.size("binance", "NOPEUSDT"), "positions.size(symbol)", "\"NOPE\""],
    [() => positions.size("binance_unified", "BTCUSDT"), "positions.size(venue)", "\"binance_unified\""],
    [() => positions.size("aave", "ETHUSDT"), "positions.size(venue)", "\"aave\""],
    [() => positions.size("nowhere", "ETHUSDT"), "positions.size(venue)", "\"nowhere\""]
  ]

  for (const [question, path, actual] of refused) {
    it(`${question.toString().slice(6)} is an error`, () => {
      const found = look(question)
      assert.isTrue(Either.isLeft(found))
      if (Either.isLeft(found)) {
        assert.strictEqual(found.left.path, path)
        assert.isAbove(found.left.expected.length, 0)
        assert.include(found.left.actual, actual)
        assert.strictEqual(found.left.message, `${path}: expected ${found.left.expected}, got ${found.left.actual}`)
      }
    })
  }

  it("answer any text with an amount or a typed error", () => {
    const word = fc.oneof(fc.string(), fc.constantFrom("binance", "aave", "ETH", "ETHUSDT", "fees", "toString"))
    fc.assert(fc.property(word, word, (venue, name) => {
      for (const found of [look(() => positions.balance(venue, name)), look(() => positions.size(venue, name))]) {
        if (Either.isLeft(found)) continue
        assert.isDefined(Account.parse(venue))
        assert.isTrue(Asset.parse(name) !== undefined || Instrument.parse(name) !== undefined)
      }
    }))
  })
})

describe("a script that looks up a position", () => {
  const series = [["price.ETH", "3000"], ["perp.binance.ETH", "3000"], ["funding.binance.ETH", "0"]].map(([name, value]) => ({
    name: name!,
    observations: Array.from({ length: 5 }, (_, n) => ({ at: start + n * day, value: Decimal.unsafe(value!) }))
  }))

  const run = (decide: Script.Script["decide"]) =>
    Backtest.run({ initialBalances: { binance_perp: { USDT: "100000" } }, every: "1 day", decide }, { id: "x" }).pipe(
      Effect.provide(Memory.layer(series))
    )

  it.effect("by the symbol that it traded with finds it", () =>
    Effect.gen(function*() {
      const sizes: Array<string> = []
      const result = yield* run((_, held) => {
        const size = held.size("Binance", "ETHUSDT")
        sizes.push(Amount.format(size))
        return size === 0n
          ? [{ instruction_type: "cex_trade", venue: "binance", trade_type: "perp", side: "buy", symbol: "ETHUSDT", amount: "1" }]
          : []
      })
      assert.deepStrictEqual(sizes, ["0", "1", "1", "1", "1"])
      assert.strictEqual(result.routed, 1)
    }))

  for (const [form, decide] of [
    ["a function", (_: number, held: Positions.Positions) => [void held.size("binance", "ETHUSD?")].flatMap(() => [])],
    ["an effect", (_: number, held: Positions.Positions) => Effect.sync(() => [void held.size("binance", "ETHUSD?")].flatMap(() => []))]
  ] as const) {
    it.effect(`by a name that nobody knows stops as EIM-001: ${form}`, () =>
      Effect.gen(function*() {
        const { error, routed } = yield* run(decide)
        assert.strictEqual(routed, 0)
        assert.strictEqual(error?.code, "EIM-001")
        assert.strictEqual(error?.path, "positions.size(symbol)")
        assert.strictEqual(error?.expected, "a symbol such as \"ETHUSDT\", \"ETH/USDT\" or \"ETHUSDT-PERP\"")
        assert.strictEqual(error?.actual, "\"ETHUSD?\"")
      }))
  }
})
