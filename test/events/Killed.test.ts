import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const writer = fileURLToPath(new URL("writer.ts", import.meta.url))

/** Kills the writer after about so many events, and gives what it said to be in the log. */
const killedAfter = (file: string, run: number, count: number): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", writer, file, `${run}`], { stdio: ["ignore", "pipe", "pipe"] })
    let out = ""
    let err = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text))
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text
      if (out.split("\n").length > count) child.kill("SIGKILL")
    })
    child.on("error", reject)
    child.on("close", (_, signal) => {
      if (signal === "SIGKILL") resolve(out.split("\n").slice(0, -1))
      else reject(new Error(err))
    })
  })

describe("a process that is killed while it writes", () => {
  it("has in the log whatever it said to be there, and the next one goes on after it", async () => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "eim-")), "events.jsonl")
    const acknowledged: Array<string> = []
    for (const [run, count] of [7, 13, 21].entries()) acknowledged.push(...(await killedAfter(file, run, count)))
    assert.isAtLeast(acknowledged.length, 41)
    const text = fs.readFileSync(file, "utf8")
    const events = text.slice(0, text.lastIndexOf("\n")).split("\n").map((line) => JSON.parse(line))
    assert.deepStrictEqual(events.map(({ order }) => order), events.map((_, i) => i + 1))
    const written = new Set(events.map(({ data }) => data.id))
    assert.deepStrictEqual(acknowledged.filter((id) => !written.has(id)), [])
    // Of each run at most one event more than it said.
    assert.isAtMost(events.length, acknowledged.length + 3)
  }, 60_000)
})
