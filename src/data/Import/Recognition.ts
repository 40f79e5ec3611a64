/**
 * The format of a file by its header, or by its first row where it has none.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Archives from "./Archives.js"
import * as Binance from "./Binance.js"
import * as Bybit from "./Bybit.js"
import * as Format from "./Format.js"
import * as Hyperliquid from "./Hyperliquid.js"
import type * as Names from "./Names.js"
import * as Okx from "./Okx.js"
import * as Plain from "./Plain.js"

/**
 * Every format, the more telling before those whose columns it has too.
 *
 * @category constants
 * @since 0.1.0
 */
export const formats: ReadonlyArray<Format.Format> = [
  ...Binance.formats,
  ...Okx.formats,
  ...Hyperliquid.formats,
  ...Bybit.formats,
  ...Archives.formats,
  ...Plain.formats
]

/**
 * A format and the columns of the file at hand.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recognised {
  readonly format: Format.Format
  /** Names of the columns as {@link Format.normalise} writes them. */
  readonly header: ReadonlyArray<string>
  /** The names as the file writes them, for messages. */
  readonly names: ReadonlyArray<string>
  /** Whether the first row is one of figures. */
  readonly bare: boolean
  /** Where each field stands that is read. */
  readonly index: ReadonlyMap<Format.Field, number>
}

const needs = (what: string): Either.Either<never, string> => Either.left(what)

const longest = 200

/** A header for people: of what is no text at all, as an archive, neither all of it nor what a terminal obeys. */
const readable = (header: ReadonlyArray<string>): string => {
  const text = header.join(", ").replace(/[\p{C}\ufffd\u2028\u2029]/gu, "?")
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

const hint = "; --columns names them, as time=when,open=o,high=h,low=l"

const indexOf = (
  format: Format.Format,
  header: ReadonlyArray<string>,
  names: ReadonlyArray<string>
): Either.Either<ReadonlyMap<Format.Field, number>, string> => {
  const index = new Map<Format.Field, number>()
  for (const field of Format.fields) {
    const column = format.columns[field]?.find((name) => header.includes(name))
    if (column === undefined) continue
    const at = header.indexOf(column)
    if (at !== header.lastIndexOf(column)) return needs(`two columns named ${names[at]}`)
    index.set(field, at)
  }
  if (!index.has("time")) {
    return needs(`no column of time: expected ${format.columns.time!.slice(0, 6).join(", ")} or the like, and got ${readable(names)}`)
  }
  return Either.right(index)
}

const required: Readonly<Record<Format.Kind, ReadonlyArray<Format.Field>>> = {
  candles: ["open", "high", "low"],
  trades: ["price"],
  funding: ["funding"],
  contexts: ["mark", "index", "funding"],
  aave: ["supply", "borrow"],
  rate: [],
  gas: ["gas"],
  values: ["value"]
}

/** A file whose columns are named by the caller: by their names or, from 1 on, by where they stand. */
const stated = (
  first: ReadonlyArray<string>,
  columns: NonNullable<Names.Naming["columns"]>,
  kind: Format.Kind | undefined
): Either.Either<Recognised, string> => {
  const entries = Object.entries(columns) as ReadonlyArray<readonly [Format.Field, string]>
  const header = first.map(Format.normalise)
  const positions = entries.every(([, column]) => /^\d{1,4}$/.test(column) && !first.includes(column))
  const index = new Map<Format.Field, number>()
  for (const [field, column] of entries) {
    const exact = positions ? Number.parseInt(column, 10) - 1 : first.indexOf(column)
    const at = exact >= 0 || positions ? exact : header.indexOf(Format.normalise(column))
    if (at < 0 || at >= first.length) return needs(`no column ${column} to be read as ${field}: got ${readable(first)}`)
    if (!positions && (exact >= 0 ? first.lastIndexOf(column) : header.lastIndexOf(header[at]!)) !== at) {
      return needs(`two columns named ${first[at]}`)
    }
    index.set(field, at)
  }
  const has = (fields: ReadonlyArray<Format.Field>) => fields.every((field) => index.has(field))
  const told = Format.kinds.find((one) => (kind === undefined ? required[one].length > 0 && has(required[one]) : one === kind))
  if (!index.has("time")) return needs("--columns names no column of time")
  if (told === undefined || !has(required[told]) || (told === "rate" && !has(["protocol"]) && !has(["dex"]))) {
    return needs(
      kind === undefined
        ? "--columns names neither open, high and low, nor price, funding, value, nor another figure that makes a series"
        : `--columns names not all that ${kind} have: ${required[kind].join(", ")}`
    )
  }
  return Either.right({
    format: { name: `${told} by the columns named`, kind: told, tells: [], columns: {} },
    header: positions ? first.map((_, i) => `column_${i + 1}`) : header,
    names: positions ? first.map((_, i) => `${i + 1}`) : first,
    bare: positions && !Format.isHeader(first),
    index
  })
}

/**
 * Recognises a file by its first row. Left is one sentence about why it is not.
 *
 * @category constructors
 * @since 0.1.0
 */
export const recognise = (first: ReadonlyArray<string>, naming: Names.Naming): Either.Either<Recognised, string> => {
  if (naming.columns !== undefined) return stated(first, naming.columns, naming.kind)
  const header = first.map(Format.normalise)
  const headed = formats.filter(({ tells }) => tells.every((column) => header.includes(column)))
  const unheaded = Format.isHeader(first) ? [] : formats.filter(({ bare }) => bare?.fits(first) === true)
  const all = [...headed, ...unheaded]
  const format = all.find(({ kind }) => naming.kind === undefined || kind === naming.kind)
  const columns = readable(first)
  if (format === undefined) {
    const [other] = all
    if (other !== undefined) return needs(`not ${naming.kind}: the file is ${other.kind} by its columns (${other.name})`)
    if (naming.kind !== undefined) {
      const expected = formats.filter(({ kind, venue }) => kind === naming.kind && venue === undefined).map(({ tells }) => tells.join(", "))
      return needs(`not ${naming.kind}: expected columns ${[...new Set(expected)].join(" or ") || "named by --columns"}, and got ${columns}`)
    }
    return needs(
      Format.isHeader(first)
        ? `no format that is known: columns ${columns}${hint}`
        : `no format that is known, and no header: the first row is ${columns}; --columns names columns by their place, as time=1,open=2,high=3,low=4`
    )
  }
  const bare = unheaded.includes(format)
  const named = bare ? format.bare!.columns.slice(0, first.length) : header
  const names = bare ? named : first
  return Either.map(indexOf(format, named, names), (index) => ({ format, header: named, names, bare, index }))
}
