/**
 * A chain with Aave, a trader, a way to the node that can break, and the venue over it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { erc20Abi } from "viem"
import type { Address } from "viem"
import type * as Instruction from "../../src/domain/Instruction.js"
import type * as Outcome from "../../src/domain/Outcome.js"
import * as Rpc from "../../src/evm/Rpc.js"
import * as Signer from "../../src/evm/Signer.js"
import * as Transactions from "../../src/evm/Transactions.js"
import * as Journal from "../../src/journal/Journal.js"
import * as JournalMemory from "../../src/journal/Journal/Memory.js"
import * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import * as Abi from "../../src/venues/aave/Abi.js"
import * as Evm from "../../src/venues/aave/Evm.js"
import * as Anvil from "./Anvil.js"
import * as Deploy from "./Deploy.js"
import * as Proxy from "./Proxy.js"

export const units = 10n ** 6n

export interface Chain {
  readonly anvil: Anvil.Anvil
  readonly proxy: Proxy.Proxy
  /** Owner of the protocol, who also lends and borrows. */
  readonly admin: Anvil.TestClient
  /** The trader's own hands, beside the program. */
  readonly hand: Anvil.TestClient
  readonly trader: Address
  readonly world: Deploy.World
}

/** A fresh chain. The trader holds 1,000,000 USDT. */
export const chain = (
  args: ReadonlyArray<string> = []
): Effect.Effect<Chain, Anvil.AnvilError | Deploy.DeployError, Scope.Scope> =>
  Effect.gen(function*() {
    const anvil = yield* Anvil.start(args)
    const admin = Anvil.client(anvil.url, 0)
    const trader = Anvil.account(1).address
    const world = yield* Deploy.world(admin, trader, 1_000_000n * units)
    const proxy = yield* Proxy.make(anvil.url)
    return { anvil, proxy, admin, hand: Anvil.client(anvil.url, 1), trader, world }
  })

export interface Options {
  readonly evm?: Omit<Evm.Options, "addressesProvider" | "tokens">
  readonly transactions?: Transactions.Options
  readonly rpcTimeout?: Rpc.Options["timeout"]
}

export const evm = (chain: Chain, options: Options = {}) =>
  Transactions.layer({ pollingInterval: "10 millis", receiptTimeout: "2 seconds", ...options.transactions }).pipe(
    Layer.provideMerge(Layer.merge(
      Rpc.layer({ url: chain.proxy.url, chain: Anvil.chain, timeout: options.rpcTimeout ?? "5 seconds" }),
      Signer.layer({ privateKey: Redacted.make(Anvil.privateKeys[1]) })
    ))
  )

/** The venue as the program has it, contracts of the test chain. */
export const aave = (chain: Chain, options: Options = {}) =>
  Evm.layer({
    addressesProvider: chain.world.addressesProvider,
    tokens: { USDT: chain.world.usdt, WETH: chain.world.weth },
    rounding: "v3.0",
    ...options.evm
  })

export interface Program {
  readonly venue: Venue.Venue
  readonly action: NonNullable<Venue.Venue["action"]>
  readonly journal: Context.Tag.Service<Journal.Journal>
  readonly rpc: Context.Tag.Service<Rpc.Rpc>
  readonly transactions: Context.Tag.Service<Transactions.Transactions>
}

/** A program of its own over the chain: its books begin with what the chain shows now. */
export const program = (chain: Chain, options: Options = {}) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(
      aave(chain, options).pipe(
        Layer.provideMerge(Layer.mergeAll(VenueRegistry.layer, JournalMemory.layer, evm(chain, options)))
      )
    )
    const venue = yield* Either.match(Context.get(context, VenueRegistry.VenueRegistry).get("aave"), {
      onLeft: Effect.fail,
      onRight: Effect.succeed
    })
    return {
      venue,
      action: venue.action!,
      journal: Context.get(context, Journal.Journal),
      rpc: Context.get(context, Rpc.Rpc),
      transactions: Context.get(context, Transactions.Transactions)
    } satisfies Program
  })

export const instruction = (
  action: Instruction.Action,
  amount: Instruction.Quantity,
  token = "USDT"
): Instruction.SmartContractAction => ({
  instructionType: "smart_contract_action",
  protocol: { venue: "aave", sub: undefined },
  action,
  token,
  amount
})

let count = 0

/** An instruction from preparation to outcome, as the manager does it. */
export const operate = (
  { action }: Program,
  asked: Instruction.SmartContractAction
): Effect.Effect<Outcome.Success, Outcome.Failure> =>
  Effect.suspend(() => {
    const intent: Venue.Intent<Instruction.SmartContractAction> = { operationId: `op-${++count}`, at: 0, instruction: asked }
    return Effect.flatMap(action.prepare(intent), (call) => action.submit(Venue.journaled(intent, call)))
  })

/** The failure as one of unknown outcome; any other fails the test. */
export const unknown = (failure: Outcome.Failure): Outcome.Unknown => {
  if (failure._tag === "Unknown") return failure
  throw new Error(`expected Unknown, and got ${failure._tag}: ${failure.message}`)
}

/** The receipt of what was rejected at a cost; any other failure fails the test. */
export const costs = (failure: Outcome.Failure): Outcome.Receipt => {
  if (failure._tag === "Rejected" && failure.receipt !== undefined) return failure.receipt
  throw new Error(`expected Rejected with costs, and got ${failure._tag}: ${failure.message}`)
}

/** How often a transaction was broadcast so far. */
export const broadcasts = (chain: Chain): Effect.Effect<number> =>
  Effect.map(chain.proxy.methods, (methods) => methods.filter((method) => method === "eth_sendRawTransaction").length)

/** The trader's balances after a block, in the smallest units. */
export interface Balances {
  readonly usdt: bigint
  readonly aUsdt: bigint
  readonly eth: bigint
  readonly nonce: number
}

export const balances = (chain: Chain, blockNumber?: bigint): Effect.Effect<Balances> =>
  Effect.promise(async () => {
    const { hand, trader, world } = chain
    const at = blockNumber === undefined ? {} : { blockNumber }
    const of = (address: Address) => hand.readContract({ address, abi: erc20Abi, functionName: "balanceOf", args: [trader], ...at })
    return {
      usdt: await of(world.usdt),
      aUsdt: await of(world.aUsdt),
      eth: await hand.getBalance({ address: trader, ...at }),
      nonce: await hand.getTransactionCount({ address: trader, ...at })
    }
  })

/** The pool's supply index of USDT after a block. */
export const index = (chain: Chain, blockNumber?: bigint): Effect.Effect<bigint> =>
  Effect.promise(() =>
    chain.hand.readContract({
      address: chain.world.pool,
      abi: Abi.pool,
      functionName: "getReserveNormalizedIncome",
      args: [chain.world.usdt],
      ...(blockNumber === undefined ? {} : { blockNumber })
    }))

/** Lets time pass, with a block at its end. */
export const pass = (chain: Chain, seconds: number): Effect.Effect<void> =>
  Effect.promise(async () => {
    await chain.admin.increaseTime({ seconds })
    await chain.admin.mine({ blocks: 1 })
  })

/** Sums of ledger lines by account and asset, zeros left out. */
export const sums = (
  entries: ReadonlyArray<{ readonly account: string; readonly asset: string; readonly amount: bigint }>
): { readonly [line: string]: bigint } => {
  const all: Record<string, bigint> = {}
  for (const { account, amount, asset } of entries) all[`${account} ${asset}`] = (all[`${account} ${asset}`] ?? 0n) + amount
  return Object.fromEntries(Object.entries(all).filter(([, amount]) => amount !== 0n))
}
