/**
 * The key that signs.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Address, Hex, TransactionSerializableEIP1559 } from "viem"
import { privateKeyToAccount } from "viem/accounts"
import * as EimError from "../domain/EimError.js"

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

/** What came instead of a key is not said, because it may be nearly one. */
const refuse = (reason: string): EimError.CredentialsInvalid =>
  new EimError.CredentialsInvalid({ reason, path: "privateKey", expected: "0x and 64 hexadecimal digits" })

const make = ({ privateKey }: Options): Effect.Effect<Signer["Type"], EimError.CredentialsInvalid> =>
  Effect.map(
    Effect.try({
      try: () => privateKeyToAccount(Redacted.value(privateKey) as Hex),
      catch: () => refuse("the private key is not 0x and 64 hexadecimal digits of a number below the order of the curve")
    }),
    (account) => ({
      address: account.address,
      // Fails only on a malformed transaction, which is a fault of this program.
      sign: (transaction) => Effect.promise(() => account.signTransaction(transaction))
    })
  )

/**
 * Signs with a private key that is held in memory. A key that is none fails with EIM-004.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Signer, EimError.CredentialsInvalid> => Layer.effect(Signer, make(options))

/**
 * Signs with the private key of the environment. A key that is missing or is none fails with EIM-004.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (options: {
  readonly privateKey: Config.Config<Redacted.Redacted<string>>
}): Layer.Layer<Signer, EimError.CredentialsInvalid> =>
  Layer.effect(
    Signer,
    Effect.flatMap(
      Effect.mapError(options.privateKey, () => refuse("the private key is not configured")),
      (privateKey) => make({ privateKey })
    )
  )
