/**
 * Brings a checkout to where a command can run, with nothing but Node and npm:
 *
 *     node .config/ensure.mjs [install | build | clean]
 *
 * `install` runs `npm ci` where the installed packages are not those of the lock file; `build` (the default) also
 * compiles src to dist where a source differs from what was compiled last. What there is to say goes to stderr.
 * Several may run at once: one works, the others wait for it.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** Exit code of a command that could not start because installing or compiling failed. */
export const failed = 70

const at = (...parts) => path.join(root, ...parts)
const src = at("src")
const dist = at("dist")
const stamp = at("dist", ".stamp")
const buildInfo = at("dist", ".tsbuildinfo")
const lock = at("dist", ".lock")

const read = (file) => {
  try {
    return fs.readFileSync(file, "utf8")
  } catch (error) {
    if (error.code === "ENOENT") return undefined
    throw error
  }
}

const files = (folder) =>
  fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort()

const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], ...options }).status === 0

const lockAge = 15 * 60_000

/** Whether the lock was left by a process that is gone. */
const isStale = (holder) => {
  if (holder === undefined) return false
  const age = Date.now() - (fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
  if (age > lockAge) return true
  if (!/^\d+$/.test(holder)) return age > 10_000
  try {
    process.kill(Number(holder), 0)
    return false
  } catch (error) {
    return error.code === "ESRCH"
  }
}

/** Removes a stale lock, and puts it back where another process took it over in between. */
const removeStale = (holder) => {
  const aside = `${lock}.${process.pid}`
  try {
    fs.renameSync(lock, aside)
    if (read(aside) !== holder) fs.linkSync(aside, lock)
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error
  }
  fs.rmSync(aside, { force: true })
}

const exclusively = (work) => {
  fs.mkdirSync(dist, { recursive: true })
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: "wx" })
      break
    } catch (error) {
      if (error.code !== "EEXIST") throw error
    }
    const holder = read(lock)
    if (isStale(holder)) removeStale(holder)
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  }
  try {
    return work()
  } finally {
    fs.rmSync(lock, { force: true })
  }
}

/** Whether every package that the lock file requires is installed in its version. */
export const isInstalled = () => {
  const wanted = read(at("package-lock.json"))
  const present = read(at("node_modules", ".package-lock.json"))
  if (wanted === undefined) return present !== undefined
  if (present === undefined) return false
  const packages = JSON.parse(present).packages
  return Object.entries(JSON.parse(wanted).packages).every(([name, entry]) => {
    if (!name.startsWith("node_modules/") || entry.link === true) return true
    const found = packages[name]
    if (found === undefined) return entry.optional === true
    return found.version === entry.version && found.integrity === entry.integrity && fs.existsSync(at(name))
  })
}

/** Installs what is missing. Answers whether the packages are there. */
export const install = () =>
  isInstalled() || exclusively(() => {
    if (isInstalled()) return true
    process.stderr.write("installing packages (npm ci)\n")
    const args = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    const npm = process.env.npm_execpath
    return npm !== undefined && /\.c?js$/.test(npm)
      ? run(process.execPath, [npm, ...args])
      : run("npm", args, { shell: process.platform === "win32" })
  })

const fingerprint = () => {
  const hash = createHash("sha256")
  for (const name of files(src)) hash.update(`${name}\0`).update(fs.readFileSync(path.join(src, name))).update("\0")
  hash.update(read(at("tsconfig.json")) ?? "")
  hash.update(JSON.parse(read(at("node_modules", "typescript", "package.json")) ?? "{}").version ?? "")
  return hash.digest("hex")
}

const outputs = [".js", ".js.map", ".d.ts", ".d.ts.map"]

/** Removes what no source stands behind any more. Answers whether everything that a source stands for is there. */
const prune = () => {
  const sources = files(src).filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -3))
  const expected = new Set(sources.flatMap((name) => outputs.map((extension) => name + extension)))
  const present = new Set(files(dist))
  for (const name of present) {
    if (!expected.has(name) && !path.basename(name).startsWith(".")) fs.rmSync(path.join(dist, name))
  }
  return [...expected].every((name) => present.has(name))
}

/** Compiles what changed. Answers whether dist is the compiled form of src. */
export const build = () =>
  install() && (read(stamp) === fingerprint() || exclusively(() => {
    const wanted = fingerprint()
    if (read(stamp) === wanted) return true
    process.stderr.write("compiling src to dist\n")
    if (!prune()) fs.rmSync(buildInfo, { force: true })
    const tsc = at("node_modules", "typescript", "bin", "tsc")
    if (!run(process.execPath, [tsc, "-p", "src/tsconfig.json"])) return false
    fs.writeFileSync(`${stamp}.${process.pid}`, wanted)
    fs.renameSync(`${stamp}.${process.pid}`, stamp)
    return true
  }))

const steps = {
  install,
  build,
  clean: () => {
    fs.rmSync(dist, { recursive: true, force: true })
    return true
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  const step = steps[process.argv[2] ?? "build"]
  if (step === undefined) {
    process.stderr.write("usage: node .config/ensure.mjs [install | build | clean]\n")
    process.exitCode = 2
  } else if (!step()) process.exitCode = failed
}
