/**
 * What the commands of the pages print as JSON, by the word after "```console": "```console report" prints a report.
 */
import { Either, Schema } from "effect"
import * as AnswerSchema from "../../src/cli/AnswerSchema.js"
import * as Fault from "execution-interface-manager/domain/Fault"
import * as ReportSchema from "execution-interface-manager/domain/ReportSchema"
import * as EventSchema from "execution-interface-manager/events/EventSchema"
import * as StatusSchema from "execution-interface-manager/manager/StatusSchema"
import * as ResultSchema from "execution-interface-manager/modes/Backtest/ResultSchema"

const { Code, ErrorInfo, Instant, Report, Severity } = ReportSchema

const Count = Schema.NonNegativeInt

const Standing = Schema.Literal("healthy", "degraded", "unhealthy")

const Names = Schema.Array(Schema.String)

const Health = Schema.Struct({
  status: Schema.Union(Standing, Schema.Literal("unknown")),
  components: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({
      status: Standing,
      last_update: Schema.NullOr(Instant),
      errors: Schema.Array(Schema.extend(Schema.Struct({ timestamp: Instant }), ErrorInfo)).pipe(Schema.maxItems(10)),
      metrics: Schema.Struct({
        reasons: Names,
        update_count: Count,
        avg_processing_time_ms: Schema.NonNegative,
        error_rate: Schema.NonNegative,
        window_error_rate: Schema.Number.pipe(Schema.between(0, 1)),
        retries: Count,
        events_lost: Count,
        instructions_routed: Count,
        instructions_failed: Count,
        venue_interfaces_available: Count,
        venues: Schema.Record({
          key: Schema.String,
          value: Schema.Struct({
            available: Schema.Boolean,
            reason: Schema.NullOr(Schema.String),
            instructions_routed: Count,
            instructions_failed: Count,
            error_rate: Schema.Number.pipe(Schema.between(0, 1)),
            retries: Count,
            avg_latency_ms: Schema.NonNegative
          })
        })
      })
    })
  })
})

const Errors = Schema.NonEmptyArray(Schema.Struct({
  code: Code,
  component: Schema.String,
  severity: Severity,
  message: Schema.String,
  description: Schema.String,
  resolution: Schema.String,
  retry: ErrorInfo.fields.retry
}))

const Check = Schema.Struct({
  series: Schema.NonEmptyArray(Schema.Struct({
    series: Schema.String,
    count: Count,
    from: Instant,
    to: Instant,
    step_seconds: Schema.NullOr(Schema.Positive),
    steps: Schema.Array(Schema.Struct({ from: Instant, step_seconds: Schema.Positive })),
    gaps: Schema.Array(Schema.Struct({ after: Instant, before: Instant, missing: Count }))
  })),
  derived: Schema.Array(Schema.Struct({
    name: Schema.String,
    rule: Schema.String,
    series: Names,
    missing: Names,
    from: Schema.NullOr(Instant)
  })),
  stale: Schema.Array(Schema.Struct({
    series: Schema.String,
    spans: Schema.NonEmptyArray(Schema.Struct({ from: Instant, to: Instant, step_seconds: Schema.Positive }))
  })),
  error: Schema.Null
})

type Decode = (text: string) => Either.Either<unknown, unknown>

const by = <A, I>(schema: Schema.Schema<A, I>): Decode => {
  const decode = Schema.decodeUnknownEither(schema, Fault.strict)
  return (text) => decode(JSON.parse(text))
}

/** What decodes the output of a command, by its kind. */
export const decoders: ReadonlyMap<string, Decode> = new Map([
  ["report", by(Report)],
  ["result", by(ResultSchema.Result)],
  ["event", EventSchema.decode],
  ["health", by(Health)],
  ["status", by(StatusSchema.Status)],
  ["snapshot", by(StatusSchema.Snapshot)],
  ["misunderstood", by(AnswerSchema.RefusedReport)],
  ["errors", by(Errors)],
  ["check", by(Check)]
])

/** What does not hold of the output of a command; nothing where all of it does. */
export const faultOf = (kind: string, text: string): unknown => {
  const decode = decoders.get(kind)
  if (decode === undefined) return `${kind} is none of ${[...decoders.keys()].join(", ")}`
  const decoded = decode(text)
  return Either.isLeft(decoded) ? decoded.left : undefined
}
