/**
 * Runs a TypeScript program of the checkout against the compiled package:
 *
 *     node .config/run.mjs FILE [ARGUMENTS]
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import { constants } from "node:os"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import { build, failed, root } from "./ensure.mjs"

/** Runs it and answers its exit code. */
export const program = (file, args) => {
  const { status, signal } = spawnSync(
    process.execPath,
    ["--expose-gc", "--import", "tsx", path.join(root, file), ...args],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, TSX_TSCONFIG_PATH: path.join(root, ".config", "tsconfig.json") }
    }
  )
  return status ?? 128 + (constants.signals[signal] ?? 0)
}

if (import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  const [file, ...args] = process.argv.slice(2)
  process.exitCode = build() ? program(file, args) : failed
}
