/**
 * The thread that a script runs in, as the program sees it.
 *
 * A script is somebody's program: it may never let go of the processor, end the process, or wait for what never comes.
 * It runs in a thread of its own, so that the program hears signals, and tells what became of it.
 *
 * @since 0.1.0
 */
import * as Worker from "node:worker_threads"
import * as Effect from "effect/Effect"
import type * as Screen from "./Screen.js"
import * as App from "./App.js"
import * as Arguments from "./Arguments.js"
import * as Failure from "./Failure.js"

/**
 * What the thread is told when it begins.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  readonly words: ReadonlyArray<string>
  readonly looks: Screen.Looks
}

/**
 * What the thread asks for: to write, or to read standard input, each answered by its number; and its end, with the exit
 * code.
 *
 * @category models
 * @since 0.1.0
 */
export type Request =
  | { readonly _tag: "Write"; readonly id: number; readonly stream: "out" | "err"; readonly text: string }
  | { readonly _tag: "Done"; readonly code: number }

/**
 * What it is answered: that a text is written, or why not; and that it is to stop.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer =
  | { readonly _tag: "Written"; readonly id: number; readonly cause: { readonly code: string; readonly message: string } | undefined }
  | { readonly _tag: "Stop" }

const modules = /\.m?[jt]sx?$/

/** Whether the words run a script that is a program. @category guards @since 0.1.0 */
export const isNeeded = (words: ReadonlyArray<string>): boolean => {
  const parsed = Arguments.parse(words)
  return parsed._tag === "Right" && parsed.right._tag === "Command" && parsed.right.command === "backtest" &&
    modules.test(parsed.right.words.at(-1) ?? "")
}

/** Milliseconds that a thread has to write its files once it is to stop. */
const grace = 2000

/** `.ts` where the sources run as they are. */
const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."))

const died = (cause: unknown): Failure.Failure =>
  new Failure.Failure({
    kind: "script",
    reason: `the script ended its thread: ${cause instanceof Error ? cause.message : String(cause)}`,
    resolution: "An exception in a timer or a promise that nobody waits for ends a script, and so does a lack of memory. Mend it there.",
    cause
  })

/**
 * Runs the command that the words name in a thread. Answers its exit code. Interruption gives the thread a moment to
 * write its files, and ends it then, whatever it does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run = (words: ReadonlyArray<string>, looks: Screen.Looks): Effect.Effect<number, never, Screen.Screen> =>
  Effect.async<number, Failure.Failure>((resume) => {
    const settings: Settings = { words, looks }
    const thread = new Worker.Worker(new URL(`./ScriptWorker${extension}`, import.meta.url), { workerData: settings })
    let code: number | undefined
    let fatal: unknown
    thread.on("message", (request: Request) => {
      if (request._tag === "Done") {
        code = request.code
        // What the script left running is not waited for.
        void thread.terminate()
        return
      }
      const stream = request.stream === "out" ? process.stdout : process.stderr
      stream.write(request.text, (cause) => {
        const error: NodeJS.ErrnoException | null | undefined = cause
        const answer: Answer = {
          _tag: "Written",
          id: request.id,
          cause: error === null || error === undefined ? undefined : { code: error.code ?? "", message: error.message }
        }
        thread.postMessage(answer, [])
      })
    })
    thread.on("error", (cause) => {
      fatal = cause
    })
    thread.on("exit", () =>
      resume(
        code !== undefined
          ? Effect.succeed(code)
          : Effect.fail(died(fatal ?? "nobody knows why"))
      ))
    return Effect.async<void>((ended) => {
      const busy = setTimeout(() => {
        process.stderr.write("eim: the script does not let go of the processor, and is ended; what was not written yet is lost\n")
        void thread.terminate()
      }, grace)
      thread.on("exit", () => {
        clearTimeout(busy)
        ended(Effect.void)
      })
      const answer: Answer = { _tag: "Stop" }
      thread.postMessage(answer, [])
    })
  }).pipe(Effect.catchAll((failure) => App.tell(words, failure)))
