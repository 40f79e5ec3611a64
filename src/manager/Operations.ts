/**
 * One operation from plan to outcome: what was known of it, its deadline, its price, its venue.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Decimal from "../domain/Decimal.js"
import * as EimError from "../domain/EimError.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import * as Instruction from "../domain/Instruction.js"
import type * as Plan from "../domain/Plan.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Sync from "../internal/Sync.js"
import type * as Journal from "../journal/Journal.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import * as Done from "./Done.js"
import * as Failures from "./Failures.js"
import * as PriceGuard from "./PriceGuard.js"
import type * as Sending from "./Sending.js"
import type * as Turn from "./Turn.js"
import * as VenueTime from "./VenueTime.js"

/**
 * The venues, the way to them, and how far the market may be from an estimate, as a fraction.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly registry: VenueRegistry.VenueRegistry["Type"]
  readonly sending: Sending.Sending
  readonly priceTolerance: Decimal.Decimal
  /** Counts the time of venues. Defaults to counting nothing. */
  readonly venueTime?: VenueTime.VenueTime | undefined
}

/** Carries out single operations, and guards their prices. @category models @since 0.1.0 */
export interface Operations {
  /** With what the journal knows of the intent: one that was executed is replayed, one that is unknown refused. */
  readonly execute: (
    operation: Plan.Operation,
    at: Timestamp.Timestamp,
    turn: Turn.Turn,
    past: Journal.Record | undefined
  ) => Effect.Effect<Done.Done>
  /** The worst price to accept, where the instruction is one that the guard looks at. */
  readonly bound: <I extends Instruction.CexTrade | Venue.Swap>(
    operation: Plan.Operation,
    capability: Venue.Priced<I>,
    instruction: I,
    at: Timestamp.Timestamp,
    turn: Turn.Turn
  ) => Effect.Effect<Decimal.Decimal | undefined, EimError.EimError>
}

/**
 * What the past of an operation makes of it now: a replay of what happened, a refusal of what is unknown, nothing where
 * it may be sent.
 *
 * @category combinators
 * @since 0.1.0
 */
export const remembered = (
  operation: Plan.Operation,
  past: Journal.Record,
  unrecorded: ReadonlyMap<string, ExecutionReport.OperationReport>
): Done.Done | undefined => {
  const { operationId, venue } = operation
  const report = past.report ?? unrecorded.get(operationId)
  switch (report?.status) {
    case undefined:
    case "unknown":
      return Done.refused(operation, new EimError.OutcomeUnknown({
        operationId,
        venue,
        reason: `${operationId} was sent at ${Timestamp.format(past.intent.at)}, and what became of it is not known yet`
      }), "unknown")
    case "rejected":
    case "not_sent":
    case "rolled_back":
      return undefined
    default:
      return Done.replayed(operation, report!)
  }
}

/** Why an operation is too late, if it is. @category combinators @since 0.1.0 */
export const late = (operation: Plan.Operation, at: Timestamp.Timestamp): EimError.RoutingFailed | undefined => {
  const { instruction: { deadline }, operationId, venue } = operation
  return deadline === undefined || deadline >= at ? undefined : new EimError.RoutingFailed({
    operationId,
    venue,
    reason: `the deadline of ${operationId} has passed`,
    path: `instructions[${operation.index}].deadline`,
    expected: `not before ${Timestamp.format(at)}`,
    actual: Timestamp.format(deadline)
  })
}

const guarded = (
  operation: Plan.Operation,
  trade: Instruction.CexTrade | Venue.Swap,
  arrival: Venue.Arrival,
  tolerance: Decimal.Decimal
): Either.Either<Decimal.Decimal, EimError.PriceCheckFailed> => {
  const isTrade = trade.instructionType === "cex_trade"
  return Either.mapLeft(
    PriceGuard.check({
      base: isTrade ? trade.symbol.base : trade.token,
      quote: isTrade ? trade.symbol.quote : trade.tokenOut!,
      side: isTrade ? trade.side : "sell",
      arrival,
      estimated: isTrade && trade.tradeType === "perp" ? undefined : trade.estimatedDeltas,
      tolerance: trade.slippageTolerance ?? tolerance
    }),
    ({ actual, expected, message }) =>
      new EimError.PriceCheckFailed({
        operationId: operation.operationId,
        venue: operation.venue,
        reason: message,
        path: `instructions[${operation.index}].estimated_deltas`,
        expected,
        actual
      })
  )
}

const unguarded = Sync.succeed(undefined)

/** The execution of single operations over the venues of a registry. @category constructors @since 0.1.0 */
export const make = ({ priceTolerance, registry, sending, venueTime = VenueTime.none }: Options): Operations => {
  const perform = <I>(
    operation: Plan.Operation,
    name: string,
    capability: Venue.Capability<I>,
    intent: Venue.Intent<I>
  ): Effect.Effect<Done.Done> =>
    Sync.flatMap(sending.send([operation], name, capability, intent), (sent) => {
      if (sent.outcome === undefined) return Sync.succeed(Done.refused(operation, sent.error))
      return sending.record(operation, Done.ofOutcome(operation, sent.attempts, sent.outcome))
    })

  const bound: Operations["bound"] = (operation, capability, instruction, at, turn) => {
    const trade: Instruction.CexTrade | Venue.Swap = instruction
    return (trade.instructionType === "cex_trade" && trade.orderType === "limit") || Instruction.reduces(trade)
      ? unguarded
      : Sync.matchEffect(venueTime(operation.venue, turn.interruptible(capability.arrival(instruction, at))), {
        onFailure: (failure) => Sync.fail(Failures.ofOperation(operation, failure)),
        onSuccess: (arrival): Effect.Effect<Decimal.Decimal, EimError.EimError> =>
          guarded(operation, trade, arrival, priceTolerance)
      })
  }

  const priced = <I extends Instruction.CexTrade | Venue.Swap>(
    operation: Plan.Operation,
    name: string,
    capability: Venue.Priced<I>,
    instruction: I,
    at: Timestamp.Timestamp,
    turn: Turn.Turn
  ): Effect.Effect<Done.Done> =>
    Sync.matchEffect(bound(operation, capability, instruction, at, turn), {
      onFailure: (error) => Sync.succeed(Done.refused(operation, error)),
      onSuccess: (worst) => perform(operation, name, capability, { operationId: operation.operationId, at, instruction, bound: worst })
    })

  const send = (
    operation: Plan.Operation,
    { instruction, to: id }: Extract<Plan.Route, { readonly _tag: "Send" }>,
    from: Venue.Venue,
    at: Timestamp.Timestamp,
    turn: Turn.Turn
  ): Effect.Effect<Done.Done> => {
    const to = registry.get(id)
    if (Either.isLeft(to)) return Sync.succeed(Done.refused(operation, Failures.ofVenue(to.left)))
    const wallet = registry.get("wallet")
    const network = instruction.network ?? (Either.isRight(wallet) ? wallet.right.transfer?.network : undefined)
    const transfer = network === undefined ? instruction : { ...instruction, network }
    return Sync.matchEffect(venueTime(id, turn.interruptible(to.right.transfer!.destination!(transfer.token, network, transfer.toVenue.sub, at))), {
      onFailure: (failure) => Sync.succeed(Done.refused(operation, Failures.ofOperation(operation, failure))),
      onSuccess: (destination) =>
        perform(operation, "send", from.transfer!.send!, {
          operationId: operation.operationId,
          at,
          instruction: { transfer, destination }
        })
    })
  }

  const dispatch = (operation: Plan.Operation, at: Timestamp.Timestamp, turn: Turn.Turn): Effect.Effect<Done.Done> => {
    const found = registry.get(operation.venue)
    if (Either.isLeft(found)) return Sync.succeed(Done.refused(operation, Failures.ofVenue(found.left)))
    const venue = found.right
    const { operationId, route } = operation
    switch (route._tag) {
      case "Trade":
        return priced(operation, "trade", venue.trade!, route.instruction, at, turn)
      case "Swap":
        return priced(operation, "swap", venue.swap!, route.instruction, at, turn)
      case "Action":
        return perform(operation, "action", venue.action!, { operationId, at, instruction: route.instruction })
      case "Internal":
        return perform(operation, "internal", venue.transfer!.internal!, { operationId, at, instruction: route.instruction })
      case "Send":
        return send(operation, route, venue, at, turn)
    }
  }

  return {
    bound,
    execute: (operation, at, turn, past) => {
      const known = past === undefined ? undefined : remembered(operation, past, sending.unrecorded)
      if (known !== undefined) return Sync.succeed(known)
      const tooLate = late(operation, at)
      return tooLate === undefined ? dispatch(operation, at, turn) : Sync.succeed(Done.refused(operation, tooLate))
    }
  }
}
