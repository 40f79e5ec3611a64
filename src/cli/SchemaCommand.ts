/**
 * `eim schema`: the JSON Schema of what goes in and comes out.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import type * as Schema from "effect/Schema"
import * as Instruction from "../domain/Instruction.js"
import type { Json } from "../domain/Json.js"
import * as ReportSchema from "../domain/ReportSchema.js"
import * as EventSchema from "../events/EventSchema.js"
import * as Config from "../manager/Config.js"
import * as StatusSchema from "../manager/StatusSchema.js"
import * as AnswerSchema from "./AnswerSchema.js"
import * as Failure from "./Failure.js"
import * as Pretty from "./Pretty.js"
import * as Screen from "./Screen.js"

/** The schemas by the name they are asked for. @category constants @since 0.1.0 */
export const schemas: { readonly [what: string]: Schema.Schema.AnyNoContext } = {
  instruction: Instruction.Instruction,
  block: ReportSchema.Block,
  config: Config.Universal,
  report: AnswerSchema.Report,
  event: EventSchema.Event,
  result: AnswerSchema.Result,
  refusal: AnswerSchema.Refusal,
  status: StatusSchema.Status,
  snapshot: StatusSchema.Snapshot
}

/** The JSON Schema of one of them. @category combinators @since 0.1.0 */
export const jsonSchema = (schema: Schema.Schema.AnyNoContext): Json => JSON.parse(JSON.stringify(JSONSchema.make(schema)))

/** Prints a schema. Answers the exit code. @category constructors @since 0.1.0 */
export const run = (options: { readonly what: string }): Effect.Effect<number, Failure.Failure, Screen.Screen> => {
  const { what } = options
  const schema = Object.hasOwn(schemas, what) ? schemas[what] : undefined
  return schema === undefined
    ? Effect.fail(Failure.usage(`WHAT: expected one of ${Object.keys(schemas).join(", ")}, got ${JSON.stringify(what)}`, "schema"))
    : Effect.flatMap(Screen.Screen, (screen) =>
      Effect.as(screen.out(`${Pretty.json(jsonSchema(schema))}\n`), Failure.exit.done))
}
