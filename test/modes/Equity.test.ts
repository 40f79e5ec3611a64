import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Amount, Backtest, Config, Decimal, Timestamp } from "execution-interface-manager"
import type { Result, Script } from "execution-interface-manager"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"

const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
const day = (n: number) => start + n * Timestamp.day

/** A value from the begin, another from the third day on, seen every eight hours. */
const series = (name: string, first: string, then = first) => ({
  name,
  observations: Array.from({ length: 19 }, (_, n) => ({ at: start + n * 8 * Timestamp.hour, value: Decimal.unsafe(n < 9 ? first : then) }))
})

const table = Memory.layer([
  series("price.ETH", "3000", "2500"),
  series("oracle.weETH/ETH", "1.04"),
  series("dex.weETH/ETH", "1.04", "1.02"),
  series("oracle.wstETH/ETH", "1.17"),
  ...["WETH", "weETH"].flatMap((token) => [series(`aave.supply_index.${token}`, "1"), series(`aave.borrow_index.${token}`, "1")])
])

const asking = (protocol: string, action: string, token: string, amount?: string | { readonly output_of: string }, more: object = {}) => ({
  instruction_type: "smart_contract_action",
  protocol,
  action,
  token,
  ...(amount === undefined ? {} : { amount }),
  ...more
})

const run = (wallet: { readonly [token: string]: string }, blocks: ReadonlyArray<readonly [day: number, block: Script.Scheduled["block"]]>) =>
  Backtest.run(
    [...blocks, [6, undefined] as const].map(([n, block]) => ({ timestamp: day(n), triggerSource: "manual" as const, block })),
    {
      id: "equity",
      config: { ...Config.defaults, gas: { price_gwei: "0" } },
      balances: { wallet: Object.fromEntries(Object.entries(wallet).map(([token, amount]) => [token, Amount.unsafe(amount)])) }
    }
  ).pipe(Effect.provide(table))

const valueAt = (result: Result.Result, n: number): Decimal.Decimal =>
  result.value.find(({ at }) => at === day(n))?.value ?? assert.fail(`no value on day ${n}`)

/** Equal but for roundings of contracts and values. */
const near = (actual: Decimal.Decimal, expected: Decimal.Decimal) =>
  assert.isTrue(
    Decimal.compare(Decimal.abs(Decimal.subtract(actual, expected)), Decimal.unsafe("0.000000000001")) < 0,
    `${Decimal.format(actual)} is not ${Decimal.format(expected)}`
  )

const done = (result: Result.Result, routed: number) => {
  assert.isUndefined(result.error)
  assert.deepStrictEqual([result.routed, result.failed, result.unpriced], [routed, 0, []])
}

describe("the value of", () => {
  it.effect("a loan on collateral at morpho is collateral less debt, whatever the price, and interest lowers it", () =>
    Effect.gen(function*() {
      const market = { market: "weETH-WETH-94.5" }
      const result = yield* run({ weETH: "10" }, [[0, {
        instructions: [asking("morpho", "supply_collateral", "weETH", "10", market), asking("morpho", "borrow", "WETH", "9", market)]
      }]])
      done(result, 2)
      assert.deepStrictEqual(Object.keys(result.balances["morpho"]!), ["weETH", "debtWETH"])
      near(result.value[0]!.value, Decimal.unsafe("31200"))
      near(valueAt(result, 0), Decimal.unsafe("31200"))
      const debt = Amount.toDecimal(result.balances["morpho"]!["debtWETH"]!)
      // 9 WETH owed at 4 % for six days.
      assert.isTrue(Decimal.compare(debt, Decimal.unsafe("9.0059")) > 0 && Decimal.compare(debt, Decimal.unsafe("9.006")) < 0)
      // 10 weETH at 1.02 and 9 WETH in the wallet, less the debt, at 2,500.
      near(valueAt(result, 6), Decimal.multiply(Decimal.subtract(Decimal.unsafe("19.2"), debt), Decimal.unsafe("2500")))
    }))

  it.effect("a leveraged position that a flash loan made is what was put into it", () =>
    Effect.gen(function*() {
      const result = yield* run({ ETH: "3" }, [[0, {
        execution_mode: "atomic",
        instructions: [
          asking("morpho", "flash_borrow", "WETH", "10", { operation_id: "loan" }),
          asking("wallet", "unwrap", "WETH", "10"),
          asking("etherfi", "stake", "ETH", "13", { operation_id: "stake", token_out: "weETH" }),
          asking("aave", "supply", "weETH", { output_of: "stake" }),
          asking("aave", "borrow", "WETH", "10"),
          asking("morpho", "flash_repay", "WETH", { output_of: "loan" })
        ]
      }]])
      done(result, 6)
      assert.deepStrictEqual(Object.keys(result.balances), ["aave"])
      near(valueAt(result, 0), Decimal.unsafe("9000"))
      // 12.5 weETH that the market pays 1.02 for, less 10 WETH.
      near(valueAt(result, 6), Decimal.unsafe("6875"))
    }))

  it.effect("a ticket is the ether that it will pay", () =>
    Effect.gen(function*() {
      const queued = yield* run({ ETH: "3" }, [
        [0, { instructions: [asking("lido", "stake", "ETH", "2"), asking("lido", "unstake", "stETH", "1.5"), asking("etherfi", "stake", "ETH", "1"), asking("etherfi", "unstake", "eETH", "0.75")] }],
        [4, asking("lido", "claim", "ETH")]
      ])
      done(queued, 5)
      assert.strictEqual(queued.balances["etherfi"]!["ticketETH"], Amount.unsafe("0.75"))
      assert.isUndefined(queued.balances["lido"])
      near(valueAt(queued, 0), Decimal.unsafe("9000"))
      for (const n of [3, 4, 6]) near(valueAt(queued, n), Decimal.unsafe("7500"))
    }))
})
