/** Parts for tests of one module of the manager, without the others. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Account from "../../src/domain/Account.js"
import * as Entry from "../../src/domain/Entry.js"
import type * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as Journal from "../../src/journal/Journal.js"
import type * as Lane from "../../src/manager/Lane.js"
import type * as Plan from "../../src/manager/Plan.js"
import * as Route from "../../src/manager/Route.js"
import type * as VenueTime from "../../src/manager/VenueTime.js"
import * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"

export const unit = 10n ** 18n

/** Where nothing interrupts. */
export const restore: Lane.Restore = (self) => self

/** Venues that take no time. */
export const venueTime: VenueTime.VenueTime = { now: () => 0, add: () => undefined }

const spot = Account.make("desk", "spot")
const market = Account.contra("market", "desk")

/** One ETH sold for 2000 USDT. */
export const sold: Outcome.Receipt = {
  ...Outcome.emptyReceipt(5),
  entries: [...Entry.move(spot, market, "ETH", unit, "trade"), ...Entry.move(market, spot, "USDT", 2000n * unit, "trade")]
}

export const trade: Instruction.CexTrade = {
  instructionType: "cex_trade",
  venue: { venue: "desk", sub: undefined },
  tradeType: "spot",
  side: "sell",
  symbol: { base: "ETH", quote: "USDT" },
  amount: unit
}

export const action: Instruction.SmartContractAction = {
  instructionType: "smart_contract_action",
  protocol: { venue: "pool", sub: undefined },
  action: "supply",
  token: "USDT",
  amount: unit
}

export const swap: Instruction.SmartContractAction = { ...action, action: "swap", token: "ETH", tokenOut: "USDT" }

export const transfer: Instruction.WalletTransfer = {
  instructionType: "wallet_transfer",
  fromVenue: { venue: "wallet", sub: undefined },
  toVenue: { venue: "desk", sub: "spot" },
  token: "USDT",
  amount: unit
}

const venueOf = (instruction: Instruction.Instruction): string => {
  switch (instruction.instructionType) {
    case "cex_trade":
      return instruction.venue.venue
    case "smart_contract_action":
      return instruction.protocol.venue
    case "wallet_transfer":
      return instruction.fromVenue.venue
  }
}

export const operation = (instruction: Instruction.Instruction = trade, more: Partial<Plan.Operation> = {}): Plan.Operation => ({
  index: 2,
  operationId: "op",
  named: true,
  content: "content",
  venue: venueOf(instruction),
  instruction,
  arrival: undefined,
  ...more
})

/** The step of an operation that a capability does. */
export const stepOf = (capability: Venue.Capability<any>, one: Plan.Operation = operation(), name: Venue.CapabilityName = "trade"): Plan.Step => ({
  operations: [one],
  group: undefined,
  capability: name,
  action: undefined,
  begin: Route.bind(capability, one.operationId, one.instruction),
  resolve: capability.resolve
})

/** What a venue was asked, under the names that the journal has. */
export interface Asked {
  readonly name: string
  readonly intent: Venue.Intent<any>
}

/** Settles with nothing and takes down what it is asked. */
export const recording = (name: string, asked: Array<Asked>): Venue.Capability<any> =>
  Venue.capability<any, null>({
    prepare: (intent) => Effect.succeed({ wire: { prepared: intent.operationId }, payload: null }),
    submit: (_, intent) =>
      Effect.sync(() => {
        asked.push({ name, intent })
        return new Outcome.Settled({ receipt: Outcome.emptyReceipt(intent.at) })
      }),
    resolve: (handle) => Effect.succeed(new Outcome.Settled({ receipt: { ...sold, detail: { resolver: name, ...handle.reference } } }))
  })

export const bare = (id: string): Venue.Venue => ({
  id,
  family: "onchain",
  accounts: ["spot"],
  accruals: Venue.noAccruals,
  portfolio: () => Effect.succeed({ holdings: [], positions: [] })
})

/** The registry of these venues; a text in place of one is why it does not work. */
export const registryOf = (venues: { readonly [id: string]: Venue.Venue | string }): VenueRegistry.VenueRegistry["Type"] => ({
  contribute: () => Effect.void,
  get: (venue) => {
    const found = venues[venue]
    return typeof found === "object"
      ? Either.right(found)
      : Either.left(new VenueRegistry.NoSuchVenue({ venue, failure: found, available: Object.keys(venues) }))
  },
  entries: Effect.succeed(Object.entries(venues).map(([id, venue]): VenueRegistry.Entry => ({
    id,
    family: "onchain",
    state: typeof venue === "object" ? Either.right(venue) : Either.left(venue)
  })))
})

export const intentOf = (capability: string, more: Partial<Journal.Intent> = {}): Journal.Intent => ({
  operationId: "op",
  content: "content",
  venue: "desk",
  capability,
  at: 1000,
  call: { order: "42" },
  named: true,
  ...more
})

export const full = Effect.fail(new Journal.JournalError({ message: "no space left", cause: "disk" }))

/** A journal that takes everything down in the order in which it comes. */
export const journalOf = (
  more: Partial<Journal.Journal["Type"]> = {}
): { readonly written: Array<readonly [string, unknown]>; readonly journal: Journal.Journal["Type"] } => {
  const written: Array<readonly [string, unknown]> = []
  return {
    written,
    journal: {
      find: () => Effect.succeed(undefined),
      intent: (intent) => Effect.sync(() => void written.push([`intent ${intent.operationId}`, intent])),
      outcome: (id, report) => Effect.sync(() => void written.push([`outcome ${id}`, report])),
      open: Effect.succeed([]),
      completeBlock: (id) => Effect.sync(() => void written.push([`block ${id}`, undefined])),
      isBlockComplete: () => Effect.succeed(false),
      ...more
    }
  }
}

export const statuses: ReadonlyArray<ExecutionReport.Status> = [
  "settled",
  "partial",
  "pending",
  "rejected",
  "not_sent",
  "unknown",
  "rolled_back",
  "skipped"
]
