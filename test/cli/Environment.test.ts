import { it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { assert, describe } from "vitest"
import * as Environment from "../../src/cli/Environment.js"

const load = (env: { readonly [name: string]: string }) =>
  Effect.runSync(Effect.withConfigProvider(Environment.load, ConfigProvider.fromMap(new Map(Object.entries(env)))))

const url = (env: { readonly [name: string]: string }): string => Either.getOrThrow(load(env)).databaseUrl

const refused = (env: { readonly [name: string]: string }): ReadonlyArray<string> =>
  Either.match(load(env), { onLeft: ({ faults }) => faults.map(({ path }) => path), onRight: () => [] })

describe("the environment", () => {
  it("has a file as its database unless something names another one", () => {
    assert.strictEqual(url({}), "file:eim-data.db")
    assert.strictEqual(url({ BASIS_DEPLOYMENT_MODE: "docker" }), "file:eim-data.db")
    assert.strictEqual(url({ BASIS_DATABASE_HOST: "", BASIS_DATABASE_NAME: "" }), "file:eim-data.db")
    assert.strictEqual(url({ BASIS_DATABASE_URL: "file:x.db", BASIS_DATABASE_NAME: "market" }), "file:x.db")
  })

  it("takes the host that nobody names from the deployment", () => {
    assert.strictEqual(url({ BASIS_DATABASE_NAME: "market" }), "postgres://postgres@127.0.0.1:5432/market")
    assert.strictEqual(url({ BASIS_DATABASE_NAME: "market", BASIS_DEPLOYMENT_MODE: "local" }), "postgres://postgres@127.0.0.1:5432/market")
    assert.strictEqual(url({ BASIS_DATABASE_NAME: "market", BASIS_DEPLOYMENT_MODE: "docker" }), "postgres://postgres@postgres:5432/market")
    assert.strictEqual(url({ BASIS_DATABASE_HOST: "db", BASIS_DEPLOYMENT_MODE: "docker" }), "postgres://postgres@db:5432/eim")
    assert.strictEqual(url({ BASIS_DATABASE_HOST: "::1", BASIS_DATABASE_PORT: "5433" }), "postgres://postgres@[::1]:5433/eim")
  })

  it("keeps user, password and name whatever they are made of", () => {
    const text = FastCheck.string({ minLength: 1, unit: "grapheme-ascii" })
    FastCheck.assert(FastCheck.property(text, text, text, (user, password, name) => {
      const read = new URL(url({ BASIS_DATABASE_USER: user, BASIS_DATABASE_PASSWORD: password, BASIS_DATABASE_NAME: `n${name}` }))
      assert.deepStrictEqual([read.username, read.password, read.pathname.slice(1)].map(decodeURIComponent), [user, password, `n${name}`])
    }))
  })

  it("tells every variable that does not hold, and no other", () => {
    const wrong = {
      BASIS_EXECUTION_MODE: "real",
      BASIS_ENVIRONMENT: "moon",
      BASIS_DEPLOYMENT_MODE: "k8s",
      BASIS_DATA_MODE: "parquet",
      BASIS_DATABASE_HOST: "a b",
      BASIS_DATABASE_PORT: "70000"
    }
    FastCheck.assert(FastCheck.property(FastCheck.subarray(Object.entries(wrong)), (some) => {
      assert.sameMembers([...refused(Object.fromEntries(some))], some.map(([name]) => name))
    }))
  })
})
