import * as Effect from "effect/Effect"
import { VenueRegistry } from "execution-interface-manager"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Layers from "execution-interface-manager/testing/Layers"
import * as VenueLaws from "execution-interface-manager/testing/VenueLaws"
import * as Wallet from "execution-interface-manager/venues/wallet/Simulated"
import { assert, beforeAll, describe, it, vi } from "vitest"
import { action, at } from "./subjects.js"

const silent: ReadonlyArray<VenueLaws.Law> = ["promised", "once", "split"]

describe("the venue of the first example", () => {
  let subject: VenueLaws.Subject<unknown>

  beforeAll(async () => {
    // The example is a program: it runs when it is loaded, and prints.
    const said = vi.spyOn(console, "log").mockImplementation(() => undefined)
    const { vault } = await import("../../docs/examples/composition.js")
    said.mockRestore()
    const world = (balances: Layers.Balances) =>
      Layers.world({ at, balances, venues: [Wallet.layer(), VenueRegistry.venue({ id: "vault", family: "onchain", make: vault })] })
    subject = {
      venue: "vault",
      layer: world({ "wallet:wallet": { USDT: "1000" } }),
      empty: world({}),
      at,
      later: [at + Timestamp.day],
      cases: [
        { name: "parks", instruction: action("vault", "supply", "USDT", "250.5") },
        { name: "parks more than there is", instruction: action("vault", "supply", "USDT", "1000.01") },
        { name: "parks all", instruction: action("vault", "supply", "USDT", "max") }
      ]
    }
  })

  it("obeys every law that says something about it", async () => {
    const verdicts = await Effect.runPromise(VenueLaws.run(subject))
    for (const verdict of verdicts) {
      assert.strictEqual(verdict._tag, silent.includes(verdict.law) ? "Skipped" : "Held", VenueLaws.format([verdict]))
    }
  })
})
