/**
 * Withdrawals to an address.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type { Json } from "../../domain/Json.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Venue from "../../venue/Venue.js"
import * as Refusal from "../Refusal.js"
import type * as Simulation from "../Simulation.js"
import * as Transfers from "../Transfers.js"
import type * as World from "../World.js"
import * as Leaving from "./Leaving.js"
import type * as Margin from "./Margin.js"
import * as Network from "./Network.js"
import type * as Settings from "./Settings.js"

/**
 * A withdrawal that was checked against the terms of its network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Withdrawal extends Leaving.Leaving {
  readonly destination: Venue.Destination
  readonly fee: Amount.Amount
  /** Of the debit, fee included. */
  readonly minimum: Amount.Amount
  /** Milliseconds from the request until the transaction has arrived. */
  readonly travel: number
}

/**
 * The withdrawal that an instruction means. The network is that of the destination.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  settings: Settings.Settings,
  sending: Venue.Sending
): Either.Either<Withdrawal, Refusal.Refusal> => {
  const { destination, transfer } = sending
  const { token } = transfer
  const { network } = destination
  const terms = Network.terms(settings, token, network)
  if (Either.isLeft(terms)) return Either.left(terms.left)
  const { withdrawalDelay, withdrawalFee, withdrawalMinimum } = terms.right
  if (withdrawalFee === undefined) {
    const { venue } = settings
    return Either.left(
      Refusal.make("unsupported", `no fee is known of withdrawals of ${token} from ${venue} on ${network}`, {
        field: "token",
        expected: `withdrawal_fee in networks.${token}.${network} of ${venue}`,
        actual: "nothing"
      })
    )
  }
  const from = Network.gateway(settings, token, transfer.fromVenue.sub, "from_venue")
  if (Either.isLeft(from)) return Either.left(from.left)
  return Either.map(Leaving.make(settings, from.right, transfer), (leaving) => ({
    ...leaving,
    destination,
    fee: withdrawalFee,
    minimum: settings.leastWithdrawal === "net" ? withdrawalMinimum + withdrawalFee : withdrawalMinimum,
    travel: withdrawalDelay
  }))
}

/** What is written down of a withdrawal before it is sent. @category combinators @since 0.1.0 */
export const wire = (operationId: string, order: Withdrawal): { readonly [key: string]: Json } => ({
  withdraw_order_id: operationId,
  account: order.account,
  coin: order.token,
  amount: order.amount === "max" ? "max" : Amount.format(order.amount),
  network: order.destination.network,
  address: order.destination.address
})

/**
 * Sends a withdrawal: the fee is taken out of the amount, and the rest arrives after the delays of sender and receiver.
 *
 * @category combinators
 * @since 0.1.0
 */
export const send = (
  context: Margin.Context,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  operationId: string,
  order: Withdrawal
): Either.Either<Simulation.Stepped<Outcome.Success>, Refusal.Refusal> => {
  const { account, destination, fee, minimum, token, travel } = order
  const venue = Account.venue(account)
  const amount = Leaving.bear(context, world, snapshot, order)
  if (Either.isLeft(amount)) return Either.left(amount.left)
  if (amount.right < minimum) {
    const least = `${Amount.format(minimum)} ${token}`
    return Either.left(Refusal.make("limit", `${venue} lets no less than ${least} go on ${destination.network}, fee included`, {
      field: "amount",
      expected: `at least ${least}`,
      actual: Amount.format(amount.right)
    }))
  }
  const departed = Transfers.depart(world, {
    operationId,
    at: snapshot.at,
    from: account,
    asset: token,
    amount: amount.right,
    fee,
    destination,
    travel
  })
  return Either.map(departed, ({ value: { costs, due, entries }, world: next }) => {
    const until = Timestamp.format(due)
    const receipt: Outcome.Receipt = {
      at: snapshot.at,
      entries,
      fills: [],
      costs,
      positions: [],
      detail: {
        amount: Amount.format(amount.right),
        network: destination.network,
        address: destination.address,
        due: until
      }
    }
    return {
      world: next,
      value: due > snapshot.at
        ? new Outcome.Pending({
          handle: { venue, operationId, reference: { transit: operationId, due: until } },
          receipt
        })
        : new Outcome.Settled({ receipt })
    }
  })
}
