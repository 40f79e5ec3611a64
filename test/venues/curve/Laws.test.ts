import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "../../../src/domain/Amount.js"
import * as Asset from "../../../src/domain/Asset.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Entry from "../../../src/domain/Entry.js"
import type * as MarketSnapshot from "../../../src/domain/MarketSnapshot.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as Gas from "../../../src/sim/Gas.js"
import * as World from "../../../src/sim/World.js"
import * as Config from "../../../src/venues/curve/Config.js"
import * as Market from "../../../src/venues/curve/Market.js"
import * as Curve from "../../../src/venues/curve/Simulated.js"

const hours = 12

/** Rates of the shares and what the market pays for them, an observation an hour. */
const markets = FastCheck.array(
  FastCheck.record({
    growth: FastCheck.bigInt({ min: 0n, max: 10n ** 14n }),
    weeth: FastCheck.bigInt({ min: 994_000n, max: 1_002_000n }),
    steth: FastCheck.bigInt({ min: 990_000n, max: 1_002_000n })
  }),
  { minLength: hours, maxLength: hours }
).map((steps) => {
  let rate = 104n * 10n ** 16n
  const rows = steps.map(({ growth, steth, weeth }): { readonly [series: string]: bigint } => {
    rate += growth
    return {
      "oracle.weETH/ETH": rate,
      "dex.weETH/ETH": (rate * weeth) / 1_000_000n,
      "oracle.wstETH/ETH": rate + 10n ** 17n,
      "dex.wstETH/ETH": ((rate + 10n ** 17n) * steth) / 1_000_000n
    }
  })
  return (at: Timestamp.Timestamp): MarketSnapshot.MarketSnapshot => {
    const hour = Math.floor(at / Timestamp.hour)
    return {
      at,
      observe: (series) => {
        const value = rows[hour]?.[series]
        return value === undefined ? undefined : { at: hour * Timestamp.hour, value: Decimal.make(value, 18) }
      },
      since: () => [],
      has: () => true,
      maxAge: () => Timestamp.day,
      step: () => Timestamp.hour,
      staleFills: () => false
    }
  }
})

const pairs = [["weETH", "WETH"], ["WETH", "weETH"], ["ETH", "stETH"], ["stETH", "ETH"], ["DAI", "USDC"], ["USDT", "DAI"], ["USDC", "USDT"]] as const

const steps = FastCheck.array(
  FastCheck.record({
    minutes: FastCheck.integer({ min: 0, max: 90 }),
    pair: FastCheck.constantFrom(...pairs),
    exactOut: FastCheck.boolean(),
    amount: FastCheck.oneof(
      FastCheck.bigInt({ min: 1n, max: 400n * Amount.unit }),
      FastCheck.bigInt({ min: 1n, max: 10n ** 13n }),
      FastCheck.constant("max" as const)
    ),
    bound: FastCheck.option(FastCheck.bigInt({ min: 990n, max: 1_001n }), { nil: undefined })
  }),
  { minLength: 5, maxLength: 15 }
)

const purse = Object.entries({ ETH: 900n, WETH: 800n, weETH: 700n, stETH: 600n, DAI: 50_000n, USDC: 60_000n, USDT: 70_000n })

const opened = Either.getOrThrow(
  World.post(World.empty(0), purse.flatMap(([token, whole]) => Entry.move("opening:balance", "wallet:wallet", token, whole * Amount.unit, "opening")))
)

const gas = Gas.make({ priceGwei: Decimal.make(10n, 0) })

const at = (minutes: number) => Math.min(minutes * 60_000, hours * Timestamp.hour - 1)

for (const impact of [true, false]) {
  const settings = Config.resolve({ pools: { "3pool": { impact }, steth: { impact }, weeth: { impact } } })
  const contract = Curve.contract(settings, gas)
  const poolOf = (token: string, out: string) => settings.pools.find(({ coins }) => coins.includes(token) && coins.includes(out))!

  describe(`curve ${impact ? "with" : "without"} impact, over random swaps and time`, () => {
    it.prop("keeps its books, holds its bounds, and gives no more than its price", [markets, steps], ([snapshotAt, steps]) => {
      let world = opened
      let minutes = 0
      for (const { amount, bound, exactOut, minutes: passed, pair: [token, out] } of steps) {
        minutes += passed
        const snapshot = snapshotAt(at(minutes))
        const pool = poolOf(token, out)
        const market = Either.getOrThrow(Market.open(pool, Market.slot.get(world), snapshot))
        const side = Either.getOrThrow(Market.side(market, pool.coins.indexOf(token), pool.coins.indexOf(out)))
        const worst = bound === undefined ? undefined : Decimal.multiply(side.mid, Decimal.make(bound, 3))
        const quantity = exactOut && amount === "max" ? Amount.unit : amount
        const prepared = contract.prepare({
          operationId: "x",
          at: snapshot.at,
          bound: worst,
          instruction: {
            instructionType: "smart_contract_action",
            protocol: { venue: "curve", sub: undefined },
            action: "swap",
            token,
            tokenOut: out,
            amount: quantity,
            swapType: exactOut ? "exact_out" : "exact_in"
          }
        })
        if (Either.isLeft(prepared)) {
          assert.strictEqual(prepared.left.reason, "invalid")
          continue
        }
        const stepped = prepared.right.run(world, snapshot)
        assert.deepStrictEqual(prepared.right.run(world, snapshot), stepped)
        if (Either.isLeft(stepped)) {
          assert.include(["price", "limit", "insufficient_balance"], stepped.left.reason)
          continue
        }
        const { value, world: after } = stepped.right
        const change = (asset: string) => World.balance(after, "wallet:wallet", asset) - World.balance(world, "wallet:wallet", asset)
        const line = (account: string, asset: string) =>
          value.entries.reduce((sum, entry) => (entry.account === account && entry.asset === asset ? sum + entry.amount : sum), 0n)
        const [paid, got] = [-change(token), change(out)]
        assert.deepStrictEqual(Entry.imbalance(value.entries), [])
        for (const asset of [token, out]) {
          assert.strictEqual(World.balance(after, "wallet:wallet", asset) % Amount.quantumOf(Asset.decimals(asset)), 0n)
        }
        const fee = line("fees:curve", out)
        const left = line("rounding:curve", out)
        assert.strictEqual(value.costs.reduce((sum, cost) => sum + cost.amount, 0n), fee)
        assert.isTrue(paid > 0n && got > 0n && fee >= 0n && left >= 0n && left <= Amount.quantumOf(Asset.decimals(out)) + 1n)
        assert.strictEqual(got + fee + left, -line("market:curve", out))
        // Nothing comes out beyond the price on arrival, and what does is not less than was relied on.
        assert.isTrue(got + fee <= Amount.times(paid, side.mid, 1n, "up") + 1n)
        assert.isTrue(value.slippage!.amount >= -1n)
        if (!impact && pool.priceFrom === "data") assert.isTrue(value.slippage!.amount <= 1n)
        if (exactOut && typeof quantity === "bigint") assert.isTrue(got >= quantity && value.output!.amount >= quantity)
        if (!exactOut && typeof quantity === "bigint") assert.isTrue(paid <= quantity)
        if (value.output !== undefined) assert.isTrue(value.output.amount <= got)
        if (worst !== undefined) {
          const net = Decimal.multiply(worst, Decimal.subtract(Decimal.one, side.feeRate))
          assert.isTrue(got >= Amount.times(paid, net, 1n, "up"))
        }
        world = after
      }
      const sums = new Map<string, bigint>()
      for (const held of World.holdings(world)) sums.set(held.asset, (sums.get(held.asset) ?? 0n) + held.amount)
      assert.isTrue([...sums.values()].every((sum) => sum === 0n))
      if (!impact) assert.strictEqual(Market.slot.get(world).pools.size, 0)
    }, { fastCheck: { numRuns: 40 } })

    it.prop("shows the market rate again with every observation, whatever was swapped before", [
      markets,
      FastCheck.bigInt({ min: 1n, max: 300n * Amount.unit })
    ], ([snapshotAt, amount]) => {
      const instruction = {
        instructionType: "smart_contract_action" as const,
        protocol: { venue: "curve", sub: undefined },
        action: "swap" as const,
        token: "weETH",
        tokenOut: "WETH",
        amount
      }
      const run = Either.getOrThrow(contract.prepare({ operationId: "x", at: 0, instruction })).run(opened, snapshotAt(0))
      const state = Market.slot.get(Either.isRight(run) ? run.right.world : opened)
      for (let hour = 1; hour < hours; hour++) {
        const snapshot = snapshotAt(hour * Timestamp.hour)
        const market = Either.getOrThrow(Market.open(poolOf("weETH", "WETH"), state, snapshot))
        const { mid } = Either.getOrThrow(Market.side(market, 1, 0))
        const off = Decimal.abs(Decimal.subtract(mid, snapshot.observe("dex.weETH/ETH")!.value))
        assert.isTrue(Decimal.compare(off, Decimal.make(10n, 18)) <= 0, Decimal.format(off))
      }
    }, { fastCheck: { numRuns: 20 } })
  })
}
