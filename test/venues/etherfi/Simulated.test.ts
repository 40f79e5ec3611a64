import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Embedded from "../../../src/data/Embedded.js"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Gas from "../../../src/sim/Gas.js"
import * as Simulation from "../../../src/sim/Simulation.js"
import * as Layers from "../../../src/testing/Layers.js"
import * as World from "../../../src/sim/World.js"
import * as VenueRegistry from "../../../src/venue/VenueRegistry.js"
import * as EtherFi from "../../../src/venues/etherfi/Simulated.js"
import * as Lido from "../../../src/venues/lido/Simulated.js"
import { at, balance, deltas, refusal, unbalanced, wallet, world } from "../aave/harness.js"
import { accruals, act, layer, start } from "../lido/harness.js"

const queue = "etherfi:position"

const rates = {
  "oracle.weETH/ETH": {
    "2024-06-01T00:00:00Z": "1.0396831081397173",
    "2024-06-04T00:00:00Z": "1.0399",
    "2024-06-07T00:00:00Z": "1.0389"
  }
}

/** The figures of the package: rates of wstETH and weETH every 8 hours. */
const figures = (balances: Layers.Balances) =>
  Layer.mergeAll(Lido.layer(), EtherFi.layer()).pipe(
    Layer.provideMerge(Layer.mergeAll(
      VenueRegistry.layer,
      Simulation.layer({ at: at(start), opening: Layers.opening(balances) }),
      Gas.layer({ priceGwei: Decimal.zero })
    )),
    Layer.provide(Embedded.layer().pipe(Layer.provide(NodeContext.layer)))
  )

describe("ether.fi: the size of a request", () => {
  const settings = { requestMinimum: Amount.unsafe("0.001"), requestMaximum: Amount.unsafe("1000") }
  const limited = layer(rates, { balances: { [wallet]: { eETH: "5000" } }, etherfi: settings })

  it.effect("is as set: more is several requests, the last no less than the least", () =>
    Effect.gen(function*() {
      const asked = yield* act(start, "etherfi", "unstake", "eETH", "2000.0005")
      assert.deepStrictEqual(asked.detail["tickets"], [
        { id: "1", amount: "1000" },
        { id: "2", amount: "999.999" },
        { id: "3", amount: "0.0015" }
      ])
      assert.strictEqual(yield* balance(queue, "ticketETH"), "2000.0005")
      const refused = yield* refusal(act(start, "etherfi", "unstake", "eETH", "0.0009"))
      assert.deepStrictEqual([refused.reason, refused.field, refused.expected], ["limit", "amount", "at least 0.001 eETH"])
    }).pipe(Effect.provide(limited)))

  it.effect("has none by default, but for what the numbers hold", () =>
    Effect.gen(function*() {
      yield* act(start, "etherfi", "unstake", "eETH", "4000")
      const refused = yield* refusal(act(start, "etherfi", "unstake", "eETH", 10n ** 60n))
      assert.strictEqual(refused.reason, "limit")
    }).pipe(Effect.provide(layer(rates, { balances: { [wallet]: { eETH: "5000" } } }))))

  it("stands in the assumptions, and has to make sense", () => {
    const of = (config: EtherFi.Config) => EtherFi.assumptions(config).find(({ subject }) => subject === "size of a request")!
    assert.match(of(settings).value, /^at least 0.001 eETH; more than 1000 becomes several/)
    assert.strictEqual(of(settings).source, "config")
    assert.match(of({}).source, /2024 and 2025/)
    const decode = Schema.decodeUnknownEither(EtherFi.Config)
    assert.isTrue(Either.isRight(decode({ request_minimum: "0.5", request_maximum: "1" })))
    for (const wrong of [{ request_minimum: "0.6", request_maximum: "1" }, { request_minimum: "0" }, { request_maximum: "-1" }]) {
      assert.isTrue(Either.isLeft(decode(wrong)), JSON.stringify(wrong))
    }
  })
})

describe("ether.fi: stake and wrap", () => {
  it.effect("100 ETH are 96.18315351773664 weETH on 2024-06-01", () =>
    Effect.gen(function*() {
      const receipt = yield* act(start, "etherfi", "stake", "ETH", "100", { tokenOut: "weETH" })
      // Exactly, and as the floating point of the golden figure has it. The adapter wraps what its shares show as, and
      // so one unit less than the shares.
      assert.deepStrictEqual(deltas(receipt.entries), { wallet: { ETH: "-100", weETH: "96.183153517736626999" } })
      assert.strictEqual(receipt.detail["shares"], "96.183153517736627")
      assert.approximately(Number(yield* balance(wallet, "weETH")), 96.18315351773664, 2e-14)
      assert.strictEqual(receipt.detail["rate"], "1.0396831081397173")
    }).pipe(Effect.provide(figures({ [wallet]: { ETH: "100" } }))))

  it.effect("a year of eETH and of stETH is a year of their rates", () =>
    Effect.gen(function*() {
      yield* act(start, "etherfi", "stake", "ETH", "10")
      yield* act(start, "lido", "stake", "ETH", "10")
      const end = "2025-06-01T00:00:00Z"
      const told = [...(yield* accruals("etherfi", end)), ...(yield* accruals("lido", end))]
      // 9618315351773662700 shares at 1.0688049292565662 and 8559389715220542114 at 1.2041953312017935, by hand from the
      // table, where the rates changed 1095 times each.
      assert.strictEqual(yield* balance(wallet, "eETH"), "10.280102859119794206")
      assert.strictEqual(yield* balance(wallet, "stETH"), "10.307177133005225657")
      assert.strictEqual(told.length, 2 * 1095)
      assert.strictEqual(new Set(told.map(({ id }) => id)).size, told.length)
      // What was told is what the balances grew by.
      for (const asset of ["eETH", "stETH"]) {
        const sum = told.flatMap(({ entries }) => entries)
          .filter((entry) => entry.account === wallet && entry.asset === asset)
          .reduce((all, { amount }) => all + amount, Amount.unsafe("9.999999999999999999"))
        assert.strictEqual(sum, World.balance(yield* world, wallet, asset))
      }
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(figures({ [wallet]: { ETH: "20" } }))))

  it.effect("stakes for eETH, wraps and unwraps", () =>
    Effect.gen(function*() {
      const staked = yield* act(start, "etherfi", "stake", "ETH", "100")
      assert.deepStrictEqual(deltas(staked.entries), { wallet: { ETH: "-100", eETH: "99.999999999999999999" } })
      assert.deepStrictEqual(staked.costs, [])
      const wrapped = yield* act(start, "etherfi", "wrap", "eETH", "50")
      assert.deepStrictEqual(deltas(wrapped.entries), { wallet: { eETH: "-50", weETH: "48.0915767588683135" } })
      const back = yield* act(start, "etherfi", "unwrap", "weETH", "max")
      assert.deepStrictEqual(deltas(back.entries), { wallet: { weETH: "-48.0915767588683135", eETH: "49.999999999999999999" } })
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(rates))))

  it.effect("refuses what makes no share", () =>
    Effect.gen(function*() {
      for (const action of [
        act(start, "etherfi", "stake", "ETH", 1n),
        act(start, "etherfi", "stake", "ETH", 1n, { tokenOut: "weETH" }),
        act(start, "etherfi", "unstake", "eETH", 1n)
      ]) {
        const refused = yield* refusal(action)
        assert.include(refused.message, "(InvalidAmount)")
        assert.strictEqual(refused.field, "amount")
      }
    }).pipe(Effect.provide(layer(rates, { balances: { [wallet]: { ETH: "1", eETH: "1" } } }))))
})

describe("ether.fi: the queue", () => {
  it.effect("pays what was asked for once the rate has risen, from the seventh day on", () =>
    Effect.gen(function*() {
      yield* act(start, "etherfi", "stake", "ETH", "100")
      const asked = yield* act(start, "etherfi", "unstake", "eETH", "40")
      assert.deepStrictEqual(deltas(asked.entries), { wallet: { eETH: "-40" }, etherfi: { ticketETH: "40" } })
      const early = yield* refusal(act("2024-06-07T23:59:59Z", "etherfi", "claim", "ETH"))
      assert.strictEqual(early.message, "ticket 1 of etherfi is due at 2024-06-08T00:00:00Z (Request is not finalized)")
      const paid = yield* act("2024-06-08T00:00:00Z", "etherfi", "claim", "ETH", undefined, { ticket: "1" })
      assert.deepStrictEqual(deltas(paid.entries), { wallet: { ETH: "40" }, etherfi: { ticketETH: "-40" } })
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer({ "oracle.weETH/ETH": { [start]: "1.0396831081397173", "2024-06-07T00:00:00Z": "1.041" } }))))

  it.effect("pays the shares at the rate of the claim where that is less", () =>
    Effect.gen(function*() {
      yield* act(start, "etherfi", "unstake", "weETH", "10")
      assert.strictEqual(yield* balance(queue, "ticketETH"), "10.396831081397173")
      const paid = yield* act("2024-06-08T00:00:00Z", "etherfi", "claim", "ETH")
      assert.deepStrictEqual(deltas(paid.entries), { wallet: { ETH: "10.389" }, etherfi: { ticketETH: "-10.396831081397173" } })
    }).pipe(Effect.provide(layer(rates, { balances: { [wallet]: { weETH: "10" } } }))))

  it.effect("weETH is unwrapped in a transaction of its own first", () =>
    Effect.gen(function*() {
      const transactions = (token: string) =>
        Effect.map(act(start, "etherfi", "unstake", token, "1"), ({ detail }) =>
          (detail["gas"] as { readonly transactions: ReadonlyArray<string> }).transactions)
      assert.deepStrictEqual(yield* transactions("weETH"), ["unwrap_lst", "approval", "unstake"])
      assert.deepStrictEqual(yield* transactions("eETH"), ["approval", "unstake"])
    }).pipe(Effect.provide(layer(rates, { balances: { [wallet]: { weETH: "10", eETH: "10" } } }))))
})

describe("ether.fi: the exit without the queue", () => {
  const holding = { balances: { [wallet]: { weETH: "10", eETH: "10" } } }

  it.effect("is refused unless its fee is set", () =>
    Effect.gen(function*() {
      const refused = yield* refusal(act(start, "etherfi", "unstake", "eETH", "1", { tokenOut: "ETH" }))
      assert.strictEqual(refused.field, "token_out")
      assert.include(refused.message, "waits in its queue")
    }).pipe(Effect.provide(layer(rates, holding))))

  it.effect("pays at once, less the fee", () =>
    Effect.gen(function*() {
      yield* act(start, "etherfi", "stake", "ETH", "10")
      const receipt = yield* act(start, "etherfi", "unstake", "eETH", "5", { tokenOut: "ETH" })
      // 4809157675886831350 shares, 99.7 % of them at the rate
      assert.deepStrictEqual(deltas(receipt.entries), { wallet: { eETH: "-5", ETH: "4.984999999999999999" } })
      assert.deepStrictEqual(receipt.costs, [{ kind: "fee", venue: "etherfi", asset: "ETH", amount: Amount.unsafe("0.015000000000000001") }])
      assert.strictEqual(yield* balance("fees:etherfi", "ETH"), "0.015000000000000001")
      const wrapped = yield* act(start, "etherfi", "unstake", "weETH", "10", { tokenOut: "ETH" })
      assert.deepStrictEqual(deltas(wrapped.entries), { wallet: { weETH: "-10", ETH: "10.365640588152981481" } })
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(rates, {
      balances: { [wallet]: { weETH: "10", ETH: "10" } },
      etherfi: { instantExitFee: Decimal.unsafe("0.003") }
    }))))

  it.effect("is bounded by what is shown, and leaves nothing of too little", () =>
    Effect.gen(function*() {
      const more = yield* refusal(act(start, "etherfi", "unstake", "eETH", "10.1", { tokenOut: "ETH" }))
      assert.strictEqual(more.reason, "insufficient_balance")
      const dust = yield* refusal(act(start, "etherfi", "unstake", "eETH", 2n, { tokenOut: "ETH" }))
      assert.strictEqual(dust.reason, "invalid")
    }).pipe(Effect.provide(layer(rates, { ...holding, etherfi: { instantExitFee: Decimal.unsafe("0.5") } }))))
})

describe("ether.fi: refusals", () => {
  it.effect("WETH is unwrapped in the wallet first", () =>
    Effect.gen(function*() {
      const { field, message } = yield* refusal(act(start, "etherfi", "stake", "WETH", "1"))
      assert.deepStrictEqual([field, message], ["token", "etherfi takes native ether: unwrap the WETH in the wallet first"])
      assert.strictEqual((yield* refusal(act(start, "etherfi", "wrap", "stETH", "1"))).expected, "eETH")
      assert.strictEqual((yield* refusal(act(start, "etherfi", "stake", "ETH", "1", { tokenOut: "wstETH" }))).expected, "eETH or weETH")
    }).pipe(Effect.provide(layer(rates))))

  it("settings outside their range", () => {
    const decode = Schema.decodeUnknownEither(EtherFi.Config)
    for (const bad of [{ withdrawal_days: 0 }, { instant_exit_fee: "1" }, { instant_exit_fee: "-0.1" }, { instant_exit_fee: "0.00001" }]) {
      assert.isTrue(Either.isLeft(decode(bad)), JSON.stringify(bad))
    }
    const config = Either.getOrThrow(decode({ withdrawal_days: 10, instant_exit_fee: "0.003" }))
    const text = EtherFi.assumptions(config).map(({ source, value }) => `${source}: ${value}`).join("\n")
    assert.include(text, "config: claimable 10 days")
    assert.include(text, "config: for a fee of 0.003")
    assert.include(EtherFi.assumptions().map(({ source }) => source).join("\n"), "estimate")
  })
})
