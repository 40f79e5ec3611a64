import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Config from "../../src/manager/Config.js"
import * as VenueSettings from "../../src/manager/VenueSettings.js"
import * as SimulatedVenues from "../../src/modes/SimulatedVenues.js"

const read = (venues: unknown, venueConfigs?: unknown) =>
  VenueSettings.read([{ field: "venues", value: venues }, { field: "venue_configs", value: venueConfigs }])

const settingsOf = ({ venues }: VenueSettings.VenueSettings) => Object.fromEntries([...venues].map(([id, { settings }]) => [id, settings]))

const pathsOf = ({ faults }: VenueSettings.VenueSettings) => faults.map(({ path }) => path)

const fees = { fees: { spot: { maker: "0" } } }

describe("VenueSettings", () => {
  it("reads the same from every form", () => {
    const flat = read({ binance: fees, uniswap: {} })
    assert.deepStrictEqual<unknown>(settingsOf(flat), { binance: fees, uniswap: {} })
    for (const other of [
      read({ cex: { binance: fees }, dex: { uniswap: {} } }),
      read({ cex: { binance: fees }, uniswap: {} }),
      read({ cex: ["binance"], dex: ["uniswap"], binance: fees }),
      read({ cex: ["binance"], dex: ["uniswap"] }, { binance: fees }),
      read({ cex: { binance: {} }, dex: ["uniswap"] }, { cex: { binance: fees } }),
      read(undefined, { cex: { binance: fees }, dex: { uniswap: {} } }),
      read({ binance: fees, uniswap: {} }, { binance: { fees: { spot: { maker: "0" } } } })
    ]) {
      assert.deepStrictEqual(other.faults, [])
      assert.deepStrictEqual(Object.keys(settingsOf(other)).sort(), ["binance", "uniswap"])
      assert.deepStrictEqual<unknown>(settingsOf(other)["binance"], fees)
    }
  })

  it.each([
    [{ cex: { okx: fees }, okx: { fees: {} } }, undefined, ["venues.okx"]],
    [{ okx: fees }, { okx: { fees: { spot: { maker: "1" } } } }, ["venue_configs.okx"]],
    [{ cex: ["okx"], dex: ["okx"] }, undefined, ["venues.dex[0]"]],
    [{ cex: { okx: fees }, onchain: { okx: {} } }, undefined, ["venues.onchain.okx"]],
    [{ cex: 7, dex: "uniswap", onchain: null }, undefined, ["venues.cex", "venues.dex", "venues.onchain"]],
    [{ cex: ["okx", 7, {}] }, undefined, ["venues.cex[1]", "venues.cex[2]"]],
    [{ cex: { toString: {} }, valueOf: {} }, undefined, ["venues.cex.toString", "venues.valueOf"]],
    [7, [], ["venues", "venue_configs"]]
  ])("refuses %j and %j", (venues, configs, paths) => {
    assert.deepStrictEqual(pathsOf(read(venues, configs)), paths)
  })

  it("is read again from its flat form", () => {
    const name = FastCheck.constantFrom("binance", "okx", "uniswap", "aave", "wallet")
    const some = FastCheck.oneof(FastCheck.constant({}), FastCheck.constant(fees), FastCheck.constant({ enabled: false }))
    const family = FastCheck.oneof(FastCheck.uniqueArray(name), FastCheck.dictionary(name, some))
    const form = FastCheck.record({ cex: family, dex: family, onchain: family, binance: some, okx: some }, { requiredKeys: [] })
    FastCheck.assert(FastCheck.property(form, FastCheck.option(form, { nil: undefined }), (venues, configs) => {
      const settings = read(venues, configs)
      const flat = VenueSettings.flat(settings)
      const again = VenueSettings.read([{ field: "venues", value: flat }])
      assert.deepStrictEqual(again.faults, [])
      assert.deepStrictEqual(VenueSettings.flat(again), flat)
      assert.deepStrictEqual([...again.stated], [...settings.stated])
      assert.sameMembers([...again.venues.keys()], [...settings.venues.keys()])
    }), { seed: 20240601, numRuns: 500 })
  })
})

describe("the simulated venues of settings", () => {
  const ids = (venues: unknown) =>
    Either.map(Either.flatMap(Config.decode({ venues }), SimulatedVenues.fromConfig), (made) => made.map(({ id }) => id).sort())

  const all = [...SimulatedVenues.accounts.keys()].sort()

  const refused = (venues: unknown) => {
    const [decoded, built] = [SimulatedVenues.decode({ venues }), Either.flatMap(Config.decode({ venues }), SimulatedVenues.fromConfig)]
    assert.isTrue(Either.isLeft(built))
    return Either.isLeft(decoded) ? decoded.left.faults.map(({ path }) => path) : []
  }

  it("are all of them but those of a family that is written without them", () => {
    const cex = ["binance", "bybit", "hyperliquid", "okx"]
    assert.deepStrictEqual(ids({}), Either.right(all))
    assert.deepStrictEqual(ids({ binance: fees }), Either.right(all))
    assert.deepStrictEqual(ids({ cex: ["binance"] }), Either.right(all.filter((id) => id === "binance" || !cex.includes(id))))
    assert.deepStrictEqual(ids({ cex: { binance: fees }, bybit: {} }), Either.right(all.filter((id) => ["binance", "bybit"].includes(id) || !cex.includes(id))))
    assert.deepStrictEqual(ids({ cex: [], dex: {}, onchain: { aave: {} } }), Either.right(["aave", "wallet"]))
    assert.deepStrictEqual(ids({ cex: [], dex: [], onchain: [], wallet: { enabled: false } }), Either.right([]))
  })

  it("are refused under another family, by another name and with settings that do not hold", () => {
    assert.deepStrictEqual(refused({ dex: ["binance"] }), ["venues.dex[0]"])
    assert.deepStrictEqual(refused({ cex: { uniswap: {} }, onchain: { curve: {} } }), ["venues.cex.uniswap", "venues.onchain.curve"])
    assert.deepStrictEqual(refused({ cex: ["kraken"] }), ["venues.cex[0]"])
    assert.deepStrictEqual(refused({ cex: { binance: { fees: { spot: { taker: "2" } } } } }), ["venues.cex.binance.fees.spot.taker"])
    assert.deepStrictEqual(refused({ cex: { okx: { enabled: "no" } } }), ["venues.cex.okx.enabled"])
  })
})
