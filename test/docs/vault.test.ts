import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer } from "effect"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import { ExecutionInterfaceManager } from "execution-interface-manager/manager/ExecutionInterfaceManager"
import * as Backtest from "execution-interface-manager/modes/Backtest"
import * as Simulation from "execution-interface-manager/sim/Simulation"
import * as World from "execution-interface-manager/sim/World"
import { vault } from "../../docs/examples/vault.js"

const begin = Timestamp.unsafe("2024-06-01T00:00:00Z")

const gwei = [{ name: "gas.ethereum.gwei", observations: [{ at: begin, value: Decimal.unsafe("10") }] }]

const program = (usdt: string) =>
  Backtest.layer({ at: begin, balances: { wallet: { USDT: Amount.unsafe(usdt), ETH: Amount.unsafe("1") } }, venues: { vault } }).pipe(
    Layer.provide(Memory.layer(gwei, { maxAge: { gas: Infinity } }))
  )

const ask = (action: string, amount: string, more: Record<string, unknown> = {}) => ({
  instruction_type: "smart_contract_action",
  protocol: "vault",
  action,
  token: "USDT",
  amount,
  ...more
})

/** Every asset over all accounts, contra accounts included. */
const total = (world: World.World): ReadonlyMap<string, bigint> => {
  const sums = new Map<string, bigint>()
  for (const { amount, asset } of World.holdings(world)) sums.set(asset, (sums.get(asset) ?? 0n) + amount)
  return sums
}

describe("the vault of the guide", () => {
  it.effect.prop(
    "keeps every asset's sum at zero, whatever is asked of it, and leaves the world as it was where it refuses",
    [fc.array(fc.record({
      action: fc.constantFrom("supply", "withdraw"),
      amount: fc.oneof(fc.constant("max"), fc.bigInt({ min: 1n, max: 2_000_000_000n }).map((units) => Amount.format(units * 10n ** 12n))),
      wait: fc.integer({ min: 0, max: 5 * Timestamp.day })
    }), { maxLength: 12 })],
    ([steps]) =>
      Effect.gen(function*() {
        const eim = yield* ExecutionInterfaceManager
        const simulation = yield* Simulation.Simulation
        let at = begin
        for (const { action, amount, wait } of steps) {
          at += wait
          yield* eim.updateState(at, "execution_manager")
          const before = yield* simulation.world
          const report = yield* eim.execute(at, ask(action, amount))
          const after = yield* simulation.world
          for (const operation of report.operations) assert.deepStrictEqual(Entry.imbalance(operation.entries), [])
          for (const sum of total(after).values()) assert.strictEqual(sum, 0n)
          for (const { account, amount } of World.holdings(after)) {
            if (account.startsWith("vault:") || account.startsWith("wallet:")) assert.isTrue(amount > 0n)
          }
          if (report.error !== undefined) assert.deepStrictEqual(after, before)
        }
      }).pipe(Effect.provide(program("1000"))),
    { fastCheck: { seed: 20240601, numRuns: 60 } }
  )

  it.effect("pays interest by the day, and pays out a day later, less the fee", () =>
    Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const supplied = yield* eim.routeInstruction(begin, ask("supply", "1000"))
      assert.deepStrictEqual(Deltas.get(supplied, "vault", "USDT"), Amount.unsafe("1000"))
      const due = yield* eim.execute(begin + 10 * Timestamp.day, undefined)
      assert.deepStrictEqual(due.accruals.map(({ kind }) => kind), Array.from({ length: 10 }, () => "interest"))
      // 1000 USDT at 5 % a year of 365 days: 0.136986 on the first day, and interest on interest after it.
      let held = 1_000_000_000n
      for (let day = 0; day < 10; day++) held += (held * 5n) / 36_500n
      assert.strictEqual(Deltas.get(due.deltas, "vault", "USDT"), Amount.fromUnits(held - 1_000_000_000n, 6))

      const leaving = yield* eim.execute(begin + 10 * Timestamp.day, ask("withdraw", "max", { operation_id: "out" }))
      assert.strictEqual(leaving.operations[0]?.status, "pending")
      assert.strictEqual((yield* eim.resolve("out", begin + 10 * Timestamp.day)).status, "pending")
      const fee = (held + 999n) / 1000n
      const arrived = yield* eim.execute(begin + 11 * Timestamp.day, undefined)
      assert.deepStrictEqual(arrived.accruals.map(({ kind }) => kind), ["credit"])
      assert.strictEqual(Deltas.get(arrived.deltas, "wallet", "USDT"), Amount.fromUnits(held - fee, 6))
      assert.strictEqual((yield* eim.resolve("out", begin + 11 * Timestamp.day)).status, "settled")
    }).pipe(Effect.provide(program("1000"))))

  it.effect("refuses what it does not do, naming the field", () =>
    Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager
      const cases = [
        [ask("supply", "1", { token: "USDC" }), "EIM-001", "instructions[0].token"],
        [ask("supply", "0.0000001"), "EIM-001", "instructions[0].amount"],
        [ask("supply", "1001"), "EIM-006", "instructions[0].amount"],
        [ask("withdraw", "max"), "EIM-006", "instructions[0].amount"]
      ] as const
      for (const [block, code, path] of cases) {
        const { error } = yield* eim.execute(begin, block)
        assert.deepStrictEqual([error?.code, error?.path], [code, path])
      }
    }).pipe(Effect.provide(program("1000"))))
})
