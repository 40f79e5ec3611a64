import * as EimError from "execution-interface-manager/domain/EimError"
import type * as ErrorCode from "execution-interface-manager/domain/ErrorCode"
import * as Effect from "effect/Effect"
import { describe, expectTypeOf, it } from "vitest"

describe("EimError", () => {
  it("has one class for each code, told apart by its tag", () => {
    expectTypeOf<EimError.EimError["code"]>().toEqualTypeOf<ErrorCode.Code>()
    expectTypeOf<EimError.EimError["_tag"]>().toEqualTypeOf<(typeof ErrorCode.registry)[ErrorCode.Code]["tag"]>()
    expectTypeOf<EimError.OutcomeUnknown["severity"]>().toEqualTypeOf<"CRITICAL">()
    expectTypeOf<EimError.DeltaAggregationFailed["retry"]>().toEqualTypeOf<"never">()
  })

  it("is caught by its tag, and only that", () => {
    const failing: Effect.Effect<number, EimError.VenueRejected | EimError.OutcomeUnknown> = new EimError.VenueRejected({
      reason: "no"
    })
    const rest = Effect.catchTag(failing, "VenueRejected", (error) => Effect.succeed(error.code))
    expectTypeOf(rest).toEqualTypeOf<Effect.Effect<number | "EIM-013", EimError.OutcomeUnknown>>()
  })

  it("needs a reason", () => {
    // @ts-expect-error
    new EimError.VenueRejected({})
  })
})
