import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Amount, Backtest, Config, Decimal, Timestamp } from "execution-interface-manager"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"

const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
const hour = (n: number) => start + n * Timestamp.hour

const series = (name: string, values: { readonly [hour: number]: string }) => ({
  name,
  observations: Object.entries(values).map(([n, value]) => ({ at: hour(Number(n)), value: Decimal.unsafe(value) }))
})

const prices = { 0: "3000", 8: "3300", 16: "3300" }

const data = Memory.layer([
  series("price.ETH", prices),
  series("perp.bybit.ETH", prices),
  series("funding.bybit.ETH", { 0: "0.0001", 8: "0.0001", 16: "0.0001" })
])

const order = (side: "buy" | "sell", more: object = {}) => ({
  instruction_type: "cex_trade" as const,
  venue: "bybit",
  trade_type: "perp" as const,
  side,
  symbol: "ETHUSDT",
  amount: "10",
  ...more
})

describe("a run of a unified account", () => {
  it.effect("unwinds a hedge on borrowed money: the debt is in balances and value, its interest in the costs", () =>
    Effect.gen(function*() {
      const blocks = [[0, order("sell")], [8, order("buy", { reduce_only: true })], [16, undefined]] as const
      const result = yield* Backtest.run(
        blocks.map(([n, block]) => ({ timestamp: hour(n), triggerSource: "manual" as const, block })),
        {
          id: "unified",
          config: Config.defaults,
          balances: { bybit: { ETH: Amount.unsafe("10"), USDT: Amount.unsafe("30") } }
        }
      )
      assert.isUndefined(result.error)
      assert.deepStrictEqual([result.routed, result.failed, result.unpriced], [2, 0, []])
      const at = (n: number) => Decimal.format(result.value.find(({ at }) => at === hour(n))!.value)
      // 30 − 16.494665 + 3.3 − 3020.5 − 18.15594 are −3021.850605 of USDT.
      assert.strictEqual(at(8), "29978.149395")
      const interest = result.costs.filter(({ kind }) => kind === "interest")
      assert.deepStrictEqual(interest.map(({ asset }) => asset), ["USDT"])
      const paid = interest[0]!.amount
      // Eight hours at 10 % a year: 3021.850605 × ((1 + 0.1 / 8760)^8 − 1) is 0.27597912, and roundings up.
      assert.isTrue(paid > Amount.unsafe("0.275979") && paid < Amount.unsafe("0.2759793"), Amount.format(paid))
      assert.deepStrictEqual(result.balances["bybit"], {
        ETH: Amount.unsafe("10"),
        USDT: Amount.unsafe("-3021.850605") - paid
      })
      assert.strictEqual(at(16), Decimal.format(Decimal.subtract(Decimal.unsafe("29978.149395"), Amount.toDecimal(paid))))
    }).pipe(Effect.provide(data)))
})
