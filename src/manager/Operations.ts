/**
 * One operation from plan to outcome: guard, prepare, journal, submit.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Schedule from "effect/Schedule"
import type * as Decimal from "../domain/Decimal.js"
import * as Deltas from "../domain/Deltas.js"
import * as EimError from "../domain/EimError.js"
import * as Entry from "../domain/Entry.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import * as Instruction from "../domain/Instruction.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Plan from "../domain/Plan.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as EventLogger from "../events/EventLogger.js"
import type * as Journal from "../journal/Journal.js"
import * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Failures from "./Failures.js"
import * as PriceGuard from "./PriceGuard.js"
import * as Retry from "./Retry.js"

/**
 * What an operation came to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Done {
  readonly report: ExecutionReport.OperationReport
  /** Why the block stops here; absent where it goes on. */
  readonly error: EimError.EimError | undefined
  /** A fault that does not stop the block. */
  readonly fault: EimError.EimError | undefined
  /** Whether the outcome could not be written down. */
  readonly degraded: boolean
}

/** @category models @since 0.1.0 */
export interface Options {
  readonly registry: VenueRegistry.VenueRegistry["Type"]
  readonly journal: Journal.Journal["Type"]
  readonly retry: Schedule.Schedule<unknown>
  readonly priceTolerance: Decimal.Decimal
  /** Writes into the event log that an operation is about to be sent. What it refuses is not sent. Defaults to nothing. */
  readonly announce?: ((operation: Plan.Operation, capability: string, at: Timestamp.Timestamp) => Effect.Effect<void, EventLogger.EventError>) | undefined
}

/** @category models @since 0.1.0 */
export interface Operations {
  /** With what the journal knows of the intent: one that was executed is replayed, one that is unknown refused. */
  readonly execute: (
    operation: Plan.Operation,
    at: Timestamp.Timestamp,
    past: Journal.Record | undefined
  ) => Effect.Effect<Done>
  readonly resolve: (record: Journal.Record) => Effect.Effect<Done>
}

type Head = Pick<ExecutionReport.OperationReport, "index" | "operationId" | "instructionType" | "venue">

const headOf = (operation: Plan.Operation): Head => ({
  index: operation.index,
  operationId: operation.operationId,
  instructionType: operation.instruction.instructionType,
  venue: operation.venue
})

/** Report of an operation that was not started because an earlier one stopped the block. @category constructors @since 0.1.0 */
export const skipped = (operation: Plan.Operation): ExecutionReport.OperationReport =>
  ExecutionReport.operation({ ...headOf(operation), status: "skipped", attempts: 0 }, undefined)

const refused = (operation: Plan.Operation, error: EimError.EimError, status: ExecutionReport.Status = "not_sent"): Done => ({
  report: ExecutionReport.operation({ ...headOf(operation), status, attempts: 0 }, undefined, { error: EimError.info(error) }),
  error,
  fault: undefined,
  degraded: false
})

const deviation = (estimated: Deltas.Deltas, actual: Deltas.Deltas): ExecutionReport.OperationReport["deviation"] => {
  const difference: Record<string, bigint> = {}
  for (const venue in actual) {
    for (const asset in actual[venue]) difference[asset] = (difference[asset] ?? 0n) + actual[venue]![asset]!
  }
  for (const venue in estimated) {
    for (const asset in estimated[venue]) difference[asset] = (difference[asset] ?? 0n) - estimated[venue]![asset]!
  }
  return difference
}

const statusOf = (success: Outcome.Success): ExecutionReport.Status =>
  success._tag === "Pending" ? "pending" : success.partial === true ? "partial" : "settled"

const succeeded = (
  head: Head,
  attempts: number,
  success: Outcome.Success,
  estimated: Deltas.Deltas | undefined
): Done => {
  const { receipt } = success
  const off = Entry.imbalance(receipt.entries)
  const fault = off.length === 0
    ? undefined
    : new EimError.DeltaAggregationFailed({
      operationId: head.operationId,
      venue: head.venue,
      reason: `the ledger lines of ${head.operationId} do not sum to zero for ${off.map(([asset]) => asset).join(", ")}`
    })
  const report = ExecutionReport.operation({ ...head, status: statusOf(success), attempts }, receipt, {
    handle: success._tag === "Pending" ? success.handle : undefined,
    error: fault === undefined ? undefined : EimError.info(fault)
  })
  return {
    report: estimated === undefined ? report : { ...report, deviation: deviation(estimated, report.deltas) },
    error: undefined,
    fault,
    degraded: false
  }
}

const failed = (head: Head, attempts: number, failure: Outcome.Failure, error: EimError.EimError): Done => ({
  report: ExecutionReport.operation(
    { ...head, status: Failures.statusOf(failure), attempts },
    failure._tag === "Rejected" ? failure.receipt : undefined,
    { error: EimError.info(error), handle: failure._tag === "Unknown" ? failure.handle : undefined }
  ),
  error,
  fault: undefined,
  degraded: false
})

const replayed = (operation: Plan.Operation, recorded: ExecutionReport.OperationReport): Done => ({
  report: {
    ...ExecutionReport.operation({ ...headOf(operation), status: recorded.status, attempts: 0 }, undefined),
    replayed: true,
    recorded
  },
  error: undefined,
  fault: undefined,
  degraded: false
})

/** `Rejected` and `Unknown` become values, so that only `NotSent` is left to be retried. */
const onlyNotSent = <A>(
  self: Effect.Effect<A, Outcome.Failure>
): Effect.Effect<A | Outcome.Rejected | Outcome.Unknown, Outcome.NotSent> =>
  Effect.catchAll(self, (failure): Effect.Effect<Outcome.Rejected | Outcome.Unknown, Outcome.NotSent> =>
    failure._tag === "NotSent" ? Effect.fail(failure) : Effect.succeed(failure))

const journalError = (operation: Plan.Operation, error: Journal.JournalError | EventLogger.EventError): EimError.JournalUnavailable =>
  new EimError.JournalUnavailable({ operationId: operation.operationId, venue: operation.venue, reason: error.message, cause: error })

/** @category constructors @since 0.1.0 */
export const make = (options: Options): Operations => {
  const { journal, registry } = options
  /** Outcomes that were reported and that the journal did not take: told once, they are not told again. */
  const unrecorded = new Map<string, ExecutionReport.OperationReport>()

  const run = Effect.fnUntraced(function*<I>(
    operation: Plan.Operation,
    name: string,
    capability: Venue.Capability<I>,
    intent: Venue.Intent<I>
  ) {
    const head = headOf(operation)
    const fail = (attempts: number, failure: Outcome.Failure) => failed(head, attempts, failure, Failures.ofOperation(operation, failure))
    const ready = yield* Effect.either(Retry.notSent(onlyNotSent(capability.prepare(intent)), options.retry))
    if (Either.isLeft(ready)) return fail(0, ready.left.error)
    const call = ready.right.value
    if ("_tag" in call) return fail(0, call)
    if (options.announce !== undefined) {
      // Before the journal: an intent that stands there counts as sent until something is known of it.
      const announced = yield* Effect.either(options.announce(operation, name, intent.at))
      if (Either.isLeft(announced)) return refused(operation, journalError(operation, announced.left))
    }
    const written = yield* Effect.either(
      journal.intent({
        operationId: operation.operationId,
        content: operation.content,
        venue: operation.venue,
        capability: name,
        at: intent.at,
        call: call.wire,
        named: operation.named
      })
    )
    if (Either.isLeft(written)) return refused(operation, journalError(operation, written.left))
    const submitted = yield* Effect.either(
      Retry.notSent(onlyNotSent(capability.submit(Venue.journaled(intent, call))), options.retry)
    )
    if (Either.isLeft(submitted)) return fail(submitted.left.attempts, submitted.left.error)
    const { attempts, value } = submitted.right
    return value._tag === "Rejected" || value._tag === "Unknown"
      ? fail(attempts, value)
      : succeeded(head, attempts, value, operation.instruction.estimatedDeltas)
  })

  /** Once begun it runs to its recorded outcome. */
  const record = (operation: Plan.Operation, done: Done): Effect.Effect<Done> =>
    done.report.attempts === 0
      ? Effect.succeed(done)
      : Effect.match(journal.outcome(operation.operationId, done.report), {
        onSuccess: () => done,
        onFailure: () => {
          unrecorded.set(operation.operationId, done.report)
          return { ...done, degraded: true }
        }
      })

  const perform = <I>(
    operation: Plan.Operation,
    name: string,
    capability: Venue.Capability<I>,
    intent: Venue.Intent<I>
  ): Effect.Effect<Done> =>
    Effect.uninterruptible(Effect.flatMap(run(operation, name, capability, intent), (done) => record(operation, done)))

  const priced = <I extends Instruction.CexTrade | Venue.Swap>(
    operation: Plan.Operation,
    name: string,
    capability: Venue.Priced<I>,
    instruction: I,
    at: Timestamp.Timestamp
  ): Effect.Effect<Done> => {
    const intent = { operationId: operation.operationId, at, instruction }
    const trade: Instruction.CexTrade | Venue.Swap = instruction
    const isTrade = trade.instructionType === "cex_trade"
    if ((isTrade && trade.orderType === "limit") || Instruction.reduces(trade)) {
      return perform(operation, name, capability, intent)
    }
    return Effect.matchEffect(capability.arrival(instruction, at), {
      onFailure: (failure) => Effect.succeed(refused(operation, Failures.ofOperation(operation, failure))),
      onSuccess: (arrival) => {
        const checked = PriceGuard.check({
          ...(isTrade
            ? { base: trade.symbol.base, quote: trade.symbol.quote, side: trade.side }
            : { base: trade.token, quote: trade.tokenOut!, side: "sell" as const }),
          arrival,
          estimated: isTrade && trade.tradeType === "perp" ? undefined : trade.estimatedDeltas,
          tolerance: trade.slippageTolerance ?? options.priceTolerance
        })
        return Either.isRight(checked)
          ? perform(operation, name, capability, { ...intent, bound: checked.right })
          : Effect.succeed(
            refused(
              operation,
              new EimError.PriceCheckFailed({
                operationId: operation.operationId,
                venue: operation.venue,
                reason: checked.left.message,
                path: `instructions[${operation.index}].estimated_deltas`,
                expected: checked.left.expected,
                actual: checked.left.actual
              })
            )
          )
      }
    })
  }

  const dispatch = (operation: Plan.Operation, at: Timestamp.Timestamp): Effect.Effect<Done> => {
    const found = registry.get(operation.venue)
    if (Either.isLeft(found)) return Effect.succeed(refused(operation, Failures.ofVenue(found.left)))
    const venue = found.right
    const { route } = operation
    const { operationId } = operation
    switch (route._tag) {
      case "Trade":
        return priced(operation, "trade", venue.trade!, route.instruction, at)
      case "Swap":
        return priced(operation, "swap", venue.swap!, route.instruction, at)
      case "Action":
        return perform(operation, "action", venue.action!, { operationId, at, instruction: route.instruction })
      case "Internal":
        return perform(operation, "internal", venue.transfer!.internal!, { operationId, at, instruction: route.instruction })
      case "Send": {
        const to = registry.get(route.to)
        if (Either.isLeft(to)) return Effect.succeed(refused(operation, Failures.ofVenue(to.left)))
        const wallet = registry.get("wallet")
        const network = route.instruction.network ?? (Either.isRight(wallet) ? wallet.right.transfer?.network : undefined)
        const transfer = network === undefined ? route.instruction : { ...route.instruction, network }
        return Effect.matchEffect(to.right.transfer!.destination!(transfer.token, network, transfer.toVenue.sub, at), {
          onFailure: (failure) => Effect.succeed(refused(operation, Failures.ofOperation(operation, failure))),
          onSuccess: (destination) =>
            perform(operation, "send", venue.transfer!.send!, {
              operationId,
              at,
              instruction: { transfer, destination }
            })
        })
      }
    }
  }

  const execute = (
    operation: Plan.Operation,
    at: Timestamp.Timestamp,
    past: Journal.Record | undefined
  ): Effect.Effect<Done> => {
    const { operationId, venue } = operation
    if (past !== undefined) {
      const report = past.report ?? unrecorded.get(operationId)
      const status = report?.status
      if (status === undefined || status === "unknown") {
        return Effect.succeed(refused(operation, new EimError.OutcomeUnknown({
          operationId,
          venue,
          reason: `${operationId} was sent at ${Timestamp.format(past.intent.at)}, and what became of it is not known yet`
        }), "unknown"))
      }
      if (status !== "rejected" && status !== "not_sent") return Effect.succeed(replayed(operation, report!))
    }
    const { deadline } = operation.instruction
    return deadline !== undefined && deadline < at
      ? Effect.succeed(refused(operation, new EimError.RoutingFailed({
        operationId,
        venue,
        reason: `the deadline of ${operationId} has passed`,
        path: `instructions[${operation.index}].deadline`,
        expected: `not before ${Timestamp.format(at)}`,
        actual: Timestamp.format(deadline)
      })))
      : dispatch(operation, at)
  }

  const capabilityOf = (venue: Venue.Venue, name: string): Pick<Venue.Capability<never>, "resolve"> | undefined => {
    switch (name) {
      case "trade":
        return venue.trade
      case "swap":
        return venue.swap
      case "action":
        return venue.action
      case "internal":
        return venue.transfer?.internal
      default:
        return venue.transfer?.send
    }
  }

  const resolve = Effect.fnUntraced(function*(past: Journal.Record) {
    const { intent } = past
    const told = unrecorded.get(intent.operationId)
    if (told !== undefined && told.status !== "pending" && told.status !== "unknown") {
      const kept = yield* Effect.either(journal.outcome(intent.operationId, told))
      if (Either.isRight(kept)) unrecorded.delete(intent.operationId)
      const report = { ...told, deltas: Deltas.empty, accounts: Deltas.empty, entries: [], replayed: true, recorded: told }
      return { report, error: undefined, fault: undefined, degraded: Either.isLeft(kept) }
    }
    const head: Head = {
      index: past.report?.index ?? 0,
      operationId: intent.operationId,
      instructionType: past.report?.instructionType ?? typeOf(intent.capability),
      venue: intent.venue
    }
    const found = registry.get(intent.venue)
    const capability = Either.isRight(found) ? capabilityOf(found.right, intent.capability) : undefined
    if (capability === undefined) {
      const error = Either.isLeft(found)
        ? Failures.ofVenue(found.left)
        : new EimError.VenueUnavailable({ venue: intent.venue, reason: `${intent.venue} cannot ${intent.capability} any more` })
      return { report: past.report ?? ExecutionReport.operation({ ...head, status: "unknown", attempts: 1 }, undefined), error, fault: undefined, degraded: false }
    }
    const handle: Outcome.Handle = past.report?.handle ?? { venue: intent.venue, operationId: intent.operationId, reference: intent.call }
    const attempts = past.report?.attempts ?? 1
    const done = yield* Effect.match(capability.resolve(handle), {
      onSuccess: (success) => succeeded(head, attempts, success, undefined),
      onFailure: (failure) => {
        const error = failure._tag === "Unknown"
          ? new EimError.OutcomeUnknown({ operationId: intent.operationId, venue: intent.venue, reason: failure.message, cause: failure.cause })
          : EimError.of(Failures.codeOf(failure.reason), { operationId: intent.operationId, venue: intent.venue, reason: failure.message, cause: failure.cause })
        return failed(head, attempts, failure, error)
      }
    })
    const before = past.report
    const whole = before?.status === "pending"
      ? {
        ...before,
        status: done.report.status,
        deltas: Deltas.combine([before.deltas, done.report.deltas]),
        accounts: Deltas.combine([before.accounts, done.report.accounts]),
        entries: [...before.entries, ...done.report.entries],
        fills: [...before.fills, ...done.report.fills],
        costs: [...before.costs, ...done.report.costs],
        positions: [...before.positions, ...done.report.positions],
        detail: { ...before.detail, ...done.report.detail },
        error: done.report.error,
        handle: done.report.handle
      }
      : done.report
    const written = yield* Effect.either(journal.outcome(intent.operationId, whole))
    return Either.isLeft(written) ? { ...done, degraded: true } : done
  })

  return {
    execute,
    resolve: (past) => Effect.uninterruptible(resolve(past))
  }
}

const typeOf = (capability: string): Instruction.InstructionType =>
  capability === "trade" ? "cex_trade" : capability === "swap" || capability === "action" ? "smart_contract_action" : "wallet_transfer"
