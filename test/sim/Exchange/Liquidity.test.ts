import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { amount, config, decimal, free, hours, perform, series } from "./fixtures.js"
import { left, right, steps, trade } from "./pure.js"

const market = [
  series("price.ETH", { 0: "2000" }),
  series("perp.binance.ETH", { 0: "2000" }),
  series("funding.binance.ETH", { 0: "0.0001" })
]

/** 300000 dollars in the hour before 0, 50000 in the hour after. */
const volume = [
  ...market,
  series("spot.binance.ETH.volume", { 0: "300000", 1: "50000" }),
  series("perp.binance.ETH.volume", { 0: "300000", 1: "50000" })
]

const order = (trade_type: "spot" | "perp", side: "buy" | "sell", n: string, more: object = {}) =>
  fixtures.trade({ venue: "binance", trade_type, side, symbol: "ETHUSDT", amount: n, ...more })

const limit = (price: string, time_in_force: "IOC" | "FOK") => ({ order_type: "limit", price, time_in_force })

const rich = fixtures.world({
  "binance:spot": { ETH: "1000", USDT: "2000000" },
  "binance:perp": { USDT: "2000000" }
})

const both = (volume_limit: object) => ({ ...free, volume_limit: { spot: volume_limit, perp: volume_limit } })

describe("a volume limit", () => {
  it("by order fills a part of it at the market, or with IOC", () => {
    const exchange = steps(Binance.profile, both({ notional: "10001" }))
    for (const more of [{}, limit("1990", "IOC")]) {
      // 10001 dollars are 5.0005 ETH.
      const { value, world } = right(trade(exchange, rich, market, order("spot", "sell", "7", more)))
      assert.strictEqual(value.fills[0]!.amount, amount("5.0005"))
      assert.deepStrictEqual(value.detail, { requested: "7", snapped: "7", filled: "5.0005", available: "5.0005" })
      assert.deepStrictEqual(Deltas.fromEntries(value.entries), { binance: { ETH: amount("-5.0005"), USDT: amount("10001") } })
      // The next order meets the same.
      assert.strictEqual(right(trade(exchange, world, market, order("spot", "sell", "7"))).value.fills[0]!.amount, amount("5.0005"))
    }
  })

  it("by order ends one that is filled or killed, and changes nothing", () => {
    const exchange = steps(Binance.profile, both({ notional: "10000" }))
    const killed = right(trade(exchange, rich, market, order("spot", "sell", "5.0001", limit("1990", "FOK"))))
    assert.deepStrictEqual(killed.value.fills, [])
    assert.deepStrictEqual(killed.value.entries, [])
    assert.deepStrictEqual(killed.value.detail, {
      requested: "5.0001",
      snapped: "5.0001",
      unfilled: true,
      price: "2000",
      limit: "1990",
      available: "5"
    })
    assert.strictEqual(killed.world, rich)
    const whole = right(trade(exchange, rich, market, order("spot", "sell", "5", limit("1990", "FOK"))))
    assert.strictEqual(whole.value.fills[0]!.amount, amount("5"))
    assert.deepStrictEqual(whole.value.detail, { requested: "5", snapped: "5" })
  })

  it("by volume is shared by the orders of a step, and new in the next", () => {
    const exchange = steps(Binance.profile, both({ fraction: "0.1" }))
    // A tenth of 300000 dollars is 15 ETH.
    const first = right(trade(exchange, rich, volume, order("spot", "sell", "10")))
    assert.strictEqual(first.value.fills[0]!.amount, amount("10"))
    const second = right(trade(exchange, first.world, volume, order("spot", "buy", "10")))
    assert.strictEqual(second.value.fills[0]!.amount, amount("5"))
    const third = right(trade(exchange, second.world, volume, order("spot", "sell", "10")))
    assert.deepStrictEqual(third.value.fills, [])
    assert.strictEqual(third.value.detail["available"], "0")
    // The perpetual has a volume of its own, and the next step has 50000 dollars.
    assert.strictEqual(right(trade(exchange, third.world, volume, order("perp", "sell", "10"))).value.fills[0]!.amount, amount("10"))
    const next = right(trade(exchange, { ...third.world, at: hours(1) }, volume, order("spot", "sell", "10")))
    assert.strictEqual(next.value.fills[0]!.amount, amount("2.5"))
  })

  it("by volume takes the one beside the price that stands in, and a fixed notional before there is any", () => {
    const later = [...market, series("price.ETH.volume", { 1: "50000" })]
    const exchange = steps(Binance.profile, both({ fraction: "0.1", notional: "8000" }))
    const before = right(trade(exchange, rich, later, order("spot", "sell", "10")))
    assert.strictEqual(before.value.fills[0]!.amount, amount("4"))
    const after = right(trade(exchange, { ...before.world, at: hours(1) }, later, order("spot", "sell", "10")))
    assert.strictEqual(after.value.fills[0]!.amount, amount("2.5"))
  })

  it("by volume alone is refused where none was observed or it is too old, naming the series", () => {
    const exchange = steps(Binance.profile, both({ fraction: "0.1" }))
    const none = left(trade(exchange, rich, market, order("spot", "sell", "10")))
    assert.deepStrictEqual([none.reason, none.field, none.expected], [
      "market_data",
      "volume_limit",
      "the series spot.binance.ETH.volume or price.ETH.volume, or notional in volume_limit of binance"
    ])
    const fresh = [series("price.ETH", { 0: "2000", 40: "2000" }), series("spot.binance.ETH.volume", { 0: "1" })]
    const old = left(trade(exchange, { ...rich, at: hours(40) }, fresh, order("spot", "sell", "10")))
    assert.strictEqual(old.reason, "market_data")
    assert.include(old.message, "spot.binance.ETH.volume")
  })

  it("prices the part that fills, and not the order", () => {
    const exchange = steps(Binance.profile, {
      fees: free.fees,
      slippage: { spot: [{ notional: "10000", bps: "5" }, { notional: "20000", bps: "105" }] },
      volume_limit: { spot: { notional: "10000" } }
    })
    const { value } = right(trade(exchange, rich, market, order("spot", "sell", "10")))
    assert.strictEqual(Decimal.format(value.fills[0]!.price), "1999")
  })

  it("wants the account to bear the whole order all the same", () => {
    const exchange = steps(Binance.profile, both({ notional: "2000" }))
    const poor = fixtures.world({ "binance:spot": { USDT: "5000" } })
    const refusal = left(trade(exchange, poor, market, order("spot", "buy", "3")))
    assert.deepStrictEqual([refusal.reason, refusal.actual], ["insufficient_balance", "6000"])
  })

  it("cuts an order that only reduces after its position does", () => {
    const exchange = steps(Binance.profile, both({ notional: "4000" }))
    const open = steps(Binance.profile, free)
    const short = right(trade(open, rich, market, order("perp", "sell", "3"))).world
    for (const n of ["max", "10"]) {
      const { value } = right(trade(exchange, short, market, order("perp", "buy", n, { reduce_only: true })))
      assert.strictEqual(value.fills[0]!.amount, amount("2"))
      assert.strictEqual(value.positions[0]!.size, amount("-1"))
      assert.strictEqual(value.detail["filled"], "2")
    }
    // Three are less than four thousand dollars, once the position is the limit.
    const wide = steps(Binance.profile, both({ notional: "8000" }))
    const all = right(trade(wide, short, market, order("perp", "buy", "10", { reduce_only: true })))
    assert.strictEqual(all.value.positions[0]!.size, 0n)
  })

  it.effect("reports what is filled in part as partial, max included, and nothing as settled", () =>
    Effect.gen(function*() {
      const { trade } = yield* fixtures.venue("binance")
      const done = (id: string, instruction: ReturnType<typeof order>) =>
        Effect.map(perform(trade!, { operationId: id, at: hours(0), instruction }), (outcome) =>
          [outcome._tag, outcome._tag === "Settled" && outcome.partial === true, outcome.receipt.fills.length])
      assert.deepStrictEqual(yield* done("a", order("spot", "sell", "2")), ["Settled", false, 1])
      assert.deepStrictEqual(yield* done("b", order("spot", "sell", "7")), ["Settled", true, 1])
      assert.deepStrictEqual(yield* done("c", order("spot", "sell", "max")), ["Settled", true, 1])
      assert.deepStrictEqual(yield* done("d", order("spot", "sell", "7", limit("1990", "FOK"))), ["Settled", false, 0])
    }).pipe(Effect.provide(
      fixtures.layer(Binance.layer(config(both({ notional: "10000" }))), market, { "binance:spot": { ETH: "100" } })
    )))

  it("is said in the assumptions, and so is that there is none", () => {
    const said = (volume_limit: object) =>
      Binance.assumptions(config({ volume_limit })).filter(({ subject }) => subject.endsWith("volume limit"))
        .map(({ source, subject, value }) => [subject, value, source])
    assert.deepStrictEqual(said({ spot: { fraction: "0.1", notional: "8000" } }), [
      [
        "spot volume limit",
        "at most 10 % of the volume of the newest step that is over, in dollars (spot.binance.<BASE>.volume, else " +
        "price.<BASE>.volume), else 8000 USD an order; market and IOC orders fill in part, FOK orders whole or not at all",
        "config"
      ],
      ["perp volume limit", "none: every order fills whole", "model"]
    ])
  })

  it("is a setting that says something", () => {
    for (const volume_limit of [{ spot: {} }, { spot: { fraction: "0" } }, { perp: { fraction: "1.1" } }, { spot: { notional: "0" } }]) {
      assert.throws(() => config({ volume_limit }))
    }
  })
})

describe("any order under any volume limit", () => {
  const lots = FastCheck.integer({ min: 1, max: 400_000 })
  const orders = FastCheck.array(
    FastCheck.record({
      kind: FastCheck.constantFrom("spot" as const, "perp" as const),
      side: FastCheck.constantFrom("buy" as const, "sell" as const),
      lots,
      // Cents around the price.
      limit: FastCheck.option(FastCheck.integer({ min: 195_000, max: 205_000 }), { nil: undefined }),
      time_in_force: FastCheck.constantFrom("IOC" as const, "FOK" as const),
      reduce_only: FastCheck.boolean(),
      hour: FastCheck.integer({ min: 0, max: 2 })
    }),
    { minLength: 1, maxLength: 12 }
  )
  const settings = FastCheck.record({
    fraction: FastCheck.option(FastCheck.integer({ min: 1, max: 1000 }), { nil: undefined }),
    notional: FastCheck.integer({ min: 1, max: 500_000 })
  })

  it.prop(
    "fills no more than was asked and there is, whole or not at all where it must, at a price within its limit",
    { orders, settings },
    ({ orders, settings }) => {
      const fraction = settings.fraction === undefined ? undefined : Decimal.make(BigInt(settings.fraction), 3)
      const exchange = steps(Binance.profile, {
        volume_limit: Object.fromEntries((["spot", "perp"] as const).map((side) => [side, {
          ...(fraction === undefined ? {} : { fraction: Decimal.format(fraction) }),
          notional: String(settings.notional)
        }]))
      })
      let world = rich
      /** Dollars filled by account and step. */
      const filled = new Map<string, bigint>()
      for (const { kind, limit, lots, side, reduce_only, time_in_force, hour } of [...orders].sort((a, b) => a.hour - b.hour)) {
        const lot = amount(kind === "spot" ? "0.0001" : "0.001")
        const wanted = BigInt(lots) * lot
        const price = limit === undefined ? undefined : Decimal.make(BigInt(limit), 2)
        const before = exchange.slot.get(world).positions.get("ETHUSDT-PERP")?.size ?? 0n
        const done = trade(exchange, { ...world, at: hours(hour) }, volume, order(kind, side, Amount.format(wanted), {
          ...(price === undefined ? {} : { order_type: "limit", price: Decimal.format(price), time_in_force }),
          ...(kind === "perp" ? { reduce_only } : {})
        }))
        if (done._tag === "Left") continue
        const { value, world: next } = done.right
        assert.deepStrictEqual(Entry.imbalance(value.entries), [])
        assert.deepStrictEqual(fixtures.unbalanced(next), [])
        assert.deepStrictEqual(fixtures.impossible(next), [])
        world = next
        const [fill] = value.fills
        if (fill === undefined) {
          assert.deepStrictEqual(value.entries, [])
          continue
        }
        assert.isTrue(fill.amount > 0n && fill.amount <= wanted && fill.amount % lot === 0n)
        if (price !== undefined) {
          assert.isTrue(side === "buy" ? Decimal.compare(fill.price, price) <= 0 : Decimal.compare(fill.price, price) >= 0)
          const cut = kind === "perp" && reduce_only && Amount.abs(before) < wanted ? Amount.abs(before) : wanted
          if (time_in_force === "FOK") assert.strictEqual(fill.amount, cut)
        }
        if (kind === "perp" && reduce_only) {
          const after = exchange.slot.get(next).positions.get("ETHUSDT-PERP")?.size ?? 0n
          assert.isTrue(after === 0n || after > 0n === before > 0n)
          assert.isTrue(Amount.abs(after) < Amount.abs(before))
        }
        const dollars = Amount.times(fill.amount, decimal("2000"), 1n, "up")
        if (fraction === undefined) {
          assert.isTrue(dollars <= BigInt(settings.notional) * Amount.unit)
        } else {
          const step = hour === 0 ? 300_000n : 50_000n
          const key = `${kind} ${hour === 0 ? 0 : 1}`
          filled.set(key, (filled.get(key) ?? 0n) + dollars)
          assert.isTrue(filled.get(key)! <= Amount.times(step * Amount.unit, fraction, 1n, "down"))
        }
      }
    },
    { fastCheck: { numRuns: 200 } }
  )

  it.prop(
    "never gains by buying and selling back, however it is cut",
    { settings, lots: FastCheck.integer({ min: 100, max: 400_000 }), price: FastCheck.integer({ min: 100_000, max: 400_000 }) },
    ({ lots, price, settings }) => {
      const exchange = steps(Binance.profile, { volume_limit: { spot: { notional: String(settings.notional) } } })
      const data = [series("price.ETH", { 0: Decimal.format(Decimal.make(BigInt(price), 2)) })]
      const start = fixtures.world({ "binance:spot": { USDT: "10000000" } })
      const bought = trade(exchange, start, data, order("spot", "buy", Amount.format(BigInt(lots) * amount("0.0001"))))
      if (bought._tag === "Left") return
      let world = bought.right.world
      for (let n = 0; n < 6; n++) {
        const sold = trade(exchange, world, data, order("spot", "sell", "max"))
        if (sold._tag === "Left") break
        world = sold.right.world
      }
      const held = World.balance(world, "binance:spot", "USDT") +
        Amount.times(World.balance(world, "binance:spot", "ETH"), Decimal.make(BigInt(price), 2), 1n, "down")
      assert.isTrue(held <= amount("10000000"))
      if (bought.right.value.fills.length > 0) assert.isTrue(held < amount("10000000"))
    },
    { fastCheck: { numRuns: 200 } }
  )
})
