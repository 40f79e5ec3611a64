import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Csv from "../../src/data/DataProvider/Csv.js"
import * as Files from "../../src/data/DataProvider/Files.js"
import * as DataProvider from "../../src/data/DataProvider.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Timestamp from "../../src/domain/Timestamp.js"

const at = Timestamp.unsafe

/** A data provider over a directory with these files, gone with the scope. */
const load = (files: { readonly [name: string]: string }) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const directory = yield* fileSystem.makeTempDirectoryScoped()
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(directory, name)
      yield* fileSystem.makeDirectory(path.dirname(file), { recursive: true })
      yield* fileSystem.writeFileString(file, text)
    }
    const data = yield* Effect.provide(DataProvider.DataProvider, Files.layer({ path: directory }))
    return { data, directory }
  })

const refusal = (text: string): string => {
  const parsed = Csv.parse("figures.csv", text)
  assert(Either.isLeft(parsed), "was read")
  return parsed.left.message
}

const decimals = FastCheck
  .tuple(FastCheck.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), FastCheck.integer({ min: 0, max: 20 }))
  .map(([value, scale]) => Decimal.make(value, scale))

describe("DataProvider/Csv", () => {
  describe("laws", () => {
    it.prop("a table that is written is read back, blanks included", [
      FastCheck.uniqueArray(FastCheck.integer({ min: 0, max: 4_000_000 }), { minLength: 1, maxLength: 15 }),
      FastCheck.array(FastCheck.option(decimals, { nil: undefined }), { minLength: 30, maxLength: 30 }),
      FastCheck.constantFrom("\n", "\r\n")
    ], ([minutes, cells, newline]) => {
      const times = [...minutes].sort((a, b) => a - b).map((minute) => minute * 60_000)
      const rows = times.map((time, i) => ({ time, a: cells[2 * i], b: cells[2 * i + 1] }))
      const cell = (value: Decimal.Decimal | undefined) => (value === undefined ? "" : Decimal.format(value))
      const text = [
        "a,timestamp,b",
        ...rows.map((row) => `${cell(row.a)},${Timestamp.format(row.time)},${cell(row.b)}`)
      ].join(newline)
      const expected = (["a", "b"] as const).map((name) => ({
        name,
        source: "f.csv",
        lines: rows.flatMap((row, i) => (row[name] === undefined ? [] : [i + 2])),
        observations: rows.flatMap((row) => {
          const value = row[name]
          return value === undefined ? [] : [{ at: row.time, value: Decimal.format(value) }]
        })
      }))
      const parsed = Either.getOrThrow(Csv.parse("f.csv", text)).map((series) => ({
        ...series,
        observations: series.observations.map(({ at, value }) => ({ at, value: Decimal.format(value) }))
      }))
      assert.deepStrictEqual(parsed, expected)
    })

    it.prop("scientific notation is read exactly", [
      FastCheck.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
      FastCheck.integer({ min: -30, max: 30 })
    ], ([value, exponent]) => {
      const expected = exponent < 0 ? Decimal.make(value, -exponent) : Decimal.make(value * 10n ** BigInt(exponent), 0)
      for (const text of [`${value}e${exponent}`, `${value}E${exponent < 0 ? "" : "+"}${exponent}`]) {
        const read = Csv.parseNumber(text)
        assert(read !== undefined)
        assert.strictEqual(Decimal.compare(read, expected), 0)
      }
    })

    it.prop("any text is read or refused", [
      FastCheck.string({ unit: "grapheme", maxLength: 200 }),
      FastCheck.boolean()
    ], ([text, headed]) => {
      const parsed = Csv.parse("f.csv", headed ? `timestamp,a\n${text}` : text)
      if (Either.isLeft(parsed)) assert.match(parsed.left.message, /^f\.csv/)
      else assert.isTrue(parsed.right.every((series) => series.observations.every(({ at }) => at >= 0)))
    })
  })

  describe("numbers", () => {
    it("reads what programs write", () => {
      const read = (text: string) => {
        const value = Csv.parseNumber(text)
        return value === undefined ? undefined : Decimal.format(value)
      }
      assert.strictEqual(read("60750.0"), "60750")
      assert.strictEqual(read("8.469e-05"), "0.00008469")
      assert.strictEqual(read("-2.451e-05"), "-0.00002451")
      assert.strictEqual(read("1.5E+3"), "1500")
      assert.strictEqual(read("-0.0"), "0")
      assert.strictEqual(read("0e0"), "0")
      const refused = ["NaN", "nan", "inf", "null", "+1", "1,000", "0x10", ".5", "5.", "01", "1e", "1e400", "1e-100"]
      for (const text of refused) {
        assert.isUndefined(read(text), text)
      }
    })
  })

  describe("refuses, naming file, line, column and what came", () => {
    it("no timestamp column", () => {
      assert.strictEqual(
        refusal("time,price.ETH\n2024-06-01T00:00:00Z,1\n"),
        `figures.csv line 1: no column named timestamp: got "time", "price.ETH"`
      )
      assert.strictEqual(refusal(""), "figures.csv line 1: no column named timestamp: the file is empty")
    })

    it("columns without a name of their own", () => {
      assert.strictEqual(refusal("timestamp,a,a\n"), "figures.csv line 1: two columns named a")
      assert.strictEqual(refusal("timestamp,a,\n"), "figures.csv line 1: column 3 has no name")
    })

    it("a short or long row", () => {
      assert.strictEqual(
        refusal("timestamp,a,b\n2024-06-01T00:00:00Z,1,2\n2024-06-01T08:00:00Z,1\n"),
        "figures.csv line 3: expected 3 columns and got 2"
      )
      assert.strictEqual(
        refusal("timestamp,a\n2024-06-01T00:00:00Z,1,2\n"),
        "figures.csv line 2: expected 2 columns and got 3"
      )
    })

    it("a timestamp without zone, in seconds, or blank", () => {
      for (const text of ["2024-06-01T00:00:00", "1717200000", "", "2024-02-30T00:00:00Z"]) {
        assert.strictEqual(
          refusal(`timestamp,a\n${text},1\n`),
          `figures.csv line 2, column timestamp: expected an RFC 3339 timestamp with zone, and got "${text}"`
        )
      }
    })

    it("a row older than the one before it", () => {
      assert.strictEqual(
        refusal("timestamp,a\n2024-06-01T08:00:00Z,1\n2024-06-01T00:00:00Z,1\n"),
        "figures.csv line 3, column timestamp: 2024-06-01T00:00:00Z comes after 2024-06-01T08:00:00Z"
      )
    })

    it("a cell that is no number, at its line even after blank and quoted lines", () => {
      assert.strictEqual(
        refusal(`timestamp,"a",b\n\n2024-06-01T00:00:00Z,"1",2\n2024-06-01T08:00:00Z,1,n/a\n`),
        `figures.csv line 4, column b: expected a number of at most 78 digits, and got "n/a"`
      )
    })

    it("a cell that is no number, at its line however the lines end", () => {
      for (const ends of [["\n"], ["\r\n"], ["\r\n", "\n", "\n"], ["\n", "\r\n"]]) {
        const lines = ["timestamp,a", "2024-06-01T00:00:00Z,1", "", "2024-06-01T08:00:00Z,n/a"]
        const text = lines.map((line, i) => `${line}${ends[i % ends.length]}`).join("")
        assert.match(refusal(`\ufeff${text}`), /^figures\.csv line 4, column a: .* got "n\/a"$/)
      }
    })

    it("what is not CSV", () => {
      assert.match(refusal(`timestamp,a\n2024-06-01T00:00:00Z,"1\n`), /^figures\.csv line 2: not CSV: a quote is opened that does not close$/)
    })
  })

  describe("a directory", () => {
    it.scoped("is one data set: files add series and add to series", () =>
      Effect.gen(function*() {
        const { data } = yield* load({
          "b.csv": "timestamp,price.ETH,gas.ethereum.gwei\n2024-06-01T08:00:00Z,2.0,\n2024-06-01T16:00:00Z,3,7\n",
          "a.csv": "timestamp,price.ETH\n2024-06-01T00:00:00Z,1\n2024-06-01T10:00:00+02:00,2\n",
          "notes.txt": "not a table",
          ".hidden.csv": "not a table",
          "sub/c.csv": "not a table"
        })
        assert.deepStrictEqual(yield* data.series, [
          { name: "gas.ethereum.gwei", count: 1, from: at("2024-06-01T16:00:00Z"), to: at("2024-06-01T16:00:00Z") },
          { name: "price.ETH", count: 3, from: at("2024-06-01T00:00:00Z"), to: at("2024-06-01T16:00:00Z") }
        ])
        const snapshot = yield* data.getData(at("2024-06-01T15:00:00Z"))
        assert.strictEqual(Decimal.format(snapshot.observe("price.ETH")!.value), "2")
        assert.isUndefined(snapshot.observe("gas.ethereum.gwei"))
      }).pipe(Effect.provide(NodeContext.layer)))

    it.scoped("whose files disagree is refused, naming series, time, both files and lines", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(load({
          "hourly.csv": "timestamp,price.ETH.high\n2024-08-05T08:00:00Z,2350\n",
          "8h.csv": "timestamp,price.ETH.high\n2024-08-05T08:00:00Z,2800.5\n"
        }))
        assert.match(
          error.message,
          /^series price\.ETH\.high: two values at 2024-08-05T08:00:00Z, 2800\.5 and 2350 \(.*8h\.csv line 2, .*hourly\.csv line 2\)$/
        )
      }).pipe(Effect.provide(NodeContext.layer)))

    it.scoped("that is not there, or holds no table, is refused", () =>
      Effect.gen(function*() {
        const empty = yield* Effect.flip(load({ "README.md": "nothing" }))
        assert.match(empty.message, /^directory .* holds no \*\.csv and no \*\.parquet$/)
        const absent = yield* Effect.flip(
          Effect.provide(DataProvider.DataProvider, Files.layer({ path: "no/such/directory" }))
        )
        assert.match(absent.message, /^directory no\/such\/directory cannot be read: /)
      }).pipe(Effect.provide(NodeContext.layer)))

    it.scoped("read once answers synchronously, also after its files are gone", () =>
      Effect.gen(function*() {
        const { data, directory } = yield* load({ "a.csv": "timestamp,price.ETH\n2024-06-01T00:00:00Z,1\n" })
        yield* Effect.flatMap(FileSystem.FileSystem, (fileSystem) => fileSystem.remove(directory, { recursive: true }))
        const snapshot = Effect.runSync(data.getData(at("2024-06-01T00:00:00Z")))
        assert.strictEqual(Decimal.format(snapshot.observe("price.ETH")!.value), "1")
        // The scope removes the directory too.
        yield* Effect.flatMap(FileSystem.FileSystem, (fileSystem) => fileSystem.makeDirectory(directory))
      }).pipe(Effect.provide(NodeContext.layer)))
  })
})
