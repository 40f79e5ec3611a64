/** Holds the database file that it is given for itself for a while, and says when it begins. */
import * as fs from "node:fs"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

const [file = ""] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`BEGIN EXCLUSIVE`
  fs.writeSync(1, "held\n")
  yield* Effect.sleep("1 second")
  yield* sql`COMMIT`
})

Effect.runFork(Effect.provide(program, LibsqlClient.layer({ url: `file:${file}` })))
