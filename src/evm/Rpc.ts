/**
 * A node of an EVM chain, as effects.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createPublicClient, hexToBigInt, http, numberToHex, TransactionReceiptNotFoundError } from "viem"
import type {
  Abi,
  Address,
  Chain,
  ContractFunctionArgs,
  ContractFunctionName,
  Hash,
  Hex,
  HttpTransport,
  PublicClient,
  ReadContractParameters,
  ReadContractReturnType,
  TransactionReceipt
} from "viem"
import * as EimError from "../domain/EimError.js"
import * as RpcError from "./RpcError.js"

/**
 * A call of a contract, or a transfer of the native token where there is no data.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call {
  readonly from: Address
  readonly to: Address
  readonly data?: Hex | undefined
  /** In wei. */
  readonly value?: bigint | undefined
}

/**
 * The head of the chain, or the block of a number.
 *
 * @category models
 * @since 0.1.0
 */
export type BlockAt = "latest" | bigint

/**
 * What the project reads of a block.
 *
 * @category models
 * @since 0.1.0
 */
export interface Block {
  readonly number: bigint
  /** In seconds since 1970. */
  readonly timestamp: bigint
  /** In wei per gas; absent before EIP-1559. */
  readonly baseFeePerGas: bigint | undefined
}

/**
 * One call of a simulated sequence.
 *
 * @category models
 * @since 0.1.0
 */
export interface Simulated {
  /** Most gas that was in use at once: what a gas limit must cover, refunds not counted. */
  readonly gas: bigint
  readonly revert: RpcError.Reverted | undefined
}

/**
 * A node. Nothing is repeated here: whether a request may be repeated is known to whoever made it.
 *
 * @category services
 * @since 0.1.0
 */
export class Rpc extends Context.Tag("execution-interface-manager/evm/Rpc")<
  Rpc,
  {
    /** The chain that the node is meant to be of. */
    readonly chain: Chain
    /** The chain that it is of. */
    readonly chainId: Effect.Effect<number, RpcError.ReadFailed>
    readonly block: (at: BlockAt) => Effect.Effect<Block, RpcError.ReadFailed>
    /** In wei. */
    readonly balance: (address: Address, at: BlockAt) => Effect.Effect<bigint, RpcError.ReadFailed>
    /** Transactions of the address that are mined, or with `pending` also those that the node holds in its pool. */
    readonly transactionCount: (address: Address, tag: "latest" | "pending") => Effect.Effect<number, RpcError.ReadFailed>
    /** Suggested tip, in wei per gas. */
    readonly tip: Effect.Effect<bigint, RpcError.ReadFailed>
    /** Calls a view function. */
    readonly read: <
      const abi extends Abi | ReadonlyArray<unknown>,
      name extends ContractFunctionName<abi, "pure" | "view">,
      const args extends ContractFunctionArgs<abi, "pure" | "view", name>
    >(
      parameters: ReadContractParameters<abi, name, args>
    ) => Effect.Effect<ReadContractReturnType<abi, name, args>, RpcError.ReadFailed>
    /** Gas that the call would need now. */
    readonly estimateGas: (call: Call) => Effect.Effect<bigint, RpcError.ReadFailed | RpcError.Reverted>
    /** Executes the call on the state after a block, without sending anything. */
    readonly call: (call: Call, at: BlockAt) => Effect.Effect<Hex, RpcError.ReadFailed | RpcError.Reverted>
    /**
     * Executes calls one after the other on the state of the head, without sending anything (`eth_simulateV1`).
     * `undefined` where the node has no such method.
     */
    readonly simulate: (
      calls: ReadonlyArray<Call>
    ) => Effect.Effect<ReadonlyArray<Simulated> | undefined, RpcError.ReadFailed>
    /** `undefined` while the transaction is in no block. */
    readonly receipt: (hash: Hash) => Effect.Effect<TransactionReceipt | undefined, RpcError.ReadFailed>
    /** Broadcasts signed bytes. Succeeds where the node has them, also where it had them before. */
    readonly send: (rawTx: Hex) => Effect.Effect<void, RpcError.SendRefused | RpcError.SendUnknown>
  }
>() {}

/** Where the node is, which chain it is of, and how long its answers may take. @category models @since 0.1.0 */
export interface Options {
  /** Address of the node; redacted where it carries an access key. */
  readonly url: string | Redacted.Redacted<string>
  readonly chain: Chain
  /** Longest wait for one answer. Defaults to 15 s. */
  readonly timeout?: Duration.DurationInput | undefined
}

const blockParameter = (at: BlockAt): Hex | "latest" => (at === "latest" ? at : numberToHex(at))

const request = (call: Call) => ({
  from: call.from,
  to: call.to,
  ...(call.data === undefined ? {} : { data: call.data }),
  ...(call.value === undefined ? {} : { value: numberToHex(call.value) })
})

/** A refund gives back at most a fifth of what was used (EIP-3529), so the peak is at most 5/4 of it. */
const peak = (gasUsed: bigint): bigint => (gasUsed * 5n + 3n) / 4n

const make = (options: Options): Rpc["Type"] => {
  const url = Redacted.isRedacted(options.url) ? Redacted.value(options.url) : options.url
  const client: PublicClient<HttpTransport, Chain> = createPublicClient({
    chain: options.chain,
    cacheTime: 0,
    transport: http(url, { retryCount: 0, timeout: Duration.toMillis(options.timeout ?? "15 seconds") })
  })

  const attempt = <A>(evaluate: () => Promise<A>): Effect.Effect<A, RpcError.Fault> =>
    Effect.tryPromise({ try: evaluate, catch: RpcError.fault })

  const reading = <A>(subject: string, evaluate: () => Promise<A>): Effect.Effect<A, RpcError.ReadFailed> =>
    Effect.mapError(attempt(evaluate), (fault) => RpcError.readFailed(subject, fault))

  const executing = <A>(
    subject: string,
    evaluate: () => Promise<A>
  ): Effect.Effect<A, RpcError.ReadFailed | RpcError.Reverted> =>
    Effect.mapError(attempt(evaluate), (fault) =>
      RpcError.isRevert(fault) ? RpcError.reverted(fault) : RpcError.readFailed(subject, fault))

  const receipt = (hash: Hash): Promise<TransactionReceipt | undefined> =>
    client.getTransactionReceipt({ hash }).catch((error: unknown) =>
      error instanceof TransactionReceiptNotFoundError ? undefined : Promise.reject(error))

  return {
    chain: options.chain,
    chainId: reading("the chain id", () => client.getChainId()),
    block: (at) =>
      Effect.map(
        reading("a block", () => (at === "latest" ? client.getBlock() : client.getBlock({ blockNumber: at }))),
        (block) => ({ number: block.number, timestamp: block.timestamp, baseFeePerGas: block.baseFeePerGas ?? undefined })
      ),
    balance: (address, at) =>
      reading(`the balance of ${address}`, () =>
        client.getBalance({ address, ...(at === "latest" ? { blockTag: at } : { blockNumber: at }) })),
    transactionCount: (address, blockTag) =>
      reading(`the nonce of ${address}`, () => client.getTransactionCount({ address, blockTag })),
    tip: reading("the tip", () => client.estimateMaxPriorityFeePerGas()),
    read: (parameters) =>
      reading(`${String(parameters.functionName)} of ${parameters.address}`, () => client.readContract(parameters)),
    estimateGas: (call) =>
      Effect.map(
        executing("a gas estimate", () => client.request({ method: "eth_estimateGas", params: [request(call)] })),
        hexToBigInt
      ),
    call: (call, at) =>
      executing("a call", () => client.request({ method: "eth_call", params: [request(call), blockParameter(at)] })),
    simulate: (calls) =>
      attempt(() =>
        client.request({
          method: "eth_simulateV1",
          params: [{ blockStateCalls: [{ calls: calls.map(request) }] }, "latest"]
        })
      ).pipe(
        Effect.map((blocks): ReadonlyArray<Simulated> =>
          blocks.flatMap((block) =>
            block.calls.map((call) => ({
              gas: call.maxUsedGas === undefined ? peak(hexToBigInt(call.gasUsed)) : hexToBigInt(call.maxUsedGas),
              revert: hexToBigInt(call.status) === 1n
                ? undefined
                : new RpcError.Reverted({
                  data: call.error?.data ?? call.returnData,
                  message: call.error?.message ?? "execution reverted"
                })
            }))
          )
        ),
        Effect.catchAll((fault) =>
          RpcError.isUnsupported(fault) ? Effect.succeed(undefined) : Effect.fail(RpcError.readFailed("a simulation", fault))
        )
      ),
    receipt: (hash) => reading(`the receipt of ${hash}`, () => receipt(hash)),
    send: (rawTx) =>
      Effect.either(attempt(() => client.request({ method: "eth_sendRawTransaction", params: [rawTx] }))).pipe(
        Effect.flatMap((sent) =>
          Either.isRight(sent) || RpcError.isKnown(sent.left) ? Effect.void : Effect.fail(RpcError.sendFailure(sent.left))
        )
      )
  }
}

/** The address is not said: it carries the access key. */
const refuse = (reason: string): EimError.CredentialsInvalid =>
  new EimError.CredentialsInvalid({ reason, path: "url", expected: "an http or https URL" })

const checked = (options: Options): Effect.Effect<Rpc["Type"], EimError.CredentialsInvalid> => {
  const url = Redacted.isRedacted(options.url) ? Redacted.value(options.url) : options.url
  return /^https?:\/\//i.test(url) && URL.canParse(url)
    ? Effect.sync(() => make(options))
    : Effect.fail(refuse("the address of the node is no http or https URL"))
}

/**
 * A node reached over HTTP. Nothing is asked of it before it is used. An address that is none fails with EIM-004, because
 * it carries the access key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Rpc, EimError.CredentialsInvalid> => Layer.effect(Rpc, checked(options))

/**
 * The node whose address the environment names. An address that is missing or is none fails with EIM-004.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = ({ url, ...rest }: Omit<Options, "url"> & {
  readonly url: Config.Config<Redacted.Redacted<string>>
}): Layer.Layer<Rpc, EimError.CredentialsInvalid> =>
  Layer.effect(
    Rpc,
    Effect.flatMap(
      Effect.mapError(url, () => refuse("the address of the node is not configured")),
      (found) => checked({ ...rest, url: found })
    )
  )
