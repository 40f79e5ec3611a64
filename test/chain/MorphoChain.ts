/**
 * One market of Morpho Blue on a node, driven call by call: what was mined, why it was refused, and what is stored.
 */
import { decodeErrorResult, encodeFunctionData } from "viem"
import type { Abi, Address, Hex } from "viem"
import type * as Market from "../../src/venues/morpho/Market.js"
import * as Anvil from "./Anvil.js"
import * as MorphoDeploy from "./MorphoDeploy.js"

/** Everything that the market and the tokens store, for the users in their order. */
export interface Stored {
  readonly market: Market.Market
  readonly positions: ReadonlyArray<Market.Position>
  readonly loan: ReadonlyArray<bigint>
  readonly collateral: ReadonlyArray<bigint>
  /** What the contract holds. */
  readonly held: { readonly loan: bigint; readonly collateral: bigint }
}

/** A call that was mined: its time and gas, and the contract's words where it was refused. */
export interface Called {
  readonly timestamp: bigint
  readonly gasUsed: bigint
  readonly refusal: string | undefined
}

/** Calls as a user at a time, and reads. */
export interface Chain {
  readonly world: MorphoDeploy.World
  readonly call: (user: number, seconds: number, to: Address, abi: Abi, functionName: string, args: ReadonlyArray<unknown>) => Promise<Called>
  readonly read: () => Promise<Stored>
  readonly now: () => Promise<bigint>
}

const reason = (data: Hex): string => {
  const { args = [], errorName } = decodeErrorResult({ abi: [], data })
  return errorName === "Panic" ? `panic 0x${(args[0] as bigint).toString(16)}` : String(args[0])
}

const dataOf = (error: unknown): Hex | undefined => {
  for (let cause = error; cause !== undefined && cause !== null; cause = (cause as { readonly cause?: unknown }).cause) {
    const { data } = cause as { readonly data?: unknown }
    if (typeof data === "string" && data.startsWith("0x")) return data as Hex
  }
  return undefined
}

type Client = Anvil.TestClient

/** `users[0]` made the market and takes its fees. */
export const make = (client: Client, users: ReadonlyArray<Client>, world: MorphoDeploy.World, adaptive: boolean): Chain => {
  const blue = MorphoDeploy.artifacts.morpho().abi
  const erc20 = MorphoDeploy.artifacts.token().abi
  const curve = MorphoDeploy.artifacts.adaptiveCurve().abi
  const { collateral, id, irm, loan, morpho } = world
  const balance = (address: Address, account: Address) => ({ address, abi: erc20, functionName: "balanceOf", args: [account] })
  const contracts = [
    { address: morpho, abi: blue, functionName: "market", args: [id] },
    ...users.map(({ account }) => ({ address: morpho, abi: blue, functionName: "position", args: [id, account.address] })),
    ...users.map(({ account }) => balance(loan, account.address)),
    ...users.map(({ account }) => balance(collateral, account.address)),
    balance(loan, morpho),
    balance(collateral, morpho),
    ...(adaptive ? [{ address: irm, abi: curve, functionName: "rateAtTarget", args: [id] }] : [])
  ]
  const words = async (from: Address, to: Address, data: Hex): Promise<string> => {
    try {
      await client.call({ account: from, to, data, gas: MorphoDeploy.gas })
      return "nothing, when asked again"
    } catch (error) {
      const found = dataOf(error)
      return found === undefined ? String(error) : reason(found)
    }
  }
  return {
    world,
    now: async () => (await client.getBlock()).timestamp,
    call: async (user, seconds, to, abi, functionName, args) => {
      const from = users[user]!.account.address
      const timestamp = (await client.getBlock()).timestamp + BigInt(seconds)
      await client.setNextBlockTimestamp({ timestamp })
      const data = encodeFunctionData({ abi, functionName, args })
      const hash = await client.sendTransaction({ account: from, chain: null, to, data, gas: MorphoDeploy.gas })
      const { gasUsed, status } = await Anvil.ended(client, hash)
      return { timestamp, gasUsed, refusal: status === "success" ? undefined : await words(from, to, data) }
    },
    read: async () => {
      const answers = (await client.multicall({ contracts, deployless: true, allowFailure: false })) as ReadonlyArray<unknown>
      const [supplyAssets, supplyShares, borrowAssets, borrowShares, lastUpdate] = answers[0] as ReadonlyArray<bigint>
      const n = users.length
      const rest = answers.slice(1 + n) as ReadonlyArray<bigint>
      return {
        market: {
          supply: { assets: supplyAssets!, shares: supplyShares! },
          borrow: { assets: borrowAssets!, shares: borrowShares! },
          lastUpdate: lastUpdate!,
          rateAtTarget: adaptive ? rest[2 * n + 2]! : 0n
        },
        positions: (answers.slice(1, 1 + n) as ReadonlyArray<ReadonlyArray<bigint>>).map(([supplyShares, borrowShares, collateral]) => ({
          supplyShares: supplyShares!,
          borrowShares: borrowShares!,
          collateral: collateral!
        })),
        loan: rest.slice(0, n),
        collateral: rest.slice(n, 2 * n),
        held: { loan: rest[2 * n]!, collateral: rest[2 * n + 1]! }
      }
    }
  }
}
