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
import * as Fault from "../domain/Fault.js"
import type * as Instruction from "../domain/Instruction.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as EventLogger from "../events/EventLogger.js"
import * as HealthManager from "../health/HealthManager.js"
import * as Journal from "../journal/Journal.js"
import * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Accruals from "./Accruals.js"
import * as BlockResult from "./BlockResult.js"
import * as Config from "./Config.js"
import * as Events from "./Events.js"
import type * as HealthRule from "./HealthRule.js"
import * as Lane from "./Lane.js"
import * as OperationResult from "./OperationResult.js"
import * as Operations from "./Operations.js"
import type * as Plan from "./Plan.js"
import * as Planning from "./Planning.js"
import * as Recording from "./Recording.js"
import * as Reporting from "./Reporting.js"
import * as Resolution from "./Resolution.js"
import * as Retry from "./Retry.js"
import * as RoutingStatus from "./RoutingStatus.js"
import * as Statistics from "./Statistics.js"
import * as TradingState from "./TradingState.js"
import * as VenueTime from "./VenueTime.js"

/** What the journal knows of intents that the run itself counted. */
const untold: ReadonlyMap<string, Journal.Record> = new Map()

/** The plan of a call that only settles accruals. */
const nothing: Either.Either<Plan.Plan, never> = Either.right({ blockId: undefined, dependencies: [], steps: [] })

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
    ) => Effect.Effect<Deltas.Deltas, EimError.PlanError | EimError.OperationError>
    /** `updateState` for the execution manager: a block is always given. */
    readonly routeInstruction: (
      timestamp: Timestamp.Timestamp,
      block: InstructionBlock.Input
    ) => Effect.Effect<Deltas.Deltas, EimError.PlanError | EimError.OperationError>
    /**
     * The same with the whole report. Fails only where nothing was started: input not understood, plan refused, what
     * is due not settled. Afterwards an operation's failure stands in the report, as `error` and in its own line.
     */
    readonly execute: (
      timestamp: Timestamp.Timestamp,
      block: InstructionBlock.Input | undefined,
      options?: { readonly triggerSource?: ExecutionReport.TriggerSource | undefined }
    ) => Effect.Effect<ExecutionReport.ExecutionReport, EimError.PlanError>
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
  /** When a call that was not sent is sent again. Defaults to that of the settings. */
  readonly retry?: Retry.Policy | undefined
  /** When the manager counts as degraded or unhealthy. Each defaults to that of {@link HealthRule.thresholds}. */
  readonly health?: Partial<HealthRule.Thresholds> | undefined
  /** What log and status say of the program. Nothing branches on it. Defaults to live, without a hash. */
  readonly program?: RoutingStatus.Program | undefined
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

/**
 * Builds the manager over the ports in the environment, and logs its initialization. It does not fail: a venue that
 * does not work is unavailable, a log that does not take the event is counted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (options?: Options) => Effect.Effect<ExecutionInterfaceManager["Type"], never, Requirements> = Effect.fnUntraced(function*(options: Options = {}) {
  const config = options.config ?? Config.defaults
  const { configHash, executionMode } = options.program ?? { configHash: "", executionMode: "live" }
  const registry = yield* VenueRegistry.VenueRegistry
  const journal = yield* Journal.Journal
  const events = yield* EventLogger.EventLogger
  const health = yield* HealthManager.HealthManager
  const clock = yield* Effect.clock
  const statistics = Statistics.make(options.health)
  const lane = Lane.make()
  let tradingState: TradingState.TradingState = "active"

  const { log, note } = Reporting.make({ events, health, statistics })
  const planning = Planning.make({
    registry,
    journal,
    requireIds: options.requireIds ?? true,
    enableAtomicChaining: config.enableAtomicChaining
  })
  const venueTime = VenueTime.make(clock, statistics)
  const settle = Accruals.make(registry, (accrual) => log(Events.accrual(accrual)), venueTime)
  const recording = Recording.make(journal)
  const carryOut = Operations.make({
    journal,
    recording,
    retry: options.retry ?? Retry.ofConfig(config),
    priceTolerance: config.priceTolerance,
    venueTime
  })
  const ask = Resolution.make({ registry, recording })

  const noTime = (timestamp: Timestamp.Timestamp): EimError.RoutingFailed =>
    new EimError.RoutingFailed({
      reason: "time does not go back",
      path: "timestamp",
      expected: `epoch milliseconds, not before ${Timestamp.format(statistics.lastUpdate ?? 0)}`,
      actual: String(timestamp)
    })

  const caughtUp = Effect.mapError(recording.catchUp, (error) =>
    new EimError.JournalUnavailable({ reason: error.message, cause: error }))

  const finish = (timestamp: Timestamp.Timestamp, triggerSource: ExecutionReport.TriggerSource, began: number, instructionType?: string) => {
    const processingTime = clock.unsafeCurrentTimeMillis() - began
    Statistics.addProcessing(statistics, processingTime)
    const { failed, routed } = statistics
    const source = ExecutionReport.isTriggerSource(triggerSource) ? triggerSource : undefined
    return log(Events.stateUpdate(timestamp, { triggerSource: source, routed, failed, instructionType, processingTime }))
  }

  /** The way of one call. What fails was refused before anything was settled. */
  const run = Effect.fnUntraced(function*(
    timestamp: Timestamp.Timestamp,
    input: InstructionBlock.Input | undefined,
    triggerSource: ExecutionReport.TriggerSource,
    restore: Lane.Restore
  ): Effect.fn.Return<BlockResult.BlockResult, EimError.EimError> {
    const began = clock.unsafeCurrentTimeMillis()
    statistics.updates++
    statistics.waited = 0
    if (!ExecutionReport.isTriggerSource(triggerSource)) {
      return yield* unknownName("trigger_source", ExecutionReport.triggerSources, triggerSource)
    }
    if (!Timestamp.isValid(timestamp) || timestamp < (statistics.lastUpdate ?? 0)) return yield* noTime(timestamp)
    const planned = input === undefined ? nothing : planning.plan(timestamp, input, triggerSource, tradingState)
    if (Either.isLeft(planned)) return yield* planned.left
    const { blockId, steps } = planned.right
    if (recording.isBehind()) yield* caughtUp
    const past = planning.isNamed(planned.right) ? yield* restore(planning.past(planned.right)) : untold

    statistics.lastUpdate = timestamp
    const { accruals, error: unsettled, logged: settled } = yield* settle(timestamp, restore)
    let error = unsettled
    let degraded = !settled
    statistics.blocked = error !== undefined
    if (error !== undefined) {
      if (input !== undefined) statistics.failed++
      yield* note(timestamp, error, [`${Events.component}.accruals`])
    }

    const results: Array<OperationResult.OperationResult> = []
    for (const step of steps) {
      if (error !== undefined) {
        results.push(...step.operations.map(OperationResult.skipped))
        continue
      }
      statistics.current = step.operations[0].instruction
      const done = yield* carryOut(step, timestamp, past, restore)
      for (let place = 0; place < done.length; place++) {
        const result = done[place]!
        const operation = step.operations[place]!
        Statistics.addResult(statistics, timestamp, result)
        results.push(result)
        error ??= result.error
        if (!(yield* log(Events.operation(timestamp, blockId, result.report)))) degraded = true
        const fault = result.error ?? result.fault
        if (fault !== undefined && !(yield* note(timestamp, fault, [`${Events.component}.execute`, `${operation.venue}.${step.capability}`]))) degraded = true
      }
      if (step.group !== undefined && !(yield* log(Events.atomicGroup(timestamp, blockId, step.group, done.map(({ report }) => report))))) degraded = true
    }
    if (blockId !== undefined && error === undefined && Either.isLeft(yield* Effect.either(journal.completeBlock(blockId)))) degraded = true
    if (!(yield* finish(timestamp, triggerSource, began, steps[0]?.operations[0].instruction.instructionType))) degraded = true
    return BlockResult.make({ timestamp, triggerSource, blockId, results, accruals, degraded, error })
  })

  const call = (
    timestamp: Timestamp.Timestamp,
    input: InstructionBlock.Input | undefined,
    triggerSource: ExecutionReport.TriggerSource
  ): Effect.Effect<BlockResult.BlockResult, EimError.EimError> =>
    lane((restore) =>
      Effect.tapError(run(timestamp, input, triggerSource, restore), (error) => {
        const logged = Timestamp.isValid(timestamp) ? timestamp : statistics.lastUpdate ?? 0
        if (input !== undefined) {
          const instruction = instructionOf(input, error)
          statistics.failed++
          statistics.current = instruction ?? statistics.current
          Statistics.addRouting(statistics, Statistics.refused(logged, instruction?.instructionType ?? "unknown", EimError.info(error)))
        }
        return Effect.zipRight(
          note(logged, error, [`${Events.component}.execute`]),
          finish(logged, triggerSource, clock.unsafeCurrentTimeMillis())
        )
      }))

  const execute: ExecutionInterfaceManager["Type"]["execute"] = (timestamp, block, settings) =>
    Effect.map(call(timestamp, block, settings?.triggerSource ?? "manual"), ({ report }) => report)

  const updateState: ExecutionInterfaceManager["Type"]["updateState"] = (timestamp, triggerSource, block) =>
    Effect.flatMap(call(timestamp, block, triggerSource), ({ error, report }) =>
      error === undefined ? Effect.succeed(report.deltas) : Effect.fail(EimError.withReport(error, report)))

  const resolve = Effect.fnUntraced(function*(operationId: string, timestamp: Timestamp.Timestamp, restore: Lane.Restore) {
    if (recording.isBehind()) yield* caughtUp
    const past = yield* Effect.mapError(restore(journal.find(operationId)), (error) =>
      new EimError.JournalUnavailable({ operationId, reason: error.message, cause: error }))
    if (past === undefined) {
      return yield* new EimError.RoutingFailed({ operationId, reason: `the journal holds no operation ${operationId}`, path: "operation_id", expected: "the id of an operation", actual: operationId })
    }
    const status = past.report?.status
    if (past.report !== undefined && status !== "pending" && status !== "unknown") {
      return { ...past.report, deltas: Deltas.empty, accounts: Deltas.empty, replayed: true, recorded: past.report }
    }
    const { error, fault, report } = yield* ask(past, restore)
    yield* log(Events.operation(timestamp, undefined, report))
    const noted = error ?? fault
    if (noted !== undefined) yield* note(timestamp, noted, [`${Events.component}.resolve`])
    // Whatever is final is an answer, also a refusal.
    return error !== undefined && (report.status === "unknown" || report.status === "pending") ? yield* error : report
  })

  const getRoutingStatus: Effect.Effect<RoutingStatus.RoutingStatus> = Effect.map(registry.entries, (entries) => ({
    status: Statistics.status(statistics, entries),
    currentInstruction: statistics.current,
    instructionsRouted: statistics.routed,
    instructionsFailed: statistics.failed,
    routingCount: statistics.routings,
    lastRoutingTimestamp: statistics.lastRouting,
    executionMode,
    tradingState,
    availableVenues: RoutingStatus.available(entries)
  }))

  yield* health.registerComponent(
    Events.component,
    Effect.map(registry.entries, (entries) => Statistics.health(statistics, entries))
  )
  yield* log(Events.initialization(clock.unsafeCurrentTimeMillis(), executionMode, (yield* registry.entries).map((entry) => entry.id), configHash))

  return {
    execute,
    updateState,
    routeInstruction: (timestamp, block) => updateState(timestamp, "execution_manager", block),
    resolve: (operationId, timestamp) => lane((restore) => resolve(operationId, timestamp, restore)),
    getRoutingStatus,
    getStateSnapshot: Effect.zipWith(getRoutingStatus, registry.entries, (status, entries) => ({
      ...status,
      routingHistory: Statistics.history(statistics),
      recentErrors: Statistics.lastErrors(statistics),
      unavailableVenues: Object.fromEntries(entries.flatMap((entry) => (Either.isLeft(entry.state) ? [[entry.id, entry.state.left]] : []))),
      updateCount: statistics.updates,
      configHash
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
