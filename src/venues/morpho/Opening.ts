/**
 * How balances that the ledger holds from the start become positions in markets.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import * as Refusal from "../../sim/Refusal.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import * as Market from "./Market.js"
import type * as Markets from "./Markets.js"
import * as State from "./State.js"

const rounding = Account.contra("rounding", "morpho")

/**
 * A world whose opening balances at Morpho have become positions, and the ledger lines that took.
 *
 * @category models
 * @since 0.1.0
 */
export interface Opened {
  readonly world: World.World
  readonly state: State.State
  readonly entries: ReadonlyArray<Entry.Entry>
}

interface Balance {
  readonly asset: Asset.Asset
  readonly amount: Amount.Amount
}

const roleOf = (asset: Asset.Asset): "claim" | "debt" | "collateral" => {
  const kind = Asset.kind(asset)
  return kind === "claim" || kind === "debt" ? kind : "collateral"
}

const fits = (market: Markets.Listed, asset: Asset.Asset): boolean =>
  roleOf(asset) === "collateral" ? market.collateral === asset : market.loan === Asset.underlying(asset)

/** The one market that every balance fits into, or that the settings name. */
const marketOf = (settings: Config.Settings, balances: ReadonlyArray<Balance>): Either.Either<Markets.Listed, Refusal.Refusal> => {
  const fitting = [...settings.markets.values()].filter((market) => balances.every(({ asset }) => fits(market, asset)))
  const found = fitting.length === 1 ? fitting[0] : fitting.find(({ name }) => name === settings.openingMarket)
  const assets = balances.map(({ asset }) => asset).join(", ")
  return found !== undefined
    ? Either.right(found)
    : Either.left(
      Refusal.make(
        "invalid",
        fitting.length === 0
          ? `morpho is said to hold ${assets}, and no market has all of that`
          : `morpho is said to hold ${assets}, which fits into ${fitting.length} markets: name one as opening_market`,
        {
          field: "balances",
          expected: fitting.length === 0
            ? `claims, collateral and debt of one of ${[...settings.markets.keys()].join(", ")}`
            : `one of ${fitting.map(({ name }) => name).join(", ")} as opening_market`,
          actual: assets
        }
      )
    )
}

/** A market and a position with one balance more, as if it had just been brought or lent. */
const grown = (
  market: Market.Market,
  position: Market.Position,
  { amount, asset }: Balance
): Either.Either<Pick<Market.Changed, "market" | "position">, Market.Fault> => {
  const role = roleOf(asset)
  const units = Amount.toUnits(amount, Asset.decimals(asset), role === "debt" ? "up" : "down")
  if (units === 0n) return Either.right({ market, position })
  switch (role) {
    case "claim":
      return Market.supply(market, position, { assets: units })
    case "debt":
      return Market.owe(market, position, { assets: units })
    case "collateral":
      return Either.map(Market.supplyCollateral(position, units), (next) => ({ market, position: next }))
  }
}

const settle = (
  world: World.World,
  state: State.State,
  listed: Markets.Listed,
  balances: ReadonlyArray<Balance>
): Either.Either<Opened, Refusal.Refusal> => {
  let market = State.stored(state, listed, State.seconds(world.at))
  let position = Market.nothing
  for (const balance of balances) {
    const next = grown(market, position, balance)
    if (Either.isLeft(next)) {
      return Either.left(Refusal.make("invalid", `the opening balance of ${balance.asset} at morpho: ${next.left}`, { field: "balances" }))
    }
    market = next.right.market
    position = next.right.position
  }
  if (market.borrow.assets > market.supply.assets) {
    return Either.left(Refusal.make("invalid", `the opening debt is more than what is supplied to ${listed.name}`, { field: "balances" }))
  }
  const held = State.shown(market, position)
  const shown = { claim: held.claim, debt: held.debt, collateral: position.collateral }
  const entries = balances.flatMap(({ amount, asset }) =>
    Entry.move(State.account, rounding, asset, amount - Amount.fromUnits(shown[roleOf(asset)], Asset.decimals(asset)), "rounding"))
  const next = { ...State.withMarket(state, listed, market, held), opened: true }
  return Either.map(World.post(world, entries), (posted) => ({ world: State.slot.set(posted, next), state: next, entries }))
}

/**
 * Turns balances that the ledger holds from the start into a position in one market, as of `world.at`, as if they had
 * just been supplied and borrowed. What shares cannot show, less than a unit of the token or two, goes to
 * `rounding:morpho` against the trader. Refused where they fit into no market, or into several of which none is named.
 *
 * @category combinators
 * @since 0.1.0
 */
export const open = (settings: Config.Settings, world: World.World): Either.Either<Opened, Refusal.Refusal> => {
  const state = State.slot.get(world)
  if (state.opened) return Either.right({ world, state, entries: [] })
  const balances = World.holdings(world).filter(({ account }) => account === State.account)
  if (balances.length === 0) {
    const next = { ...state, opened: true }
    return Either.right({ world: State.slot.set(world, next), state: next, entries: [] })
  }
  return Either.flatMap(marketOf(settings, balances), (listed) => settle(world, state, listed, balances))
}
