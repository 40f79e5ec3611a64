/**
 * How long the command takes to say what it can do, beside Node alone. Exits with 1 where it is too long.
 *
 *     npm run -s bench:startup -- [--json] [--count N]
 *
 * The two run in turn, so that the machine's moods fall on both alike. The limit is 0.4 s; on a machine where Node alone
 * takes more than 0.08 s it is five times that.
 */
import { spawnSync } from "node:child_process"
import * as path from "node:path"

const limits = { ms: 400, ratio: 5 }

const given = process.argv.indexOf("--count")
const count = given < 0 ? 11 : Number.parseInt(process.argv[given + 1]!, 10)

// A program of the command's own: without the loader that runs this one.
const { NODE_OPTIONS: _options, TSX_TSCONFIG_PATH: _config, ...env } = process.env

/** Milliseconds from start to end of a process. */
const spawned = (...args: ReadonlyArray<string>): number => {
  const began = performance.now()
  const { status } = spawnSync(process.execPath, args, { env, stdio: "ignore" })
  if (status !== 0) throw new Error(`node ${args.join(" ")}: exit code ${status}`)
  return performance.now() - began
}

const median = (values: ReadonlyArray<number>): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

const command = path.join("dist", "cli", "main.js")
const times = { help: new Array<number>(), node: new Array<number>() }
// The first of each only brings the files into memory.
for (let round = 0; round <= count; round++) {
  const [help, node] = [spawned(command, "--help"), spawned("-e", "0")]
  if (round > 0) {
    times.help.push(help)
    times.node.push(node)
  }
}

const [help, node] = [median(times.help), median(times.node)]
const ratio = help / node
const broken = help >= limits.ms && ratio >= limits.ratio
const figures = {
  help_ms: Math.round(help),
  node_ms: Math.round(node),
  ratio: Math.round(ratio * 100) / 100,
  limit_ms: limits.ms,
  runs: count
}
if (process.argv.includes("--json")) console.log(JSON.stringify(figures))
else for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(10)} ${figure}`)
if (broken) {
  console.error(`limit broken: eim --help takes ${figures.help_ms} ms, ${figures.ratio} times as long as Node alone`)
  process.exitCode = 1
}
