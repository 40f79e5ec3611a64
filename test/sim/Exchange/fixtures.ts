import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"
import type * as DataProvider from "execution-interface-manager/data/DataProvider"
import * as Table from "execution-interface-manager/data/Table"
import * as Account from "execution-interface-manager/domain/Account"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as Instruction from "execution-interface-manager/domain/Instruction"
import * as MarketSnapshot from "execution-interface-manager/domain/MarketSnapshot"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Config from "execution-interface-manager/sim/Exchange/Config"
import * as Instruments from "execution-interface-manager/sim/Exchange/Instruments"
import * as Simulation from "execution-interface-manager/sim/Simulation"
import * as World from "execution-interface-manager/sim/World"
import * as Venue from "execution-interface-manager/venue/Venue"
import * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import * as Schema from "effect/Schema"

export const amount = Amount.unsafe
export const decimal = Decimal.unsafe
export const time = Timestamp.unsafe

/** Hours after the first instant of the made-up market. */
export const begin = time("2024-06-01T00:00:00Z")
export const hours = (n: number): Timestamp.Timestamp => begin + n * Timestamp.hour

/** A series that has these values at these hours. */
export const series = (name: string, values: { readonly [hour: number]: string }): Table.Series => ({
  name,
  observations: Object.entries(values).map(([hour, value]) => ({ at: hours(Number(hour)), value: decimal(value) }))
})

export const snapshot = (all: ReadonlyArray<Table.Series>, at: Timestamp.Timestamp): MarketSnapshot.MarketSnapshot =>
  Table.snapshot(Either.getOrThrow(Table.fromSeries(all)), at, MarketSnapshot.defaultMaxAge)

export const config = (input: unknown): Config.Config =>
  Schema.decodeUnknownSync(Config.Config, { onExcessProperty: "error" })(input)

/** The price of a fill without slippage. */
export const against = Instruments.roundAgainst

/** No fee, no slippage. */
export const free = {
  fees: { spot: { taker: "0", maker: "0" }, perp: { taker: "0", maker: "0" } },
  slippage: { spot: "0", perp: "0" }
}

/** An instruction from JSON. */
export const trade = (input: {
  readonly venue: string
  readonly trade_type: "spot" | "perp"
  readonly side: string
  readonly symbol: string
  readonly amount: string
  readonly [key: string]: unknown
}): Instruction.CexTrade =>
  Schema.decodeUnknownSync(Instruction.CexTrade)({ instruction_type: "cex_trade", ...input })

export const transfer = (input: {
  readonly from_venue: string
  readonly to_venue: string
  readonly token: string
  readonly amount: string
  readonly network?: string
}): Instruction.WalletTransfer =>
  Schema.decodeUnknownSync(Instruction.WalletTransfer)({ instruction_type: "wallet_transfer", ...input })

type Opening = { readonly [account: Account.Account]: { readonly [asset: string]: string } }

export const opening = (balances: Opening): Simulation.Options => ({
  opening: Object.entries(balances).flatMap(([account, assets]) =>
    Object.entries(assets).map(([asset, held]) => ({ account: account as Account.Account, asset, amount: amount(held) }))
  )
})

/** The pure world with these balances. */
export const world = (balances: Opening, at: Timestamp.Timestamp = begin): World.World =>
  Either.getOrThrow(
    World.post(
      World.empty(at),
      opening(balances).opening!.flatMap(({ account, amount, asset }) =>
        Entry.move(Account.contra("opening", "balance"), account, asset, amount, "opening")
      )
    )
  )

export type VenueLayer = Layer.Layer<
  never,
  VenueRegistry.DuplicateVenue,
  VenueRegistry.VenueRegistry | Simulation.Simulation | DataProvider.DataProvider
>

/** Venues over one world and data in memory. */
export const layer = (
  venues: VenueLayer,
  data: ReadonlyArray<Table.Series>,
  balances: Opening
): Layer.Layer<VenueRegistry.VenueRegistry | Simulation.Simulation, VenueRegistry.DuplicateVenue | DataProvider.DataError> =>
  venues.pipe(
    Layer.provideMerge(VenueRegistry.layer),
    Layer.provideMerge(Simulation.layer(opening(balances))),
    Layer.provide(Memory.layer(data))
  )

export const venue = (id: string): Effect.Effect<Venue.Venue, VenueRegistry.NoSuchVenue, VenueRegistry.VenueRegistry> =>
  Effect.flatMap(VenueRegistry.VenueRegistry, (registry) => registry.get(id))

export const currentWorld: Effect.Effect<World.World, never, Simulation.Simulation> = Effect.flatMap(
  Simulation.Simulation,
  (simulation) => simulation.world
)

/** Prepares and submits, as the manager does. */
export const perform = <I>(
  capability: Venue.Capability<I>,
  intent: Venue.Intent<I>
): Effect.Effect<Outcome.Success, Outcome.Failure> =>
  Effect.flatMap(capability.prepare(intent), (call) => capability.submit(Venue.journaled(intent, call)))

/** Everything due, as the manager settles it before an instruction. */
export const settle = (venues: ReadonlyArray<Venue.Venue>, at: Timestamp.Timestamp) =>
  Effect.map(Effect.forEach(venues, (one) => one.accruals(at)), (all) => all.flat())

/** Sum per asset over all accounts of the world, where it is not zero. */
export const unbalanced = (of: World.World): ReadonlyArray<readonly [string, bigint]> => {
  const sums = new Map<string, bigint>()
  for (const { amount, asset } of World.holdings(of)) sums.set(asset, (sums.get(asset) ?? 0n) + amount)
  return [...sums].filter(([, sum]) => sum !== 0n)
}

/** Whether a unified account borrows a coin: those that its perpetuals settle in, and no other. */
const borrows: World.MayOwe = (account, asset) => account.endsWith(":unified") && (asset === "USDT" || asset === "USDC")

/** Balances of the trader that break a law of exchanges: below zero where nothing is borrowed, or between steps of 1e-8. */
export const impossible = (of: World.World, mayOwe: World.MayOwe = borrows): ReadonlyArray<string> =>
  World.holdings(of)
    .filter(({ account, amount, asset }) =>
      !Account.isContra(account) && (amount < 0n && !mayOwe(account, asset) || amount % Amount.quantumOf(8) !== 0n))
    .map(({ account, amount, asset }) => `${account} ${asset} ${Amount.format(amount)}`)
