/**
 * Uniswap v3 (v3-core 1.0.1, v3-periphery 1.4.4, the protocol's own bytecode) on a fresh node, with two tokens.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import {
  BaseError,
  decodeAbiParameters,
  decodeErrorResult,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeFunctionData,
  getContractAddress,
  keccak256,
  maxUint256,
  parseAbi,
  zeroAddress
} from "viem"
import type { Abi, Address, Hex } from "viem"
import * as Anvil from "./Anvil.js"

export class UniswapDeployError extends Data.TaggedError("UniswapDeployError")<{ readonly message: string }> {}

interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

const require = createRequire(import.meta.url)

const artifact = (path: string): Artifact => JSON.parse(readFileSync(require.resolve(path), "utf8")) as Artifact

const core = (name: string): Artifact => artifact(`@uniswap/v3-core/artifacts/contracts/${name}.sol/${name}.json`)

const periphery = (path: string): Artifact => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  return artifact(`@uniswap/v3-periphery/artifacts/contracts/${path}.sol/${name}.json`)
}

const abi = parseAbi([
  "error Error(string reason)",
  "function enableFeeAmount(uint24 fee, int24 tickSpacing)",
  "function mint(address account, uint256 value) returns (bool)",
  "function approve(address spender, uint256 value) returns (bool)",
  "function balanceOf(address account) view returns (uint256)",
  "function createAndInitializePoolIfNecessary(address token0, address token1, uint24 fee, uint160 sqrtPriceX96) payable returns (address pool)",
  "function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16 observationIndex, uint16 observationCardinality, uint16 observationCardinalityNext, uint8 feeProtocol, bool unlocked)",
  "function liquidity() view returns (uint128)",
  "function ticks(int24 tick) view returns (uint128 liquidityGross, int128 liquidityNet, uint256 feeGrowthOutside0X128, uint256 feeGrowthOutside1X128, int56 tickCumulativeOutside, uint160 secondsPerLiquidityOutsideX128, uint32 secondsOutside, bool initialized)",
  "struct ExactInput { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }",
  "struct ExactOutput { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountOut; uint256 amountInMaximum; uint160 sqrtPriceLimitX96; }",
  "function exactInputSingle(ExactInput params) payable returns (uint256 amountOut)",
  "function exactOutputSingle(ExactOutput params) payable returns (uint256 amountIn)",
  "struct QuoteIn { address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96; }",
  "struct QuoteOut { address tokenIn; address tokenOut; uint256 amount; uint24 fee; uint160 sqrtPriceLimitX96; }",
  "function quoteExactInputSingle(QuoteIn params) returns (uint256 amountOut, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate)",
  "function quoteExactOutputSingle(QuoteOut params) returns (uint256 amountIn, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate)",
  "struct Call { address target; uint256 gasLimit; bytes callData; }",
  "struct Result { bool success; uint256 gasUsed; bytes returnData; }",
  "function multicall(Call[] calls) returns (uint256 blockNumber, Result[] returnData)"
])

const positions = parseAbi([
  "struct Mint { address token0; address token1; uint24 fee; int24 tickLower; int24 tickUpper; uint256 amount0Desired; uint256 amount1Desired; uint256 amount0Min; uint256 amount1Min; address recipient; uint256 deadline; }",
  "function mint(Mint params) payable returns (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1)"
])

/** The contracts of the test chain. `holder` makes many calls in one, and holds tokens to swap. */
export interface World {
  readonly factory: Address
  readonly router: Address
  readonly quoter: Address
  readonly positions: Address
  readonly holder: Address
  /** By address. */
  readonly token0: Address
  readonly token1: Address
}

/** What each token's holders get: far more than pools take. */
export const supply = 1n << 240n

const gas = 10_000_000n

/** Deploys the protocol and two tokens as `client`, who with `holder` and the router's users is given tokens. */
const build = async (client: Anvil.TestClient, decimals: readonly [number, number], traders: ReadonlyArray<Address>): Promise<World> => {
  const deploy = async (code: Artifact, args: ReadonlyArray<unknown> = []) =>
    (await Anvil.mined(client, await client.deployContract({ abi: code.abi, bytecode: code.bytecode, args }))).contractAddress!
  const send = async (address: Address, functionName: string, args: ReadonlyArray<unknown>) =>
    Anvil.mined(client, await client.writeContract({ address, abi: abi as Abi, functionName, args, gas }))
  const mintable = artifact("@aave/core-v3/artifacts/contracts/mocks/tokens/MintableERC20.sol/MintableERC20.json")
  const tokens = [await deploy(mintable, ["A", "A", decimals[0]]), await deploy(mintable, ["B", "B", decimals[1]])] as const
  const weth = await deploy(artifact("canonical-weth/build/contracts/WETH9.json"))
  const factory = await deploy(core("UniswapV3Factory"))
  await send(factory, "enableFeeAmount", [100, 1])
  const router = await deploy(periphery("SwapRouter"), [factory, weth])
  const quoter = await deploy(periphery("lens/QuoterV2"), [factory, weth])
  const manager = await deploy(periphery("NonfungiblePositionManager"), [factory, weth, zeroAddress])
  const holder = await deploy(periphery("lens/UniswapInterfaceMulticall"))
  for (const token of tokens) {
    for (const owner of [client.account.address, holder, ...traders]) await send(token, "mint", [owner, supply])
    await send(token, "approve", [manager, maxUint256])
  }
  const approvals = tokens.flatMap((token) =>
    [router, manager].map((spender) => call(token, encodeFunctionData({ abi, functionName: "approve", args: [spender, maxUint256] }))))
  await send(holder, "multicall", [approvals])
  const [token0, token1] = BigInt(tokens[0]) < BigInt(tokens[1]) ? tokens : [tokens[1], tokens[0]]
  return { factory, router, quoter, positions: manager, holder, token0, token1 }
}

/** The protocol with two tokens of some decimals; `traders` are given of both. */
export const world = (
  client: Anvil.TestClient,
  decimals: readonly [number, number] = [18, 18],
  traders: ReadonlyArray<Address> = []
): Effect.Effect<World, UniswapDeployError> =>
  Effect.tryPromise({
    try: () => build(client, decimals, traders),
    catch: (cause) =>
      new UniswapDeployError({ message: `deploying Uniswap failed: ${cause instanceof BaseError ? cause.shortMessage : String(cause)}` })
  })

/** Hash of the code that the factory deploys a pool with. */
const poolCode = keccak256(core("UniswapV3Pool").bytecode)

/** Address of a pool, whether or not it is there. */
export const poolOf = ({ factory, token0, token1 }: World, fee: number): Address =>
  getContractAddress({
    opcode: "CREATE2",
    from: factory,
    salt: keccak256(encodeAbiParameters([{ type: "address" }, { type: "address" }, { type: "uint24" }], [token0, token1, fee])),
    bytecodeHash: poolCode
  })

export interface Call {
  readonly target: Address
  readonly gasLimit: bigint
  readonly callData: Hex
}

export const call = (target: Address, callData: Hex): Call => ({ target, gasLimit: 500_000_000n, callData })

export interface Result {
  readonly success: boolean
  readonly gasUsed: bigint
  readonly returnData: Hex
}

/** Calls of `holder`, one after another in one message: what they change is seen by the next, and forgotten at the end. */
export const calls = async (client: Anvil.TestClient, { holder }: World, all: ReadonlyArray<Call>): Promise<ReadonlyArray<Result>> => {
  const { data } = await client.call({
    to: holder,
    data: encodeFunctionData({ abi, functionName: "multicall", args: [all] }),
    gas: 20_000_000_000n
  })
  return decodeFunctionResult({ abi, functionName: "multicall", data: data! })[1]
}

/** Why a call failed: the contract's text, empty where it gives none. */
export const reason = ({ returnData }: Result): string =>
  returnData === "0x" ? "" : String(decodeErrorResult({ abi, data: returnData }).args[0])

/** One unsigned word, as `liquidity` and `balanceOf` give it. */
export const word = ({ returnData }: Result): bigint => decodeAbiParameters([{ type: "uint256" }], returnData)[0]

/** A position that is given liquidity of at most these amounts. */
export interface Position {
  readonly lower: number
  readonly upper: number
  readonly amount: bigint
}

export const create = ({ positions, token0, token1 }: World, fee: number, sqrtPriceX96: bigint): Call =>
  call(
    positions,
    encodeFunctionData({ abi, functionName: "createAndInitializePoolIfNecessary", args: [token0, token1, fee, sqrtPriceX96] })
  )

export const mint = (world: World, fee: number, recipient: Address, { amount, lower, upper }: Position): Call =>
  call(
    world.positions,
    encodeFunctionData({
      abi: positions,
      functionName: "mint",
      args: [{
        token0: world.token0,
        token1: world.token1,
        fee,
        tickLower: lower,
        tickUpper: upper,
        amount0Desired: amount,
        amount1Desired: amount,
        amount0Min: 0n,
        amount1Min: 0n,
        recipient,
        deadline: maxUint256
      }]
    })
  )

/** What the router is asked. */
export interface Swap {
  readonly zeroForOne: boolean
  readonly exactIn: boolean
  readonly amount: bigint
  /** Least out, or most in. */
  readonly bound: bigint
  readonly limit: bigint | undefined
}

const pair = ({ token0, token1 }: World, zeroForOne: boolean) =>
  zeroForOne ? { tokenIn: token0, tokenOut: token1 } : { tokenIn: token1, tokenOut: token0 }

/** A swap through the router, tokens from and to `recipient`. */
export const swap = (world: World, fee: number, recipient: Address, { amount, bound, exactIn, limit, zeroForOne }: Swap): Call => {
  const parts = { ...pair(world, zeroForOne), fee, recipient, deadline: maxUint256, sqrtPriceLimitX96: limit ?? 0n }
  return call(
    world.router,
    exactIn
      ? encodeFunctionData({ abi, functionName: "exactInputSingle", args: [{ ...parts, amountIn: amount, amountOutMinimum: bound }] })
      : encodeFunctionData({ abi, functionName: "exactOutputSingle", args: [{ ...parts, amountOut: amount, amountInMaximum: bound }] })
  )
}

export const quote = (world: World, fee: number, { amount, exactIn, limit, zeroForOne }: Omit<Swap, "bound">): Call => {
  const parts = { ...pair(world, zeroForOne), fee, sqrtPriceLimitX96: limit ?? 0n }
  return call(
    world.quoter,
    exactIn
      ? encodeFunctionData({ abi, functionName: "quoteExactInputSingle", args: [{ ...parts, amountIn: amount }] })
      : encodeFunctionData({ abi, functionName: "quoteExactOutputSingle", args: [{ ...parts, amount }] })
  )
}

/** Where a pool stands: its slot0, its liquidity. */
export const looks = (pool: Address): readonly [Call, Call] => [
  call(pool, encodeFunctionData({ abi, functionName: "slot0" })),
  call(pool, encodeFunctionData({ abi, functionName: "liquidity" }))
]

export const standing = (slot0: Result, liquidity: Result) => {
  const [sqrtPriceX96, tick] = decodeFunctionResult({ abi, functionName: "slot0", data: slot0.returnData })
  return { sqrtPriceX96, tick, liquidity: word(liquidity) }
}

export const tick = (pool: Address, index: number): Call =>
  call(pool, encodeFunctionData({ abi, functionName: "ticks", args: [index] }))

/** What a tick adds, and whether it is initialised. */
export const tickOf = ({ returnData }: Result) => {
  const [, liquidityNet, , , , , , initialized] = decodeFunctionResult({ abi, functionName: "ticks", data: returnData })
  return { liquidityNet, initialized }
}

export const balance = (token: Address, owner: Address): Call =>
  call(token, encodeFunctionData({ abi, functionName: "balanceOf", args: [owner] }))
