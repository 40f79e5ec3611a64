/**
 * What commands print with `--json`, as schemas: reports and results, and what stands in their place where a command
 * does not get so far.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as ReportSchema from "../domain/ReportSchema.js"
import * as ResultSchema from "../modes/Backtest/ResultSchema.js"

/** A value that does not hold. */
const Fault = Schema.Struct({
  source: Schema.String.annotations({ description: "where it was read: a file, an option, the environment" }),
  path: Schema.String.annotations({ description: "its place there" }),
  expected: Schema.String,
  actual: Schema.String.annotations({ description: "what came, as JSON" })
}).annotations({ identifier: "Fault" })

/** An error that no instruction is at fault for. */
const Misunderstood = Schema.Struct({
  code: Schema.Literal("ARGUMENTS", "CONFIG", "INPUT", "IO", "SCRIPT", "DEFECT").annotations({ description: "what is at fault" }),
  severity: Schema.Literal("HIGH"),
  message: Schema.String,
  resolution: Schema.String,
  retry: Schema.Literal("after_fix"),
  path: Schema.optional(Schema.String),
  expected: Schema.optional(Schema.String),
  actual: Schema.optional(Schema.String),
  file: Schema.optional(Schema.String.annotations({ description: "of a script that fails: the file that is at fault" })),
  line: Schema.optional(Schema.Int.pipe(Schema.positive()).annotations({ description: "its line, from 1, as it was written" })),
  column: Schema.optional(Schema.Int.pipe(Schema.positive()).annotations({ description: "its column, from 1" })),
  series: Schema.optional(Schema.String.annotations({ description: "the series that a script asked for and that has no value" })),
  faults: Schema.optional(
    Schema.Array(Fault).pipe(Schema.minItems(1)).annotations({
      description: "of settings, balances and environment: everything that does not hold; path, expected and actual beside it are those of the first"
    })
  )
}).annotations({ identifier: "Misunderstood" })

/** Why a command does not get to its result. */
const Why = Schema.Union(Misunderstood, ReportSchema.ErrorInfo)

/** What commands print that have neither a report nor a result. @category schemas @since 0.1.0 */
export const Refusal = Schema.Struct({ error: Why }).annotations({ identifier: "Refusal" })

/** What `eim route` prints where nothing came about: the keys of a report, empty. @category schemas @since 0.1.0 */
export const RefusedReport = Schema.Struct({
  ...ReportSchema.Report.fields,
  timestamp: Schema.NullOr(ReportSchema.Instant).annotations({ description: "null where --at is no instant" }),
  error: Why
}).annotations({ identifier: "RefusedReport" })

/** What `eim route` prints. @category schemas @since 0.1.0 */
export const Report = Schema.Union(ReportSchema.Report, RefusedReport)

/** What `eim backtest` prints where a run did not get to its end: the keys of a result, null or empty. */
const RefusedResult = Schema.Struct({
  ...ResultSchema.Result.fields,
  backtest_id: Schema.NullOr(Schema.String).annotations({ description: "id of the run, null where it did not get as far as to have one" }),
  from: Schema.Null,
  to: Schema.Null,
  value: Schema.Struct({
    ...ResultSchema.Result.fields.value.fields,
    token: Schema.Null,
    initial: Schema.Null,
    final: Schema.Null,
    change: Schema.Null
  }),
  error: Why
}).annotations({ identifier: "RefusedResult" })

/** What `eim backtest` prints. @category schemas @since 0.1.0 */
export const Result = Schema.Union(ResultSchema.Result, RefusedResult)
