/**
 * Aave v3 (v3.0.2, the protocol's own bytecode) with reserves as a test lists them, prices that the test sets, and
 * everything that the contracts store of them.
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { decodeErrorResult, encodeFunctionData, maxUint256, parseAbi, zeroAddress } from "viem"
import type { Abi, Address, Hex, Log } from "viem"
import type * as EMode from "../../src/venues/aave/EMode.js"
import type * as Reserves from "../../src/venues/aave/Reserves.js"
import type * as ReserveState from "../../src/venues/aave/ReserveState.js"
import * as Anvil from "./Anvil.js"

/** The three contracts of a reserve. */
export interface Tokens {
  readonly token: Address
  readonly aToken: Address
  readonly debt: Address
}

export interface World {
  readonly pool: Address
  readonly configurator: Address
  readonly dataProvider: Address
  readonly oracle: Address
  /** Gives flash loans back, with a premium that it mints. */
  readonly receiver: Address
  readonly reserves: ReadonlyMap<string, Tokens>
}

interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
  readonly linkReferences: { readonly [file: string]: { readonly [name: string]: ReadonlyArray<{ readonly start: number }> } }
}

const require = createRequire(import.meta.url)

const artifact = (path: string, name = path.slice(path.lastIndexOf("/") + 1)): Artifact =>
  JSON.parse(readFileSync(require.resolve(`@aave/core-v3/artifacts/contracts/${path}.sol/${name}.json`), "utf8")) as Artifact

const link = (code: Artifact, libraries: { readonly [name: string]: Address }): Hex => {
  let linked: string = code.bytecode
  for (const file of Object.values(code.linkReferences)) {
    for (const [name, references] of Object.entries(file)) {
      for (const { start } of references) {
        linked = linked.slice(0, 2 + start * 2) + libraries[name]!.slice(2).toLowerCase() + linked.slice(2 + start * 2 + 40)
      }
    }
  }
  return linked as Hex
}

/** Enough for everything; estimates of the last block would leave out the interest of the next one. */
const gas = 12_000_000n

export const abi = parseAbi([
  "function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)",
  "function withdraw(address asset, uint256 amount, address to) returns (uint256)",
  "function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf)",
  "function repay(address asset, uint256 amount, uint256 interestRateMode, address onBehalfOf) returns (uint256)",
  "function setUserUseReserveAsCollateral(address asset, bool useAsCollateral)",
  "function setUserEMode(uint8 categoryId)",
  "function getUserEMode(address user) view returns (uint256)",
  "function getUserAccountData(address user) view returns (uint256 collateral, uint256 debt, uint256 available, uint256 liquidationThreshold, uint256 ltv, uint256 healthFactor)",
  "function liquidationCall(address collateral, address debt, address user, uint256 debtToCover, bool receiveAToken)",
  "function flashLoanSimple(address receiver, address asset, uint256 amount, bytes params, uint16 referralCode)",
  "function getReserveData(address asset) view returns (uint256 unbacked, uint256 accruedToTreasury, uint256 totalAToken, uint256 totalStableDebt, uint256 totalVariableDebt, uint256 liquidityRate, uint256 variableBorrowRate, uint256 stableBorrowRate, uint256 averageStableBorrowRate, uint256 liquidityIndex, uint256 variableBorrowIndex, uint40 lastUpdateTimestamp)",
  "function getUserReserveData(address asset, address user) view returns (uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint40, bool usageAsCollateralEnabled)",
  "function scaledTotalSupply() view returns (uint256)",
  "function scaledBalanceOf(address account) view returns (uint256)",
  "function balanceOf(address account) view returns (uint256)",
  "function mint(address account, uint256 value) returns (bool)",
  "function transfer(address to, uint256 value) returns (bool)",
  "function approve(address spender, uint256 value)",
  "function setAssetPrice(address asset, uint256 price)",
  "function setReserveFreeze(address asset, bool freeze)",
  "function setReservePause(address asset, bool paused)",
  "function setReserveBorrowing(address asset, bool enabled)",
  "function setReserveFlashLoaning(address asset, bool enabled)",
  "event FlashLoan(address indexed target, address initiator, address indexed asset, uint256 amount, uint8 interestRateMode, uint256 premium, uint16 indexed referralCode)",
  "event LiquidationCall(address indexed collateral, address indexed debt, address indexed user, uint256 repaid, uint256 seized, address liquidator, bool receiveAToken)"
])

/** Deploys the protocol with these reserves and categories, as `client`, who is its admin and its treasury. */
export const deploy = async (
  client: Anvil.TestClient,
  listed: ReadonlyArray<Reserves.Reserve & { readonly decimals: number }>,
  categories: ReadonlyArray<EMode.Category>
): Promise<World> => {
  const admin = client.account.address
  const create = async (code: Artifact, args: ReadonlyArray<unknown> = [], libraries: { readonly [name: string]: Address } = {}) =>
    (await Anvil.mined(client, await client.deployContract({ abi: code.abi, bytecode: link(code, libraries), args, gas }))).contractAddress!
  const send = async (address: Address, of: Abi, functionName: string, args: ReadonlyArray<unknown>) =>
    Anvil.mined(client, await client.writeContract({ address, abi: of, functionName, args, gas }))
  const ask = async (address: Address, of: Abi, functionName: string, args: ReadonlyArray<unknown> = []) =>
    (await client.readContract({ address, abi: of, functionName, args })) as Address

  const provider = artifact("protocol/configuration/PoolAddressesProvider")
  const addresses = await create(provider, ["test", admin])
  const libraries: Record<string, Address> = {}
  for (const name of ["SupplyLogic", "BorrowLogic", "PoolLogic", "EModeLogic", "LiquidationLogic", "BridgeLogic", "ConfiguratorLogic"]) {
    libraries[name] = await create(artifact(`protocol/libraries/logic/${name}`))
  }
  libraries["FlashLoanLogic"] = await create(artifact("protocol/libraries/logic/FlashLoanLogic"), [], libraries)
  const poolImplementation = await create(artifact("protocol/pool/Pool"), [addresses], libraries)
  const configuratorCode = artifact("protocol/pool/PoolConfigurator")
  const configuratorImplementation = await create(configuratorCode, [], libraries)
  await send(addresses, provider.abi, "setACLAdmin", [admin])
  const access = artifact("protocol/configuration/ACLManager")
  const acl = await create(access, [addresses])
  await send(addresses, provider.abi, "setACLManager", [acl])
  for (const role of ["addPoolAdmin", "addAssetListingAdmin", "addEmergencyAdmin"]) await send(acl, access.abi, role, [admin])
  const oracle = await create(artifact("mocks/oracle/PriceOracle"))
  await send(addresses, provider.abi, "setPriceOracle", [oracle])
  const dataCode = artifact("misc/AaveProtocolDataProvider")
  const dataProvider = await create(dataCode, [addresses])
  await send(addresses, provider.abi, "setPoolDataProvider", [dataProvider])
  await send(addresses, provider.abi, "setPoolImpl", [poolImplementation])
  await send(addresses, provider.abi, "setPoolConfiguratorImpl", [configuratorImplementation])
  const pool = await ask(addresses, provider.abi, "getPool")
  const configurator = await ask(addresses, provider.abi, "getPoolConfigurator")
  const configure = (functionName: string, ...args: ReadonlyArray<unknown>) => send(configurator, configuratorCode.abi, functionName, args)

  const implementations = {
    aTokenImpl: await create(artifact("protocol/tokenization/AToken"), [pool]),
    stableDebtTokenImpl: await create(artifact("protocol/tokenization/StableDebtToken"), [pool]),
    variableDebtTokenImpl: await create(artifact("protocol/tokenization/VariableDebtToken"), [pool])
  }
  const reserves = new Map<string, Tokens>()
  for (const { id, ltv, liquidationBonus, liquidationThreshold } of categories) {
    await configure("setEModeCategory", id, ltv, liquidationThreshold, liquidationBonus, zeroAddress, `category ${id}`)
  }
  for (const reserve of listed) {
    const { decimals, interest, token: symbol } = reserve
    if (interest === "data") throw new Error(`${symbol} has no rate model`)
    const token = await create(artifact("mocks/tokens/MintableERC20"), [symbol, symbol, decimals])
    const strategy = await create(artifact("protocol/pool/DefaultReserveInterestRateStrategy"), [
      addresses, interest.optimalUsage, interest.base, interest.slope1, interest.slope2, 0n, 0n, 0n, 0n, 0n
    ])
    await configure("initReserves", [{
      ...implementations,
      underlyingAssetDecimals: decimals,
      interestRateStrategyAddress: strategy,
      underlyingAsset: token,
      treasury: admin,
      incentivesController: zeroAddress,
      aTokenName: symbol,
      aTokenSymbol: symbol,
      variableDebtTokenName: symbol,
      variableDebtTokenSymbol: symbol,
      stableDebtTokenName: symbol,
      stableDebtTokenSymbol: symbol,
      params: "0x10"
    }])
    const unit = 10n ** BigInt(decimals)
    await configure("configureReserveAsCollateral", token, reserve.ltv, reserve.liquidationThreshold, reserve.liquidationBonus)
    await configure("setReserveBorrowing", token, reserve.borrowable)
    await configure("setReserveFactor", token, reserve.factor)
    await configure("setLiquidationProtocolFee", token, reserve.liquidationFee)
    await configure("setReserveFlashLoaning", token, reserve.flashable)
    if (reserve.supplyCap !== undefined) await configure("setSupplyCap", token, reserve.supplyCap / unit)
    if (reserve.borrowCap !== undefined) await configure("setBorrowCap", token, reserve.borrowCap / unit)
    for (const { collateral, id } of categories) if (collateral.has(symbol)) await configure("setAssetEModeCategory", token, id)
    const tokens = (await client.readContract({
      address: dataProvider,
      abi: dataCode.abi,
      functionName: "getReserveTokensAddresses",
      args: [token]
    })) as ReadonlyArray<Address>
    reserves.set(symbol, { token, aToken: tokens[0]!, debt: tokens[2]! })
  }
  await configure("updateFlashloanPremiumTotal", 5n)
  const receiver = await create(artifact("mocks/flashloan/MockSimpleFlashLoanReceiver", "MockFlashLoanSimpleReceiver"), [addresses])
  return { pool, configurator, dataProvider, oracle, receiver, reserves }
}

/** Everything that is stored of one reserve and of the trader in it. */
export interface Stored {
  readonly reserve: ReserveState.State
  readonly supply: bigint
  readonly debt: bigint
  readonly collateral: boolean
  readonly wallet: bigint
  /** What the aToken and the debt token show. */
  readonly aToken: bigint
  readonly debtToken: bigint
}

export interface Snapshot {
  readonly reserves: ReadonlyMap<string, Stored>
  readonly emode: bigint
  readonly account: { readonly collateral: bigint; readonly debt: bigint; readonly healthFactor: bigint }
}

export interface Call {
  readonly to: Address
  readonly functionName: string
  readonly args: ReadonlyArray<unknown>
}

/** A call that was mined; the contract's words where it was refused. */
export interface Called {
  readonly gasUsed: bigint
  readonly refusal: string | undefined
  readonly logs: ReadonlyArray<Log>
}

export interface Chain {
  /** Calls of one account, mined in one block of this time. */
  readonly calls: (user: Anvil.TestClient, timestamp: bigint, calls: ReadonlyArray<Call>) => Promise<ReadonlyArray<Called>>
  readonly read: (user: Address) => Promise<Snapshot>
}

const words = (data: Hex): string => {
  if (data === "0x") return "nothing"
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

export const chain = (client: Anvil.TestClient, world: World): Chain => {
  const refusal = async (from: Address, to: Address, data: Hex): Promise<string> => {
    try {
      await client.call({ account: from, to, data, gas })
      return "nothing, when asked again"
    } catch (error) {
      const found = dataOf(error)
      return found === undefined ? String(error) : words(found)
    }
  }
  return {
    calls: async (user, timestamp, calls) => {
      const from = user.account.address
      await client.setAutomine(false)
      await client.setNextBlockTimestamp({ timestamp })
      const sent: Array<{ readonly hash: Hex; readonly to: Address; readonly data: Hex }> = []
      for (const { args, functionName, to } of calls) {
        const data: Hex = encodeFunctionData({ abi: abi as Abi, functionName, args })
        const hash = await client.sendUnsignedTransaction({ from, to, data, gas })
        sent.push({ hash, to, data })
      }
      await client.mine({ blocks: 1 })
      await client.setAutomine(true)
      const done: Array<Called> = []
      for (const { data, hash, to } of sent) {
        const { gasUsed, logs, status } = await Anvil.ended(client, hash)
        done.push({ gasUsed, logs, refusal: status === "success" ? undefined : await refusal(from, to, data) })
      }
      return done
    },
    read: async (user) => {
      const one = (address: Address, functionName: string, args: ReadonlyArray<unknown> = []) => ({ address, abi: abi as Abi, functionName, args })
      const contracts = [...world.reserves.values()].flatMap(({ aToken, debt, token }) => [
        one(world.dataProvider, "getReserveData", [token]),
        one(world.dataProvider, "getUserReserveData", [token, user]),
        one(aToken, "scaledTotalSupply"),
        one(debt, "scaledTotalSupply"),
        one(token, "balanceOf", [aToken]),
        one(aToken, "scaledBalanceOf", [user]),
        one(debt, "scaledBalanceOf", [user]),
        one(token, "balanceOf", [user]),
        one(aToken, "balanceOf", [user]),
        one(debt, "balanceOf", [user])
      ])
      // At "latest" the node asks at a time of its own; at a block, at that of the block.
      const blockNumber = await client.getBlockNumber({ cacheTime: 0 })
      const answers = (await client.multicall({
        blockNumber,
        contracts: [...contracts, one(world.pool, "getUserEMode", [user]), one(world.pool, "getUserAccountData", [user])],
        deployless: true,
        allowFailure: false
      })) as ReadonlyArray<unknown>
      const reserves = new Map<string, Stored>()
      let at = 0
      for (const symbol of world.reserves.keys()) {
        const data = answers[at] as ReadonlyArray<bigint>
        const numbers = answers.slice(at + 2, at + 10) as ReadonlyArray<bigint>
        reserves.set(symbol, {
          reserve: {
            supplyIndex: data[9]!,
            borrowIndex: data[10]!,
            supplyRate: data[5]!,
            borrowRate: data[6]!,
            updated: BigInt(data[11]!),
            supply: numbers[0]!,
            debt: numbers[1]!,
            treasury: data[1]!,
            liquidity: numbers[2]!,
            deficit: 0n
          },
          supply: numbers[3]!,
          debt: numbers[4]!,
          collateral: (answers[at + 1] as ReadonlyArray<unknown>)[8] as boolean,
          wallet: numbers[5]!,
          aToken: numbers[6]!,
          debtToken: numbers[7]!
        })
        at += 10
      }
      const [collateral, debt, , , , healthFactor] = answers[at + 1] as ReadonlyArray<bigint>
      return { reserves, emode: answers[at] as bigint, account: { collateral: collateral!, debt: debt!, healthFactor: healthFactor! } }
    }
  }
}

/** The same action as the pool's function of it. */
export const call = (
  world: World,
  user: Address,
  action: "supply" | "withdraw" | "borrow" | "repay",
  token: Address,
  amount: bigint | "max"
): Call => {
  const units = amount === "max" ? maxUint256 : amount
  switch (action) {
    case "supply":
      return { to: world.pool, functionName: action, args: [token, units, user, 0] }
    case "withdraw":
      return { to: world.pool, functionName: action, args: [token, units, user] }
    case "borrow":
      return { to: world.pool, functionName: action, args: [token, units, 2n, 0, user] }
    case "repay":
      return { to: world.pool, functionName: action, args: [token, units, 2n, user] }
  }
}
