import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Layers from "execution-interface-manager/testing/Layers"
import * as VenueLaws from "execution-interface-manager/testing/VenueLaws"
import * as Wallet from "execution-interface-manager/venues/wallet/Simulated"
import { vault } from "../../docs/examples/vault.js"
import { protocols, silent } from "./protocols.js"
import { action, at, subjects } from "./subjects.js"

const guide = (balances: Layers.Balances) =>
  Layers.world({ at, data: { "gas.ethereum.gwei": "10" }, gas: {}, balances, venues: [Wallet.layer(), vault] })

/** The venue that the guide builds, from supply to payment a day later. */
const ofGuide: (typeof subjects)[number] = {
  venue: "vault",
  layer: guide({ "wallet:wallet": { USDT: "5000.25", ETH: "1" } }),
  empty: guide({}),
  at,
  later: [1, 23, 24, 25, 48].map((hours) => at + hours * Timestamp.hour),
  standing: [action("vault", "supply", "USDT", "2000"), action("vault", "withdraw", "USDT", "750.5")],
  cases: [
    { name: "supplies", instruction: action("vault", "supply", "USDT", "100.5") },
    { name: "supplies all", instruction: action("vault", "supply", "USDT", "max") },
    { name: "supplies more than there is", instruction: action("vault", "supply", "USDT", "9000") },
    { name: "withdraws", setup: [action("vault", "supply", "USDT", "1000")], instruction: action("vault", "withdraw", "USDT", "400") },
    { name: "withdraws all", setup: [action("vault", "supply", "USDT", "1000")], instruction: action("vault", "withdraw", "USDT", "max") },
    { name: "withdraws what it does not have", instruction: action("vault", "withdraw", "USDT", "1") }
  ]
}

/** A turn of the event loop, so that the runner is heard between laws. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

for (const subject of [...subjects, ...protocols, ofGuide]) {
  describe(`the laws of venues: ${subject.venue}`, () => {
    for (const check of VenueLaws.checks(subject)) {
      it.effect(check.name, () =>
        Effect.map(Effect.zipLeft(VenueLaws.verify(subject, check), turn), (verdict) => {
          const expected = silent.get(subject.venue)?.includes(check.law) === true ? "Skipped" : "Held"
          assert.strictEqual(verdict._tag, expected, VenueLaws.format([verdict]))
        }))
    }
  })
}
