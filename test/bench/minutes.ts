/**
 * A year of minutes in a database: ten series, 5,256,000 observations, loaded into a file of libsql and read back as of
 * every minute in order, then at instants drawn at random. Exits with 1 where an answer is not what is calculated
 * directly, or the heap grows beyond its bound.
 *
 *     npm run -s bench:minutes -- [--json] [--days N]
 *
 * The load goes a day at a time, so that the table is never in memory: what is held is windows of the series, which do
 * not grow with the table.
 */
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { NodeRuntime } from "@effect/platform-node"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Console, Effect, Layer } from "effect"
import * as Minutes from "./series.js"

const given = process.argv.indexOf("--days")
const days = given < 0 ? 365 : Number.parseInt(process.argv[given + 1]!, 10)
const directory = fs.mkdtempSync(path.join(os.tmpdir(), "eim-minutes-"))

const program = Effect.gen(function*() {
  const figures = yield* Minutes.measure({ days, draws: 40, lookback: 168, page: 4096 })
  const broken = [
    ...figures.wrong,
    ...(figures.heap_growth_mb < figures.heap_bound_mb ? [] : [`the heap grew by ${figures.heap_growth_mb} MB, and less than ${figures.heap_bound_mb} MB is asked for`])
  ]
  if (process.argv.includes("--json")) yield* Console.log(JSON.stringify(figures))
  else for (const [name, figure] of Object.entries(figures)) yield* Console.log(`${name.padEnd(20)} ${String(figure)}`)
  for (const line of broken) yield* Console.error(line)
  if (broken.length > 0) process.exitCode = 1
}).pipe(
  Effect.provide(Layer.orDie(LibsqlClient.layer({ url: `file:${path.join(directory, "minutes.db")}` }))),
  Effect.ensuring(Effect.sync(() => fs.rmSync(directory, { recursive: true, force: true })))
)

NodeRuntime.runMain(program)
