import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { check, lintConfig, rooms } from "../../.config/rooms.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const configFile = path.join(root, ".oxlintrc.json")

const wrongImports: ReadonlyArray<readonly [file: string, specifier: string]> = [
  ["domain/Wrong.ts", "../venue/Venue.js"],
  ["domain/Wrong.ts", "effect/Effect"],
  ["domain/Wrong.ts", "effect"],
  ["domain/Wrong.ts", "viem"],
  ["domain/Wrong.ts", "node:fs"],
  ["venue/Wrong.ts", "../data/DataProvider.js"],
  ["data/Wrong.ts", "../venue/Venue.js"],
  ["data/DataProvider/Wrong.ts", "../../sim/World.js"],
  ["events/Wrong.ts", "../health/HealthManager.js"],
  ["health/Wrong.ts", "../events/EventLogger.js"],
  ["journal/Wrong.ts", "../manager/Operations.js"],
  ["manager/Wrong.ts", "../sim/World.js"],
  ["manager/Wrong.ts", "../data/DataProvider/Csv.js"],
  ["manager/Wrong.ts", "../journal/Journal/Memory.js"],
  ["sim/Wrong.ts", "../journal/Journal.js"],
  ["sim/Wrong.ts", "../data/Table.js"],
  ["sim/Wrong.ts", "viem"],
  ["evm/Wrong.ts", "../sim/World.js"],
  ["http/Wrong.ts", "../evm/Rpc.js"],
  ["venues/aave/Wrong.ts", "../binance/Simulated.js"],
  ["venues/aave/live/Wrong.ts", "../../binance/Simulated.js"],
  ["venues/aave/Wrong.ts", "../../manager/Operations.js"],
  ["venues/aave/Wrong.ts", "../../data/DataProvider/Csv.js"],
  ["modes/Wrong.ts", "../cli/main.js"],
  ["modes/Wrong.ts", "../testing/VenueLaws.js"],
  ["modes/Wrong.ts", "@effect/platform-node/NodeContext"],
  ["modes/Wrong.ts", "../index.js"],
  ["testing/Wrong.ts", "../cli/main.js"],
  ["testing/Wrong.ts", "node:path"]
]

const rightImports: ReadonlyArray<readonly [file: string, specifier: string]> = [
  ["domain/Right.ts", "effect/Schema"],
  ["domain/Right.ts", "./Json.js"],
  ["venue/Right.ts", "../domain/Json.js"],
  ["data/DataProvider/Right.ts", "../../domain/Json.js"],
  ["data/DataProvider/Right.ts", "../DataProvider.js"],
  ["manager/Right.ts", "../data/DataProvider.js"],
  ["manager/Right.ts", "../journal/Journal.js"],
  ["sim/Exchange/Right.ts", "../World.js"],
  ["sim/Exchange/Right.ts", "../../venue/Venue.js"],
  ["evm/Right.ts", "viem"],
  ["venues/aave/Right.ts", "./RayMath.js"],
  ["venues/aave/Right.ts", "../../sim/World.js"],
  ["venues/aave/Right.ts", "../../events/EventLogger.js"],
  ["venues/aave/live/Right.ts", "../RayMath.js"],
  ["venues/aave/live/Right.ts", "../../../evm/Rpc.js"],
  ["modes/Right.ts", "../venues/aave/Simulated.js"],
  ["cli/Right.ts", "../venues/aave/Simulated.js"],
  ["cli/Right.ts", "node:fs"]
]

const wrongSyntax: ReadonlyArray<readonly [what: string, text: string]> = [
  ["throw", "export const f = () => { throw new RangeError() }"],
  ["try", "export const f = () => { try { return 1 } finally { g() } }"],
  ["async", "export const f = async () => 1"],
  ["run an effect", "export const f = Effect.runSync(Effect.void)"],
  ["import at run time", "export const f = () => import(\"./Other.js\")"]
]

const wrongUse: ReadonlyArray<string> = [
  "Date.now()",
  "new Date()",
  "Math.random()",
  "setTimeout(() => undefined, 1)",
  "setInterval(() => undefined, 1)",
  "fetch(\"\")",
  "process.env"
]

const importing = (specifier: string): string => `import * as Other from "${specifier}"\n\nexport const other = Other\n`

/** Lints each text as a file of its own in a copy of the layout, and answers the rules broken by each. */
const lint = (
  folder: string,
  texts: ReadonlyArray<readonly [file: string, text: string]>
): ReadonlyArray<ReadonlyArray<string>> => {
  const files = texts.map(([file, text], i) => {
    const name = path.join("src", path.dirname(file), `Case${i}.ts`)
    fs.mkdirSync(path.join(folder, path.dirname(name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
    return name
  })
  const { stdout } = spawnSync(
    process.execPath,
    [path.join(root, "node_modules", "oxlint", "bin", "oxlint"), "--format", "json", "-c", ".oxlintrc.json", "."],
    { cwd: folder, encoding: "utf8" }
  )
  const report = JSON.parse(stdout) as {
    readonly diagnostics: ReadonlyArray<{ readonly filename: string; readonly code: string }>
  }
  return files.map((name) =>
    report.diagnostics.filter(({ filename }) => path.normalize(filename) === name).map(({ code }) => code))
}

describe("rooms", () => {
  let folder = ""
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "rooms-"))
    fs.copyFileSync(configFile, path.join(folder, ".oxlintrc.json"))
  })
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

  it("refuses a wrong import, whatever its form", () => {
    for (const [file, specifier] of wrongImports) {
      const forms = [importing(specifier), `export * from "${specifier}"`, `export type T = import("${specifier}").T`]
      for (const text of forms) assert.lengthOf(check(file, text), 1, `${file}: ${text}`)
    }
  })

  it("lets a right import be", () => {
    for (const [file, specifier] of rightImports) assert.deepStrictEqual(check(file, importing(specifier)), [])
  })

  it("refuses a module outside the rooms", () => {
    for (const file of ["Loose.ts", "helpers/Loose.ts", "venues/Loose.ts"]) {
      assert.lengthOf(check(file, "export {}"), 1, file)
    }
  })

  it("refuses what only the command may do, and lets the command do it", () => {
    for (const [what, text] of wrongSyntax) {
      assert.isNotEmpty(check("manager/Wrong.ts", text), what)
      assert.deepStrictEqual(check("cli/Right.ts", text), [], what)
    }
  })

  it("has the linter refuse the same imports", () => {
    const found = lint(folder, wrongImports.map(([file, specifier]) => [file, importing(specifier)]))
    wrongImports.forEach((wrong, i) =>
      assert.deepStrictEqual(found[i], ["eslint(no-restricted-imports)"], wrong.join(" ")))
    const right = lint(folder, rightImports.map(([file, specifier]) => [file, importing(specifier)]))
    rightImports.forEach((known, i) => assert.deepStrictEqual(right[i], [], known.join(" ")))
  })

  it("has the linter refuse the world outside, except in the command", () => {
    const rules = (file: string) => lint(folder, wrongUse.map((use) => [file, `export const used = ${use}\n`]))
    rules("sim/Wrong.ts").forEach((found, i) => {
      assert.lengthOf(found, 1, wrongUse[i])
      assert.match(found[0]!, /no-restricted-(globals|properties)/)
    })
    assert.deepStrictEqual(rules("cli/Right.ts").flat(), [])
  })

  it("has one table for both", () => {
    const config = fs.readFileSync(configFile, "utf8")
    assert.strictEqual(config, lintConfig(config))
    for (const room of Object.keys(rooms)) assert.include(config, `src/${room}/`)
  })
})
