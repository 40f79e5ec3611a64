import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Account from "../../src/domain/Account.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as Accruals from "../../src/manager/Accruals.js"
import type * as Venue from "../../src/venue/Venue.js"
import { bare, registryOf, restore, venueTime } from "./parts.js"

const accrual = (id: string): Outcome.Accrual => ({
  id,
  kind: "interest",
  venue: "pool",
  account: Account.make("pool", "position"),
  at: 3,
  entries: [],
  detail: {}
})

const venue = (accruals: Venue.Accruals): Venue.Venue => ({ ...bare("pool"), accruals })
const due = (...ids: ReadonlyArray<string>): Venue.Venue => venue(() => Effect.succeed(ids.map(accrual)))

const settle = (venues: { readonly [id: string]: Venue.Venue | string }, refused: ReadonlyArray<string> = []) => {
  const logged: Array<string> = []
  const settling = Accruals.make(registryOf(venues), ({ id }) =>
    Effect.sync(() => {
      logged.push(id)
      return !refused.includes(id)
    }), venueTime)
  return { logged, settled: settling(1000, restore) }
}

describe("Accruals", () => {
  it.effect("asks every venue that works, up to the instant, and keeps their order", () =>
    Effect.gen(function*() {
      const asked: Array<number> = []
      const asking = venue((until) => Effect.sync(() => (asked.push(until), [accrual("c")])))
      const { logged, settled } = settle({ a: due("a1", "a2"), b: "connection refused", c: asking, d: due() })
      const { accruals, logged: taken } = yield* settled
      assert.deepStrictEqual(accruals.map(({ id }) => id), ["a1", "a2", "c"])
      assert.isTrue(taken)
      assert.deepStrictEqual(logged, ["a1", "a2", "c"])
      assert.deepStrictEqual(asked, [1000])
    }))

  it.effect("leaves out a venue that is quiet up to then, and asks one that is not", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const until = (id: string, quietUntil: number): Venue.Venue =>
        venue(Object.assign(
          () => Effect.sync(() => (asked.push(id), [])),
          { quiet: (instant: number) => instant <= quietUntil }
        ))
      yield* settle({ a: until("a", 1000), b: until("b", 999), c: until("c", 2000) }).settled
      assert.deepStrictEqual(asked, ["b"])
    }))

  it.effect.each([["a1"], ["a2"], ["b"]] as const)("says that the log did not take %s, whatever it took after", ([refused]) =>
    Effect.gen(function*() {
      const { logged, settled } = settle({ a: due("a1", "a2"), b: due("b"), c: due("c") }, [refused])
      assert.isFalse((yield* settled).logged)
      assert.deepStrictEqual(logged, ["a1", "a2", "b", "c"])
    }))

  it.effect("has nothing where nothing is due", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* settle({}).settled, { accruals: [], logged: true, error: undefined })
    }))

  it.effect("a failure ends it, with what was settled before and what the venue had settled itself", () =>
    Effect.gen(function*() {
      const failure = new Outcome.Rejected({ reason: "health_factor", message: "breached", accruals: [accrual("b1")] })
      const { logged, settled } = settle({ a: due("a1"), b: venue(() => Effect.fail(failure)), c: due("c") }, ["b1"])
      const { accruals, error, logged: taken } = yield* settled
      assert.deepStrictEqual(accruals, [accrual("a1"), accrual("b1")])
      assert.isFalse(taken)
      assert.deepStrictEqual([error?.code, error?.venue, error?.reason], ["EIM-006", "b", "breached"])
      assert.deepStrictEqual(logged, ["a1", "b1"])
    }))

  it.effect.each([
    ["a rejection", new Outcome.Rejected({ reason: "market_data", message: "no price" }), "EIM-007"],
    ["an outage", new Outcome.NotSent({ reason: "unavailable", message: "down", retry: "after" }), "EIM-002"]
  ] as const)("%s without accruals is that alone", ([, failure, code]) =>
    Effect.gen(function*() {
      const { accruals, error, logged } = yield* settle({ a: venue(() => Effect.fail(failure)) }).settled
      assert.deepStrictEqual([accruals, logged, error?.code, error?.venue], [[], true, code, "a"])
    }))
})
