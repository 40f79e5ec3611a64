/**
 * Scripts of blocks with their instants: JSON Lines.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as EimError from "../domain/EimError.js"
import * as ExecutionReport from "../domain/ExecutionReport.js"
import * as Fault from "../domain/Fault.js"
import * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Timestamp from "../domain/Timestamp.js"
import type * as Script from "../modes/Backtest/Script.js"
import type * as Failure from "./Failure.js"
import * as Inputs from "./Inputs.js"
import * as Misunderstanding from "./Misunderstanding.js"

const fields: ReadonlySet<string> = new Set(["timestamp", "trigger_source", "instruction_block"])


const resolution = "Mend that line; nothing of the script was executed."

const fault = (path: string, expected: string, actual: unknown): Either.Either<never, Fault.Fault> =>
  Either.left({ path, expected, actual })

type Head = Omit<Script.Scheduled, "block"> & { readonly json: unknown }

const decodeHead = (line: unknown): Either.Either<Head, Fault.Fault> => {
  if (!Fault.isRecord(line)) return fault("", "an object {\"timestamp\", \"instruction_block\"}", line)
  const unknown = Object.keys(line).find((key) => !fields.has(key))
  if (unknown !== undefined) return fault(unknown, `one of the fields ${[...fields].join(", ")}`, `the field ${unknown}`)
  const { instruction_block: json, timestamp: text, trigger_source: trigger } = line
  const timestamp = typeof text === "string" ? Timestamp.parse(text) : undefined
  if (timestamp === undefined) return fault("timestamp", "an RFC 3339 timestamp with zone (\"2024-06-01T00:00:00Z\")", text)
  const triggerSource = trigger === undefined || trigger === null
    ? "execution_manager" as const
    : ExecutionReport.triggerSources.find((known) => known === trigger)
  if (triggerSource === undefined) return fault("trigger_source", ExecutionReport.triggerSources.map((known) => `"${known}"`).join(" or "), trigger)
  return Either.right({ timestamp, triggerSource, json })
}

/**
 * Reads the whole of a script before anything of it is executed. Blank lines are skipped; without an
 * `instruction_block` a line only settles what is due. Fails at the first line that does not hold, naming it, the path
 * in it, what was expected and what came; a block that is not understood is EIM-001.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (source: string, text: string): Either.Either<ReadonlyArray<Script.Scheduled>, Failure.Failure> => {
  const scheduled: Array<Script.Scheduled> = []
  const lines = text.split("\n")
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    if (line.trim() === "") continue
    const at = `${source} line ${i + 1}`
    const parsed = Inputs.parseJson(at, line, true)
    if (Either.isLeft(parsed)) return Either.left(parsed.left)
    const head = decodeHead(parsed.right)
    if (Either.isLeft(head)) return Either.left(Misunderstanding.ofFault("input", at, head.left, resolution))
    const { json, timestamp, triggerSource } = head.right
    const before = scheduled.at(-1)?.timestamp ?? 0
    if (timestamp < before) {
      return Either.left(Misunderstanding.ofFault("input", at, {
        path: "timestamp",
        expected: `no instant before that of the line above, ${Timestamp.format(before)}`,
        actual: Timestamp.format(timestamp)
      }, resolution))
    }
    if (json === undefined || json === null) {
      scheduled.push({ timestamp, triggerSource, block: undefined })
      continue
    }
    const block = InstructionBlock.fromJson(json)
    if (Either.isLeft(block)) return Either.left(Misunderstanding.ofError(at, beneath("instruction_block", block.left)))
    scheduled.push({ timestamp, triggerSource, block: block.right })
  }
  return scheduled.length === 0
    ? Either.left(Misunderstanding.ofFault(
      "input",
      source,
      { path: "", expected: "a line for each block", actual: "no line" },
      "Write at least one line; see `eim backtest --help`."
    ))
    : Either.right(scheduled)
}

/** The same error, its path as seen from the line. */
const beneath = (field: string, error: EimError.RoutingFailed): EimError.RoutingFailed => {
  const path = error.path === undefined || error.path === "" ? field : `${field}.${error.path}`
  return new EimError.RoutingFailed({
    reason: `${path}: expected ${error.expected ?? "what the schema says"}, got ${error.actual ?? "nothing"}`,
    path,
    expected: error.expected,
    actual: error.actual
  })
}
