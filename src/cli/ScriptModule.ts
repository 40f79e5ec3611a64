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
import * as DataProvider from "../data/DataProvider.js"
import * as Fault from "../domain/Fault.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Positions from "../modes/Backtest/Positions.js"
import type * as Script from "../modes/Backtest/Script.js"
import * as Failure from "./Failure.js"
import * as Misunderstanding from "./Misunderstanding.js"
import * as ScriptFailure from "./ScriptFailure.js"
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
        catch: (cause) => unloadable(source, path, cause)
      })
    ),
    (module) => fromExport(source, module.default)
  )

/** Where there is nothing nearer, the script itself. */
const at = (file: string, place: Failure.Place | undefined): Failure.Place => place ?? { file }

const unloadable = (source: string, file: string, cause: unknown): Failure.Failure => {
  const told = ScriptFailure.tell(cause)
  const known = told.place ?? (cause instanceof SyntaxError && /\.m?jsx?$/.test(file) ? ScriptFailure.placeOfSyntax(file) : undefined)
  const place = at(file, known)
  const where = ScriptFailure.formatPlace(place)
  return new Failure.Failure({
    kind: cause instanceof ScriptFailure.Exit ? "script" : "input",
    reason: `${source} cannot be loaded: ${told.text}${known === undefined || told.text.includes(where) ? "" : ` (${where})`}`,
    resolution: `Mend ${where}; it is loaded as an ECMAScript module.`,
    place,
    series: told.series,
    cause
  })
}

const isThenable = (value: object): boolean => "then" in value && typeof value.then === "function"

/** What a script answered where blocks are expected. */
const describeAnswer = (answer: unknown): string => {
  const isPromise = Either.try(() => typeof answer === "object" && answer !== null && isThenable(answer))
  if (Either.isRight(isPromise) && isPromise.right) {
    return "decide answered a promise; it answers blocks, or an Effect of them (Effect.promise makes one of a promise)"
  }
  const shown = Either.getOrElse(Either.try(() => Fault.show(answer)), () => "a value that cannot be looked at")
  return `decide answered ${shown}, and a list of blocks is expected`
}

/** What a promise that nobody waits for may fail with has no one to hear it. */
const hush = (answer: unknown): void => {
  if (answer instanceof Promise) answer.catch(() => undefined)
}

/**
 * The script, with everything that its function may do wrong as a typed failure: errors of its effects, exceptions, and
 * answers that are no list. A failure names the file, its line, and the series that had no value. `asked` is told where
 * a look-up of an unknown name stands.
 *
 * @category combinators
 * @since 0.1.0
 */
export const guarded = (
  source: string,
  file: string,
  script: Script.Script<unknown>,
  asked: (place: Failure.Place) => void = () => undefined
): Script.Script<Failure.Failure> => ({
  ...script,
  decide: (time, positions) =>
    Effect.flatMap(DataProvider.DataProvider, (data) => {
      const seen = ScriptFailure.trace()
      const failed = (reason: string, told: ScriptFailure.Told | undefined, suggestion: string, cause?: unknown) => {
        const place = at(file, told?.place)
        const where = ScriptFailure.formatPlace(place)
        return new Failure.Failure({
          kind: "script",
          reason: `${source} failed at ${Timestamp.format(time)}: ${reason}${told?.place === undefined ? "" : ` (${where})`}`,
          resolution: `${suggestion}Mend ${where}; the script itself is at fault.`,
          place,
          series: told?.series,
          cause
        })
      }
      return Effect.suspend(() => {
        const decided = script.decide(time, positions)
        return Effect.isEffect(decided) ? decided : Effect.succeed(decided)
      }).pipe(
        Effect.provideService(DataProvider.DataProvider, ScriptFailure.traced(data, seen)),
        Effect.catchAllCause((cause) => {
          if (Cause.isInterruptedOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>)
          const squashed = Cause.squash(cause)
          const told = ScriptFailure.tell(squashed, seen)
          // A look-up of an unknown name is told by the run, with the field at fault; its place is known here alone.
          if (squashed instanceof Positions.LookupError) {
            asked(at(file, told.place))
            return Effect.failCause(cause as Cause.Cause<never>)
          }
          return Effect.flatMap(
            Effect.orElseSucceed(data.series, () => []),
            (all) => Effect.fail(failed(told.text, told, ScriptFailure.suggest(told, all.map(({ name }) => name)), squashed))
          )
        }),
        Effect.filterOrFail(
          (blocks) => Array.isArray(blocks),
          (blocks: unknown) => {
            hush(blocks)
            return failed(describeAnswer(blocks), undefined, "")
          }
        )
      )
    })
})
