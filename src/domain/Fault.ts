/**
 * What is wrong with an input: where, what was expected, what came.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/**
 * One fault of an input.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fault {
  /** As in `instructions[1].amount`; empty for the whole input. */
  readonly path: string
  readonly expected: string
  readonly actual: unknown
}

const limit = 120

/** A short text of any value, for error messages. @category combinators @since 0.1.0 */
export const show = (value: unknown): string => {
  if (value === undefined) return "nothing"
  const text = typeof value === "bigint"
    ? value.toString()
    : typeof value === "string"
      ? JSON.stringify(value)
      : typeof value === "object" && value !== null
        ? showObject(value)
        : String(value)
  return text.length > limit ? `${text.slice(0, limit)}…` : text
}

const showObject = (value: object): string => {
  const parts: Array<string> = []
  const isArray = Array.isArray(value)
  for (const [key, member] of Object.entries(value).slice(0, 6)) {
    const text = typeof member === "object" && member !== null ? (Array.isArray(member) ? "[…]" : "{…}") : show(member)
    parts.push(isArray ? text : `${key}: ${text}`)
  }
  const more = Object.keys(value).length > 6 ? ", …" : ""
  return isArray ? `[${parts.join(", ")}${more}]` : `{${parts.join(", ")}${more}}`
}

/** `instructions[1].amount: expected …, got …`. @category combinators @since 0.1.0 */
export const describe = (fault: Fault): string =>
  `${fault.path === "" ? "the input" : fault.path}: expected ${fault.expected}, got ${show(fault.actual)}`

/** @category guards @since 0.1.0 */
export const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Levels that an input may be nested. @category constants @since 0.1.0 */
export const maxDepth = 64

const deeper = (value: unknown, levels: number): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (levels === 0) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (deeper(member, levels - 1)) return true
  }
  return false
}

/** The fault of an input that is nested beyond {@link maxDepth} or in a circle. @category combinators @since 0.1.0 */
export const depth = (input: unknown): Fault | undefined =>
  deeper(input, maxDepth)
    ? { path: "", expected: `values nested at most ${maxDepth} levels`, actual: "deeper ones" }
    : undefined

/** `base` followed by a path into it. @category combinators @since 0.1.0 */
export const formatPath = (base: string, path: ReadonlyArray<PropertyKey>): string => {
  let text = base
  for (const part of path) {
    text += typeof part === "number" ? `[${part}]` : text === "" ? String(part) : `.${String(part)}`
  }
  return text
}

const valueAt = (value: unknown, path: ReadonlyArray<PropertyKey>): unknown => {
  let at: unknown = value
  for (const part of path) {
    if (typeof at !== "object" || at === null) return undefined
    at = (at as { readonly [key: PropertyKey]: unknown })[part]
  }
  return at
}

/**
 * The first fault that a schema found in `input`, which stands at `base`; `known` are the fields it knows.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromParseError = (base: string, input: unknown, known: ReadonlyArray<string>, error: ParseResult.ParseError): Fault => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
  const issue = issues[0]!
  const path = formatPath(base, issue.path)
  const actual = valueAt(input, issue.path)
  if (issue._tag === "Unexpected") {
    return { path, expected: `one of the fields ${known.join(", ")}`, actual: `the field ${String(issue.path.at(-1))}` }
  }
  if (issue._tag === "Missing") return { path, expected: "a value, because the field is required", actual: undefined }
  const same = issues.filter((other) => formatPath(base, other.path) === path)
  const expectations = same.map(({ message }) =>
    message.replace(/^expected /i, "").replace(/, actual [\s\S]*$/, "")
  )
  const meaningful = expectations.filter((expectation) => expectation !== "undefined")
  return { path, expected: [...new Set(meaningful.length === 0 ? expectations : meaningful)].join(" or "), actual }
}

/** Options that refuse fields nobody knows. @category constants @since 0.1.0 */
export const strict = { errors: "first", onExcessProperty: "error" } as const

/** Names of the fields that a struct reads. @category combinators @since 0.1.0 */
export const fieldNames = (schema: Schema.Schema.AnyNoContext): ReadonlyArray<string> => {
  const ast = Schema.encodedSchema(schema).ast
  return ast._tag === "TypeLiteral" ? ast.propertySignatures.map((signature) => String(signature.name)) : []
}

/**
 * Reads a struct strictly: fields that nobody knows are faults.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decoder = <A, I>(schema: Schema.Schema<A, I>): (input: unknown, base?: string) => Either.Either<A, Fault> => {
  const decode = Schema.decodeUnknownEither(schema, strict)
  const known = fieldNames(schema)
  return (input, base = "") =>
    isRecord(input)
      ? Either.mapLeft(decode(input), (error) => fromParseError(base, input, known, error))
      : Either.left({ path: base, expected: "an object", actual: input })
}
