import { Effect, Layer, Schedule } from "effect"
import type * as DataProvider from "execution-interface-manager/data/DataProvider"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import * as ExecutionInterfaceManager from "execution-interface-manager/manager/ExecutionInterfaceManager"
import * as Retry from "execution-interface-manager/manager/Retry"
import * as Backtest from "execution-interface-manager/modes/Backtest"
import type * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import { describe, expectTypeOf, it } from "vitest"

declare const unknown: Effect.Effect<Outcome.Success, Outcome.Unknown>
declare const submit: Effect.Effect<Outcome.Success, Outcome.Failure>
declare const first: Outcome.NotSent
declare const unsent: Effect.Effect<Outcome.Success, Outcome.NotSent>

describe("types", () => {
  it("forbid to retry an unknown outcome", () => {
    Retry.again(unsent, Schedule.recurs(2), first)
    // @ts-expect-error an unknown outcome is not to be sent again
    Retry.again(unknown, Schedule.recurs(2), first)
    // @ts-expect-error neither is a submit that may end unknown or rejected
    Retry.again(submit, Schedule.recurs(2), first)
  })

  it("let a backtest need market data and nothing more", () => {
    expectTypeOf<Layer.Layer.Context<ReturnType<typeof Backtest.layer>>>().toEqualTypeOf<DataProvider.DataProvider>()
    const program = Effect.void.pipe(Effect.provide(Backtest.layer()), Effect.provide(Memory.layer([])))
    expectTypeOf<Effect.Effect.Context<typeof program>>().toEqualTypeOf<never>()
  })

  it("do not let a manager run without a registry", () => {
    type Needs = Layer.Layer.Context<ReturnType<typeof ExecutionInterfaceManager.layer>>
    expectTypeOf<VenueRegistry.VenueRegistry>().toExtend<Needs>()
    const route = Effect.flatMap(ExecutionInterfaceManager.ExecutionInterfaceManager, (eim) => eim.updateState(0, "manual"))
    const open = route.pipe(Effect.provide(ExecutionInterfaceManager.layer()))
    // @ts-expect-error the registry, the journal and the rest are missing
    Effect.runSync(open)
  })
})
