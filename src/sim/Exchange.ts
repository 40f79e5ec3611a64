/**
 * A simulated exchange: spot and perpetual trading, deposits, withdrawals and internal transfers over the one world.
 *
 * Everything that happens is a plain function in the modules beside this one; here they become a venue.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Account from "../domain/Account.js"
import * as Decimal from "../domain/Decimal.js"
import type * as Instruction from "../domain/Instruction.js"
import type * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import * as Venue from "../venue/Venue.js"
import * as VenueRegistry from "../venue/VenueRegistry.js"
import type * as Config from "./Exchange/Config.js"
import * as Funding from "./Exchange/Funding.js"
import * as Internal from "./Exchange/Internal.js"
import * as Liquidation from "./Exchange/Liquidation.js"
import * as Margin from "./Exchange/Margin.js"
import * as Market from "./Exchange/Market.js"
import * as Network from "./Exchange/Network.js"
import * as Order from "./Exchange/Order.js"
import * as Perpetual from "./Exchange/Perpetual.js"
import * as Position from "./Exchange/Position.js"
import type * as Profile from "./Exchange/Profile.js"
import * as Settings from "./Exchange/Settings.js"
import * as Spot from "./Exchange/Spot.js"
import * as Withdrawal from "./Exchange/Withdrawal.js"
import * as Refusal from "./Refusal.js"
import * as Simulation from "./Simulation.js"
import * as Staleness from "./Staleness.js"
import * as World from "./World.js"

/**
 * The steps of an exchange as plain functions of a world.
 *
 * @category models
 * @since 0.1.0
 */
export interface Steps extends Margin.Context {
  readonly settings: Settings.Settings
  readonly trade: (
    world: World.World,
    snapshot: MarketSnapshot.MarketSnapshot,
    order: Order.Order
  ) => Either.Either<Simulation.Stepped<Outcome.Receipt>, Refusal.Refusal>
  /** Whether a trade adds risk, which it does not where it only reduces a perpetual position. */
  readonly adds: (world: World.World, market: Market.Market, trade: Instruction.CexTrade) => boolean
  readonly model: Simulation.Model
  readonly portfolio: (world: World.World, snapshot: MarketSnapshot.MarketSnapshot) => Venue.Portfolio
  /** Margin balance, initial and maintenance margin of everything that is open, by what shares margin. */
  readonly margin: (world: World.World, snapshot: MarketSnapshot.MarketSnapshot) => ReadonlyArray<Margin.Standing>
}

const portfolio = (
  settings: Settings.Settings,
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Venue.Portfolio => {
  const { venue } = settings
  const positions: Array<Outcome.Position> = []
  for (const [symbol, position] of context.slot.get(world).positions) {
    const mark = Either.flatMap(context.markets.perp(position.instrument), (market) => Market.arrival(market, snapshot))
    positions.push({
      venue,
      symbol,
      size: position.size,
      entryPrice: Position.entryPrice(position),
      quote: position.instrument.quote,
      ...(Either.isRight(mark) ? { mark: mark.right.price } : {})
    })
  }
  return {
    holdings: World.holdings(world).filter(({ account }) => Account.venue(account) === venue),
    positions
  }
}

/** The steps under these settings. @category constructors @since 0.1.0 */
export const steps = (settings: Settings.Settings): Steps => {
  const { venue } = settings
  const markets = Market.make(settings)
  const slot = Margin.slot(venue)
  const backing = Account.make(venue, settings.perp.sub)
  const elsewhere = settings.perp.sub === settings.spot.sub ? undefined : `${venue}_${settings.spot.sub}`
  const context: Margin.Context = { markets, slot, backing, elsewhere, collateral: settings.collateral }
  return {
    ...context,
    settings,
    trade: (world, snapshot, order) => {
      const { market } = order
      return market.kind === "spot"
        ? Spot.trade(context, world, snapshot, { ...order, market })
        : Perpetual.trade(context, world, snapshot, { ...order, market })
    },
    adds: (world, market, { amount, reduceOnly, side }) => {
      if (market.kind === "spot" || typeof amount !== "bigint") return reduceOnly !== true
      return reduceOnly !== true && Position.adds(slot.get(world).positions.get(market.symbol), side === "buy" ? amount : -amount)
    },
    model: {
      venue,
      due: (world, snapshot) => Funding.due(context, world, snapshot),
      settle: (world, snapshot) => Funding.settle(context, world, snapshot)
    },
    portfolio: (world, snapshot) => portfolio(settings, context, world, snapshot),
    margin: (world, snapshot) => Liquidation.standings(context, world, Margin.marks(snapshot))
  }
}

const make = Effect.fnUntraced(function*(profile: Profile.Profile, config: Config.Config) {
  const simulation = yield* Simulation.Simulation
  const settings = Settings.make(profile, config)
  const exchange = steps(settings)
  const { markets } = exchange
  yield* simulation.register(exchange.model)

  const arrival = (
    trade: Instruction.CexTrade,
    at: Timestamp.Timestamp
  ): Effect.Effect<Venue.Arrival, Outcome.NotSent> => {
    const market: Either.Either<Market.Market, Refusal.Refusal> = trade.tradeType === "spot"
      ? markets.spot(trade.symbol)
      : markets.perp(trade.symbol)
    if (Either.isLeft(market)) return Effect.fail(Refusal.toNotSent(market.left))
    const { feeToken, takerFee } = market.right
    // A fee in another token is none of what the pair moves.
    const feeRate = feeToken === undefined ? takerFee : Decimal.zero
    return simulation.look(at, (world, snapshot) => {
      const refused = exchange.adds(world, market.right, trade)
        ? Staleness.refusal(snapshot, Market.stale(market.right, snapshot))
        : undefined
      return refused === undefined
        ? Either.map(Market.arrival(market.right, snapshot), ({ price }): Venue.Arrival => ({ price, feeRate }))
        : Either.left(refused)
    })
  }

  const venue: Venue.Venue = {
    id: settings.venue,
    family: "cex",
    accounts: settings.accounts,
    ...(settings.accounts.includes("unified") ? { otherNames: ["spot", "perp"] as const } : {}),
    trade: {
      ...Venue.capability<Instruction.CexTrade, Order.Order>({
        prepare: (intent) => Either.mapLeft(Order.make(settings, markets, intent), Refusal.toNotSent),
        submit: (order, intent) =>
          Effect.map(
            simulation.step(intent.at, (world, snapshot) => exchange.trade(world, snapshot, order)),
            (receipt) => new Outcome.Settled({ receipt, partial: Order.isPartial(order, receipt) })
          ),
        resolve: simulation.resolve
      }),
      arrival
    },
    transfer: {
      send: Venue.capability<Venue.Sending, Withdrawal.Withdrawal>({
        prepare: ({ instruction, operationId }) =>
          Either.mapBoth(Withdrawal.make(settings, instruction), {
            onLeft: Refusal.toNotSent,
            onRight: (payload) => ({ wire: Withdrawal.wire(operationId, payload), payload })
          }),
        submit: (order, intent) =>
          simulation.step(intent.at, (world, snapshot) =>
            Withdrawal.send(exchange, world, snapshot, intent.operationId, order)),
        resolve: simulation.resolve
      }),
      destination: (token, network, sub) =>
        Either.mapLeft(Network.destination(settings, token, network, sub), Refusal.toNotSent),
      internal: Venue.capability<Instruction.WalletTransfer, Internal.Internal>({
        prepare: ({ instruction, operationId }) =>
          Either.mapBoth(Internal.make(settings, instruction), {
            onLeft: Refusal.toNotSent,
            onRight: (payload) => ({ wire: Internal.wire(operationId, payload), payload })
          }),
        submit: (order, intent) =>
          simulation.step(intent.at, (world, snapshot) => Internal.move(exchange, world, snapshot, order)),
        resolve: simulation.resolve
      })
    },
    accruals: simulation.accruals(settings.venue),
    portfolio: (at) => simulation.look(at, (world, snapshot) => Either.right(exchange.portfolio(world, snapshot)))
  }
  return venue
})

/**
 * The layer of a simulated exchange: contributes the venue to the registry, and its passing of time to the simulation.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  profile: Profile.Profile,
  config: Config.Config = {}
): Simulation.VenueLayer => VenueRegistry.venue({ id: profile.venue, family: "cex", make: make(profile, config) })
