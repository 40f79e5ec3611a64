/**
 * Takes blocks of instructions, has the right venue do each, and gives back the exact change of position.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Instruction from "../domain/Instruction.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Fault from "../domain/Fault.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as EventLogger from "../events/EventLogger.js"
import * as HealthManager from "../health/HealthManager.js"
import * as Sync from "../internal/Sync.js"
import * as Journal from "../journal/Journal.js"
import * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Blocks from "./Blocks.js"
import * as Config from "./Config.js"
import * as Events from "./Events.js"
import * as Failures from "./Failures.js"
import type * as HealthRule from "./HealthRule.js"
import * as Planning from "./Planning.js"
import * as Reporting from "./Reporting.js"
import * as RoutingStatus from "./RoutingStatus.js"
import * as RunInfo from "./RunInfo.js"
import * as Settlement from "./Settlement.js"
import * as Statistics from "./Statistics.js"
import * as TradingState from "./TradingState.js"
import * as Turn from "./Turn.js"
import * as VenueTime from "./VenueTime.js"

/**
 * The manager.
 *
 * Every method that executes settles first what is due up to its timestamp. One block is executed at a time.
 *
 * @category services
 * @since 0.1.0
 */
export class ExecutionInterfaceManager extends Context.Tag("execution-interface-manager/manager/ExecutionInterfaceManager")<
  ExecutionInterfaceManager,
  {
    /**
     * Settles what is due, executes the block where one is given, and returns the net change of position. Fails with
     * the error of the operation that stopped the block; its `report` holds the deltas of all that happened before.
     */
    readonly updateState: (
      timestamp: Timestamp.Timestamp,
      triggerSource: ExecutionReport.TriggerSource,
      block?: InstructionBlock.Input
    ) => Effect.Effect<Deltas.Deltas, EimError.EimError>
    /** `updateState` for the execution manager: a block is always given. */
    readonly routeInstruction: (
      timestamp: Timestamp.Timestamp,
      block: InstructionBlock.Input
    ) => Effect.Effect<Deltas.Deltas, EimError.EimError>
    /**
     * The same with the whole report. Fails only where nothing was started: input not understood, plan refused, what
     * is due not settled. Afterwards an operation's failure stands in the report, as `error` and in its own line.
     */
    readonly execute: (
      timestamp: Timestamp.Timestamp,
      block: InstructionBlock.Input | undefined,
      options?: { readonly triggerSource?: ExecutionReport.TriggerSource | undefined }
    ) => Effect.Effect<ExecutionReport.ExecutionReport, EimError.EimError>
    /**
     * Finds out what became of an operation that is under way or unknown, and records it. The deltas are those that
     * were not reported before.
     */
    readonly resolve: (
      operationId: string,
      timestamp: Timestamp.Timestamp
    ) => Effect.Effect<ExecutionReport.OperationReport, EimError.EimError>
    readonly getRoutingStatus: Effect.Effect<RoutingStatus.RoutingStatus>
    readonly getStateSnapshot: Effect.Effect<RoutingStatus.StateSnapshot>
    /** Fails with EIM-001 for what is no trading state. */
    readonly setTradingState: (state: TradingState.TradingState) => Effect.Effect<void, EimError.RoutingFailed>
  }
>() {}

/**
 * How a manager is set up.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Defaults to {@link Config.defaults}. */
  readonly config?: Config.Config | undefined
  /** Whether an intent without an id is refused. Defaults to true; a backtest counts its intents instead. */
  readonly requireIds?: boolean | undefined
  /** When the manager counts as degraded or unhealthy. Each defaults to that of {@link HealthRule.thresholds}. */
  readonly health?: Partial<HealthRule.Thresholds> | undefined
}

const unknownName = (path: string, known: ReadonlyArray<string>, actual: unknown): EimError.RoutingFailed =>
  new EimError.RoutingFailed({
    reason: Fault.describe({ path, expected: `one of ${known.join(", ")}`, actual }),
    path,
    expected: `one of ${known.join(", ")}`,
    actual: Fault.show(actual)
  })

/** What a refused request was about: the instruction that the error names, or else the first one. */
const instructionOf = (input: InstructionBlock.Input, { path }: EimError.EimError): Instruction.Instruction | undefined => {
  const block = InstructionBlock.decode(input)
  if (Either.isLeft(block)) return undefined
  const named = /^instructions\[(\d+)\]/.exec(path ?? "")
  return block.right.instructions[named === null ? 0 : Number(named[1])]
}

type Requirements =
  | VenueRegistry.VenueRegistry
  | Journal.Journal
  | EventLogger.EventLogger
  | HealthManager.HealthManager
  | RunInfo.RunInfo

/**
 * Builds the manager over the ports in the environment, and logs its initialization. It does not fail: a venue that
 * does not work is unavailable, a log that does not take the event is counted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (options?: Options) => Effect.Effect<ExecutionInterfaceManager["Type"], never, Requirements> = Effect.fnUntraced(function*(options: Options = {}) {
  const config = options.config ?? Config.defaults
  const registry = yield* VenueRegistry.VenueRegistry
  const journal = yield* Journal.Journal
  const events = yield* EventLogger.EventLogger
  const health = yield* HealthManager.HealthManager
  const runInfo = yield* RunInfo.RunInfo
  const statistics = Statistics.make(options.health)
  const clock = yield* Effect.clock
  const turns = Turn.make()
  let tradingState: TradingState.TradingState = "active"

  const { log, note } = Reporting.make({ events, health, statistics })
  const plan = Planning.make({
    registry,
    journal,
    requireIds: options.requireIds ?? true,
    enableAtomicChaining: config.enableAtomicChaining
  })
  const venueTime = VenueTime.make(clock, statistics)
  const settle = Settlement.make(registry, (accrual) => log(Events.accrual(accrual)), venueTime)
  const blocks = Blocks.make({ config, registry, journal, events, statistics, venueTime, log, note })

  const body = (
    timestamp: Timestamp.Timestamp,
    input: InstructionBlock.Input | undefined,
    triggerSource: ExecutionReport.TriggerSource,
    turn: Turn.Turn
  ): Effect.Effect<Blocks.Executed, EimError.EimError> => {
    if (!ExecutionReport.isTriggerSource(triggerSource)) {
      return Sync.fail(unknownName("trigger_source", ExecutionReport.triggerSources, triggerSource))
    }
    if (!Timestamp.isValid(timestamp) || timestamp < (statistics.lastUpdate ?? 0)) {
      return Sync.fail(new EimError.RoutingFailed({
        reason: "time does not go back",
        path: "timestamp",
        expected: `epoch milliseconds, not before ${Timestamp.format(statistics.lastUpdate ?? 0)}`,
        actual: String(timestamp)
      }))
    }
    const settled = Sync.suspend(() => {
      statistics.lastUpdate = timestamp
      statistics.blocked = false
      return Sync.mapError(settle(timestamp, turn), ({ accruals, failure, logged, venue }) => {
        statistics.blocked = true
        const error = Failures.ofAccruals(venue, failure)
        // What was settled before the failure is not lost.
        return EimError.withReport(error, {
          ...Blocks.assemble(timestamp, triggerSource, undefined, [], accruals, !logged, false),
          error: EimError.info(error)
        })
      })
    })
    return input === undefined
      ? Sync.map(settled, ({ accruals, logged }) => ({
        report: Blocks.assemble(timestamp, triggerSource, undefined, [], accruals, !logged, false),
        error: undefined
      }))
      : Sync.flatMap(plan(timestamp, input, triggerSource, tradingState, turn), (planned) =>
        Sync.flatMap(
          // What is due is written down as a whole; a call that was interrupted meanwhile sends nothing any more.
          Sync.waiting(settled, (rest) => Effect.zipLeft(rest, turn.checkpoint())),
          (due) => blocks.execute(timestamp, triggerSource, planned, due, turn)
        ))
  }

  /** Has its turn, and gives what `answer` makes of the report and of the error that stopped the block, if one did. */
  const take = <A>(
    timestamp: Timestamp.Timestamp,
    input: InstructionBlock.Input | undefined,
    triggerSource: ExecutionReport.TriggerSource,
    answer: (executed: Blocks.Executed) => Effect.Effect<A, EimError.EimError>
  ): Effect.Effect<A, EimError.EimError> =>
    turns((turn) => {
      const logged = Timestamp.isValid(timestamp) ? timestamp : statistics.lastUpdate ?? 0
      const began = clock.unsafeCurrentTimeMillis()
      statistics.updates++
      statistics.waited = 0
      const finish = (instructionType: string | undefined) => {
        const processingTime = clock.unsafeCurrentTimeMillis() - began
        Statistics.addProcessing(statistics, processingTime)
        return log(Events.stateUpdate(logged, {
          triggerSource: ExecutionReport.isTriggerSource(triggerSource) ? triggerSource : undefined,
          routed: statistics.routed,
          failed: statistics.failed,
          instructionType,
          processingTime
        }))
      }
      return Sync.matchEffect(body(timestamp, input, triggerSource, turn), {
        onFailure: (error) => {
          if (input !== undefined) {
            const instruction = instructionOf(input, error)
            statistics.failed++
            statistics.current = instruction ?? statistics.current
            Statistics.addRouting(statistics, Statistics.refused(logged, instruction?.instructionType ?? "unknown", EimError.info(error)))
          }
          return Sync.zipRight(
            note(logged, error, [`${Events.component}.execute`]),
            Sync.zipRight(Sync.suspend(() => finish(undefined)), Sync.fail(error))
          )
        },
        onSuccess: (executed) =>
          Sync.flatMap(finish(executed.report.operations[0]?.instructionType), (taken) =>
            answer(taken ? executed : { ...executed, report: { ...executed.report, degraded: true } }))
      })
    })

  const execute: ExecutionInterfaceManager["Type"]["execute"] = (timestamp, block, settings) =>
    take(timestamp, block, settings?.triggerSource ?? "manual", ({ report }) => Sync.succeed(report))

  const updateState: ExecutionInterfaceManager["Type"]["updateState"] = (timestamp, triggerSource, block) =>
    take(timestamp, block, triggerSource, ({ error, report }) =>
      error === undefined ? Sync.succeed(report.deltas) : Sync.fail(EimError.withReport(error, report)))

  const resolve = Effect.fnUntraced(function*(operationId: string, timestamp: Timestamp.Timestamp, turn: Turn.Turn) {
    const past = yield* Effect.mapError(turn.interruptible(journal.find(operationId)), (error) =>
      new EimError.JournalUnavailable({ operationId, reason: error.message, cause: error }))
    if (past === undefined) {
      return yield* new EimError.RoutingFailed({ operationId, reason: `the journal holds no operation ${operationId}`, path: "operation_id", expected: "the id of an operation", actual: operationId })
    }
    const status = past.report?.status
    if (past.report !== undefined && status !== "pending" && status !== "unknown") {
      return { ...past.report, deltas: Deltas.empty, accounts: Deltas.empty, replayed: true, recorded: past.report }
    }
    const done = yield* blocks.resolve(past, turn)
    yield* log(Events.operation(timestamp, undefined, done.report))
    const fault = done.error ?? done.fault
    if (fault !== undefined) yield* note(timestamp, fault, [`${Events.component}.resolve`])
    // Whatever is final is an answer, also a refusal.
    return done.error !== undefined && (done.report.status === "unknown" || done.report.status === "pending")
      ? yield* Effect.fail(done.error)
      : done.report
  })

  const getRoutingStatus: Effect.Effect<RoutingStatus.RoutingStatus> = Effect.map(registry.entries, (entries) => ({
    status: Statistics.status(statistics, entries),
    currentInstruction: statistics.current,
    instructionsRouted: statistics.routed,
    instructionsFailed: statistics.failed,
    routingCount: statistics.routings,
    lastRoutingTimestamp: statistics.lastRouting,
    executionMode: runInfo.executionMode,
    tradingState,
    availableVenues: RoutingStatus.available(entries)
  }))

  yield* health.registerComponent(
    Events.component,
    Effect.map(registry.entries, (entries) => Statistics.health(statistics, entries))
  )
  yield* log(Events.initialization(clock.unsafeCurrentTimeMillis(), runInfo.executionMode, (yield* registry.entries).map((entry) => entry.id), runInfo.configHash))

  return {
    execute,
    updateState,
    routeInstruction: (timestamp, block) => updateState(timestamp, "execution_manager", block),
    resolve: (operationId, timestamp) => turns((turn) => resolve(operationId, timestamp, turn)),
    getRoutingStatus,
    getStateSnapshot: Effect.zipWith(getRoutingStatus, registry.entries, (status, entries) => ({
      ...status,
      routingHistory: Statistics.history(statistics),
      recentErrors: Statistics.lastErrors(statistics),
      unavailableVenues: Object.fromEntries(entries.flatMap((entry) => (Either.isLeft(entry.state) ? [[entry.id, entry.state.left]] : []))),
      updateCount: statistics.updates,
      configHash: runInfo.configHash
    })),
    setTradingState: (state) =>
      Effect.suspend(() => {
        if (!TradingState.isTradingState(state)) return unknownName("trading_state", TradingState.tradingStates, state)
        tradingState = state
        return Effect.void
      })
  }
})

/**
 * The manager over the venues of the registry.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<ExecutionInterfaceManager, never, Requirements> =>
  Layer.effect(ExecutionInterfaceManager, make(options))
