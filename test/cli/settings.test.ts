import { it } from "@effect/vitest"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import * as Directory from "../../src/internal/Directory.js"
import * as SimulatedVenues from "../../src/modes/SimulatedVenues.js"
import { app, directory } from "./eim.js"

type Place = readonly [path: ReadonlyArray<string>, value: unknown]

/** Faults that have nothing to do with each other, each a value at a path of valid settings. */
const plantable: ReadonlyArray<Place> = [
  [["venue_timeout"], 500],
  [["max_retries_per_venue"], 2.5],
  [["share_class"], "btc"],
  [["initial_capital"], "-1"],
  [["price_tolerance"], "1"],
  [["enable_atomic_chaining"], "yes"],
  [["max_age_hours", "gas"], 0],
  [["stale_fills"], "always"],
  [["nobody_knows"], 1],
  [["gas", "price_gwei"], "-1"],
  [["gas", "units", "supply"], -3],
  [["gas", "tonk"], true],
  [["venues", "kraken"], {}],
  [["venues", "okx", "enabled"], "no"],
  [["venues", "okx", "funding_from"], 7],
  [["venues", "binance", "fees", "spot_taker"], "0.1"],
  [["venues", "binance", "fees", "spot", "taker"], "2"],
  [["venues", "binance", "fees", "perp", "maker"], "x"],
  [["venues", "binance", "slippage", "spot"], "10000"],
  [["venues", "binance", "slippage", "perp"], []],
  [["venues", "binance", "leverage", "ETH"], "0.5"],
  [["venues", "binance", "leverage", "eth!"], "5"],
  [["venues", "binance", "instruments", "spot", "ETHUSDT", "lot"], "0.000000001"],
  [["venues", "bybit", "networks", "USDT", "ethereum", "withdrawal_delay_seconds"], -1],
  [["venues", "aave", "rounding"], "v9"],
  [["venues", "aave", "reserves", "FOO"], {}],
  [["venues", "wallet", "confirmations"], 0],
  [["venues", "wallet", "networks"], []],
  [["venues", "hyperliquid"], 3]
]

const valid = {
  strategy_mode: "mine",
  venues: { binance: { fees: { spot: { maker: "0" } }, leverage: { BTC: "3" } }, aave: { reserves: { USDT: { ltv: "0.5" } } } },
  gas: { tank: false }
}

const planted = (faults: ReadonlyArray<Place>): unknown => {
  const settings: Record<string, unknown> = JSON.parse(JSON.stringify(valid))
  for (const [place, value] of faults) {
    let at: Record<string, unknown> = settings
    for (const key of place.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>
    at[place.at(-1)!] = value
  }
  return settings
}

describe("faults of settings", () => {
  it("are told all at once, each at its path and no other", () => {
    assert.isTrue(Either.isRight(SimulatedVenues.decode(valid)))
    FastCheck.assert(FastCheck.property(FastCheck.shuffledSubarray([...plantable]), (faults) => {
      const decoded = SimulatedVenues.decode(planted(faults))
      const told = Either.isLeft(decoded) ? decoded.left.faults : []
      assert.sameMembers(told.map(({ path }) => path), faults.map(([place]) => place.join(".")))
      for (const { expected } of told) assert.notMatch(expected, /^$|fields $/)
    }))
  })

  it.effect("are told together with those of environment and balances", () =>
    Effect.gen(function*() {
      const folder = directory({
        "config.json": { venue_timeout: 500, venue_configs: { binance: { fees: { spot_taker: "1" } } } },
        "start.json": { wallet: { USDT: "-1", ETH: "1e5" } },
        "x.json": {}
      })
      const at = (name: string) => path.join(folder, name)
      const args = ["route", at("x.json"), "--at", "2024-06-01T00:00Z", "--config", at("config.json"), "--balances", at("start.json"), "--json"]
      const { code, err, out } = yield* app(args, { env: { BASIS_DATA_MODE: "parquet", BASIS_ENVIRONMENT: "moon" } })
      assert.strictEqual(code, 2)
      const { faults } = JSON.parse(out).error
      assert.sameMembers(faults.map((fault: { readonly path: string }) => fault.path), [
        "BASIS_ENVIRONMENT",
        "BASIS_DATA_MODE",
        "venue_timeout",
        "venue_configs.binance.fees.spot_taker",
        "balances.wallet.USDT",
        "balances.wallet.ETH"
      ])
      assert.strictEqual(err.split("\n").filter((line) => /: expected .*, got /.test(line)).length, 6, err)
      assert.deepInclude(faults[1], { source: "the environment", expected: "csv or db", actual: "\"parquet\"" })
    }))
})

describe("directories to write to", () => {
  it.effect("are made one after the other, and there again", () =>
    Effect.gen(function*() {
      const deep = path.join(directory({}), "a", "b", "c")
      yield* Directory.make(deep)
      yield* Directory.make(deep)
      assert.isTrue(fs.statSync(deep).isDirectory())
    }).pipe(Effect.provide(NodeContext.layer)))

  it.effect("are refused below what takes none, and at once", () =>
    Effect.gen(function*() {
      const folder = directory({ file: "" })
      const places = ["/proc/eim/results", path.join(folder, "file"), path.join(folder, "file", "below")]
      for (const place of places.slice(process.platform === "linux" ? 0 : 1)) {
        assert.strictEqual((yield* Effect.either(Directory.make(place)))._tag, "Left", place)
      }
    }).pipe(Effect.provide(NodeContext.layer)), 5_000)
})
