/**
 * `eim schema`: the JSON Schema of what goes in and comes out.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Instruction from "../domain/Instruction.js"
import type { Json } from "../domain/Json.js"
import * as ReportSchema from "../domain/ReportSchema.js"
import * as EventSchema from "../events/EventSchema.js"
import * as Config from "../manager/Config.js"
import * as StatusSchema from "../manager/StatusSchema.js"
import * as SimulatedVenues from "../modes/SimulatedVenues.js"
import * as Gas from "../sim/Gas.js"
import * as AnswerSchema from "./AnswerSchema.js"
import * as Failure from "./Failure.js"
import * as InstructionSchema from "./InstructionSchema.js"
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

interface Struct {
  readonly $defs?: { readonly [name: string]: Json }
  readonly properties: { readonly [name: string]: Json }
}

/** Settings as the command takes them, those of each venue and of gas in their places. */
const config = (): Json => {
  const { $defs, ...universal } = InstructionSchema.of<Struct>(Config.Universal)
  const part = (schema: Schema.Schema.AnyNoContext) => InstructionSchema.of<Struct & { readonly $schema: string }>(schema)
  const parts = [...SimulatedVenues.settings].map(([id, schema]) => [id, part(schema)] as const)
  const gas = part(Gas.Config)
  const plain = ({ $defs: _defs, $schema: _schema, ...rest }: ReturnType<typeof part>) => rest
  const settings = (ids: ReadonlyArray<string>) =>
    Object.fromEntries(parts.filter(([id]) => ids.includes(id)).map(([id, { properties, ...rest }]) =>
      [id, { ...plain({ ...rest, properties }), properties: { enabled: { type: "boolean" }, ...properties } }]))
  const families = Object.fromEntries(SimulatedVenues.families.map(([family, ids]) => [family, {
    anyOf: [
      { type: "array", items: { enum: ids } },
      { type: "object", properties: settings(ids), additionalProperties: false }
    ]
  }]))
  const venues = {
    type: "object",
    properties: { ...settings(parts.map(([id]) => id)), ...families },
    patternProperties: { "^wallet_[a-z0-9]+(?:_[a-z0-9]+)*$": settings(["wallet"])["wallet"] ?? {} },
    additionalProperties: false
  }
  return {
    ...universal,
    $defs: Object.assign({}, $defs, gas.$defs, ...parts.map(([, { $defs }]) => $defs)),
    properties: { ...universal.properties, venues, venue_configs: venues, gas: plain(gas) }
  }
}

const written: { readonly [what: string]: () => Json } = {
  instruction: InstructionSchema.instruction,
  block: InstructionSchema.block,
  config
}

/** The JSON Schema of what a codec reads, by the name that it is asked for. @category constructors @since 0.1.0 */
export const of = (what: string, schema: Schema.Schema.AnyNoContext): Json =>
  (written[what] ?? (() => InstructionSchema.of<{ readonly [key: string]: Json }>(schema)))()

/** Prints a schema. Answers the exit code. @category constructors @since 0.1.0 */
export const run = (options: { readonly what: string }): Effect.Effect<number, Failure.Failure, Screen.Screen> => {
  const { what } = options
  const schema = Object.hasOwn(schemas, what) ? schemas[what] : undefined
  return schema === undefined
    ? Effect.fail(Failure.usage(`WHAT: expected one of ${Object.keys(schemas).join(", ")}, got ${JSON.stringify(what)}`, "schema"))
    : Effect.flatMap(Screen.Screen, (screen) =>
      Effect.as(screen.out(`${Pretty.json(of(what, schema))}\n`), Failure.exit.done))
}
