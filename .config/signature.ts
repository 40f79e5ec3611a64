/**
 * What a declaration says to those who use it: its text without the bodies, and with long lines broken.
 */
import ts from "typescript"

/** Longest line of code on a page. */
const width = 110

const pairs: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]", "<": ">" }

interface Group {
  readonly open: number
  readonly close: number
  readonly depth: number
  /** Where its parts end. */
  readonly separators: ReadonlyArray<number>
}

const groupsOf = (line: string): ReadonlyArray<Group> => {
  const found: Array<Group> = []
  const stack: Array<{ readonly open: number; readonly separators: Array<number> }> = []
  for (const { 0: token, index } of line.matchAll(/"(?:\\.|[^"\\])*"|`[^`]*`|=>|\/\*.*?\*\/|[(){}[\]<>,;]/g)) {
    const top = stack.at(-1)
    if (Object.hasOwn(pairs, token)) stack.push({ open: index, separators: [] })
    else if (token === "," || token === ";") top?.separators.push(index)
    else if (top !== undefined && token === pairs[line[top.open]!]) {
      stack.pop()
      found.push({ ...top, close: index, depth: stack.length })
    }
  }
  return found
}

const isComment = (line: string): boolean => /^\s*(?:\/?\*|\/\/)/.test(line)

/** Breaks a line that is too long at the outermost brackets that hold something, else at the members of a union. */
const wrapLine = (line: string): ReadonlyArray<string> => {
  if (line.length <= width || isComment(line)) return [line]
  const indent = /^ */.exec(line)![0]
  const groups = groupsOf(line).filter(({ open, close }) => line.slice(open + 1, close).trim() !== "")
  const shallow = Math.min(...groups.map(({ depth }) => depth))
  const outer = groups.filter(({ depth }) => depth === shallow).sort((a, b) => b.close - b.open - (a.close - a.open))[0]
  if (outer === undefined || outer.close - outer.open < 30) {
    const [first, ...members] = line.split(/(?= \| )/)
    return members.length === 0 ? [line] : [first!, ...members.map((member) => `${indent} ${member}`)]
  }
  const ends = [...outer.separators.map((at) => at + 1), outer.close]
  const parts = ends.map((end, index) => line.slice(ends[index - 1] ?? outer.open + 1, end).trim())
  return [
    line.slice(0, outer.open + 1),
    ...parts.filter((part) => part !== "").flatMap((part) => wrapLine(`${indent}  ${part}`)),
    ...wrapLine(`${indent}${line.slice(outer.close)}`)
  ]
}

/** The text with every line that is too long broken where its brackets allow. */
export const wrap = (text: string): string => text.split("\n").flatMap(wrapLine).join("\n")

const until = (source: ts.SourceFile, node: ts.Node, end: number): string => source.text.slice(node.getStart(source), end).trimEnd()

const widened: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.NumericLiteral, "number"],
  [ts.SyntaxKind.BigIntLiteral, "bigint"],
  [ts.SyntaxKind.StringLiteral, "string"],
  [ts.SyntaxKind.TrueKeyword, "boolean"],
  [ts.SyntaxKind.FalseKeyword, "boolean"]
])

/** A parameter with a default may be left out. */
const parameter = (source: ts.SourceFile, node: ts.ParameterDeclaration): string => {
  if (node.initializer === undefined) return node.getText(source)
  const type = node.type?.getText(source) ?? widened.get(node.initializer.kind) ?? "unknown"
  return `${node.name.getText(source)}?: ${type}`
}

const parameters = (source: ts.SourceFile, node: ts.SignatureDeclaration): string => {
  const texts = node.parameters.map((each) => parameter(source, each))
  const [first] = node.parameters
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line
  const apart = first !== undefined && line(first.pos - 1) !== line(first.getStart(source))
  return apart ? `(\n  ${texts.join(",\n  ")}\n)` : `(${texts.join(", ")})`
}

/** The type of a function, as far as it is written; that of one made by `Effect.fn` with the effect it gives. */
const functionType = (source: ts.SourceFile, node: ts.ArrowFunction | ts.FunctionExpression): string => {
  const generics = node.typeParameters === undefined
    ? ""
    : `<${node.typeParameters.map((each) => each.getText(source)).join(", ")}>`
  const head = `${generics}${parameters(source, node)} => `
  if (node.type !== undefined) {
    const type = node.type.getText(source)
    return head + (node.asteriskToken === undefined ? type : type.replace(/^Effect\.fn\.Return\b/, "Effect.Effect"))
  }
  return ts.isArrowFunction(node.body) ? head + functionType(source, node.body) : `${head}unknown`
}

/** Whether a function leaves the type of what it gives to be inferred. */
const isInferred = (node: ts.ArrowFunction | ts.FunctionExpression): boolean =>
  node.type === undefined && !(ts.isArrowFunction(node.body) && !isInferred(node.body))

const functionOf = (node: ts.Expression): ts.ArrowFunction | ts.FunctionExpression | undefined => {
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return node
  if (!ts.isCallExpression(node) || !node.expression.getText().startsWith("Effect.fn")) return undefined
  const [body] = node.arguments
  return body === undefined ? undefined : functionOf(body)
}

const bare = (node: ts.Expression): ts.Expression =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) ? bare(node.expression) : node

/** Of an object with more lines only the names of its fields are shown. */
const longest = 60

const valueOf = (source: ts.SourceFile, node: ts.Expression): string => {
  const text = node.getText(source)
  const inner = bare(node)
  if (text.split("\n").length <= longest || !ts.isObjectLiteralExpression(inner)) return text
  return `{\n${inner.properties.map((each) => `  ${each.name?.getText(source) ?? "..."}: { /* … */ }`).join(",\n")}\n}`
}

const variable = (source: ts.SourceFile, node: ts.VariableDeclaration): string => {
  const name = `export const ${node.name.getText(source)}`
  if (node.type !== undefined) return `${name}: ${node.type.getText(source)}`
  if (node.initializer === undefined) return name
  const made = functionOf(node.initializer)
  return made === undefined ? `${name} = ${valueOf(source, node.initializer)}` : `${name}: ${functionType(source, made)}`
}

const isHidden = (member: ts.ClassElement): boolean =>
  (member.name !== undefined && ts.isPrivateIdentifier(member.name)) ||
  (ts.canHaveModifiers(member) && ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true)

const member = (source: ts.SourceFile, node: ts.ClassElement): string => {
  const start = node.getStart(source, true)
  if (ts.isPropertyDeclaration(node)) return source.text.slice(start, node.type?.end ?? node.end)
  const body = ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isConstructorDeclaration(node) ? node.body : undefined
  return source.text.slice(start, body?.getStart(source) ?? node.end).trimEnd()
}

const classText = (source: ts.SourceFile, node: ts.ClassDeclaration): string => {
  const head = until(source, node, node.heritageClauses?.end ?? node.typeParameters?.end ?? node.name?.end ?? node.end)
  const members = node.members.filter((each) => !isHidden(each)).map((each) => `  ${member(source, each)}\n`)
  return members.length === 0 ? `${head} {}` : `${head} {\n${members.join("")}}`
}

/** Whether the text of the declaration does not say what it gives. */
export const isUnsaid = (node: ts.Statement): boolean =>
  ts.isVariableStatement(node)
    ? node.declarationList.declarations.some(({ initializer, type }) => {
      const made = initializer === undefined || type !== undefined ? undefined : functionOf(initializer)
      return made !== undefined && isInferred(made)
    })
    : ts.isFunctionDeclaration(node) && node.type === undefined

/** An exported declaration as it is written, without bodies. */
export const of = (source: ts.SourceFile, node: ts.Statement): string => {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map((each) => variable(source, each)).join("\n")
  if (ts.isClassDeclaration(node)) return classText(source, node)
  return ts.isFunctionDeclaration(node) ? until(source, node, node.body?.getStart(source) ?? node.end) : node.getText(source)
}
