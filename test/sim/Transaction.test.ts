import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as fc from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Amount from "../../src/domain/Amount.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Entry from "../../src/domain/Entry.js"
import * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as InstructionBlock from "../../src/domain/InstructionBlock.js"
import * as Leverage from "../../src/domain/Leverage.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import * as EventsMemory from "../../src/events/EventLogger/Memory.js"
import * as ExecutionInterfaceManager from "../../src/manager/ExecutionInterfaceManager.js"
import * as Simulation from "../../src/sim/Simulation.js"
import * as World from "../../src/sim/World.js"
import * as Layers from "../../src/testing/Layers.js"
import * as Aave from "../../src/venues/aave/Simulated.js"
import * as Curve from "../../src/venues/curve/Simulated.js"
import * as EtherFi from "../../src/venues/etherfi/Simulated.js"
import * as Lido from "../../src/venues/lido/Simulated.js"
import * as Morpho from "../../src/venues/morpho/Simulated.js"
import * as Uniswap from "../../src/venues/uniswap/Simulated.js"
import * as Wallet from "../../src/venues/wallet/Simulated.js"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

/** What the data says at the time of the golden entry. */
const data: Layers.Literal = {
  "price.ETH": "3762.62",
  "price.USDC": "1",
  "gas.ethereum.gwei": "6.6",
  "oracle.weETH/ETH": "1.0396831081397173",
  "oracle.wstETH/ETH": "1.1654",
  "dex.weETH/ETH": "1.0391308621",
  "dex.uniswap.WETH/USDT": "3761.5",
  "aave.supply_index.WETH": "1.02",
  "aave.borrow_index.WETH": "1.043435288569761",
  "aave.supply_index.weETH": "1.000158680373465",
  "aave.borrow_index.weETH": "1.0002",
  "aave.supply_index.USDT": "1.0701",
  "aave.borrow_index.USDT": "1.09"
}

const world = (balances: { readonly [asset: string]: string }) =>
  Layers.manager().pipe(
    Layer.provideMerge(Layers.world({
      at,
      data,
      gas: {},
      balances: { "wallet:wallet": balances },
      venues: [
        Wallet.layer(),
        // As its efficiency mode for ether has it.
        Aave.layer({ reserves: { weETH: { ltv: Decimal.unsafe("0.93"), liquidationThreshold: Decimal.unsafe("0.95") } } }),
        Morpho.layer(),
        Lido.layer(),
        EtherFi.layer(),
        Uniswap.layer(),
        Curve.layer()
      ]
    }))
  )

const execute = (block: InstructionBlock.Input) =>
  Effect.flatMap(ExecutionInterfaceManager.ExecutionInterfaceManager, (eim) => eim.execute(at, block))

const worldNow = Effect.flatMap(Simulation.Simulation, ({ world }) => world)

const held = Effect.map(worldNow, (of) =>
  Object.fromEntries(World.holdings(of).map(({ account, amount, asset }) => [`${account} ${asset}`, Amount.format(amount)])))

const golden = Either.getOrThrow(Leverage.entry({
  id: "enter",
  equity: Amount.unsafe("10"),
  ltv: Decimal.unsafe("0.9"),
  flash: "morpho",
  staking: "etherfi",
  token: "weETH",
  lending: "aave"
}))

const call = (
  protocol: string,
  action: string,
  token: string,
  amount: string | { readonly output_of: string },
  more: { readonly [field: string]: string | number } = {}
) => ({
  instruction_type: "smart_contract_action",
  protocol,
  action,
  token,
  amount,
  ...more
})

describe("atomic groups", () => {
  it.effect("the golden leveraged entry: 10 ether at a loan to value of 0.9", () =>
    Effect.gen(function*() {
      const report = yield* execute(golden)
      assert.isUndefined(report.error)
      assert.deepStrictEqual(report.operations.map(({ status }) => status), golden.instructions.map(() => "settled"))
      const { aave, wallet } = ExecutionReport.deltasToJson(report.deltas)
      // The contracts round what is owed up, to the wei.
      assert.strictEqual(aave!["debtWETH"], "90.000000000000000001")
      // 100 / 1.0396831081397173, floored as the contracts do: 96.18315351773664 to the digits of the source.
      assert.strictEqual(aave!["aweETH"]!.slice(0, 16), "96.1831535177366")
      assert.deepStrictEqual(wallet, { ETH: "-10.00825" })
      const gas = report.operations.flatMap(({ costs }) => costs).filter(({ kind }) => kind === "gas")
      assert.deepStrictEqual(gas.map(({ amount }) => Amount.format(amount)), ["0.00825"])
      const details = Object.fromEntries(report.operations.map(({ detail, operationId }) => [operationId, detail]))
      assert.strictEqual(Amount.format(BigInt(String(details["enter.collateral"]!["scaled"]))).slice(0, 16), "96.1678935604711")
      assert.strictEqual(Amount.format(BigInt(String(details["enter.borrow"]!["scaled"]))).slice(0, 16), "86.2535520754365")
      const health = Leverage.healthFactor({
        collateral: Amount.times(Amount.unsafe(aave!["aweETH"]!), Decimal.unsafe("1.0396831081397173"), 1n, "down"),
        debt: Amount.unsafe("90"),
        threshold: Decimal.unsafe("0.95")
      })!
      assert.strictEqual(Decimal.format(health).slice(0, 9), "1.0555555")
    }).pipe(Effect.provide(world({ ETH: "10.1" }))))

  it.effect("are told as one by an event after those of their operations", () =>
    Effect.gen(function*() {
      yield* execute(golden)
      const events = yield* Effect.flatMap(EventsMemory.Recording, ({ events }) => events)
      const types = events.map(({ eventType }) => eventType)
      assert.deepStrictEqual(types.slice(-8), [...golden.instructions.map(() => "operation" as const), "atomic_group", "state_update"])
      const { data } = events.find(({ eventType }) => eventType === "atomic_group")!
      assert.strictEqual(data["atomic_group_id"], "enter")
      assert.strictEqual(data["total_operations"], 6)
      assert.strictEqual(data["group_status"], "settled")
      assert.strictEqual(data["total_gas_fees"], "0.00825")
      assert.strictEqual(data["rollback_triggered"], false)
    }).pipe(Effect.provide(world({ ETH: "10.1" }))))

  it.effect("are executed in the order of sequence_in_group, and reported in that of the block", () =>
    Effect.gen(function*() {
      const grouped = (n: number) => ({ atomic_group_id: "g", sequence_in_group: n, operation_id: `op${n}` })
      const report = yield* execute({
        instructions: [
          call("aave", "supply", "WETH", { output_of: "op1" }, grouped(2)),
          call("wallet", "wrap", "ETH", "3", grouped(1))
        ]
      })
      assert.isUndefined(report.error)
      assert.deepStrictEqual(report.operations.map(({ index, operationId }) => [index, operationId]), [[0, "op2"], [1, "op1"]])
      // The contracts round a claim down, to the wei.
      assert.strictEqual(ExecutionReport.deltasToJson(report.deltas)["aave"]!["aWETH"], "2.999999999999999999")
    }).pipe(Effect.provide(world({ ETH: "10.1" }))))

  it.effect("a flash loan that is not paid back with its fee undoes everything, and says why", () =>
    Effect.gen(function*() {
      const before = yield* held
      const instructions = golden.instructions.map((one) =>
        one.operationId === "enter.repay" ? { ...one, amount: Amount.unsafe("89") } : one)
      const report = yield* execute({ ...golden, instructions })
      assert.strictEqual(report.error?.code, "EIM-010")
      assert.deepStrictEqual(report.operations.map(({ status }) => status).sort(), [
        "rejected", "rolled_back", "rolled_back", "rolled_back", "rolled_back", "rolled_back"
      ])
      assert.deepStrictEqual(report.deltas, {})
      assert.deepStrictEqual(yield* held, before)
      const conflict = yield* Effect.flip(execute(golden))
      assert.strictEqual(conflict.code, "EIM-009", "another content under the same ids")
    }).pipe(Effect.provide(world({ ETH: "10.1" }))))

  it.effect("what was undone may be sent again under its ids, and what was executed is replayed", () =>
    Effect.gen(function*() {
      const eager = yield* execute(golden)
      assert.strictEqual(eager.error?.code, "EIM-010", "half of the equity is missing")
      yield* execute({ ...call("wallet", "unwrap", "WETH", "5"), operation_id: "more" })
      const second = yield* execute(golden)
      assert.isUndefined(second.error)
      const before = yield* held
      const replay = yield* execute(golden)
      assert.isTrue(replay.replayed)
      assert.deepStrictEqual(yield* held, before)
      assert.deepStrictEqual(replay.deltas, {})
    }).pipe(Effect.provide(world({ ETH: "5.1", WETH: "5" }))))

  it.effect("a swap in a group takes what another operation gives out, or everything there is then", () =>
    Effect.gen(function*() {
      for (const [index, [venue, out, whole]] of ([
        ["uniswap", "USDT", false],
        ["uniswap", "USDT", true],
        ["curve", "weETH", false]
      ] as const).entries()) {
        const report = yield* execute({
          block_id: `block${index}`,
          execution_mode: "atomic",
          instructions: [
            call("wallet", "wrap", "ETH", "1", { operation_id: `wrap${index}` }),
            call(venue, "swap", "WETH", whole ? "max" : { output_of: `wrap${index}` }, { token_out: out, slippage_tolerance: "0.01" })
          ]
        })
        assert.isUndefined(report.error)
        assert.isTrue(report.deltas["wallet"]![out]! > 0n)
        assert.isUndefined(report.deltas["wallet"]!["WETH"])
      }
    }).pipe(Effect.provide(world({ ETH: "10" }))))

  it.effect("a flash loan makes a group no cheaper than its parts", () =>
    Effect.gen(function*() {
      const swap = (n: number) => call("uniswap", "swap", "WETH", "0.1", { token_out: "USDT", slippage_tolerance: "0.01", operation_id: `s${n}` })
      const report = yield* execute({
        block_id: "many",
        execution_mode: "atomic",
        instructions: [
          call("morpho", "flash_borrow", "WETH", "0.000001"),
          ...Array.from({ length: 6 }, (_, n) => swap(n)),
          call("morpho", "flash_repay", "WETH", "max")
        ]
      })
      assert.isUndefined(report.error)
      const gas = report.operations.flatMap(({ costs }) => costs).filter(({ kind }) => kind === "gas")
      // Six approvals and six swaps at 6.6 gwei.
      assert.deepStrictEqual(gas.map(({ amount }) => Amount.format(amount)), ["0.011682"])
    }).pipe(Effect.provide(world({ ETH: "10", WETH: "3" }))))

  it.effect("flash loans of one token from two lenders are told apart", () =>
    Effect.gen(function*() {
      const report = yield* execute({
        block_id: "two",
        execution_mode: "atomic",
        instructions: [
          call("morpho", "flash_borrow", "WETH", "1"),
          call("aave", "flash_borrow", "WETH", "1"),
          call("aave", "flash_repay", "WETH", "max"),
          call("morpho", "flash_repay", "WETH", "1")
        ]
      })
      assert.isUndefined(report.error)
      assert.isTrue(report.deltas["wallet"]!["WETH"]! < 0n, "the premium of one of them")
    }).pipe(Effect.provide(world({ ETH: "10", WETH: "3" }))))

  it.effect("an amount stands for the output of an operation that gives that token out, and for nothing else", () =>
    Effect.gen(function*() {
      const before = yield* held
      const report = yield* execute({
        block_id: "b",
        execution_mode: "atomic",
        instructions: [
          call("wallet", "wrap", "ETH", "1", { operation_id: "w" }),
          call("aave", "supply", "USDT", { output_of: "w" }, { operation_id: "s" })
        ]
      })
      assert.strictEqual(report.error?.code, "EIM-010")
      assert.include(report.error?.message ?? "", "w gives out no USDT that is certain beforehand")
      assert.strictEqual(report.error?.path, "instructions[1].amount.output_of")
      assert.deepStrictEqual(yield* held, before)
    }).pipe(Effect.provide(world({ ETH: "10", USDT: "1" }))))

  const steps = [
    call("wallet", "wrap", "ETH", "1.5"),
    call("wallet", "unwrap", "WETH", "0.7"),
    call("aave", "supply", "WETH", "2"),
    call("aave", "withdraw", "WETH", "0.5"),
    call("aave", "supply", "USDT", "100.123456"),
    call("aave", "borrow", "WETH", "0.01"),
    call("aave", "repay", "WETH", "0.004"),
    call("morpho", "supply_collateral", "wstETH", "0.4", { market: "wstETH-WETH-94.5" }),
    call("morpho", "borrow", "WETH", "0.05", { market: "wstETH-WETH-94.5" }),
    call("lido", "stake", "ETH", "0.8"),
    call("lido", "stake", "ETH", "0.3", { token_out: "wstETH" }),
    call("etherfi", "stake", "ETH", "0.9", { token_out: "weETH" }),
    call("etherfi", "unwrap", "weETH", "0.2"),
    call("lido", "wrap", "stETH", "0.1")
  ]

  it("whatever fails in a group, the world is as it was; whatever does not, balances", () => {
    let undone = 0
    let done = 0
    const group = fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 6 })
    return fc.assert(fc.asyncProperty(group, fc.boolean(), (calls, fails) => {
      const last = fails ? [call("aave", "withdraw", "USDT", "123456789")] : []
      return Effect.gen(function*() {
        const before = yield* worldNow
        const report = yield* execute({ block_id: "group", execution_mode: "atomic", instructions: [...calls, ...last] })
        const after = yield* worldNow
        if (report.error === undefined) {
          assert.isFalse(fails)
          done++
          const all = report.operations.flatMap(({ entries }) => entries)
          assert.deepStrictEqual(Entry.imbalance(all), [])
          assert.strictEqual(report.operations.flatMap(({ costs }) => costs).filter(({ kind }) => kind === "gas").length, 1)
          return
        }
        undone++
        assert.deepStrictEqual(report.deltas, {})
        assert.strictEqual(after.balances, before.balances)
        assert.strictEqual(after.states, before.states)
        assert.strictEqual(after.transits, before.transits)
      }).pipe(Effect.provide(world({ ETH: "20", WETH: "3", USDT: "500", wstETH: "2", weETH: "1", stETH: "1" })), Effect.runPromise)
    }), { numRuns: 60 }).then(() => {
      assert.isAbove(done, 5)
      assert.isAbove(undone, 20)
    })
  })
})
