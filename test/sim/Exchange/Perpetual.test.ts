import { it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Either from "effect/Either"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as Margin from "execution-interface-manager/sim/Exchange/Margin"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { amount, decimal, free, series } from "./fixtures.js"
import { left, right, steps, trade } from "./pure.js"

const data = [
  series("perp.binance.ETH", { 0: "3000", 1: "3100", 2: "2900" }),
  series("funding.binance.ETH", { 0: "0.0001" }),
  series("price.ETH", { 0: "3000" })
]

const order = (side: string, n: string, more: object = {}) =>
  fixtures.trade({ venue: "binance", trade_type: "perp", side, symbol: "ETHUSDT-PERP", amount: n, ...more })

const funded = (usdt: string) => fixtures.world({ "binance:perp": { USDT: usdt }, "binance:spot": { USDT: "100000" } })

describe("a perpetual", () => {
  it("opened moves the fee and nothing else: the notional is no delta", () => {
    const exchange = steps(Binance.profile)
    const { value, world } = right(trade(exchange, funded("1000"), data, order("SHORT", "1")))
    // 3000 × (1 − 3 bps) = 2999.1; fee 0.05 % = 1.49955.
    assert.strictEqual(Decimal.format(value.fills[0]!.price), "2999.1")
    assert.deepStrictEqual(Deltas.fromEntries(value.entries), { binance: { USDT: amount("-1.49955") } })
    const [change] = value.positions
    assert.deepStrictEqual(
      { ...change, entryPrice: Decimal.format(change!.entryPrice) },
      { venue: "binance", symbol: "ETHUSDT-PERP", quote: "USDT", size: amount("-1"), entryPrice: "2999.1", change: amount("-1"), realised: 0n }
    )
    assert.deepStrictEqual(exchange.portfolio(world, fixtures.snapshot(data, world.at)).positions.map(({ size, symbol }) => [symbol, size]), [["ETHUSDT-PERP", amount("-1")]])
    assert.deepStrictEqual(Entry.imbalance(value.entries), [])
  })

  it("closed moves the realised result less the fee", () => {
    const exchange = steps(Binance.profile, free)
    const { world } = right(trade(exchange, funded("1000"), data, order("sell", "1")))
    const later = { ...world, at: fixtures.hours(2) }
    const { value, world: closed } = right(trade(exchange, later, data, order("buy", "1")))
    assert.deepStrictEqual(Deltas.fromEntries(value.entries), { binance: { USDT: amount("100") } })
    assert.strictEqual(value.positions[0]!.realised, amount("100"))
    assert.strictEqual(value.positions[0]!.size, 0n)
    assert.deepStrictEqual(exchange.portfolio(closed, fixtures.snapshot(data, closed.at)).positions, [])
  })

  it("goes through zero in one order", () => {
    const exchange = steps(Binance.profile, free)
    const { world } = right(trade(exchange, funded("1000"), data, order("sell", "1")))
    const { value } = right(trade(exchange, { ...world, at: fixtures.hours(1) }, data, order("buy", "3")))
    assert.strictEqual(value.positions[0]!.realised, amount("-100"))
    assert.strictEqual(value.positions[0]!.size, amount("2"))
    assert.strictEqual(Decimal.format(value.positions[0]!.entryPrice), "3100")
  })

  it("needs initial margin after fee and slippage, and says where it can come from", () => {
    const exchange = steps(Binance.profile)
    // A long of 1 at 3000.9: margin 3000 / 20 = 150, loss to the mark 0.9, fee 1.50045.
    right(trade(exchange, funded("152.40045"), data, order("buy", "1")))
    const refusal = left(trade(exchange, funded("152.40044"), data, order("buy", "1")))
    assert.strictEqual(refusal.reason, "insufficient_margin")
    assert.include(refusal.message, "binance (perp)")
    assert.include(refusal.message, "transfer USDT from binance_spot to binance_perp")
  })

  it("counts gains that are not realised as margin of the next order, and losses against it", () => {
    const exchange = steps(Binance.profile, free)
    const { world } = right(trade(exchange, funded("150"), data, order("sell", "1")))
    left(trade(exchange, world, data, order("sell", "0.1")))
    // At 2900 the short has 100 of gains: 250 of equity carry 250 × 20 / 2900 = 1.724.
    const later = { ...world, at: fixtures.hours(2) }
    right(trade(exchange, later, data, order("sell", "0.724")))
    assert.strictEqual(left(trade(exchange, later, data, order("sell", "0.725"))).reason, "insufficient_margin")
  })

  it("without a price or funding series is refused, naming series and setting", () => {
    const btc = left(trade(steps(Binance.profile), funded("1000"), data, order("buy", "1", { symbol: "BTCUSDT" })))
    assert.strictEqual(btc.reason, "market_data")
    assert.include(btc.message, "perp.binance.BTC")
    assert.include(btc.message, "price_from of binance")
    const unfunded = left(trade(steps(Binance.profile), funded("1000"), data.slice(0, 1), order("buy", "0.1")))
    assert.strictEqual(unfunded.reason, "market_data")
    assert.include(unfunded.message, "funding.binance.ETH")
    assert.include(unfunded.message, "funding_from of binance")
  })

  it("takes the stand-ins that the config names, by venue or by series", () => {
    const world = fixtures.world({ "hyperliquid:perp": { USDC: "1000" } })
    const short = order("sell", "1", { venue: "hyperliquid", symbol: "ETHUSDC" })
    assert.include(left(trade(steps(Hyperliquid.profile), world, data, short)).message, "price_from of hyperliquid")
    for (const from of ["binance", { ETH: "binance" }]) {
      const exchange = steps(Hyperliquid.profile, { ...free, price_from: from, funding_from: from })
      assert.strictEqual(Decimal.format(right(trade(exchange, world, data, short)).value.fills[0]!.price), "3000")
    }
    const spot = steps(Hyperliquid.profile, { ...free, price_from: { ETH: "price.ETH" }, funding_from: "binance" })
    right(trade(spot, world, data, short))
  })

  it("settles only in the coins of the venue", () => {
    const refusal = left(trade(steps(Hyperliquid.profile), funded("1"), data, order("buy", "1", { venue: "hyperliquid" })))
    assert.deepStrictEqual([refusal.reason, refusal.field, refusal.expected], ["unsupported", "symbol", "ETHUSDC"])
    assert.strictEqual(left(trade(steps(Binance.profile), funded("1"), data, order("buy", "1", { symbol: "ETHBTC" }))).reason, "unsupported")
  })

  it("below the least notional is refused, unless it only reduces", () => {
    const exchange = steps(Binance.profile, free)
    assert.strictEqual(left(trade(exchange, funded("1000"), data, order("sell", "0.006"))).expected, "an amount worth at least 20 USDT")
    const { world } = right(trade(exchange, funded("1000"), data, order("sell", "1")))
    right(trade(exchange, world, data, order("buy", "0.001", { reduce_only: true })))
  })
})

describe("an order that only reduces", () => {
  const exchange = steps(Binance.profile, free)
  const short = right(trade(exchange, funded("1000"), data, order("sell", "1"))).world

  it("is cut down to the position", () => {
    const { value } = right(trade(exchange, short, data, order("buy", "5", { reduce_only: true })))
    assert.strictEqual(value.fills[0]!.amount, amount("1"))
    assert.strictEqual(value.positions[0]!.size, 0n)
    assert.deepStrictEqual(value.detail, { requested: "5", snapped: "1" })
  })

  it("of max closes the position whole", () => {
    const { value, world } = right(trade(exchange, short, data, order("buy", "max", { reduce_only: true })))
    assert.strictEqual(value.positions[0]!.size, 0n)
    assert.deepStrictEqual(exchange.portfolio(world, fixtures.snapshot(data, world.at)).positions, [])
  })

  it("is refused without a position on the other side", () => {
    const none = left(trade(exchange, funded("1000"), data, order("buy", "1", { reduce_only: true })))
    assert.deepStrictEqual([none.reason, none.field, none.actual], ["rejected", "reduce_only", "no position"])
    const same = left(trade(exchange, short, data, order("sell", "1", { reduce_only: true })))
    assert.deepStrictEqual([same.field, same.actual], ["reduce_only", "a position of -1 ETH"])
  })

  it("needs no margin, but must be covered by what is held", () => {
    const thin = right(trade(exchange, funded("150"), data, order("sell", "1"))).world
    const later = { ...thin, at: fixtures.hours(1) }
    // 100 of 150 are lost: what is left carries no order, and closing still goes through.
    right(trade(exchange, later, data, order("buy", "0.5", { reduce_only: true })))
    const empty = right(trade(steps(Binance.profile, { ...free, leverage: "100" }), funded("30"), data, order("sell", "1"))).world
    const refusal = left(trade(exchange, { ...empty, at: fixtures.hours(1) }, data, order("buy", "max", { reduce_only: true })))
    assert.strictEqual(refusal.reason, "insufficient_margin")
    assert.include(refusal.message, "binance (perp) holds 30 USDT")
  })
})

describe("an account that backs positions", () => {
  const instructions = (side: string, n: string, trade_type: "spot" | "perp" = "perp") =>
    fixtures.trade({ venue: "bybit", trade_type, side, symbol: "ETHUSDT", amount: n })
  const bybit = [
    series("perp.bybit.ETH", { 0: "3000", 1: "3100", 2: "2900" }),
    series("funding.bybit.ETH", { 0: "0.0001" }),
    series("price.ETH", { 0: "3000" })
  ]
  // Only the settlement coin: what other coins count for is told in Haircuts.test.ts.
  const exchange = steps(Bybit.profile, { ...free, collateral: { ETH: "0" } })
  const short = right(trade(exchange, fixtures.world({ "bybit:unified": { USDT: "3300", ETH: "5" } }), bybit, instructions("sell", "1"))).world

  it("pays for spot with what its positions leave free", () => {
    // 3300 less 3000 / 10 of margin.
    right(trade(exchange, short, bybit, instructions("buy", "1", "spot")))
    const refusal = left(trade(exchange, short, bybit, instructions("buy", "1.00001", "spot")))
    assert.strictEqual(refusal.reason, "insufficient_margin")
    assert.include(refusal.message, "it would have 299.97 USD of equity and 300 of initial margin, 0.03 too little")
  })

  it("sells other coins freely", () => {
    right(trade(exchange, short, bybit, instructions("sell", "5", "spot")))
  })

  it("does not pay with gains that are not realised, and keeps losses covered", () => {
    const gained = Margin.free(exchange, { ...short, at: fixtures.hours(2) }, "bybit:unified", "USDT", fixtures.snapshot(bybit, fixtures.hours(2)))
    assert.strictEqual(right(gained), amount("3010"))
    const lost = Margin.free(exchange, { ...short, at: fixtures.hours(1) }, "bybit:unified", "USDT", fixtures.snapshot(bybit, fixtures.hours(1)))
    assert.strictEqual(right(lost), amount("2890"))
  })
})

describe("any orders", () => {
  const orders = FastCheck.array(
    FastCheck.record({
      side: FastCheck.constantFrom("buy", "sell"),
      lots: FastCheck.integer({ min: 10, max: 3000 }),
      hour: FastCheck.integer({ min: 0, max: 2 }),
      reduce_only: FastCheck.boolean()
    }),
    { maxLength: 25 }
  )

  it.prop("change equity by marks, fills, fees and rounding exactly", { orders }, ({ orders }) => {
    const exchange = steps(Binance.profile)
    let world = funded("20000")
    let size = 0n
    let mark = decimal("3000")
    let expected = amount("20000")
    for (const { hour, lots, reduce_only, side } of orders) {
      const at = fixtures.hours(hour)
      const next = right(Either.right(fixtures.snapshot(data, at).observe("perp.binance.ETH")!.value))
      // The position that is carried to the new mark.
      expected += Amount.times(size, Decimal.subtract(next, mark), 1n, "down")
      mark = next
      world = { ...world, at }
      const traded = trade(exchange, world, data, order(side, Amount.format(BigInt(lots) * amount("0.001")), { reduce_only }))
      if (Either.isRight(traded)) {
        const { fills: [fill], positions: [position], costs, entries } = traded.right.value
        const change = fill!.side === "buy" ? fill!.amount : -fill!.amount
        // The way from the fill to the mark, the fee, and what rounding took.
        expected += Amount.times(change, Decimal.subtract(mark, fill!.price), 1n, "down") - costs[0]!.amount
        expected -= entries.filter(({ account }) => account === "rounding:binance").reduce((sum, entry) => sum + entry.amount, 0n)
        if (reduce_only) {
          assert.isTrue(Amount.abs(position!.size) < Amount.abs(size))
          assert.isTrue(position!.size === 0n || position!.size > 0n === size > 0n)
        }
        size += change
        assert.strictEqual(position!.size, size)
        world = traded.right.world
      }
      const stands = right(Margin.cross(exchange, Margin.held(exchange, world), "USDT", Margin.marks(fixtures.snapshot(data, at))))
      assert.strictEqual(stands.marginBalance, expected)
      assert.deepStrictEqual(fixtures.unbalanced(world), [])
      assert.deepStrictEqual(fixtures.impossible(world), [])
    }
  })
})
