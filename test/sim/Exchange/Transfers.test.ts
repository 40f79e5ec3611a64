import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import type * as Account from "execution-interface-manager/domain/Account"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as Entry from "execution-interface-manager/domain/Entry"
import type * as Outcome from "execution-interface-manager/domain/Outcome"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import type * as Assumption from "execution-interface-manager/sim/Assumption"
import * as Instruments from "execution-interface-manager/sim/Exchange/Instruments"
import * as Withdrawal from "execution-interface-manager/sim/Exchange/Withdrawal"
import * as World from "execution-interface-manager/sim/World"
import type * as Venue from "execution-interface-manager/venue/Venue"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import { assert, describe } from "vitest"
import * as fixtures from "./fixtures.js"
import { amount, config, free, hours, perform, series, settle } from "./fixtures.js"
import * as pure from "./pure.js"

const data = [
  series("perp.binance.ETH", { 0: "3000", 8: "3000" }),
  series("funding.binance.ETH", { 0: "0.0001", 8: "0.0001" }),
  series("price.ETH", { 0: "3000" })
]

const wallet: Venue.Destination = {
  account: "wallet:wallet",
  address: "0xwallet",
  network: "ethereum",
  minimum: 0n,
  quantum: 10n ** 12n,
  delay: 0
}

const layer = (balances: Parameters<typeof fixtures.layer>[2], settings: object = {}) =>
  fixtures.layer(
    Layer.mergeAll(Binance.layer(config(settings)), Bybit.layer(config(settings)), Hyperliquid.layer(config(settings))),
    data,
    balances
  )

const send = (
  venue: Venue.Venue,
  at: Timestamp.Timestamp,
  transfer: Parameters<typeof fixtures.transfer>[0],
  destination: Venue.Destination = wallet
) =>
  perform(venue.transfer!.send!, {
    operationId: `send-${Timestamp.format(at)}`,
    at,
    instruction: { transfer: fixtures.transfer(transfer), destination }
  })

const move = (venue: Venue.Venue, at: Timestamp.Timestamp, transfer: Parameters<typeof fixtures.transfer>[0]) =>
  perform(venue.transfer!.internal!, { operationId: `move-${at}`, at, instruction: fixtures.transfer(transfer) })

const refused = (failure: Outcome.Failure) => {
  if (failure._tag === "Unknown") return assert.fail("a simulated call is never unknown")
  return { reason: failure.reason, field: failure.field, expected: failure.expected }
}

describe("a withdrawal", () => {
  it.effect("takes the fee out of the amount, and arrives later", () =>
    Effect.gen(function*() {
      const binance = yield* fixtures.venue("binance")
      const sent = yield* send(binance, hours(0), { from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "1000" })
      if (sent._tag !== "Pending") return assert.fail("expected it to be under way")
      assert.deepStrictEqual(Deltas.fromEntries(sent.receipt.entries), { binance: { USDT: amount("-1000") } })
      assert.deepStrictEqual(sent.receipt.costs, [{ kind: "fee", venue: "binance", asset: "USDT", amount: amount("4") }])
      assert.deepStrictEqual(Entry.imbalance(sent.receipt.entries), [])
      const due = Timestamp.format(hours(0) + 300_000)
      assert.deepStrictEqual(sent.handle, {
        venue: "binance",
        operationId: "send-2024-06-01T00:00:00Z",
        reference: { transit: "send-2024-06-01T00:00:00Z", due }
      })
      const under = yield* binance.transfer!.send!.resolve(sent.handle)
      assert.deepStrictEqual([under._tag, under.receipt.entries], ["Pending", []])
      yield* settle([binance], hours(1))
      const arrived = yield* binance.transfer!.send!.resolve(sent.handle)
      assert.deepStrictEqual([arrived._tag, arrived.receipt.entries], ["Settled", []])
      const world = yield* fixtures.currentWorld
      assert.strictEqual(World.balance(world, "wallet:wallet", "USDT"), amount("996"))
      assert.strictEqual(World.balance(world, "fees:binance", "USDT"), amount("4"))
      assert.deepStrictEqual(fixtures.unbalanced(world), [])
    }).pipe(Effect.provide(layer({ "binance:spot": { USDT: "1500" } }))))

  it.effect("without delays settles at once", () =>
    Effect.gen(function*() {
      const binance = yield* fixtures.venue("binance")
      const sent = yield* send(binance, hours(0), { from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "max" })
      assert.strictEqual(sent._tag, "Settled")
      assert.deepStrictEqual(Deltas.fromEntries(sent.receipt.entries), {
        binance: { USDT: amount("-1500.12345678") },
        wallet: { USDT: amount("1500.123456") }
      })
      // What the token's six decimals cannot hold is left at the receiver's rounding.
      assert.strictEqual(World.balance(yield* fixtures.currentWorld, "rounding:wallet", "USDT"), amount("0.00000078"))
    }).pipe(Effect.provide(layer(
      { "binance:spot": { USDT: "1500.12345678" } },
      { networks: { USDT: { ethereum: { withdrawal_fee: "0", withdrawal_delay_seconds: 0 } } } }
    ))))

  it.effect("between exchanges is credited after both delays", () =>
    Effect.gen(function*() {
      const [binance, bybit] = [yield* fixtures.venue("binance"), yield* fixtures.venue("bybit")]
      const destination = yield* bybit.transfer!.destination!("USDT", undefined, undefined, hours(0))
      assert.deepStrictEqual(destination, {
        account: "bybit:unified",
        address: "bybit:ethereum",
        network: "ethereum",
        minimum: 0n,
        quantum: amount("0.00000001"),
        delay: 72_000
      })
      yield* send(binance, hours(0), { from_venue: "binance", to_venue: "bybit", token: "USDT", amount: "100" }, destination)
      assert.deepStrictEqual(yield* bybit.accruals(hours(0) + 371_999), [])
      const [credit] = yield* bybit.accruals(hours(0) + 372_000)
      assert.strictEqual(credit!.kind, "credit")
      assert.deepStrictEqual(Deltas.fromEntries(credit!.entries), { bybit: { USDT: amount("96") } })
    }).pipe(Effect.provide(layer({ "binance:spot": { USDT: "1500" } }))))

  const cases: ReadonlyArray<{
    readonly name: string
    readonly transfer: Parameters<typeof fixtures.transfer>[0]
    readonly destination?: Venue.Destination
    readonly expected: ReturnType<typeof refused>
  }> = [
    {
      name: "on a network that the venue does not serve",
      transfer: { from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "100" },
      destination: { ...wallet, network: "tron" },
      expected: { reason: "unsupported", field: "network", expected: "ethereum or arbitrum" }
    },
    {
      name: "of a token without terms",
      transfer: { from_venue: "binance", to_venue: "wallet", token: "FOO", amount: "100" },
      expected: { reason: "unsupported", field: "token", expected: "one of ETH, USDT, USDC, BTC, EIGEN, ETHFI" }
    },
    {
      name: "from an account that withdrawals do not leave",
      transfer: { from_venue: "binance_perp", to_venue: "wallet", token: "USDT", amount: "100" },
      expected: { reason: "unsupported", field: "from_venue", expected: "binance_spot or binance_funding" }
    },
    {
      name: "below the least amount",
      transfer: { from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "9.99" },
      expected: { reason: "limit", field: "amount", expected: "at least 10 USDT" }
    },
    {
      name: "below the receiver's least amount",
      transfer: { from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "100" },
      destination: { ...wallet, minimum: amount("97") },
      expected: { reason: "limit", field: "amount", expected: "at least 101 USDT" }
    },
    {
      name: "of more than is held",
      transfer: { from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "1500.1" },
      expected: { reason: "insufficient_balance", field: "amount", expected: "at most 1500 USDT" }
    },
    {
      name: "below the step of the venue",
      transfer: { from_venue: "binance", to_venue: "wallet", token: "USDT", amount: "0.000000009" },
      expected: { reason: "limit", field: "amount", expected: "at least 0.00000001 USDT" }
    }
  ]
  for (const { destination, expected, name, transfer } of cases) {
    it.effect(`${name} is refused, and changes nothing`, () =>
      Effect.gen(function*() {
        const binance = yield* fixtures.venue("binance")
        yield* settle([binance], hours(0))
        const before = yield* fixtures.currentWorld
        assert.deepStrictEqual(refused(yield* Effect.flip(send(binance, hours(0), transfer, destination))), expected)
        assert.strictEqual(yield* fixtures.currentWorld, before)
      }).pipe(Effect.provide(layer({ "binance:spot": { USDT: "1500", FOO: "1000" }, "binance:perp": { USDT: "1500" } }))))
  }

  it.effect("of a token that was set without a fee is refused, naming the setting", () =>
    Effect.gen(function*() {
      const binance = yield* fixtures.venue("binance")
      const failure = yield* Effect.flip(send(binance, hours(0), { from_venue: "binance", to_venue: "wallet", token: "FOO", amount: "1" }))
      assert.deepStrictEqual(refused(failure), {
        reason: "unsupported",
        field: "token",
        expected: "withdrawal_fee in networks.FOO.ethereum of binance"
      })
      // Deposits of it are open.
      assert.strictEqual((yield* binance.transfer!.destination!("FOO", undefined, undefined, hours(0))).account, "binance:spot")
    }).pipe(Effect.provide(layer({ "binance:spot": { FOO: "10" } }, { networks: { FOO: { ethereum: { deposit_minimum: "1" } } } }))))
})

describe("the least withdrawal", () => {
  const profiles = [Binance.profile, Bybit.profile, Okx.profile, Hyperliquid.profile]
  const terms = profiles.flatMap((profile) =>
    Object.entries(profile.networks.value).flatMap(([token, networks]) =>
      Object.entries(networks).map(([network, [fee, least]]) => ({ profile, token, network, fee: amount(fee), least: amount(least) }))
    )
  )

  const sent = ({ network, profile, token }: (typeof terms)[number], gross: Amount.Amount) => {
    const exchange = pure.steps(profile)
    const [gateway] = profile.gateways[token] ?? profile.gateways.other
    const world = fixtures.world({ [`${profile.venue}:${gateway}`]: { [token]: "1000" } })
    return Either.flatMap(
      Withdrawal.make(exchange.settings, {
        destination: { ...wallet, network },
        transfer: fixtures.transfer({ from_venue: profile.venue, to_venue: "wallet", token, amount: Amount.format(gross), network })
      }),
      (order) => Withdrawal.send(exchange, world, fixtures.snapshot([], world.at), "w", order)
    )
  }

  it.prop("is of the debit, or at OKX of what arrives; an unit less is refused", { one: FastCheck.constantFrom(...terms) }, ({ one }) => {
    const gross = one.profile.venue === "okx" ? one.least + one.fee : one.least
    const { world } = pure.right(sent(one, gross))
    assert.strictEqual(world.transits[0]!.amount, gross - one.fee)
    const refusal = pure.left(sent(one, gross - Instruments.quantum))
    assert.deepStrictEqual([refusal.reason, refusal.field, refusal.expected], ["limit", "amount", `at least ${Amount.format(gross)} ${one.token}`])
  })

  it("of 5 USDT beside a fee of 4 is 9 at OKX, and stands in the assumptions", () => {
    const usdt = terms.find(({ network, profile, token }) => profile.venue === "okx" && token === "USDT" && network === "ethereum")!
    assert.strictEqual(pure.left(sent(usdt, amount("5"))).expected, "at least 9 USDT")
    assert.strictEqual(pure.left(sent(usdt, amount("8.99999999"))).expected, "at least 9 USDT")
    assert.strictEqual(pure.right(sent(usdt, amount("9"))).world.transits[0]!.amount, amount("5"))
    const of = (all: ReadonlyArray<Assumption.Assumption>, subject: string) => all.find((assumption) => assumption.subject === subject)!.value
    assert.include(of(Okx.assumptions(), "transfers of USDT on ethereum"), "least withdrawal 5 beside the fee")
    assert.strictEqual(of(Okx.assumptions(), "least withdrawals"), "of what is left beside the fee")
    assert.strictEqual(of(Binance.assumptions(), "least withdrawals"), "of the debit, fee included")
  })
})

describe("a deposit", () => {
  const to = (
    id: string,
    token: string,
    network?: string,
    sub?: Account.SubAccount
  ) => Effect.flatMap(fixtures.venue(id), (venue) => venue.transfer!.destination!(token, network, sub, hours(0)))

  it.effect("of USDC reaches Hyperliquid by Arbitrum alone, and its account for perpetuals", () =>
    Effect.gen(function*() {
      const destination = yield* to("hyperliquid", "USDC", "arbitrum")
      assert.deepStrictEqual(
        [destination.account, destination.minimum, destination.delay],
        ["hyperliquid:perp", amount("5"), 60_000]
      )
      const failure = yield* Effect.flip(to("hyperliquid", "USDC"))
      assert.deepStrictEqual((failure as Outcome.NotSent).field, "network")
      assert.strictEqual((yield* to("hyperliquid", "ETH")).account, "hyperliquid:spot")
    }).pipe(Effect.provide(layer({}))))

  it.effect("reaches the account that is named, where it can", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* to("binance", "USDT", undefined, "funding")).account, "binance:funding")
      assert.strictEqual((yield* to("bybit", "USDT", undefined, "perp")).account, "bybit:unified")
      const failure = yield* Effect.flip(to("binance", "USDT", undefined, "perp"))
      assert.strictEqual((failure as Outcome.NotSent).field, "to_venue")
      assert.include(failure.message, "need a transfer of their own")
    }).pipe(Effect.provide(layer({}))))
})

describe("a transfer between accounts", () => {
  it.effect("is at once and free", () =>
    Effect.gen(function*() {
      const binance = yield* fixtures.venue("binance")
      const moved = yield* move(binance, hours(0), { from_venue: "binance_spot", to_venue: "binance_perp", token: "USDT", amount: "max" })
      assert.strictEqual(moved._tag, "Settled")
      assert.deepStrictEqual(moved.receipt.costs, [])
      assert.deepStrictEqual(Deltas.fromEntries(moved.receipt.entries), {})
      assert.strictEqual(World.balance(yield* fixtures.currentWorld, "binance:perp", "USDT"), amount("1500"))
    }).pipe(Effect.provide(layer({ "binance:spot": { USDT: "1500" } }))))

  it.effect("leaves what positions need", () =>
    Effect.gen(function*() {
      const binance = yield* fixtures.venue("binance")
      const short = fixtures.trade({ venue: "binance", trade_type: "perp", side: "sell", symbol: "ETHUSDT", amount: "1" })
      yield* perform(binance.trade!, { operationId: "open", at: hours(0), instruction: short })
      const back = (n: string) => ({ from_venue: "binance_perp", to_venue: "binance_spot", token: "USDT", amount: n })
      const failure = yield* Effect.flip(move(binance, hours(0), back("850.01")))
      assert.deepStrictEqual(refused(failure), { reason: "insufficient_margin", field: "amount", expected: "at most 850 USDT" })
      yield* move(binance, hours(0), back("max"))
      // 3000 / 20 stays.
      assert.strictEqual(World.balance(yield* fixtures.currentWorld, "binance:perp", "USDT"), amount("150"))
      const nothing = yield* Effect.flip(move(binance, hours(1), back("max")))
      assert.strictEqual(refused(nothing).reason, "insufficient_margin")
    }).pipe(Effect.provide(layer({ "binance:perp": { USDT: "1000" } }, free))))

  it.effect("into an account that cannot hold the token, or into the same, is refused", () =>
    Effect.gen(function*() {
      const [binance, bybit] = [yield* fixtures.venue("binance"), yield* fixtures.venue("bybit")]
      const eth = yield* Effect.flip(move(binance, hours(0), { from_venue: "binance_spot", to_venue: "binance_perp", token: "ETH", amount: "1" }))
      assert.deepStrictEqual(refused(eth), { reason: "unsupported", field: "to_venue", expected: "binance_spot or binance_funding" })
      const same = yield* Effect.flip(move(bybit, hours(0), { from_venue: "bybit_spot", to_venue: "bybit_perp", token: "USDT", amount: "1" }))
      assert.deepStrictEqual(refused(same), { reason: "invalid", field: "to_venue", expected: "bybit_funding" })
      const none = yield* Effect.flip(move(bybit, hours(0), { from_venue: "bybit", to_venue: "bybit_wallet", token: "USDT", amount: "1" }))
      assert.deepStrictEqual(refused(none).field, "to_venue")
    }).pipe(Effect.provide(layer({ "binance:spot": { ETH: "5" }, "bybit:unified": { USDT: "5" } }))))
})
