import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import type * as Fault from "execution-interface-manager/domain/Fault"
import * as Config from "execution-interface-manager/manager/Config"

const path = (input: unknown): string | undefined => {
  const decoded = Config.decode(input)
  return Either.isLeft(decoded) ? decoded.left.faults[0].path : undefined
}

describe("Config", () => {
  it("has a default for every setting", () => {
    const { defaults } = Config
    assert.strictEqual(defaults.venueTimeout, 15)
    assert.strictEqual(defaults.maxRetriesPerVenue, 3)
    assert.strictEqual(defaults.maxRetryAttempts, 3)
    assert.strictEqual(defaults.retryDelaySeconds, 0.1)
    assert.isTrue(defaults.enableAtomicChaining)
    assert.deepStrictEqual(Config.decode({}), Either.right(defaults))
  })

  it.each([
    [{ venue_timeout: 0 }, "venue_timeout"],
    [{ venue_timeout: 120 }, "venue_timeout"],
    [{ max_retries_per_venue: 10 }, "max_retries_per_venue"],
    [{ max_retries_per_venue: 2.5 }, "max_retries_per_venue"],
    [{ max_retry_attempts: 0 }, "max_retry_attempts"],
    [{ max_retry_attempts: 11 }, "max_retry_attempts"],
    [{ max_retries_per_venue: 0 }, "max_retries_per_venue"],
    [{ retry_delay_seconds: 0 }, "retry_delay_seconds"],
    [{ retry_delay_seconds: 60 }, "retry_delay_seconds"],
    [{ price_tolerance: -0.01 }, "price_tolerance"],
    [{ initial_capital: "0" }, "initial_capital"],
    [{ initial_capital: "1e5" }, "initial_capital"],
    [{ share_class: "btc" }, "share_class"],
    [{ price_tolerance: 1 }, "price_tolerance"],
    [{ venue_timout: 3 }, "venue_timout"],
    [{ venues: { okx: { fee: 1 } }, venue_configs: { okx: { fee: 2 } } }, "venue_configs.okx"],
    [JSON.parse("{\"venues\":{\"__proto__\":{\"fee\":1}}}"), "venues.__proto__"],
    [JSON.parse(`{"venues":${"[".repeat(200)}${"]".repeat(200)}}`), ""],
    [[], ""],
    [null, ""]
  ])("refuses %j at %s", (input, expected) => assert.strictEqual(path(input), expected))

  it("reads any JSON or refuses it with a path", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom("venues", "gas", "initial_capital", "venue_timeout"), fc.jsonValue())), (input) => {
        const decoded = Config.decode(input)
        if (Either.isLeft(decoded)) assert.instanceOf(decoded.left, Config.ConfigError)
      }),
      { seed: 20240601, numRuns: 1000 }
    )
  })

  it.each([
    [{ venue_timeout: 119.9, max_retries_per_venue: 9, max_retry_attempts: 10, retry_delay_seconds: 59, price_tolerance: 0 }],
    [{ venue_timeout: 0.1, max_retries_per_venue: 1, max_retry_attempts: 1, retry_delay_seconds: 0.001, price_tolerance: "0.99" }],
    [{ stale_fills: true }],
    [{ stale_fills: ["perp.okx", "dex."] }],
    [{ max_age_hours: { "gas.": 24 }, gas: { anything: 1 }, venues: { okx: 1 } }]
  ])("takes %j", (input) => assert.isUndefined(path(input)))

  it("reads venues under both of their names, and names the one that was written", () => {
    const read = (input: unknown) => Either.getOrThrow(Config.decode(input)).venues
    assert.deepStrictEqual<unknown>(read({ venues: { okx: { fee: 1 } } }), { okx: { fee: 1 } })
    assert.deepStrictEqual<unknown>(read({ venue_configs: { okx: { fee: 1 } } }), { okx: { fee: 1 } })
    assert.strictEqual(path({ venues: 7 }), "venues")
    assert.strictEqual(path({ venue_configs: 7 }), "venue_configs")
    assert.strictEqual(path({ venue_configs: { toString: 7 } }), "venue_configs.toString")
    assert.strictEqual(path({ venue_configs: {}, max_age_hours: { venues: 0 } }), "max_age_hours.venues")
  })

  it("reads what both names say together, and gas as it is written", () => {
    const { gas, venues } = Config.partsOf({ venues: { okx: 1 }, venue_configs: { bybit: 2 }, gas: 3, nonsense: 4 })
    assert.deepStrictEqual([gas, [...venues.venues].map(([id, { path, settings }]) => [id, settings, path])], [3, [["okx", 1, "venues.okx"], ["bybit", 2, "venue_configs.bybit"]]])
    for (const input of [7, null, [], {}]) assert.strictEqual(Config.partsOf(input).venues.venues.size, 0)
    assert.deepStrictEqual<unknown>(Config.partsOf({ venues: 7 }).venues.faults, [{ path: "venues", expected: "an object", actual: 7 }])
  })

  it("tells every fault, of one path the first", () => {
    const refused = Either.getOrThrow(Either.flip(Config.decode({ venue_timeout: 0, price_tolerance: 2, venues: { constructor: 1 } })))
    assert.deepStrictEqual(refused.faults.map(({ path }) => path).toSorted(), ["price_tolerance", "venue_timeout", "venues.constructor"])
    const [first, second] = [{ path: "a", expected: "x", actual: 1 }, { path: "b", expected: "y", actual: 2 }]
    const bad = (...faults: readonly [Fault.Fault, ...ReadonlyArray<Fault.Fault>]) => Either.left(Config.fromFaults(faults))
    const faultsOf = <A>(either: Either.Either<A, Config.ConfigError>) => Either.getOrThrow(Either.flip(either)).faults
    assert.deepStrictEqual(faultsOf(Config.all([bad(first), Either.right(1), bad({ ...first, expected: "z" }, second)])), [first, second])
    assert.deepStrictEqual(faultsOf(Config.zip(bad(first), bad(second))), [first, second])
    assert.deepStrictEqual(faultsOf(Config.zip(Either.right(1), bad(second))), [second])
    assert.deepStrictEqual(Config.all([Either.right(1), Either.right(2)]), Either.right([1, 2]))
    assert.deepStrictEqual(Config.zip(Either.right(1), Either.right("a")), Either.right([1, "a"] as const))
    assert.strictEqual(Config.fromFault(first).message, "config: a: expected x, got 1")
    assert.strictEqual(Config.fromFaults([first, second]).message, "config: 2 faults\n  a: expected x, got 1\n  b: expected y, got 2")
  })

  it("counts in the token of the share class", () => {
    assert.deepStrictEqual([Config.shareToken("usdt_stable"), Config.shareToken("eth_directional")], ["USDT", "ETH"])
  })
})
