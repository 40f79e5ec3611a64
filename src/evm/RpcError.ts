/**
 * What can go wrong between this program and a node, told apart by whether bytes have left.
 *
 * The messages hold what the node or the network said, never the address of the node: it often carries an access key.
 * For the same reason the errors of the client library are read here and not passed on.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { BaseError, HttpRequestError, RpcRequestError, TimeoutError } from "viem"
import type { Hex } from "viem"
import type * as Outcome from "../domain/Outcome.js"

/** Something could not be read. Reading changes nothing, so it may always be repeated. @category errors @since 0.1.0 */
export class ReadFailed extends Data.TaggedError("ReadFailed")<{
  /** What was to be read. */
  readonly subject: string
  readonly message: string
  /** `credentials` where the node refuses the access key. */
  readonly reason: "unavailable" | "credentials"
  /** Whether the node was not reached or did not answer, so that the same request can do better later. */
  readonly transient: boolean
}> {}

/** The contract refuses the call: nothing was sent, this is what sending would have come to. @category errors @since 0.1.0 */
export class Reverted extends Data.TaggedError("Reverted")<{
  /** The contract's own error data, where the node gives it. */
  readonly data: Hex | undefined
  readonly message: string
}> {}

/** The node does not take the transaction, or was never reached: it is certain that nobody has it. @category errors @since 0.1.0 */
export class SendRefused extends Data.TaggedError("SendRefused")<{
  readonly reason: Outcome.Reason
  readonly message: string
  /** Whether the same bytes can do better later. */
  readonly retry: "never" | "after"
  /** Whether the nonce is used already, perhaps by this very transaction. */
  readonly nonceUsed: boolean
}> {}

/** The bytes may have reached the node; its answer did not come back. @category errors @since 0.1.0 */
export class SendUnknown extends Data.TaggedError("SendUnknown")<{ readonly message: string }> {}

/**
 * What became of one request. `Answer`: the node answered with an error of its own. `Status`: something before the
 * node answered. `Unreached`: no connection was made, no byte left. `Lost`: a byte may have left and no answer came.
 * `Local`: the client library refused before sending, or could not read the answer.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault =
  | { readonly _tag: "Answer"; readonly code: number; readonly message: string; readonly data: Hex | undefined }
  | { readonly _tag: "Status"; readonly status: number; readonly message: string }
  | { readonly _tag: "Unreached" | "Lost" | "Local"; readonly message: string }

/** Codes of Node's sockets, its resolver and its fetch for a connection that was never made. */
const unreached: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ERR_INVALID_URL",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID"
])

const chainOf = (error: unknown): ReadonlyArray<object> => {
  const chain: Array<object> = []
  let next = error
  while (typeof next === "object" && next !== null && chain.length < 16) {
    chain.push(next)
    next = "cause" in next ? next.cause : undefined
  }
  return chain
}

const hex = (value: unknown): Hex | undefined =>
  typeof value === "string" && /^0x[0-9a-fA-F]*$/.test(value)
    ? (value as Hex)
    : typeof value === "object" && value !== null && "data" in value
      ? hex(value.data)
      : undefined

const socketCode = (chain: ReadonlyArray<object>): string | undefined => {
  for (const link of chain) {
    if (!(link instanceof BaseError) && "code" in link && typeof link.code === "string") return link.code
  }
  return undefined
}

/**
 * Reads an error of the client library.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fault = (error: unknown): Fault => {
  const chain = chainOf(error)
  const answer = chain.find((link) => link instanceof RpcRequestError)
  if (answer !== undefined) {
    return { _tag: "Answer", code: answer.code, message: answer.details, data: hex(answer.data) }
  }
  const http = chain.find((link) => link instanceof HttpRequestError)
  if (http?.status !== undefined) return { _tag: "Status", status: http.status, message: `HTTP status ${http.status}` }
  if (chain.some((link) => link instanceof TimeoutError)) return { _tag: "Lost", message: "no answer in time" }
  if (http !== undefined) {
    const code = socketCode(chain)
    return code !== undefined && unreached.has(code)
      ? { _tag: "Unreached", message: `no connection (${code})` }
      : { _tag: "Lost", message: code === undefined ? "the connection broke" : `the connection broke (${code})` }
  }
  const known = chain.find((link) => link instanceof BaseError)
  return { _tag: "Local", message: known?.shortMessage ?? "the answer could not be read" }
}

/** Whether the access key is refused. */
const isDenied = (found: Fault): boolean => found._tag === "Status" && (found.status === 401 || found.status === 403)

/**
 * A fault while reading `subject`. It is transient where the node was not reached, was overloaded, or failed by itself.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readFailed = (subject: string, found: Fault): ReadFailed =>
  new ReadFailed({
    subject,
    message: `${subject} could not be read: ${found.message}`,
    reason: isDenied(found) ? "credentials" : "unavailable",
    transient: found._tag === "Unreached" || found._tag === "Lost" ||
      (found._tag === "Status" && (found.status >= 500 || found.status === 429 || found.status === 408)) ||
      (found._tag === "Answer" && (found.code === -32603 || isRateLimit(found)))
  })

/** Whether the node says that it executed the call and the contract reverted. @category guards @since 0.1.0 */
export const isRevert = (found: Fault): found is Extract<Fault, { _tag: "Answer" }> =>
  found._tag === "Answer" && (found.code === 3 || /revert/i.test(found.message))

/**
 * The revert that a node answered a call with, with the contract's error data where it gave them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reverted = (found: Extract<Fault, { _tag: "Answer" }>): Reverted =>
  new Reverted({ data: found.data, message: found.message })

/** Whether the node has no such method. @category guards @since 0.1.0 */
export const isUnsupported = (found: Fault): boolean =>
  found._tag === "Answer" &&
  (found.code === -32601 || found.code === -32004 || /not (?:found|supported|available|exist)/i.test(found.message))

const isRateLimit = (found: Fault): boolean =>
  (found._tag === "Status" && found.status === 429) ||
  (found._tag === "Answer" && (found.code === 429 || found.code === -32005 || /rate.?limit|too many requests|request limit/i.test(found.message)))

/** Whether the node has the transaction already: as good as taken. @category guards @since 0.1.0 */
export const isKnown = (found: Fault): boolean =>
  found._tag === "Answer" && /already known|known transaction|already imported|alreadyknown/i.test(found.message)

/** What nodes say when they do not take a transaction, as geth, reth, erigon, nethermind and anvil word it. */
const refusals: ReadonlyArray<readonly [RegExp, Outcome.Reason, "never" | "after"]> = [
  [/nonce too low|nonce too high|nonce has max|old ?nonce|invalid nonce/i, "rejected", "never"],
  [/insufficient funds|insufficient balance|exceeds transaction sender account balance|outoffunds/i, "insufficient_balance", "never"],
  [/underpriced|less than block base fee|fee cap less than|feetoolow|fee too low/i, "price", "after"],
  [
    /intrinsic gas|exceeds block gas limit|gas limit reached|gas limit too|higher than 2\^256|priority fee per gas higher|tip higher than|oversized data|invalid sender|chain ?id|transaction type/i,
    "invalid",
    "never"
  ],
  [/txpool is full|pool is full|pool overflow/i, "unavailable", "after"]
]

/**
 * What the failure of a broadcast means. Only what is known to be said before anything happened counts as refused;
 * everything else may have happened.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sendFailure = (found: Fault): SendRefused | SendUnknown => {
  const refused = (reason: Outcome.Reason, retry: "never" | "after"): SendRefused =>
    new SendRefused({
      reason,
      retry,
      message: found.message,
      nonceUsed: found._tag === "Answer" && /nonce too low|old ?nonce/i.test(found.message)
    })
  if (isRateLimit(found)) return refused("rate_limited", "after")
  switch (found._tag) {
    case "Unreached":
      return refused("unavailable", "after")
    case "Status":
      return isDenied(found)
        ? refused("credentials", "never")
        : found.status === 400 || found.status === 404 || found.status === 405 || found.status === 413
          ? refused("invalid", "never")
          : new SendUnknown({ message: found.message })
    case "Answer": {
      const rule = refusals.find(([pattern]) => pattern.test(found.message))
      if (rule !== undefined) return refused(rule[1], rule[2])
      return isUnsupported(found) ? refused("unsupported", "never") : new SendUnknown({ message: found.message })
    }
    default:
      return new SendUnknown({ message: found.message })
  }
}
