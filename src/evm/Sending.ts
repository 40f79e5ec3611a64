/**
 * From signed bytes to mined transactions, each at most once.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { parseTransaction } from "viem"
import type { Address, TransactionReceipt } from "viem"
import type * as Outcome from "../domain/Outcome.js"
import type * as Nonces from "./Nonces.js"
import type * as Rpc from "./Rpc.js"
import type * as Transaction from "./Transaction.js"
import type * as Transactions from "./Transactions.js"

/**
 * The node, the account that sends, and how long and how often its receipts are looked for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly rpc: Context.Tag.Service<Rpc.Rpc>
  readonly nonces: Nonces.Nonces
  /** Account whose nonces they are. */
  readonly address: Address
  readonly receiptTimeout: Duration.Duration
  readonly pollingInterval: Duration.Duration
}

const progress = (value: Transactions.Progress): Transactions.Progress => value

/**
 * Sends and finishes sequences: see `run` and `resume` of {@link Transactions.Transactions}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Pick<Context.Tag.Service<Transactions.Transactions>, "run" | "resume"> => {
  const { nonces, rpc } = options
  const timeout = Duration.toMillis(options.receiptTimeout)

  /** The receipt; none while it is in no block at the end of the wait, or the message of a read that failed then. */
  const wait = Effect.fnUntraced(function*(signed: Transaction.Signed) {
    const until = (yield* Clock.currentTimeMillis) + timeout
    while (true) {
      const looked = yield* Effect.either(rpc.receipt(signed.hash))
      if (Either.isRight(looked) && looked.right !== undefined) return looked.right
      if ((yield* Clock.currentTimeMillis) >= until) return Either.isLeft(looked) ? looked.left.message : undefined
      yield* Effect.sleep(options.pollingInterval)
    }
  })

  /** The reason of a mined failure, by executing it again on the state before its block. */
  const replay = (signed: Transaction.Signed, receipt: TransactionReceipt) => {
    const { data, to, value } = parseTransaction(signed.rawTx)
    return to === undefined || to === null
      ? Effect.succeed(undefined)
      : Effect.match(rpc.call({ from: signed.from, to, data, value }, receipt.blockNumber - 1n), {
        onSuccess: () => undefined,
        onFailure: (error) => (error._tag === "Reverted" ? error : undefined)
      })
  }

  /** Waits for a transaction that the node has. `undefined` where it succeeded. */
  const settle = Effect.fnUntraced(function*(
    sequence: Transaction.Sequence,
    signed: Transaction.Signed,
    receipts: Array<TransactionReceipt>
  ) {
    const found = yield* wait(signed)
    if (found === undefined) return progress({ _tag: "Waiting", receipts, at: signed })
    if (typeof found === "string") return progress({ _tag: "Lost", receipts, at: signed, message: found })
    receipts.push(found)
    if (found.status === "success") return undefined
    const next = sequence[receipts.length]
    if (next !== undefined) nonces.release(sequence, next)
    return progress({ _tag: "Reverted", receipts, at: signed, revert: yield* replay(signed, found) })
  })

  /** What is certain to fail is not sent; the transactions before it are mined, so that it can be estimated now. */
  const preflight = Effect.fnUntraced(function*(signed: Transaction.Signed, receipts: Array<TransactionReceipt>) {
    const { data, to, value } = parseTransaction(signed.rawTx)
    const tried = yield* Effect.either(rpc.estimateGas({ from: signed.from, to: to!, data, value }))
    if (Either.isRight(tried)) return undefined
    const error = tried.left
    return error._tag === "Reverted"
      ? progress({
        _tag: "Refused",
        receipts,
        at: signed,
        reason: "rejected",
        retry: "never",
        message: error.message,
        revert: error
      })
      : progress({ _tag: "Lost", receipts, at: signed, message: `${signed.purpose} is not sent yet: ${error.message}` })
  })

  const run = Effect.fnUntraced(function*(sequence: Transaction.Sequence) {
    const [first] = sequence
    const unfit = (reason: Outcome.Reason, retry: "never" | "after", message: string) =>
      progress({ _tag: "Refused", receipts: [], at: first, reason, retry, message })
    // A node that is gone, or a connection that went stale, is found out by this read, where it is certain that nothing
    // was sent.
    const counted = yield* Effect.either(rpc.transactionCount(first.from, "latest"))
    if (Either.isLeft(counted)) return unfit("unavailable", counted.left.transient ? "after" : "never", counted.left.message)
    if (first.nonce < counted.right || !nonces.take(sequence)) {
      return unfit("rejected", "never", `nonce ${first.nonce} was used by another transaction meanwhile`)
    }
    const receipts: Array<TransactionReceipt> = []
    for (const signed of sequence) {
      const stopped = receipts.length === 0 ? undefined : yield* preflight(signed, receipts)
      if (stopped !== undefined) {
        if (stopped._tag === "Refused") nonces.release(sequence, signed)
        return stopped
      }
      const sent = yield* Effect.either(rpc.send(signed.rawTx))
      if (Either.isLeft(sent)) {
        const { left: error } = sent
        if (error._tag === "SendUnknown") return progress({ _tag: "Lost", receipts, at: signed, message: error.message })
        nonces.release(sequence, signed)
        return progress({
          _tag: "Refused",
          receipts,
          at: signed,
          reason: error.reason,
          retry: error.retry,
          message: error.message
        })
      }
      const ended = yield* settle(sequence, signed, receipts)
      if (ended !== undefined) return ended
    }
    return progress({ _tag: "Mined", receipts })
  })

  /**
   * The nonce is read before the receipt: a transaction mined between the two is then found, and never taken for one
   * whose nonce another has used.
   */
  const locate = (signed: Transaction.Signed) =>
    Effect.all({ count: rpc.transactionCount(signed.from, "latest"), receipt: rpc.receipt(signed.hash) })

  const finish = Effect.fnUntraced(function*(
    sequence: Transaction.Sequence,
    signed: Transaction.Signed,
    receipts: Array<TransactionReceipt>
  ) {
    const lost = (message: string) => progress({ _tag: "Lost", receipts, at: signed, message })
    let located = yield* Effect.either(locate(signed))
    if (Either.isRight(located) && located.right.receipt === undefined && located.right.count <= signed.nonce) {
      const sent = yield* Effect.either(rpc.send(signed.rawTx))
      if (Either.isRight(sent)) return yield* settle(sequence, signed, receipts)
      // Even a refusal decides nothing here: the bytes may have been sent before, and lie somewhere else.
      if (sent.left._tag === "SendUnknown" || !sent.left.nonceUsed) return lost(sent.left.message)
      located = yield* Effect.either(locate(signed))
    }
    if (Either.isLeft(located)) return lost(located.left.message)
    if (located.right.receipt !== undefined) return yield* settle(sequence, signed, receipts)
    if (located.right.count <= signed.nonce) return lost(`the node says that nonce ${signed.nonce} is used, and shows no block with it`)
    nonces.release(sequence, signed)
    return progress({
      _tag: "Refused",
      receipts,
      at: signed,
      reason: "rejected",
      retry: "never",
      message: `nonce ${signed.nonce} was used by another transaction, so that ${signed.hash} can never be mined`
    })
  })

  const resume = Effect.fnUntraced(function*(sequence: Transaction.Sequence) {
    const receipts: Array<TransactionReceipt> = []
    if (sequence[0].from === options.address) nonces.hold(sequence)
    for (const signed of sequence) {
      const ended = yield* finish(sequence, signed, receipts)
      if (ended !== undefined) return ended
    }
    return progress({ _tag: "Mined", receipts })
  })

  return { run, resume }
}
