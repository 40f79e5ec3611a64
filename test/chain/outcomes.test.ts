import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { parseAbi, parseEther } from "viem"
import * as Amount from "../../src/domain/Amount.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import type * as Outcome from "../../src/domain/Outcome.js"
import * as Venue from "../../src/venue/Venue.js"
import * as Anvil from "./Anvil.js"
import * as Fixture from "./Fixture.js"
import * as Proxy from "./Proxy.js"

const { costs, instruction, operate, units, unknown } = Fixture
const usdt = (whole: string) => Amount.unsafe(whole)
const send = "eth_sendRawTransaction"

const supplied = (chain: Fixture.Chain, before: Fixture.Balances, whole: bigint) =>
  Effect.map(Fixture.balances(chain), (after) => {
    assert.strictEqual(before.usdt - after.usdt, whole * units)
    return after
  })

const settled = (outcome: Outcome.Success): Outcome.Receipt => {
  assert.strictEqual(outcome._tag, "Settled")
  return outcome.receipt
}

/** A trader whose allowance stands, so that a supply is one transaction. */
const allowed = Effect.gen(function*() {
  const chain = yield* Fixture.chain()
  const program = yield* Fixture.program(chain, { evm: { approval: "unlimited" } })
  settled(yield* operate(program, instruction("supply", usdt("100"))))
  return { chain, program, before: yield* Fixture.balances(chain) }
})

const intentOf = (operationId: string, asked: Instruction.SmartContractAction) => ({ operationId, at: 0, instruction: asked })

/** The owner of the protocol freezes a reserve: supplies are refused from then on. */
const freeze = (chain: Fixture.Chain) =>
  Effect.promise(async () => {
    const { admin, world } = chain
    const configurator = await admin.readContract({
      address: world.addressesProvider,
      abi: parseAbi(["function getPoolConfigurator() view returns (address)"]),
      functionName: "getPoolConfigurator"
    })
    const hash = await admin.writeContract({
      address: configurator,
      abi: parseAbi(["function setReserveFreeze(address asset, bool freeze)"]),
      functionName: "setReserveFreeze",
      args: [world.usdt, true]
    })
    await Anvil.mined(admin, hash)
  })

describe("what becomes of a transaction", () => {
  it.scopedLive("cut after the broadcast: unknown, then one transaction, however often it is resolved", () =>
    Effect.gen(function*() {
      const { before, chain, program } = yield* allowed
      yield* chain.proxy.rule((method) => (method === send ? "cut_after" : "pass"))
      const failure = unknown(yield* Effect.flip(operate(program, instruction("supply", usdt("1000")))))
      assert.strictEqual((yield* Fixture.balances(chain)).nonce, before.nonce + 1, "the chain has it all the same")

      yield* chain.proxy.rule(() => "pass")
      const sends = yield* Fixture.broadcasts(chain)
      const first = settled(yield* program.action.resolve(failure.handle))
      const after = yield* supplied(chain, before, 1_000n)
      assert.strictEqual(after.nonce, before.nonce + 1)
      assert.strictEqual(Fixture.sums(first.entries)["wallet:wallet ETH"], after.eth - before.eth)
      assert.strictEqual(Fixture.sums(first.entries)["aave:position aUSDT"], Amount.fromUnits(after.aUsdt - before.aUsdt, 6))
      assert.deepStrictEqual(settled(yield* program.action.resolve(failure.handle)), first)
      assert.strictEqual(yield* Fixture.broadcasts(chain), sends, "what is mined is not sent again")
      assert.deepStrictEqual(yield* Fixture.balances(chain), after)
      assert.deepStrictEqual(yield* program.venue.accruals(0), [], "booked once")
    }), 60_000)

  for (const fate of ["cut_before", "hang", 502] as const) {
    it.scopedLive(`the node never got it (${fate}): unknown, nothing else is sent meanwhile, and resolving sends it once`, () =>
      Effect.gen(function*() {
        const chain = yield* Fixture.chain()
        const program = yield* Fixture.program(chain, { evm: { approval: "unlimited" }, rpcTimeout: "500 millis" })
        settled(yield* operate(program, instruction("supply", usdt("100"))))
        const before = yield* Fixture.balances(chain)
        yield* chain.proxy.rule((method) => (method === send ? fate : "pass"))
        const failure = unknown(yield* Effect.flip(operate(program, instruction("supply", usdt("1000")))))
        assert.deepStrictEqual(yield* Fixture.balances(chain), before)

        const other = yield* Effect.flip(operate(program, instruction("supply", usdt("5"))))
        assert.deepInclude(other, { _tag: "NotSent", reason: "unavailable", retry: "after" })
        const still = unknown(yield* Effect.flip(program.action.resolve(failure.handle)))
        assert.deepStrictEqual(still.handle, failure.handle)

        yield* chain.proxy.rule(() => "pass")
        settled(yield* program.action.resolve(failure.handle))
        const after = yield* supplied(chain, before, 1_000n)
        assert.strictEqual(after.nonce, before.nonce + 1)
        settled(yield* operate(program, instruction("supply", usdt("5"))))
        yield* supplied(chain, before, 1_005n)
      }), 60_000)
  }

  it.scopedLive("the node is down: not sent, and the very same bytes can be sent later", () =>
    Effect.gen(function*() {
      const { before, chain, program } = yield* allowed
      const intent = intentOf("down", instruction("supply", usdt("1000")))
      const call = yield* program.action.prepare(intent)
      yield* chain.proxy.down
      const refused = yield* Effect.flip(program.action.submit(Venue.journaled(intent, call)))
      assert.deepInclude(refused, { _tag: "NotSent", reason: "unavailable", retry: "after" })
      const unprepared = yield* Effect.flip(program.action.prepare(intentOf("down-2", intent.instruction)))
      assert.deepInclude(unprepared, { _tag: "NotSent", reason: "unavailable", retry: "after" })
      const due = yield* Effect.flip(program.venue.accruals(0))
      assert.deepInclude(due, { _tag: "NotSent", reason: "unavailable", retry: "after" })

      yield* chain.proxy.up
      assert.deepStrictEqual(yield* Fixture.balances(chain), before)
      settled(yield* program.action.submit(Venue.journaled(intent, call)))
      yield* supplied(chain, before, 1_000n)
    }), 60_000)

  it.scopedLive("the node dies after the broadcast: unknown for as long as it is gone", () =>
    Effect.gen(function*() {
      const { chain, program } = yield* allowed
      yield* chain.proxy.rule((method) => (method === send ? "cut_after" : "pass"))
      const failure = unknown(yield* Effect.flip(operate(program, instruction("supply", usdt("1000")))))
      yield* chain.proxy.down
      for (let i = 0; i < 3; i++) unknown(yield* Effect.flip(program.action.resolve(failure.handle)))
      yield* chain.proxy.up
      yield* chain.proxy.rule(() => "pass")
      settled(yield* program.action.resolve(failure.handle))
    }), 60_000)

  it.scopedLive("cut in the approval: the supply was never sent, and resolving finishes both", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      const before = yield* Fixture.balances(chain)
      yield* chain.proxy.rule((method) => (method === send ? "cut_after" : "pass"))
      const failure = unknown(yield* Effect.flip(operate(program, instruction("supply", usdt("1000")))))
      const between = yield* supplied(chain, before, 0n)
      assert.strictEqual(between.nonce, before.nonce + 1, "only the approval")
      yield* chain.proxy.rule(() => "pass")
      const receipt = settled(yield* program.action.resolve(failure.handle))
      const after = yield* supplied(chain, before, 1_000n)
      assert.strictEqual(after.nonce, before.nonce + 2)
      assert.strictEqual(receipt.costs.length, 2)
      assert.strictEqual(Fixture.sums(receipt.entries)["wallet:wallet ETH"], after.eth - before.eth)
    }), 60_000)

  it.scopedLive("cut in the supply after its approval: both are accounted for", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      const before = yield* Fixture.balances(chain)
      let sends = 0
      yield* chain.proxy.rule((method) => (method === send && ++sends === 2 ? "cut_after" : "pass"))
      const failure = unknown(yield* Effect.flip(operate(program, instruction("supply", usdt("1000")))))
      const receipt = settled(yield* program.action.resolve(failure.handle))
      const after = yield* supplied(chain, before, 1_000n)
      assert.strictEqual(after.nonce, before.nonce + 2)
      assert.strictEqual(Fixture.sums(receipt.entries)["wallet:wallet ETH"], after.eth - before.eth)
    }), 60_000)

  it.scopedLive("after a crash the record in the journal is enough, with nothing kept in memory", () =>
    Effect.gen(function*() {
      const { before, chain, program } = yield* allowed
      const intent = intentOf("crash", instruction("supply", usdt("1000")))
      const call = yield* program.action.prepare(intent)
      const record = JSON.parse(JSON.stringify(call.wire)) as typeof call.wire
      yield* Fixture.pass(chain, 86_400)
      const restarted = yield* Fixture.program(chain)
      const handle: Outcome.Handle = { venue: "aave", operationId: "crash", reference: record }
      const receipt = settled(yield* restarted.action.resolve(handle))
      const after = yield* supplied(chain, before, 1_000n)
      assert.strictEqual(after.nonce, before.nonce + 1)
      assert.strictEqual(
        Fixture.sums(receipt.entries)["aave:position aUSDT"],
        Amount.fromUnits(after.aUsdt - before.aUsdt, 6),
        "the interest since it was prepared included"
      )
      assert.deepStrictEqual(settled(yield* restarted.action.resolve(handle)), receipt)
      const broken = yield* Effect.flip(restarted.action.resolve({ ...handle, reference: { action: "supply" } }))
      unknown(broken)
    }), 60_000)

  it.scopedLive("an open operation in the journal holds interest back until it is resolved", () =>
    Effect.gen(function*() {
      const { chain, program } = yield* allowed
      yield* Fixture.pass(chain, 86_400)
      const intent = intentOf("open", instruction("supply", usdt("1000")))
      const call = yield* program.action.prepare(intent)
      yield* program.journal.intent({
        operationId: "open",
        content: "{}",
        venue: "aave",
        capability: "action",
        at: 0,
        call: call.wire,
        named: true
      })
      assert.deepStrictEqual(yield* program.venue.accruals(0), [])
    }), 60_000)

  it.scopedLive("the nonce used by another transaction: certain that it never happens", () =>
    Effect.gen(function*() {
      const { before, chain, program } = yield* allowed
      const intent = intentOf("superseded", instruction("supply", usdt("1000")))
      const call = yield* program.action.prepare(intent)
      yield* Effect.promise(async () => {
        const hash = await chain.hand.sendTransaction({ to: chain.admin.account.address, value: 1n })
        await Anvil.mined(chain.hand, hash)
      })
      const submitted = yield* Effect.flip(program.action.submit(Venue.journaled(intent, call)))
      assert.deepInclude(submitted, { _tag: "NotSent", reason: "rejected", retry: "never" })
      const resolved = yield* Effect.flip(program.action.resolve({ venue: "aave", operationId: "superseded", reference: call.wire }))
      assert.deepInclude(resolved, { _tag: "NotSent", reason: "rejected", retry: "never" })
      assert.include(resolved.message, "can never be mined")
      yield* supplied(chain, before, 0n)
      settled(yield* operate(program, instruction("supply", usdt("1000"))))
      yield* supplied(chain, before, 1_000n)
    }), 60_000)

  it.scopedLive("two operations prepared on one nonce: the second is refused, not swapped for the first", () =>
    Effect.gen(function*() {
      const { before, chain, program } = yield* allowed
      const [one, two] = [intentOf("one", instruction("supply", usdt("1"))), intentOf("two", instruction("supply", usdt("2")))]
      const calls = [yield* program.action.prepare(one), yield* program.action.prepare(two)] as const
      settled(yield* program.action.submit(Venue.journaled(one, calls[0])))
      const refused = yield* Effect.flip(program.action.submit(Venue.journaled(two, calls[1])))
      assert.deepInclude(refused, { _tag: "NotSent", retry: "never" })
      yield* supplied(chain, before, 1n)
    }), 60_000)

  it.scopedLive("mined and failed: rejected, its gas stands in the receipt", () =>
    Effect.gen(function*() {
      const { before, chain, program } = yield* allowed
      const intent = intentOf("frozen", instruction("supply", usdt("1000")))
      const call = yield* program.action.prepare(intent)
      yield* freeze(chain)
      const failure = yield* Effect.flip(program.action.submit(Venue.journaled(intent, call)))
      assert.strictEqual(failure._tag, "Rejected")
      assert.deepInclude(failure, { reason: "reverted", message: "supply was mined and failed: ReserveFrozen" })
      const after = yield* supplied(chain, before, 0n)
      assert.strictEqual(after.nonce, before.nonce + 1)
      assert.deepStrictEqual(Fixture.sums(costs(failure).entries), {
        "wallet:wallet ETH": after.eth - before.eth,
        "gas:ethereum ETH": before.eth - after.eth
      })
      const again = yield* Effect.flip(program.action.resolve({ venue: "aave", operationId: "frozen", reference: call.wire }))
      assert.deepStrictEqual(costs(again), costs(failure))
      settled(yield* operate(program, instruction("withdraw", usdt("50"))))
    }), 60_000)

  it.scopedLive("the pool closes between approval and supply: the supply is not sent, the approval's gas is lost", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain)
      const before = yield* Fixture.balances(chain)
      const intent = intentOf("closed", instruction("supply", usdt("1000")))
      const call = yield* program.action.prepare(intent)
      yield* freeze(chain)
      const failure = yield* Effect.flip(program.action.submit(Venue.journaled(intent, call)))
      assert.deepInclude(failure, { _tag: "Rejected", reason: "unavailable", message: "aave would refuse the supply: ReserveFrozen" })
      const after = yield* supplied(chain, before, 0n)
      assert.strictEqual(after.nonce, before.nonce + 1)
      assert.strictEqual(Fixture.sums(costs(failure).entries)["wallet:wallet ETH"], after.eth - before.eth)
      const closed = yield* Effect.flip(operate(program, instruction("supply", usdt("1000"))))
      assert.deepInclude(closed, { _tag: "NotSent", reason: "unavailable", retry: "after" })
    }), 60_000)

  it.scopedLive("no block for it yet: pending, and settled once it is mined", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain, {
        evm: { approval: "unlimited" },
        transactions: { receiptTimeout: "200 millis" }
      })
      settled(yield* operate(program, instruction("supply", usdt("100"))))
      const before = yield* Fixture.balances(chain)
      yield* Effect.promise(() => chain.admin.setAutomine(false))
      const pending = yield* operate(program, instruction("supply", usdt("1000")))
      assert.strictEqual(pending._tag, "Pending")
      assert.deepStrictEqual(pending.receipt.entries, [])
      const { handle } = pending as Outcome.Pending
      assert.strictEqual((yield* program.action.resolve(handle))._tag, "Pending")

      // A second one queues behind it, with the next nonce.
      const behind = yield* operate(program, instruction("supply", usdt("7")))
      assert.strictEqual(behind._tag, "Pending")
      yield* Effect.promise(() => chain.admin.mine({ blocks: 1 }))
      settled(yield* program.action.resolve(handle))
      settled(yield* program.action.resolve((behind as Outcome.Pending).handle))
      assert.strictEqual((yield* supplied(chain, before, 1_007n)).nonce, before.nonce + 2)
    }), 60_000)

  it.scopedLive("dropped by the pool: resolving broadcasts the same bytes again", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const program = yield* Fixture.program(chain, {
        evm: { approval: "unlimited" },
        transactions: { receiptTimeout: "200 millis" }
      })
      settled(yield* operate(program, instruction("supply", usdt("100"))))
      const before = yield* Fixture.balances(chain)
      yield* Effect.promise(() => chain.admin.setAutomine(false))
      const pending = (yield* operate(program, instruction("supply", usdt("1000")))) as Outcome.Pending
      const hash = pending.receipt.detail["hash"] as `0x${string}`
      yield* Effect.promise(async () => {
        await chain.admin.dropTransaction({ hash })
        await chain.admin.mine({ blocks: 1 })
        await chain.admin.setAutomine(true)
      })
      yield* supplied(chain, before, 0n)
      const receipt = settled(yield* program.action.resolve(pending.handle))
      assert.strictEqual((receipt.detail["transactions"] as ReadonlyArray<{ readonly hash: string }>)[0]!.hash, hash)
      yield* supplied(chain, before, 1_000n)
    }), 60_000)

  it.scopedLive("too little ether for gas: said before anything is sent", () =>
    Effect.gen(function*() {
      const { chain, program } = yield* allowed
      yield* Effect.promise(() => chain.admin.setBalance({ address: chain.trader, value: parseEther("0.000001") }))
      const refused = yield* Effect.flip(operate(program, instruction("supply", usdt("1"))))
      assert.deepInclude(refused, { _tag: "NotSent", reason: "insufficient_balance", retry: "never", actual: "0.000001 ETH" })
    }), 60_000)

  it.scopedLive("a node of another chain, and tokens that are no reserves: the venue does not start, and says why", () =>
    Effect.gen(function*() {
      const right = yield* Fixture.chain()
      const mainnet = yield* Anvil.start(["--chain-id", "1"])
      const other = yield* Effect.flip(Fixture.program({ ...right, proxy: yield* Proxy.make(mainnet.url) }))
      assert.include(other.message, "the node is of chain 1")
      const unlisted = yield* Effect.flip(Fixture.program({ ...right, world: { ...right.world, weth: right.world.aUsdt } }))
      assert.include(unlisted.message, "is no reserve of the pool")
    }), 60_000)

  it.effect("a missing binary fails, and says what to do", () =>
    Effect.gen(function*() {
      const named = process.env["ANVIL_BIN"]
      process.env["ANVIL_BIN"] = "/nowhere/anvil"
      const error = yield* Effect.flip(Anvil.binary).pipe(
        Effect.ensuring(Effect.sync(() => {
          if (named === undefined) delete process.env["ANVIL_BIN"]
          else process.env["ANVIL_BIN"] = named
        }))
      )
      assert.include(error.message, "/nowhere/anvil")
    }))
})
