/**
 * The package as a user gets it:
 *
 *     tsx .config/tarball.ts
 *
 * packs it, installs the tarball into an empty project in a temporary folder, beside the peer dependencies in the
 * versions this checkout is tested with, and there compiles and runs an example and the command. Both must print what
 * they print in the checkout. Optional peers are left out, and no install script runs.
 */
import { execFileSync, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const examples = path.join(root, "docs", "examples")

/**
 * Packages whose install script is known to be needless: tsx brings esbuild, whose script only makes its command start
 * faster. That it is not needed is shown by the backtest of a TypeScript script below.
 */
const needless = new Set(["esbuild"])

interface Manifest {
  readonly name: string
  readonly dependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
  readonly peerDependenciesMeta: Record<string, { readonly optional?: boolean }>
  readonly devDependencies: Record<string, string>
}

interface Installed {
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly scripts?: Record<string, string>
}

interface Lock {
  readonly lockfileVersion: number
  readonly packages: Record<string, { readonly link?: boolean }>
}

const readJson = <A>(file: string): A => JSON.parse(fs.readFileSync(file, "utf8")) as A

const manifest = readJson<Manifest>(path.join(root, "package.json"))

const assert = (holds: boolean, message: string): void => {
  if (!holds) throw new Error(message)
}

const assertSame = (what: string, actual: string, expected: string): void => {
  const [ours, theirs] = [expected.split("\n"), actual.split("\n")]
  const at = ours.findIndex((line, n) => line !== theirs[n])
  assert(actual === expected, `${what}, line ${at + 1}: the checkout prints\n${ours[at]}\nand the project\n${theirs[at]}`)
}

/** What a command prints. A command that fails ends this program, with what it said. */
const output = (cwd: string, command: string, ...args: ReadonlyArray<string>): string => {
  const { CI: _ci, NODE_OPTIONS: _options, ...inherited } = process.env
  const env = Object.fromEntries(Object.entries(inherited).filter(([name]) => !/^(npm_|BASIS_|TSX_)/i.test(name)))
  const { error, status, stderr, stdout } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...env, NO_COLOR: "1", ...(cwd === root ? { TSX_TSCONFIG_PATH: path.join(root, ".config", "tsconfig.json") } : {}) }
  })
  assert(status === 0, `${[command, ...args].join(" ")}: exit code ${status}\n${stdout}${stderr}${error?.message ?? ""}`)
  return stdout
}

const step = <A>(title: string, work: () => A): A => {
  const began = performance.now()
  const result = work()
  console.log(`${title.padEnd(46)} ${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s`)
  return result
}

/** The file of the tarball. */
const pack = (folder: string): string => {
  const answer = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  })
  const [packed] = JSON.parse(answer) as ReadonlyArray<{ readonly filename: string }>
  return path.join(folder, packed!.filename)
}

const pinned = (name: string): string => {
  const version = manifest.devDependencies[name]
  assert(version !== undefined, `${name} has no pinned version in devDependencies`)
  return version!
}

/** An empty project with the tarball. The lock file holds what peers bring to the versions of the checkout. */
const install = (project: string, tarball: string): void => {
  const peers = Object.keys(manifest.peerDependencies).filter((name) => manifest.peerDependenciesMeta[name]?.optional !== true)
  const beside = [...peers, "typescript", "@types/node"].map((name) => [name, pinned(name)])
  const wanted = { private: true, type: "module", dependencies: { [manifest.name]: `file:${tarball}`, ...Object.fromEntries(beside) } }
  fs.writeFileSync(path.join(project, "package.json"), JSON.stringify(wanted, null, 2))
  const { lockfileVersion, packages } = readJson<Lock>(path.join(root, "package-lock.json"))
  const locked = Object.entries(packages).filter(([name, entry]) => name.startsWith("node_modules/") && entry.link !== true)
  const lock = { lockfileVersion, packages: { "": wanted, ...Object.fromEntries(locked) } }
  fs.writeFileSync(path.join(project, "package-lock.json"), JSON.stringify(lock))
  output(project, "npm", "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
}

/** Where Node finds a package from another one. */
const resolve = (project: string, from: string, name: string): string | undefined => {
  for (let folder = from; folder.startsWith(project); folder = path.dirname(folder)) {
    const found = path.join(folder, "node_modules", name)
    if (fs.existsSync(path.join(found, "package.json"))) return found
  }
  return undefined
}

/** Every package that ours brings, by its folder. Optional ones for another platform are not there. */
const brought = (project: string): ReadonlySet<string> => {
  const found = new Set<string>()
  const visit = (folder: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = readJson<Installed>(path.join(folder, "package.json"))
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const next = resolve(project, folder, name)
      assert(next !== undefined || Object.hasOwn(optionalDependencies, name), `${name} is not installed`)
      if (next === undefined || found.has(next)) continue
      found.add(next)
      visit(next)
    }
  }
  visit(path.join(project, "node_modules", manifest.name))
  return found
}

const hasInstallScript = (folder: string): boolean => {
  const { scripts = {} } = readJson<Installed>(path.join(folder, "package.json"))
  return ["preinstall", "install", "postinstall"].some((name) => name in scripts) || fs.existsSync(path.join(folder, "binding.gyp"))
}

const checkBrought = (project: string): void => {
  const folders = brought(project)
  const nameOf = (folder: string) => folder.slice(folder.lastIndexOf(`node_modules${path.sep}`) + "node_modules/".length)
  const scripted = [...folders].filter(hasInstallScript).map(nameOf)
  const unknown = scripted.filter((name) => !needless.has(name))
  assert(unknown.length === 0, `the package brings install scripts: ${unknown.join(", ")}`)
  const names = new Set([...folders].map(nameOf))
  const peers = Object.keys(manifest.peerDependencies).filter((name) => names.has(name))
  assert(peers.length === 0, `the package brings a second copy of its peers: ${peers.join(", ")}`)
  console.log(`  ${folders.size} packages brought; with an install script that is not needed: ${scripted.join(", ") || "none"}`)
}

/**
 * Compiles the example to `built`, with the declarations of every package checked too. Ours must be right; of others'
 * faults in their own declarations, which `skipLibCheck` hides from most, the number is told.
 */
const compile = (project: string): void => {
  const tsc = path.join(project, "node_modules", "typescript", "bin", "tsc")
  const options = ["--strict", "--module", "nodenext", "--moduleResolution", "nodenext", "--target", "es2022", "--outDir", "built"]
  const { stderr, stdout } = spawnSync(process.execPath, [tsc, ...options, "composition.ts"], { cwd: project, encoding: "utf8" })
  const faults = stdout.split("\n").filter((line) => /^\S.*\berror TS\d+/.test(line))
  const isOthers = (line: string) => line.startsWith("node_modules/") && !line.startsWith(`node_modules/${manifest.name}/`)
  assert(stderr === "" && faults.every(isOthers), `tsc --strict:\n${stdout}${stderr}`)
  if (faults.length > 0) console.log(`  faults in others' declarations: ${faults.length}`)
}

const block = {
  instruction_type: "smart_contract_action",
  protocol: "aave",
  action: "supply",
  token: "USDT",
  amount: "250"
}

const checkCommand = (project: string): void => {
  const eim = path.join(project, "node_modules", ".bin", "eim")
  const ours = (...args: ReadonlyArray<string>) => output(project, process.execPath, path.join(root, "dist", "cli", "main.js"), ...args)
  const both = (...args: ReadonlyArray<string>) => assertSame(`eim ${args.join(" ")}`, output(project, eim, ...args), ours(...args))
  fs.writeFileSync(path.join(project, "block.json"), JSON.stringify(block))
  fs.writeFileSync(path.join(project, "balances.json"), JSON.stringify({ wallet: { USDT: "1000", ETH: "1" } }))
  fs.copyFileSync(path.join(examples, "pure-lending.ts"), path.join(project, "pure-lending.ts"))
  both("--help")
  both("route", "block.json", "--at", "2024-06-01T00:00:00Z", "--balances", "balances.json", "--json")
  const year = ["--from", "2024-06-01T00:00Z", "--to", "2025-06-01T00:00Z", "--out", path.join(project, "out"), "--json"]
  assertSame(
    "eim backtest pure-lending.ts",
    output(project, eim, "backtest", "pure-lending.ts", ...year),
    output(root, process.execPath, "dist/cli/main.js", "backtest", "docs/examples/pure-lending.ts", "--force", ...year)
  )
}

const main = (): void => {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "eim-tarball-")))
  const project = path.join(folder, "project")
  try {
    fs.mkdirSync(project)
    const tarball = step("npm pack", () => pack(folder))
    step("npm install of the tarball", () => install(project, tarball))
    step("packages brought", () => checkBrought(project))
    fs.copyFileSync(path.join(examples, "composition.ts"), path.join(project, "composition.ts"))
    step("tsc --strict of an example", () => compile(project))
    step("it prints what it does in the checkout", () => {
      const expected = output(root, process.execPath, "--import", "tsx", path.join(examples, "composition.ts"))
      assertSame("composition", output(project, process.execPath, "built/composition.js"), expected)
    })
    step("eim --help, route and backtest", () => checkCommand(project))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

main()
