/**
 * What runs in the thread of a script: the command itself, with a screen that the program writes for it.
 *
 * @since 0.1.0
 */
import * as Worker from "node:worker_threads"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as App from "./App.js"
import * as Failure from "./Failure.js"
import * as Screen from "./Screen.js"
import * as ScriptFailure from "./ScriptFailure.js"
import type * as ScriptThread from "./ScriptThread.js"

const port = Worker.parentPort!

const { looks, words }: ScriptThread.Settings = Worker.workerData

const post = (request: ScriptThread.Request): void => port.postMessage(request)

/** Texts on their way to the program. The thread lives as long as there are any, or the script has something to do. */
const writing = new Map<number, (cause: NodeJS.ErrnoException | undefined) => void>()

let numbers = 0

const writer = (name: string, stream: "out" | "err") => (text: string): Effect.Effect<void, Failure.Failure> =>
  Effect.async((resume) => {
    const id = numbers++
    writing.set(id, (cause) => resume(cause === undefined ? Effect.void : Effect.fail(Failure.ofStream(name, cause))))
    port.ref()
    post({ _tag: "Write", id, stream, text })
  })

const screen = Screen.make({
  out: writer("standard output", "out"),
  err: writer("standard error", "err"),
  input: Effect.fail(Failure.usage("a script is no standard input", "backtest")),
  ...Screen.styled(looks)
})

/** The script ended the process, or thought so: no success, whatever it caught. */
let exited: ScriptFailure.Exit | undefined

process.exit = (code) => {
  exited ??= new ScriptFailure.Exit(`the script called process.exit(${code ?? ""})`)
  throw exited
}

const failureOf = (reason: string, resolution: string, cause?: Error): Failure.Failure => {
  const place = cause === undefined ? undefined : ScriptFailure.tell(cause).place
  return new Failure.Failure({
    kind: "script",
    reason: `${reason}${place === undefined ? "" : ` (${ScriptFailure.formatPlace(place)})`}`,
    resolution,
    place,
    cause
  })
}

/** Ends when nothing is left to do and the command is not done: what is waited for never comes. */
const idle = Effect.async<void>((resume) => {
  const ended = () => resume(Effect.void)
  process.once("beforeExit", ended)
  return Effect.sync(() => process.off("beforeExit", ended))
})

/** Ends with what was thrown where nobody waits for it: in a timer, or in a promise. */
const thrown = Effect.async<Failure.Failure>((resume) => {
  const ended = (cause: unknown) => resume(Effect.succeed(crash(cause)))
  process.on("uncaughtException", ended)
  return Effect.sync(() => process.off("uncaughtException", ended))
})

const crash = (cause: unknown): Failure.Failure => {
  const told = ScriptFailure.tell(cause)
  return new Failure.Failure({
    kind: "script",
    reason: `the script failed where nothing waits for it, in a timer or a promise: ${told.text}${
      told.place === undefined ? "" : ` (${ScriptFailure.formatPlace(told.place)})`
    }`,
    resolution: "Wait for it in decide, as with Effect.promise, or catch it. What was executed by then is in the files of the run.",
    place: told.place,
    series: told.series,
    cause
  })
}

const stuck = failureOf(
  "the script waits for what never comes: a promise, at the top of the module or in decide, that is never settled",
  "Settle the promise, or leave it out. What was executed by then is in the files of the run."
)

const program = Effect.raceAll([
  App.run(words),
  Effect.zipRight(idle, App.tell(words, stuck)),
  Effect.flatMap(thrown, (failure) => App.tell(words, failure))
]).pipe(
  Effect.flatMap((code) =>
    code === Failure.exit.done && exited !== undefined
      ? App.tell(words, failureOf(exited.message, "A script ends by itself; it returns no blocks where it has nothing to do.", exited))
      : Effect.succeed(code)),
  Effect.provideService(Screen.Screen, screen)
)

const fiber = Effect.runFork(program)

port.on("message", (answer: ScriptThread.Answer) => {
  if (answer._tag === "Stop") {
    fiber.unsafeInterruptAsFork(fiber.id())
    return
  }
  const resume = writing.get(answer.id)
  writing.delete(answer.id)
  if (writing.size === 0) port.unref()
  resume?.(answer.cause === undefined ? undefined : Object.assign(new Error(answer.cause.message), { code: answer.cause.code }))
})
port.unref()

fiber.addObserver((exit) => {
  post({ _tag: "Done", code: Exit.isSuccess(exit) ? exit.value : Failure.exit.interrupted })
})
