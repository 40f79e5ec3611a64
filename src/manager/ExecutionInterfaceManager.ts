/**
 * Takes blocks of instructions, has the right venue do each, and gives back the exact change of position.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import type * as Outcome from "../domain/Outcome.js"
import * as Plan from "../domain/Plan.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as EventLogger from "../events/EventLogger.js"
import * as HealthManager from "../health/HealthManager.js"
import * as Journal from "../journal/Journal.js"
import * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Config from "./Config.js"
import * as Events from "./Events.js"
import * as Failures from "./Failures.js"
import * as Operations from "./Operations.js"
import * as Retry from "./Retry.js"
import * as RoutingStatus from "./RoutingStatus.js"
import * as RunInfo from "./RunInfo.js"
import * as Statistics from "./Statistics.js"
import * as TradingState from "./TradingState.js"

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
    readonly setTradingState: (state: TradingState.TradingState) => Effect.Effect<void>
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
  /** When the manager counts as degraded or unhealthy. Each defaults to that of {@link Statistics.thresholds}. */
  readonly health?: Partial<Statistics.Thresholds> | undefined
}

type Requirements =
  | VenueRegistry.VenueRegistry
  | Journal.Journal
  | EventLogger.EventLogger
  | HealthManager.HealthManager
  | RunInfo.RunInfo

/** @category constructors @since 0.1.0 */
export const make: (options?: Options) => Effect.Effect<ExecutionInterfaceManager["Type"], never, Requirements> = Effect.fnUntraced(function*(options: Options = {}) {
  const config = options.config ?? Config.defaults
  const registry = yield* VenueRegistry.VenueRegistry
  const journal = yield* Journal.Journal
  const events = yield* EventLogger.EventLogger
  const health = yield* HealthManager.HealthManager
  const runInfo = yield* RunInfo.RunInfo
  const attempts = Math.min(config.maxRetryAttempts, 1 + config.maxRetriesPerVenue)
  let block: string | undefined
  const operations = Operations.make({
    registry,
    journal,
    retry: Retry.exponential(`${config.retryDelaySeconds * 1000} millis`, attempts),
    priceTolerance: config.priceTolerance,
    announce: events.immediate === true
      ? (operation, capability, at) => events.log(Events.intent(at, block, operation, capability))
      : undefined
  })
  const statistics = Statistics.make(options.health)
  const lock = yield* Effect.makeSemaphore(1)
  let tradingState: TradingState.TradingState = "active"
  let sequence = { at: -1, next: 1 }
  const abilities = new Map<object, Plan.Abilities>()

  const planContext = (at: Timestamp.Timestamp, triggerSource: ExecutionReport.TriggerSource): Plan.Context => ({
    at,
    requireIds: (options.requireIds ?? true) || triggerSource === "retry",
    sequence: () => {
      if (sequence.at !== at) sequence = { at, next: 1 }
      return sequence.next++
    },
    venue: (id) => {
      const found = registry.get(id)
      if (Either.isLeft(found)) return Either.left(Failures.ofVenue(found.left))
      let can = abilities.get(found.right)
      if (can === undefined) {
        can = Failures.abilities(found.right)
        abilities.set(found.right, can)
      }
      return Either.right(can)
    }
  })

  /** Whether every event was taken. */
  const log = (all: ReadonlyArray<EventLogger.Event>): Effect.Effect<boolean> =>
    Effect.match(all.length === 1 ? events.log(all[0]!) : Effect.forEach(all, events.log, { discard: true }), {
      onSuccess: () => true,
      onFailure: () => {
        Statistics.addLost(statistics)
        return false
      }
    })

  const note = (timestamp: Timestamp.Timestamp, error: EimError.EimError, frames: ReadonlyArray<string>) => {
    const info = EimError.info(error)
    Statistics.addError(statistics, info)
    return Effect.zipRight(health.reportError(Events.component, info), log(Events.error(timestamp, info, frames)))
  }

  const decodeAndPlan = (
    timestamp: Timestamp.Timestamp,
    input: InstructionBlock.Input,
    triggerSource: ExecutionReport.TriggerSource
  ): Either.Either<Plan.Plan, EimError.EimError> => {
    const block = InstructionBlock.decode(input)
    if (Either.isLeft(block)) return Either.left(block.left)
    const planned = Plan.make(block.right, planContext(timestamp, triggerSource))
    if (Either.isLeft(planned)) return planned
    const group = planned.right.groups[0]
    if (group !== undefined) {
      return Either.left(new EimError.AtomicGroupRefused({
        reason: config.enableAtomicChaining
          ? `no carrier is part of this program that can execute atomic group ${group.id} as one`
          : `enable_atomic_chaining is off, and atomic group ${group.id} can only be executed as one`,
        path: `instructions[${group.operations[0]!.index}]`
      }))
    }
    for (const operation of planned.right.operations) {
      if (!TradingState.allows(tradingState, operation.instruction)) {
        return Either.left(new EimError.TradingForbidden({
          operationId: operation.operationId,
          reason: tradingState === "halted" ? "trading is halted" : "only what makes exposure smaller is allowed",
          path: `instructions[${operation.index}]`
        }))
      }
    }
    return planned
  }

  const dependencies = Effect.fnUntraced(function*(plan: Plan.Plan) {
    for (const id of plan.dependencies) {
      const complete = yield* Effect.mapError(journal.isBlockComplete(id), (error) =>
        new EimError.JournalUnavailable({ reason: error.message, cause: error }))
      if (!complete) {
        return yield* new EimError.RoutingFailed({
          reason: `the block depends on ${id}, which has not been executed`,
          path: "dependencies",
          expected: "blocks that have been executed",
          actual: id
        })
      }
    }
  })

  /** What the journal knows of the plan's intents. An id that stands for something else there refuses the whole block. */
  const recorded = Effect.fnUntraced(function*(plan: Plan.Plan) {
    const past = new Map<string, Journal.Record>()
    for (const operation of plan.operations) {
      if (!operation.named) continue
      const record = yield* Effect.mapError(journal.find(operation.operationId), (error) =>
        new EimError.JournalUnavailable({ operationId: operation.operationId, reason: error.message, cause: error }))
      if (record === undefined) continue
      if (record.intent.content !== operation.content) {
        return yield* new EimError.IntentConflict({
          operationId: operation.operationId,
          venue: operation.venue,
          reason: `the id ${operation.operationId} was used at ${Timestamp.format(record.intent.at)} for another instruction`,
          path: `instructions[${operation.index}].operation_id`,
          expected: record.intent.content,
          actual: operation.content
        })
      }
      past.set(operation.operationId, record)
    }
    return past
  })

  /** Everything due. What was settled before a failure is not lost: it stands in the error's report. */
  const settle = Effect.fnUntraced(function*(timestamp: Timestamp.Timestamp, triggerSource: ExecutionReport.TriggerSource) {
    const settled: Array<Outcome.Accrual> = []
    let logged = true
    for (const entry of yield* registry.entries) {
      if (Either.isLeft(entry.state)) continue
      const due = yield* Effect.either(entry.state.right.accruals(timestamp))
      if (Either.isLeft(due)) {
        const error = Failures.ofAccruals(entry.id, due.left)
        for (const accrual of due.left._tag === "Rejected" ? due.left.accruals ?? [] : []) {
          settled.push(accrual)
          logged = (yield* log([Events.accrual(accrual)])) && logged
        }
        return yield* Effect.fail(EimError.withReport(error, {
          ...assemble(timestamp, triggerSource, undefined, [], settled, !logged, false),
          error: EimError.info(error)
        }))
      }
      for (const accrual of due.right) {
        settled.push(accrual)
        logged = (yield* log([Events.accrual(accrual)])) && logged
      }
    }
    return { settled, logged }
  })

  const runOperations = Effect.fnUntraced(function*(
    timestamp: Timestamp.Timestamp,
    plan: Plan.Plan,
    past: ReadonlyMap<string, Journal.Record>
  ) {
    const reports: Array<ExecutionReport.OperationReport> = []
    let error: EimError.EimError | undefined
    let degraded = false
    let unbalanced = false
    block = plan.blockId
    for (const operation of plan.operations) {
      if (error !== undefined) {
        reports.push(Operations.skipped(operation))
        continue
      }
      statistics.current = operation.instruction.instructionType
      const done = yield* operations.execute(operation, timestamp, past.get(operation.operationId))
      const { report } = done
      reports.push(report)
      error = done.error
      degraded ||= done.degraded
      unbalanced ||= done.fault !== undefined
      if (!report.replayed) {
        Statistics.addOperation(statistics, operation.venue, report.attempts, error !== undefined)
      }
      statistics.routings++
      statistics.lastRouting = timestamp
      Statistics.addRouting(statistics, {
        timestamp,
        operationId: operation.operationId,
        instructionType: operation.instruction.instructionType,
        venue: operation.venue,
        status: report.status,
        errorCode: error?.code
      })
      const logged = yield* log([Events.operation(timestamp, plan.blockId, report)])
      degraded ||= !logged
      const fault = error ?? done.fault
      if (fault !== undefined) {
        const noted = yield* note(timestamp, fault, [`${Events.component}.execute`, `${operation.venue}.${operation.route._tag}`])
        degraded ||= !noted
      }
    }
    return { reports, error, degraded, unbalanced }
  })

  const body = Effect.fnUntraced(function*(
    timestamp: Timestamp.Timestamp,
    input: InstructionBlock.Input | undefined,
    triggerSource: ExecutionReport.TriggerSource
  ) {
    if (!Timestamp.isValid(timestamp) || timestamp < (statistics.lastUpdate ?? 0)) {
      return yield* new EimError.RoutingFailed({
        reason: "time does not go back",
        path: "timestamp",
        expected: `epoch milliseconds, not before ${Timestamp.format(statistics.lastUpdate ?? 0)}`,
        actual: String(timestamp)
      })
    }
    let plan: Plan.Plan | undefined
    if (input !== undefined) {
      const planned = decodeAndPlan(timestamp, input, triggerSource)
      if (Either.isLeft(planned)) return yield* Effect.fail(planned.left)
      plan = planned.right
      if (plan.dependencies.length > 0) yield* dependencies(plan)
    }
    const past = plan === undefined ? new Map<string, Journal.Record>() : yield* recorded(plan)
    statistics.lastUpdate = timestamp
    const { logged, settled } = yield* settle(timestamp, triggerSource)
    if (plan === undefined) {
      return { report: assemble(timestamp, triggerSource, undefined, [], settled, !logged, false), error: undefined }
    }
    const done = yield* runOperations(timestamp, plan, past)
    let degraded = done.degraded || !logged
    if (done.error === undefined && plan.blockId !== undefined) {
      const completed = yield* Effect.either(journal.completeBlock(plan.blockId))
      degraded ||= Either.isLeft(completed)
    }
    const report = assemble(timestamp, triggerSource, plan.blockId, done.reports, settled, degraded, done.unbalanced)
    return done.error === undefined
      ? { report, error: undefined }
      : { report: { ...report, error: EimError.info(done.error) }, error: done.error }
  })

  /** The report, and the error that stopped the block where one did. */
  const take = (
    timestamp: Timestamp.Timestamp,
    input: InstructionBlock.Input | undefined,
    triggerSource: ExecutionReport.TriggerSource
  ) =>
    lock.withPermits(1)(Effect.flatMap(Effect.clock, (clock) => {
      const logged = Timestamp.isValid(timestamp) ? timestamp : statistics.lastUpdate ?? 0
      const began = clock.unsafeCurrentTimeMillis()
      statistics.updates++
      const finish = (instructionType: string | undefined) => {
        const processingTime = clock.unsafeCurrentTimeMillis() - began
        Statistics.addProcessing(statistics, processingTime)
        return log([Events.stateUpdate(logged, {
          triggerSource,
          routed: statistics.routed,
          failed: statistics.failed,
          instructionType,
          processingTime
        })])
      }
      return Effect.matchEffect(body(timestamp, input, triggerSource), {
        onFailure: (error) => {
          if (input !== undefined) statistics.failed++
          return Effect.zipRight(
            note(logged, error, [`${Events.component}.execute`]),
            Effect.zipRight(finish(undefined), Effect.fail(error))
          )
        },
        onSuccess: ({ error, report }) =>
          Effect.map(finish(report.operations[0]?.instructionType), (logged) => ({
            error,
            report: logged ? report : { ...report, degraded: true }
          }))
      })
    }))

  const execute: ExecutionInterfaceManager["Type"]["execute"] = (timestamp, block, settings) =>
    Effect.map(take(timestamp, block, settings?.triggerSource ?? "manual"), ({ report }) => report)

  const updateState: ExecutionInterfaceManager["Type"]["updateState"] = (timestamp, triggerSource, block) =>
    Effect.flatMap(take(timestamp, block, triggerSource), ({ error, report }) =>
      error === undefined ? Effect.succeed(report.deltas) : Effect.fail(EimError.withReport(error, report)))

  const resolve = Effect.fnUntraced(function*(operationId: string, timestamp: Timestamp.Timestamp) {
    const past = yield* Effect.mapError(journal.find(operationId), (error) =>
      new EimError.JournalUnavailable({ operationId, reason: error.message, cause: error }))
    if (past === undefined) {
      return yield* new EimError.RoutingFailed({ operationId, reason: `the journal holds no operation ${operationId}`, path: "operation_id", expected: "the id of an operation", actual: operationId })
    }
    const status = past.report?.status
    if (past.report !== undefined && status !== "pending" && status !== "unknown") {
      return { ...past.report, deltas: Deltas.empty, accounts: Deltas.empty, replayed: true, recorded: past.report }
    }
    const done = yield* operations.resolve(past)
    yield* log([Events.operation(timestamp, undefined, done.report)])
    const fault = done.error ?? done.fault
    if (fault !== undefined) yield* note(timestamp, fault, [`${Events.component}.resolve`])
    return done.error instanceof EimError.OutcomeUnknown || done.error instanceof EimError.VenueUnavailable
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
  const now = yield* Clock.currentTimeMillis
  yield* log([Events.initialization(now, runInfo.executionMode, (yield* registry.entries).map((entry) => entry.id), runInfo.configHash)])

  return {
    execute,
    updateState,
    routeInstruction: (timestamp, block) => updateState(timestamp, "execution_manager", block),
    resolve: (operationId, timestamp) => lock.withPermits(1)(resolve(operationId, timestamp)),
    getRoutingStatus,
    getStateSnapshot: Effect.zipWith(getRoutingStatus, registry.entries, (status, entries) => ({
      ...status,
      routingHistory: Statistics.history(statistics),
      recentErrors: statistics.recentErrors.slice(-10).map(({ error }) => error),
      unavailableVenues: Object.fromEntries(entries.flatMap((entry) => (Either.isLeft(entry.state) ? [[entry.id, entry.state.left]] : []))),
      updateCount: statistics.updates,
      configHash: runInfo.configHash
    })),
    setTradingState: (state) => Effect.sync(() => void (tradingState = state))
  }
})

const assemble = (
  timestamp: Timestamp.Timestamp,
  triggerSource: ExecutionReport.TriggerSource,
  blockId: string | undefined,
  operations: ReadonlyArray<ExecutionReport.OperationReport>,
  accruals: ReadonlyArray<Outcome.Accrual>,
  degraded: boolean,
  unbalanced: boolean
): ExecutionReport.ExecutionReport => ({
  timestamp,
  triggerSource,
  blockId,
  deltas: unbalanced
    ? Deltas.empty
    : Deltas.combine([...operations.map(({ deltas }) => deltas), ...accruals.map(({ entries }) => Deltas.fromEntries(entries))]),
  operations,
  accruals,
  positions: operations.flatMap(({ positions }) => positions),
  degraded: degraded || unbalanced,
  replayed: operations.length > 0 && operations.every(({ replayed }) => replayed)
})

/**
 * The manager over the venues of the registry.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<ExecutionInterfaceManager, never, Requirements> =>
  Layer.effect(ExecutionInterfaceManager, make(options))
