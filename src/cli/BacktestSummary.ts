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
import * as Chart from "./Chart.js"
import * as ErrorBox from "./ErrorBox.js"
import * as LiquidationList from "./LiquidationList.js"
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

/** What is held at the end of an asset that no series prices, or of a perpetual without a mark. */
const amountOf = (result: Result.Result, asset: string): string => {
  const held = Object.values(result.balances).reduce((sum, tokens) => sum + (tokens[asset] ?? 0n), result.inTransit[asset] ?? 0n)
  const size = result.positions.reduce((sum, { size, symbol }) => (symbol === asset ? sum + size : sum), held)
  return size === 0n ? `${asset}, none at the end` : `${Pretty.exact(size)} ${asset}`
}

const paragraph = (style: Style.Style, text: string): ReadonlyArray<string> =>
  Style.wrap(text, style.width - 2).map((line) => `  ${style.yellow(line)}`)

/** What stands beside a value that is not of everything, or not of the beginning or the end. */
const besides = (style: Style.Style, result: Result.Result, { final, initial }: Result.Change): ReadonlyArray<string> => {
  const end = result.stoppedAt ?? result.to
  return [
    ...(result.unpriced.length === 0
      ? []
      : paragraph(style, `not in the value, because no series prices it: ${result.unpriced.map((asset) => amountOf(result, asset)).join("; ")}`)),
    ...(initial.at === result.from
      ? []
      : paragraph(style, `the initial value is of ${isoMinute(initial.at)}: something held before has no price yet`)),
    ...(final.at === end
      ? []
      : paragraph(style, `the final value is of ${isoMinute(final.at)}: something held afterwards has no price any more`))
  ]
}

const value = (style: Style.Style, result: Result.Result): ReadonlyArray<string> => {
  const changed = Result.change(result)
  if (changed === undefined) {
    return paragraph(style, `none: at no instant of the run is there a price of ${result.valueToken} and of everything held`)
  }
  const places = decimals[result.valueToken]
  const [change, final, initial] = [changed.change, changed.final.value, changed.initial.value]
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
    ...besides(style, result, changed)
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
    [{ head: "venue" }, { head: "token" }, { head: "amount", align: "right" }, { head: "" }],
    all.map(([venue, token, amount], i) => [
      i > 0 && all[i - 1]![0] === venue ? "" : venue,
      token,
      amounts[i]!,
      amount < 0n || Asset.kind(token) === "debt" ? style.red("owed") : ""
    ])
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

const nameOf = (kind: Result.CostKind): string => kind.replace("_", " ")

const costs = (style: Style.Style, all: ReadonlyArray<Result.CostLine>): ReadonlyArray<string> => {
  const lines = Result.costKinds.flatMap((kind) => all.filter((line) => line.kind === kind))
  if (lines.length === 0) return [`  ${style.dim("none")}`]
  const amounts = Pretty.alignPoints(lines.map(({ amount }) => Pretty.short(Amount.toDecimal(Amount.abs(amount)))))
  return Table.lines(
    style,
    [{ head: "kind" }, { head: "token" }, { head: "amount", align: "right" }, { head: "" }],
    lines.map(({ amount, asset, kind }, i) => [
      i > 0 && lines[i - 1]!.kind === kind ? "" : nameOf(kind),
      asset,
      amounts[i]!,
      amount < 0n ? style.green("received") : kind === "slippage" ? "paid, within the fills" : "paid"
    ])
  )
}

/**
 * Assumptions by venue, each in full. By default those that the run depends on; all of them with their sources where
 * they are asked for.
 */
const assumptions = (
  style: Style.Style,
  inForce: ReadonlyArray<Result.InForce>,
  all: boolean,
  report: string | undefined
): ReadonlyArray<string> => {
  const shown = all ? inForce : inForce.filter(({ touched }) => touched)
  const venues = [...new Set(shown.map(({ venue }) => venue))]
  const rest = inForce.length - shown.length
  const where = report === undefined ? "--json" : report
  const more = [
    ...(rest === 0 ? [] : [`${rest} more are in force and did not matter here: --assumptions shows them.`]),
    `All with their sources in ${where}.`
  ].join(" ")
  return [
    ...venues.flatMap((venue) => [
      `  ${venue}`,
      ...shown.filter((assumption) => assumption.venue === venue).flatMap(({ source, subject, value }) =>
        Style.wrap(`${style.cyan(`${subject}:`)} ${value}${all ? ` ${style.dim(`(${source})`)}` : ""}`, style.width - 6)
          .map((line, i) => `${i === 0 ? "    " : "      "}${line}`))
    ]),
    ...Style.wrap(more, style.width - 2).map((line) => `  ${style.dim(line)}`)
  ]
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** The period that was run and what was done in it; then where it stopped, and what differs from what was asked for. */
const header = (style: Style.Style, result: Result.Result): ReadonlyArray<string> => {
  const { error, failed, from, liquidations, replayed, requested, routed, stoppedAt, to } = result
  const loud = (text: string) => style.red(style.bold(text))
  const notes = [
    ...(requested.from === undefined || requested.from === from
      ? []
      : [`from ${isoMinute(requested.from)} was asked for, and the data begin at ${isoMinute(from)}`]),
    ...(requested.to === undefined || requested.to === to
      ? []
      : [`to ${isoMinute(requested.to)} was asked for, and the data end at ${isoMinute(to)}`]),
    ...(replayed === 0 ? [] : ["a replay changes nothing: the instruction had been executed under the same block_id and position"])
  ]
  return [
    `${isoMinute(from)} to ${isoMinute(to)}, ${span(from, to)}`,
    ...Style.wrap([
      `${counted(routed, "instruction", "instructions")} executed`,
      `${failed === 0 ? "none" : loud(String(failed))} failed`,
      ...(replayed === 0 ? [] : [style.yellow(`${replayed} replayed`)]),
      ...(liquidations.length === 0 ? [] : [loud(counted(liquidations.length, "liquidation", "liquidations"))])
    ].join(", "), style.width),
    ...(stoppedAt === undefined
      ? []
      : Style.wrap(
        `stopped at ${isoMinute(stoppedAt)}, after ${span(from, stoppedAt)}${error === undefined ? "" : `: ${error.message}`}`,
        style.width
      ).map(loud)),
    ...notes.flatMap((note) => Style.wrap(note, style.width)).map(style.yellow)
  ]
}

/**
 * The summary of a run: first the period and what went wrong in it, then what it came to, then what that rests on.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lines = (
  style: Style.Style,
  script: string,
  result: Result.Result,
  options: {
    /** Paths that were written, by kind. */
    readonly files: { readonly [kind: string]: string }
    /** Whether all assumptions are shown. */
    readonly assumptions: boolean
  }
): ReadonlyArray<string> => {
  const { error } = result
  const { files } = options
  const widest = Math.max(0, ...Object.keys(files).map((kind) => kind.length))
  const paths = Object.entries(files).map(([kind, path]) => `  ${style.dim(kind.replace("_", " ").padEnd(widest))}  ${path}`)
  return [
    `${style.bold(script)}  ${style.dim(result.backtestId)}`,
    ...header(style, result),
    ...section(
      style,
      "Liquidations",
      LiquidationList.lines(style, result.liquidations, files["report"])
    ),
    ...(error === undefined ? [] : ["", ...ErrorBox.ofInfo(style, error)]),
    ...section(style, `Value in ${result.valueToken}`, value(style, result)),
    ...section(style, "Balances", balances(style, result)),
    ...section(style, "Positions", positions(style, result.positions)),
    ...section(style, "Costs", costs(style, result.costs)),
    ...section(
      style,
      options.assumptions ? "Assumptions in force" : "Assumptions that mattered",
      assumptions(style, result.assumptions, options.assumptions, files["report"])
    ),
    ...section(style, "Files", paths)
  ]
}
