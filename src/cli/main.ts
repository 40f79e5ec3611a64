#!/usr/bin/env node
/**
 * The program `eim`: the one place that runs effects, reads arguments and environment, and ends the process.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as App from "./App.js"
import * as Failure from "./Failure.js"
import * as Screen from "./Screen.js"

// Who reads our output may stop reading: `eim errors | head -1` is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? Failure.exit.done : Failure.exit.io))

NodeRuntime.runMain(Effect.provide(App.run(process.argv.slice(2)), Screen.layer), {
  disableErrorReporting: true,
  teardown: (exit) => {
    const code = Exit.isSuccess(exit) ? Number(exit.value) : Failure.exit.interrupted
    // What was written must have left before the process does.
    process.stdout.write("", () => process.stderr.write("", () => process.exit(code)))
  }
})
