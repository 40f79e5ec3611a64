/**
 * `eim route`: one block, executed in a backtest.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as DataProvider from "../data/DataProvider.js"
import * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import type { Json } from "../domain/Json.js"
import type * as Outcome from "../domain/Outcome.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as ExecutionInterfaceManager from "../manager/ExecutionInterfaceManager.js"
import * as Backtest from "../modes/Backtest.js"
import * as SimulatedClock from "../modes/Backtest/SimulatedClock.js"
import * as Simulation from "../sim/Simulation.js"
import * as DataSource from "./DataSource.js"
import * as Failure from "./Failure.js"
import * as Inputs from "./Inputs.js"
import * as Misunderstanding from "./Misunderstanding.js"
import * as Pretty from "./Pretty.js"
import * as ResultFiles from "./ResultFiles.js"
import * as RouteSummary from "./RouteSummary.js"
import * as Screen from "./Screen.js"
import * as Settings from "./Settings.js"

/**
 * The options as they were given.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly block: string
  readonly at: string
  readonly mode: Option.Option<string>
  readonly data: ReadonlyArray<string>
  readonly onConflict: Option.Option<string>
  readonly balances: Option.Option<string>
  readonly config: Option.Option<string>
  readonly noWait: boolean
  readonly json: boolean
}

/** The instant as all others are written; none where it is not one. */
const formatted = (text: string | undefined): string | null => {
  const at = text === undefined ? undefined : Timestamp.parse(text)
  return at === undefined ? null : Timestamp.format(at)
}

/** What `--json` prints where nothing came about: the same keys as ever. @category combinators @since 0.1.0 */
export const emptyJson = (error: Json, at: string | undefined): { readonly [key: string]: Json } => ({
  timestamp: formatted(at),
  trigger_source: "manual",
  block_id: null,
  liquidations: [],
  deltas: {},
  operations: [],
  accruals: [],
  positions: [],
  degraded: false,
  replayed: false,
  error
})

const checkMode = (given: string): Either.Either<void, Failure.Failure> =>
  given === "backtest"
    ? Either.right(undefined)
    : given === "paper" || given === "live"
      ? Either.left(new Failure.Failure({
        kind: "arguments",
        reason: `mode ${given} is not available from this command yet; it executes in a backtest`,
        path: "--mode",
        expected: "backtest",
        actual: given,
        resolution: "Leave --mode and BASIS_EXECUTION_MODE out, or set them to backtest."
      }))
      : Either.left(Misunderstanding.ofFault(
        "arguments",
        "arguments",
        { path: "--mode", expected: "backtest", actual: given },
        "See `eim route --help`."
      ))

/** An operation whose transfer has arrived, its deviation counted with what was credited. */
const arrived = (
  operation: ExecutionReport.OperationReport,
  status: ExecutionReport.Status,
  accruals: ReadonlyArray<Outcome.Accrual>
): ExecutionReport.OperationReport => {
  if (operation.deviation === undefined) return { ...operation, status }
  const credits = accruals.filter(({ detail, kind }) =>
    kind === "credit" && detail["operation_id"] === operation.operationId)
  const deviation = { ...operation.deviation }
  for (const { entries } of credits) {
    for (const tokens of Object.values(Deltas.fromEntries(entries))) {
      for (const token of Object.keys(tokens)) deviation[token] = (deviation[token] ?? 0n) + tokens[token]!
    }
  }
  const left = Object.entries(deviation).filter(([, amount]) => amount !== 0n)
  return { ...operation, status, deviation: Object.fromEntries(left) }
}

/** Time passes until nothing is in transit any more; what comes due meanwhile becomes part of the report. */
const waited = Effect.fnUntraced(function*(report: ExecutionReport.ExecutionReport, clock: SimulatedClock.SimulatedClock) {
  const manager = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
  const simulation = yield* Simulation.Simulation
  let whole = report
  let at = report.timestamp
  for (;;) {
    const { transits } = yield* simulation.world
    if (transits.length === 0) break
    at = transits.reduce((latest, { due }) => Math.max(latest, due), at)
    clock.set(at)
    const settled = yield* Effect.either(manager.execute(at, undefined))
    if (Either.isLeft(settled)) return { ...whole, error: whole.error ?? EimError.info(settled.left) }
    const next = settled.right
    whole = {
      ...whole,
      deltas: Deltas.combine([whole.deltas, next.deltas]),
      accruals: [...whole.accruals, ...next.accruals],
      degraded: whole.degraded || next.degraded,
      error: whole.error ?? next.error
    }
    if (next.error !== undefined) return whole
  }
  const operations: Array<ExecutionReport.OperationReport> = []
  for (const operation of whole.operations) {
    const resolved = operation.status === "pending"
      ? yield* Effect.either(manager.resolve(operation.operationId, at))
      : undefined
    operations.push(
      resolved !== undefined && Either.isRight(resolved)
        ? arrived(operation, resolved.right.status, whole.accruals)
        : operation
    )
  }
  return { ...whole, operations }
})

/** The report of a block that was not started. */
const refusedWhole = (
  at: Timestamp.Timestamp,
  blockId: string | undefined,
  error: EimError.EimError
): ExecutionReport.ExecutionReport => ({
  timestamp: at,
  triggerSource: "manual",
  deltas: Deltas.empty,
  operations: [],
  accruals: [],
  positions: [],
  degraded: false,
  replayed: false,
  blockId,
  error: EimError.info(error)
})

/**
 * Executes the block and prints the report. Answers the exit code.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run = (
  options: Options
): Effect.Effect<number, Failure.Failure, Screen.Screen | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const screen = yield* Screen.Screen
    const at = yield* Inputs.timestamp("at", options.at)
    const { balances, config, environment } = yield* Settings.load(options)
    yield* checkMode(Option.getOrElse(options.mode, () => environment.executionMode))
    const data = yield* DataSource.make(options.data, options.onConflict, config, environment)
    const source = options.block === "-" ? "standard input" : `file ${options.block}`
    const json = options.block === "-"
      ? yield* Effect.flatMap(screen.input, (bytes) =>
        Either.flatMap(Inputs.decodeText(source, bytes), (text) => Inputs.parseJson(source, text)))
      : yield* Inputs.readJson(options.block)
    const block = yield* Either.mapLeft(InstructionBlock.fromJson(json), (error) => Misunderstanding.ofError(source, error))

    const clock = SimulatedClock.make(at)
    const program = Effect.gen(function*() {
      const manager = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const executed = yield* Effect.either(manager.execute(at, block, { triggerSource: "manual" }))
      const report = Either.isRight(executed) ? executed.right : refusedWhole(at, block.blockId, executed.left)
      return options.noWait ? report : yield* waited(report, clock)
    })
    const report = yield* program.pipe(
      Effect.provide(Backtest.layer({ config, balances: balances ?? {}, at })),
      Effect.withClock(clock.clock),
      // Outside of the simulated time, in which a wait for a server is over before it has begun.
      Effect.provide(data.layer),
      Effect.catchTags({
        ConfigError: (error) => Effect.fail(Settings.ofSetup({ ...options, otherwise: "settings" }, error)),
        DataError: (error: DataProvider.DataError) => Effect.fail(DataSource.ofDataError(error)),
        EventError: (error) => Effect.fail(ResultFiles.ofEventError(error)),
        DuplicateVenue: (error) => Effect.die(error)
      })
    )
    yield* screen.out(
      options.json
        ? `${Pretty.json(ExecutionReport.toJson(report))}\n`
        : `${RouteSummary.lines(screen.style, block, report).join("\n")}\n`
    )
    return Failure.codeOfOutcome({
      error: report.error,
      complete: ExecutionReport.isComplete(report),
      liquidated: report.accruals.some(({ kind }) => kind === "liquidation")
    })
  })
