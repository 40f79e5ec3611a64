import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { assert, describe } from "vitest"
import * as Completions from "../../src/cli/Completions.js"
import * as Usage from "../../src/cli/Usage.js"
import { app, directory } from "./eim.js"

const folder = directory({ "blocks.jsonl": "", "market/a b.csv": "" })

/** What bash makes of the words, the last of which the cursor is on. */
const completed = (...words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const typed = words.map((word) => `'${word}'`).join(" ")
  const program = `source <(printf '%s' "$SCRIPT"); COMP_WORDS=(eim ${typed}); COMP_CWORD=${words.length}; _eim; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { status, stderr, stdout } = spawnSync("bash", ["--norc", "-c", program], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], SCRIPT: Completions.script("bash") }
  })
  assert.strictEqual(status, 0, stderr)
  assert.strictEqual(stderr, "")
  return stdout.split("\n").filter((word) => word !== "")
}

describe("completion in bash", () => {
  it("offers commands, the second words of those of two, and help", () => {
    assert.deepStrictEqual(completed("ba"), ["backtest"])
    assert.deepStrictEqual(completed("data", ""), ["import", "check", "load", "--help"])
    assert.deepStrictEqual(completed("events", "t"), ["tail"])
    assert.includeMembers([...completed("")], Object.keys(Usage.commands).map((name) => name.split(" ")[0]!))
    assert.includeMembers([...completed("help", "")], ["backtest", "data"])
  })

  it("offers every option of every command", () => {
    for (const { flags, name } of Object.values(Usage.commands)) {
      assert.sameMembers([...completed(...name.split(" "), "--")], [...flags.map((flag) => `--${flag.name}`), "--help"], name)
    }
  })

  it("offers the values of options and arguments", () => {
    assert.deepStrictEqual(completed("data", "import", "x.csv", "--on-conflict", ""), ["refuse", "first", "last"])
    assert.deepStrictEqual(completed("schema", "re"), ["report", "result", "refusal"])
    assert.deepStrictEqual(completed("completions", ""), [...Completions.shells])
    assert.deepStrictEqual(completed("backtest", "bl"), ["blocks.jsonl"])
    assert.deepStrictEqual(completed("backtest", "x.jsonl", "--data", "ma"), ["market"])
    assert.deepStrictEqual(completed("data", "import", "market/a"), ["market/a b.csv"])
    assert.deepStrictEqual(completed("backtest", "--id", ""), [])
    assert.deepStrictEqual(completed("nothing", "x"), [])
  })
})

describe("completion in other shells", () => {
  it("knows every command and option too", () => {
    for (const shell of ["zsh", "fish"] as const) {
      const script = Completions.script(shell)
      for (const { flags, name } of Object.values(Usage.commands)) {
        for (const word of name.split(" ")) assert.include(script, word)
        for (const flag of flags) assert.include(script, shell === "fish" ? `-l ${flag.name} ` : `--${flag.name}[`)
      }
    }
  })

  it.effect("is refused where there is none", () =>
    Effect.gen(function*() {
      const { code, err } = yield* app(["completions", "csh"])
      assert.strictEqual(code, 2)
      assert.include(err, "expected one of bash, zsh, fish")
      assert.strictEqual((yield* app(["completions", "fish"])).out, Completions.script("fish"))
    }))
})
