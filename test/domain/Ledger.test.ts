import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc, Schema } from "effect"
import * as Account from "execution-interface-manager/domain/Account"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as EimError from "execution-interface-manager/domain/EimError"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as ErrorCode from "execution-interface-manager/domain/ErrorCode"
import * as ExecutionReport from "execution-interface-manager/domain/ExecutionReport"
import * as Fault from "execution-interface-manager/domain/Fault"
import * as Json from "execution-interface-manager/domain/Json"
import * as Outcome from "execution-interface-manager/domain/Outcome"

const asset = fc.constantFrom("USDT", "ETH", "aUSDT")
const spot = Account.make("binance", "spot")
const wallet = Account.make("wallet", "wallet")

describe("Entry", () => {
  it("moves what one account loses to the other, and writes nothing for zero", () => {
    fc.assert(
      fc.property(asset, fc.bigInt(), (asset, amount) => {
        assert.deepStrictEqual(
          Entry.move(spot, wallet, asset, amount, "transfer"),
          amount === 0n
            ? []
            : [
                { account: spot, asset, amount: -amount, reason: "transfer" },
                { account: wallet, asset, amount, reason: "transfer" }
              ]
        )
      })
    )
    assert.deepStrictEqual(Entry.move(spot, wallet, "ETH", 0n, "transfer"), [])
  })

  it("adds to lines that are being put together what a move is", () => {
    const lines: Array<Entry.Entry> = [{ account: spot, asset: "USDT", amount: 1n, reason: "fee" }]
    Entry.addMove(lines, spot, wallet, "ETH", 0n, "transfer")
    assert.strictEqual(lines.length, 1)
    Entry.addMove(lines, spot, wallet, "ETH", 5n, "transfer")
    assert.deepStrictEqual(lines.slice(1), [...Entry.move(spot, wallet, "ETH", 5n, "transfer")])
  })

  it("finds the assets that do not sum to zero, with their sums", () => {
    const move = fc.tuple(asset, fc.bigInt()).map(([asset, amount]) => Entry.move(spot, wallet, asset, amount, "trade"))
    fc.assert(
      fc.property(fc.array(move), fc.uniqueArray(asset), fc.bigInt({ min: 1n }), (moves, broken, off) => {
        const balanced = moves.flat()
        assert.deepStrictEqual(Entry.imbalance(balanced), [])
        const entries = [...broken.map((asset): Entry.Entry => ({ account: spot, asset, amount: off, reason: "trade" })), ...balanced]
        assert.deepStrictEqual(Entry.imbalance(entries), broken.map((asset) => [asset, off] as const))
      })
    )
  })
})

describe("Deltas", () => {
  const amount = fc.bigInt({ min: -3n, max: 3n })
  const entry = fc.record({
    account: fc.constantFrom(spot, Account.make("binance", "perp"), wallet, Account.contra("market", "binance"), Account.contra("transit", "x")),
    asset,
    amount,
    reason: fc.constant("trade" as const)
  })
  const entries = fc.array(entry, { maxLength: 8 })

  it("sums the trader's lines by account and by venue, leaves contra accounts out and holds no zero", () => {
    fc.assert(
      fc.property(entries, (lines) => {
        const { accounts, deltas } = Deltas.ofEntries(lines)
        const own = lines.filter(({ account }) => !Account.isContra(account))
        for (const asset of ["USDT", "ETH", "aUSDT"]) {
          for (const [sums, name] of [[accounts, (account: Account.Account) => account], [deltas, Account.venue]] as const) {
            for (const key of new Set(lines.map(({ account }) => name(account)))) {
              const sum = own.filter((line) => line.asset === asset && name(line.account) === key).reduce((all, line) => all + line.amount, 0n)
              assert.strictEqual(Deltas.get(sums, key, asset), sum)
            }
          }
        }
        for (const sums of [accounts, deltas]) {
          for (const assets of Object.values(sums)) {
            assert.isNotEmpty(assets)
            for (const amount of Object.values(assets)) assert.notStrictEqual(amount, 0n)
          }
        }
        assert.deepStrictEqual(Deltas.fromEntries(lines), deltas)
      })
    )
  })

  it("of lines in two parts are the sum of the deltas of the parts", () => {
    fc.assert(
      fc.property(entries, entries, (one, other) => {
        const parts = [Deltas.fromEntries(one), Deltas.fromEntries(other)]
        assert.deepStrictEqual(Deltas.combine(parts), Deltas.fromEntries([...one, ...other]))
        assert.deepStrictEqual(Deltas.combine([parts[0]!]), parts[0])
      })
    )
    assert.deepStrictEqual(Deltas.combine([]), Deltas.empty)
    assert.strictEqual(Deltas.get({}, "binance", "ETH"), 0n)
  })

  it("are read with names that are no property of every object", () => {
    const read = Schema.decodeUnknownEither(Deltas.Deltas, Fault.strict)
    assert.deepStrictEqual(read({ binance: { ETH: "-1.5" } }), Either.right({ binance: { ETH: -15n * 10n ** 17n } }))
    assert.deepStrictEqual(read({ binance: { "1INCH": "1" } }), Either.right({ binance: { "1INCH": 10n ** 18n } }))
    for (const input of [{ valueOf: { ETH: "1" } }, { binance: { constructor: "1" } }, { "1x": { ETH: "1" } }, { binance: { 42: "1" } }, { binance: { [`1${"X".repeat(64)}`]: "1" } }]) {
      assert.isTrue(Either.isLeft(read(input)))
    }
  })
})

describe("Outcome", () => {
  it("has a receipt of nothing", () => {
    assert.deepStrictEqual(Outcome.emptyReceipt(7), { at: 7, entries: [], fills: [], costs: [], positions: [], detail: {} })
  })
})

describe("Json", () => {
  it("writes one text for a value, whatever the order of its keys, that reads back as the value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = Json.canonical(value as Json.Json)
        const plain = JSON.stringify(value)
        assert.deepStrictEqual(JSON.parse(text), JSON.parse(plain))
        const turned = JSON.parse(plain, (_, member: unknown) =>
          typeof member === "object" && member !== null && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).reverse())
            : member)
        assert.strictEqual(Json.canonical(turned), text)
      })
    )
  })

  it("sorts keys, and leaves out what is undefined", () => {
    const value = { b: [1, { d: null, c: "x" }], a: true, e: undefined } as unknown as Json.Json
    assert.strictEqual(Json.canonical(value), "{\"a\":true,\"b\":[1,{\"c\":\"x\",\"d\":null}]}")
  })
})

describe("EimError", () => {
  const codes = Object.keys(ErrorCode.registry) as ReadonlyArray<ErrorCode.Code>
  const report = { replayed: false } as unknown as ExecutionReport.ExecutionReport
  const details = {
    reason: "no",
    path: "instructions[0].venue",
    expected: "a venue",
    actual: "\"moon\"",
    operationId: "b:0",
    venue: "moon",
    cause: "cause"
  }

  it.each(codes)("%s says what the registry says", (code) => {
    const entry = ErrorCode.registry[code]
    const error = EimError.of(code, details)
    assert.strictEqual(error._tag, entry.tag)
    assert.strictEqual(error.code, code)
    assert.strictEqual(error.message, `${code} ${entry.message}: no`)
    assert.deepStrictEqual(EimError.info(error), {
      code,
      severity: entry.severity,
      message: `${code} ${entry.message}: no`,
      reason: "no",
      resolution: entry.resolution,
      retry: entry.retry,
      path: "instructions[0].venue",
      expected: "a venue",
      actual: "\"moon\"",
      operationId: "b:0",
      venue: "moon"
    })
  })

  it("keeps everything when it gets a report, and is an error again from its data", () => {
    const error = EimError.of("EIM-002", details)
    const stopped = EimError.withReport(error, report)
    assert.strictEqual(stopped.report, report)
    assert.strictEqual(stopped.cause, "cause")
    const again = EimError.fromInfo(EimError.info(error))
    assert.instanceOf(again, EimError.VenueUnavailable)
    assert.deepStrictEqual(EimError.info(again), EimError.info(error))
  })

  it("is what stopped a block, where something did", () => {
    assert.deepStrictEqual(ExecutionReport.orFail(report), Either.right(report))
    const error = EimError.info(EimError.of("EIM-002", details))
    const failed = { ...report, error }
    const stopped = Either.getOrThrow(Either.flip(ExecutionReport.orFail(failed)))
    assert.strictEqual(stopped._tag, "VenueUnavailable")
    assert.strictEqual(stopped.report, failed)
  })

  it("leaves out of its data what it does not know", () => {
    const bare = EimError.info(EimError.of("EIM-013", { reason: "no" }))
    assert.sameMembers(Object.keys(bare), ["code", "severity", "message", "reason", "resolution", "retry"])
  })
})
