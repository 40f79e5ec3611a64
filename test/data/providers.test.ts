import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as Csv from "../../src/data/DataProvider/Csv.js"
import * as Files from "../../src/data/DataProvider/Files.js"
import * as Union from "../../src/data/DataProvider/Union.js"
import * as DataProvider from "../../src/data/DataProvider.js"
import * as Parquet from "../../src/data/Parquet.js"
import * as Memory from "../../src/data/DataProvider/Memory.js"
import * as Sql from "../../src/data/DataProvider/Sql.js"
import type * as Table from "../../src/data/Table.js"
import * as Decimal from "../../src/domain/Decimal.js"
import { laws } from "./ProviderLaws.js"

const minute = 60_000

// Windows of minutes, so that they have to move. No age that is longer holds them open.
const small: Sql.Options = {
  lookback: 3,
  page: 7,
  maxAge: { price: 1, funding: 1, aave: 1, gas: 1 }
}

/** The table emptied and filled anew. */
const filled = (series: ReadonlyArray<Table.Series>, options: Sql.Options) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* Sql.create
    yield* Effect.orDie(sql`DELETE FROM eim_observations`)
    yield* Sql.load(series)
    return yield* Sql.make(options)
  })

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eim-data-"))

const locker = fileURLToPath(new URL("locker.ts", import.meta.url))

let files = 0

const libsql = (): Layer.Layer<SqlClient.SqlClient> =>
  Layer.orDie(LibsqlClient.layer({ url: `file:${path.join(folder, `${files++}.db`)}` }))

const line = (times: ReadonlyArray<number>, name = "price.ETH"): Table.Series => ({
  name,
  observations: times.map((time) => ({ at: time * minute, value: Decimal.unsafe(String(time + 1)) }))
})

describe("Memory", () => {
  laws((series) => Memory.make(series), (effect) => effect)
})

describe("Files", () => {
  laws(
    (series) =>
      Effect.gen(function*() {
        const fileSystem = yield* FileSystem.FileSystem
        const directory = yield* Effect.orDie(fileSystem.makeTempDirectoryScoped())
        yield* Effect.orDie(fileSystem.writeFileString(`${directory}/all.csv`, Csv.format(series)))
        return yield* Files.make({ path: directory })
      }),
    (effect) => Effect.provide(effect, NodeContext.layer)
  )
})

describe("Files, as Parquet", () => {
  laws(
    (series) =>
      Effect.gen(function*() {
        const fileSystem = yield* FileSystem.FileSystem
        const directory = yield* Effect.orDie(fileSystem.makeTempDirectoryScoped())
        yield* Effect.orDie(fileSystem.writeFile(`${directory}/all.parquet`, yield* Parquet.write(series)))
        return yield* Files.make({ path: `${directory}/all.parquet` })
      }),
    (effect) => Effect.provide(effect, NodeContext.layer)
  )
})

/** Observations dealt to two sources, some of them to both where the two then agree. */
const dealt = (series: ReadonlyArray<Table.Series>): readonly [Array<Table.Series>, Array<Table.Series>] => {
  const [a, b]: [Array<Table.Series>, Array<Table.Series>] = [[], []]
  for (const [i, one] of series.entries()) {
    const half = Math.ceil(one.observations.length / 2)
    if (i % 4 === 0) a.push(one)
    if (i % 4 === 1) b.push(one)
    // Every other observation is in both.
    if (i % 4 === 2) {
      a.push(one)
      b.push({ ...one, observations: one.observations.filter((_, n) => n % 2 === 0) })
    }
    if (i % 4 === 3) {
      a.push({ ...one, observations: one.observations.slice(0, half) })
      if (half < one.observations.length) b.push({ ...one, observations: one.observations.slice(half) })
    }
  }
  return [a, b]
}

describe("Union", () => {
  laws((series) =>
    Effect.gen(function*() {
      const [a, b] = dealt(series)
      return yield* Union.make([
        { name: "a", data: yield* Memory.make(a) },
        { name: "b", data: yield* Memory.make(b) }
      ])
    }), (effect) => effect)

  describe("of which the first, or the last, holds", () => {
    for (const overlap of ["first", "last"] as const) {
      laws((series) =>
        Effect.gen(function*() {
          const other = series.map((one): Table.Series => ({
            ...one,
            observations: [{ at: 7 * minute + 1, value: Decimal.unsafe("-9") }, { at: 9000 * minute, value: Decimal.unsafe("-9") }]
          }))
          const [held, left] = [yield* Memory.make(series), yield* Memory.make(other)]
          return yield* Union.make(
            overlap === "first" ? [{ name: "a", data: held }, { name: "b", data: left }] : [{ name: "a", data: left }, { name: "b", data: held }],
            { overlap }
          )
        }), (effect) => effect)
    }
  })

  const union = (a: ReadonlyArray<Table.Series>, b: ReadonlyArray<Table.Series>) =>
    Effect.gen(function*() {
      return yield* Union.make([{ name: "own", data: yield* Memory.make(a) }, { name: "package", data: yield* Memory.make(b) }])
    })

  it.effect("two sources that differ, or that lie between each other, are refused with both names", () =>
    Effect.gen(function*() {
      const one = line([1, 2, 3, 4])
      const other = { ...one, observations: one.observations.map(({ at, value }) => ({ at, value: at === 3 * minute ? Decimal.unsafe("77") : value })) }
      assert.strictEqual(
        (yield* Effect.flip(union([one], [other]))).message,
        "series price.ETH stands in own and in package, and they differ: 4 and 77 at 1970-01-01T00:03:00Z; say which holds, first or last"
      )
      const between = { ...one, observations: one.observations.map(({ at, value }) => ({ at: at + 30_000, value })) }
      assert.match((yield* Effect.flip(union([one], [between]))).message, /they differ: nothing and 2 at 1970-01-01T00:01:30Z/)
      assert.match((yield* Effect.flip(union([between], [one]))).message, /they differ: 2 and nothing at 1970-01-01T00:01:30Z/)
      const { length } = (yield* (yield* union([one], [{ ...one, observations: one.observations.slice(1, 3) }])).getData(9 * minute)).since("price.ETH", -1)
      assert.strictEqual(length, 4)
      assert.strictEqual((yield* Effect.flip(union([], []))).message, "no source of market data holds a series")
    }))

  it.effect("layers by their names are one", () =>
    Effect.gen(function*() {
      const data = yield* DataProvider.DataProvider
      assert.deepStrictEqual((yield* data.series).map(({ name }) => name), ["gas.ethereum.gwei", "price.ETH"])
    }).pipe(Effect.provide(Union.layer({ own: Memory.layer([line([1, 2])]), other: Memory.layer([line([3], "gas.ethereum.gwei")]) }))))
})

describe("Sql on libsql", () => {
  const database = libsql()
  describe("windows that move", () => {
    laws((series) => filled(series, small), (effect) => Effect.provide(effect, database))
  })

  describe("windows that hold all", () => {
    laws((series) => filled(series, {}), (effect) => Effect.provide(effect, database), { runs: 15 })
  })

  it.scoped("a load is all or nothing, known rows count as known, and one that differs is refused", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Sql.load([line([0, 1, 2])]), { series: 1, inserted: 3, known: 0 })
      assert.deepStrictEqual(yield* Sql.load([line([1, 2, 3])]), { series: 1, inserted: 1, known: 2 })
      const differs = line([2])
      const error = yield* Effect.flip(Sql.load([
        line([7], "gas.ethereum.gwei"),
        { ...differs, observations: [{ at: 2 * minute, value: Decimal.unsafe("99") }] }
      ]))
      assert.strictEqual(
        error.message,
        "series price.ETH: two values at 1970-01-01T00:02:00Z, 3 in the database and 99 to be loaded"
      )
      assert.deepStrictEqual((yield* (yield* Sql.make()).series).map(({ count, name }) => [name, count]), [["price.ETH", 4]])
    }).pipe(Effect.provide(libsql())))

  it.scoped("rows of settlements some milliseconds beside their instant answer as those of a table in memory do", () =>
    Effect.gen(function*() {
      const name = "funding.bybit.ETH"
      const rows = Array.from({ length: 40 }, (_, i) => ({ at: (i + 1) * 10 * minute + ((i * 7) % 5) - 2, value: Decimal.unsafe(String(i)) }))
      // Some twice: late, and when they were due.
      const twice = rows.filter((_, i) => i % 3 === 0).flatMap(({ at, value }) => (at % minute === 0 ? [] : [{ at: Math.round(at / minute) * minute, value }]))
      const all = [...rows, ...twice]
      const sql = yield* SqlClient.SqlClient
      yield* Sql.create
      yield* sql`INSERT INTO eim_observations ${
        sql.insert(all.map(({ at, value }) => ({ series: name, observed_at: at, value: Decimal.format(value) })))
      }`
      const memory = yield* Memory.make(all.map((observation) => ({ name, observations: [observation] })))
      for (const options of [small, {}]) {
        const data = yield* Sql.make(options)
        assert.deepStrictEqual(yield* data.series, yield* memory.series)
        assert.deepStrictEqual(yield* data.timestamps(10 * minute, 400 * minute), yield* memory.timestamps(10 * minute, 400 * minute))
        for (let at = 0; at <= 410 * minute; at += 5 * minute) {
          const [found, expected] = [yield* data.getData(at), yield* memory.getData(at)]
          assert.deepStrictEqual(found.observe(name), expected.observe(name))
          assert.deepStrictEqual(found.since(name, at - 3 * minute), expected.since(name, at - 3 * minute))
        }
      }
      assert.deepStrictEqual(yield* Sql.load([{ name, observations: rows }]), { series: 1, inserted: 0, known: 40 })
      const differs = yield* Effect.flip(Sql.load([{ name, observations: [{ at: 10 * minute + 40, value: Decimal.unsafe("9") }] }]))
      assert.strictEqual(
        differs.message,
        `series ${name}: two values at 1970-01-01T00:10:00Z, 0 in the database and 9 to be loaded`
      )
    }).pipe(Effect.provide(libsql())))

  it.scoped("an empty database, a table that is not there and a value that is none are told", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      assert.match((yield* Effect.flip(Sql.make())).message, /the database refuses: .*no such table/)
      yield* Sql.create
      assert.strictEqual((yield* Effect.flip(Sql.make())).message, "the database holds no observations")
      yield* sql`INSERT INTO eim_observations ${sql.insert({ series: "price.ETH", observed_at: 0, value: "1e3" })}`
      const data = yield* Sql.make()
      assert.match((yield* Effect.flip(data.getData(1))).message, /series price.ETH at 1970-01-01T00:00:00Z: expected a decimal, and got "1e3"/)
      assert.match((yield* Effect.flip(Sql.make({ page: 0 }))).message, /page of 1 or more, and got 168 and 0/)
    }).pipe(Effect.provide(libsql())))

  it.scoped("a question beyond what is held is no short answer", () =>
    Effect.gen(function*() {
      yield* Sql.load([line(Array.from({ length: 600 }, (_, i) => i))])
      const data = yield* Sql.make(small)
      const snapshot = yield* data.getData(599 * minute)
      assert.strictEqual(snapshot.since("price.ETH", 420 * minute).length, 179)
      const exit = yield* Effect.exit(Effect.sync(() => snapshot.since("price.ETH", 10 * minute)))
      assert(exit._tag === "Failure")
      assert.match(Cause.pretty(exit.cause), /since 1970-01-01T00:10:00Z are asked for: set a longer lookback/)
      const whole = yield* (yield* Sql.make({ ...small, lookback: Number.POSITIVE_INFINITY })).getData(599 * minute)
      assert.strictEqual(whole.since("price.ETH", 10 * minute).length, 589)
    }).pipe(Effect.provide(libsql())))
})

describe("a file of libsql that another process writes", () => {
  const held = (file: string) =>
    Effect.async<void, Error>((resume) => {
      const child = spawn(process.execPath, ["--import", "tsx", locker, file], { stdio: ["ignore", "pipe", "inherit"] })
      child.stdout.once("data", () => resume(Effect.void))
      child.once("close", (code) => resume(Effect.fail(new Error(`ended with ${code}`))))
    })

  it.scoped("is waited for, by who reads and by who loads", () =>
    Effect.gen(function*() {
      const file = path.join(folder, `${files++}.db`)
      const database = Layer.orDie(LibsqlClient.layer({ url: `file:${file}` }))
      yield* Effect.provide(Sql.load([line([0, 1, 2])]), database)
      yield* held(file)
      const read = yield* Effect.provide(Effect.flatMap(Sql.make(), (data) => data.getData(minute)), database)
      assert.strictEqual(Decimal.format(read.observe("price.ETH")!.value), "2")
      yield* held(file)
      assert.deepStrictEqual(yield* Effect.provide(Sql.load([line([2, 3])]), database), { series: 1, inserted: 1, known: 1 })
    }))
})

// A server is there where its address is: `.ci/run` starts one.
const server = process.env["EIM_TEST_POSTGRES"]

describe.skipIf(server === undefined || server === "")("Sql on PostgreSQL", () => {
  const database = Layer.orDie(PgClient.layer({ url: Redacted.make(server ?? "") }))
  laws((series) => filled(series, small), (effect) => Effect.provide(effect, database), { runs: 20 })

  it.scoped("a load that is refused leaves nothing", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* Sql.create
      yield* sql`DELETE FROM eim_observations`
      yield* Sql.load([line([1, 2])])
      yield* Effect.flip(Sql.load([line([9], "gas.ethereum.gwei"), { ...line([2]), observations: [{ at: 2 * minute, value: Decimal.zero }] }]))
      assert.deepStrictEqual((yield* (yield* Sql.make()).series).map(({ count, name }) => [name, count]), [["price.ETH", 2]])
    }).pipe(Effect.provide(database)))
})
