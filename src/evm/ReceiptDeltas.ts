/**
 * What a mined transaction changed, read from its receipt. Amounts are signed, in the smallest unit of each token.
 *
 * @since 0.1.0
 */
import { erc20Abi, isAddressEqual, parseAbi, parseEventLogs } from "viem"
import type { Address, Log, TransactionReceipt } from "viem"

type Logs = ReadonlyArray<Log>

const wrapping = parseAbi([
  "event Deposit(address indexed dst, uint256 wad)",
  "event Withdrawal(address indexed src, uint256 wad)"
])

const of = (logs: Logs, token: Address): Array<Log> => logs.filter((log) => isAddressEqual(log.address, token))

/**
 * Net change of a plain ERC-20 at an account: what its `Transfer` events say. Not for tokens whose balance grows by
 * itself, and not for wrapped ether, which is wrapped and unwrapped without a transfer: see {@link wrapped}.
 *
 * @category combinators
 * @since 0.1.0
 */
export const transferred = (logs: Logs, account: Address, token: Address): bigint => {
  let net = 0n
  for (const { args } of parseEventLogs({ abi: erc20Abi, eventName: "Transfer", logs: of(logs, token), strict: true })) {
    if (isAddressEqual(args.to, account)) net += args.value
    if (isAddressEqual(args.from, account)) net -= args.value
  }
  return net
}

/**
 * Ether that the account wrapped, negative where it unwrapped.
 *
 * @category combinators
 * @since 0.1.0
 */
export const wrapped = (logs: Logs, account: Address, weth: Address): bigint => {
  let net = 0n
  for (const log of parseEventLogs({ abi: wrapping, logs: of(logs, weth), strict: true })) {
    if (log.eventName === "Deposit" && isAddressEqual(log.args.dst, account)) net += log.args.wad
    if (log.eventName === "Withdrawal" && isAddressEqual(log.args.src, account)) net -= log.args.wad
  }
  return net
}

/** What the transaction cost its sender beside what it sent, in wei: `gas used * price paid`. @category combinators @since 0.1.0 */
export const gas = (receipt: TransactionReceipt): bigint => receipt.gasUsed * receipt.effectiveGasPrice

/**
 * Net change of the native token at an account that sent `value`: `-value - gas`, and plus what unwrapping gave back.
 * Other ether that contracts send leaves no log and is not counted.
 *
 * @category combinators
 * @since 0.1.0
 */
export const native = (
  receipt: TransactionReceipt,
  account: Address,
  value: bigint,
  weth?: Address | undefined
): bigint => {
  const unwrapped = weth === undefined
    ? 0n
    : parseEventLogs({ abi: wrapping, eventName: "Withdrawal", logs: of(receipt.logs, weth), strict: true })
      .filter(({ args }) => isAddressEqual(args.src, account))
      .reduce((sum, { args }) => sum + args.wad, 0n)
  const sent = receipt.status === "success" ? value : 0n
  return (isAddressEqual(receipt.from, account) ? -sent - gas(receipt) : 0n) + unwrapped
}
