import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Memory from "../../../src/data/DataProvider/Memory.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as ExecutionReport from "../../../src/domain/ExecutionReport.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as Config from "../../../src/manager/Config.js"
import * as ExecutionInterfaceManager from "../../../src/manager/ExecutionInterfaceManager.js"
import * as Backtest from "../../../src/modes/Backtest.js"
import * as Balances from "../../../src/modes/Backtest/Balances.js"
import * as SimulatedVenues from "../../../src/modes/SimulatedVenues.js"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const transfer = (from: string, to: string, token: string, amount: string) => ({
  instruction_type: "wallet_transfer",
  from_venue: from,
  to_venue: to,
  token,
  amount
})

const layer = Layer.unwrapEffect(Effect.gen(function*() {
  const config = yield* Config.decode({ venues: { onchain: { wallet_cold: { address: "0xC01D" }, aave: {} } }, gas: { price_gwei: "10", tank: false } })
  const balances = yield* Balances.decode({ wallet: { USDT: "1000", ETH: "1" }, wallet_cold: { USDC: "50", ETH: "0.01" } })
  return Backtest.layer({ at, config, balances })
})).pipe(Layer.provide(Memory.layer([{ name: "price.ETH", observations: [{ at, value: Decimal.unsafe("3000") }] }])))

/** The deltas of a transfer and of its arrival. */
const moved = (...of: Parameters<typeof transfer>) =>
  Effect.gen(function*() {
    const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
    const sent = ExecutionReport.deltasToJson(yield* eim.routeInstruction(at, transfer(...of)))
    const arrived = ExecutionReport.deltasToJson(yield* eim.updateState(at + 60_000, "manual"))
    return [sent, arrived]
  }).pipe(Effect.provide(layer))

const refusal = (...of: Parameters<typeof transfer>) =>
  Effect.gen(function*() {
    const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
    const error = yield* Effect.flip(eim.routeInstruction(at, transfer(...of)))
    return [error.code, error.path]
  }).pipe(Effect.provide(layer))

describe("a further wallet", () => {
  it.effect("is sent to from the wallet, which pays the gas", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual<unknown>(yield* moved("wallet", "wallet_cold", "USDT", "250.5"), [
        { wallet: { ETH: "-0.001", USDT: "-250.5" } },
        { wallet_cold: { USDT: "250.5" } }
      ])
    }))

  it.effect("sends to the wallet, and pays its own gas", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual<unknown>(yield* moved("wallet_cold", "wallet", "USDC", "max"), [
        { wallet_cold: { ETH: "-0.001", USDC: "-50" } },
        { wallet: { USDC: "50" } }
      ])
      assert.deepStrictEqual<unknown>(yield* moved("wallet_cold", "wallet", "ETH", "max"), [
        { wallet_cold: { ETH: "-0.01" } },
        { wallet: { ETH: "0.009" } }
      ])
    }))

  it.effect("reaches exchanges, and is reached from them", () =>
    Effect.gen(function*() {
      const [sent] = yield* moved("wallet_cold", "binance", "USDC", "50")
      assert.deepStrictEqual<unknown>(sent, { wallet_cold: { ETH: "-0.001", USDC: "-50" } })
    }))

  it.effect.each([
    ["itself", ["wallet", "wallet", "USDT", "1"], "EIM-001", "to_venue"],
    ["itself by another spelling", ["wallet", "wallet_wallet", "USDT", "1"], "EIM-001", "instructions[0].to_venue"],
    ["a wallet that nobody named", ["wallet", "wallet_hot", "USDT", "1"], "EIM-002", "instructions[0].to_venue"],
    ["more than there is", ["wallet_cold", "wallet", "USDC", "50.01"], "EIM-006", "instructions[0].amount"],
    ["a protocol, which acts on the wallet alone", ["wallet_cold", "aave", "USDC", "1"], "EIM-001", "instructions[0].to_venue"]
  ] as const)("does not send to %s", ([, [from, to, token, amount], code, path]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refusal(from, to, token, amount), [code, path])
    }))

  it("is named in the settings, by a name that is no account of the wallet", () => {
    const decoded = (venues: unknown) => Either.isRight(SimulatedVenues.decode({ venues }))
    assert.isTrue(decoded({ wallet_cold: {}, wallet_fund_2: { networks: ["arbitrum"] } }))
    assert.isTrue(decoded({ onchain: ["wallet_cold"] }))
    for (const venues of [{ wallet_spot: {} }, { wallet_: {} }, { wallet_Cold: {} }, { walletcold: {} }, { cex: ["wallet_cold"] }, { wallet_cold: { nobody_knows: 1 } }]) {
      assert.isFalse(decoded(venues), JSON.stringify(venues))
    }
    assert.deepStrictEqual(SimulatedVenues.accountsOf({ venues: { wallet_cold: {} } }).get("wallet_cold"), ["wallet"])
    const [first, second] = [SimulatedVenues.accountsOf({ venues: {} }), SimulatedVenues.accounts]
    assert.deepStrictEqual([...first], [...second])
  })
})
