import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Entry from "execution-interface-manager/domain/Entry"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Exchange from "execution-interface-manager/sim/Exchange"
import * as Settings from "execution-interface-manager/sim/Exchange/Settings"
import * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { amount, decimal, hours, perform, series } from "./fixtures.js"
import { left, right, steps, trade } from "./pure.js"

const flat = { slippage: { spot: "0", perp: "0" } }

const decode = Schema.decodeUnknownSync(Binance.Config, { onExcessProperty: "error" })
const binance = (input: object): Exchange.Steps => Exchange.steps(Settings.make(Binance.profile, decode({ ...flat, ...input })))

const data = [
  series("price.ETH", { 0: "2000" }),
  series("price.BNB", { 0: "600" }),
  series("perp.binance.ETH", { 0: "2000" }),
  series("perp.hyperliquid.ETH", { 0: "2000" }),
  series("funding.binance.ETH", { 0: "0.0001" }),
  series("funding.hyperliquid.ETH", { 0: "0.0001" })
]

const order = (trade_type: "spot" | "perp", side: "buy" | "sell", n: string, symbol = "ETHUSDT", venue = "binance") =>
  fixtures.trade({ venue, trade_type, side, symbol, amount: n })

const world = fixtures.world({
  "binance:spot": { ETH: "100", USDT: "1000000", BNB: "10" },
  "binance:perp": { USDT: "1000000", BNB: "10" }
})

const deltas = ({ entries }: Outcome.Receipt) => Deltas.fromEntries(entries)["binance"]

const textOf = (receipt: Outcome.Receipt) =>
  Object.fromEntries(Object.entries(deltas(receipt) ?? {}).map(([asset, change]) => [asset, Amount.format(change)]))

describe("a fee", () => {
  it("is taken of what is received", () => {
    const exchange = binance({})
    assert.deepStrictEqual(textOf(right(trade(exchange, world, data, order("spot", "buy", "1"))).value), { ETH: "0.999", USDT: "-2000" })
    assert.deepStrictEqual(textOf(right(trade(exchange, world, data, order("spot", "sell", "1"))).value), { ETH: "-1", USDT: "1998" })
    assert.deepStrictEqual(textOf(right(trade(exchange, world, data, order("perp", "buy", "1"))).value), { USDT: "-1" })
  })

  it("is taken of the quote, on top of what a purchase costs", () => {
    const exchange = binance({ fee_asset: "quote" })
    const bought = right(trade(exchange, world, data, order("spot", "buy", "1"))).value
    assert.deepStrictEqual(textOf(bought), { ETH: "1", USDT: "-2002" })
    assert.deepStrictEqual(bought.costs, [{ kind: "fee", venue: "binance", asset: "USDT", amount: amount("2") }])
    assert.deepStrictEqual(textOf(right(trade(exchange, world, data, order("spot", "sell", "1"))).value), { ETH: "-1", USDT: "1998" })
    const just = fixtures.world({ "binance:spot": { USDT: "2001.99999999" } })
    const refusal = left(trade(exchange, just, data, order("spot", "buy", "1")))
    assert.deepStrictEqual([refusal.reason, refusal.actual], ["insufficient_balance", "2002"])
  })

  it("is paid in BNB at three quarters for spot, and at nine tenths for perpetuals", () => {
    const exchange = binance({ fee_asset: "bnb" })
    // 2000 × 0.1 % × 0.75 / 600.
    assert.deepStrictEqual(textOf(right(trade(exchange, world, data, order("spot", "buy", "1"))).value), {
      BNB: "-0.0025",
      ETH: "1",
      USDT: "-2000"
    })
    assert.deepStrictEqual(textOf(right(trade(exchange, world, data, order("spot", "sell", "1"))).value), {
      BNB: "-0.0025",
      ETH: "-1",
      USDT: "2000"
    })
    // 2000 × 0.05 % × 0.9 / 600.
    const perp = right(trade(exchange, world, data, order("perp", "buy", "1"))).value
    assert.deepStrictEqual(textOf(perp), { BNB: "-0.0015" })
    assert.deepStrictEqual(perp.costs, [{ kind: "fee", venue: "binance", asset: "BNB", amount: amount("0.0015") }])
  })

  it("is set for spot and for perpetuals each", () => {
    const exchange = binance({ fee_asset: { perp: "bnb" } })
    assert.deepStrictEqual(textOf(right(trade(exchange, world, data, order("spot", "sell", "1"))).value), { ETH: "-1", USDT: "1998" })
    assert.deepStrictEqual(textOf(right(trade(exchange, world, data, order("perp", "buy", "1"))).value), { BNB: "-0.0015" })
  })

  it("in BNB is rounded up to a step of the account, the rest at rounding", () => {
    const { value, world: next } = right(trade(binance({ fee_asset: "bnb", bnb_price: "700" }), world, data, order("spot", "sell", "1")))
    // 1.5 / 700 = 0.002142857142857142857…
    assert.strictEqual(Amount.format(value.costs[0]!.amount), "0.002142857142857143")
    assert.strictEqual(textOf(value)["BNB"], "-0.00214286")
    assert.strictEqual(Amount.format(World.balance(next, "fees:binance", "BNB")), "0.002142857142857143")
    assert.strictEqual(Amount.format(World.balance(next, "rounding:binance", "BNB")), "0.000000002857142857")
  })

  it("falls back to what is received, without discount, where the account is short of BNB", () => {
    const exchange = binance({ fee_asset: "bnb" })
    for (const [bnb, paid] of [["0.0025", "BNB"], ["0.00249999", "USDT"], ["0", "USDT"]] as const) {
      const poor = fixtures.world({ "binance:spot": { ETH: "1", BNB: bnb }, "binance:perp": { BNB: "5" } })
      const { value } = right(trade(exchange, poor, data, order("spot", "sell", "1")))
      assert.deepStrictEqual(value.costs.map(({ asset }) => asset), [paid])
      assert.strictEqual(textOf(value)["USDT"], paid === "BNB" ? "2000" : "1998")
    }
    const futures = fixtures.world({ "binance:spot": { BNB: "5" }, "binance:perp": { USDT: "1000", BNB: "0.00149999" } })
    assert.deepStrictEqual(textOf(right(trade(exchange, futures, data, order("perp", "sell", "1"))).value), { USDT: "-1" })
  })

  it("in BNB for BNB comes out of what the trade leaves", () => {
    const exchange = binance({ fee_asset: "bnb" })
    const held = fixtures.world({ "binance:spot": { BNB: "1", USDT: "600" } })
    // 600 × 0.1 % × 0.75 / 600.
    assert.deepStrictEqual(textOf(right(trade(exchange, held, data, order("spot", "buy", "1", "BNBUSDT"))).value), { BNB: "0.99925", USDT: "-600" })
    assert.deepStrictEqual(textOf(right(trade(exchange, held, data, order("spot", "sell", "0.999", "BNBUSDT"))).value), {
      BNB: "-0.99974925",
      USDT: "599.4"
    })
    assert.deepStrictEqual(textOf(right(trade(exchange, held, data, order("spot", "sell", "max", "BNBUSDT"))).value), { BNB: "-1", USDT: "599.4" })
  })

  it("in BNB takes its price from the venue, from a stand-in, or as it is set", () => {
    const own = [...data, series("spot.binance.BNB", { 0: "500" }), series("spot.bybit.BNB", { 0: "400" })]
    const paid = (input: object, from: Parameters<typeof trade>[2]) =>
      Amount.format(right(trade(binance({ fee_asset: "bnb", ...input }), world, from, order("spot", "sell", "1"))).value.costs[0]!.amount)
    assert.strictEqual(paid({}, own), "0.003")
    assert.strictEqual(paid({ spot_price_from: { BNB: "bybit" } }, own), "0.00375")
    assert.strictEqual(paid({ bnb_price: "750" }, own), "0.002")
  })

  it("in BNB without any price is refused, naming series and setting", () => {
    const bare = data.filter(({ name }) => name !== "price.BNB")
    for (const kind of ["spot", "perp"] as const) {
      const refusal = left(trade(binance({ fee_asset: "bnb" }), world, bare, order(kind, "sell", "1")))
      assert.strictEqual(refusal.reason, "market_data")
      assert.include(refusal.message, "spot.binance.BNB or price.BNB")
      assert.include(refusal.message, "a fixed price can be set in bnb_price of binance")
    }
  })

  it("in another asset is no setting of the other exchanges, and BNB of Binance is no less than it", () => {
    for (const schema of [Bybit.Config, Okx.Config, Hyperliquid.Config]) {
      assert.throws(() => Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })({ fee_asset: "bnb" }))
    }
    for (const wrong of [{ fee_asset: "mnt" }, { fee_asset: { spot: "BNB" } }, { bnb_price: "0" }]) assert.throws(() => decode(wrong))
  })

  it("in another asset is said in the assumptions", () => {
    const said = (input: object) =>
      Binance.assumptions(decode(input)).filter(({ subject }) => subject.endsWith("fee asset")).map(({ subject, value }) => [subject, value])
    assert.deepStrictEqual(said({}), [])
    assert.deepStrictEqual(said({ fee_asset: { spot: "quote", perp: "bnb" }, bnb_price: "600" }), [
      ["spot fee asset", "the quote on both sides"],
      [
        "perp fee asset",
        "BNB at 600 USD, which is set, taker 0.045 %, where the account holds enough of it; else the settlement coin, taker 0.05 %"
      ]
    ])
  })

  it.effect("in BNB is none of the price that the guard compares", () =>
    Effect.gen(function*() {
      const { trade: capability } = yield* fixtures.venue("binance")
      const arrival = yield* capability!.arrival(order("spot", "sell", "1"), hours(0))
      assert.strictEqual(Decimal.format(arrival.feeRate), "0")
    }).pipe(Effect.provide(fixtures.layer(Binance.layer(decode({ fee_asset: "bnb" })), data, {}))))

  it("at Hyperliquid is in USDC, of a spot purchase in what is bought", () => {
    const exchange = steps(Hyperliquid.profile, flat)
    const held = fixtures.world({ "hyperliquid:spot": { ETH: "1", USDC: "3000" }, "hyperliquid:perp": { USDC: "3000" } })
    const costs = (kind: "spot" | "perp", side: "buy" | "sell") =>
      right(trade(exchange, held, data, order(kind, side, "1", "ETHUSDC", "hyperliquid"))).value.costs
        .map(({ amount, asset }) => `${Amount.format(amount)} ${asset}`)
    assert.deepStrictEqual(costs("perp", "sell"), ["0.9 USDC"])
    assert.deepStrictEqual(costs("spot", "sell"), ["1.4 USDC"])
    assert.deepStrictEqual(costs("spot", "buy"), ["0.0007 ETH"])
  })
})

describe("the account for perpetuals of Binance", () => {
  it.effect("holds BNB for fees, and no other token beside the settlement coins", () =>
    Effect.gen(function*() {
      const { transfer } = yield* fixtures.venue("binance")
      const move = (token: string, from: string, to: string) =>
        perform(transfer!.internal!, {
          operationId: `${token} ${to}`,
          at: hours(0),
          instruction: fixtures.transfer({ from_venue: from, to_venue: to, token, amount: "1" })
        })
      yield* move("BNB", "binance_spot", "binance_perp")
      assert.strictEqual(World.balance(yield* fixtures.currentWorld, "binance:perp", "BNB"), amount("1"))
      yield* move("BNB", "binance_perp", "binance_funding")
      assert.strictEqual(World.balance(yield* fixtures.currentWorld, "binance:funding", "BNB"), amount("1"))
      const failure = yield* Effect.flip(move("ETH", "binance_spot", "binance_perp"))
      assert.strictEqual(failure._tag === "NotSent" && failure.reason, "unsupported")
    }).pipe(Effect.provide(fixtures.layer(Binance.layer(), data, { "binance:spot": { BNB: "1", ETH: "1" } }))))
})

describe("any trade with any fee", () => {
  const fee_asset = FastCheck.constantFrom("received", "quote", "bnb")
  const side = FastCheck.constantFrom("buy" as const, "sell" as const)
  const cents = (min: number, max: number) =>
    FastCheck.integer({ min, max }).map((n) => Decimal.format(Decimal.make(BigInt(n), 4)))
  const rate = FastCheck.integer({ min: 0, max: 99_999 }).map((n) => Decimal.make(BigInt(n), 7))
  const lots = FastCheck.integer({ min: 100, max: 100_000_000 })
  const bnb = FastCheck.integer({ min: 0, max: 400_000_000 }).map((n) => Amount.format(BigInt(n) * Amount.quantumOf(8)))

  /** A pair of fine steps, and fees of fine rates. */
  const fine = (fee_asset: string, rate: Decimal.Decimal, dollars: string) => ({
    fee_asset,
    bnb_price: dollars,
    fees: { spot: { taker: Decimal.format(rate) }, perp: { taker: Decimal.format(rate) } },
    instruments: {
      spot: { ETHUSDT: { tick: "0.0001", lot: "0.00000001", min_amount: "0", min_notional: "0" } },
      perp: { ETHUSDT: { tick: "0.0001", lot: "0.00000001", min_amount: "0", min_notional: "0" } }
    }
  })

  const ceil = (numerator: bigint, denominator: bigint): bigint => (numerator + denominator - 1n) / denominator

  it.prop(
    "takes rate × amount rounded up as one line, keeps the books, and asks BNB only where there is enough",
    { fee_asset, kind: FastCheck.constantFrom("spot" as const, "perp" as const), side, price: cents(1_000_000, 60_000_000), dollars: cents(100, 20_000_000), rate, lots, bnb },
    ({ bnb, dollars, fee_asset, kind, lots, price, rate, side }) => {
      const exchange = binance(fine(fee_asset, rate, dollars))
      const market = [series("price.ETH", { 0: price }), series("perp.binance.ETH", { 0: price }), series("funding.binance.ETH", { 0: "0" })]
      const start = fixtures.world({
        "binance:spot": { ETH: "1", USDT: "10000", BNB: bnb },
        "binance:perp": { USDT: "10000", BNB: bnb }
      })
      const n = BigInt(lots) * Amount.quantumOf(8)
      const { value, world: next } = right(trade(exchange, start, market, order(kind, side, Amount.format(n))))
      assert.deepStrictEqual(Entry.imbalance(value.entries), [])
      assert.deepStrictEqual(fixtures.unbalanced(next), [])
      assert.deepStrictEqual(fixtures.impossible(next), [])
      const lines = value.entries.filter(({ account, reason }) => reason === "fee" && account === "fees:binance")
      assert.deepStrictEqual(lines.map(({ amount, asset }) => [asset, amount]), value.costs.map(({ amount, asset }) => [asset, amount]))
      if (rate.value === 0n) {
        assert.deepStrictEqual(lines, [])
        return
      }
      assert.strictEqual(lines.length, 1)
      const [{ amount: fee, asset }] = lines as [Entry.Entry]
      // The price has 4 decimals, the amount 8: what is traded is worth a whole number of 1e-12.
      const worth = n * Decimal.toScale(decimal(price), 4, "down") / 10_000n
      const sevenths = Decimal.toScale(rate, 7, "down")
      const inBnb = ceil(worth * sevenths * (kind === "spot" ? 75n : 90n), 100n * 10n ** 3n * Decimal.toScale(decimal(dollars), 4, "down"))
      const step = Amount.quantumOf(8)
      const enough = ceil(inBnb, step) * step <= amount(bnb)
      const expected = fee_asset === "bnb" && enough
        ? ["BNB", inBnb]
        : kind === "spot" && side === "buy" && fee_asset !== "quote"
          ? ["ETH", ceil(n * sevenths, 10n ** 7n)]
          : ["USDT", ceil(worth * sevenths, 10n ** 7n)]
      assert.deepStrictEqual([asset, fee], expected)
    },
    { fastCheck: { numRuns: 300 } }
  )

  it.prop(
    "never gains by buying and selling back, BNB counted",
    { fee_asset, kind: FastCheck.constantFrom("spot" as const, "perp" as const), price: cents(1_000_000, 60_000_000), dollars: cents(10_000, 20_000_000), rate, lots, bnb },
    ({ bnb, dollars, fee_asset, kind, lots, price, rate }) => {
      const exchange = binance(fine(fee_asset, rate, dollars))
      const market = [series("price.ETH", { 0: price }), series("perp.binance.ETH", { 0: price }), series("funding.binance.ETH", { 0: "0" })]
      const account = kind === "spot" ? "binance:spot" as const : "binance:perp" as const
      const start = fixtures.world({ [account]: { USDT: "10000", BNB: bnb } })
      const bought = right(trade(exchange, start, market, order(kind, "buy", Amount.format(BigInt(lots) * Amount.quantumOf(8))))).world
      const back = kind === "spot" ? Amount.format(World.balance(bought, account, "ETH")) : Amount.format(BigInt(lots) * Amount.quantumOf(8))
      const sold = right(trade(exchange, bought, market, order(kind, "sell", back))).world
      assert.strictEqual(World.balance(sold, account, "ETH"), 0n)
      const [coins, tokens] = [World.balance(sold, account, "USDT"), World.balance(sold, account, "BNB")]
      assert.isTrue(coins <= amount("10000") && tokens <= amount(bnb))
      // What is gone stands at the fees and at rounding, and nowhere else.
      const lost = (asset: string) => World.balance(sold, "fees:binance", asset) + World.balance(sold, "rounding:binance", asset)
      assert.strictEqual(amount(bnb) - tokens, lost("BNB"))
      const inEth = Amount.times(lost("ETH"), decimal(price), 1n, "up")
      assert.isTrue(amount("10000") - coins - lost("USDT") <= inEth + 1n)
      if (rate.value > 0n) assert.isTrue(coins < amount("10000") || tokens < amount(bnb))
    },
    { fastCheck: { numRuns: 200 } }
  )
})
