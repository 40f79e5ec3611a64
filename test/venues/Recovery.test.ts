import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Table from "../../src/data/Table.js"
import * as Amount from "../../src/domain/Amount.js"
import * as Asset from "../../src/domain/Asset.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Entry from "../../src/domain/Entry.js"
import * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import type * as Contract from "../../src/sim/Contract.js"
import * as Gas from "../../src/sim/Gas.js"
import * as Recovery from "../../src/sim/Recovery.js"
import type * as Refusal from "../../src/sim/Refusal.js"
import * as World from "../../src/sim/World.js"
import * as CurveConfig from "../../src/venues/curve/Config.js"
import * as Curve from "../../src/venues/curve/Simulated.js"
import * as UniswapConfig from "../../src/venues/uniswap/Config.js"
import * as Uniswap from "../../src/venues/uniswap/Simulated.js"

const begin = Timestamp.unsafe("2024-06-01T00:00:00Z")
const minute = 60_000

/** Every minute of an hour; the prices are those of the first half, then those of the second. */
const minutes = (name: string, first: string, second = first, missing: ReadonlyArray<number> = []): Table.Series => ({
  name,
  observations: Array.from({ length: 61 }, (_, n) => n).filter((n) => !missing.includes(n)).map((n) => ({
    at: begin + n * minute,
    value: Decimal.unsafe(n < 30 ? first : second)
  }))
})

const data = (second: { readonly WETH?: string; readonly weETH?: string } = {}) => [
  minutes("dex.uniswap.WETH/USDT", "3000", second.WETH),
  minutes("dex.weETH/ETH", "1.0389", second.weETH),
  minutes("dex.wstETH/ETH", "1.1699"),
  minutes("oracle.weETH/ETH", "1.04"),
  minutes("oracle.wstETH/ETH", "1.17")
]

const snapshots = (series: ReadonlyArray<Table.Series>) => {
  const table = Either.getOrThrow(Table.fromSeries(series))
  return (ms: number) => Table.snapshot(table, begin + ms, MarketSnapshot.defaultMaxAge)
}

const opened = Either.getOrThrow(World.post(
  World.empty(begin),
  ["WETH", "USDT", "weETH", "stETH", "ETH"].flatMap((token) =>
    Entry.move("opening:balance", "wallet:wallet", token, 10n ** 12n * Amount.unit, "opening"))
))

const gas = Gas.make({ priceGwei: Decimal.make(10n, 0) })
const uniswap = (config: typeof UniswapConfig.Config.Encoded = {}) =>
  Uniswap.contract(UniswapConfig.resolve(Schema.decodeSync(UniswapConfig.Config)(config)))
const curve = (config: typeof CurveConfig.Config.Encoded = {}) =>
  Curve.contract(CurveConfig.resolve(Schema.decodeSync(CurveConfig.Config)(config)), gas)

interface Swap {
  readonly ms: number
  readonly token: string
  readonly out: string
  readonly amount: Amount.Amount
  readonly exactOut?: boolean
  readonly pool?: string | undefined
}

type Snapshots = ReturnType<typeof snapshots>

const swap = (
  contract: Contract.Contract,
  world: World.World,
  at: Snapshots,
  { amount, exactOut, ms, out, pool, token }: Swap
): Either.Either<Contract.Stepped, Refusal.Refusal> =>
  Either.flatMap(
    contract.prepare({
      operationId: "x",
      at: begin + ms,
      bound: undefined,
      instruction: {
        instructionType: "smart_contract_action",
        protocol: { venue: contract.venue, sub: undefined },
        action: "swap",
        token,
        tokenOut: out,
        amount,
        swapType: exactOut === true ? "exact_out" : "exact_in",
        ...(pool === undefined ? {} : { market: pool })
      }
    }),
    (step) => step.run(world, at(ms))
  )

/** Swaps one after the other, without those that are refused. */
const run = (contract: Contract.Contract, at: Snapshots, swaps: ReadonlyArray<Swap>, from = opened) => {
  let world = from
  let done = 0n
  for (const one of swaps) {
    const stepped = swap(contract, world, at, one)
    if (Either.isLeft(stepped)) continue
    world = stepped.right.world
    done += one.amount
  }
  return { world, done }
}

const change = (world: World.World, token: string) =>
  World.balance(world, "wallet:wallet", token) - World.balance(opened, "wallet:wallet", token)

const venues = [
  { name: "uniswap, whichever pool", contract: uniswap(), pair: ["WETH", "USDT"], pool: undefined, most: 400n },
  { name: "uniswap, a named pool", contract: uniswap(), pair: ["WETH", "USDT"], pool: "WETH-USDT-3000", most: 400n },
  {
    name: "uniswap, across ticks",
    contract: uniswap({
      pools: [{
        token0: "WETH",
        token1: "USDT",
        fee_tier: 3000,
        liquidity: "100000000000000000",
        ticks: [{ tick: -196_320, liquidity_net: "900000000000000000" }, { tick: -196_200, liquidity_net: "-900000000000000000" }]
      }]
    }),
    pair: ["WETH", "USDT"],
    pool: "WETH-USDT-3000",
    most: 400n
  },
  { name: "curve, a fee that rises", contract: curve(), pair: ["weETH", "WETH"], pool: "weeth", most: 900n },
  { name: "curve, one fee", contract: curve(), pair: ["stETH", "ETH"], pool: "steth", most: 5000n },
  {
    name: "curve, a fee that rises much",
    contract: curve({ pools: { weeth: { fee: "0.001", offpeg_fee_multiplier: "20", admin_fee: "0" } } }),
    pair: ["weETH", "WETH"],
    pool: "weeth",
    most: 900n
  },
  { name: "curve, no fee", contract: curve({ pools: { steth: { fee: "0" } } }), pair: ["stETH", "ETH"], pool: "steth", most: 5000n }
] as const

const parts = FastCheck.array(
  FastCheck.record({ size: FastCheck.bigInt({ min: 1n, max: 10n ** 6n }), ms: FastCheck.integer({ min: 0, max: 1_799_999 }) }),
  { minLength: 2, maxLength: 7 }
)

describe("a pool that follows the data", () => {
  for (const { contract, most, name, pair: [first, second], pool } of venues) {
    it.prop(`pays no split within the time of recovery more than the whole: ${name}`, {
      parts,
      back: FastCheck.boolean(),
      together: FastCheck.boolean(),
      exactOut: FastCheck.boolean()
    }, ({ back, exactOut, parts, together }) => {
      const [token, out] = back ? [second, first] : [first, second]
      const counted = exactOut ? out : token
      const unit = counted === "USDT" ? 3000n * most : most
      const at = snapshots(data())
      const each = [...parts].sort((a, b) => a.ms - b.ms).map(({ ms, size }): Swap => ({
        ms: together ? 0 : ms,
        token,
        out,
        pool,
        exactOut,
        amount: Amount.quantize((size * unit * Amount.unit) / 10n ** 6n, Amount.quantumOf(Asset.decimals(counted)), "down")
      }))
      const split = run(contract, at, each)
      if (split.done === 0n) return
      const whole = run(contract, at, [{ ...each[0]!, ms: 0, amount: split.done }])
      assert.strictEqual(whole.done, split.done, "the whole is refused and its parts are not")
      if (exactOut) assert.isTrue(change(split.world, token) <= change(whole.world, token))
      else {
        assert.strictEqual(change(split.world, token), change(whole.world, token))
        assert.isTrue(change(split.world, out) <= change(whole.world, out), `${change(split.world, out) - change(whole.world, out)}`)
      }
    }, { fastCheck: { numRuns: 40 } })

    it.prop(`gives nothing for a loop at one instant, whatever was swapped before: ${name}`, {
      before: parts,
      sides: FastCheck.array(FastCheck.boolean(), { minLength: 7, maxLength: 7 }),
      amount: FastCheck.bigInt({ min: 10n ** 3n, max: 10n ** 6n }),
      back: FastCheck.boolean()
    }, ({ amount, back, before, sides }) => {
      const at = snapshots(data())
      const sized = (size: bigint, token: string) =>
        Amount.quantize((size * (token === "USDT" ? 3000n : 1n) * most * Amount.unit) / 10n ** 6n, Amount.quantumOf(Asset.decimals(token)), "down")
      const moved = run(contract, at, [...before].sort((a, b) => a.ms - b.ms).map(({ ms, size }, n): Swap => {
        const [token, out] = sides[n]! ? [first, second] : [second, first]
        return { ms, token, out, pool, amount: sized(size, token) }
      })).world
      const [token, out] = back ? [second, first] : [first, second]
      const there = swap(contract, moved, at, { ms: 1_799_999, token, out, pool, amount: sized(amount, token) })
      if (Either.isLeft(there)) return
      const got = World.balance(there.right.world, "wallet:wallet", out) - World.balance(moved, "wallet:wallet", out)
      const again = swap(contract, there.right.world, at, { ms: 1_799_999, token: out, out: token, pool, amount: got })
      if (Either.isLeft(again)) return
      assert.isTrue(World.balance(again.right.world, "wallet:wallet", token) <= World.balance(moved, "wallet:wallet", token))
    }, { fastCheck: { numRuns: 40 } })

    it(`has recovered after the time that is stated, and moves with the data until then: ${name}`, () => {
      const amount = (most / 2n) * Amount.unit
      const rises = snapshots(data({ WETH: "3300", weETH: "1.0399" }))
      const price = (from: World.World, ms: number) => {
        const { world } = run(contract, rises, [{ ms, token: first, out: second, pool, amount }], from)
        return World.balance(world, "wallet:wallet", second) - World.balance(from, "wallet:wallet", second)
      }
      const sold = run(contract, rises, [{ ms: 29 * minute, token: first, out: second, pool, amount }]).world
      // At the second price, with the first sale in the pool, and without it.
      assert.isTrue(price(sold, 30 * minute) < price(opened, 30 * minute))
      assert.isTrue(price(sold, 59 * minute - 1) < price(opened, 59 * minute - 1))
      assert.strictEqual(price(sold, 59 * minute), price(opened, 59 * minute))
      if (first !== "stETH") assert.isTrue(price(opened, 30 * minute) > price(opened, 29 * minute))
    })
  }

  it("remembers as long as is set, and nothing where that is 0", () => {
    const at = snapshots(data())
    const twice = (contract: Contract.Contract, [token, out]: readonly [string, string], pool: string, ms: number) => {
      const one = { token, out, pool, amount: 100n * Amount.unit }
      const first = run(contract, at, [{ ...one, ms: 0 }]).world
      const both = run(contract, at, [{ ...one, ms }], first).world
      return change(both, out) === 2n * change(first, out)
    }
    const eth = ["WETH", "USDT"] as const
    for (
      const [contract, pair, pool] of [
        [uniswap({ impact_recovery_seconds: 60 }), eth, "WETH-USDT-500"],
        [uniswap({ pools: [{ token0: "WETH", token1: "USDT", fee_tier: 500, impact_recovery_seconds: 60 }] }), eth, "WETH-USDT-500"],
        [curve({ impact_recovery_seconds: 60 }), ["weETH", "WETH"], "weeth"],
        [curve({ pools: { weeth: { impact_recovery_seconds: 60 } } }), ["weETH", "WETH"], "weeth"]
      ] as const
    ) {
      assert.isFalse(twice(contract, pair, pool, 59_999))
      assert.isTrue(twice(contract, pair, pool, 60_000))
    }
    assert.isTrue(twice(uniswap({ impact_recovery_seconds: 0 }), eth, "WETH-USDT-500", 0))
    assert.isTrue(twice(curve({ impact_recovery_seconds: 0 }), ["weETH", "WETH"], "weeth", 0))
  })

  it("refuses a swap at an observation of an earlier step", () => {
    const missing = [50, 51, 52]
    const at = snapshots([
      minutes("dex.uniswap.WETH/USDT", "3000", "3000", missing),
      minutes("dex.weETH/ETH", "1.0389", "1.0389", missing),
      minutes("oracle.weETH/ETH", "1.04")
    ])
    for (const [contract, token, out, name] of [[uniswap(), "WETH", "USDT", "dex.uniswap.WETH/USDT"], [curve(), "weETH", "WETH", "dex.weETH/ETH"]] as const) {
      for (const [ms, fills] of [[49.9 * minute, true], [50 * minute, false], [52.5 * minute, false], [53 * minute, true]] as const) {
        const swapped = swap(contract, opened, at, { ms, token, out, amount: Amount.unit })
        assert.strictEqual(Either.isRight(swapped), fills)
        if (Either.isLeft(swapped)) {
          assert.strictEqual(swapped.left.reason, "market_data")
          assert.include(swapped.left.message, `series ${name} at`)
          assert.include(swapped.left.message, "the step of the series is 1 min")
        }
      }
    }
  })
})

describe("a flow", () => {
  const flow = (...swaps: ReadonlyArray<readonly [at: number, coin: number, units: bigint, out: bigint]>) =>
    swaps.reduce((before, [at, coin, units, out]) => Recovery.swapped(Recovery.flowAt(before, at, 100), at, { coin, units, out }), Recovery.still)

  it("is taken back by swaps the other way, the oldest part first, and goes no further", () => {
    assert.deepStrictEqual(flow([0, 0, 10n, 5n], [0, 0, 10n, 4n], [7, 0, 10n, 3n]), {
      coin: 0,
      parts: [{ at: 0, units: 20n, out: 9n }, { at: 7, units: 10n, out: 3n }]
    })
    assert.deepStrictEqual(flow([0, 0, 10n, 5n], [7, 0, 10n, 3n], [9, 1, 8n, 12n]), { coin: 0, parts: [{ at: 7, units: 8n, out: undefined }] })
    assert.deepStrictEqual(flow([0, 0, 10n, 5n], [9, 1, 5n, 10n]).parts, [])
    // Of 5 units in, 12 came out: 2 of them beyond what was put in, for which 5/6 was paid, up.
    assert.deepStrictEqual(flow([0, 0, 10n, 5n], [9, 1, 5n, 12n]), { coin: 1, parts: [{ at: 9, units: 1n, out: undefined }] })
    assert.deepStrictEqual(flow([0, 0, 10n, 5n], [100, 1, 5n, 10n]), { coin: 1, parts: [{ at: 100, units: 5n, out: 10n }] })
  })
})
