/**
 * `eim completions`: the script that makes a shell complete `eim`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Completions from "./Completions.js"
import * as Failure from "./Failure.js"
import * as Screen from "./Screen.js"

/** Prints the script. Answers the exit code. @category constructors @since 0.1.0 */
export const run = (options: { readonly shell: string }): Effect.Effect<number, Failure.Failure, Screen.Screen> => {
  const shell = Completions.shells.find((known) => known === options.shell)
  return shell === undefined
    ? Effect.fail(Failure.usage(
      `SHELL: expected one of ${Completions.shells.join(", ")}, got ${JSON.stringify(options.shell)}`,
      "completions"
    ))
    : Effect.flatMap(Screen.Screen, (screen) => Effect.as(screen.out(Completions.script(shell)), Failure.exit.done))
}
