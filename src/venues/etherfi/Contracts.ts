/**
 * The rules of ether.fi's contracts on Ethereum that are its own: the one-step deposit for weETH, and the withdrawal
 * requests.
 *
 * Sources: `DepositAdapter._wrapAndReturn`, `LiquidityPool.deposit` and `requestWithdraw`,
 * `WithdrawRequestNFT.getClaimableAmount` of etherfi-protocol/smart-contracts, as deployed in 2024 and 2025.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as ShareToken from "../../sim/ShareToken.js"
import type * as Protocol from "../../sim/ShareToken/Protocol.js"

/**
 * Ether for a request that is claimed at the rate of a pool: what was asked for, or its shares at that rate where that
 * is less. At the rate that the shares were counted at that can be a unit or two.
 *
 * @category combinators
 * @since 0.1.0
 */
export const claimable = (
  pool: ShareToken.Pool,
  { amount, shares }: Pick<Protocol.Request, "amount" | "shares">
): Amount.Amount => Amount.min(amount, ShareToken.toAmount(pool, shares))

/**
 * The rules of ether.fi: it wraps what new shares show as, pays a ticket what it is worth when claimed, and takes from
 * 1 wei on.
 *
 * @category constants
 * @since 0.1.0
 */
export const contracts: Protocol.Contracts = {
  // The adapter wraps what its new shares show as, and not the shares.
  wrapStaked: (pool, shares) => ShareToken.toShares(pool, ShareToken.toAmount(pool, shares)),
  noShare: "InvalidAmount",
  least: { amount: 1n, error: "InvalidAmount" },
  most: 2n ** 96n - 1n,
  payable: claimable,
  fixed: "claimed",
  notDue: "Request is not finalized",
  unwrapsFirst: true
}
