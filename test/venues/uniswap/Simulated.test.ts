import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Outcome from "../../../src/domain/Outcome.js"
import * as Simulation from "../../../src/sim/Simulation.js"
import * as Venue from "../../../src/venue/Venue.js"
import { amount, arrival, at, done, holds, later, layer, swap, wallet } from "./harness.js"

describe("uniswap", () => {
  it.effect("sells ether: the tokens, the fee as a line of its own, the slippage beside it", () =>
    Effect.gen(function*() {
      const receipt = yield* done(swap("WETH", "USDT", amount("1"), { market: { feeTier: 500 } }))
      const sum = (account: string, asset: string) =>
        Amount.format(receipt.entries.filter((line) => line.account === account && line.asset === asset).reduce((all, line) => all + line.amount, 0n))
      // 0.9995 WETH at 3,000 are 2,998.5 USDT; 12,787 WETH stand in the pool's reserves, and move by a 12,787th each way.
      assert.strictEqual(sum("wallet:wallet", "WETH"), "-1")
      assert.strictEqual(sum("fees:uniswap", "WETH"), "0.0005")
      assert.strictEqual(sum("market:uniswap", "WETH"), "0.9995")
      assert.strictEqual(sum("wallet:wallet", "USDT"), "2998.265637")
      assert.strictEqual(sum("market:uniswap", "USDT"), "-2998.265637")
      assert.deepStrictEqual(receipt.costs, [{ kind: "fee", venue: "uniswap", asset: "WETH", amount: amount("0.0005") }])
      assert.strictEqual(Decimal.toScale(receipt.slippage!.arrivalPrice, 6, "half_up"), 3_000_000_000n)
      assert.strictEqual(Decimal.toScale(Amount.toDecimal(receipt.slippage!.amount), 5, "half_up"), 23436n)
      assert.strictEqual(receipt.slippage!.asset, "USDT")
      assert.strictEqual(receipt.fills.length, 1)
      assert.deepInclude(receipt.fills[0]!, { symbol: "WETHUSDT", side: "sell", amount: amount("0.9995"), liquidity: "taker" })
      assert.deepInclude(receipt.detail, { pool: "WETH-USDT-500", ticks_crossed: 0, tick_before: -196257, liquidity_after: "700366674727580152" })
      assert.match(String(receipt.detail["price_impact"]), /^0\.00007816/)
      assert.isTrue(BigInt(String(receipt.detail["sqrt_price_x96_after"])) < BigInt(String(receipt.detail["sqrt_price_x96_before"])))
    }).pipe(Effect.provide(layer())))

  it.effect("buys exactly what is asked for", () =>
    Effect.gen(function*() {
      const receipt = yield* done(swap("USDT", "WETH", amount("10"), { swapType: "exact_out" }))
      assert.strictEqual(yield* holds("WETH"), "110")
      assert.strictEqual(receipt.detail["pool"], "WETH-USDT-500")
      const paid = amount("500000.123456") - amount(yield* holds("USDT"))
      assert.isTrue(paid > amount("30015") && paid < amount("30050"), Amount.format(paid))
    }).pipe(Effect.provide(layer())))

  it.effect("chooses the pool that costs least, and the one that is named", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* done(swap("WETH", "USDT", amount("1")))).detail["pool"], "WETH-USDT-500")
      assert.strictEqual((yield* done(swap("WETH", "USDT", amount("1"), { market: "WETH-USDT-3000" }))).detail["pool"], "WETH-USDT-3000")
      assert.strictEqual((yield* done(swap("USDT", "WETH", amount("1"), { market: "WETH-USDT-3000" }))).detail["pool"], "WETH-USDT-3000")
      const big = swap("WETH", "USDT", amount("90"), {})
      const { feeRate } = yield* arrival(big)
      const receipt = yield* done(big)
      assert.strictEqual(receipt.detail["pool"], Decimal.format(feeRate) === "0.003" ? "WETH-USDT-3000" : "WETH-USDT-500")
      // In a shallow pool the higher fee costs less than the way of the price.
      assert.strictEqual(receipt.detail["pool"], "WETH-USDT-3000")
    }).pipe(Effect.provide(layer({ uniswap: { pools: [{ token0: "WETH", token1: "USDT", fee_tier: 500, liquidity: "200000000000000000" }] } }))))

  it.effect("is moved by own swaps for half an hour, and is at the price of its series then", () =>
    Effect.gen(function*() {
      const one = swap("WETH", "USDT", amount("50"), { market: "WETH-USDT-500" })
      const first = yield* done(one)
      const second = yield* done(one)
      assert.strictEqual(second.detail["sqrt_price_x96_before"], first.detail["sqrt_price_x96_after"])
      const still = yield* arrival(one, later(0.499))
      assert.isTrue(Decimal.compare(still.price, Decimal.unsafe("2990")) < 0)
      const again = yield* arrival(one, later(0.5))
      assert.strictEqual(Decimal.toScale(again.price, 6, "half_up"), 3_000_000_000n)
      assert.strictEqual(Decimal.toScale((yield* arrival(one, later(8))).price, 6, "half_up"), 3_000_000_000n)
      const moved = yield* arrival(one, later(17))
      assert.strictEqual(Decimal.toScale(moved.price, 6, "half_up"), 3_300_000_000n)
      assert.strictEqual(Decimal.format(moved.feeRate), "0.0005")
    }).pipe(Effect.provide(layer({ balances: { [wallet]: { WETH: "200" } } }))))

  it.effect("keeps the price of a pool that no data moves", () =>
    Effect.gen(function*() {
      const sell = swap("WETH", "USDT", amount("10"), { market: "WETH-USDT-500" })
      const first = yield* done(sell)
      const second = yield* done(sell, { at: later(20) })
      assert.strictEqual(first.detail["sqrt_price_x96_before"], "4339505179874779662909440")
      assert.strictEqual(second.detail["sqrt_price_x96_before"], first.detail["sqrt_price_x96_after"])
    }).pipe(Effect.provide(layer({
      data: {},
      uniswap: { pools: [{ token0: "WETH", token1: "USDT", fee_tier: 500, price_from: { sqrt_price_x96: "4339505179874779662909440" } }] }
    }))))

  it.effect("goes across ticks into other liquidity", () =>
    Effect.gen(function*() {
      const receipt = yield* done(swap("WETH", "USDT", amount("20"), { market: "WETH-USDT-3000" }))
      assert.strictEqual(receipt.detail["ticks_crossed"], 1)
      assert.strictEqual(receipt.detail["liquidity_after"], "100000000000000000")
      assert.isTrue(Number(receipt.detail["tick_after"]) < -196260)
    }).pipe(Effect.provide(layer({
      uniswap: {
        pools: [{
          token0: "WETH",
          token1: "USDT",
          fee_tier: 3000,
          liquidity: "100000000000000000",
          ticks: [{ tick: -196260, liquidity_net: "900000000000000000" }, { tick: -196200, liquidity_net: "-900000000000000000" }]
        }]
      }
    }))))

  it.effect("prices a liquid staking token as its market does", () =>
    Effect.gen(function*() {
      const sell = swap("weETH", "WETH", "max")
      assert.strictEqual(Decimal.toScale((yield* arrival(sell)).price, 9, "half_up"), 1_038_900_000n)
      const receipt = yield* done(sell)
      assert.strictEqual(yield* holds("weETH"), "0")
      const got = amount(yield* holds("WETH")) - amount("100")
      // 20 weETH at 1.0389 are 20.778 WETH, and the fee is 0.05 %.
      assert.isTrue(got > amount("20.767") && got < amount("20.768"), Amount.format(got))
      assert.strictEqual(receipt.detail["pool"], "WETH-weETH-500")
    }).pipe(Effect.provide(layer())))

  it.effect("honours a bound to the unit, of what comes out and of what goes in, and says by what name the router would refuse", () =>
    Effect.gen(function*() {
      const sell = swap("WETH", "USDT", amount("1"), { market: "WETH-USDT-500" })
      // 2998.265637 USDT come of 0.9995 WETH: 2999.7655… for one before the fee.
      const late = yield* Effect.flip(done(sell, { bound: "2999.7656" }))
      assert.strictEqual(late._tag, "Rejected")
      assert.deepInclude({ ...late }, { reason: "price", field: "slippage_tolerance", expected: "at least 2998.265718 USDT", actual: "2998.265637 USDT" })
      assert.match(late.message, /Too little received/)
      assert.strictEqual(yield* holds("WETH"), "100")
      const receipt = yield* done(sell, { bound: "2999.7655" })
      assert.strictEqual(receipt.detail["minimum_out"], "2998.265618")
      const buy = swap("USDT", "WETH", amount("1"), { swapType: "exact_out", market: "WETH-USDT-500" })
      const dear = yield* Effect.flip(done(buy, { bound: "0.0004" }))
      assert.match(dear.message, /Too much requested/)
      assert.strictEqual((dear as Outcome.Rejected).expected, "at most 2501.250625 USDT")
    }).pipe(Effect.provide(layer())))

  it.effect("bounds by its own price where only a tolerance is stated", () =>
    Effect.gen(function*() {
      const sell = swap("WETH", "USDT", amount("1"), { market: "WETH-USDT-500", slippageTolerance: Decimal.unsafe("0.01") })
      const receipt = yield* done(sell)
      // 0.9995 × 2,970.
      assert.strictEqual(Math.round(Number(receipt.detail["minimum_out"])), Math.round(0.9995 * 2970))
      const tight = yield* Effect.flip(done({ ...sell, amount: amount("50"), slippageTolerance: Decimal.unsafe("0.001") }))
      assert.match(tight.message, /Too little received/)
    }).pipe(Effect.provide(layer())))

  it.effect("tells a group what it can rely on", () =>
    Effect.gen(function*() {
      const { contract } = yield* Simulation.Simulation
      const { world } = yield* Simulation.Simulation
      const begin = yield* world
      const output = (instruction: Venue.Swap, bound?: string) => {
        const step = Either.getOrThrow(contract("uniswap")!.prepare({
          operationId: "op",
          at,
          instruction,
          bound: bound === undefined ? undefined : Decimal.unsafe(bound)
        }))
        const ran = step.run(begin, {
          at,
          observe: () => ({ at, value: Decimal.unsafe("3000") }),
          since: () => [],
          has: () => true,
          maxAge: () => Infinity,
          step: () => undefined,
          staleFills: () => false
        })
        return Either.getOrThrow(ran).value.output
      }
      assert.isUndefined(output(swap("WETH", "USDT", amount("1"))))
      assert.deepStrictEqual(output(swap("WETH", "USDT", amount("1")), "2000"), { asset: "USDT", amount: amount("1999") })
      assert.deepStrictEqual(output(swap("USDT", "WETH", amount("2"), { swapType: "exact_out" })), { asset: "WETH", amount: amount("2") })
    }).pipe(Effect.provide(layer({ uniswap: { pools: [{ token0: "WETH", token1: "USDT", fee_tier: 3000, liquidity: "1" }] } }))))

  it.effect("pays for an approval of each swap, or once a token", () => {
    const gasOf = (approval: "exact" | "unlimited") =>
      Effect.gen(function*() {
        const used: Array<unknown> = []
        for (const token of ["WETH", "WETH", "USDT"]) {
          const { detail } = yield* done(swap(token, token === "WETH" ? "USDT" : "WETH", amount("1")))
          used.push((detail["gas"] as { readonly transactions: unknown }).transactions)
        }
        return used
      }).pipe(Effect.provide(layer({ uniswap: { approval }, gas: {} })))
    return Effect.gen(function*() {
      const both = ["approval", "swap"]
      assert.deepStrictEqual(yield* gasOf("exact"), [both, both, both])
      assert.deepStrictEqual(yield* gasOf("unlimited"), [both, ["swap"], both])
    })
  })

  it.effect("refuses what it cannot do, and says why", () =>
    Effect.gen(function*() {
      for (
        const [instruction, reason, message] of [
          [swap("WETH", "USDT", amount("101")), "insufficient_balance", /holds 100 WETH, and 101 are needed/],
          [swap("USDC", "WETH", amount("1")), "market_data", /series dex.uniswap.WETH\/USDC has no observation/],
          [swap("WBTC", "WETH", amount("1")), "market_data", /series dex.uniswap.WBTC\/WETH has no observation/],
          [swap("ETH", "USDT", amount("1")), "unsupported", /wrap it to WETH/],
          [swap("USDT", "ETH", amount("1")), "unsupported", /wrap it to WETH/],
          [swap("USDT", "weETH", amount("1")), "unsupported", /no pool of USDT and weETH/],
          [swap("WETH", "USDT", amount("1"), { market: { feeTier: 10_000 } }), "unsupported", /no such pool/],
          [swap("WETH", "USDT", amount("1"), { market: "WETH-weETH-500" }), "unsupported", /no such pool/],
          [swap("WETH", "USDT", amount("1"), { market: { marketId: "0x1" } }), "unsupported", /no market id/],
          [swap("WETH", "USDT", amount("1"), { network: "base" }), "unsupported", /uniswap is on ethereum here/],
          [swap("WETH", "USDT", amount("1"), { action: "supply" }), "unsupported", /does not simulate supply/],
          [swap("WETH", "USDT", "max", { swapType: "exact_out" }), "invalid", /takes an amount/],
          [swap("WETH", "USDT", { outputOf: "x" }), "invalid", /takes an amount/],
          [swap("USDT", "WETH", amount("0.0000001")), "invalid", /USDT has 6 decimals/],
          [swap("wstETH", "WETH", "max"), "insufficient_balance", /there is no wstETH to swap/],
          [swap("WETH", "USDT", amount("1"), { swapType: "exact_out", market: "WETH-USDT-3000" }), "limit", /it gives .* at most/],
          [swap("WETH", "USDT", amount("30"), { market: "WETH-USDT-3000" }), "limit", /it takes .* at most/],
          [swap("WETH", "USDT", amount("1"), { market: "WETH-USDT-3000" }), "limit", /gives not a unit of USDT for 1 WETH/]
        ] as const
      ) {
        const tried = yield* Effect.either(done(instruction))
        assert(Either.isLeft(tried), String(message))
        const failure = tried.left as Outcome.Rejected
        assert.match(failure.message, message)
        assert.strictEqual(failure.reason, reason, failure.message)
      }
      const old = yield* Effect.flip(arrival(swap("weETH", "WETH", amount("1")), later(24 * 9)))
      assert.strictEqual((old as Outcome.NotSent).reason, "market_data")
    }).pipe(Effect.provide(layer({
      // One unit of liquidity: nothing that anybody could trade with.
      uniswap: { pools: [{ token0: "WETH", token1: "USDT", fee_tier: 3000, liquidity: "1" }] }
    }))))

  it.effect("refuses a price that no pool can have", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(arrival(swap("WETH", "USDT", amount("1"))))
      assert.match((failure as Outcome.NotSent).message, /cannot stand at the price of series dex.uniswap.WETH\/USDT/)
    }).pipe(Effect.provide(layer({ data: { "dex.uniswap.WETH/USDT": "0" } }))))

  const some = FastCheck.array(
    FastCheck.record({
      sells: FastCheck.boolean(),
      swapType: FastCheck.constantFrom("exact_in" as const, "exact_out" as const),
      units: FastCheck.bigInt({ min: 1n, max: 3n * 10n ** 10n })
    }),
    { minLength: 1, maxLength: 4 }
  )

  it.effect.prop("what arrival quotes is what is executed: price, fee and slippage add up to the ledger, and a way back never gains", [some], ([swaps]) =>
    Effect.gen(function*() {
      for (const { sells, swapType, units } of swaps) {
        const [sold, bought] = sells ? ["WETH", "USDT"] : ["USDT", "WETH"]
        const counted = swapType === "exact_in" ? sold : bought
        const instruction = swap(sold, bought, counted === "USDT" ? units * 10n ** 12n : units * 10n ** 8n, { swapType })
        const arrived = yield* Effect.either(arrival(instruction))
        if (Either.isLeft(arrived)) {
          assert.match((arrived.left as Outcome.NotSent).message, /gives not a unit/)
          continue
        }
        const { feeRate, price } = arrived.right
        const before = [amount(yield* holds(sold)), amount(yield* holds(bought))] as const
        const ran = yield* Effect.either(done(instruction))
        if (Either.isLeft(ran)) {
          assert.oneOf((ran.left as Outcome.Rejected).reason, ["insufficient_balance"])
          continue
        }
        const { costs, slippage } = ran.right
        const paid = before[0] - amount(yield* holds(sold))
        const got = amount(yield* holds(bought)) - before[1]
        const fee = costs[0]!.amount
        assert.isTrue(Decimal.compare(Amount.toDecimal(fee), Decimal.multiply(Amount.toDecimal(paid), feeRate)) >= 0)
        assert.isTrue(slippage!.amount >= 0n)
        const worth = Decimal.multiply(Amount.toDecimal(paid - fee), price)
        const off = Decimal.toScale(Decimal.subtract(worth, Amount.toDecimal(got + slippage!.amount)), 18, "down")
        // The price that is told has 18 decimals.
        assert.isTrue(Amount.abs(off) <= (paid >> 58n) + 2n, off.toString())
        yield* Effect.either(done(swap(bought, sold, got, { market: String(ran.right.detail["pool"]) })))
        assert.isTrue(amount(yield* holds(sold)) <= before[0])
      }
    }).pipe(Effect.provide(layer())), { fastCheck: { numRuns: 25 } })
})
