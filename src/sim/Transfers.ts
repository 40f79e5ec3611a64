/**
 * Transfers that leave one account and arrive at another later.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../domain/Account.js"
import * as Amount from "../domain/Amount.js"
import type * as Asset from "../domain/Asset.js"
import * as Entry from "../domain/Entry.js"
import type * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as Venue from "../venue/Venue.js"
import * as Refusal from "./Refusal.js"
import type * as Simulation from "./Simulation.js"
import * as World from "./World.js"

/**
 * A transfer as its sender sees it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Departure {
  readonly operationId: string
  readonly at: Timestamp.Timestamp
  readonly from: Account.Account
  readonly asset: Asset.Asset
  /** Gross debit; the fee is taken out of it. */
  readonly amount: Amount.Amount
  readonly fee: Amount.Amount
  readonly destination: Venue.Destination
  /** Time from the request until the transaction has arrived, in milliseconds. */
  readonly travel: number
}

/**
 * What leaves, and what is under way.
 *
 * @category models
 * @since 0.1.0
 */
export interface Departed {
  readonly entries: ReadonlyArray<Entry.Entry>
  readonly costs: ReadonlyArray<Outcome.Cost>
  readonly due: Timestamp.Timestamp
}

/**
 * Debits the sender by `amount`, of which `fee` is a cost and the rest is credited `travel` plus the destination's
 * delay later; at once where both are zero. What the credited account cannot hold is left at `rounding:<venue>`.
 *
 * Refused where less than the destination's minimum would arrive, or the sender holds too little.
 *
 * @category combinators
 * @since 0.1.0
 */
export const depart = (
  world: World.World,
  departure: Departure
): Either.Either<Simulation.Stepped<Departed>, Refusal.Refusal> => {
  const { amount, asset, destination, fee, from, operationId } = departure
  const net = amount - fee
  if (net <= 0n || net < destination.minimum) {
    return Either.left(
      Refusal.make("limit", `${Amount.format(net < 0n ? 0n : net)} ${asset} would arrive at ${Account.venue(destination.account)}, which credits no less than ${Amount.format(destination.minimum)}`, {
        field: "amount",
        expected: `${destination.minimum > 0n ? "at least" : "more than"} ${Amount.format(destination.minimum + fee)} ${asset}`,
        actual: Amount.format(amount)
      })
    )
  }
  const venue = Account.venue(from)
  const due = departure.at + departure.travel + destination.delay
  const costs: ReadonlyArray<Outcome.Cost> = fee === 0n ? [] : [{ kind: "fee", venue, asset, amount: fee }]
  const feeEntries = Entry.move(from, Account.contra("fees", venue), asset, fee, "fee")
  if (due <= departure.at) {
    const credited = Amount.quantize(net, destination.quantum, "down")
    const entries = [
      ...feeEntries,
      ...Entry.move(from, destination.account, asset, credited, "transfer"),
      ...Entry.move(from, Account.contra("rounding", Account.venue(destination.account)), asset, net - credited, "rounding")
    ]
    return Either.map(World.post(world, entries), (next) => ({ world: next, value: { entries, costs, due } }))
  }
  const entries = [...feeEntries, ...Entry.move(from, Account.contra("transit", operationId), asset, net, "transfer")]
  return Either.map(World.post(world, entries), (next) => ({
    world: {
      ...next,
      transits: [...next.transits, { id: operationId, asset, amount: net, to: destination.account, quantum: destination.quantum, due }]
    },
    value: { entries, costs, due }
  }))
}
