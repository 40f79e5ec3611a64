/**
 * The help of `eim` and its commands.
 *
 * @since 0.1.0
 */
import * as Style from "./Style.js"
import * as Usage from "./Usage.js"

const indent = (lines: ReadonlyArray<string>, by: number): ReadonlyArray<string> =>
  lines.map((line) => (line === "" ? "" : " ".repeat(by) + line))

/** Names to the left, what they mean to the right. */
const list = (style: Style.Style, rows: ReadonlyArray<readonly [name: string, text: string]>): ReadonlyArray<string> => {
  const left = Math.max(...rows.map(([name]) => Style.columnsOf(name))) + 2
  return rows.flatMap(([name, text]) =>
    Style.wrap(text, style.width - left - 2).map((line, i) =>
      `  ${Style.padEnd(i === 0 ? style.cyan(name) : "", left)}${line}`))
}

const section = (style: Style.Style, title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => [
  "",
  style.bold(title),
  ...lines
]

const written = ({ name, value }: Usage.Flag): string => (value === undefined ? `--${name}` : `--${name} ${value}`)

const synopsis = ({ argument, flags, name }: Usage.Usage): string =>
  [
    `eim ${name}`,
    ...(argument === undefined ? [] : [argument.many === true ? `${argument.name}...` : argument.name]),
    ...flags.map((flag) => (flag.required === true ? written(flag) : `[${written(flag)}]`))
  ].join(" ")

const examples = (style: Style.Style, all: Usage.Usage["examples"]): ReadonlyArray<string> =>
  all.flatMap(({ command, text }) => [`  ${style.dim(`# ${text}`)}`, ...indent(command.split("\n"), 2)])

/**
 * The help of one command.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofCommand = (style: Style.Style, command: Usage.Usage): string => {
  const { about, argument, flags, notes } = command
  const [first, ...more] = synopsisLines(style, command)
  return [
    `${style.bold(`eim ${command.name}`)}: ${command.summary}`,
    ...about.flatMap((paragraph) => ["", ...Style.wrap(paragraph, style.width)]),
    ...section(style, "USAGE", [`  ${first}`, ...indent(more, 6)]),
    ...(argument === undefined ? [] : section(style, "ARGUMENT", list(style, [[argument.name, argument.text]]))),
    ...section(style, "OPTIONS", list(style, [
      ...flags.map((flag) => [written(flag), `${flag.text}${flag.required === true ? " (required)" : ""}`] as const),
      ["-h, --help", "this text"]
    ])),
    ...section(style, "EXAMPLES", examples(style, command.examples)),
    ...notes.flatMap(({ lines, title }) => section(style, title, indent(lines, 2))),
    ""
  ].join("\n")
}

/** Broken between options, never inside of one. */
const synopsisLines = (style: Style.Style, command: Usage.Usage): ReadonlyArray<string> =>
  Style.wrap(synopsis(command).replace(/ (?=[A-Z]+\]?)/g, "\u00a0"), style.width - 8)
    .map((line) => line.replaceAll("\u00a0", " "))

const rowsOf = (all: ReadonlyArray<Usage.Usage>): ReadonlyArray<readonly [name: string, text: string]> =>
  all.map(({ name, summary }) => [name, summary])

/**
 * The help of commands that share their first word, such as `data`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofGroup = (style: Style.Style, first: string): string => {
  const all = Object.values(Usage.commands).filter(({ name }) => name.startsWith(`${first} `))
  return [
    ...Style.wrap(`${style.bold(`eim ${first}`)}: ${Usage.groups[first] ?? ""}`, style.width),
    ...section(style, "USAGE", [`  eim ${first} COMMAND [ARGUMENTS]`]),
    ...section(style, "COMMANDS", list(style, rowsOf(all))),
    ...section(style, "EXAMPLES", examples(style, all.flatMap((command) => command.examples.slice(0, 1)))),
    "",
    `Each has its own help: eim ${all[0]?.name ?? first} --help`,
    ""
  ].join("\n")
}

/**
 * The help of the whole.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofAll = (style: Style.Style, version: string): string =>
  [
    `${style.bold("eim")} ${version}: routes transfers, smart-contract actions and exchange trades to their venues,`,
    "and gives back the exact change of position. Here they are executed over historical data with",
    "simulated venues: nothing is sent anywhere, and no account and no key of one is needed.",
    ...section(style, "USAGE", ["  eim COMMAND [ARGUMENTS]"]),
    ...section(style, "COMMANDS", list(style, rowsOf(Object.values(Usage.commands)))),
    ...section(style, "OPTIONS", list(style, [
      ["-h, --help", "this text; after a command, the help of that command"],
      ["-v, --version", "the version"]
    ])),
    ...section(style, "EXAMPLES", examples(style, [
      ...Usage.commands.route.examples.slice(0, 1),
      ...Usage.commands.backtest.examples.slice(0, 1)
    ])),
    ...section(style, Usage.exitCodes.title, indent(Usage.exitCodes.lines, 2)),
    ...section(style, "ENVIRONMENT", list(style, [
      ["BASIS_EXECUTION_MODE", "backtest; what --mode says comes first"],
      ["BASIS_DATA_MODE", "csv or db: what runs read where --data is not given. Default: csv"],
      ["BASIS_DATABASE_URL", "the database of db. Default: the server of the next five, where one is set; else file:eim-data.db"],
      ["BASIS_DATABASE_HOST", "host of a PostgreSQL server. Default: 127.0.0.1, or postgres where BASIS_DEPLOYMENT_MODE is docker"],
      ["BASIS_DATABASE_PORT", "its port. Default: 5432"],
      ["BASIS_DATABASE_NAME", "name of the database. Default: eim"],
      ["BASIS_DATABASE_USER", "who asks. Default: postgres"],
      ["BASIS_DATABASE_PASSWORD", "password of the user. Default: none"],
      ["BASIS_ENVIRONMENT", "dev, staging or production. Default: dev"],
      ["BASIS_DEPLOYMENT_MODE", "local or docker: which host is meant where none is named. Default: local"],
      ["NO_COLOR", "when set, no colours"]
    ])),
    "",
    "Each command has its own help: eim backtest --help. What an instruction may say: eim route --help,",
    "and every field of it, eim schema instruction. What a code means: eim errors.",
    ""
  ].join("\n")
