import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { encodeFunctionData, erc20Abi, parseAbi, parseEther, parseGwei } from "viem"
import * as Amount from "../../src/domain/Amount.js"
import * as ReceiptDeltas from "../../src/evm/ReceiptDeltas.js"
import * as Anvil from "./Anvil.js"
import * as Fixture from "./Fixture.js"

const { instruction, operate } = Fixture
const usdt = (whole: string) => Amount.unsafe(whole)
const wethAbi = parseAbi(["function deposit() payable", "function withdraw(uint256 wad)"])

describe("deltas from a receipt", () => {
  it.scopedLive("wrapping, unwrapping and plain transfers: exact, ether and gas included", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      const { hand, trader, world } = chain
      const wethAt = (blockNumber: bigint) =>
        Effect.promise(() =>
          hand.readContract({ address: world.weth, abi: erc20Abi, functionName: "balanceOf", args: [trader], blockNumber }))
      const check = Effect.fnUntraced(function*(send: () => Promise<`0x${string}`>, value: bigint) {
        const receipt = yield* Effect.promise(async () => Anvil.mined(hand, await send()))
        const { blockNumber, logs } = receipt
        const [before, after] = [yield* Fixture.balances(chain, blockNumber - 1n), yield* Fixture.balances(chain, blockNumber)]
        assert.strictEqual(ReceiptDeltas.native(receipt, trader, value, world.weth), after.eth - before.eth)
        assert.strictEqual(
          ReceiptDeltas.wrapped(logs, trader, world.weth) + ReceiptDeltas.transferred(logs, trader, world.weth),
          (yield* wethAt(blockNumber)) - (yield* wethAt(blockNumber - 1n))
        )
        assert.strictEqual(ReceiptDeltas.transferred(logs, trader, world.usdt), after.usdt - before.usdt)
        return receipt
      })
      const to = chain.admin.account.address
      yield* check(() => hand.writeContract({ address: world.weth, abi: wethAbi, functionName: "deposit", value: parseEther("2") }), parseEther("2"))
      yield* check(() => hand.writeContract({ address: world.weth, abi: wethAbi, functionName: "withdraw", args: [parseEther("0.75")] }), 0n)
      yield* check(() => hand.writeContract({ address: world.weth, abi: erc20Abi, functionName: "transfer", args: [to, 5n] }), 0n)
      yield* check(() => hand.sendTransaction({ to: world.usdt, data: encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, 7n] }) }), 0n)
      yield* check(() => hand.sendTransaction({ to: world.usdt, data: encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [trader, 7n] }) }), 0n)
      yield* check(() => hand.sendTransaction({ to, value: 3n }), 3n)

      const receipt = yield* Effect.promise(async () =>
        Anvil.ended(hand, await hand.writeContract({
          address: world.weth,
          abi: wethAbi,
          functionName: "deposit",
          value: parseEther("1"),
          gas: 25_000n
        })))
      assert.strictEqual(receipt.status, "reverted")
      const [before, after] = [yield* Fixture.balances(chain, receipt.blockNumber - 1n), yield* Fixture.balances(chain, receipt.blockNumber)]
      assert.strictEqual(ReceiptDeltas.native(receipt, trader, parseEther("1"), world.weth), after.eth - before.eth)
      assert.strictEqual(ReceiptDeltas.native(receipt, to, 0n), 0n)
    }), 60_000)
})

describe("sending", () => {
  it.scopedLive("a node without simulation: approval and supply all the same, with a gas limit that is set", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain()
      yield* chain.proxy.rule((method) =>
        method === "eth_simulateV1" ? { code: -32601, message: "the method eth_simulateV1 does not exist/is not available" } : "pass")
      const program = yield* Fixture.program(chain)
      const outcome = yield* operate(program, instruction("supply", usdt("10")))
      assert.strictEqual(outcome._tag, "Settled")
      const tight = yield* Fixture.program(chain, { transactions: { gasLimit: 60_000n } })
      const failed = yield* Effect.flip(operate(tight, instruction("supply", usdt("10"))))
      assert.deepInclude(failed, { _tag: "Rejected", reason: "reverted" })
      assert.strictEqual(Fixture.costs(failed).costs.length, 2)
    }), 60_000)

  it.scopedLive("what the node says when it does not take a transaction is told apart", () =>
    Effect.gen(function*() {
      const chain = yield* Fixture.chain(["--block-base-fee-per-gas", "1000000000"])
      const { rpc } = yield* Fixture.program(chain)
      const nonce = (yield* Fixture.balances(chain)).nonce
      const raw = (rest: { readonly nonce: number; readonly value?: bigint; readonly fee?: string; readonly gas?: bigint }) =>
        Effect.promise(() =>
          Anvil.account(1).signTransaction({
            type: "eip1559",
            chainId: Anvil.chain.id,
            to: chain.trader,
            nonce: rest.nonce,
            value: rest.value ?? 0n,
            gas: rest.gas ?? 21_000n,
            maxFeePerGas: parseGwei(rest.fee ?? "5"),
            maxPriorityFeePerGas: parseGwei("0.000000001")
          }))
      const refusal = (bytes: `0x${string}`) =>
        Effect.map(Effect.either(rpc.send(bytes)), (sent) =>
          Either.isRight(sent)
            ? "taken"
            : sent.left._tag === "SendUnknown"
              ? `unknown: ${sent.left.message}`
              : `${sent.left.reason} ${sent.left.retry}`)
      yield* Effect.promise(() => chain.admin.setAutomine(false))
      const first = yield* raw({ nonce })
      assert.strictEqual(yield* refusal(first), "taken")
      assert.strictEqual(yield* refusal(first), "taken", "the same bytes again are taken for what they are")
      assert.strictEqual(yield* refusal(yield* raw({ nonce, value: 1n })), "price after", "a rival for the nonce")
      yield* Effect.promise(async () => {
        await chain.admin.mine({ blocks: 1 })
        await chain.admin.setAutomine(true)
      })
      assert.strictEqual(yield* refusal(first), "rejected never")
      assert.strictEqual(yield* refusal(yield* raw({ nonce: nonce + 1, value: parseEther("1000000") })), "insufficient_balance never")
      assert.strictEqual(yield* refusal(yield* raw({ nonce: nonce + 1, gas: 20_000n })), "invalid never")
      assert.strictEqual(yield* refusal(yield* raw({ nonce: nonce + 1, fee: "0.000000001" })), "price after")
    }), 60_000)

  for (
    const [fate, expected] of [
      [401, { _tag: "NotSent", reason: "credentials", retry: "never" }],
      [429, { _tag: "NotSent", reason: "rate_limited", retry: "after" }],
      [{ code: -32000, message: "txpool is full" }, { _tag: "NotSent", reason: "unavailable", retry: "after" }],
      [{ code: -32603, message: "internal error" }, { _tag: "Unknown" }],
      [503, { _tag: "Unknown" }]
    ] as const
  ) {
    it.scopedLive(`a broadcast answered with ${JSON.stringify(fate)} is ${expected._tag}`, () =>
      Effect.gen(function*() {
        const chain = yield* Fixture.chain()
        const program = yield* Fixture.program(chain)
        const before = yield* Fixture.balances(chain)
        yield* chain.proxy.rule((method) => (method === "eth_sendRawTransaction" ? fate : "pass"))
        assert.deepInclude(yield* Effect.flip(operate(program, instruction("supply", usdt("10")))), expected)
        yield* chain.proxy.rule(() => "pass")
        assert.deepStrictEqual(yield* Fixture.balances(chain), before)
        const again = yield* Effect.either(operate(program, instruction("supply", usdt("10"))))
        assert.strictEqual(Either.isRight(again), expected._tag === "NotSent", "a nonce that was not used is free again")
      }), 60_000)
  }
})
