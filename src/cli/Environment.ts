/**
 * What the environment says, read once.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Fault from "../domain/Fault.js"
import * as Database from "./Database.js"
import type * as Misunderstanding from "./Misunderstanding.js"

const variables = {
  executionMode: { name: "BASIS_EXECUTION_MODE", values: ["backtest", "paper", "live"], otherwise: "backtest" },
  environment: { name: "BASIS_ENVIRONMENT", values: ["dev", "staging", "production"], otherwise: "dev" },
  deploymentMode: { name: "BASIS_DEPLOYMENT_MODE", values: ["local", "docker"], otherwise: "local" },
  dataMode: { name: "BASIS_DATA_MODE", values: ["csv", "db"], otherwise: "csv" }
} as const

type Variables = typeof variables

/**
 * The variables, each with its default: backtest, dev, local, csv, and the database `file:eim-data.db`.
 *
 * @category models
 * @since 0.1.0
 */
export type Environment = { readonly [K in keyof Variables]: Variables[K]["values"][number] } & {
  /** `BASIS_DATABASE_URL`, or the address that the parts of one come to. It may hold a password. */
  readonly databaseUrl: string
}

/**
 * Host of the database server where none is named: this machine, or the service of that name.
 *
 * @category constants
 * @since 0.1.0
 */
const defaultHosts: { readonly [K in Environment["deploymentMode"]]: string } = { local: "127.0.0.1", docker: "postgres" }

/** A variable that is set, and not to nothing. */
const set = (name: string): Effect.Effect<string | undefined> =>
  Effect.map(
    Effect.orElseSucceed(Config.option(Config.string(name)), () => Option.none<string>()),
    (text) => Option.getOrUndefined(Option.filter(text, (text) => text !== ""))
  )

type Checked<A> = Either.Either<A, Fault.Fault>

const refuse = (path: string, expected: string, actual: string): Checked<never> => Either.left({ path, expected, actual })

const choice = <V extends string>(variable: {
  readonly name: string
  readonly values: ReadonlyArray<V>
  readonly otherwise: V
}): Effect.Effect<Checked<V>> =>
  Effect.map(set(variable.name), (text) => {
    if (text === undefined) return Either.right(variable.otherwise)
    const known = variable.values.find((value) => value === text)
    return known === undefined ? refuse(variable.name, variable.values.join(" or "), text) : Either.right(known)
  })

/** A text that holds to a pattern; `undefined` where it is not set. */
const text = (name: string, pattern: RegExp, expected: string): Effect.Effect<Checked<string | undefined>> =>
  Effect.map(set(name), (text) => (text === undefined || pattern.test(text) ? Either.right(text) : refuse(name, expected, text)))

const port: Effect.Effect<Checked<number | undefined>> = Effect.map(set("BASIS_DATABASE_PORT"), (text) => {
  if (text === undefined) return Either.right(undefined)
  const number = /^\d{1,5}$/.test(text) ? Number.parseInt(text, 10) : 0
  return number >= 1 && number <= 65_535
    ? Either.right(number)
    : refuse("BASIS_DATABASE_PORT", "a whole number from 1 to 65535", text)
})

const something = /[^]/

const server = {
  host: text("BASIS_DATABASE_HOST", /^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+)$/, "the name or the address of a host, without a port"),
  port,
  name: text("BASIS_DATABASE_NAME", something, "a name"),
  user: text("BASIS_DATABASE_USER", something, "a name"),
  password: text("BASIS_DATABASE_PASSWORD", something, "a password")
}

const check: Effect.Effect<Either.Either<Environment, Fault.Faults>> = Effect.gen(function*() {
  const modes = {
    executionMode: yield* choice(variables.executionMode),
    environment: yield* choice(variables.environment),
    deploymentMode: yield* choice(variables.deploymentMode),
    dataMode: yield* choice(variables.dataMode)
  }
  const parts = yield* Effect.all(server)
  const faults = Arr.getLefts<Checked<unknown>[]>([...Object.values(modes), ...Object.values(parts)])
  if (Arr.isNonEmptyReadonlyArray(faults)) return Either.left(faults)
  const url = yield* set("BASIS_DATABASE_URL")
  return Either.mapLeft(
    Either.gen(function*() {
      const known = yield* Either.all(modes)
      const { host, name, password, port, user } = yield* Either.all(parts)
      const isServer = [host, name, password, port, user].some((part) => part !== undefined)
      const databaseUrl = url ?? (isServer
        ? Database.serverUrl({
          host: host ?? defaultHosts[known.deploymentMode],
          port: port ?? 5432,
          name: name ?? "eim",
          user: user ?? "postgres",
          password
        })
        : Database.defaultUrl)
      return { ...known, databaseUrl }
    }),
    Arr.of
  )
})

/**
 * Reads the environment, or tells every variable that is set to what it cannot be. An empty one counts as not set.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load: Effect.Effect<Either.Either<Environment, Misunderstanding.Misread>> = Effect.map(
  check,
  Either.mapLeft((faults) => ({
    source: "the environment",
    faults,
    resolution: `Set ${faults.map(({ path }) => path).join(" and ")} to what is expected, or to nothing.`
  }))
)
