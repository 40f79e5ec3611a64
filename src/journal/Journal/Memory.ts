/**
 * A journal in memory: for runs whose operations end with the program.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as ExecutionReport from "../../domain/ExecutionReport.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Journal from "../Journal.js"

const isOpen = (status: ExecutionReport.Status | undefined): boolean =>
  status === undefined || status === "pending" || status === "unknown"

const hadNoEffect = (status: ExecutionReport.Status | undefined): boolean =>
  status === "rejected" || status === "not_sent" || status === "rolled_back"

/**
 * An empty journal. Every answer is synchronous. It refuses an intent whose id stands for one that had an effect or may
 * have had one, and an outcome without an intent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Context.Tag.Service<Journal.Journal>> = Effect.sync(() => {
  const records = new Map<string, Journal.Record>()
  // What is open is asked for often, and is little beside all that was ever recorded.
  const open = new Map<string, Journal.Record>()
  const completed = new Set<string>()
  return {
    find: (operationId) => Effect.sync(() => records.get(operationId)),
    intent: (intent) =>
      Effect.suspend(() => {
        const { operationId } = intent
        const earlier = records.get(operationId)
        if (earlier !== undefined && !hadNoEffect(earlier.report?.status)) {
          return Effect.fail(new Journal.JournalError({
            message: `the intent ${operationId} of ${Timestamp.format(earlier.intent.at)} stands, ${
              earlier.report === undefined ? "its outcome not recorded" : earlier.report.status
            }: another cannot take its place`
          }))
        }
        const record = { intent, report: undefined }
        records.set(operationId, record)
        open.set(operationId, record)
        return Effect.void
      }),
    outcome: (operationId, report) =>
      Effect.suspend(() => {
        const earlier = records.get(operationId)
        if (earlier === undefined) {
          return Effect.fail(new Journal.JournalError({ message: `an outcome of ${operationId}, which has no intent` }))
        }
        const record = { intent: earlier.intent, report }
        if (isOpen(report.status)) open.set(operationId, record)
        else open.delete(operationId)
        if (earlier.intent.named || isOpen(report.status)) records.set(operationId, record)
        else records.delete(operationId)
        return Effect.void
      }),
    open: Effect.sync(() => [...open.values()]),
    completeBlock: (blockId) =>
      Effect.sync(() => {
        completed.add(blockId)
      }),
    isBlockComplete: (blockId) => Effect.sync(() => completed.has(blockId))
  }
})

/**
 * A journal of its own for every build of the layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Journal.Journal> = Layer.effect(Journal.Journal, make)
