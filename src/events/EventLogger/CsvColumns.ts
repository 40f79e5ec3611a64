/**
 * The columns of the event log as a table: the fields of every type of event, by their schemas.
 *
 * @since 0.1.0
 */
import type * as SchemaAST from "effect/SchemaAST"
import type { Json } from "../../domain/Json.js"
import * as Fault from "../../domain/Fault.js"
import * as Inert from "../../internal/Inert.js"
import * as EventSchema from "../EventSchema.js"

/** Fields by name: what has fields of its own, and what is one column. */
interface Fields extends Map<string, Fields | undefined> {}

/** The type without what says that there may be no value. */
const present = (ast: SchemaAST.AST): SchemaAST.AST => {
  switch (ast._tag) {
    case "Refinement":
      return present(ast.from)
    case "Union": {
      const some = ast.types.filter((member) => member._tag !== "UndefinedKeyword" && !(member._tag === "Literal" && member.literal === null))
      return some.length === 1 ? present(some[0]!) : ast
    }
    default:
      return ast
  }
}

/**
 * Fields of a struct; absent where the type is none, as a text, a list, or values by any name. What refers to a type
 * around it has no end of fields, and is one column too.
 */
const fieldsOf = (type: SchemaAST.AST): Fields | undefined => {
  const ast = present(type)
  if (ast._tag !== "TypeLiteral" || ast.indexSignatures.length > 0 || ast.propertySignatures.length === 0) return undefined
  return new Map(ast.propertySignatures.map(({ name, type }) => [String(name), fieldsOf(type)]))
}

/** Fields of both; what is a column of its own in one of them is one. */
const merged = (one: Fields, other: Fields): Fields => {
  const all: Fields = new Map(one)
  for (const [name, fields] of other) {
    const known = all.get(name)
    all.set(name, !all.has(name) ? fields : known === undefined || fields === undefined ? undefined : merged(known, fields))
  }
  return all
}

const fields: Fields = Object.values(EventSchema.data)
  .map(({ ast }) => fieldsOf(ast) ?? new Map<string, undefined>())
  .reduce(merged, new Map())

const pathsOf = (fields: Fields, base = ""): ReadonlyArray<string> =>
  [...fields].flatMap(([name, inside]) => (inside === undefined ? [base + name] : pathsOf(inside, `${base}${name}.`)))

/** Paths into the data of events, as `error.code`, in the order of the types of events. */
const paths: ReadonlyArray<string> = pathsOf(fields)

const ofLine: ReadonlyArray<string> = ["order", "timestamp", "event_type", "component"]

/**
 * The columns: `order`, `timestamp`, `event_type` and `component` of the line; the fields of the data of every type of
 * event, those of a field with fields of its own as `error.code`, and one that has the name of a key of the line as
 * `data.timestamp`; and `other`, what has no column.
 *
 * @category constants
 * @since 0.1.0
 */
export const columns: ReadonlyArray<string> = [
  ...ofLine,
  ...paths.map((path) => (ofLine.includes(path) ? `data.${path}` : path)),
  "other"
]

const number = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const formula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

/**
 * A cell that a spreadsheet shows and does not compute: a text that would be a formula there begins with `'`. Numbers
 * stay numbers. Control characters are escaped.
 *
 * @category combinators
 * @since 0.1.0
 */
export const cell = (text: string): string => Inert.text(formula.test(text) && !number.test(text) ? `'${text}` : text)

const cellOf = (value: unknown): string =>
  value === null || value === undefined
    ? ""
    : cell(typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value as Json) : String(value))

/** Puts the fields of a value into cells by their paths, and gives back what has none. */
const fill = (
  value: { readonly [key: string]: unknown },
  known: Fields,
  base: string,
  cells: Map<string, string>
): { readonly [key: string]: unknown } => {
  const rest: Array<readonly [string, unknown]> = []
  for (const [key, member] of Object.entries(value)) {
    const inside = known.get(key)
    if (!known.has(key)) rest.push([key, member])
    else if (inside === undefined) cells.set(base + key, cellOf(member))
    else if (Fault.isRecord(member)) {
      const left = fill(member, inside, `${base}${key}.`, cells)
      if (Object.keys(left).length > 0) rest.push([key, left])
    } else if (member !== null && member !== undefined) rest.push([key, member])
  }
  return Object.fromEntries(rest)
}

/**
 * A line of the log as a row.
 *
 * @category combinators
 * @since 0.1.0
 */
export const row = (line: {
  readonly order: number
  readonly timestamp: string
  readonly event_type: string
  readonly component: string
  readonly data: { readonly [key: string]: unknown }
}): ReadonlyArray<string> => {
  const cells = new Map<string, string>()
  const other = fill(line.data, fields, "", cells)
  return [
    line.order.toString(),
    cell(line.timestamp),
    cell(line.event_type),
    cell(line.component),
    ...paths.map((path) => cells.get(path) ?? ""),
    Object.keys(other).length === 0 ? "" : cellOf(other)
  ]
}
