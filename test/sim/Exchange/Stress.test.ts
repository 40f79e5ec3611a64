import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Path from "@effect/platform/Path"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DataProvider from "execution-interface-manager/data/DataProvider"
import * as Files from "execution-interface-manager/data/DataProvider/Files"
import * as Embedded from "execution-interface-manager/data/Embedded"
import type * as MarketSnapshot from "execution-interface-manager/domain/MarketSnapshot"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Simulation from "execution-interface-manager/sim/Simulation"
import * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { config, free, perform, time } from "./fixtures.js"

/** Real figures: by the hour around 2024-08-05, or every eight hours. */
const tables = {
  hourly: Effect.gen(function*() {
    const path = yield* Path.Path
    return yield* Files.make({ path: path.join(yield* Embedded.directory, "stress") })
  }),
  eightHourly: Effect.flatMap(Embedded.directory, (path) => Files.make({ path }))
}

/** The same market, of which only what stood at the ends of steps is known. */
const opens = (snapshot: MarketSnapshot.MarketSnapshot): MarketSnapshot.MarketSnapshot => {
  const extreme = (series: string) => /\.(?:high|low)$/.test(series)
  return {
    ...snapshot,
    observe: (series) => (extreme(series) ? undefined : snapshot.observe(series)),
    since: (series, after) => (extreme(series) ? [] : snapshot.since(series, after)),
    has: (series) => !extreme(series) && snapshot.has(series)
  }
}

const data = (table: keyof typeof tables, extremes: boolean) =>
  Layer.effect(
    DataProvider.DataProvider,
    Effect.map(tables[table], (provider) =>
      extremes ? provider : { ...provider, getData: (at: Timestamp.Timestamp) => Effect.map(provider.getData(at), opens) })
  ).pipe(Layer.provide(NodeContext.layer))

interface Case {
  readonly venue: "binance" | "bybit"
  readonly side: "buy" | "sell"
  readonly leverage: string
  readonly amount: string
  readonly from: string
  readonly until: string
}

/** One position held through a span, over a table: what came due. */
const held = ({ amount, from, leverage, side, until, venue: id }: Case, table: keyof typeof tables, extremes: boolean) => {
  const settings = config({ ...free, leverage, margin_mode: "isolated" })
  return Effect.gen(function*() {
    const venue = yield* fixtures.venue(id)
    const at = time(from)
    yield* venue.accruals(at)
    const instruction = fixtures.trade({ venue: id, trade_type: "perp", side, symbol: "ETHUSDT", amount })
    yield* perform(venue.trade!, { operationId: "open", at, instruction })
    // A manager looks in every hour, whatever the step of the data.
    const all: Array<Outcome.Accrual> = []
    for (let now = at + Timestamp.hour; now <= time(until); now += Timestamp.hour) all.push(...(yield* venue.accruals(now)))
    const { holdings, positions } = yield* venue.portfolio(time(until))
    const world = yield* fixtures.currentWorld
    assert.deepStrictEqual(fixtures.unbalanced(world), [])
    assert.deepStrictEqual(fixtures.impossible(world), [])
    return { all, positions, holdings, liquidation: all.find(({ kind }) => kind === "liquidation") }
  }).pipe(Effect.provide(
    (id === "binance" ? Binance.layer(settings) : Bybit.layer(settings)).pipe(
      Layer.provideMerge(VenueRegistry.layer),
      Layer.provideMerge(Simulation.layer(fixtures.opening({
        [id === "binance" ? "binance:perp" : "bybit:unified"]: { USDT: "10000" }
      }))),
      Layer.provide(data(table, extremes))
    )
  ))
}

const brief = ({ liquidation }: { readonly liquidation: Outcome.Accrual | undefined }) =>
  liquidation === undefined
    ? undefined
    : [Timestamp.format(liquidation.at), liquidation.detail["mark"], liquidation.detail["extreme"]]

describe("2024-08-05", () => {
  // 10 ether long from 00:00Z at 2687.6, five times: 26,876 of notional on 5,375.2 of margin, of which 0.4 % of the worth
  // must stay. 5375.2 + 10 p − 26876 = 0.04 p, so p = 21500.8 / 9.96 = 2158.7148….
  const long: Case = { venue: "binance", side: "buy", leverage: "5", amount: "10", from: "2024-08-05T00:00:00Z", until: "2024-08-05T16:00:00Z" }

  it.effect("liquidates a long of five times in the hour whose low of 2112 is beyond 2158.71", () =>
    Effect.map(held(long, "hourly", true), (result) => {
      assert.deepStrictEqual(brief(result), ["2024-08-05T02:00:00Z", "2158.71", "2112"])
      assert.deepStrictEqual(result.all.map(({ kind }) => kind), ["liquidation"])
      // At 2158.71 there are 5375.2 − 5288.9 = 86.3 left, of which 86.3484 are required; the fee of 1.25 % takes them all.
      const { detail } = result.liquidation!
      assert.deepStrictEqual(
        [detail["margin_balance"], detail["maintenance_margin"], detail["realised"], detail["fee"], detail["insurance_fund"]],
        ["86.3", "86.3484", "-5288.9", "86.3", "0"]
      )
      assert.deepStrictEqual(result.positions, [])
      assert.deepStrictEqual(result.holdings.map(({ amount, asset }) => [asset, amount]), [["USDT", fixtures.amount("4624.8")]])
    }))

  it.effect("finds it every eight hours too, where the low of the step is known", () =>
    Effect.map(held(long, "eightHourly", true), (result) =>
      assert.deepStrictEqual(brief(result), ["2024-08-05T08:00:00Z", "2158.71", "2112"])))

  it.effect("misses it on the opens, every eight hours or every hour", () =>
    Effect.gen(function*() {
      for (const table of ["eightHourly", "hourly"] as const) {
        const result = yield* held(long, table, false)
        assert.isUndefined(result.liquidation)
        assert.strictEqual(result.positions.length, 1)
        // The funding of 08:00Z, of 0.10792403, tells how near it is: at 2356.42 there are 2063.50792403 of 94.2568.
        const [funding] = result.all
        assert.strictEqual(funding?.detail["maintenance_margin"], "94.2568")
        assert.strictEqual(funding?.detail["margin_ratio"], "21.8924")
      }
    }))

  // 2 ether short from 08:00Z at 2356.7, twenty times: 235.67 of margin. The funding of 16:00Z, −0.00008804 of 4898.66,
  // takes 0.43127803. 235.67 − 0.43127803 + 4713.4 − 2 p = 0.01 p, so p = 4948.63872197 / 2.01 = 2462.0093….
  const short: Case = { venue: "bybit", side: "sell", leverage: "20", amount: "2", from: "2024-08-05T08:00:00Z", until: "2024-08-06T00:00:00Z" }

  it.effect("liquidates a short of twenty times in the hour whose high of 2520.42 is beyond 2462.01, and not in that of 2461.16", () =>
    Effect.map(held(short, "hourly", true), (result) => {
      assert.deepStrictEqual(result.all.map(({ at, kind }) => [kind, Timestamp.format(at)]), [
        ["funding", "2024-08-05T16:00:00Z"],
        ["liquidation", "2024-08-05T17:00:00Z"]
      ])
      assert.deepStrictEqual(brief(result), ["2024-08-05T17:00:00Z", "2462.01", "2520.42"])
      // Margin called before: at 16:00Z, at 2449.33, 49.97872197 of 24.4933 were left.
      assert.strictEqual(result.all[0]!.detail["margin_ratio"], "2.0405")
    }))

  it.effect("misses it on the opens", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(brief(yield* held(short, "eightHourly", true)), ["2024-08-06T00:00:00Z", "2462.01", "2520.42"])
      assert.isUndefined((yield* held(short, "eightHourly", false)).liquidation)
    }))
})
