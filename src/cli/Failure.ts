/**
 * Why the command cannot do what it was asked, and the exit code that says so.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as EimError from "../domain/EimError.js"

/**
 * Exit codes. `refused`: an instruction was refused or failed. `misunderstood`: arguments, settings or input are not
 * what they should be. `io`: something could not be read or written. `liquidated`: all was executed, and a venue closed
 * a position. `interrupted`: stopped by Ctrl-C. `unread`: who read the output closed it before its end, as `head` does;
 * the code is that of a program which SIGPIPE ends. `terminated`: stopped by SIGTERM.
 *
 * @category constants
 * @since 0.1.0
 */
export const exit = {
  done: 0,
  refused: 1,
  misunderstood: 2,
  io: 3,
  liquidated: 4,
  critical: 78,
  interrupted: 130,
  unread: 141,
  terminated: 143
} as const

/**
 * What is at fault. `script` is a script that fails while it runs, `unread` an output that its reader has closed,
 * `defect` this program itself.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = "arguments" | "config" | "input" | "io" | "script" | "unread" | "defect"

/**
 * One of the values that do not hold: where it was read, its path there, what was expected and what came.
 *
 * @category models
 * @since 0.1.0
 */
export interface Misfit {
  readonly source: string
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/**
 * A place in a script, as it was written: line and column count from 1, and are absent where they are not known.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  readonly file: string
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/**
 * The run that did not get to its end: its id, and the files that there are of it, by kind.
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly id: string
  readonly files: { readonly [kind: string]: string }
}

/** The command does not get to its result. @category errors @since 0.1.0 */
export class Failure extends Data.TaggedError("Failure")<{
  readonly kind: Kind
  /** One sentence: what is wrong. */
  readonly reason: string
  /** What to do about it. */
  readonly resolution: string
  readonly path?: string | undefined
  readonly expected?: string | undefined
  readonly actual?: string | undefined
  /** Every value at fault, where there may be several. Path, expected and actual are those of the first. */
  readonly misfits?: ReadonlyArray<Misfit> | undefined
  /** The error of the registry that it is, where it is one. */
  readonly error?: EimError.Info | undefined
  /** Where in a script it failed. */
  readonly place?: Place | undefined
  /** The series that it is about. */
  readonly series?: string | undefined
  /** The run in which it failed, where one had begun. */
  readonly run?: Run | undefined
  readonly cause?: unknown
}> {
  override get message(): string {
    return this.reason
  }
}

/** The failure as one of a run. @category combinators @since 0.1.0 */
export const inRun = (run: Run) => (failure: Failure): Failure => new Failure({ ...failure, run })

const codes: { readonly [K in Kind]: number } = {
  arguments: exit.misunderstood,
  config: exit.misunderstood,
  input: exit.misunderstood,
  io: exit.io,
  script: exit.refused,
  unread: exit.unread,
  defect: exit.refused
}

/** The exit code of a failure. @category combinators @since 0.1.0 */
export const codeOf = (failure: Failure): number => failure.error?.severity === "CRITICAL" ? exit.critical : codes[failure.kind]

/**
 * The exit code of what was executed: by the error that stopped it, by whether all of it went through, and by whether a
 * position was liquidated on the way. What failed comes first.
 *
 * @category combinators
 * @since 0.1.0
 */
export const codeOfOutcome = (
  { complete, error, liquidated }: {
    readonly error: EimError.Info | undefined
    readonly complete: boolean
    readonly liquidated: boolean
  }
): number => {
  if (error?.severity === "CRITICAL") return exit.critical
  if (error !== undefined || !complete) return exit.refused
  return liquidated ? exit.liquidated : exit.done
}

/** Arguments that are not understood; `command` is whose help explains them. @category constructors @since 0.1.0 */
export const usage = (reason: string, command?: string): Failure =>
  new Failure({ kind: "arguments", reason, resolution: `See \`eim ${command === undefined ? "" : `${command} `}--help\`.` })

/** What the system says, in words. */
const words: { readonly [code: string]: string } = {
  ENOENT: "there is no such file or directory",
  EACCES: "access is denied",
  EPERM: "access is denied",
  EROFS: "nothing can be written there",
  EISDIR: "it is a directory, and a file is expected",
  ENOTDIR: "a file stands where a directory is expected",
  EEXIST: "a file stands where a directory is expected",
  ENOSPC: "there is no space left",
  EDQUOT: "there is no space left",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open"
}

const wordsOf = (cause: unknown): string | undefined => {
  if (!(cause instanceof Error)) return undefined
  const known = "code" in cause && typeof cause.code === "string" ? words[cause.code] : undefined
  return known ?? wordsOf(cause.cause)
}

/** A message without the code, the call and the path that systems put around it. */
const plain = (message: string): string => /\bE[A-Z0-9]{2,}: ([^,]+)/.exec(message)?.[1] ?? message

/** A standard stream that does not take what is written to it. @category constructors @since 0.1.0 */
export const ofStream = (stream: string, cause: NodeJS.ErrnoException): Failure =>
  cause.code === "EPIPE"
    ? new Failure({ kind: "unread", reason: `${stream} was closed by its reader`, resolution: "Read it to its end.", cause })
    : new Failure({ ...io(`${stream} cannot be written`, cause), resolution: "Send the output to where there is room for it." })

/**
 * Something that cannot be read or written. `what` says so; the reason is told in words, whatever code the system has
 * for it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const io = (what: string, cause: unknown): Failure => {
  const reason = wordsOf(cause) ?? plain(cause instanceof Error ? cause.message : String(cause))
  const resolution = "Check the path and who may read and write there."
  return new Failure({ kind: "io", reason: `${what}: ${reason}`, resolution, cause })
}
