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
import * as Failure from "./Failure.js"
import type * as Screen from "./Screen.js"
import * as Style from "./Style.js"
import * as Usage from "./Usage.js"

const text = (command: Usage.Usage, name: string): Options.Options<string> =>
  Options.text(name).pipe(Options.withDescription(Usage.flag(command, name).text))

const optional = (command: Usage.Usage, name: string): Options.Options<Option.Option<string>> =>
  Options.optional(text(command, name))

const repeated = (command: Usage.Usage, name: string): Options.Options<ReadonlyArray<string>> =>
  Options.repeated(text(command, name))

const flag = (command: Usage.Usage, name: string): Options.Options<boolean> =>
  Options.boolean(name).pipe(Options.withDescription(Usage.flag(command, name).text))

const argument = (command: Usage.Usage): Args.Args<string> => Args.text({ name: command.argument?.name ?? "" })

const { backtest, completions, errors, route, schema } = Usage.commands

const {
  "data check": dataCheck,
  "data import": dataImport,
  "data load": dataLoad,
  "events export": eventsExport,
  "events tail": eventsTail
} = Usage.commands

const data = () => Effect.promise(() => import("./DataCommand.js"))

const events = () => Effect.promise(() => import("./EventsCommand.js"))

/** The commands; `answer` takes the exit code of the one that ran. Each is loaded when it is asked for. */
const make = (answer: (code: number) => void) =>
  Command.make("eim").pipe(Command.withSubcommands([
    Command.make(backtest.name, {
      script: argument(backtest),
      data: repeated(backtest, "data"),
      onConflict: optional(backtest, "on-conflict"),
      from: optional(backtest, "from"),
      to: optional(backtest, "to"),
      balances: optional(backtest, "balances"),
      config: optional(backtest, "config"),
      out: optional(backtest, "out"),
      id: optional(backtest, "id"),
      assumptions: flag(backtest, "assumptions"),
      force: flag(backtest, "force"),
      json: flag(backtest, "json")
    }, (options) =>
      Effect.gen(function*() {
        const { run } = yield* Effect.promise(() => import("./BacktestCommand.js"))
        answer(yield* run(options))
      })),
    Command.make(route.name, {
      block: argument(route),
      at: text(route, "at"),
      mode: optional(route, "mode"),
      data: repeated(route, "data"),
      onConflict: optional(route, "on-conflict"),
      balances: optional(route, "balances"),
      config: optional(route, "config"),
      noWait: flag(route, "no-wait"),
      json: flag(route, "json")
    }, (options) =>
      Effect.gen(function*() {
        const { run } = yield* Effect.promise(() => import("./RouteCommand.js"))
        answer(yield* run(options))
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
      })),
    Command.make(completions.name, { shell: argument(completions) }, (options) =>
      Effect.gen(function*() {
        const { run } = yield* Effect.promise(() => import("./CompletionsCommand.js"))
        answer(yield* run(options))
      })),
    Command.make(dataImport.name, {
      files: Args.repeated(argument(dataImport)),
      kind: optional(dataImport, "kind"),
      series: optional(dataImport, "series"),
      venue: optional(dataImport, "venue"),
      token: optional(dataImport, "token"),
      market: optional(dataImport, "market"),
      only: optional(dataImport, "only"),
      columns: optional(dataImport, "columns"),
      candle: optional(dataImport, "candle"),
      onConflict: optional(dataImport, "on-conflict"),
      out: optional(dataImport, "out"),
      json: flag(dataImport, "json")
    }, (options) => Effect.flatMap(data(), ({ runImport }) => Effect.map(runImport(options), answer))),
    Command.make(dataCheck.name, {
      sources: Args.repeated(argument(dataCheck)),
      onConflict: optional(dataCheck, "on-conflict"),
      json: flag(dataCheck, "json")
    }, (options) =>
      Effect.flatMap(data(), ({ runCheck }) => Effect.map(runCheck(options), answer))),
    Command.make(dataLoad.name, {
      sources: Args.repeated(argument(dataLoad)),
      onConflict: optional(dataLoad, "on-conflict"),
      db: optional(dataLoad, "db"),
      json: flag(dataLoad, "json")
    }, (options) =>
      Effect.gen(function*() {
        const { runLoad } = yield* data()
        answer(yield* runLoad(options))
      })),
    Command.make(eventsExport.name, {
      out: text(eventsExport, "out"),
      from: optional(eventsExport, "from"),
      to: optional(eventsExport, "to"),
      file: optional(eventsExport, "file"),
      json: flag(eventsExport, "json")
    }, (options) => Effect.flatMap(events(), ({ runExport }) => Effect.map(runExport(options), answer))),
    Command.make(eventsTail.name, {
      file: optional(eventsTail, "file"),
      lines: optional(eventsTail, "lines"),
      follow: flag(eventsTail, "follow"),
      json: flag(eventsTail, "json")
    }, (options) => Effect.flatMap(events(), ({ runTail }) => Effect.map(runTail(options), answer)))
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
