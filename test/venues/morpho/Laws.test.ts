import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Entry from "../../../src/domain/Entry.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as World from "../../../src/sim/World.js"
import type * as Layers from "../../../src/testing/Layers.js"
import * as Config from "../../../src/venues/morpho/Config.js"
import * as Market from "../../../src/venues/morpho/Market.js"
import * as State from "../../../src/venues/morpho/State.js"
import { accruals, act, instruction, layer, position, start, wallet, world } from "./harness.js"

const hours = 60
const names = ["weETH-WETH-86", "weETH-WETH-94.5"] as const
const config: Config.Config = {
  markets: { "weETH-WETH-86": { irm: "adaptive_curve", fee: Decimal.unsafe("0.2"), totalSupply: Amount.unsafe("60"), totalBorrow: Amount.unsafe("50") } }
}
const settings = Config.resolve(config)

/** Rates that wander, some of them off the hour. */
const rates = FastCheck.array(FastCheck.integer({ min: 9_000, max: 11_000 }), { minLength: hours, maxLength: hours }).map((steps): Layers.Literal => ({
  "oracle.weETH/ETH": Object.fromEntries(steps.map((rate, hour) => [
    Timestamp.format(start + hour * Timestamp.hour + (hour % 3 === 1 ? 600_000 : 0)),
    Decimal.formatScaled(BigInt(rate), 4)
  ]))
}))

const step = FastCheck.record({
  minutes: FastCheck.integer({ min: 0, max: 300 }),
  action: FastCheck.constantFrom("supply" as const, "withdraw" as const, "supply_collateral" as const, "withdraw_collateral" as const, "borrow" as const, "repay" as const),
  market: FastCheck.constantFrom(...names),
  amount: FastCheck.oneof(
    FastCheck.bigInt({ min: 1n, max: 3n }),
    FastCheck.bigInt({ min: 1n, max: 30n * 10n ** 18n }),
    FastCheck.constant("max" as const)
  )
})

const purse = { [wallet]: { WETH: "40", weETH: "40" } }

const openings = FastCheck.constantFrom(purse, { ...purse, [position]: { aWETH: "4.5", weETH: "12", debtWETH: "9" } })

const sums = (entries: ReadonlyArray<Pick<Entry.Entry, "account" | "asset" | "amount">>, into: Map<string, Amount.Amount>) => {
  for (const { account, amount, asset } of entries) into.set(`${account}|${asset}`, (into.get(`${account}|${asset}`) ?? 0n) + amount)
}

/** The ledger shows what the shares are at this instant, summed over the markets. */
const shows = (then: World.World, at: Timestamp.Timestamp) => {
  const state = State.slot.get(then)
  if (!state.opened) return
  const total = { claim: 0n, debt: 0n, collateral: 0n }
  for (const [name, { position: held }] of state.held) {
    const { terms } = settings.markets.get(name)!
    const { market } = Either.getOrThrow(Market.accrue(terms, state.markets.get(name)!, State.seconds(at)))
    total.claim += Market.supplied(market, held)
    total.debt += Market.borrowed(market, held)
    total.collateral += held.collateral
    assert.isTrue(market.borrow.assets <= market.supply.assets)
  }
  assert.strictEqual(World.balance(then, position, "aWETH"), total.claim)
  assert.strictEqual(World.balance(then, position, "debtWETH"), total.debt)
  assert.strictEqual(World.balance(then, position, "weETH"), total.collateral)
  assert.strictEqual(state.flash.size, 0)
}

describe("morpho, over random actions and time", () => {
  it.effect.prop("keeps its books", [rates, openings, FastCheck.array(step, { minLength: 6, maxLength: 20 })], ([data, opening, actions]) =>
    Effect.gen(function*() {
      const told = new Map<string, Amount.Amount>()
      sums(World.holdings(yield* world), told)
      let now = start
      for (const { action, amount, market, minutes } of actions) {
        now = Math.min(now + minutes * 60_000, start + hours * Timestamp.hour)
        for (const accrual of yield* accruals(now)) {
          assert.deepStrictEqual(Entry.imbalance(accrual.entries), [])
          assert.isTrue(accrual.at <= now)
          sums(accrual.entries, told)
        }
        const before = yield* world
        shows(before, now)
        const token = action.endsWith("collateral") ? "weETH" : "WETH"
        const quantity = amount === "max" ? action === "borrow" ? "1" : amount : Amount.format(amount)
        const done = yield* Effect.either(act(now, instruction(action, token, quantity, market)))
        const after = yield* world
        if (Either.isLeft(done)) assert.strictEqual(after, before)
        else {
          assert.deepStrictEqual(Entry.imbalance(done.right.entries), [])
          sums(done.right.entries, told)
        }
        shows(after, now)
      }
      // Everything that moved was told: opening, accruals and receipts add up to the ledger.
      const ledger = new Map(World.holdings(yield* world).map(({ account, amount, asset }) => [`${account}|${asset}`, amount]))
      assert.deepStrictEqual(new Map([...told].filter(([, amount]) => amount !== 0n).sort()), new Map([...ledger].sort()))
    }).pipe(
      Effect.provide(layer(data, opening, { ...config, openingMarket: "weETH-WETH-86" }))
    ), { fastCheck: { numRuns: 15 }, timeout: 60_000 })
})
