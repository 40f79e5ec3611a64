/**
 * Liquidations as the ledger tells them: claims and debts that are gone, and what happened as a margin call would say it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type { Json } from "../../domain/Json.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../../sim/Refusal.js"
import * as AccountData from "./AccountData.js"
import type * as Config from "./Config.js"
import type * as Liquidator from "./Liquidator.js"
import * as Opening from "./Opening.js"
import * as Pool from "./Pool.js"
import * as Position from "./Position.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

/** What is no longer shown of each claim and debt, at indices that stay. */
const gone = (
  settings: Config.Settings,
  before: Position.Position,
  after: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<ReadonlyArray<Entry.Entry>> =>
  Either.gen(function*() {
    const { debtBalance, supplyBalance } = settings.scaling
    const entries: Array<Entry.Entry> = []
    const leave = (asset: Asset.Asset, units: bigint) =>
      entries.push(...Entry.move(Opening.account, Opening.issuer, asset, Amount.fromUnits(units, Asset.decimals(asset)), "liquidation"))
    for (const [token, held] of before.holdings) {
      const reserve = settings.reserves.get(token)
      const left = Position.holding(after, token)
      if (reserve === undefined) continue
      if (held.supply !== left.supply) {
        const index = yield* Pool.index(settings, before, snapshot, reserve, "supply")
        leave(Asset.claimOn(token), supplyBalance(held.supply, index) - supplyBalance(left.supply, index))
      }
      if (held.debt !== left.debt) {
        const index = yield* Pool.index(settings, before, snapshot, reserve, "borrow")
        leave(Asset.debtOf(token), debtBalance(held.debt, index) - debtBalance(left.debt, index))
      }
    }
    return entries
  })

const format = (token: Asset.Asset, units: bigint): string => Amount.format(Amount.fromUnits(units, Asset.decimals(token)))

const detail = ({ after, badDebt, before, collateral, debt, taken }: Liquidator.Done): { readonly [key: string]: Json } => ({
  health_factor_before: AccountData.formatHealthFactor(before),
  health_factor_after: AccountData.formatHealthFactor(after),
  debt: debt.reserve.token,
  debt_price: AccountData.formatValue(debt.price),
  repaid: format(debt.reserve.token, taken.repaid),
  collateral: collateral.reserve.token,
  collateral_price: AccountData.formatValue(collateral.price),
  seized: format(collateral.reserve.token, taken.seized),
  protocol_fee: format(collateral.reserve.token, taken.fee),
  liquidation_bonus: Decimal.formatScaled(collateral.terms.liquidationBonus - 10_000n, 4),
  ...(badDebt.length === 0 ? {} : { bad_debt: Object.fromEntries(badDebt.map(({ token, units }) => [token, format(token, units)])) })
})

/**
 * One accrual for each liquidation of a position at an instant, numbered in their order.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  all: ReadonlyArray<Liquidator.Done>
): Result<ReadonlyArray<Outcome.Accrual>> =>
  Either.all(all.map((done, n) =>
    Either.map(gone(settings, n === 0 ? position : all[n - 1]!.position, done.position, snapshot), (entries): Outcome.Accrual => ({
      id: `liquidation:aave:${done.collateral.reserve.token}:${done.debt.reserve.token}:${Timestamp.format(snapshot.at)}:${n + 1}`,
      kind: "liquidation",
      venue: "aave",
      account: Opening.account,
      at: snapshot.at,
      entries,
      detail: detail(done)
    }))
  ))
