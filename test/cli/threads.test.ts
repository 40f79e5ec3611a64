import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as ScriptThread from "../../src/cli/ScriptThread.js"
import { build, directory, eim, main } from "./eim.js"

const script = (decide: string, before = ""): string => `
import { Effect } from "effect"
import * as fs from "node:fs"
${before}
export const used = [Effect, fs]
export default { every: "8 hours", decide: (): any => { ${decide} } }
`

/** Writes a file, so that it is known that the processor is busy from then on. */
const busy = "fs.writeFileSync(\"busy\", \"\"); while (true) {}"

interface Case {
  readonly source: string
  readonly says: string
  /** Whether the message has the line. */
  readonly placed: boolean
}

const ended: { readonly [name: string]: Case } = {
  "calls process.exit": { source: script("process.exit(0)"), says: "process.exit(0)", placed: true },
  "calls process.exit while it is loaded": { source: script("return []", "process.exit()"), says: "process.exit()", placed: true },
  "calls process.exit and goes on": { source: script("try { process.exit(0) } catch {} return []"), says: "process.exit(0)", placed: true },
  "sets an exit code and fails": { source: script("process.exitCode = 0; throw new Error(\"no more\")"), says: "no more", placed: true },
  "calls process.abort": { source: script("process.abort()"), says: "process.abort()", placed: true },
  "waits for ever while it is loaded": { source: script("return []", "await new Promise(() => {})"), says: "waits for what never comes", placed: false },
  "waits for ever": { source: script("return Effect.promise(() => new Promise(() => {}))"), says: "waits for what never comes", placed: false },
  "throws in a timer": {
    source: script("return Effect.as(Effect.sleep(\"5 seconds\"), [])", "setTimeout(() => { throw new Error(\"too late\") }, 1)"),
    says: "too late",
    placed: true
  },
  "leaves a promise that fails": {
    source: script("return Effect.as(Effect.sleep(\"5 seconds\"), [])", "void Promise.reject(new Error(\"unheard\"))"),
    says: "unheard",
    placed: true
  }
}

const fileOf = (name: string): string => `${name.replaceAll(/[^a-z]/gi, "-")}.ts`

let cwd: string

beforeAll(() => {
  build()
  cwd = directory({
    ...Object.fromEntries(Object.entries(ended).map(([name, { source }]) => [fileOf(name), source])),
    "busy/decide.ts": script(busy),
    "busy/load.ts": script("return []", busy),
    "left.ts": script("return []", "setInterval(() => {}, 1000)"),
    "talks.ts": script("return []", "console.log(\"said by the script\")")
  })
}, 240_000)

afterAll(() => fs.rmSync(cwd, { recursive: true, force: true }))

const window = ["--from", "2024-06-01T00:00Z", "--to", "2024-06-02T00:00Z"]

describe("a script that", () => {
  for (const [name, { placed, says }] of Object.entries(ended)) {
    it(`${name} is no success`, async () => {
      const { code, err, out } = await eim(["backtest", fileOf(name), ...window, "--id", "ended", "--force", "--json"], { cwd })
      assert.strictEqual(code, 1, err)
      assert.include(err, says)
      if (placed) assert.match(err, new RegExp(`${fileOf(name)}:\\d+:\\d+`))
      // A run that came to its end in spite of it is printed before.
      const last = out.slice(out.lastIndexOf("\n{\n") + 1)
      assert.strictEqual(JSON.parse(last).error.code, "SCRIPT")
    }, 60_000)
  }

  it("leaves a timer behind ends with its run", async () => {
    const { code, err } = await eim(["backtest", "left.ts", ...window], { cwd })
    assert.deepStrictEqual([code, err], [0, ""])
  }, 60_000)

  it("prints has its text where the output goes", async () => {
    const { code, out } = await eim(["backtest", "talks.ts", ...window], { cwd })
    assert.strictEqual(code, 0)
    assert.isTrue(out.startsWith("said by the script\n"))
  }, 60_000)
})

describe("a script that never lets go of the processor", () => {
  const stopping: ReadonlyArray<readonly [signal: NodeJS.Signals, code: number, file: string, times: number]> = [
    ["SIGINT", 130, "decide.ts", 1],
    ["SIGTERM", 143, "load.ts", 1],
    ["SIGTERM", 143, "decide.ts", 2]
  ]
  for (const [signal, expected, file, times] of stopping) {
    it(`is ended by ${signal}${times === 1 ? "" : ", at once by a second one"}: ${file}`, async () => {
      const folder = path.join(cwd, "busy")
      fs.rmSync(path.join(folder, "busy"), { force: true })
      const child = spawn(process.execPath, [main, "backtest", file, "--id", "busy"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] })
      let err = ""
      child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text))
      const exit = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) =>
        child.on("close", (code, signal) => resolve([code, signal])))
      while (!fs.existsSync(path.join(folder, "busy"))) await new Promise((resolve) => setTimeout(resolve, 20))
      child.kill(signal)
      if (times > 1) setTimeout(() => child.kill(signal), 200)
      const [code, by] = await exit
      // Who asks twice ends the process as any program is ended, by the signal itself.
      assert.deepStrictEqual([code, by], times === 1 ? [expected, null] : [null, signal], err)
      if (times === 1) assert.include(err, "does not let go of the processor")
      assert.isFalse(fs.existsSync(path.join(folder, "results", "busy")))
    }, 60_000)
  }
})

describe("a thread", () => {
  it("is made for programs alone", () => {
    const needed: ReadonlyArray<readonly [words: string, needed: boolean]> = [
      ["backtest a.ts", true],
      ["backtest --json a.mjs --id x", true],
      ["backtest -- a.js", true],
      ["backtest a.jsonl", false],
      ["backtest a.ts --help", false],
      ["backtest a.ts --nothing", false],
      ["help backtest", false],
      ["route a.ts --at now", false]
    ]
    for (const [words, expected] of needed) assert.strictEqual(ScriptThread.isNeeded(words.split(" ")), expected, words)
  })
})
