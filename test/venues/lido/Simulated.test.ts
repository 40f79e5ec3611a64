import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Decimal from "../../../src/domain/Decimal.js"
import type * as Outcome from "../../../src/domain/Outcome.js"
import * as Lido from "../../../src/venues/lido/Simulated.js"
import { at, balance, deltas, refusal, unbalanced, wallet, world } from "../aave/harness.js"
import { accruals, act, elsewhere, layer, start } from "./harness.js"

const queue = "lido:position"

/** A rate that grows, falls by a slashing and grows again. */
const rates = {
  "oracle.wstETH/ETH": {
    "2024-06-01T00:00:00Z": "1.1634",
    "2024-06-02T12:00:00Z": "1.1635",
    "2024-06-03T12:00:00Z": "1.1605",
    "2024-06-04T12:00:00Z": "1.1606",
    "2024-06-05T12:00:00Z": "1.1607"
  }
}

const holding = { balances: { [wallet]: { stETH: "5", wstETH: "10", WETH: "3", ETH: "1" } } }

describe("lido: stake and wrap", () => {
  it.effect("stakes ether for stETH, one for one but for the unit of the contract", () =>
    Effect.gen(function*() {
      const receipt = yield* act(start, "lido", "stake", "ETH", "100")
      assert.deepStrictEqual(deltas(receipt.entries), { wallet: { ETH: "-100", stETH: "99.999999999999999999" } })
      // 100e18 * 10000 / 11634, rounded down
      assert.strictEqual(receipt.detail["shares"], "85.95495960116898745")
      assert.strictEqual(yield* balance("rounding:lido", "stETH"), "0.000000000000000001")
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(rates))))

  it.effect("stakes for wstETH in one transaction, and unwraps what it gave", () =>
    Effect.gen(function*() {
      const receipt = yield* act(start, "lido", "stake", "ETH", "100", { tokenOut: "wstETH" })
      assert.deepStrictEqual(deltas(receipt.entries), { wallet: { ETH: "-100", wstETH: "85.95495960116898745" } })
      const back = yield* act(start, "lido", "unwrap", "wstETH", "max")
      assert.deepStrictEqual(deltas(back.entries), {
        wallet: { wstETH: "-85.95495960116898745", stETH: "99.999999999999999998" }
      })
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(rates))))

  it.effect("wraps all its stETH: a share can stay behind, as on the chain", () =>
    Effect.gen(function*() {
      yield* act(start, "lido", "stake", "ETH", "100")
      const receipt = yield* act(start, "lido", "wrap", "stETH", "max")
      // 99.999999999999999999 stETH are 85954959601168987449.7 shares
      assert.deepStrictEqual(deltas(receipt.entries), {
        wallet: { stETH: "-99.999999999999999998", wstETH: "85.954959601168987449" }
      })
      assert.strictEqual(yield* balance(wallet, "stETH"), "0.000000000000000001")
      // It needs no rate, and so not one that has ended by then.
      assert.deepStrictEqual(yield* accruals("lido", "2024-06-30T00:00:00Z"), [])
    }).pipe(Effect.provide(layer(rates))))

  it.effect("leaves the gas of a stake of everything", () =>
    Effect.gen(function*() {
      const receipt = yield* act(start, "lido", "stake", "ETH", "max")
      // 150,000 units at 20 gwei
      assert.deepStrictEqual(deltas(receipt.entries), { wallet: { ETH: "-1000", stETH: "999.996999999999999999" } })
      assert.strictEqual(yield* balance("gas:ethereum", "ETH"), "0.003")
    }).pipe(Effect.provide(layer(rates, { gas: { priceGwei: Decimal.unsafe("20") } }))))

  it.effect("leaves the gas of a stake of everything for wstETH, which is dearer", () =>
    Effect.gen(function*() {
      const receipt = yield* act(start, "lido", "stake", "ETH", "max", { tokenOut: "wstETH" })
      // 255,000 units at 20 gwei; the rest * 10000 / 11634, rounded down
      assert.deepStrictEqual(deltas(receipt.entries), { wallet: { ETH: "-1000", wstETH: "859.545212308750214887" } })
      assert.strictEqual(yield* balance("gas:ethereum", "ETH"), "0.0051")
      assert.isUndefined(receipt.detail["gas_tank"])
    }).pipe(Effect.provide(layer(rates, { gas: { priceGwei: Decimal.unsafe("20") } }))))

  it.effect("pays for an approval before each wrap, or once", () =>
    Effect.gen(function*() {
      const units = (approval: "exact" | "unlimited") =>
        Effect.gen(function*() {
          yield* act(start, "lido", "stake", "ETH", "10")
          yield* act(start, "lido", "wrap", "stETH", "1")
          const { detail } = yield* act(start, "lido", "wrap", "stETH", "1")
          return (detail["gas"] as { readonly transactions: ReadonlyArray<string> }).transactions
        }).pipe(Effect.provide(layer(rates, { lido: { approval } })))
      assert.deepStrictEqual(yield* units("exact"), ["approval", "wrap_lst"])
      assert.deepStrictEqual(yield* units("unlimited"), ["wrap_lst"])
    }))

  it.effect("honours the least that may come out", () =>
    Effect.gen(function*() {
      const exact = Decimal.unsafe("0.85954959601168987")
      yield* act(start, "lido", "stake", "ETH", "1", { tokenOut: "wstETH" }, exact)
      const more = Decimal.unsafe("0.85954959601168988")
      const refused = yield* refusal(act(start, "lido", "stake", "ETH", "1", { tokenOut: "wstETH" }, more))
      assert.strictEqual(refused.reason, "price")
      assert.strictEqual(refused.expected, "at least 0.85954959601168988 wstETH")
    }).pipe(Effect.provide(layer(rates))))
})

describe("lido: the rate", () => {
  it.effect("stETH grows and falls with it, one accrual for each change", () =>
    Effect.gen(function*() {
      yield* act(start, "lido", "stake", "ETH", "100")
      const told = yield* accruals("lido", "2024-06-05T13:00:00Z")
      assert.deepStrictEqual(told.map(({ id, kind }) => [id, kind]), [
        ["rebase:lido:stETH:2024-06-02T12:00:00Z", "rebase"],
        ["rebase:lido:stETH:2024-06-03T12:00:00Z", "rebase"],
        ["rebase:lido:stETH:2024-06-04T12:00:00Z", "rebase"],
        ["rebase:lido:stETH:2024-06-05T12:00:00Z", "rebase"]
      ])
      assert.deepStrictEqual(deltas(told[1]!.entries), { wallet: { stETH: "-0.257864878803506963" } })
      // 85.95495960116898745 shares at 1.1607
      assert.strictEqual(yield* balance(wallet, "stETH"), "99.767921609076843733")
      assert.deepStrictEqual(yield* accruals("lido", "2024-06-05T13:00:00Z"), [])
    }).pipe(Effect.provide(layer(rates))))

  it.effect("what is held from the start, and what others move, are shares too", () =>
    Effect.gen(function*() {
      const [first] = yield* accruals("lido", "2024-06-02T12:00:00Z")
      // 5 stETH are 4297747980058449372 shares: 4.999999999999999999 then, and 5.000429774798005844 now.
      assert.strictEqual(yield* balance("rounding:lido", "stETH"), "0.000000000000000001")
      assert.deepStrictEqual(deltas(first!.entries), { wallet: { stETH: "0.000429774798005844" } })
      yield* elsewhere("2024-06-02T13:00:00Z", "stETH", "2.5")
      const [second] = yield* accruals("lido", "2024-06-03T12:00:00Z")
      assert.strictEqual(yield* balance(wallet, "stETH"), "2.493982598756412361")
      assert.deepStrictEqual(deltas(second!.entries), { wallet: { stETH: "-0.006447176041593483" } })
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(rates, { balances: { [wallet]: { stETH: "5" } } }))))

  it.effect("wstETH stays as it is, and costs nothing to hold", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* accruals("lido", "2024-06-30T00:00:00Z"), [])
      assert.strictEqual(yield* balance(wallet, "wstETH"), "5")
    }).pipe(Effect.provide(layer({}, { balances: { [wallet]: { wstETH: "5" } } }))))

  it.effect("one that is missing, too old or not above 0 is a refusal while stETH is held", () =>
    Effect.gen(function*() {
      const ask = (series: Parameters<typeof layer>[0], until: string) =>
        refusal(accruals("lido", until)).pipe(Effect.provide(layer(series, { balances: { [wallet]: { stETH: "5" } } })))
      const missing = yield* ask({}, "2024-06-02T00:00:00Z")
      assert.strictEqual(missing.reason, "market_data")
      assert.strictEqual(missing.message, "series oracle.wstETH/ETH has no observation at 2024-06-01T00:00:00Z")
      const old = yield* ask(rates, "2024-06-07T12:00:01Z")
      assert.include(old.message, "48")
      const zero = yield* ask({ "oracle.wstETH/ETH": { [start]: "0" } }, "2024-06-02T00:00:00Z")
      assert.strictEqual(zero.message, `series oracle.wstETH/ETH is 0 at ${start}: a rate is above 0`)
    }))
})

describe("lido: the queue", () => {
  it.effect("gives a ticket, refuses it before it is due, and pays it from then on", () =>
    Effect.gen(function*() {
      yield* act(start, "lido", "stake", "ETH", "100")
      const asked = yield* act("2024-06-02T12:00:00Z", "lido", "unstake", "stETH", "10")
      assert.deepStrictEqual(deltas(asked.entries), { wallet: { stETH: "-10" }, lido: { ticketETH: "10" } })
      assert.deepStrictEqual(asked.detail["tickets"], [{ id: "1", amount: "10" }])
      assert.strictEqual(asked.detail["due"], "2024-06-04T12:00:00Z")
      for (const ticket of ["1", undefined]) {
        const early = yield* refusal(act("2024-06-04T11:59:59Z", "lido", "claim", "ETH", undefined, ticket === undefined ? {} : { ticket }))
        assert.strictEqual(early.reason, "rejected")
        assert.strictEqual(early.message, "ticket 1 of lido is due at 2024-06-04T12:00:00Z (RequestNotFoundOrNotFinalized)")
        assert.strictEqual(early.expected, "a claim not before 2024-06-04T12:00:00Z")
      }
      const paid = yield* act("2024-06-10T00:00:00Z", "lido", "claim", "ETH", undefined, { ticket: "1" })
      // 10e18 / 1.1635 shares at 1.1606, the rate when it fell due
      assert.deepStrictEqual(deltas(paid.entries), { wallet: { ETH: "9.975075204125483454" }, lido: { ticketETH: "-9.975075204125483454" } })
      const again = yield* refusal(act("2024-06-10T00:00:00Z", "lido", "claim", "ETH", undefined, { ticket: "1" }))
      assert.strictEqual(again.message, "ticket 1 of lido was claimed")
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer({ "oracle.wstETH/ETH": { ...rates["oracle.wstETH/ETH"], "2024-06-08T12:00:00Z": "1.18" } }, {
      lido: { withdrawalDays: 2 }
    }))))

  it.effect("a ticket that comes to less says so when it falls due", () =>
    Effect.gen(function*() {
      yield* act(start, "lido", "unstake", "wstETH", "10")
      assert.strictEqual(yield* balance(queue, "ticketETH"), "11.634")
      const [told, ...more] = yield* accruals("lido", "2024-06-05T00:00:00Z")
      assert.deepStrictEqual(more, [])
      assert.strictEqual(told!.id, "rebase:lido:ticketETH:1")
      assert.strictEqual(told!.at, at("2024-06-04T00:00:00Z"))
      assert.deepStrictEqual(deltas(told!.entries), { lido: { ticketETH: "-0.029" } })
      const paid = yield* act("2024-06-05T00:00:00Z", "lido", "claim", "ETH", "max")
      assert.deepStrictEqual(deltas(paid.entries), { wallet: { ETH: "11.605" }, lido: { ticketETH: "-11.605" } })
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(rates, { balances: { [wallet]: { wstETH: "10" } } }))))

  it.effect("does not grow: a rate that rose pays what was asked for", () =>
    Effect.gen(function*() {
      yield* act(start, "lido", "unstake", "wstETH", "10")
      assert.deepStrictEqual(yield* accruals("lido", "2024-06-05T00:00:00Z"), [])
      const paid = yield* act("2024-06-05T00:00:00Z", "lido", "claim", "ticketETH")
      assert.deepStrictEqual(deltas(paid.entries), { wallet: { ETH: "11.634" }, lido: { ticketETH: "-11.634" } })
    }).pipe(Effect.provide(layer({ "oracle.wstETH/ETH": { [start]: "1.1634", "2024-06-03T12:00:00Z": "1.17" } }, {
      balances: { [wallet]: { wstETH: "10" } }
    }))))

  it.effect("makes several requests of more than a thousand, and claims all that are due", () =>
    Effect.gen(function*() {
      const asked = yield* act(start, "lido", "unstake", "stETH", "2500")
      assert.deepStrictEqual(asked.detail["tickets"], [
        { id: "1", amount: "1000" },
        { id: "2", amount: "1000" },
        { id: "3", amount: "500" }
      ])
      yield* act("2024-06-02T00:00:00Z", "lido", "unstake", "stETH", "1")
      const paid = yield* act("2024-06-04T00:00:00Z", "lido", "claim", "ETH")
      assert.deepStrictEqual(paid.detail["tickets"], ["1", "2", "3"])
      assert.strictEqual(yield* balance(wallet, "ETH"), "2500")
      assert.strictEqual(yield* balance(queue, "ticketETH"), "1")
    }).pipe(Effect.provide(layer({ "oracle.wstETH/ETH": { [start]: "1.25", "2024-06-03T00:00:00Z": "1.26" } }, {
      balances: { [wallet]: { stETH: "2502" } }
    }))))

  it.effect("tickets held from the start wait from then on", () =>
    Effect.gen(function*() {
      yield* accruals("lido", "2024-06-02T00:00:00Z")
      const early = yield* refusal(act("2024-06-03T00:00:00Z", "lido", "claim", "ETH"))
      assert.include(early.message, "due at 2024-06-04T00:00:00Z")
      yield* act("2024-06-04T00:00:00Z", "lido", "claim", "ETH")
      assert.strictEqual(yield* balance(wallet, "ETH"), "3.992")
    }).pipe(Effect.provide(layer({ "oracle.wstETH/ETH": { [start]: "1.25", "2024-06-03T00:00:00Z": "1.2475" } }, {
      balances: { [queue]: { ticketETH: "4" } }
    }))))
})

describe("lido: refusals", () => {
  const cases: ReadonlyArray<readonly [string, Parameters<typeof act>, { readonly reason: Outcome.Reason; readonly field?: string; readonly expected?: string }]> = [
    ["WETH", [start, "lido", "stake", "WETH", "1"], { reason: "unsupported", field: "token", expected: "ETH" }],
    ["another token", [start, "lido", "wrap", "eETH", "1"], { reason: "unsupported", field: "token", expected: "stETH" }],
    ["another token out", [start, "lido", "stake", "ETH", "1", { tokenOut: "weETH" }], { reason: "unsupported", field: "token_out", expected: "stETH or wstETH" }],
    ["ether at once", [start, "lido", "unstake", "stETH", "1", { tokenOut: "ETH" }], { reason: "unsupported", field: "token_out", expected: "ticketETH" }],
    ["another action", [start, "lido", "borrow", "stETH", "1"], { reason: "unsupported", field: "action" }],
    ["a market", [start, "lido", "stake", "ETH", "1", { market: "main" }], { reason: "unsupported", field: "market", expected: "none" }],
    ["another network", [start, "lido", "stake", "ETH", "1", { network: "base" }], { reason: "unsupported", field: "network", expected: "ethereum" }],
    ["a part of a ticket", [start, "lido", "claim", "ETH", "1"], { reason: "invalid", field: "amount" }],
    ["a ticket that there is not", [start, "lido", "claim", "ETH", undefined, { ticket: "7" }], { reason: "invalid", field: "ticket" }],
    ["a claim of nothing", [start, "lido", "claim", "ETH"], { reason: "invalid", field: "ticket" }],
    ["more ether than there is", [start, "lido", "stake", "ETH", "2"], { reason: "insufficient_balance", field: "amount", expected: "at most 1 ETH" }],
    ["more stETH than there is", [start, "lido", "wrap", "stETH", "5.1"], { reason: "insufficient_balance", expected: "at most 4.999999999999999999 stETH" }],
    ["more wstETH than there is", [start, "lido", "unwrap", "wstETH", "10.1"], { reason: "insufficient_balance", expected: "at most 10 wstETH" }],
    ["99 wei in the queue", [start, "lido", "unstake", "stETH", 99n], { reason: "limit", field: "amount", expected: "at least 0.0000000000000001 stETH" }],
    ["more requests than go at once", [start, "lido", "unstake", "stETH", 10n ** 60n], { reason: "limit", field: "amount", expected: "at most 256000 stETH" }],
    ["more wrapped ones too", [start, "lido", "unstake", "wstETH", 10n ** 60n], { reason: "limit", field: "amount" }],
    ["a request beyond the balance", [start, "lido", "unstake", "stETH", "1500"], { reason: "insufficient_balance", field: "amount" }]
  ]
  for (const [name, call, expected] of cases) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const before = yield* world
        const refused = yield* refusal(act(...call))
        assert.deepInclude({ reason: refused.reason, field: refused.field, expected: refused.expected }, expected)
        assert.strictEqual(yield* world, before)
      }).pipe(Effect.provide(layer(rates, holding))))
  }

  it.effect("the WETH hint says what to do", () =>
    Effect.gen(function*() {
      const { message } = yield* refusal(act(start, "lido", "stake", "WETH", "1"))
      assert.strictEqual(message, "lido takes native ether: unwrap the WETH in the wallet first")
    }).pipe(Effect.provide(layer(rates, holding))))

  it.effect("anything but tickets at its account", () =>
    Effect.gen(function*() {
      const refused = yield* refusal(act(start, "lido", "stake", "ETH", "1"))
      assert.strictEqual(refused.message, "lido is said to hold stETH, and tickets of its queue are all it can")
    }).pipe(Effect.provide(layer(rates, { balances: { [wallet]: { ETH: "2" }, [queue]: { stETH: "1" } } }))))

  it("settings outside their range", () => {
    const decode = Schema.decodeUnknownEither(Lido.Config)
    for (const bad of [{ withdrawal_days: 0 }, { withdrawal_days: -1 }, { withdrawal_days: 366 }, { approval: "never" }, { network: "" }]) {
      assert.isTrue(Either.isLeft(decode(bad)), JSON.stringify(bad))
    }
    assert.deepStrictEqual(Either.getOrThrow(decode({ withdrawal_days: 4.5 })), { withdrawalDays: 4.5 })
    assert.include(Lido.assumptions({ withdrawalDays: 4.5 }).map(({ source, value }) => `${source}: ${value}`).join("\n"), "config: claimable 4.5 days")
  })
})
