import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as ScriptFailure from "../../src/cli/ScriptFailure.js"
import { build, directory, eim, root } from "./eim.js"

/** Types above, so that no line of what runs is where it was written; the line at fault says so. */
const script = (body: string): string => `
import { Data, Effect } from "effect"
import { DataProvider, Decimal, MarketSnapshot } from "execution-interface-manager"

interface Nothing {
  readonly a: string
  readonly b: number
}

class Odd extends Data.TaggedError("Odd")<{ readonly why: string; readonly n: bigint }> {}

export const used: ReadonlyArray<unknown> = [Data, Effect, DataProvider, Decimal, MarketSnapshot, Odd]

const deep = (n: number): never => {
  if (n > 0) return deep(n - 1)
  throw new RangeError("too deep") // deep
}

${body}
`

const decide = (body: string): string => script(`export default {
  decide: (time: number): any => {
    ${body.split("\n").join("\n    ")}
  }
}`)

const generator = (body: string): string => decide(`return Effect.gen(function*() {
  const data = yield* DataProvider.DataProvider
  const snapshot = yield* data.getData(time)
  ${body.split("\n").join("\n  ")}
  return []
})`)

interface Case {
  readonly source: string
  /** Of the message. */
  readonly says: string
  readonly hint?: string
  readonly series?: string
  /** Whether the line at fault is known: the one that ends in "// here". */
  readonly placed: boolean
  readonly extension?: string
}

const cases: { readonly [name: string]: Case } = {
  "an exception": { source: decide("throw new TypeError(\"out of ideas\") // here"), says: "TypeError: out of ideas", placed: true },
  "an exception below": { source: decide("return deep(3)").replace("// deep", "// here"), says: "RangeError: too deep", placed: true },
  "a plain object": { source: decide("throw { code: 7, why: \"plain\" }"), says: "{code: 7, why: \"plain\"}", placed: false },
  "null": { source: decide("throw null"), says: "null", placed: false },
  "a text": { source: decide("throw \"no more\""), says: "no more", placed: false },
  "a series that there is not": {
    source: generator("yield* MarketSnapshot.price(snapshot, \"ETHER\") // here"),
    says: "series price.ETHER has no observation at 2024-06-01T00:00:00Z",
    series: "price.ETHER",
    hint: "Did you mean price.ETH?",
    placed: true
  },
  "a series, where it is handed on": {
    source: generator("const price = MarketSnapshot.value(snapshot, \"perp.binance.NOPE\") // here\nif (price._tag === \"Left\") return yield* Effect.fail(price.left)"),
    says: "series perp.binance.NOPE has no observation",
    series: "perp.binance.NOPE",
    placed: true
  },
  "an instant that is none": { source: generator("yield* data.getData(\"soon\" as never)\nthrow new Error(\"nothing came of it\") // here"), says: "nothing came of it", placed: true },
  "a typed error": { source: generator("return yield* new Odd({ why: \"because\", n: 3n }) // here"), says: "Odd: {why: \"because\", n: 3}", placed: true },
  "a typed error with a cause": {
    source: decide("return Effect.fail(new Error(\"outside\", { cause: new Odd({ why: \"inside\", n: 1n }) })) // here"),
    says: "outside (Odd: {why: \"inside\", n: 1})",
    placed: true
  },
  "a defect": { source: decide("return Effect.die(new Error(\"broken\")) // here"), says: "broken", placed: true },
  "a defect that is no error": { source: decide("return Effect.die({ x: 1n, y: () => 1 })"), says: "{x: 1, ", placed: false },
  "a promise that fails": { source: decide("return Effect.promise(async () => { throw new TypeError(\"late\") }) // here"), says: "TypeError: late", placed: true },
  "a tried promise that fails": { source: decide("return Effect.tryPromise(() => Promise.reject(new Error(\"no answer\"))) // here"), says: "no answer", placed: false },
  "a number that is none": { source: decide("return [Decimal.unsafe(\"x1\")] // here"), says: "Invalid numerical string", placed: true },
  "a value that throws when it is looked at": {
    source: decide("throw new Proxy({}, { get: () => { throw new Error(\"hands off\") }, ownKeys: () => { throw new Error(\"hands off\") } })"),
    says: "cannot be looked at",
    placed: false
  },
  "an answer that is no list": { source: decide("return 7"), says: "decide answered 7, and a list of blocks is expected", placed: false },
  "no answer": { source: decide("return"), says: "decide answered nothing", placed: false },
  "a promise": { source: decide("return Promise.reject(new Error(\"unheard\"))"), says: "decide answered a promise", placed: false },
  "an exception while it is loaded": { source: script("throw new Error(\"no such luck\") // here"), says: "no such luck", placed: true },
  "a plain object while it is loaded": { source: script("throw { series: \"x\" }"), says: "{series: \"x\"}", placed: false },
  "a module that there is not": { source: script("import { x } from \"./not-there.js\" // here\nexport default { decide: () => [x] }"), says: "not-there.js", placed: true },
  "a package that there is not": { source: script("import x from \"no-such-package-anywhere\" // here\nexport default { decide: () => [x] }"), says: "no-such-package-anywhere", placed: true },
  "text that is no TypeScript": { source: script("export default { decide: () => [ } // here"), says: "Unexpected \"}\"", placed: true },
  "text that is no JavaScript": { source: "export default {\n  decide: () => [ } // here\n}\n", says: "Unexpected", placed: true, extension: "mjs" },
  "an exception of JavaScript": { source: "export default {\n  decide: () => { throw new Error(\"plain\") } // here\n}\n", says: "plain", placed: true, extension: "js" }
}

let folder: string

const fileOf = (name: string): string => `${name.replaceAll(/[^a-z]/gi, "-")}.${cases[name]!.extension ?? "ts"}`

interface Failed {
  readonly reason: string
  readonly resolution: string
  readonly kind: string
  readonly series?: string
  readonly place: { readonly file: string; readonly line?: number; readonly column?: number }
}

let failures: { readonly [name: string]: Failed }

beforeAll(() => {
  build()
  folder = directory(Object.fromEntries(Object.entries(cases).map(([name, { source }]) => [fileOf(name), source])))
  const dist = (name: string) => JSON.stringify(pathToFileURL(path.join(root, "dist", name)).href)
  const module = (name: string) => JSON.stringify(pathToFileURL(path.join(root, "node_modules", name)).href)
  fs.writeFileSync(path.join(folder, "probe.mjs"), `
    import * as ScriptModule from ${dist("cli/ScriptModule.js")}
    import * as Embedded from ${dist("data/Embedded.js")}
    import * as Effect from ${module("effect/dist/esm/Effect.js")}
    import * as Layer from ${module("effect/dist/esm/Layer.js")}
    import * as NodeContext from ${module("@effect/platform-node/dist/esm/NodeContext.js")}
    const files = JSON.parse(process.argv[2])
    const data = Embedded.layer().pipe(Layer.provide(NodeContext.layer))
    const failing = (name, file) =>
      ScriptModule.load("script " + name, file).pipe(
        Effect.flatMap((script) => ScriptModule.guarded("script " + name, file, script).decide(Date.UTC(2024, 5, 1), {})),
        Effect.flip,
        Effect.map(({ kind, place, reason, resolution, series }) => [name, { kind, place, reason, resolution, series }])
      )
    const all = Effect.forEach(Object.entries(files), ([name, file]) => failing(name, file))
    console.log(JSON.stringify(Object.fromEntries(await Effect.runPromise(Effect.provide(all, data)))))
  `)
  const files = Object.fromEntries(Object.keys(cases).map((name) => [name, path.join(folder, fileOf(name))]))
  const { NODE_OPTIONS: _options, ...env } = process.env
  const ran = spawnSync(process.execPath, ["probe.mjs", JSON.stringify(files)], { cwd: folder, env, encoding: "utf8" })
  assert.strictEqual(ran.status, 0, ran.stderr)
  failures = JSON.parse(ran.stdout)
}, 240_000)

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

describe("a script that fails is named with its file, its line, and what to do: of", () => {
  for (const [name, { hint, placed, says, series, source }] of Object.entries(cases)) {
    it(`${name}`, () => {
      const failure = failures[name]!
      assert.include(failure.reason, says)
      assert.notInclude(failure.reason, "[object Object]")
      assert.strictEqual(failure.kind, name.includes("loaded") || /there is not$|that is no (Type|Java)/.test(name) && series === undefined ? "input" : "script")
      assert.strictEqual(failure.place.file, path.join(fs.realpathSync(folder), fileOf(name)))
      const line = source.split("\n").findIndex((line) => line.endsWith("// here")) + 1
      assert.strictEqual(failure.place.line, placed ? line : undefined)
      assert.include(failure.reason + failure.resolution, placed ? `${fileOf(name)}:${line}` : fileOf(name))
      assert.strictEqual(failure.series, series)
      assert.include(failure.resolution, hint ?? "Mend ")
    })
  }
})

describe("a run whose script fails", () => {
  it("says so with its id and the files that there are", async () => {
    const options = ["--id", "failing", "--from", "2024-06-01T00:00Z"]
    const file = fileOf("a series that there is not")
    const ran = await eim(["backtest", file, ...options, "--json"], { cwd: folder })
    assert.strictEqual(ran.code, 1, ran.err)
    const json = JSON.parse(ran.out)
    assert.strictEqual(json.backtest_id, "failing")
    assert.deepInclude(json.error, { code: "SCRIPT", file: fs.realpathSync(path.join(folder, file)), series: "price.ETHER" })
    assert.isNumber(json.error.line)
    assert.isAbove(Object.keys(json.files).length, 0)
    for (const left of Object.values<string>(json.files)) assert.isAbove(fs.statSync(path.join(folder, left)).size, 0)
    assert.isFalse(fs.existsSync(path.join(folder, "results", "failing")))
    const text = await eim(["backtest", file, ...options], { cwd: folder })
    assert.match(text.err, new RegExp(`${file}:\\d+:\\d+\\)[^]*Did you mean price\\.ETH\\?[^]*results/failing\\.part`))
  }, 60_000)
})

describe("what a script failed with", () => {
  it("is told whatever it is", () => {
    FastCheck.assert(FastCheck.property(FastCheck.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true }), (value) => {
      const { text } = ScriptFailure.tell(value)
      assert.isAtLeast(text.length, typeof value === "string" ? 0 : 1)
      if (typeof value === "object") assert.notInclude(text, "[object Object]")
    }))
  })
})
