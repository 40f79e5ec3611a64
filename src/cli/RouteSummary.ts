/**
 * What became of a block, as people like to read it.
 *
 * @since 0.1.0
 */
import * as Account from "../domain/Account.js"
import type * as Amount from "../domain/Amount.js"
import * as Decimal from "../domain/Decimal.js"
import * as Deltas from "../domain/Deltas.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import * as Fault from "../domain/Fault.js"
import type * as Instruction from "../domain/Instruction.js"
import type * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Instrument from "../domain/Instrument.js"
import type { Json } from "../domain/Json.js"
import * as Outcome from "../domain/Outcome.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as ErrorBox from "./ErrorBox.js"
import * as LiquidationList from "./LiquidationList.js"
import * as Pretty from "./Pretty.js"
import * as Style from "./Style.js"
import * as Table from "./Table.js"

const quantity = (amount: Instruction.Quantity | undefined): string => {
  if (amount === undefined) return ""
  if (typeof amount === "bigint") return ` ${Pretty.exact(amount)}`
  return amount === "max" ? " max" : ` output of ${amount.outputOf}`
}

const actionText = ({ action, amount, swapType, token, tokenOut }: Instruction.SmartContractAction): string =>
  tokenOut === undefined
    ? `${action}${quantity(amount)} ${token}`
    : swapType === "exact_out"
      ? `${action} ${token} for${quantity(amount)} ${tokenOut}`
      : `${action}${quantity(amount)} ${token} for ${tokenOut}`

/**
 * An instruction in a few words: `sell 1 ETHUSDT spot`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const describe = (instruction: Instruction.Instruction): string => {
  switch (instruction.instructionType) {
    case "wallet_transfer":
      return `transfer${quantity(instruction.amount)} ${instruction.token}, ` +
        `${Account.formatReference(instruction.fromVenue)} to ${Account.formatReference(instruction.toVenue)}`
    case "smart_contract_action":
      return actionText(instruction)
    case "cex_trade":
      return `${instruction.side}${quantity(instruction.amount)} ${Instrument.format(instruction.symbol)} ${instruction.tradeType}${
        instruction.price === undefined ? "" : ` at ${Pretty.exactDecimal(instruction.price)}`
      }`
  }
}

const section = (style: Style.Style, title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", style.bold(title), ...lines]

const statusColour = (style: Style.Style, status: ExecutionReport.Status): string => {
  switch (status) {
    case "settled":
      return style.green(status)
    case "partial":
    case "pending":
      return style.yellow(status)
    case "skipped":
      return style.dim(status)
    default:
      return style.red(status.replace("_", " "))
  }
}

const fillText = ({ amount, liquidity, price }: Outcome.Fill): string =>
  `${Pretty.exact(amount)} at ${Pretty.exactDecimal(price)}, ${liquidity}`

const text = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined)

/** Tickets of a queue, and when they can be claimed: `ticket 1, due 2024-06-04T00:00:00Z`. */
const ticketsOf = ({ due, tickets }: ExecutionReport.OperationReport["detail"]): string | undefined => {
  if (!Array.isArray(tickets) || tickets.length === 0) return undefined
  const ids = tickets.map((ticket: Json) => (Fault.isRecord(ticket) ? String(ticket["id"]) : String(ticket)))
  const instant = text(due)
  return `${ids.length === 1 ? "ticket" : "tickets"} ${ids.join(", ")}${instant === undefined ? "" : `, due ${instant}`}`
}

/** Down to two decimals: at 0.999 it is not 1. */
const healthOf = (factor: Json | undefined): string | undefined => {
  const decimal = Decimal.parse(text(factor) ?? "")
  return decimal === undefined ? undefined : `health factor ${Pretty.exactDecimal(Decimal.make(Decimal.toScale(decimal, 2, "down"), 2))}`
}

/** What is worth a word about an operation: its fills, where they were, its tickets, what became of a position. */
const detailOf = ({ detail, fills, handle, status }: ExecutionReport.OperationReport): string => {
  const due = status === "pending" ? text(handle?.reference["due"]) : undefined
  const place = text(detail["pool"]) ?? text(detail["market"])
  return [
    fills.map(fillText).join("; "),
    place === undefined ? undefined : `in ${place}`,
    ticketsOf(detail),
    healthOf(detail["health_factor"]),
    due === undefined ? undefined : `due ${due}`
  ].filter((part) => part !== undefined && part !== "").join(", ")
}

const operations = (
  style: Style.Style,
  block: InstructionBlock.InstructionBlock,
  all: ReadonlyArray<ExecutionReport.OperationReport>
): ReadonlyArray<string> =>
  all.length === 0 ? [] : Table.lines(
    style,
    [{ head: "#", align: "right" }, { head: "instruction" }, { head: "venue" }, { head: "status" }, { head: "", wrap: true }],
    all.map((operation) => {
      const instruction = block.instructions[operation.index]
      return [
        String(operation.index),
        instruction === undefined ? operation.instructionType : describe(instruction),
        operation.venue,
        statusColour(style, operation.status) + (operation.replayed ? style.dim(" replayed") : ""),
        detailOf(operation)
      ]
    })
  )

const signed = (style: Style.Style, amounts: ReadonlyArray<Amount.Amount>): ReadonlyArray<string> =>
  Pretty.alignPoints(amounts.map((amount) => Pretty.signed(Pretty.exact(amount))))
    .map((text, i) => Style.paint(amounts[i]! < 0n ? style.red : style.green, text))

const deltas = (style: Style.Style, all: Deltas.Deltas): ReadonlyArray<string> => {
  const rows = Object.keys(all).sort().flatMap((venue) =>
    Object.keys(all[venue]!).sort().map((token) => [venue, token, all[venue]![token]!] as const))
  if (rows.length === 0) return [`  ${style.dim("none")}`]
  const amounts = signed(style, rows.map(([, , amount]) => amount))
  return Table.lines(
    style,
    [{ head: "venue" }, { head: "token" }, { head: "change", align: "right" }],
    rows.map(([venue, token], i) => [i > 0 && rows[i - 1]![0] === venue ? "" : venue, token, amounts[i]!])
  )
}

const costs = (style: Style.Style, report: ExecutionReport.ExecutionReport): ReadonlyArray<string> => {
  const rows = report.operations.flatMap(({ costs, index }) => costs.map((cost) => ({ index, ...cost })))
  if (rows.length === 0) return []
  const amounts = Pretty.alignPoints(rows.map(({ amount }) => Pretty.exact(amount)))
  return Table.lines(
    style,
    [{ head: "#", align: "right" }, { head: "kind" }, { head: "venue" }, { head: "token" }, { head: "amount", align: "right" }],
    rows.map(({ asset, index, kind, venue }, i) => [String(index), kind, venue, asset, amounts[i]!])
  )
}

const accruals = (style: Style.Style, all: ReadonlyArray<Outcome.Accrual>): ReadonlyArray<string> => {
  const rows = all.flatMap((accrual) => {
    const change = Deltas.fromEntries(accrual.entries)
    return Object.keys(change).flatMap((venue) =>
      Object.keys(change[venue]!).map((token) => ({ accrual, venue, token, amount: change[venue]![token]! })))
  })
  if (rows.length === 0) return []
  const amounts = signed(style, rows.map(({ amount }) => amount))
  return Table.lines(
    style,
    [{ head: "at" }, { head: "kind" }, { head: "venue" }, { head: "token" }, { head: "change", align: "right" }],
    rows.map(({ accrual, token, venue }, i) => [Timestamp.format(accrual.at), accrual.kind, venue, token, amounts[i]!])
  )
}

const positions = (style: Style.Style, all: ReadonlyArray<Outcome.PositionChange>): ReadonlyArray<string> => {
  if (all.length === 0) return []
  const changes = signed(style, all.map(({ change }) => change))
  return Table.lines(
    style,
    [
      { head: "venue" },
      { head: "symbol" },
      { head: "change", align: "right" },
      { head: "size", align: "right" },
      { head: "entry", align: "right" },
      { head: "realised", align: "right" }
    ],
    all.map(({ entryPrice, realised, size, symbol, venue }, i) => [
      venue,
      symbol,
      changes[i]!,
      Pretty.signed(Pretty.exact(size)),
      Pretty.exactDecimal(entryPrice),
      Pretty.signed(Pretty.exact(realised))
    ])
  )
}

/**
 * The report of a block.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lines = (
  style: Style.Style,
  block: InstructionBlock.InstructionBlock,
  report: ExecutionReport.ExecutionReport
): ReadonlyArray<string> => [
  `${style.bold(report.blockId ?? "block")}  ${style.dim(`${Timestamp.format(report.timestamp)}, backtest`)}`,
  ...section(style, "Liquidations", LiquidationList.lines(style, Outcome.liquidations(report.accruals), undefined)),
  ...(report.error === undefined ? [] : ["", ...ErrorBox.ofInfo(style, report.error)]),
  ...section(style, "Operations", operations(style, block, report.operations)),
  ...section(style, "Change of position", deltas(style, report.deltas)),
  ...section(style, "Costs", costs(style, report)),
  ...section(style, "Perpetual positions", positions(style, report.positions)),
  ...section(style, "Settled on the way", accruals(style, report.accruals)),
  ...(report.degraded ? ["", `  ${style.yellow("degraded: something beside the execution failed; see the operations of --json")}`] : [])
]
