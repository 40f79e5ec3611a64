import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Account from "../../../src/domain/Account.js"
import * as Amount from "../../../src/domain/Amount.js"
import * as Deltas from "../../../src/domain/Deltas.js"
import * as Entry from "../../../src/domain/Entry.js"
import type * as Instruction from "../../../src/domain/Instruction.js"
import type * as Outcome from "../../../src/domain/Outcome.js"
import type * as Timestamp from "../../../src/domain/Timestamp.js"
import * as World from "../../../src/sim/World.js"
import * as Venue from "../../../src/venue/Venue.js"
import type * as VenueRegistry from "../../../src/venue/VenueRegistry.js"
import * as Wallet from "../../../src/venues/wallet/Simulated.js"
import { act, amount, at, balance, deltas, layer, refusal, series, unbalanced, venue, wallet, world } from "../aave/harness.js"

const june = "2024-06-01T00:00:00Z"
const now = at(june)
const data = [series("gas.ethereum.gwei", { [june]: "10" })]
const exchange = Account.make("binance", "spot")

const destination: Venue.Destination = {
  account: exchange,
  address: "binance-deposit",
  network: "ethereum",
  minimum: Amount.unsafe("0.01"),
  quantum: Amount.quantumOf(8),
  delay: 120_000
}

const send = Effect.fnUntraced(function*(
  time: Timestamp.Timestamp,
  token: string,
  quantity: Instruction.Quantity,
  to: Partial<Venue.Destination> = {},
  network?: string,
  operationId = "transfer-1"
) {
  const { transfer } = yield* venue("wallet")
  const capability = transfer!.send!
  const intent: Venue.Intent<Venue.Sending> = {
    operationId,
    at: time,
    instruction: {
      transfer: {
        instructionType: "wallet_transfer",
        fromVenue: { venue: "wallet", sub: undefined },
        toVenue: { venue: "binance", sub: undefined },
        token,
        amount: quantity,
        ...(network === undefined ? {} : { network })
      },
      destination: { ...destination, ...to }
    }
  }
  const call = yield* capability.prepare(intent)
  return yield* capability.submit(Venue.journaled(intent, call))
})

const settle = (time: string) =>
  Effect.gen(function*() {
    const binance = yield* venue("wallet")
    yield* binance.accruals(at(time))
  })

const holds = (assets: { readonly [asset: string]: string }) => ({ at: june, opening: { [wallet]: assets } })

describe("wallet", () => {
  it.effect("sends a token, which arrives after its block and the delay of the exchange", () =>
    Effect.gen(function*() {
      const outcome = yield* send(now, "USDT", amount("100.5"))
      assert(outcome._tag === "Pending")
      assert.deepStrictEqual(deltas(outcome.receipt.entries), { wallet: { USDT: "-100.5", ETH: "-0.001" } })
      assert.deepStrictEqual(outcome.receipt.costs.map(({ asset, kind }) => [kind, asset]), [["gas", "ETH"]])
      assert.deepStrictEqual(outcome.handle, {
        venue: "wallet",
        operationId: "transfer-1",
        reference: { due: "2024-06-01T00:02:12Z" }
      })
      const { resolve } = (yield* venue("wallet")).transfer!.send!
      yield* settle("2024-06-01T00:02:11.999Z")
      assert.strictEqual((yield* resolve(outcome.handle))._tag, "Pending")
      assert.strictEqual(yield* balance(exchange, "USDT"), "0")
      yield* settle("2024-06-01T00:02:12Z")
      assert.strictEqual((yield* resolve(outcome.handle))._tag, "Settled")
      assert.strictEqual(yield* balance(exchange, "USDT"), "100.5")
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(data, { ...holds({ USDT: "1000", ETH: "1" }), gas: {} }))))

  it.effect("settles at once where neither side takes time", () =>
    Effect.gen(function*() {
      const outcome = yield* send(now, "WETH", "max", { delay: 0 })
      assert.strictEqual(outcome._tag, "Settled")
      assert.deepStrictEqual(deltas(outcome.receipt.entries), {
        wallet: { WETH: "-1.234567890123456789" },
        binance: { WETH: "1.23456789" }
      })
      assert.strictEqual(yield* balance(Account.contra("rounding", "binance"), "WETH"), "0.000000000123456789")
    }).pipe(
      Effect.provide(layer(data, { ...holds({ WETH: "1.234567890123456789" }), wallet: { blockSeconds: 0 } }))
    ))

  it.effect("sends all ether but what the gas takes", () =>
    Effect.gen(function*() {
      const outcome = yield* send(now, "ETH", "max", { delay: 0 })
      assert.deepStrictEqual(deltas(outcome.receipt.entries), { wallet: { ETH: "-1" } })
      assert.strictEqual(yield* balance(wallet, "ETH"), "0")
      assert.strictEqual(yield* balance(Account.contra("transit", "transfer-1"), "ETH"), "0.999")
      assert.strictEqual(yield* balance(Account.contra("opening", "gas_tank"), "ETH"), "0")
      const empty = yield* refusal(send(now, "ETH", "max"))
      assert.strictEqual(empty.reason, "insufficient_balance")
    }).pipe(Effect.provide(layer(data, { ...holds({ ETH: "1" }), gas: {} }))))

  it.effect("lets the tank pay the gas of the last ether, or refuses without one", () =>
    Effect.gen(function*() {
      const setup = holds({ ETH: "1" })
      const all = yield* act(now, "wallet", "wrap", "ETH", amount("1")).pipe(Effect.provide(layer(data, { ...setup, gas: {} })))
      assert.deepStrictEqual(deltas(all.entries), { wallet: { ETH: "-1", WETH: "1" } })
      assert.strictEqual(all.detail.gas_tank, "0.00045041")
      const refused = yield* refusal(act(now, "wallet", "wrap", "ETH", amount("1"))).pipe(
        Effect.provide(layer(data, { ...setup, gas: { tank: false } }))
      )
      assert.strictEqual(
        refused.message,
        "wallet (wallet) holds 0 ETH, and 0.00045041 are needed for gas"
      )
    }))

  it.effect("wraps and unwraps one for one", () =>
    Effect.gen(function*() {
      const wrapped = yield* act(now, "wallet", "wrap", "ETH", amount("0.4"), { tokenOut: "WETH" })
      assert.deepStrictEqual(deltas(wrapped.entries), { wallet: { ETH: "-0.40045041", WETH: "0.4" } })
      const unwrapped = yield* act(now, "wallet", "unwrap", "WETH", "max")
      assert.deepStrictEqual(deltas(unwrapped.entries), { wallet: { ETH: "0.39964735", WETH: "-0.4" } })
      const rest = yield* act(now, "wallet", "wrap", "ETH", "max")
      assert.deepStrictEqual(deltas(rest.entries), { wallet: { ETH: "-0.99919694", WETH: "0.99874653" } })
      assert.strictEqual(yield* balance(wallet, "ETH"), "0")
      const nothing = yield* refusal(act(now, "wallet", "wrap", "ETH", "max"))
      assert.strictEqual(nothing.reason, "insufficient_balance")
    }).pipe(Effect.provide(layer(data, { ...holds({ ETH: "1" }), gas: {} }))))

  it.effect("refuses before anything is sent what it cannot do, naming the field", () =>
    Effect.gen(function*() {
      const cases = [
        [act(now, "wallet", "stake", "ETH", amount("1")), "unsupported", "action"],
        [act(now, "wallet", "wrap", "USDT", amount("1")), "unsupported", "token"],
        [act(now, "wallet", "unwrap", "ETH", amount("1")), "unsupported", "token"],
        [act(now, "wallet", "wrap", "ETH", amount("1"), { tokenOut: "weETH" }), "unsupported", "token_out"],
        [act(now, "wallet", "wrap", "ETH", amount("1"), { network: "base" }), "unsupported", "network"],
        [act(now, "wallet", "wrap", "ETH", { outputOf: "other" }), "invalid", "amount"],
        [send(now, "USDT", amount("1"), {}, "base"), "unsupported", "network"],
        [send(now, "USDT", amount("1"), { network: "tron" }), "unsupported", "network"],
        [send(now, "USDT", amount("1"), { network: "tron" }, "ethereum"), "unsupported", "network"],
        [send(now, "BTC", amount("1")), "unsupported", "token"],
        [send(now, "aUSDT", amount("1")), "unsupported", "token"],
        [send(now, "debtWETH", amount("1")), "unsupported", "token"],
        [send(now, "USDT", amount("0.0000001")), "invalid", "amount"]
      ] as const
      for (const [attempt, reason, field] of cases) {
        const refused = yield* refusal<unknown, unknown, VenueRegistry.VenueRegistry>(attempt)
        assert.strictEqual(refused._tag, "NotSent", refused.message)
        assert.strictEqual(refused.reason, reason, refused.message)
        assert.strictEqual(refused.field, field, refused.message)
      }
    }).pipe(Effect.provide(layer(data, holds({ ETH: "5", USDT: "5" })))))

  it.effect("refuses on submission what the balance or the destination does not allow", () =>
    Effect.gen(function*() {
      const before = yield* world
      const short = yield* refusal(send(now, "USDT", amount("5.000001")))
      assert.strictEqual(short.message, "wallet (wallet) holds 5 USDT, and 5.000001 are needed")
      const dust = yield* refusal(send(now, "USDT", amount("0.009")))
      assert.strictEqual(dust.reason, "limit")
      const none = yield* refusal(send(now, "WETH", "max"))
      assert.strictEqual(none.reason, "insufficient_balance")
      const wrap = yield* refusal(act(now, "wallet", "wrap", "ETH", amount("6")))
      assert.strictEqual(wrap.message, "wallet (wallet) holds 5 ETH, and 6 are needed")
      assert.deepStrictEqual((yield* world).balances, before.balances)
    }).pipe(Effect.provide(layer(data, holds({ ETH: "5", USDT: "5" })))))

  it.effect("receives on its networks", () =>
    Effect.gen(function*() {
      const { transfer } = yield* venue("wallet")
      const there = yield* transfer!.destination!("USDT", undefined, undefined, now)
      assert.deepStrictEqual(there, {
        account: wallet,
        address: "0x1234",
        network: "arbitrum",
        minimum: 0n,
        quantum: Amount.quantumOf(6),
        delay: 500
      })
      assert.strictEqual((yield* transfer!.destination!("WETH", "ethereum", undefined, now)).quantum, 1n)
      const elsewhere = yield* Effect.flip(transfer!.destination!("USDT", "tron", undefined, now))
      assert.deepStrictEqual([elsewhere.field, elsewhere.expected, elsewhere.actual], ["network", "one of arbitrum, ethereum", "tron"])
      const bitcoin = yield* Effect.flip(transfer!.destination!("BTC", undefined, undefined, now))
      assert.match(bitcoin.message, /coin of another chain/)
    }).pipe(
      Effect.provide(
        layer(data, {
          at: june,
          wallet: { networks: ["arbitrum", "ethereum"], address: "0x1234", blockSeconds: 0.25, confirmations: 3 }
        })
      )
    ))

  it.effect("shows what it holds", () =>
    Effect.gen(function*() {
      const here = yield* venue("wallet")
      assert.deepStrictEqual([here.id, here.family, ...here.accounts], ["wallet", "onchain", "wallet"])
      assert.deepStrictEqual((yield* here.portfolio(now)).holdings, [
        { account: wallet, asset: "ETH", amount: amount("5") },
        { account: wallet, asset: "USDT", amount: amount("7") }
      ])
    }).pipe(Effect.provide(layer(data, { at: june, opening: { [wallet]: { ETH: "5", USDT: "7" }, [exchange]: { USDT: "1" } } }))))

  const step = FastCheck.record({
    kind: FastCheck.constantFrom("wrap" as const, "unwrap" as const, "send" as const),
    token: FastCheck.constantFrom("ETH", "WETH", "USDT"),
    value: FastCheck.oneof(FastCheck.bigInt({ min: 1n, max: 2n * Amount.unit }), FastCheck.constant("max" as const)),
    seconds: FastCheck.integer({ min: 0, max: 90 })
  })

  it.effect.prop("keeps its books over random actions, with ether for gas or without", [
    FastCheck.array(step, { minLength: 1, maxLength: 15 }),
    FastCheck.bigInt({ min: 0n, max: 2n * Amount.unit })
  ], ([steps, ether]) =>
    Effect.gen(function*() {
      let time = now
      let sent = 0
      for (const { kind, seconds, token, value } of steps) {
        time += seconds * 1000
        yield* (yield* venue("wallet")).accruals(time)
        const before = yield* world
        const done: Either.Either<Outcome.Receipt, unknown> = yield* Effect.either(
          kind === "send"
            ? Effect.map(send(time, token, value, {}, undefined, `send-${sent++}`), ({ receipt }) => receipt)
            : act(time, "wallet", kind, kind === "wrap" ? "ETH" : "WETH", value)
        )
        const after = yield* world
        assert.deepStrictEqual(unbalanced(after), [])
        for (const [asset, decimals] of [["ETH", 18], ["WETH", 18], ["USDT", 6]] as const) {
          const held = World.balance(after, wallet, asset)
          assert.isTrue(held >= 0n)
          assert.strictEqual(held % Amount.quantumOf(decimals), 0n)
        }
        if (Either.isLeft(done)) {
          assert.strictEqual(after, before)
          continue
        }
        const { entries } = done.right
        assert.deepStrictEqual(Entry.imbalance(entries), [])
        const told = Deltas.fromEntries(entries)
        for (const asset of ["ETH", "WETH", "USDT"]) {
          assert.strictEqual(
            Deltas.get(told, "wallet", asset),
            World.balance(after, wallet, asset) - World.balance(before, wallet, asset)
          )
        }
        if (value === "max") {
          assert.strictEqual(World.balance(after, wallet, kind === "wrap" ? "ETH" : kind === "unwrap" ? "WETH" : token), 0n)
          if (kind === "wrap" || token === "ETH") assert.strictEqual(kind === "unwrap" ? undefined : done.right.detail.gas_tank, undefined)
        }
      }
    }).pipe(
      Effect.provide(layer(data, { at: june, opening: { [wallet]: { ETH: Amount.format(ether), WETH: "1", USDT: "2.5" } }, gas: {} }))
    ), { fastCheck: { numRuns: 30 }, timeout: 60_000 })

  it("reads its settings, and names what is wrong with them", () => {
    const decode = Schema.decodeUnknownEither(Wallet.Config)
    const json = { networks: ["base"] as const, block_seconds: 2, confirmations: 4 }
    assert.deepStrictEqual(Schema.encodeSync(Wallet.Config)(Either.getOrThrow(decode(json))), json)
    for (const wrong of [{ networks: [] }, { block_seconds: -1 }, { confirmations: 0 }, { address: "" }]) {
      assert.isTrue(Either.isLeft(decode(wrong)), JSON.stringify(wrong))
    }
    assert.deepInclude(Wallet.assumptions({ blockSeconds: 2, confirmations: 4 })[1]!, {
      venue: "wallet",
      subject: "travel time of a transfer",
      value: "8 s: 4 blocks of 2 s",
      source: "config"
    })
  })
})
