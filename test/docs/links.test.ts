import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { pages, root, textOf } from "./blocks.js"

const decisions = fs.readdirSync(path.join(root, "docs", "decisions")).filter((name) => name.endsWith(".md")).map((name) => `docs/decisions/${name}`)

const all = [...pages, "docs/errors.md", "docs/events.md", "docs/examples/data/README.md", ...decisions]

const prose = (page: string): string => textOf(page).replace(/^```[\s\S]*?^```$/gm, "")

/** The anchor of a heading, as GitHub makes it. */
const slug = (heading: string): string => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replace(/ /g, "-")

const anchors = (page: string): ReadonlyArray<string> => [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading!))

const links = all.flatMap((page) =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({ page, target: target! })).filter(({ target }) => !/^[a-z]+:/.test(target)))

describe("the pages", () => {
  it("link to what there is", () => {
    assert.isAbove(links.length, 40)
    for (const { page, target } of links) {
      const [file = "", anchor] = target.split("#")
      const found = file === "" ? page : path.posix.join(path.posix.dirname(page), file)
      assert.isTrue(fs.existsSync(path.join(root, found)), `${page}: ${target}`)
      if (anchor !== undefined) assert.include(anchors(found), anchor, `${page}: ${target}`)
    }
  })

  it("of the README are part of the package", () => {
    const { files } = JSON.parse(textOf("package.json"))
    for (const { page, target } of links.filter(({ page, target }) => page === "README.md" && !target.startsWith("#"))) {
      const found = path.posix.join(path.posix.dirname(page), target.split("#")[0]!)
      const parts = found.split("/").map((_, i, all) => all.slice(0, i + 1).join("/"))
      assert.isTrue(found === "LICENSE" || parts.some((part) => files.includes(part)), target)
    }
  })

  it("name versions that the package is tested with", () => {
    const { devDependencies, peerDependencies } = JSON.parse(textOf("package.json"))
    let named = 0
    for (const page of pages) {
      for (const [, command] of textOf(page).matchAll(/^npm install (.*@\^?\d.*)$/gm)) {
        for (const [, name, range] of command!.matchAll(/((?:@[\w-]+\/)?[\w-]+)@(\^?[\d.]+)/g)) {
          named++
          const isTested = range!.startsWith("^") ? peerDependencies[name!] === range : `${devDependencies[name!]}.`.startsWith(`${range}.`)
          assert.isTrue(isTested, `${page}: ${name}@${range}`)
        }
      }
    }
    assert.isAbove(named, 5)
  })

  it("are all linked from the index", () => {
    const targets = links.filter(({ page }) => page === "docs/README.md").map(({ target }) => path.posix.join("docs", target.split("#")[0]!))
    for (const page of pages) {
      if (page.startsWith("docs/guides/")) assert.include(targets, page)
    }
  })

  it("name no place of the machine they were written on", () => {
    for (const page of all) assert.notMatch(textOf(page), /(?:^|[\s"'`(])\/(?:work|tmp|home|root|Users)\//m, page)
  })
})
