/**
 * Aave v3 (v3.0.2, the protocol's own bytecode) on a fresh node, with reserves of USDT and WETH.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { BaseError, maxUint256, parseAbi, parseEther, parseUnits, zeroAddress } from "viem"
import type { Abi, Address, Hex } from "viem"
import * as Anvil from "./Anvil.js"
import * as Tether from "./Tether.js"

export class DeployError extends Data.TaggedError("DeployError")<{ readonly message: string }> {}

/** The contracts of the test chain. */
export interface World {
  readonly addressesProvider: Address
  readonly pool: Address
  readonly dataProvider: Address
  readonly usdt: Address
  readonly weth: Address
  readonly aUsdt: Address
  readonly aWeth: Address
}

interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
  readonly linkReferences?: { readonly [file: string]: { readonly [name: string]: ReadonlyArray<{ readonly start: number }> } }
}

const require = createRequire(import.meta.url)

const artifact = (path: string): Artifact => JSON.parse(readFileSync(require.resolve(path), "utf8")) as Artifact

const aave = (path: string): Artifact => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  return artifact(`@aave/core-v3/artifacts/contracts/${path}.sol/${name}.json`)
}

const link = (code: Artifact, libraries: { readonly [name: string]: Address }): Hex => {
  let linked: string = code.bytecode
  for (const file of Object.values(code.linkReferences ?? {})) {
    for (const [name, references] of Object.entries(file)) {
      const address = libraries[name]
      if (address === undefined) throw new Error(`no library ${name}`)
      for (const { start } of references) {
        linked = linked.slice(0, 2 + start * 2) + address.slice(2).toLowerCase() + linked.slice(2 + start * 2 + 40)
      }
    }
  }
  return linked as Hex
}

/** Estimates made in the second of the last block leave out the interest of the next one, and fall short. */
const gas = 10_000_000n

const ray = 10n ** 27n
const percent = (n: bigint): bigint => (ray * n) / 100n

const poolAbi = parseAbi([
  "function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)",
  "function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf)"
])
const tokenAbi = parseAbi([
  "function mint(address account, uint256 value) returns (bool)",
  "function approve(address spender, uint256 value)",
  "function deposit() payable"
])

const build = async (client: Anvil.TestClient): Promise<World> => {
  const admin = client.account.address
  const deploy = async (code: Artifact, args: ReadonlyArray<unknown> = [], libraries: { readonly [name: string]: Address } = {}) =>
    (await Anvil.mined(client, await client.deployContract({ abi: code.abi, bytecode: link(code, libraries), args }))).contractAddress!
  const send = async (address: Address, abi: Abi, functionName: string, args: ReadonlyArray<unknown>, value = 0n) =>
    Anvil.mined(client, await client.writeContract({ address, abi, functionName, args, value, gas }))
  const ask = async (address: Address, abi: Abi, functionName: string, args: ReadonlyArray<unknown> = []) =>
    (await client.readContract({ address, abi, functionName, args })) as Address

  const mintable = aave("mocks/tokens/MintableERC20")
  const usdt = await deploy(mintable, ["Tether USD", "USDT", 6])
  const plain = await deploy(mintable, ["code of USDT", "CODE", 6])
  await client.setCode({ address: usdt, bytecode: Tether.guard(plain) })
  const weth = await deploy(artifact("canonical-weth/build/contracts/WETH9.json"))

  const provider = aave("protocol/configuration/PoolAddressesProvider")
  const addressesProvider = await deploy(provider, ["test", admin])
  const libraries: Record<string, Address> = {}
  for (const name of ["SupplyLogic", "BorrowLogic", "PoolLogic", "EModeLogic", "LiquidationLogic", "BridgeLogic", "ConfiguratorLogic"]) {
    libraries[name] = await deploy(aave(`protocol/libraries/logic/${name}`))
  }
  libraries["FlashLoanLogic"] = await deploy(aave("protocol/libraries/logic/FlashLoanLogic"), [], libraries)
  const poolCode = aave("protocol/pool/Pool")
  const poolImplementation = await deploy(poolCode, [addressesProvider], libraries)
  await send(poolImplementation, poolCode.abi, "initialize", [addressesProvider])
  const configurator = aave("protocol/pool/PoolConfigurator")
  const configuratorImplementation = await deploy(configurator, [], libraries)

  await send(addressesProvider, provider.abi, "setACLAdmin", [admin])
  const accessControl = aave("protocol/configuration/ACLManager")
  const acl = await deploy(accessControl, [addressesProvider])
  await send(addressesProvider, provider.abi, "setACLManager", [acl])
  await send(acl, accessControl.abi, "addPoolAdmin", [admin])
  await send(acl, accessControl.abi, "addAssetListingAdmin", [admin])

  const feed = aave("mocks/oracle/CLAggregators/MockAggregator")
  const feeds = [await deploy(feed, [10n ** 8n]), await deploy(feed, [3_000n * 10n ** 8n])]
  const oracle = await deploy(aave("misc/AaveOracle"), [addressesProvider, [usdt, weth], feeds, zeroAddress, zeroAddress, 10n ** 8n])
  await send(addressesProvider, provider.abi, "setPriceOracle", [oracle])
  const dataProviderCode = aave("misc/AaveProtocolDataProvider")
  const dataProvider = await deploy(dataProviderCode, [addressesProvider])
  await send(addressesProvider, provider.abi, "setPoolDataProvider", [dataProvider])
  await send(addressesProvider, provider.abi, "setPoolImpl", [poolImplementation])
  await send(addressesProvider, provider.abi, "setPoolConfiguratorImpl", [configuratorImplementation])
  const pool = await ask(addressesProvider, provider.abi, "getPool")
  const configuratorProxy = await ask(addressesProvider, provider.abi, "getPoolConfigurator")

  const aTokenImpl = await deploy(aave("protocol/tokenization/AToken"), [pool])
  const stableDebtTokenImpl = await deploy(aave("protocol/tokenization/StableDebtToken"), [pool])
  const variableDebtTokenImpl = await deploy(aave("protocol/tokenization/VariableDebtToken"), [pool])
  const interestRateStrategyAddress = await deploy(aave("protocol/pool/DefaultReserveInterestRateStrategy"), [
    addressesProvider,
    percent(80n),
    0n,
    percent(4n),
    percent(60n),
    percent(1n),
    percent(60n),
    percent(1n),
    percent(8n),
    percent(20n)
  ])
  const reserves = [{ symbol: "USDT", token: usdt, decimals: 6 }, { symbol: "WETH", token: weth, decimals: 18 }]
  await send(configuratorProxy, configurator.abi, "initReserves", [reserves.map(({ decimals, symbol, token }) => ({
    aTokenImpl,
    stableDebtTokenImpl,
    variableDebtTokenImpl,
    underlyingAssetDecimals: decimals,
    interestRateStrategyAddress,
    underlyingAsset: token,
    treasury: admin,
    incentivesController: zeroAddress,
    aTokenName: `Aave ${symbol}`,
    aTokenSymbol: `a${symbol}`,
    variableDebtTokenName: `Aave variable debt ${symbol}`,
    variableDebtTokenSymbol: `variableDebt${symbol}`,
    stableDebtTokenName: `Aave stable debt ${symbol}`,
    stableDebtTokenSymbol: `stableDebt${symbol}`,
    params: "0x10"
  }))])
  for (const { token } of reserves) {
    await send(configuratorProxy, configurator.abi, "configureReserveAsCollateral", [token, 8_000n, 8_500n, 10_500n])
    await send(configuratorProxy, configurator.abi, "setReserveBorrowing", [token, true])
    await send(configuratorProxy, configurator.abi, "setReserveFactor", [token, 1_000n])
  }
  const aTokenOf = async (token: Address) =>
    ((await client.readContract({
      address: dataProvider,
      abi: dataProviderCode.abi,
      functionName: "getReserveTokensAddresses",
      args: [token]
    })) as ReadonlyArray<Address>)[0]!
  return { addressesProvider, pool, dataProvider, usdt, weth, aUsdt: await aTokenOf(usdt), aWeth: await aTokenOf(weth) }
}

/** Others lend a million USDT and owe 700,000 of it against ether: from then on the indices grow. */
const lend = async (client: Anvil.TestClient, world: World): Promise<void> => {
  const admin = client.account.address
  const done = (hash: Hex) => Anvil.mined(client, hash)
  const lent = parseUnits("1000000", 6)
  const ether = parseEther("1000")
  await done(await client.writeContract({ address: world.usdt, abi: tokenAbi, functionName: "mint", args: [admin, lent], gas }))
  await done(await client.writeContract({ address: world.weth, abi: tokenAbi, functionName: "deposit", args: [], value: ether, gas }))
  for (const [token, amount] of [[world.usdt, lent], [world.weth, ether]] as const) {
    await done(await client.writeContract({ address: token, abi: tokenAbi, functionName: "approve", args: [world.pool, maxUint256], gas }))
    await done(await client.writeContract({ address: world.pool, abi: poolAbi, functionName: "supply", args: [token, amount, admin, 0], gas }))
  }
  await done(await client.writeContract({
    address: world.pool,
    abi: poolAbi,
    functionName: "borrow",
    args: [world.usdt, parseUnits("700000", 6), 2n, 0, admin],
    gas
  }))
}

const attempt = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, DeployError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => new DeployError({ message: `${what} failed: ${cause instanceof BaseError ? cause.shortMessage : String(cause)}` })
  })

/** Deploys one contract of the protocol's packages that takes no arguments. */
export const contract = (client: Anvil.TestClient, path: string): Effect.Effect<Address, DeployError> =>
  attempt(`deploying ${path}`, async () => {
    const { abi, bytecode } = aave(path)
    return (await Anvil.mined(client, await client.deployContract({ abi, bytecode, args: [] }))).contractAddress!
  })

/** Deploys the protocol as `client`, lends and borrows as it, and gives USDT to `holder`. */
export const world = (client: Anvil.TestClient, holder: Address, amount: bigint): Effect.Effect<World, DeployError> =>
  attempt("deploying Aave", async () => {
    const deployed = await build(client)
    await lend(client, deployed)
    const hash = await client.writeContract({ address: deployed.usdt, abi: tokenAbi, functionName: "mint", args: [holder, amount], gas })
    await Anvil.mined(client, hash)
    return deployed
  })
