import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { assert } from "vitest"
import * as App from "../../src/cli/App.js"
import * as Screen from "../../src/cli/Screen.js"
import * as Style from "../../src/cli/Style.js"

export const root = fileURLToPath(new URL("../..", import.meta.url))

export const main = path.join(root, "dist", "cli", "main.js")

/** Compiles what changed since the last time. */
export const build = (): void => {
  const built = spawnSync(process.execPath, [path.join(root, ".config", "ensure.mjs"), "build"], { encoding: "utf8" })
  assert.strictEqual(built.status, 0, built.stderr)
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The environment without what a terminal or the caller's shell says. */
const environment = (): NodeJS.ProcessEnv => {
  const { CI: _ci, FORCE_COLOR: _force, NO_COLOR: _no, NODE_OPTIONS: _options, ...env } = process.env
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("BASIS_") && !name.startsWith("VITEST")))
}

export interface RunOptions {
  readonly cwd: string
  readonly input?: string
  readonly env?: { readonly [name: string]: string }
  /** Sends Ctrl-C once this holds. */
  readonly interruptWhen?: () => boolean
}

/** Runs `eim` as a process of its own. */
export const eim = (args: ReadonlyArray<string>, options: RunOptions): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: options.cwd,
      env: { ...environment(), ...options.env },
      stdio: ["pipe", "pipe", "pipe"]
    })
    let out = ""
    let err = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text))
    child.on("error", reject)
    const { interruptWhen } = options
    const timer = interruptWhen === undefined ? undefined : setInterval(() => {
      if (!interruptWhen()) return
      clearInterval(timer)
      child.kill("SIGINT")
    }, 20)
    child.on("close", (code) => {
      clearInterval(timer)
      resolve({ code, out, err })
    })
    child.stdin.on("error", () => {})
    child.stdin.end(options.input ?? "")
  })

/** Runs `eim` in this process: all of it but the start of a process and the loading of scripts that are modules. */
export const app = (
  args: ReadonlyArray<string>,
  options: { readonly input?: string; readonly env?: { readonly [name: string]: string }; readonly style?: Style.Style } = {}
): Effect.Effect<Ran> =>
  Effect.suspend(() => {
    let out = ""
    let err = ""
    return App.run(args).pipe(
      Effect.provideService(Screen.Screen, Screen.make({
        out: (text) => Effect.sync(() => void (out += text)),
        err: (text) => Effect.sync(() => void (err += text)),
        input: Effect.succeed(new TextEncoder().encode(options.input ?? "")),
        style: options.style ?? Style.plain,
        errStyle: options.style ?? Style.plain,
        live: false
      })),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(options.env ?? {})))),
      Effect.map((code) => ({ code, out, err }))
    )
  })

/** A directory of one's own with these files in it. */
export const directory = (files: { readonly [name: string]: unknown }): string => {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "eim-"))
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(made, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content))
  }
  return made
}

/** Every file below a directory with its content. */
export const contents = (folder: string): { readonly [name: string]: string } =>
  Object.fromEntries(
    fs.readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
      .sort()
      .map((file) => [path.relative(folder, file), fs.readFileSync(file, "utf8")])
  )

export const colours = /\u001b\[/
