import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Pretty from "../../src/cli/Pretty.js"
import * as Style from "../../src/cli/Style.js"
import * as Table from "../../src/cli/Table.js"
import type { Json } from "../../src/domain/Json.js"
import { app, build, directory, main } from "./eim.js"

const event = JSON.stringify({ order: 1, timestamp: "2024-06-01T00:00:00Z", event_type: "error", component: "x", data: {} })

const supply = { instruction_type: "smart_contract_action", protocol: "aave", action: "supply", token: "USDT", amount: "1" }

const at = "2024-06-01T00:00Z"

const files = {
  "block.json": supply,
  "held.json": { wallet: { USDT: "10", ETH: "1" } },
  "days.jsonl": JSON.stringify({ timestamp: at, instruction_block: supply }),
  "candles.csv": "timestamp,open,high,low\n2024-06-01T00:00Z,3762,3770,3750\n2024-06-01T01:00Z,3755,3790,3750\n",
  "market/eth.csv": "timestamp,price.ETH\n2024-06-01T00:00Z,3762\n",
  "log.jsonl": `${event}\n`
}

let cwd: string

beforeAll(() => {
  build()
  cwd = directory(files)
}, 240_000)

afterAll(() => fs.rmSync(cwd, { recursive: true, force: true }))

const shell = (command: string): { readonly code: number | null; readonly err: string } => {
  const { NO_COLOR: _no, FORCE_COLOR: _force, NODE_OPTIONS: _options, ...env } = process.env
  const ran = spawnSync("bash", ["-c", command.replace(/^eim/, `${process.execPath} ${main}`)], { cwd, env, encoding: "utf8" })
  return { code: ran.status, err: ran.stderr }
}

describe.skipIf(!fs.existsSync("/dev/full"))("an output that cannot be written", () => {
  const printing = [
    "eim --help",
    "eim --version",
    "eim help data",
    "eim backtest --help",
    "eim errors",
    "eim errors --json",
    "eim schema config",
    "eim completions bash",
    `eim route block.json --at ${at} --balances held.json`,
    `eim route block.json --at ${at} --balances held.json --json`,
    "eim backtest days.jsonl --balances held.json --id printed",
    "eim data check market",
    "eim data check market --json",
    "eim data import candles.csv --token ETH",
    "eim data load market --db file::memory:",
    "eim events tail --file log.jsonl",
    "eim events tail --file log.jsonl --json",
    "eim events tail --file log.jsonl --follow",
    "eim events export --file log.jsonl --out table.csv"
  ]
  for (const command of printing) {
    it(`is no success: ${command}`, () => {
      const { code, err } = shell(`${command} > /dev/full`)
      assert.strictEqual(code, 3, err)
      assert.include(err, "standard output cannot be written: there is no space left")
    }, 60_000)
  }

  it("is none on standard error either", () => {
    assert.strictEqual(shell("eim data import candles.csv --token ETH 2> /dev/full > /dev/null").code, 3)
  }, 60_000)

  it("does not hide why the command failed", () => {
    assert.strictEqual(shell("eim schema nothing > /dev/full").code, 2)
    assert.strictEqual(shell("eim schema nothing 2> /dev/full").code, 2)
    assert.strictEqual(shell("eim route none.json --at 2024-06-01T00:00Z --json > /dev/full").code, 3)
  }, 60_000)
})

describe("an output that its reader closes", () => {
  for (const command of ["eim errors", "eim schema config", "eim --help"]) {
    it(`ends the command in silence: ${command}`, () => {
      // A reader that is gone before the first byte.
      const { code, err } = shell(`${command} | true; exit \${PIPESTATUS[0]}`)
      assert.include([0, 141], code)
      assert.strictEqual(err, "")
    }, 60_000)
  }

  it("has the code of SIGPIPE", async () => {
    const child = spawn(process.execPath, [main, "events", "tail", "--file", "log.jsonl", "--follow"], { cwd, stdio: ["ignore", "pipe", "pipe"] })
    let err = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text))
    await new Promise((resolve) => child.stdout.once("data", resolve))
    child.stdout.destroy()
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
    fs.appendFileSync(path.join(cwd, "log.jsonl"), `${event}\n`)
    assert.deepStrictEqual([await ended, err], [141, ""])
  }, 60_000)
})

const coloured = Style.make({ color: true })

/** The codes of the colours that there are. */
const colours = new RegExp("\\u001b\\[(?:1|2|22|31|32|33|36|39)m", "g")

// Spelt by its parts, so that it is not read from what it tests.
const obeyed = (text: string): ReadonlyArray<string> =>
  [...text].filter((character) => {
    const code = character.codePointAt(0)!
    return (code < 0x20 && character !== "\n") || (code >= 0x7f && code <= 0x9f) || code === 0x61c || code === 0x200e || code === 0x200f ||
      (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0x2028 || code === 0x2029
  })

const odd = FastCheck.constantFrom(
  "\u001b[2J", "\u001b[31m", "\u001b[8m", "\u001b]0;t\u0007", "\u009b2J", "\u009d", "\u0085", "\u007f", "\r", "\b", "\t", "\n", "\0",
  "\u202e", "\u2066", "\u200f", "\u061c", "\u2028", "\ud800", "\u001b[31;123456789m"
)

/** Any text, with something in it that a terminal obeys. */
const hostile = FastCheck.array(FastCheck.oneof(odd, FastCheck.fullUnicodeString({ maxLength: 4 })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""))

const noNul = hostile.map((text) => text.replaceAll("\0", "")).filter((text) => text !== "")

describe("what a terminal obeys", () => {
  it("leaves the program as its escape, and text without it as it is", () => {
    FastCheck.assert(FastCheck.property(hostile, (text) => assert.deepStrictEqual(obeyed(Style.render(text)), [])))
    FastCheck.assert(FastCheck.property(
      FastCheck.string(),
      (text) => assert.strictEqual(Style.render(text), text)
    ))
    assert.strictEqual(Style.render("a\u001b[2J\u009b\u202e\nü"), "a\\u001b[2J\\u009b\\u202e\nü")
  })

  it("is told from the colours of this program", () => {
    FastCheck.assert(FastCheck.property(hostile, FastCheck.constantFrom<keyof Style.Style>("red", "bold", "dim"), (text, name) => {
      const paint = coloured[name]
      if (typeof paint === "number") return
      const [open, close] = Style.render(paint("\u0001")).split("\\u0001")
      assert.strictEqual(Style.render(paint(text)), `${open}${Style.render(text)}${close}`)
    }))
  })

  it("keeps the columns of a table in line", () => {
    FastCheck.assert(FastCheck.property(hostile, (text) => {
      const lines = Table.lines(coloured, [{ head: "a" }, { head: "b" }], [[text, coloured.red(`x${text}`)], ["short", "y"]])
      assert.lengthOf(lines, 3)
      assert.deepStrictEqual(obeyed(Style.render(lines.join("\n")).replace(colours, "")), [])
    }))
  })

  it("is escaped in JSON, whose values stay the same", () => {
    FastCheck.assert(FastCheck.property(FastCheck.dictionary(hostile, FastCheck.oneof(hostile, FastCheck.array(hostile))), (value) => {
      const text = Pretty.json(value as Json)
      assert.deepStrictEqual(obeyed(text), [])
      assert.deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }))
  })

  const quiet = (args: ReadonlyArray<string>, style: Style.Style) =>
    Effect.map(app(args, { style }), ({ err, out }) => {
      const told = out + err
      assert.deepStrictEqual(obeyed(style === coloured ? told.replace(colours, "") : told), [])
      // Of the colours, those of a foreign text are not among them.
      assert.notInclude(told, "\u001b[8m")
    })

  it.effect("is not told of an argument, wherever it stands", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(noNul, FastCheck.constantFrom(Style.plain, coloured), FastCheck.boolean(), (text, style, json) => {
          const more = json ? ["--json"] : []
          return Effect.runPromise(Effect.forEach([
            [text],
            ["help", text],
            ["schema", text],
            ["route", text, "--at", at],
            ["route", path.join(cwd, "block.json"), "--at", text],
            ["route", path.join(cwd, "block.json"), "--at", at, "--balances", text],
            ["route", path.join(cwd, "block.json"), "--at", at, `--${text}`],
            ["backtest", `${text}.jsonl`],
            ["backtest", path.join(cwd, "days.jsonl"), "--id", text],
            ["data", "check", text],
            ["data", "import", path.join(cwd, "candles.csv"), "--token", text],
            ["events", "tail", "--file", text],
            ["events", "export", "--file", text, "--out", "x"]
          ], (args) => quiet([...args, ...more], style), { discard: true }))
        }),
        { numRuns: 25 }
      )), 120_000)

  it.effect("is not told of a file, whatever stands in it or in its name", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(noNul, FastCheck.constantFrom(Style.plain, coloured), FastCheck.boolean(), (text, style, json) => {
          const name = text.replaceAll("/", "").slice(0, 40).replace(/^\.+$/, "x") || "x"
          const folder = directory({
            "block.json": { block_id: text, instructions: [{ ...supply, token: "USDT" }] },
            "token.json": { ...supply, token: text },
            "field.json": { ...supply, [text]: 1 },
            "text.json": `{"a": ${text}`,
            "held.json": { wallet: { USDT: "10", ETH: "1" } },
            "odd.json": { [text]: { [text]: text } },
            "days.jsonl": JSON.stringify({ timestamp: at, instruction_block: { block_id: text, instructions: [supply] } }),
            "lines.jsonl": `${JSON.stringify({ timestamp: text })}\n`,
            "series/a.csv": `timestamp,"${text.replaceAll("\"", "\"\"")}"\n2024-06-01T00:00Z,1\n`,
            "value.csv": `timestamp,price.ETH\n2024-06-01T00:00Z,"${text.replaceAll("\"", "\"\"")}"\n`,
            "log.jsonl": `${JSON.stringify({ order: 1, timestamp: text, event_type: text, component: text, data: { venue: text, message: text } })}\n${text.replaceAll("\n", "")}\n`
          })
          fs.writeFileSync(path.join(folder, name), "{}")
          const file = (name: string) => path.join(folder, name)
          const more = json ? ["--json"] : []
          const all = Effect.forEach([
            ["route", file("block.json"), "--at", at, "--balances", file("held.json")],
            ["route", file("token.json"), "--at", at],
            ["route", file("field.json"), "--at", at],
            ["route", file("text.json"), "--at", at],
            ["route", file(name), "--at", at],
            ["route", file("block.json"), "--at", at, "--balances", file("odd.json")],
            ["route", file("block.json"), "--at", at, "--config", file("odd.json")],
            ["backtest", file("days.jsonl"), "--balances", file("held.json"), "--out", file("results"), "--id", "x"],
            ["backtest", file("lines.jsonl")],
            ["data", "check", file("series")],
            ["data", "import", file("value.csv"), "--token", "ETH"],
            ["data", "import", file(name), "--token", "ETH"],
            ["events", "tail", "--file", file("log.jsonl")],
            ["events", "tail", "--file", file(name)]
          ], (args) => quiet([...args, ...more], style), { discard: true })
          return Effect.runPromise(all).finally(() => fs.rmSync(folder, { recursive: true }))
        }),
        { numRuns: 15 }
      )), 240_000)
})
