import { it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Haircuts from "execution-interface-manager/sim/Exchange/Haircuts"
import * as Margin from "execution-interface-manager/sim/Exchange/Margin"
import * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { checked } from "../liquidations.js"
import { amount, decimal, free, hours, series } from "./fixtures.js"
import { left, pass, right, snapshots, steps, trade } from "./pure.js"

const order = (venue: string, side: string, n: string, trade_type: "spot" | "perp" = "perp") =>
  fixtures.trade({ venue, trade_type, side, symbol: "ETHUSDT", amount: n })

const market = (perp: { readonly [hour: number]: string }, spot: { readonly [hour: number]: string }, rates: { readonly [hour: number]: string } = { 0: "0" }) => [
  series("perp.bybit.ETH", perp),
  series("funding.bybit.ETH", rates),
  series("price.ETH", spot)
]

const flat = market({ 0: "3000" }, { 0: "3000" })

const held = (world: World.World, coin: string) => Amount.format(World.balance(world, "bybit:unified", coin))

describe("what a coin counts for", () => {
  it("is its value times its ratio; what is owed counts whole", () => {
    assert.strictEqual(Haircuts.worth(amount("2"), decimal("3000"), decimal("0.95")), amount("5700"))
    assert.strictEqual(Haircuts.worth(amount("-2"), decimal("3000"), decimal("0.95")), amount("-6000"))
    assert.strictEqual(Haircuts.worth(amount("2"), decimal("3000"), decimal("0")), 0n)
  })

  const values = {
    held: FastCheck.bigInt({ min: 1n, max: 10n ** 13n }).map((n) => n * Amount.quantumOf(8)),
    needed: FastCheck.bigInt({ min: 1n, max: 10n ** 15n }).map((n) => n * Amount.quantumOf(8)),
    price: FastCheck.integer({ min: 1, max: 10_000_000 }).map((n) => Decimal.make(BigInt(n), 2)),
    into: FastCheck.constantFrom("1", "0.9993", "3111.11").map(decimal),
    fee: FastCheck.constantFrom("0", "0.001", "0.03").map(decimal)
  }
  it.prop("is sold as far as it is needed, never for more than it is worth, or all of it is", values, ({ fee, held, into, needed, price }) => {
    const sale = Haircuts.sell(held, needed, price, into, fee)
    assert.isTrue(sale.amount > 0n && sale.amount <= held)
    assert.isTrue(sale.net >= needed || sale.amount === held)
    assert.strictEqual(sale.amount % Amount.quantumOf(8), 0n)
    assert.strictEqual(sale.net % Amount.quantumOf(8), 0n)
    assert.isTrue(sale.net >= 0n && sale.net <= sale.gross - sale.fee)
    // gross × into ≤ amount × price
    assert.isTrue(Amount.times(sale.gross, into, 1n, "down") <= Amount.times(sale.amount, price, 1n, "up"))
    // No more than a few steps beyond what is needed.
    const step = Amount.times(Amount.quantumOf(8), Decimal.quotient(price, into, 18, "up"), 1n, "up")
    assert.isTrue(sale.amount === held || sale.net - needed <= 2n * step + 2n * Amount.quantumOf(8))
  })
})

describe("a unified account", () => {
  const exchange = steps(Bybit.profile, free)

  it("carries positions on other coins, less their haircut", () => {
    // 2 × 3000 × 0.95 carry 5700 × 10 of notional: 19 ether.
    const world = fixtures.world({ "bybit:unified": { ETH: "2" } })
    right(trade(exchange, world, flat, order("bybit", "sell", "19")))
    const refusal = left(trade(exchange, world, flat, order("bybit", "sell", "19.01")))
    assert.strictEqual(refusal.reason, "insufficient_margin")
    assert.include(refusal.message, "5700 USD of equity and 5703 of initial margin")
  })

  it("counts what is set, and by default the coins of the venue alone", () => {
    const world = fixtures.world({ "bybit:unified": { ETH: "2", BNB: "1000" } })
    const none = steps(Bybit.profile, { ...free, collateral: { ETH: "0" } })
    assert.strictEqual(left(trade(none, world, flat, order("bybit", "sell", "1"))).reason, "insufficient_margin")
    const half = steps(Bybit.profile, { ...free, collateral: { ETH: "0.5" } })
    right(trade(half, world, flat, order("bybit", "sell", "10")))
    left(trade(half, world, flat, order("bybit", "sell", "10.01")))
  })

  it("lets go of as much as the rest carries", () => {
    const { world } = right(trade(exchange, fixtures.world({ "bybit:unified": { ETH: "2", USDT: "1000" } }), flat, order("bybit", "sell", "10")))
    const free = (coin: string) => right(Margin.free(exchange, world, "bybit:unified", coin, snapshots(flat)(world.at)))
    // 5700 + 1000 − 3000 of initial margin: all of the USDT, or 3700 / 2850 of the ether.
    assert.strictEqual(free("USDT"), amount("1000"))
    assert.strictEqual(free("ETH"), amount("1.298245614035087719"))
  })

  it("sells collateral whole, which raises its margin, and buys no more of it than its margin bears", () => {
    const world = fixtures.world({ "bybit:unified": { ETH: "2", USDT: "7000" } })
    const opened = right(trade(exchange, world, flat, order("bybit", "sell", "40"))).world
    right(trade(exchange, opened, flat, order("bybit", "sell", "2", "spot")))
    // 700 are available, and each ether that is bought counts 150 less than what it costs.
    right(trade(exchange, opened, flat, order("bybit", "buy", "2.3", "spot")))
    const all = right(trade(exchange, fixtures.world({ "bybit:unified": { ETH: "2", USDT: "30000" } }), flat, order("bybit", "sell", "115"))).world
    right(trade(exchange, all, flat, order("bybit", "buy", "8", "spot")))
    assert.strictEqual(left(trade(exchange, all, flat, order("bybit", "buy", "8.1", "spot"))).reason, "insufficient_margin")
  })

  it("borrows for funding that the balance does not pay", () => {
    const paid = steps(Bybit.profile, { fees: { spot: { taker: "0.001" }, perp: { taker: "0" } }, slippage: { perp: "0" } })
    const data = market({ 0: "3000", 8: "3000" }, { 0: "3000", 8: "3000" }, { 0: "0", 8: "-0.01" })
    const { world } = right(trade(paid, fixtures.world({ "bybit:unified": { ETH: "2", USDT: "10" } }), data, order("bybit", "sell", "2")))
    const { value, world: after } = right(pass(paid, world, snapshots(data), hours(8)))
    // 60 are due, 10 are there.
    assert.deepStrictEqual(value.map(({ kind }) => kind), ["funding"])
    assert.deepStrictEqual(Deltas.fromEntries(value[0]!.entries), { bybit: { USDT: amount("-60") } })
    assert.strictEqual(held(after, "USDT"), "-50")
    assert.deepStrictEqual(fixtures.unbalanced(after), [])
    assert.deepStrictEqual(fixtures.impossible(after), [])
  })

  it("is liquidated as a whole, and its collateral pays", () => {
    const data = market({ 0: "3000", 1: "3600" }, { 0: "3000", 1: "3000" })
    const { world } = right(trade(exchange, fixtures.world({ "bybit:unified": { ETH: "2" } }), data, order("bybit", "sell", "9.5")))
    const { value, world: after } = right(pass(exchange, world, snapshots(data), hours(1)))
    // 5700 − 9.5 × 600 = 0 of 0.5 % of 34200. The loss of 5700 and the maintenance of 171 take 1.957 of 2 ether.
    assert.deepStrictEqual(checked(value).length, 1)
    assert.deepStrictEqual(value.map(({ detail, kind }) => [kind, detail["margin_balance"], detail["maintenance_margin"], detail["penalty"]]), [
      ["liquidation", "0", "171", "171"]
    ])
    assert.deepStrictEqual(value[0]!.detail["sold"], { ETH: "1.95700001" })
    assert.strictEqual(held(after, "ETH"), "0.04299999")
    assert.deepStrictEqual(fixtures.impossible(after), [])
  })

  it("is hedged by the collateral itself", () => {
    // Ether against its own short: whatever the price, 5 % of the ether is at stake.
    const data = [
      ...market({ 0: "3000", 1: "4500", 2: "2000" }, { 0: "3000", 1: "4500", 2: "2000" }),
      series("perp.bybit.ETH.high", { 0: "3000", 1: "9000", 2: "4500" }),
      series("perp.bybit.ETH.low", { 0: "3000", 1: "3000", 2: "1000" }),
      series("price.ETH.high", { 0: "3000", 1: "9000", 2: "4500" }),
      series("price.ETH.low", { 0: "3000", 1: "3000", 2: "1000" })
    ]
    const { world } = right(trade(exchange, fixtures.world({ "bybit:unified": { ETH: "2", USDT: "1000" } }), data, order("bybit", "sell", "2")))
    assert.deepStrictEqual(right(pass(exchange, world, snapshots(data), hours(2))).value, [])
  })

  it("pays a loss in one coin with gains in another, before the insurance fund does", () => {
    const both = steps(Bybit.profile, { ...free, liquidation_fee: "0", leverage: "50", collateral: { USDC: "0.5", ETH: "0" } })
    const data = market({ 0: "3000", 1: "2500" }, { 0: "3000", 1: "2500" })
    const usdc = fixtures.trade({ venue: "bybit", trade_type: "perp", side: "sell", symbol: "ETHUSDC", amount: "0.8" })
    const opened = right(trade(both, fixtures.world({ "bybit:unified": { USDT: "200" } }), data, order("bybit", "buy", "1"))).world
    const { world } = right(trade(both, opened, data, usdc))
    const { value, world: after } = right(pass(both, world, snapshots(data), hours(1)))
    // −300 of USDT and half of 400 of gains in USDC. The long goes for 500, of which 200 are there and 300 are borrowed; the
    // short goes too, and its gains repay.
    assert.deepStrictEqual(value.map(({ detail }) => [detail["symbol"], detail["margin_balance"], detail["realised"], detail["insurance_fund"]]), [
      ["ETHUSDT-PERP", "-100", "-500", "0"],
      ["ETHUSDC-PERP", "-100", "400", "0"],
      [undefined, "-100", undefined, "0"]
    ])
    assert.deepStrictEqual(value[2]!.detail["sold"], { USDC: "300.00000001" })
    assert.deepStrictEqual([held(after, "USDT"), held(after, "USDC")], ["0.00000001", "99.99999999"])
    assert.deepStrictEqual(fixtures.unbalanced(after), [])
  })

  it("is the same at OKX, and can be had at Binance", () => {
    assert.deepStrictEqual([...Okx.profile.perp.collateral!.value["ETH"]!].join(""), "0.95")
    const binance = steps(Binance.profile, { ...free, collateral: { USDC: "0.9" } })
    const data = [series("perp.binance.ETH", { 0: "3000" }), series("funding.binance.ETH", { 0: "0" })]
    // 0.9 × 1000 of dollars carry 900 × 20 of notional in USDT: 6 ether.
    const world = fixtures.world({ "binance:perp": { USDC: "1000" } })
    right(trade(binance, world, data, order("binance", "buy", "6")))
    left(trade(binance, world, data, order("binance", "buy", "6.001")))
  })

  const hour = FastCheck.record({
    mark: FastCheck.integer({ min: 1000, max: 6000 }),
    spot: FastCheck.integer({ min: 1000, max: 6000 }),
    rate: FastCheck.integer({ min: -3000, max: 3000 })
  })
  const walks = {
    hours: FastCheck.array(hour, { minLength: 1, maxLength: 12 }),
    shorts: FastCheck.integer({ min: 0, max: 1200 }),
    longs: FastCheck.integer({ min: 0, max: 1200 }),
    fee: FastCheck.constantFrom("maintenance", "0.01")
  }
  it.prop("keeps the books, and asks the insurance fund only once nothing is left to sell", walks, ({ fee, hours: all, longs, shorts }) => {
    const exchange = steps(Bybit.profile, { liquidation_fee: fee, leverage: "20" })
    const start = { mark: 3000, spot: 3000, rate: 0 }
    const of = (show: (one: typeof start) => string) => Object.fromEntries([start, ...all].map((one, n) => [n, show(one)]))
    const data = market(of(({ mark }) => `${mark}`), of(({ spot }) => `${spot}`), of(({ rate }) => Decimal.format(Decimal.make(BigInt(rate), 5))))
    let world = fixtures.world({ "bybit:unified": { ETH: "1.5", USDT: "500", USDC: "300" } })
    for (const [symbol, side, lots] of [["ETHUSDT", "sell", shorts], ["ETHUSDC", "buy", longs]] as const) {
      if (lots === 0) continue
      const instruction = fixtures.trade({ venue: "bybit", trade_type: "perp", side, symbol, amount: Amount.format(BigInt(lots) * amount("0.01")) })
      const done = trade(exchange, world, data, instruction)
      if (Either.isRight(done)) world = done.right.world
    }
    const opened = world
    const { value, world: after } = right(pass(exchange, world, snapshots(data), hours(all.length)))
    const deltas = (one: World.World) =>
      Deltas.fromEntries(World.holdings(one).map(({ account, amount, asset }) => ({ account, asset, amount, reason: "trade" as const })))
    assert.deepStrictEqual(Deltas.combine([deltas(opened), ...value.map(({ entries }) => Deltas.fromEntries(entries))]), deltas(after))
    assert.deepStrictEqual(fixtures.unbalanced(after), [])
    assert.deepStrictEqual(fixtures.impossible(after), [])
    const insured = value.some(({ detail }) => detail["insurance_fund"] !== undefined && detail["insurance_fund"] !== "0")
    if (!insured) return
    assert.strictEqual(exchange.slot.get(after).positions.size, 0)
    for (const coin of ["ETH", "USDT", "USDC"]) {
      assert.isTrue(World.balance(after, "bybit:unified", coin) <= amount("0.0000001"), `${coin} ${held(after, coin)}`)
    }
  }, { fastCheck: { numRuns: 80 } })

  const positions = FastCheck.record({
    lots: FastCheck.integer({ min: 10, max: 3000 }),
    side: FastCheck.constantFrom("buy", "sell"),
    eth: FastCheck.integer({ min: 0, max: 500 }),
    usdt: FastCheck.integer({ min: 0, max: 5000 })
  })
  it.prop("never lets so much go that its positions would not be carried", { positions, coin: FastCheck.constantFrom("ETH", "USDT") }, ({ coin, positions }) => {
    const { eth, lots, side, usdt } = positions
    const world = fixtures.world({ "bybit:unified": { ETH: Amount.format(BigInt(eth) * amount("0.01")), USDT: `${usdt}` } })
    const opened = trade(exchange, world, flat, order("bybit", side, Amount.format(BigInt(lots) * amount("0.01"))))
    if (Either.isLeft(opened)) return
    const now = opened.right.world
    const snapshot = snapshots(flat)(now.at)
    const most = right(Margin.free(exchange, now, "bybit:unified", coin, snapshot))
    const stands = (left: bigint) => {
      const all = Margin.held(exchange, now)
      const less: Margin.Held = { ...all, balance: (other) => all.balance(other) - (other === coin ? left : 0n) }
      return right(Margin.cross(exchange, less, "USDT", Margin.marks(snapshot)))
    }
    assert.isTrue(Margin.available(stands(most)) >= 0n)
    const all = World.balance(now, "bybit:unified", coin)
    if (most < all) assert.isTrue(Margin.available(stands(most + 2n)) < 0n)
  })
})
