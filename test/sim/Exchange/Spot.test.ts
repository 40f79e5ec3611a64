import { it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { amount, decimal, free, series } from "./fixtures.js"
import { left, right, steps, trade } from "./pure.js"

const eth = [series("price.ETH", { 0: "3304.02" })]

const sell = (n: string, more: object = {}) =>
  fixtures.trade({ venue: "binance", trade_type: "spot", side: "sell", symbol: "ETHUSDT", amount: n, ...more })
const buy = (n: string, more: object = {}) =>
  fixtures.trade({ venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: n, ...more })

const rich = fixtures.world({ "binance:spot": { ETH: "100", USDT: "1000000" } })

describe("a spot sale", () => {
  it("gives the base, and the quote less slippage and fee, taken of what is received", () => {
    const { value, world } = right(trade(steps(Binance.profile), rich, eth, sell("1")))
    // 3304.02 × (1 − 5 bps) = 3302.36799, down to 3302.36; fee 0.1 % = 3.30236.
    assert.strictEqual(Decimal.format(value.fills[0]!.price), "3302.36")
    assert.deepStrictEqual(Deltas.fromEntries(value.entries), {
      binance: { ETH: amount("-1"), USDT: amount("3299.05764") }
    })
    assert.deepStrictEqual(value.costs, [{ kind: "fee", venue: "binance", asset: "USDT", amount: amount("3.30236") }])
    assert.strictEqual(Amount.format(value.slippage!.amount), "1.66")
    assert.deepStrictEqual(Entry.imbalance(value.entries), [])
    assert.strictEqual(World.balance(world, "binance:spot", "ETH"), amount("99"))
  })

  it("is at the market without costs", () => {
    const { value } = right(trade(steps(Binance.profile, free), rich, eth, sell("1")))
    assert.deepStrictEqual(Deltas.fromEntries(value.entries), { binance: { ETH: amount("-1"), USDT: amount("3304.02") } })
    assert.deepStrictEqual(value.costs, [])
  })

  it("of max sells everything that is free, down to the lot", () => {
    const world = fixtures.world({ "binance:spot": { ETH: "1.23456789" } })
    const { value, world: next } = right(trade(steps(Binance.profile), world, eth, sell("max")))
    assert.strictEqual(value.fills[0]!.amount, amount("1.2345"))
    assert.strictEqual(World.balance(next, "binance:spot", "ETH"), amount("0.00006789"))
    assert.deepStrictEqual(value.detail, { requested: "max", snapped: "1.2345" })
  })

  it("trades what is left after the lot, and says so", () => {
    const { value } = right(trade(steps(Binance.profile), rich, eth, sell("1.00019")))
    assert.strictEqual(value.fills[0]!.amount, amount("1.0001"))
    assert.deepStrictEqual(value.detail, { requested: "1.00019", snapped: "1.0001" })
  })

  it("is refused beyond what is held, naming the account", () => {
    const refusal = left(trade(steps(Binance.profile), rich, eth, sell("100.5")))
    assert.strictEqual(refusal.reason, "insufficient_balance")
    assert.strictEqual(refusal.message, "binance (spot) holds 100 ETH, and 100.5 are needed")
  })

  it("of max of nothing is refused", () => {
    assert.strictEqual(left(trade(steps(Binance.profile), fixtures.world({}), eth, sell("max"))).reason, "limit")
  })
})

describe("a spot purchase", () => {
  it("pays the quote and takes the fee of the base", () => {
    const { value } = right(trade(steps(Binance.profile), rich, eth, buy("2")))
    // 3304.02 × (1 + 5 bps) = 3305.67201, up to 3305.68; fee 0.1 % of 2 ETH.
    assert.deepStrictEqual(Deltas.fromEntries(value.entries), {
      binance: { ETH: amount("1.998"), USDT: amount("-6611.36") }
    })
    assert.deepStrictEqual(value.costs, [{ kind: "fee", venue: "binance", asset: "ETH", amount: amount("0.002") }])
  })

  it("leaves what is between the steps of 1e-8 at rounding, against the trader", () => {
    const exchange = steps(Binance.profile, {
      fees: { spot: { taker: "0.00012345" } },
      slippage: { spot: "0" },
      instruments: { spot: { ETHUSDT: { tick: "0.000001", lot: "0.00000001" } } }
    })
    const data = [series("price.ETH", { 0: "3304.023457" })]
    const { value, world } = right(trade(exchange, rich, data, buy("1.00000003")))
    assert.deepStrictEqual(Entry.imbalance(value.entries), [])
    assert.deepStrictEqual(fixtures.impossible(world), [])
    for (const entry of value.entries.filter(({ account }) => account === "rounding:binance")) {
      assert.isTrue(entry.amount > 0n && entry.amount < Amount.quantumOf(8))
    }
    assert.strictEqual(Deltas.get(Deltas.fromEntries(value.entries), "binance", "USDT"), amount("-3304.02355613"))
  })

  it("of a pair in another coin is priced by the dollar prices of both", () => {
    const data = [...eth, series("price.BTC", { 0: "60000" })]
    const exchange = steps(Binance.profile, free)
    const { value } = right(trade(exchange, fixtures.world({ "binance:spot": { BTC: "1" } }), data, buy("1", { symbol: "ETH/BTC" })))
    // 3304.02 / 60000 = 0.055067, up to the tick.
    assert.strictEqual(Decimal.format(value.fills[0]!.price), "0.05507")
  })

  it("follows the dollar price of the coin where there is one", () => {
    const data = [series("price.ETH", { 0: "3000" }), series("price.USDT", { 0: "0.96" })]
    const { value } = right(trade(steps(Binance.profile, free), rich, data, buy("1")))
    assert.strictEqual(Decimal.format(value.fills[0]!.price), "3125")
  })
})

describe("price of a spot pair", () => {
  it("is the venue's own where there is such a series", () => {
    const data = [...eth, series("spot.binance.ETH", { 0: "3300" })]
    assert.strictEqual(Decimal.format(right(trade(steps(Binance.profile, free), rich, data, sell("1"))).value.fills[0]!.price), "3300")
  })

  it("is the same whether a series begins later or not at all", () => {
    const later = [...eth, series("spot.binance.ETH", { 5: "3300" }), series("spot.bybit.ETH", { 5: "3300" })]
    assert.deepStrictEqual(
      right(trade(steps(Binance.profile), rich, later, sell("1"))),
      right(trade(steps(Binance.profile), rich, eth, sell("1")))
    )
    const exchange = steps(Binance.profile, { spot_price_from: "bybit" })
    assert.deepStrictEqual(left(trade(exchange, rich, later, sell("1"))), left(trade(exchange, rich, eth, sell("1"))))
  })

  it("is that of the stand-in that the config names", () => {
    const data = [...eth, series("spot.bybit.ETH", { 0: "3301" })]
    for (const spot_price_from of ["bybit", { ETH: "bybit" }, { ETH: "spot.bybit.ETH" }]) {
      const exchange = steps(Binance.profile, { ...free, spot_price_from })
      assert.strictEqual(Decimal.format(right(trade(exchange, rich, data, sell("1"))).value.fills[0]!.price), "3301")
    }
  })

  it("is refused where there is none, naming series and setting", () => {
    const refusal = left(trade(steps(Binance.profile), rich, eth, sell("1", { symbol: "FOOUSDT" })))
    assert.strictEqual(refusal.reason, "market_data")
    assert.include(refusal.message, "spot.binance.FOO or price.FOO")
    assert.include(refusal.message, "spot_price_from of binance")
  })

  it("is refused where it is too old, naming series and age", () => {
    const refusal = left(trade(steps(Binance.profile), { ...rich, at: fixtures.hours(40) }, eth, sell("1")))
    assert.strictEqual(refusal.reason, "market_data")
    assert.include(refusal.message, "price.ETH")
    assert.include(refusal.message, "40 h old")
  })
})

describe("orders", () => {
  it("at the market are refused beyond the bound", () => {
    const refusal = left(trade(steps(Binance.profile), rich, eth, sell("1"), decimal("3302.37")))
    assert.strictEqual(refusal.reason, "price")
    assert.strictEqual(refusal.actual, "3302.36")
    right(trade(steps(Binance.profile), rich, eth, sell("1"), decimal("3302.36")))
    assert.strictEqual(left(trade(steps(Binance.profile), rich, eth, buy("1"), decimal("3305.67"))).reason, "price")
  })

  it("with a limit fill at the market within it, or settle with nothing", () => {
    for (const time_in_force of ["IOC", "FOK"]) {
      const within = right(trade(steps(Binance.profile), rich, eth, sell("1", { order_type: "limit", price: "3302", time_in_force })))
      assert.strictEqual(Decimal.format(within.value.fills[0]!.price), "3302.36")
      const beyond = right(trade(steps(Binance.profile), rich, eth, sell("1", { order_type: "limit", price: "3302.37", time_in_force })))
      assert.deepStrictEqual(beyond.value.fills, [])
      assert.deepStrictEqual(beyond.value.entries, [])
      assert.strictEqual(beyond.value.detail["unfilled"], true)
      assert.strictEqual(beyond.world, rich)
    }
  })

  it("have their limit moved to the tick that is no worse", () => {
    // 3302.361 means 3302.37 to a seller: the fill at 3302.36 would be worse than asked.
    const { value } = right(trade(steps(Binance.profile), rich, eth, sell("1", { order_type: "limit", price: "3302.361" })))
    assert.deepStrictEqual(value.fills, [])
    assert.strictEqual(value.detail["limit"], "3302.37")
  })

  it("below the lot or the least amount are refused", () => {
    const refusal = left(trade(steps(Binance.profile), rich, eth, sell("0.00009")))
    assert.strictEqual(refusal.reason, "limit")
    assert.strictEqual(refusal.field, "amount")
    assert.strictEqual(refusal.expected, "at least 0.0001 ETH")
  })

  it("below the least notional are refused", () => {
    const refusal = left(trade(steps(Binance.profile), rich, eth, sell("0.0015")))
    assert.strictEqual(refusal.reason, "limit")
    assert.strictEqual(refusal.field, "amount")
    assert.strictEqual(refusal.expected, "an amount worth at least 5 USDT")
  })

  it("in a quote that the venue does not trade are refused", () => {
    const refusal = left(trade(steps(Hyperliquid.profile), rich, eth, sell("1", { venue: "hyperliquid" })))
    assert.strictEqual(refusal.reason, "unsupported")
    assert.strictEqual(refusal.field, "symbol")
    assert.include(refusal.expected, "USDC")
  })

  it("at another account than the one they settle in are refused", () => {
    assert.strictEqual(left(trade(steps(Binance.profile), rich, eth, sell("1", { venue: "binance_perp" }))).field, "venue")
    right(trade(steps(Binance.profile), rich, eth, sell("1", { venue: "binance_spot" })))
    const unified = fixtures.world({ "bybit:unified": { ETH: "1" } })
    right(trade(steps(Bybit.profile), unified, eth, sell("1", { venue: "bybit_spot" })))
    assert.strictEqual(left(trade(steps(Bybit.profile), unified, eth, sell("1", { venue: "bybit_funding" }))).field, "venue")
  })

  it("too large for the slippage curve are refused", () => {
    const exchange = steps(Binance.profile, { slippage: { spot: [{ notional: "1", bps: "1" }, { notional: "2", bps: "5001" }] } })
    const refusal = left(trade(exchange, rich, eth, sell("1")))
    assert.strictEqual(refusal.reason, "limit")
  })
})

describe("buying and selling back", () => {
  const cents = FastCheck.integer({ min: 100_000, max: 600_000 })
  const lots = FastCheck.integer({ min: 50, max: 1_000_000 })
  it.prop("at one price without costs returns the start up to rounding", { cents, lots }, ({ cents, lots }) => {
    const exchange = steps(Binance.profile, free)
    const data = [series("price.ETH", { 0: Decimal.format(Decimal.make(BigInt(cents), 2)) })]
    const n = Amount.format(BigInt(lots) * amount("0.0001"))
    const world = fixtures.world({ "binance:spot": { USDT: "1000000" } })
    const bought = right(trade(exchange, world, data, buy(n)))
    const sold = right(trade(exchange, bought.world, data, sell(n)))
    assert.strictEqual(World.balance(sold.world, "binance:spot", "ETH"), 0n)
    const lost = amount("1000000") - World.balance(sold.world, "binance:spot", "USDT")
    assert.strictEqual(lost, World.balance(sold.world, "rounding:binance", "USDT"))
    assert.isTrue(lost >= 0n && lost < 2n * Amount.quantumOf(8))
  })

  it.prop("costs the fees and the slippage that the receipts state, and nothing else", { cents, lots }, ({ cents, lots }) => {
    const exchange = steps(Binance.profile)
    const price = Decimal.make(BigInt(cents), 2)
    const data = [series("price.ETH", { 0: Decimal.format(price) })]
    const n = Amount.format(BigInt(lots) * amount("0.0001"))
    const world = fixtures.world({ "binance:spot": { USDT: "1000000" } })
    const { value } = right(trade(exchange, world, data, buy(n)))
    const deltas = Deltas.fromEntries(value.entries)
    const spent = -Deltas.get(deltas, "binance", "USDT")
    const rounding = value.entries.filter(({ account, asset }) => account === "rounding:binance" && asset === "USDT")
      .reduce((sum, entry) => sum + entry.amount, 0n)
    assert.strictEqual(spent, Amount.times(amount(n), price, 1n, "up") + value.slippage!.amount + rounding)
  })
})
