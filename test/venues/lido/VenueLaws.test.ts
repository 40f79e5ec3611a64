import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as VenueLaws from "../../../src/testing/VenueLaws.js"
import { subject } from "./subjects.js"

const asked = subject("lido", "stETH", "wstETH")

describe("the laws of venues: lido", () => {
  for (const check of VenueLaws.checks(asked)) {
    it.effect(check.name, () =>
      Effect.map(VenueLaws.verify(asked, check), (verdict) => {
        assert.strictEqual(verdict._tag, "Held", VenueLaws.format([verdict]))
      }))
  }
})
