/**
 * Interest on what a unified account owes, by the hour.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as World from "../World.js"
import * as Borrowing from "./Borrowing.js"
import * as Margin from "./Margin.js"

/** The full hours in `(after, until]`. @category combinators @since 0.1.0 */
export const hours = (after: Timestamp.Timestamp, until: Timestamp.Timestamp): ReadonlyArray<Timestamp.Timestamp> => {
  const all: Array<Timestamp.Timestamp> = []
  for (let at = (Math.floor(after / Timestamp.hour) + 1) * Timestamp.hour; at <= until; at += Timestamp.hour) all.push(at)
  return all
}

const charge = (
  { backing }: Margin.Context,
  coin: Asset.Asset,
  at: Timestamp.Timestamp,
  debt: Amount.Amount,
  bearing: Amount.Amount,
  rate: Decimal.Decimal
): Outcome.Accrual | undefined => {
  const amount = Borrowing.interest(bearing, rate)
  if (amount === 0n) return undefined
  const venue = Account.venue(backing)
  return {
    id: `interest:${venue}:${coin}:${Timestamp.format(at)}`,
    kind: "interest",
    venue,
    account: backing,
    at,
    entries: Entry.move(backing, Account.contra("issuer", venue), coin, amount, "interest"),
    detail: {
      coin,
      owed: Amount.format(debt),
      bearing: Amount.format(bearing),
      yearly_rate: Decimal.format(rate),
      amount: Amount.format(amount)
    }
  }
}

/** What was known at an hour before the snapshot: a debt may begin at an instant between two that are asked for. */
const asOf = (snapshot: MarketSnapshot.MarketSnapshot, at: Timestamp.Timestamp): MarketSnapshot.MarketSnapshot => {
  if (at === snapshot.at) return snapshot
  const since = (series: string, after: Timestamp.Timestamp) => snapshot.since(series, after).filter((one) => one.at <= at)
  const observe = (series: string) => {
    const newest = snapshot.observe(series)
    return newest === undefined || newest.at <= at ? newest : since(series, at - snapshot.maxAge(series) - 1).at(-1)
  }
  return { ...snapshot, at, since, observe }
}

/**
 * Charges the interest of every full hour in `(world.at, snapshot.at]`, each on what is owed then, interest included, by
 * the marks of then.
 *
 * @category combinators
 * @since 0.1.0
 */
export const settle = (
  context: Margin.Context,
  before: World.World,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Simulation.Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal> => {
  const { collateral } = context
  const accruals: Array<Outcome.Accrual> = []
  if (collateral === undefined || !Borrowing.owes(context, before)) return Either.right({ world: before, value: accruals })
  const { rate } = collateral.borrowing
  let world = before
  for (const at of hours(before.at, snapshot.at)) {
    const marks = Margin.marks(asOf(snapshot, at))
    for (const [coin, debt] of Borrowing.owed(context, world)) {
      const stands = Margin.cross(context, Margin.held(context, world), coin, marks)
      if (Either.isLeft(stands)) return Either.left(stands.left)
      const unrealised = stands.right.funds.find((fund) => fund.coin === coin)?.unrealised ?? 0n
      const accrual = charge(context, coin, at, debt, Borrowing.bearing(debt, unrealised), rate(coin))
      if (accrual === undefined) continue
      const posted = World.post(world, accrual.entries, Borrowing.mayOwe(context))
      if (Either.isLeft(posted)) return Either.left(posted.left)
      world = posted.right
      accruals.push(accrual)
    }
  }
  return Either.right({ world, value: accruals })
}
