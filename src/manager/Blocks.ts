/**
 * Executes the operations of a planned block in their order, and assembles the report.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Plan from "../domain/Plan.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as EventLogger from "../events/EventLogger.js"
import * as Sync from "../internal/Sync.js"
import type * as Journal from "../journal/Journal.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Atomic from "./Atomic.js"
import type * as Config from "./Config.js"
import * as Done from "./Done.js"
import * as Events from "./Events.js"
import * as Operations from "./Operations.js"
import type * as Planning from "./Planning.js"
import type * as Reporting from "./Reporting.js"
import * as Resolution from "./Resolution.js"
import * as Retry from "./Retry.js"
import * as Sending from "./Sending.js"
import type * as Settlement from "./Settlement.js"
import * as Statistics from "./Statistics.js"
import type * as Turn from "./Turn.js"
import type * as VenueTime from "./VenueTime.js"

/**
 * What a block is executed with: the settings, the ports of the manager, its counts, and its way to report.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Reporting.Reporting {
  readonly config: Config.Config
  readonly registry: VenueRegistry.VenueRegistry["Type"]
  readonly journal: Journal.Journal["Type"]
  readonly events: EventLogger.EventLogger["Type"]
  readonly statistics: Statistics.Statistics
  /** Counts the time of venues. Defaults to counting nothing. */
  readonly venueTime?: VenueTime.VenueTime | undefined
}

/**
 * The report of a block, and the error that stopped it where one did.
 *
 * @category models
 * @since 0.1.0
 */
export interface Executed {
  readonly report: ExecutionReport.ExecutionReport
  readonly error: EimError.EimError | undefined
}

/**
 * Executes planned blocks, and finds out what became of operations whose outcome is unknown or pending.
 *
 * @category models
 * @since 0.1.0
 */
export interface Blocks {
  /** Executes until an operation does not go through, and reports on every one of them. */
  readonly execute: (
    timestamp: Timestamp.Timestamp,
    triggerSource: ExecutionReport.TriggerSource,
    planned: Planning.Planned,
    settled: Settlement.Settled,
    turn: Turn.Turn
  ) => Effect.Effect<Executed>
  readonly resolve: Resolution.Resolve
}

const isReplay = ({ replayed }: ExecutionReport.OperationReport): boolean => replayed

/** The net change of operations and accruals, and the rest of the report. @category constructors @since 0.1.0 */
export const assemble = (
  timestamp: Timestamp.Timestamp,
  triggerSource: ExecutionReport.TriggerSource,
  blockId: string | undefined,
  operations: ReadonlyArray<ExecutionReport.OperationReport>,
  accruals: ReadonlyArray<Outcome.Accrual>,
  degraded: boolean,
  unbalanced: boolean
): ExecutionReport.ExecutionReport => {
  const alone = operations.length === 1 && accruals.length === 0 ? operations[0] : undefined
  return {
    timestamp,
    triggerSource,
    blockId,
    deltas: unbalanced
      ? Deltas.empty
      : alone !== undefined
        ? alone.deltas
        : Deltas.combine([...operations.map(({ deltas }) => deltas), ...accruals.map(({ entries }) => Deltas.fromEntries(entries))]),
    operations,
    accruals,
    positions: alone === undefined ? operations.flatMap(({ positions }) => positions) : alone.positions,
    degraded: degraded || unbalanced,
    replayed: operations.length > 0 && operations.every(isReplay)
  }
}

/** What the operations of one block have come to so far. */
interface Progress {
  readonly reports: Array<ExecutionReport.OperationReport>
  error: EimError.EimError | undefined
  degraded: boolean
  unbalanced: boolean
}

/**
 * The execution of blocks, with retries as the settings have them. One to a manager: it remembers what the journal did
 * not take.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ config, events, journal, log, note, registry, statistics, venueTime }: Options): Blocks => {
  let block: string | undefined
  const attempts = Math.min(config.maxRetryAttempts, 1 + config.maxRetriesPerVenue)
  const sending = Sending.make({
    journal,
    venueTime,
    retry: Retry.exponential(`${config.retryDelaySeconds * 1000} millis`, attempts),
    announce: events.immediate === true
      ? (operation, capability, at) => events.log(Events.intent(at, block, operation, capability))
      : undefined
  })
  const operations = Operations.make({ registry, sending, venueTime, priceTolerance: config.priceTolerance })
  const atomic = Atomic.make({ registry, sending, operations })

  /** Counts an operation, and tells the log of it and of what went wrong with it. */
  const report = (
    timestamp: Timestamp.Timestamp,
    plan: Plan.Plan,
    operation: Plan.Operation,
    done: Done.Done,
    progress: Progress
  ): Effect.Effect<void> => {
    progress.reports.push(done.report)
    progress.error ??= done.error
    progress.degraded ||= done.degraded
    progress.unbalanced ||= done.fault !== undefined
    if (!done.report.replayed) {
      Statistics.addOperation(statistics, done.report, !Done.stands(done.report))
    }
    statistics.routings++
    statistics.lastRouting = timestamp
    Statistics.addRouting(statistics, Statistics.routed(timestamp, done.report, Done.stands(done.report)))
    const logged = (taken: boolean): void => {
      progress.degraded ||= !taken
    }
    const fault = done.error ?? done.fault
    const logging = Sync.map(log(Events.operation(timestamp, plan.blockId, done.report)), logged)
    return fault === undefined ? logging : Sync.zipRight(
      logging,
      Sync.map(
        note(timestamp, fault, [`${Events.component}.execute`, `${operation.venue}.${operation.route._tag}`]),
        logged
      )
    )
  }

  const group = (
    timestamp: Timestamp.Timestamp,
    { past, plan }: Planning.Planned,
    members: Plan.AtomicGroup,
    progress: Progress,
    turn: Turn.Turn
  ): Effect.Effect<void> =>
    Sync.flatMap(atomic(members, timestamp, turn, past), (all) =>
      Sync.zipRight(
        Sync.forEach(all, (done, index) => report(timestamp, plan, members.operations[index]!, done, progress)),
        Sync.map(log(Events.atomicGroup(timestamp, plan.blockId, members.id, all.map((done) => done.report))), (taken) => {
          progress.degraded ||= !taken
        })
      ))

  /** One operation of the block. A group is executed where its first member stands. */
  const step = (
    timestamp: Timestamp.Timestamp,
    planned: Planning.Planned,
    operation: Plan.Operation,
    progress: Progress,
    turn: Turn.Turn
  ): Effect.Effect<void> => {
    const { past, plan } = planned
    const members = plan.groups.length === 0 ? undefined : plan.groups.find((one) => one.operations.includes(operation))
    if (members !== undefined && progress.reports.some((done) => done.index === operation.index)) return Sync.void
    if (progress.error !== undefined) {
      progress.reports.push(Done.skipped(operation))
      return Sync.void
    }
    statistics.current = operation.instruction
    return members === undefined
      ? Sync.flatMap(operations.execute(operation, timestamp, turn, past.get(operation.operationId)), (done) =>
        report(timestamp, plan, operation, done, progress))
      : group(timestamp, planned, members, progress, turn)
  }

  const complete = (blockId: string, progress: Progress): Effect.Effect<void> =>
    progress.error !== undefined
      ? Sync.void
      : Sync.match(journal.completeBlock(blockId), {
        onSuccess: () => undefined,
        onFailure: () => {
          progress.degraded = true
        }
      })

  return {
    execute: (timestamp, triggerSource, planned, settled, turn) =>
      Sync.suspend(() => {
        const { blockId, groups, operations } = planned.plan
        const progress: Progress = { reports: [], error: undefined, degraded: !settled.logged, unbalanced: false }
        block = blockId
        const all = Sync.forEach(operations, (operation) => step(timestamp, planned, operation, progress, turn), turn.checkpoint)
        const executed = (): Executed => {
          const { degraded, error, reports, unbalanced } = progress
          if (groups.length > 0) reports.sort((a, b) => a.index - b.index)
          const whole = assemble(timestamp, triggerSource, blockId, reports, settled.accruals, degraded, unbalanced)
          return { report: error === undefined ? whole : { ...whole, error: EimError.info(error) }, error }
        }
        return Sync.map(blockId === undefined ? all : Sync.flatMap(all, () => complete(blockId, progress)), executed)
      }),
    resolve: Resolution.make({ registry, journal, sending })
  }
}
