/**
 * The command `eim`: from arguments to an exit code.
 *
 * What a command needs is loaded when one is run, so that help comes at once.
 *
 * @since 0.1.0
 */
import * as fs from "node:fs"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { Json } from "../domain/Json.js"
import * as Arguments from "./Arguments.js"
import * as ErrorBox from "./ErrorBox.js"
import * as Failure from "./Failure.js"
import * as Help from "./Help.js"
import * as Screen from "./Screen.js"
import * as Usage from "./Usage.js"

/** The version of the package. */
const version: Effect.Effect<string> = Effect.sync(() => {
  const text = fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8")
  const manifest: { readonly version: string } = JSON.parse(text)
  return manifest.version
})

/** The instant that was asked for, where it was one word. */
const instantOf = (words: ReadonlyArray<string>): string | undefined => {
  const at = words.indexOf("--at")
  return at < 0 ? words.find((word) => word.startsWith("--at="))?.slice(5) : words[at + 1]
}

const emptyJson = (words: ReadonlyArray<string>, error: Json, run: Failure.Run | undefined): Effect.Effect<Json> => {
  switch (words[0]) {
    case "backtest":
      return Effect.map(Effect.promise(() => import("./BacktestCommand.js")), ({ emptyJson }) => emptyJson(error, run))
    case "route":
      return Effect.map(Effect.promise(() => import("./RouteCommand.js")), ({ emptyJson }) =>
        emptyJson(error, instantOf(words)))
    default:
      return Effect.succeed({ error })
  }
}

/**
 * Tells a failure to standard error; with `--json` to standard output too, in the shape of the command. Answers its exit
 * code. A reader that closed the output knows that it did.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tell = (words: ReadonlyArray<string>, failure: Failure.Failure): Effect.Effect<number, never, Screen.Screen> =>
  Effect.gen(function*() {
    const code = Failure.codeOf(failure)
    if (failure.kind === "unread") return code
    const screen = yield* Screen.Screen
    yield* screen.err(`${ErrorBox.ofFailure(screen.errStyle, failure).join("\n")}\n`)
    if (Arguments.wantsJson(words)) {
      const Pretty = yield* Effect.promise(() => import("./Pretty.js"))
      const { toJson } = yield* Effect.promise(() => import("./Misunderstanding.js"))
      const json = yield* emptyJson(words, toJson(failure), failure.run)
      // Who follows a log reads lines. The failure is told already, and has the code.
      yield* Effect.ignore(screen.out(`${words[0] === "events" && words[1] === "tail" ? JSON.stringify(json) : Pretty.json(json)}\n`))
    }
    return code
  })

/** What was to be told and could not be is no success. */
const written = (code: number): Effect.Effect<number, never, Screen.Screen> =>
  Effect.flatMap(Screen.Screen, (screen) =>
    Effect.map(screen.lost, (lost) => (lost === undefined || code !== Failure.exit.done ? code : Failure.codeOf(lost))))

const defect = (cause: Cause.Cause<never>): Failure.Failure =>
  new Failure.Failure({
    kind: "defect",
    reason: `eim itself is at fault: ${Cause.pretty(cause)}`,
    resolution: "Please report it, with the command and its files."
  })

/**
 * Does what the arguments ask for, those after the name of the program, and answers the exit code. Interruption passes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run = (words: ReadonlyArray<string>): Effect.Effect<number, never, Screen.Screen> =>
  Effect.gen(function*() {
    const screen = yield* Screen.Screen
    const request = yield* Arguments.parse(words)
    switch (request._tag) {
      case "Version":
        yield* screen.out(`${yield* version}\n`)
        return Failure.exit.done
      case "Help":
        yield* screen.out(
          request.command === undefined
            ? Help.ofAll(screen.style, yield* version)
            : Help.ofCommand(screen.style, Usage.commands[request.command])
        )
        return Failure.exit.done
      case "GroupHelp":
        yield* screen.out(Help.ofGroup(screen.style, request.first))
        return Failure.exit.done
      case "Command": {
        const commands = yield* Effect.promise(() => import("./Commands.js"))
        return yield* commands.run(request.words, yield* version)
      }
    }
  }).pipe(
    Effect.catchAll((failure) => tell(words, failure)),
    Effect.catchAllCause((cause) => (Cause.isInterrupted(cause) ? Effect.failCause(cause) : tell(words, defect(cause)))),
    Effect.flatMap(written)
  )
