/**
 * Which nonces of an account are taken.
 *
 * A sequence is signed in one step and sent in a later one, with the journal between them, so no lock can span the two.
 * Instead a nonce is taken when its sequence is sent, in one synchronous step, and a sequence whose nonce was taken
 * meanwhile is refused.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Transaction from "./Transaction.js"

/**
 * Nonces of one account. There is one for each account in a program.
 *
 * @category models
 * @since 0.1.0
 */
export interface Nonces {
  /**
   * The nonce after the `count` transactions that the node knows of. Refused with a message while a transaction of this
   * program is unknown to the node: a later nonce would be stuck behind it, and the same one would replace it.
   */
  readonly after: (count: number) => Either.Either<number, string>
  /** Takes the nonces of a sequence that is about to be sent; `false` where another has taken them. */
  readonly take: (sequence: Transaction.Sequence) => boolean
  /** Takes the nonces of a sequence that may have been sent before. */
  readonly hold: (sequence: Transaction.Sequence) => void
  /** Gives back the nonces of a sequence from one of its transactions on: nothing was sent with them. */
  readonly release: (sequence: Transaction.Sequence, from: Transaction.Signed) => void
}

const endOf = (sequence: Transaction.Sequence): number => sequence[0].nonce + sequence.length

/** The nonces of an account that nothing was sent with yet. @category constructors @since 0.1.0 */
export const make = (): Nonces => {
  /** First nonce that nothing of this program was sent with. */
  let floor = 0
  return {
    after: (count) =>
      count >= floor
        ? Either.right(count)
        : Either.left(`transactions up to nonce ${floor - 1} are under way, and the node knows of ${count}`),
    take: (sequence) => {
      if (sequence[0].nonce < floor) return false
      floor = endOf(sequence)
      return true
    },
    hold: (sequence) => {
      floor = Math.max(floor, endOf(sequence))
    },
    release: (sequence, from) => {
      if (floor === endOf(sequence)) floor = from.nonce
    }
  }
}
