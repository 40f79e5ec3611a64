/**
 * A script sees nothing later than its instant, whatever it asks and however it came by the data.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Effect, Either, Exit, FastCheck as fc, Fiber, Layer, Option } from "effect"
import { Amount, Backtest, DataProvider, Decimal, MarketSnapshot, Script, Timestamp } from "execution-interface-manager"
import type * as Table from "execution-interface-manager/data/Table"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"

type Service = Context.Tag.Service<DataProvider.DataProvider>

const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
const hour = Timestamp.hour
const hours = 30

/** Prices that wander, a series that stops, and one that begins late. */
const seriesOf = (steps: ReadonlyArray<number>): ReadonlyArray<Table.Series> => {
  let price = 3000
  const prices = steps.map((step, n) => ({ at: start + n * hour, value: Decimal.make(BigInt((price += step)), 0) }))
  return [
    { name: "price.ETH", observations: prices },
    { name: "price.BTC", observations: prices.slice(0, 5) },
    { name: "price.LATE", observations: prices.slice(12) }
  ]
}

const cut = (series: ReadonlyArray<Table.Series>, until: number): ReadonlyArray<Table.Series> =>
  series.flatMap(({ name, observations }) => {
    const known = observations.filter(({ at }) => at <= until)
    return known.length === 0 ? [] : [{ name, observations: known }]
  })

const text = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? member.toString() : member))

const seenOf = (snapshot: MarketSnapshot.MarketSnapshot) =>
  ["price.ETH", "price.BTC", "price.LATE", "price.none"].map((name) => [
    name,
    snapshot.at,
    snapshot.has(name),
    snapshot.maxAge(name),
    snapshot.step(name),
    snapshot.observe(name),
    snapshot.since(name, -1),
    snapshot.since(name, snapshot.at - 3 * hour)
  ])

const asked = <A>(question: Effect.Effect<A, DataProvider.DataError>, tell: (answer: A) => unknown = (answer) => answer) =>
  Effect.map(Effect.exit(question), (exit) =>
    Exit.isSuccess(exit)
      ? text(tell(exit.value))
      : text(Option.map(Cause.failureOption(exit.cause), ({ future, message }) => ({ future, message }))))

/** Everything that a provider offers, at instants around `time` and far from it. */
const everything = (data: Service, time: number) =>
  Effect.map(
    Effect.all([
      ...[time, time - hour, time + 1, time + hour, time + 20 * hour, Number.MAX_SAFE_INTEGER, Infinity, NaN].flatMap((at) => [
        asked(data.getData(at), seenOf),
        asked(data.timestamps(start, at)),
        asked(data.timestamps(at, time + hour)),
        asked(data.seriesAt(at))
      ]),
      asked(data.series)
    ]),
    (answers) => answers.join("\n")
  )

/** A script that asks all that it can, in every way, and trades on what it heard. */
const prying = (heard: Array<string>, outside: Service | undefined) => {
  const kept: Array<Service> = outside === undefined ? [] : [outside]
  let fork: Fiber.RuntimeFiber<void> | undefined
  return Script.make({
    initialBalances: { binance: { USDT: "1000000" } },
    every: "1 hour",
    decide: (time, positions) =>
      Effect.gen(function*() {
        const data = yield* DataProvider.DataProvider
        if (kept.length < 3) kept.push(data)
        // A sleep moves the clock; the data do not move with it.
        yield* Effect.sleep("10 hours")
        for (const one of kept) heard.push(yield* everything(one, time))
        heard.push(text([...(yield* Effect.context<never>()).unsafeMap.keys()]))
        // Asked in one tick, read in a later one.
        if (fork !== undefined) yield* Fiber.join(fork)
        fork = yield* Effect.forkDaemon(
          Effect.flatMap(Effect.yieldNow(), () =>
            Effect.map(Effect.all(kept.map((one) => asked(one.getData(time + 3 * hour), seenOf))), (answers) => void heard.push(...answers)))
        )
        yield* Fiber.join(fork)
        heard.push(text(Effect.runSync(asked(data.getData(time + 2 * hour), seenOf))))
        const price = yield* Effect.orElseSucceed(
          Effect.map(data.getData(time + 5 * hour), (later) => later.observe("price.ETH")?.value.value ?? 0n),
          () => 0n
        )
        heard.push(text([price, positions.balances, Either.isRight(Either.try(() => positions.balance("binance", "LATE")))]))
        const now = yield* data.getData(time)
        const held = positions.balance("binance", "ETH")
        const rises = now.since("price.ETH", time - 4 * hour).length % 2 === 0 || price > 3000n
        return held === 0n && rises
          ? [{ instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side: "buy", symbol: "ETHUSDT", amount: "1" }]
          : []
      }) as Effect.Effect<Script.Blocks, DataProvider.DataError, DataProvider.DataProvider>
  })
}

const steps = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: hours, maxLength: hours })

/** What the script heard and what was traded up to an instant. */
const play = (series: ReadonlyArray<Table.Series>, to: number, surround: boolean) =>
  Effect.gen(function*() {
    const heard: Array<string> = []
    const traded: Array<string> = []
    const data = yield* DataProvider.DataProvider
    const result = yield* Backtest.run(prying(heard, surround ? data : undefined), {
      id: "x",
      from: start,
      to,
      onReport: (report) => Effect.sync(() => void traded.push(text([report.timestamp, report.deltas])))
    })
    return { heard, traded, error: result.error }
  }).pipe(Effect.provide(Memory.layer(series)))

describe("a script sees nothing later than its instant", () => {
  it.effect.prop("over data that end at an instant it hears and does the same up to there", [steps, fc.integer({ min: 0, max: hours - 2 }), fc.boolean()], ([steps, n, surround]) =>
    Effect.gen(function*() {
      const series = seriesOf(steps)
      const until = start + n * hour
      const whole = yield* play(series, start + (hours - 1) * hour, surround)
      const short = yield* play(cut(series, until), until, surround)
      assert.isUndefined(whole.error)
      assert.isAbove(short.heard.length, 0)
      assert.deepStrictEqual(whole.heard.slice(0, short.heard.length), short.heard)
      assert.deepStrictEqual(whole.traded.slice(0, short.traded.length), short.traded)
    }), { fastCheck: { numRuns: 6 } })

  const series = seriesOf(Array.from({ length: hours }, (_, n) => n))

  const fails = (decide: Script.Script<DataProvider.DataError>["decide"]) =>
    Effect.flip(Backtest.run({ every: "1 hour", decide }, { id: "x", from: start, to: start + 20 * hour })).pipe(
      Effect.provide(Memory.layer(series)),
      Effect.map((error) => error instanceof DataProvider.DataError ? error : assert.fail(String(error)))
    )

  it.effect("later data is a typed error that names both instants", () =>
    Effect.gen(function*() {
      const questions: ReadonlyArray<(data: Service, at: number) => Effect.Effect<unknown, DataProvider.DataError>> = [
        (data: Service, at: number) => data.getData(at),
        (data: Service, at: number) => data.timestamps(start, at),
        (data: Service, at: number) => data.timestamps(at, start),
        (data: Service, at: number) => data.seriesAt(at)
      ]
      for (const ask of questions) {
        const error = yield* fails((time) => Effect.as(Effect.flatMap(DataProvider.DataProvider, (data) => ask(data, time + 1)), []))
        assert.deepStrictEqual(error.future, { asked: start + 1, instant: start })
        assert.strictEqual(
          error.message,
          "data of 2024-06-01T00:00:00.001Z was asked for at 2024-06-01T00:00:00Z: a script sees nothing later than its own instant"
        )
      }
    }))

  it.effect("what is no instant is none, also where it answers differently each time", () =>
    Effect.gen(function*() {
      let n = 0
      for (const at of [NaN, { valueOf: () => start + n++ * 20 * hour }, "2024-06-01T00:00:00Z", undefined]) {
        const error = yield* fails(() => Effect.as(Effect.flatMap(DataProvider.DataProvider, (data) => data.getData(at as number)), []))
        assert.isUndefined(error.future)
        assert.match(error.message, /^expected an instant \(milliseconds since 1970\) to read data at, and got /)
      }
    }))

  it.effect("a provider that the script made itself, or that surrounds the run, ends there too", () =>
    Effect.gen(function*() {
      const surrounding = yield* Effect.provide(DataProvider.DataProvider, Memory.layer(series))
      const own = Layer.orDie(Memory.layer(series))
      const both = [
        (at: number) => surrounding.getData(at),
        (at: number) => Effect.provide(Effect.flatMap(DataProvider.DataProvider, (data) => data.getData(at)), own),
        (at: number) => Effect.flatMap(Effect.forkDaemon(surrounding.getData(at)), Fiber.join)
      ]
      for (const ask of both) {
        const error = yield* fails((time) => Effect.as(ask(time + hour), []))
        assert.deepStrictEqual(error.future, { asked: start + hour, instant: start })
      }
      // Outside of a script it has no end.
      assert.strictEqual((yield* surrounding.getData(start + 29 * hour)).observe("price.ETH")?.at, start + 29 * hour)
    }))

  it.effect("it is given data and no other service of the run", () =>
    Effect.gen(function*() {
      const found: Array<string> = []
      yield* Backtest.run({
        every: "10 hours",
        decide: () =>
          Effect.as(Effect.map(Effect.context<never>(), ({ unsafeMap }) => void found.push(...unsafeMap.keys())), []) as Effect.Effect<Script.Blocks>
      }, { id: "x", from: start, to: start + 20 * hour }).pipe(Effect.provide(Memory.layer(series)))
      assert.deepStrictEqual([...new Set(found)], [DataProvider.DataProvider.key])
    }))

  it.effect("series that begin later are not there yet, and the others end at the instant", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      yield* Backtest.run({
        every: "13 hours",
        decide: () =>
          Effect.as(Effect.flatMap(DataProvider.DataProvider, (data) => Effect.map(data.series, (series) => void seen.push(series))), [])
      }, { id: "x", from: start, to: start + 13 * hour }).pipe(Effect.provide(Memory.layer(series)))
      assert.deepStrictEqual(seen, [
        [{ name: "price.BTC", count: 1, from: start, to: start }, { name: "price.ETH", count: 1, from: start, to: start }],
        [
          { name: "price.BTC", count: 5, from: start, to: start + 4 * hour },
          { name: "price.ETH", count: 14, from: start, to: start + 13 * hour },
          { name: "price.LATE", count: 2, from: start + 12 * hour, to: start + 13 * hour }
        ]
      ])
    }))

  it("needs no fiber of its own kind: a plain function is under the same law", () => {
    let data: Service | undefined
    let future: unknown
    const result = Effect.runSync(Backtest.run({
      every: "1 hour",
      decide: (time) => {
        if (data === undefined) return Effect.as(Effect.map(DataProvider.DataProvider, (given) => void (data = given)), [])
        future = Effect.runSync(Effect.flip(data.getData(time + hour))).future
        return []
      }
    }, { id: "x", from: start, to: start + hour, balances: { wallet: { USDT: Amount.unit } } }).pipe(Effect.provide(Memory.layer(series))))
    assert.isUndefined(result.error)
    assert.deepStrictEqual(future, { asked: start + 2 * hour, instant: start + hour })
  })
})

