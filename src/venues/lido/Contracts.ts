/**
 * The rules of Lido's contracts on Ethereum that are its own: wstETH, and the withdrawal queue.
 *
 * Sources: `WstETH.receive`, `WithdrawalQueue` and `WithdrawalQueueBase._calculateClaimableEther` of lidofinance/core.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Decimal from "../../domain/Decimal.js"
import * as ShareToken from "../../sim/ShareToken.js"
import type * as Protocol from "../../sim/ShareToken/Protocol.js"

const precision = Decimal.pow10(27)

/**
 * Ether for a request that is finalised at the rate of a pool: what was asked for, or its shares at that rate where it
 * has fallen below the rate that they were counted at. Both rates have 27 decimals, rounded down, and so a rate that
 * stayed the same can cost a unit or two.
 *
 * @category combinators
 * @since 0.1.0
 */
export const claimable = (
  pool: ShareToken.Pool,
  { amount, shares }: Pick<Protocol.Request, "amount" | "shares">
): Amount.Amount => {
  if (shares === 0n) return 0n
  const rate = ShareToken.rate27(pool)
  return (amount * precision) / shares > rate ? (shares * rate) / precision : amount
}

/**
 * The rules of Lido: it wraps the shares themselves, fixes what a ticket pays when it is due, and takes from 100 wei to
 * 1,000 stETH in one request.
 *
 * @category constants
 * @since 0.1.0
 */
export const contracts: Protocol.Contracts = {
  wrapStaked: (_pool, shares) => shares,
  noShare: undefined,
  least: { amount: 100n, error: "RequestAmountTooSmall" },
  most: 1_000n * Amount.unit,
  payable: claimable,
  fixed: "due",
  notDue: "RequestNotFoundOrNotFinalized",
  unwrapsFirst: false
}
