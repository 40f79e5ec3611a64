/**
 * The command in a checkout: compiles what changed, then becomes `eim`. Paths are relative to where npm was called.
 */
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import { build, failed, root } from "./ensure.mjs"

if (build()) {
  const { npm_lifecycle_event: script, INIT_CWD: caller } = process.env
  if (script === "eim" && caller !== undefined) process.chdir(caller)
  const main = path.join(root, "dist", "cli", "main.js")
  process.argv[1] = main
  await import(pathToFileURL(main).href)
} else {
  process.exitCode = failed
}
