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

/** Signals that stop the command, and what it then leaves with: 128 and the number of the signal, as shells have it. */
const signals = { SIGINT: Failure.exit.interrupted, SIGTERM: Failure.exit.terminated } as const

let stopped: number | undefined

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks twice does not wait for files.
    if (stopped !== undefined) process.exit(signals[signal])
    stopped = signals[signal]
  })
}

// What was written has left by then: the command waits for it.
NodeRuntime.runMain(Effect.provide(App.run(process.argv.slice(2)), Screen.layer), {
  disableErrorReporting: true,
  teardown: (exit) => process.exit(Exit.isSuccess(exit) ? Number(exit.value) : stopped ?? Failure.exit.refused)
})
