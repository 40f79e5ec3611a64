import { it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import type * as Profile from "execution-interface-manager/sim/Exchange/Profile"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { series } from "./fixtures.js"
import { left, right, steps, trade } from "./pure.js"

interface Case {
  readonly profile: Profile.Profile
  readonly quote: string
}

const cases: ReadonlyArray<Case> = [
  { profile: Binance.profile, quote: "USDT" },
  { profile: Bybit.profile, quote: "USDT" },
  { profile: Okx.profile, quote: "USDT" },
  { profile: Hyperliquid.profile, quote: "USDC" }
]

const market = (price: string) => [
  series("price.ETH", { 0: price }),
  ...["binance", "bybit", "okx", "hyperliquid"].flatMap((venue) => [
    series(`perp.${venue}.ETH`, { 0: price }),
    series(`funding.${venue}.ETH`, { 0: "0.0001" })
  ])
]

const order = ({ profile, quote }: Case, type: "spot" | "perp", rest: { readonly amount: string; readonly price: string; readonly [key: string]: unknown }) =>
  fixtures.trade({
    venue: profile.venue,
    trade_type: type,
    side: "buy",
    symbol: `ETH${quote}`,
    order_type: "limit",
    ...rest
  })

const holding = ({ profile, quote }: Case, type: "spot" | "perp", amount: string, coin = quote) =>
  fixtures.world({ [`${profile.venue}:${profile[type].account}`]: { [coin]: amount } })

describe.each(cases)("$profile.venue accepts an order, or does not, whatever the market is", (venue) => {
  const exchange = steps(venue.profile)
  const name = venue.profile.venue

  it("of spot: what the account does not pay at the limit is refused, reached or not", () => {
    for (const time_in_force of ["IOC", "FOK"]) {
      for (const price of ["2900", "3762"]) {
        const bought = (amount: string, held: string) =>
          trade(exchange, holding(venue, "spot", held), market(price), order(venue, "spot", { amount, price: "3000", time_in_force }))
        assert.strictEqual(left(bought("1", "2999.9")).reason, "insufficient_balance")
        right(bought("1", "3010"))
        const sold = (held: string) =>
          trade(
            exchange,
            holding(venue, "spot", held, "ETH"),
            market(price),
            order(venue, "spot", { side: "sell", amount: "1", price: "3000", time_in_force })
          )
        assert.strictEqual(left(sold("0.99")).reason, "insufficient_balance")
        right(sold("1"))
      }
    }
  })

  it("of perpetuals: what has no margin at the limit is refused, reached or not", () => {
    for (const side of ["buy", "sell"]) {
      for (const price of ["2900", "3762"]) {
        const opened = (held: string) =>
          trade(exchange, holding(venue, "perp", held), market(price), order(venue, "perp", { side, amount: "1", price: "3000" }))
        assert.strictEqual(left(opened("150")).reason, "insufficient_margin", `${name} ${side} ${price}`)
        right(opened("1500"))
      }
    }
  })

  it("that only reduces is refused without a position, reached or not", () => {
    for (const price of ["2900", "3762"]) {
      const refused = trade(
        exchange,
        holding(venue, "perp", "10000"),
        market(price),
        order(venue, "perp", { amount: "1", price: "3000", reduce_only: true })
      )
      assert.strictEqual(left(refused).field, "reduce_only")
    }
  })

  it("without a funding series is refused, reached or not", () => {
    for (const price of ["2900", "3762"]) {
      const refused = trade(
        exchange,
        holding(venue, "perp", "10000"),
        market(price).filter(({ name }) => !name.startsWith("funding.")),
        order(venue, "perp", { amount: "1", price: "3000" })
      )
      assert.strictEqual(left(refused).reason, "market_data")
    }
  })
})

describe("the least that is traded", () => {
  const least = cases.filter(({ profile, quote }) => {
    const { value } = profile.spot.rules
    return Number((value[`ETH${quote}`] ?? value[`*${quote}`]!)[3]) > 0
  })

  it.each(least)("of $profile.venue is that of the notional at the limit, reached or not", (venue) => {
    const rules = { ETHUSDT: { min_amount: "0.0001", lot: "0.0001" }, ETHUSDC: { min_amount: "0.0001", lot: "0.0001" } }
    const exchange = steps(venue.profile, { instruments: { spot: rules, perp: rules } })
    for (const type of ["spot", "perp"] as const) {
      for (const price of ["0.5", "3762"]) {
        const bought = (amount: string, limit = "1") =>
          trade(exchange, holding(venue, type, "100000"), market(price), order(venue, type, { amount, price: limit }))
        const refused = left(bought("0.001"))
        assert.strictEqual(refused.reason, "limit")
        assert.match(refused.actual!, /worth 0\.001 /)
        right(bought("20"))
      }
    }
  })
})

describe("any limit order of spot", () => {
  const prices = FastCheck.integer({ min: 1000, max: 5000 })
  it.prop("is refused in a market beyond its limit where it is refused in one within, and for the same reason", {
    venue: FastCheck.constantFrom(...cases),
    side: FastCheck.constantFrom("buy", "sell"),
    limit: prices,
    away: FastCheck.integer({ min: 60, max: 900 }),
    lots: FastCheck.integer({ min: 1, max: 40_000 }),
    held: FastCheck.integer({ min: 0, max: 20_000 })
  }, ({ away, held, limit, lots, side, venue }) => {
    const exchange = steps(venue.profile)
    const amount = Decimal.format(Decimal.make(BigInt(lots), 4))
    const met = (price: number) =>
      trade(
        exchange,
        side === "buy" ? holding(venue, "spot", String(held + 1)) : holding(venue, "spot", Decimal.format(Decimal.make(BigInt(held + 1), 4)), "ETH"),
        market(String(price)),
        order(venue, "spot", { side, amount, price: String(limit) })
      )
    const [within, beyond] = side === "buy" ? [met(limit - away), met(limit + away)] : [met(limit + away), met(limit - away)]
    assert.deepStrictEqual(Either.isLeft(beyond) ? beyond.left : "accepted", Either.isLeft(within) ? within.left : "accepted")
    if (Either.isRight(beyond)) {
      assert.deepStrictEqual(beyond.right.value.entries, [])
      assert.strictEqual(beyond.right.value.detail["unfilled"], true)
      assert.isTrue(Amount.format(beyond.right.value.costs[0]?.amount ?? 0n) === "0")
    }
  })
})
