/**
 * A signed transaction, as it is written down before it is sent.
 *
 * The raw bytes are part of the record: with them alone an interrupted operation can be finished, since broadcasting the
 * same bytes again never makes a second transaction. They are no secret. Once signed they can do nothing but what was
 * decided, and a broadcast makes them public anyway; whoever reads them before could only send them earlier.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Address, Hash, Hex } from "viem"
import * as Wire from "../domain/Wire.js"

const hexOf = (digits: string, description: string): Schema.Schema<Hex, string> => {
  const pattern = new RegExp(`^0x[0-9a-fA-F]${digits}$`)
  return Schema.String.pipe(Schema.filter((text): text is Hex => pattern.test(text), { description }))
}

/**
 * Codec of an address: `0x` and 40 hexadecimal digits, of either case; a checksum is not looked at.
 *
 * @category schemas
 * @since 0.1.0
 */
export const AddressText: Schema.Schema<Address, string> = hexOf("{40}", "0x and 40 hexadecimal digits")

/**
 * One signed transaction.
 *
 * @category models
 * @since 0.1.0
 */
export interface Signed {
  /** What it is for, in a word: `approve`, `supply`. */
  readonly purpose: string
  readonly from: Address
  readonly nonce: number
  readonly hash: Hash
  readonly rawTx: Hex
}

/** Codec to the journal: snake_case JSON. @category schemas @since 0.1.0 */
export const Signed: Schema.Schema<Signed, {
  readonly purpose: string
  readonly from: string
  readonly nonce: number
  readonly hash: string
  readonly raw_tx: string
}> = Wire.struct({
  purpose: Schema.String,
  from: AddressText,
  nonce: Schema.Int.pipe(Schema.nonNegative()),
  hash: hexOf("{64}", "0x and 64 hexadecimal digits"),
  raw_tx: hexOf("+", "0x and hexadecimal digits")
})

/**
 * Transactions of one account with consecutive nonces, each of which is sent when the one before it has succeeded.
 *
 * @category models
 * @since 0.1.0
 */
export type Sequence = readonly [Signed, ...ReadonlyArray<Signed>]
