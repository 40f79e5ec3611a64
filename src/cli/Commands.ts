/**
 * The commands: their options as values, and what each of them runs.
 *
 * @since 0.1.0
 */
import * as Args from "@effect/cli/Args"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Environment from "./Environment.js"
import * as Failure from "./Failure.js"
import type * as Screen from "./Screen.js"
import * as Style from "./Style.js"
import * as Usage from "./Usage.js"

const text = (command: Usage.Usage, name: string): Options.Options<string> =>
  Options.text(name).pipe(Options.withDescription(Usage.flag(command, name).text))

const optional = (command: Usage.Usage, name: string): Options.Options<Option.Option<string>> =>
  Options.optional(text(command, name))

const flag = (command: Usage.Usage, name: string): Options.Options<boolean> =>
  Options.boolean(name).pipe(Options.withDescription(Usage.flag(command, name).text))

const argument = (command: Usage.Usage): Args.Args<string> => Args.text({ name: command.argument?.name ?? "" })

const { backtest, errors, route, schema } = Usage.commands

/** The commands; `answer` takes the exit code of the one that ran. Each is loaded when it is asked for. */
const make = (answer: (code: number) => void) =>
  Command.make("eim").pipe(Command.withSubcommands([
    Command.make(backtest.name, {
      script: argument(backtest),
      data: optional(backtest, "data"),
      from: optional(backtest, "from"),
      to: optional(backtest, "to"),
      balances: optional(backtest, "balances"),
      config: optional(backtest, "config"),
      out: optional(backtest, "out"),
      id: optional(backtest, "id"),
      json: flag(backtest, "json")
    }, (options) =>
      Effect.gen(function*() {
        const environment = yield* Environment.load
        const { run } = yield* Effect.promise(() => import("./BacktestCommand.js"))
        answer(yield* run(options, environment))
      })),
    Command.make(route.name, {
      block: argument(route),
      at: text(route, "at"),
      mode: optional(route, "mode"),
      data: optional(route, "data"),
      balances: optional(route, "balances"),
      config: optional(route, "config"),
      noWait: flag(route, "no-wait"),
      json: flag(route, "json")
    }, (options) =>
      Effect.gen(function*() {
        const environment = yield* Environment.load
        const { run } = yield* Effect.promise(() => import("./RouteCommand.js"))
        answer(yield* run(options, environment))
      })),
    Command.make(errors.name, { json: flag(errors, "json") }, (options) =>
      Effect.gen(function*() {
        const { run } = yield* Effect.promise(() => import("./ErrorsCommand.js"))
        answer(yield* run(options))
      })),
    Command.make(schema.name, { what: argument(schema) }, (options) =>
      Effect.gen(function*() {
        const { run } = yield* Effect.promise(() => import("./SchemaCommand.js"))
        answer(yield* run(options))
      }))
  ]))

/** What is wrong with arguments is told once, by who runs the command. */
const silently = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Console.consoleWith((console) => Effect.withConsole(effect, { ...console, error: () => Effect.void }))

const ofValidation = (error: ValidationError.ValidationError): Failure.Failure =>
  Failure.usage("error" in error ? Style.strip(HelpDoc.toAnsiText(error.error)).trim() : "the arguments are not understood")

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeTerminal.layer)

/**
 * Runs the command that the words name. Answers its exit code.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run = (words: ReadonlyArray<string>, version: string): Effect.Effect<number, Failure.Failure, Screen.Screen> =>
  Effect.suspend(() => {
    let code: number = Failure.exit.done
    const command = Command.run(make((answer) => {
      code = answer
    }), { name: "eim", version })
    return silently(command(["node", "eim", ...words])).pipe(
      Effect.provideService(CliConfig.CliConfig, CliConfig.make({ showBuiltIns: false })),
      Effect.provide(platform),
      Effect.mapError((error) => (ValidationError.isValidationError(error) ? ofValidation(error) : error)),
      Effect.map(() => code)
    )
  })
