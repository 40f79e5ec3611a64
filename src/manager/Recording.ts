/**
 * Writes outcomes into the journal, and again what it did not take.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as ExecutionReport from "../domain/ExecutionReport.js"
import type * as Journal from "../journal/Journal.js"

/**
 * Outcomes on their way into the journal. What happened is told to the caller whether the journal takes it or not;
 * before anything else happens the journal must know it too.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recording {
  /** Writes an outcome. Whether the journal took it; if not, it is kept. */
  readonly record: (report: ExecutionReport.OperationReport) => Effect.Effect<boolean>
  /** Whether something is kept. */
  readonly isBehind: () => boolean
  /** Writes what was kept. Fails as long as the journal does not take it. */
  readonly catchUp: Effect.Effect<void, Journal.JournalError>
}

/** The recording of one manager in its journal. @category constructors @since 0.1.0 */
export const make = (journal: Journal.Journal["Type"]): Recording => {
  const kept = new Map<string, ExecutionReport.OperationReport>()
  return {
    record: (report) =>
      Effect.match(journal.outcome(report.operationId, report), {
        onSuccess: () => true,
        onFailure: () => {
          kept.set(report.operationId, report)
          return false
        }
      }),
    isBehind: () => kept.size > 0,
    catchUp: Effect.suspend(() =>
      Effect.forEach([...kept.values()], (report) =>
        Effect.map(journal.outcome(report.operationId, report), () => void kept.delete(report.operationId)), { discard: true }))
  }
}
