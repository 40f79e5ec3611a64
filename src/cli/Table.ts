/**
 * Tables without lines: a dim head, columns two spaces apart.
 *
 * @since 0.1.0
 */
import CliTable from "cli-table3"
import * as Style from "./Style.js"

/**
 * A column.
 *
 * @category models
 * @since 0.1.0
 */
export interface Column {
  readonly head: string
  /** Defaults to left. */
  readonly align?: "left" | "right" | undefined
  /** Takes what is left of the width and breaks its text between words. One column at most. */
  readonly wrap?: boolean | undefined
}

const nothing = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "  ",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  "
}

const least = 24

/**
 * Lines of a table, indented by two.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lines = (
  style: Style.Style,
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const cells = rows.map((row) => row.map(Style.inertLine))
  const widths = columns.map(({ head }, i) =>
    Math.max(Style.columnsOf(head), ...cells.map((row) => Style.columnsOf(row[i] ?? ""))))
  const wrapped = columns.findIndex(({ wrap }) => wrap === true)
  if (wrapped >= 0) {
    const others = widths.reduce((sum, width, i) => (i === wrapped ? sum : sum + width), 0) + 2 * columns.length
    widths[wrapped] = Math.min(widths[wrapped]!, Math.max(style.width - others, least))
  }
  const table = new CliTable({
    chars: nothing,
    colWidths: widths,
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    wordWrap: true
  })
  // Colours that go on over a line break are closed and opened again by the table, which knows their usual form only.
  const usual = (cell: string): string => Style.render(cell)
  table.push(columns.map(({ head }) => usual(style.dim(head))), ...cells.map((row) => row.map(usual)))
  return Style.painted("", () => table.toString()).split("\n").map((line) => line.trimEnd())
}
