import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { encodeFunctionData, erc20Abi, maxUint256 } from "viem"
import * as Account from "../../src/domain/Account.js"
import * as Amount from "../../src/domain/Amount.js"
import * as Asset from "../../src/domain/Asset.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Entry from "../../src/domain/Entry.js"
import type * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as Gas from "../../src/sim/Gas.js"
import * as World from "../../src/sim/World.js"
import type * as Venue from "../../src/venue/Venue.js"
import * as Config from "../../src/venues/uniswap/Config.js"
import * as Price from "../../src/venues/uniswap/Price.js"
import * as Simulated from "../../src/venues/uniswap/Simulated.js"
import * as TickMath from "../../src/venues/uniswap/TickMath.js"
import * as Anvil from "./Anvil.js"
import * as Uniswap from "./UniswapDeploy.js"

const node = Anvil.start(["--disable-block-gas-limit"])

const everything = 1n << 255n

const wallet = Account.make("wallet", "wallet")

const swapOf = (token: string, tokenOut: string, swapType: "exact_in" | "exact_out", amount: bigint): Venue.Swap => ({
  instructionType: "smart_contract_action",
  protocol: { venue: "uniswap", sub: undefined },
  action: "swap",
  token,
  tokenOut,
  swapType,
  amount
})

const never: MarketSnapshot.MarketSnapshot = {
  at: 0,
  observe: () => undefined,
  since: () => [],
  has: () => false,
  maxAge: () => 0,
  step: () => undefined,
  staleFills: () => false
}

/** Some hundreds of ether at 3,000, most of it near the price. */
const ranges: ReadonlyArray<readonly [reach: number, ether: bigint]> = [[60, 20n], [600, 50n], [6000, 200n]]

/** There and back across the ends of the narrowest range. */
const across = [
  { sells: true, type: "exact_in" as const, size: 2n * 10n ** 11n },
  { sells: false, type: "exact_in" as const, size: 3n * 10n ** 11n }
]

const asked = FastCheck.array(
  FastCheck.record({
    sells: FastCheck.boolean(),
    type: FastCheck.constantFrom("exact_in" as const, "exact_out" as const),
    // Units of USDT: 0.00001 to 100,000.
    size: FastCheck.integer({ min: 2, max: 11 }).chain((digits) => FastCheck.bigInt({ min: 10n, max: 10n ** BigInt(digits) }))
  }),
  { minLength: 25, maxLength: 25 }
)

describe("the simulated venue and the chain", () => {
  it.scopedLive("the same swaps, wallet by wallet, and what they use of gas", () =>
    Effect.gen(function*() {
      const { url } = yield* node
      const admin = Anvil.client(url, 0)
      const trader = Anvil.client(url, 1)
      const owner = trader.account.address
      const world = yield* Uniswap.world(admin, [18, 6], [owner])
      const send = (from: Anvil.TestClient, { callData, target }: Uniswap.Call) =>
        Effect.promise(async () => Anvil.mined(from, await from.sendTransaction({ to: target, data: callData, gas: 10_000_000n })))
      const read = (calls: ReadonlyArray<Uniswap.Call>) => Effect.promise(() => Uniswap.calls(admin, world, calls))

      const isFirst = (yield* Effect.promise(() =>
        admin.readContract({ address: world.token0, abi: erc20Abi, functionName: "decimals" }))) === 18
      const [token0, token1] = isFirst ? ["WETH", "USDT"] : ["USDT", "WETH"]
      const scales = { token0: Asset.decimals(token0), token1: Asset.decimals(token1) }
      const begin = Price.toSqrtX96(Decimal.unsafe("3000.5"), scales, !isFirst)
      const middle = Math.round(TickMath.getTickAtSqrtRatio(begin) / 60) * 60
      yield* send(admin, Uniswap.create(world, 3000, begin))
      for (const [reach, ether] of ranges) {
        yield* send(admin, Uniswap.mint(world, 3000, admin.account.address, { lower: middle - reach, upper: middle + reach, amount: ether * 10n ** 18n }))
      }
      const pool = Uniswap.poolOf(world, 3000)
      const ends = ranges.flatMap(([reach]) => [middle - reach, middle + reach]).sort((a, b) => a - b)
      const ticks = (yield* read(ends.map((end) => Uniswap.tick(pool, end)))).map((result, at) => ({
        tick: ends[at]!,
        liquidity_net: String(Uniswap.tickOf(result).liquidityNet)
      }))
      const config = Schema.decodeUnknownSync(Config.Config)({
        pools: [{ token0, token1, fee_tier: 3000, ticks, price_from: { sqrt_price_x96: String(begin) } }]
      })
      const contract = Simulated.contract(Config.resolve(config))

      const tokens = [world.token0, world.token1] as const
      const approvals: Array<bigint> = []
      for (const token of tokens) {
        const approve = Uniswap.call(token, encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [world.router, maxUint256] }))
        approvals.push((yield* send(trader, approve)).gasUsed)
      }
      const held = () => Effect.map(read(tokens.map((token) => Uniswap.balance(token, owner))), (both) => both.map(Uniswap.word))
      const opening = yield* held()
      const amounts = (units: ReadonlyArray<bigint>) =>
        [Amount.fromUnits(units[0]!, scales.token0), Amount.fromUnits(units[1]!, scales.token1)] as const
      const opened = amounts(opening)
      let simulated = Either.getOrThrow(World.post(World.empty(0), [
        ...Entry.move(Account.contra("opening", "balance"), wallet, token0, opened[0], "opening"),
        ...Entry.move(Account.contra("opening", "balance"), wallet, token1, opened[1], "opening")
      ]))

      const swaps: Array<{ readonly gas: bigint; readonly crossed: unknown }> = []
      for (const { sells, size, type } of [...across, ...FastCheck.sample(asked, 1)[0]!]) {
        const [sold, bought] = sells ? ["WETH", "USDT"] : ["USDT", "WETH"]
        const counted = type === "exact_in" ? sold : bought
        const amount = Amount.fromUnits(counted === "USDT" ? size : (size * 10n ** 12n) / 3000n, Asset.decimals(counted))
        const bound = Decimal.unsafe(sells ? "2500" : "0.0003")
        const intent = { operationId: "swap", at: 0, instruction: swapOf(sold, bought, type, amount), ...(size < 10n ** 6n ? {} : { bound }) }
        const step = Either.getOrThrow(contract.prepare(intent)).run(simulated, never)
        assert(Either.isRight(step), Either.isLeft(step) ? step.left.message : "")
        simulated = step.right.world
        const { detail, entries } = step.right.value
        assert.deepStrictEqual(Entry.imbalance(entries), [])
        const units = (key: string, token: string) =>
          key in detail ? Amount.toUnits(Amount.unsafe(String(detail[key])), Asset.decimals(token), "down") : undefined
        const zeroForOne = sold === token0
        const receipt = yield* send(trader, Uniswap.swap(world, 3000, owner, {
          zeroForOne,
          exactIn: type === "exact_in",
          amount: Amount.toUnits(amount, Asset.decimals(counted), "down"),
          bound: type === "exact_in" ? units("minimum_out", bought) ?? 0n : units("maximum_in", sold) ?? everything,
          limit: undefined
        }))
        swaps.push({ gas: receipt.gasUsed, crossed: detail["ticks_crossed"] })
        const now = amounts(yield* held())
        assert.strictEqual(World.balance(simulated, wallet, token0), now[0])
        assert.strictEqual(World.balance(simulated, wallet, token1), now[1])
        const [slot0, liquidity] = yield* read(Uniswap.looks(pool))
        const stands = Uniswap.standing(slot0!, liquidity!)
        assert.deepInclude(detail, {
          sqrt_price_x96_after: String(stands.sqrtPriceX96),
          tick_after: stands.tick,
          liquidity_after: String(stands.liquidity)
        })
      }
      const most = new Map<number, number>()
      for (const { crossed, gas } of swaps) most.set(Number(crossed), Math.max(most.get(Number(crossed)) ?? 0, Number(gas)))
      yield* Effect.log(
        `uniswap, gas of an approval ${approvals.join(" and ")}, of a swap by ticks crossed at most`,
        JSON.stringify(Object.fromEntries(most))
      )
      assert.isAbove(Math.max(...most.keys()), 0)
      // The flat estimate is one of swaps that stay within their range.
      assert.isAtMost(most.get(0)!, Gas.defaultUnits.swap)
      assert.isAtMost(Math.max(...approvals.map(Number)), Gas.defaultUnits.approval)
    }), 60_000)
})
