/**
 * From an instruction to signed transactions of the pool.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { encodeFunctionData, erc20Abi, maxUint256 } from "viem"
import type { Address } from "viem"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import type * as Instruction from "../../domain/Instruction.js"
import type { Json } from "../../domain/Json.js"
import * as Outcome from "../../domain/Outcome.js"
import type * as Rpc from "../../evm/Rpc.js"
import type * as RpcError from "../../evm/RpcError.js"
import * as Transaction from "../../evm/Transaction.js"
import type * as Transactions from "../../evm/Transactions.js"
import type * as Venue from "../../venue/Venue.js"
import * as Abi from "./Abi.js"
import * as Claims from "./Claims.js"
import type * as RayMath from "./RayMath.js"

/** What the venue does on a chain. @category constants @since 0.1.0 */
export const actions = ["supply", "withdraw"] as const

/**
 * A reserve of the pool.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reserve {
  readonly token: Asset.Asset
  readonly underlying: Address
  readonly aToken: Address
  readonly decimals: number
}

/**
 * The pool as it was found when the program started.
 *
 * @category models
 * @since 0.1.0
 */
export interface Setup {
  readonly pool: Address
  readonly network: string
  readonly approval: "exact" | "unlimited"
  readonly scaling: RayMath.Scaling
  readonly reserves: ReadonlyMap<Asset.Asset, Reserve>
}

/**
 * What is written down of an operation before it is sent, and all that is needed to find out what became of it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reference = Schema.Struct({
  action: Schema.Literal(...actions),
  token: Schema.String,
  /** The claim as it was handed out so far: interest up to the operation is counted from here. */
  booked: Claims.Booked,
  transactions: Schema.NonEmptyArray(Transaction.Signed)
})

/** @category models @since 0.1.0 */
export type Reference = typeof Reference.Type

/** The reference as JSON for the journal. @category combinators @since 0.1.0 */
export const encode = (reference: Reference): { readonly [key: string]: Json } => ({ ...Schema.encodeSync(Reference)(reference) })

/** A reference read back from the journal, or what is wrong with it in words. @category combinators @since 0.1.0 */
export const decode = (json: { readonly [key: string]: Json }): Either.Either<Reference, string> =>
  Either.mapLeft(Schema.decodeUnknownEither(Reference)(json), ParseResult.TreeFormatter.formatErrorSync)

/**
 * What calls are made with: the node, the account that signs, the pool, and the books of its claims.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly rpc: Context.Tag.Service<Rpc.Rpc>
  readonly transactions: Context.Tag.Service<Transactions.Transactions>
  readonly setup: Setup
  readonly booked: (token: Asset.Asset) => Claims.Booked | undefined
}

/** Makes calls of instructions. @category models @since 0.1.0 */
export interface Calls {
  /**
   * Checks, completes and signs. Amounts are cut to the decimals of the token. The whole sequence is executed by the node
   * on its state first, and nothing is sent.
   */
  readonly prepare: (
    intent: Venue.Intent<Instruction.SmartContractAction>
  ) => Effect.Effect<Venue.Call<Reference>, Outcome.NotSent>
}

type Wanted = Arr.NonEmptyReadonlyArray<Transactions.Request>

const unsupported = (message: string, field: string, expected: string, actual: string): Outcome.NotSent =>
  new Outcome.NotSent({ reason: "unsupported", retry: "never", message, field, expected, actual })

const readFailed = (error: RpcError.ReadFailed): Outcome.NotSent =>
  new Outcome.NotSent({ reason: error.reason, message: error.message, retry: error.transient ? "after" : "never" })

/** In the words of the contracts; worth another try only where the pool is closed for now. */
const refused = (error: Transactions.WouldRevert): Outcome.NotSent => {
  const { name, reason } = Abi.refusal(error.revert)
  return new Outcome.NotSent({
    reason,
    message: `aave would refuse the ${error.purpose}: ${name}`,
    retry: reason === "unavailable" ? "after" : "never"
  })
}

/**
 * The preparation of calls to the pool as it was found. The account that signs holds and receives everything.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Calls => {
  const { booked, rpc, setup, transactions } = options
  const account = transactions.address

  const unitsOf = (amount: Instruction.Quantity | undefined, reserve: Reserve): Either.Either<bigint | "max", Outcome.NotSent> => {
    if (amount === "max") return Either.right(amount)
    if (typeof amount !== "bigint") {
      return Either.left(new Outcome.NotSent({
        reason: "atomic",
        retry: "never",
        field: "amount",
        message: "the amount refers to another operation, which only an atomic group can give"
      }))
    }
    const units = Amount.toUnits(amount, reserve.decimals, "down")
    return units > 0n
      ? Either.right(units)
      : Either.left(new Outcome.NotSent({
        reason: "invalid",
        retry: "never",
        message: `${reserve.token} has ${reserve.decimals} decimals, and ${Amount.format(amount)} is less than its smallest unit`,
        field: "amount",
        expected: `at least ${Amount.format(Amount.quantumOf(reserve.decimals))} ${reserve.token}`,
        actual: Amount.format(amount)
      }))
  }

  const approve = (reserve: Reserve, amount: bigint): Transactions.Request => ({
    purpose: amount === 0n ? "reset" : "approve",
    to: reserve.underlying,
    data: encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [setup.pool, amount] })
  })

  const supplying = Effect.fnUntraced(function*(reserve: Reserve, wanted: bigint | "max") {
    const [balance, allowance] = yield* Effect.mapError(
      Effect.all([
        rpc.read({ address: reserve.underlying, abi: erc20Abi, functionName: "balanceOf", args: [account] }),
        rpc.read({ address: reserve.underlying, abi: erc20Abi, functionName: "allowance", args: [account, setup.pool] })
      ], { concurrency: 2 }),
      readFailed
    )
    const amount = wanted === "max" ? balance : wanted
    if (amount > balance || amount === 0n) {
      const holds = Amount.format(Amount.fromUnits(balance, reserve.decimals))
      return yield* new Outcome.NotSent({
        reason: "insufficient_balance",
        retry: "never",
        message: `wallet (wallet) holds ${holds} ${reserve.token}, and ${
          wanted === "max" ? "more" : Amount.format(Amount.fromUnits(wanted, reserve.decimals))
        } is needed`,
        field: "amount",
        expected: `at most ${holds} ${reserve.token}`,
        actual: wanted === "max" ? wanted : Amount.format(Amount.fromUnits(wanted, reserve.decimals))
      })
    }
    const supply: Transactions.Request = {
      purpose: "supply",
      to: setup.pool,
      data: encodeFunctionData({ abi: Abi.pool, functionName: "supply", args: [reserve.underlying, amount, account, 0] })
    }
    if (allowance >= amount) return [supply] satisfies Wanted
    const approval = approve(reserve, setup.approval === "exact" ? amount : maxUint256)
    // Tokens such as USDT refuse to change an allowance that is not zero: they are asked, not listed.
    const resets = allowance === 0n
      ? false
      : yield* Effect.matchEffect(rpc.estimateGas({ from: account, to: approval.to, data: approval.data }), {
        onSuccess: () => Effect.succeed(false),
        onFailure: (error) => error._tag === "Reverted" ? Effect.succeed(true) : Effect.fail(readFailed(error))
      })
    return (resets ? [approve(reserve, 0n), approval, supply] : [approval, supply]) satisfies Wanted
  })

  const withdrawing = (reserve: Reserve, wanted: bigint | "max"): Wanted => [{
    purpose: "withdraw",
    to: setup.pool,
    data: encodeFunctionData({
      abi: Abi.pool,
      functionName: "withdraw",
      args: [reserve.underlying, wanted === "max" ? maxUint256 : wanted, account]
    })
  }]

  const prepare = Effect.fnUntraced(function*(intent: Venue.Intent<Instruction.SmartContractAction>) {
    const { action, amount, network, token } = intent.instruction
    if (action !== "supply" && action !== "withdraw") {
      return yield* unsupported(`aave on a chain does ${actions.join(" and ")}, not ${action}`, "action", actions.join(" or "), action)
    }
    if (network !== undefined && network !== setup.network) {
      return yield* unsupported(`aave is on ${setup.network} here`, "network", setup.network, network)
    }
    const reserve = setup.reserves.get(token)
    const before = booked(token)
    if (reserve === undefined || before === undefined) {
      return yield* token === "ETH"
        ? unsupported("aave holds no native ether: wrap it to WETH in the wallet first", "token", "WETH", token)
        : unsupported(`aave has no reserve of ${token}`, "token", `one of ${[...setup.reserves.keys()].join(", ")}`, token)
    }
    const wanted = unitsOf(amount, reserve)
    if (Either.isLeft(wanted)) return yield* wanted.left
    const requests = action === "supply" ? yield* supplying(reserve, wanted.right) : withdrawing(reserve, wanted.right)
    const sequence = yield* Effect.mapError(transactions.sign(requests), (error) =>
      error._tag === "WouldRevert" ? refused(error) : error)
    const reference: Reference = { action, token, booked: before, transactions: sequence }
    return { wire: encode(reference), payload: reference } satisfies Venue.Call<Reference>
  })

  return { prepare }
}
