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
import * as ScriptThread from "./ScriptThread.js"

/** Signals that stop the command, and what it then leaves with: 128 and the number of the signal, as shells have it. */
const signals = { SIGINT: Failure.exit.interrupted, SIGTERM: Failure.exit.terminated } as const

/** Milliseconds after which a signal ends the process, whatever is still to be written. */
const patience = 5000

let stopped: number | undefined

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    const kill = () => {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    }
    // Who asks twice does not wait for files.
    if (stopped !== undefined) return kill()
    stopped = signals[signal]
    setTimeout(kill, patience).unref()
  })
}

/** What could not be written where nobody waited for it, as the output of a script. */
let lost: number | undefined

for (const [name, stream] of [["standard output", process.stdout], ["standard error", process.stderr]] as const) {
  stream.on("error", (cause: NodeJS.ErrnoException) => {
    lost ??= Failure.codeOf(Failure.ofStream(name, cause))
  })
}

const words = process.argv.slice(2)

const command = ScriptThread.isNeeded(words)
  ? Effect.flatMap(Screen.looks, (looks) => ScriptThread.run(words, looks))
  : App.run(words)

// What was written has left by then: the command waits for it.
NodeRuntime.runMain(Effect.provide(command, Screen.layer), {
  disableErrorReporting: true,
  teardown: (exit) => {
    if (Exit.isSuccess(exit)) {
      const code = Number(exit.value)
      return process.exit(code === Failure.exit.done ? lost ?? code : code)
    }
    process.stderr.write("eim: stopped\n", () => process.exit(stopped ?? Failure.exit.refused))
  }
})
