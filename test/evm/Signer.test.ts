import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { keccak256, recoverTransactionAddress } from "viem"
import * as Signer from "../../src/evm/Signer.js"
import * as Transaction from "../../src/evm/Transaction.js"

const key = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

const transaction = {
  type: "eip1559",
  chainId: 1,
  nonce: 7,
  to: "0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2",
  value: 0n,
  data: "0x",
  gas: 21_000n,
  maxFeePerGas: 3n,
  maxPriorityFeePerGas: 1n
} as const

describe("the signer", () => {
  it.effect("signs as its own address, and the same bytes for the same transaction", () =>
    Effect.gen(function*() {
      const signer = yield* Signer.Signer
      const [one, two] = [yield* signer.sign(transaction), yield* signer.sign(transaction)]
      assert.strictEqual(one, two)
      const from = yield* Effect.promise(() => recoverTransactionAddress({ serializedTransaction: one as `0x02${string}` }))
      assert.strictEqual(from, signer.address)
      assert.strictEqual(signer.address, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
    }).pipe(Effect.provide(Signer.layer({ privateKey: Redacted.make(key) }))))

  it.effect("a malformed key is refused without being shown", () =>
    Effect.gen(function*() {
      for (const text of ["", "0x", key.slice(0, -1), `${key}00`, key.replace("0x", ""), `0x${"f".repeat(64)}`, `0x${"0".repeat(64)}`]) {
        const error = yield* Effect.flip(Effect.provide(Signer.Signer, Signer.layer({ privateKey: Redacted.make(text) })))
        assert.strictEqual(error._tag, "InvalidKey")
        if (text.length > 4) assert.notInclude(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`, text.slice(2, 12))
      }
    }))
})

describe("a signed transaction in the journal", () => {
  const hex = (digits: number) => FastCheck.stringMatching(new RegExp(`^0x[0-9a-f]{${digits}}$`)).map((text) => text as `0x${string}`)
  const signed: FastCheck.Arbitrary<Transaction.Signed> = FastCheck.record({
    purpose: FastCheck.string(),
    from: hex(40),
    nonce: FastCheck.nat(),
    hash: hex(64),
    rawTx: hex(80)
  })

  it.prop("comes back from JSON as it was", [signed], ([each]) => {
    const text = JSON.stringify(Schema.encodeSync(Transaction.Signed)(each))
    assert.deepStrictEqual(Schema.decodeUnknownSync(Transaction.Signed)(JSON.parse(text)), each)
  })

  it("is refused where a part is not what it says", () => {
    const decode = Schema.decodeUnknownEither(Transaction.Signed)
    const good = { purpose: "supply", from: `0x${"1".repeat(40)}`, nonce: 1, hash: keccak256("0x01"), raw_tx: "0x01" }
    assert.isTrue(Either.isRight(decode(good)))
    for (const bad of [{ from: "0x1" }, { nonce: -1 }, { nonce: 1.5 }, { hash: "0x01" }, { raw_tx: "0x" }, { raw_tx: undefined }]) {
      assert.isTrue(Either.isLeft(decode({ ...good, ...bad })), JSON.stringify(bad))
    }
  })
})
