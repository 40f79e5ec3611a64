import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"
import * as Minutes from "../bench/series.js"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eim-minutes-"))

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const database = (name: string) => Layer.orDie(LibsqlClient.layer({ url: `file:${path.join(folder, name)}` }))

const days = 14

describe("minutes in a database", () => {
  it.effect("every answer is the one that is calculated, and the heap holds windows, not the table", () =>
    Effect.gen(function*() {
      const options = { days, draws: 10, lookback: 6, page: 256 }
      const figures = yield* Minutes.measure(options)
      assert.deepStrictEqual(figures.wrong, [])
      assert.strictEqual(figures.observations, days * 14_400)
      assert.isBelow(figures.heap_growth_mb, figures.heap_bound_mb)
      // A bound that the whole table would not keep either says nothing.
      assert.isAbove(Minutes.inMemory(days), 2 * figures.heap_bound_mb)
    }).pipe(Effect.provide(database("minutes.db"))))
})
