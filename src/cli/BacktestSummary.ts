/**
 * What a backtest came to, as people like to read it.
 *
 * @since 0.1.0
 */
import * as Amount from "../domain/Amount.js"
import * as Asset from "../domain/Asset.js"
import * as Decimal from "../domain/Decimal.js"
import type * as Outcome from "../domain/Outcome.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Result from "../modes/Backtest/Result.js"
import type * as Assumption from "../sim/Assumption.js"
import * as Chart from "./Chart.js"
import * as ErrorBox from "./ErrorBox.js"
import * as Pretty from "./Pretty.js"
import * as Style from "./Style.js"
import * as Table from "./Table.js"

/** Decimals of a value in each token. */
const decimals = { USDT: 2, ETH: 4 } as const

const section = (style: Style.Style, title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", style.bold(title), ...lines]

const isoMinute = (at: Timestamp.Timestamp): string => Timestamp.format(at).replace(/:00Z$/, "Z")

const span = (from: Timestamp.Timestamp, to: Timestamp.Timestamp): string => {
  const hours = (to - from) / Timestamp.hour
  return hours < 48 ? `${Math.round(hours * 10) / 10} hours` : `${Math.round(hours / 24)} days`
}

const coloured = (style: Style.Style, text: string, sign: bigint): string =>
  sign === 0n ? text : Style.paint(sign > 0n ? style.green : style.red, text)

const value = (style: Style.Style, result: Result.Result): ReadonlyArray<string> => {
  if (result.value.length === 0) return [`  ${style.dim(`no price of ${result.valueToken} at any instant of the run`)}`]
  const places = decimals[result.valueToken]
  const { change, final, initial } = Result.change(result)
  const hundredfold = Decimal.multiply(change, Decimal.make(100n, 0))
  const percent = initial.value === 0n
    ? ""
    : ` (${Pretty.signed(Pretty.fixed(Decimal.quotient(hundredfold, initial, 6, "half_up"), 2))} %)`
  const rows = Pretty.alignPoints([
    Pretty.fixed(initial, places),
    Pretty.fixed(final, places),
    Pretty.signed(Pretty.fixed(change, places))
  ])
  const widest = Math.max(...rows.map((text) => text.length))
  const chart = Chart.lines(style, result.value, places)
  return [
    ...(chart.length === 0 ? [] : [...chart, ""]),
    `  initial  ${rows[0]!.padStart(widest)}`,
    `  final    ${rows[1]!.padStart(widest)}`,
    `  change   ${coloured(style, `${rows[2]!.padStart(widest)}${percent}`, change.value)}`,
    ...(result.unpriced.length === 0
      ? []
      : [`  ${style.yellow(`not in the value, because no series prices it: ${result.unpriced.join(", ")}`)}`])
  ]
}

const balances = (style: Style.Style, result: Result.Result): ReadonlyArray<string> => {
  const held = Object.keys(result.balances).sort().flatMap((venue) =>
    Object.keys(result.balances[venue]!).sort().map((token) => [venue, token, result.balances[venue]![token]!] as const))
  const moving = Object.keys(result.inTransit).sort().map((token) => ["in transit", token, result.inTransit[token]!] as const)
  const all = [...held, ...moving]
  if (all.length === 0) return [`  ${style.dim("nothing")}`]
  const amounts = Pretty.alignPoints(all.map(([, , amount]) => Pretty.exact(amount)))
  return Table.lines(
    style,
    [{ head: "venue" }, { head: "token" }, { head: "amount", align: "right" }],
    all.map(([venue, token], i) => [i > 0 && all[i - 1]![0] === venue ? "" : venue, token, amounts[i]!])
  )
}

const unrealised = ({ entryPrice, mark, size }: Outcome.Position): Amount.Amount | undefined =>
  mark === undefined ? undefined : Amount.times(size, Decimal.subtract(mark, entryPrice), 1n, "down")

const positions = (style: Style.Style, all: ReadonlyArray<Outcome.Position>): ReadonlyArray<string> => {
  if (all.length === 0) return []
  const sizes = Pretty.alignPoints(all.map(({ size }) => Pretty.signed(Pretty.exact(size))))
  const results = all.map(unrealised)
  const texts = Pretty.alignPoints(results.map((result) =>
    result === undefined ? "" : Pretty.signed(Pretty.fixed(Amount.toDecimal(result), 2))))
  return Table.lines(
    style,
    [
      { head: "venue" },
      { head: "symbol" },
      { head: "size", align: "right" },
      { head: "entry", align: "right" },
      { head: "mark", align: "right" },
      { head: "unrealised", align: "right" },
      { head: "" }
    ],
    all.map((position, i) => [
      position.venue,
      position.symbol,
      sizes[i]!,
      Pretty.short(position.entryPrice),
      position.mark === undefined ? "" : Pretty.short(position.mark),
      coloured(style, texts[i]!, results[i] ?? 0n),
      position.quote ?? "USDT"
    ])
  )
}

const kinds: ReadonlyArray<Result.CostKind> = ["fees", "gas", "slippage", "funding", "interest", "rounding"]

const costs = (style: Style.Style, all: ReadonlyArray<Result.CostLine>): ReadonlyArray<string> => {
  const lines = kinds.flatMap((kind) => all.filter((line) => line.kind === kind))
  if (lines.length === 0) return [`  ${style.dim("none")}`]
  const amounts = Pretty.alignPoints(lines.map(({ amount }) => Pretty.short(Amount.toDecimal(Amount.abs(amount)))))
  return Table.lines(
    style,
    [{ head: "kind" }, { head: "token" }, { head: "amount", align: "right" }, { head: "" }],
    lines.map(({ amount, asset, kind }, i) => [
      i > 0 && lines[i - 1]!.kind === kind ? "" : kind,
      asset,
      amounts[i]!,
      amount < 0n ? style.green("received") : kind === "slippage" ? "paid, within the fills" : "paid"
    ])
  )
}

/**
 * What a run had to do with: the assumptions about other venues and tokens did not matter to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Touched {
  readonly venues: ReadonlySet<string>
  readonly tokens: ReadonlySet<string>
}

/** The token that an assumption is about: `transfers of ETH on arbitrum`, `parameters of USDC`. */
const tokenOf = (subject: string): string | undefined => / of ([A-Za-z0-9]+)(?: on [a-z0-9]+)?$/.exec(subject)?.[1]

/** Whether an assumption mattered to the run. */
const matters = (assumption: Assumption.Assumption, { tokens, venues }: Touched): boolean => {
  const token = tokenOf(assumption.subject)
  return venues.has(assumption.venue) && (token === undefined || tokens.has(token) || Asset.token(token) === undefined)
}

const assumptions = (
  style: Style.Style,
  all: ReadonlyArray<Assumption.Assumption>,
  touched: Touched,
  report: string | undefined
): ReadonlyArray<string> => {
  const mattering = all.filter((assumption) => matters(assumption, touched))
  const venues = [...new Set(mattering.map(({ venue }) => venue))]
  const shown = venues.flatMap((venue) => mattering.filter((assumption) => assumption.venue === venue))
  const widest = (texts: ReadonlyArray<string>) => Math.max(0, ...texts.map((text) => text.length))
  const left = widest(venues) + widest(shown.map(({ subject }) => subject)) + 6
  const room = Math.max(style.width - left, 24)
  const rows = shown.map(({ subject, value, venue }, i) => [
    i > 0 && shown[i - 1]!.venue === venue ? "" : venue,
    subject,
    value.length > room ? `${value.slice(0, room - 1)}…` : value
  ])
  const rest = all.length - shown.length
  const where = report === undefined ? "--json" : report
  return [
    ...(rows.length === 0 ? [] : Table.lines(style, [{ head: "venue" }, { head: "about" }, { head: "value" }], rows)),
    ...Style.wrap(
      `Whole and with their sources in ${where}${rest === 0 ? "" : `, and ${rest} more that did not matter here`}.`,
      style.width - 2
    ).map((line) => `  ${style.dim(line)}`)
  ]
}

/**
 * The summary of a run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lines = (
  style: Style.Style,
  script: string,
  result: Result.Result,
  touched: Touched,
  files: { readonly [kind: string]: string }
): ReadonlyArray<string> => {
  const { error, failed, from, routed, to } = result
  const stoppedAt = result.stoppedAt?.timestamp ?? result.value.at(-1)?.at
  const widest = Math.max(0, ...Object.keys(files).map((kind) => kind.length))
  const paths = Object.entries(files).map(([kind, path]) => `  ${style.dim(kind.replace("_", " ").padEnd(widest))}  ${path}`)
  const stopped = `The run stopped${stoppedAt === undefined ? "" : ` at ${isoMinute(stoppedAt)}`}.`
  return [
    `${style.bold(script)}  ${style.dim(result.backtestId)}`,
    `${isoMinute(from)} to ${isoMinute(to)}, ${span(from, to)}`,
    `${routed} ${routed === 1 ? "instruction" : "instructions"} executed, ${failed === 0 ? "none" : style.red(String(failed))} failed`,
    ...section(style, `Value in ${result.valueToken}`, value(style, result)),
    ...section(style, "Balances", balances(style, result)),
    ...section(style, "Positions", positions(style, result.positions)),
    ...section(style, "Costs", costs(style, result.costs)),
    ...section(style, "Assumptions in force", assumptions(style, result.assumptions, touched, files["report"])),
    ...section(style, "Files", paths),
    ...(error === undefined ? [] : ["", style.red(style.bold(stopped)), ...ErrorBox.ofInfo(style, error)])
  ]
}
