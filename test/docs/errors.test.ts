import * as ErrorCode from "../../src/domain/ErrorCode.js"
import * as fs from "node:fs"
import { assert, describe, it } from "vitest"
import { render } from "../../.config/errors.js"

const page = fs.readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8")

describe("docs/errors.md", () => {
  it("is what the registry says", () => {
    assert.strictEqual(page, render(ErrorCode.all))
  })

  it("tells of every code its severity, tag, description, resolution and retry", () => {
    assert.lengthOf(ErrorCode.all, 13)
    for (const entry of ErrorCode.all) {
      const section = page.split("\n## ").find((part) => part.startsWith(`${entry.code} `)) ?? ""
      for (const field of ["message", "severity", "tag", "description", "resolution", "retry"] as const) {
        assert.include(section, entry[field], `${entry.code} ${field}`)
      }
    }
  })

  it("would differ if an entry of the registry did", () => {
    for (const entry of ErrorCode.all) {
      for (const field of ["message", "tag", "description", "resolution"] as const) {
        const changed = ErrorCode.all.map((other) => (other === entry ? { ...entry, [field]: "other" } : other))
        assert.notStrictEqual(render(changed), page)
      }
    }
  })
})
