/**
 * The page of error codes, written from the registry:
 *
 *     tsx .config/errors.ts [--check]
 *
 * writes docs/errors.md, or with `--check` fails where the file is not what would be written.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as ErrorCode from "../src/domain/ErrorCode.js"

const retries: Readonly<Record<ErrorCode.Retry, string>> = {
  never: "Do not send it again as it is.",
  after_fix: "Send it again once the cause is gone; nothing is executed twice.",
  after_resolve: "Find out what became of it before anything else.",
  missing_only: "Send the same block again; what was executed is not executed a second time."
}

const severities: Readonly<Record<ErrorCode.Severity, string>> = {
  CRITICAL: "The health signal is raised, a run stops at once, and `eim` ends.",
  HIGH: "Logged; a backtest stops at once; retried by itself only where certainly nothing was sent.",
  MEDIUM: "Logged; the result is marked degraded and work goes on.",
  LOW: "Logged."
}

const anchor = (entry: ErrorCode.ErrorCode): string =>
  `#${entry.code} ${entry.message}`.toLowerCase().replace(/[^#a-z0-9 -]/g, "").replace(/ /g, "-")

const row = (entry: ErrorCode.ErrorCode): string =>
  `| [${entry.code}](${anchor(entry)}) | ${entry.severity} | \`${entry.tag}\` | ${entry.message} | \`${entry.retry}\` |`

const section = (entry: ErrorCode.ErrorCode): string =>
  `## ${entry.code} ${entry.message}

${entry.description}

- **Severity**: ${entry.severity}
- **Tag**: \`${entry.tag}\`
- **Resolution**: ${entry.resolution}
- **Retry**: \`${entry.retry}\`. ${retries[entry.retry]}
`

/** The page as text. */
export const render = (codes: ReadonlyArray<ErrorCode.ErrorCode>): string =>
  `# Error codes

Every failure of the manager is one of these tagged errors: \`code\`, \`severity\`, \`resolution\` and \`retry\` stand on the
error, and \`report\` holds what had been done by then. \`eim errors\` prints the same list. This page is written from
\`src/domain/ErrorCode.ts\` by \`npm run docs\`.

| code | severity | tag | message | retry |
|---|---|---|---|---|
${codes.map(row).join("\n")}

What a severity means:

${Object.entries(severities).map(([name, text]) => `- **${name}**: ${text}`).join("\n")}

${codes.map(section).join("\n")}`

const main = (): void => {
  const file = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), "docs", "errors.md")
  const wanted = render(ErrorCode.all)
  if (!process.argv.includes("--check")) fs.writeFileSync(file, wanted)
  else if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== wanted) {
    console.error("docs/errors.md is not what the registry says: npm run docs")
    process.exitCode = 1
  } else console.log(`docs/errors.md: ${ErrorCode.all.length} codes, current`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
