/**
 * Sends transactions so that each is mined at most once, whatever happens on the way.
 *
 * A sequence of transactions is signed before any of it is sent, so that its hashes and bytes can be written down first.
 * From then on there is one way to finish it, also after a crash: look for the hash, see whether the nonce is used, and
 * broadcast the same bytes again where neither is the case.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Address, Hex, TransactionReceipt } from "viem"
import type * as Outcome from "../domain/Outcome.js"
import * as Nonces from "./Nonces.js"
import * as Rpc from "./Rpc.js"
import type * as RpcError from "./RpcError.js"
import * as Sending from "./Sending.js"
import * as Signer from "./Signer.js"
import * as Signing from "./Signing.js"
import type * as Transaction from "./Transaction.js"

/**
 * A transaction that is wanted.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** What it is for, in a word: `approve`, `supply`. */
  readonly purpose: string
  readonly to: Address
  readonly data: Hex
  /** In wei. Defaults to nothing. */
  readonly value?: bigint | undefined
}

/** The contract would refuse a transaction of the sequence. @category models @since 0.1.0 */
export interface WouldRevert {
  readonly _tag: "WouldRevert"
  readonly purpose: string
  readonly revert: RpcError.Reverted
}

/**
 * How far a sequence got. `receipts` are those of its mined transactions, in order.
 *
 * - `Mined`: all of them succeeded.
 * - `Reverted`: the last of the receipts is of a transaction that failed; its gas is spent. Later ones were not sent.
 * - `Waiting`: the node has it, no block yet.
 * - `Lost`: whether it was sent is not known.
 * - `Refused`: it and the later ones have no effect, now or ever. `revert` where the contract would have refused it.
 *
 * @category models
 * @since 0.1.0
 */
export type Progress =
  | { readonly _tag: "Mined"; readonly receipts: ReadonlyArray<TransactionReceipt> }
  | {
    readonly _tag: "Reverted"
    readonly receipts: ReadonlyArray<TransactionReceipt>
    readonly at: Transaction.Signed
    readonly revert: RpcError.Reverted | undefined
  }
  | { readonly _tag: "Waiting"; readonly receipts: ReadonlyArray<TransactionReceipt>; readonly at: Transaction.Signed }
  | {
    readonly _tag: "Lost"
    readonly receipts: ReadonlyArray<TransactionReceipt>
    readonly at: Transaction.Signed
    readonly message: string
  }
  | {
    readonly _tag: "Refused"
    readonly receipts: ReadonlyArray<TransactionReceipt>
    readonly at: Transaction.Signed
    readonly reason: Outcome.Reason
    readonly retry: "never" | "after"
    readonly message: string
    readonly revert?: RpcError.Reverted | undefined
  }

/**
 * The transactions of one account. There must be one such service for an account, and no other program that sends from
 * it: two allocators of nonces take each other's.
 *
 * @category services
 * @since 0.1.0
 */
export class Transactions extends Context.Tag("execution-interface-manager/evm/Transactions")<
  Transactions,
  {
    readonly address: Address
    /**
     * Chooses nonces, fees and gas limits, and signs. Sends nothing and takes no nonce: a sequence that is never run
     * leaves no gap. `WouldRevert` where the contract would refuse it now.
     */
    readonly sign: (
      requests: Arr.NonEmptyReadonlyArray<Request>
    ) => Effect.Effect<Transaction.Sequence, Outcome.NotSent | WouldRevert>
    /** Sends a sequence for the first time and waits for it. */
    readonly run: (sequence: Transaction.Sequence) => Effect.Effect<Progress>
    /** Finds out how far a sequence got, and finishes it where it is not decided. */
    readonly resume: (sequence: Transaction.Sequence) => Effect.Effect<Progress>
  }
>() {}

/**
 * How long transactions are waited for, and the gas of those that cannot be estimated.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How long to wait for a block with the transaction before calling it under way. Defaults to 3 minutes. */
  readonly receiptTimeout?: Duration.DurationInput | undefined
  /** Pause between two looks for the receipt. Defaults to 2 s. */
  readonly pollingInterval?: Duration.DurationInput | undefined
  /**
   * Gas limit of a transaction that cannot be estimated because an earlier one of its sequence is not mined yet, on a
   * node without `eth_simulateV1`. Defaults to 500000; what is not used is not paid.
   */
  readonly gasLimit?: bigint | undefined
}

/**
 * The transactions of the signer's account.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<Transactions, never, Rpc.Rpc | Signer.Signer> =>
  Layer.effect(
    Transactions,
    Effect.zipWith(Rpc.Rpc, Signer.Signer, (rpc, signer) => {
      const nonces = Nonces.make()
      return {
        address: signer.address,
        sign: Signing.make({ rpc, signer, nonces, gasLimit: options.gasLimit ?? 500_000n }),
        ...Sending.make({
          rpc,
          nonces,
          address: signer.address,
          receiptTimeout: Duration.decode(options.receiptTimeout ?? "3 minutes"),
          pollingInterval: Duration.decode(options.pollingInterval ?? "2 seconds")
        })
      }
    })
  )
