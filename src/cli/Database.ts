/**
 * Databases by their address: a file of libsql, or a PostgreSQL server.
 *
 * @since 0.1.0
 */
import * as fs from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as DataProvider from "../data/DataProvider.js"
import * as Failure from "./Failure.js"

/** The database where none is named: a file in the working directory. @category constants @since 0.1.0 */
export const defaultUrl = "file:eim-data.db"

/**
 * Address of a database on a PostgreSQL server.
 *
 * @category constructors
 * @since 0.1.0
 */
export const serverUrl = (server: {
  readonly host: string
  readonly port: number
  readonly name: string
  readonly user: string
  readonly password: string | undefined
}): string => {
  const who = [server.user, ...(server.password === undefined ? [] : [server.password])].map(encodeURIComponent).join(":")
  const host = server.host.includes(":") ? `[${server.host}]` : server.host
  return `postgres://${who}@${host}:${server.port}/${encodeURIComponent(server.name)}`
}

const scheme = /^([a-z][a-z0-9+.-]+):/i

/** The address without user and password. @category combinators @since 0.1.0 */
export const shown = (url: string): string => url.replace(/\/\/[^/@]*@/, "//").replace(/[?#].*$/, "")

/** The file that an address names, where it names one. @category combinators @since 0.1.0 */
export const fileOf = (url: string): string | undefined =>
  !scheme.test(url) ? url : url.startsWith("file:") ? url.slice("file:".length).replace(/^\/\/(?=\/)/, "").replace(/\?.*$/, "") : undefined

const unopened = (url: string): string => `the database ${shown(url)} cannot be opened`

/** What stands in the way of a database in a file, told before its driver does with a number. */
const checkFile = (url: string): Effect.Effect<void, Failure.Failure, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const file = fileOf(url)
    if (file === undefined || file === ":memory:") return
    if (file === "") {
      return yield* new Failure.Failure({
        kind: "arguments",
        reason: `the address of the database: expected file: with the path of a file, got ${JSON.stringify(url)}`,
        resolution: "Name the file, as file:market.db."
      })
    }
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const fail = (cause: unknown) => Failure.io(unopened(url), cause)
    if (yield* Effect.mapError(fileSystem.exists(file), fail)) {
      const { type } = yield* Effect.mapError(fileSystem.stat(file), fail)
      if (type === "Directory") return yield* fail("it is a directory, and a file is expected")
      yield* Effect.mapError(fileSystem.access(file, { readable: true, writable: true }), fail)
    } else yield* Effect.mapError(fileSystem.access(path.dirname(file), { readable: true }), fail)
  })

/** An optional package that is not installed. The newest one may be of another Effect. @category constructors @since 0.1.0 */
export const missing = (name: string) => (cause: unknown): Failure.Failure => {
  const text = fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8")
  const { peerDependencies }: { readonly peerDependencies: { readonly [name: string]: string } } = JSON.parse(text)
  return new Failure.Failure({
    kind: "config",
    reason: `the package ${name} is needed for this database, and cannot be loaded`,
    resolution: `Install it: npm install "${name}@${peerDependencies[name]}"`,
    cause
  })
}

const refused = (url: string) => (cause: Cause.Cause<unknown>): Layer.Layer<SqlClient.SqlClient, DataProvider.DataError> => {
  const error = Cause.squash(cause)
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined
  return Layer.fail(
    new DataProvider.DataError({
      message: `${unopened(url)}: ${inner ?? (error instanceof Error ? error.message : String(error))}`,
      cause: error
    })
  )
}

/**
 * The client of a database: `postgres://…` or `postgresql://…`, an address of libsql (`file:…`, `libsql:…`, `http:…`), or
 * the path of a file. What speaks to it is loaded when it is asked for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const client = (
  url: string
): Effect.Effect<
  Layer.Layer<SqlClient.SqlClient, DataProvider.DataError>,
  Failure.Failure,
  FileSystem.FileSystem | Path.Path
> => {
  const kind = scheme.exec(url)?.[1]?.toLowerCase()
  switch (kind) {
    case "postgres":
    case "postgresql":
      return Effect.tryPromise({ try: () => import("@effect/sql-pg/PgClient"), catch: missing("@effect/sql-pg") }).pipe(
        Effect.map((PgClient) => Layer.catchAllCause(PgClient.layer({ url: Redacted.make(url) }), refused(url)))
      )
    case undefined:
    case "file":
    case "libsql":
    case "http":
    case "https":
    case "ws":
    case "wss":
      return Effect.zipRight(
        checkFile(url),
        Effect.tryPromise({ try: () => import("@effect/sql-libsql/LibsqlClient"), catch: missing("@effect/sql-libsql") })
      ).pipe(
        Effect.map((LibsqlClient) =>
          Layer.catchAllCause(LibsqlClient.layer({ url: kind === undefined ? `file:${url}` : url }), refused(url))
        )
      )
    default:
      return Effect.fail(
        new Failure.Failure({
          kind: "arguments",
          reason: `there is no database for ${kind}: addresses`,
          resolution: "Name a file, or an address of postgres: or libsql:."
        })
      )
  }
}
