import { assert, describe, it } from "@effect/vitest"
import { HttpRequestError, InvalidInputRpcError, RpcRequestError, TimeoutError } from "viem"
import * as RpcError from "../../src/evm/RpcError.js"

const url = "https://node.example/v2/SECRET-KEY"
const body = { method: "eth_sendRawTransaction", params: ["0x02"] }
const answer = (message: string, code = -32000) => RpcError.fault(new RpcRequestError({ body, error: { code, message }, url }))
const status = (status: number) => RpcError.fault(new HttpRequestError({ body, status, url }))
const socket = (code: string) =>
  RpcError.fault(
    new HttpRequestError({ body, url, cause: new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) }) })
  )

const meaning = (fault: RpcError.Fault) => {
  const failure = RpcError.sendFailure(fault)
  return failure._tag === "SendUnknown" ? "unknown" : `${failure.reason} ${failure.retry}`
}

describe("what a failed broadcast means", () => {
  it("certain that nothing was sent, or that the node did not take it", () => {
    const table: ReadonlyArray<readonly [RpcError.Fault, string]> = [
      [socket("ECONNREFUSED"), "unavailable after"],
      [socket("ENOTFOUND"), "unavailable after"],
      [socket("UND_ERR_CONNECT_TIMEOUT"), "unavailable after"],
      [status(429), "rate_limited after"],
      [status(401), "credentials never"],
      [status(413), "invalid never"],
      // geth
      [answer("nonce too low: next nonce 5, tx nonce 4"), "rejected never"],
      [answer("insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1"), "insufficient_balance never"],
      [answer("replacement transaction underpriced"), "price after"],
      [answer("transaction underpriced: gas tip cap 0, minimum needed 1"), "price after"],
      [answer("max fee per gas less than block base fee: address 0x, maxFeePerGas: 1, baseFee: 2"), "price after"],
      [answer("intrinsic gas too low: gas 1, minimum needed 21000"), "invalid never"],
      [answer("exceeds block gas limit"), "invalid never"],
      [answer("txpool is full"), "unavailable after"],
      [answer("invalid chain id for signer: have 1 want 5"), "invalid never"],
      // nethermind, erigon, reth
      [answer("OldNonce, Current nonce: 5, nonce of rejected tx: 4"), "rejected never"],
      [answer("FeeTooLow, MaxFeePerGas too low"), "price after"],
      // providers
      [answer("project ID request rate exceeded: too many requests", -32005), "rate_limited after"],
      [answer("the method eth_sendRawTransaction does not exist/is not available", -32601), "unsupported never"]
    ]
    for (const [fault, expected] of table) assert.strictEqual(meaning(fault), expected, fault.message)
  })

  it("may have been sent", () => {
    const table: ReadonlyArray<RpcError.Fault> = [
      RpcError.fault(new TimeoutError({ body, url })),
      socket("ECONNRESET"),
      socket("UND_ERR_SOCKET"),
      socket("EPIPE"),
      status(500),
      status(502),
      status(503),
      status(504),
      answer("internal error", -32603),
      answer("something that no node is known to say"),
      RpcError.fault(new SyntaxError("Unexpected end of JSON input")),
      RpcError.fault("not even an error")
    ]
    for (const fault of table) assert.strictEqual(meaning(fault), "unknown", fault.message)
  })

  it("is read through the errors that wrap it", () => {
    const wrapped = new InvalidInputRpcError(new RpcRequestError({ body, error: { code: -32000, message: "nonce too low" }, url }))
    const failure = RpcError.sendFailure(RpcError.fault(wrapped))
    assert.deepInclude(failure, { _tag: "SendRefused", nonceUsed: true })
    assert.isTrue(RpcError.isKnown(answer("already known")))
    assert.isTrue(RpcError.isKnown(answer("transaction already imported")))
    assert.isFalse(RpcError.isKnown(answer("nonce too low")))
  })

  it("never shows the address of the node", () => {
    const faults = [answer("nonce too low"), status(500), socket("ECONNRESET"), RpcError.fault(new TimeoutError({ body, url }))]
    for (const fault of faults) {
      const failures = [RpcError.sendFailure(fault), RpcError.readFailed("the head", fault)]
      for (const failure of failures) {
        assert.notInclude(JSON.stringify({ ...failure, message: failure.message, cause: String(failure.cause) }), "SECRET")
      }
    }
  })

  it("a revert is told apart by its code or its words, with the contract's data", () => {
    const data = "0x08c379a0"
    const fault = RpcError.fault(new RpcRequestError({ body, error: { code: 3, message: "execution reverted", data }, url }))
    assert.isTrue(RpcError.isRevert(fault))
    assert.strictEqual(fault._tag === "Answer" ? fault.data : undefined, data)
    assert.isTrue(RpcError.isRevert(answer("VM execution error: revert", -32015)))
    assert.isFalse(RpcError.isRevert(answer("insufficient funds")))
    assert.isTrue(RpcError.readFailed("x", status(503)).transient)
    assert.isFalse(RpcError.readFailed("x", status(404)).transient)
    assert.isFalse(RpcError.readFailed("x", answer("missing trie node")).transient)
  })
})
