/**
 * The commands of the pages and what they print:
 *
 *     tsx test/docs/console.ts --write [PAGE…]
 *
 * runs every block "```console" and writes what comes out into the pages. A line "…" stands for lines left out: as many
 * lines as stand before and after it are kept. "```console report" also says what is printed: see `outputs.ts`.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { allBlocks, type Block, blocksOf, pages, root, textOf } from "./blocks.js"

export const omission = "…"

export interface Session {
  readonly block: Block
  readonly command: string
  readonly expected: ReadonlyArray<string>
}

/** One command a block: "$ command" and what it prints. */
const sessionsOf = (blocks: ReadonlyArray<Block>): ReadonlyArray<Session> =>
  blocks.filter(({ language }) => language === "console").map((block) => {
    const [first = "", ...expected] = block.text.split("\n")
    if (!first.startsWith("$ ")) throw new Error(`${block.page}:${block.line}: a console begins with "$ "`)
    return { block, command: first.slice(2), expected }
  })

/** A folder as a newcomer has it: the checkout's documents, and the files that the blocks of a page are written to. */
export const folder = (page: string): string => {
  const parent = path.join(root, "results")
  fs.mkdirSync(parent, { recursive: true })
  const made = fs.mkdtempSync(path.join(parent, ".docs-"))
  fs.symlinkSync(path.join(root, "docs"), path.join(made, "docs"))
  for (const { language, text, words } of blocksOf(page)) {
    const name = language === "ts" ? /^\/\/ ([a-z0-9-]+\.ts)\b/.exec(text)?.[1] : words.find((word) => /\.(?:jsonl?|csv)$/.test(word))
    if (name !== undefined) fs.writeFileSync(path.join(made, name), `${text}\n`)
  }
  return made
}

/** Exit code of a command of the checkout that could not start: see `.config/ensure.mjs`. */
const unbuilt = 70

/** What a command prints, on both streams, without the warnings of npm about its own settings. */
export const run = (command: string, cwd: string): Promise<ReadonlyArray<string>> => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(FORCE_COLOR|NODE_OPTIONS|VITEST.*|BASIS_.*)$/.test(name)))
  return new Promise((resolve, reject) => {
    const child = spawn(`{ ${command}; } 2>&1`, { cwd, shell: true, stdio: ["ignore", "pipe", "inherit"], env: { ...env, NO_COLOR: "1" } })
    let text = ""
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part
    })
    child.on("error", reject)
    child.on("close", (code) => {
      if (code === unbuilt) return reject(new Error(`the checkout does not compile:\n${text}`))
      const lines = text.trimEnd().split("\n").map((line) => line.trimEnd())
      return resolve(lines.filter((line) => !line.startsWith("npm warn") && line !== "compiling src to dist"))
    })
  })
}

/** Whether the lines are those expected, "…" standing for any number of them. */
export const matches = (expected: ReadonlyArray<string>, actual: ReadonlyArray<string>): boolean => {
  const at = expected.indexOf(omission)
  if (at < 0) return expected.length === actual.length && expected.every((line, index) => line === actual[index])
  const before = expected.slice(0, at)
  const rest = expected.slice(at + 1)
  if (!matches(before, actual.slice(0, at))) return false
  for (let from = actual.length; from >= at; from--) {
    if (matches(rest, actual.slice(from))) return true
  }
  return false
}

const shortened = (expected: ReadonlyArray<string>, actual: ReadonlyArray<string>): ReadonlyArray<string> => {
  const at = expected.indexOf(omission)
  if (at < 0 || actual.length < expected.length) return actual
  const after = expected.length - at - 1
  return [...actual.slice(0, at), omission, ...(after === 0 ? [] : actual.slice(-after))]
}

const write = async (page: string): Promise<void> => {
  const sessions = sessionsOf(blocksOf(page))
  if (sessions.length === 0) return
  const cwd = folder(page)
  let text = textOf(page)
  for (const { block, command, expected } of sessions) {
    const printed = await run(command, cwd)
    text = text.replace(block.text, () => [`$ ${command}`, ...shortened(expected, printed)].join("\n"))
  }
  fs.writeFileSync(path.join(root, page), text)
  fs.rmSync(cwd, { recursive: true, force: true })
}

export const all: ReadonlyArray<Session> = sessionsOf(allBlocks)

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes("--write")) {
  const named = process.argv.slice(2).filter((word) => word !== "--write")
  for (const page of named.length === 0 ? pages : named) await write(page)
}
