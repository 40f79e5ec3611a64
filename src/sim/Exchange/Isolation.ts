/**
 * What isolated positions lock of a balance as they are opened, added to and reduced.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Instruments from "./Instruments.js"
import type * as Market from "./Market.js"
import * as Position from "./Position.js"
import * as Tiers from "./Tiers.js"

const above = (amount: Amount.Amount): Amount.Amount => (amount > 0n ? amount : 0n)

const initial = ({ margin }: Market.Perpetual, position: Position.Position, mark: Decimal.Decimal): Amount.Amount =>
  Tiers.initial(margin, Position.notional(position, mark))

/**
 * The margin of an isolated position after a fill, up to 1e-8. What is opened or added locks its initial margin at the
 * mark and the distance from the fill to the mark where that is a loss; what is reduced frees its share.
 *
 * @category combinators
 * @since 0.1.0
 */
export const margin = (
  market: Market.Perpetual,
  before: Position.Position | undefined,
  after: Position.Position,
  mark: Decimal.Decimal
): Amount.Amount => {
  const same = before !== undefined && before.size > 0n === after.size > 0n
  if (!same) {
    const needed = initial(market, after, mark) + above(-Position.unrealised(after, mark))
    return Amount.quantize(needed, Instruments.quantum, "up")
  }
  const locked = before.margin ?? 0n
  if (Amount.abs(after.size) <= Amount.abs(before.size)) {
    const share = Decimal.divide(locked * Amount.abs(after.size), Amount.abs(before.size), "up")
    return Amount.quantize(share, Instruments.quantum, "up")
  }
  const more = above(initial(market, after, mark) - initial(market, before, mark))
  const lost = above(Position.unrealised(before, mark) - Position.unrealised(after, mark))
  return Amount.quantize(locked + more + lost, Instruments.quantum, "up")
}
