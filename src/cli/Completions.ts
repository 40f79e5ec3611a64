/**
 * Completion of `eim` in shells, made of what the help is made of.
 *
 * @since 0.1.0
 */
import * as Usage from "./Usage.js"

/** Shells that there are scripts for. @category constants @since 0.1.0 */
export const shells = ["bash", "zsh", "fish"] as const

/** @category models @since 0.1.0 */
export type Shell = (typeof shells)[number]

type Values = { readonly _tag: "Words"; readonly words: ReadonlyArray<string> } | { readonly _tag: "Files" | "Directories" | "Anything" }

const fileNames = new Set(["FILE", "SCRIPT", "BLOCK", "PATH", "DATA"])

const valuesOf = (name: string | undefined, words: ReadonlyArray<string> | undefined): Values =>
  words !== undefined
    ? { _tag: "Words", words }
    : { _tag: name === "DIR" ? "Directories" : fileNames.has(name ?? "") ? "Files" : "Anything" }

const commands: ReadonlyArray<Usage.Usage> = Object.values(Usage.commands)

interface First {
  readonly word: string
  readonly summary: string
  /** Second words, where the command has two. */
  readonly seconds: ReadonlyArray<Usage.Usage>
}

const first = ({ name }: Usage.Usage): string => name.split(" ")[0]!

const second = ({ name }: Usage.Usage): string => name.split(" ")[1] ?? ""

const firsts: ReadonlyArray<First> = [...new Set(commands.map(first))].map((word) => {
  const own = commands.filter((command) => first(command) === word)
  const seconds = own.filter((command) => second(command) !== "")
  return { word, seconds, summary: seconds.length === 0 ? own[0]!.summary : seconds.map(second).join(", ") }
})

/** The first sentence. */
const short = (text: string): string => text.replace(/(?:\. |: |; |, as \{).*$/s, "").replace(/\.$/, "")

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const bashReply = (values: Values): string => {
  switch (values._tag) {
    case "Words":
      return `_eim_reply -W ${quoted(values.words.join(" "))}`
    case "Files":
      return "_eim_reply -f"
    case "Directories":
      return "_eim_reply -d"
    case "Anything":
      return ":"
  }
}

const bash = (): ReadonlyArray<string> => [
  "# Completion of eim for bash: source <(eim completions bash)",
  "_eim_reply() {",
  "  local IFS=$'\\n' kind=$1",
  "  [[ $kind == -W ]] || compopt -o filenames 2>/dev/null",
  "  [[ $kind == -W ]] && IFS=$' \\n'",
  "  COMPREPLY=($(compgen \"$@\" -- \"$cur\"))",
  "}",
  "_eim() {",
  "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}",
  "  COMPREPLY=()",
  "  if [[ $COMP_CWORD -eq 1 ]]; then",
  `    _eim_reply -W ${quoted([...firsts.map(({ word }) => word), "help", "--help", "--version"].join(" "))}; return`,
  "  fi",
  "  if [[ $command == help ]]; then",
  `    [[ $COMP_CWORD -eq 2 ]] && _eim_reply -W ${quoted(firsts.map(({ word }) => word).join(" "))}; return`,
  "  fi",
  "  case $command in",
  ...firsts.filter(({ seconds }) => seconds.length > 0).flatMap(({ seconds, word }) => [
    `    ${word})`,
    `      if [[ $COMP_CWORD -eq 2 ]]; then _eim_reply -W ${quoted([...seconds.map(second), "--help"].join(" "))}; return; fi`,
    "      command=\"$command ${COMP_WORDS[2]}\" ;;"
  ]),
  "  esac",
  "  case \"$command $prev\" in",
  ...commands.flatMap(({ flags, name }) =>
    flags.filter(({ value }) => value !== undefined).map((flag) =>
      `    ${quoted(`${name} --${flag.name}`)}) ${bashReply(valuesOf(flag.value, flag.values))}; return ;;`)),
  "  esac",
  "  if [[ $cur == -* ]]; then",
  "    case $command in",
  ...commands.map(({ flags, name }) =>
    `      ${quoted(name)}) _eim_reply -W ${quoted([...flags.map((flag) => `--${flag.name}`), "--help"].join(" "))} ;;`),
  "    esac",
  "    return",
  "  fi",
  "  case $command in",
  ...commands.map(({ argument, name }) =>
    `    ${quoted(name)}) ${bashReply(valuesOf(argument?.name, argument?.values ?? (argument === undefined ? [] : undefined)))} ;;`),
  "  esac",
  "}",
  "complete -F _eim eim"
]

const zshText = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&")

const zshAction = (values: Values): string => {
  switch (values._tag) {
    case "Words":
      return `(${values.words.join(" ")})`
    case "Files":
      return "_files"
    case "Directories":
      return "_files -/"
    case "Anything":
      return " "
  }
}

const zshList = (rows: ReadonlyArray<readonly [word: string, text: string]>): string =>
  `local -a known; known=(${rows.map(([word, text]) => quoted(`${word}:${zshText(text)}`)).join(" ")}); _describe command known; return`

const zshArguments = ({ argument, flags }: Usage.Usage): string =>
  [
    ...flags.map((flag) =>
      quoted(`--${flag.name}[${zshText(short(flag.text))}]${
        flag.value === undefined ? "" : `:${flag.value}:${zshAction(valuesOf(flag.value, flag.values))}`
      }`)),
    quoted("(- *)--help[what the command does]"),
    ...(argument === undefined
      ? []
      : [quoted(`${argument.many === true ? "*" : "1"}:${argument.name}:${zshAction(valuesOf(argument.name, argument.values))}`)])
  ].join(" ")

const zsh = (): ReadonlyArray<string> => [
  "#compdef eim",
  "# Completion of eim for zsh: source <(eim completions zsh), after compinit",
  "_eim() {",
  "  local command=$words[2]",
  "  if (( CURRENT == 2 )); then",
  `    ${zshList([...firsts.map(({ summary, word }) => [word, summary] as const), ["help", "what a command does"]])}`,
  "  fi",
  "  case $command in",
  `    help) ${zshList(firsts.map(({ summary, word }) => [word, summary]))} ;;`,
  ...firsts.filter(({ seconds }) => seconds.length > 0).flatMap(({ seconds, word }) => [
    `    ${word})`,
    `      if (( CURRENT == 3 )); then ${zshList(seconds.map((command) => [second(command), command.summary]))}; fi`,
    "      command=\"$command $words[3]\"; shift words; (( CURRENT-- )) ;;"
  ]),
  "  esac",
  "  shift words; (( CURRENT-- ))",
  "  case $command in",
  ...commands.map((command) => `    ${quoted(command.name)}) _arguments ${zshArguments(command)} ;;`),
  "  esac",
  "}",
  "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _eim \"$@\"; else compdef _eim eim; fi"
]

const fishValues = (values: Values): string => {
  switch (values._tag) {
    case "Words":
      return ` -x -a ${quoted(values.words.join(" "))}`
    case "Files":
      return " -r -F"
    case "Directories":
      return " -x -a '(__fish_complete_directories)'"
    case "Anything":
      return " -x"
  }
}

const fish = (): ReadonlyArray<string> => [
  "# Completion of eim for fish: eim completions fish | source",
  "complete -c eim -f",
  ...[...firsts, { word: "help", summary: "what a command does" }].map(({ summary, word }) =>
    `complete -c eim -n __fish_use_subcommand -a ${word} -d ${quoted(summary)}`),
  ...commands.flatMap((command) => {
    const { argument, flags, name, summary } = command
    const words = name.split(" ")
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ")
    const others = (firsts.find(({ word }) => word === first(command))?.seconds ?? []).map(second).join(" ")
    return [
      ...(words.length === 1 ? [] : [
        `complete -c eim -n '__fish_seen_subcommand_from ${words[0]}; and not __fish_seen_subcommand_from ${others}' -a ${words[1]} -d ${quoted(summary)}`
      ]),
      ...flags.map((flag) =>
        `complete -c eim -n '${seen}' -l ${flag.name} -d ${quoted(short(flag.text))}${
          flag.value === undefined ? "" : fishValues(valuesOf(flag.value, flag.values))
        }`),
      `complete -c eim -n '${seen}' -l help -d 'what the command does'`,
      ...(argument === undefined ? [] : [
        `complete -c eim -n '${seen}'${fishValues(valuesOf(argument.name, argument.values)).replace(/^ -r/, "")}`
      ])
    ]
  })
]

const scripts: { readonly [S in Shell]: () => ReadonlyArray<string> } = { bash, zsh, fish }

/** The script that a shell sources. @category constructors @since 0.1.0 */
export const script = (shell: Shell): string => `${scripts[shell]().join("\n")}\n`
