/**
 * What is wrong with an input: where, what was expected, what came.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

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

/** At least one of them. @category models @since 0.1.0 */
export type Faults = Arr.NonEmptyReadonlyArray<Fault>

const limit = 120

/** A short text of any value, for error messages. @category combinators @since 0.1.0 */
export const show = (value: unknown): string => {
  const text = textOf(value)
  return text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…` : text
}

/** Writing out a number takes time that grows faster than its digits. */
const longest = 10n ** 1000n

const textOf = (value: unknown): string => {
  switch (typeof value) {
    case "undefined":
      return "nothing"
    case "bigint":
      return -longest < value && value < longest ? value.toString() : "a number of more than 1000 digits"
    case "string":
      return JSON.stringify(value.slice(0, limit + 1))
    case "function":
      return "a function"
    case "object":
      return value === null
        ? "null"
        // An object of the caller's can do anything when it is looked at.
        : Either.getOrElse(Either.try(() => showObject(value)), () => "an object that cannot be read")
    default:
      return String(value)
  }
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

/** Whether a value is an object with keys: neither null nor an array. @category guards @since 0.1.0 */
export const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

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

/** One finding of a schema; `path` goes on from where the input stands, and `at` is its text. */
interface Finding {
  readonly path: ReadonlyArray<PropertyKey>
  readonly at: string
  readonly kind: ParseResult.ArrayFormatterIssue["_tag"]
  readonly message: string
  /** The struct or record around it. */
  readonly around: SchemaAST.AST | undefined
}

type Findings = Arr.NonEmptyReadonlyArray<Finding>

const inside = (issues: ParseResult.Composite["issues"]): Arr.NonEmptyReadonlyArray<ParseResult.ParseIssue> =>
  "_tag" in issues ? [issues] : issues

/** What a key that is none of a struct's should have been; of a record, what its keys are. */
const expectedKey = (key: PropertyKey | undefined, around: SchemaAST.AST | undefined, known: ReadonlyArray<string> | undefined): string => {
  const { indexSignatures = [], propertySignatures = [] } = around?._tag === "TypeLiteral" ? around : {}
  const keys = indexSignatures.flatMap(({ parameter }) =>
    Either.match(Schema.decodeUnknownEither(Schema.make(parameter))(key), { onLeft: expectationsOf, onRight: () => [] }))
  return keys.length > 0
    ? keys.join(" or ")
    : `one of the fields ${(known ?? propertySignatures.map(({ name }) => String(name))).join(", ")}`
}

const expectation = (message: string): string => message.replace(/^expected /i, "").replace(/, actual [\s\S]*$/, "")

const expectationsOf = (error: ParseResult.ParseError): ReadonlyArray<string> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map(({ message }) => expectation(message))

/**
 * Of what each member of a union found, that of the member that was meant: the one that the input fails inside, not as
 * a whole. Where there is none, all of it, which stands at one path.
 */
const meant = (members: Arr.NonEmptyReadonlyArray<Findings>, depth: number): Findings =>
  members
    .filter((found) => found.every(({ path }) => path.length > depth))
    .sort((one, other) => one.length - other.length)[0] ?? Arr.flatten(members)

const findings = (
  issue: ParseResult.ParseIssue,
  path: ReadonlyArray<PropertyKey>,
  around: SchemaAST.AST | undefined
): Findings => {
  if (issue._tag === "Pointer") {
    return issue.issue._tag === "Missing" && typeof issue.path === "number"
      // A list lacks a member: that is a fault of the list.
      ? [{ path, at: formatPath("", path), kind: "Type", message: `a list of more than ${issue.path}`, around }]
      : findings(issue.issue, path.concat(issue.path), around)
  }
  const issues = ParseResult.ArrayFormatter.formatIssueSync(issue)
  const { _tag: kind, message } = issues[0]!
  const leaf: Findings = [{ path, at: formatPath("", path), kind, message, around }]
  const isWhole = issues.length === 1 && issues[0]!.path.length === 0
  switch (issue._tag) {
    case "Composite": {
      // A text of its own that the schema has for the whole.
      if (isWhole && kind === "Composite") return leaf
      const parts = Arr.map(inside(issue.issues), (part) => findings(part, path, issue.ast))
      return SchemaAST.isUnion(issue.ast) ? meant(parts, path.length) : Arr.flatten(parts)
    }
    case "Refinement":
    case "Transformation":
      return isWhole ? leaf : findings(issue.issue, path, around)
    default:
      return leaf
  }
}

const ofFindings = (base: string, input: unknown, known: ReadonlyArray<string> | undefined, found: Findings): Fault => {
  const { around, kind, path: below } = found[0]
  const path = formatPath(base, below)
  if (kind === "Unexpected") {
    const key = below.at(-1)
    return { path, expected: expectedKey(key, around, below.length === 1 ? known : undefined), actual: `the field ${String(key)}` }
  }
  if (kind === "Missing") return { path, expected: "a value, because the field is required", actual: undefined }
  const expectations = found.map(({ message }) => expectation(message))
  const meaningful = expectations.filter((expectation) => expectation !== "undefined")
  const expected = [...new Set(meaningful.length === 0 ? expectations : meaningful)].join(" or ")
  return { path, expected, actual: valueAt(input, below) }
}

/**
 * The faults that a schema found in `input`, which stands at `base`: one for each path. `known` are the fields of the
 * whole, where they are not those of the schema.
 *
 * @category constructors
 * @since 0.1.0
 */
export const allOfParseError = (
  base: string,
  input: unknown,
  error: ParseResult.ParseError,
  known?: ReadonlyArray<string>
): Faults => {
  const found = findings(error.issue, [], undefined)
  return Arr.map(Arr.dedupeWith(found, (one, other) => one.at === other.at), (first) =>
    ofFindings(base, input, known, [first, ...found.filter((other) => other !== first && other.at === first.at)]))
}

/**
 * The first fault that a schema found in `input`, which stands at `base`; `known` are the fields it knows.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromParseError = (base: string, input: unknown, known: ReadonlyArray<string>, error: ParseResult.ParseError): Fault =>
  allOfParseError(base, input, error, known)[0]

/** Options that refuse fields nobody knows. @category constants @since 0.1.0 */
export const strict = { errors: "first", onExcessProperty: "error" } as const

/** Names of the fields that a struct reads. @category combinators @since 0.1.0 */
export const fieldNames = (schema: Schema.Schema.AnyNoContext): ReadonlyArray<string> => {
  const ast = Schema.encodedSchema(schema).ast
  return ast._tag === "TypeLiteral" ? ast.propertySignatures.map((signature) => String(signature.name)) : []
}

/**
 * Reads a struct strictly, up to the first fault: fields that nobody knows are faults.
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
      : Either.left(notAnObject(base, input))
}

/**
 * Reads a struct as strictly, and tells every fault of it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decoderOfAll = <A, I>(schema: Schema.Schema<A, I>): (input: unknown, base?: string) => Either.Either<A, Faults> => {
  const decode = Schema.decodeUnknownEither(schema, { ...strict, errors: "all" })
  return (input, base = "") =>
    isRecord(input)
      ? Either.mapLeft(decode(input), (error) => allOfParseError(base, input, error))
      : Either.left([notAnObject(base, input)])
}

const notAnObject = (path: string, actual: unknown): Fault => ({ path, expected: "an object", actual })
