import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as ExecutionReport from "../../../src/domain/ExecutionReport.js"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as Funding from "execution-interface-manager/sim/Exchange/Funding"
import * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { checked } from "../liquidations.js"
import { amount, config, decimal, free, hours, perform, series, settle } from "./fixtures.js"
import { left, right, steps, trade } from "./pure.js"

const short = fixtures.trade({ venue: "binance", trade_type: "perp", side: "sell", symbol: "ETHUSDT", amount: "1" })
const settings = config(free)

const marks = (values: { readonly [hour: number]: string }) => series("perp.binance.ETH", values)
const rates = (values: { readonly [hour: number]: string }) => series("funding.binance.ETH", values)

/** A venue with one short opened at the first instant. */
const opened = (usdt: string, data: ReadonlyArray<ReturnType<typeof series>>) => ({
  layer: fixtures.layer(Binance.layer(settings), data, { "binance:perp": { USDT: usdt } }),
  open: Effect.gen(function*() {
    const binance = yield* fixtures.venue("binance")
    yield* settle([binance], hours(0))
    yield* perform(binance.trade!, { operationId: "open", at: hours(0), instruction: short })
    return binance
  })
})

describe("funding", () => {
  it("is −size × mark × rate: a short receives where the rate is above zero", () => {
    assert.strictEqual(Funding.payment(amount("-2"), decimal("3000"), decimal("0.0001")), amount("0.6"))
    assert.strictEqual(Funding.payment(amount("2"), decimal("3000"), decimal("0.0001")), amount("-0.6"))
    assert.strictEqual(Funding.payment(amount("2"), decimal("3000"), decimal("-0.0001")), amount("0.6"))
  })

  const payments = FastCheck.array(FastCheck.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), { maxLength: 200 })
  it.prop("credited never differs from the exact sum by as much as 1e-8", { payments }, ({ payments }) => {
    let exact = 0n
    let credited = 0n
    let remainder = 0n
    for (const payment of payments) {
      const settled = Funding.credit(remainder, payment)
      remainder = settled.remainder
      credited += settled.credited
      exact += payment
      assert.strictEqual(credited % Amount.quantumOf(8), 0n)
      assert.strictEqual(exact - credited, remainder)
      assert.isTrue(remainder >= 0n && remainder < Amount.quantumOf(8))
    }
  })

  const plain = opened("1000", [
    marks({ 0: "3000", 8: "3100.33", 12: "3050", 16: "3200" }),
    rates({ 0: "0.01", 8: "0.00011111", 16: "-0.0002" })
  ])
  it.effect("settles at the times of its series, for what was open before, each once", () =>
    Effect.gen(function*() {
      const binance = yield* plain.open
      // The rate of the instant of the fill is not for this position.
      assert.deepStrictEqual(yield* binance.accruals(hours(7)), [])
      const all = yield* binance.accruals(hours(20))
      assert.deepStrictEqual(all.map(({ account, at, id, kind }) => ({ account, at, id, kind })), [
        { account: "binance:perp", at: hours(8), id: "funding:binance:ETHUSDT-PERP:2024-06-01T08:00:00Z", kind: "funding" },
        { account: "binance:perp", at: hours(16), id: "funding:binance:ETHUSDT-PERP:2024-06-01T16:00:00Z", kind: "funding" }
      ])
      // 3100.33 × 0.00011111 = 0.3444776663: eight decimals are credited, the rest waits.
      assert.deepStrictEqual(all[0]!.detail, {
        symbol: "ETHUSDT-PERP",
        rate: "0.00011111",
        mark: "3100.33",
        size: "-1",
        amount: "0.3444776663",
        // 1000 + 3000 − 3100.33 + 0.34447766, and 0.4 % of 3100.33.
        margin_balance: "900.01447766",
        maintenance_margin: "12.40132",
        margin_ratio: "72.574"
      })
      assert.deepStrictEqual(Deltas.fromEntries(all[0]!.entries), { binance: { USDT: amount("0.34447766") } })
      // −0.64 + 0.0000000063 left over: down to −0.64.
      assert.deepStrictEqual(Deltas.fromEntries(all[1]!.entries), { binance: { USDT: amount("-0.64") } })
      for (const accrual of all) assert.deepStrictEqual(Entry.imbalance(accrual.entries), [])
      assert.deepStrictEqual(yield* binance.accruals(hours(20)), [])
      const world = yield* fixtures.currentWorld
      assert.strictEqual(World.balance(world, "funding:binance", "USDT"), -amount("-0.2955223337"))
      assert.deepStrictEqual(fixtures.unbalanced(world), [])
    }).pipe(Effect.provide(plain.layer)))

  const flat = opened("1000", [marks({ 0: "3000", 8: "3000" }), rates({ 0: "0.0001", 8: "0" })])
  describe.each([0, 3, -4, 999])("recorded %i ms beside its instant", (beside) => {
    const data = [
      marks({ 0: "3000", 8: "3000", 12: "3000" }),
      { name: "funding.binance.ETH", observations: [{ at: hours(0), value: decimal("0.0001") }, { at: hours(8) + beside, value: decimal("0.01") }] }
    ]
    const { layer, open } = opened("1000", data)
    it.effect("is that of who held the position before", () =>
      Effect.gen(function*() {
        const binance = yield* open
        assert.deepStrictEqual((yield* settle([binance], hours(8))).map(({ at, kind }) => [kind, at]), [["funding", hours(8)]])
        yield* perform(binance.trade!, { operationId: "close", at: hours(8), instruction: { ...short, side: "buy" } })
        yield* settle([binance], hours(12))
        assert.strictEqual(World.balance(yield* fixtures.currentWorld, "binance:perp", "USDT"), amount("1030"))
      }).pipe(Effect.provide(layer)))
    it.effect("is nothing to who opens then", () =>
      Effect.gen(function*() {
        const binance = yield* fixtures.venue("binance")
        yield* settle([binance], hours(8))
        yield* perform(binance.trade!, { operationId: "open", at: hours(8), instruction: short })
        assert.deepStrictEqual(yield* settle([binance], hours(12)), [])
      }).pipe(Effect.provide(layer)))
  })

  it("that a provider gives at no instant of a schedule is refused: who held the position then is not known", () => {
    const data = [
      series("perp.binance.ETH", { 0: "3000", 8: "3000" }),
      series("funding.binance.ETH", { 0: "0.0001" })
    ]
    const exchange = steps(Binance.profile)
    const world = right(trade(exchange, fixtures.world({ "binance:perp": { USDT: "1000" } }), data, short)).world
    const snapshot = fixtures.snapshot(data, hours(8) + 3)
    const late = { at: hours(8) + 3, value: decimal("0.01") }
    const refused = left(exchange.model.settle(world, {
      ...snapshot,
      since: (name, after) => (name === "funding.binance.ETH" && after < late.at ? [late] : snapshot.since(name, after))
    }))
    assert.deepStrictEqual([refused.reason, refused.field, refused.expected, refused.actual], [
      "market_data",
      "funding.binance.ETH",
      "2024-06-01T08:00:00Z",
      "2024-06-01T08:00:00.003Z"
    ])
  })

  it.effect("of zero is settled all the same", () =>
    Effect.gen(function*() {
      const binance = yield* flat.open
      const all = yield* binance.accruals(hours(8))
      assert.strictEqual(all.length, 1)
      assert.deepStrictEqual(all[0]!.entries, [])
    }).pipe(Effect.provide(flat.layer)))

  const blind = opened("1000", [marks({ 0: "3000" }), rates({ 0: "0.0001", 8: "0.0001", 40: "0.0001" })])
  it.effect("without a mark that is fresh enough stops, naming the series", () =>
    Effect.gen(function*() {
      const binance = yield* blind.open
      yield* binance.accruals(hours(8))
      const failure = yield* Effect.flip(binance.accruals(hours(40)))
      assert.strictEqual(failure._tag === "Rejected" && failure.reason, "market_data")
      assert.include(failure.message, "perp.binance.ETH")
    }).pipe(Effect.provide(blind.layer)))

  const poor = opened("150", [marks({ 0: "3000", 8: "1500" }), rates({ 0: "0.0001", 8: "-0.2" })])
  it.effect("that the balance does not cover is paid out of gains that are not realised", () =>
    Effect.gen(function*() {
      const binance = yield* poor.open
      const [funding] = yield* binance.accruals(hours(8))
      // 300 are due and 150 are there: of 1500 of gains 150 are realised, and the short stands at 2850.
      assert.strictEqual(funding!.detail["amount"], "-300")
      assert.deepStrictEqual(Deltas.fromEntries(funding!.entries), { binance: { USDT: amount("-150") } })
      const { holdings, positions } = yield* binance.portfolio(hours(8))
      assert.deepStrictEqual(holdings.filter(({ account }) => account === "binance:perp"), [])
      assert.strictEqual(Decimal.format(positions[0]!.entryPrice), "2850")
      assert.deepStrictEqual(fixtures.unbalanced(yield* fixtures.currentWorld), [])
    }).pipe(Effect.provide(poor.layer)))
})

describe("maintenance margin", () => {
  const crash = opened("150", [
    marks({ 0: "3000", 4: "3100", 6: "3138.5", 8: "3000" }),
    rates({ 0: "0.0001", 8: "0.0001" })
  ])
  it.effect("is checked at every mark on the way, and where it is not met the position is liquidated", () =>
    Effect.gen(function*() {
      const binance = yield* crash.open
      // At 3100: equity 50, required 12.4. At 3138.5: equity 11.5, required 12.554.
      assert.deepStrictEqual(yield* binance.accruals(hours(5)), [])
      const all = yield* binance.accruals(hours(8))
      assert.deepStrictEqual(all.map(({ account, at, id, kind }) => ({ account, at, id, kind })), [
        { account: "binance:perp", at: hours(6), id: "liquidation:binance:ETHUSDT-PERP:2024-06-01T06:00:00Z", kind: "liquidation" }
      ])
      assert.deepStrictEqual(all[0]!.detail, {
        symbol: "ETHUSDT-PERP",
        margin_mode: "cross",
        size: "-1",
        entry_price: "3000",
        mark: "3138.5",
        extreme: "3138.5",
        margin_balance: "11.5",
        maintenance_margin: "12.554",
        margin_ratio: "0.916",
        unit: "USDT",
        realised: "-138.5",
        // 1.25 % of 3138.5 would be 39.23, and 11.5 are left.
        penalty: "0",
        fee: "11.5",
        insurance_fund: "0"
      })
      const [liquidation] = checked(all)
      assert.deepStrictEqual(ExecutionReport.liquidationToJson(liquidation!), {
        id: "liquidation:binance:ETHUSDT-PERP:2024-06-01T06:00:00Z",
        timestamp: "2024-06-01T06:00:00Z",
        venue: "binance",
        account: "binance:perp",
        symbol: "ETHUSDT-PERP",
        size: "-1",
        price: "3138.5",
        price_in: "USDT",
        margin_ratio: "0.916",
        health_factor: null,
        repaid: null,
        token: "USDT",
        loss: "150",
        penalty: "0",
        fee: "11.5"
      })
      assert.deepStrictEqual(Deltas.fromEntries(all[0]!.entries), { binance: { USDT: amount("-150") } })
      const { positions } = yield* binance.portfolio(hours(8))
      assert.deepStrictEqual(positions, [])
    }).pipe(Effect.provide(crash.layer)))

  const two = fixtures.layer(
    Layer.mergeAll(Binance.layer(settings), Bybit.layer(settings)),
    [
      marks({ 0: "3000", 8: "3000" }),
      rates({ 0: "0.0001", 8: "0.0001" }),
      series("perp.bybit.ETH", { 0: "3000", 8: "9000" }),
      series("funding.bybit.ETH", { 0: "0.0001" })
    ],
    { "binance:perp": { USDT: "1000" }, "bybit:unified": { USDT: "1000" } }
  )
  it.effect("not met at one venue is no matter of another, and a loss beyond the account is paid by the insurance fund", () =>
    Effect.gen(function*() {
      for (const id of ["binance", "bybit"]) {
        const venue = yield* fixtures.venue(id)
        yield* settle([venue], hours(0))
        yield* perform(venue.trade!, { operationId: id, at: hours(0), instruction: { ...short, venue: { venue: id, sub: undefined } } })
      }
      const kinds = yield* Effect.forEach(["binance", "bybit"], (id) =>
        Effect.flatMap(fixtures.venue(id), (venue) => Effect.map(venue.accruals(hours(8)), (all) => all.map(({ kind }) => kind))))
      assert.deepStrictEqual(kinds, [["funding"], ["liquidation"]])
      const world = yield* fixtures.currentWorld
      assert.strictEqual(World.balance(world, "binance:perp", "USDT"), amount("1000.3"))
      assert.strictEqual(World.balance(world, "bybit:unified", "USDT"), 0n)
      assert.strictEqual(World.balance(world, "market:bybit", "USDT"), amount("1000"))
      assert.deepStrictEqual(fixtures.unbalanced(world), [])
    }).pipe(Effect.provide(two)))

  it("is by tiers of the notional for ether at Binance, and can be set", () => {
    assert.include(Binance.assumptions().find(({ subject }) => subject === "maintenance margin")!.value, "ETHUSDT 0.4 % at 125x or less, 0.5 % above 50000")
    const set = Binance.assumptions(config({ maintenance_margin: { ETH: "0.02" } }))
    const [value, source] = set.filter(({ subject }) => subject === "maintenance margin").map(({ source, value }) => [value, source])[0]!
    assert.include(value, "ETHUSDT 2 %, ")
    assert.strictEqual(source, "config")
  })

  const rise = [marks({ 0: "3000", 4: "3050" }), rates({ 0: "0.0001" })]
  const calm = opened("150", rise)
  const strict = fixtures.layer(
    Binance.layer(config({ ...free, maintenance_margin: { ETH: "0.04" } })),
    rise,
    { "binance:perp": { USDT: "150" } }
  )
  it.effect("that was set counts", () =>
    Effect.gen(function*() {
      const binance = yield* calm.open
      // Equity 100; 3050 × 4 % = 122.
      const [liquidation] = yield* binance.accruals(hours(4))
      assert.deepInclude(liquidation!.detail, { margin_balance: "100", maintenance_margin: "122" })
    }).pipe(Effect.provide(strict)))
})

describe("decimals of funding", () => {
  it("are exact to 1e-18 and down beyond", () => {
    assert.strictEqual(
      Funding.payment(amount("-1"), Decimal.unsafe("3333.333333333"), Decimal.unsafe("0.000000001")),
      amount("0.000003333333333333")
    )
    assert.strictEqual(
      Funding.payment(amount("-1"), Decimal.unsafe("3333.3333333333"), Decimal.unsafe("0.00000000123")),
      amount("0.000004099999999999")
    )
  })
})
