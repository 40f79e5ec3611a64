import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as FullMath from "../../../src/venues/uniswap/FullMath.js"
import * as Price from "../../../src/venues/uniswap/Price.js"
import * as SqrtPriceMath from "../../../src/venues/uniswap/SqrtPriceMath.js"
import * as SwapMath from "../../../src/venues/uniswap/SwapMath.js"
import * as TickMath from "../../../src/venues/uniswap/TickMath.js"
import * as Ticks from "../../../src/venues/uniswap/Ticks.js"
import { sized } from "./arbitrary.js"

const q96 = 1n << 96n
const ether = 10n ** 18n

/** As the tests of v3-core encode a price. */
const encoded = (reserve1: bigint, reserve0: bigint): bigint => Price.sqrt((reserve1 << 192n) / reserve0)

/** The cases of SwapMath.spec.ts and TickMath.spec.ts of v3-core 1.0.1. */
const steps: ReadonlyArray<readonly [
  what: string,
  input: readonly [current: bigint, target: bigint, liquidity: bigint, remaining: bigint, fee: bigint, isExactIn: boolean],
  expected: SwapMath.Step
]> = [
  [
    "input capped at the target",
    [q96, encoded(101n, 100n), 2n * ether, ether, 600n, true],
    { sqrtPriceX96: encoded(101n, 100n), amountIn: 9975124224178055n, amountOut: 9925619580021728n, fee: 5988667735148n }
  ],
  [
    "output capped at the target",
    [q96, encoded(101n, 100n), 2n * ether, ether, 600n, false],
    { sqrtPriceX96: encoded(101n, 100n), amountIn: 9975124224178055n, amountOut: 9925619580021728n, fee: 5988667735148n }
  ],
  [
    "input wholly spent",
    [q96, encoded(1000n, 100n), 2n * ether, ether, 600n, true],
    { sqrtPriceX96: 118818475322642227089037862318n, amountIn: 999400000000000000n, amountOut: 666399946655997866n, fee: 600000000000000n }
  ],
  [
    "output wholly received",
    [q96, encoded(10000n, 100n), 2n * ether, ether, 600n, false],
    { sqrtPriceX96: 2n * q96, amountIn: 2n * ether, amountOut: ether, fee: 1200720432259356n }
  ],
  [
    "output capped at what is asked",
    [417332158212080721273783715441582n, 1452870262520218020823638996n, 159344665391607089467575320103n, 1n, 1n, false],
    { sqrtPriceX96: 417332158212080721273783715441581n, amountIn: 1n, amountOut: 1n, fee: 1n }
  ],
  [
    "a target of 1",
    [2n, 1n, 1n, 3915081100057732413702495386755767n, 1n, true],
    { sqrtPriceX96: 1n, amountIn: 39614081257132168796771975168n, amountOut: 0n, fee: 39614120871253040049813n }
  ],
  [
    "an input that is all fee",
    [2413n, 79887613182836312n, 1985041575832132834610021537970n, 10n, 1872n, true],
    { sqrtPriceX96: 2413n, amountIn: 0n, amountOut: 0n, fee: 10n }
  ],
  [
    "too little liquidity, token0 out",
    [20282409603651670423947251286016n, 22310650564016837466341976414617n, 1024n, 4n, 3000n, false],
    { sqrtPriceX96: 22310650564016837466341976414617n, amountIn: 26215n, amountOut: 0n, fee: 79n }
  ],
  [
    "too little liquidity, token1 out",
    [20282409603651670423947251286016n, 18254168643286503381552526157414n, 1024n, 263000n, 3000n, false],
    { sqrtPriceX96: 18254168643286503381552526157414n, amountIn: 1n, amountOut: 26214n, fee: 1n }
  ]
]

const ratios: ReadonlyArray<readonly [tick: number, ratio: bigint]> = [
  [TickMath.minTick, TickMath.minSqrtRatio],
  [TickMath.minTick + 1, 4295343490n],
  [-50, 79030349367926598376800521322n],
  [0, q96],
  [50, 79426470787362580746886972461n],
  [100, 79625275426524748796330556128n],
  [250, 80224679980005306637834519095n],
  [500, 81233731461783161732293370115n],
  [1000, 83290069058676223003182343270n],
  [2500, 89776708723587163891445672585n],
  [3000, 92049301871182272007977902845n],
  [4000, 96768528593268422080558758223n],
  [5000, 101729702841318637793976746270n],
  [50000, 965075977353221155028623082916n],
  [150000, 143194173941309278083010301478497n],
  [250000, 21246587762933397357449903968194344n],
  [500000, 5697689776495288729098254600827762987878n],
  [738203, 847134979253254120489401328389043031315994541n],
  [TickMath.maxTick - 1, 1461373636630004318706518188784493106690254656249n],
  [TickMath.maxTick, TickMath.maxSqrtRatio]
]

const tick = FastCheck.integer({ min: TickMath.minTick, max: TickMath.maxTick - 1 })
const sqrtPrice = FastCheck.tuple(tick, FastCheck.integer({ min: 0, max: 999 })).map(([tick, within]) => {
  const [low, high] = [TickMath.getSqrtRatioAtTick(tick), TickMath.getSqrtRatioAtTick(tick + 1)]
  return low + ((high - low) * BigInt(within)) / 1000n
})
const fee = FastCheck.constantFrom(100n, 500n, 3000n, 10_000n)

describe("the arithmetic of v3-core", () => {
  it("ratios of ticks", () => {
    for (const [tick, ratio] of ratios) {
      assert.strictEqual(TickMath.getSqrtRatioAtTick(tick), ratio, String(tick))
      if (tick < TickMath.maxTick) assert.strictEqual(TickMath.getTickAtSqrtRatio(ratio), tick)
    }
    assert.strictEqual(TickMath.getTickAtSqrtRatio(TickMath.maxSqrtRatio - 1n), TickMath.maxTick - 1)
    assert.deepStrictEqual([TickMath.lowestUsable(60), TickMath.highestUsable(60)], [-887220, 887220])
  })

  it.prop("a price is in the tick that it is told to be in", [sqrtPrice], ([price]) => {
    const tick = TickMath.getTickAtSqrtRatio(price)
    assert.isTrue(TickMath.getSqrtRatioAtTick(tick) <= price && price < TickMath.getSqrtRatioAtTick(tick + 1))
  })

  for (const [what, input, expected] of steps) {
    it(`a step: ${what}`, () => {
      assert.deepStrictEqual(SwapMath.computeSwapStep(...input), expected)
    })
  }

  it.prop("a step never passes its target, never takes more than there is, and rounds for the pool", [
    sqrtPrice,
    sqrtPrice,
    sized(30),
    sized(30),
    fee,
    FastCheck.boolean()
  ], ([current, target, liquidity, remaining, fee, isExactIn]) => {
    const step = SwapMath.computeSwapStep(current, target, liquidity, remaining, fee, isExactIn)
    const [low, high] = current < target ? [current, target] : [target, current]
    assert.isTrue(low <= step.sqrtPriceX96 && step.sqrtPriceX96 <= high)
    assert.isTrue((isExactIn ? step.amountIn + step.fee : step.amountOut) <= remaining)
    if (step.sqrtPriceX96 !== target) {
      assert.strictEqual(isExactIn ? step.amountIn + step.fee : step.amountOut, remaining)
    }
    const zeroForOne = current >= target
    const [amountIn, amountOut] = zeroForOne
      ? [SqrtPriceMath.getAmount0Delta, SqrtPriceMath.getAmount1Delta]
      : [SqrtPriceMath.getAmount1Delta, SqrtPriceMath.getAmount0Delta]
    assert.isTrue(step.amountIn >= amountIn(current, step.sqrtPriceX96, liquidity, true))
    assert.isTrue(step.amountOut <= amountOut(current, step.sqrtPriceX96, liquidity, false))
    assert.isTrue(step.fee * (SwapMath.feeUnit - fee) >= step.amountIn * fee)
  })

  it.prop("what goes in up to a price is at least what the price takes, what comes out at most", [
    sqrtPrice,
    sized(30),
    sized(30),
    FastCheck.boolean()
  ], ([price, liquidity, amount, zeroForOne]) => {
    const next = SqrtPriceMath.getNextSqrtPriceFromInput(price, liquidity, amount, zeroForOne)
    assert.isTrue(zeroForOne ? next <= price : next >= price)
    const taken = zeroForOne
      ? SqrtPriceMath.getAmount0Delta(next, price, liquidity, true)
      : SqrtPriceMath.getAmount1Delta(price, next, liquidity, true)
    assert.isTrue(taken <= amount)
  })

  it("divides in the contract's order where its product overflows", () => {
    // amount * price is beyond 2^256: v3-core's "does not overflow" cases end at 1 and at 30.
    const price = encoded(1n, 1n)
    assert.strictEqual(SqrtPriceMath.getNextSqrtPriceFromInput(price, 1n, (1n << 255n) - 1n, true), 1n)
    assert.strictEqual(SqrtPriceMath.getNextSqrtPriceFromInput(price, ether, ether / 10n, true), 72025602285694852357767227579n)
    assert.strictEqual(SqrtPriceMath.getNextSqrtPriceFromInput(price, ether, ether / 10n, false), 87150978765690771352898345369n)
    assert.strictEqual(SqrtPriceMath.getNextSqrtPriceFromOutput(price, ether, ether / 10n, true), 71305346262837903834189555302n)
    assert.strictEqual(SqrtPriceMath.getNextSqrtPriceFromOutput(price, ether, ether / 10n, false), 88031291682515930659493278152n)
    assert.strictEqual(SqrtPriceMath.getAmount0Delta(price, encoded(121n, 100n), ether, true), 90909090909090910n)
    assert.strictEqual(SqrtPriceMath.getAmount0Delta(price, encoded(121n, 100n), ether, false), 90909090909090909n)
    assert.strictEqual(SqrtPriceMath.getAmount1Delta(price, encoded(121n, 100n), ether, true), 100000000000000000n)
    assert.strictEqual(SqrtPriceMath.getAmount1Delta(price, encoded(121n, 100n), ether, false), 99999999999999999n)
  })

  it.prop("mulDiv rounds down, mulDivRoundingUp up", [sized(60), sized(60), sized(40)], ([a, b, d]) => {
    const [down, up] = [FullMath.mulDiv(a, b, d), FullMath.mulDivRoundingUp(a, b, d)]
    assert.isTrue(down * d <= a * b && a * b <= up * d && up - down <= 1n)
  })
})

describe("prices of data and prices of pools", () => {
  it("the price that pools had", () => {
    // USDC/WETH at 0.05 % on Ethereum at block 24,959,248: 2310.3381 USDC per WETH in tick 198,868.
    const usdc = { token0: 6, token1: 18 }
    assert.strictEqual(TickMath.getTickAtSqrtRatio(Price.toSqrtX96(Decimal.unsafe("2310.3381"), usdc, true)), 198868)
    // WETH/USDT: sqrtPriceX96 3987465133581222698216719 is read as 2533.00 USDT per WETH.
    const usdt = { token0: 18, token1: 6 }
    assert.strictEqual(Decimal.toScale(Price.of(3987465133581222698216719n, true, usdt), 2, "half_up"), 253300n)
  })

  it.prop("a price goes in and comes out, to a part in 10^12", [
    FastCheck.bigInt({ min: 10n ** 12n, max: 10n ** 24n }),
    FastCheck.constantFrom(6, 8, 18),
    FastCheck.constantFrom(6, 8, 18),
    FastCheck.boolean()
  ], ([value, token0, token1, inverted]) => {
    const price = Decimal.make(value, 18)
    const scales = { token0, token1 }
    const back = Price.of(Price.toSqrtX96(price, scales, inverted), !inverted, scales)
    const difference = Decimal.toScale(Decimal.abs(Decimal.subtract(back, price)), 18, "up")
    assert.isTrue(difference <= value / 10n ** 12n + 1n, Decimal.format(back))
  })

  it.prop("the root is the greatest whose square is not above", [sized(80)], ([n]) => {
    const root = Price.sqrt(n)
    assert.isTrue(root * root <= n && (root + 1n) * (root + 1n) > n)
    assert.strictEqual(Price.sqrt(0n), 0n)
  })
})

describe("initialised ticks", () => {
  const ranges = FastCheck.array(
    FastCheck.tuple(FastCheck.integer({ min: -600, max: 600 }), FastCheck.integer({ min: 1, max: 300 }), sized(20)),
    { minLength: 1, maxLength: 6 }
  ).map((all) => Ticks.fromRanges(all.map(([from, length, liquidity]) => ({ lower: from * 60, upper: (from + length) * 60, liquidity }))))

  it.prop("liquidity is that of the ranges a tick is in, and the ticks make a pool", [ranges, FastCheck.integer({ min: -60_000, max: 60_000 })], ([ticks, at]) => {
    assert.isUndefined(Ticks.fault(ticks, 60))
    assert.strictEqual(
      Ticks.liquidityAt(ticks, at),
      ticks.filter(({ index }) => index <= at).reduce((sum, { liquidityNet }) => sum + liquidityNet, 0n)
    )
  })

  it.prop("the next tick is the first there is, or the end of a word before it", [
    ranges,
    FastCheck.integer({ min: -60_000, max: 60_000 }),
    FastCheck.boolean()
  ], ([ticks, from, down]) => {
    const next = Ticks.next(ticks, from, 60, down)
    const indices = ticks.map(({ index }) => index)
    const first = down ? indices.filter((index) => index <= from).at(-1) : indices.find((index) => index > from)
    assert.isTrue(down ? next.index <= from : next.index > from)
    assert.isTrue(Math.abs(next.index - from) <= 256 * 60)
    if (next.tick !== undefined) assert.strictEqual(next.index, first)
    else assert.isTrue(first === undefined || (down ? first < next.index : first > next.index))
    if (next.tick === undefined) assert.strictEqual(Math.abs((down ? next.index : next.index + 60) % (256 * 60)), 0)
  })
})
