/**
 * Liquidations as the ledger tells them: claims and debts that are gone, and what happened as a margin call would say it.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
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
import * as RayMath from "./RayMath.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

const penalties = Account.contra("liquidation_penalty", "aave")

const fees = Account.contra("liquidation_fee", "aave")

const amountOf = (token: Asset.Asset, units: bigint): Amount.Amount => Amount.fromUnits(units, Asset.decimals(token))

/** What a liquidation takes beyond the worth of what it repays: the bonus, part of it to the treasury. */
const beyond = ({ collateral, taken }: Liquidator.Done) => {
  const all = taken.seized + taken.fee
  const bonus = all - RayMath.percentDiv(all, collateral.terms.liquidationBonus, "half_up")
  return { all, penalty: bonus - taken.fee, fee: taken.fee }
}

/** What is no longer shown of each claim and debt, at indices that stay. */
const gone = (
  settings: Config.Settings,
  before: Position.Position,
  done: Liquidator.Done,
  snapshot: MarketSnapshot.MarketSnapshot
): Result<ReadonlyArray<Entry.Entry>> =>
  Either.gen(function*() {
    const { debtBalance, supplyBalance } = settings.scaling
    const after = done.position
    const entries: Array<Entry.Entry> = []
    const leave = (asset: Asset.Asset, units: bigint, to = Opening.issuer, reason: Entry.Reason = "liquidation") =>
      entries.push(...Entry.move(Opening.account, to, asset, amountOf(asset, units), reason))
    for (const [token, held] of before.holdings) {
      const reserve = settings.reserves.get(token)
      const left = Position.holding(after, token)
      if (reserve === undefined) continue
      if (held.supply !== left.supply) {
        const index = yield* Pool.index(settings, before, snapshot, reserve, "supply")
        const claim = Asset.claimOn(token)
        const units = supplyBalance(held.supply, index) - supplyBalance(left.supply, index)
        const { fee, penalty } = token === done.collateral.reserve.token ? beyond(done) : { fee: 0n, penalty: 0n }
        leave(claim, units - penalty - fee)
        leave(claim, penalty, penalties, "liquidation_penalty")
        leave(claim, fee, fees, "liquidation_fee")
      }
      if (held.debt !== left.debt) {
        const index = yield* Pool.index(settings, before, snapshot, reserve, "borrow")
        leave(Asset.debtOf(token), debtBalance(held.debt, index) - debtBalance(left.debt, index))
      }
    }
    return entries
  })

const format = (token: Asset.Asset, units: bigint): string => Amount.format(amountOf(token, units))

const liquidation = (done: Liquidator.Done): Outcome.Liquidation => {
  const { before, collateral, debt, taken } = done
  const { token } = collateral.reserve
  const { all, fee, penalty } = beyond(done)
  return {
    symbol: token,
    size: amountOf(token, all),
    price: Decimal.make(collateral.price, AccountData.baseScale),
    priceIn: "USD",
    healthFactor: before.healthFactor === undefined ? undefined : Decimal.make(before.healthFactor, 18),
    repaid: { asset: debt.reserve.token, amount: amountOf(debt.reserve.token, taken.repaid) },
    asset: token,
    loss: amountOf(token, penalty + fee),
    penalty: amountOf(token, penalty),
    fee: amountOf(token, fee)
  }
}

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
    Either.map(gone(settings, n === 0 ? position : all[n - 1]!.position, done, snapshot), (entries): Outcome.Accrual => ({
      id: `liquidation:aave:${done.collateral.reserve.token}:${done.debt.reserve.token}:${Timestamp.format(snapshot.at)}:${n + 1}`,
      kind: "liquidation",
      venue: "aave",
      account: Opening.account,
      at: snapshot.at,
      entries,
      liquidation: liquidation(done),
      detail: detail(done)
    }))
  ))
