import { it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Entry from "execution-interface-manager/domain/Entry"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Borrowing from "execution-interface-manager/sim/Exchange/Borrowing"
import * as Leaving from "execution-interface-manager/sim/Exchange/Leaving"
import * as Margin from "execution-interface-manager/sim/Exchange/Margin"
import * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { amount, decimal, free, hours, series } from "./fixtures.js"
import { left, pass, right, snapshots, steps, trade } from "./pure.js"

type Prices = { readonly [hour: number]: string }

const market = (prices: Prices, rates: Prices = { 0: "0" }) => [
  series("price.ETH", prices),
  ...["bybit", "okx", "binance"].flatMap((venue) => [series(`perp.${venue}.ETH`, prices), series(`funding.${venue}.ETH`, rates)])
]

const order = (venue: string, side: string, n: string, more: object = {}) =>
  fixtures.trade({ venue, trade_type: "perp", side, symbol: "ETHUSDT", amount: n, ...more })

const held = (world: World.World, coin: string, venue = "bybit") => Amount.format(World.balance(world, `${venue}:unified`, coin))

const at = (world: World.World, hour: number): World.World => ({ ...world, at: hours(hour) })

const day = { 0: "3000", 8: "3300", 16: "3300" }

describe.each([{ profile: Bybit.profile }, { profile: Okx.profile }])("a unified account at $profile.venue", ({ profile }) => {
  const { venue } = profile
  const account = `${venue}:unified` as const
  const open = (balances: { readonly [coin: string]: string }, n: string, side = "sell", data = market(day)) =>
    right(trade(steps(profile), fixtures.world({ [account]: balances }), data, order(venue, side, n))).world

  it("is left by whoever loses in a coin that it does not hold: the loss is owed, and backed", () => {
    const exchange = steps(profile, free)
    const world = right(trade(exchange, fixtures.world({ [account]: { ETH: "10", USDT: "30" } }), market(day), order(venue, "sell", "10"))).world
    const closed = right(trade(exchange, at(world, 8), market(day), order(venue, "buy", "10", { reduce_only: true })))
    assert.deepStrictEqual(Deltas.fromEntries(closed.value.entries), { [venue]: { USDT: amount("-3000") } })
    assert.strictEqual(held(closed.world, "USDT", venue), "-2970")
    assert.strictEqual(held(closed.world, "ETH", venue), "10")
    assert.deepStrictEqual(fixtures.unbalanced(closed.world), [])
    // What scripts and reports see.
    const holdings = exchange.portfolio(closed.world, snapshots(market(day))(hours(8))).holdings
    assert.deepStrictEqual(holdings.filter(({ asset }) => asset === "USDT"), [{ account, asset: "USDT", amount: amount("-2970") }])
  })

  it("opens without the settlement coin, by margin alone: the fee is owed", () => {
    const world = open({ ETH: "2" }, "1")
    const owed = World.balance(world, account, "USDT")
    assert.isTrue(owed < 0n && owed > amount("-3"))
    assert.strictEqual(left(trade(steps(profile), fixtures.world({ [account]: { ETH: "2" } }), market(day), order(venue, "sell", "20"))).reason, "insufficient_margin")
  })

  it("never buys on the spot market with what it does not hold", () => {
    const world = open({ ETH: "2" }, "1")
    const buy = order(venue, "buy", "0.1", { trade_type: "spot" })
    assert.strictEqual(left(trade(steps(profile), world, market(day), buy)).reason, "insufficient_balance")
    const poor = fixtures.world({ [account]: { ETH: "2", USDT: "100" } })
    assert.strictEqual(left(trade(steps(profile), poor, market(day), buy)).reason, "insufficient_balance")
  })

  it("is repaid by what comes in, first of all", () => {
    const exchange = steps(profile, free)
    const world = fixtures.world({ [account]: { ETH: "10", USDT: "30" } })
    const short = right(trade(exchange, world, market(day), order(venue, "sell", "10"))).world
    const owing = right(trade(exchange, at(short, 8), market(day), order(venue, "buy", "10", { reduce_only: true }))).world
    // A part of it: still owed, and nothing of it is free.
    const part = right(trade(exchange, owing, market(day), order(venue, "sell", "0.5", { trade_type: "spot" }))).world
    assert.strictEqual(held(part, "USDT", venue), "-1320")
    assert.strictEqual(right(Margin.free(exchange, part, account, "USDT", snapshots(market(day))(hours(8)))), 0n)
    const whole = right(trade(exchange, owing, market(day), order(venue, "sell", "max", { trade_type: "spot" }))).world
    assert.strictEqual(held(whole, "USDT", venue), "30030")
    assert.strictEqual(held(whole, "ETH", venue), "0")
    const deposited = right(World.post(owing, Entry.move("opening:balance", account, "USDT", amount("3000"), "transfer")))
    assert.strictEqual(held(deposited, "USDT", venue), "30")
  })

  it("lets only so much collateral leave as the debt does not need", () => {
    const exchange = steps(profile, free)
    const world = fixtures.world({ [account]: { ETH: "10", USDT: "30" } })
    const short = right(trade(exchange, world, market(day), order(venue, "sell", "10"))).world
    const owing = right(trade(exchange, at(short, 8), market(day), order(venue, "buy", "10", { reduce_only: true }))).world
    const snapshot = snapshots(market(day))(hours(8))
    // 10 × 3300 × 0.95 − 2970 are 28380, or 9.05263157 of ether at 3135.
    const bear = (n: string) => Leaving.bear(exchange, owing, snapshot, { account, token: "ETH", amount: amount(n) })
    right(bear("9.05263157"))
    assert.strictEqual(left(bear("9.05263158")).reason, "insufficient_margin")
    assert.strictEqual(left(Leaving.bear(exchange, owing, snapshot, { account, token: "USDT", amount: amount("1") })).reason, "insufficient_balance")
  })
})

describe("interest on what is owed", () => {
  const exchange = steps(Bybit.profile, { ...free, borrow_rate: { USDT: "0.0876" } })

  it("is charged every full hour, with that of the hours before it, up to 1e-8, and said", () => {
    // 0.0876 / 8760 is 1e-5 an hour.
    const world = fixtures.world({ "bybit:unified": { ETH: "10" } })
    const owing = right(World.post(world, Entry.move("bybit:unified", "opening:balance", "USDT", amount("1000"), "transfer"), () => true))
    const { value, world: after } = right(pass(exchange, owing, snapshots(market(day)), hours(3) + Timestamp.minute))
    assert.deepStrictEqual(value.map(({ at, id, kind }) => [kind, id, at]), [1, 2, 3].map((n) => [
      "interest",
      `interest:bybit:USDT:2024-06-01T0${n}:00:00Z`,
      hours(n)
    ]))
    assert.deepStrictEqual(value.map(({ detail }) => detail["amount"]), ["0.01", "0.0100001", "0.01000021"])
    assert.deepStrictEqual(value[0]!.detail, { coin: "USDT", owed: "1000", bearing: "1000", yearly_rate: "0.0876", amount: "0.01" })
    assert.deepStrictEqual(Entry.imbalance(value.flatMap(({ entries }) => entries)), [])
    assert.strictEqual(held(after, "USDT"), "-1000.03000031")
    assert.strictEqual(Amount.format(World.balance(after, "issuer:bybit", "USDT")), "0.03000031")
  })

  it("is not on what gains that are not realised cover, nor on losses that are not", () => {
    assert.strictEqual(Borrowing.bearing(100n, 40n), 60n)
    assert.strictEqual(Borrowing.bearing(100n, 400n), 0n)
    assert.strictEqual(Borrowing.bearing(100n, -40n), 100n)
  })

  it("is 10 % a year unless it is set, and none where it is set to none", () => {
    const rate = (input: object, coin: string) => steps(Okx.profile, input).collateral!.borrowing.rate(coin)
    assert.deepStrictEqual(rate({}, "USDT"), decimal("0.1"))
    assert.deepStrictEqual(rate({ borrow_rate: "0" }, "USDT"), decimal("0"))
    assert.deepStrictEqual([rate({ borrow_rate: { USDC: "0.02" } }, "USDC"), rate({ borrow_rate: { USDC: "0.02" } }, "USDT")], [decimal("0.02"), decimal("0.1")])
    assert.isUndefined(steps(Binance.profile).collateral)
  })

  const debts = FastCheck.bigInt({ min: 1n, max: 10n ** 30n })
  it.prop("is at least the exact sum, and less than 1e-8 more", { debts, bps: FastCheck.integer({ min: 0, max: 9_999 }) }, ({ bps, debts }) => {
    const rate = Decimal.make(BigInt(bps), 4)
    const charged = Borrowing.interest(debts, rate)
    const exact = { numerator: debts * BigInt(bps), denominator: 10_000n * 8_760n }
    assert.isTrue(charged * exact.denominator >= exact.numerator)
    assert.isTrue((charged - Amount.quantumOf(8) - 1n) * exact.denominator < exact.numerator)
  })
})

describe("a debt without positions", () => {
  it("is repaid with collateral once that is worth less, and the insurance fund pays what is missing", () => {
    const exchange = steps(Bybit.profile, { ...free, borrow_rate: "0", fees: { spot: { taker: "0" } } })
    const owing = right(World.post(
      fixtures.world({ "bybit:unified": { ETH: "1" } }),
      Entry.move("bybit:unified", "opening:balance", "USDT", amount("2000"), "transfer"),
      () => true
    ))
    const held = (data: Prices, until: number) => right(pass(exchange, owing, snapshots(market(data)), hours(until)))
    // 2106 × 0.95 are 2000.7, 2105 × 0.95 are 1999.75.
    assert.deepStrictEqual(held({ 0: "3000", 1: "2106" }, 1).value, [])
    const sold = held({ 0: "3000", 1: "2106", 2: "2105" }, 2)
    assert.deepStrictEqual(sold.value.map(({ at, detail, kind }) => [kind, at, detail["owed"], detail["sold"], detail["insurance_fund"]]), [
      ["liquidation", hours(2), "2000", { ETH: "0.95011877" }, "0"]
    ])
    // The fee of the sale is one of the liquidation, and no fee of a trade.
    const charged = right(pass(steps(Bybit.profile, { borrow_rate: "0" }), owing, snapshots(market({ 0: "3000", 1: "2105" })), hours(1)))
    assert.deepStrictEqual(charged.value.map((one) => (one.kind === "liquidation" ? Amount.format(one.liquidation.fee) : "")), [
      Amount.format(World.balance(charged.world, "liquidation_fee:bybit", "USDT"))
    ])
    assert.strictEqual(World.balance(charged.world, "fees:bybit", "USDT"), 0n)
    const crashed = held({ 0: "3000", 1: "500" }, 1)
    assert.deepStrictEqual(crashed.value.map(({ detail }) => [detail["sold"], detail["insurance_fund"]]), [[{ ETH: "1" }, "1500"]])
    assert.deepStrictEqual(World.holdings(crashed.world).filter(({ account }) => account === "bybit:unified"), [])
    assert.deepStrictEqual(fixtures.unbalanced(crashed.world), [])
  })
})

describe("any walk of a unified account", () => {
  const walks = {
    prices: FastCheck.array(FastCheck.integer({ min: 1500, max: 4500 }), { minLength: 2, maxLength: 8 }),
    rates: FastCheck.array(FastCheck.integer({ min: -900, max: 900 }), { minLength: 8, maxLength: 8 }),
    lots: FastCheck.integer({ min: 1, max: 2000 }),
    side: FastCheck.constantFrom("buy", "sell"),
    usdt: FastCheck.integer({ min: 0, max: 300 })
  }
  const table = (prices: ReadonlyArray<number>, rates: ReadonlyArray<number>) =>
    market(
      Object.fromEntries(prices.map((price, n) => [3 * n, String(price)])),
      Object.fromEntries(prices.map((_, n) => [3 * n, Decimal.format(Decimal.make(BigInt(n === 0 ? 0 : rates[n]!), 5))]))
    )

  it.prop("can be left at any instant, whatever it holds of the settlement coin", walks, ({ lots, prices, rates, side, usdt }) => {
    const exchange = steps(Bybit.profile)
    const data = table(prices, rates)
    const opened = trade(exchange, fixtures.world({ "bybit:unified": { ETH: "5", USDT: String(usdt) } }), data, order("bybit", side, Amount.format(BigInt(lots) * amount("0.01"))))
    if (Either.isLeft(opened)) return
    const { world } = right(pass(exchange, opened.right.world, snapshots(data), hours(3 * (prices.length - 1))))
    if (exchange.slot.get(world).positions.size === 0) return
    const left = right(trade(exchange, world, data, order("bybit", side === "buy" ? "sell" : "buy", "max", { reduce_only: true }))).world
    assert.strictEqual(exchange.slot.get(left).positions.size, 0)
    assert.deepStrictEqual(fixtures.unbalanced(left), [])
    assert.deepStrictEqual(fixtures.impossible(left), [])
  })

  it.prop("comes to the same, and accrues the same, in one go as hour by hour", walks, ({ lots, prices, rates, side, usdt }) => {
    const exchange = steps(Bybit.profile)
    const data = table(prices, rates)
    const opened = trade(exchange, fixtures.world({ "bybit:unified": { ETH: "5", USDT: String(usdt) } }), data, order("bybit", side, Amount.format(BigInt(lots) * amount("0.01"))))
    if (Either.isLeft(opened)) return
    const end = 3 * (prices.length - 1)
    const whole = right(pass(exchange, opened.right.world, snapshots(data), hours(end)))
    let world = opened.right.world
    const accruals: Array<Outcome.Accrual> = []
    for (let hour = 1; hour <= end; hour++) {
      const part = right(pass(exchange, world, snapshots(data), hours(hour)))
      world = part.world
      accruals.push(...part.value)
    }
    assert.deepStrictEqual(World.holdings(world), World.holdings(whole.world))
    assert.deepStrictEqual(accruals, whole.value)
  })
})
