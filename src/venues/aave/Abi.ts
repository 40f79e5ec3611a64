/**
 * The contracts of Aave v3 as far as they are called, and what they say when they refuse.
 *
 * Signatures are those of every v3 release. Reserve data is never read as a struct: its shape changed between releases.
 *
 * @since 0.1.0
 */
import { parseAbi } from "viem"
import type * as Outcome from "../../domain/Outcome.js"
import * as Revert from "../../evm/Revert.js"
import type * as RpcError from "../../evm/RpcError.js"

/**
 * The functions of `PoolAddressesProvider` that are called: they give the addresses of the other contracts.
 *
 * @category constants
 * @since 0.1.0
 */
export const addressesProvider = parseAbi([
  "function getPool() view returns (address)",
  "function getPoolDataProvider() view returns (address)"
])

/**
 * The function of the pool's data provider that gives the token contracts of a reserve.
 *
 * @category constants
 * @since 0.1.0
 */
export const dataProvider = parseAbi([
  "function getReserveTokensAddresses(address asset) view returns (address aToken, address stableDebt, address variableDebt)"
])

/**
 * The functions of `Pool` that are called, and the events that are read from its receipts.
 *
 * @category constants
 * @since 0.1.0
 */
export const pool = parseAbi([
  "function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)",
  "function withdraw(address asset, uint256 amount, address to) returns (uint256)",
  "function getReserveNormalizedIncome(address asset) view returns (uint256)",
  "event Supply(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint16 indexed referralCode)",
  "event Withdraw(address indexed reserve, address indexed user, address indexed to, uint256 amount)"
])

/** aTokens and debt tokens. @category constants @since 0.1.0 */
export const scaledToken = parseAbi([
  "function balanceOf(address account) view returns (uint256)",
  "function scaledBalanceOf(address account) view returns (uint256)",
  "event Mint(address indexed caller, address indexed onBehalfOf, uint256 value, uint256 balanceIncrease, uint256 index)",
  "event Burn(address indexed from, address indexed target, uint256 value, uint256 balanceIncrease, uint256 index)"
])

/** Declared errors, from v3.4 on. @category constants @since 0.1.0 */
export const errors = parseAbi([
  "error InvalidAmount()",
  "error ReserveInactive()",
  "error ReserveFrozen()",
  "error ReservePaused()",
  "error BorrowingNotEnabled()",
  "error NotEnoughAvailableUserBalance()",
  "error HealthFactorLowerThanLiquidationThreshold()",
  "error CollateralCannotCoverNewBorrow()",
  "error NoDebtOfSelectedType()",
  "error UnderlyingBalanceZero()",
  "error BorrowCapExceeded()",
  "error SupplyCapExceeded()",
  "error LtvValidationFailed()",
  "error UserHasAssetWithZeroLtv()"
])

/** Until v3.4 a refusal was a number as text (`Errors.sol` of aave-v3-core 1.19.3): the name that it got since. */
const numbered: { readonly [code: string]: string } = {
  "24": "InvalidMintAmount",
  "25": "InvalidBurnAmount",
  "26": "InvalidAmount",
  "27": "ReserveInactive",
  "28": "ReserveFrozen",
  "29": "ReservePaused",
  "30": "BorrowingNotEnabled",
  "32": "NotEnoughAvailableUserBalance",
  "34": "CollateralBalanceIsZero",
  "35": "HealthFactorLowerThanLiquidationThreshold",
  "36": "CollateralCannotCoverNewBorrow",
  "39": "NoDebtOfSelectedType",
  "43": "UnderlyingBalanceZero",
  "50": "BorrowCapExceeded",
  "51": "SupplyCapExceeded",
  "57": "LtvValidationFailed",
  "82": "AssetNotListed"
}

const reasons: { readonly [name: string]: Outcome.Reason } = {
  InvalidAmount: "invalid",
  InvalidMintAmount: "invalid",
  InvalidBurnAmount: "invalid",
  AssetNotListed: "invalid",
  NotEnoughAvailableUserBalance: "insufficient_balance",
  UnderlyingBalanceZero: "insufficient_balance",
  HealthFactorLowerThanLiquidationThreshold: "health_factor",
  CollateralCannotCoverNewBorrow: "health_factor",
  CollateralBalanceIsZero: "health_factor",
  LtvValidationFailed: "health_factor",
  UserHasAssetWithZeroLtv: "health_factor",
  SupplyCapExceeded: "limit",
  BorrowCapExceeded: "limit",
  ReserveInactive: "unavailable",
  ReserveFrozen: "unavailable",
  ReservePaused: "unavailable"
}

/**
 * Why the contracts refuse.
 *
 * @category models
 * @since 0.1.0
 */
export interface Refusal {
  readonly reason: Outcome.Reason
  /** Name of the contracts' error, or the text where it has none. */
  readonly name: string
}

/**
 * What a revert of the pool says, by name: of a version with numbered errors the number is translated. One that is not
 * known is `rejected`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const refusal = (revert: RpcError.Reverted): Refusal => {
  const { name, text } = Revert.reason(revert, errors)
  const known = name === "Error" ? numbered[text] ?? text : text
  return { name: known, reason: reasons[known] ?? "rejected" }
}
