import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
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
  })

  it.each([
    [{ venue_timeout: 0 }, "venue_timeout"],
    [{ venue_timeout: 120 }, "venue_timeout"],
    [{ max_retries_per_venue: 10 }, "max_retries_per_venue"],
    [{ max_retries_per_venue: 2.5 }, "max_retries_per_venue"],
    [{ max_retry_attempts: 0 }, "max_retry_attempts"],
    [{ initial_capital: "0" }, "initial_capital"],
    [{ initial_capital: "1e5" }, "initial_capital"],
    [{ share_class: "btc" }, "share_class"],
    [{ price_tolerance: 1 }, "price_tolerance"],
    [{ venue_timout: 3 }, "venue_timout"],
    [{ venues: {}, venue_configs: {} }, "venue_configs"],
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
})
