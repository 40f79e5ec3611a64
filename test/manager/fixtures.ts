import { Effect, Layer } from "effect"
import * as Account from "execution-interface-manager/domain/Account"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as Outcome from "execution-interface-manager/domain/Outcome"
import * as EventsMemory from "execution-interface-manager/events/EventLogger/Memory"
import * as HealthManager from "execution-interface-manager/health/HealthManager"
import * as JournalMemory from "execution-interface-manager/journal/Journal/Memory"
import * as ExecutionInterfaceManager from "execution-interface-manager/manager/ExecutionInterfaceManager"
import * as Venue from "execution-interface-manager/venue/Venue"
import * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"

const spot = Account.make("desk", "spot")
const market = Account.contra("market", "desk")

/** Settled: the amount of the trade against 2000 of quote for each unit. */
export const settled = (intent: Venue.Intent<any>, off = 0n): Outcome.Settled =>
  new Outcome.Settled({
    receipt: {
      ...Outcome.emptyReceipt(intent.at),
      entries: [
        ...Entry.move(spot, market, intent.instruction.symbol.base, intent.instruction.amount, "trade"),
        ...Entry.move(market, spot, intent.instruction.symbol.quote, intent.instruction.amount * 2000n + off, "trade"),
        ...(off === 0n ? [] : [{ account: spot, asset: "USDT", amount: -off, reason: "trade" as const }])
      ].slice(0, off === 0n ? undefined : 3)
    }
  })

export const unknown = (intent: Venue.Intent<any>): Outcome.Unknown =>
  new Outcome.Unknown({
    handle: { venue: "desk", operationId: intent.operationId, reference: { order: intent.operationId } },
    message: "the connection was cut after the request had left"
  })

export const notSent = (retry: "never" | "after"): Outcome.NotSent =>
  new Outcome.NotSent({ reason: "unavailable", message: "connection refused", retry })

export const rejected = new Outcome.Rejected({ reason: "rejected", message: "the market is closed" })

/** What a desk does with its submits and resolves, in order; afterwards it settles. */
export interface Desk {
  readonly submits: Array<(intent: Venue.Intent<any>) => Effect.Effect<Outcome.Success, Outcome.Failure>>
  readonly resolves: Array<(handle: Outcome.Handle) => Effect.Effect<Outcome.Success, Outcome.Failure>>
  readonly sent: Array<string>
}

export const desk = (): Desk => ({ submits: [], resolves: [], sent: [] })

export const venue = (behaviour: Desk): Venue.Venue => {
  const capability = Venue.capability<any, null>({
    prepare: (intent) => Effect.succeed({ wire: { order: intent.operationId }, payload: null }),
    submit: (_, intent) =>
      Effect.suspend(() => {
        behaviour.sent.push(intent.operationId)
        const next = behaviour.submits.shift()
        return next === undefined ? Effect.succeed(settled(intent)) : next(intent)
      }),
    resolve: (handle) =>
      Effect.suspend(() => {
        const next = behaviour.resolves.shift()
        return next === undefined ? Effect.succeed(new Outcome.Settled({ receipt: Outcome.emptyReceipt(0) })) : next(handle)
      })
  })
  return {
    id: "desk",
    family: "cex",
    accounts: ["spot"],
    trade: { ...capability, arrival: () => Effect.succeed({ price: Decimal.unsafe("2000"), feeRate: Decimal.zero }) },
    accruals: Venue.noAccruals,
    portfolio: () => Effect.succeed({ holdings: [], positions: [] })
  }
}

export const ports = Layer.mergeAll(
  JournalMemory.layer,
  HealthManager.layer,
  EventsMemory.layerNoop
)

export const manager = (behaviour: Desk, options?: ExecutionInterfaceManager.Options) =>
  ExecutionInterfaceManager.layer(options).pipe(
    Layer.provideMerge(VenueRegistry.venue({ id: "desk", family: "cex", make: Effect.succeed(venue(behaviour)) })),
    Layer.provideMerge(VenueRegistry.layer)
  )

export const sale = (operationId: string, amount = "1", more: Record<string, unknown> = {}) => ({
  instruction_type: "cex_trade",
  venue: "desk",
  trade_type: "spot",
  side: "sell",
  symbol: "ETHUSDT",
  amount,
  operation_id: operationId,
  ...more
})
