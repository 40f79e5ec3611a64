import { assert, describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { keccak256, recoverTransactionAddress } from "viem"
import { mainnet } from "viem/chains"
import type * as EimError from "../../src/domain/EimError.js"
import * as Rpc from "../../src/evm/Rpc.js"
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
        assert.deepInclude({ ...error }, { code: "EIM-004", path: "privateKey", expected: "0x and 64 hexadecimal digits" })
        assert.strictEqual(error.severity, "CRITICAL")
        if (text.length > 4) assert.notInclude(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`, text.slice(2, 12))
      }
    }))
})

describe("credentials of the environment", () => {
  const from = (entries: ReadonlyArray<readonly [string, string]>) =>
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(entries)))
  const signer = Effect.provide(Signer.Signer, Signer.layerConfig({ privateKey: Config.redacted("PRIVATE_KEY") }))
  const rpc = Effect.provide(Rpc.Rpc, Rpc.layerConfig({ url: Config.redacted("RPC_URL"), chain: mainnet }))

  it.effect("are taken where they hold", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* from([["PRIVATE_KEY", key]])(signer)).address, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
      assert.strictEqual((yield* from([["RPC_URL", "https://node.example/v2/key"]])(rpc)).chain, mainnet)
    }))

  it.effect("that are missing or malformed are EIM-004, and are not shown", () =>
    Effect.gen(function*() {
      const wrong: ReadonlyArray<readonly [string, Effect.Effect<unknown, EimError.CredentialsInvalid>, string]> = [
        ["PRIVATE_KEY", signer, "your_private_key"],
        ["RPC_URL", rpc, "your_rpc_url"],
        ["RPC_URL", rpc, "http://"],
        ["RPC_URL", rpc, "ftp://node.example/secret"]
      ]
      for (const [name, service, bad] of wrong) {
        const missing = yield* Effect.flip(from([])(service))
        assert.deepStrictEqual([missing.code, missing.reason.endsWith("is not configured")], ["EIM-004", true])
        const malformed = yield* Effect.flip(from([[name, bad]])(service))
        assert.strictEqual(malformed.code, "EIM-004")
        assert.notInclude(`${malformed.message} ${JSON.stringify(malformed)}`, bad)
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
