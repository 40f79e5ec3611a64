/**
 * What transactions take on a real EVM, held against the units that the simulation charges for each kind.
 *
 * Tokens are mocks without the proxies of many real ones. Lido and ether.fi are doubles of their contracts: what they take
 * is less than the contracts behind their proxies and limits do.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { encodeFunctionData, maxUint256, parseAbi } from "viem"
import type { Abi, Address, Hex } from "viem"
import * as Amount from "../../src/domain/Amount.js"
import * as Gas from "../../src/sim/Gas.js"
import * as Market from "../../src/venues/morpho/Market.js"
import * as TickMath from "../../src/venues/uniswap/TickMath.js"
import * as AaveSim from "./AaveSim.js"
import * as AaveWorld from "./AaveWorld.js"
import * as Anvil from "./Anvil.js"
import * as CurveDeploy from "./CurveDeploy.js"
import * as LstDeploy from "./LstDeploy.js"
import * as MorphoChain from "./MorphoChain.js"
import * as MorphoDeploy from "./MorphoDeploy.js"
import * as Uniswap from "./UniswapDeploy.js"

/** The flat estimates of groups: a carrier's contract is not among those that the chain tests have. */
const estimated: ReadonlySet<Gas.Operation> = new Set<Gas.Operation>(["atomic_entry", "atomic_exit_one_swap", "atomic_exit_two_swaps"])

/** The default of a withdrawal is that of one without a debt: beside one the pool looks at every reserve and its price. */
const indebted = { what: "aave, a part, indebted", most: 260_000n }

interface Measured {
  readonly kind: Gas.Operation
  readonly what: string
  readonly gas: bigint
}

const measured: Array<Measured> = []

const note = (kind: Gas.Operation, what: string, gas: bigint): void => {
  measured.push({ kind, what, gas })
}

const tokenAbi = parseAbi([
  "function transfer(address to, uint256 value) returns (bool)",
  "function approve(address spender, uint256 value) returns (bool)",
  "function deposit() payable",
  "function withdraw(uint256 value)"
])

/** A transaction that has to succeed, and the gas it took. */
const used = async (client: Anvil.TestClient, to: Address, data: Hex, value = 0n): Promise<bigint> => {
  const hash = await client.sendTransaction({ account: client.account.address, chain: null, to, data, value, gas: 3_000_000n })
  return (await Anvil.mined(client, hash)).gasUsed
}

const token = (client: Anvil.TestClient, to: Address, functionName: "transfer" | "approve", whom: Address, value: bigint): Promise<bigint> =>
  used(client, to, encodeFunctionData({ abi: tokenAbi, functionName, args: [whom, value] }))

const nobody: Address = "0x00000000000000000000000000000000000000aa"

const weth9 = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("canonical-weth/build/contracts/WETH9.json"), "utf8")) as {
  readonly abi: Abi
  readonly bytecode: Hex
}

const chain = Effect.map(Anvil.start(), ({ url }) => [0, 1, 2].map((index) => Anvil.client(url, index)) as [Anvil.TestClient, Anvil.TestClient, Anvil.TestClient])

describe("gas of a kind of transaction is not understated", () => {
  it.scopedLive("wallet: WETH9, ERC-20 and ether", () =>
    Effect.gen(function*() {
      const [, trader] = yield* chain
      yield* Effect.promise(async () => {
        const weth = (await Anvil.mined(trader, await trader.deployContract({ abi: weth9.abi, bytecode: weth9.bytecode, args: [] }))).contractAddress!
        const deposit = encodeFunctionData({ abi: tokenAbi, functionName: "deposit" })
        const withdraw = (value: bigint) => encodeFunctionData({ abi: tokenAbi, functionName: "withdraw", args: [value] })
        note("wrap", "WETH9, the first deposit", await used(trader, weth, deposit, 10n * Amount.unit))
        note("wrap", "WETH9, another deposit", await used(trader, weth, deposit, Amount.unit))
        note("unwrap", "WETH9, a part", await used(trader, weth, withdraw(Amount.unit)))
        note("approval", "WETH9", await token(trader, weth, "approve", nobody, maxUint256))
        note("transfer", "WETH9, to who had none", await token(trader, weth, "transfer", nobody, Amount.unit))
        note("transfer", "ether", await used(trader, "0x00000000000000000000000000000000000000ab", "0x", Amount.unit))
        note("unwrap", "WETH9, all", await used(trader, weth, withdraw(9n * Amount.unit)))
      })
    }), 30_000)

  it.scopedLive("aave v3.0.2, indebted in an efficiency mode and with a second collateral", () =>
    Effect.gen(function*() {
      const [admin, trader, liquidator] = yield* chain
      const world = yield* Effect.promise(() => AaveSim.deploy(admin, trader, liquidator))
      const user = trader.account.address
      const run = AaveWorld.chain(admin, world)
      const of = (symbol: string) => world.reserves.get(symbol)!.token
      let at = yield* Effect.promise(async () => (await admin.getBlock()).timestamp)
      const send = (kind: Gas.Operation, what: string, call: AaveWorld.Call) =>
        Effect.promise(async () => {
          at += 3_600n
          const [called] = await run.calls(trader, at, [call])
          assert.isUndefined(called!.refusal, what)
          note(kind, what, called!.gasUsed)
        })
      const lend = (action: "supply" | "withdraw" | "borrow" | "repay", what: string, symbol: string, amount: bigint | "max") =>
        send(action, what, AaveWorld.call(world, user, action, of(symbol), amount))
      yield* lend("supply", "aave, the first of a token", "weETH", 10n * Amount.unit)
      yield* lend("supply", "aave, more of a token", "weETH", 10n * Amount.unit)
      yield* send("set_emode", "aave, without debt", { to: world.pool, functionName: "setUserEMode", args: [1] })
      yield* lend("supply", "aave, a second collateral", "WBTC", 10n ** 8n)
      yield* send("set_collateral", "aave, off", { to: world.pool, functionName: "setUserUseReserveAsCollateral", args: [of("WBTC"), false] })
      yield* send("set_collateral", "aave, on", { to: world.pool, functionName: "setUserUseReserveAsCollateral", args: [of("WBTC"), true] })
      yield* lend("borrow", "aave, the first of a token", "WETH", 5n * Amount.unit)
      yield* lend("borrow", "aave, more of a token", "WETH", Amount.unit)
      yield* send("set_emode", "aave, indebted", { to: world.pool, functionName: "setUserEMode", args: [0] })
      yield* send("set_emode", "aave, indebted, back", { to: world.pool, functionName: "setUserEMode", args: [1] })
      yield* send("set_collateral", "aave, off, indebted", { to: world.pool, functionName: "setUserUseReserveAsCollateral", args: [of("WBTC"), false] })
      yield* lend("withdraw", "aave, a part, indebted", "weETH", Amount.unit)
      yield* lend("repay", "aave, a part", "WETH", Amount.unit)
      yield* lend("repay", "aave, all", "WETH", "max")
      yield* lend("withdraw", "aave, all", "weETH", "max")
      note("approval", "ERC-20 of the mocks", yield* Effect.promise(() => token(trader, of("weETH"), "approve", nobody, maxUint256)))
      note("transfer", "ERC-20 of the mocks, to who had none", yield* Effect.promise(() => token(trader, of("weETH"), "transfer", nobody, Amount.unit)))
    }), 60_000)

  it.scopedLive("morpho blue, in its release build", () =>
    Effect.gen(function*() {
      const [admin, trader] = yield* chain
      const users = [admin, trader]
      const world = yield* MorphoDeploy.world(admin, {
        irm: "adaptive_curve",
        lltv: 945n * 10n ** 15n,
        fee: 15n * 10n ** 16n,
        price: Market.oraclePriceScale,
        users
      })
      const run = MorphoChain.make(admin, users, world, true)
      const { abi } = MorphoDeploy.artifacts.morpho()
      const call = (user: 0 | 1, kind: Gas.Operation, functionName: string, assets: bigint, shares = 0n) =>
        Effect.promise(async () => {
          const self = users[user]!.account.address
          const quantity = functionName.endsWith("Collateral") ? [assets] : [assets, shares]
          const last = functionName === "borrow" || functionName.startsWith("withdraw") ? self : "0x"
          const { gasUsed, refusal } = await run.call(user, 3_600, world.morpho, abi, functionName, [world.params, ...quantity, self, last])
          assert.isUndefined(refusal, functionName)
          note(kind, `morpho, ${functionName}${shares > 0n ? ", all" : ""}`, gasUsed)
        })
      yield* call(0, "supply", "supply", 1_000n * Amount.unit)
      yield* call(1, "supply", "supply", 100n * Amount.unit)
      yield* call(1, "supply_collateral", "supplyCollateral", 100n * Amount.unit)
      yield* call(1, "borrow", "borrow", 50n * Amount.unit)
      yield* call(1, "withdraw_collateral", "withdrawCollateral", 10n * Amount.unit)
      yield* call(1, "repay", "repay", 10n * Amount.unit)
      yield* call(1, "withdraw", "withdraw", 10n * Amount.unit)
      const { positions } = yield* Effect.promise(run.read)
      yield* call(1, "repay", "repay", 0n, positions[1]!.borrowShares)
      yield* call(1, "withdraw", "withdraw", 0n, positions[1]!.supplyShares)
      yield* call(1, "withdraw_collateral", "withdrawCollateral", 90n * Amount.unit)
    }), 60_000)

  it.scopedLive("uniswap v3: swaps within a tick and across one or two, into a wallet that has none of the token", () =>
    Effect.gen(function*() {
      const [admin, trader] = yield* chain
      const self = trader.account.address
      const world = yield* Uniswap.world(admin, [18, 18], [self])
      const fee = 500
      yield* Effect.promise(async () => {
        const liquidity = [[-887_270, 887_270], [-10, 10], [-20, 20]].map(([lower, upper]) =>
          Uniswap.mint(world, fee, admin.account.address, { lower: lower!, upper: upper!, amount: 1_000n * Amount.unit }))
        for (const { callData, target } of [Uniswap.create(world, fee, 1n << 96n), ...liquidity]) {
          await Anvil.mined(admin, await admin.sendTransaction({ account: admin.account.address, chain: null, to: target, data: callData, gas: 10_000_000n }))
        }
        await token(trader, world.token0, "approve", world.router, maxUint256)
        await token(trader, world.token1, "transfer", nobody, Uniswap.supply)
        for (const [ticks, reach] of [[0, -5], [1, -15], [2, -25]] as const) {
          const before = await trader.snapshot()
          const order = { zeroForOne: true, exactIn: true, amount: 10_000n * Amount.unit, bound: 0n, limit: TickMath.getSqrtRatioAtTick(reach) }
          const { callData, target } = Uniswap.swap(world, fee, self, order)
          note("swap", `uniswap v3, ${ticks} ticks crossed`, await used(trader, target, callData))
          const [slot0, inRange] = await Uniswap.calls(trader, world, Uniswap.looks(Uniswap.poolOf(world, fee)))
          assert.strictEqual(Uniswap.standing(slot0!, inRange!).tick, reach)
          await trader.revert({ id: before })
        }
      })
    }), 60_000)

  it.scopedLive("curve: an exchange of StableSwap with four coins, into a wallet that has none of the token", () =>
    Effect.gen(function*() {
      const [admin] = yield* chain
      const tokens = yield* CurveDeploy.tokens(admin)
      const balances = CurveDeploy.decimals.map((places) => 10n ** BigInt(places + 6))
      const pool = yield* CurveDeploy.pool(tokens, { a: 256n, fee: 4_000_000n, adminFee: 5_000_000_000n, balances })
      const emptied = pool.coins[2]!
      yield* Effect.promise(async () => {
        const held = (await LstDeploy.read(admin, [[{ address: emptied, abi: AaveWorld.abi }, "balanceOf", admin.account.address]]))[0] as bigint
        await token(admin, emptied, "transfer", nobody, held)
      })
      const { gasUsed, status } = yield* CurveDeploy.exchange(pool, 0, 2, 100_000n * Amount.unit, 0n)
      assert.strictEqual(status, "success")
      note("swap", "curve, four coins", gasUsed)
    }), 60_000)

  it.scopedLive("lido, doubles of its contracts", () =>
    Effect.gen(function*() {
      const [, trader] = yield* chain
      const { queue, token: staked, wrapped } = yield* LstDeploy.lido(trader, 1_163_400n * Amount.unit, 10n ** 24n)
      const self = trader.account.address
      yield* Effect.promise(async () => {
        const take = async (kind: Gas.Operation, what: string, contract: LstDeploy.Deployed, functionName: string, args: ReadonlyArray<unknown>, value = 0n) => {
          const { gasUsed, status } = await LstDeploy.send(trader, contract, functionName, args, value)
          assert.strictEqual(status, "success", what)
          note(kind, `double of lido, ${what}`, gasUsed)
        }
        await take("stake", "the first stETH", staked, "submit", [self], 100n * Amount.unit)
        await take("approval", "stETH", staked, "approve", [nobody, maxUint256])
        await take("wrap_lst", "the first wstETH", wrapped, "wrap", [10n * Amount.unit])
        await take("wrap_lst", "more wstETH", wrapped, "wrap", [10n * Amount.unit])
        await take("unwrap_lst", "a part", wrapped, "unwrap", [Amount.unit])
        await take("unstake", "of stETH", queue, "requestWithdrawals", [[Amount.unit], self])
        await take("unstake", "of wstETH", queue, "requestWithdrawalsWstETH", [[Amount.unit], self])
        await LstDeploy.send(trader, queue, "finalize", [2n, 11_634n * 10n ** 23n], 3n * Amount.unit)
        await take("claim", "one ticket", queue, "claimWithdrawals", [[1n], [1n]])
      })
      const other = yield* LstDeploy.lido(trader, 1_163_400n * Amount.unit, 10n ** 24n)
      const { gasUsed, status } = yield* Effect.promise(() => LstDeploy.pay(trader, other.wrapped, 10n * Amount.unit))
      assert.strictEqual(status, "success")
      note("stake_wrapped", "double of lido, the first wstETH", gasUsed)
    }), 60_000)

  it.scopedLive("ether.fi, doubles of its contracts", () =>
    Effect.gen(function*() {
      const [, trader] = yield* chain
      const self = trader.account.address
      const deploy = LstDeploy.etherfi(trader, 1_039_683n * Amount.unit, 10n ** 24n, 30n)
      const { pool, queue, redemption, token: staked, wrapped } = yield* deploy
      const fresh = yield* deploy
      yield* Effect.promise(async () => {
        const take = async (kind: Gas.Operation, what: string, contract: LstDeploy.Deployed, functionName: string, args: ReadonlyArray<unknown>, value = 0n) => {
          const { gasUsed, status } = await LstDeploy.send(trader, contract, functionName, args, value)
          assert.strictEqual(status, "success", what)
          note(kind, `double of ether.fi, ${what}`, gasUsed)
        }
        await take("stake_wrapped", "the first weETH", fresh.adapter, "depositETHForWeETH", [self], 10n * Amount.unit)
        await take("stake", "the first eETH", pool, "deposit", [], 100n * Amount.unit)
        await take("approval", "eETH", staked, "approve", [nobody, maxUint256])
        await take("wrap_lst", "the first weETH", wrapped, "wrap", [20n * Amount.unit])
        await take("wrap_lst", "more weETH", wrapped, "wrap", [10n * Amount.unit])
        await take("unwrap_lst", "a part", wrapped, "unwrap", [Amount.unit])
        await take("unstake", "of eETH", pool, "requestWithdraw", [self, Amount.unit])
        await take("unstake", "of eETH at once", redemption, "redeemEEth", [Amount.unit, self])
        await take("unstake", "of weETH at once", redemption, "redeemWeEth", [Amount.unit, self])
        await LstDeploy.send(trader, queue, "finalizeRequests", [1n])
        await take("claim", "one ticket", queue, "claimWithdraw", [1n])
      })
    }), 60_000)

  it("every kind but the estimates of groups was measured, and none takes more than is charged, doubles a fifth less", () => {
    const lines = Gas.operations.flatMap((kind) => {
      const of = measured.filter((one) => one.kind === kind)
      if (of.length === 0) return []
      const charged = Gas.defaultUnits[kind]
      const most = of.reduce((a, b) => (a.gas > b.gas ? a : b))
      return [
        `${kind}: ${charged} charged, ${(charged / Number(most.gas)).toFixed(2)} times the most`,
        ...of.map(({ gas, what }) => `  ${gas} ${what}`)
      ]
    })
    console.info(lines.join("\n"))
    assert.deepStrictEqual(Gas.operations.filter((kind) => measured.every((one) => one.kind !== kind)), [...estimated])
    const short = measured.filter(({ gas, kind, what }) => {
      const charged = BigInt(Gas.defaultUnits[kind])
      if (what === indebted.what) return gas > indebted.most
      return what.startsWith("double") && kind !== "approval" ? gas * 5n > charged * 4n : gas > charged
    })
    assert.deepStrictEqual(short.map(({ gas, kind, what }) => `${what} takes ${gas}, and ${kind} is ${Gas.defaultUnits[kind]}`), [])
  })
})
