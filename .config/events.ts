/**
 * The page of events, written from their schemas:
 *
 *     tsx .config/events.ts [--check]
 *
 * writes docs/events.md, or with `--check` fails where the file is not what would be written.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as Option from "effect/Option"
import * as SchemaAST from "effect/SchemaAST"
import * as CsvColumns from "../src/events/EventLogger/CsvColumns.js"
import * as EventSchema from "../src/events/EventSchema.js"
import * as ReportSchema from "../src/domain/ReportSchema.js"

/** What the columns of the table hold that are no field of the data. */
const columns: Readonly<Record<string, string>> = {
  order: "as in the line",
  timestamp: "as in the line",
  event_type: "as in the line",
  component: "as in the line",
  other: "fields of `data` that have no column, as JSON; blank where there are none"
}

const names = new Map<SchemaAST.AST, string>([
  [ReportSchema.Amount.ast, "decimal"],
  [ReportSchema.Instant.ast, "instant"]
])

const shared = new Map<string, SchemaAST.TypeLiteral>()

/** Some events have the name of a type in small letters: the heading of a type has a word more. */
const link = (identifier: string): string => `[${identifier}](#type-${identifier.toLowerCase()})`

const code = (text: string): string => `\`${text}\``

/** The type without what says that it may be left out. */
const required = (ast: SchemaAST.AST): SchemaAST.AST =>
  ast._tag === "Union" ? SchemaAST.Union.make(ast.types.filter((member) => member._tag !== "UndefinedKeyword"), ast.annotations) : ast

const typeOf = (ast: SchemaAST.AST): string => {
  for (const [known, name] of names) if (known === ast || (known._tag === "Refinement" && ast._tag === "Refinement" && known.filter === ast.filter)) return name
  const identifier = Option.getOrUndefined(SchemaAST.getIdentifierAnnotation(ast))
  if (identifier !== undefined && ast._tag === "TypeLiteral") {
    shared.set(identifier, ast)
    return link(identifier)
  }
  switch (ast._tag) {
    case "Literal":
      return code(JSON.stringify(ast.literal))
    case "Union":
      if (ast.types.every((member) => ReportSchema.Code.ast._tag === "Union" && ReportSchema.Code.ast.types.includes(member))) return "code"
      return ast.types.map(typeOf).join(" or ")
    case "StringKeyword":
      return "text"
    case "NumberKeyword":
      return "number"
    case "BooleanKeyword":
      return "`true` or `false`"
    case "UnknownKeyword":
      return "anything"
    case "Refinement":
      return typeOf(ast.from) === "number" ? "whole number" : typeOf(ast.from)
    case "TupleType":
      return `list of ${typeOf(ast.rest[0]!.type)}`
    case "Suspend":
      return typeOf(ast.f())
    case "TypeLiteral": {
      if (ReportSchema.Deltas.ast._tag === "TypeLiteral" && ast.indexSignatures === ReportSchema.Deltas.ast.indexSignatures) return "decimal by token, by venue or account"
      const signature = ast.indexSignatures[0]
      return signature === undefined
        ? `{ ${ast.propertySignatures.map((field) => `${String(field.name)}: ${typeOf(required(field.type))}`).join(", ")} }`
        : `${typeOf(signature.type)} by name`
    }
    default:
      return ast._tag
  }
}

const descriptionOf = (ast: SchemaAST.AST): string | undefined => Option.getOrUndefined(SchemaAST.getDescriptionAnnotation(ast))

/** The description that stands at the field itself, not that of the type of decimals, instants or whole numbers. */
const meaningOf = (ast: SchemaAST.AST): string => {
  const description = descriptionOf(ast) ?? ""
  const general = [...names.keys()].some((known) => descriptionOf(known) === description) || /^an? (non-negative|positive|integer|string|boolean|number)/.test(description)
  return general ? "" : description
}

const table = (ast: SchemaAST.TypeLiteral): string =>
  [
    "| field | type | |",
    "|---|---|---|",
    ...ast.propertySignatures.map((field) => {
      const type = required(field.type)
      const meaning = [meaningOf(field.type) || meaningOf(type), field.isOptional ? "may be left out" : ""].filter((part) => part !== "").join("; ")
      return `| ${code(String(field.name))} | ${typeOf(type)} | ${meaning} |`
    })
  ].join("\n")

const literalOf = (ast: SchemaAST.AST): SchemaAST.TypeLiteral => {
  if (ast._tag !== "TypeLiteral") throw new Error(`an event holds an object, not ${ast._tag}`)
  return ast
}

/** The page as text. */
export const render = (schemas: typeof EventSchema.data): string => {
  shared.clear()
  const sections = Object.entries(schemas).map(([type, { ast }]) => {
    const named = SchemaAST.getIdentifierAnnotation(ast)._tag === "Some"
    return `## ${type}\n\n${descriptionOf(ast) ?? ""}\n\n${named ? `The fields of ${typeOf(ast)}.` : table(literalOf(ast))}\n`
  })
  const done = new Set<string>()
  const types: Array<string> = []
  for (let next = [...shared.keys()].find((name) => !done.has(name)); next !== undefined; next = [...shared.keys()].find((name) => !done.has(name))) {
    done.add(next)
    types.push(`## Type ${next}\n\n${table(shared.get(next)!)}\n`)
  }
  return `# Events

What the manager writes into the event log: one JSON object a line. \`EventSchema.decode\` reads a line, and
[Operations](guides/operations.md) says where the files are. This page is written from \`src/events/EventSchema.ts\` by
\`npm run docs\`.

| key of a line | type | |
|---|---|---|
| \`order\` | whole number | number of the event in the log, from 1 without a gap |
| \`timestamp\` | instant | when it happened |
| \`event_type\` | text | one of the types below |
| \`component\` | text | who wrote it |
| \`data\` | object | by the type |

*decimal*: ${descriptionOf(ReportSchema.Amount.ast)}. *instant*: ${descriptionOf(ReportSchema.Instant.ast)}, as
\`2024-06-01T00:00:00Z\`. *code*: one of the [error codes](errors.md).

| event_type | |
|---|---|
${Object.entries(schemas).map(([type, { ast }]) => `| [${type}](#${type}) | ${descriptionOf(ast) ?? ""} |`).join("\n")}

${sections.join("\n")}
${types.join("\n")}
# As a table

\`eim events export\` and \`events.csv\` of a backtest have these columns, always all of them and in this order. A field
that has fields of its own is a column for each of them, as \`error.code\`; a list or values by name are one, as JSON. What
an event does not have is blank. A text that a spreadsheet would compute, as one that begins with \`=\`, begins with \`'\`;
numbers stay numbers, and control characters are written as \`\\uXXXX\`.

| column | |
|---|---|
${CsvColumns.columns.map((column) => `| ${code(column)} | ${columns[column] ?? fieldOf(column)} |`).join("\n")}
`
}

/** Which types of events have the field. */
const fieldOf = (column: string): string => {
  const [first = ""] = column.replace(/^data\./, "").split(".")
  const types = Object.entries(EventSchema.data).flatMap(([type, { ast }]) =>
    literalOf(ast).propertySignatures.some(({ name }) => name === first) ? [type] : [])
  return types.map((type) => `[${type}](#${type})`).join(", ")
}

const main = (): void => {
  const file = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), "docs", "events.md")
  const wanted = render(EventSchema.data)
  if (!process.argv.includes("--check")) fs.writeFileSync(file, wanted)
  else if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== wanted) {
    console.error("docs/events.md is not what the schemas say: npm run docs")
    process.exitCode = 1
  } else console.log(`docs/events.md: ${EventSchema.types.length} events, current`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
