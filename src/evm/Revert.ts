/**
 * What a contract says when it refuses.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import { decodeErrorResult } from "viem"
import type { Abi, Hex } from "viem"
import type * as RpcError from "./RpcError.js"

/**
 * A contract's reason: the text of a `require`, or the name of a declared error with its arguments.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reason {
  /** `Error` for a text, `Panic` for a failed assertion, else the name of the declared error. */
  readonly name: string
  readonly text: string
}

const decode = (abi: Abi, data: Hex) =>
  Either.try({ try: () => decodeErrorResult({ abi, data }), catch: () => undefined })

/**
 * Decodes error data with the errors that the contracts declare, and Solidity's own. Data of an error that is not
 * declared is given as it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reason = (revert: RpcError.Reverted, errors: Abi): Reason => {
  const { data } = revert
  if (data === undefined || data === "0x") return { name: "Error", text: revert.message }
  const decoded = decode(errors, data)
  if (Either.isLeft(decoded)) return { name: data.slice(0, 10), text: `error ${data}` }
  const { args, errorName } = decoded.right
  return errorName === "Error" && args !== undefined
    ? { name: errorName, text: String(args[0]) }
    : { name: errorName, text: args === undefined || args.length === 0 ? errorName : `${errorName}(${args.map(String).join(", ")})` }
}
