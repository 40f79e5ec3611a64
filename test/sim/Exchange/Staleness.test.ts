import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Table from "execution-interface-manager/data/Table"
import * as MarketSnapshot from "execution-interface-manager/domain/MarketSnapshot"
import * as Config from "execution-interface-manager/sim/Exchange/Config"
import * as Exchange from "execution-interface-manager/sim/Exchange"
import * as Order from "execution-interface-manager/sim/Exchange/Order"
import type * as Profile from "execution-interface-manager/sim/Exchange/Profile"
import * as Settings from "execution-interface-manager/sim/Exchange/Settings"
import type * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { free, hours, series } from "./fixtures.js"
import { left, right, steps, trade } from "./pure.js"

const profiles: ReadonlyArray<Profile.Profile> = [Binance.profile, Bybit.profile, Okx.profile, Hyperliquid.profile]

const accounts = (profile: Profile.Profile, at: number): World.World => ({
  ...fixtures.world({
    [`${profile.venue}:${profile.spot.account}`]: { ETH: "100", USDT: "1000000", USDC: "1000000" },
    ...(profile.spot.account === profile.perp.account
      ? {}
      : { [`${profile.venue}:${profile.perp.account}`]: { USDT: "1000000", USDC: "1000000" } })
  }),
  at
})

const order = (profile: Profile.Profile, trade_type: "spot" | "perp", side: "buy" | "sell", amount: string, more: object = {}) =>
  fixtures.trade({
    venue: profile.venue,
    trade_type,
    side,
    symbol: `ETH${Object.keys(profile[trade_type].listed.value)[0]}`,
    amount,
    ...more
  })

/** Hourly prices and marks of ether at the venue, at these hours. */
const market = ({ venue }: Profile.Profile, at: ReadonlyArray<number>) => {
  const values = Object.fromEntries(at.map((hour) => [hour, "3000"]))
  return [
    series("price.ETH", values),
    series(`perp.${venue}.ETH`, values),
    series(`funding.${venue}.ETH`, { [at[0]!]: "0.0001" })
  ]
}

describe("an order that adds risk", () => {
  const regular = [0, 1, 2, 3, 4]

  for (const profile of profiles) {
    for (const kind of ["spot", "perp"] as const) {
      it(`in ${kind} at ${profile.venue} fills at the observation of its step, and at no older one`, () => {
        const exchange = steps(profile, free)
        const data = market(profile, regular)
        for (const hour of [4, 4.5, 4.999]) right(trade(exchange, accounts(profile, hours(hour)), data, order(profile, kind, "buy", "1")))
        for (const hour of [5, 7, 30]) {
          const name = kind === "spot" ? "price.ETH" : `perp.${profile.venue}.ETH`
          const refused = left(trade(exchange, accounts(profile, hours(hour)), data, order(profile, kind, "buy", "1")))
          assert.strictEqual(refused.reason, "market_data")
          assert.include(refused.message, `series ${name} at`)
          assert.include(refused.message, `${hour - 4} h old, and the step of the series is 1 h`)
          assert.strictEqual(refused.expected, `an observation of ${name} less than 1 h old`)
          assert.strictEqual(refused.actual, `${hour - 4} h old`)
        }
      })
    }

    it(`is not one that reduces at ${profile.venue}, and that tells how old its mark is`, () => {
      const exchange = steps(profile, free)
      const data = market(profile, regular)
      const open = right(trade(exchange, accounts(profile, hours(4)), data, order(profile, "perp", "sell", "2"))).world
      const later = { ...open, at: hours(7) }
      const stale = [{ series: `perp.${profile.venue}.ETH`, observed_at: "2024-06-01T04:00:00Z", age_seconds: 10_800, step_seconds: 3600 }]
      for (const more of [{ reduce_only: true }, {}]) {
        const closed = right(trade(exchange, later, data, order(profile, "perp", "buy", "2", more))).value
        assert.deepStrictEqual<unknown>(closed.detail["stale_prices"], stale)
      }
      // What goes beyond the position opens the other side.
      assert.strictEqual(left(trade(exchange, later, data, order(profile, "perp", "buy", "2.1"))).reason, "market_data")
      assert.strictEqual(left(trade(exchange, later, data, order(profile, "perp", "sell", "1"))).reason, "market_data")
      // Within the step nothing is told.
      const soon = right(trade(exchange, { ...open, at: hours(4.5) }, data, order(profile, "perp", "buy", "2"))).value
      assert.isUndefined(soon.detail["stale_prices"])
    })
  }

  it("counts every series that it is priced by: a stand-in, the dollars of the quote, the token of fees", () => {
    const all = { 0: "1", 1: "1", 2: "1", 3: "1" }
    const refusedBy = (exchange: Exchange.Steps, data: ReadonlyArray<Table.Series>, instruction: Parameters<typeof trade>[3]) => {
      const done = trade(exchange, accounts(Binance.profile, hours(3)), data, instruction)
      return Either.isRight(done) ? undefined : /series (\S+) at/.exec(done.left.message)?.[1]
    }
    const lasting = { 0: "3000", 1: "3000", 2: "3000", 3: "3000" }
    const ended = { 0: "3000", 1: "3000", 2: "3000" }
    const buy = order(Binance.profile, "spot", "buy", "1")
    const plain = steps(Binance.profile, free)
    assert.isUndefined(refusedBy(plain, [series("price.ETH", lasting), series("price.USDT", all)], buy))
    assert.strictEqual(refusedBy(plain, [series("price.ETH", lasting), series("price.USDT", { 0: "1", 1: "1", 2: "1" })], buy), "price.USDT")
    // The venue's own series counts once it has an observation, whatever the general one says.
    assert.strictEqual(refusedBy(plain, [series("price.ETH", lasting), series("spot.binance.ETH", ended)], buy), "spot.binance.ETH")
    const standIn = steps(Binance.profile, { ...free, price_from: "okx" })
    const rates = series("funding.binance.ETH", { 0: "0" })
    const long = order(Binance.profile, "perp", "buy", "1")
    assert.strictEqual(refusedBy(standIn, [series("perp.binance.ETH", lasting), series("perp.okx.ETH", ended), rates], long), "perp.okx.ETH")
    // Dollars move nothing of a perpetual.
    assert.isUndefined(refusedBy(plain, [series("perp.binance.ETH", lasting), series("price.USDT", { 0: "1", 1: "1", 2: "1" }), rates], long))
    const bnb = Exchange.steps(Settings.make(
      Binance.profile,
      Schema.decodeUnknownSync(Config.WithBnb)({ fee_asset: "bnb" })
    ))
    assert.strictEqual(refusedBy(bnb, [series("price.ETH", lasting), series("price.BNB", ended)], buy), "price.BNB")
    assert.strictEqual(refusedBy(bnb, [series("perp.binance.ETH", lasting), series("price.BNB", ended), rates], long), "price.BNB")
  })

  it("fills at older ones where the data allows it, and tells their age", () => {
    const exchange = steps(Binance.profile, free)
    const table = Either.getOrThrow(Table.fromSeries(market(Binance.profile, regular)))
    const snapshot = Table.snapshot(table, hours(7), MarketSnapshot.defaultMaxAge, (name) => name === "price.ETH")
    const at = (kind: "spot" | "perp") =>
      Either.flatMap(
        Order.make(exchange.settings, exchange.markets, {
          operationId: "t",
          at: hours(7),
          instruction: order(Binance.profile, kind, "buy", "1"),
          bound: undefined
        }),
        ({ payload }) => exchange.trade(accounts(Binance.profile, hours(7)), snapshot, payload)
      )
    assert.strictEqual((right(at("spot")).value.detail["stale_prices"] as ReadonlyArray<unknown>).length, 1)
    assert.strictEqual(left(at("perp")).reason, "market_data")
  })

  const silences = FastCheck.uniqueArray(FastCheck.integer({ min: 4, max: 60 }), { maxLength: 12 })
  it.prop("fills in any hour that has its observation, and in none that is missing", { silences, hour: FastCheck.integer({ min: 4, max: 61 }), part: FastCheck.constantFrom(0, 0.25, 0.99) }, ({ hour, part, silences }) => {
    const there = Array.from({ length: 62 }, (_, n) => n).filter((n) => !silences.includes(n))
    const exchange = steps(Okx.profile, free)
    const world = accounts(Okx.profile, hours(hour + part))
    // No silence of these is long enough to be taken for the step.
    const done = trade(exchange, world, market(Okx.profile, there), order(Okx.profile, "perp", "buy", "1"))
    assert.strictEqual(Either.isRight(done), there.includes(hour), `${hour} of ${there.join()}`)
  }, { fastCheck: { numRuns: 200 } })

  it.effect("is refused by the price guard for the same reason", () =>
    Effect.gen(function*() {
      const venue = yield* fixtures.venue("binance")
      const ask = (side: "buy" | "sell", more: object = {}) =>
        venue.trade!.arrival(order(Binance.profile, "perp", side, "1", more), hours(7))
      const refused = yield* Effect.flip(ask("buy"))
      assert.deepStrictEqual([refused.reason, refused.actual], ["market_data", "3 h old"])
      yield* ask("sell", { reduce_only: true })
      const spot = yield* Effect.flip(venue.trade!.arrival(order(Binance.profile, "spot", "buy", "1"), hours(7)))
      assert.strictEqual(spot.reason, "market_data")
    }).pipe(Effect.provide(fixtures.layer(Binance.layer(), market(Binance.profile, regular), { "binance:perp": { USDT: "1000" } }))))
})
