import * as fs from "node:fs"
import { afterAll, assert, describe, it } from "vitest"
import { at, pages } from "./blocks.js"
import { all, folder, matches, omission, run } from "./console.js"
import { faultOf } from "./outputs.js"

const folders = new Map(pages.filter((page) => all.some(({ block }) => block.page === page)).map((page) => [page, folder(page)]))

afterAll(() => {
  for (const made of folders.values()) fs.rmSync(made, { recursive: true, force: true })
})

describe("what the pages show of the command", () => {
  it.each(all.map((session) => [`${at(session.block)} ${session.command}`, session] as const))("%s", async (_, { block, command, expected }) => {
    const printed = await run(command, folders.get(block.page)!)
    if (!matches(expected, printed)) assert.deepStrictEqual(printed, expected, "npx tsx test/docs/console.ts --write")
    const [kind] = block.words
    if (kind !== undefined) assert.isUndefined(faultOf(kind, printed.join("\n")), at(block))
  }, 180_000)

  it("is compared line by line, but for what is left out", () => {
    assert.isTrue(matches(["a", omission, "c"], ["a", "b", "b", "c"]))
    assert.isTrue(matches(["a", omission], ["a"]))
    assert.isFalse(matches(["a", omission, "c"], ["a", "b"]))
    assert.isFalse(matches(["a"], ["a", "b"]))
    assert.isFalse(matches(["a", omission, "c"], ["b", "c"]))
  })
})
