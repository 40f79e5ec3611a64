/**
 * The public modules of the package, listed one by one in package.json:
 *
 *     tsx .config/exports.ts [--check]
 *
 * writes `exports`, or with `--check` fails where the list is not what src holds. Public is every module that is not
 * of the command, not in a folder `internal` and not marked `@private` in its first comment. (`@internal` there would
 * strip the import that follows it from the declarations.)
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

const header = (src: string, module: string): string =>
  /^\s*\/\*\*[\s\S]*?\*\//.exec(fs.readFileSync(path.join(src, `${module}.ts`), "utf8"))?.[0] ?? ""

const isPublic = (src: string, module: string): boolean => {
  const parts = module.split("/")
  if (module === "index" || parts[0] === "cli" || parts.includes("internal")) return false
  return !header(src, module).includes("@private")
}

/** Public modules by their path under src, sorted. */
export const modules = (src: string): ReadonlyArray<string> =>
  fs.readdirSync(src, { recursive: true, encoding: "utf8" })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => file.slice(0, -3))
    .filter((module) => isPublic(src, module))
    .sort()

/** The value of `exports` for these modules. */
export const exportsOf = (names: ReadonlyArray<string>): Record<string, unknown> => ({
  ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
  ...Object.fromEntries(names.map((name) => [`./${name}`, `./dist/${name}.js`])),
  "./internal/*": null,
  "./package.json": "./package.json"
})

const main = (): void => {
  const file = path.join(root, "package.json")
  const text = fs.readFileSync(file, "utf8")
  const written = JSON.parse(text) as { readonly exports?: Record<string, unknown> }
  const wanted = exportsOf(modules(path.join(root, "src")))
  if (!process.argv.includes("--check")) {
    fs.writeFileSync(file, `${JSON.stringify({ ...written, exports: wanted }, null, 2)}\n`)
    return
  }
  const listed = written.exports ?? {}
  const same = (name: string) => JSON.stringify(listed[name]) === JSON.stringify(wanted[name])
  const missing = Object.keys(wanted).filter((name) => !Object.hasOwn(listed, name))
  const extra = Object.keys(listed).filter((name) => !Object.hasOwn(wanted, name))
  const other = Object.keys(listed).filter((name) => Object.hasOwn(wanted, name) && !same(name))
  for (const name of missing) console.error(`package.json does not export ${name}`)
  for (const name of extra) console.error(`package.json exports ${name}, which is not a public module`)
  for (const name of other) console.error(`package.json exports another file as ${name}`)
  const src = path.join(root, "src")
  const stripped = modules(src).filter((name) => header(src, name).includes("@internal"))
  for (const name of stripped) console.error(`src/${name}.ts is marked @internal where it should be @private`)
  console.log(`exports: ${Object.keys(wanted).length} entries`)
  if (missing.length + extra.length + other.length + stripped.length > 0) {
    console.error("npm run exports")
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
