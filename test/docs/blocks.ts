import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))))

/** One fenced block of a page: "```json instruction" has the language `json` and the words `["instruction"]`. */
export interface Block {
  readonly page: string
  /** Line of the fence, from 1. */
  readonly line: number
  readonly language: string
  readonly words: ReadonlyArray<string>
  readonly text: string
}

/** The pages whose blocks are held to what they say. */
export const pages: ReadonlyArray<string> = [
  "README.md",
  "docs/README.md",
  ...fs.readdirSync(path.join(root, "docs", "guides")).filter((name) => name.endsWith(".md")).sort().map((name) => `docs/guides/${name}`)
]

export const textOf = (page: string): string => fs.readFileSync(path.join(root, page), "utf8")

/** The fenced blocks of a page, in order. A fence that is not closed is an error of the page. */
export const blocksOf = (page: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  let open: { line: number; info: string; lines: Array<string> } | undefined
  for (const [index, line] of textOf(page).split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) {
      open?.lines.push(line)
    } else if (open === undefined) {
      open = { line: index + 1, info: fence[1]!.trim(), lines: [] }
    } else {
      const [language = "", ...words] = open.info.split(/\s+/)
      blocks.push({ page, line: open.line, language, words, text: open.lines.join("\n") })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: the fence is not closed`)
  return blocks
}

export const allBlocks: ReadonlyArray<Block> = pages.flatMap(blocksOf)

export const at = (block: Block): string => `${block.page}:${block.line}`
