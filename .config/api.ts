/**
 * The reference of the public modules, written from their docstrings:
 *
 *     tsx .config/api.ts [--check]
 *
 * writes docs/api, or with `--check` fails where a file there is not what would be written. Both fail where something
 * exported has no docstring with a sentence, `@category` and `@since`, does not say what it gives, or links to what there
 * is not.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { modules } from "./exports.js"
import { rooms } from "./rooms.js"
import * as Signature from "./signature.js"

const own = "execution-interface-manager"

/** What each room holds. */
const holds: Readonly<Record<string, string>> = {
  domain: "Data and their laws: amounts, instructions, plans, outcomes, reports, errors.",
  venue: "The port to a venue, and the registry of them.",
  data: "The port to market data, and its sources.",
  events: "The port to the event log, and its forms.",
  health: "The state of health.",
  journal: "The port to the journal of intents and outcomes.",
  manager: "The manager itself: what routes, guards, retries and counts.",
  sim: "The kernel of simulation: one world, transfers, gas, the simulated exchange.",
  evm: "Transactions of an EVM chain: signed, sent, found again, read back.",
  http: "Signed requests to exchanges.",
  venues: "Each venue, simulated and live side by side.",
  modes: "Layers put together: backtest, paper, live.",
  testing: "For tests: laws of venues, venues that fail or record, arbitraries, layers."
}

/** One exported name: a type and a value of the same name are one. */
interface Entry {
  readonly name: string
  readonly category: string
  readonly since: string
  readonly docs: ReadonlyArray<string>
  readonly signatures: ReadonlyArray<string>
}

/** What a module exports, and what it calls the modules that it imports. */
export interface Module {
  readonly name: string
  readonly doc: string
  readonly entries: ReadonlyArray<Entry>
  readonly imports: ReadonlyMap<string, string>
  /** What keeps it from being documented. */
  readonly faults: ReadonlyArray<string>
}

const docOf = (node: ts.Node): ts.JSDoc | undefined => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)

const textOf = (comment: ts.JSDoc["comment"]): string => (ts.getTextOfJSDocComment(comment) ?? "").trim()

const tagOf = (doc: ts.JSDoc | undefined, name: string): string =>
  textOf(doc?.tags?.find(({ tagName }) => tagName.text === name)?.comment)

const has = (doc: ts.JSDoc | undefined, name: string): boolean => doc?.tags?.some(({ tagName }) => tagName.text === name) === true

const namesOf = (source: ts.SourceFile, node: ts.Statement): ReadonlyArray<string> => {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText(source))
  const named = node as ts.Statement & { readonly name?: ts.Identifier }
  return named.name === undefined ? [] : [named.name.text]
}

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

const importsOf = (module: string, source: ts.SourceFile): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const node of source.statements) {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) continue
    const bindings = node.importClause?.namedBindings
    if (!node.moduleSpecifier.text.startsWith(".") || bindings === undefined || !ts.isNamespaceImport(bindings)) continue
    found.set(bindings.name.text, path.posix.join(path.posix.dirname(module), node.moduleSpecifier.text).replace(/\.js$/, ""))
  }
  return found
}

/** The first comment of the file, which TypeScript takes for that of the first import. */
const headerOf = (text: string): string => {
  const [comment = ""] = /^\s*\/\*\*[\s\S]*?\*\//.exec(text) ?? []
  const source = ts.createSourceFile("header.ts", `${comment}\nexport {}\n`, ts.ScriptTarget.Latest, true)
  return textOf(docOf(source.statements[0]!)?.comment)
}

/** Whether a text has two words at least and a first sentence that ends. */
const isSentence = (text: string): boolean => /^\S+\s[\s\S]*?[.:?](?:\s|$)/.test(text)

const merge = (first: Entry | undefined, next: Entry): Entry =>
  first === undefined ? next : { ...first, docs: [...first.docs, ...next.docs], signatures: [...first.signatures, ...next.signatures] }

/** Reads one module, named by its path under src. */
export const read = (module: string, text: string): Module => {
  const source = ts.createSourceFile(`${module}.ts`, text, ts.ScriptTarget.Latest, true)
  const entries = new Map<string, Entry>()
  const doc = headerOf(text)
  const faults = doc === "" ? [`src/${module}.ts has no docstring of its own`] : []
  for (const node of source.statements) {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    const fault = (what: string): void => void faults.push(`src/${module}.ts:${line} ${what}`)
    if (ts.isExportAssignment(node) || (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)) {
      fault("exports what has no docstring here")
    }
    if (!isExported(node)) continue
    const comment = docOf(node)
    if (has(comment, "internal")) continue
    const category = tagOf(comment, "category")
    const since = tagOf(comment, "since")
    for (const name of namesOf(source, node)) {
      if (comment === undefined) fault(`${name} has no docstring`)
      else if (category === "" || since === "") fault(`${name} has no @category or no @since`)
      if (Signature.isUnsaid(node)) fault(`${name} does not say what it gives`)
      const text = textOf(comment?.comment)
      const signatures = [Signature.wrap(Signature.of(source, node))]
      entries.set(name, merge(entries.get(name), { name, category, since, docs: text === "" ? [] : [text], signatures }))
    }
  }
  for (const { docs, name } of entries.values()) {
    if (!docs.some(isSentence)) faults.push(`src/${module}.ts ${name} has no sentence that says what it is`)
  }
  return { name: module, doc, entries: [...entries.values()], imports: importsOf(module, source), faults }
}

const categoriesOf = ({ entries }: Module): ReadonlyArray<string> => [...new Set(entries.map(({ category }) => category))]

const inCategory = (module: Module, category: string) => module.entries.filter((entry) => entry.category === category)

/** The anchors of a page's entries as GitHub makes them: a heading that there was before gets a number. */
const anchorsOf = (module: Module): ReadonlyMap<string, string> => {
  const seen = new Map<string, number>()
  const slug = (heading: string): string => {
    const plain = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replace(/ /g, "-")
    const before = seen.get(plain) ?? 0
    seen.set(plain, before + 1)
    return before === 0 ? plain : `${plain}-${before}`
  }
  slug(module.name)
  return new Map(categoriesOf(module).flatMap((category) => {
    slug(category)
    return inCategory(module, category).map(({ name }) => [name, slug(name)] as const)
  }))
}

const pageOf = (module: string): string => `${module}.md`

const href = (from: string, to: string): string => {
  const relative = path.posix.relative(path.posix.dirname(from), to)
  return relative.startsWith(".") ? relative : `./${relative}`
}

/** Where a `{@link}` of a module leads, from its page: to its own, to a module that it imports, or to the one of that name. */
const targetOf = (all: ReadonlyMap<string, Module>, module: Module, link: string): string | undefined => {
  const here = anchorsOf(module).get(link)
  if (here !== undefined) return `#${here}`
  const [alias = "", name] = link.split(".")
  const imported = module.imports.get(alias)
  const named = [...all.values()].filter((each) => each.name.endsWith(`/${alias}`))
  const other = imported === undefined ? (named.length === 1 ? named[0] : undefined) : all.get(imported)
  if (other === undefined) return undefined
  const page = href(pageOf(module.name), pageOf(other.name))
  if (name === undefined) return page
  const anchor = anchorsOf(other).get(name)
  return anchor === undefined ? undefined : `${page}#${anchor}`
}

const linkPattern = /\{@link\s+([\w.]+)\s*\}/g

const linked = (all: ReadonlyMap<string, Module>, module: Module, text: string): string =>
  text.replace(linkPattern, (_, link: string) => {
    const target = targetOf(all, module, link)
    return target === undefined ? `\`${link}\`` : `[\`${link}\`](${target})`
  })

/** Links in docstrings that lead nowhere. */
export const strays = (all: ReadonlyMap<string, Module>): ReadonlyArray<string> =>
  [...all.values()].flatMap((module) =>
    [module.doc, ...module.entries.flatMap(({ docs, signatures }) => [...docs, ...signatures])]
      .flatMap((text) => [...text.matchAll(linkPattern)].map(([, link]) => link!))
      .filter((link) => targetOf(all, module, link) === undefined)
      .map((link) => `src/${module.name}.ts {@link ${link}} leads nowhere`))

const section = (all: ReadonlyMap<string, Module>, module: Module, entry: Entry): string =>
  [
    `### ${entry.name}`,
    ...entry.docs.map((text) => linked(all, module, text)),
    `\`\`\`ts\n${entry.signatures.join("\n\n").replace(linkPattern, "`$1`")}\n\`\`\``,
    `Since ${entry.since}`
  ].join("\n\n")

const contents = (module: Module): string => {
  const anchors = anchorsOf(module)
  const row = (category: string): string =>
    `| ${category} | ${inCategory(module, category).map(({ name }) => `[${name}](#${anchors.get(name)})`).join(", ")} |`
  return ["| category | |", "|---|---|", ...categoriesOf(module).map(row)].join("\n")
}

/** The page of a module. */
export const page = (all: ReadonlyMap<string, Module>, module: Module): string => {
  const file = pageOf(module.name)
  const depth = "../".repeat(module.name.split("/").length + 1)
  const name = module.name.split("/").at(-1)!
  return [
    `# ${module.name}`,
    linked(all, module, module.doc),
    `\`\`\`ts\nimport * as ${name} from "${own}/${module.name}"\n\`\`\``,
    `[All modules](${href(file, "README.md")}) · [Source](${depth}src/${module.name}.ts)`,
    contents(module),
    ...categoriesOf(module).flatMap((category) => [
      `## ${category}`,
      ...inCategory(module, category).map((entry) => section(all, module, entry))
    ])
  ].join("\n\n") + "\n"
}

const summary = (doc: string): string =>
  (/^[\s\S]*?[.:](?=\s|$)/.exec(doc)?.[0] ?? doc).replace(/\s+/g, " ").replace(/:$/, ".").replace(/\|/g, "\\|")
    .replace(linkPattern, (_, link: string) => `\`${link}\``)

/** The page that lists the modules by room. */
export const index = (all: ReadonlyMap<string, Module>, barrel: ReadonlySet<string>): string => {
  const row = ({ name, doc }: Module): string => `| [${name}](${pageOf(name)}) | ${barrel.has(name) ? "yes" : ""} | ${summary(doc)} |`
  const sections = Object.keys(rooms).flatMap((room) => {
    const held = [...all.values()].filter(({ name }) => name.startsWith(`${room}/`))
    if (held.length === 0) return []
    return [`## ${room}`, holds[room] ?? "", ["| module | in the index | |", "|---|---|---|", ...held.map(row)].join("\n")]
  })
  return [
    "# API",
    `Every public module, by its room. Each is imported by its path,\n\`import * as Decimal from "${own}/domain/Decimal"\`; those in the index also by name,\n\`import { Decimal } from "${own}"\`.`,
    "These pages are written from the docstrings in `src` by `npm run docs`. Signatures stand as in the source, without\nbodies.",
    ...sections
  ].join("\n\n") + "\n"
}

/** The modules that src/index.ts exports by name. */
const barrelOf = (text: string): ReadonlySet<string> => new Set([...text.matchAll(/from "\.\/(.+)\.js"/g)].map(([, name]) => name!))

/** The pages by their path under docs/api. */
export const render = (src: string): { readonly pages: ReadonlyMap<string, string>; readonly faults: ReadonlyArray<string> } => {
  const text = (module: string): string => fs.readFileSync(path.join(src, `${module}.ts`), "utf8")
  const all = new Map(modules(src).map((module) => [module, read(module, text(module))]))
  const pages = new Map([["README.md", index(all, barrelOf(text("index")))]])
  for (const module of all.values()) pages.set(pageOf(module.name), page(all, module))
  const nowhere = [...all.keys()].filter((name) => !Object.hasOwn(holds, name.split("/")[0]!))
  return {
    pages,
    faults: [
      ...[...all.values()].flatMap(({ faults }) => faults),
      ...strays(all),
      ...nowhere.map((name) => `src/${name}.ts is in a room that .config/api.ts does not describe`)
    ]
  }
}

const filesOf = (folder: string): ReadonlyArray<string> =>
  fs.existsSync(folder)
    ? fs.readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    : []

/** The files of a folder that are not among the pages, and the pages that are not there as they should be. */
export const stale = (folder: string, pages: ReadonlyMap<string, string>): ReadonlyArray<string> => [
  ...filesOf(folder).filter((file) => !pages.has(file)),
  ...[...pages].filter(([file, text]) => {
    const written = path.join(folder, file)
    return !fs.existsSync(written) || fs.readFileSync(written, "utf8") !== text
  }).map(([file]) => file)
]

const main = (): void => {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
  const folder = path.join(root, "docs", "api")
  const { faults, pages } = render(path.join(root, "src"))
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) process.exitCode = 1
  const differing = stale(folder, pages)
  if (process.argv.includes("--check")) {
    for (const file of differing) console.error(`docs/api/${file} is not what the docstrings say: npm run docs`)
    if (differing.length > 0) process.exitCode = 1
  } else {
    for (const file of differing) {
      const target = path.join(folder, file)
      const text = pages.get(file)
      if (text === undefined) fs.rmSync(target)
      else {
        fs.mkdirSync(path.dirname(target), { recursive: true })
        fs.writeFileSync(target, text)
      }
    }
  }
  if (process.exitCode !== 1) console.log(`docs/api: ${pages.size} pages, current`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
