/**
 * `npm start`: installs what is missing, compiles, and runs the examples one after the other.
 */
import { spawnSync } from "node:child_process"
import * as path from "node:path"
import { build, failed, root } from "./ensure.mjs"
import { program } from "./run.mjs"

/** Scripts that `eim backtest` runs, and programs that run by themselves; all in docs/examples. */
const examples = [
  { title: "Lending alone", script: "pure-lending.ts" },
  { title: "BTC basis", script: "btc-basis.ts" },
  { title: "ETH basis", script: "eth-basis.ts" },
  { title: "Leveraged staking", script: "leveraged-staking.ts", args: ["--config", "docs/examples/leveraged-staking.json"] },
  { title: "A composition of one's own", program: "composition.ts" }
]

const run = (example) =>
  example.program === undefined
    ? spawnSync(
      process.execPath,
      [path.join(root, "dist", "cli", "main.js"), "backtest", `docs/examples/${example.script}`, "--force", ...(example.args ?? [])],
      { cwd: root, stdio: "inherit" }
    ).status ?? 1
    : program(`docs/examples/${example.program}`, [])

if (build()) {
  for (const example of examples) {
    process.stdout.write(`\n${example.title}: docs/examples/${example.script ?? example.program}\n\n`)
    process.exitCode = run(example)
    if (process.exitCode !== 0) break
  }
} else {
  process.exitCode = failed
}
