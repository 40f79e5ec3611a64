import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { erc20Abi, maxUint256, parseAbi } from "viem"
import * as Amount from "../../src/domain/Amount.js"
import * as Entry from "../../src/domain/Entry.js"
import type * as Outcome from "../../src/domain/Outcome.js"
import * as Anvil from "./Anvil.js"
import * as Fixture from "./Fixture.js"

const { instruction, operate, units } = Fixture
const usdt = (whole: string) => Amount.unsafe(whole)
const inUsdt = (amount: bigint) => Amount.fromUnits(amount, 6)
const year = 31_536_000

const settled = (outcome: Outcome.Success): Outcome.Receipt => {
  assert.strictEqual(outcome._tag, "Settled")
  assert.deepStrictEqual(Entry.imbalance(outcome.receipt.entries), [])
  return outcome.receipt
}

const hashes = (receipt: Outcome.Receipt) =>
  (receipt.detail["transactions"] as ReadonlyArray<{ readonly purpose: string; readonly gas_used: string; readonly block: string }>)

describe("aave on its own bytecode", () => {
  it.scopedLive("supply, a year, withdraw max: every delta is the balance's difference, to the unit", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      const zero = yield* Fixture.balances(chain)

      const supply = settled(yield* operate(program, instruction("supply", usdt("10000"))))
      const one = yield* Fixture.balances(chain)
      const supplied = Fixture.sums(supply.entries)
      assert.strictEqual(supplied["wallet:wallet USDT"], inUsdt(one.usdt - zero.usdt))
      assert.strictEqual(supplied["wallet:wallet USDT"], usdt("-10000"))
      assert.strictEqual(supplied["aave:position aUSDT"], inUsdt(one.aUsdt - zero.aUsdt))
      assert.strictEqual(supplied["wallet:wallet ETH"], one.eth - zero.eth)
      assert.strictEqual(supply.costs.reduce((sum, { amount }) => sum + amount, 0n), zero.eth - one.eth)
      assert.deepStrictEqual(hashes(supply).map(({ purpose }) => purpose), ["approve", "supply"])

      yield* Fixture.pass(chain, year)
      const grown = yield* Fixture.balances(chain)
      const interest = yield* program.venue.accruals(0)
      assert.strictEqual(interest.length, 1)
      assert.strictEqual(interest[0]!.kind, "interest")
      assert.deepStrictEqual(Entry.imbalance(interest[0]!.entries), [])
      assert.strictEqual(Fixture.sums(interest[0]!.entries)["aave:position aUSDT"], inUsdt(grown.aUsdt - one.aUsdt))
      assert.isTrue(grown.aUsdt - one.aUsdt > 100n * units, "a year at 70 % utilisation earns more than 1 %")
      assert.deepStrictEqual(yield* program.venue.accruals(0), [], "what was handed out is not handed out again")

      const withdraw = settled(yield* operate(program, instruction("withdraw", "max")))
      const two = yield* Fixture.balances(chain)
      const withdrawn = Fixture.sums(withdraw.entries)
      assert.strictEqual(two.aUsdt, 0n)
      assert.strictEqual(withdrawn["aave:position aUSDT"], inUsdt(two.aUsdt - grown.aUsdt))
      assert.strictEqual(withdrawn["wallet:wallet USDT"], inUsdt(two.usdt - grown.usdt))
      assert.strictEqual(withdrawn["wallet:wallet ETH"], two.eth - grown.eth)
      assert.strictEqual(withdraw.costs.length, 1)
      assert.strictEqual(two.nonce - zero.nonce, 3)
      const all = [...supply.entries, ...interest[0]!.entries, ...withdraw.entries]
      assert.strictEqual(Fixture.sums(all)["aave:position aUSDT"], undefined, "nothing is left, and nothing was lost")
    }), 60_000)

  it.scopedLive("two supplies with interest between them: interest and operation are told apart", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      settled(yield* operate(program, instruction("supply", usdt("1234.567891"))))
      const before = yield* Fixture.balances(chain)
      yield* Fixture.pass(chain, 30 * 86_400)
      // Accruals are not asked for: what is due then stands in the receipt, as interest.
      const second = settled(yield* operate(program, instruction("supply", usdt("500"))))
      const after = yield* Fixture.balances(chain)
      const claims = second.entries.filter(({ account }) => account === "aave:position")
      assert.deepStrictEqual(claims.map(({ reason }) => reason), ["interest", "supply"])
      assert.strictEqual(claims[0]!.amount + claims[1]!.amount, inUsdt(after.aUsdt - before.aUsdt))
      assert.isTrue(claims[0]!.amount > usdt("1"), "a month's interest")
      assert.isTrue(Amount.abs(claims[1]!.amount - usdt("500")) <= usdt("0.000001"), "500 but for the contract's rounding")
      assert.deepStrictEqual(yield* program.venue.accruals(0), [])
      const { holdings } = yield* program.venue.portfolio(0)
      assert.deepStrictEqual(holdings, [{ account: "aave:position", asset: "aUSDT", amount: inUsdt(after.aUsdt) }])
    }), 60_000)

  it.scopedLive("a withdrawal of less than the interest since the last action", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      settled(yield* operate(program, instruction("supply", usdt("10000"))))
      const before = yield* Fixture.balances(chain)
      yield* Fixture.pass(chain, year)
      const receipt = settled(yield* operate(program, instruction("withdraw", usdt("1"))))
      const after = yield* Fixture.balances(chain)
      assert.strictEqual(Fixture.sums(receipt.entries)["wallet:wallet USDT"], usdt("1"))
      assert.strictEqual(Fixture.sums(receipt.entries)["aave:position aUSDT"], inUsdt(after.aUsdt - before.aUsdt))
      assert.isTrue(after.aUsdt > before.aUsdt)
    }), 60_000)

  it.scopedLive("more than there is, is refused in the protocol's words before anything is sent", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      settled(yield* operate(program, instruction("supply", usdt("100"))))
      const before = yield* Fixture.balances(chain)
      const sent = yield* Fixture.broadcasts(chain)
      const error = yield* Effect.flip(operate(program, instruction("withdraw", usdt("101"))))
      assert.strictEqual(error._tag, "NotSent")
      assert.strictEqual(error.message, "aave would refuse the withdraw: NotEnoughAvailableUserBalance")
      assert.deepInclude(error, { reason: "insufficient_balance", retry: "never" })
      const supply = yield* Effect.flip(operate(program, instruction("supply", usdt("1000000"))))
      assert.deepInclude(supply, { _tag: "NotSent", reason: "insufficient_balance", expected: "at most 999900 USDT" })
      assert.deepStrictEqual(yield* Fixture.balances(chain), before)
      assert.strictEqual(yield* Fixture.broadcasts(chain), sent)
    }), 60_000)

  it.scopedLive("the allowance: exact leaves none, a leftover is reset first, unlimited is asked for once", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const { hand, trader, world } = chain
      const allowance = Effect.promise(() =>
        hand.readContract({ address: world.usdt, abi: erc20Abi, functionName: "allowance", args: [trader, world.pool] }))
      const program = yield* Fixture.program(chain)
      settled(yield* operate(program, instruction("supply", usdt("10"))))
      assert.strictEqual(yield* allowance, 0n)

      const approve = (amount: bigint) =>
        Effect.promise(async () => {
          const hash = await hand.writeContract({
            address: world.usdt,
            abi: parseAbi(["function approve(address, uint256)"]),
            functionName: "approve",
            args: [world.pool, amount]
          })
          await Anvil.mined(hand, hash)
        })
      yield* approve(3n * units)
      const reset = settled(yield* operate(program, instruction("supply", usdt("10"))))
      assert.deepStrictEqual(hashes(reset).map(({ purpose }) => purpose), ["reset", "approve", "supply"])
      assert.strictEqual(reset.costs.length, 3)
      assert.strictEqual(yield* allowance, 0n)

      const generous = yield* Fixture.program(chain, { evm: { approval: "unlimited" } })
      const first = settled(yield* operate(generous, instruction("supply", usdt("10"))))
      assert.deepStrictEqual(hashes(first).map(({ purpose }) => purpose), ["approve", "supply"])
      assert.isTrue((yield* allowance) > maxUint256 / 2n)
      const second = settled(yield* operate(generous, instruction("supply", usdt("10"))))
      assert.deepStrictEqual(hashes(second).map(({ purpose }) => purpose), ["supply"])
      for (const { gas_used } of [...hashes(reset), ...hashes(first), ...hashes(second)]) assert.isTrue(BigInt(gas_used) > 20_000n)
    }), 60_000)

  it.scopedLive("a supply of max is the whole wallet; decimals that the token lacks are cut; unknown tokens are refused", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      const cut = settled(yield* operate(program, instruction("supply", usdt("1.0000009"))))
      assert.strictEqual(Fixture.sums(cut.entries)["wallet:wallet USDT"], usdt("-1"))
      const all = settled(yield* operate(program, instruction("supply", "max")))
      assert.strictEqual(Fixture.sums(all.entries)["wallet:wallet USDT"], usdt("-999999"))
      assert.strictEqual((yield* Fixture.balances(chain)).usdt, 0n)
      const none = yield* Effect.flip(operate(program, instruction("supply", "max")))
      assert.deepInclude(none, { _tag: "NotSent", reason: "insufficient_balance", field: "amount" })
      const ether = yield* Effect.flip(operate(program, instruction("supply", usdt("1"), "ETH")))
      assert.deepInclude(ether, { _tag: "NotSent", reason: "unsupported", expected: "WETH" })
      const dust = yield* Effect.flip(operate(program, instruction("withdraw", 1n)))
      assert.deepInclude(dust, { _tag: "NotSent", reason: "invalid", expected: "at least 0.000001 USDT" })
    }), 60_000)

  it.scopedLive("aTokens that others send are a credit, not interest", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      settled(yield* operate(program, instruction("supply", usdt("1000"))))
      const before = yield* Fixture.balances(chain)
      yield* Effect.promise(async () => {
        const hash = await chain.admin.writeContract({
          address: chain.world.aUsdt,
          abi: erc20Abi,
          functionName: "transfer",
          args: [chain.trader, 250n * units]
        })
        await Anvil.mined(chain.admin, hash)
      })
      yield* Fixture.pass(chain, 86_400)
      const after = yield* Fixture.balances(chain)
      const accruals = yield* program.venue.accruals(0)
      assert.deepStrictEqual(accruals.map(({ kind }) => kind), ["interest", "credit"])
      const lines = accruals.flatMap(({ entries }) => entries)
      assert.strictEqual(Fixture.sums(lines)["aave:position aUSDT"], inUsdt(after.aUsdt - before.aUsdt))
      const credit = Fixture.sums(accruals[1]!.entries)["aave:position aUSDT"]!
      // The gift itself grew for a day at some 4 % a year.
      assert.isTrue(credit >= usdt("249.999999") && credit < usdt("250.1"), Amount.format(credit))
    }), 60_000)
})
