import { assert, it } from "@effect/vitest"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type * as Scope from "effect/Scope"
import type * as DataProvider from "../../src/data/DataProvider.js"
import type * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import type * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

export type Provider = Context.Tag.Service<DataProvider.DataProvider>

/** A provider over the series, for as long as the scope lasts. */
export type Make<R> = (series: ReadonlyArray<Table.Series>) => Effect.Effect<Provider, DataProvider.DataError, R | Scope.Scope>

const minute = 60_000
const names = ["price.ETH", "funding.bybit.ETH", "aave.supply_index.USDT", "gas.ethereum.gwei"]

const decimals = FastCheck
  .tuple(FastCheck.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), FastCheck.integer({ min: 0, max: 24 }))
  .map(([value, scale]) => Decimal.make(value, scale))

const observations = (spacing: number) =>
  FastCheck.uniqueArray(FastCheck.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 80 }).chain((times) =>
    FastCheck.array(decimals, { minLength: times.length, maxLength: times.length }).map((values) =>
      [...times].sort((a, b) => a - b).map((time, i): MarketSnapshot.Observation => ({ at: time * spacing, value: values[i]! }))
    )
  )

/** Series of different density over the same span, from minutes to half an hour. */
const data = FastCheck.tuple(observations(minute), observations(5 * minute), observations(30 * minute), observations(minute)).map(
  (columns) => columns.map((observations, i): Table.Series => ({ name: names[i]!, observations }))
)

/** Instants and, for `since`, how long before them. Mostly forwards in time, as runs ask. */
const questions = FastCheck.tuple(
  FastCheck.boolean(),
  FastCheck.array(FastCheck.tuple(FastCheck.integer({ min: 0, max: 9_100 }), FastCheck.integer({ min: -1, max: 120 })), {
    minLength: 1,
    maxLength: 20
  })
).map(([forwards, asked]) => (forwards ? [...asked].sort(([a], [b]) => a - b) : asked))

const text = (observation: MarketSnapshot.Observation | undefined) =>
  observation === undefined ? undefined : `${Timestamp.format(observation.at)} ${Decimal.format(observation.value)}`

/** The longest of the last eight distances that is no silence: none that is beyond one and a half of their lower third. */
const stepOf = (known: ReadonlyArray<MarketSnapshot.Observation>): number | undefined => {
  const last = known.slice(-9)
  const distances = last.slice(1).map(({ at }, i) => at - last[i]!.at).sort((a, b) => a - b)
  const typical = distances[Math.ceil(distances.length / 3) - 1]
  return distances.filter((distance) => 2 * distance <= 3 * typical!).at(-1)
}

/**
 * The laws of every provider: what it answers is what a search through the series answers, and nothing of it is later
 * than the instant. `reach` is how far back, in minutes, `since` may be asked; it is the whole by default.
 */
export const laws = <R>(
  make: Make<R>,
  provide: (effect: Effect.Effect<void, DataProvider.DataError, R | Scope.Scope>) => Effect.Effect<void, DataProvider.DataError, Scope.Scope>,
  options: { readonly runs?: number } = {}
): void => {
  const fastCheck = { numRuns: options.runs ?? 40 }

  it.scoped.prop("answers what was known, and nothing later", [data, questions], ([series, asked]) =>
    provide(Effect.gen(function*() {
      const provider = yield* make(series)
      const given: Array<() => void> = []
      for (const [at, back] of asked) {
        const instant = at * minute + 1
        const snapshot = yield* provider.getData(instant)
        const check = () => {
          assert.strictEqual(snapshot.at, instant)
          for (const { name, observations } of series) {
            const known = observations.filter((observation) => observation.at <= instant)
            assert.isTrue(snapshot.has(name))
            assert.strictEqual(text(snapshot.observe(name)), text(known.at(-1)))
            assert.strictEqual(snapshot.step(name), stepOf(known))
            assert.isFalse(snapshot.staleFills(name))
            const after = instant - back * minute
            assert.deepStrictEqual(
              snapshot.since(name, after).map(text),
              known.filter((observation) => observation.at > after).map(text)
            )
          }
          assert.isUndefined(snapshot.step("price.none"))
          assert.isFalse(snapshot.has("price.none"))
          assert.isUndefined(snapshot.observe("price.none"))
          assert.deepStrictEqual(snapshot.since("price.none", -1), [])
        }
        check()
        given.push(check)
      }
      // A snapshot goes on answering for its instant when others have been taken since.
      for (const check of given) check()
    })), { fastCheck })

  it.scoped.prop("tells instants and extents", [data, FastCheck.nat(9_100), FastCheck.nat(9_100)], ([series, a, b]) =>
    provide(Effect.gen(function*() {
      const provider = yield* make(series)
      const [from, to] = [Math.min(a, b) * minute, Math.max(a, b) * minute]
      const all = new Set(series.flatMap(({ observations }) => observations.map(({ at }) => at)))
      assert.deepStrictEqual(
        yield* provider.timestamps(from, to),
        [...all].filter((at) => from <= at && at <= to).sort((x, y) => x - y)
      )
      assert.deepStrictEqual(
        yield* provider.series,
        [...series].sort((x, y) => (x.name < y.name ? -1 : 1)).map(({ name, observations }) => ({
          name,
          count: observations.length,
          from: observations[0]!.at,
          to: observations.at(-1)!.at
        }))
      )
      for (const at of [from, to]) {
        assert.deepStrictEqual(
          yield* provider.seriesAt(at),
          [...series].sort((x, y) => (x.name < y.name ? -1 : 1)).flatMap(({ name, observations }) => {
            const known = observations.filter((observation) => observation.at <= at)
            return known.length === 0 ? [] : [{ name, count: known.length, from: known[0]!.at, to: known.at(-1)!.at }]
          })
        )
      }
    })), { fastCheck })
}
