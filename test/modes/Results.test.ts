import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { Amount, Backtest, Decimal, Result, Timestamp } from "execution-interface-manager"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"

const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
const hours = (n: number) => start + n * Timestamp.hour
const series = (name: string, values: { readonly [hour: number]: string }) => ({
  name,
  observations: Object.entries(values).map(([hour, value]) => ({ at: hours(Number(hour)), value: Decimal.unsafe(value) }))
})
const every = (value: string, from = 0, to = 6) => Object.fromEntries(Array.from({ length: to - from + 1 }, (_, n) => [from + n, value]))

const trade = (trade_type: string, side: string, amount: string, symbol = "ETHUSDT") => ({
  instruction_type: "cex_trade", venue: "binance", trade_type, side, symbol, amount
})
const transfer = (from_venue: string, to_venue: string, amount: string) => ({
  instruction_type: "wallet_transfer", from_venue, to_venue, token: "USDT", amount
})
const block = (hour: number, ...instructions: ReadonlyArray<unknown>) => ({
  timestamp: hours(hour),
  triggerSource: "manual" as const,
  block: { block_id: `b${hour}`, instructions } as never
})
const idle = (hour: number) => ({ timestamp: hours(hour), triggerSource: "manual" as const, block: undefined })

const market = [series("price.ETH", every("3000")), series("perp.binance.ETH", every("3000")), series("funding.binance.ETH", every("0")), series("gas.ethereum.gwei", every("10"))]

const run = (
  blocks: ReadonlyArray<ReturnType<typeof block> | ReturnType<typeof idle>>,
  balances: Backtest.RunOptions["balances"],
  options: { readonly data?: typeof market; readonly from?: number; readonly to?: number } = {}
) =>
  Backtest.run(blocks, { id: "r", balances, from: options.from, to: options.to }).pipe(
    Effect.provide(Memory.layer(options.data ?? market))
  )

const touched = (result: Result.Result) =>
  result.assumptions.filter((one) => one.touched).map(({ subject, venue }) => `${venue} ${subject}`)

describe("the assumptions that a run depends on", () => {
  const usdt = (amount: string) => ({ USDT: Amount.unsafe(amount) })

  it.effect("are those of what it traded", () =>
    Effect.gen(function*() {
      const spot = touched(yield* run([block(0, trade("spot", "buy", "1")), idle(3)], { binance: usdt("5000") }))
      const perp = touched(yield* run([block(0, trade("perp", "buy", "1")), idle(3)], { binance_perp: usdt("5000") }))
      for (const subject of ["fees", "slippage", "volume limit"]) {
        assert.include(spot, `binance spot ${subject}`)
        assert.notInclude(spot, `binance perp ${subject}`)
        assert.include(perp, `binance perp ${subject}`)
        assert.notInclude(perp, `binance spot ${subject}`)
      }
      assert.include(perp, "binance leverage")
      assert.notInclude(spot, "binance leverage")
      assert.notInclude(perp, "binance insurance fund")
      for (const one of [...spot, ...perp]) assert.match(one, /^binance /)
    }))

  it.effect("are those of the token and the network that were transferred, and of gas where it was paid", () =>
    Effect.gen(function*() {
      const sent = touched(yield* run([block(0, transfer("wallet", "binance", "100")), idle(3)], {
        wallet: { USDT: Amount.unsafe("100"), ETH: Amount.unsafe("1") }
      }))
      for (const one of ["binance transfers of USDT on ethereum", "wallet travel time of a transfer", "wallet gas price"]) assert.include(sent, one)
      for (const one of ["binance transfers of USDT on arbitrum", "binance transfers of ETH on ethereum", "wallet gas tank"]) assert.notInclude(sent, one)
      const advanced = touched(yield* run([block(0, transfer("wallet", "binance", "100")), idle(3)], { wallet: usdt("100") }))
      assert.include(advanced, "wallet gas tank")
    }))

  it.effect("are none where nothing was done", () =>
    Effect.gen(function*() {
      const { assumptions } = yield* run([idle(0), idle(3)], { wallet: usdt("100") })
      assert.isAbove(assumptions.length, 100)
      assert.isTrue(assumptions.every((one) => !one.touched))
    }))

  it.effect("of a liquidation where there was one", () =>
    Effect.gen(function*() {
      const result = yield* run([block(0, trade("perp", "buy", "1")), idle(6)], { binance_perp: usdt("200") }, {
        data: [series("price.ETH", every("3000")), series("perp.binance.ETH", { ...every("3000"), 4: "2700" }), series("funding.binance.ETH", every("0"))]
      })
      assert.deepStrictEqual(result.liquidations.map(({ at }) => at), [hours(4)])
      for (const one of ["binance insurance fund", "binance liquidation fee"]) assert.include(touched(result), one)
    }))
})

describe("value over time", () => {
  const prices = fc.array(fc.integer({ min: 10, max: 9999 }), { minLength: 7, maxLength: 7 })

  it.effect.prop("is one for each instant, the last of them the final one, and what is paid at the first counts", [prices, fc.integer({ min: 0, max: 5 })], ([all, count]) =>
    Effect.gen(function*() {
      const blocks = Array.from({ length: count }, (_, n) => block(0, trade("spot", n % 2 === 0 ? "buy" : "sell", "1")))
        .map((one, n) => ({ ...one, block: { ...(one.block as object), block_id: `b${n}` } as never }))
      const result = yield* run([idle(0), ...blocks, idle(6)], { binance: { USDT: Amount.unsafe("100000"), ETH: Amount.unsafe("5") } }, {
        data: [series("price.ETH", Object.fromEntries(all.map((price, hour) => [hour, String(price)])))]
      })
      const instants = result.value.map(({ at }) => at)
      assert.deepStrictEqual(instants, [0, 1, 2, 3, 4, 5, 6].map(hours))
      const changed = Result.change(result)!
      assert.strictEqual(changed.final, result.value.at(-1))
      assert.deepStrictEqual(changed.initial.value, result.initial)
      // Before anything is done: 5 ETH at the first price.
      assert.strictEqual(Decimal.compare(result.initial!, Decimal.make(BigInt(100_000 + 5 * all[0]!), 0)), 0)
      if (result.routed > 0) assert.isTrue(Decimal.compare(result.value[0]!.value, result.initial!) < 0)
      else assert.strictEqual(Decimal.compare(result.value[0]!.value, result.initial!), 0)
      const { value } = Result.toJson(result) as { readonly value: { readonly final: string; readonly series: ReadonlyArray<readonly [string, string]> } }
      assert.strictEqual(value.series.at(-1)![1], value.final)
    }), { fastCheck: { numRuns: 25 } })

  it.effect("has none before something that is held has its first price, nor after its last", () =>
    Effect.gen(function*() {
      const held = { binance: { USDT: Amount.unsafe("100"), ETH: Amount.unsafe("1") } }
      const late = yield* run([idle(0), idle(6)], held, { data: [series("price.ETH", every("3000", 2)), series("price.BTC", every("60000"))] })
      assert.isUndefined(late.initial)
      assert.deepStrictEqual(late.value.map(({ at }) => at), [2, 3, 4, 5, 6].map(hours))
      // The ether did not fall from the sky: there is no gain.
      assert.strictEqual(Result.change(late)!.change.value, 0n)
      assert.strictEqual(Result.change(late)!.initial.at, hours(2))
      const json = Result.toJson(late) as { readonly value: { readonly from: string; readonly initial: string } }
      assert.deepInclude(json.value, { from: "2024-06-01T02:00:00Z", initial: "3100" })
    }))

  it.effect("leaves out what no series prices, and says so", () =>
    Effect.gen(function*() {
      const result = yield* run([idle(0), idle(6)], { binance: { USDT: Amount.unsafe("100"), FOO: Amount.unsafe("7") } })
      assert.deepStrictEqual(result.unpriced, ["FOO"])
      assert.isTrue(result.value.every(({ value }) => Decimal.compare(value, Decimal.make(100n, 0)) === 0))
    }))

  it.effect("is null where there is none at any instant", () =>
    Effect.gen(function*() {
      const { value } = Result.toJson({ ...(yield* run([idle(0)], {})), initial: undefined, value: [] }) as { readonly value: object }
      assert.deepInclude(value, { initial: null, final: null, change: null, from: null, to: null })
    }))
})

describe("the period", () => {
  const from = fc.integer({ min: -10, max: 16 })

  it.effect.prop("is what was asked for as far as there are data, or refused", [from, from], ([first, last]) =>
    Effect.gen(function*() {
      const script = { decide: () => [] }
      const ran = yield* Effect.either(
        Backtest.run(script, { id: "r", balances: {}, from: hours(first), to: hours(last) }).pipe(Effect.provide(Memory.layer(market)))
      )
      if (first > last || last < 0 || first > 6) {
        assert.strictEqual(ran._tag, "Left")
        return
      }
      if (ran._tag === "Left") return assert.fail(String(ran.left))
      assert.deepStrictEqual([ran.right.from, ran.right.to], [hours(Math.max(0, first)), hours(Math.min(6, last))])
      assert.deepStrictEqual(ran.right.requested, { from: hours(first), to: hours(last) })
    }), { fastCheck: { numRuns: 60 } })

  it.effect("reaches to the blocks of a file, also beyond the data", () =>
    Effect.gen(function*() {
      const result = yield* run([idle(0), idle(20)], {}, { to: hours(30) })
      assert.deepStrictEqual([result.from, result.to, result.requested], [hours(0), hours(20), { from: undefined, to: hours(30) }])
    }))
})
