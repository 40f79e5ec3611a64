import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Fault from "execution-interface-manager/domain/Fault"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "../../sim/Exchange/fixtures.js"
import { amount, config, free, perform, series, time } from "../../sim/Exchange/fixtures.js"
import * as golden from "../golden.js"

const sale = fixtures.trade({ venue: "binance", trade_type: "spot", side: "sell", symbol: "ETHUSDT", amount: "1" })

describe("binance", () => {
  it.effect("pays a short of one ether the sum of rate × mark over 1,095 settlements of a year", () =>
    Effect.map(golden.holdShort("binance", "binance:perp"), ({ credited, rates, settlements }) => {
      assert.strictEqual(settlements, 1095)
      assert.strictEqual(credited, "235.08546928")
      assert.strictEqual(rates, "0.07559916")
    }).pipe(Effect.provide(golden.layer(Binance.layer(config(free)), { "binance:perp": { USDT: "10000" } }))))

  it.effect("sells one ether on 2024-07-03 at 16:00, when it was at 3304.02", () =>
    Effect.gen(function*() {
      const binance = yield* fixtures.venue("binance")
      const at = time("2024-07-03T16:00:00Z")
      const arrival = yield* binance.trade!.arrival(sale, at)
      assert.deepStrictEqual([Decimal.format(arrival.price), Decimal.format(arrival.feeRate)], ["3304.02", "0.001"])
      const sold = yield* perform(binance.trade!, { operationId: "sale", at, instruction: sale })
      assert.deepStrictEqual(Deltas.fromEntries(sold.receipt.entries), {
        binance: { ETH: amount("-1"), USDT: amount("3299.05764") }
      })
      const { holdings } = yield* binance.portfolio(at)
      assert.deepStrictEqual(holdings.map(({ account, amount, asset }) => [account, asset, amount]), [
        ["binance:spot", "ETH", amount("1")],
        ["binance:spot", "USDT", amount("3299.05764")]
      ])
    }).pipe(Effect.provide(golden.layer(Binance.layer(), { "binance:spot": { ETH: "2" } }))))

  it.effect("says what is written down of an order before it is sent", () =>
    Effect.gen(function*() {
      const binance = yield* fixtures.venue("binance")
      const call = yield* binance.trade!.prepare({
        operationId: "intent-1",
        at: fixtures.begin,
        instruction: fixtures.trade({
          venue: "binance",
          trade_type: "perp",
          side: "buy",
          symbol: "ETHUSDT",
          amount: "1.23456",
          order_type: "limit",
          price: "3000.009",
          reduce_only: true
        })
      })
      assert.deepStrictEqual(call.wire, {
        client_order_id: "intent-1",
        symbol: "ETHUSDT-PERP",
        side: "buy",
        quantity: "1.234",
        type: "limit",
        price: "3000",
        time_in_force: "IOC",
        reduce_only: true
      })
      const failure = yield* Effect.flip(binance.trade!.prepare({
        operationId: "intent-2",
        at: fixtures.begin,
        instruction: fixtures.trade({ venue: "binance", trade_type: "perp", side: "buy", symbol: "ETHUSDT", amount: "0.0009" })
      }))
      assert.deepStrictEqual([failure._tag, failure.reason, failure.field], ["NotSent", "limit", "amount"])
    }).pipe(Effect.provide(fixtures.layer(Binance.layer(), [], {}))))

  it.effect("has no price on arrival without data, and says which series it wants", () =>
    Effect.gen(function*() {
      const binance = yield* fixtures.venue("binance")
      const failure: Outcome.NotSent = yield* Effect.flip(binance.trade!.arrival(sale, fixtures.begin))
      assert.deepStrictEqual([failure.reason, failure.retry], ["market_data", "never"])
      assert.include(failure.message, "spot.binance.ETH or price.ETH")
    }).pipe(Effect.provide(fixtures.layer(Binance.layer(), [series("price.BTC", { 0: "1" })], {}))))

  it.effect("is one venue only", () =>
    Effect.gen(function*() {
      const twice = fixtures.layer(Layer.merge(Binance.layer(), Layer.fresh(Binance.layer())), [], {})
      const failure = yield* Effect.flip(Effect.scoped(Layer.build(twice)))
      assert.strictEqual(failure._tag, "DuplicateVenue")
    }))
})

describe("settings of an exchange", () => {
  const decode = (input: unknown) => Fault.decoder(Binance.Config)(input, "venues.binance")

  it("are read from JSON, numbers or text", () => {
    assert.isTrue(Either.isRight(decode({})))
    const all = decode({
      fees: { spot: { taker: 0.001, maker: "0" } },
      slippage: { spot: "0", perp: [{ notional: "10000", bps: 1 }, { notional: "20000", bps: "2.5" }] },
      instruments: { spot: { ETHUSDT: { tick: "0.05" }, "*USDT": { min_notional: "0" } }, perp: { "ETHUSDT-PERP": { lot: "0.01" } } },
      leverage: { ETH: "5", "BTC/USDT:USDT": "3" },
      maintenance_margin: "0.01",
      margin_tiers: { ETHUSDT: [{ from: "0", max_leverage: 50, maintenance: "0.01" }, { from: 1000, maintenance: "0.02" }] },
      margin_mode: { ETH: "isolated" },
      liquidation_fee: { ETH: "maintenance", BTC: "0.01" },
      collateral: { USDC: 0.99 },
      price_from: { ETH: "perp.bybit.ETH" },
      spot_price_from: "bybit",
      funding_from: { ETH: "bybit" },
      networks: { USDT: { ethereum: { withdrawal_fee: "0" } } },
      withdrawal_delay_seconds: 0,
      deposit_delay_seconds: 0
    })
    assert.isTrue(Either.isRight(all), Either.isLeft(all) ? Fault.describe(all.left) : "")
  })

  const faulty: ReadonlyArray<readonly [input: unknown, path: string]> = [
    [{ fee: {} }, "venues.binance.fee"],
    [{ fees: { spot: { taker: "1" } } }, "venues.binance.fees.spot.taker"],
    [{ fees: { spot: { taker: "-0.1" } } }, "venues.binance.fees.spot.taker"],
    [{ slippage: { spot: [] } }, "venues.binance.slippage.spot"],
    [{ slippage: { spot: "10000" } }, "venues.binance.slippage.spot"],
    [{ slippage: { spot: [{ notional: "2", bps: "1" }, { notional: "1", bps: "2" }] } }, "venues.binance.slippage.spot"],
    [{ instruments: { spot: { ETHUSDT: { lot: "0.000000001" } } } }, "venues.binance.instruments.spot.ETHUSDT.lot"],
    [{ instruments: { spot: { ETHUSDT: { tick: "0" } } } }, "venues.binance.instruments.spot.ETHUSDT.tick"],
    [{ instruments: { spot: { ETH: {} } } }, "venues.binance.instruments.spot.ETH"],
    [{ leverage: "0.5" }, "venues.binance.leverage"],
    [{ leverage: { "ETH+USDT": "5" } }, "venues.binance.leverage.ETH+USDT"],
    [{ leverage: { "1000PEPE": "3", kPEPE: "2" } }, "venues.binance.leverage"],
    [{ instruments: { spot: { ETHUSDT: {}, "ETH/USDT": {} } } }, "venues.binance.instruments.spot"],
    [{ margin_mode: "hedged" }, "venues.binance.margin_mode"],
    [{ liquidation_fee: "1" }, "venues.binance.liquidation_fee"],
    [{ collateral: { ETH: "1.01" } }, "venues.binance.collateral.ETH"],
    [{ margin_tiers: { ETH: [] } }, "venues.binance.margin_tiers.ETH"],
    [{ margin_tiers: { ETH: [{ from: "1", maintenance: "0.01" }] } }, "venues.binance.margin_tiers.ETH"],
    [{ margin_tiers: { ETH: [{ from: "0", maintenance: "0.02" }, { from: "5", maintenance: "0.01" }] } }, "venues.binance.margin_tiers.ETH"],
    [{ price_from: "perp.bybit.ETH" }, "venues.binance.price_from"],
    [{ withdrawal_delay_seconds: -1 }, "venues.binance.withdrawal_delay_seconds"],
    [{ networks: { USDT: { ethereum: { fee: "1" } } } }, "venues.binance.networks.USDT.ethereum.fee"]
  ]
  for (const [input, path] of faulty) {
    it(`are refused where they are wrong, naming the place: ${path}`, () => {
      const decoded = decode(input)
      if (Either.isRight(decoded)) return assert.fail(`read ${JSON.stringify(input)}`)
      assert.strictEqual(decoded.left.path, path)
    })
  }

  it("show in the assumptions, beside the sources of the rest", () => {
    const of = (settings: Binance.Config, subject: string) => {
      const found = Binance.assumptions(settings).find((assumption) => assumption.subject === subject)
      return found === undefined ? undefined : [found.value, found.source]
    }
    const plain = config({})
    assert.deepStrictEqual(of(plain, "spot fees")?.[0], "taker 0.1 %, maker 0.1 %")
    assert.include(of(plain, "spot fees")?.[1], "binance.com")
    assert.deepStrictEqual(of(plain, "perp slippage")?.[0], "3 bps at 10000 USD, 4 bps at 100000 USD, 8 bps at 1000000 USD")
    assert.deepStrictEqual(of(plain, "leverage")?.[0], "20")
    assert.include(of(plain, "leverage")?.[1], "20x")
    assert.deepStrictEqual(of(config(free), "spot fees"), ["taker 0 %, maker 0 %", "config"])
    assert.deepStrictEqual(of(config(free), "perp slippage"), ["0 bps for every size", "config"])
    assert.deepStrictEqual(of(config({ leverage: { ETH: "3" } }), "leverage"), ["ETH 3, others 20", "config"])
    assert.deepStrictEqual(of(config({ price_from: "bybit" }), "stand-in for the mark price of every base token"), ["bybit", "config"])
    assert.deepStrictEqual(
      of(config({ networks: { USDT: { ethereum: { withdrawal_fee: "0" } } } }), "transfers of USDT on ethereum"),
      ["withdrawal fee 0 USDT, least withdrawal 10, arrives after 300 s, least deposit 0.01, credited after 72 s", "config"]
    )
    assert.isTrue(Binance.assumptions().every(({ source, value, venue }) => venue === "binance" && source !== "" && value !== ""))
  })
})
