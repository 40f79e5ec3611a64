/**
 * An error in a box, with what to do about it.
 *
 * @since 0.1.0
 */
import type * as EimError from "../domain/EimError.js"
import * as ErrorCode from "../domain/ErrorCode.js"
import type * as Failure from "./Failure.js"
import * as Style from "./Style.js"

interface Content {
  readonly title: string
  readonly reason: string
  readonly facts: ReadonlyArray<readonly [name: string, text: string | undefined]>
  readonly resolution: string
}

const lines = (style: Style.Style, { facts, reason, resolution, title }: Content): ReadonlyArray<string> => {
  const inside = style.width - 6
  const known = facts.flatMap(([name, text]) => (text === undefined || text === "" ? [] : [[name, Style.inertLine(text)] as const]))
  const left = Math.max(0, ...known.map(([name]) => name.length)) + 2
  const body = [
    ...Style.wrap(Style.inert(reason), inside),
    ...(known.length === 0 ? [] : [""]),
    ...known.flatMap(([name, text]) =>
      Style.wrap(text, inside - left).map((line, i) => `${style.dim((i === 0 ? name : "").padEnd(left))}${line}`)),
    "",
    ...Style.wrap(resolution, inside - 2).map((line, i) => `${i === 0 ? "→" : " "} ${line}`)
  ]
  const widest = Math.min(Math.max(Style.columnsOf(title) + 1, ...body.map(Style.columnsOf)), inside)
  const edge = style.red
  const rest = "─".repeat(Math.max(widest - Style.columnsOf(title) - 1, 0))
  return [
    `  ${edge("╭─")} ${style.bold(style.red(title))} ${edge(`${rest}╮`)}`,
    ...body.map((line) => `  ${edge("│")} ${Style.padEnd(line, widest)} ${edge("│")}`),
    `  ${edge(`╰${"─".repeat(widest + 2)}╯`)}`
  ]
}

/** An error of the registry. @category constructors @since 0.1.0 */
export const ofInfo = (style: Style.Style, info: EimError.Info): ReadonlyArray<string> =>
  lines(style, {
    title: `${info.code} ${ErrorCode.registry[info.code].message}`,
    reason: info.reason,
    facts: [
      ["where", info.path],
      ["expected", info.expected],
      ["got", info.actual],
      ["operation", info.operationId],
      ["venue", info.venue],
      ["severity", info.severity]
    ],
    resolution: info.resolution
  })

/** A line for each value at fault, where there are several; where they were read, where it is not the same for all. */
const misfits = (all: ReadonlyArray<Failure.Misfit>): ReadonlyArray<string> => {
  const isOne = all.every(({ source }) => source === all[0]?.source)
  return all.length < 2 ? [] : all.map(({ actual, expected, path, source }) => {
    const place = [...(isOne ? [] : [source]), path === "" ? "the whole" : path].join(": ")
    return `     ${place}: expected ${expected}, got ${actual}`
  })
}

/** Where the files are of a run that did not get to its end. */
const leftOf = (run: Failure.Run | undefined): ReadonlyArray<string> => {
  const files = Object.values(run?.files ?? {})
  return files.length === 0 ? [] : [`What was executed by then is in ${files.join(" and ")}.`]
}

/**
 * What keeps a command from its result: a box for an error of the registry, else a line and what to do about it, with
 * every value at fault between them where there are several.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofFailure = (style: Style.Style, failure: Failure.Failure): ReadonlyArray<string> =>
  failure.error === undefined
    ? [
      `${style.red("eim:")} ${failure.reason.replaceAll("\n", "\n     ")}`,
      ...misfits(failure.misfits ?? []),
      `     ${style.dim(failure.resolution)}`,
      ...leftOf(failure.run).map((line) => `     ${style.dim(line)}`)
    ]
    : lines(style, {
      title: `${failure.error.code} ${ErrorCode.registry[failure.error.code].message}`,
      reason: failure.reason,
      facts: [],
      resolution: failure.resolution
    })
