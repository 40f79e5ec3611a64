/**
 * Doubles of Lido and ether.fi on a fresh node: the interface and the arithmetic of their contracts, which are on no
 * registry of packages. Compiled once, and kept under node_modules/.cache by the hash of the source.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { encodeFunctionData, maxUint256 } from "viem"
import type { Abi, Address, Hex, TransactionReceipt } from "viem"
import * as Anvil from "./Anvil.js"

export class CompileError extends Data.TaggedError("CompileError")<{ readonly message: string }> {}

interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

interface Output {
  readonly errors?: ReadonlyArray<{ readonly severity: string; readonly formattedMessage: string }>
  readonly contracts?: {
    readonly [file: string]: {
      readonly [name: string]: { readonly abi: Abi; readonly evm: { readonly bytecode: { readonly object: string } } }
    }
  }
}

interface Solc {
  readonly compile: (input: string) => string
  readonly version: () => string
}

const require = createRequire(import.meta.url)

const settings = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: "prague",
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } }
}

const compiled = (name: string, source: string): { readonly [contract: string]: Artifact } => {
  const solc = require("solc") as Solc
  const input = { language: "Solidity", sources: { [name]: { content: source } }, settings }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as Output
  const faults = (output.errors ?? []).filter(({ severity }) => severity === "error")
  if (faults.length > 0) throw new Error(faults.map(({ formattedMessage }) => formattedMessage).join("\n"))
  return Object.fromEntries(Object.entries(output.contracts?.[name] ?? {}).map(([contract, { abi, evm }]) => [
    contract,
    { abi, bytecode: `0x${evm.bytecode.object}` as Hex }
  ]))
}

/** The contracts of one file of test/chain/contracts, by name. */
const artifacts = (name: string): Effect.Effect<{ readonly [contract: string]: Artifact }, CompileError> =>
  Effect.try({
    try: () => {
      const source = readFileSync(new URL(`contracts/${name}.sol`, import.meta.url), "utf8")
      const version = (JSON.parse(readFileSync(require.resolve("solc/package.json"), "utf8")) as { readonly version: string }).version
      const hash = createHash("sha256").update(JSON.stringify([version, settings, source])).digest("hex").slice(0, 32)
      const cached = fileURLToPath(new URL(`../../node_modules/.cache/contracts/${name}-${hash}.json`, import.meta.url))
      if (existsSync(cached)) return JSON.parse(readFileSync(cached, "utf8")) as { readonly [contract: string]: Artifact }
      const made = compiled(name, source)
      mkdirSync(dirname(cached), { recursive: true })
      writeFileSync(`${cached}.${process.pid}`, JSON.stringify(made))
      renameSync(`${cached}.${process.pid}`, cached)
      return made
    },
    catch: (cause) => new CompileError({ message: `compiling ${name} failed: ${String(cause)}` })
  })

/** A contract at its address. */
export interface Deployed {
  readonly address: Address
  readonly abi: Abi
}

/** Enough for any call here. Estimates of calls that fail do not come back. */
const gas = 3_000_000n

const deploy = async (client: Anvil.TestClient, { abi, bytecode }: Artifact, args: ReadonlyArray<unknown>): Promise<Deployed> => {
  const receipt = await Anvil.mined(client, await client.deployContract({ abi, bytecode, args }))
  return { abi, address: receipt.contractAddress! }
}

/** Ether sent to a contract, with the data of a call. The node signs for its own accounts, and so one request is enough. */
export const pay = async (
  client: Anvil.TestClient,
  { address }: Deployed,
  value: bigint,
  data: Hex = "0x"
): Promise<TransactionReceipt> =>
  Anvil.ended(
    client,
    await client.sendTransaction({ account: client.account.address, chain: null, to: address, value, data, gas })
  )

/** A transaction of the client, whether it succeeds or not. */
export const send = (
  client: Anvil.TestClient,
  { abi, address }: Deployed,
  functionName: string,
  args: ReadonlyArray<unknown>,
  value = 0n
): Promise<TransactionReceipt> => pay(client, { abi, address }, value, encodeFunctionData({ abi, functionName, args }))

/** What a function of a contract gives, one request for all of them. */
export const read = async (
  client: Anvil.TestClient,
  calls: ReadonlyArray<readonly [Deployed, string, ...ReadonlyArray<unknown>]>
): Promise<ReadonlyArray<unknown>> =>
  client.multicall({
    allowFailure: false,
    deployless: true,
    contracts: calls.map(([{ abi, address }, functionName, ...args]) => ({ abi, address, functionName, args }))
  })

const allow = async (client: Anvil.TestClient, spending: ReadonlyArray<readonly [Deployed, Deployed]>): Promise<void> => {
  for (const [token, spender] of spending) await send(client, token, "approve", [spender.address, maxUint256])
}

export interface Lido {
  readonly token: Deployed
  readonly wrapped: Deployed
  readonly queue: Deployed
}

/** Lido with a pool of this size; the trader has allowed its contracts everything. */
export const lido = (client: Anvil.TestClient, pooled: bigint, shares: bigint): Effect.Effect<Lido, CompileError> =>
  Effect.flatMap(artifacts("LidoDouble"), (code) =>
    Effect.promise(async () => {
      const token = await deploy(client, code["StETHDouble"]!, [pooled, shares])
      const wrapped = await deploy(client, code["WstETHDouble"]!, [token.address])
      const queue = await deploy(client, code["WithdrawalQueueDouble"]!, [wrapped.address])
      await allow(client, [[token, wrapped], [token, queue], [wrapped, queue]])
      return { token, wrapped, queue }
    }))

export interface EtherFi {
  readonly pool: Deployed
  readonly token: Deployed
  readonly wrapped: Deployed
  readonly queue: Deployed
  readonly adapter: Deployed
  readonly redemption: Deployed
}

/** ether.fi with a pool of this size and a fee of redemption in basis points; the trader has allowed its contracts everything. */
export const etherfi = (
  client: Anvil.TestClient,
  pooled: bigint,
  shares: bigint,
  fee: bigint
): Effect.Effect<EtherFi, CompileError> =>
  Effect.flatMap(artifacts("EtherFiDouble"), (code) =>
    Effect.promise(async () => {
      const pool = await deploy(client, code["LiquidityPoolDouble"]!, [pooled, shares])
      const [token, queue] = (await read(client, [[pool, "eETH"], [pool, "withdrawRequestNFT"]])) as readonly [Address, Address]
      const wrapped = await deploy(client, code["WeETHDouble"]!, [pool.address])
      const adapter = await deploy(client, code["DepositAdapterDouble"]!, [wrapped.address])
      const redemption = await deploy(client, code["RedemptionManagerDouble"]!, [wrapped.address, fee])
      const deployed = {
        pool,
        token: { abi: code["EETHDouble"]!.abi, address: token },
        wrapped,
        queue: { abi: code["WithdrawRequestNFTDouble"]!.abi, address: queue },
        adapter,
        redemption
      }
      await allow(client, [[deployed.token, wrapped], [deployed.token, pool], [deployed.token, redemption], [wrapped, redemption]])
      return deployed
    }))
