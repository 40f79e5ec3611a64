/**
 * The key that signs.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Address, Hex, TransactionSerializableEIP1559 } from "viem"
import { privateKeyToAccount } from "viem/accounts"

/**
 * The private key is not one. What it is instead is not said, because it may be nearly one.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidKey extends Data.TaggedError("InvalidKey")<{}> {
  override get message(): string {
    return "the private key is not 0x and 64 hexadecimal digits of a number below the order of the curve"
  }
}

/**
 * An account that signs transactions. The key never leaves it.
 *
 * @category services
 * @since 0.1.0
 */
export class Signer extends Context.Tag("execution-interface-manager/evm/Signer")<
  Signer,
  {
    readonly address: Address
    /** The signed bytes: equal transactions give equal bytes (RFC 6979). */
    readonly sign: (transaction: TransactionSerializableEIP1559) => Effect.Effect<Hex>
  }
>() {}

/** The key that signs. It is held redacted and never printed. @category models @since 0.1.0 */
export interface Options {
  /** `0x` and 64 hexadecimal digits. */
  readonly privateKey: Redacted.Redacted<string>
}

/**
 * Signs with a private key that is held in memory.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Signer, InvalidKey> =>
  Layer.effect(
    Signer,
    Effect.map(
      Effect.try({
        try: () => privateKeyToAccount(Redacted.value(options.privateKey) as Hex),
        catch: () => new InvalidKey()
      }),
      (account) => ({
        address: account.address,
        // Fails only on a malformed transaction, which is a fault of this program.
        sign: (transaction) => Effect.promise(() => account.signTransaction(transaction))
      })
    )
  )
