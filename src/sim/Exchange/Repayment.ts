/**
 * Repayment that a venue enforces: where a unified account without positions is worth less than it owes, its collateral
 * is sold.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Borrowing from "./Borrowing.js"
import * as Margin from "./Margin.js"
import * as Shortfall from "./Shortfall.js"

/** The accrual of a sale that repays, or of what the insurance fund pays where nothing was left to sell. */
const accrual = (
  { backing }: Margin.Context,
  at: Timestamp.Timestamp,
  standing: Margin.Standing,
  coin: Asset.Asset,
  debt: Amount.Amount,
  sold: Shortfall.Sold | undefined,
  insured: Amount.Amount
): Outcome.Accrual => {
  const venue = Account.venue(backing)
  return {
    id: `repayment:${venue}:${coin}:${sold === undefined ? "" : `${sold.coin}:`}${Timestamp.format(at)}`,
    kind: "liquidation",
    venue,
    account: backing,
    at,
    entries: [
      ...(sold?.entries ?? []),
      ...Entry.move(Account.contra("market", venue), backing, coin, insured, "liquidation")
    ],
    liquidation: {
      symbol: sold?.coin ?? coin,
      size: sold?.amount ?? 0n,
      price: sold?.price ?? Decimal.one,
      priceIn: "USD",
      repaid: { asset: coin, amount: (sold?.net ?? 0n) + insured },
      asset: coin,
      loss: (sold?.fee ?? 0n) - insured,
      penalty: 0n,
      fee: sold?.fee ?? 0n
    },
    detail: {
      coin,
      owed: Amount.format(debt),
      margin_balance: Amount.format(standing.marginBalance),
      unit: standing.unit,
      insurance_fund: Amount.format(insured),
      ...(sold === undefined ? {} : { sold: { [sold.coin]: Amount.format(sold.amount) } })
    }
  }
}

/**
 * Repays every coin that is owed, whole: collateral is sold, the most valuable first, and what no sale brings the
 * insurance fund of the venue pays. Nothing is owed afterwards.
 *
 * @category combinators
 * @since 0.1.0
 */
export const enforce = (
  context: Margin.Context,
  before: World.World,
  at: Timestamp.Timestamp,
  standing: Margin.Standing,
  marks: Margin.Marks
): Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal> => {
  const accruals: Array<Outcome.Accrual> = []
  let world = before
  for (const [coin, debt] of Borrowing.owed(context, before)) {
    const sales = Shortfall.sales(context, Margin.held(context, world), coin, debt, marks)
    const insured = Shortfall.missingAfter(debt, sales)
    const made = sales.length === 0
      ? [accrual(context, at, standing, coin, debt, undefined, insured)]
      : sales.map((sold, i) => accrual(context, at, standing, coin, debt, sold, i === sales.length - 1 ? insured : 0n))
    for (const one of made) {
      const posted = World.post(world, one.entries, Borrowing.mayOwe(context))
      if (Either.isLeft(posted)) return Either.left(posted.left)
      world = posted.right
      accruals.push(one)
    }
  }
  return Either.right({ world, value: accruals })
}
