/**
 * Refusals of the contract, in words that say what to do.
 *
 * @since 0.1.0
 */
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Refusal from "../../sim/Refusal.js"
import * as Market from "./Market.js"
import type * as Markets from "./Markets.js"
import type * as Request from "./Request.js"
import * as State from "./State.js"

/** The market and the account that an action found. @category models @since 0.1.0 */
export interface Found {
  readonly held: State.Held
  readonly market: Market.Market
  readonly price: bigint
}

const format = (asset: Asset.Asset, units: bigint): string => Amount.format(Amount.fromUnits(units, Asset.decimals(asset)))

/** The refusal where the interest of a market cannot be accrued. @category constructors @since 0.1.0 */
export const ofInterest = ({ name }: Markets.Listed) => (fault: Market.Fault): Refusal.Refusal =>
  Refusal.make("rejected", `the interest of ${name}: ${fault}`)

/** The refusal where a liquidation in a market cannot be carried out. @category constructors @since 0.1.0 */
export const ofLiquidation = ({ name }: Markets.Listed) => (fault: Market.Fault): Refusal.Refusal =>
  Refusal.make("rejected", `the liquidation in ${name}: ${fault}`)

const beyond = ({ action, market, token, units }: Request.InMarket, { held }: Found): Refusal.Refusal => {
  const asked = units === "max" ? 0n : units
  const amount = Amount.fromUnits(asked, Asset.decimals(token))
  switch (action) {
    case "withdraw":
      return Refusal.insufficientBalance(State.account, Asset.claimOn(token), Amount.fromUnits(held.claim, Asset.decimals(token)), amount)
    case "withdraw_collateral":
      return Refusal.insufficientBalance(State.account, token, Amount.fromUnits(held.position.collateral, Asset.decimals(token)), amount)
    case "repay":
      return Refusal.make(
        "invalid",
        `${format(token, held.debt)} ${token} are owed in ${market.name}, and the contract refuses a repayment of as many shares or more ` +
          "by their amount (panic 0x11): all of a debt is repaid by \"max\"",
        { field: "amount", expected: held.debt === 0n ? "a debt" : "less than the debt, or \"max\"", actual: format(token, asked) }
      )
    default:
      return Refusal.make("rejected", `${action} in ${market.name}: more than the contract can count to (panic 0x11)`, {
        field: "amount",
        expected: "less",
        actual: format(token, asked)
      })
  }
}

const uncovered = ({ action, market, units }: Request.InMarket, { held: { position }, market: now, price }: Found): Refusal.Refusal => {
  const taken = units === "max" ? position.collateral : units
  const left = action === "borrow" ? position : { ...position, collateral: position.collateral - taken }
  const owed = Market.borrowed(now, position) + (action === "borrow" ? taken : 0n)
  const most = format(market.loan, Market.maxBorrow(market.terms, left, price))
  return Refusal.make(
    "health_factor",
    `${format(market.collateral, left.collateral)} ${market.collateral} in ${market.name} carry a debt of ${most} ${market.loan}, ` +
      `and it would be ${format(market.loan, owed)} (insufficient collateral)`,
    { field: "amount", expected: `a debt of at most ${most} ${market.loan}`, actual: format(market.loan, owed) }
  )
}

/** Why the contract refuses an action, and what would do. @category constructors @since 0.1.0 */
export const explain = (fault: Market.Fault, request: Request.InMarket, found: Found): Refusal.Refusal => {
  const { action, market, token, units } = request
  const actual = units === "max" ? units : format(token, units)
  switch (fault) {
    case "inconsistent input":
    case "zero assets":
      return Refusal.make("insufficient_balance", `there is no ${token} to ${action} (${fault})`, {
        field: "amount",
        expected: "some balance",
        actual
      })
    case "insufficient liquidity": {
      const { borrow, supply } = found.market
      const most = format(token, supply.assets - borrow.assets)
      return Refusal.make("limit", `${most} ${token} in ${market.name} are not lent (insufficient liquidity)`, {
        field: "amount",
        expected: `at most ${most} ${token}`,
        actual
      })
    }
    case "insufficient collateral":
      return uncovered(request, found)
    case "panic 0x11":
      return beyond(request, found)
    case "position is healthy":
    case "max uint128 exceeded":
      return Refusal.make("invalid", `${action} in ${market.name}: ${fault}`, { field: "amount", expected: "less", actual })
  }
}
