/**
 * Liquidations as people like to read them.
 *
 * @since 0.1.0
 */
import * as Amount from "../domain/Amount.js"
import * as Decimal from "../domain/Decimal.js"
import type * as Outcome from "../domain/Outcome.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Pretty from "./Pretty.js"
import type * as Style from "./Style.js"
import * as Table from "./Table.js"

/** How many are listed; the report has all of them. */
const most = 10

/** Down to four decimals: at 0.99999 it is not 1. */
const ratio = (decimal: Decimal.Decimal): string => Decimal.format(Decimal.make(Decimal.toScale(decimal, 4, "down"), 4))

const amount = (value: Amount.Amount): string => Pretty.short(Amount.toDecimal(value))

const standing = ({ healthFactor, marginRatio }: Outcome.Liquidation): string =>
  healthFactor !== undefined
    ? `, health factor ${ratio(healthFactor)}`
    : marginRatio !== undefined
      ? `, margin ratio ${ratio(marginRatio)}`
      : ""

const closed = (liquidation: Outcome.Liquidation): string => {
  const { price, priceIn, repaid, size, symbol } = liquidation
  const at = `at ${Pretty.short(price)} ${priceIn}`
  if (repaid !== undefined && size === 0n) {
    return `${amount(repaid.amount)} ${repaid.asset} owed, made good by the insurance fund`
  }
  return repaid === undefined
    ? `${symbol} closed, ${amount(Amount.abs(size))} ${size < 0n ? "short" : "long"} ${at}${standing(liquidation)}`
    : `${amount(size)} ${symbol} seized ${at}${standing(liquidation)}, ${amount(repaid.amount)} ${repaid.asset} repaid`
}

const lost = ({ asset, fee, loss, penalty }: Outcome.Liquidation): string => {
  const parts = [
    ...(penalty === 0n ? [] : [`penalty ${amount(penalty)}`]),
    ...(fee === 0n ? [] : [`fee ${amount(fee)}`])
  ]
  return `lost ${amount(loss)} ${asset}${parts.length === 0 ? "" : `, of it ${parts.join(" and ")}`}`
}

/**
 * One entry for each liquidation, oldest first: when, where, what was closed or seized at which price, how it stood, and
 * what it cost. Of more than ten the first ten, and in which file the others are.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lines = (
  style: Style.Style,
  all: ReadonlyArray<Outcome.LiquidationAccrual>,
  report: string | undefined
): ReadonlyArray<string> => {
  if (all.length === 0) return []
  const rows = all.slice(0, most).map(({ account, at, liquidation }) => [
    Timestamp.format(at).replace(/:00Z$/, "Z"),
    account,
    `${closed(liquidation)}: ${style.red(lost(liquidation))}`
  ])
  const rest = all.length - rows.length
  return [
    ...Table.lines(style, [{ head: "at" }, { head: "account" }, { head: "what", wrap: true }], rows),
    ...(rest === 0 ? [] : [`  ${style.dim(`and ${rest} more in ${report ?? "--json"}`)}`])
  ]
}
