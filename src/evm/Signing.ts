/**
 * From wanted transactions to signed bytes: nonces, fees, gas limits.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { keccak256 } from "viem"
import * as Amount from "../domain/Amount.js"
import * as Outcome from "../domain/Outcome.js"
import type * as Nonces from "./Nonces.js"
import type * as Rpc from "./Rpc.js"
import type * as RpcError from "./RpcError.js"
import type * as Signer from "./Signer.js"
import type * as Transaction from "./Transaction.js"
import type * as Transactions from "./Transactions.js"

/** The node, the key and the nonces that a sequence is signed with. @category models @since 0.1.0 */
export interface Options {
  readonly rpc: Context.Tag.Service<Rpc.Rpc>
  readonly signer: Context.Tag.Service<Signer.Signer>
  readonly nonces: Nonces.Nonces
  /** Gas limit of a transaction that cannot be estimated. */
  readonly gasLimit: bigint
}

const notSent = (failed: RpcError.ReadFailed): Outcome.NotSent =>
  new Outcome.NotSent({ reason: failed.reason, message: failed.message, retry: failed.transient ? "after" : "never" })

const wouldRevert = (purpose: string, revert: RpcError.Reverted): Transactions.WouldRevert => ({
  _tag: "WouldRevert",
  purpose,
  revert
})

/** An estimate holds for the state it was made on; a quarter more covers what changes until the block. */
const withMargin = (gas: bigint): bigint => (gas * 5n + 3n) / 4n

/** Stays valid for five full blocks in a row, each of which raises the base fee by an eighth. */
const maxFee = (baseFee: bigint, tip: bigint): bigint => 2n * baseFee + tip

/**
 * Signs a sequence: see `sign` of {@link Transactions.Transactions}. A single transaction is estimated; a longer
 * sequence is simulated as a whole, because its later transactions cannot be executed before the earlier ones.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Context.Tag.Service<Transactions.Transactions>["sign"] => {
  const { nonces, rpc, signer } = options

  const nextNonce = Effect.flatMap(
    Effect.mapError(rpc.transactionCount(signer.address, "pending"), notSent),
    (count) =>
      Either.mapLeft(nonces.after(count), (message) =>
        new Outcome.NotSent({ reason: "unavailable", retry: "after", message: `${signer.address}: ${message}` }))
  )

  const estimate = (request: Transactions.Request): Effect.Effect<bigint, Outcome.NotSent | Transactions.WouldRevert> =>
    Effect.mapError(
      rpc.estimateGas({ from: signer.address, to: request.to, data: request.data, value: request.value }),
      (error) => error._tag === "Reverted" ? wouldRevert(request.purpose, error) : notSent(error)
    )

  const gasLimits = Effect.fnUntraced(function*(requests: Arr.NonEmptyReadonlyArray<Transactions.Request>) {
    if (requests.length === 1) return [withMargin(yield* estimate(requests[0]))]
    const simulated = yield* Effect.mapError(
      rpc.simulate(requests.map(({ data, to, value }) => ({ from: signer.address, to, data, value }))),
      notSent
    )
    if (simulated === undefined) {
      return [withMargin(yield* estimate(requests[0])), ...requests.slice(1).map(() => options.gasLimit)]
    }
    for (const [index, call] of simulated.entries()) {
      if (call.revert !== undefined) return yield* Effect.fail(wouldRevert(requests[index]!.purpose, call.revert))
    }
    return simulated.map((call) => withMargin(call.gas))
  })

  return Effect.fnUntraced(function*(requests: Arr.NonEmptyReadonlyArray<Transactions.Request>) {
    const nonce = yield* nextNonce
    const [head, tip, funds] = yield* Effect.mapError(
      Effect.all([rpc.block("latest"), rpc.tip, rpc.balance(signer.address, "latest")], { concurrency: 3 }),
      notSent
    )
    if (head.baseFeePerGas === undefined) {
      return yield* new Outcome.NotSent({
        reason: "unsupported",
        retry: "never",
        message: `${rpc.chain.name} has no base fee, and only EIP-1559 transactions are sent`
      })
    }
    const limits = yield* gasLimits(requests)
    const maxFeePerGas = maxFee(head.baseFeePerGas, tip)
    const needed = requests.reduce((sum, request, index) => sum + limits[index]! * maxFeePerGas + (request.value ?? 0n), 0n)
    if (funds < needed) {
      const { decimals, symbol } = rpc.chain.nativeCurrency
      const [holds, needs] = [funds, needed].map((wei) => `${Amount.format(Amount.fromUnits(wei, decimals))} ${symbol}`)
      return yield* new Outcome.NotSent({
        reason: "insufficient_balance",
        retry: "never",
        message: `${signer.address} holds ${holds!}, and up to ${needs!} may be needed for gas`,
        expected: `at least ${needs!}`,
        actual: holds
      })
    }
    return yield* Effect.forEach(requests, (request, index) =>
      Effect.map(
        signer.sign({
          type: "eip1559",
          chainId: rpc.chain.id,
          nonce: nonce + index,
          to: request.to,
          data: request.data,
          value: request.value ?? 0n,
          gas: limits[index]!,
          maxFeePerGas,
          maxPriorityFeePerGas: tip
        }),
        (rawTx): Transaction.Signed => ({
          purpose: request.purpose,
          from: signer.address,
          nonce: nonce + index,
          hash: keccak256(rawTx),
          rawTx
        })
      ))
  })
}
