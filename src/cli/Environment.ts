/**
 * What the environment says, read once.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Database from "./Database.js"
import type * as Failure from "./Failure.js"
import * as Misunderstanding from "./Misunderstanding.js"

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
  /** `BASIS_DATABASE_URL`. It may hold a password. */
  readonly databaseUrl: string
}

const read = <V extends string>(variable: {
  readonly name: string
  readonly values: ReadonlyArray<V>
  readonly otherwise: V
}): Effect.Effect<V, Failure.Failure> =>
  Effect.flatMap(
    Effect.orElseSucceed(Config.option(Config.string(variable.name)), () => Option.none<string>()),
    (set) => {
      const text = Option.getOrElse(set, () => "")
      if (text === "") return Effect.succeed(variable.otherwise)
      const known = variable.values.find((value) => value === text)
      return known === undefined
        ? Effect.fail(Misunderstanding.ofFault("config", "the environment", {
          path: variable.name,
          expected: variable.values.join(" or "),
          actual: text
        }, `Set ${variable.name} to one of them, or to nothing.`))
        : Effect.succeed(known)
    }
  )

const databaseUrl: Effect.Effect<string> = Effect.map(
  Effect.orElseSucceed(Config.option(Config.string("BASIS_DATABASE_URL")), () => Option.none<string>()),
  (set) => Option.getOrElse(Option.filter(set, (text) => text !== ""), () => Database.defaultUrl)
)

/**
 * Reads the environment. An empty variable counts as one that is not set.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load: Effect.Effect<Environment, Failure.Failure> = Effect.all({
  executionMode: read(variables.executionMode),
  environment: read(variables.environment),
  deploymentMode: read(variables.deploymentMode),
  dataMode: read(variables.dataMode),
  databaseUrl
})
