/**
 * Arithmetic of one perpetual position.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Instrument from "../../domain/Instrument.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as Instruments from "./Instruments.js"

/**
 * An open position. Nothing of it is a balance: its notional never moves, its result does when it is realised.
 *
 * @category models
 * @since 0.1.0
 */
export interface Position {
  readonly instrument: Instrument.Instrument
  /** In the base token, negative for a short. Never zero: a closed position is no position. */
  readonly size: Amount.Amount
  /** What the size was entered for, in the settlement coin: size × entry price, of the same sign. */
  readonly cost: Amount.Amount
  /**
   * Part of the funding so far that is below the step of the account, from 0 to below 1e-8. What is left of it when the
   * position closes stays at `rounding:<venue>`.
   */
  readonly fundingRemainder: Amount.Amount
  /** What an isolated position locks of the balance; absent where the position shares the margin of its account. */
  readonly margin?: Amount.Amount | undefined
  /** Instant at which it was opened on this side; what is added later counts as held with it. */
  readonly heldSince: Timestamp.Timestamp
}

/** Decimals of an entry price. @category constants @since 0.1.0 */
export const priceScale = 12

/**
 * Average price of entry: cost / size to 1e-12, half up.
 *
 * @category combinators
 * @since 0.1.0
 */
export const entryPrice = (position: Position): Decimal.Decimal =>
  Decimal.quotient(Decimal.make(position.cost, 0), Decimal.make(position.size, 0), priceScale, "half_up")

/**
 * Result of closing the position at a price: size × price − cost, down to 1e-18.
 *
 * @category combinators
 * @since 0.1.0
 */
export const unrealised = (position: Position, mark: Decimal.Decimal): Amount.Amount =>
  Amount.times(position.size, mark, 1n, "down") - position.cost

/** Size × price without sign, up to 1e-18. @category combinators @since 0.1.0 */
export const notional = (position: Position, mark: Decimal.Decimal): Amount.Amount =>
  Amount.times(Amount.abs(position.size), mark, 1n, "up")

/** Gains at a price that can be drawn: what is not realised, down to 1e-8. @category combinators @since 0.1.0 */
export const gains = (position: Position, mark: Decimal.Decimal): Amount.Amount => {
  const open = unrealised(position, mark)
  return open > 0n ? Amount.quantize(open, Instruments.quantum, "down") : 0n
}

/**
 * The position after `amount` of its gains was realised without a trade: as if it had been entered at a price that much
 * worse.
 *
 * @category combinators
 * @since 0.1.0
 */
export const draw = (position: Position, amount: Amount.Amount): Position => ({ ...position, cost: position.cost + amount })

/**
 * What a fill makes of a position.
 *
 * @category models
 * @since 0.1.0
 */
export interface Filled {
  /** `undefined` once it is closed. */
  readonly position: Position | undefined
  /** In the settlement coin, before fees. */
  readonly realised: Amount.Amount
  /** Whether any of the fill opens or adds. */
  readonly opens: boolean
}

/**
 * Whether a signed change of a position opens or adds: one that is not against it, or goes beyond it.
 *
 * @category guards
 * @since 0.1.0
 */
export const adds = (before: Pick<Position, "size"> | undefined, change: Amount.Amount): boolean =>
  before === undefined || (before.size > 0n) === (change > 0n) || Amount.abs(change) > Amount.abs(before.size)

const open = (
  instrument: Instrument.Instrument,
  change: Amount.Amount,
  price: Decimal.Decimal,
  at: Timestamp.Timestamp
): Position => ({ instrument, size: change, cost: Amount.times(change, price, 1n, "up"), fundingRemainder: 0n, heldSince: at })

/**
 * Fills a signed change at a price and an instant. The part against the position closes it at its average price; what is left beyond
 * zero opens the other side at the price of the fill. Rounded against the trader to 1e-18; what was paid for the part
 * that is closed and for the part that stays always adds up to the cost before.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fill = (
  instrument: Instrument.Instrument,
  before: Position | undefined,
  change: Amount.Amount,
  price: Decimal.Decimal,
  at: Timestamp.Timestamp
): Filled => {
  if (before === undefined) return { position: open(instrument, change, price, at), realised: 0n, opens: true }
  const { cost, size } = before
  if (size > 0n === change > 0n) {
    return {
      position: { ...before, size: size + change, cost: cost + Amount.times(change, price, 1n, "up") },
      realised: 0n,
      opens: true
    }
  }
  const after = size + change
  const closed = after === 0n || after > 0n !== size > 0n ? size : -change
  const released = closed === size ? cost : Decimal.divide(cost * Amount.abs(closed), Amount.abs(size), "up")
  const realised = Amount.times(closed, price, 1n, "down") - released
  if (after === 0n) return { position: undefined, realised, opens: false }
  return closed === size
    ? { position: open(instrument, after, price, at), realised, opens: true }
    : { position: { ...before, size: after, cost: cost - released }, realised, opens: false }
}
