import { it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import type * as Table from "execution-interface-manager/data/Table"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Entry from "execution-interface-manager/domain/Entry"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import type * as Exchange from "execution-interface-manager/sim/Exchange"
import * as Margin from "execution-interface-manager/sim/Exchange/Margin"
import * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { checked } from "../liquidations.js"
import { amount, free, hours, series } from "./fixtures.js"
import { left, pass, right, snapshots, steps, trade } from "./pure.js"

const order = (side: string, n: string, more: object = {}) =>
  fixtures.trade({ venue: "binance", trade_type: "perp", side, symbol: "ETHUSDT", amount: n, ...more })

const isolated = { ...free, margin_mode: "isolated" }

const calm = series("funding.binance.ETH", { 0: "0" })

const marks = (values: { readonly [hour: number]: string }, extremes: { readonly [hour: number]: readonly [string, string] } = {}) => [
  series("perp.binance.ETH", values),
  series("perp.binance.ETH.high", Object.fromEntries(Object.entries(extremes).map(([hour, [high]]) => [hour, high]))),
  series("perp.binance.ETH.low", Object.fromEntries(Object.entries(extremes).map(([hour, [, low]]) => [hour, low]))),
  calm
].filter(({ observations }) => observations.length > 0)

/** Opens at the first instant and lets time pass. */
const run = (exchange: Exchange.Steps, usdt: string, data: ReadonlyArray<Table.Series>, orders: ReadonlyArray<ReturnType<typeof order>>, until: number) => {
  let world: World.World = fixtures.world({ "binance:perp": { USDT: usdt } })
  for (const one of orders) world = right(trade(exchange, world, data, one)).world
  return right(pass(exchange, world, snapshots(data), hours(until)))
}

const held = (world: World.World) => Amount.format(World.balance(world, "binance:perp", "USDT"))

const detail = (accrual: Outcome.Accrual | undefined, ...keys: ReadonlyArray<string>) => keys.map((key) => accrual?.detail[key])

describe("an isolated position", () => {
  const settings = { ...isolated, leverage: "10", liquidation_fee: "0.001" }

  it("locks its initial margin, and frees it as it is reduced", () => {
    const exchange = steps(Binance.profile, settings)
    const data = marks({ 0: "3000" })
    const { world } = right(trade(exchange, fixtures.world({ "binance:perp": { USDT: "1000" } }), data, order("buy", "2")))
    const free = (of: World.World) => Amount.format(right(leaves(exchange, of, data)))
    assert.strictEqual(free(world), "400")
    const half = right(trade(exchange, world, data, order("sell", "1", { reduce_only: true }))).world
    assert.strictEqual(free(half), "700")
    const none = right(trade(exchange, half, data, order("sell", "1", { reduce_only: true }))).world
    assert.strictEqual(free(none), "1000")
    // Beyond zero the other side locks anew.
    const flipped = right(trade(exchange, half, data, order("sell", "3"))).world
    assert.strictEqual(free(flipped), "400")
  })

  it("needs the margin of the order free, whatever other positions gain", () => {
    const exchange = steps(Binance.profile, settings)
    const data = marks({ 0: "3000", 1: "4000" })
    const { world } = right(trade(exchange, fixtures.world({ "binance:perp": { USDT: "1000" } }), data, order("buy", "2")))
    const refusal = left(trade(exchange, { ...world, at: hours(1) }, data, order("buy", "2")))
    assert.strictEqual(refusal.reason, "insufficient_margin")
    right(trade(exchange, { ...world, at: hours(1) }, data, order("buy", "0.5")))
  })

  it("loses its own margin and nothing else of the account", () => {
    const exchange = steps(Binance.profile, { ...settings, liquidation_fee: "0.0125" })
    const { value, world } = run(exchange, "1000", marks({ 0: "3000", 1: "2500" }), [order("buy", "2")], 1)
    // 600 are locked, 1000 are lost: 400 of that by the insurance fund.
    assert.deepStrictEqual(detail(value[0], "margin_mode", "mark", "realised", "fee", "insurance_fund"), ["isolated", "2500", "-1000", "0", "400"])
    assert.strictEqual(held(world), "400")
    assert.deepStrictEqual(fixtures.unbalanced(world), [])
  })

  it("gets back what is left of its margin after the fee", () => {
    const exchange = steps(Binance.profile, settings)
    const { value, world } = run(exchange, "1000", marks({ 0: "3000", 1: "2708" }), [order("buy", "2")], 1)
    // 600 − 584 = 16 are less than 0.4 % of 5416; the fee is 0.1 % of it.
    assert.deepStrictEqual(detail(value[0], "margin_balance", "maintenance_margin", "margin_ratio"), ["16", "21.664", "0.7385"])
    assert.deepStrictEqual(detail(value[0], "realised", "fee", "insurance_fund"), ["-584", "5.416", "0"])
    assert.strictEqual(held(world), "410.584")
  })

  it("is taken over at the bankruptcy price where the venue does that: the maintenance margin is the fee", () => {
    const exchange = steps(Binance.profile, { ...settings, liquidation_fee: "maintenance" })
    const data = marks({ 0: "3000", 1: "2720" }, { 0: ["3000", "3000"], 1: ["3010", "2600"] })
    const { value, world } = run(exchange, "1000", data, [order("buy", "2")], 1)
    // (6000 − 600) / (2 × 0.996) = 2710.843…: the first tick below; 5 of the margin balance and maintenance are left there.
    assert.deepStrictEqual(detail(value[0], "mark", "extreme"), ["2710.84", "2600"])
    assert.strictEqual(held(world), "400")
  })

  it("locks the way from the fill to the mark as well", () => {
    const exchange = steps(Binance.profile, { ...settings, slippage: { perp: "10" } })
    const data = marks({ 0: "3000" })
    // Bought at 3003: 300 and 3.
    const { world } = right(trade(exchange, fixtures.world({ "binance:perp": { USDT: "1000" } }), data, order("buy", "1")))
    assert.strictEqual(right(leaves(exchange, world, data)), amount("697"))
  })

  it("keeps what is left where a reduction costs more than it frees", () => {
    const exchange = steps(Binance.profile, { ...settings, fees: { perp: { taker: "0.03" } } })
    const data = marks({ 0: "3000", 1: "2720" })
    const { world } = right(trade(exchange, fixtures.world({ "binance:perp": { USDT: "390" } }), data, order("buy", "1")))
    // Half of the loss of 280, and 3 % of 1360, of 300: half of 300 would be more than that leaves.
    const half = right(trade(exchange, { ...world, at: hours(1) }, data, order("sell", "0.5", { reduce_only: true }))).world
    assert.strictEqual(held(half), "119.2")
    assert.strictEqual(exchange.slot.get(half).positions.get("ETHUSDT-PERP")?.margin, amount("119.2"))
  })

  it("leaves what it locks out of the margin of the others", () => {
    const exchange = steps(Binance.profile, { ...free, margin_mode: { BTC: "isolated" }, liquidation_fee: "0" })
    const data = [
      ...marks({ 0: "3000", 1: "2830" }),
      series("perp.binance.BTC", { 0: "60000", 1: "60000" }),
      series("funding.binance.BTC", { 0: "0" })
    ]
    // Of 1000 the bitcoin locks 300: 680 of loss leave 20 of 45.28, though 320 are in the account.
    const { value, world } = run(exchange, "1000", data, [order("buy", "0.1", { symbol: "BTCUSDT" }), order("buy", "4")], 1)
    assert.deepStrictEqual(detail(value[0], "symbol", "margin_balance", "maintenance_margin"), ["ETHUSDT-PERP", "20", "45.28"])
    assert.strictEqual(held(world), "320")
    assert.deepStrictEqual([...exchange.slot.get(world).positions.keys()], ["BTCUSDT-PERP"])
  })

  it("pays funding beyond its margin out of its own gains", () => {
    const exchange = steps(Binance.profile, settings)
    const data = [series("perp.binance.ETH", { 0: "3000", 1: "2000" }), series("funding.binance.ETH", { 0: "0", 1: "-0.2" })]
    const { value, world } = run(exchange, "1000", data, [order("sell", "1")], 1)
    // 400 of 300: 100 of the gains of 1000 are realised.
    assert.deepStrictEqual(detail(value[0], "amount", "margin_balance", "insurance_fund"), ["-400", "900", undefined])
    assert.strictEqual(held(world), "700")
    const position = exchange.slot.get(world).positions.get("ETHUSDT-PERP")
    assert.deepStrictEqual([position?.margin, position?.cost], [0n, amount("-2900")])
  })

  it("pays funding out of its margin", () => {
    const exchange = steps(Binance.profile, settings)
    const data = [series("perp.binance.ETH", { 0: "3000", 1: "3000", 2: "3000" }), series("funding.binance.ETH", { 0: "0", 1: "0.09", 2: "0.02" })]
    const { value, world } = run(exchange, "1000", data, [order("buy", "2")], 2)
    // 600 − 540 = 60 keep 24; then 120 are due.
    assert.deepStrictEqual(value.map(({ kind }) => kind), ["funding", "funding", "liquidation"])
    assert.deepStrictEqual(detail(value[0], "margin_balance", "margin_ratio"), ["60", "2.5"])
    assert.deepStrictEqual(detail(value[1], "insurance_fund", "margin_ratio"), ["60", "0"])
    assert.strictEqual(held(world), "400")
  })
})

const leaves = (exchange: Exchange.Steps, world: World.World, data: ReadonlyArray<Table.Series>) =>
  Margin.free(exchange, world, "binance:perp", "USDT", snapshots(data)(world.at))

describe("positions in cross margin", () => {
  const both = (eth: string, btc: string) => [
    ...marks({ 0: "3000", 1: eth }),
    series("perp.binance.BTC", { 0: "60000", 1: btc }),
    series("funding.binance.BTC", { 0: "0" })
  ]
  const exchange = steps(Binance.profile, { ...free, liquidation_fee: "0" })
  const orders = [order("buy", "2"), order("buy", "0.1", { symbol: "BTCUSDT" })]

  it("are closed with the largest loss first, until the rest is maintained", () => {
    // 1000 − 900 − 90 = 10, and 20.4 + 23.64 are required; without the ether 23.64 of 10: the bitcoin goes too.
    const all = run(exchange, "1000", both("2550", "59100"), orders, 1)
    assert.deepStrictEqual(all.value.map(({ detail }) => detail["symbol"]), ["ETHUSDT-PERP", "BTCUSDT-PERP"])
    assert.strictEqual(held(all.world), "10")
    // 1000 − 900 − 60 = 40: with 44.16 required the ether goes, and 23.76 are maintained by 40.
    const one = run(exchange, "1000", both("2550", "59400"), orders, 1)
    assert.deepStrictEqual(one.value.map(({ detail }) => detail["symbol"]), ["ETHUSDT-PERP"])
    assert.strictEqual(held(one.world), "100")
    assert.deepStrictEqual([...exchange.slot.get(one.world).positions.keys()], ["BTCUSDT-PERP"])
  })

  it("back each other with gains that are not realised, and pay with them", () => {
    // The loss of 1200 is beyond the balance of 1000; the bitcoin gained 210.
    const { value, world } = run(exchange, "1000", both("2400", "62100"), orders, 1)
    assert.deepStrictEqual(detail(value[0], "symbol", "realised", "insurance_fund"), ["ETHUSDT-PERP", "-1200", "0"])
    assert.deepStrictEqual(Deltas.fromEntries(value[0]!.entries), { binance: { USDT: amount("-1000") } })
    // 10 are left of the gains, where 24.84 are required: it is liquidated as well.
    assert.deepStrictEqual(detail(value[1], "symbol", "realised", "margin_balance"), ["BTCUSDT-PERP", "10", "10"])
    assert.strictEqual(held(world), "10")
  })
})

describe("a loss beyond the balance", () => {
  it("is paid with the gains of another position where it is realised, which moves nothing else", () => {
    const exchange = steps(Binance.profile, free)
    const data = [
      ...marks({ 0: "3000", 1: "2000" }),
      series("perp.binance.BTC", { 0: "60000", 1: "50000" }),
      series("funding.binance.BTC", { 0: "0" })
    ]
    const open = [order("buy", "1"), order("sell", "0.1", { symbol: "BTCUSDT" })].reduce(
      (now, one) => right(trade(exchange, now, data, one)).world,
      fixtures.world({ "binance:perp": { USDT: "600" } })
    )
    const later = { ...open, at: hours(1) }
    const equity = (world: World.World) => exchange.margin(world, snapshots(data)(world.at))[0]!.marginBalance
    const before = equity(later)
    // The long loses 1000 of 600; the short gained 1000, of which 400 are drawn: it stands at 56000.
    const { value, world } = right(trade(exchange, later, data, order("sell", "1", { reduce_only: true })))
    assert.deepStrictEqual(Deltas.fromEntries(value.entries), { binance: { USDT: amount("-600") } })
    assert.strictEqual(held(world), "0")
    assert.strictEqual(equity(world), before)
    const [position] = exchange.portfolio(world, snapshots(data)(world.at)).positions
    assert.strictEqual(Decimal.format(position!.entryPrice), "56000")
    // Without a gain of another it is refused.
    const alone = right(trade(exchange, later, data, order("buy", "0.1", { symbol: "BTCUSDT", reduce_only: true }))).world
    right(trade(exchange, alone, data, order("sell", "1", { reduce_only: true })))
    const poor = right(trade(exchange, fixtures.world({ "binance:perp": { USDT: "200" } }), data, order("buy", "1"))).world
    assert.strictEqual(left(trade(exchange, { ...poor, at: hours(1) }, data, order("sell", "1", { reduce_only: true }))).reason, "insufficient_margin")
  })
})

describe("the extremes of a step", () => {
  const exchange = steps(Binance.profile, { ...isolated, leverage: "10", liquidation_fee: "0" })
  const dip = { 0: ["3000", "3000"], 1: ["3050", "2600"], 2: ["3000", "2950"] } as const

  it("liquidate at the first tick beyond, though the marks never were there", () => {
    const { value } = run(exchange, "1000", marks({ 0: "3000", 1: "2990", 2: "3000" }, dip), [order("buy", "1")], 2)
    assert.deepStrictEqual(value.map(({ at, kind }) => [kind, at]), [["liquidation", hours(1)]])
    assert.deepStrictEqual(detail(value[0], "mark", "extreme"), ["2710.84", "2600"])
  })

  it("are those of the other side for a short", () => {
    const data = marks({ 0: "3000", 1: "3010" }, { 0: ["3000", "3000"], 1: ["3400", "2000"] })
    const { value } = run(exchange, "1000", data, [order("sell", "1")], 1)
    // (3000 + 300) / 1.004 = 3286.852…
    assert.deepStrictEqual(detail(value[0], "mark", "extreme"), ["3286.86", "3400"])
  })

  it("without them nothing happens", () => {
    assert.deepStrictEqual(run(exchange, "1000", marks({ 0: "3000", 1: "2990", 2: "3000" }), [order("buy", "1")], 2).value, [])
  })

  it("do not concern a position that was opened or added to within the step", () => {
    const data = marks({ 0: "3000", 1: "2990", 2: "3000" }, { 1: ["3050", "2600"], 2: ["3000", "2950"], 3: ["3000", "2650"] })
    const { world } = right(trade(exchange, { ...fixtures.world({ "binance:perp": { USDT: "1000" } }), at: hours(0.5) }, [
      ...data,
      series("perp.binance.ETH", { 0.5: "3000" })
    ], order("buy", "1")))
    const liquidated = (until: number) => right(pass(exchange, world, snapshots(data), hours(until))).value.map(({ at }) => at)
    assert.deepStrictEqual(liquidated(2), [])
    assert.deepStrictEqual(liquidated(3), [hours(3)])
  })

  it("are those of the first step of the data too, and of one after a silence", () => {
    const first = marks({ 0: "3000", 1: "3000", 2: "3000" }, { 1: ["3010", "2500"], 2: ["3010", "2990"], 3: ["3010", "2990"] })
    assert.deepStrictEqual(detail(run(exchange, "1000", first, [order("buy", "1")], 1).value[0], "mark", "extreme"), ["2710.84", "2500"])
    // The data may end with that step: no mark stands where it ends.
    const only = marks({ 0: "3000" }, { 1: ["3010", "2500"] })
    assert.deepStrictEqual(run(exchange, "1000", only, [order("buy", "1")], 1).value.map(({ at }) => at), [hours(1)])
    const silent = marks(
      { 0: "3000", 1: "3000", 5: "3000", 6: "3000" },
      { 1: ["3010", "2990"], 2: ["3010", "2990"], 6: ["3010", "2500"], 7: ["3010", "2990"] }
    )
    const open = (hour: number) => {
      const world = { ...fixtures.world({ "binance:perp": { USDT: "1000" } }), at: hours(hour) }
      const opened = right(trade(exchange, world, silent, order("buy", "1"))).world
      return right(pass(exchange, opened, snapshots(silent), hours(6))).value.map(({ at }) => at)
    }
    for (const hour of [0, 1, 5]) assert.deepStrictEqual(open(hour), [hours(6)], `opened at ${hour}`)
  })

  it("of hours, among marks of minutes, concern what was held through the hour", () => {
    const minutes: Table.Series = {
      name: "perp.binance.ETH",
      observations: Array.from({ length: 241 }, (_, n) => ({ at: hours(n / 60), value: Decimal.unsafe("3000") }))
    }
    const data = [
      minutes,
      series("perp.binance.ETH.high", { 1: "3010", 2: "3010", 3: "3010", 4: "3010" }),
      series("perp.binance.ETH.low", { 1: "2990", 2: "2990", 3: "2500", 4: "2990" }),
      calm
    ]
    const open = (hour: number) => {
      const world = { ...fixtures.world({ "binance:perp": { USDT: "1000" } }), at: hours(hour) }
      const opened = right(trade(exchange, world, data, order("buy", "1"))).world
      return right(pass(exchange, opened, snapshots(data), hours(4))).value.map(({ at }) => at)
    }
    assert.deepStrictEqual(open(2), [hours(3)])
    assert.deepStrictEqual(open(2.25), [])
    assert.deepStrictEqual(open(3), [])
  })

  it("concern a position that was reduced within the step, and one that was added to", () => {
    const data = marks({ 0: "3000", 1: "3000", 2: "3000" }, { 0: ["3000", "3000"], 2: ["3000", "2600"] })
    const { world } = right(trade(exchange, fixtures.world({ "binance:perp": { USDT: "1000" } }), data, order("buy", "1")))
    const later = right(pass(exchange, world, snapshots(data), hours(1))).world
    const reduced = right(trade(exchange, later, data, order("sell", "0.5", { reduce_only: true }))).world
    const added = right(trade(exchange, later, data, order("buy", "0.5"))).world
    const kinds = (of: World.World) => right(pass(exchange, of, snapshots(data), hours(2))).value.map(({ kind }) => kind)
    assert.deepStrictEqual(kinds(reduced), ["liquidation"])
    assert.deepStrictEqual(kinds(added), ["liquidation"])
  })

  it("take all marks to their lows together, so that a hedge holds", () => {
    const hedged = steps(Binance.profile, { ...free, leverage: "10", liquidation_fee: "0" })
    const data = marks({ 0: "3000", 1: "3000" }, { 0: ["3000", "3000"], 1: ["3900", "2100"] })
    const orders = [order("buy", "1"), order("sell", "1", { symbol: "ETHUSDC" })]
    const world = fixtures.world({ "binance:perp": { USDT: "320", USDC: "320" } })
    // Each coin backs by itself: both go.
    const opened = orders.reduce((now, one) => right(trade(hedged, now, data, one)).world, world)
    assert.strictEqual(right(pass(hedged, opened, snapshots(data), hours(1))).value.length, 2)
    // Together they stand.
    const joint = steps(Binance.profile, { ...free, leverage: "10", liquidation_fee: "0", collateral: { USDT: "1", USDC: "1" } })
    const both = orders.reduce((now, one) => right(trade(joint, now, data, one)).world, world)
    assert.deepStrictEqual(right(pass(joint, both, snapshots(data), hours(1))).value, [])
  })
})

/** A walk of marks by the hour, with extremes around it. */
const walk = FastCheck.array(
  FastCheck.record({
    step: FastCheck.integer({ min: -80, max: 80 }),
    up: FastCheck.integer({ min: 0, max: 60 }),
    down: FastCheck.integer({ min: 0, max: 60 }),
    rate: FastCheck.integer({ min: -200, max: 200 })
  }),
  { minLength: 5, maxLength: 40 }
)

interface Hour {
  readonly mark: bigint
  readonly high: bigint
  readonly low: bigint
  readonly rate: number
}

/** In units; every step begins at the mark before, and its extremes contain both its ends. */
const path = (steps: ReadonlyArray<{ readonly step: number; readonly up: number; readonly down: number; readonly rate: number }>) => {
  let mark = 3000n
  const all: Array<Hour> = [{ mark, high: mark, low: mark, rate: 0 }]
  for (const { down, rate, step, up } of steps) {
    const before = mark
    mark = mark + BigInt(step) < 500n ? mark : mark + BigInt(step)
    const [least, most] = before < mark ? [before, mark] : [mark, before]
    all.push({ mark, high: most + BigInt(up), low: least - BigInt(down), rate })
  }
  return all
}

const table = (all: ReadonlyArray<Hour>, rated: boolean) => {
  const of = (name: string, value: (hour: Hour) => string) => series(name, Object.fromEntries(all.map((hour, n) => [n, value(hour)])))
  return [
    of("perp.binance.ETH", ({ mark }) => `${mark}`),
    of("perp.binance.ETH.high", ({ high }) => `${high}`),
    of("perp.binance.ETH.low", ({ low }) => `${low}`),
    rated ? of("funding.binance.ETH", ({ rate }) => Decimal.format(Decimal.make(BigInt(rate), 4))) : calm
  ]
}

const when = (accruals: ReadonlyArray<Outcome.Accrual>) => accruals.find(({ kind }) => kind === "liquidation")?.at

describe("any walk", () => {
  const sides = FastCheck.constantFrom("buy", "sell")
  const leverage = FastCheck.integer({ min: 2, max: 50 })

  it.prop("liquidates where the margin first is too little on the way, and nowhere before", { walk, sides, leverage, alone: FastCheck.boolean() }, ({ alone, leverage, sides, walk }) => {
    const all = path(walk)
    const mode = alone ? "isolated" : "cross"
    const exchange = steps(Binance.profile, { ...free, margin_mode: mode, leverage: `${leverage}`, maintenance_margin: "0.005", liquidation_fee: "0" })
    // By hand: one ether at 3000, its margin 3000 / leverage up to 1e-8, kept by 0.5 % of its worth. In cross margin that is
    // all there is in the account.
    const margin = (3000n * 10n ** 8n + BigInt(leverage) - 1n) / BigInt(leverage)
    const held = alone ? "100000" : Amount.format(Amount.fromUnits(margin, 8))
    const { value } = run(exchange, held, table(all, false), [order(sides, "1")], all.length - 1)
    const sign = sides === "buy" ? 1n : -1n
    const kept = (price: bigint) => 1000n * (margin + sign * (price - 3000n) * 10n ** 8n) >= 5n * price * 10n ** 8n
    const first = all.findIndex(({ high, low, mark }, n) => n > 0 && !(kept(high) && kept(low) && kept(mark)))
    assert.strictEqual(when(value), first < 0 ? undefined : hours(first))
  }, { fastCheck: { numRuns: 60 } })

  it.prop("liquidates no later with more leverage", { walk, sides, leverage, more: FastCheck.integer({ min: 1, max: 50 }) }, ({ leverage, more, sides, walk }) => {
    const all = path(walk)
    const at = (n: number) => {
      const exchange = steps(Binance.profile, { ...isolated, leverage: `${n}`, maintenance_margin: "0.005", liquidation_fee: "0.001" })
      return when(run(exchange, "100000", table(all, true), [order(sides, "1")], all.length - 1).value) ?? Number.POSITIVE_INFINITY
    }
    assert.isTrue(at(leverage + more) <= at(leverage))
  }, { fastCheck: { numRuns: 40 } })

  const orders = FastCheck.array(
    FastCheck.record({ side: sides, lots: FastCheck.integer({ min: 10, max: 5000 }), quote: FastCheck.constantFrom("USDT", "USDC") }),
    { minLength: 1, maxLength: 6 }
  )
  const kinds = {
    walk,
    orders,
    mode: FastCheck.constantFrom("cross", "isolated"),
    fee: FastCheck.constantFrom("maintenance", "0.0125", "0"),
    joint: FastCheck.boolean()
  }
  it.prop("keeps the books through every liquidation, and leaves nobody with less than nothing", kinds, ({ fee, joint, mode, orders, walk }) => {
    const all = path(walk)
    const data = table(all, true)
    const exchange = steps(Binance.profile, {
      margin_mode: mode,
      liquidation_fee: fee,
      ...(joint ? { collateral: { USDT: "1", USDC: "0.9" } } : {})
    })
    let world = fixtures.world({ "binance:perp": { USDT: "1500", USDC: "700.00000001" } })
    for (const { lots, quote, side } of orders) {
      const done = trade(exchange, world, data, order(side, Amount.format(BigInt(lots) * amount("0.001")), { symbol: `ETH${quote}` }))
      if (Either.isRight(done)) world = done.right.world
    }
    const opening = world
    const { value, world: after } = right(pass(exchange, world, snapshots(data), hours(all.length - 1)))
    for (const { detail, entries, kind } of value) {
      assert.deepStrictEqual(Entry.imbalance(entries), [])
      const ratio = detail["margin_ratio"]
      if (kind !== "liquidation" || typeof ratio !== "string") continue
      assert.isTrue(Decimal.compare(Decimal.unsafe(ratio), Decimal.one) < 0, ratio)
      // The fund pays only where nothing is left to take a fee of.
      assert.isTrue(detail["insurance_fund"] === "0" || (detail["fee"] === "0" && detail["penalty"] === "0"))
    }
    for (const { detail, liquidation } of checked(value)) {
      // The sale of collateral has a fee of its own, however the position is closed.
      if (detail["sold"] !== undefined) continue
      // A venue that closes at the bankruptcy price keeps a margin, and one that does not charges a fee.
      assert.strictEqual(fee === "maintenance" ? liquidation.fee : liquidation.penalty, 0n)
    }
    const of = (one: World.World) =>
      Deltas.fromEntries(World.holdings(one).map(({ account, amount, asset }) => ({ account, asset, amount, reason: "trade" as const })))
    assert.deepStrictEqual(Deltas.combine([of(opening), ...value.map(({ entries }) => Deltas.fromEntries(entries))]), of(after))
    assert.deepStrictEqual(fixtures.unbalanced(after), [])
    assert.deepStrictEqual(fixtures.impossible(after, () => joint), [])
    // What is still open is maintained.
    for (const stands of exchange.margin(after, snapshots(data)(after.at))) {
      assert.isTrue(stands.marginBalance >= stands.maintenance)
    }
  }, { fastCheck: { numRuns: 60 } })

  it.prop("asks for no more than the margin of an isolated position", { walk, sides, leverage }, ({ leverage, sides, walk }) => {
    const all = path(walk)
    const exchange = steps(Binance.profile, { ...isolated, leverage: `${leverage}` })
    const { value, world } = run(exchange, "100000", table(all, true), [order(sides, "1")], all.length - 1)
    if (when(value) === undefined) return
    const credited = value.filter(({ kind }) => kind === "funding").reduce((sum, { detail }) =>
      sum + (detail["amount"] === undefined ? 0n : amount(`${detail["amount"]}`)), 0n)
    const gained = credited > 0n ? credited : 0n
    const margin = Amount.over(amount("3000"), Decimal.make(BigInt(leverage), 0), Amount.quantumOf(8), "up")
    // Funding that was received is margin, and may be lost with it.
    const lost = amount("100000") - World.balance(world, "binance:perp", "USDT")
    assert.isTrue(lost <= margin + gained, Amount.format(lost - margin - gained))
  }, { fastCheck: { numRuns: 40 } })
})
