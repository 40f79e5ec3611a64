/**
 * Where the position stands in the ledger, and how balances that the ledger holds from the start become one.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Refusal from "../../sim/Refusal.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import * as Pool from "./Pool.js"
import * as Position from "./Position.js"

/** Where aTokens and debts stand. @category constants @since 0.1.0 */
export const account: Account.Account = Account.make("aave", "position")

/** The other side of everything the pool gives and takes. @category constants @since 0.1.0 */
export const issuer: Account.Account = Account.contra("issuer", "aave")

/** Where the tokens stand that are supplied and repaid: the trader's wallet. @category constants @since 0.1.0 */
export const wallet: Account.Account = Account.make("wallet", "wallet")

const rounding = Account.contra("rounding", "aave")

/**
 * A world whose opening balances at the pool have become a position, and the ledger lines that took.
 *
 * @category models
 * @since 0.1.0
 */
export interface Opened {
  readonly world: World.World
  readonly position: Position.Position
  readonly entries: ReadonlyArray<Entry.Entry>
}

/**
 * Turns balances that the ledger holds from the start into scaled amounts, at the indices of `world.at`. Such a
 * balance need not be one that a scaled amount can show: what is off, less than a unit of the token or two, goes to
 * `rounding:aave` against the trader. In a reserve with a rate model it comes on top of what others supply and owe.
 * Refused for what no reserve stands behind, and for more debt than a reserve has lent out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const open = (
  settings: Config.Settings,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Opened, Refusal.Refusal> => {
  const stored = Position.slot.get(world)
  if (stored.opened) return Either.right({ world, position: stored, entries: [] })
  let position: Position.Position = { ...stored, emode: settings.openingEMode }
  for (const reserve of settings.reserves.values()) position = Pool.changed(settings, position, reserve, world.at, {})
  const entries: Array<Entry.Entry> = []
  for (const { account: at, amount, asset } of World.holdings(world)) {
    if (at !== account) continue
    const kind = Asset.kind(asset)
    const token = Asset.underlying(asset)
    const reserve = settings.reserves.get(token)
    if (reserve === undefined || (kind !== "claim" && kind !== "debt")) {
      return Either.left(
        Refusal.make("invalid", `aave is said to hold ${asset}, and none of its reserves stands behind that`, {
          field: "balances",
          expected: `aTokens and debts of ${[...settings.reserves.keys()].join(", ")}`,
          actual: asset
        })
      )
    }
    const owed = kind === "debt"
    const index = Pool.indexAt(settings, position, snapshot, reserve, owed ? "borrow" : "supply", world.at)
    if (Either.isLeft(index)) return Either.left(index.left)
    const decimals = Asset.decimals(token)
    const before = Position.holding(position, token)
    const units = Amount.toUnits(amount, decimals, owed ? "up" : "down")
    let shown: bigint
    if (owed) {
      const debt = Position.scaledDebt(settings.scaling, units, index.right)
      shown = settings.scaling.debtBalance(debt, index.right)
      position = Position.withHolding(position, token, { ...before, debt })
      position = Pool.changed(settings, position, reserve, world.at, { debt, liquidity: -shown })
    } else {
      const supply = Position.scaledSupply(settings.scaling, units, index.right)
      shown = settings.scaling.supplyBalance(supply, index.right)
      const collateral = supply > 0n && reserve.ltv > 0n
      position = Position.withHolding(position, token, { ...before, supply, collateral })
      position = Pool.changed(settings, position, reserve, world.at, { supply, liquidity: shown })
    }
    entries.push(...Entry.move(account, rounding, asset, amount - Amount.fromUnits(shown, decimals), "rounding"))
  }
  for (const [token, { liquidity }] of position.pool) {
    if (liquidity < 0n) {
      return Either.left(
        Refusal.make("invalid", `more ${token} is owed at the beginning than the reserve had to lend`, {
          field: "balances",
          expected: `a total_supply of ${token} that covers all debt`,
          actual: Amount.format(Amount.fromUnits(liquidity, Asset.decimals(token)))
        })
      )
    }
  }
  position = { ...position, opened: true }
  return Either.map(World.post(world, entries), (posted) => ({
    world: Position.slot.set(posted, position),
    position,
    entries
  }))
}
