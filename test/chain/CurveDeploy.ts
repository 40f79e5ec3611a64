/**
 * Curve's StableSwap of 2020 in its own bytecode: four coins of 18, 6, 6 and 18 decimals, A and fees as asked for.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { BaseError, maxUint256 } from "viem"
import type { Abi, Address, Hash, Hex, TransactionReceipt } from "viem"
import * as Anvil from "./Anvil.js"

export class CurveError extends Data.TaggedError("CurveError")<{ readonly message: string }> {}

interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

const require = createRequire(import.meta.url)

const artifact = (path: string): Artifact => JSON.parse(readFileSync(require.resolve(path), "utf8")) as Artifact

const curve = (name: string): Artifact => artifact(`@setprotocol/set-protocol-v2/external/abi/curve/${name}.json`)

const swap = curve("Stableswap")
const share = curve("CurvePoolERC20")
const token = artifact("@aave/core-v3/artifacts/contracts/mocks/tokens/MintableERC20.sol/MintableERC20.json")

/** Estimates would be one more question each. */
const gas = 12_000_000n

export const decimals = [18, 6, 6, 18] as const

/** The tokens that all pools of a chain share, of which the owner has plenty. */
export interface Tokens {
  readonly client: Anvil.TestClient
  readonly coins: ReadonlyArray<Address>
}

export interface Parameters {
  readonly a: bigint
  readonly fee: bigint
  readonly adminFee: bigint
  readonly balances: ReadonlyArray<bigint>
}

/** A pool with liquidity. */
export interface Deployed {
  readonly client: Anvil.TestClient
  readonly coins: ReadonlyArray<Address>
  readonly address: Address
  readonly share: Address
}

const attempt = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, CurveError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => new CurveError({ message: `${what}: ${cause instanceof BaseError ? cause.shortMessage : String(cause)}` })
  })

const deploy = async (client: Anvil.TestClient, { abi, bytecode }: Artifact, args: ReadonlyArray<unknown>): Promise<Address> =>
  (await Anvil.mined(client, await client.deployContract({ abi, bytecode, args, gas }))).contractAddress!

const send = async (client: Anvil.TestClient, address: Address, abi: Abi, functionName: string, args: ReadonlyArray<unknown>): Promise<Hash> =>
  client.writeContract({ address, abi, functionName, args, gas })

/** Tokens of a fresh chain. */
export const tokens = (client: Anvil.TestClient): Effect.Effect<Tokens, CurveError> =>
  attempt("deploying tokens", async () => {
    const coins: Array<Address> = []
    for (const [index, places] of decimals.entries()) {
      const coin = await deploy(client, token, [`Coin ${index}`, `C${index}`, places])
      await Anvil.mined(client, await send(client, coin, token.abi, "mint", [2n ** 200n]))
      coins.push(coin)
    }
    return { client, coins }
  })

const delay = 3 * 86_400

/** A pool of its own. The first deposit mints as many shares as the invariant says. */
export const pool = ({ client, coins }: Tokens, { a, adminFee, balances, fee }: Parameters): Effect.Effect<Deployed, CurveError> =>
  attempt("deploying a pool", async () => {
    const lp = await deploy(client, share, ["Curve", "crv", 18n, 0n])
    const address = await deploy(client, swap, [coins, coins, lp, a, fee])
    const hashes = [await send(client, lp, share.abi, "set_minter", [address])]
    for (const coin of coins) hashes.push(await send(client, coin, token.abi, "approve", [address, maxUint256]))
    hashes.push(await send(client, address, swap.abi, "add_liquidity", [balances, 0n]))
    if (adminFee > 0n) {
      await Anvil.mined(client, await send(client, address, swap.abi, "commit_new_parameters", [a, fee, adminFee]))
      await client.increaseTime({ seconds: delay + 1 })
      hashes.push(await send(client, address, swap.abi, "apply_new_parameters", []))
    }
    for (const hash of hashes) await Anvil.mined(client, hash)
    return { client, coins, address, share: lp }
  })

/** What a pool shows, and what tokens it has. */
export interface Shown {
  readonly balances: ReadonlyArray<bigint>
  /** Tokens beyond the balances: what is set aside for Curve. */
  readonly aside: ReadonlyArray<bigint>
  readonly supply: bigint
  readonly virtualPrice: bigint
}

export const show = ({ address, client, coins, share: lp }: Deployed): Effect.Effect<Shown, CurveError> =>
  attempt("reading a pool", async () => {
    const indices = coins.map((_, index) => index)
    const read = await client.multicall({
      deployless: true,
      allowFailure: false,
      contracts: [
        ...indices.map((index) => ({ address, abi: swap.abi, functionName: "balances", args: [BigInt(index)] })),
        ...coins.map((coin) => ({ address: coin, abi: token.abi, functionName: "balanceOf", args: [address] })),
        { address: lp, abi: share.abi, functionName: "totalSupply" },
        { address, abi: swap.abi, functionName: "get_virtual_price" }
      ]
    }) as ReadonlyArray<bigint>
    const balances = read.slice(0, coins.length)
    return {
      balances,
      aside: balances.map((balance, index) => read[coins.length + index]! - balance),
      supply: read[2 * coins.length]!,
      virtualPrice: read[2 * coins.length + 1]!
    }
  })

/** As many questions as one call has gas for. */
const batch = 40

const views = (
  { address, client }: Deployed,
  functionName: string,
  calls: ReadonlyArray<ReadonlyArray<unknown>>
): Effect.Effect<ReadonlyArray<bigint | undefined>, CurveError> =>
  attempt(functionName, async () => {
    const answers: Array<bigint | undefined> = []
    for (let from = 0; from < calls.length; from += batch) {
      const read = await client.multicall({
        deployless: true,
        batchSize: 0,
        contracts: calls.slice(from, from + batch).map((args) => ({ address, abi: swap.abi, functionName, args }))
      })
      answers.push(...read.map(({ result }) => result as bigint | undefined))
    }
    return answers
  })

/** `get_dy` of many calls, `undefined` where it reverts. */
export const getDy = (deployed: Deployed, calls: ReadonlyArray<readonly [i: number, j: number, dx: bigint]>) =>
  views(deployed, "get_dy", calls.map(([i, j, dx]) => [BigInt(i), BigInt(j), dx]))

/** Growth of the invariant by deposits, where the supply is the invariant. */
export const growth = (deployed: Deployed, deposits: ReadonlyArray<ReadonlyArray<bigint>>) =>
  views(deployed, "calc_token_amount", deposits.map((amounts) => [amounts, true]))

/** An exchange that may revert, with the receipt of what was mined. */
export const exchange = (
  { address, client }: Deployed,
  i: number,
  j: number,
  dx: bigint,
  least: bigint
): Effect.Effect<TransactionReceipt, CurveError> =>
  attempt("exchange", async () =>
    Anvil.ended(client, await send(client, address, swap.abi, "exchange", [BigInt(i), BigInt(j), dx, least])))

/** Why an exchange would revert. */
export const reason = ({ address, client }: Deployed, i: number, j: number, dx: bigint, least: bigint): Effect.Effect<string> =>
  Effect.promise(() =>
    client.simulateContract({ address, abi: swap.abi, functionName: "exchange", args: [BigInt(i), BigInt(j), dx, least] })
      .then(() => "none", (error: unknown) => (error instanceof BaseError ? error.shortMessage : String(error))))
