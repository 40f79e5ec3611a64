import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Entry from "execution-interface-manager/domain/Entry"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import type * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as World from "execution-interface-manager/sim/World"
import type * as Venue from "execution-interface-manager/venue/Venue"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { amount, config, hours, perform, series } from "./fixtures.js"

/** A jagged market: marks every hour, funding every eight, odd decimals. */
const walk = (name: string, begin: number, step: number, decimals: number, every = 1) =>
  series(
    name,
    Object.fromEntries(
      Array.from({ length: 200 }, (_, hour) => hour).filter((hour) => hour % every === 0).map((hour) => [
        hour,
        Decimal.format(Decimal.make(BigInt(begin + step * ((hour * 7919) % 23 - 11)), decimals))
      ])
    )
  )

const data = [
  walk("price.ETH", 330_412, 1_311, 2),
  walk("price.BTC", 6_754_001, 21_117, 2),
  walk("perp.binance.ETH", 330_398_123, 1_309_007, 5),
  walk("perp.bybit.ETH", 330_420, 1_310, 2),
  walk("funding.binance.ETH", 17, 9, 6, 8),
  walk("funding.bybit.ETH", 10_003, 3_001, 9, 8)
]

const stand = { price_from: { ETH: "binance" }, funding_from: { ETH: "bybit" } }

const layer = fixtures.layer(
  Layer.mergeAll(
    Binance.layer(),
    Bybit.layer(),
    Okx.layer(config(stand)),
    Hyperliquid.layer(config({ ...stand, networks: { USDC: { ethereum: { withdrawal_fee: "1", withdrawal_delay_seconds: 7200 } } } }))
  ),
  data,
  {
    "binance:spot": { USDT: "100000", ETH: "20", BTC: "1.23456789", USDC: "5000.5" },
    "binance:perp": { USDT: "20000" },
    "bybit:unified": { USDT: "50000", ETH: "3.3" },
    "okx:unified": { USDT: "40000.00000001" },
    "hyperliquid:perp": { USDC: "30000" },
    "hyperliquid:spot": { USDC: "3000" }
  }
)

const ids = ["binance", "bybit", "okx", "hyperliquid"] as const
const quote = { binance: "USDT", bybit: "USDT", okx: "USDT", hyperliquid: "USDC" } as const

const id = FastCheck.constantFrom(...ids)
const size = FastCheck.oneof(
  { weight: 8, arbitrary: FastCheck.integer({ min: 1, max: 4_000_000 }).map((n) => Decimal.format(Decimal.make(BigInt(n), 6))) },
  { weight: 1, arbitrary: FastCheck.constantFrom("max", "1000000", "0.000000001") }
)
const action = FastCheck.oneof(
  {
    weight: 4,
    arbitrary: FastCheck.record({
      kind: FastCheck.constant("trade" as const),
      venue: id,
      trade_type: FastCheck.constantFrom("spot" as const, "perp" as const),
      side: FastCheck.constantFrom("buy", "sell"),
      amount: size,
      reduce_only: FastCheck.integer({ min: 0, max: 3 }).map((n) => n === 0),
      limit: FastCheck.option(FastCheck.integer({ min: 300_000, max: 360_000 }), { nil: undefined, freq: 1 })
    })
  },
  FastCheck.record({
    kind: FastCheck.constant("move" as const),
    from: FastCheck.constantFrom("binance_spot", "binance_perp", "bybit", "bybit_funding", "hyperliquid_perp", "hyperliquid_spot", "okx"),
    to: FastCheck.constantFrom("binance_spot", "binance_perp", "binance_funding", "bybit", "bybit_funding", "hyperliquid_spot", "okx_funding"),
    amount: size.map((n) => (n === "max" ? n : `${n}1`))
  }),
  FastCheck.record({ kind: FastCheck.constant("send" as const), from: id, to: id, token: FastCheck.constantFrom("USDT", "ETH", "USDC"), amount: size }),
  FastCheck.record({ kind: FastCheck.constant("wait" as const), hours: FastCheck.integer({ min: 1, max: 20 }) })
)

type Action = typeof action extends FastCheck.Arbitrary<infer A> ? A : never

const act = (
  venues: { readonly [id: string]: Venue.Venue },
  at: Timestamp.Timestamp,
  operationId: string,
  step: Exclude<Action, { readonly kind: "wait" }>
): Effect.Effect<Outcome.Success, Outcome.Failure> => {
  switch (step.kind) {
    case "trade": {
      const { amount, limit, reduce_only, side, trade_type, venue } = step
      const instruction = fixtures.trade({
        venue,
        trade_type,
        side,
        symbol: `ETH${quote[venue]}`,
        amount,
        ...(limit === undefined ? {} : { order_type: "limit", price: Decimal.format(Decimal.make(BigInt(limit), 2)) }),
        ...(trade_type === "perp" ? { reduce_only } : {})
      })
      return perform(venues[venue]!.trade!, { operationId, at, instruction })
    }
    case "move": {
      const from = step.from.split("_")[0]!
      const instruction = fixtures.transfer({
        from_venue: step.from,
        to_venue: from === step.to.split("_")[0] ? step.to : `${from}_funding`,
        token: from === "hyperliquid" ? "USDC" : "USDT",
        amount: step.amount
      })
      return perform(venues[from]!.transfer!.internal!, { operationId, at, instruction })
    }
    case "send": {
      const transfer = fixtures.transfer({ from_venue: step.from, to_venue: step.to, token: step.token, amount: step.amount })
      return Effect.flatMap(venues[step.to]!.transfer!.destination!(step.token, undefined, undefined, at), (destination) =>
        perform(venues[step.from]!.transfer!.send!, { operationId, at, instruction: { transfer, destination } }))
    }
  }
}

describe("any sequence of trades, transfers and time", () => {
  it.effect.prop(
    "keeps the books balanced, holds nothing impossible, and a refusal changes nothing",
    { actions: FastCheck.array(action, { minLength: 25, maxLength: 60 }) },
    ({ actions }) =>
      Effect.gen(function*() {
        const venues: Record<string, Venue.Venue> = {}
        for (const id of ids) venues[id] = yield* fixtures.venue(id)
        let at = hours(0)
        const start = yield* Effect.zipRight(fixtures.settle(Object.values(venues), at), fixtures.currentWorld)
        const changes: Array<Deltas.Deltas> = []
        const check = Effect.map(fixtures.currentWorld, (world) => {
          assert.deepStrictEqual(fixtures.unbalanced(world), [])
          assert.deepStrictEqual(fixtures.impossible(world), [])
          return world
        })
        for (const [index, step] of actions.entries()) {
          if (step.kind === "wait") {
            at += step.hours * 3_600_000
            // Whatever the marks do: what is not maintained is liquidated, and nothing stops the run.
            const settled = yield* fixtures.settle(Object.values(venues), at)
            yield* check
            for (const { entries } of settled) {
              assert.deepStrictEqual(Entry.imbalance(entries), [])
              changes.push(Deltas.fromEntries(entries))
            }
            continue
          }
          const before = yield* fixtures.currentWorld
          const done = yield* Effect.either(act(venues, at, `op-${index}`, step))
          const after = yield* check
          if (Either.isLeft(done)) {
            assert.strictEqual(after, before)
          } else {
            assert.deepStrictEqual(Entry.imbalance(done.right.receipt.entries), [])
            changes.push(Deltas.fromEntries(done.right.receipt.entries))
          }
        }
        // What was reported is what happened.
        const end = yield* fixtures.currentWorld
        const held = (world: World.World): Deltas.Deltas =>
          Deltas.fromEntries(World.holdings(world).map(({ account, amount, asset }) => ({ account, asset, amount, reason: "trade" as const })))
        assert.deepStrictEqual(Deltas.combine([held(start), ...changes]), held(end))
      }).pipe(Effect.provide(layer)),
    { fastCheck: { numRuns: 60 }, timeout: 60_000 }
  )

  it.effect.prop(
    "never makes a position larger with an order that only reduces",
    {
      orders: FastCheck.array(
        FastCheck.record({ venue: id, side: FastCheck.constantFrom("buy", "sell"), lots: FastCheck.integer({ min: 10, max: 900 }), reduce_only: FastCheck.boolean() }),
        { minLength: 3, maxLength: 25 }
      )
    },
    ({ orders }) =>
      Effect.gen(function*() {
        const venues: Record<string, Venue.Venue> = {}
        for (const id of ids) venues[id] = yield* fixtures.venue(id)
        const sizes = new Map<string, bigint>()
        for (const [index, { lots, reduce_only, side, venue }] of orders.entries()) {
          const before = sizes.get(venue) ?? 0n
          const instruction = fixtures.trade({
            venue,
            trade_type: "perp",
            side,
            symbol: `ETH${quote[venue]}`,
            amount: Amount.format(BigInt(lots) * amount("0.01")),
            reduce_only
          })
          const done = yield* Effect.either(perform(venues[venue]!.trade!, { operationId: `op-${index}`, at: hours(0), instruction }))
          const after = (yield* venues[venue]!.portfolio(hours(0))).positions[0]?.size ?? 0n
          if (reduce_only || Either.isLeft(done)) {
            assert.isTrue(Amount.abs(after) <= Amount.abs(before))
            assert.isTrue(after === 0n || after > 0n === before > 0n)
          }
          sizes.set(venue, after)
        }
      }).pipe(Effect.provide(layer)),
    { fastCheck: { numRuns: 60 }, timeout: 60_000 }
  )
})
