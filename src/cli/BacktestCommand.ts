/**
 * `eim backtest`: a script over historical data.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as DataProvider from "../data/DataProvider.js"
import * as Decimal from "../domain/Decimal.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type { Json } from "../domain/Json.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Config from "../manager/Config.js"
import * as Backtest from "../modes/Backtest.js"
import type * as Balances from "../modes/Backtest/Balances.js"
import * as Result from "../modes/Backtest/Result.js"
import type * as Script from "../modes/Backtest/Script.js"
import * as BacktestSummary from "./BacktestSummary.js"
import * as DataSource from "./DataSource.js"
import * as Failure from "./Failure.js"
import * as Inputs from "./Inputs.js"
import * as Misunderstanding from "./Misunderstanding.js"
import * as Pretty from "./Pretty.js"
import * as Progress from "./Progress.js"
import * as ResultFiles from "./ResultFiles.js"
import * as ScheduledScript from "./ScheduledScript.js"
import * as Screen from "./Screen.js"
import * as ScriptFailure from "./ScriptFailure.js"
import * as ScriptModule from "./ScriptModule.js"
import * as Settings from "./Settings.js"

/**
 * The options as they were given.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly script: string
  readonly data: ReadonlyArray<string>
  readonly onConflict: Option.Option<string>
  readonly from: Option.Option<string>
  readonly to: Option.Option<string>
  readonly balances: Option.Option<string>
  readonly config: Option.Option<string>
  readonly out: Option.Option<string>
  readonly id: Option.Option<string>
  /** Whether the summary shows the assumptions that did not matter too. */
  readonly assumptions: boolean
  readonly force: boolean
  readonly json: boolean
}

/**
 * What `--json` prints where a run did not get to its end: the same keys as ever, and of the run what is known of it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const emptyJson = (error: Json, run: Failure.Run | undefined): { readonly [key: string]: Json } => ({
  backtest_id: run?.id ?? null,
  from: null,
  to: null,
  requested_from: null,
  requested_to: null,
  stopped_at: null,
  stop_reason: null,
  routed: 0,
  failed: 0,
  replayed: 0,
  liquidated: 0,
  liquidations: [],
  balances: {},
  in_transit: {},
  positions: [],
  value: { token: null, from: null, to: null, initial: null, final: null, change: null, unpriced: [], series: [] },
  costs: {},
  assumptions: [],
  files: run?.files ?? {},
  error
})

/** Values as JSON; amounts and decimals as their text. */
const plain = (value: unknown): Json =>
  JSON.parse(JSON.stringify(value ?? null, (_, member: unknown) => (typeof member === "bigint" ? member.toString() : member)))

/**
 * The first 16 hexadecimal digits of a sha256 over everything that the outcome of a run depends on: the bytes of the
 * script, settings, balances, the two ends, name and content of the files of data. Where any of these lies does not
 * matter. Modules that a script imports are not part of it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const idOf = (inputs: {
  readonly script: Uint8Array
  readonly config: Config.Config
  readonly balances: Balances.Balances | undefined
  readonly from: Timestamp.Timestamp | undefined
  readonly to: Timestamp.Timestamp | undefined
  readonly data: Json
}): string =>
  Backtest.hash({
    script: bytesToHex(sha256(inputs.script)),
    config: plain(inputs.config),
    balances: plain(inputs.balances),
    from: inputs.from ?? null,
    to: inputs.to ?? null,
    data: inputs.data
  }).slice(0, 16)

type AnyScript = Script.Script<Failure.Failure> | ReadonlyArray<Script.Scheduled>

const modules = /\.m?[jt]sx?$/

const checkScript = (file: string): Either.Either<void, Failure.Failure> =>
  modules.test(file) || file.endsWith(".jsonl")
    ? Either.right(undefined)
    : Either.left(Misunderstanding.ofFault(
      "arguments",
      "arguments",
      { path: "SCRIPT", expected: "a file .jsonl, .ts, .mts, .js or .mjs", actual: file },
      "See `eim backtest --help` for what a script is."
    ))

const loadScript = (
  file: string,
  source: string,
  bytes: Uint8Array,
  asked: (place: Failure.Place) => void
): Effect.Effect<AnyScript, Failure.Failure, Path.Path> =>
  Effect.flatMap(Inputs.decodeText(source, bytes), (text): Effect.Effect<AnyScript, Failure.Failure, Path.Path> =>
    modules.test(file)
      ? Effect.flatMap(Path.Path, (path) =>
        Effect.map(ScriptModule.load(source, path.resolve(file)), (script) => ScriptModule.guarded(source, path.resolve(file), script, asked)))
      : ScheduledScript.decode(source, text))

const isScheduled = (script: AnyScript): script is ReadonlyArray<Script.Scheduled> => Array.isArray(script)

/** How many blocks lie outside of the run, which they are then not part of. */
const outside = (script: AnyScript, from: Timestamp.Timestamp | undefined, to: Timestamp.Timestamp | undefined): number =>
  isScheduled(script)
    ? script.filter(({ timestamp }) => timestamp < (from ?? 0) || timestamp > (to ?? Infinity)).length
    : 0

const series = (result: Result.Result): ReadonlyArray<readonly [string, string]> =>
  result.value.map(({ at, value }) => [Timestamp.format(at), Decimal.formatScaled(Decimal.toScale(value, 8, "down"), 8)])

/**
 * Runs the script, writes the files and prints the summary. Answers the exit code.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run = (
  options: Options
): Effect.Effect<number, Failure.Failure, Screen.Screen | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const screen = yield* Screen.Screen
    const from = yield* Inputs.optionalTimestamp("from", options.from)
    const to = yield* Inputs.optionalTimestamp("to", options.to)
    if (from !== undefined && to !== undefined && from > to) {
      return yield* Misunderstanding.ofFault("arguments", "arguments", {
        path: "--from",
        expected: `an instant not after --to, ${Timestamp.format(to)}`,
        actual: Timestamp.format(from)
      }, "Swap them, or leave one out.")
    }
    yield* checkScript(options.script)
    const named = yield* Either.transposeOption(Option.map(options.id, ResultFiles.checkId))
    const { balances, config, environment } = yield* Settings.load(options)
    const data = yield* DataSource.make(options.data, options.onConflict, config, environment)
    const source = `script ${options.script}`
    const bytes = yield* Inputs.readBytes(options.script)
    const id = Option.isSome(named)
      ? named.value
      : idOf({ script: bytes, config, balances, from, to, data: yield* DataSource.fingerprint(data) })
    let asked: Failure.Place | undefined
    const ofRun = Failure.inRun({ id, files: {} })
    const script = yield* Effect.mapError(loadScript(options.script, source, bytes, (place) => (asked = place)), ofRun)
    const left = outside(script, from, to)
    if (left > 0) {
      const [lie, are] = left === 1 ? ["lies", "is"] : ["lie", "are"]
      yield* screen.err(`eim: ${left} of the script's blocks ${lie} outside of the run and ${are} left out\n`)
    }

    const provided = yield* Effect.mapError(Layer.build(data.layer), (error) => ofRun(DataSource.ofDataError(error)))
    const files = yield* Effect.mapError(ResultFiles.open(Option.getOrElse(options.out, () => "results"), id, options.force), ofRun)
    const unfinished = (failure: Failure.Failure) =>
      Effect.flatMap(files.unfinished, (left) => Effect.fail(Failure.inRun({ id, files: left })(failure)))
    if (files.removed !== undefined) {
      yield* screen.err(`eim: an unfinished run of the id ${id} had left ${files.removed}, which was removed\n`)
    }
    const progress = Progress.make(screen)
    const result = yield* Backtest.run(script, {
      id,
      config,
      balances,
      from,
      to,
      events: files.events,
      // A file that cannot be written stays broken, and `files.finish` fails with it: the run need not stop for that.
      onProgress: (at) => Effect.zipRight(Effect.ignore(files.operations.flush), progress.show(at)),
      onReport: (report) =>
        Effect.sync(() => void files.operations.write(JSON.stringify(ExecutionReport.toJson(report))))
    }).pipe(
      Effect.provide(provided),
      Effect.ensuring(progress.clear),
      Effect.catchTags({
        ConfigError: (error) => Effect.fail(Settings.ofSetup({ ...options, otherwise: source }, error)),
        DataError: (error: DataProvider.DataError) => Effect.fail(DataSource.ofDataError(error)),
        EventError: (error) => Effect.fail(ResultFiles.ofEventError(error)),
        DuplicateVenue: (error) => Effect.die(error)
      }),
      Effect.catchAll(unfinished)
    )
    const report = Result.toJson(result, files.paths)
    yield* Effect.catchAll(files.finish(report, series(result)), unfinished)
    yield* screen.out(
      options.json
        ? `${Pretty.json(report)}\n`
        : `${BacktestSummary.lines(screen.style, options.script, result, { files: files.paths, assumptions: options.assumptions }).join("\n")}\n`
    )
    if (asked !== undefined) yield* screen.err(`eim: ${source} asked for it in ${ScriptFailure.formatPlace(asked)}\n`)
    return Failure.codeOfOutcome({
      error: result.error,
      complete: result.failed === 0,
      liquidated: result.liquidations.length > 0
    })
  }).pipe(Effect.scoped)
