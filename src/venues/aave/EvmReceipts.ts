/**
 * From mined transactions of the pool to ledger lines.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { formatGwei, isAddressEqual, parseEventLogs } from "viem"
import type { Address, TransactionReceipt } from "viem"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import type { Json } from "../../domain/Json.js"
import * as Outcome from "../../domain/Outcome.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as ReceiptDeltas from "../../evm/ReceiptDeltas.js"
import type * as Rpc from "../../evm/Rpc.js"
import type * as Transactions from "../../evm/Transactions.js"
import * as Abi from "./Abi.js"
import * as Claims from "./Claims.js"
import type * as EvmCalls from "./EvmCalls.js"

/**
 * What receipts are read with: the node, the pool, what it shows of a claim, and the books that are kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly rpc: Context.Tag.Service<Rpc.Rpc>
  readonly setup: EvmCalls.Setup
  /** The claim as the chain shows it after a block; none where the node no longer knows. */
  readonly seen: (reserve: EvmCalls.Reserve, block: bigint) => Effect.Effect<Option.Option<Claims.Seen>>
  /** Writes down what was handed out. */
  readonly book: (token: Asset.Asset, after: Claims.Booked) => Effect.Effect<void>
}

/** Makes outcomes of mined transactions. @category models @since 0.1.0 */
export interface Receipts {
  /** What a sequence came to, as the outcome of its operation. */
  readonly outcome: (
    handle: Outcome.Handle,
    reference: EvmCalls.Reference,
    progress: Transactions.Progress
  ) => Effect.Effect<Outcome.Success, Outcome.Failure>
}

const wallet = Account.make("wallet", "wallet")

/** What the pool says it did for the account, with the index of the aToken's own event. */
const moved = (
  setup: EvmCalls.Setup,
  reserve: EvmCalls.Reserve,
  account: Address,
  action: Claims.Moved["action"],
  receipt: TransactionReceipt
): Claims.Moved | undefined => {
  const poolLogs = receipt.logs.filter((log) => isAddressEqual(log.address, setup.pool))
  const tokenLogs = receipt.logs.filter((log) => isAddressEqual(log.address, reserve.aToken))
  const done = parseEventLogs({ abi: Abi.pool, logs: poolLogs, strict: true }).find((log) =>
    isAddressEqual(log.args.reserve, reserve.underlying) &&
    (action === "supply"
      ? log.eventName === "Supply" && isAddressEqual(log.args.onBehalfOf, account)
      : log.eventName === "Withdraw" && isAddressEqual(log.args.user, account)))
  // A withdrawal of less than the interest since the last action emits Mint: the index is the same in both.
  const stamped = parseEventLogs({ abi: Abi.scaledToken, logs: tokenLogs, strict: true }).find((log) =>
    isAddressEqual(log.eventName === "Mint" ? log.args.onBehalfOf : log.args.from, account))
  return done === undefined || stamped === undefined
    ? undefined
    : { action, amount: done.args.amount, index: stamped.args.index, block: receipt.blockNumber }
}

/**
 * The reading of receipts of the pool as it was found. Gas is counted for every transaction that was mined, a failed
 * one included.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Receipts => {
  const { book, rpc, seen, setup } = options
  const burnt = Account.contra("gas", setup.network)
  const native = rpc.chain.nativeCurrency

  const atOf = (receipt: TransactionReceipt): Effect.Effect<Timestamp.Timestamp, string> =>
    Effect.mapBoth(rpc.block(receipt.blockNumber), {
      onSuccess: ({ timestamp }) => Number(timestamp) * 1000,
      onFailure: ({ message }) => message
    })

  const transactionJson = (purpose: string, receipt: TransactionReceipt): Json => ({
    purpose,
    hash: receipt.transactionHash,
    block: receipt.blockNumber.toString(),
    status: receipt.status,
    gas_used: receipt.gasUsed.toString(),
    gas_price_gwei: formatGwei(receipt.effectiveGasPrice)
  })

  /** Gas of every mined transaction, those before a failed one included. */
  const gasOf = (
    reference: EvmCalls.Reference,
    receipts: ReadonlyArray<TransactionReceipt>,
    at: Timestamp.Timestamp
  ): Outcome.Receipt => {
    const amounts = receipts.map((receipt) => Amount.fromUnits(ReceiptDeltas.gas(receipt), native.decimals))
    return {
      ...Outcome.emptyReceipt(at),
      entries: amounts.flatMap((amount) => Entry.move(wallet, burnt, native.symbol, amount, "gas")),
      costs: amounts.map((amount) => ({ kind: "gas", venue: "wallet", asset: native.symbol, amount })),
      detail: {
        network: setup.network,
        transactions: receipts.map((receipt, index) => transactionJson(reference.transactions[index]!.purpose, receipt))
      }
    }
  }

  const settled = Effect.fnUntraced(function*(
    handle: Outcome.Handle,
    reference: EvmCalls.Reference,
    receipts: ReadonlyArray<TransactionReceipt>
  ) {
    const unknown = (message: string) => new Outcome.Unknown({ handle, message })
    const last = receipts[receipts.length - 1]
    const reserve = setup.reserves.get(reference.token)
    const account = Arr.headNonEmpty(reference.transactions).from
    const move = last === undefined || reserve === undefined
      ? undefined
      : moved(setup, reserve, account, reference.action, last)
    if (last === undefined || reserve === undefined || move === undefined) {
      return yield* unknown(`the receipt of ${reference.action} shows no ${reference.action} of ${reference.token} at this pool`)
    }
    const at = yield* Effect.mapError(atOf(last), unknown)
    const chain = yield* seen(reserve, last.blockNumber)
    const split = Claims.split(setup.scaling, reference.booked, move, Option.getOrUndefined(chain))
    yield* book(reserve.token, split.after)
    const paid = ReceiptDeltas.transferred(last.logs, account, reserve.underlying)
    const amount = (units: bigint) => Amount.fromUnits(units, reserve.decimals)
    const claim = Asset.claimOn(reserve.token)
    const gas = gasOf(reference, receipts, at)
    return new Outcome.Settled({
      receipt: {
        ...gas,
        entries: [
          ...Entry.move(Claims.issuer, wallet, reserve.token, amount(paid), reference.action),
          ...Entry.move(Claims.issuer, Claims.account, claim, amount(split.interest), "interest"),
          ...Entry.move(Claims.issuer, Claims.account, claim, amount(split.operation), reference.action),
          ...Entry.move(Claims.external, Claims.account, claim, amount(split.outside), "transfer"),
          ...gas.entries
        ],
        detail: {
          ...gas.detail,
          index: move.index.toString(),
          scaled: split.after.scaled.toString(),
          scaled_change: split.scaled.toString(),
          interest: Amount.format(amount(split.interest)),
          checked_against_balance: Option.isSome(chain)
        }
      }
    })
  })

  /** Gas is lost with a failure: the receipt of the mined transactions, where there are any. */
  const lost = Effect.fnUntraced(function*(
    handle: Outcome.Handle,
    reference: EvmCalls.Reference,
    receipts: ReadonlyArray<TransactionReceipt>
  ) {
    const last = receipts[receipts.length - 1]
    if (last === undefined) return undefined
    const at = yield* Effect.mapError(atOf(last), (message) => new Outcome.Unknown({ handle, message }))
    return gasOf(reference, receipts, at)
  })

  const outcome = Effect.fnUntraced(function*(
    handle: Outcome.Handle,
    reference: EvmCalls.Reference,
    progress: Transactions.Progress
  ) {
    switch (progress._tag) {
      case "Mined":
        return yield* settled(handle, reference, progress.receipts)
      case "Waiting": {
        const { hash, purpose } = progress.at
        return new Outcome.Pending({
          handle,
          receipt: {
            ...Outcome.emptyReceipt(yield* Clock.currentTimeMillis),
            detail: { network: setup.network, waiting_for: purpose, hash }
          }
        })
      }
      case "Lost":
        return yield* new Outcome.Unknown({
          handle,
          message: `whether ${progress.at.purpose} (${progress.at.hash}) was sent is not known: ${progress.message}`
        })
      case "Reverted": {
        const name = progress.revert === undefined ? "the reason is not known" : Abi.refusal(progress.revert).name
        return yield* new Outcome.Rejected({
          reason: "reverted",
          message: `${progress.at.purpose} was mined and failed: ${name}`,
          receipt: yield* lost(handle, reference, progress.receipts)
        })
      }
      case "Refused": {
        const receipt = yield* lost(handle, reference, progress.receipts)
        const refusal = progress.revert === undefined ? undefined : Abi.refusal(progress.revert)
        const reason = refusal?.reason ?? progress.reason
        const message = refusal === undefined
          ? `${progress.at.purpose} was not taken: ${progress.message}`
          : `aave would refuse the ${progress.at.purpose}: ${refusal.name}`
        return yield* (receipt === undefined
          ? new Outcome.NotSent({ reason, message, retry: progress.retry })
          : new Outcome.Rejected({ reason, message, receipt }))
      }
    }
  })

  return { outcome }
}
