import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Entry from "../../../src/domain/Entry.js"
import type * as Outcome from "../../../src/domain/Outcome.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as ShareToken from "../../../src/sim/ShareToken.js"
import * as Protocol from "../../../src/sim/ShareToken/Protocol.js"
import type * as Simulation from "../../../src/sim/Simulation.js"
import * as World from "../../../src/sim/World.js"
import type * as VenueRegistry from "../../../src/venue/VenueRegistry.js"
import * as EtherFi from "../../../src/venues/etherfi/Config.js"
import * as Lido from "../../../src/venues/lido/Config.js"
import { at, unbalanced, wallet, world } from "../aave/harness.js"
import { accruals, act, elsewhere, layer, start } from "./harness.js"

const begin = at(start)

const days = 20

/** A rate a day, up or, by a slashing, down. */
const market = FastCheck.array(FastCheck.integer({ min: -300_000, max: 400_000 }), { minLength: days, maxLength: days }).map(
  (changes) => {
    let rate = 1_163_456_789n
    return Object.fromEntries(changes.map((change, day) => {
      rate += BigInt(change)
      return [Timestamp.format(begin + day * Timestamp.day), Decimal.formatScaled(rate * 10n ** 7n + BigInt(day), 16)]
    }))
  }
)

const actions = ["stake", "stake_wrapped", "wrap", "unwrap", "unstake", "unstake_wrapped", "claim", "elsewhere"] as const

interface Step {
  readonly hours: number
  readonly action: (typeof actions)[number]
  readonly amount: bigint | "max"
}

const step: FastCheck.Arbitrary<Step> = FastCheck.record({
  hours: FastCheck.integer({ min: 0, max: 40 }),
  action: FastCheck.constantFrom(...actions),
  amount: FastCheck.oneof(
    FastCheck.bigInt({ min: 1n, max: 200n }),
    FastCheck.bigInt({ min: 1n, max: 20n * Amount.unit }),
    FastCheck.constant("max" as const)
  )
})

const does = (protocol: Protocol.Protocol, now: number, { action, amount }: Step) => {
  const { token, wrapped } = protocol
  const venue = protocol.venue as "lido" | "etherfi"
  switch (action) {
    case "stake":
      return act(now, venue, "stake", "ETH", amount)
    case "stake_wrapped":
      return act(now, venue, "stake", "ETH", amount, { tokenOut: wrapped })
    case "unstake_wrapped":
      return act(now, venue, "unstake", wrapped, amount)
    case "claim":
      return act(now, venue, "claim", "ETH")
    case "unwrap":
      return act(now, venue, "unwrap", wrapped, amount)
    case "elsewhere":
      return Effect.as(elsewhere(Timestamp.format(now), token, amount === "max" ? "-3" : Amount.format(amount)), undefined)
    default:
      return act(now, venue, action, token, amount)
  }
}

const sums = (entries: ReadonlyArray<Entry.Entry>, into: Map<string, Amount.Amount>) => {
  for (const { account, amount, asset } of entries) into.set(`${account}|${asset}`, (into.get(`${account}|${asset}`) ?? 0n) + amount)
}

/** Once time was settled: what the ledger has is what the shares show, but for what others moved at this instant. */
const shows = (protocol: Protocol.Protocol, then: World.World, rate: string) => {
  const state = protocol.slot.get(then)
  assert.strictEqual(state.holding.shown, ShareToken.toAmount(ShareToken.ofRate(Decimal.unsafe(rate)), state.holding.shares))
  const tickets = state.requests.reduce((sum, request) => sum + Protocol.shown(request), 0n)
  assert.strictEqual(World.balance(then, Protocol.position(protocol), Protocol.ticket), tickets)
  assert.isTrue(state.requests.every((request) => request.payable === undefined || request.payable <= request.amount))
}

describe("staking, over random actions and rates", () => {
  for (const protocol of [Lido.resolve({ withdrawalDays: 2.5 }), EtherFi.resolve({ withdrawalDays: 2.5 })]) {
    const { venue } = protocol
    it.effect.prop(`${venue} keeps its books`, [market, FastCheck.array(step, { minLength: 8, maxLength: 20 })], ([rates, steps]) =>
      Effect.gen(function*() {
        const told = new Map<string, Amount.Amount>()
        sums(World.holdings(yield* world).map((held) => ({ ...held, reason: "opening" as const })), told)
        let now = begin
        for (const next of steps) {
          now = Math.min(now + next.hours * Timestamp.hour, begin + days * Timestamp.day - 1)
          const rate = rates[Timestamp.format(begin + Math.floor((now - begin) / Timestamp.day) * Timestamp.day)]!
          const due = yield* accruals(venue as "lido" | "etherfi", now)
          for (const accrual of due) {
            assert.deepStrictEqual(Entry.imbalance(accrual.entries), [])
            assert.strictEqual(accrual.kind, "rebase")
            assert.isTrue(accrual.at <= now)
            sums(accrual.entries, told)
          }
          const before = yield* world
          shows(protocol, before, rate)
          const doing: Effect.Effect<Outcome.Receipt | undefined, unknown, VenueRegistry.VenueRegistry | Simulation.Simulation> = does(protocol, now, next)
          const done = yield* Effect.either(doing)
          const after = yield* world
          if (Either.isLeft(done)) {
            assert.strictEqual(after, before)
          } else if (done.right !== undefined) {
            const { entries } = done.right
            assert.deepStrictEqual(Entry.imbalance(entries), [])
            sums(entries, told)
            shows(protocol, after, rate)
          } else {
            const balance = World.balance(after, wallet, protocol.token) - World.balance(before, wallet, protocol.token)
            told.set(`${wallet}|${protocol.token}`, (told.get(`${wallet}|${protocol.token}`) ?? 0n) + balance)
            told.set(`market:elsewhere|${protocol.token}`, (told.get(`market:elsewhere|${protocol.token}`) ?? 0n) - balance)
          }
          assert.deepStrictEqual(unbalanced(after), [])
        }
        // Everything that moved was told: opening, accruals and receipts add up to the ledger.
        const last = yield* world
        const ledger = new Map(World.holdings(last).map(({ account, amount, asset }) => [`${account}|${asset}`, amount]))
        assert.deepStrictEqual(new Map([...told].filter(([, amount]) => amount !== 0n).sort()), new Map([...ledger].sort()))
        // A unit or two for each transfer, and no more.
        assert.isTrue(Amount.abs(World.balance(last, `rounding:${venue}`, protocol.token)) <= 4n * BigInt(steps.length + 1))
      }).pipe(Effect.provide(layer({ "oracle.wstETH/ETH": rates, "oracle.weETH/ETH": rates }, {
        lido: { withdrawalDays: 2.5 },
        etherfi: { withdrawalDays: 2.5 },
        balances: { [wallet]: { ETH: "60", [protocol.token]: "5.3", [protocol.wrapped]: "2" }, [`${venue}:position`]: { ticketETH: "1.5" } }
      }))), { fastCheck: { numRuns: 30 }, timeout: 60_000 })
  }
})
