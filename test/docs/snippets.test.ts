import * as fs from "node:fs"
import * as path from "node:path"
import ts from "typescript"
import { assert, describe, it } from "vitest"
import { allBlocks, at, root } from "./blocks.js"

const all = allBlocks.filter(({ language }) => language === "ts")

/** "```ts of FILE" quotes a file of the repository, which is compiled with the rest of it. */
const quotes = all.filter(({ words }) => words[0] === "of")

const snippets = all.filter(({ words }) => words[0] !== "of")

const named = snippets.map((block, index) => {
  const name = /^\/\/ ([a-z0-9-]+)\.ts\b/.exec(block.text)?.[1]
  // In the folder of the examples, so that imports resolve as they do there.
  return { block, name, file: path.join(root, "docs", "examples", `snippet-${index}-${name ?? "unnamed"}.ts`) }
})

const compile = (sources: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile, readFile } = host
  host.fileExists = (file) => sources.has(file) || fileExists(file)
  host.readFile = (file) => sources.get(file) ?? readFile(file)
  host.getSourceFile = (file, version, ...rest) => {
    const text = sources.get(file)
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version, true)
  }
  const program = ts.createProgram([...sources.keys()], { ...options, noUnusedLocals: false }, host)
  return new Map([...sources.keys()].map((file) => {
    const source = program.getSourceFile(file)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return [
      file,
      found.map(({ messageText, start }) =>
        `line ${ts.getLineAndCharacterOfPosition(source!, start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`)
    ]
  }))
}

describe("TypeScript in the guides", () => {
  it("begins with the name of its file", () => {
    assert.isAbove(snippets.length, 5)
    for (const { block, name } of named) assert.isDefined(name, at(block))
  })

  it("is quoted as it stands", () => {
    assert.isAbove(quotes.length, 3)
    for (const block of quotes) {
      assert.include(fs.readFileSync(path.join(root, block.words[1] ?? ""), "utf8"), block.text, at(block))
    }
  })

  it("compiles against the sources", () => {
    const faults = compile(new Map(named.map(({ block, file }) => [file, block.text])))
    for (const { block, file } of named) assert.deepStrictEqual(faults.get(file), [], at(block))
  }, 120_000)

  it("would not pass if it did not compile", () => {
    const file = path.join(root, "docs", "examples", "snippet-wrong.ts")
    const faults = compile(new Map([[file, `import { Script } from "execution-interface-manager"\nScript.make({ decide: () => 1 })\n`]]))
    assert.lengthOf(faults.get(file) ?? [], 1)
  }, 120_000)
})
