import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import * as ResultFiles from "../../src/cli/ResultFiles.js"
import * as WholeFile from "../../src/internal/WholeFile.js"
import { app, directory } from "./eim.js"

const full = new PlatformError.SystemError({ module: "FileSystem", method: "write", reason: "Unknown", description: "no space left on device" })

/** A disk that takes half of what is written to it, or to the files of these names. */
const halfFullFor = (names: RegExp) => Layer.effect(
  FileSystem.FileSystem,
  Effect.map(FileSystem.FileSystem, (real): FileSystem.FileSystem => ({
    ...real,
    writeFileString: (file, text) =>
      names.test(file) ? Effect.zipRight(real.writeFileString(file, text.slice(0, text.length / 2)), Effect.fail(full)) : real.writeFileString(file, text),
    open: (file, options) =>
      Effect.map(real.open(file, options), (handle) =>
        !names.test(file) ? handle : Object.assign(Object.create(handle), {
          writeAll: (bytes: Uint8Array) => Effect.zipRight(handle.writeAll(bytes.subarray(0, bytes.length / 2)), Effect.fail(full))
        }))
  }))
).pipe(Layer.provide(NodeFileSystem.layer))

const halfFull = halfFullFor(/^/)

describe("WholeFile", () => {
  it.effect("leaves what was there where the disk is full, and nothing beside it", () =>
    Effect.gen(function*() {
      const folder = directory({ "a.csv": "before" })
      for (const name of ["a.csv", "b.csv"]) {
        assert.strictEqual((yield* Effect.flip(WholeFile.write(path.join(folder, name), "1234567890")))._tag, "SystemError")
      }
      assert.deepStrictEqual(fs.readdirSync(folder), ["a.csv"])
      assert.strictEqual(fs.readFileSync(path.join(folder, "a.csv"), "utf8"), "before")
    }).pipe(Effect.provide(halfFull)))

  for (const name of ["value.csv", "report.json"]) {
    it.effect(`is ${name} of a run: half of one is none`, () =>
      Effect.gen(function*() {
        const files = yield* ResultFiles.open(directory({}), "run", false)
        const unfinished = `${path.dirname(files.paths.report)}.part`
        fs.writeFileSync(path.join(unfinished, "events.jsonl"), "")
        const failed = yield* Effect.flip(files.finish({ error: null }, [["2024-06-01T00:00:00Z", "1"]]))
        assert.include(failed.reason, `${name} cannot be written`)
        assert.notInclude(fs.readdirSync(unfinished), name)
        assert.isFalse(fs.existsSync(path.dirname(files.paths.report)))
      }).pipe(Effect.scoped, Effect.provide([halfFullFor(new RegExp(name)), Path.layer])))
  }

  it.effect("writes to no link that stands beside it", () =>
    Effect.gen(function*() {
      const folder = directory({ "victim": "before" })
      for (const ending of ["part", "tmp", "00000000.part"]) fs.symlinkSync("victim", path.join(folder, `a.csv.${ending}`))
      yield* WholeFile.write(path.join(folder, "a.csv"), "after")
      assert.strictEqual(fs.readFileSync(path.join(folder, "victim"), "utf8"), "before")
      assert.strictEqual(fs.readFileSync(path.join(folder, "a.csv"), "utf8"), "after")
      assert.isFalse(fs.lstatSync(path.join(folder, "a.csv")).isSymbolicLink())
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.effect("makes its unfinished file, and opens none that is there", () =>
    Effect.gen(function*() {
      const opened: Array<readonly [string, string | undefined]> = []
      const watched = Layer.effect(FileSystem.FileSystem, Effect.map(FileSystem.FileSystem, (real): FileSystem.FileSystem => ({
        ...real,
        open: (file, options) => {
          opened.push([path.basename(file), options?.flag])
          return real.open(file, options)
        }
      }))).pipe(Layer.provide(NodeFileSystem.layer))
      const folder = directory({})
      for (let i = 0; i < 2; i++) yield* Effect.provide(WholeFile.write(path.join(folder, "a.csv"), "x"), watched)
      assert.deepStrictEqual(opened.map(([, flag]) => flag), ["wx", "wx"])
      assert.notStrictEqual(opened[0]![0], opened[1]![0])
    }))

  it.effect("replaces what a link leads to, and not the link", () =>
    Effect.gen(function*() {
      const folder = directory({ "there/a.csv": "before" })
      fs.symlinkSync("there/a.csv", path.join(folder, "a.csv"))
      yield* WholeFile.write(path.join(folder, "a.csv"), "after")
      assert.strictEqual(fs.readFileSync(path.join(folder, "there/a.csv"), "utf8"), "after")
      assert.isTrue(fs.lstatSync(path.join(folder, "a.csv")).isSymbolicLink())
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})

// A pipe stands here for /dev/stdout: to be replaced by a file would be the end of either.
describe.skipIf(spawnSync("mkfifo", ["--version"]).status !== 0)("a table that goes to what is no file", () => {
  const piped = (args: (pipe: string) => ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const pipe = path.join(directory({}), "pipe")
      spawnSync("mkfifo", [pipe])
      const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "ignore"] })
      let read = ""
      const done = new Promise((resolve) => reader.stdout.setEncoding("utf8").on("data", (text: string) => (read += text)).on("close", resolve))
      const ran = yield* app(args(pipe))
      assert.strictEqual(ran.code, 0, ran.err)
      if (!fs.statSync(pipe).isFIFO()) reader.kill()
      yield* Effect.promise(() => done)
      assert.isTrue(fs.statSync(pipe).isFIFO())
      assert.deepStrictEqual(fs.readdirSync(path.dirname(pipe)), ["pipe"])
      return read
    })

  it.effect("is written into it, of series", () =>
    Effect.gen(function*() {
      const folder = directory({ "rates.csv": "timestamp,funding_rate\n2024-06-01T00:00:00Z,1\n" })
      const args = ["data", "import", path.join(folder, "rates.csv"), "--venue", "okx", "--token", "ETH", "--json", "--out"]
      assert.strictEqual(yield* piped((pipe) => [...args, pipe]), "timestamp,funding.okx.ETH\n2024-06-01T00:00:00Z,1\n")
    }))

  it.effect("is written into it, of events", () =>
    Effect.gen(function*() {
      const line = "{\"order\":1,\"timestamp\":\"2024-06-01T00:00:00Z\",\"event_type\":\"operation\",\"component\":\"x\",\"data\":{}}\n"
      const folder = directory({ "events.jsonl": line })
      const csv = yield* piped((pipe) => ["events", "export", "--file", path.join(folder, "events.jsonl"), "--out", pipe])
      assert.match(csv.split("\n")[1]!, /^1,2024-06-01T00:00:00Z,operation,x,+$/)
    }))
})
