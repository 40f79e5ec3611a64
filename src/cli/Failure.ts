/**
 * Why the command cannot do what it was asked, and the exit code that says so.
 *
 * @since 0.1.0
 */
import type * as PlatformError from "@effect/platform/Error"
import * as Data from "effect/Data"
import type * as EimError from "../domain/EimError.js"

/**
 * Exit codes. `refused`: an instruction was refused or failed. `misunderstood`: arguments, settings or input are not
 * what they should be. `io`: something could not be read or written. `interrupted`: stopped by Ctrl-C.
 *
 * @category constants
 * @since 0.1.0
 */
export const exit = { done: 0, refused: 1, misunderstood: 2, io: 3, critical: 78, interrupted: 130 } as const

/**
 * What is at fault. `script` is a script that fails while it runs, `defect` this program itself.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = "arguments" | "config" | "input" | "io" | "script" | "defect"

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
  readonly cause?: unknown
}> {
  override get message(): string {
    return this.reason
  }
}

const codes: { readonly [K in Kind]: number } = {
  arguments: exit.misunderstood,
  config: exit.misunderstood,
  input: exit.misunderstood,
  io: exit.io,
  script: exit.refused,
  defect: exit.refused
}

/** The exit code of a failure. @category combinators @since 0.1.0 */
export const codeOf = (failure: Failure): number => failure.error?.severity === "CRITICAL" ? exit.critical : codes[failure.kind]

/**
 * The exit code of what was executed: by the error that stopped it, and by whether all of it went through.
 *
 * @category combinators
 * @since 0.1.0
 */
export const codeOfOutcome = (error: EimError.Info | undefined, complete: boolean): number =>
  error?.severity === "CRITICAL" ? exit.critical : error === undefined && complete ? exit.done : exit.refused

/** Arguments that are not understood; `command` is whose help explains them. @category constructors @since 0.1.0 */
export const usage = (reason: string, command?: string): Failure =>
  new Failure({ kind: "arguments", reason, resolution: `See \`eim ${command === undefined ? "" : `${command} `}--help\`.` })

const reasons: { readonly [reason: string]: string } = {
  NotFound: "there is no such file or directory",
  PermissionDenied: "access is denied",
  BadResource: "it is a directory, or no file at all"
}

/** Told by its tag alone: the module of these errors is slow to load, and help must come at once. */
const isSystemError = (cause: unknown): cause is PlatformError.SystemError =>
  cause instanceof Error && "_tag" in cause && cause._tag === "SystemError" && "reason" in cause

/**
 * Something that cannot be read or written. `what` says so.
 *
 * @category constructors
 * @since 0.1.0
 */
export const io = (what: string, cause: unknown): Failure => {
  const known = isSystemError(cause) ? reasons[cause.reason] : undefined
  const reason = known ?? (cause instanceof Error ? cause.message : String(cause))
  const resolution = "Check the path and who may read and write there."
  return new Failure({ kind: "io", reason: `${what}: ${reason}`, resolution, cause })
}
