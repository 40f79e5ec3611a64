/**
 * Which room of src may import what, and what no room but the command may do. Proved on the syntax trees, beside the
 * linter, whose overrides are written from the same table:
 *
 *     tsx .config/rooms.ts [--write]
 *
 * fails on every violation; with `--write` it writes the table into .oxlintrc.json first.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const ports = ["data/DataProvider", "events/EventLogger", "health/HealthManager", "journal/Journal"]
const core = ["domain", "venue", "internal"]

/** For each room the rooms and single modules it may import beside itself. `venues` are rooms of their own each. */
export const rooms: Readonly<Record<string, ReadonlyArray<string>>> = {
  domain: [],
  internal: [],
  venue: ["domain", "internal"],
  data: ["domain", "internal"],
  events: ["domain", "internal"],
  health: ["domain", "internal"],
  journal: ["domain", "internal"],
  manager: [...core, ...ports],
  sim: [...core, "data/DataProvider"],
  evm: [...core, "journal/Journal"],
  http: [...core, "journal/Journal"],
  venues: [...core, ...ports, "sim", "evm", "http"],
  modes: [...core, "data", "events", "health", "journal", "manager", "sim", "evm", "http", "venues"],
  testing: [...core, "data", "events", "health", "journal", "manager", "sim", "evm", "http", "venues", "modes"],
  cli: [...core, "data", "events", "health", "journal", "manager", "sim", "evm", "http", "venues", "modes", "testing"]
}

/** What src/index.ts may re-export. */
export const barrel: ReadonlyArray<string> = ["domain", "venue", "data", "events", "health", "journal", "manager", "modes"]

/** The modules of effect that are data and not effects: all that `domain` may import. */
export const dataModules: ReadonlyArray<string> = [
  "Array", "BigDecimal", "BigInt", "Boolean", "Brand", "Cause", "Chunk", "Data", "DateTime", "Duration", "Either",
  "Encoding", "Equal", "Equivalence", "FastCheck", "Function", "Hash", "HashMap", "HashSet", "HKT", "Inspectable",
  "Iterable", "List", "Match", "MutableHashMap", "MutableHashSet", "Number", "Option", "Order", "Ordering",
  "ParseResult", "Pipeable", "Predicate", "PrimaryKey", "Record", "Redacted", "RegExp", "Schema", "SchemaAST",
  "SortedMap", "SortedSet", "String", "Struct", "Symbol", "Tuple", "Types", "Unify", "Utils"
]

/** Packages that only the command may import. */
export const commandPackages: ReadonlyArray<string> = [
  "@effect/cli", "@effect/platform-node", "@effect/printer", "@effect/printer-ansi", "asciichart", "cli-table3",
  "picocolors", "tsx"
]

/** Packages whose modules are imported one by one. */
const barrels: ReadonlyArray<string> = ["effect", "@effect/platform", "@effect/sql"]

const own = "execution-interface-manager"

/** Rooms that may import viem. */
const chainRooms: ReadonlyArray<string> = ["evm", "venues", "testing", "cli"]

/** A violation: where, and what does not hold. */
export interface Violation {
  readonly file: string
  readonly line: number
  readonly what: string
}

const roomOf = (module: string): string => {
  const [room, name] = module.split("/")
  return module.includes("/") ? (room === "venues" ? `${room}/${name}` : room!) : ""
}

const inPackage = (specifier: string, name: string): boolean => specifier === name || specifier.startsWith(`${name}/`)

const refuseOwn = (module: string, target: string): string | undefined => {
  const from = roomOf(module)
  const to = roomOf(target)
  if (from === to && from !== "") return undefined
  if (to === "") return `${target} is the barrel: import the module itself`
  if (from === "") return barrel.includes(to) ? undefined : `the barrel does not hold ${to}`
  const allowed = rooms[from.split("/")[0]!] ?? []
  if (to.startsWith("venues/")) {
    if (from.startsWith("venues/")) return `${from} may not import its sibling ${to}`
    return allowed.includes("venues") ? undefined : `${from} may not import ${target}`
  }
  return allowed.includes(to) || allowed.includes(target) ? undefined : `${from} may not import ${target}`
}

const refusePackage = (module: string, specifier: string): string | undefined => {
  const room = roomOf(module).split("/")[0]!
  if (barrels.includes(specifier)) return `${specifier} is a barrel: import its module`
  if (inPackage(specifier, own)) return "the package may not import itself by name"
  if (room === "domain" && !dataModules.some((name) => specifier === `effect/${name}`)) {
    return `domain may import data modules of effect only, not ${specifier}`
  }
  if (room === "cli") return undefined
  if (specifier.startsWith("node:")) return `only cli may import ${specifier}`
  if (commandPackages.some((name) => inPackage(specifier, name))) return `only cli may import ${specifier}`
  if (inPackage(specifier, "viem") && !chainRooms.includes(room)) return `${room} may not import ${specifier}`
  return undefined
}

const specifierOf = (node: ts.Node): ts.StringLiteralLike | undefined => {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    return ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier : undefined
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    return argument !== undefined && ts.isStringLiteralLike(argument) ? argument : undefined
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined
  }
  return undefined
}

const refuseSyntax = (node: ts.Node): string | undefined => {
  if (ts.isThrowStatement(node)) return "only cli may throw: an expected failure is a value"
  if (ts.isTryStatement(node)) return "only cli may try and catch: use Either.try or Effect.try"
  if (ts.isAwaitExpression(node)) return "only cli may await: use Effect.promise or Effect.tryPromise"
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return "only cli may be async: use Effect.promise or Effect.tryPromise"
  if (
    ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Effect" &&
    /^run[A-Z]/.test(node.name.text)
  ) return `only cli runs effects, not Effect.${node.name.text}`
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    ? "only cli may import at run time"
    : undefined
}

/** The violations of one module, named by its path under src. */
export const check = (file: string, text: string): ReadonlyArray<Violation> => {
  const module = file.replace(/\.ts$/, "")
  const found: Array<Violation> = []
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const report = (node: ts.Node, what: string | undefined) => {
    if (what === undefined) return
    found.push({ file, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, what })
  }
  const room = roomOf(module)
  const known = room === "" ? module === "index" : Object.hasOwn(rooms, room.split("/")[0]!)
  if (!known) report(source, `there is no room for ${file}`)
  if (room.startsWith("venues/") && module.split("/").length < 3) report(source, "a venue is a folder of its own")
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) {
      const target = specifier.text
      report(
        specifier,
        target.startsWith(".")
          ? refuseOwn(module, path.posix.join(path.posix.dirname(module), target).replace(/\.js$/, ""))
          : refusePackage(module, target)
      )
    }
    if (room !== "cli") report(node, refuseSyntax(node))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const notPorts = (allowed: ReadonlyArray<string>) =>
  ports.filter((port) => !allowed.includes(port.split("/")[0]!) && allowed.includes(port))

const override = (name: string, files: ReadonlyArray<string>, depth: number) => {
  const allowed = rooms[name]!
  const open = notPorts(allowed)
  const closed = Object.keys(rooms).filter((other) =>
    other !== name && !allowed.includes(other) && !open.some((port) => port.startsWith(`${other}/`)))
  const message = `${name} may import ${[...allowed].join(", ") || "no other room"}.`
  const patterns: Array<Record<string, unknown>> = []
  if (closed.length > 0) patterns.push({ regex: `^(\\.\\./)+(${closed.join("|")})/`, message })
  for (const port of open) {
    const [room, file] = port.split("/")
    patterns.push({ group: [`**/${room}/**`, `!**/${room}/${file}.js`], message })
  }
  if (name === "venues") {
    patterns.push({ regex: `^${"\\.\\./".repeat(depth)}[A-Za-z]`, message: "A venue may not import its sibling." })
  }
  patterns.push({ regex: "^(\\.\\./)+index\\.js$", message: "Import the module, not the barrel." })
  if (name === "domain") {
    const message = "domain imports data modules of effect only."
    patterns.push({ regex: "^(@|node:|[a-df-z]|execution-interface-manager)", message })
    patterns.push({ group: ["effect/*", ...dataModules.map((module) => `!effect/${module}`)], message })
  } else if (name !== "cli") {
    patterns.push({ regex: "^node:", message: "Only cli imports modules of node." })
    patterns.push({ regex: `^(${commandPackages.join("|")})(/|$)`, message: "Only cli imports this package." })
    if (!chainRooms.includes(name)) patterns.push({ regex: "^viem(/|$)", message: "Only rooms of the chain import viem." })
  }
  return {
    files,
    rules: {
      "no-restricted-imports": ["error", {
        paths: [...barrels, own].map((name) => ({ name, message: "Import the module, not the barrel." })),
        patterns
      }]
    }
  }
}

/** The overrides of the linter that say the same as the table. */
export const overrides = (): ReadonlyArray<unknown> =>
  Object.keys(rooms).flatMap((name) =>
    name === "venues"
      ? [override(name, ["src/venues/*/*.ts"], 1), override(name, ["src/venues/*/*/*.ts"], 2)]
      : [override(name, [`src/${name}/**/*.ts`], 0)])

/** The linter's configuration with the overrides of the table in the place of those it has. */
export const lintConfig = (text: string): string => {
  const config = JSON.parse(text) as { overrides: ReadonlyArray<{ readonly rules?: Record<string, unknown> }> }
  const others = config.overrides.filter((entry) => !("no-restricted-imports" in (entry.rules ?? {})))
  const written = JSON.stringify({ ...config, overrides: [...others, ...overrides()] }, null, 2)
  return `${written.replace(/\[\s+("[^[\]{}]*")\s+\]/g, (_, list: string) => `[${list.replace(/\s*\n\s*/g, " ")}]`)}\n`
}

const main = (): void => {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
  const configFile = path.join(root, ".oxlintrc.json")
  const config = fs.readFileSync(configFile, "utf8")
  const wanted = lintConfig(config)
  if (process.argv.includes("--write")) fs.writeFileSync(configFile, wanted)
  else if (config !== wanted) {
    console.error(".oxlintrc.json does not say what the table of rooms says: npm run rooms -- --write")
    process.exitCode = 1
  }
  const src = path.join(root, "src")
  const files = fs.readdirSync(src, { recursive: true, encoding: "utf8" })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => file.endsWith(".ts"))
    .sort()
  const found = files.flatMap((file) => check(file, fs.readFileSync(path.join(src, file), "utf8")))
  for (const { file, line, what } of found) console.error(`src/${file}:${line} ${what}`)
  console.log(`rooms: ${files.length} modules, ${found.length} violations`)
  if (files.length === 0 || found.length > 0) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
