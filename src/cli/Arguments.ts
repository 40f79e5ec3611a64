/**
 * From the arguments as they were typed to arguments that can be read in one way only.
 *
 * Options may stand before or after what a command is about, and what is not understood is named, with what may have
 * been meant.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Closest from "./Closest.js"
import * as Failure from "./Failure.js"
import * as Usage from "./Usage.js"

/**
 * What was asked for.
 *
 * @category models
 * @since 0.1.0
 */
export type Request =
  | { readonly _tag: "Help"; readonly command: Usage.Name | undefined }
  /** Help of the commands that begin with this word. */
  | { readonly _tag: "GroupHelp"; readonly first: string }
  | { readonly _tag: "Version" }
  | {
    readonly _tag: "Command"
    readonly command: Usage.Name
    /** The command, its options, `--`, and the rest. */
    readonly words: ReadonlyArray<string>
  }

const meant = (word: string, known: ReadonlyArray<string>, prefix = ""): string => {
  if (known.length === 0) return "there are none"
  const close = Closest.of(word, known)
  return close === undefined
    ? `there ${known.length === 1 ? "is" : "are"} ${known.map((name) => prefix + name).join(", ")}`
    : `did you mean ${prefix}${close}?`
}

const isHelp = (word: string): boolean => word === "--help" || word === "-h"

const isVersion = (word: string): boolean => word === "--version" || word === "-v"

const fail = (reason: string, command?: Usage.Name): Either.Either<never, Failure.Failure> =>
  Either.left(Failure.usage(reason, command))

/** Of the text of the help what holds outside of it too. */
const firstSentence = (text: string): string => text.split(". ", 1)[0]!

const ofCommand = (command: Usage.Name, rest: ReadonlyArray<string>): Either.Either<Request, Failure.Failure> => {
  const { argument, flags } = Usage.commands[command]
  const names = flags.map(({ name }) => name)
  const options: Array<string> = []
  const about: Array<string> = []
  const seen = new Set<string>()
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!
    if (word === "--") {
      about.push(...rest.slice(i + 1))
      break
    }
    if (isHelp(word)) return Either.right({ _tag: "Help", command })
    if (word === "-" || !word.startsWith("-")) {
      about.push(word)
      continue
    }
    const [name, given] = word.startsWith("--") ? split(word.slice(2)) : [word, undefined]
    const flag = flags.find((known) => known.name === name)
    if (flag === undefined) {
      const typed = word.startsWith("--") ? `--${name}` : word
      return fail(`${command} has no option ${typed}: ${meant(name.replace(/^-+/, ""), names, "--")}`, command)
    }
    if (seen.has(name) && flag.many !== true) return fail(`--${name} is given twice`, command)
    seen.add(name)
    if (flag.value === undefined) {
      if (given !== undefined) return fail(`--${name} is a switch and takes no value, got ${JSON.stringify(given)}`, command)
      options.push(`--${name}`)
      continue
    }
    const value = given ?? rest[i + 1]
    if (value === undefined || value === "" || (given === undefined && value.startsWith("--"))) {
      return fail(`--${name} needs a value: --${name} ${flag.value}`, command)
    }
    if (given === undefined) i++
    options.push(`--${name}`, value)
  }
  const missing = flags.find((flag) => flag.required === true && !seen.has(flag.name))
  if (argument !== undefined && about.length === 0) {
    return fail(`${command} needs ${argument.name}: ${firstSentence(argument.text)}`, command)
  }
  if (missing !== undefined) {
    return fail(`${command} needs --${missing.name} ${missing.value ?? ""}: ${missing.text}`, command)
  }
  const surplus = argument?.many === true ? undefined : about[argument === undefined ? 0 : 1]
  if (surplus !== undefined) {
    const takes = argument === undefined ? "no argument" : `one ${argument.name}`
    return fail(`${command} takes ${takes}; what is ${JSON.stringify(surplus)}?`, command)
  }
  const words = [command, ...options, ...(about.length === 0 ? [] : ["--", ...about])]
  return Either.right({ _tag: "Command", command, words })
}

const split = (word: string): readonly [name: string, value: string | undefined] => {
  const at = word.indexOf("=")
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

/** The second words of commands of two, by their first. */
const seconds = (first: string): ReadonlyArray<string> =>
  Object.keys(Usage.commands).flatMap((name) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []))

/** Two words that are one command, as one; `undefined` where the first begins none of two. */
const joined = (words: ReadonlyArray<string>): Either.Either<ReadonlyArray<string>, Failure.Failure> => {
  const [first = "", second, ...rest] = words
  const known = seconds(first)
  if (known.length === 0) return Either.right(words)
  if (second !== undefined && known.includes(second)) return Either.right([`${first} ${second}`, ...rest])
  return Either.left(Failure.usage(
    second === undefined || second.startsWith("-")
      ? `${first} needs one of ${known.join(", ")}`
      : `there is no command ${first} ${second}: ${meant(second, known, `${first} `)}`,
    first
  ))
}

/**
 * Reads the arguments that follow the name of the program.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (words: ReadonlyArray<string>): Either.Either<Request, Failure.Failure> => {
  const asked = words[0] === "help"
  const [first = "", second] = asked ? words.slice(1) : words
  if (seconds(first).length > 0 && (second === undefined ? asked : isHelp(second))) {
    return Either.right({ _tag: "GroupHelp", first })
  }
  return Either.flatMap(asked ? Either.map(joined(words.slice(1)), (rest) => ["help", ...rest]) : joined(words), parseJoined)
}

const parseJoined = (words: ReadonlyArray<string>): Either.Either<Request, Failure.Failure> => {
  const [first, ...rest] = words
  if (first === undefined) return fail(`a command is needed: ${Object.keys(Usage.commands).join(", ")}`)
  if (isHelp(first)) return Either.right({ _tag: "Help", command: undefined })
  if (isVersion(first)) return Either.right({ _tag: "Version" })
  if (first === "help") {
    const [about, surplus] = rest
    if (about === undefined) return Either.right({ _tag: "Help", command: undefined })
    if (surplus !== undefined) return fail(`help takes one command; what is ${JSON.stringify(surplus)}?`)
    return Usage.isName(about)
      ? Either.right({ _tag: "Help", command: about })
      : fail(`there is no command ${about}: ${meant(about, Object.keys(Usage.commands))}`)
  }
  if (first.startsWith("-")) {
    return fail(`there is no option ${first}; a command comes first: ${Object.keys(Usage.commands).join(", ")}`)
  }
  return Usage.isName(first)
    ? ofCommand(first, rest)
    : fail(`there is no command ${first}: ${meant(first, Object.keys(Usage.commands))}`)
}

/** Whether JSON was asked for, as far as arguments that are not understood tell. @category guards @since 0.1.0 */
export const wantsJson = (words: ReadonlyArray<string>): boolean => {
  const end = words.indexOf("--")
  return (end < 0 ? words : words.slice(0, end)).includes("--json")
}
