import { it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import type * as Exchange from "execution-interface-manager/sim/Exchange"
import type * as Profile from "execution-interface-manager/sim/Exchange/Profile"
import type * as World from "execution-interface-manager/sim/World"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { begin, free, series } from "./fixtures.js"
import { right, steps, trade } from "./pure.js"

const profiles = [Binance.profile, Bybit.profile, Okx.profile, Hyperliquid.profile] as const
type Kind = "spot" | "perp"

const rich = (profile: Profile.Profile): World.World =>
  fixtures.world({
    [`${profile.venue}:${profile.spot.account}`]: { ETH: "1000000", USDT: "9000000000", USDC: "9000000000" },
    ...(profile.spot.account === profile.perp.account
      ? {}
      : { [`${profile.venue}:${profile.perp.account}`]: { USDT: "9000000000", USDC: "9000000000" } })
  })

const market = ({ venue }: Profile.Profile, price: string, dollars = "1") => [
  series("price.ETH", { 0: price }),
  series("price.USDT", { 0: dollars }),
  series(`perp.${venue}.ETH`, { 0: price }),
  series(`funding.${venue}.ETH`, { 0: "0" }),
  series("price.ETH.volume", { 0: "3000000" }),
  series(`perp.${venue}.ETH.volume`, { 0: "3000000" })
]

const order = (profile: Profile.Profile, trade_type: Kind, side: "buy" | "sell", amount: string) =>
  fixtures.trade({ venue: profile.venue, trade_type, side, symbol: `ETH${Object.keys(profile[trade_type].listed.value)[0]}`, amount })

interface Done {
  readonly world: World.World
  readonly receipts: ReadonlyArray<Outcome.Receipt>
}

/** Orders one after the other, each at its milliseconds after the beginning; those that are refused are left out. */
const run = (
  exchange: Exchange.Steps,
  data: ReturnType<typeof market>,
  world: World.World,
  orders: ReadonlyArray<{ readonly at: number; readonly order: ReturnType<typeof order> }>
): Done => {
  const receipts: Array<Outcome.Receipt> = []
  let now = world
  for (const { at, order } of orders) {
    const done = trade(exchange, { ...now, at: begin + at }, data, order)
    if (Either.isLeft(done)) continue
    now = done.right.world
    receipts.push(done.right.value)
  }
  return { world: now, receipts }
}

const fills = ({ receipts }: Done) => receipts.flatMap(({ fills }) => fills)
const filled = (done: Done) => fills(done).reduce((sum, { amount }) => sum + amount, 0n)
/** Quote of all fills, exact. */
const worth = (done: Done) =>
  fills(done).reduce((sum, { amount, price }) => Decimal.add(sum, Decimal.multiply(Amount.toDecimal(amount), price)), Decimal.zero)
const moved = (profile: Profile.Profile, { receipts }: Done): Deltas.Deltas[string] =>
  Deltas.combine(receipts.map(({ entries }) => Deltas.fromEntries(entries)))[profile.venue] ?? {}

const bps = FastCheck.integer({ min: 0, max: 400 })
/** Every shape that the settings take: flat, rising, falling, or both. */
const curves = FastCheck.oneof(
  bps.map(String),
  FastCheck.uniqueArray(FastCheck.tuple(FastCheck.integer({ min: 0, max: 4_000_000 }), bps), {
    minLength: 1,
    maxLength: 5,
    selector: ([notional]) => notional
  }).map((points) => [...points].sort(([a], [b]) => a - b).map(([notional, cost]) => ({ notional: String(notional), bps: String(cost) })))
)
const parts = FastCheck.array(
  FastCheck.record({ lots: FastCheck.integer({ min: 1, max: 4000 }), at: FastCheck.integer({ min: 0, max: 1_799_999 }) }),
  { minLength: 2, maxLength: 12 }
)
const given = {
  profile: FastCheck.constantFrom(...profiles),
  kind: FastCheck.constantFrom<Kind>("spot", "perp"),
  side: FastCheck.constantFrom("buy" as const, "sell" as const),
  curve: FastCheck.option(curves, { nil: undefined }),
  parts,
  price: FastCheck.integer({ min: 100_000, max: 500_000 }).map((cents) => Decimal.format(Decimal.make(BigInt(cents), 2))),
  dollars: FastCheck.constantFrom("1", "0.9973", "1.01"),
  together: FastCheck.boolean(),
  paying: FastCheck.boolean(),
  limit: FastCheck.constantFrom(undefined, { notional: "1000000" }, { fraction: "0.4" })
}

describe("a split of an order within the time of recovery", () => {
  it.prop("never costs less than the whole", given, ({ curve, dollars, kind, limit, parts, paying, price, profile, side, together }) => {
    const settings = {
      ...(paying ? {} : { fees: free.fees }),
      ...(curve === undefined ? {} : { slippage: { spot: curve, perp: curve } }),
      leverage: "1"
    }
    const limited = steps(profile, { ...settings, ...(limit === undefined ? {} : { volume_limit: { spot: limit, perp: limit } }) })
    const data = market(profile, price, dollars)
    const split = run(limited, data, rich(profile), [...parts].sort((a, b) => a.at - b.at).map(({ at, lots }) => ({
      at: together ? 0 : at,
      order: order(profile, kind, side, Decimal.format(Decimal.make(BigInt(lots), 1)))
    })))
    if (filled(split) === 0n) return
    const whole = run(steps(profile, settings), data, rich(profile), [{ at: 0, order: order(profile, kind, side, Amount.format(filled(split))) }])
    assert.strictEqual(filled(whole), filled(split))
    const sign = Decimal.compare(worth(split), worth(whole))
    assert.isTrue(side === "sell" ? sign <= 0 : sign >= 0, `${Decimal.format(worth(split))} and ${Decimal.format(worth(whole))} as a whole`)
    // Of a spot pair also in what reaches the account, fees and all roundings included.
    if (kind === "perp") return
    const [some, all] = [moved(profile, split), moved(profile, whole)]
    for (const asset of Object.keys(all)) assert.isTrue(some[asset]! <= all[asset]!, asset)
  }, { fastCheck: { numRuns: 400 } })

  it("into a thousand parts comes to the same, to a tick", () => {
    for (const profile of profiles) {
      const exchange = steps(profile, { fees: free.fees })
      const data = market(profile, "3761.9")
      const whole = run(exchange, data, rich(profile), [{ at: 0, order: order(profile, "spot", "sell", "2000") }])
      const split = run(exchange, data, rich(profile), Array.from({ length: 1000 }, () => ({ at: 0, order: order(profile, "spot", "sell", "2") })))
      assert.strictEqual(split.receipts.length, 1000)
      const lost = Decimal.subtract(worth(whole), worth(split))
      assert.isTrue(lost.value >= 0n && Decimal.compare(lost, Decimal.unsafe("200")) < 0, Decimal.format(lost))
    }
  })

  it.prop("of a closed loop at one instant gains nothing", {
    ...given,
    orders: FastCheck.array(FastCheck.tuple(FastCheck.boolean(), FastCheck.integer({ min: 1, max: 4000 })), { minLength: 1, maxLength: 8 })
  }, ({ curve, dollars, orders, price, profile }) => {
    const exchange = steps(profile, { fees: free.fees, ...(curve === undefined ? {} : { slippage: { spot: curve } }) })
    const amounts = orders.map(([buys, lots]) => ({ side: buys ? "buy" as const : "sell" as const, tenths: BigInt(lots) }))
    const net = amounts.reduce((sum, { side, tenths }) => (side === "buy" ? sum + tenths : sum - tenths), 0n)
    const closing = net === 0n ? [] : [{ side: net > 0n ? "sell" as const : "buy" as const, tenths: net > 0n ? net : -net }]
    const done = run(exchange, market(profile, price, dollars), rich(profile), [...amounts, ...closing].map(({ side, tenths }) => ({
      at: 0,
      order: order(profile, "spot", side, Decimal.format(Decimal.make(tenths, 1)))
    })))
    const delta = moved(profile, done)
    if ((delta["ETH"] ?? 0n) !== 0n) return
    for (const [asset, change] of Object.entries(delta)) assert.isTrue(change <= 0n, asset)
  }, { fastCheck: { numRuns: 100 } })
})

describe("recovery", () => {
  const [profile] = profiles
  const data = market(profile, "3000")
  const sell = (at: number, side: "buy" | "sell" = "sell", kind: Kind = "spot") => ({ at, order: order(profile, kind, side, "100") })
  const prices = (settings: object, orders: ReadonlyArray<ReturnType<typeof sell>>) =>
    fills(run(steps(profile, { ...free, slippage: {}, ...settings }), data, rich(profile), orders)).map(({ price }) => Decimal.format(price))

  it("is over after half an hour, each order by itself, and not a millisecond before", () => {
    // 100 ETH are 300,000 dollars: 8.333… bps. 200 are 600,000: 10.333…; the second hundred costs 12.333….
    const [first, second] = ["2997.49", "2996.29"]
    assert.deepStrictEqual(prices({}, [sell(0), sell(0)]), [first, second])
    assert.deepStrictEqual(prices({}, [sell(0), sell(1_799_999)]), [first, second])
    assert.deepStrictEqual(prices({}, [sell(0), sell(1_800_000)]), [first, first])
    // Of three the first is forgotten while the second is not.
    assert.deepStrictEqual(prices({}, [sell(0), sell(1_000_000), sell(2_000_000)])[2], second)
  })

  it("is set by pair or for all, and 0 turns the memory off", () => {
    const [first, second] = ["2997.49", "2996.29"]
    assert.deepStrictEqual(prices({ impact_recovery_seconds: { spot: 0 } }, [sell(0), sell(0)]), [first, first])
    assert.deepStrictEqual(prices({ impact_recovery_seconds: { perp: 0 } }, [sell(0), sell(0)]), [first, second])
    assert.deepStrictEqual(prices({ impact_recovery_seconds: { spot: 60 } }, [sell(0), sell(60_000)]), [first, first])
    assert.deepStrictEqual(prices({ impact_recovery_seconds: { spot: { ETH: 60, ETHUSDC: 0 } } }, [sell(0), sell(59_999)]), [first, second])
    assert.deepStrictEqual(prices({ impact_recovery_seconds: { spot: { ETHUSDC: 0, BTC: 0 } } }, [sell(0), sell(60_000)]), [first, second])
  })

  it("is of each side, and of each market, by itself", () => {
    const [sold, bought] = ["2997.49", "3002.51"]
    assert.deepStrictEqual(prices({}, [sell(0), sell(0, "buy"), sell(0, "sell", "perp")]).slice(0, 2), [sold, bought])
    const perp = prices({}, [sell(0, "sell", "perp")])
    assert.deepStrictEqual(prices({}, [sell(0), sell(0, "sell", "perp")]), [sold, ...perp])
  })

  it("is remembered of what is filled, whatever the price on arrival is since", () => {
    const exchange = steps(profile, { ...free, slippage: {} })
    const first = right(trade(exchange, rich(profile), data, sell(0).order)).world
    const higher = market(profile, "6000")
    // 200 are 1,200,000 dollars there at 14.333… bps, and the first hundred 600,000 at 10.333…: 18.333… for the second, which
    // is 11 dollars and what the rounding up of the first adds.
    const second = right(trade(exchange, first, higher, sell(0).order)).value.fills[0]!.price
    assert.strictEqual(Decimal.format(second), "5988.99")
  })
})
