/**
 * Scripts that are programs: a TypeScript or JavaScript module whose default export is a script.
 *
 * @since 0.1.0
 */
import * as fs from "node:fs"
import * as Module from "node:module"
import { pathToFileURL } from "node:url"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Fault from "../domain/Fault.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Positions from "../modes/Backtest/Positions.js"
import type * as Script from "../modes/Backtest/Script.js"
import * as Failure from "./Failure.js"
import * as Misunderstanding from "./Misunderstanding.js"
import type * as ScriptHooks from "./ScriptHooks.js"

/** `.ts` where the sources run as they are. */
const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."))

/**
 * Makes modules of TypeScript loadable, and this package and Effect the ones that run. Who runs the sources has the
 * first of these already.
 */
const register: Effect.Effect<void> = Effect.promise(async () => {
  if (extension === ".js") {
    const tsx = await import("tsx/esm/api")
    tsx.register()
  }
  const manifest: { readonly name: string; readonly exports: object } = JSON.parse(
    fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8")
  )
  const data: ScriptHooks.Settings = {
    name: manifest.name,
    root: new URL("../", import.meta.url).href,
    extension,
    exports: new Set(Object.keys(manifest.exports))
  }
  Module.register(`./ScriptHooks${extension}`, import.meta.url, { data })
})

/** What a compiler counts up, each in a line with its place. */
const compiled = /^Transform failed with \d+ errors?:\n/

const describe = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  if (compiled.test(cause.message)) return cause.message.replace(compiled, "").replace(/: ERROR: /g, ": ").trimEnd()
  return `${cause.name === "Error" ? "" : `${cause.name}: `}${cause.message}`
}

const shape =
  "export default { initialBalances?: {venue: {token: \"decimal\"}}, every?: \"1 day\", decide: (time, positions) => blocks }"

const fault = (field: string, expected: string, actual: unknown): Fault.Fault => ({
  path: `export default${field}`,
  expected,
  actual: typeof actual === "function" ? "a function" : actual
})

const faultOf = (exported: unknown): Fault.Fault | undefined => {
  if (!Fault.isRecord(exported)) return fault("", "a script (an object with a function decide)", exported)
  const { decide, every, initialBalances } = exported
  if (typeof decide !== "function") return fault(".decide", "a function of time and positions", decide)
  if (initialBalances !== undefined && !Fault.isRecord(initialBalances)) {
    return fault(".initialBalances", "an object {venue: {token: \"decimal\"}}", initialBalances)
  }
  const duration = every === undefined ? Option.some(Duration.days(1)) : Duration.decodeUnknown(every)
  return Option.isNone(duration) || !Duration.isFinite(duration.value) || Duration.toMillis(duration.value) < 1
    ? fault(".every", "a duration such as \"8 hours\", at least a millisecond", every)
    : undefined
}

/** What `decide` answers shows when it is called: see {@link guarded}. */
const isScript = (exported: unknown): exported is Script.Script<unknown> => faultOf(exported) === undefined

/**
 * The script that a module exports, checked.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromExport = (source: string, exported: unknown): Either.Either<Script.Script<unknown>, Failure.Failure> =>
  isScript(exported)
    ? Either.right(exported)
    : Either.left(Misunderstanding.ofFault("input", source, faultOf(exported)!, `A script is: ${shape}`))

/**
 * Loads the module at an absolute path. What fails on the way there is `input`: the module is not what it should be.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = (source: string, path: string): Effect.Effect<Script.Script<unknown>, Failure.Failure> =>
  Effect.flatMap(
    Effect.zipRight(
      register,
      Effect.tryPromise({
        try: (): Promise<{ readonly default?: unknown }> => import(pathToFileURL(path).href),
        catch: (cause) =>
          new Failure.Failure({
            kind: "input",
            reason: `${source} cannot be loaded: ${describe(cause)}`,
            resolution: "Mend the module; it is loaded as an ECMAScript module.",
            cause
          })
      })
    ),
    (module) => fromExport(source, module.default)
  )

const failed = (source: string, time: Timestamp.Timestamp, reason: string, cause?: unknown): Failure.Failure =>
  new Failure.Failure({
    kind: "script",
    reason: `${source} failed at ${Timestamp.format(time)}: ${reason}`,
    resolution: "The script itself is at fault; what it had executed by then is in the files.",
    cause
  })

const isThenable = (value: object): boolean => "then" in value && typeof value.then === "function"

/**
 * The script, with everything that its function may do wrong as a typed failure: errors of its effects, exceptions, and
 * answers that are no list.
 *
 * @category combinators
 * @since 0.1.0
 */
export const guarded = (source: string, script: Script.Script<unknown>): Script.Script<Failure.Failure> => ({
  ...script,
  decide: (time, positions) =>
    Effect.suspend(() => {
      const decided = script.decide(time, positions)
      return Effect.isEffect(decided) ? decided : Effect.succeed(decided)
    }).pipe(
      Effect.catchAllCause((cause) =>
        // A look-up of an unknown name is told by the run, with the field at fault.
        Cause.isInterrupted(cause) || Cause.squash(cause) instanceof Positions.LookupError
          ? Effect.failCause(cause as Cause.Cause<never>)
          : Effect.fail(failed(source, time, describe(Cause.squash(cause)), Cause.squash(cause)))),
      Effect.filterOrFail(
        (blocks) => Array.isArray(blocks),
        (blocks: unknown) =>
          failed(
            source,
            time,
            typeof blocks === "object" && blocks !== null && isThenable(blocks)
              ? "decide answered a promise; it answers blocks, or an Effect of them (Effect.promise makes one of a promise)"
              : `decide answered ${Fault.show(blocks)}, and a list of blocks is expected`
          )
      )
    )
})
