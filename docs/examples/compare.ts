/**
 * What gas takes of a year of lending: one script run twice inside a program, under two settings.
 *
 * Run it with `npx tsx docs/examples/compare.ts`.
 */
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { Backtest, Config, Decimal, Result, type Script, Timestamp } from "execution-interface-manager"
import * as Embedded from "execution-interface-manager/data/Embedded"
import script from "./pure-lending.js"

const change = (script: Script.Script, id: string, settings: object) =>
  Effect.gen(function*() {
    const config = yield* Config.decode(settings)
    const result = yield* Backtest.run(script, {
      id,
      config,
      from: Timestamp.unsafe("2024-06-01T00:00:00Z"),
      to: Timestamp.unsafe("2025-06-01T00:00:00Z")
    })
    return Decimal.format(Result.change(result)?.change ?? Decimal.zero)
  })

const program = Effect.all({
  asRecorded: change(script, "gas-as-recorded", {}),
  withoutGas: change(script, "gas-free", { gas: { price_gwei: "0" } })
})

Effect.runPromise(program.pipe(Effect.provide(Embedded.layer().pipe(Layer.provide(NodeContext.layer))))).then((changes) => console.log(changes))
