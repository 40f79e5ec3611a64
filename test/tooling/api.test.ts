import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as fc from "effect/FastCheck"
import ts from "typescript"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { page, read, render, stale, strays } from "../../.config/api.js"
import { modules } from "../../.config/exports.js"
import { wrap } from "../../.config/signature.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Rpc from "../../src/evm/Rpc.js"
import * as Venue from "../../src/venue/Venue.js"

const src = fileURLToPath(new URL("../../src", import.meta.url))

const names = modules(src)
const rendered = render(src)

const header = "/** What is tested. @since 0.1.0 */\nimport * as Other from \"./Other.js\"\n"

const faultsOf = (text: string): ReadonlyArray<string> => read("domain/Tested", header + text).faults

const pageFor = (text: string): string => {
  const module = read("domain/Tested", header + text)
  return page(new Map([[module.name, module]]), module)
}

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "")

/** The anchors of a page as GitHub makes them. */
const anchors = (text: string): ReadonlyArray<string> => {
  const slugs = [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replace(/ /g, "-"))
  return slugs.map((slug, at) => {
    const before = slugs.slice(0, at).filter((other) => other === slug).length
    return before === 0 ? slug : `${slug}-${before}`
  })
}

const headings = (text: string): ReadonlyArray<string> => [...text.matchAll(/^### (.+)$/gm)].map(([, name]) => name!)

describe("the reference", () => {
  it("has a page for every public module and one that lists them", () => {
    assert.isAbove(names.length, 100)
    assert.sameMembers([...rendered.pages.keys()], ["README.md", ...names.map((name) => `${name}.md`)])
    const list = rendered.pages.get("README.md")!
    for (const name of names) assert.include(list, `](${name}.md)`)
  })

  it("names every value that a module exports, once", () => {
    for (const [file, module] of [["domain/Decimal", Decimal], ["evm/Rpc", Rpc], ["venue/Venue", Venue]] as const) {
      const named = headings(rendered.pages.get(`${file}.md`)!)
      assert.includeMembers([...named], Object.keys(module).filter((name) => name !== "journaled"), file)
      assert.lengthOf(named, new Set(named).size, file)
    }
    assert.notInclude(rendered.pages.get("venue/Venue.md"), "journaled")
  })

  it("shows TypeScript", () => {
    let count = 0
    for (const [file, text] of rendered.pages) {
      const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
      const { diagnostics } = ts.transpileModule(blocks.join("\n"), { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ES2022 } })
      assert.deepStrictEqual(diagnostics?.map(({ messageText, start }) => [start, messageText]), [], file)
      count += blocks.length
    }
    assert.isAbove(count, 600)
  })

  it("links to what there is", () => {
    let count = 0
    for (const [file, text] of rendered.pages) {
      for (const [, target] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
        const [to = "", anchor] = target!.split("#")
        const found = to === "" ? file : path.posix.join(path.posix.dirname(file), to)
        if (found.startsWith("../")) {
          assert.isTrue(fs.existsSync(path.join(src, "..", "docs", "api", found)), `${file}: ${target}`)
          continue
        }
        const other = rendered.pages.get(found)
        assert.isDefined(other, `${file}: ${target}`)
        if (anchor !== undefined) assert.include(anchors(other!), anchor, `${file}: ${target}`)
        count++
      }
    }
    assert.isAbove(count, 700)
  })
})

describe("an exported declaration", () => {
  it("needs a docstring with a category and a version", () => {
    assert.deepStrictEqual(faultsOf("/** The one. @category constants @since 0.1.0 */\nexport const one = 1\n"), [])
    assert.include(faultsOf("export const one = 1\n"), "src/domain/Tested.ts:3 one has no docstring")
    assert.deepStrictEqual(faultsOf("/** The one. @since 0.1.0 */\nexport const one = 1\n"), [
      "src/domain/Tested.ts:4 one has no @category or no @since"
    ])
    assert.lengthOf(faultsOf("/** The one. @category models */\nexport interface One {}\n"), 1)
    assert.lengthOf(faultsOf("export { one } from \"./Other.js\"\n"), 1)
    assert.lengthOf(faultsOf("export default 1\n"), 1)
    assert.lengthOf(read("domain/Tested", "import \"./Other.js\"\n").faults, 1)
  })

  it("needs a sentence that says what it is", () => {
    const tags = "@category models @since 0.1.0"
    const missing = ["src/domain/Tested.ts One has no sentence that says what it is"]
    assert.deepStrictEqual(faultsOf(`/** ${tags} */\nexport interface One {}\n`), missing)
    assert.deepStrictEqual(faultsOf(`/** One. ${tags} */\nexport interface One {}\n`), missing)
    assert.deepStrictEqual(faultsOf(`/** The one that is ${tags} */\nexport interface One {}\n`), missing)
    assert.deepStrictEqual(faultsOf(`/** The first of them. ${tags} */\nexport interface One {}\n`), [])
    assert.deepStrictEqual(faultsOf(`/**\n * The first of \`them\`:\n *\n * - a\n *\n * ${tags.replace(" @s", "\n * @s")}\n */\nexport interface One {}\n`), [])
    // A type and a value of one name are one entry: a sentence of either speaks for both.
    const both = `/** ${tags} */\nexport type One = typeof One.Type\n/** How the one is written. ${tags} */\nexport const One: Schema<1> = text\n`
    assert.deepStrictEqual(faultsOf(both), [])
    assert.deepStrictEqual(faultsOf("/** @internal */\nexport const hidden = 1\n"), [])
  })

  it("says what it gives", () => {
    const doc = "/** Half of it. @category combinators @since 0.1.0 */\n"
    assert.lengthOf(faultsOf(`${doc}export const half = (n: bigint) => n / 2n\n`), 1)
    assert.lengthOf(faultsOf(`${doc}export const half = (n: bigint) => (m: bigint) => n / m\n`), 1)
    assert.lengthOf(faultsOf(`${doc}export const half = Effect.fnUntraced(function*(n: bigint) { return n / 2n })\n`), 1)
    assert.lengthOf(faultsOf(`${doc}export const half = (n: bigint): bigint => n / 2n\n`), 0)
  })

  it("stands as it is written, without its body", () => {
    const doc = "/** It. @category combinators @since 0.1.0 */\n"
    const shown = (text: string): string => /^```ts\n(?!import)([\s\S]*?)\n```$/m.exec(pageFor(doc + text))![1]!
    assert.strictEqual(shown("export const f = <A>(a: A, n = 2): A => a\n"), "export const f: <A>(a: A, n?: number) => A")
    assert.strictEqual(
      shown("export const f = (a: string) => (b: string): boolean => a === b\n"),
      "export const f: (a: string) => (b: string) => boolean"
    )
    assert.strictEqual(
      shown("export const f = Effect.fnUntraced(function*(n: bigint): Effect.fn.Return<bigint, E, R> { return n })\n"),
      "export const f: (n: bigint) => Effect.Effect<bigint, E, R>"
    )
    assert.strictEqual(
      shown("export class A extends B<{ readonly c: string }> {\n  private readonly d = 1\n  /** Text. */\n  get e(): string {\n    return this.c\n  }\n}\n"),
      "export class A extends B<{ readonly c: string }> {\n  /** Text. */\n  get e(): string\n}"
    )
    assert.notInclude(pageFor("/** @internal */\nexport const hidden = 1\n"), "hidden")
  })

  it("shares its heading with the type of its name", () => {
    const text = pageFor([
      "/** What it is. @category models @since 0.1.0 */\nexport type A = string",
      "/** How it is read. @category schemas @since 0.1.0 */\nexport const A: Schema<A> = text\n"
    ].join("\n"))
    assert.deepStrictEqual(headings(text), ["A"])
    for (const part of ["What it is.", "How it is read.", "export type A = string", "export const A: Schema<A>"]) assert.include(text, part)
  })

  it("links only to what there is", () => {
    const module = read("domain/Tested", `${header}/** As {@link two} and {@link Other.three}. @category constants @since 0.1.0 */\nexport const one = 1\n`)
    const other = read("domain/Other", "/** Other. @since 0.1.0 */\n/** Three. @category constants @since 0.1.0 */\nexport const three = 3\n")
    const all = new Map([module, other].map((each) => [each.name, each]))
    assert.deepStrictEqual(strays(all), ["src/domain/Tested.ts {@link two} leads nowhere"])
    assert.include(page(all, module), "As `two` and [`Other.three`](./Other.md#three).")
  })
})

describe("a folder of pages", () => {
  let folder = ""
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "eim-api-"))
    fs.writeFileSync(path.join(folder, "same.md"), "same")
    fs.writeFileSync(path.join(folder, "other.md"), "before")
    fs.writeFileSync(path.join(folder, "gone.md"), "gone")
  })
  afterAll(() => fs.rmSync(folder, { recursive: true }))

  it("is stale where a page differs, is missing or should not be there", () => {
    const pages = new Map([["same.md", "same"], ["other.md", "after"], ["new/page.md", "new"]])
    assert.sameMembers([...stale(folder, pages)], ["other.md", "new/page.md", "gone.md"])
    assert.deepStrictEqual(stale(folder, new Map([["same.md", "same"], ["other.md", "before"], ["gone.md", "gone"]])), [])
  })
})

describe("a long line", () => {
  it("is broken between its parts and nowhere else changed", () => {
    const plain = (text: string): string => text.replace(/\s/g, "")
    const part = fc.constantFrom("(", ")", "{", "}", "<", ">", "[", "]", ", ", "; ", " | ", " => ", "\"a, b\"", "a: Effect.Effect", "readonly b", "\n")
    fc.assert(fc.property(fc.array(part, { maxLength: 120 }), (parts) => {
      assert.strictEqual(plain(wrap(parts.join(""))), plain(parts.join("")))
    }))
    const long = `export const f: (first: ${"A".repeat(40)}, second: ${"B".repeat(40)}) => Effect.Effect<C, D, E>`
    assert.strictEqual(wrap(long), `export const f: (\n  first: ${"A".repeat(40)},\n  second: ${"B".repeat(40)}\n) => Effect.Effect<C, D, E>`)
  })
})
