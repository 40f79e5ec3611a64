/** Writes events into the log that it is given until it is killed, and says of each when it is acknowledged. */
import * as fs from "node:fs"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as EventLogger from "../../src/events/EventLogger.js"
import * as Rotating from "../../src/events/EventLogger/Rotating.js"

const [file = "", run = "0"] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const logger = yield* EventLogger.EventLogger
  for (let n = 0; ; n++) {
    const id = `${run}-${n}`
    yield* logger.log({ timestamp: n, eventType: "operation", component: "writer", data: { id, note: "x".repeat(50_000) } })
    fs.writeSync(1, `${id}\n`)
  }
})

Effect.runFork(program.pipe(Effect.provide(Rotating.layer({ file })), Effect.provide(NodeContext.layer)))
