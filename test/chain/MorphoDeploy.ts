/**
 * Morpho Blue (compiled from the sources of its package as it was for its release), with its mocks of tokens, oracle
 * and flash borrower, and a double of its interest rate model, on a fresh node.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { BaseError, maxUint256 } from "viem"
import type { Abi, Address, Hex } from "viem"
import * as MarketParams from "../../src/venues/morpho/MarketParams.js"
import * as Anvil from "./Anvil.js"

export class DeployError extends Data.TaggedError("DeployError")<{ readonly message: string }> {}

export interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

const require = createRequire(import.meta.url)
const here = dirname(fileURLToPath(import.meta.url))
const modules = join(here, "../../node_modules")
const cache = join(modules, ".cache/execution-interface-manager")
const morphoBlue = "@morpho-org/morpho-blue/src/"

const read = (name: string): string =>
  readFileSync(name.startsWith("@") ? join(modules, name) : join(here, "contracts", name), "utf8")

/** As the release was built: via the intermediate representation, for many runs. */
const release = { optimizer: { enabled: true, runs: 999_999 }, viaIR: true, evmVersion: "paris", metadata: { bytecodeHash: "none" } }
const plain = { optimizer: { enabled: true, runs: 200 }, evmVersion: "paris" }

const sources = (entry: string, into: Record<string, string> = {}): Record<string, string> => {
  if (entry in into) return into
  const text = read(entry)
  into[entry] = text
  for (const [, path] of text.matchAll(/^import [^"]*"([^"]+)";/gm)) {
    sources(path!.startsWith(".") ? join(dirname(entry), path!) : path!, into)
  }
  return into
}

interface Solc {
  readonly version: () => string
  readonly compile: (input: string) => string
}

/** Compiles a contract once: it is kept by the hash of its sources and settings. */
const compile = (entry: string, contract: string, settings: object): Artifact => {
  const files = sources(entry)
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(files).map(([name, content]) => [name, { content }])),
    settings: { ...settings, outputSelection: { "*": { [contract]: ["abi", "evm.bytecode.object"] } } }
  }
  const { version } = require("solc-0.8.19/package.json") as { readonly version: string }
  const hash = createHash("sha256").update(version).update(JSON.stringify(input)).digest("hex").slice(0, 24)
  const kept = join(cache, `${contract}-${hash}.json`)
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as Artifact
  const output = JSON.parse((require("solc-0.8.19") as Solc).compile(JSON.stringify(input))) as {
    readonly errors?: ReadonlyArray<{ readonly severity: string; readonly formattedMessage: string }>
    readonly contracts?: { readonly [file: string]: { readonly [name: string]: { readonly abi: Abi; readonly evm: { readonly bytecode: { readonly object: string } } } } }
  }
  const fatal = output.errors?.find(({ severity }) => severity === "error")
  const built = output.contracts?.[entry]?.[contract]
  if (fatal !== undefined || built === undefined) throw new Error(fatal?.formattedMessage ?? `${entry} has no ${contract}`)
  const artifact: Artifact = { abi: built.abi, bytecode: `0x${built.evm.bytecode.object}` }
  mkdirSync(cache, { recursive: true })
  writeFileSync(`${kept}.${process.pid}`, JSON.stringify(artifact))
  renameSync(`${kept}.${process.pid}`, kept)
  return artifact
}

/** Contracts of the tests. */
export const artifacts = {
  morpho: () => compile(`${morphoBlue}Morpho.sol`, "Morpho", release),
  token: () => compile(`${morphoBlue}mocks/ERC20Mock.sol`, "ERC20Mock", plain),
  oracle: () => compile(`${morphoBlue}mocks/OracleMock.sol`, "OracleMock", plain),
  irm: () => compile(`${morphoBlue}mocks/IrmMock.sol`, "IrmMock", plain),
  flashBorrower: () => compile(`${morphoBlue}mocks/FlashBorrowerMock.sol`, "FlashBorrowerMock", plain),
  adaptiveCurve: () => compile("AdaptiveCurveDouble.sol", "AdaptiveCurveDouble", plain)
}

/** Estimates made in the second of the last block leave out the interest of the next one, and fall short. */
export const gas = 1_000_000n

const attempt = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, DeployError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => new DeployError({ message: `${what} failed: ${cause instanceof BaseError ? cause.shortMessage : String(cause)}` })
  })

const deployed = async (client: Anvil.TestClient, { abi, bytecode }: Artifact, args: ReadonlyArray<unknown> = []): Promise<Address> =>
  (await Anvil.mined(client, await client.deployContract({ abi, bytecode, args }))).contractAddress!

/** Deploys one contract. */
export const deploy = (client: Anvil.TestClient, artifact: Artifact, args: ReadonlyArray<unknown> = []): Effect.Effect<Address, DeployError> =>
  attempt("deploying", () => deployed(client, artifact, args))

/** How a market of the test chain is made. */
export interface Options {
  readonly irm: "adaptive_curve" | "utilization"
  readonly lltv: bigint
  readonly fee: bigint
  readonly price: bigint
  /** Accounts that hold any amount of both tokens and allow Morpho all of it. */
  readonly users: ReadonlyArray<Anvil.TestClient>
}

/** A market on its own Morpho. */
export interface World {
  readonly morpho: Address
  readonly loan: Address
  readonly collateral: Address
  readonly oracle: Address
  readonly irm: Address
  readonly params: MarketParams.MarketParams
  readonly id: Hex
}

/** What every user holds of each token at the beginning. */
export const purse = 10n ** 36n

const build = async (client: Anvil.TestClient, { fee, irm: model, lltv, price, users }: Options): Promise<World> => {
  const [blue, erc20, feed] = [artifacts.morpho(), artifacts.token(), artifacts.oracle()]
  const send = async (sender: Anvil.TestClient, address: Address, abi: Abi, functionName: string, args: ReadonlyArray<unknown>) =>
    Anvil.mined(sender, await sender.writeContract({ address, abi, functionName, args, gas }))
  const admin = client.account.address
  const morpho = await deployed(client, blue, [admin])
  const loanToken = await deployed(client, erc20)
  const collateralToken = await deployed(client, erc20)
  const oracle = await deployed(client, feed)
  const irm = await deployed(client, model === "adaptive_curve" ? artifacts.adaptiveCurve() : artifacts.irm())
  const params: MarketParams.MarketParams = { loanToken, collateralToken, oracle, irm, lltv }
  await send(client, oracle, feed.abi, "setPrice", [price])
  await send(client, morpho, blue.abi, "enableIrm", [irm])
  await send(client, morpho, blue.abi, "enableLltv", [lltv])
  await send(client, morpho, blue.abi, "createMarket", [params])
  await send(client, morpho, blue.abi, "setFeeRecipient", [admin])
  if (fee > 0n) await send(client, morpho, blue.abi, "setFee", [params, fee])
  for (const user of users) {
    for (const token of [loanToken, collateralToken]) {
      await send(client, token, erc20.abi, "setBalance", [user.account.address, purse])
      await send(user, token, erc20.abi, "approve", [morpho, maxUint256])
    }
  }
  return { morpho, loan: loanToken, collateral: collateralToken, oracle, irm, params, id: MarketParams.id(params) }
}

/** Deploys Morpho as `client` and makes one market. */
export const world = (client: Anvil.TestClient, options: Options): Effect.Effect<World, DeployError> =>
  attempt("deploying Morpho", () => build(client, options))
