/**
 * Lines of the ledger, written in double entry.
 *
 * @since 0.1.0
 */
import type * as Account from "./Account.js"
import type * as Amount from "./Amount.js"
import type * as Asset from "./Asset.js"

/**
 * Why a line was written: what attributes a change of position.
 *
 * - `opening`: what is held at the beginning.
 * - `trade`, `swap`: what is exchanged on an exchange, and in a pool.
 * - `fee`, `gas`: what a venue charges for an operation, and what its transaction burns.
 * - `funding`, `interest`, `reward`: what a perpetual, a claim or a debt, and an incentive pay over time.
 * - `realised`: the result of a perpetual position that is closed.
 * - `supply`, `withdraw`, `borrow`, `repay`, `flash`: what moves between the wallet and a lender.
 * - `liquidation`: what a liquidation closes, seizes, repays and writes off at fair value; `liquidation_penalty`: what
 *   whoever takes the position over keeps beyond that value; `liquidation_fee`: what the venue charges for it.
 * - `stake`, `unstake`, `wrap`: what changes its form at a protocol.
 * - `transfer`: what moves between accounts.
 * - `rounding`: what the steps of an account leave over.
 *
 * @category models
 * @since 0.1.0
 */
export type Reason =
  | "opening"
  | "trade"
  | "fee"
  | "gas"
  | "funding"
  | "realised"
  | "interest"
  | "reward"
  | "supply"
  | "withdraw"
  | "borrow"
  | "repay"
  | "flash"
  | "liquidation"
  | "liquidation_penalty"
  | "liquidation_fee"
  | "stake"
  | "unstake"
  | "swap"
  | "wrap"
  | "transfer"
  | "rounding"

/**
 * One line: a signed amount of an asset at an account. Lines come in sets whose amounts sum to zero for every asset.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly account: Account.Account
  readonly asset: Asset.Asset
  readonly amount: Amount.Amount
  readonly reason: Reason
}

/**
 * Two lines that move `amount` of `asset` from one account to another. Nothing for zero.
 *
 * @category constructors
 * @since 0.1.0
 */
export const move = (
  from: Account.Account,
  to: Account.Account,
  asset: Asset.Asset,
  amount: Amount.Amount,
  reason: Reason
): ReadonlyArray<Entry> =>
  amount === 0n
    ? []
    : [
        { account: from, asset, amount: -amount, reason },
        { account: to, asset, amount, reason }
      ]

/**
 * {@link move}, added to lines that are being put together.
 *
 * @category combinators
 * @since 0.1.0
 */
export const addMove = (
  entries: Array<Entry>,
  from: Account.Account,
  to: Account.Account,
  asset: Asset.Asset,
  amount: Amount.Amount,
  reason: Reason
): void => {
  if (amount === 0n) return
  entries.push({ account: from, asset, amount: -amount, reason }, { account: to, asset, amount, reason })
}

/**
 * The assets whose lines do not sum to zero, each with its sum. Empty for a balanced set.
 *
 * @category combinators
 * @since 0.1.0
 */
export const imbalance = (entries: ReadonlyArray<Entry>): ReadonlyArray<readonly [Asset.Asset, Amount.Amount]> => {
  // Two or three assets are the rule: looked through faster than hashed.
  const assets: Array<Asset.Asset> = []
  const sums: Array<Amount.Amount> = []
  for (const { amount, asset } of entries) {
    let place = 0
    while (place < assets.length && assets[place] !== asset) place++
    if (place === assets.length) {
      assets.push(asset)
      sums.push(amount)
    } else sums[place] = sums[place]! + amount
  }
  const off: Array<readonly [Asset.Asset, Amount.Amount]> = []
  for (let place = 0; place < sums.length; place++) {
    if (sums[place] !== 0n) off.push([assets[place]!, sums[place]!])
  }
  return off
}
