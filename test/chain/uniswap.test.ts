import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Pool from "../../src/venues/uniswap/Pool.js"
import * as Router from "../../src/venues/uniswap/Router.js"
import * as TickMath from "../../src/venues/uniswap/TickMath.js"
import type * as Ticks from "../../src/venues/uniswap/Ticks.js"
import * as Anvil from "./Anvil.js"
import * as Uniswap from "./UniswapDeploy.js"

const spacings: ReadonlyArray<readonly [fee: number, spacing: number]> = [[100, 1], [500, 10], [3000, 60], [10_000, 200]]

/** From 1 to 10^`most`, every order of size from 10^`least` on as likely. */
const sized = (least: number, most: number) =>
  FastCheck.integer({ min: least, max: most }).chain((digits) => FastCheck.bigInt({ min: 1n, max: 10n ** BigInt(digits) }))

/** Distances of a position's ends from the price, in spacings; both on one side at times, and the whole range. */
const place = FastCheck.oneof(
  { weight: 8, arbitrary: FastCheck.tuple(FastCheck.integer({ min: -400, max: 400 }), FastCheck.integer({ min: 1, max: 500 })) },
  { weight: 2, arbitrary: FastCheck.constant(undefined) }
)

const scenario = FastCheck.record({
  terms: FastCheck.constantFrom(...spacings, ...spacings.slice(1), ...spacings.slice(1)),
  tick: FastCheck.oneof(
    { weight: 4, arbitrary: FastCheck.integer({ min: -100_000, max: 100_000 }) },
    { weight: 1, arbitrary: FastCheck.integer({ min: -880_000, max: 880_000 }) }
  ),
  /** Where in its tick the price begins. */
  within: FastCheck.integer({ min: 0, max: 999 }),
  positions: FastCheck.array(FastCheck.record({ place, amount: sized(18, 26) }), { minLength: 2, maxLength: 8 }),
  swaps: FastCheck.array(
    FastCheck.record({
      zeroForOne: FastCheck.boolean(),
      exactIn: FastCheck.boolean(),
      amount: FastCheck.oneof({ weight: 20, arbitrary: sized(4, 25) }, { weight: 1, arbitrary: FastCheck.constantFrom(1n, 10n ** 45n) }),
      /** The bound against what it comes to: none, exactly that, one unit too strict. */
      bound: FastCheck.constantFrom("none" as const, "none" as const, "met" as const, "missed" as const),
      /** Ticks that the price may move, where it is limited. */
      reach: FastCheck.option(FastCheck.oneof(FastCheck.integer({ min: -5, max: 3_000 }), FastCheck.integer({ min: 0, max: 60_000 })), { freq: 3, nil: undefined })
    }),
    { minLength: 20, maxLength: 30 }
  )
})

type Scenario = typeof scenario extends FastCheck.Arbitrary<infer A> ? A : never

const clamp = (tick: number, spacing: number) =>
  Math.min(Math.max(tick, TickMath.lowestUsable(spacing)), TickMath.highestUsable(spacing))

/** The positions of a scenario at the ticks of its pool. */
const placed = ({ positions, terms: [, spacing], tick }: Scenario): ReadonlyArray<Uniswap.Position> =>
  positions.flatMap(({ amount, place }) => {
    const base = Math.floor(tick / spacing)
    const [lower, upper] = place === undefined
      ? [TickMath.lowestUsable(spacing), TickMath.highestUsable(spacing)]
      : [clamp((base + place[0]) * spacing, spacing), clamp((base + place[0] + place[1]) * spacing, spacing)]
    return lower < upper ? [{ lower, upper, amount }] : []
  })

/** What the contracts say where the model says this. */
const texts: { readonly [T in Router.Fault["_tag"]]: string } = {
  AS: "AS",
  AmountTooLarge: "",
  SPL: "SPL",
  NoLiquidity: "",
  Incomplete: "",
  TooLittleReceived: "Too little received",
  TooMuchRequested: "Too much requested"
}

const everything = 1n << 255n

const tried = (pool: Pool.Pool, { amount, bound, exactIn, limit, zeroForOne }: Uniswap.Swap): Router.Swapped =>
  exactIn
    ? Router.exactInputSingle(pool, zeroForOne, amount, bound, limit)
    : Router.exactOutputSingle(pool, zeroForOne, amount, bound, limit)

/** The router's orders, and what the model makes of them. */
const modelled = (begin: Pool.Pool, swaps: Scenario["swaps"]) => {
  let pool = begin
  return swaps.map(({ amount, bound, exactIn, reach, zeroForOne }) => {
    const to = reach === undefined ? undefined : pool.tick + (zeroForOne ? -reach : reach)
    const limit = to === undefined || to <= TickMath.minTick || to >= TickMath.maxTick ? undefined : TickMath.getSqrtRatioAtTick(to) + 1n
    const open: Uniswap.Swap = { zeroForOne, exactIn, amount, limit, bound: exactIn ? 0n : everything }
    const free = tried(pool, open)
    const exact = Either.isLeft(free) ? open.bound : exactIn ? free.right.amountOut : free.right.amountIn
    const order: Uniswap.Swap = {
      ...open,
      bound: bound === "none" || Either.isLeft(free) ? open.bound : bound === "met" ? exact : exactIn ? exact + 1n : exact - 1n
    }
    const result = tried(pool, order)
    const before = pool
    if (Either.isRight(result)) pool = result.right.pool
    return { order, free, result, before, after: pool }
  })
}

const standing = ({ liquidity, sqrtPriceX96, tick }: Pool.Pool) => ({ sqrtPriceX96, tick, liquidity })

interface Seen {
  readonly swaps: number
  readonly done: number
  readonly crossings: number
  readonly partial: number
  readonly refused: ReadonlyMap<string, number>
}

/** One scenario on the chain and in the model, compared call by call. */
const compare = async (client: Anvil.TestClient, world: Uniswap.World, given: Scenario): Promise<Seen> => {
  const { terms: [fee, tickSpacing], tick, within } = given
  const [low, high] = [TickMath.getSqrtRatioAtTick(tick), TickMath.getSqrtRatioAtTick(tick + 1)]
  const sqrtPriceX96 = low + ((high - low) * BigInt(within)) / 1000n
  const address = Uniswap.poolOf(world, fee)
  const positions = placed(given)
  const setup = [Uniswap.create(world, fee, sqrtPriceX96), ...positions.map((one) => Uniswap.mint(world, fee, world.holder, one))]
  const ends = [...new Set(positions.flatMap(({ lower, upper }) => [lower, upper]))].sort((a, b) => a - b)

  const first = (await Uniswap.calls(client, world, [
    ...setup,
    ...Uniswap.looks(address),
    ...ends.map((end) => Uniswap.tick(address, end))
  ])).slice(setup.length)
  const ticks: Ticks.Ticks = ends.flatMap((index, at) => {
    const { initialized, liquidityNet } = Uniswap.tickOf(first[2 + at]!)
    return initialized ? [{ index, liquidityNet }] : []
  })
  const pool = Pool.at({ fee: BigInt(fee), tickSpacing, ticks }, sqrtPriceX96)
  assert.deepStrictEqual(standing(pool), Uniswap.standing(first[0]!, first[1]!), "where the pool begins")

  const model = modelled(pool, given.swaps)
  const balances = [Uniswap.balance(world.token0, world.holder), Uniswap.balance(world.token1, world.holder)]
  const results = (await Uniswap.calls(client, world, [
    ...setup,
    ...balances,
    ...model.flatMap(({ order }) => [
      Uniswap.quote(world, fee, order),
      Uniswap.swap(world, fee, world.holder, order),
      ...Uniswap.looks(address),
      ...balances
    ])
  ])).slice(setup.length)

  let held = [Uniswap.word(results[0]!), Uniswap.word(results[1]!)] as const
  const refused = new Map<string, number>()
  let [done, crossings, partial] = [0, 0, 0]
  for (const [at, { after, free, order, result }] of model.entries()) {
    const [quoted, swapped, slot0, liquidity, balance0, balance1] = results.slice(2 + at * 6) as ReadonlyArray<Uniswap.Result> as [
      Uniswap.Result,
      Uniswap.Result,
      Uniswap.Result,
      Uniswap.Result,
      Uniswap.Result,
      Uniswap.Result
    ]
    const where = `swap ${at} of ${JSON.stringify(order, (_, value: unknown) => typeof value === "bigint" ? String(value) : value)}`
    const now = [Uniswap.word(balance0), Uniswap.word(balance1)] as const
    const change = [now[0] - held[0], now[1] - held[1]] as const
    held = now
    assert.deepStrictEqual(Uniswap.standing(slot0, liquidity), standing(after), `${where}: where the pool stands`)
    if (Either.isRight(free)) {
      assert.isTrue(quoted.success, `${where}: quoted`)
      assert.strictEqual(Uniswap.word(quoted), order.exactIn ? free.right.amountOut : free.right.amountIn, `${where}: quote`)
    }
    if (Either.isLeft(result)) {
      assert.isFalse(swapped.success, `${where}: ${result.left._tag}`)
      assert.strictEqual(Uniswap.reason(swapped), texts[result.left._tag], where)
      assert.deepStrictEqual(change, [0n, 0n], where)
      refused.set(result.left._tag, (refused.get(result.left._tag) ?? 0) + 1)
      continue
    }
    const { amountIn, amountOut, ticksCrossed } = result.right
    assert.isTrue(swapped.success, `${where}: ${swapped.success ? "" : Uniswap.reason(swapped)}`)
    assert.deepStrictEqual(change, order.zeroForOne ? [-amountIn, amountOut] : [amountOut, -amountIn], `${where}: balances`)
    assert.strictEqual(Uniswap.word(swapped), order.exactIn ? amountOut : amountIn, `${where}: what the router answers`)
    done++
    crossings += ticksCrossed
    if ((order.exactIn ? amountIn : amountOut) < order.amount) partial++
  }
  return { swaps: model.length, done, crossings, partial, refused }
}

/** Prices at the very ends of ticks, a unit beside them, and anywhere, where a tick spacing of 200 allows liquidity. */
const price = FastCheck.oneof(
  FastCheck.tuple(FastCheck.integer({ min: -887_199, max: 887_199 }), FastCheck.bigInt({ min: -1n, max: 1n })).map(
    ([tick, off]) => TickMath.getSqrtRatioAtTick(tick) + off
  ),
  FastCheck.bigInt({ min: 1n << 33n, max: 1n << 159n })
)

/** The price of a pool with a little liquidity everywhere is led to each of these. */
const led = async (client: Anvil.TestClient, world: Uniswap.World, prices: ReadonlyArray<bigint>): Promise<ReadonlyArray<Uniswap.Result>> => {
  const fee = 10_000
  let from = 1n << 96n
  const setup = [
    Uniswap.create(world, fee, from),
    Uniswap.mint(world, fee, world.holder, { lower: TickMath.lowestUsable(200), upper: TickMath.highestUsable(200), amount: 10n ** 20n })
  ]
  const moves = prices.flatMap((limit) => {
    const order: Uniswap.Swap = { zeroForOne: limit < from, exactIn: true, amount: 10n ** 60n, bound: 0n, limit }
    from = limit
    return [Uniswap.swap(world, fee, world.holder, order), ...Uniswap.looks(Uniswap.poolOf(world, fee))]
  })
  return (await Uniswap.calls(client, world, [...setup, ...moves])).slice(setup.length)
}

const node = Anvil.start(["--disable-block-gas-limit"])

describe("swaps in the model and in the contracts", () => {
  it.scopedLive("random pools and swaps are equal to the last unit", () =>
    Effect.gen(function*() {
      const { url } = yield* node
      const client = Anvil.client(url)
      const world = yield* Uniswap.world(client)
      const total = { pools: 0, swaps: 0, done: 0, crossings: 0, partial: 0 }
      const refused = new Map<string, number>()
      for (const given of FastCheck.sample(scenario, 50)) {
        const seen = yield* Effect.promise(() => compare(client, world, given))
        total.pools++
        total.swaps += seen.swaps
        total.done += seen.done
        total.crossings += seen.crossings
        total.partial += seen.partial
        for (const [tag, count] of seen.refused) refused.set(tag, (refused.get(tag) ?? 0) + count)
      }
      yield* Effect.log("uniswap, largest difference 0 units", JSON.stringify({ ...total, refused: Object.fromEntries(refused) }))
      assert.isAbove(total.done, total.swaps / 3)
      assert.isAbove(total.crossings, 100)
      assert.isAbove(total.partial, 20)
      for (const tag of ["SPL", "Incomplete", "NoLiquidity", "TooLittleReceived", "TooMuchRequested"]) {
        assert.isAbove(refused.get(tag) ?? 0, 0, tag)
      }
    }), 60_000)

  it.scopedLive("a price and its tick", () =>
    Effect.gen(function*() {
      const { url } = yield* node
      const client = Anvil.client(url)
      const world = yield* Uniswap.world(client)
      const prices = FastCheck.sample(price, 250).filter((price, at, all) => price !== (all[at - 1] ?? 1n << 96n))
      const results = yield* Effect.promise(() => led(client, world, prices))
      for (const [at, price] of prices.entries()) {
        const [swapped, slot0, liquidity] = results.slice(at * 3) as [Uniswap.Result, Uniswap.Result, Uniswap.Result]
        assert.isTrue(swapped.success, String(price))
        const { sqrtPriceX96, tick } = Uniswap.standing(slot0, liquidity)
        assert.strictEqual(sqrtPriceX96, price)
        const down = price < (prices[at - 1] ?? 1n << 96n)
        const exact = TickMath.getTickAtSqrtRatio(price)
        // Down onto the very end of a step, which here is each end of a word, the pool counts the tick below.
        const isEnd = down && exact % (256 * 200) === 0 && TickMath.getSqrtRatioAtTick(exact) === price
        assert.strictEqual(tick, isEnd ? exact - 1 : exact)
      }
    }), 60_000)
})
