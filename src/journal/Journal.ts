/**
 * The port to the journal: what was intended, before it is sent, and what became of it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Account from "../domain/Account.js"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import type { Json } from "../domain/Json.js"
import type * as Timestamp from "../domain/Timestamp.js"

/**
 * An intent, written before anything is sent.
 *
 * @category models
 * @since 0.1.0
 */
export interface Intent {
  readonly operationId: string
  /** Canonical text of the instruction: the same id must always come with the same text. */
  readonly content: string
  readonly venue: Account.VenueId
  readonly capability: string
  readonly at: Timestamp.Timestamp
  /** The prepared call: with it alone the venue can find out what became of the operation. */
  readonly call: { readonly [key: string]: Json }
  /** Whether the caller named it. An intent that only the run named is forgotten once its outcome is final. */
  readonly named: boolean
}

/**
 * An intent with what became of it; no report where that was not recorded.
 *
 * @category models
 * @since 0.1.0
 */
export interface Record {
  readonly intent: Intent
  readonly report: ExecutionReport.OperationReport | undefined
}

/** The journal cannot be read or written. @category errors @since 0.1.0 */
export class JournalError extends Data.TaggedError("JournalError")<{
  readonly message: string
  readonly cause?: unknown
}> {}

/**
 * Intents and outcomes.
 *
 * @category services
 * @since 0.1.0
 */
export class Journal extends Context.Tag("execution-interface-manager/journal/Journal")<
  Journal,
  {
    readonly find: (operationId: string) => Effect.Effect<Record | undefined, JournalError>
    /** Durable when it succeeds. Takes the place of an earlier intent of the id that had no effect. */
    readonly intent: (intent: Intent) => Effect.Effect<void, JournalError>
    readonly outcome: (operationId: string, report: ExecutionReport.OperationReport) => Effect.Effect<void, JournalError>
    /** Intents whose outcome is not final: under way, unknown, or never recorded. */
    readonly open: Effect.Effect<ReadonlyArray<Record>, JournalError>
    readonly completeBlock: (blockId: string) => Effect.Effect<void, JournalError>
    readonly isBlockComplete: (blockId: string) => Effect.Effect<boolean, JournalError>
  }
>() {}
