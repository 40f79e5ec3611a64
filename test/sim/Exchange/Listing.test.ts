import { it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Instrument from "execution-interface-manager/domain/Instrument"
import * as Market from "execution-interface-manager/sim/Exchange/Market"
import * as Settings from "execution-interface-manager/sim/Exchange/Settings"
import type * as Refusal from "execution-interface-manager/sim/Refusal"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { amount, config, decimal, free, series } from "./fixtures.js"
import { left, right, steps, trade } from "./pure.js"

const profiles = { binance: Binance.profile, bybit: Bybit.profile, okx: Okx.profile, hyperliquid: Hyperliquid.profile }
type Venue = keyof typeof profiles

const markets = (venue: Venue, input: unknown = {}) => Market.make(Settings.make(profiles[venue], config(input)))

const find = (
  venue: Venue,
  kind: "spot" | "perp",
  symbol: string,
  input: unknown = {}
): Either.Either<Market.Market, Refusal.Refusal> => markets(venue, input)[kind](Instrument.parse(symbol, venue)!)

describe("a market exists where it is listed", () => {
  it.each<[Venue, "spot" | "perp", string]>([
    ["binance", "spot", "ETHBTC"],
    ["binance", "spot", "BNBETH"],
    ["binance", "spot", "USDCUSDT"],
    ["binance", "spot", "USDTTRY"],
    ["binance", "spot", "BTCFDUSD"],
    ["binance", "spot", "XVGUSDT"],
    ["binance", "spot", "1INCHUSDT"],
    ["binance", "spot", "1000SATSUSDT"],
    ["binance", "perp", "1000PEPEUSDT"],
    ["binance", "perp", "SOLUSDC"],
    ["bybit", "spot", "STETH/ETH"],
    ["bybit", "perp", "SHIB1000USDT"],
    ["bybit", "perp", "ETHPERP"],
    ["okx", "perp", "PEPE-USDT-SWAP"],
    ["okx", "spot", "ETH-BTC"],
    ["hyperliquid", "perp", "kPEPE"],
    ["hyperliquid", "perp", "ETH"],
    ["hyperliquid", "spot", "HYPE/USDC"],
    ["hyperliquid", "spot", "UBTC/USDC"]
  ])("%s %s %s", (venue, kind, symbol) => {
    assert.isTrue(Either.isRight(find(venue, kind, symbol)))
  })

  it.each<[Venue, "spot" | "perp", string, string]>([
    ["binance", "spot", "BTCETH", "ETHBTC"],
    ["binance", "spot", "ETHBNB", "BNBETH"],
    ["okx", "spot", "BTC-ETH", "ETHBTC"],
    ["binance", "spot", "USDT/USDC", "USDCUSDT"],
    ["binance", "spot", "USDT/BTC", "BTCUSDT"],
    ["binance", "spot", "ETHDAI", "ETHUSDT"],
    ["binance", "spot", "DAIUSDT", "DAIUSDT in instruments.spot of binance"],
    ["binance", "spot", "DAIUSDC", "DAIUSDC in instruments.spot of binance"],
    ["binance", "spot", "EUR/TRY", "EURUSDT"],
    ["binance", "spot", "XVGBTC", "XVGUSDT"],
    ["binance", "spot", "WETHUSDT", "WETHUSDT in instruments.spot of binance"],
    ["binance", "spot", "WETHETH", "WETHETH in instruments.spot of binance"],
    ["binance", "perp", "1000XVGUSDT", "XVGUSDT"],
    ["binance", "spot", "stETHUSDT", "instruments.spot"],
    ["binance", "spot", "aUSDT/USDC", "instruments.spot"],
    ["binance", "spot", "debtWETH/USDT", "instruments.spot"],
    ["binance", "spot", "ticketETH/USDT", "instruments.spot"],
    ["binance", "spot", "SOL/XRP", "SOLUSDT"],
    ["binance", "spot", "1000ETHUSDT", "ETHUSDT"],
    ["binance", "perp", "PEPEUSDT", "1000PEPEUSDT"],
    ["binance", "perp", "10000PEPEUSDT", "1000PEPEUSDT"],
    ["binance", "perp", "1000BTCUSDT", "BTCUSDT"],
    ["binance", "perp", "XVGUSDC", "XVGUSDT"],
    ["binance", "perp", "BTCUSD", "BTCUSDT"],
    ["binance", "perp", "USDTUSDC", "USDCUSDT"],
    ["okx", "perp", "1000PEPE-USDT-SWAP", "PEPEUSDT"],
    ["bybit", "perp", "ETHBTC", "ETHUSDT"],
    ["hyperliquid", "perp", "ETHUSDT", "ETHUSDC"],
    ["hyperliquid", "perp", "PEPEUSDC", "1000PEPEUSDC"],
    ["hyperliquid", "spot", "ETHBTC", "ETHUSDC"],
    ["hyperliquid", "spot", "XVG/USDC", "instruments.spot"],
    ["hyperliquid", "spot", "FOO/BAR", "a symbol that ends in USDC"]
  ])("%s %s has no %s, and names %s", (venue, kind, symbol, expected) => {
    const refusal = left(find(venue, kind, symbol))
    assert.deepStrictEqual([refusal.reason, refusal.field], ["unsupported", "symbol"])
    assert.include(refusal.expected, expected)
  })

  const token = FastCheck.constantFrom("BTC", "ETH", "BNB", "USDT", "USDC", "DAI", "FDUSD", "EUR", "TRY", "SOL", "XVG", "1INCH", "WETH", "stETH", "aUSDT")
  it.prop("never both ways round", { venue: FastCheck.constantFrom<Venue>("binance", "bybit", "okx", "hyperliquid"), a: token, b: token }, ({ a, b, venue }) => {
    FastCheck.pre(a !== b)
    for (const kind of ["spot", "perp"] as const) {
      const has = (symbol: string) => Either.isRight(find(venue, kind, symbol))
      assert.isFalse(has(`${a}/${b}`) && has(`${b}/${a}`), `${venue} ${kind} ${a} ${b}`)
    }
  })

  it("or where the settings add it, but for a perpetual that settles in a coin of another venue", () => {
    for (const symbol of ["BTCETH", "ETHDAI", "XVGBTC", "FOO/BAR", "stETHUSDT", "DAI/USDT"]) {
      const market = right(find("binance", "spot", symbol, { instruments: { spot: { [symbol]: { lot: "0.01" } } } }))
      assert.strictEqual(market.rule.lot, amount("0.01"))
    }
    assert.isTrue(Either.isRight(find("binance", "perp", "PEPEUSDT", { instruments: { perp: { "PEPE/USDT:USDT": {} } } })))
    assert.isTrue(Either.isLeft(find("binance", "perp", "ETHBTC", { instruments: { perp: { ETHBTC: {} } } })))
    assert.isTrue(Either.isLeft(find("binance", "spot", "ETHDAI", { instruments: { spot: { "*DAI": {} } } })))
  })

  it("has its settings by any spelling", () => {
    const { margin } = Settings.make(Hyperliquid.profile, config({
      leverage: { kPEPE: "3", "SOL/USDC:USDC": "4" },
      maintenance_margin: { KPEPE: "0.07" },
      margin_tiers: { "SOL-USDC": [{ from: "0", maintenance: "0.08" }] }
    }))
    const pepe = margin(Instrument.parse("kPEPE", "hyperliquid")!)
    assert.deepStrictEqual([Decimal.format(pepe.leverage), Decimal.format(pepe.tiers[0].maintenance)], ["3", "0.07"])
    const sol = margin(Instrument.parse("SOL", "hyperliquid")!)
    assert.deepStrictEqual([Decimal.format(sol.leverage), Decimal.format(sol.tiers[0].maintenance)], ["4", "0.08"])
  })

  it("reads a stand-in of its coin as so many of it", () => {
    const of = (price_from: unknown) => {
      const market = markets("binance", { price_from }).perp({ base: "1000PEPE", quote: "USDT" })
      return right(market).price.series
    }
    assert.strictEqual(of({ "1000PEPE": "price.PEPE" }), "price.1000PEPE")
    assert.strictEqual(of({ "1000PEPE": "perp.bybit.1000PEPE" }), "perp.bybit.1000PEPE")
    assert.strictEqual(of("bybit"), "perp.bybit.1000PEPE")
  })

  it("stands in the assumptions", () => {
    const of = (input: unknown, subject: string) => Binance.assumptions(config(input)).find((assumption) => assumption.subject === subject)!
    const usdt = of({}, "spot markets in USDT")
    assert.match(usdt.value, /^every coin of which there is a price, USDC, /)
    assert.match(usdt.source, /not checked/)
    assert.deepStrictEqual(usdt.scope, { market: "spot", tokens: ["USDT"] })
    assert.match(of({}, "spot markets in BTC").value, /^ETH, BNB, /)
    assert.isUndefined(of({}, "spot markets added"))
    const added = { instruments: { spot: { "XVG/BTC": { lot: "1" } } } }
    assert.deepInclude(of(added, "spot markets added"), { value: "XVGBTC", source: "config" })
    assert.deepInclude(of(added, "spot price step, lot and minimum of XVGBTC"), { scope: { market: "spot", tokens: ["XVG"] } })
    assert.match(of(added, "spot price step, lot and minimum of XVGBTC").source, /config$/)
    assert.strictEqual(of({}, "spot price step, lot and minimum of others in USDT").value, "8 figures, at least 0.000000000001 / 0.00001 / 5")
    assert.strictEqual(of({}, "spot price step, lot and minimum of ETHUSDT").value, "0.01 / 0.0001 / 5")
  })
})

describe("a pair without a rule of its own", () => {
  const order = (venue: string, side: string, symbol: string, n: string) =>
    fixtures.trade({ venue, trade_type: "spot", side, symbol, amount: n })

  it("buys 100 1INCH for 40 USDT and a fee of 0.1 1INCH", () => {
    const exchange = steps(Binance.profile, { slippage: { spot: "0" } })
    const world = fixtures.world({ "binance:spot": { USDT: "1000" } })
    const { value } = right(trade(exchange, world, [series("price.1INCH", { 0: "0.4" })], order("binance", "buy", "1INCHUSDT", "100")))
    assert.deepStrictEqual(Deltas.fromEntries(value.entries), { binance: { "1INCH": amount("99.9"), USDT: amount("-40") } })
  })

  it("is bought and sold at 0.00505 without loss where fees and slippage are none", () => {
    const exchange = steps(Binance.profile, free)
    const data = [series("price.XVG", { 0: "0.00505" })]
    const bought = right(trade(exchange, fixtures.world({ "binance:spot": { USDT: "1000" } }), data, order("binance", "buy", "XVGUSDT", "10000")))
    assert.deepStrictEqual(Deltas.fromEntries(bought.value.entries), { binance: { XVG: amount("10000"), USDT: amount("-50.5") } })
    const sold = right(trade(exchange, bought.world, data, order("binance", "sell", "XVGUSDT", "10000")))
    assert.deepStrictEqual(Deltas.fromEntries(sold.value.entries), { binance: { XVG: amount("-10000"), USDT: amount("50.5") } })
  })

  const digits = FastCheck.record({ digits: FastCheck.bigInt({ min: 1n, max: 99_999_999n }), scale: FastCheck.integer({ min: 0, max: 12 }) })
  it.prop(
    "fills at every price that a market prints, on both sides",
    { print: digits, venue: FastCheck.constantFrom<Venue>("binance", "bybit", "okx"), kind: FastCheck.constantFrom("spot" as const, "perp" as const) },
    ({ kind, print, venue }) => {
      const price = Decimal.make(print.digits, print.scale)
      const { rule } = right(find(venue, kind, "XVGUSDT"))
      // The smallest lot is at most a fifth of the least order at any price below 100,000.
      if (Decimal.compare(price, decimal("100000")) <= 0) {
        const worth = Decimal.multiply(Amount.toDecimal(rule.lot), price)
        assert.isTrue(Decimal.compare(worth, rule.minNotional) <= 0)
      }
      for (const side of ["buy", "sell"] as const) {
        assert.strictEqual(Decimal.compare(fixtures.against(rule, price, side), price), 0)
      }
    }
  )

  it("at Hyperliquid takes 5 figures and 6 decimals, as every perpetual there", () => {
    const tick = (symbol: string, price: string) =>
      Decimal.format(fixtures.against(right(find("hyperliquid", "perp", symbol)).rule, decimal(price), "buy"))
    assert.strictEqual(tick("XVG", "0.00505"), "0.00505")
    assert.strictEqual(tick("XVG", "0.005051234"), "0.005052")
    assert.strictEqual(tick("kPEPE", "0.0081237"), "0.008124")
    assert.strictEqual(tick("SOL", "145.1234"), "145.13")
    assert.strictEqual(tick("ETH", "3304.02"), "3304.1")
    assert.strictEqual(tick("BTC", "65432.1"), "65433")
  })
})
